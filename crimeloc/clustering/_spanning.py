"""The exact minimum spanning tree of mutual reachability, by Boruvka's rounds.

The mutual reachability of two points is the largest of their distance and their two core distances.
Most joins are decided by short lists of nearest neighbours: nothing outside its list can be nearer
to a point than the end of the list. Components for which the lists do not suffice look further in a
k-d tree, past whatever lies in their own component. The largest component never needs to look.
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


LISTED = 12
"""Neighbours in each list."""


class Lists(NamedTuple):
    """The nearest neighbours of each point, nearest first."""

    near: I32
    distance: F64
    core: F64  # core distance of each point
    limit: F64  # nothing outside its list is more reachable to a point than this


class Tree(NamedTuple):
    """A k-d tree: node m holds the points ``items[first[m]:last[m]]``."""

    items: I64
    first: I64
    last: I64
    leaf: Bool
    low: F64  # corners of the box around each node
    high: F64


class Joined(NamedTuple):
    """How far the tree has grown."""

    root: I32  # component of each point
    edges: F64
    best: F64  # shortest edge known that leaves each component
    ends: I32


def spanning_tree(points: F64, core: F64, near: I64, distance: F64) -> F64:
    """Give the n - 1 edges (a, b, length) of the tree.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        The points.
    core : ndarray, shape (n,)
        Their core distances.
    near, distance : ndarray, shape (n, k)
        Nearest neighbours of each point, nearest first, and how far they are.

    Returns
    -------
    ndarray, shape (n - 1, 3)
        Edges, in the order in which they were found.
    """
    n = len(points)
    # Beyond its list, nothing is more reachable to a point than this.
    limit = np.maximum(core, distance[:, -1]) if near.shape[1] < n else np.full(n, np.inf)
    lists = Lists(near.astype(np.int32), distance, core, limit)
    joined = Joined(
        np.arange(n, dtype=np.int32),
        np.empty((n - 1, 3)),
        np.empty(n),
        np.empty((n, 2), np.int32),
    )
    found = join_by_lists(lists, joined, 0)
    if found == n - 1:
        return joined.edges
    from sklearn.neighbors import KDTree

    _, items, nodes, bounds = KDTree(points, leaf_size=16).get_arrays()
    tree = Tree(
        np.ascontiguousarray(items, dtype=np.int64),
        np.ascontiguousarray(nodes["idx_start"], dtype=np.int64),
        np.ascontiguousarray(nodes["idx_end"], dtype=np.int64),
        np.ascontiguousarray(nodes["is_leaf"] != 0),
        np.ascontiguousarray(bounds[0]),
        np.ascontiguousarray(bounds[1]),
    )
    while found < n - 1:
        look_further(points, lists, joined, tree)
        found = join_by_lists(lists, joined, found)
    return joined.edges


@part
def _find(parent: I32, a: int) -> int:
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@kernel
def join_by_lists(lists: Lists, joined: Joined, found: int) -> int:
    """Join components as long as their best listed edge beats whatever is not listed.

    On entry with edges already found, `best` and `ends` hold edges known to be the best of their
    component (infinite elsewhere); these are joined first. On return they hold the best listed
    edges of the components that are left.
    """
    near, distance, core, limit = lists.near, lists.distance, lists.core, lists.limit
    root, edges, best, ends = joined.root, joined.edges, joined.best, joined.ends
    n, k = near.shape
    at = np.zeros(n, np.int32)
    bound = np.empty(n)
    given = found > 0
    while found < n - 1:
        if not given:
            best[:] = np.inf
            bound[:] = np.inf
            for i in range(n):
                c = root[i]
                bound[c] = min(bound[c], limit[i])
                q = at[i]
                while q < k and root[near[i, q]] == c:
                    q += 1
                at[i] = q
                while q < k:
                    j = near[i, q]
                    e = root[j]
                    d = distance[i, q]
                    q += 1
                    if e == c:
                        continue
                    if d >= best[c] and d >= best[e]:
                        break
                    w = max(d, core[i], core[j])
                    if w < best[c]:
                        best[c] = w
                        ends[c, 0] = i
                        ends[c, 1] = j
                    if w < best[e]:
                        best[e] = w
                        ends[e, 0] = i
                        ends[e, 1] = j
        before = found
        for c in range(n):
            # `root` is flat here: only components have root[c] == c when the round begins.
            if best[c] == np.inf or (not given and best[c] > bound[c]):
                continue
            a = _find(root, ends[c, 0])
            b = _find(root, ends[c, 1])
            if a != b:
                edges[found, 0] = ends[c, 0]
                edges[found, 1] = ends[c, 1]
                edges[found, 2] = best[c]
                found += 1
                if a < b:
                    root[b] = a
                else:
                    root[a] = b
        for i in range(n):
            root[i] = _find(root, i)
        if not given and found == before:
            break
        given = False
    return found


@kernel
def look_further(points: F64, lists: Lists, joined: Joined, tree: Tree) -> None:
    """Find the best edge of every component but the largest, starting from the best listed one."""
    core, limit = lists.core, lists.limit
    root, best, ends = joined.root, joined.best, joined.ends
    items, first, last, leaf = tree.items, tree.first, tree.last, tree.leaf
    low, high = tree.low, tree.high
    n, dims = points.shape
    nodes = first.size
    size = np.zeros(n, np.int64)
    for i in range(n):
        size[root[i]] += 1
    largest = 0
    for c in range(n):
        if size[c] > size[largest]:
            largest = c
    whole = np.empty(nodes, np.int32)
    for node in range(nodes - 1, -1, -1):
        if leaf[node]:
            c = root[items[first[node]]]
            for q in range(first[node], last[node]):
                if root[items[q]] != c:
                    c = -1
                    break
            whole[node] = c
        else:
            left = whole[2 * node + 1]
            whole[node] = left if left == whole[2 * node + 2] else -1
    stack = np.empty(256, np.int64)
    for i in range(n):
        c = root[i]
        if c == largest or limit[i] >= best[c]:
            continue
        top = 0
        stack[0] = 0
        while top >= 0:
            node = stack[top]
            top -= 1
            if whole[node] == c:
                continue
            away = 0.0
            for m in range(dims):
                beside = max(0.0, low[node, m] - points[i, m], points[i, m] - high[node, m])
                away += beside * beside
            if away >= best[c] * best[c]:
                continue
            if not leaf[node]:
                # The child on the point's side is looked at first.
                one, two = 2 * node + 1, 2 * node + 2
                near_one = 0.0
                near_two = 0.0
                for m in range(dims):
                    x = points[i, m]
                    beside = max(0.0, low[one, m] - x, x - high[one, m])
                    near_one += beside * beside
                    beside = max(0.0, low[two, m] - x, x - high[two, m])
                    near_two += beside * beside
                if near_one <= near_two:
                    stack[top + 1] = two
                    stack[top + 2] = one
                else:
                    stack[top + 1] = one
                    stack[top + 2] = two
                top += 2
                continue
            for q in range(first[node], last[node]):
                j = items[q]
                if root[j] == c:
                    continue
                square = 0.0
                for m in range(dims):
                    beside = points[i, m] - points[j, m]
                    square += beside * beside
                w = max(np.sqrt(square), core[i], core[j])
                if w < best[c]:
                    best[c] = w
                    ends[c, 0] = i
                    ends[c, 1] = j
    best[largest] = np.inf
