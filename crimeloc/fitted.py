"""Numbers that remember which uploads they were read from.

A radius and a gap that were chosen on the same uploads make a test on them too ready to find a
pattern. They are ordinary numbers and texts everywhere; only a test asks them where they are from.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.messages import Message

__all__ = ["fitted_notes", "marks_of"]

Marks = NDArray[np.uint64]
_NOTHING = np.empty(0, np.uint64)


def marks_of(event_ids: pd.Series) -> Marks:
    """Which uploads are these?

    Parameters
    ----------
    event_ids : Series
        Their names.

    Returns
    -------
    ndarray of uint64
        A mark of each upload, sorted.
    """
    names = event_ids.drop_duplicates().astype("str").to_numpy(dtype=object)
    return np.sort(pd.util.hash_array(names, categorize=False))


class FittedFloat(float):
    """A number, and the marks of the uploads it was read from.

    Parameters
    ----------
    value : float
        The number.
    fitted_on : ndarray of uint64
        As `marks_of` gives them.
    """

    fitted_on: Marks

    def __new__(cls, value: float, fitted_on: Marks = _NOTHING) -> Self:
        """Make the number."""
        made = super().__new__(cls, value)
        made.fitted_on = fitted_on
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the number with its marks."""
        return type(self), (float(self), self.fitted_on)


class FittedText(str):
    """A duration in words, and the marks of the uploads it was read from.

    Parameters
    ----------
    value : str
        The words.
    fitted_on : ndarray of uint64
        As `marks_of` gives them.
    """

    fitted_on: Marks

    def __new__(cls, value: str, fitted_on: Marks = _NOTHING) -> Self:
        """Make the text."""
        made = super().__new__(cls, value)
        made.fitted_on = fitted_on
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the text with its marks."""
        return type(self), (str(self), self.fitted_on)


def fitted_notes(event_ids: pd.Series, *parameters: object) -> tuple[Message, ...]:
    """What must be said of a test whose parameters were fitted on some of these uploads?

    Parameters
    ----------
    event_ids : Series
        Names of the uploads that are tested.
    *parameters : object
        What the test was given.

    Returns
    -------
    tuple of Message
        Empty where no parameter remembers any of them.
    """
    known = [one.fitted_on for one in parameters if isinstance(one, (FittedFloat, FittedText))]
    if not any(len(marks) for marks in known):
        return ()
    tested = marks_of(event_ids)
    share = float(np.isin(tested, np.concatenate(known)).mean()) if len(tested) else 0.0
    if share == 0.0:
        return ()
    return (
        Message(
            "radius and gap were fitted on {share:percent} of these uploads: the p-value is too "
            "small; fit before a moment (at=) and test what came since",
            share=share,
        ),
    )
