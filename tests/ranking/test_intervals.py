"""An upload known to within an interval weighs on all its hours, never on what lies past `at`."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import crimeloc as cl

TZ = "Asia/Seoul"
AT = "2026-03-13 00:00+09:00"


@pytest.fixture
def venues() -> gpd.GeoDataFrame:
    points = gpd.points_from_xy([127.0, 127.01, 127.02], [37.5] * 3)
    return gpd.GeoDataFrame({"venue_id": list("ABC")}, geometry=points, crs=4326)


def fridays(hours: float | None, n: int = 10) -> gpd.GeoDataFrame:
    """Uploads on Fridays at 18:00, or at some time in the hours from then on."""
    times = pd.date_range("2026-01-02 18:00", periods=n, freq="7D", tz=TZ)
    points = gpd.points_from_xy([127.0] * n, [37.5] * n)
    table = {"event_id": [f"E{i}" for i in range(n)], "timestamp": times, "weight": 1.0}
    table |= {"venue_id": list("AAABAAAABAA")[:n], "how": "lease"}
    if hours is not None:
        table["timestamp_end"] = times + pd.Timedelta(hours=hours)
    return gpd.GeoDataFrame(table, geometry=points, crs=4326)


def expected(located: gpd.GeoDataFrame, venues: gpd.GeoDataFrame) -> dict[int, float]:
    """Uploads expected on the Friday ahead, by the first hour of the window."""
    windows = cl.rank(located, venues, at=AT).windows
    start = windows["window_start"].dt.tz_convert(TZ)
    friday = start.dt.day_of_week == 4
    return dict(zip(start[friday].dt.hour, windows["expected"][friday], strict=True))


def test_an_interval_is_spread_over_its_hours(venues: gpd.GeoDataFrame) -> None:
    sharp, spread = expected(fridays(None), venues), expected(fridays(6.0), venues)
    assert sharp[16] > 20 * sharp[20]
    assert spread[20] == pytest.approx(spread[16] * 2, rel=0.5)  # 18-20 is two hours, 20-24 four
    assert spread[20] > 20 * spread[12]
    assert sum(spread.values()) == pytest.approx(sum(sharp.values()), rel=0.1)


def test_an_interval_of_no_length_or_none_changes_nothing(venues: gpd.GeoDataFrame) -> None:
    sharp = expected(fridays(None), venues)
    assert expected(fridays(0.0), venues) == sharp
    missing = fridays(0.0)
    missing["timestamp_end"] = pd.Series(pd.NaT, index=missing.index).dt.tz_localize(TZ)
    assert expected(missing, venues) == sharp


def test_what_an_interval_holds_past_the_forecast_is_not_looked_at(
    venues: gpd.GeoDataFrame,
) -> None:
    # The last upload began two hours before the forecast; how long after it does not matter.
    located = fridays(None, n=11)
    located.loc[10, "timestamp"] = pd.Timestamp(AT) - pd.Timedelta("2h")
    slots = []
    for hours in (2, 30, 400):
        located["timestamp_end"] = located["timestamp"]
        located.loc[10, "timestamp_end"] += pd.Timedelta(hours=hours)
        whole = cl.Ranker().fit(located, venues, at=AT).rank(located, at=AT)
        slots.append(whole.slots)
    for other in slots[1:]:
        pd.testing.assert_frame_equal(slots[0], other)


def test_the_past_is_given_back_with_its_intervals(venues: gpd.GeoDataFrame) -> None:
    located = fridays(6.0)
    past = cl.rank(located, venues, at=AT).past
    width = (past["timestamp_end"] - past["timestamp"]).dt.total_seconds()
    assert np.allclose(width, 6 * 3600)
    assert (past["timestamp"].dt.tz_convert(TZ).dt.hour == 18).all()
