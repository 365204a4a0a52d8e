"""Sessions, and suggested parameters."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.clustering import sessions, suggest_parameters
from crimeloc.errors import ParameterError
from crimeloc.tables import LOCATED, empty


def test_a_pause_or_too_long_a_stay_ends_a_visit(make_located):
    located = make_located([(0, 0, 1), (2, 0, 1), (4.001, 0, 1), (4.5, 1, 1), (30, 0, 1)])
    table = sessions(located, gap="2h")
    assert table["event_ids"].tolist() == ["E0|E1", "E2", "E3", "E4"]
    assert table["n_events"].tolist() == [2.0, 1.0, 1.0, 1.0]
    long = make_located([(h, 0, 1) for h in range(30)])
    assert sessions(long, gap="2h", max_length="24h")["n_events"].tolist() == [25.0, 5.0]


def test_visits_keep_venue_geometry_and_span(make_located):
    located = make_located([(1, 3, 1), (0, 3, 1)])
    table = sessions(located)
    assert isinstance(table, gpd.GeoDataFrame)
    assert table.crs == located.crs
    assert table["venue_id"].tolist() == ["V3"]
    assert table["start"].iloc[0] == located["timestamp"].min()
    assert table["end"].iloc[0] == located["timestamp"].max()
    assert table.geometry.iloc[0].equals(located.geometry.iloc[0])


def test_two_series_at_one_venue_are_two_visits_and_weights_count(make_located):
    located = make_located([(0, 0, 0.5), (0, 1, 0.5), (1, 0, 1), (1.5, 0, 0)])
    located["event_id"] = ["A", "A", "B", "C"]
    located["series_id"] = pd.Series(["x", "x", "y", "y"], dtype="str")
    table = sessions(located)
    assert table["series_id"].tolist() == ["x", "x", "y"]
    assert table["n_events"].tolist() == [0.5, 0.5, 1.0]
    assert table["event_ids"].tolist() == ["A", "A", "B"]


def test_sessions_of_nothing_and_of_the_wrong_table(make_located):
    table = sessions(make_located([(0, 0, 1)]))
    nothing = sessions(empty(LOCATED))
    assert nothing.columns.tolist() == table.columns.tolist()
    assert len(nothing) == 0
    with pytest.raises(ParameterError, match="venue_id"):
        sessions(make_located([(0, 0, 1)]).drop(columns="venue_id"))


def test_the_knee_parts_bunched_from_lone_events(make_located):
    rng = np.random.default_rng(1)
    bunched = [
        (day * 200 + hour, venue, 1)
        for day in range(20)
        for hour, venue in zip(rng.uniform(0, 6, 6), rng.integers(0, 2, 6), strict=True)
    ]
    hours, venues = rng.uniform(0, 4000, 60), rng.integers(20, 900, 60)
    lone = [(hour, venue, 1) for hour, venue in zip(hours, venues, strict=True)]
    found = suggest_parameters(make_located(bunched + lone), min_events=4, gap="7D")
    assert 400 <= found.radius_m <= 1200
    assert 1 <= float(found.gap.removesuffix("h")) <= 12
    assert f"{found.radius_m:g} m" in str(found)
    assert "<br>" in found._repr_html_()
    ax = found.plot()
    assert ax.get_ylabel() == "distance (m) to a weight of 4"
    assert found.plot(kind="wait").get_ylabel() == "time (h) to a weight of 4"
    with pytest.raises(ParameterError, match="distance"):
        found.plot(kind="both")


def test_suggestions_agree_with_a_plain_count(make_located):
    rng = np.random.default_rng(2)
    hours, venues = rng.uniform(0, 100, 40), rng.integers(0, 30, 40)
    rows = [(hour, venue, 1.0) for hour, venue in zip(hours, venues, strict=True)]
    found = suggest_parameters(make_located(rows), min_events=3, gap="12h")
    hours, venue = np.array(rows)[:, 0].round(6), np.array(rows)[:, 1]
    kth = []
    for i in range(40):
        soon = np.abs(hours - hours[i]) <= 12
        away = np.sort(np.abs(venue - venue[i])[soon]) * 500
        kth.append(away[2] if len(away) > 2 else np.inf)
    assert found.distances_m == pytest.approx(np.sort(kth), rel=0.01)


def test_no_knee_where_nothing_is_near(make_located):
    with pytest.raises(ParameterError, match="longer gap"):
        suggest_parameters(make_located([(0, 0, 1), (500, 0, 1)]))
