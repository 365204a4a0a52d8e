"""Compiled worlds of chance for the scan: times dealt anew, or cases thrown on cells.

A world has its own 64-bit seed and draws from splitmix64, so that it does not matter which thread
makes it. Counts are whole numbers, so that sums do not depend on their order. A case finds its cell
by a guide to the cumulated weights, which stands at or before the cell: a few steps on are enough.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc._compiled import part

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


class Draw(NamedTuple):
    """What a replica is drawn from."""

    bins: Ints  # (uploads,) int32, bin of each upload, sorted by stratum
    strata: Ints  # int32, stratum s holds uploads strata[s] .. strata[s + 1] - 1
    owner: Ints  # int32, upload i has candidates owner[i] .. owner[i + 1] - 1
    venue: Ints  # int32, venue of each candidate
    units: Ints  # int32, counts of each candidate
    first_bin: int  # bin of column 1; windows of earlier bins are not scanned
    n_bins: int
    cases: int  # 0: deal the bins anew; else that many cases on cells
    cumulated: Floats  # float64, cumulated weights of the cells (venue, bin)
    guide: NDArray[np.int64]  # int64, a cell at or before the one looked for, per slice of [0, 1)


@part
def next_uniform(state: np.uint64) -> tuple[float, np.uint64]:
    """A number in [0, 1) by splitmix64, and the next state."""
    state += np.uint64(0x9E3779B97F4A7C15)
    x = state
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return float(x >> np.uint64(11)) * (1.0 / 9007199254740992.0), state


@part
def shuffle_bins(bins: Ints, strata: Ints, state: np.uint64) -> None:
    """Permute bins in place inside each stratum strata[i] .. strata[i + 1] - 1."""
    for s in range(strata.shape[0] - 1):
        low = strata[s]
        for i in range(strata[s + 1] - 1, low, -1):
            u, state = next_uniform(state)
            j = low + int(u * (i - low + 1))
            bins[i], bins[j] = bins[j], bins[i]


@part
def tabulate(counts: Ints, bins: Ints, draw: Draw) -> None:
    """Counts per venue and bin: upload i gives units[j] to venue[j] for owner[i] <= j."""
    for i in range(bins.shape[0]):
        column = bins[i] - draw.first_bin + 1
        if column > 0:
            for j in range(draw.owner[i], draw.owner[i + 1]):
                counts[draw.venue[j], column] += draw.units[j]


@part
def throw(counts: Ints, draw: Draw, state: np.uint64) -> None:
    """Counts of `cases` uploads thrown on (venue, bin) cells by their weights."""
    for _ in range(draw.cases):
        u, state = next_uniform(state)
        cell = draw.guide[int(u * draw.guide.shape[0])]
        while draw.cumulated[cell] <= u * draw.cumulated[-1]:
            cell += 1
        column = cell % draw.n_bins - draw.first_bin + 1
        if column > 0:
            counts[cell // draw.n_bins, column] += 1
