"""The check-ins as located events: one reader for the acceptance scripts and the tests."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

TZ = "America/New_York"
ROOT = Path(__file__).resolve().parents[2]


def read_checkins(
    third: bool, folder: Path | None = None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Check-ins as located events, with columns `held` (last 30 %) and `many` (10 or more).

    `folder` holds the reference data; by default CRIMELOC_REFERENCE_DATA or ../shared/data.
    """
    if folder is None:
        named = os.environ.get("CRIMELOC_REFERENCE_DATA")
        folder = Path(named) if named else ROOT.parent / "shared" / "data"
    folder = folder / "checkins_nyc"
    venues = pd.read_csv(folder / "venues.csv.gz")
    if third:
        venues = venues[venues["third_place"].astype(bool)]
    venues = venues.reset_index(drop=True)
    points = gpd.GeoSeries.from_xy(venues["lon"], venues["lat"], crs=4326)
    table = pd.read_csv(folder / "checkins.csv.gz")
    place = pd.Index(venues["venue_id"]).get_indexer(pd.Index(table["venue_id"]))
    table, place = table[place >= 0], place[place >= 0]
    located = gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:06d}" for i in range(len(table))],
            "timestamp": pd.to_datetime(table["timestamp"].to_numpy(), utc=True),
            "venue_id": table["venue_id"].to_numpy(),
            "series_id": "U" + table["user_id"].astype("str").str.zfill(4).to_numpy(),
            "weight": 1.0,
            "how": "register",
            "tz": TZ,
        },
        geometry=points.to_numpy()[place],
        crs=4326,
    )
    keys = ["series_id", "timestamp", "event_id"]
    located = located.sort_values(keys, kind="stable", ignore_index=True)
    size = located.groupby("series_id")["event_id"].transform("size")
    number = located.groupby("series_id").cumcount()
    located["held"] = number >= np.ceil(0.7 * size)
    located["many"] = size >= 10
    columns = {"venue_id": venues["venue_id"], "category": venues["category"]}
    return located, gpd.GeoDataFrame(columns, geometry=points)
