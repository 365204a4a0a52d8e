"""Changes of place and hours, and regularity."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc import geometry
from crimeloc.errors import ParameterError
from crimeloc.stats import changepoints, regularity, rhythm
from crimeloc.stats.rhythm import rayleigh
from crimeloc.tables import LOCATED, empty


def series(days, hours, metres, name="S1"):
    start = pd.Timestamp("2026-01-05 00:00", tz="Asia/Seoul")
    moments = np.asarray(days) * 24.0 + np.asarray(hours)
    n = len(moments)
    places = np.column_stack([127 + np.asarray(metres) / 88_400, np.full(n, 37.5)])
    return gpd.GeoDataFrame(
        {
            "event_id": pd.Series([f"{name}-{i}" for i in range(n)], dtype="str"),
            "timestamp": start + pd.to_timedelta(np.round(moments * 3_600_000), unit="ms"),
            "venue_id": pd.Series([f"V{i}" for i in range(n)], dtype="str"),
            "weight": np.ones(n),
            "how": pd.Series(["given"] * n, dtype="str"),
            "series_id": pd.Series([name] * n, dtype="str"),
        },
        geometry=geometry.points(places),
    )


def test_a_move_is_found_where_it_was():
    rng = np.random.default_rng(0)
    metres = np.r_[rng.normal(0, 300, 25), rng.normal(4000, 300, 15)]
    found = changepoints(series(np.arange(40), rng.uniform(0, 24, 40), metres), rng=7)
    moves = found.changes[found.changes["kind"] == "place"]
    assert moves[["n_before", "n_after"]].values.tolist() == [[25, 15]]
    assert moves["at"].iloc[0].tz_convert("Asia/Seoul").date().isoformat() == "2026-01-30"
    assert moves["shift"].iloc[0] == pytest.approx(4000, rel=0.1)
    assert "moved by" in str(found)


def test_changed_hours_are_found_across_midnight():
    rng = np.random.default_rng(1)
    hours = np.r_[rng.normal(23.5, 0.7, 20), rng.normal(27.0, 0.7, 20)]
    found = changepoints(series(np.arange(40), hours, rng.normal(0, 500, 40)), rng=7)
    table = found.changes[found.changes["kind"] == "hours"]
    assert len(table) == 1
    assert abs(table["n_before"].iloc[0] - 20) <= 1
    assert table["shift"].iloc[0] == pytest.approx(3.5, abs=0.7)


def test_steady_series_are_rarely_cut():
    false = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        table = series(np.arange(30), rng.uniform(18, 23, 30), rng.normal(0, 800, 30))
        false += len(changepoints(table, n_permutations=99, rng=7).changes) > 0
    assert false <= 9  # two tests at 5 % each: 4 expected, 9 is the 99th percentile


def test_a_burst_is_one_visit_and_no_move():
    rng = np.random.default_rng(2)
    days = np.r_[np.arange(12), np.full(30, 12)]
    hours = np.r_[np.full(12, 20.0), 20 + np.arange(30) / 60]
    metres = np.r_[rng.normal(0, 500, 12), np.full(30, 900.0)]
    found = changepoints(series(days, hours, metres), rng=7)
    assert found.tests["n_before"].iloc[0] + found.tests["n_after"].iloc[0] == 13
    assert len(found.changes) == 0


def test_each_series_is_looked_at_alone_and_the_order_of_rows_plays_no_part():
    rng = np.random.default_rng(3)
    one = series(np.arange(24), rng.uniform(0, 24, 24), np.r_[np.zeros(12), np.full(12, 5000.0)])
    two = series(np.arange(24), rng.uniform(0, 24, 24), rng.normal(0, 300, 24), name="S2")
    both = pd.concat([one, two], ignore_index=True)
    found = changepoints(both, rng=7)
    assert found.changes.query("kind == 'place'")["series_id"].tolist() == ["S1"]
    mixed = changepoints(both.iloc[rng.permutation(48)], rng=7)
    pd.testing.assert_frame_equal(found.tests, mixed.tests)


def test_nothing_in_nothing_out_and_wrong_arguments():
    nothing = empty(LOCATED)
    some = series([0], [1], [2])
    table = changepoints(nothing, tz="Asia/Seoul", rng=7).changes
    assert table.columns.tolist() == changepoints(some, rng=7).changes.columns.tolist()
    assert len(table) == 0
    assert len(regularity(nothing, tz="Asia/Seoul", rng=7)) == 0
    for wrong in ({"alpha": 0}, {"min_visits": 1}, {"n_permutations": 0}, {"rng": None}):
        with pytest.raises(ParameterError):
            changepoints(some, **{"rng": 7, **wrong})
    for wrong in ({"level": 1}, {"n_resamples": 0}, {"rng": None}):
        with pytest.raises(ParameterError):
            regularity(some, **{"rng": 7, **wrong})
    with pytest.raises(ParameterError, match="no local time zone"):
        changepoints(nothing, rng=7)


def test_regular_hours_are_told_from_any_hours():
    rng = np.random.default_rng(4)
    steady = series(np.arange(60), rng.normal(24, 1, 60), rng.normal(0, 900, 60))
    loose = series(np.arange(60), rng.uniform(0, 24, 60), rng.normal(0, 900, 60), name="S2")
    table = regularity(pd.concat([steady, loose], ignore_index=True), rng=7)
    day = table[table["clock"] == "day"].set_index("series_id")
    assert day.loc["S1", "strength"] > 0.9
    assert day.loc["S1", "p_value"] < 1e-9
    assert day.loc["S1", "mean"][:2] in ("23", "00")
    assert day.loc["S2", "strength"] < 0.3
    assert day.loc["S2", "p_value"] > 0.01
    assert day.loc["S1", "entropy_high"] < day.loc["S2", "entropy_low"]
    for name in ("strength", "entropy"):
        assert table[name].between(table[f"{name}_low"], table[f"{name}_high"]).all()
    assert (table["p_value"] > 0).all()


def test_the_interval_of_the_entropy_holds_the_truth():
    rng = np.random.default_rng(6)
    chance = np.repeat([0.2, 0.1, 0.02], [2, 3, 15])  # of twenty hours of the day
    true = -(chance / chance.sum() * np.log(chance / chance.sum())).sum() / np.log(24)
    held = 0
    for _ in range(40):
        hours = rng.choice(20, 60, p=chance / chance.sum()) + 0.5
        days = series(np.arange(60), hours, rng.normal(0, 900, 60))
        row = regularity(days, n_resamples=199, rng=7).set_index("clock").loc["day"]
        held += row["entropy_low"] <= true <= row["entropy_high"]
    assert held >= 28  # percentiles of resamples that are not moved hold 16


def test_a_weekly_habit_shows_on_the_clock_of_the_week():
    rng = np.random.default_rng(5)
    friday = series(np.arange(30) * 7 + 4, 21 + rng.normal(0, 0.5, 30), rng.normal(0, 900, 30))
    table = regularity(friday, rng=7).set_index("clock")
    assert table.loc["week", "mean"].startswith("Fri 2")
    assert table.loc["week", "strength"] > 0.98


def test_two_favourite_hours_have_no_strength_but_little_entropy():
    hours = np.tile([9.0, 21.0], 30)
    table = regularity(series(np.arange(60), hours, np.arange(60) * 10.0), rng=7).set_index("clock")
    assert table.loc["day", "strength"] < 0.01
    assert table.loc["day", "entropy"] < 0.25


def test_rayleigh_stays_above_zero():
    assert 0 < rayleigh(1.0, 10_000) < 1e-300
    assert rayleigh(0.0, 10) <= 1


@pytest.mark.parametrize(("n", "least"), [(6, 60), (20, 70)])
def test_the_interval_of_the_strength_holds_the_truth(n, least):
    rng = np.random.default_rng(n)
    held = 0
    for _ in range(100):
        angle = rng.vonmises(0.0, 1.5, n)
        found, mean = rhythm._resultant(angle)
        low, high = rhythm._strength_interval(angle, mean, float(found), 0.9)
        assert 0 <= low <= found <= high <= 1
        held += low <= 0.596 <= high  # I1(1.5) / I0(1.5)
    assert held >= least


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_visits_have_wide_intervals(n):
    block = np.arange(n)[None] * 5
    values = np.repeat(rhythm._entropy(block, 24), 5)
    low, high = rhythm._entropy_interval(values, 0.9, float(values[0]), n, 24)
    assert 0 <= low <= values[0] <= high <= 1
    low, high = rhythm._entropy_interval(np.zeros(5), 0.9, 0.0, n, 24)
    assert (low, high) == (0.0, 1.0) if n == 1 else 0.5 < high <= 1
    low, high = rhythm._strength_interval(np.arange(n) * 1.0, 0.5, 0.9, n)
    assert (low, high) == (0.0, 1.0) if n == 1 else 0 <= low < high <= 1
