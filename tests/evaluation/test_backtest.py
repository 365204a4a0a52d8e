"""The backtest: protocols, faces, cuts, truth, notes, and how it prints."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import crimeloc.evaluation.baselines as baselines_module
from crimeloc.errors import ParameterError, TableError
from crimeloc.evaluation import Baseline, backtest
from crimeloc.evaluation.backtest import last_share

START = "2026-02-02 00:00+09:00"


def city(seed: int = 5, n_series: int = 3, n_events: int = 60) -> tuple[Any, Any]:
    """Series that visit two venues of their own, the first in three of four cases."""
    rng = np.random.default_rng(seed)
    n_venues = 12
    places = rng.uniform([126.9, 37.4], [127.1, 37.6], (n_venues, 2))
    venues = gpd.GeoDataFrame(
        {"venue_id": [f"V{i:02d}" for i in range(n_venues)]},
        geometry=gpd.points_from_xy(*places.T),
        crs=4326,
    )
    rows = []
    for series in range(n_series):
        days = np.sort(rng.choice(84 * 6, n_events, replace=False))
        for number, slot in enumerate(days):
            venue = 2 * series + (rng.random() < 0.25)
            minutes = int(slot // 6) * 1440 + int(slot % 6) * 240 + int(rng.integers(240))
            rows.append((f"S{series}", f"S{series}-{number:03d}", venue, minutes))
    table = pd.DataFrame(rows, columns=["series_id", "event_id", "venue", "minutes"])
    first = pd.Timestamp("2026-01-05 00:00+09:00").tz_convert("Asia/Seoul")
    located = gpd.GeoDataFrame(
        {
            "event_id": table["event_id"],
            "series_id": table["series_id"],
            "timestamp": first + pd.to_timedelta(table["minutes"], unit="min"),
            "venue_id": venues["venue_id"].to_numpy()[table["venue"]],
            "weight": 1.0,
            "how": "register",
        },
        geometry=gpd.points_from_xy(*places[table["venue"]].T),
        crs=4326,
    )
    return located, venues


class Plain:
    """A ranker with the two faces alone: each venue by its past visits, all windows alike."""

    window = "4h"

    def __init__(self) -> None:
        self.asked: list[tuple[pd.Timestamp, pd.Timestamp]] = []
        self.fits: list[pd.Timestamp] = []

    def fit(self, located: pd.DataFrame, venues: pd.DataFrame, *, at: Any = None) -> Plain:
        self.venues = venues
        self.fits.append(located["timestamp"].max())
        return self

    def rank(self, located: pd.DataFrame | None = None, *, at: Any, horizon: str = "7D") -> Any:
        assert located is not None
        assert (located["series_id"] == located["series_id"].iloc[0]).all()
        self.asked.append((located["timestamp"].max(), pd.Timestamp(at)))
        rule = Baseline("frequency", tz="Asia/Seoul").fit(located, self.venues)
        return rule.rank(at=at, horizon=horizon)


class Peeking(Plain):
    """A ranker that reads the whole table to predict each of its events."""

    def predict_next(
        self, located: pd.DataFrame, events: pd.DataFrame, *, given_window: bool = False
    ) -> pd.DataFrame:
        share = located["venue_id"].value_counts(normalize=True)
        return pd.DataFrame(
            {
                "event_id": events["event_id"],
                "rank_true": 1.0,
                "p_true": events["venue_id"].map(share).to_numpy(),
                "p_top": [share.to_numpy()[:5]] * len(events),
                "top": [share.index.tolist()[:5]] * len(events),
            }
        )


def test_baselines_stand_beside_every_result() -> None:
    located, venues = city()
    for protocol in ("next", "horizon"):
        scores = backtest(Plain(), located, venues, start=START, protocol=protocol).scores()
        assert scores.index.tolist() == ["Plain", *baselines_module.RULES]
        assert (scores["n"] == scores["n"].iloc[0]).all()


@pytest.mark.slow
def test_the_slow_road_gives_what_the_quick_road_gives() -> None:
    located, venues = city()
    for given in (False, True):
        outcome = backtest(
            Plain(),
            located[located["series_id"] != "S0"],
            venues,
            start=START,
            protocol="next",
            given_window=given,
            baselines=[Baseline("frequency")],
            every="1D",
        )
        scores = outcome.scores()
        # Plain knows no other series' popularity: the order of the two regular venues is the same.
        assert scores.loc["Plain", "hit@1"] == scores.loc["frequency", "hit@1"]
        assert scores.loc["Plain", "hit@1"] > 0.6


def test_a_baseline_through_slots_equals_a_baseline_through_arrays() -> None:
    located, venues = city()

    class Slots:
        window = "4h"

        def fit(self, located: pd.DataFrame, venues: pd.DataFrame, *, at: Any = None) -> Slots:
            self.rule = Baseline("hour_of_week").fit(located, venues, at=at)
            return self

        def rank(self, located: pd.DataFrame | None = None, *, at: Any, horizon: str) -> Any:
            return self.rule.rank(located, at=at, horizon=horizon)

    outcome = backtest(
        Slots(),
        located,
        venues,
        start=START,
        refit="origin",
        baselines=[Baseline("hour_of_week")],
    )
    scores = outcome.scores()
    assert np.allclose(scores.loc["Slots"], scores.loc["hour_of_week"], equal_nan=True)
    assert np.allclose(outcome.bins["Slots"], outcome.bins["hour_of_week"])


def test_nothing_after_the_origin_is_handed_over() -> None:
    located, venues = city()
    for refit in ("start", "origin"):
        spy = Plain()
        spy.__deepcopy__ = lambda _memo, spy=spy: spy  # type: ignore[attr-defined]
        backtest(spy, located, venues, start=START, refit=refit, baselines=False)
        assert spy.asked
        assert all(last < at for last, at in spy.asked)
        assert all(last < pd.Timestamp("2026-03-30 00:00+09:00") for last in spy.fits)
        assert spy.fits[0] < pd.Timestamp(START)
        assert len(spy.fits) == (1 if refit == "start" else 7)


def test_a_ranker_that_reads_the_future_is_caught() -> None:
    located, venues = city()
    with pytest.raises(ParameterError, match="earlier events only"):
        backtest(Peeking(), located, venues, start=START, protocol="next")


def test_the_ranker_handed_in_is_not_changed() -> None:
    located, venues = city()
    ranker = Plain()
    backtest(ranker, located, venues, start=START)
    assert ranker.fits == []
    fitted = Plain().fit(located, venues)
    backtest(fitted, located, venues, start=START, refit="never", baselines=False)
    assert len(fitted.fits) == 1


def test_weights_of_candidates_are_scored_as_fractions() -> None:
    located, venues = city(n_series=1)
    half = located.assign(weight=0.5)
    outcome = backtest(Baseline(), half, venues, start=START, protocol="next")
    sure = backtest(Baseline(), located, venues, start=START, protocol="next")
    assert outcome.scores()["n"].iloc[0] == sure.scores()["n"].iloc[0] / 2
    assert any("elsewhere" in str(note) for note in outcome.notes)
    split = pd.concat([half, half.assign(venue_id="V11")], ignore_index=True)
    scores = backtest(Baseline(), split, venues, start=START, protocol="next").scores()
    assert scores["n"].iloc[0] == sure.scores()["n"].iloc[0]


def test_truth_known_better_than_the_table_says() -> None:
    located, venues = city()
    blurred = pd.concat(
        [located.assign(weight=0.5), located.assign(venue_id="V11", weight=0.5)], ignore_index=True
    )
    truth = located[["event_id", "venue_id"]]
    sharp = backtest(Baseline(), located, venues, start=START, protocol="next").scores()
    seen = backtest(Baseline(), blurred, venues, start=START, protocol="next", truth=truth)
    assert seen.scores()["n"].iloc[0] == sharp["n"].iloc[0]
    # V11 looks as frequent as all else together, so the truth is second in the list, not lost.
    assert seen.scores()["hit@5"].iloc[0] >= sharp["hit@5"].iloc[0] - 0.05


def test_what_is_left_out_is_said() -> None:
    located, venues = city()
    lost = located.copy()
    lost.loc[lost.index[-10:], "weight"] = 0.0
    lost.loc[lost.index[-10:], "venue_id"] = None
    lost.loc[lost.index[20:25], "series_id"] = None
    lost.loc[lost.index[20:25], "timestamp"] += pd.Timedelta("40D")
    outcome = backtest(Baseline(), lost, venues, start=START, protocol="next")
    text = " ".join(map(str, outcome.notes))
    assert "10 uploads without a candidate venue" in text
    assert "5 uploads that belong to no series" in text


def test_last_share_holds_out_the_tail_of_each_series() -> None:
    located, venues = city()
    starts = last_share(located, 0.3)
    outcome = backtest(Baseline(), located, venues, start=starts, protocol="next")
    assert outcome.scores()["n"].iloc[0] == 3 * 18  # 60 events each, ceil(.7 * 60) = 42
    only = {"S1": starts["S1"]}
    assert (
        backtest(Baseline(), located, venues, start=only, protocol="next").scores()["n"].iloc[0]
        == 18
    )
    with pytest.raises(ParameterError, match="share"):
        last_share(located, 1.5)


def test_processes_change_nothing() -> None:
    located, venues = city()
    for protocol in ("next", "horizon"):
        one, two = (
            backtest(Baseline(), located, venues, start=START, protocol=protocol, n_jobs=n)
            for n in (1, 2)
        )
        pd.testing.assert_frame_equal(one.records, two.records)
        pd.testing.assert_frame_equal(one.scores(), two.scores())


def test_captures_grow_with_the_budget_and_know_their_hours() -> None:
    located, venues = city()
    outcome = backtest(
        Baseline("hour_of_week"), located, venues, start=START, slot_budgets=(5, 20, 80)
    )
    table = outcome.captures
    mine = table[table["method"] == "hour_of_week"]
    assert mine["officer_hours"].tolist() == [20.0, 80.0, 320.0]
    assert mine["capture"].is_monotonic_increasing
    assert (table["pei"] <= 1 + 1e-12).all()
    assert (table["pei"] >= table["capture"] - 1e-12).all()
    every = backtest(Baseline("popularity"), located, venues, start=START, slot_budgets=(12 * 42,))
    assert every.scores()["capture@504"].iloc[0] == pytest.approx(1.0)


def test_the_table_is_not_changed_and_prints() -> None:
    located, venues = city()
    before = located.copy()
    outcome = backtest(Baseline("markov"), located, venues, start=START, progress=True)
    pd.testing.assert_frame_equal(located, before)
    text = str(outcome)
    assert text.startswith("Backtest of markov: all uploads of the days ahead")
    assert "best baseline" in text
    assert "<table" in outcome._repr_html_()
    assert "backtest" in outcome._repr_html_()
    assert outcome.by_series().loc["markov"].index.tolist() == ["S0", "S1", "S2"]
    assert (
        outcome.reliability()["n"].sum()
        == outcome.records.query("method == 'markov'")["n_slots"].sum()
    )
    assert outcome.provenance.n_in == len(located)


def test_empty_tables_give_empty_scores() -> None:
    located, venues = city()
    for protocol in ("next", "horizon"):
        outcome = backtest(Baseline(), located.iloc[:0], venues, start=START, protocol=protocol)
        assert len(outcome.records) == 0
        assert "Nothing to score" in str(outcome)


def test_a_series_of_one_event_is_no_trouble() -> None:
    located, venues = city()
    alone = located.iloc[[5]].assign(series_id="alone", event_id="alone")
    both = pd.concat([located, alone], ignore_index=True)
    outcome = backtest(Baseline(), both, venues, start="2026-01-05 00:00+09:00", protocol="next")
    assert any("the first upload" in str(note) for note in outcome.notes)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"protocol": "later"}, "protocol"),
        ({"refit": "daily"}, "refit"),
        ({"n_jobs": 0}, "n_jobs"),
        ({"start": "2027-01-01 00:00+09:00"}, "start"),
        ({"start": "2026-02-02"}, "start"),
        ({"truth": pd.DataFrame({"event_id": ["x"]})}, "truth"),
    ],
)
def test_errors_name_the_argument(more: dict[str, Any], word: str) -> None:
    located, venues = city()
    with pytest.raises(ParameterError, match=rf"^{word}: found .*hint: "):
        backtest(Baseline(), located, venues, **({"start": START} | more))


def test_a_ranker_without_a_face_and_a_broken_table() -> None:
    located, venues = city()
    with pytest.raises(ParameterError, match="without fit"):
        backtest(object(), located, venues, start=START)
    with pytest.raises(TableError, match="weight"):
        backtest(Baseline(), located.drop(columns="weight"), venues, start=START)


def test_a_ranker_that_leaves_events_out_is_told_so() -> None:
    class Lazy(Plain):
        def predict_next(
            self, located: pd.DataFrame, events: pd.DataFrame, *, given_window: bool = False
        ) -> pd.DataFrame:
            columns = ["event_id", "rank_true", "p_true", "p_top", "top"]
            row = [events["event_id"].iloc[-1], 1.0, 0.5, np.array([0.5]), ["V00"]]
            return pd.DataFrame([row], columns=columns)

    located, venues = city()
    with pytest.raises(ParameterError, match=r"answer"):
        backtest(Lazy(), located, venues, start=START, protocol="next")


def _linker(seen: list) -> object:
    """Link by handle; a handle of two series joins them once a later event shows it."""

    def relink(past):
        seen.append((past["timestamp"].max(), "series_id" in past.columns))
        names = past["handle"].astype("str")
        if (past["handle"] == "bridge").any():
            names = names.replace({"S1": "S0"})
        return past.assign(series_id="found " + names)

    return relink


def test_series_are_linked_again_at_each_origin():
    located, venues = city()
    table = located.assign(handle=located["series_id"])
    seen: list = []
    kept = backtest(Baseline("frequency"), table, venues, start=START, relink=_linker(seen))
    plain = backtest(Baseline("frequency"), located, venues, start=START)
    pd.testing.assert_frame_equal(kept.scores(), plain.scores())  # handles say what names say
    origins = [at for at, _ in seen]
    assert all(not named for _, named in seen)
    assert origins == sorted(origins)
    assert len(origins) == plain.records["origin"].nunique()
    assert max(origins) < plain.records["origin"].max()
    with pytest.raises(ParameterError, match="relink"):
        backtest(
            Baseline("frequency"),
            table,
            venues,
            start=START,
            protocol="next",
            relink=_linker(seen),
        )


@pytest.mark.slow
def test_a_late_bridge_joins_nothing_before_it_is_seen():
    located, venues = city()
    table = located.assign(handle=located["series_id"])
    last = table["timestamp"].idxmax()
    early = backtest(Baseline("frequency"), table, venues, start=START, relink=_linker([]))
    table.loc[last, "handle"] = "bridge"
    late = backtest(Baseline("frequency"), table, venues, start=START, relink=_linker([]))
    names = table.loc[table["series_id"].isin(["S0", "S1"]), "series_id"].unique()
    for scored in (early, late):
        assert set(names) <= set(scored.records["series_id"])
    rows = [one.records[one.records["series_id"].isin(names)] for one in (early, late)]
    columns = ["series_id", "origin", "log", "set_size"]
    pd.testing.assert_frame_equal(
        rows[0][columns].reset_index(drop=True), rows[1][columns].reset_index(drop=True)
    )
