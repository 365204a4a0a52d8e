"""How good was the forecast? Scores on plain arrays.

Every score takes a weight for each truth, so that an upload at an uncertain place counts with the
weights of its candidates. A score that a counting analyst can reach is no merit: `backtest` shows
the naive baselines beside every one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message

__all__ = [
    "FLOOR",
    "brier_score",
    "capture",
    "hit_rate",
    "log_score",
    "most_capturable",
    "pai",
    "rank_of",
    "search_cost",
]

FLOOR = 1e-9
"""The smallest probability that `log_score` reads: a forecast of 0 costs 20.7 nats."""

Array = NDArray[np.float64]


def rank_of(scores: ArrayLike, true: int) -> float:
    """At which place of the list does the true candidate stand?

    Parameters
    ----------
    scores : array-like, shape (n,)
        Score of each candidate, the larger the better.
    true : int
        Position of the true candidate in `scores`.

    Returns
    -------
    float
        1 for the best. Ties stand at the middle of their places, so the order of rows plays no
        part and a list of equal scores earns what chance earns.

    Examples
    --------
    >>> rank_of([0.5, 0.2, 0.2, 0.1], 2)
    2.5
    """
    values = np.asarray(scores, dtype=np.float64)
    mine = values[true]
    return float(1 + np.count_nonzero(values > mine) + (np.count_nonzero(values == mine) - 1) / 2)


def hit_rate(
    rank: ArrayLike, k: int | Sequence[int] = (1, 5, 10), weight: ArrayLike | None = None
) -> dict[int, float]:
    """How often was the true venue among the best k?

    Parameters
    ----------
    rank : array-like, shape (n,)
        Rank of the true venue for each upload, from 1, ties at mid-rank (`rank_of`). NaN stands
        for a venue that was not in the list: a miss.
    k : int or sequence of int
        Lengths of the list.
    weight : array-like, shape (n,), optional
        How much each upload counts; 1 by default.

    Returns
    -------
    dict
        Share of uploads for each k, between 0 and 1; NaN without uploads.

    Raises
    ------
    ParameterError
        A k is below 1, shapes differ, or a weight is negative.

    Notes
    -----
    A tie that straddles k counts as a miss or a hit as its middle falls. Cost is linear in n.

    Examples
    --------
    >>> hit_rate([1, 3, 12, 7], k=(1, 5, 10))
    {1: 0.25, 5: 0.5, 10: 0.75}
    """
    ranks, weights = _pair(rank, weight, "rank")
    lengths = [k] if isinstance(k, (int, np.integer)) else list(k)
    if any(length < 1 for length in lengths):
        raise ParameterError(
            "k", found=k, expected="lengths of at least 1", hint=Hint(k=(1, 5, 10))
        )
    with np.errstate(invalid="ignore"):
        return {int(length): _mean(ranks <= length, weights) for length in lengths}


def log_score(p_true: ArrayLike, weight: ArrayLike | None = None, floor: float = FLOOR) -> float:
    """How much probability did the forecast give to what happened?

    Parameters
    ----------
    p_true : array-like, shape (n,)
        Probability that was given to the true outcome.
    weight : array-like, shape (n,), optional
        How much each upload counts; 1 by default.
    floor : float
        Smallest probability that is read; a forecast of 0 is scored as this.

    Returns
    -------
    float
        Mean of the natural logarithm, at most 0; larger is better. NaN without uploads.

    Raises
    ------
    ParameterError
        A probability is outside 0 to 1 or not a number, shapes differ, or a weight is negative.

    Notes
    -----
    The only score here that cannot be gamed by a sharper or a wider list: it is best, on average,
    for the forecast that says what it holds true. A difference of 0.69 means twice the probability.

    References
    ----------
    Gneiting & Raftery (2007), Strictly proper scoring rules, JASA 102.

    Examples
    --------
    >>> round(log_score([0.5, 0.125]), 4)
    -1.3863
    """
    shares, weights = _pair(p_true, weight, "p_true")
    _probabilities(shares, "p_true")
    return _mean(np.log(np.maximum(shares, floor)), weights)


def brier_score(
    probability: ArrayLike, happened: ArrayLike, weight: ArrayLike | None = None
) -> float:
    """How far were the percentages from what happened?

    Parameters
    ----------
    probability : array-like, shape (n,)
        Forecasts.
    happened : array-like, shape (n,)
        1 where it happened, 0 where not; fractions where that is uncertain.
    weight : array-like, shape (n,), optional
        How much each forecast counts; 1 by default.

    Returns
    -------
    float
        Mean square difference; 0 is perfect. NaN without forecasts.

    Raises
    ------
    ParameterError
        A probability is outside 0 to 1, shapes differ, or a weight is negative.

    Notes
    -----
    Over many slots of which few ever see an upload, the score is tiny for every forecast: compare
    it with the baselines', never with 0.

    References
    ----------
    Brier (1950), Verification of forecasts expressed in terms of probability.

    Examples
    --------
    >>> round(brier_score([0.8, 0.3], [1, 0]), 3)
    0.065
    """
    shares, weights = _pair(probability, weight, "probability")
    truths, _ = _pair(happened, None, "happened")
    if truths.shape != shares.shape:
        raise ParameterError(
            "happened",
            found=truths.shape,
            expected=Message("shape {shape}", shape=str(shares.shape)),
            hint="one truth each",
        )
    _probabilities(shares, "probability")
    _probabilities(truths, "happened")
    return _mean(np.square(shares - truths), weights)


def capture(scores: ArrayLike, truth: ArrayLike, k: int | Sequence[int]) -> dict[int, float]:
    """How many uploads would officers at the best k slots have met?

    Parameters
    ----------
    scores : array-like, any shape
        Score of each slot; slots are chosen from the largest down.
    truth : array-like, same shape
        Uploads that fell in each slot (weights, so fractions are fine).
    k : int or sequence of int
        How many slots can be held: officer-hours divided by the length of a window.

    Returns
    -------
    dict
        Uploads captured for each k. Among slots with equal scores the places are shared out
        evenly, which is what a random choice would capture on average.

    Raises
    ------
    ParameterError
        Shapes differ or a k is below 1.

    Examples
    --------
    >>> capture([0.5, 0.2, 0.2, 0.1], [1, 0, 2, 1], k=(1, 2, 3))
    {1: 1.0, 2: 2.0, 3: 3.0}
    """
    values = np.asarray(scores, dtype=np.float64).ravel()
    counts = np.asarray(truth, dtype=np.float64).ravel()
    if values.shape != counts.shape:
        raise ParameterError(
            "truth",
            found=counts.shape,
            expected=Message("shape {shape}", shape=str(values.shape)),
            hint="one count per slot",
        )
    where = np.flatnonzero(counts)
    return capture_at(values, where, counts[where], k)


def capture_at(
    scores: Array, where: NDArray[np.int64], counts: Array, k: int | Sequence[int]
) -> dict[int, float]:
    """As `capture`, with the few slots that saw uploads given by position."""
    lengths = [k] if isinstance(k, (int, np.integer)) else list(k)
    if any(length < 1 for length in lengths):
        raise ParameterError("k", found=k, expected="at least one slot", hint=Hint(k=(10, 20, 42)))
    if not len(where):
        return {int(length): 0.0 for length in lengths}
    mine = scores[where]
    above = np.array([np.count_nonzero(scores > value) for value in mine])
    equal = np.array([np.count_nonzero(scores == value) for value in mine])
    return {
        int(length): float((counts * np.clip((length - above) / equal, 0.0, 1.0)).sum())
        for length in lengths
    }


def most_capturable(truth: ArrayLike, k: int | Sequence[int]) -> dict[int, float]:
    """How many uploads could any k slots have met, chosen with hindsight?

    Parameters
    ----------
    truth : array-like
        Uploads that fell in each slot.
    k : int or sequence of int
        How many slots can be held.

    Returns
    -------
    dict
        Uploads for each k. ``capture / most_capturable`` is PEI*: 1 means that nobody could have
        chosen better.

    References
    ----------
    Hunt (2016), on the prediction efficiency index; Joshi et al. (2021).

    Examples
    --------
    >>> most_capturable([1, 0, 2, 1], k=(1, 2))
    {1: 2.0, 2: 3.0}
    """
    counts = np.sort(np.asarray(truth, dtype=np.float64).ravel())[::-1]
    total = np.concatenate([[0.0], np.cumsum(counts)])
    lengths = [k] if isinstance(k, (int, np.integer)) else list(k)
    return {int(length): float(total[min(length, len(counts))]) for length in lengths}


def pai(hit: float, k: float, n_candidates: float) -> float:
    """How many times better than chance is this list, per venue?

    Parameters
    ----------
    hit : float
        Share of uploads captured by the list.
    k : float
        Length of the list.
    n_candidates : float
        Venues (or slots) it was chosen from.

    Returns
    -------
    float
        ``hit / (k / n_candidates)``.

    Notes
    -----
    Counted per venue, never per area: an index per area can be raised at will by adding empty land
    to the map. Adding venues that nobody visits raises this one too, so compare it only between
    forecasts of the same candidates.

    References
    ----------
    Chainey, Tompson & Uhlig (2008), The utility of hotspot mapping, Security Journal 21.

    Examples
    --------
    >>> pai(0.5, 10, 1_000)
    50.0
    """
    if not k > 0:
        raise ParameterError("k", found=k, expected="at least one venue", hint=Hint(k=10))
    return float(hit * n_candidates / k)


def search_cost(rank: ArrayLike, n_candidates: float, weight: ArrayLike | None = None) -> float:
    """Which share of the list must be searched, on average, to reach the true venue?

    Parameters
    ----------
    rank : array-like, shape (n,)
        Rank of the true venue from 1; NaN counts as the whole list.
    n_candidates : float
        Length of the list.
    weight : array-like, shape (n,), optional
        How much each upload counts; 1 by default.

    Returns
    -------
    float
        Between 0 and 1; chance alone gives one half. NaN without uploads.

    Examples
    --------
    >>> search_cost([1, 9], 10)
    0.5
    """
    ranks, weights = _pair(rank, weight, "rank")
    return _mean(np.where(np.isnan(ranks), n_candidates, ranks) / n_candidates, weights)


def _pair(values: ArrayLike, weight: ArrayLike | None, name: str) -> tuple[Array, Array]:
    array = np.asarray(values, dtype=np.float64)
    weights = np.ones(array.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if array.ndim != 1 or weights.shape != array.shape:
        found = Message(
            "shapes {shape} and {shape2}", shape=str(array.shape), shape2=str(weights.shape)
        )
        raise ParameterError(
            name, found=found, expected="one row of numbers, one weight each", hint=f"{name}=[...]"
        )
    if weights.size and not (weights >= 0).all():
        raise ParameterError(
            "weight",
            found="negative or missing weights",
            expected="at least 0",
            hint=Hint(weight=None),
        )
    return array, weights


def _probabilities(values: Array, name: str) -> None:
    if values.size and not ((values >= 0) & (values <= 1 + 1e-9)).all():
        raise ParameterError(
            name,
            found=Message("{least} to {most}", least=values.min(), most=values.max()),
            expected="numbers from 0 to 1",
            hint=f"{name} / sum",
        )


def _mean(values: ArrayLike, weights: Array) -> float:
    total = float(weights.sum())
    if total <= 0:
        return float("nan")
    return float((np.asarray(values, dtype=np.float64) * weights).sum() / total)
