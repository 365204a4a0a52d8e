"""Do the percentages mean what they say? Reliability and conformal sets."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message

__all__ = [
    "EDGES",
    "bin_sums",
    "conformal_threshold",
    "expected_calibration_error",
    "reliability_from_sums",
    "reliability_table",
    "set_coverage",
]

EDGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Edges of the bins, each with its lower edge included; the last with both. Narrow near 0, where
most slots lie: bins of one tenth would hide every error below 10 %."""

Array = NDArray[np.float64]


def reliability_table(
    probability: ArrayLike,
    happened: ArrayLike,
    weight: ArrayLike | None = None,
    edges: ArrayLike = EDGES,
) -> pd.DataFrame:
    """Of the things said to have a chance of 20 %, how many happened?

    Parameters
    ----------
    probability : array-like, shape (n,)
        Forecasts.
    happened : array-like, shape (n,)
        1 where it happened, 0 where not; fractions where that is uncertain.
    weight : array-like, shape (n,), optional
        How much each forecast counts; 1 by default.
    edges : array-like
        Edges of the bins, rising from 0 to 1.

    Returns
    -------
    DataFrame
        One row for each bin that holds forecasts: ``from``, ``to``, ``n`` (sum of weights),
        ``forecast`` (mean probability), ``happened`` (share that happened), ``low`` and ``high``
        (95 % interval of that share by Wilson's formula, forecasts held to be independent).

    Raises
    ------
    ParameterError
        A probability is outside 0 to 1, shapes differ, or the edges do not rise from 0 to 1.

    Notes
    -----
    Forecasts of one upload are not independent of each other, so the interval is too narrow;
    it shows where n is small, not what is proved.

    References
    ----------
    Murphy & Winkler (1977); Wilson (1927), JASA 22.

    Examples
    --------
    >>> table = reliability_table([0.1, 0.15, 0.8], [0, 1, 1], edges=[0, 0.5, 1])
    >>> table[["n", "forecast", "happened"]].round(3).values.tolist()
    [[2.0, 0.125, 0.5], [1.0, 0.8, 1.0]]
    """
    bounds = _edges(edges)
    return reliability_from_sums(bin_sums(probability, happened, weight, bounds), bounds)


def expected_calibration_error(
    probability: ArrayLike,
    happened: ArrayLike,
    weight: ArrayLike | None = None,
    edges: ArrayLike = EDGES,
) -> float:
    """By how many points are the percentages off, on average?

    Parameters
    ----------
    probability, happened, weight, edges : array-like
        As `reliability_table`.

    Returns
    -------
    float
        Mean over forecasts of the gap between their bin's mean forecast and its share that
        happened; 0 is perfect, NaN without forecasts.

    Notes
    -----
    Two things fool it. A forecast that says the base rate every time scores 0 and knows nothing;
    and where nearly all forecasts lie near 0, so does the error. Read it beside the log score and
    the reliability table. With few forecasts it is above 0 for a perfect forecaster too.

    References
    ----------
    Naeini, Cooper & Hauskrecht (2015), AAAI.

    Examples
    --------
    >>> round(expected_calibration_error([0.1, 0.15, 0.8], [0, 1, 1], edges=[0, 0.5, 1]), 4)
    0.3167
    """
    sums = bin_sums(probability, happened, weight, _edges(edges))
    return ece_from_sums(sums)


def conformal_threshold(scores: ArrayLike, level: float = 0.8) -> float:
    """How far down the list must a set go, to hold the truth in 80 of 100 cases?

    Parameters
    ----------
    scores : array-like, shape (n,)
        For each past event: cumulative probability from the best candidate down to the true one.
    level : float
        Coverage wanted, between 0 and 1.

    Returns
    -------
    float
        The ``ceil((n + 1) * level)``-th smallest score; infinity (everything) where n is too small
        to promise the level.

    Raises
    ------
    ParameterError
        The level is not between 0 and 1, or a score is not a number.

    Notes
    -----
    The promise holds for exchangeable events. Events of a series are not: somebody who moves house
    breaks it, so the achieved coverage must be shown beside the set (`set_coverage`).

    References
    ----------
    Vovk, Gammerman & Shafer (2005); Romano, Sesia & Candes (2020), NeurIPS 33.

    Examples
    --------
    >>> conformal_threshold([0.3, 0.5, 0.7, 0.9], level=0.8)
    0.9
    """
    values = np.sort(np.asarray(scores, dtype=np.float64))
    if not 0 < level < 1:
        raise ParameterError(
            "level", found=level, expected="a share between 0 and 1", hint=Hint(level=0.8)
        )
    if np.isnan(values).any():
        raise ParameterError(
            "scores",
            found="values that are not numbers",
            expected="numbers",
            hint="scores.dropna()",
        )
    # The share is rounded first: 5 * 0.8 must not become 4.000000001.
    place = int(np.ceil(round((len(values) + 1) * level, 9)))
    return float(values[place - 1]) if place <= len(values) else float("inf")


def set_coverage(
    covered: ArrayLike, set_size: ArrayLike, weight: ArrayLike | None = None
) -> dict[str, float]:
    """Did the sets hold the truth as often as promised, and how long were they?

    Parameters
    ----------
    covered : array-like of bool, shape (n,)
        Was the truth in the set?
    set_size : array-like, shape (n,)
        How many venues or slots the set held.
    weight : array-like, shape (n,), optional
        How much each event counts; 1 by default.

    Returns
    -------
    dict
        ``coverage`` (share), ``coverage_se`` (its standard error), ``median_size``, ``n``.

    Examples
    --------
    >>> set_coverage([True, True, False, True], [3, 5, 4, 40])["coverage"]
    0.75
    """
    hits = np.asarray(covered, dtype=np.float64)
    sizes = np.asarray(set_size, dtype=np.float64)
    weights = np.ones(hits.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    total = float(weights.sum())
    if total <= 0:
        return dict.fromkeys(("coverage", "coverage_se", "median_size"), float("nan")) | {"n": 0.0}
    share = float((hits * weights).sum() / total)
    error = float(np.sqrt(share * (1 - share) * np.square(weights).sum()) / total)
    order = np.argsort(sizes, kind="stable")
    middle = np.searchsorted(np.cumsum(weights[order]), total / 2)
    median = float(sizes[order][min(int(middle), len(sizes) - 1)])
    return {"coverage": share, "coverage_se": error, "median_size": median, "n": total}


def bin_sums(
    probability: ArrayLike,
    happened: ArrayLike,
    weight: ArrayLike | None = None,
    edges: ArrayLike = EDGES,
) -> Array:
    """Give for each bin the sums that a reliability table needs.

    Parameters
    ----------
    probability, happened, weight, edges : array-like
        As `reliability_table`.

    Returns
    -------
    ndarray, shape (bins, 3)
        Sum of weights, of weighted forecasts, of weighted truths. Sums of parts add up.
    """
    shares = np.asarray(probability, dtype=np.float64).ravel()
    truths = np.asarray(happened, dtype=np.float64).ravel()
    weights = np.ones(shares.shape) if weight is None else np.asarray(weight, np.float64).ravel()
    if truths.shape != shares.shape or weights.shape != shares.shape:
        found = Message(
            "{n_probabilities}, {n_truths} and {n_weights} values",
            n_probabilities=shares.size,
            n_truths=truths.size,
            n_weights=weights.size,
        )
        raise ParameterError(
            "happened", found=found, expected="one truth and one weight each", hint="equal lengths"
        )
    if shares.size and not ((shares >= 0) & (shares <= 1 + 1e-9)).all():
        found = Message("{least} to {most}", least=shares.min(), most=shares.max())
        raise ParameterError(
            "probability", found=found, expected="numbers from 0 to 1", hint="probability / sum"
        )
    bounds = np.asarray(edges, dtype=np.float64)
    bins = len(bounds) - 1
    place = np.minimum(np.searchsorted(bounds, shares, side="right") - 1, bins - 1)
    return np.column_stack(
        [
            np.bincount(place, weights=values, minlength=bins).astype(np.float64)
            for values in (weights, weights * shares, weights * truths)
        ]
    )


def reliability_from_sums(sums: Array, edges: ArrayLike = EDGES) -> pd.DataFrame:
    """Give the reliability table of sums made by `bin_sums`.

    Parameters
    ----------
    sums : ndarray, shape (bins, 3)
        As `bin_sums` gives them, or a sum of such arrays.
    edges : array-like
        The same edges.

    Returns
    -------
    DataFrame
        As `reliability_table`.
    """
    bounds = np.asarray(edges, dtype=np.float64)
    filled = sums[:, 0] > 0
    n, forecasts, truths = sums[filled].T
    share = truths / n
    z = 1.959964
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return pd.DataFrame(
        {
            "from": bounds[:-1][filled],
            "to": bounds[1:][filled],
            "n": n,
            "forecast": forecasts / n,
            "happened": share,
            "low": np.clip(centre - half, 0.0, 1.0),
            "high": np.clip(centre + half, 0.0, 1.0),
        }
    )


def ece_from_sums(sums: Array) -> float:
    """Give the expected calibration error of sums made by `bin_sums`."""
    total = float(sums[:, 0].sum())
    return float(np.abs(sums[:, 1] - sums[:, 2]).sum() / total) if total > 0 else float("nan")


def _edges(edges: ArrayLike) -> Array:
    bounds = np.asarray(edges, dtype=np.float64)
    rising = bounds.ndim == 1 and len(bounds) > 1 and (np.diff(bounds) > 0).all()
    if not rising or bounds[0] != 0 or bounds[-1] != 1:
        raise ParameterError(
            "edges",
            found=edges,
            expected="edges that rise from 0 to 1",
            hint=Hint(edges=[0, 0.5, 1]),
        )
    return bounds
