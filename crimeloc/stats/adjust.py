"""P-values of many tests at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint

__all__ = ["ADJUST", "adjusted_p", "check_adjust", "p_of_each_world"]

ADJUST = ("bh", "westfall_young")


def check_adjust(adjust: str | None) -> None:
    """Refuse what is no way to adjust."""
    if adjust is not None and adjust not in ADJUST:
        raise ParameterError(
            "adjust",
            found=repr(adjust),
            expected="'bh', 'westfall_young' or None",
            hint=Hint(adjust="bh"),
        )


def adjusted_p(
    p: NDArray[np.float64], adjust: str | None, worlds: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """What do these p-values become once it is known how many tests were made?

    Parameters
    ----------
    p : ndarray, shape (tests,)
        P-values of the single tests.
    adjust : {None, "bh", "westfall_young"}
        None: as they are. Benjamini and Hochberg: of the tests called found at level q, about a
        share q at most is chance. Westfall and Young: the chance that *any* of them is, stepping
        down from the smallest.
    worlds : ndarray, shape (worlds, tests), optional
        P-values of the same tests in worlds ruled by chance, for Westfall and Young.

    Returns
    -------
    ndarray, shape (tests,)
        At least as large as `p`, at most 1.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. *Journal of the Royal
    Statistical Society B* 57, 289-300. Westfall, P. & Young, S. (1993). *Resampling-Based Multiple
    Testing*, algorithm 2.8.

    Examples
    --------
    >>> adjusted_p(np.array([0.01, 0.04, 0.03]), "bh").round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    m = len(p)
    if adjust is None or m == 0:
        return p.copy()
    order = np.argsort(p, kind="stable")
    result = np.empty(m)
    if adjust == "bh":
        scaled = p[order] * m / np.arange(1, m + 1)
        result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
        return result
    chance = np.ones((1, m)) if worlds is None else worlds
    # The smallest p-value among a test and all that are weaker, world by world.
    smallest = np.minimum.accumulate(chance[:, order[::-1]], axis=1)[:, ::-1]
    hits = (smallest <= p[order] * (1 + 1e-12)).sum(axis=0)
    stepped = np.maximum.accumulate((1.0 + hits) / (1.0 + len(chance)))
    result[order] = np.maximum(stepped, p[order])
    return result


def p_of_each_world(simulated: NDArray[np.float64]) -> NDArray[np.float64]:
    """How large is the p-value of each simulated world, held against the others?

    Parameters
    ----------
    simulated : ndarray, shape (worlds,)
        A statistic in worlds ruled by chance.

    Returns
    -------
    ndarray, shape (worlds,)
        Share of the worlds, itself included, with a statistic at least as large.
    """
    rank = np.searchsorted(np.sort(simulated), simulated, side="left")
    return np.asarray((len(simulated) - rank) / max(len(simulated), 1), dtype=np.float64)
