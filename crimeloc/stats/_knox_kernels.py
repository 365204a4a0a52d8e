# mypy: disallow-untyped-decorators=False, warn-return-any=False
"""Compiled counts of close pairs, as observed and with places shuffled over times.

Events are sorted by time. Their places are bundles: event k has the rows ``ptr[k]:ptr[k + 1]`` of
(place, weight). A shuffle gives the bundle of event ``perm[k]`` to the moment of event k. Because
times never move, the windows of time are found once (`time_edges`) and only the weight that is
active at each place is kept up while the window slides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crimeloc._compiled import kernel, part

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
I8 = NDArray[np.int8]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_LOW = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)
_S27, _S30, _S31, _S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)


@part
def shuffle(values: I32, ptr: I64, items: I32, seed: np.uint64) -> None:
    """Shuffle values within each stratum (Fisher and Yates), dice by splitmix64 from the seed."""
    state = seed
    for s in range(ptr.size - 1):
        first = ptr[s]
        for k in range(ptr[s + 1] - first - 1, 0, -1):
            bound = np.uint64(k + 1)
            while True:
                state = state + _GOLDEN
                z = (state ^ (state >> _S30)) * _MIX_1
                z = (z ^ (z >> _S27)) * _MIX_2
                z = z ^ (z >> _S31)
                product = (z >> _S32) * bound
                # Lemire's rejection: every place has exactly the same chance. The remainder is
                # smaller than the bound, so it is worked out in the rare cases only.
                rest = product & _LOW
                if rest >= bound or rest >= (_LOW - bound + _ONE) % bound:
                    break
            a = items[first + k]
            b = items[first + np.int64(product >> _S32)]
            kept = values[a]
            values[a] = values[b]
            values[b] = kept


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
def _away(x: F64, y: F64, u: int, v: int, manhattan: bool) -> float:
    dx = abs(x[u] - x[v])
    dy = abs(y[u] - y[v])
    return dx + dy if manhattan else np.sqrt(dx * dx + dy * dy)


@kernel
def near_places(
    x: F64, y: F64, edges: F64, manhattan: bool, limit: int
) -> tuple[I64, I32, I8, int]:
    """Which places lie in which band of distance of each other? Sorted by x on entry.

    Gives a list per place (itself included, where distance 0 is in a band) with the band of each,
    and the number of entries; beyond `limit` nothing is listed.
    """
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
                d = _away(x, y, i, j, manhattan)
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
def draws_single(
    place: I32,
    near_ptr: I64,
    near: I32,
    lo: I32,
    strata_ptr: I64,
    strata: I32,
    seeds: U64,
    out: F64,
) -> None:
    """Count close pairs: one place and weight 1 per event, one band of each kind.

    Under one shuffle per seed; without seeds, as observed.
    """
    n = place.size
    active = np.zeros(near_ptr.size - 1, np.int32)
    label = np.empty(n, np.int32)
    for r in range(out.size):
        for i in range(n):
            label[i] = place[i]
        if seeds.size:
            shuffle(label, strata_ptr, strata, seeds[r])
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
                total += active[near[p]]
            active[v] += 1
        out[r] = total


@kernel
def draws_padded(
    place: I32, near: U32, lo: I32, strata_ptr: I64, strata: I32, seeds: U64, out: F64
) -> None:
    """Do as `draws_single` with lists of one length, filled up with a place that stays empty.

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
            shuffle(label, strata_ptr, strata, seeds[r])
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
    perm: I32,
    ptr: I64,
    place: I32,
    weight: F64,
    near_ptr: I64,
    near: I32,
    band: I8,
    first: I32,
    active: F64,
    out: F64,
) -> None:
    """Add up close pairs by band, by the lists of near places."""
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
                    out[band[p], m] += weight[q] * active[near[p], m]


@part
def count_direct(
    perm: I32,
    ptr: I64,
    place: I32,
    weight: F64,
    x: F64,
    y: F64,
    edges: F64,
    manhattan: bool,
    first: I32,
    out: F64,
) -> None:
    """Add up close pairs by band, by looking at every pair that is close in time."""
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
                        d = _away(x, y, place[q], place[r], manhattan)
                        if d < edges[last] and d >= edges[0]:
                            c = 0
                            while d >= edges[c + 1]:
                                c += 1
                            out[c, m] += weight[q] * weight[r]


@kernel
def draws_bands(
    ptr: I64,
    place: I32,
    weight: F64,
    x: F64,
    y: F64,
    edges: F64,
    manhattan: bool,
    listed: bool,
    near_ptr: I64,
    near: I32,
    band: I8,
    first: I32,
    strata_ptr: I64,
    strata: I32,
    seeds: U64,
    out: F64,
) -> None:
    """Count close pairs under shuffles, by band; without seeds, as observed."""
    n = first.shape[0]
    perm = np.arange(n).astype(np.int32)
    active = np.zeros((x.size if listed else 0, first.shape[1] - 1))
    for r in range(out.shape[0]):
        if seeds.size:
            for i in range(n):
                perm[i] = i
            shuffle(perm, strata_ptr, strata, seeds[r])
        if listed:
            count_listed(perm, ptr, place, weight, near_ptr, near, band, first, active, out[r])
        else:
            count_direct(perm, ptr, place, weight, x, y, edges, manhattan, first, out[r])


@kernel
def each_event(
    ptr: I64,
    place: I32,
    weight: F64,
    x: F64,
    y: F64,
    radius: float,
    manhattan: bool,
    listed: bool,
    near_ptr: I64,
    near: I32,
    first: I32,
    last: I32,
) -> tuple[F64, F64]:
    """Give, per event, its close pairs and its pairs near in space at any time.

    The window of event i is ``first[i]:last[i]``, both sides of it.
    """
    n = ptr.size - 1
    close = np.zeros(n)
    near_space = np.zeros(n)
    always = np.zeros(x.size)
    for q in range(place.size):
        always[place[q]] += weight[q]
    if not listed:
        around = np.zeros(x.size)
        for u in range(x.size):
            for v in range(u, x.size):
                if x[v] - x[u] >= radius:
                    break
                if _away(x, y, u, v, manhattan) < radius:
                    around[u] += always[v]
                    if v > u:
                        around[v] += always[u]
        for i in range(n):
            for q in range(ptr[i], ptr[i + 1]):
                near_space[i] += weight[q] * around[place[q]]
                for r in range(ptr[i], ptr[i + 1]):
                    if _away(x, y, place[q], place[r], manhattan) < radius:
                        near_space[i] -= weight[q] * weight[r]
            for k in range(first[i], last[i]):
                if k == i:
                    continue
                for q in range(ptr[i], ptr[i + 1]):
                    for r in range(ptr[k], ptr[k + 1]):
                        if _away(x, y, place[q], place[r], manhattan) < radius:
                            close[i] += weight[q] * weight[r]
        return close, near_space
    active = np.zeros(x.size)
    own = np.zeros(x.size)
    came = 0
    gone = 0
    for i in range(n):
        while came < last[i]:
            for q in range(ptr[came], ptr[came + 1]):
                active[place[q]] += weight[q]
            came += 1
        while gone < first[i]:
            for q in range(ptr[gone], ptr[gone + 1]):
                active[place[q]] -= weight[q]
            gone += 1
        for q in range(ptr[i], ptr[i + 1]):
            own[place[q]] += weight[q]
        for q in range(ptr[i], ptr[i + 1]):
            v = place[q]
            for p in range(near_ptr[v], near_ptr[v + 1]):
                u = near[p]
                close[i] += weight[q] * (active[u] - own[u])
                near_space[i] += weight[q] * (always[u] - own[u])
        for q in range(ptr[i], ptr[i + 1]):
            own[place[q]] = 0.0
    return close, near_space


@kernel
def chance_each(
    ptr: I64,
    place: I32,
    weight: F64,
    x: F64,
    y: F64,
    radius: float,
    manhattan: bool,
    first: I32,
    last: I32,
    strata_ptr: I64,
    strata: I32,
) -> F64:
    """Give, per event, the close pairs it would have if the others were shuffled within strata.

    The event keeps place and time. Of a stratum with m other events, of which k are soon, each is
    soon with chance k / m, whatever its place.
    """
    n = ptr.size - 1
    expected = np.zeros(n)
    around = np.zeros(x.size)
    label = np.empty(n, np.int32)
    for s in range(strata_ptr.size - 1):
        for k in range(strata_ptr[s], strata_ptr[s + 1]):
            label[strata[k]] = s
    for s in range(strata_ptr.size - 1):
        low, high = strata_ptr[s], strata_ptr[s + 1]
        for sign in (1.0, 0.0):
            # The weight of this stratum near each place; afterwards it is wiped out again.
            for k in range(low, high):
                i = strata[k]
                for q in range(ptr[i], ptr[i + 1]):
                    u = place[q]
                    for step in (-1, 1):
                        v = u if step == 1 else u - 1
                        while 0 <= v < x.size and abs(x[v] - x[u]) < radius:
                            if _away(x, y, u, v, manhattan) < radius:
                                around[v] = sign * (around[v] + weight[q])
                            v += step
            if sign == 0.0:
                break
            came = gone = low
            for i in range(first[strata[low]], last[strata[high - 1]]):
                while came < high and strata[came] < last[i]:
                    came += 1
                while gone < high and strata[gone] < first[i]:
                    gone += 1
                if came == gone:
                    continue
                own = label[i] == s
                soon = came - gone - (1 if own else 0)
                others = high - low - (1 if own else 0)
                if soon == 0:
                    continue
                near = 0.0
                for q in range(ptr[i], ptr[i + 1]):
                    near += weight[q] * around[place[q]]
                    if own:
                        for r in range(ptr[i], ptr[i + 1]):
                            if _away(x, y, place[q], place[r], manhattan) < radius:
                                near -= weight[q] * weight[r]
                expected[i] += near * soon / others
    return expected
