"""What a fit leaves behind, and how a ranker gives, takes and keeps its parameters."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.events.reading import ONE_SERIES
from crimeloc.messages import Hint, Message
from crimeloc.ranking.history import History
from crimeloc.ranking.model.mixture import Weights
from crimeloc.ranking.model.timing import Timing
from crimeloc.ranking.register import Register
from crimeloc.saved_results import Saved

if TYPE_CHECKING:
    from crimeloc.ranking.conformal import Outcome

__all__ = ["Estimator", "Learned", "chosen_series"]

_FITTED = ("learned_", "_working")
"""What `fit` leaves behind."""


@dataclass(frozen=True)
class Learned:
    """What a fit leaves behind.

    Parameters
    ----------
    register : Register
        The venues.
    history : History
        What all series did.
    located : DataFrame
        The table it was read from.
    tz : str
        Zone of the clocks at the venues.
    weights, timing : Weights, Timing
        What was learned over all series.
    outcomes : dict
        What past events left behind for the sets, by kind of set.
    up_to : str
        The last moment that was looked at.
    """

    register: Register
    history: History
    located: pd.DataFrame
    tz: str
    weights: Weights
    timing: Timing
    outcomes: dict[str, list[Outcome]]
    up_to: str


class Estimator(Saved):
    """Parameters by name, as scikit-learn's conventions ask for them, and a form to be kept in."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002
        """Give the parameters by name, as scikit-learn asks for them.

        Parameters
        ----------
        deep : bool
            Changes nothing: no parameter is an estimator.

        Returns
        -------
        dict
            So that `sklearn.base.clone` works; scikit-learn itself is not loaded for it.
        """
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Change parameters by name, as scikit-learn does.

        Parameters
        ----------
        **params
            Of the class.

        Returns
        -------
        Ranker
            Itself.

        Raises
        ------
        ParameterError
            There is no such parameter.
        """
        known = self.get_params()
        for name in params:
            if name not in known:
                raise ParameterError(
                    name,
                    found=Message("no parameter of {name}", name=type(self).__name__),
                    expected=Message("one of {shown}", shown=", ".join(known)),
                    hint=Hint(window="4h"),
                )
        type(self).__init__(self, **(known | params))
        return self

    def _kept(self) -> Any:
        fitted = {name: getattr(self, name) for name in _FITTED if hasattr(self, name)}
        return {"params": self.get_params(), "fitted": fitted}

    @classmethod
    def _rebuilt(cls, kept: Any) -> Self:
        made = cls(**kept["params"])
        for name in kept["fitted"]:
            if name not in _FITTED:
                raise ValueError(f"no attribute {name}")
            setattr(made, name, kept["fitted"][name])
        return made


def chosen_series(history: History, series: str | Sequence[str] | None) -> tuple[str, ...]:
    """Which series are to be forecast?

    Parameters
    ----------
    history : History
        What is known before the moment.
    series : str or sequence of str, optional
        Those named; by default all.

    Returns
    -------
    tuple of str
        Their names.

    Raises
    ------
    ParameterError
        One of them has no event before the moment.
    """
    names = tuple(history.series) or (ONE_SERIES,)
    if series is None:
        return names
    wanted = (series,) if isinstance(series, str) else tuple(series)
    for name in wanted:
        if name not in names:
            shown = ", ".join(names[:5])
            raise ParameterError(
                "series",
                found=Message("{name}, which has no event before `at`", name=repr(name)),
                expected=Message("one of {shown}", shown=shown),
                hint=Hint(series=names[0]),
            )
    return wanted
