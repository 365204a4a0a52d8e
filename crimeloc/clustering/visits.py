"""Bursts at one point become one visit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Visits", "visits_of"]


class Visits(NamedTuple):
    """Weighted venue-session points.

    Parameters
    ----------
    visit : ndarray of int64, shape (n,)
        Visit of each event; visits are numbered by time, then place.
    space : ndarray, shape (m, d)
        Where each visit was.
    t : ndarray, shape (m,)
        Weighted middle of each visit.
    weight : ndarray, shape (m,)
        Weight of its events.
    first, last : ndarray, shape (m,)
        Its first and last event.
    """

    visit: NDArray[np.int64]
    space: NDArray[np.float64]
    t: NDArray[np.float64]
    weight: NDArray[np.float64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]


def visits_of(
    space: NDArray[np.float64],
    t: NDArray[np.float64],
    weight: NDArray[np.float64],
    gap: float,
    longest: float,
) -> Visits:
    """Collapse events at one point into visits; all weights are above 0."""
    from crimeloc.clustering import _kernels as k
    from crimeloc.clustering._visit_kernels import split_visits

    n = len(t)
    if space.shape[1] == 2:
        place = k.factorise(np.ascontiguousarray(space[:, 0]), np.ascontiguousarray(space[:, 1]))[0]
    else:
        found = np.unique(space, axis=0, return_inverse=True)[1]
        place = found.reshape(-1).astype(np.int32)
    start, order = k.bucket(place, np.argsort(t), int(place.max(initial=-1)) + 1)
    split = split_visits(start, np.ascontiguousarray(t[order]), gap, longest)
    heads = np.flatnonzero(np.diff(split, prepend=-1))
    if not len(heads):
        nothing = np.empty(0)
        return Visits(np.empty(0, np.int64), space[:0], *[nothing] * 4)
    first = t[order[heads]]
    weights = np.add.reduceat(weight[order], heads)
    # The middle is found from the visit's own beginning, so it does not depend on the calendar.
    late = np.add.reduceat(weight[order] * (t[order] - first[split]), heads)
    middle = first + late / weights
    last = t[order[np.append(heads[1:], n) - 1]]
    where = space[order[heads]]
    by_time = np.lexsort([*where.T[::-1], first])
    rank = np.empty(len(heads), np.int64)
    rank[by_time] = np.arange(len(heads))
    visit = np.empty(n, np.int64)
    visit[order] = rank[split]
    return Visits(
        visit, where[by_time], middle[by_time], weights[by_time], first[by_time], last[by_time]
    )
