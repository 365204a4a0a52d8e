"""All rooms agree when an upload was, and what a venue outside the register means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crimeloc as cl
from crimeloc.evaluation import Baseline, backtest
from crimeloc.evaluation.baselines import RULES
from crimeloc.plotting.heat import event_weights
from crimeloc.tables import ELSEWHERE

pytestmark = pytest.mark.slow

TZ = "Asia/Seoul"
VENUES = [f"V{k}" for k in range(8)]
AT = "2026-03-30 00:00+09:00"


def register(names: list[str]) -> gpd.GeoDataFrame:
    number = np.array([int(name[1:]) for name in names])
    points = gpd.points_from_xy(127 + number % 3 / 200, 37.5 + number // 3 / 200)
    return gpd.GeoDataFrame({"venue_id": names}, geometry=points, crs=4326)


def log(seed: int, n: int = 60) -> gpd.GeoDataFrame:
    """Uploads of two series at whole hours of four weeks, at one to three candidate venues."""
    rng = np.random.default_rng(seed)
    hours = np.sort(rng.choice(27 * 24, n, replace=False))
    rows = []
    for k, hour in enumerate(hours):
        first = int(rng.choice(8, p=[0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05]))
        size = int(rng.integers(1, 4))
        shares = np.array([[1.0], [0.75, 0.25], [0.5, 0.25, 0.125]][size - 1])
        for place, share in enumerate(shares):
            rows.append((f"E{k:02}", hour, VENUES[(first + place) % 8], share, f"S{k % 2}"))
    frame = pd.DataFrame(rows, columns=["event_id", "hour", "venue_id", "weight", "series_id"])
    begin = pd.Timestamp("2026-03-02", tz=TZ)
    frame["timestamp"] = (begin + pd.to_timedelta(frame.pop("hour"), unit="h")).dt.as_unit("us")
    frame["how"], frame["tz"] = "lease", TZ
    place = register(VENUES).set_index("venue_id").geometry
    points = gpd.GeoSeries(place.reindex(frame["venue_id"]).to_numpy(), crs=4326)
    return gpd.GeoDataFrame(frame, geometry=points)


def days_alone(located: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same uploads, of which the day alone is known."""
    day = located["timestamp"].dt.normalize()
    return located.assign(timestamp=day, timestamp_end=day + pd.Timedelta("24h"))


def at_noon(located: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    noon = located["timestamp"].dt.normalize() + pd.Timedelta("12h")
    return located.assign(timestamp=noon)


def knox(t: gpd.GeoDataFrame) -> Any:
    found = cl.knox_test(t, radius_m=900, gap="30h", rng=7, n_permutations=19)
    return [found.observed, found.expected, found.p_value]


def near_repeat(t: gpd.GeoDataFrame) -> Any:
    edges = ([0, 1, 600, 1200], ["0D", "1D", "7D"])
    return cl.near_repeat_table(t, *edges, rng=7, n_permutations=19).observed


def scan(t: gpd.GeoDataFrame) -> Any:
    found = cl.scan_test(t, max_radius_m=900, max_duration="5D", rng=7, n_permutations=19)
    return found.clusters.drop(columns="geometry", errors="ignore")


def clusters(t: gpd.GeoDataFrame) -> Any:
    return cl.cluster_events(t, radius_m=600, gap="36h", min_events=3)["cluster_id"].tolist()


def changes(t: gpd.GeoDataFrame) -> Any:
    return cl.changepoints(t, rng=7, n_permutations=19).tests


def heat(t: gpd.GeoDataFrame) -> Any:
    return event_weights(t, AT, "10D")


def sessions(t: gpd.GeoDataFrame) -> Any:
    return cl.sessions(t)[["event_id", "venue_id", "weight", "n_events"]]


def next_venue(t: gpd.GeoDataFrame) -> Any:
    ends = {"start": "2026-03-16 00:00+09:00", "end": AT, "protocol": "next"}
    found = backtest(Baseline("frequency"), t, register(VENUES), tz=TZ, **ends)
    return found.scores().loc[list(RULES)[:4]]


ROOMS: dict[str, Callable[[gpd.GeoDataFrame], Any]] = {
    "Knox": knox,
    "near repeat": near_repeat,
    "scan": scan,
    "clustering": clusters,
    "changepoints": changes,
    "heat": heat,
    "sessions": sessions,
    "backtest": next_venue,
}


def same(one: Any, other: Any) -> None:
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other), rtol=1e-9)
    else:
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-9)


@pytest.mark.parametrize("room", ROOMS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=4)
def test_a_day_without_an_hour_stands_at_noon_in_every_room(room: str, seed: int) -> None:
    located = log(seed)
    same(ROOMS[room](days_alone(located)), ROOMS[room](at_noon(located)))


@pytest.mark.parametrize("room", ROOMS)
@given(
    seed=st.integers(0, 10_000), unit=st.sampled_from(["s", "us", "ns"]),
    zone=st.sampled_from([TZ, "UTC"]), kind=st.sampled_from(["instants", "intervals", "days"]),
)  # fmt: skip
@settings(max_examples=6)
def test_units_and_zones_of_times_play_no_part(
    room: str, seed: int, unit: str, zone: str, kind: str
) -> None:
    located = log(seed)
    if kind == "days":
        located = days_alone(located)
    elif kind == "intervals":
        located = located.assign(timestamp_end=located["timestamp"] + pd.Timedelta("90min"))
    other = located.copy()
    for name in ("timestamp", "timestamp_end"):
        if name in other.columns:
            other[name] = located[name].dt.as_unit(unit).dt.tz_convert(zone)
    same(ROOMS[room](located), ROOMS[room](other))


def rank_counts(t: gpd.GeoDataFrame, venues: gpd.GeoDataFrame) -> Any:
    ranker = cl.Ranker(max_events=60, holidays=None).fit(t, venues, at=AT)
    return ranker.rank(at=AT, horizon="3D").slots["expected"]


def baseline_counts(t: gpd.GeoDataFrame, venues: gpd.GeoDataFrame) -> Any:
    return Baseline("frequency", tz=TZ).fit(t, venues).rank(at=AT, horizon="3D").slots["expected"]


def scan_counts(t: gpd.GeoDataFrame, venues: gpd.GeoDataFrame) -> Any:
    found = cl.scan_test(
        t, venues=venues, max_radius_m=900, max_duration="5D", rng=7, n_permutations=19,

    )  # fmt: skip
    return [found.n_events, found.n_elsewhere, *found.clusters["observed"]]


def profile_counts(t: gpd.GeoDataFrame, venues: gpd.GeoDataFrame) -> Any:
    return cl.profile_anchor(t, venues, cells=12, series="S0").score


def backtest_counts(t: gpd.GeoDataFrame, venues: gpd.GeoDataFrame) -> Any:
    rows = backtest(
        Baseline("frequency"), t, venues, start="2026-03-16 00:00+09:00", end=AT, tz=TZ,
        baselines=False,
    ).records  # fmt: skip
    return rows[["n", "log", "brier"]]


REGISTERED: dict[str, Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], Any]] = {
    "rank": rank_counts,
    "baselines": baseline_counts,
    "scan": scan_counts,
    "profile": profile_counts,
    "backtest": backtest_counts,
}


@pytest.mark.parametrize("room", REGISTERED)
@given(seed=st.integers(0, 10_000), size=st.integers(3, 6))
@settings(max_examples=3)
def test_a_venue_outside_the_register_is_elsewhere_in_every_room(
    room: str, seed: int, size: int
) -> None:
    located, venues = log(seed), register(VENUES[:size])
    outside = ~located["venue_id"].isin(venues["venue_id"])
    named = located.assign(venue_id=located["venue_id"].mask(outside, ELSEWHERE))
    named = named.drop_duplicates(["event_id", "venue_id"])  # elsewhere is one place
    same(REGISTERED[room](located, venues), REGISTERED[room](named, venues))


@given(seed=st.integers(0, 10_000), size=st.integers(1, 6))
@settings(max_examples=10)
def test_rooms_say_the_same_number_of_uploads_outside(seed: int, size: int) -> None:
    located, venues = log(seed), register(VENUES[:size])
    mine = located[located["series_id"] == "S0"]
    out = mine[~mine["venue_id"].isin(venues["venue_id"])]
    sentence = f"(weight {out['weight'].sum():,.1f}".rstrip("0").rstrip(".")
    if mine["venue_id"].isin(venues["venue_id"]).any():
        assert sentence in str(cl.profile_anchor(mine, venues, cells=5))
    ends = {"start": "2026-03-01 00:00+09:00", "end": AT, "tz": TZ, "protocol": "next"}
    scanned = cl.scan_test(mine, venues=venues, max_duration="5D", rng=7, n_permutations=9)
    assert any(sentence in str(note) for note in scanned.notes)
    notes = backtest(Baseline("frequency"), mine, venues, baselines=False, **ends).notes
    assert any(sentence in str(note) for note in notes)


class FlatHours:
    """A rule that knows nothing of hours: venues by frequency, every window of a day alike."""

    name = "flat"
    window = "4h"

    def fit(self, located: pd.DataFrame, venues: pd.DataFrame, *, at: Any = None) -> FlatHours:
        self.rule = Baseline("frequency", tz=TZ).fit(located, venues, at=at)
        return self

    def rank(self, located: pd.DataFrame, *, at: Any, horizon: str) -> Any:
        ranking = self.rule.rank(located, at=at, horizon=horizon)
        slots = ranking.slots
        whole = slots.groupby("venue_id")[["share", "expected"]].transform("mean")
        slots["share"], slots["expected"] = whole["share"], whole["expected"]
        slots["probability"] = -np.expm1(-slots["expected"])
        return ranking


@given(seed=st.integers(0, 10_000))
@settings(max_examples=5)
def test_hiding_hours_changes_nothing_for_a_rule_that_knows_none(seed: int) -> None:
    located, venues = log(seed), register(VENUES)
    ends = {"start": "2026-03-16 00:00+09:00", "end": AT, "tz": TZ, "baselines": False}
    known, hidden = (
        backtest(FlatHours(), table, venues, **ends).records
        for table in (located, days_alone(located))
    )
    columns = ["n", "log", "hit_1", "hit_5", "cost"]
    pd.testing.assert_frame_equal(known[columns], hidden[columns], rtol=1e-9)


def test_counting_rules_gain_nothing_from_hidden_hours() -> None:
    located = log(3, 200)
    evening = located["timestamp"].dt.normalize() + pd.Timedelta("20h")
    located = located.assign(timestamp=evening)  # every upload between 20 and 24 h
    ends = {"start": "2026-03-16 00:00+09:00", "end": AT, "tz": TZ}
    known, hidden = (
        backtest(Baseline("frequency"), table, register(VENUES), **ends).scores()
        for table in (located, days_alone(located))
    )
    for score in ("log_score", "capture@10"):
        assert (hidden[score] < known[score]).all()
