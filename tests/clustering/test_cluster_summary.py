"""What is said about each cluster."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from crimeloc.clustering import cluster_events, summarise_clusters
from crimeloc.errors import ParameterError
from crimeloc.tables import CLUSTERS, LOCATED, empty, validate


def test_the_summary_of_a_known_cluster(make_located):
    rows = [(0, 0, 1), (1, 1, 1), (2, 1, 1), (5, 0, 0.5), (5, 9, 0.5), (500, 0, 1), (1000, 9, 1)]
    located = make_located(rows)
    located["event_id"] = ["A", "B", "C", "D", "D", "E", "F"]
    clustered = cluster_events(located, 800, "36h", 3)
    table = summarise_clusters(clustered, 800, "36h", 3)
    validate(table, CLUSTERS)
    assert len(table) == 1
    row = table.iloc[0]
    assert row["n_events"] == pytest.approx(3.5)
    assert row["venues"] == "V1|V0"
    assert row["n_venues"] == 2
    assert row["start"] == located["timestamp"].iloc[0]
    assert row["end"] == located["timestamp"].iloc[3]
    assert row["span_h"] == pytest.approx(5.0)
    # Two venues 500 m apart with weights 2 and 1.5: the middle is 214 m from the heavier one.
    assert row["radius_m"] == pytest.approx(500 * 2 / 3.5, rel=0.01)
    assert row["geometry"].x == pytest.approx(127 + 0.005654 * 2 / 3.5, abs=1e-6)
    # Over 1000 h the two venues have 4.5 events: 0.0225 in five hours.
    assert row["background"] == pytest.approx(4.5 * 5 / 1000)
    assert row["density"] == pytest.approx(3.5 / (4.5 * 5 / 1000))
    assert 0 < row["stability"] <= 1
    assert isinstance(row["hull"], shapely.LineString)
    assert row["hull_km2"] == 0


def test_a_firm_cluster_is_more_stable_than_a_loose_one(make_located):
    firm = [(0.1 * i, 0, 1) for i in range(12)]
    loose = [(2000 + 35 * i, 30 + i % 2, 1) for i in range(4)]
    clustered = cluster_events(make_located(firm + loose), 800, "36h", 3)
    table = summarise_clusters(clustered, 800, "36h", 3)
    assert table["stability"].iloc[0] == 1.0
    assert table["stability"].iloc[1] < 0.7


def test_stability_is_missing_without_parameters_and_refuses_wrong_ones(make_located):
    clustered = cluster_events(make_located([(0, 0, 1), (1, 0, 1)]), min_events=2)
    assert summarise_clusters(clustered)["stability"].isna().all()
    with pytest.raises(ParameterError, match="did not make these clusters"):
        summarise_clusters(clustered, 800, "36h", 4)
    with pytest.raises(ParameterError, match="all three or none"):
        summarise_clusters(clustered, radius_m=800)


def test_clusters_of_the_week_are_summarised(make_located):
    located = make_located([(22 + 168 * week, 0, 1) for week in range(4)] + [(60, 9, 1)])
    clustered = cluster_events(located, 800, "3h", 4, circular="week")
    table = summarise_clusters(clustered, 800, "3h", 4, circular="week")
    assert table["span_h"].tolist() == [504.0]
    assert table["stability"].between(0, 1).all()


def test_no_cluster_gives_an_empty_table_with_the_same_columns(make_located):
    clustered = cluster_events(make_located([(0, 0, 1), (1, 0, 1)]), min_events=2)
    none = summarise_clusters(cluster_events(make_located([(0, 0, 1)])))
    nothing = summarise_clusters(cluster_events(empty(LOCATED)), tz="Asia/Seoul")
    full = summarise_clusters(clustered)
    for table in (none, nothing):
        validate(table, CLUSTERS)
        assert table.columns.tolist() == full.columns.tolist()
        assert len(table) == 0
        assert table.dtypes.astype(str).to_dict() == full.dtypes.astype(str).to_dict()


def test_row_order_and_labels_of_the_index_play_no_part(make_located):
    rng = np.random.default_rng(3)
    rows = [
        (float(h), int(v), 1.0)
        for h, v in zip(rng.uniform(0, 200, 80), rng.integers(0, 9, 80), strict=True)
    ]
    located = make_located(rows)
    mixed = located.iloc[rng.permutation(80)].set_axis([5] * 80)
    one = summarise_clusters(cluster_events(located), 800, "36h", 4)
    two = summarise_clusters(cluster_events(mixed), 800, "36h", 4)
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.drop(columns=["geometry", "hull"])),
        pd.DataFrame(two.drop(columns=["geometry", "hull"])),
    )


def test_a_table_without_clusters_is_refused(make_located):
    with pytest.raises(ParameterError, match="cluster_events"):
        summarise_clusters(make_located([(0, 0, 1)]))


def test_times_stand_on_the_clocks_at_the_venues_too(make_located):
    clustered = cluster_events(make_located([(0, 0, 1), (1, 0, 1)]), min_events=2)
    table = summarise_clusters(clustered)
    assert str(table["start_local"].dt.tz) == "Asia/Seoul"
    assert (table["start_local"] == table["start"]).all()
    elsewhere = summarise_clusters(clustered, tz="Europe/Berlin")
    assert str(elsewhere["end_local"].dt.tz) == "Europe/Berlin"
