"""Compiled sweeps of ST-DBSCAN: groups of events, windows of time, unions of runs.

Four ideas make it exact at the price of the pairs of neighbouring groups, not of events:

1. Events are laid out by group and, within a group, by time. A group is a venue (events at one
   point) or a grid cell whose diagonal is at most the radius, so that all events of a group are
   near each other. For two groups every pair of events is near in space, or none is, or each must
   be looked at: which of the three is decided once for the two.
2. Time is swept with two pointers that only move forward.
3. Weights are whole numbers, so that sums do not depend on their order; the weight of a window is
   one difference of cumulated weights where all pairs are near.
4. Cores of one group, each within the gap of the one before, are one run: clusters are unions of
   runs, and a run that is already joined is stepped over as a whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc._compiled import kernel, part

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
Bool = NDArray[np.bool_]


class Grid(NamedTuple):
    """Cells of a grid with the groups in each: ``items[start[c]:start[c + 1]]`` for cell c."""

    cell: I32  # of each group
    start: I64
    items: I64
    x: F64  # column and row of each cell
    y: F64
    table: I32  # hash table from (column, row) to the cell


class Hood(NamedTuple):
    """Group a has the neighbours ``other[ptr[a]:ptr[a + 1]]``, itself first."""

    ptr: I64
    other: I32
    full: Bool  # every pair of events is near
    touch: Bool  # the cells of the two groups touch


class Events(NamedTuple):
    """Events by group and time: group a holds ``start[a]:start[a + 1]``."""

    start: I64
    x: F64
    y: F64
    t: F64


class Reach(NamedTuple):
    """How far is near, and how long is soon."""

    r2: float  # square of the radius
    gap: float
    shifts: F64  # 0, and the period both ways where time runs on a circle


class Runs(NamedTuple):
    """The run of each core, and the cluster of each run."""

    run: I32
    label: I64


@part
def _slot(table: I32, kx: F64, ky: F64, x: float, y: float, bits: I64, pair: F64) -> int:
    """Where in the hash table stands (x, y), or the free place where it would stand?"""
    pair[0] = x
    pair[1] = y
    mask = table.size - 1
    h = bits[0] * 0x1E3779B97F4A7C15 + (bits[1] ^ (bits[1] >> 29)) * 0x2545F4914F6CDD1D
    h = h ^ (h >> 32)
    h = (h * 0x2545F4914F6CDD1D) ^ (h >> 27)
    at = (h ^ (h >> 31)) & mask
    while table[at] >= 0 and (kx[table[at]] != x or ky[table[at]] != y):
        at = (at + 1) & mask
    return int(at)


@kernel
def factorise(x: F64, y: F64) -> tuple[I32, F64, F64, I32]:
    """Number the distinct pairs (x, y) as they appear; also give the pairs and the hash table."""
    n = x.size
    size = 16
    while size < 2 * n:
        size *= 2
    table = np.full(size, -1, np.int32)
    kx = np.empty(n, np.float64)
    ky = np.empty(n, np.float64)
    pair = np.empty(2, np.float64)
    bits = pair.view(np.int64)
    code = np.empty(n, np.int32)
    known = 0
    for i in range(n):
        # Adding 0.0 turns -0.0 into 0.0: the two are one place.
        at = _slot(table, kx, ky, x[i] + 0.0, y[i] + 0.0, bits, pair)
        if table[at] < 0:
            table[at] = known
            kx[known] = x[i] + 0.0
            ky[known] = y[i] + 0.0
            known += 1
        code[i] = table[at]
    return code, kx[:known].copy(), ky[:known].copy(), table


@kernel
def bucket(code: I32, order: I64, n_codes: int) -> tuple[I64, I64]:
    """Put the items, taken in `order`, into their buckets: starts of buckets, and the items."""
    start = np.zeros(n_codes + 1, np.int64)
    for i in range(code.size):
        start[code[i] + 1] += 1
    for c in range(n_codes):
        start[c + 1] += start[c]
    fill = start[:-1].copy()
    items = np.empty(order.size, np.int64)
    for k in range(order.size):
        c = code[order[k]]
        items[fill[c]] = order[k]
        fill[c] += 1
    return start, items


@kernel
def crowding(grid: Grid, size: I64) -> float:
    """How many (event, neighbouring venue) pairs are there at most?"""
    start, items, cx, cy, table = grid.start, grid.items, grid.x, grid.y, grid.table
    pair = np.empty(2, np.float64)
    bits = pair.view(np.int64)
    total = 0.0
    for c in range(cx.size):
        near = 0
        for step in range(9):
            d = table[_slot(table, cx, cy, cx[c] + step % 3 - 1, cy[c] + step // 3 - 1, bits, pair)]
            if d >= 0:
                near += start[d + 1] - start[d]
        events = 0
        for k in range(start[c], start[c + 1]):
            events += size[items[k]]
        total += float(near) * float(events)
    return total


@kernel
def neighbours(
    low: F64, high: F64, grid: Grid, reach: int, r2: float
) -> tuple[I64, I32, Bool, Bool]:
    """Which groups come within the radius of which?

    `low` and `high` are the corners of the box around each group. Gives, per group, its neighbours
    (itself first), whether all pairs are near, and whether the cells touch.
    """
    cell, start, items = grid.cell, grid.start, grid.items
    cx, cy, table = grid.x, grid.y, grid.table
    n, dims = low.shape
    pair = np.empty(2, np.float64)
    bits = pair.view(np.int64)
    ptr = np.zeros(n + 1, np.int64)
    width = 2 * reach + 1
    other = np.empty(0, np.int32)
    full = np.empty(0, np.bool_)
    touch = np.empty(0, np.bool_)
    for filling in range(2):
        if filling:
            for a in range(n):
                ptr[a + 1] += ptr[a]
            other = np.empty(ptr[n], np.int32)
            full = np.empty(ptr[n], np.bool_)
            touch = np.empty(ptr[n], np.bool_)
        for a in range(n):
            count = 1
            if filling:
                other[ptr[a]] = a
                full[ptr[a]] = True
                touch[ptr[a]] = True
            home = cell[a]
            for step in range(width * width):
                sx = step % width - reach
                sy = step // width - reach
                d = table[_slot(table, cx, cy, cx[home] + sx, cy[home] + sy, bits, pair)]
                if d < 0:
                    continue
                for k in range(start[d], start[d + 1]):
                    b = items[k]
                    if b == a:
                        continue
                    nearest = 0.0
                    farthest = 0.0
                    for m in range(dims):
                        between = max(0.0, low[b, m] - high[a, m], low[a, m] - high[b, m])
                        across = max(high[b, m] - low[a, m], high[a, m] - low[b, m])
                        nearest += between * between
                        farthest += across * across
                    if nearest > r2:
                        continue
                    if filling:
                        other[ptr[a] + count] = b
                        full[ptr[a] + count] = farthest <= r2
                        touch[ptr[a] + count] = abs(sx) <= 1 and abs(sy) <= 1
                    count += 1
            if not filling:
                ptr[a + 1] = count
    return ptr, other, full, touch


@kernel
def mark_cores(events: Events, hood: Hood, reach: Reach, w: I64, need: int) -> Bool:
    """Which events have enough weight within radius and gap, their own included?"""
    start, x, y, t = events.start, events.x, events.y, events.t
    ptr, other, full = hood.ptr, hood.other, hood.full
    r2, gap, shifts = reach.r2, reach.gap, reach.shifts
    n = t.size
    cum = np.zeros(n + 1, np.int64)
    widest = 0
    for i in range(n):
        cum[i + 1] = cum[i] + w[i]
    for a in range(start.size - 1):
        widest = max(widest, start[a + 1] - start[a])
    core = np.zeros(n, np.bool_)
    sums = np.empty(widest, np.int64)
    for a in range(start.size - 1):
        first, last = start[a], start[a + 1]
        sums[: last - first] = 0
        for whole in (True, False):
            missing = 0
            for i in range(first, last):
                if w[i] > 0 and sums[i - first] < need:
                    missing += 1
            for p in range(ptr[a], ptr[a + 1]):
                if full[p] != whole or missing == 0:
                    continue
                b = other[p]
                for s in range(shifts.size):
                    lo = start[b]
                    hi = start[b]
                    end = start[b + 1]
                    for i in range(first, last):
                        ti = t[i] + shifts[s]
                        while lo < end and ti - t[lo] > gap:
                            lo += 1
                        hi = max(hi, lo)
                        while hi < end and t[hi] - ti <= gap:
                            hi += 1
                        have = sums[i - first]
                        if have >= need:
                            continue
                        if whole:
                            have += cum[hi] - cum[lo]
                        else:
                            for j in range(lo, hi):
                                dx = x[j] - x[i]
                                dy = y[j] - y[i]
                                if dx * dx + dy * dy <= r2:
                                    have += w[j]
                                    if have >= need:
                                        break
                        sums[i - first] = have
                        if have >= need and w[i] > 0:
                            missing -= 1
        for i in range(first, last):
            core[i] = w[i] > 0 and sums[i - first] >= need
    return core


@part
def _root(parent: I32, a: int) -> int:
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@part
def _union(parent: I32, a: int, b: int) -> None:
    a = _root(parent, a)
    b = _root(parent, b)
    if a < b:
        parent[b] = a
    else:
        parent[a] = b


@kernel
def join_runs(cores: Events, hood: Hood, reach: Reach) -> tuple[I32, I32]:
    """Join core events: give the run of each, and the root of each run.

    A run is a row of cores of one group, each within the gap of the one before.
    """
    start, x, y, t = cores.start, cores.x, cores.y, cores.t
    ptr, other, full, touch = hood.ptr, hood.other, hood.full, hood.touch
    r2, gap, shifts = reach.r2, reach.gap, reach.shifts
    n = t.size
    run = np.empty(n, np.int32)
    runs = 0
    for a in range(start.size - 1):
        for i in range(start[a], start[a + 1]):
            if i == start[a] or t[i] - t[i - 1] > gap:
                runs += 1
            run[i] = runs - 1
    parent = np.arange(runs).astype(np.int32)
    run_end = np.empty(runs, np.int64)
    for i in range(n):
        run_end[run[i]] = i + 1
    # Near cells first: what they have joined need not be looked at again across far cells.
    for near in (True, False):
        for a in range(start.size - 1):
            for p in range(ptr[a], ptr[a + 1]):
                b = other[p]
                if touch[p] != near or b < a or start[b] == start[b + 1]:
                    continue
                for s in range(shifts.size):
                    if b == a and shifts[s] == 0.0:
                        continue
                    lo = start[b]
                    hi = start[b]
                    end = start[b + 1]
                    for i in range(start[a], start[a + 1]):
                        ti = t[i] + shifts[s]
                        while lo < end and ti - t[lo] > gap:
                            lo += 1
                        hi = max(hi, lo)
                        while hi < end and t[hi] - ti <= gap:
                            hi += 1
                        if lo == hi:
                            continue
                        if full[p]:
                            for r in range(run[lo], run[hi - 1] + 1):
                                _union(parent, run[i], r)
                            continue
                        j = lo
                        mine = _root(parent, run[i])
                        while j < hi:
                            if _root(parent, run[j]) == mine:
                                j = run_end[run[j]]
                                continue
                            dx = x[j] - x[i]
                            dy = y[j] - y[i]
                            if dx * dx + dy * dy <= r2:
                                _union(parent, run[i], run[j])
                                mine = _root(parent, run[i])
                            else:
                                j += 1
    for r in range(runs):
        parent[r] = _root(parent, r)
    return run, parent


@kernel
def reach_borders(
    events: Events, hood: Hood, reach: Reach, cores: Events, runs: Runs, core: Bool, label: I64
) -> None:
    """Give every event that is no core the first cluster with a core within radius and gap."""
    start, x, y, t = events.start, events.x, events.y, events.t
    ptr, other, full = hood.ptr, hood.other, hood.full
    r2, gap, shifts = reach.r2, reach.gap, reach.shifts
    core_start, core_x, core_y, core_t = cores.start, cores.x, cores.y, cores.t
    core_run, run_label = runs.run, runs.label
    none = run_label.size
    for a in range(start.size - 1):
        for p in range(ptr[a], ptr[a + 1]):
            b = other[p]
            end = core_start[b + 1]
            if core_start[b] == end:
                continue
            for s in range(shifts.size):
                lo = core_start[b]
                hi = lo
                for i in range(start[a], start[a + 1]):
                    if core[i]:
                        continue
                    ti = t[i] + shifts[s]
                    while lo < end and ti - core_t[lo] > gap:
                        lo += 1
                    hi = max(hi, lo)
                    while hi < end and core_t[hi] - ti <= gap:
                        hi += 1
                    best = label[i] if label[i] >= 0 else none
                    if full[p]:
                        if lo < hi:
                            for r in range(core_run[lo], core_run[hi - 1] + 1):
                                best = min(best, run_label[r])
                    else:
                        for j in range(lo, hi):
                            if run_label[core_run[j]] < best:
                                dx = core_x[j] - x[i]
                                dy = core_y[j] - y[i]
                                if dx * dx + dy * dy <= r2:
                                    best = run_label[core_run[j]]
                    if best < none:
                        label[i] = best
