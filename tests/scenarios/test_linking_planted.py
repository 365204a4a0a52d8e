"""Planted persons are found again: three made-up cities, and two worlds that fit the model ill."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.linking import Links, link_events, score_links
from crimeloc.simulation import make_city


def _plain_world(seed: int) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """No routine and no city: favourite venues by rank, accounts one after the other, no titles."""
    rng = np.random.default_rng(seed)
    places = np.column_stack([127 + rng.normal(0, 0.08, 90), 37.5 + rng.normal(0, 0.06, 90)])
    rows = []
    for person in range(2_020):
        offender = person < 20
        n = int(rng.integers(40, 150)) if offender else 1 + int(rng.poisson(3))
        favourites = rng.choice(90, 4, replace=False)
        accounts = int(rng.integers(1, 5)) if offender else 1
        shared = rng.integers(12) if rng.random() < (0.3 if offender else 0.03) else None
        late = rng.random() < 0.5
        for k, day in enumerate(np.sort(rng.integers(0, 200, n))):
            account = f"u{person}-{min(k * accounts // n, accounts - 1)}"
            if shared is not None and rng.random() < 0.2:
                account = f"shared{shared}"
            usual = rng.choice(favourites, p=[0.55, 0.25, 0.12, 0.08])
            venue = int(usual) if rng.random() < 0.9 else int(rng.integers(90))
            device = f"own{person}" if rng.random() < 0.5 else None
            if device is None and rng.random() < 0.5:
                device = f"seat{venue}-{rng.integers(40)}"
            second = int(day) * 86_400 + int(rng.normal(22 if late else 15, 2.5) % 24 * 3600)
            rows.append((person, account, device, venue, second))
    table = pd.DataFrame(rows, columns=["person", "handle", "device", "venue", "second"])
    table = table.sample(frac=1, random_state=seed, ignore_index=True)
    table["event_id"] = [f"E{k:06d}" for k in range(len(table))]
    start = pd.Timestamp("2025-09-01", tz="UTC")
    table["timestamp"] = start + pd.to_timedelta(table["second"], unit="s")
    table["venue_id"] = "V" + table["venue"].astype(str)
    table = table.assign(weight=1.0, how="planted", tz="Asia/Seoul")
    points = gpd.points_from_xy(*places[table["venue"]].T)
    located = gpd.GeoDataFrame(
        table.drop(columns=["person", "venue", "second"]), geometry=points, crs=4326
    )
    return located, table.set_index("event_id")["person"]


def _untidy_city(seed: int) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Many shared accounts, many reposters, people who roam, addresses that say little."""
    city = make_city(
        rng=seed,
        n_venues=60,
        n_offenders=20,
        n_background=2_000,
        days=365,
        shared_handles=0.2,
        reposters=0.15,
        circulating=0.3,
        elsewhere=0.3,
        ambiguous=0.3,
        habits=["roamer", "never_returns", "commuter"],
    )
    located = city.located_truth().drop(columns="series_id")
    return located, city.truth.set_index("event_id")["uploader_id"]


def _city(seed: int) -> tuple[gpd.GeoDataFrame, pd.Series]:
    city = make_city(rng=seed, n_venues=120, n_offenders=20, n_background=2_000)
    located = city.located_truth().drop(columns="series_id")
    return located, city.truth.set_index("event_id")["uploader_id"]


def _false_merges_are_bridges(links: Links, truth: pd.Series) -> None:
    """Where one pair alone joins uploads of two persons, it is listed."""
    packed = links.pairs[(links.pairs["basis"] == "entities") & links.pairs["linked"]]
    count = packed.groupby("series_id").size()
    single = packed[packed["series_id"].map(count) == 1]
    wrong = single[single["event_id_1"].map(truth) != single["event_id_2"].map(truth)]
    bridges = set(links.diagnostics.bridges["series_id"])
    assert set(wrong["series_id"]) <= bridges


@pytest.mark.parametrize(
    ("make", "seed"),
    [(_city, 1), (_city, 2), (_city, 3), (_plain_world, 1), (_untidy_city, 11)],
)
def test_twenty_offenders_among_two_thousand(make: object, seed: int) -> None:
    located, truth = make(seed)  # type: ignore[operator]
    links = link_events(located)
    scores = score_links(links.events, truth)
    assert scores.precision >= 0.97
    assert scores.recall >= 0.85
    assert scores.calibration_error <= 0.05
    _false_merges_are_bridges(links, truth)


def test_without_devices_precision_stays() -> None:
    located, truth = _city(4)
    scores = score_links(link_events(located.drop(columns="device")).events, truth)
    assert scores.precision >= 0.97
    assert scores.recall >= 0.75
