"""Compiled parts of visits, their tree, and the curves of suggested parameters.

Times and edges come sorted, so that one pass is enough: visits are cut where the next event is too
late, trees are joined from the shortest edge on with paths halved on the way, and the curves are
read from windows that only move forward. Of the nearest neighbours no more are kept than make up
the weight that is looked for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc._compiled import kernel

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]


@kernel
def split_visits(start: I64, t: F64, gap: float, longest: float) -> I32:
    """Number the visits: a pause longer than the gap, or too long a stay, begins a new one."""
    visit = np.empty(t.size, np.int32)
    found = 0
    for a in range(start.size - 1):
        began = 0.0
        for i in range(start[a], start[a + 1]):
            if i == start[a] or t[i] - t[i - 1] > gap or t[i] - began > longest:
                found += 1
                began = t[i]
            visit[i] = found - 1
    return visit


@kernel
def single_linkage(edges: F64) -> F64:
    """Turn the edges of a spanning tree, ascending, into rows (left, right, length, size)."""
    n = edges.shape[0] + 1
    parent = np.arange(2 * n - 1)
    size = np.ones(2 * n - 1, np.int64)
    out = np.empty((n - 1, 4))
    for k in range(n - 1):
        a = np.int64(edges[k, 0])
        b = np.int64(edges[k, 1])
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        parent[a] = n + k
        parent[b] = n + k
        size[n + k] = size[a] + size[b]
        out[k, 0] = a
        out[k, 1] = b
        out[k, 2] = edges[k, 2]
        out[k, 3] = size[n + k]
    return out


class Moments(NamedTuple):
    """Weighted events in order of time."""

    x: F64
    y: F64
    t: F64
    w: F64


@kernel
def kth_distance(events: Moments, gap: float, need: float) -> F64:
    """How far must one look around each event, within the gap, to find enough weight?"""
    x, y, t, w = events.x, events.y, events.t, events.w
    n = t.size
    out = np.full(n, np.inf)
    nearest = np.empty(n, np.float64)
    weight = np.empty(n, np.float64)
    lo = 0
    hi = 0
    for i in range(n):
        while t[i] - t[lo] > gap:
            lo += 1
        while hi < n and t[hi] - t[i] <= gap:
            hi += 1
        held = 0
        total = 0.0
        for j in range(lo, hi):
            d = (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2
            if total >= need and d >= nearest[held - 1]:
                continue
            k = held
            while k > 0 and nearest[k - 1] > d:
                nearest[k] = nearest[k - 1]
                weight[k] = weight[k - 1]
                k -= 1
            nearest[k] = d
            weight[k] = w[j]
            held += 1
            total += w[j]
            while total - weight[held - 1] >= need:
                held -= 1
                total -= weight[held]
        if total >= need:
            out[i] = np.sqrt(nearest[held - 1])
    return out


@kernel
def kth_wait(events: Moments, r2: float, longest: float, need: float) -> F64:
    """How long must one wait around each event, within the radius, to find enough weight?"""
    x, y, t, w = events.x, events.y, events.t, events.w
    n = t.size
    out = np.full(n, np.inf)
    for i in range(n):
        total = w[i]
        back = i - 1
        ahead = i + 1
        wait = 0.0
        while total < need:
            before = t[i] - t[back] if back >= 0 else np.inf
            after = t[ahead] - t[i] if ahead < n else np.inf
            wait = min(before, after)
            if wait > longest:
                wait = np.inf
                break
            if before <= after:
                j = back
                back -= 1
            else:
                j = ahead
                ahead += 1
            if (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2 <= r2:
                total += w[j]
        out[i] = wait
    return out
