"""Planted bursts are found again, however many events there are."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from crimeloc import geometry
from crimeloc.clustering import STDBSCAN, STHDBSCAN, cluster_events, summarise_clusters
from crimeloc.stats import knox_test

DAY = 86_400.0


def bursts(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Give 40 bursts at 40 venues 5 km apart, and lone events elsewhere; and which is which."""
    rng = np.random.default_rng(seed)
    venue = np.column_stack([np.arange(40) % 8, np.arange(40) // 8]) * 5_000.0
    sizes = np.full(40, n // 50)
    which = np.repeat(np.arange(40), sizes)
    start = rng.permutation(40) * 9 * DAY
    own = np.column_stack([venue[which], start[which] + rng.uniform(0, DAY, len(which))])
    rest = n - len(which)
    # Lone events stand in a row of their own, a week and 2 km from the next.
    lone = np.column_stack(
        [np.arange(rest) * 2_000.0, np.full(rest, -50_000.0), np.arange(rest) * 7 * DAY]
    )
    order = rng.permutation(n)
    return np.vstack([own, lone])[order], np.r_[which, np.full(rest, -1)][order]


@pytest.mark.parametrize("n", [19_999, 20_001])
def test_forty_bursts_are_forty_clusters(n):
    X, truth = bursts(n)
    labels = STDBSCAN(800, "36h", 4).fit_predict(X)
    assert labels.max() + 1 == 40
    assert adjusted_rand_score(truth, labels) == 1.0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_bursts_among_venues_of_unlike_density_are_found_by_sthdbscan(seed):
    """Groups of visits around centres, tight in one place and loose in another, and background."""
    rng = np.random.default_rng(seed)
    groups = []
    for k, spread in enumerate([150, 300, 600, 1200]):
        places = rng.normal(0, spread, (6, 2)) + np.array([k * 12_000.0, 0])
        at = rng.integers(0, 6, 60)
        t = rng.normal(30 * DAY, spread / 800 * 1.5 * DAY, 60) + k * 20 * DAY
        groups.append(np.column_stack([places[at], t]))
    spots = np.column_stack([rng.uniform(-5_000, 40_000, 40), rng.uniform(-20_000, 20_000, 40)])
    background = np.column_stack([spots, rng.uniform(0, 120 * DAY, 40)])
    X = np.vstack([*groups, background])
    truth = np.repeat([0, 1, 2, 3, -1], [60, 60, 60, 60, 40])
    labels = STHDBSCAN(min_cluster_size=8, min_events=5).fit_predict(X)
    assert labels.max() + 1 == 4
    assert (labels[truth >= 0] >= 0).mean() > 0.8
    both = (truth >= 0) & (labels >= 0)
    assert adjusted_rand_score(truth[both], labels[both]) > 0.95


def city(seed: int, bursts_of: int) -> gpd.GeoDataFrame:
    """Give 300 lone uploads over 90 days at 60 venues and four bursts, some at uncertain venues."""
    rng = np.random.default_rng(seed)
    venues = np.column_stack([rng.uniform(126.9, 127.1, 60), rng.uniform(37.45, 37.6, 60)])
    at = rng.integers(0, 60, 300)
    seconds = rng.uniform(0, 90 * DAY, 300)
    rows = [(i, s, v, 1.0) for i, (s, v) in enumerate(zip(seconds, at, strict=True))]
    for k in range(4):
        for _ in range(bursts_of):
            moment = (10 + 20 * k) * DAY + rng.uniform(0, DAY)
            event = len({row[0] for row in rows})
            rows += [(event, moment, 7 * k, 0.7), (event, moment, 7 * k + 1, 0.3)]
    table = pd.DataFrame(rows, columns=["event", "second", "venue", "weight"])
    return gpd.GeoDataFrame(
        {
            "event_id": pd.Series([f"E{i}" for i in table["event"]], dtype="str"),
            "timestamp": pd.Timestamp("2026-03-01", tz="Asia/Seoul")
            + pd.to_timedelta(table["second"].round(), unit="s"),
            "venue_id": pd.Series([f"V{v}" for v in table["venue"]], dtype="str"),
            "weight": table["weight"],
            "how": pd.Series(["lease"] * len(table), dtype="str"),
        },
        geometry=geometry.points(venues[table["venue"]]),
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_bursts_in_a_city_are_found_and_tell_from_chance(seed):
    located = city(seed, 10)
    clustered = cluster_events(located, 400, "24h", 5)
    table = summarise_clusters(clustered, 400, "24h", 5)
    planted = [f"V{7 * k}" for k in range(4)]
    first = table["venues"].str.split("|").str[0]
    assert set(planted) <= set(first)
    assert (table.loc[first.isin(planted), "density"] > 3).all()
    # Each upload is somebody else's here: every one is a unit of its own.
    result = knox_test(located, 400, "24h", unit="event", rng=7, n_permutations=199)
    assert result.p_value == 1 / 200
    assert result.ratio > 2
    # The events behind it are those of the bursts.
    top = set(result.contributions["event_id"].head(40))
    assert len(top & {f"E{i}" for i in range(300, 340)}) >= 36


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_without_bursts_knox_sees_nothing(seed):
    assert (
        knox_test(city(seed, 0), 400, "24h", unit="event", rng=7, n_permutations=199).p_value > 0.01
    )
