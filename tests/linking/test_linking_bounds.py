"""Linking stays linear: bridges, means of groups, and travel along long tracks."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crimeloc.linking import link_events
from crimeloc.linking.log_arrays import Floats, Ints
from crimeloc.linking.model import comparisons as _evidence
from crimeloc.linking.model.grouping import HIGH, LOW, bridges, group

NONE = (np.empty(0, np.int64), np.empty(0, np.int64))


def _parts_without(i: Ints, j: Ints, k: int | None, n: int) -> int:
    rest = np.arange(len(i)) != (-1 if k is None else k)
    graph = coo_array((np.ones(rest.sum()), (i[rest], j[rest])), shape=(n, n))
    return int(connected_components(graph, directed=False)[0])


@pytest.mark.parametrize("seed", range(30))
def test_bridges_are_the_edges_whose_loss_leaves_more_parts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 25))
    edges = rng.integers(0, n, (int(rng.integers(1, 2 * n)), 2))
    edges = np.unique(np.sort(edges[edges[:, 0] != edges[:, 1]], axis=1), axis=0)
    edges = rng.permutation(edges)
    i, j = edges[:, 0], edges[:, 1]
    whole = _parts_without(i, j, None, n)
    expected = [_parts_without(i, j, k, n) > whole for k in range(len(i))]
    assert bridges(i, j).tolist() == expected


def test_bridges_of_a_long_chain_and_a_large_clique() -> None:
    chain = np.arange(50_000)
    a, b = np.triu_indices(300, 1)
    i = np.concatenate([chain, 60_000 + a])
    j = np.concatenate([chain + 1, 60_000 + b])
    found = bridges(i, j)  # one search per edge would take hours
    assert found.tolist() == [True] * len(chain) + [False] * len(a)


def _mean_of(one: list[int], two: list[int], score: Floats, weight: Floats) -> float:
    w = np.outer(weight[one], weight[two])
    return float((w * np.clip(score[np.ix_(one, two)], LOW, HIGH)).sum() / w.sum())


@pytest.mark.parametrize("seed", range(8))
def test_groups_are_joined_best_first_by_their_mean(seed: int) -> None:
    """Against the plain way: lists, and every mean counted anew in every round."""
    rng = np.random.default_rng(seed)
    n, bar = 40, 4.0
    person = rng.integers(0, 12, n)
    score = rng.normal(-6, 6, (n, n)) + 14 * (person[:, None] == person[None, :])
    score = np.triu(score, 1) + np.triu(score, 1).T
    size = rng.integers(1, 80, n)
    weight = np.minimum(size, 50).astype(float)
    i, j = np.triu_indices(n, 1)
    block = rng.random(len(i)) < 0.5
    i, j = i[block], j[block]
    cannot = (rng.integers(0, n, 5), rng.integers(0, n, 5))
    apart = cannot[0] != cannot[1]
    cannot = (cannot[0][apart], cannot[1][apart])
    found = group(i, j, score[i, j], size, lambda a, b: score[a, b], bar, NONE, cannot)
    parts = {k: [k] for k in range(n)}
    for _ in range(60):
        of = {k: g for g, members in parts.items() for k in members}
        edges = {
            (min(of[a], of[b]), max(of[a], of[b]))
            for a, b in zip(i, j, strict=True)
            if score[a, b] > bar and of[a] != of[b]
        }
        no = {frozenset((of[a], of[b])) for a, b in zip(*cannot, strict=True)}
        means = {e: _mean_of(parts[e[0]], parts[e[1]], score, weight) for e in edges}
        good = sorted((-v, e) for e, v in means.items() if v > bar and frozenset(e) not in no)
        best: dict[int, tuple[int, int]] = {}
        for _, e in good:
            for g in e:
                best.setdefault(g, e)
        joined = [e for _, e in good if best[e[0]] == e == best[e[1]]]
        if not joined:
            break
        for g, h in joined:
            parts[g] += parts.pop(h)
    assert found.of.tolist() == [of[k] for k in range(n)]
    assert len(np.unique(found.i * n + found.j)) == len(found.i)
    assert np.allclose(found.score, np.clip(score[found.i, found.j], LOW, HIGH))


def test_a_series_of_many_packets_is_no_hang() -> None:
    n = 400
    calls = 0

    def more(a: Ints, b: Ints) -> Floats:
        nonlocal calls
        calls += 1
        return np.full(len(a), 9.0)

    i = np.concatenate([np.arange(n - 1), np.zeros(n - 2, np.int64)])
    j = np.concatenate([np.arange(1, n), np.arange(2, n)])
    found = group(i, j, np.full(len(i), 9.0), np.full(n, 3), more, 4.0, NONE, NONE)
    assert (found.of == 0).all()
    assert len(found.i) == n * (n - 1) // 2
    assert calls < n  # with all ties, one joining a round


def test_long_tracks_are_compared_in_bounded_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    people, each = 20, 150
    n = people * each
    lon, lat = 127 + rng.random(30) / 5, 37 + rng.random(30) / 5
    at = rng.integers(0, 30, n)
    table = gpd.GeoDataFrame(
        {
            "event_id": [f"E{k}" for k in range(n)],
            "timestamp": pd.date_range("2026-01-01", periods=n, freq="11min", tz="UTC"),
            "handle": [f"h{k}" for k in rng.integers(0, people, n)],
            "venue_id": [f"V{k}" for k in at],
            "weight": 1.0,
            "how": "lease",
        },
        geometry=gpd.points_from_xy(lon[at], lat[at]),
        crs=4326,
    )
    whole = link_events(table, tz="UTC")
    rows: list[int] = []
    inner = _evidence.impossible_travel

    def watched(tracks: tuple[Ints, Ints, Floats, Floats], i: Ints, j: Ints) -> tuple[Ints, Ints]:
        size = np.diff(tracks[0])
        rows.append(int((size[i] + size[j]).sum()))
        return inner(tracks, i, j)

    monkeypatch.setattr(_evidence, "impossible_travel", watched)
    monkeypatch.setattr(_evidence, "TRACK_ROWS", 1_000)
    parted = link_events(table, tz="UTC")
    assert max(rows) <= 1_000 < sum(rows)
    pd.testing.assert_frame_equal(whole.pairs, parted.pairs)
