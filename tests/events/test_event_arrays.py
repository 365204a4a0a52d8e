"""The one array form of LOCATED, on tables small enough to work out by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError, TableError
from crimeloc.events import EventArrays, event_arrays, event_times, venue_arrays
from crimeloc.tables import LOCATED, empty
from crimeloc.units import instant_us

HOUR = 3_600_000_000
MIDNIGHT = pd.Timestamp("2026-03-02 00:00+09:00")


def table(*rows: tuple[str, str, str | None, float], **columns: object) -> gpd.GeoDataFrame:
    """Rows of (event, time in March 2026, venue, weight); venue V1 lies at 127.1 E, and so on."""
    frame = pd.DataFrame(rows, columns=["event_id", "timestamp", "venue_id", "weight"])
    frame["timestamp"] = pd.to_datetime("2026-03-" + frame["timestamp"] + "+09:00")
    frame["how"] = "lease"
    lon = 127 + frame["venue_id"].str[1:].astype("float64") / 10
    frame = frame.assign(**columns)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lon * 0 + 37.5), crs=4326)


def register(*names: str) -> gpd.GeoDataFrame:
    lon = [127 + int(name[1:]) / 10 for name in names]
    points = gpd.points_from_xy(lon, [37.5] * len(lon))
    return gpd.GeoDataFrame({"venue_id": list(names)}, geometry=points, crs=4326)


def day_only() -> gpd.GeoDataFrame:
    located = table(("E1", "02 00:00", "V1", 1.0), ("E2", "02 09:00", "V1", 1.0))
    return located.assign(timestamp_end=pd.Series([MIDNIGHT + pd.Timedelta("24h"), pd.NaT]))


def test_candidates_of_an_event_follow_each_other() -> None:
    located = table(
        ("E2", "02 09:00", "V2", 0.25), ("E1", "01 21:00", "V1", 1.0), ("E2", "02 09:00", "V1", 0.5)
    )
    events = event_arrays(located, projection="local")
    assert events.event_id.tolist() == ["E1", "E2"]
    assert events.ptr.tolist() == [0, 1, 3]
    assert events.venue.tolist() == [0, 0, 1]
    assert events.weight.tolist() == [1.0, 0.5, 0.25]
    assert events.row.tolist() == [1, 2, 0]
    assert events.elsewhere.tolist() == [0.0, 0.25]
    assert events.venues.venue_id.tolist() == ["V1", "V2"]
    assert events.venues.lonlat.tolist() == [[127.1, 37.5], [127.2, 37.5]]
    np.testing.assert_allclose(np.diff(events.x), [0.0, 8_840.0], atol=5.0)  # 0.1 degree at 37.5 N
    assert events.likeliest().tolist() == [0, 1]
    assert not events.named
    assert events.series_id.tolist() == ["all"]


@pytest.mark.parametrize(("time", "hour"), [("start", 0), ("middle", 12), ("spread", 12)])
def test_a_day_stands_where_it_is_asked_to(time: str, hour: int) -> None:
    events = event_arrays(day_only(), time=time)  # type: ignore[arg-type]
    by_name = dict(zip(events.event_id, events.t, strict=True))
    midnight = instant_us(MIDNIGHT)
    assert by_name == {"E1": midnight + hour * HOUR, "E2": midnight + 9 * HOUR}
    assert event_times(day_only(), time).tolist() == [by_name["E1"], by_name["E2"]]  # type: ignore[arg-type]


def test_the_default_is_the_middle() -> None:
    assert event_arrays(day_only()).time == "middle"


def test_a_day_is_spread_over_its_hours() -> None:
    events = event_arrays(day_only(), time="spread")
    ptr, t, weight = events.moments()
    day = events.event_id.tolist().index("E1")
    assert ptr[day + 1] - ptr[day] == 24
    hours = (t[ptr[day] : ptr[day + 1]] - instant_us(MIDNIGHT)) / HOUR
    assert hours.tolist() == [k + 0.5 for k in range(24)]
    assert weight[ptr[day] : ptr[day + 1]].sum() == pytest.approx(1.0)
    assert len(event_arrays(day_only()).moments().t) == 2


def test_what_has_begun_counts_up_to_the_moment_of_the_question() -> None:
    at = instant_us(MIDNIGHT + pd.Timedelta("6h"))
    events = event_arrays(day_only(), before=at)
    assert events.event_id.tolist() == ["E1"]
    assert events.end.tolist() == [at - 1]
    assert events.t.tolist() == [at - 3 * HOUR - 1]


def test_a_venue_outside_the_register_is_elsewhere_and_counted() -> None:
    located = table(
        ("E1", "01 21:00", "V1", 0.5), ("E1", "01 21:00", "V8", 0.25), ("E2", "02 09:00", "V9", 1.0)
    )
    events = event_arrays(located, venue_arrays(register("V1", "V2")))
    assert events.elsewhere.tolist() == [0.5, 1.0]
    assert events.outside.tolist() == [0.25, 1.0]
    assert (events.n_outside, events.weight_outside) == (2, 1.25)
    assert events.outside_id.tolist() == ["V8", "V9"]
    whole = events.with_elsewhere()
    assert whole.venue.tolist() == [0, 2, 2]
    assert whole.weight.tolist() == [0.5, 0.5, 1.0]
    assert whole.ptr.tolist() == [0, 2, 3]


def test_no_venue_weight_nought_and_elsewhere_are_no_candidates() -> None:
    located = table(
        ("E1", "01 21:00", None, 0.0), ("E2", "01 22:00", "V1", 0.0), ("E3", "01 23:00", "V2", 0.5)
    )
    located["venue_id"] = located["venue_id"].mask(located["venue_id"] == "V2", "elsewhere")
    for venues in (None, venue_arrays(register("V1"))):
        events = event_arrays(located, venues)
        assert len(events) == 3
        assert len(events.venue) == 0
        assert events.elsewhere.tolist() == [1.0, 1.0, 1.0]
        assert events.n_outside == 0


def test_a_point_without_a_venue_is_a_place_of_its_own() -> None:
    located = table(("E1", "01 21:00", "V1", 1.0), ("E2", "01 22:00", "V2", 1.0))
    located["venue_id"] = located["venue_id"].where(located["venue_id"] == "V1")
    events = event_arrays(located, projection="local")
    assert events.venues.venue_id.tolist() == ["@37.500000,127.200000", "V1"]
    assert events.venue.tolist() == [1, 0]
    assert len(event_arrays(located, venue_arrays(register("V1"))).venue) == 1


def test_only_and_placed_keep_what_they_are_asked_to() -> None:
    located = table(
        ("E1", "01 21:00", "V1", 0.5), ("E1", "01 21:00", "V2", 0.25), ("E2", "02 09:00", "V2", 1.0)
    )
    located.loc[2, "geometry"] = None
    located.loc[1, "geometry"] = None
    events = event_arrays(located, projection="local")
    assert events.placed().event_id.tolist() == ["E1"]
    assert events.placed().elsewhere.tolist() == [0.5]
    second = events.only(np.array([False, True]))
    assert second.event_id.tolist() == ["E2"]
    assert second.ptr.tolist() == [0, 1]
    assert second.row.tolist() == [2]


def test_series_are_numbered_by_name() -> None:
    located = table(
        ("E1", "01 21:00", "V1", 1.0), ("E2", "01 22:00", "V1", 1.0), ("E3", "01 23:00", "V1", 1.0)
    ).assign(series_id=["S2", None, "S1"], series_weight=[0.5, np.nan, np.nan])
    events = event_arrays(located)
    assert events.series_id.tolist() == ["S1", "S2"]
    assert events.series.tolist() == [1, -1, 0]
    assert events.series_weight.tolist() == [0.5, 1.0, 1.0]
    nameless = event_arrays(located.assign(series_id=pd.Series([None] * 3, dtype="str")))
    assert not nameless.named
    assert nameless.series.tolist() == [0, 0, 0]


def test_uploads_that_nobody_located_have_no_candidates() -> None:
    located = table(("E1", "01 21:00", "V1", 1.0))
    with pytest.raises(TableError, match="venue_id"):
        event_arrays(located[["event_id", "timestamp"]])
    events = event_arrays(located[["event_id", "timestamp"]], needs_venues=False)
    assert events.elsewhere.tolist() == [1.0]
    assert len(events.weight) == 0
    assert events.head.tolist() == [0]


def test_nothing_in_nothing_out() -> None:
    for venues in (None, venue_arrays(register("V1"))):
        events = event_arrays(empty(LOCATED), venues, projection="local")
        assert isinstance(events, EventArrays)
        assert len(events) == 0
        assert events.ptr.tolist() == [0]
        assert len(events.with_elsewhere().placed().moments().t) == 0


def test_rows_of_an_event_that_disagree_are_refused() -> None:
    located = table(("E1", "01 21:00", "V1", 0.5), ("E1", "01 22:00", "V2", 0.5))
    with pytest.raises(TableError, match="two values for event 'E1' \\(row 2\\)"):
        event_arrays(located)


def test_a_broken_table_and_an_unknown_word_are_refused() -> None:
    located = table(("E1", "01 21:00", "V1", 0.5))
    with pytest.raises(TableError, match="weight"):
        event_arrays(located.assign(weight=2.0))
    with pytest.raises(ParameterError, match="time: found 'noon'"):
        event_arrays(located, time="noon")  # type: ignore[arg-type]


def test_the_register_says_when_a_venue_was_in_business() -> None:
    table = register("V2", "V1").assign(closed=pd.Series([MIDNIGHT, pd.NaT]))
    venues = venue_arrays(table, projection="local")
    assert venues.venue_id.tolist() == ["V1", "V2"]
    assert venues.row.tolist() == [1, 0]
    assert venues.closed.tolist() == [np.iinfo(np.int64).max, instant_us(MIDNIGHT)]
    assert set(venues.opened.tolist()) == {np.iinfo(np.int64).min}
    assert np.isnan(venues.projected(None).x).all()
    assert venues.codes(pd.Series(["V2", None, "V7"], dtype="category")).tolist() == [1, -1, -1]
