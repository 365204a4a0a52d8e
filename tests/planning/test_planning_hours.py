"""Nobody waits before a closed door: windows are cut to opening hours."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from crimeloc.planning import after_search, plan_visits

TZ = "Asia/Seoul"


def case() -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Give three venues and one window: closed, open from 18:00, hours unknown."""
    start = pd.to_datetime(["2026-03-02 16:00+09:00"] * 3)
    chance = [0.5, 0.4, 0.3]
    slots = pd.DataFrame(
        {
            "venue_id": ["A", "B", "C"],
            "window_start": start,
            "window_end": start + pd.Timedelta("4h"),
            "share": [0.5, 0.3, 0.2],
            "expected": chance,
            "probability": chance,
        }
    )
    points = gpd.GeoSeries.from_xy([127.0, 127.1, 127.2], [37.5] * 3, crs="EPSG:4326")
    venues = gpd.GeoDataFrame(
        {
            "venue_id": ["A", "B", "C"],
            "name": ["a", "b", "c"],
            "opening_hours": ["08:00-14:00", "18:00-24:00", None],
        },
        geometry=points,
    )
    return slots, venues


@pytest.mark.parametrize("method", ["exact", "greedy"])
def test_windows_are_cut_and_closed_venues_left_out(method: str) -> None:
    slots, venues = case()
    plan = plan_visits(slots, venues=venues, officers=2, evenings=1, tz=TZ, method=method)
    start = plan.visits["window_start"].dt.tz_convert(TZ).dt.strftime("%H:%M").tolist()
    assert plan.visits["venue_id"].tolist() == ["C", "B"]
    assert start == ["16:00", "18:00"]
    assert plan.officer_hours == 6.0
    assert plan.probability == pytest.approx(1 - 0.6 * 0.7)


def test_without_the_register_windows_are_held_whole() -> None:
    slots, _ = case()
    plan = plan_visits(slots, officers=2, evenings=1, tz=TZ)
    assert plan.visits["venue_id"].tolist() == ["A", "B"]
    assert plan.officer_hours == 8.0


def test_hours_saved_before_a_door_are_spent_elsewhere() -> None:
    slots, venues = case()
    later = slots.assign(
        window_start=slots["window_end"], window_end=slots["window_end"] + pd.Timedelta("2h")
    )
    both = pd.concat([slots, later], ignore_index=True)
    whole = plan_visits(both, officers=1, evenings=1, hours=4, tz=TZ)
    cut = plan_visits(both, venues=venues, officers=1, evenings=1, hours=4, tz=TZ)
    assert len(whole.visits) == 1
    assert cut.visits["venue_id"].tolist() == ["B", "B"]
    assert cut.officer_hours == 4.0
    assert "window" not in cut.visits.columns


def test_a_cut_visit_that_was_in_vain_lowers_its_slot() -> None:
    slots, venues = case()
    done = plan_visits(slots, venues=venues, officers=2, evenings=1, tz=TZ).visits
    after = after_search(slots, done).set_index("venue_id")["expected"]
    assert after["B"] == 0.0
    assert after["C"] == 0.0
    assert after["A"] == 0.5
    later = done.assign(window_start=done["window_start"] + pd.Timedelta("1D"))
    assert after_search(slots, later)["expected"].tolist() == slots["expected"].tolist()
