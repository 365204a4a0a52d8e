"""The ranker's doors: tables in, tables out, and plain words where it does not know."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError, TableError
from crimeloc.ranking import Ranker, rank, register
from crimeloc.tables import ELSEWHERE, SLOTS, validate

AT = "2026-01-01 00:00+09:00"
TZ = "Asia/Seoul"


def _events(venues, times, names, **more) -> gpd.GeoDataFrame:
    place = venues.set_index("venue_id").geometry
    return gpd.GeoDataFrame(
        {
            "event_id": [f"X{i}" for i in range(len(names))],
            "timestamp": pd.DatetimeIndex(times),
            "venue_id": names,
            "weight": 1.0,
            "how": "made up",
            **more,
        },
        geometry=place.loc[names].to_numpy() if len(names) else [],
        crs=4326,
    )


def test_slots_keep_the_contract_and_sum_to_one(ranking):
    slots = validate(ranking.slots, SLOTS)
    assert len(slots) == 42 * 31  # 42 windows, 30 venues and elsewhere
    assert abs(slots["share"].sum() - 1) < 1e-9
    parts = slots.filter(like="from_").sum(axis=1)
    np.testing.assert_allclose(parts, slots["share"], rtol=0, atol=1e-12)
    assert (slots.loc[slots["venue_id"] == ELSEWHERE, "share"] > 0).all()
    assert slots["share"].is_monotonic_decreasing
    assert set(slots["series_id"]) == {"S0"}


def test_venues_and_windows_are_the_sums_of_slots(ranking):
    by_venue = ranking.slots.groupby("venue_id")["share"].sum()
    table = ranking.venues.set_index("venue_id")
    np.testing.assert_allclose(by_venue[table.index], table["share"], atol=1e-12)
    by_window = ranking.slots.groupby("window_start")["share"].sum()
    windows = ranking.windows.set_index("window_start")
    np.testing.assert_allclose(by_window[windows.index], windows["share"], atol=1e-12)
    assert ranking.windows["window_start"].is_monotonic_increasing
    assert (table["base_rate"].between(0, 1)).all()


def test_the_favourite_leads_on_its_evenings(ranking, located):
    favourite = located.loc[located["series_id"] == "S0", "venue_id"].mode()[0]
    assert ranking.venues["venue_id"].iloc[0] == favourite
    start = ranking.slots["window_start"].iloc[0].tz_convert(TZ)
    assert start.hour == 20


def test_without_series_there_is_one_and_no_column(venues, located):
    one = located[located["series_id"] == "S1"].drop(columns="series_id")
    ranking = rank(one, venues, at=AT, max_events=50)
    assert "series_id" not in ranking.slots.columns
    assert ranking.series == ("all",)
    assert not ranking.abstained


def test_a_ranker_fitted_on_solved_cases_serves_a_new_one(ranker, located):
    new = located[located["series_id"] == "S2"].assign(series_id="new")
    ranking = ranker.rank(new, at=AT)
    assert ranking.series == ("new",)
    old = ranker.rank(located, at=AT, series="S2")
    assert ranking.venues["venue_id"].iloc[0] == old.venues["venue_id"].iloc[0]


def test_many_series_stand_one_after_another(ranker, located):
    ranking = ranker.rank(located, at=AT)
    sums = ranking.slots.groupby("series_id")["share"].sum()
    assert len(sums) == 6
    np.testing.assert_allclose(sums, 1, atol=1e-9)
    sizes = located.groupby("series_id")["event_id"].nunique()
    unnamed = ranking.explain("V00")  # of several, the one with the most uploads, and it says so
    assert sizes[unnamed.series] == sizes.max()
    assert str(unnamed.sentence).startswith(f"{unnamed.series}: V00")
    with pytest.raises(ParameterError, match="nobody"):
        ranking.explain("V00", series="nobody")
    with pytest.raises(ParameterError, match="S0"):
        ranker.rank(located, at=AT, series="nobody")


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_events_give_wide_sets_and_a_reason(ranker, venues, n):
    times = pd.date_range("2025-12-20 20:00", periods=n, freq="1D", tz=TZ)
    few = _events(venues, times, ["V03", "V04", "V03"][:n], tz=TZ)
    ranking = ranker.rank(few, at=AT)
    assert abs(ranking.slots["share"].sum() - 1) < 1e-9
    name = ranking.series[0]
    assert f"Only {n} located upload" in str(ranking.abstained[name])
    assert f"{n}건뿐" in ranking.abstained[name].text("ko")
    assert len(ranking.credible_set(0.8, by="venues")) > 3
    assert str(ranking)


def test_odd_histories_are_answered(ranker, venues):
    evening = pd.Timestamp("2025-12-01 20:00", tz=TZ)
    hours = pd.DatetimeIndex([evening + pd.Timedelta(minutes=4 * i) for i in range(12)])
    within_an_hour = _events(venues, hours, ["V01", "V02"] * 6, tz=TZ)
    one_venue = _events(
        venues, pd.date_range(evening, periods=20, freq="1D") - pd.Timedelta("20D"), ["V05"] * 20
    )
    gap = pd.DatetimeIndex([evening - pd.Timedelta(days=d) for d in (400, 399, 398, 397, 2, 1)])
    a_year = _events(venues, gap, ["V01", "V02", "V01", "V01", "V07", "V07"])
    for table in (within_an_hour, one_venue, a_year):
        ranking = ranker.rank(table.assign(tz=TZ), at=AT)
        assert abs(ranking.slots["share"].sum() - 1) < 1e-9
        assert np.isfinite(ranking.slots["expected"]).all()
        assert len(ranking.credible_set(0.8)) >= 1
    assert ranker.rank(one_venue.assign(tz=TZ), at=AT).venues["venue_id"].iloc[0] == "V05"


def test_across_a_change_of_the_clocks(venues, located):
    summer = located.assign(tz="America/New_York")
    ranking = rank(
        summer, venues, at="2025-10-30 00:00-04:00", horizon="7D", holidays="US", max_events=50
    )
    assert abs(ranking.slots["share"].sum() - 1) < 1e-9
    ranking = rank(
        summer, venues, at="2026-03-06 00:00-05:00", holidays="US", max_events=50, series="S0"
    )
    assert ranking.windows["window_start"].diff().dropna().min() == pd.Timedelta("3h")


def test_closed_venues_get_nothing(located, venues):
    favourite = located.loc[located["series_id"] == "S0", "venue_id"].mode()[0]
    shut = venues.assign(
        opened=pd.Series(pd.NaT, index=venues.index).dt.tz_localize("UTC"),
        closed=pd.Series(pd.NaT, index=venues.index).dt.tz_localize("UTC"),
        opening_hours="12:00-20:00",
    )
    shut.loc[shut["venue_id"] == favourite, "closed"] = pd.Timestamp("2025-12-31", tz="UTC")
    ranking = Ranker(max_events=100).fit(located, shut, at=AT).rank(at=AT, series="S0")
    slots = ranking.slots
    assert slots.loc[slots["venue_id"] == favourite, "share"].sum() == 0
    night = slots["window_start"].dt.tz_convert(TZ).dt.hour < 8
    real = slots["venue_id"] != ELSEWHERE
    assert slots.loc[night & real, "share"].sum() == 0
    assert abs(slots["share"].sum() - 1) < 1e-9


def test_uploads_nowhere_speak_for_elsewhere(ranker, venues, located):
    one = located[located["series_id"] == "S0"]
    lost = one.copy()
    gone = np.arange(len(lost)) % 2 == 0
    lost.loc[gone, "weight"] = 0.0
    lost.loc[gone, "venue_id"] = None
    lost.loc[gone, "geometry"] = None
    with_lost = ranker.rank(lost, at=AT).venues.set_index("venue_id")["share"]
    without = ranker.rank(one, at=AT).venues.set_index("venue_id")["share"]
    assert with_lost[ELSEWHERE] > 0.3 > 0.1 > without[ELSEWHERE]


def test_half_weights_count_half(ranker, located):
    one = located[located["series_id"] == "S0"]
    twice = pd.concat([one.assign(weight=0.5), one.assign(weight=0.5, venue_id="V29")])
    split = ranker.rank(twice, at=AT).venues.set_index("venue_id")["share"]
    favourite = one["venue_id"].mode()[0]
    assert split["V29"] > split[favourite] > 0.1
    doubted = ranker.rank(one.assign(series_weight=0.1), at=AT)
    assert doubted.abstained["S0"].code == "doubt.few"


def test_added_expert_in_ten_lines(located, venues):
    @register("always_v29", "the last venue of the table")
    def always(moments):
        p = np.zeros((len(moments.t), moments.n_venues))
        if len(moments.past_t):
            p[:, moments.n_venues - 1] = 1.0
        return p

    ranker = Ranker(experts=["always_v29"], max_events=100).fit(located, venues, at=AT)
    slots = ranker.rank(at=AT, series="S0").slots
    mine = slots.loc[slots["venue_id"] == "V29", "from_always_v29"].sum()
    assert 0.05 < mine <= 0.1
    parts = slots.filter(like="from_").sum(axis=1)
    np.testing.assert_allclose(parts, slots["share"], atol=1e-12)
    told = ranker.predict_next(located, located.tail(3))
    assert (told["p_true"] > 0).all()
    with pytest.raises(ParameterError, match="registered"):
        Ranker(experts=["nobody"])
    with pytest.raises(ParameterError, match="free Python name"):
        register("habit")


def test_predict_next_answers_each_row(ranker, located):
    asked = located[located["timestamp"] >= pd.Timestamp("2025-12-25", tz=TZ)].head(6)
    told = ranker.predict_next(located, asked)
    assert told["event_id"].tolist() == asked["event_id"].tolist()
    assert told["rank_true"].between(1, 30).all()
    assert told["p_true"].between(0, 1, inclusive="right").all()
    assert [len(one) for one in told["top"]] == [20] * 6
    blind = ranker.predict_next(located, asked, given_window=False)
    assert np.log(blind["p_true"]).mean() < np.log(told["p_true"]).mean()
    assert blind["p_true"].between(0, 1, inclusive="right").all()


def test_refusals_say_what_mends(ranker, located, venues):
    with pytest.raises(ParameterError, match="fit"):
        Ranker().rank(at=AT)
    with pytest.raises(ParameterError, match="window"):
        Ranker("5h").fit(located, venues, at=AT).rank(at=AT).slots  # noqa: B018
    with pytest.raises(TableError, match="weight"):
        ranker.rank(located.drop(columns="weight"), at=AT)
    with pytest.raises(ParameterError, match="zone"):
        ranker.rank(located, at="2026-01-01 00:00")
    with pytest.raises(ParameterError, match="max_events"):
        Ranker(max_events=0)


def test_arrays_hold_what_the_slots_hold(ranker, located):
    ranking = ranker.rank(located, at=AT)
    for series, arrays in ranker.grids(located, at=AT):
        table = ranking.slots[ranking.slots["series_id"] == series]
        wide = table.pivot_table(index="venue_id", columns="window_start", values="probability")
        wide = wide.reindex(arrays.venue_id).fillna(0.0).to_numpy()
        np.testing.assert_allclose(arrays.probability, wide, atol=1e-12)
        assert abs(arrays.share.sum() - 1) < 1e-9


def test_the_order_of_the_venues_is_irrelevant(located, venues):
    from crimeloc.ranking import rank

    turned = venues.iloc[::-1].reset_index(drop=True)
    one = rank(located, venues, at=AT).venues.sort_values(["series_id", "venue_id"])
    two = rank(located, turned, at=AT).venues.sort_values(["series_id", "venue_id"])
    assert one["venue_id"].tolist() == two["venue_id"].tolist()
    np.testing.assert_array_equal(one["probability"].to_numpy(), two["probability"].to_numpy())


def test_a_later_row_cannot_change_how_the_past_is_read(located, venues):
    from crimeloc.ranking import rank

    plain = located.drop(columns="series_id")
    late = located["timestamp"] >= pd.Timestamp(AT)
    later_named = plain.assign(series_id=located["series_id"].where(late))
    with_future = rank(later_named, venues, at=AT).venues
    past_alone = rank(plain[~late], venues, at=AT).venues
    pd.testing.assert_frame_equal(with_future, past_alone)


def test_it_is_cloned_and_asked_as_scikit_learn_does(ranker):
    from sklearn.base import clone

    fresh = clone(Ranker("2h", holidays=None, max_events=7, experts=[]))
    assert fresh.get_params() == {
        "window": "2h",
        "tz": None,
        "holidays": None,
        "experts": [],
        "max_events": 7,
        "rng": 0,
    }
    assert not hasattr(clone(ranker), "learned_")
    assert fresh.set_params(window="1h").window == "1h"
    with pytest.raises(ParameterError, match="no parameter"):
        fresh.set_params(windows="1h")


def test_a_ranker_and_its_ranking_can_be_pickled(ranker, ranking, located):
    import pickle

    again = pickle.loads(pickle.dumps(ranking))
    pd.testing.assert_frame_equal(again.slots, ranking.slots)
    assert again.abstained == ranking.abstained
    anew = pickle.loads(pickle.dumps(ranker)).rank(located, at=AT, series="S0")
    pd.testing.assert_frame_equal(anew.slots, ranking.slots)


def test_tables_name_the_venues_and_tell_the_time_on_their_clocks(ranking, venues):
    names = venues.set_index("venue_id")["name"]
    for table in (ranking.slots, ranking.venues):
        known = table[table["venue_id"] != ELSEWHERE]
        assert known["name"].tolist() == names[known["venue_id"]].tolist()
    for table in (ranking.slots, ranking.windows):
        assert (table["local_start"] == table["window_start"]).all()
        assert str(table["local_start"].dt.tz) == TZ


def test_a_venue_outside_the_register_counts_as_elsewhere_and_is_said(ranker, venues, located):
    one = located[located["series_id"] == "S0"].reset_index(drop=True)
    away = one.copy()
    away.loc[away.index[::2], "venue_id"] = "unknown"
    lost = one.copy()
    lost.loc[lost.index[::2], "venue_id"] = ELSEWHERE
    ranking = ranker.rank(away, at=AT)
    pd.testing.assert_frame_equal(ranking.slots, ranker.rank(lost, at=AT).slots)
    before = (one["timestamp"] < pd.Timestamp(AT)).to_numpy()
    (note,) = ranking.notes
    assert note.params["n"] == before[::2].sum()
    assert str(note) in str(ranking)
    assert note.text("ko") in ranking.text("ko")
