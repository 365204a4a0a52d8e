"""What always holds of a backtest and of the scores."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.evaluation import (
    Baseline,
    backtest,
    capture,
    hit_rate,
    most_capturable,
    rank_of,
    reliability_table,
)
from crimeloc.evaluation.baselines import RULES

pytestmark = pytest.mark.slow

START = "2026-02-02 00:00+09:00"
START_US = int(pd.Timestamp(START).value // 1000)


@st.composite
def tables(draw: Any) -> tuple[Any, Any]:
    """Up to three series over five venues and eight weeks; some events with two candidates."""
    seed = draw(st.integers(0, 2**32 - 1))
    n = draw(st.integers(12, 40))
    rng = np.random.default_rng(seed)
    places = rng.uniform([126.9, 37.4], [127.1, 37.6], (5, 2))
    venues = gpd.GeoDataFrame(
        {"venue_id": list("ABCDE")}, geometry=gpd.points_from_xy(*places.T), crs=4326
    )
    minutes = rng.integers(0, 8 * 7 * 1440, n)
    first = pd.Timestamp("2026-01-05 00:00+09:00").tz_convert("Asia/Seoul")
    base = pd.DataFrame(
        {
            "event_id": [f"E{i:02d}" for i in range(n)],
            "series_id": rng.choice(["S1", "S2", "S3"], n),
            "timestamp": first + pd.to_timedelta(minutes, unit="min"),
            "weight": 1.0,
            "how": "register",
        }
    )
    codes = rng.integers(0, 5, n)
    unsure = rng.random(n) < 0.3
    one = base.assign(code=codes, weight=np.where(unsure, 0.6, 1.0))
    two = base.assign(code=(codes + 1) % 5, weight=0.3)[unsure]
    table = pd.concat([one, two], ignore_index=True)
    code = table.pop("code").to_numpy()
    table["venue_id"] = np.array(list("ABCDE"))[code]
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*places[code].T), crs=4326), venues


def _same(one: Any, two: Any) -> None:
    pd.testing.assert_frame_equal(one.records, two.records, rtol=1e-9)
    pd.testing.assert_frame_equal(one.scores(), two.scores(), rtol=1e-9)


@given(tables(), st.sampled_from(RULES), st.integers(0, 99))
@settings(max_examples=8)
def test_a_scrambled_future_changes_no_forecast(data: Any, rule: str, seed: int) -> None:
    located, venues = data
    rng = np.random.default_rng(seed)
    cut = pd.Timestamp("2026-02-09 00:00+09:00")
    more = {"end": cut, "baselines": False, "slot_budgets": (5, 40)}
    later = (located["timestamp"] >= cut).to_numpy()
    scrambled = located.copy()
    scrambled.loc[later, "venue_id"] = rng.permutation(located.loc[later, "venue_id"])
    event = pd.factorize(located.loc[later, "event_id"])[0]
    moved = rng.integers(0, 10_000, later.sum())[event]  # all candidates of an event at one time
    scrambled.loc[later, "timestamp"] += pd.to_timedelta(moved, unit="min")
    scrambled = scrambled.drop_duplicates(["event_id", "venue_id"])
    for protocol in ("next", "horizon"):
        one, two = (
            backtest(Baseline(rule), table, venues, start=START, protocol=protocol, **more)
            for table in (located, scrambled)
        )
        _same(one, two)


@given(tables(), st.integers(0, 99))
@settings(max_examples=4)
def test_row_order_zone_unit_and_calendar_week_play_no_part(data: Any, seed: int) -> None:
    located, venues = data
    order = np.random.default_rng(seed).permutation(len(located))
    utc = located.assign(timestamp=located["timestamp"].dt.tz_convert("UTC"))
    for protocol in ("next", "horizon"):
        asked: dict[str, Any] = {"protocol": protocol, "given_window": True, "tz": "Asia/Seoul"}
        asked |= {"every": "14D", "baselines": False}
        one = backtest(Baseline("hour_of_week"), located, venues, start=START, **asked)
        shuffled = located.iloc[order]
        _same(one, backtest(Baseline("hour_of_week"), shuffled, venues, start=START, **asked))
        for unit in ("s", "ns"):
            other = utc.assign(timestamp=utc["timestamp"].dt.as_unit(unit))
            two = backtest(Baseline("hour_of_week"), other, venues, start=START, **asked)
            pd.testing.assert_frame_equal(one.scores(), two.scores(), rtol=1e-9)
        week = located.assign(timestamp=located["timestamp"] + pd.Timedelta("7D"))
        start = pd.Timestamp(START) + pd.Timedelta("7D")
        two = backtest(Baseline("hour_of_week"), week, venues, start=start, **asked)
        pd.testing.assert_frame_equal(one.scores(), two.scores(), rtol=1e-9)


@given(tables(), st.sampled_from(RULES))
@settings(max_examples=15)
def test_shares_sum_to_one_and_scores_stay_in_range(data: Any, rule: str) -> None:
    located, venues = data
    slots = Baseline(rule).fit(located, venues).rank(at=START).slots
    assert np.allclose(slots.groupby("series_id")["share"].sum(), 1.0, atol=1e-9)
    assert ((slots["probability"] >= 0) & (slots["probability"] < 1)).all()
    scores = backtest(Baseline(rule), located, venues, start=START, baselines=False).scores()
    shares = [name for name in scores if name.startswith(("hit@", "capture@", "pei@"))]
    assert ((scores[shares] >= 0) & (scores[shares] <= 1 + 1e-9)).all(axis=None)
    assert scores["log_score"].iloc[0] <= 0


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(0, 99))
@settings(max_examples=100)
def test_ranks_sum_like_ranks_and_capture_grows(scores: list[int], seed: int) -> None:
    values = np.array(scores, dtype=float)
    n = len(values)
    ranks = [rank_of(values, place) for place in range(n)]
    assert sum(ranks) == n * (n + 1) / 2
    hits = hit_rate(ranks, k=(1, 3, 10))
    assert hits[1] <= hits[3] <= hits[10]
    truth = np.random.default_rng(seed).integers(0, 3, n)
    lengths = tuple(range(1, n + 1))
    got, most = capture(values, truth, lengths), most_capturable(truth, lengths)
    assert all(got[k] <= most[k] + 1e-9 for k in lengths)
    assert np.isclose(got[n], truth.sum())
    order = np.random.default_rng(seed + 1).permutation(n)
    again = capture(values[order], truth[order], lengths)
    assert np.allclose(list(got.values()), list(again.values()))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
@settings(max_examples=100)
def test_a_reliability_table_loses_no_forecast(pairs: list[tuple[float, bool]]) -> None:
    said, happened = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    table = reliability_table(said, happened)
    assert table["n"].sum() == len(pairs)
    assert np.isclose((table["n"] * table["happened"]).sum(), happened.sum())
    assert (table["forecast"] <= table["to"] + 1e-12).all()
    assert (table["forecast"] >= table["from"] - 1e-12).all()
    assert (table["low"] <= table["happened"] + 1e-12).all()
    assert (table["high"] >= table["happened"] - 1e-12).all()
