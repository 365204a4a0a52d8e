"""The experts: one explanation of habit each, and the place to add your own.

An expert sees what one series did before a moment and says, for each moment asked about, how
likely each venue is. The built-in ones are compiled (`_kernels.py`); `BUILT_IN` says what each
holds. An expert of your own is a function in ten lines::

    from crimeloc.ranking import Ranker, register

    @register("payday", "the venue used last within five days of the 25th")
    def payday(moments):
        near = abs(moments.past_local.day - 25) <= 5
        p = np.zeros((len(moments.t), moments.n_venues))
        if near.any():
            p[:, moments.past_venue[near][-1]] = 1.0
        return p

    Ranker(experts=["payday"])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Message
from crimeloc.units import to_timestamps

__all__ = ["BUILT_IN", "Expert", "Moments", "experts", "register"]

Floats = NDArray[np.float64]

BUILT_IN = {
    "habit": "venues used before, at like hours, days and moments, the recent more",
    "rhythm": "venues used before at this hour and weekday",
    "loyalty": "venues used before, at any hour",
    "recent": "venues used in the last days",
    "sequence": "venues that followed the last venue before",
    "explore": "unused venues: near, co-visited, alike, open to many",
    "nearby": "unused venues near those used",
    "popular": "unused venues that many use",
}
"""What each built-in expert says, in words."""


@dataclass(frozen=True)
class Moments:
    """What an expert of your own gets to see.

    Parameters
    ----------
    t : ndarray
        The moments asked about, seconds since 1970 in UTC.
    past_t, past_venue, past_weight : ndarray
        History uploads of the series, in order of time: seconds, place in the venue table, weight.
    x, y : ndarray
        Venues, in kilometres.
    venue_id : ndarray of object
        Venues, in the order of the venue table.
    tz : str
        Zone of the clocks.
    """

    t: Floats
    past_t: Floats
    past_venue: NDArray[np.int64]
    past_weight: Floats
    x: Floats
    y: Floats
    venue_id: NDArray[np.object_]
    tz: str

    @property
    def n_venues(self) -> int:
        """How many venues there are."""
        return len(self.venue_id)

    @property
    def local(self) -> pd.DatetimeIndex:
        """Give the moments asked about on the wall."""
        return _local(self.t, self.tz)

    @property
    def past_local(self) -> pd.DatetimeIndex:
        """Give the past uploads on the wall."""
        return _local(self.past_t, self.tz)


@dataclass(frozen=True)
class Expert:
    """One explanation of habit.

    Parameters
    ----------
    name : str
        Its column is ``from_<name>``.
    words : str
        What it says, in a line.
    function : callable
        From `Moments` to an array (moments, venues) of numbers of at least 0; rows are brought to
        sum 1, and a row of zeros says nothing.
    """

    name: str
    words: str
    function: Callable[[Moments], Floats]

    def ask(self, moments: Moments) -> Floats:
        """Give its distribution, shape (moments, venues); rows sum to 1 or to 0.

        Raises
        ------
        ParameterError
            The function gives another shape, or numbers below 0, or none.
        """
        p = np.asarray(self.function(moments), dtype=np.float64)
        shape = (len(moments.t), moments.n_venues)
        if p.shape != shape or not np.isfinite(p).all() or (p < 0).any():
            raise ParameterError(
                f"expert {self.name!r}",
                found=Message("an array of shape {shape}", shape=str(p.shape)),
                expected=Message("finite numbers of at least 0 in shape {shape}", shape=str(shape)),
                hint="np.zeros((len(moments.t), moments.n_venues))",
            )
        total = p.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(p, total, out=np.zeros_like(p), where=total > 0))


_REGISTER: dict[str, Expert] = {}


def register(
    name: str, words: str = ""
) -> Callable[[Callable[[Moments], Floats]], Callable[[Moments], Floats]]:
    """Name a function as an expert, so that ``Ranker(experts=[name])`` finds it.

    Parameters
    ----------
    name : str
        A Python name that no built-in expert has.
    words : str
        What it says, in a line.

    Returns
    -------
    callable
        A decorator that gives the function back.

    Raises
    ------
    ParameterError
        The name is taken by a built-in expert or is no name.

    Examples
    --------
    >>> @register("first", "the first venue of the table")
    ... def first(moments):
    ...     p = np.zeros((len(moments.t), moments.n_venues))
    ...     p[:, 0] = 1.0
    ...     return p
    >>> experts()["first"].words
    'the first venue of the table'
    """
    if name in BUILT_IN or name == "elsewhere" or not name.isidentifier():
        raise ParameterError(
            "name", found=repr(name), expected="a free Python name", hint='register("my_expert")'
        )

    def keep(function: Callable[[Moments], Floats]) -> Callable[[Moments], Floats]:
        _REGISTER[name] = Expert(name, words, function)
        return function

    return keep


def experts() -> dict[str, Expert]:
    """Which experts were added by `register`?

    Returns
    -------
    dict
        By name.
    """
    return dict(_REGISTER)


def resolve(wanted: Sequence[str | Expert]) -> tuple[Expert, ...]:
    """Turn names into experts."""
    found = []
    for one in wanted:
        if isinstance(one, Expert):
            found.append(one)
        elif one in _REGISTER:
            found.append(_REGISTER[one])
        else:
            raise ParameterError(
                "experts",
                found=repr(one),
                expected="an Expert or a name that was registered",
                hint="@crimeloc.ranking.register(name)",
            )
    return tuple(found)


def _local(t: Floats, tz: str) -> pd.DatetimeIndex:
    return to_timestamps(np.round(np.asarray(t) * 1e6).astype(np.int64)).tz_convert(tz)
