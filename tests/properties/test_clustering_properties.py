"""What always holds for clusters."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from crimeloc import geometry
from crimeloc.clustering import STDBSCAN, STHDBSCAN, _sweep, cluster_events


def worlds(rng: np.random.Generator) -> np.ndarray:
    """Give events of one of five kinds: spread, at venues, on a lattice, dense, in three dims."""
    n = int(rng.integers(1, 250))
    kind = int(rng.integers(5))
    if kind == 1:
        venues = rng.uniform(0, 10, (int(rng.integers(1, 20)), 2))
        return np.column_stack([venues[rng.integers(0, len(venues), n)], rng.integers(0, 20, n)])
    if kind == 2:
        return rng.integers(0, 8, (n, 3)).astype(float)
    if kind == 3:
        return np.column_stack([rng.normal(0, 1, (n, 2)), rng.uniform(0, 50, n)])
    dims = int(rng.choice([1, 3])) if kind == 4 else 2
    return np.column_stack([rng.uniform(0, 10, (n, dims)), rng.uniform(0, 10, n)])


def by_scikit_learn(X, radius, gap, minimum, weight=None, period=None):
    """Give DBSCAN's labels on the graph of neighbours, events in order of time and place."""
    away = np.sqrt(((X[:, None, :-1] - X[None, :, :-1]) ** 2).sum(axis=2))
    apart = np.abs(X[:, None, -1] - X[None, :, -1])
    if period is not None:
        apart = np.minimum(apart, period - apart)
    graph = np.where((away <= radius) & (apart <= gap), 0.0, 1.0)
    order = np.lexsort([*X[:, :-1].T[::-1], X[:, -1]])
    fitted = DBSCAN(eps=0.5, min_samples=minimum, metric="precomputed").fit(
        graph[np.ix_(order, order)], sample_weight=None if weight is None else weight[order]
    )
    labels = np.empty(len(X), dtype=np.int64)
    labels[order] = fitted.labels_
    return labels, np.sort(order[fitted.core_sample_indices_])


@pytest.mark.parametrize("crowded", [_sweep.CROWDED, 0.0], ids=["as chosen", "by cells"])
def test_st_dbscan_equals_scikit_learn_in_200_worlds(monkeypatch, crowded):
    monkeypatch.setattr(_sweep, "CROWDED", crowded)
    clusters = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        X = worlds(rng)
        radius, gap = float(rng.choice([0.5, 1.0, 2.0])), float(rng.choice([0.5, 1.0, 3.0]))
        minimum = int(rng.integers(1, 7))
        weight = rng.choice([0.25, 0.5, 1.0, 2.0], len(X)) if seed % 3 == 0 else None
        fitted = STDBSCAN(radius, gap, minimum).fit(X, sample_weight=weight)
        labels, core = by_scikit_learn(X, radius, gap, minimum, weight)
        assert fitted.labels_.tolist() == labels.tolist(), seed
        assert fitted.core_sample_indices_.tolist() == core.tolist(), seed
        clusters += labels.max() + 1
    assert clusters > 1000


def test_circular_time_equals_scikit_learn_on_the_circle():
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(2, 150))
        X = np.column_stack([rng.integers(0, 3, (n, 2)), rng.integers(0, 168, n) * 3600.0])
        fitted = STDBSCAN(1.0, 7200.0, 3, circular="week").fit(X)
        labels, _ = by_scikit_learn(X, 1.0, 7200.0, 3, period=604_800.0)
        assert fitted.labels_.tolist() == labels.tolist(), seed


ESTIMATORS = [
    STDBSCAN(1.5, 2.0, 3),
    STHDBSCAN(3, 3, session_gap=0.0, metres_per_hour=3600.0),
    STHDBSCAN(2, 2, session_gap=0.5, session_max=2.0, metres_per_hour="balanced"),
]
SEEDS = st.integers(0, 10**6)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=["stdbscan", "sthdbscan", "balanced"])
@settings(max_examples=25)
@given(seed=SEEDS)
def test_the_order_of_rows_plays_no_part(estimator, seed):
    rng = np.random.default_rng(seed)
    X = worlds(rng)
    order = rng.permutation(len(X))
    assert estimator.fit_predict(X[order]).tolist() == estimator.fit_predict(X)[order].tolist()


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=["stdbscan", "sthdbscan", "balanced"])
@settings(max_examples=25)
@given(seed=SEEDS)
def test_two_rows_or_one_row_of_weight_two(estimator, seed):
    rng = np.random.default_rng(seed)
    X = worlds(rng)
    times = rng.integers(1, 4, len(X))
    once = estimator.fit(X, sample_weight=times.astype(float)).labels_
    often = estimator.fit(np.repeat(X, times, axis=0)).labels_
    assert often.tolist() == np.repeat(once, times).tolist()


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=["stdbscan", "sthdbscan", "balanced"])
@settings(max_examples=25)
@given(seed=SEEDS)
def test_events_of_weight_zero_change_nothing(estimator, seed):
    rng = np.random.default_rng(seed)
    X = worlds(rng)
    weight = rng.choice([0.0, 1.0], len(X))
    weight[0] = 1.0
    kept = weight > 0
    with_zeros = estimator.fit(X, sample_weight=weight).labels_
    assert with_zeros[kept].tolist() == estimator.fit(X[kept]).labels_.tolist()


@settings(max_examples=25)
@given(seed=SEEDS, factor=st.sampled_from([0.25, 2.0, 1024.0]), later=st.integers(0, 2**20))
def test_units_and_calendar_play_no_part(seed, factor, later):
    X = np.round(worlds(np.random.default_rng(seed)) * 64)
    plain = STDBSCAN(64.0, 128.0, 3).fit_predict(X)
    moved = X * factor + later * factor
    assert STDBSCAN(64.0 * factor, 128.0 * factor, 3).fit_predict(moved).tolist() == plain.tolist()


@settings(max_examples=25)
@given(seed=SEEDS)
def test_far_away_events_do_not_change_the_labels_here(seed):
    rng = np.random.default_rng(seed)
    X = worlds(rng)
    if X.shape[1] != 3:
        X = X[:, [0, 0, -1]]
    far = X + 1e6
    alone = STDBSCAN(1.5, 2.0, 3).fit_predict(X)
    assert (
        STDBSCAN(1.5, 2.0, 3).fit_predict(np.vstack([far, X]))[len(X) :].tolist() == alone.tolist()
    )


def located_at_random(seed: int, unit: str = "us", zone: str = "Asia/Seoul") -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    n = 120
    venues = np.column_stack([rng.uniform(126.95, 127.05, 15), rng.uniform(37.45, 37.55, 15)])
    at = rng.integers(0, 15, n)
    seconds = rng.integers(0, 20 * 86_400, n)
    times = pd.Timestamp("2026-03-02", tz="Asia/Seoul") + pd.to_timedelta(seconds, unit="s")
    return gpd.GeoDataFrame(
        {
            "event_id": pd.Series([f"E{i}" for i in range(n)], dtype="str"),
            "timestamp": pd.Series(times).dt.tz_convert(zone).dt.as_unit(unit),
            "venue_id": pd.Series([f"V{v}" for v in at], dtype="str"),
            "weight": rng.choice([0.25, 0.5, 1.0], n),
            "how": pd.Series(["given"] * n, dtype="str"),
        },
        geometry=geometry.points(venues[at]),
    )


@settings(max_examples=10)
@given(
    seed=SEEDS,
    unit=st.sampled_from(["s", "ms", "us", "ns"]),
    zone=st.sampled_from(["UTC", "Asia/Seoul", "America/New_York"]),
)
def test_units_and_zones_of_time_play_no_part(seed, unit, zone):
    for circular, gap in ((None, "20h"), ("week", "5h")):

        def labels(table, circular=circular, gap=gap):
            return cluster_events(table, 1500, gap, 3, circular=circular, tz="Asia/Seoul")[
                "cluster_id"
            ].tolist()

        assert labels(located_at_random(seed, unit, zone)) == labels(located_at_random(seed))


@settings(max_examples=10)
@given(seed=SEEDS, weeks=st.integers(-30, 30))
def test_another_week_and_another_place_change_nothing(seed, weeks):
    located = located_at_random(seed)
    moved = located.assign(timestamp=located["timestamp"] + pd.Timedelta(weeks=weeks))
    degrees = geometry.lonlat(located.geometry) + np.array([0.113, 0.0])  # 10 km to the east
    moved = moved.set_geometry(geometry.points(degrees).array).set_crs(4326)
    for circular, gap in ((None, "20h"), ("week", "5h")):
        one = cluster_events(located, 1500, gap, 3, circular=circular)["cluster_id"]
        two = cluster_events(moved, 1500, gap, 3, circular=circular)["cluster_id"]
        assert one.tolist() == two.tolist()
