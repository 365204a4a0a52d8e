"""From scored pairs to groups: nearest first, by the mean over all pairs, so no chains form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crimeloc.linking.log_arrays import Floats, Ints
from crimeloc.linking.model.comparisons import parts

LOW, HIGH = -20.0, 30.0
STEP = 2_000_000
"""So many pairs of entities are looked at in one go, which bounds the memory."""

Scorer = Callable[[Ints, Ints], Floats]


@dataclass
class Groups:
    """Group of each entity, and all pairs of entities whose score was looked at."""

    of: Ints
    i: Ints
    j: Ints
    score: Floats
    refused: list[tuple[int, int]]  # pairs of entities kept apart by cannot_link alone


def group(
    i: Ints,
    j: Ints,
    score: Floats,
    size: Ints,
    more: Scorer,
    threshold: float,
    must: tuple[Ints, Ints],
    cannot: tuple[Ints, Ints],
) -> Groups:
    """Join groups of entities while the mean score between them stays above the threshold.

    In each round every group looks for its best partner, and pairs that choose each other are
    joined. The score of two groups is the mean over all pairs of their entities, weighted by the
    uploads (at most 50 each): pairs that no block brought together are scored by `more`.
    """
    n = len(size)
    weight = np.minimum(size, 50).astype(np.float64)
    known = _Known(i * n + j, np.clip(score, LOW, HIGH))
    of = _must(n, must)
    refused: set[tuple[int, int]] = set()
    good = score > threshold
    edges = np.column_stack([i[good], j[good]])
    changed = np.zeros(n, bool)
    before, means = np.empty(0, np.int64), np.empty(0)
    while True:  # every round joins two groups at least
        a, b = of[edges[:, 0]], of[edges[:, 1]]
        apart = a != b
        edges, a, b = edges[apart], a[apart], b[apart]
        if not len(edges):
            break
        keys = np.unique(np.minimum(a, b) * n + np.maximum(a, b))
        pairs = np.column_stack([keys // n, keys % n])
        order = np.argsort(of, kind="stable")  # the entities of each group, one group after another
        start = np.searchsorted(of[order], np.arange(n + 1))
        value, old = _look(before, means, keys)
        new = ~old | changed[pairs].any(axis=1)  # what no joining touched is as it was
        value[new] = _means(pairs[new], order, start, known, weight, more)
        before, means = keys, value
        one, two = of[cannot[0]], of[cannot[1]]
        allowed = ~np.isin(keys, np.minimum(one, two) * n + np.maximum(one, two))
        for g, h in pairs[(value > threshold) & ~allowed].tolist():
            refused.add((int(order[start[g]]), int(order[start[h]])))
        ok = (value > threshold) & allowed
        joined = _best(pairs[ok], value[ok])
        if not joined:
            break
        changed[:] = False
        for g, h in joined:
            of[order[start[h] : start[h + 1]]] = g
            changed[g] = True
    keys, values = known.all()
    return Groups(of, keys // n, keys % n, values, sorted(refused))


class _Known:
    """Scores of pairs of entities by key; those that are asked for later go beside."""

    def __init__(self, keys: Ints, values: Floats) -> None:
        order = np.argsort(keys)
        self.parts = [(keys[order], values[order]), (keys[:0], values[:0])]

    def look(self, keys: Ints) -> tuple[Floats, NDArray[np.bool_]]:
        """The scores, and which of them are there."""
        value, found = _look(*self.parts[0], keys)
        late = np.flatnonzero(~found)
        value[late], found[late] = _look(*self.parts[1], keys[late])
        return value, found

    def add(self, keys: Ints, values: Floats) -> None:
        """Take further scores, of keys that are not there yet."""
        keys, values = (
            np.concatenate(both) for both in zip(self.parts[1], (keys, values), strict=True)
        )
        order = np.argsort(keys)
        self.parts[1] = (keys[order], values[order])

    def all(self) -> tuple[Ints, Floats]:
        """Everything, by key."""
        keys, values = (np.concatenate(both) for both in zip(*self.parts, strict=True))
        order = np.argsort(keys)
        return keys[order], values[order]


def _look(keys: Ints, values: Floats, asked: Ints) -> tuple[Floats, NDArray[np.bool_]]:
    """The values at the keys that are asked for (sorted keys), and whether they are there."""
    if not len(keys):
        return np.zeros(len(asked)), np.zeros(len(asked), bool)
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return values[at], keys[at] == asked


def _must(n: int, must: tuple[Ints, Ints]) -> Ints:
    """Groups that must be one, by the smallest entity."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(must[0]):
        return np.arange(n)
    graph = coo_array((np.ones(len(must[0])), must), shape=(n, n))
    label = connected_components(graph, directed=False)[1]
    first = np.full(label.max() + 1, n, np.int64)
    np.minimum.at(first, label, np.arange(n))
    return first[label]


def _means(
    pairs: Ints, order: Ints, start: Ints, known: _Known, weight: Floats, more: Scorer
) -> Floats:
    """The mean score of each pair of groups; what no block brought together is scored now."""
    n = len(weight)
    size = np.diff(start)
    many = size[pairs[:, 0]] * size[pairs[:, 1]]
    result = np.empty(len(pairs))
    for low, high in parts(many, STEP, len(pairs)):
        one, two = pairs[low:high].T
        first = np.cumsum(many[low:high]) - many[low:high]
        k = np.repeat(np.arange(high - low), many[low:high])
        inner = np.arange(len(k)) - first[k]
        a = order[start[one[k]] + inner // size[two[k]]]
        b = order[start[two[k]] + inner % size[two[k]]]
        keys = np.minimum(a, b) * n + np.maximum(a, b)
        value, found = known.look(keys)
        if not found.all():
            missing = np.unique(keys[~found])
            known.add(missing, np.clip(more(missing // n, missing % n), LOW, HIGH))
            value = known.look(keys)[0]
        w = weight[a] * weight[b]
        result[low:high] = np.bincount(k, w * value) / np.bincount(k, w)
    return result


def _best(pairs: Ints, value: Floats) -> list[tuple[int, int]]:
    """Pairs of groups that are each other's best; ties go to the smaller numbers."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -value))
    best: dict[int, int] = {}
    for k in order.tolist():
        for g in pairs[k].tolist():
            best.setdefault(g, k)
    return [
        (int(pairs[k, 0]), int(pairs[k, 1]))
        for k in sorted(set(best.values()))
        if best[int(pairs[k, 0])] == k and best[int(pairs[k, 1])] == k
    ]


def bridges(i: Ints, j: Ints) -> NDArray[np.bool_]:
    """Which of these pairs (of entities in one group) alone hold two parts of a group together?

    Depth first, without recursion (Tarjan 1974): an edge downwards is a bridge if nothing below
    it leads back above it. Linear in the number of pairs.
    """
    result = np.zeros(len(i), bool)
    if not len(i):
        return result
    names, local = np.unique(np.concatenate([i, j]), return_inverse=True)
    far = np.concatenate([local[len(i) :], local[: len(i)]])
    by = np.argsort(local, kind="stable")
    start = np.searchsorted(local[by], np.arange(len(names) + 1)).tolist()
    to, edge = far[by].tolist(), (by % len(i)).tolist()
    place = start[:-1]  # the next edge to go, of each entity
    seen = [-1] * len(names)
    low = [0] * len(names)
    count = 0
    for root in range(len(names)):
        if seen[root] >= 0:
            continue
        seen[root] = low[root] = count
        count += 1
        path, came = [root], [-1]
        while path:
            at = path[-1]
            if place[at] < start[at + 1]:
                k = place[at]
                place[at] += 1
                other = to[k]
                if edge[k] == came[-1]:
                    continue
                if seen[other] >= 0:
                    low[at] = min(low[at], seen[other])
                    continue
                seen[other] = low[other] = count
                count += 1
                path.append(other)
                came.append(edge[k])
                continue
            path.pop()
            way = came.pop()
            if path:
                low[path[-1]] = min(low[path[-1]], low[at])
                result[way] = low[at] > seen[path[-1]]
    return result
