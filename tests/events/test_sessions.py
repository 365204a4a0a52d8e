"""Sessions: bursts of uploads at one venue are one event, and the result is LOCATED."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.errors import ParameterError, TableError
from crimeloc.tables import LOCATED, empty, validate

BEGIN = pd.Timestamp("2026-03-02 00:00+09:00")


def make(*rows: tuple[str, float, str | None, float], **columns: object) -> gpd.GeoDataFrame:
    """Rows of (event, hours since 2 March, venue, weight)."""
    frame = pd.DataFrame(rows, columns=["event_id", "hours", "venue_id", "weight"])
    frame["timestamp"] = BEGIN + pd.to_timedelta(frame.pop("hours"), unit="h")
    frame["how"] = "lease"
    lon = 127 + frame["venue_id"].str[1:].astype("float64") / 100
    points = gpd.points_from_xy(lon, lon * 0 + 37.5)
    return gpd.GeoDataFrame(frame.assign(**columns), geometry=points, crs=4326)


def hourly(*hours: float, venue: str = "V1") -> gpd.GeoDataFrame:
    return make(*[(f"E{k:02}", hour, venue, 1.0) for k, hour in enumerate(hours)])


def test_a_pause_or_too_long_a_stay_ends_a_session() -> None:
    located = hourly(0, 2, 4.001, 4.5, 30)
    located.loc[3, "venue_id"] = "V2"
    table = cl.sessions(located, gap="2h")
    assert table["event_ids"].tolist() == ["E00|E01", "E02", "E03", "E04"]
    assert table["n_events"].tolist() == [2, 1, 1, 1]
    assert table["event_id"].tolist() == ["E00", "E02", "E03", "E04"]
    long = hourly(*range(80))
    assert cl.sessions(long, max_length="24h")["n_events"].tolist() == [25, 25, 25, 5]


def test_a_session_has_time_venue_and_place_of_its_first_upload() -> None:
    located = hourly(1, 0, venue="V3").assign(tz="Asia/Seoul")
    table = cl.sessions(located)
    assert isinstance(table, gpd.GeoDataFrame)
    assert table.crs == located.crs
    assert validate(table, LOCATED) is table
    row = table.iloc[0]
    assert (row["venue_id"], row["tz"], row["how"]) == ("V3", "Asia/Seoul", "lease")
    assert row["timestamp"] == located["timestamp"].min()
    assert row["end"] == located["timestamp"].max()
    assert row["geometry"].equals(located.geometry.iloc[0])
    assert table["timestamp"].dtype == located["timestamp"].dtype


def test_two_series_at_one_venue_are_two_sessions() -> None:
    located = make(("A", 0, "V1", 1.0), ("B", 1, "V1", 1.0), ("C", 1.5, "V1", 1.0))
    located["series_id"] = ["x", "y", "y"]
    located["series_weight"] = [1.0, 0.5, 1.0]
    table = cl.sessions(located)
    assert table["series_id"].tolist() == ["x", "y"]
    assert table["series_weight"].tolist() == [1.0, 0.75]
    assert table["event_ids"].tolist() == ["A", "B|C"]


def test_a_sitting_that_may_have_been_at_two_venues_counts_once() -> None:
    located = make(
        ("A", 0, "V1", 0.75), ("A", 0, "V2", 0.25), ("B", 1, "V1", 0.5), ("B", 1, "V2", 0.25),
        ("C", 1.5, "V2", 1.0),
    )  # fmt: skip
    table = cl.sessions(located)
    assert table["session_id"].tolist() == [0, 0, 1]
    assert table["event_id"].tolist() == ["A", "A", "C"]
    assert table["venue_id"].tolist() == ["V1", "V2", "V2"]
    assert table["weight"].tolist() == [0.625, 0.25, 1.0]
    assert table["n_events"].tolist() == [2, 2, 1]


def test_days_without_an_hour_at_one_venue_are_one_session() -> None:
    located = make(("A", 0, "V1", 1.0), ("B", 0, "V1", 1.0), ("C", 24, "V1", 1.0))
    located["timestamp_end"] = located["timestamp"] + pd.Timedelta("24h")
    table = cl.sessions(located)
    assert table["event_ids"].tolist() == ["A|B", "C"]
    assert (table["timestamp_end"] - table["timestamp"] == pd.Timedelta("24h")).all()
    assert table["end"].iloc[0] == BEGIN + pd.Timedelta("12h")


def test_uploads_without_a_venue_make_no_session() -> None:
    located = make(("A", 0, "V1", 1.0), ("B", 0.5, None, 0.0), ("C", 1, "V1", 0.0))
    assert cl.sessions(located)["event_ids"].tolist() == ["A"]


def test_the_order_of_rows_plays_no_part() -> None:
    rng = np.random.default_rng(3)
    n = 200
    hours, venue = np.sort(rng.integers(0, 300, n)) / 2, rng.integers(0, 6, n)
    rows = [(f"E{k:03}", hours[k], f"V{venue[k]}", 0.5) for k in range(n)]
    rows += [(f"E{k:03}", hours[k], f"V{venue[k] + 1}", 0.5) for k in range(0, n, 3)]
    located = make(*rows)
    table = cl.sessions(located)
    mixed = cl.sessions(located.sample(frac=1.0, random_state=5))
    pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(mixed))
    once = table.drop_duplicates("event_id")
    assert once["n_events"].sum() == n
    assert sorted("|".join(once["event_ids"]).split("|")) == sorted(set(located["event_id"]))


def test_nothing_in_nothing_out_and_the_wrong_table_is_refused() -> None:
    table = cl.sessions(hourly(0))
    nothing = cl.sessions(empty(LOCATED))
    assert nothing.columns.tolist() == table.columns.tolist()
    assert len(nothing) == 0
    validate(nothing, LOCATED)
    with pytest.raises(ParameterError, match="venue_id"):
        cl.sessions(hourly(0).drop(columns="venue_id"))
    with pytest.raises(TableError, match="weight"):
        cl.sessions(hourly(0).assign(weight=3.0))
