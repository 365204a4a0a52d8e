"""A small invented case that every test of the ranking shares."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

TZ = "Asia/Seoul"


def make_venues(n: int = 30) -> gpd.GeoDataFrame:
    place = np.arange(n)
    return gpd.GeoDataFrame(
        {"venue_id": [f"V{i:02d}" for i in place], "name": [f"Cafe {i}" for i in place]},
        geometry=gpd.points_from_xy(127.0 + 0.01 * (place % 6), 37.5 + 0.01 * (place // 6)),
        crs=4326,
    )


def make_located(
    venues: gpd.GeoDataFrame, seed: int = 3, n_series: int = 6, n: int = 30
) -> gpd.GeoDataFrame:
    """Series with a favourite at a fixed evening, a second venue, and some new ones."""
    rng = np.random.default_rng(seed)
    rows = []
    for s in range(n_series):
        usual = rng.choice(len(venues), 2, replace=False)
        start = pd.Timestamp("2025-11-03", tz=TZ)
        for i in range(n):
            day = start + pd.Timedelta(days=int(2 * i + rng.integers(0, 2)))
            if rng.random() < 0.75:
                venue, hour = usual[0] if day.day_of_week < 5 else usual[1], 20
            else:
                venue, hour = rng.integers(len(venues)), 13
            rows.append((f"S{s}", day + pd.Timedelta(hours=hour + rng.random()), int(venue)))
    table = pd.DataFrame(rows, columns=["series_id", "timestamp", "v"])
    table["event_id"] = [f"E{i:04d}" for i in range(len(table))]
    table["venue_id"] = venues["venue_id"].to_numpy()[table["v"]]
    table["weight"], table["how"] = 1.0, "made up"
    return gpd.GeoDataFrame(
        table.drop(columns="v"), geometry=venues.geometry.to_numpy()[table["v"]], crs=4326
    )


@pytest.fixture(scope="session")
def venues() -> gpd.GeoDataFrame:
    return make_venues()


@pytest.fixture(scope="session")
def located(venues: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return make_located(venues)


AT = "2026-01-01 00:00+09:00"


@pytest.fixture(scope="session")
def ranker(located: gpd.GeoDataFrame, venues: gpd.GeoDataFrame):
    from crimeloc.ranking import Ranker

    return Ranker(max_events=300).fit(located, venues, at=AT)


@pytest.fixture(scope="session")
def ranking(ranker, located: gpd.GeoDataFrame):
    return ranker.rank(located, at=AT, series="S0")
