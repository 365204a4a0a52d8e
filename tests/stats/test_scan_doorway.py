"""What `scan_test` takes, refuses, reports and leaves alone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.errors import ParameterError, TableError
from crimeloc.geometry import points
from crimeloc.stats import ScanResult, scan_test
from crimeloc.tables import CLUSTERS, validate

PLACES = points([[127.0, 37.50], [127.01, 37.50], [127.05, 37.52], [127.09, 37.55]])


def events(n: int = 700, seed: int = 0, days: int = 140) -> gpd.GeoDataFrame:
    dice = np.random.default_rng(seed)
    venue = dice.integers(0, 4, n)
    when = dice.uniform(0, days * 86_400, n).astype(int)
    venue[:40], when[:40] = 2, 60 * 86_400 + np.arange(40) * 6_000
    start = pd.Timestamp("2026-01-05", tz="Asia/Seoul")
    return gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:03}" for i in range(n)],
            "timestamp": start + pd.to_timedelta(when, unit="s"),
            "venue_id": [f"V{i}" for i in venue],
            "weight": 1.0,
            "how": "given",
        },
        geometry=PLACES.iloc[venue].to_numpy(),
        crs=4326,
    )


def scan(located: gpd.GeoDataFrame, **more: object) -> ScanResult:
    settings: dict[str, object] = {
        "max_duration": "7D",
        "unit": "event",
        "n_permutations": 49,
        "rng": 7,
        "n_jobs": 1,
    }
    return scan_test(located, **{**settings, **more})  # type: ignore[arg-type]


def test_finds_the_burst_and_says_so() -> None:
    result = scan(events())
    best = result.clusters.iloc[0]
    assert best["venues"] == "V2"
    assert best["n_events"] == best["observed"] >= 40
    assert best["radius_m"] == 0
    assert best["geometry"] == PLACES.iloc[2]
    assert result.p_value == 0.02
    assert len(result.significant) == 1
    text = str(result)
    for words in ("V2", "held fixed", "shuffled", "seed", "can fool it", "day of week", "49"):
        assert words in text
    assert "<table>" in result._repr_html_()


def test_clusters_keep_the_contract() -> None:
    result = scan(events())
    validate(result.clusters, CLUSTERS)
    assert result.clusters.crs == "EPSG:4326"


def test_the_table_is_left_alone() -> None:
    located = events()
    before = located.copy(deep=True)
    scan(located)
    assert located.equals(before)


def test_order_of_rows_is_irrelevant() -> None:
    located = events()
    one, two = scan(located), scan(located.sample(frac=1, random_state=3))
    assert one.clusters.equals(two.clusters)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_zone_and_unit_of_times_are_irrelevant(unit: str) -> None:
    located = events()
    utc = located.assign(timestamp=located["timestamp"].dt.tz_convert("UTC").dt.as_unit(unit))
    assert scan(utc, tz="Asia/Seoul").clusters.equals(scan(located).clusters)


def test_a_week_later_is_the_same_pattern() -> None:
    located = events()
    later = located.assign(timestamp=located["timestamp"] + pd.Timedelta("7D"))
    one, two = scan(located).clusters, scan(later).clusters
    assert (two["start"] - one["start"] == pd.Timedelta("7D")).all()
    columns = ["venues", "observed", "expected", "statistic", "p_value"]
    assert one[columns].equals(two[columns])


def test_events_after_the_end_are_irrelevant_and_counted() -> None:
    located = events()
    end = pd.Timestamp("2026-05-01", tz="Asia/Seoul")
    late = located["timestamp"] >= end
    with_late = scan(located, end=end)
    without = scan(located.loc[~late], end=end)
    assert with_late.n_outside == late.sum() > 0
    assert with_late.clusters.equals(without.clusters)
    assert with_late.end == end


def test_venues_known_from_later_events_alone_are_no_centres() -> None:
    """A prospective scan of a day says the same whatever happened since."""
    located = events(days=40)
    dice = np.random.default_rng(3)
    end = pd.Timestamp("2026-02-14", tz="Asia/Seoul")
    later = events(60).assign(event_id=[f"L{i}" for i in range(60)], venue_id="new")
    later["timestamp"] = end + pd.to_timedelta(dice.integers(0, 86_400, 60), unit="s")
    later = later.set_geometry(gpd.GeoSeries(points([[127.005, 37.51]] * 60).to_numpy(), crs=4326))
    located = located.loc[located["timestamp"] < end]
    then = scan(located, end=end, analysis="prospective")
    now = scan(pd.concat([located, later]), end=end, analysis="prospective")
    assert now.n_outside == 60
    assert (now.n_venues, now.n_circles) == (then.n_venues, then.n_circles)
    assert now.clusters.equals(then.clusters)


def test_the_middle_of_an_interval_is_the_time() -> None:
    located = events()
    day = pd.Timedelta("1D")
    spread = located.assign(
        timestamp=located["timestamp"] - day, timestamp_end=located["timestamp"] + day
    )
    assert scan(spread).clusters.equals(scan(located).clusters)


def test_empty_in_empty_out() -> None:
    full, empty = scan(events()), scan(events().iloc[:0])
    assert len(empty.clusters) == 0
    assert empty.clusters.dtypes.equals(full.clusters.dtypes)
    assert empty.p_value == 1.0
    assert "0 of 0 clusters" in str(empty)


def test_events_without_a_venue_are_counted() -> None:
    located = events()
    lost = located.head(3).assign(
        event_id=["X1", "X2", "X3"], venue_id=None, weight=0.0, how="no lease"
    )
    lost["geometry"] = gpd.GeoSeries([None] * 3, crs=4326)
    result = scan(pd.concat([located, lost], ignore_index=True))
    assert result.n_elsewhere == 3
    assert "3 uploads without a place left out" in str(result)
    assert result.clusters.equals(scan(located).clusters)


def test_a_split_event_counts_by_weight() -> None:
    located = events()
    twin = located.iloc[[0]].assign(venue_id="V0", weight=0.25)
    twin["geometry"] = [PLACES.iloc[0]]
    located.loc[0, "weight"] = 0.5
    result = scan(pd.concat([located, twin], ignore_index=True), strata=None)
    assert result.n_events == pytest.approx(699.75)
    assert result.clusters["observed"].iloc[0] == pytest.approx(
        scan(events(), strata=None).clusters["observed"].iloc[0] - 0.5
    )


def test_halves_at_one_spot_are_one_event() -> None:
    """Two candidate venues at one address say as much as one venue."""
    located = events()
    halves = [located.assign(weight=0.5, venue_id=located["venue_id"] + s) for s in "ab"]
    result = scan(pd.concat(halves, ignore_index=True), keep_null=True)
    whole = scan(located, keep_null=True)
    assert result.clusters["statistic"].tolist() == pytest.approx(
        whole.clusters["statistic"].tolist()
    )
    assert result.null == pytest.approx(whole.null)


def test_early_stop_keeps_the_first_draws() -> None:
    located = events(seed=5).iloc[40:]
    full = scan(located, keep_null=True, n_permutations=199)
    short = scan(located, keep_null=True, n_permutations=199, early_stop=5)
    assert short.n_permutations < full.n_permutations == 199
    assert short.null.tolist() == full.null[: short.n_permutations].tolist()
    top = full.clusters["statistic"].iloc[0]
    assert (short.null >= top * (1 - 1e-9)).sum() == 5
    assert short.null[-1] >= top * (1 - 1e-9)
    assert short.p_value == 6 / (short.n_permutations + 1)
    assert "stopped early" in str(short)


def test_null_is_kept_on_request_only() -> None:
    assert scan(events()).null is None
    kept = scan(events(), keep_null=True)
    assert len(kept.null) == 49
    assert kept.critical == pytest.approx(np.quantile(kept.null, 0.95))


def test_gumbel_p_goes_on_where_draws_end() -> None:
    clusters = scan(events()).clusters
    assert 0 < clusters["p_gumbel"].iloc[0] < clusters["p_value"].iloc[0]
    assert (clusters["p_gumbel"] <= 1).all()


def test_prospective_windows_last_until_the_end() -> None:
    end = "2026-03-08 00:00+09:00"
    result = scan(events(), analysis="prospective", end=end)
    assert (result.clusters["end"] == pd.Timestamp(end)).all()
    often = result.clusters["recurrence_interval"]
    days = 1 / result.clusters["p_value"]
    assert (often / pd.Timedelta("1D")).tolist() == pytest.approx(days.tolist())
    assert scan(events()).clusters["recurrence_interval"].isna().all()


def test_circles_stay_within_radius_and_share() -> None:
    wide = scan(events()).clusters
    tight = scan(events(), max_radius_m=500).clusters
    assert tight["radius_m"].max() <= 500
    assert (tight["n_venues"] == 1).all()
    assert (wide["n_venues"] <= 4).all()
    assert scan(events(), max_share=0.01).clusters.empty


def test_few_events_in_a_group_of_strata_are_pointed_out() -> None:
    """Venues that are busy on some weekdays each make groups of their own."""
    located = events(120)
    weekday = located["timestamp"].dt.day_of_week.to_numpy() % 4
    located["venue_id"] = [f"V{i}" for i in weekday]
    located = located.set_geometry(gpd.GeoSeries(PLACES.iloc[weekday].to_numpy(), crs=4326))
    result = scan(located)
    assert (result.n_strata, result.n_groups) == (7, 4)
    assert "few events in a group of like strata (30 on average)" in str(result.caveats)
    assert "7 (day of week), alike in 4 groups" in str(result)
    assert "few events" not in str(scan(located, strata=None).caveats)
    even = scan(events(seed=1)[40:])
    assert (even.n_strata, even.n_groups) == (7, 1)
    assert "few events" not in str(even.caveats)


def test_events_that_no_shuffle_can_move_are_told() -> None:
    located = events(60)
    week = pd.date_range("2026-01-05 20:00", periods=7, tz="Asia/Seoul")
    located["timestamp"] = week.take(np.arange(60) % 7)
    result = scan(located, max_duration="3D")
    assert (result.n_strata, result.n_fixed, result.p_value) == (7, 60, 1.0)
    assert "60 events in strata of one time bin, which no shuffle can move" in str(result)


def test_projected_distance_is_that_of_the_map() -> None:
    one = scan(events()).clusters
    two = scan(events(), distance="projected").clusters
    assert one["venues"].tolist() == two["venues"].tolist()
    assert two["radius_m"].tolist() == pytest.approx(one["radius_m"].tolist(), rel=0.01)


@pytest.mark.parametrize(
    ("unit", "duration", "words"),
    [
        ("1h", "6h", "hour of day"),
        ("1D", "7D", "day of week"),
        ("7D", "28D", "none"),
        ("30D", "60D", "none"),
    ],
)
def test_strata_follow_the_time_unit(unit: str, duration: str, words: str) -> None:
    found = scan(events(), time_unit=unit, max_duration=duration)
    assert str(found.strata) == words
    free = scan(events(), time_unit=unit, max_duration=duration, strata=None)
    assert str(free.strata) == "none"


def test_poisson_follows_the_population() -> None:
    seats = pd.Series({"V0": 30.0, "V1": 30.0, "V2": 30.0, "V3": 30.0})
    plain = scan(events(), model="poisson", population=seats, strata=None)
    best = plain.clusters.iloc[0]
    days = (best["end"] - best["start"]) / pd.Timedelta("1D")
    assert best["venues"] == "V2"
    assert best["expected"] == pytest.approx(700 * days / plain.n_bins / 4)
    larger = scan(events(), model="poisson", population=seats.mul([1, 1, 60, 1]), strata=None)
    assert larger.clusters["statistic"].iloc[0] < best["statistic"]
    assert "population" in str(plain)
    by_day = scan(events(), model="poisson", population=seats)
    assert (
        str(by_day.held_fixed)
        == "the number of all events, the population, the rates by day of week"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"max_duration": "12h"}, "max_duration"),
        ({"max_duration": "7"}, "max_duration"),
        ({"min_duration": "9D"}, "max_duration"),
        ({"max_share": 0.0}, "max_share"),
        ({"max_radius_m": -1}, "max_radius_m"),
        ({"model": "bernoulli"}, "model"),
        ({"analysis": "both"}, "analysis"),
        ({"strata": "month"}, "strata"),
        ({"strata": ["opening"]}, "opening"),
        ({"distance": "road"}, "distance"),
        ({"n_permutations": 0}, "n_permutations"),
        ({"early_stop": 0}, "early_stop"),
        ({"rng": None}, "rng"),
        ({"alpha": 5}, "alpha"),
        ({"min_events": 0}, "min_events"),
        ({"n_jobs": 0}, "n_jobs"),
        ({"model": "poisson"}, "population"),
        ({"population": pd.Series({"V0": 1.0})}, "population"),
        ({"model": "poisson", "population": pd.Series({"V0": 1.0})}, "V1"),
        ({"end": "2026-03-08"}, "end"),
        ({"start": "2027-01-01 00:00+09:00"}, "start"),
        ({"start": "2026-03-08 00:00+09:00", "end": "2026-03-01 00:00+09:00"}, "start"),
        ({"time_unit": pd.Timedelta(100, "ns"), "max_duration": "1s"}, "time_unit"),
    ],
)
def test_errors_name_what_mends_them(change: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words) as caught:
        scan(events(), **change)
    assert "hint:" in str(caught.value)


def test_two_positions_of_a_venue_are_refused() -> None:
    located = events()
    located.loc[50, "geometry"] = PLACES.iloc[0]
    located.loc[50, "venue_id"] = "V3"
    with pytest.raises(ParameterError, match="two positions of venue 'V3'"):
        scan(located)


def test_split_events_are_refused_by_poisson() -> None:
    located = events()
    located.loc[4, "weight"] = 0.4
    people = pd.Series(1.0, index=[f"V{i}" for i in range(4)])
    with pytest.raises(ParameterError, match="whole events"):
        scan(located, model="poisson", population=people)


def test_a_table_that_breaks_its_contract_is_refused() -> None:
    with pytest.raises(TableError, match="weight"):
        scan(events().assign(weight=2.0))


def test_bins_too_short_to_look_through_are_refused() -> None:
    with pytest.raises(ParameterError, match="windows to look at"):
        scan(events(days=1_400), time_unit="1min", max_duration="70D")


def test_sessions_are_counted_unless_events_are_asked_for() -> None:
    located = events()
    each = scan(located, unit="session")
    assert each.unit == "session"
    assert each.n_events < scan(located).n_events == 700
    assert each.notes == ()
    # What is a table of sessions already is taken as it is.
    assert scan(cl.sessions(located), unit="event").n_events == each.n_events
    assert "sessions" in str(each)
    note = str(scan(located).notes[0])
    assert f"700 uploads were made in {each.n_events:.0f} sessions" in note
    assert note in str(scan(located))


def test_uploads_said_several_times_over_change_nothing_of_sessions() -> None:
    once = events()
    later = once.assign(
        event_id="again " + once["event_id"], timestamp=once["timestamp"] + pd.Timedelta("1min")
    )
    both = pd.concat([once, later], ignore_index=True)
    one, two = (scan(table, unit="session").clusters for table in (once, both))
    assert one["statistic"].tolist() == two["statistic"].tolist()
    assert one["p_value"].tolist() == two["p_value"].tolist()
    assert scan(both).clusters["statistic"].iloc[0] > one["statistic"].iloc[0]


def test_windows_stand_on_the_clocks_at_the_venues_too() -> None:
    clusters = scan(events()).clusters
    assert str(clusters["start_local"].dt.tz) == "Asia/Seoul"
    assert (clusters["start_local"] == clusters["start"]).all()
    assert (clusters["end_local"] == clusters["end"]).all()
