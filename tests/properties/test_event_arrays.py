"""What always holds of the one array form: row order, dtypes and zones play no part."""

from __future__ import annotations

from dataclasses import fields

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.events import EventArrays, event_arrays, event_times, venue_arrays

VENUES = [f"V{k}" for k in range(6)]
UNITS = ("s", "us", "ns")
ZONES = ("Asia/Seoul", "UTC")
TEXTS = ("str", "object", "category", "string[pyarrow]")


@st.composite
def tables(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Uploads known to the second, to an interval, or to the day; none to three candidates."""
    rows = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(["instant", "interval", "day"]))
        day = pd.Timestamp("2026-03-01", tz="Asia/Seoul") + pd.Timedelta(
            days=draw(st.integers(0, 3))
        )
        start = day if kind == "day" else day + pd.Timedelta(seconds=draw(st.integers(0, 86_399)))
        length = {"instant": None, "day": 86_400}.get(kind, draw(st.integers(0, 400_000)))
        end = pd.NaT if length is None else start + pd.Timedelta(seconds=length)
        venues = draw(st.lists(st.sampled_from(VENUES), max_size=3, unique=True)) or [None]
        shares = [draw(st.integers(0, 4)) for _ in venues]
        series = draw(st.sampled_from(["S1", "S2", None]))
        for venue, share in zip(venues, shares, strict=True):
            rows.append((f"E{number % 10}{number}", start, end, venue, share / 12, series))
    names = ["event_id", "timestamp", "timestamp_end", "venue_id", "weight", "series_id"]
    frame = pd.DataFrame(rows, columns=names).astype(
        {"event_id": "str", "venue_id": "str", "series_id": "str", "weight": "float64"}
    )
    for name in ("timestamp", "timestamp_end"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    frame["how"] = pd.Series("lease", index=frame.index, dtype="str")
    lon = 127 + frame["venue_id"].str[1:].astype("float64") / 100
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lon * 0 + 37.5), crs=4326)


def register(count: int) -> gpd.GeoDataFrame:
    lon = 127 + np.arange(count) / 100
    points = gpd.points_from_xy(lon, lon * 0 + 37.5)
    return gpd.GeoDataFrame({"venue_id": VENUES[:count]}, geometry=points, crs=4326)


def same(one: EventArrays, other: EventArrays, rows: bool = True) -> None:
    for field in fields(EventArrays):
        if field.name in ("venues", "projection") or (not rows and field.name in ("row", "head")):
            continue
        np.testing.assert_array_equal(
            getattr(one, field.name), getattr(other, field.name), err_msg=field.name
        )


@given(tables(), st.sampled_from(["start", "middle", "spread"]), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_rows_plays_no_part(located, time, random) -> None:
    order = list(range(len(located)))
    random.shuffle(order)
    mixed = located.iloc[order]
    for venues in (None, venue_arrays(register(3))):
        one = event_arrays(located, venues, time=time, projection="local")
        other = event_arrays(mixed, venues, time=time, projection="local")
        same(one, other, rows=False)
        assert [order[row] for row in other.row] == one.row.tolist()
        assert [order[row] for row in other.head] == one.head.tolist()


@given(tables(), st.sampled_from(UNITS), st.sampled_from(ZONES), st.sampled_from(TEXTS))
@settings(max_examples=30)
def test_dtypes_and_zones_play_no_part(located, unit, zone, text) -> None:
    other = located.copy()
    for name in ("timestamp", "timestamp_end"):
        other[name] = located[name].dt.as_unit(unit).dt.tz_convert(zone)
    for name in ("event_id", "venue_id", "series_id"):
        other[name] = located[name].astype(text)
    for venues in (None, venue_arrays(register(3))):
        same(event_arrays(located, venues), event_arrays(other, venues))


@given(tables(), st.integers(1, 6))
@settings(max_examples=30)
def test_weights_sum_to_one_and_what_is_outside_is_counted(located, count) -> None:
    venues = venue_arrays(register(count))
    events = event_arrays(located, venues)
    inside = located["venue_id"].isin(VENUES[:count])
    beyond = located[~inside & located["venue_id"].notna() & (located["weight"] > 0)]
    assert events.n_outside == beyond["event_id"].nunique()
    np.testing.assert_allclose(events.weight_outside, beyond["weight"].sum(), atol=1e-12)
    assert set(events.outside_id) == set(beyond["venue_id"])
    sums = np.bincount(events.event, events.weight, minlength=len(events))
    np.testing.assert_allclose(sums + events.elsewhere, 1.0, atol=1e-12)
    assert (events.outside <= events.elsewhere + 1e-12).all()
    whole = events.with_elsewhere()
    sums = np.bincount(whole.event, whole.weight, minlength=len(whole))
    np.testing.assert_allclose(sums, 1.0, atol=1e-8)  # a rest below 1e-9 makes no candidate
    assert len(events) == located["event_id"].nunique()


@given(tables())
@settings(max_examples=30)
def test_moments_lie_in_their_interval(located) -> None:
    events = event_arrays(located, time="spread")
    ptr, t, weight = events.moments()
    number = np.repeat(np.arange(len(events)), np.diff(ptr))
    assert (t >= events.start[number]).all()
    assert (t <= events.end[number]).all()
    np.testing.assert_allclose(np.bincount(number, weight, minlength=len(events)), 1.0)
    first = t[ptr[:-1]] if len(events) else t
    middle = first + np.bincount(number, (t - first[number]) * weight, minlength=len(events))
    np.testing.assert_allclose(middle, events.t, atol=2.0)  # rounded to whole microseconds
    by_row = dict(zip(located["event_id"], event_times(located), strict=True))
    assert [by_row[name] for name in events.event_id] == events.t.tolist()


@given(tables(), st.integers(0, 4 * 24))
@settings(max_examples=30)
def test_what_begins_later_plays_no_part(located, hour) -> None:
    at = pd.Timestamp("2026-03-01", tz="Asia/Seoul") + pd.Timedelta(hours=hour)
    at_us = at.value // 1_000
    events = event_arrays(located, before=at_us)
    past = located[located["timestamp"] < at]
    same(events, event_arrays(past, before=at_us), rows=False)
    assert (events.t < at_us).all()
    assert (events.end < at_us).all()
