"""Compiled counts of close pairs, as observed and with places shuffled over times.

A shuffle gives the bundle of places of event ``perm[k]`` to the moment of event k. Four ideas make
the counts exact and fast:

1. Times never move. Events are sorted by time, and the windows in which others are soon are found
   once (`time_edges`), whatever is shuffled afterwards.
2. Places are few. Which of them are near each other is found once too (`near_places`), so that
   distances are not measured again in any world.
3. While the window slides over the events, only the weight that is active at each place is kept
   up: an event costs one look at each place near its own, not at each event.
4. Whole events are counted in whole numbers. Weights are fractions, whose sums may differ in the
   last digits; the caller rounds them, so that equal sums compare equal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc._compiled import kernel, part
from crimeloc.stats._shuffle_kernels import F64, I32, I64, U64, Strata, shuffle

I8 = NDArray[np.int8]
U32 = NDArray[np.uint32]


class Candidates(NamedTuple):
    """Event k, in order of time, has the rows ``ptr[k]:ptr[k + 1]`` of place and weight."""

    ptr: I64
    place: I32
    weight: F64


class Places(NamedTuple):
    """Where the places are, ascending in x, and in which bands their distances are counted."""

    x: F64
    y: F64
    edges: F64  # bands of distance are half-open: [edge, next edge)
    manhattan: bool  # along the axes instead of straight


class NearPlaces(NamedTuple):
    """Place v is near the places ``other[ptr[v]:ptr[v + 1]]``, itself included."""

    listed: bool  # False: the lists would be too long, and pairs are looked at one by one
    ptr: I64
    other: I32
    band: I8


@kernel
def time_edges(t: F64, edges: F64) -> I32:
    """Give, per event and edge, the first earlier event that is less than the edge ago."""
    n = t.size
    out = np.empty((n, edges.size), np.int32)
    for m in range(edges.size):
        j = 0
        for i in range(n):
            while j < i and t[i] - t[j] >= edges[m]:
                j += 1
            out[i, m] = j
    return out


@part
def away(places: Places, u: int, v: int) -> float:
    """How far is it from place u to place v?"""
    dx = abs(places.x[u] - places.x[v])
    dy = abs(places.y[u] - places.y[v])
    return float(dx + dy if places.manhattan else np.sqrt(dx * dx + dy * dy))


@kernel
def near_places(places: Places, limit: int) -> tuple[I64, I32, I8, int]:
    """Which places lie in which band of distance of each other?

    Gives a list per place (itself included, where distance 0 is in a band) with the band of each,
    and the number of entries; beyond `limit` nothing is listed.
    """
    x, edges = places.x, places.edges
    n = x.size
    bands = edges.size - 1
    farthest = edges[bands]
    ptr = np.zeros(n + 1, np.int64)
    other = np.empty(0, np.int32)
    band = np.empty(0, np.int8)
    total = 0
    for filling in range(2):
        if filling:
            for i in range(n):
                ptr[i + 1] += ptr[i]
            other = np.empty(ptr[n], np.int32)
            band = np.empty(ptr[n], np.int8)
        fill = ptr[:-1].copy()
        for i in range(n):
            for j in range(i, n):
                if x[j] - x[i] >= farthest:
                    break
                d = away(places, i, j)
                if d >= farthest or d < edges[0]:
                    continue
                if not filling:
                    ptr[i + 1] += 1
                    total += 1
                    if j > i:
                        ptr[j + 1] += 1
                        total += 1
                    if total > limit:
                        return ptr, other, band, total
                    continue
                b = 0
                while d >= edges[b + 1]:
                    b += 1
                other[fill[i]] = j
                band[fill[i]] = b
                fill[i] += 1
                if j > i:
                    other[fill[j]] = i
                    band[fill[j]] = b
                    fill[j] += 1
    return ptr, other, band, total


@kernel
def permuted_single(
    place: I32, near: NearPlaces, lo: I32, strata: Strata, seeds: U64, out: F64
) -> None:
    """Count close pairs: one place and weight 1 per event, one band of each kind.

    Under one shuffle per seed; without seeds, as observed.
    """
    n = place.size
    near_ptr, other = near.ptr, near.other
    active = np.zeros(near_ptr.size - 1, np.int32)
    label = np.empty(n, np.int32)
    for r in range(out.size):
        for i in range(n):
            label[i] = place[i]
        if seeds.size:
            shuffle(label, strata, seeds[r])
        for u in range(active.size):
            active[u] = 0
        gone = 0
        total = np.int64(0)
        for i in range(n):
            while gone < lo[i]:
                active[label[gone]] -= 1
                gone += 1
            v = label[i]
            for p in range(near_ptr[v], near_ptr[v + 1]):
                total += active[other[p]]
            active[v] += 1
        out[r] = total


@kernel
def permuted_padded(place: I32, near: U32, lo: I32, strata: Strata, seeds: U64, out: F64) -> None:
    """Do as `permuted_single` with lists of one length, filled up with a place that stays empty.

    Loops of a fixed length run without a wrong guess by the processor and over several places at
    once; unsigned numbers spare the check for negative indices that would prevent it.
    """
    n = place.size
    width = near.shape[1]
    active = np.zeros(near.shape[0] + 1, np.int32)
    label = np.empty(n, np.int32)
    for r in range(out.size):
        for i in range(n):
            label[i] = place[i]
        if seeds.size:
            shuffle(label, strata, seeds[r])
        for u in range(active.size):
            active[u] = 0
        gone = np.uint32(0)
        total = np.int64(0)
        for i in range(n):
            while gone < np.uint32(lo[i]):
                active[np.uint32(label[gone])] -= 1
                gone += np.uint32(1)
            v = np.uint32(label[i])
            row = near[v]
            here = np.int32(0)
            for q in range(width):
                here += active[row[q]]
            total += here
            active[v] += 1
        out[r] = total


@part
def count_listed(
    perm: I32, events: Candidates, near: NearPlaces, first: I32, active: F64, out: F64
) -> None:
    """Add up close pairs by band, by the lists of near places."""
    ptr, place, weight = events.ptr, events.place, events.weight
    near_ptr, other, band = near.ptr, near.other, near.band
    n, edges = first.shape
    bands = edges - 1
    active[:] = 0.0
    out[:] = 0.0
    done = np.zeros(edges, np.int64)
    for i in range(n):
        for m in range(edges):
            while done[m] < first[i, m]:
                j = perm[done[m]]
                done[m] += 1
                for q in range(ptr[j], ptr[j + 1]):
                    if m < bands:
                        active[place[q], m] += weight[q]
                    if m > 0:
                        active[place[q], m - 1] -= weight[q]
        j = perm[i]
        for q in range(ptr[j], ptr[j + 1]):
            v = place[q]
            for p in range(near_ptr[v], near_ptr[v + 1]):
                for m in range(bands):
                    out[band[p], m] += weight[q] * active[other[p], m]


@part
def count_direct(perm: I32, events: Candidates, places: Places, first: I32, out: F64) -> None:
    """Add up close pairs by band, by looking at every pair that is close in time."""
    ptr, place, weight, edges = events.ptr, events.place, events.weight, places.edges
    n = first.shape[0]
    last = edges.size - 1
    out[:] = 0.0
    for i in range(n):
        a = perm[i]
        for m in range(first.shape[1] - 1):
            for k in range(first[i, m + 1], first[i, m]):
                b = perm[k]
                for q in range(ptr[a], ptr[a + 1]):
                    for r in range(ptr[b], ptr[b + 1]):
                        d = away(places, place[q], place[r])
                        if d < edges[last] and d >= edges[0]:
                            c = 0
                            while d >= edges[c + 1]:
                                c += 1
                            out[c, m] += weight[q] * weight[r]


@kernel
def permuted_bands(
    events: Candidates,
    places: Places,
    near: NearPlaces,
    first: I32,
    strata: Strata,
    seeds: U64,
    out: F64,
) -> None:
    """Count close pairs under shuffles, by band; without seeds, as observed."""
    n = first.shape[0]
    perm = np.arange(n).astype(np.int32)
    active = np.zeros((places.x.size if near.listed else 0, first.shape[1] - 1))
    for r in range(out.shape[0]):
        if seeds.size:
            for i in range(n):
                perm[i] = i
            shuffle(perm, strata, seeds[r])
        if near.listed:
            count_listed(perm, events, near, first, active, out[r])
        else:
            count_direct(perm, events, places, first, out[r])
