"""Worlds in which a habit goes on: the same places and hours, as sticky as they were.

Somebody who mostly stays at the last venue has long runs without ever moving. Shuffled visits have
short ones, and called six of seven such series moved. So the worlds keep what makes visits alike
from one to the next.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["as_sticky", "in_blocks", "silence_p"]

PRIOR = 3.0
"""A series is held to have stayed, and left, so many times more often: short ones tell little."""


def as_sticky(
    place: NDArray[np.int64], rng: np.random.Generator, n_permutations: int
) -> NDArray[np.int32]:
    """Give sequences of visits that stay as often as this one, and arrive in another order.

    At each visit somebody stays with one probability, drawn for each world from what the series
    says of it (a beta law); else the next of its arrivals comes, in an order of its own. Where no
    place comes twice in a row this is a plain shuffle, but for the prior.
    """
    n = len(place)
    starts = np.flatnonzero(np.r_[True, np.diff(place) != 0])
    stays, leaves = n - len(starts), len(starts) - 1
    if stays == 0:
        return rng.permuted(np.tile(np.arange(n, dtype=np.int32), (n_permutations, 1)), axis=1)
    chance = rng.beta(stays + PRIOR, leaves + PRIOR, n_permutations)
    stay = rng.random((n_permutations, n)) < chance[:, None]
    stay[:, 0] = False
    arrival = np.cumsum(~stay, axis=1) - 1
    rounds = -(-n // len(starts))
    one = np.tile(starts.astype(np.int32), (n_permutations, 1))
    order = np.concatenate([rng.permuted(one, axis=1) for _ in range(rounds)], axis=1)
    return np.take_along_axis(order, arrival, axis=1).astype(np.int32)


def in_blocks(
    on_circle: NDArray[np.float64], cut: int, rng: np.random.Generator, n_permutations: int
) -> NDArray[np.int32]:
    """Give sequences in which blocks of visits change places, as long as hours stay alike.

    The length of a block follows from how alike the hours of successive visits are once each side
    of the cut is held against its own mean; where they are not, visits are shuffled one by one.
    """
    n = len(on_circle)
    length = _block_length(on_circle, cut)
    begin = rng.integers(0, length, n_permutations)
    block = (np.arange(n) + begin[:, None]) // length
    key = rng.random((n_permutations, int(block.max()) + 1))
    order = np.argsort(np.take_along_axis(key, block, axis=1), axis=1, kind="stable")
    return order.astype(np.int32)


def _block_length(on_circle: NDArray[np.float64], cut: int) -> int:
    """Choose the length of blocks by the autocorrelation (Politis and White 2004, for AR 1)."""
    n = len(on_circle)
    rest = on_circle.copy()
    for side in (slice(None, cut), slice(cut, None)):
        rest[side] -= rest[side].mean(axis=0)
    whole = float((rest**2).sum())
    if whole <= 1e-12:
        return 1
    r = float((rest[1:] * rest[:-1]).sum()) / whole
    if r <= 1.645 / np.sqrt(n):
        return 1
    return int(min(np.ceil((2 * r / (1 - r * r)) ** (2 / 3) * n ** (1 / 3)), max(n // 6, 1)))


def silence_p(moment: NDArray[np.int64], at: int) -> float:
    """How likely is so long a silence, had the series gone on at its pace?

    The chance that an exponential wait with the rate of the gaps so far lasts at least so long, the
    rate uncertain (a Lomax law) and more so where gaps are more uneven than by chance alone. Unless
    the silence is longer than every gap before it, nothing speaks of an end.
    """
    gaps = np.diff(moment).astype(np.float64)
    silence = float(at - moment[-1])
    if len(gaps) < 2 or silence <= gaps.max():
        return 1.0
    uneven = max(float(gaps.var(ddof=1) / gaps.mean() ** 2), 1.0)
    return float((1.0 + silence / gaps.sum()) ** (-len(gaps) / uneven))
