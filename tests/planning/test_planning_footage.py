"""Footage about to be overwritten."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.planning import preserve_footage

AT = "2026-03-01 00:00+09:00"


def located(rows: list[tuple[str, str, str | None, float]]) -> Any:
    """Located events from (event, local time, venue, weight)."""
    time = pd.to_datetime([row[1] for row in rows]).tz_localize("Asia/Seoul")
    return gpd.GeoDataFrame(
        {
            "event_id": pd.Series([row[0] for row in rows], dtype="str"),
            "timestamp": time,
            "venue_id": pd.Series([row[2] for row in rows], dtype="str"),
            "weight": np.array([row[3] for row in rows], dtype=float),
            "how": pd.Series(["lease"] * len(rows), dtype="str"),
        },
        geometry=gpd.points_from_xy([127.0] * len(rows), [37.5] * len(rows)),
        crs=4326,
    )


TABLE = located(
    [
        ("old", "2026-01-10 20:00", "A", 1.0),
        ("late", "2026-02-20 20:00", "A", 0.5),
        ("later", "2026-02-20 21:30", "A", 0.5),
        ("soon", "2026-01-30 01:30", "B", 0.4),
        ("edge", "2026-01-30 00:30", "C", 1.0),
        ("future", "2026-03-05 20:00", "A", 1.0),
        ("lost", "2026-02-10 20:00", None, 0.0),
    ]
)


def test_what_can_still_be_saved_comes_first() -> None:
    footage = preserve_footage(TABLE, at=AT)
    assert footage["venue_id"].tolist() == ["C", "B", "A", "A"]
    assert footage["state"].tolist() == ["being overwritten", "kept", "kept", "overwritten"]
    assert footage["hours_left"].tolist()[:2] == [-0.5, 0.5]
    assert "future" not in "|".join(footage["event_ids"])


def test_events_whose_intervals_meet_share_one() -> None:
    row = preserve_footage(TABLE, at=AT).query("event_ids == 'late|later'").iloc[0]
    assert row["footage_start"] == pd.Timestamp("2026-02-20 19:00+09:00")
    assert row["footage_end"] == pd.Timestamp("2026-02-20 22:30+09:00")
    assert row["weight"] == pytest.approx(0.75)
    assert row["n_events"] == 2
    apart = preserve_footage(TABLE, at=AT, before="10min", after="10min")
    assert len(apart) == len(preserve_footage(TABLE, at=AT)) + 1


def test_an_upload_known_to_an_interval_is_wanted_whole() -> None:
    longer = TABLE.iloc[[1]].copy()
    longer["timestamp_end"] = longer["timestamp"] + pd.Timedelta("3h")
    row = preserve_footage(longer, at=AT).iloc[0]
    assert row["footage_end"] == pd.Timestamp("2026-02-21 00:00+09:00")


def test_each_venue_keeps_as_long_as_it_keeps() -> None:
    footage = preserve_footage(TABLE, at=AT, retention={"A": "60D", "*": "7D"})
    state = footage.set_index("event_ids")["state"]
    assert state["old"] == "kept"
    assert state["soon"] == "overwritten"
    with pytest.raises(ParameterError, match="retention for venue"):
        preserve_footage(TABLE, at=AT, retention={"A": "60D"})


def test_little_weight_may_be_left_out() -> None:
    assert "soon" not in "|".join(preserve_footage(TABLE, at=AT, min_weight=0.45)["event_ids"])


def test_empty_in_empty_out_with_the_same_columns() -> None:
    nothing = preserve_footage(TABLE.iloc[:0], at=AT)
    full = preserve_footage(TABLE, at=AT)
    assert nothing.dtypes.to_dict() == full.dtypes.to_dict()
    before = TABLE.copy()
    preserve_footage(TABLE, at=AT)
    pd.testing.assert_frame_equal(TABLE, before)
