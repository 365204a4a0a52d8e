"""ST-DBSCAN on plain arrays: lay out, count, join, number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from crimeloc.clustering._kernels import Hood

__all__ = ["core_weights", "st_dbscan"]

CROWDED = 40.0
"""Above so many neighbouring venues per event, events are grouped by grid cells instead."""

FINENESS = 32
"""Weights are counted in whole units of 2 ** -32, so that sums do not depend on their order."""

ENOUGH = 1e-6
"""Weights that fall short of the minimum by less than this reach it: three thirds are one event."""


def st_dbscan(
    space: NDArray[np.float64],
    t: NDArray[np.float64],
    weight: NDArray[np.float64] | None,
    radius: float,
    gap: float,
    min_weight: float,
    period: float | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Which events form clusters?

    Parameters
    ----------
    space : ndarray, shape (n, d)
        Coordinates, finite. Two dimensions are the fast case.
    t : ndarray, shape (n,)
        Times, in any unit; within ``[0, period)`` where there is a period.
    weight : ndarray, shape (n,), optional
        Weights of at least 0; by default all are 1.
    radius, gap : float
        Largest distance and largest time between neighbours, both included.
    min_weight : float
        Smallest weight of a neighbourhood around a core, the core included.
    period : float, optional
        Length of the circle on which times lie; the gap must be below half of it.

    Returns
    -------
    labels : ndarray of int64, shape (n,)
        Cluster of each event, numbered by first core (in time, then coordinates); -1 = none.
    core : ndarray of bool, shape (n,)
        Which events are cores.

    Notes
    -----
    An event within reach of several clusters without being a core belongs to the first of them.
    An event of weight 0 is never a core. Cost is about n log n plus the (event, neighbouring
    group) pairs.
    """
    from crimeloc.clustering import _kernels as k

    n = len(t)
    if n == 0:
        return np.empty(0, np.int64), np.empty(0, np.bool_)
    space = np.ascontiguousarray(space, dtype=np.float64)
    t = np.ascontiguousarray(t, dtype=np.float64)
    r2 = _square(radius)
    shifts = np.array([0.0] if period is None else [0.0, period, -period])
    by_time = np.argsort(t)

    group, n_groups, hood = _groups(space, radius, r2)
    start, order = k.bucket(group, by_time, n_groups)
    reach = k.Reach(r2, gap, shifts)
    x = space[order, 0]
    y = space[order, 1] if space.shape[1] > 1 else np.zeros(n)
    events = k.Events(start, x, y, t[order])
    units, need = core_weights(weight, n, min_weight)
    core = k.mark_cores(events, hood, reach, units[order], need)

    core_start = np.concatenate([[0], np.cumsum(core)])[start].astype(np.int64)
    cores = k.Events(core_start, x[core], y[core], events.t[core])
    run, root = k.join_runs(cores, hood, reach)
    run_label = _number(run, root, cores.t, space[order[core]])
    label = np.full(n, -1, np.int64)
    label[core] = run_label[run]
    k.reach_borders(events, hood, reach, cores, k.Runs(run, run_label), core, label)

    labels = np.empty(n, np.int64)
    labels[order] = label
    is_core = np.empty(n, np.bool_)
    is_core[order] = core
    return labels, is_core


def core_weights(
    weight: NDArray[np.float64] | None, n: int, min_weight: float
) -> tuple[NDArray[np.int64], int]:
    """Give weights and minimum in whole units."""
    if weight is None:
        return np.ones(n, np.int64), math.ceil(min_weight - ENOUGH)
    total = float(weight.sum())
    # Very large sums are counted in coarser units rather than overflowing.
    fine = min(FINENESS, 61 - math.frexp(max(total, min_weight, 1.0))[1])
    units = np.rint(np.ldexp(weight, fine)).astype(np.int64)
    # A weight below the unit is still an event.
    units[(weight > 0) & (units == 0)] = 1
    return units, math.ceil(math.ldexp(min_weight - ENOUGH, fine))


def _groups(
    space: NDArray[np.float64], radius: float, r2: float
) -> tuple[NDArray[np.int32], int, Hood]:
    """Group events by venue, or by grid cell where distinct points are crowded."""
    from crimeloc.clustering import _kernels as k

    flat = space.shape[1] <= 2
    if flat:
        y = space[:, 1] if space.shape[1] == 2 else np.zeros(len(space))
        venue, vx, vy, _ = k.factorise(np.ascontiguousarray(space[:, 0]), np.ascontiguousarray(y))
        places = np.column_stack([vx, vy])
    else:
        places, inverse = np.unique(space, axis=0, return_inverse=True)
        venue = inverse.reshape(-1).astype(np.int32)
    origin = places.min(axis=0)
    cell, cx, cy, table = _cells(places, origin, radius)
    everyone = np.arange(len(places), dtype=np.int64)
    grid = k.Grid(cell, *k.bucket(cell, everyone, len(cx)), cx, cy, table)
    size = np.bincount(venue, minlength=len(places)).astype(np.int64)
    if not flat or k.crowding(grid, size) <= CROWDED * len(space):
        hood = k.Hood(*k.neighbours(places, places, grid, 1, r2))
        return venue, len(places), hood

    # The diagonal of a cell stays just below the radius: all its events are near each other.
    cell, cx, cy, table = _cells(places, origin, radius / math.sqrt(2) * (1 - 1e-9))
    low = np.full((len(cx), 2), np.inf)
    high = np.full((len(cx), 2), -np.inf)
    for axis in (0, 1):
        np.minimum.at(low[:, axis], cell, places[:, axis])
        np.maximum.at(high[:, axis], cell, places[:, axis])
    each = np.arange(len(cx), dtype=np.int64)
    itself = each.astype(np.int32)
    grid = k.Grid(itself, *k.bucket(itself, each, len(cx)), cx, cy, table)
    hood = k.Hood(*k.neighbours(low, high, grid, 2, r2))
    return cell[venue], len(cx), hood


def _cells(
    places: NDArray[np.float64], origin: NDArray[np.float64], side: float
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64], NDArray[np.int32]]:
    from crimeloc.clustering import _kernels as k

    if side > 0:
        grid = np.floor((places[:, :2] - origin[:2]) / side)
    else:
        # Radius 0: every venue is a cell of its own, far from all others.
        grid = np.column_stack([4.0 * np.arange(len(places)), np.zeros(len(places))])
    return k.factorise(np.ascontiguousarray(grid[:, 0]), np.ascontiguousarray(grid[:, 1]))


def _square(radius: float) -> float:
    """Give the largest number whose square root is at most the radius."""
    square = radius * radius
    while math.sqrt(square) > radius:
        square = math.nextafter(square, 0.0)
    while math.sqrt(math.nextafter(square, math.inf)) <= radius:
        square = math.nextafter(square, math.inf)
    return square


def _number(
    run: NDArray[np.int32],
    root: NDArray[np.int32],
    t: NDArray[np.float64],
    space: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Number clusters by their first core: give the number of each run."""
    if not len(run):
        return np.empty(0, np.int64)
    mine = root[run]
    earliest = np.full(len(root), np.inf)
    np.minimum.at(earliest, mine, t)
    # Several first cores at one time: coordinates decide, so that the order of rows does not.
    first = np.flatnonzero(t == earliest[mine])
    keys = [space[first, axis] for axis in reversed(range(space.shape[1]))]
    order = first[np.lexsort([*keys, t[first]])]
    roots = mine[order]
    _, place = np.unique(roots, return_index=True)
    number = np.full(len(root), -1, np.int64)
    number[roots[np.sort(place)]] = np.arange(len(place))
    return number[root]
