"""The doorway of the clustering room."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.clustering import cluster_events
from crimeloc.errors import ParameterError, TableError
from crimeloc.tables import LOCATED, empty, validate


def test_near_and_soon_make_a_cluster_and_lone_events_stay_alone(make_located):
    located = make_located([(0, 0, 1), (10, 1, 1), (20, 0, 1), (21, 1, 1), (300, 0, 1), (2, 9, 1)])
    labels = cluster_events(located, 800, "36h", 4)["cluster_id"]
    assert labels.tolist() == [0, 0, 0, 0, -1, -1]


def test_the_limits_are_included(make_located):
    located = make_located([(0, 0, 1), (36, 0, 1), (36.0000003, 0, 1)])
    assert cluster_events(located, 0, "36h", 2)["cluster_id"].tolist() == [0, 0, 0]
    located = make_located([(0, 0, 1), (36.001, 0, 1)])
    assert cluster_events(located, 0, "36h", 2)["cluster_id"].tolist() == [-1, -1]


def test_the_table_given_is_not_changed(make_located):
    located = make_located([(0, 0, 1)] * 1 + [(1, 0, 1), (2, 0, 1), (3, 0, 1)])
    before = located.copy()
    result = cluster_events(located)
    pd.testing.assert_frame_equal(pd.DataFrame(located), pd.DataFrame(before))
    validate(result, LOCATED)
    assert isinstance(result, gpd.GeoDataFrame)
    assert result["cluster_id"].dtype == np.int64


def test_candidates_of_an_event_count_their_weight(make_located):
    rows = [(0, 0, 0.5), (0, 1, 0.5), (1, 0, 1), (2, 0, 1), (3, 9, 1)]
    located = make_located(rows)
    located["event_id"] = ["A", "A", "B", "C", "D"]
    assert cluster_events(located, 800, "36h", 3)["cluster_id"].tolist() == [0, 0, 0, 0, -1]
    # Two venues too far apart share the weight of the event: none of them has three.
    far = make_located([(0, 0, 0.5), (0, 9, 0.5), (1, 0, 1), (2, 0, 1)])
    far["event_id"] = ["A", "A", "B", "C"]
    assert (cluster_events(far, 800, "36h", 3)["cluster_id"] == -1).all()
    assert cluster_events(far, 800, "36h", 2.5)["cluster_id"].tolist() == [0, -1, 0, 0]


def test_an_event_without_a_candidate_stays_alone(make_located):
    located = make_located([(0, 0, 1), (1, 0, 1), (2, 0, 0)])
    located["geometry"] = [*located.geometry[:2], None]
    located["venue_id"] = pd.Series(["V0", "V0", None], dtype="str")
    located = located.set_geometry("geometry", crs=4326)
    assert cluster_events(located, min_events=2)["cluster_id"].tolist() == [0, 0, -1]


def test_every_friday_night_is_one_cluster_on_the_circle_of_the_week(make_located):
    fridays = [(4 * 24 + 22 + 168 * week + late, 0, 1) for week, late in enumerate([0, 1, 0.5, 1])]
    others = [(24 + 10, 0, 1), (168 * 2 + 3, 0, 1)]
    located = make_located(fridays + others)
    assert (cluster_events(located, 800, "3h", 4)["cluster_id"] == -1).all()
    found = cluster_events(located, 800, "3h", 4, circular="week")["cluster_id"].tolist()
    assert found == [0, 0, 0, 0, -1, -1]


def test_the_week_is_closed_between_sunday_and_monday(make_located):
    located = make_located([(0.5, 0, 1), (167.5, 0, 1), (168.5, 0, 1)])
    found = cluster_events(located, 800, "2h", 3, circular="week")["cluster_id"].tolist()
    assert found == [0, 0, 0]


def test_the_circle_runs_in_local_time(make_located):
    located = make_located([(8.5, 0, 1), (9.5 + 24, 0, 1)])  # either side of midnight in UTC
    utc = located.assign(timestamp=located["timestamp"].dt.tz_convert("UTC"))
    found = cluster_events(utc, 800, "2h", 2, circular="day", tz="Asia/Seoul")
    assert found["cluster_id"].tolist() == [0, 0]
    with pytest.raises(ParameterError, match="no local time zone"):
        cluster_events(utc, 800, "2h", 2, circular="day")


def test_each_series_can_be_clustered_alone(make_located):
    located = make_located([(0, 0, 1), (1, 0, 1), (2, 0, 1), (3, 0, 1), (4, 0, 1)])
    located["series_id"] = pd.Series(["a", "b", "a", "b", None], dtype="str")
    assert cluster_events(located, min_events=3)["cluster_id"].tolist() == [0] * 5
    found = cluster_events(located, min_events=2, by="series_id")["cluster_id"].tolist()
    assert found == [0, 1, 0, 1, -1]


def test_an_interval_stands_at_its_middle(make_located):
    located = make_located([(0, 0, 1), (40, 0, 1)])
    assert (cluster_events(located, min_events=2)["cluster_id"] == -1).all()
    end = located["timestamp"].where([False, False], None)
    end.iloc[0] = located["timestamp"].iloc[0] + pd.Timedelta("20h")
    wide = located.assign(timestamp_end=end)
    assert cluster_events(wide, min_events=2)["cluster_id"].tolist() == [0, 0]


def test_empty_in_empty_out():
    located = empty(LOCATED)
    result = cluster_events(located)
    assert result.columns.tolist() == [*located.columns, "cluster_id"]
    assert len(result) == 0


def test_errors_say_what_mends_them(make_located):
    located = make_located([(0, 0, 1)])
    with pytest.raises(ParameterError, match='gap="36h"'):
        cluster_events(located, gap=36)
    with pytest.raises(ParameterError, match="radius_m=800"):
        cluster_events(located, radius_m=-1)
    with pytest.raises(ParameterError, match="min_events=4"):
        cluster_events(located, min_events=0)
    with pytest.raises(ParameterError, match="'week', 'day' or None"):
        cluster_events(located, circular="month")
    with pytest.raises(ParameterError, match="half a day"):
        cluster_events(located, gap="13h", circular="day")
    with pytest.raises(ParameterError, match='by="series_id"'):
        cluster_events(located, by="who")
    with pytest.raises(TableError, match="weight"):
        cluster_events(located.drop(columns="weight"))
