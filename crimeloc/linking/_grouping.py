"""From scored pairs to groups: nearest first, by the mean over all pairs, so no chains form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crimeloc.linking._log import Floats, Ints

LOW, HIGH = -20.0, 30.0
Scorer = Callable[[Ints, Ints], Floats]


@dataclass
class Groups:
    """Group of each packet, and all pairs of packets whose score was looked at."""

    of: Ints
    i: Ints
    j: Ints
    score: Floats
    refused: list[tuple[int, int]]  # pairs of packets kept apart by cannot_link alone


def group(
    i: Ints,
    j: Ints,
    score: Floats,
    size: Ints,
    more: Scorer,
    threshold: float,
    must: tuple[Ints, Ints],
    cannot: tuple[Ints, Ints],
    *,
    rounds: int = 60,
) -> Groups:
    """Join groups of packets while the mean score between them stays above the threshold.

    In each round every group looks for its best partner, and pairs that choose each other are
    joined. The score of two groups is the mean over all pairs of their packets, weighted by the
    uploads (at most 50 each): pairs that no block brought together are scored by `more`.
    """
    n = len(size)
    weight = np.minimum(size, 50).astype(np.float64)
    known = dict(zip((i * n + j).tolist(), np.clip(score, LOW, HIGH).tolist(), strict=True))
    of = _must(n, must)
    barred = {
        (min(a, b), max(a, b)) for a, b in zip(cannot[0].tolist(), cannot[1].tolist(), strict=True)
    }
    refused: set[tuple[int, int]] = set()
    good = score > threshold
    edges = np.column_stack([i[good], j[good]])
    members = _members(of, edges)
    for _ in range(rounds):
        a, b = of[edges[:, 0]], of[edges[:, 1]]
        apart = a != b
        edges, a, b = edges[apart], a[apart], b[apart]
        if not len(edges):
            break
        pairs = np.unique(np.column_stack([np.minimum(a, b), np.maximum(a, b)]), axis=0)
        _fill(pairs, members, known, n, more)
        value = np.array(
            [_between(members[g], members[h], known, weight, n) for g, h in pairs.tolist()]
        )
        allowed = np.array(
            [not _barred(members[g], members[h], barred) for g, h in pairs.tolist()], bool
        )
        for g, h in pairs[(value > threshold) & ~allowed].tolist():
            refused.add((members[g][0], members[h][0]))
        ok = (value > threshold) & allowed
        joined = _best(pairs[ok], value[ok])
        if not joined:
            break
        for g, h in joined:
            members[g] = sorted(members[g] + members.pop(h))
            of[members[g]] = g
    keys = np.fromiter(known.keys(), np.int64, len(known))
    values = np.fromiter(known.values(), np.float64, len(known))
    order = np.argsort(keys)
    return Groups(of, keys[order] // n, keys[order] % n, values[order], sorted(refused))


def _must(n: int, must: tuple[Ints, Ints]) -> Ints:
    """Groups that were told to be one, by the smallest packet."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(must[0]):
        return np.arange(n)
    graph = coo_array((np.ones(len(must[0])), must), shape=(n, n))
    label = connected_components(graph, directed=False)[1]
    first = np.full(label.max() + 1, n, np.int64)
    np.minimum.at(first, label, np.arange(n))
    return first[label]


def _members(of: Ints, edges: Ints) -> dict[int, list[int]]:
    """The packets of every group that an edge touches."""
    touched = np.zeros(len(of), bool)
    touched[of[edges.ravel()]] = True
    order = np.argsort(of, kind="stable")
    order = order[touched[of[order]]]
    cuts = np.flatnonzero(of[order][1:] != of[order][:-1]) + 1
    return {int(of[part[0]]): part.tolist() for part in np.split(order, cuts) if len(part)}


def _fill(
    pairs: Ints, members: dict[int, list[int]], known: dict[int, float], n: int, more: Scorer
) -> None:
    """Score the pairs of packets that no block brought together."""
    missing = []
    for g, h in pairs.tolist():
        if len(members[g]) == 1 and len(members[h]) == 1:
            continue
        for a in members[g]:
            for b in members[h]:
                key = min(a, b) * n + max(a, b)
                if key not in known:
                    missing.append(key)
    if missing:
        keys = np.unique(np.array(missing, np.int64))
        values = np.clip(more(keys // n, keys % n), LOW, HIGH)
        known.update(zip(keys.tolist(), values.tolist(), strict=True))


def _between(
    one: list[int], two: list[int], known: dict[int, float], weight: Floats, n: int
) -> float:
    total = 0.0
    amount = 0.0
    for a in one:
        for b in two:
            w = weight[a] * weight[b]
            total += w * known[min(a, b) * n + max(a, b)]
            amount += w
    return total / amount


def _barred(one: list[int], two: list[int], barred: set[tuple[int, int]]) -> bool:
    return bool(barred) and any((min(a, b), max(a, b)) in barred for a in one for b in two)


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


def bridges(i: Ints, j: Ints, of: Ints) -> NDArray[np.bool_]:
    """Which of these pairs (of packets in one group) alone hold two parts of a group together?"""
    import scipy.sparse as sp
    from scipy.sparse.csgraph import connected_components

    result = np.zeros(len(i), bool)
    groups = of[i]
    order = np.argsort(groups, kind="stable")
    if not len(i):
        return result
    starts = np.flatnonzero(np.r_[True, groups[order][1:] != groups[order][:-1]])
    ends = np.r_[starts[1:], len(i)]
    for begin, end in zip(starts, ends, strict=True):
        rows = order[begin:end]
        if len(rows) == 1:
            result[rows] = True
            continue
        names, local = np.unique(np.concatenate([i[rows], j[rows]]), return_inverse=True)
        a, b = local[: len(rows)], local[len(rows) :]
        for k in range(len(rows)):
            rest = np.arange(len(rows)) != k
            graph = sp.coo_array(
                (np.ones(len(rows) - 1), (a[rest], b[rest])), shape=(len(names),) * 2
            )
            result[rows[k]] = connected_components(graph, directed=False)[0] > 1
    return result
