"""Compiled search for the best cut of a sequence, by energy distance.

The energy of a cut needs three sums of distances: within the left, within the right and between.
They are kept up while the cut moves by one item, so that all cuts together cost as much as one
look at each pair.
"""

from __future__ import annotations

import numpy as np

from crimeloc._compiled import kernel
from crimeloc.stats._shuffle_kernels import F64, I32


@kernel
def best_cut(distance: F64, perm: I32, least: int) -> tuple[float, int]:
    """Give the largest energy statistic over all cuts, and the first item after that cut."""
    n = perm.size
    total = 0.0
    for i in range(n):
        for j in range(i):
            total += distance[perm[i], perm[j]]
    inside = 0.0
    between = 0.0
    best = -1.0
    cut = 0
    for k in range(1, n):
        # Item k - 1 moves from the right to the left.
        left = 0.0
        right = 0.0
        a = perm[k - 1]
        for j in range(k - 1):
            left += distance[a, perm[j]]
        for j in range(k, n):
            right += distance[a, perm[j]]
        inside += left
        between += right - left
        if k < least or n - k < least:
            continue
        m = n - k
        apart = total - inside - between
        energy = 2.0 * between / (k * m) - 2.0 * inside / (k * k) - 2.0 * apart / (m * m)
        energy *= k * m / n
        if energy > best:
            best = energy
            cut = k
    return best, cut


@kernel
def cuts_of(distance: F64, orders: I32, least: int) -> F64:
    """Give the largest energy statistic of each sequence, one per row."""
    out = np.empty(orders.shape[0])
    for r in range(orders.shape[0]):
        out[r] = best_cut(distance, orders[r], least)[0]
    return out
