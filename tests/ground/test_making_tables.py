"""Tables made for tests keep their contracts, and what is wrong with a wrong one is said."""

from __future__ import annotations

import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.errors import ParameterError, TableError
from crimeloc.testing import make_located, make_venues

SEOUL = "Asia/Seoul"


def test_times_are_local_text_hours_or_instants() -> None:
    located = make_located(
        ("2026-03-02 20:30", "A"), (20.5, "A"), (pd.Timestamp("2026-03-02 11:30", tz="UTC"), "A")
    )
    assert set(located["timestamp"]) == {pd.Timestamp("2026-03-02 20:30", tz=SEOUL)}
    assert "timestamp_end" not in located
    assert located["tz"].tolist() == [SEOUL] * 3


def test_a_pair_of_times_is_an_interval() -> None:
    located = make_located((("2026-03-02", "2026-03-03"), "A"), ("2026-03-02 09:00", "B"))
    end = located["timestamp_end"]
    assert end[0] - located["timestamp"][0] == pd.Timedelta("1D")
    assert pd.isna(end[1])


def test_columns_follow_the_uploads_not_the_rows() -> None:
    located = make_located(
        (1.0, {"A": 0.5, "B": 0.25}), (2.0, None), series_id=["S1", "S2"], handle="kim"
    )
    assert located["series_id"].tolist() == ["S1", "S1", "S2"]
    assert located["event_id"].tolist() == ["E0", "E0", "E1"]
    assert located["handle"].tolist() == ["kim"] * 3
    assert located["weight"].tolist() == [0.5, 0.25, 0.0]
    assert pd.isna(located["venue_id"][2])
    assert located.geometry[2] is None


def test_venues_of_one_name_stand_at_one_place() -> None:
    venues = make_venues(4)
    located = make_located((1.0, "V3"), (2.0, "V1"), (3.0, "D"))
    metric = located.to_crs(5179).geometry
    assert metric[0].distance(venues.to_crs(5179).geometry[3]) == 0
    assert metric[0].distance(metric[2]) == 0
    assert metric[0].distance(metric[1]) == pytest.approx(1_000, rel=0.01)


def test_a_register_places_venues_of_any_name() -> None:
    venues = make_venues(["A", "B"], name=["Blue", "Red"]).assign(venue_id=["Blue", "Red"])
    located = make_located((1.0, "Red"), venues=venues)
    assert located.geometry[0].equals(venues.geometry[1])
    with pytest.raises(ParameterError, match="no venue 'Green'"):
        make_located((1.0, "Green"), venues=venues)


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(TableError, match="sum to more than 1"):
        make_located((1.0, {"A": 0.7, "B": 0.7}))
    with pytest.raises(ParameterError, match="no place for 'Blue'"):
        make_located((1.0, "Blue"))
    with pytest.raises(ParameterError, match="one for each of 2 uploads"):
        make_located((1.0, "A"), (2.0, "A"), series_id=["S1", "S2", "S3"])
    with pytest.raises(TableError, match="venue_id"):
        make_venues(["A", "A"])


def test_nothing_is_a_table_too() -> None:
    assert make_located().columns.tolist() == make_located((1.0, "A")).columns.tolist()
    assert len(make_located()) == len(make_venues(0)) == 0


def test_the_verbs_take_what_is_made() -> None:
    located = make_located(*((24.0 * 7 * week + 20, "V1") for week in range(6)), series_id="S1")
    clusters = cl.cluster_events(located, radius_m=800, gap="8D", min_events=3)
    assert clusters["cluster_id"].tolist() == [0] * 6
    kept = cl.preserve_footage(located, at="2026-04-10 00:00+09:00", retention="30D")
    assert kept["venue_id"].tolist() == ["V1"] * 6
