"""Located events for the clustering room."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc import geometry


@pytest.fixture
def make_located() -> Callable[..., gpd.GeoDataFrame]:
    """Give located events at venues along a street, 500 m apart: (hour, venue number, weight)."""

    def make(rows: Sequence[tuple[float, int, float]], **columns: object) -> gpd.GeoDataFrame:
        hours = np.array([row[0] for row in rows], dtype=np.float64)
        venue = np.array([row[1] for row in rows], dtype=np.int64)
        start = pd.Timestamp("2026-03-02 00:00", tz="Asia/Seoul")
        frame = gpd.GeoDataFrame(
            {
                "event_id": pd.Series([f"E{i}" for i in range(len(rows))], dtype="str"),
                "timestamp": start + pd.to_timedelta(np.round(hours * 3_600_000), unit="ms"),
                "venue_id": pd.Series([f"V{v}" for v in venue], dtype="str"),
                "weight": [row[2] for row in rows],
                "how": pd.Series("given", index=range(len(rows)), dtype="str"),
            },
            geometry=geometry.points(np.column_stack([127 + venue * 0.005654, 37.5 + venue * 0])),
        )
        return frame.assign(**columns)

    return make
