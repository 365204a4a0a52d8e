"""The counting rules, against counts done by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.evaluation import Baseline, naive
from crimeloc.evaluation.baselines import RULES
from crimeloc.tables import SLOTS, validate

VENUES = gpd.GeoDataFrame(
    {"venue_id": list("ABCD")},
    geometry=gpd.points_from_xy([127.0, 127.1, 127.2, 127.3], [37.5] * 4),
    crs=4326,
)


def _located(places: str, start: str = "2026-01-05 20:30", step: str = "1D") -> pd.DataFrame:
    times = pd.date_range(start, periods=len(places), freq=step, tz="Asia/Seoul")
    return pd.DataFrame(
        {
            "event_id": [f"E{i}" for i in range(len(places))],
            "timestamp": times,
            "venue_id": list(places),
            "weight": 1.0,
            "how": "register",
        }
    )


def _chance(rule: str, places: str, **more: object) -> dict[str, float]:
    located = _located(places)
    ranking = Baseline(rule, **more).fit(located, VENUES).rank(at="2026-03-01 00:00+09:00")
    return dict(ranking.slots.groupby("venue_id")["share"].sum())


def test_frequency_by_hand() -> None:
    # 5 visits: A 3, B 2. Popularity (n + 1) / (5 + 5): A .4, B .3, C D elsewhere .1.
    chance = _chance("frequency", "AABAB")
    assert chance["A"] == pytest.approx((3 + 0.4) / 6)
    assert chance["C"] == pytest.approx(0.1 / 6)
    assert chance["elsewhere"] == pytest.approx(0.1 / 6)


def test_last_venue_and_markov_by_hand() -> None:
    frequency = {"A": (3 + 0.4) / 6, "B": (2 + 0.3) / 6}
    assert _chance("last_venue", "AABAB")["B"] == pytest.approx((1 + frequency["B"]) / 2)
    # After B came A, once: weight 1 for A.
    assert _chance("markov", "AABAB")["A"] == pytest.approx((1 + frequency["A"]) / 2)


def test_recency_forgets_by_half_lives() -> None:
    chance = _chance("recency", "AB", half_life="1D")
    # B is one day younger than A, whatever the age of both: B counts double before smoothing.
    pop = {"A": 2 / 7, "B": 2 / 7}
    assert chance["B"] > chance["A"]
    located = _located("AB", start="2026-02-26 23:59")
    ranking = Baseline("recency", half_life="1D").fit(located, VENUES)
    shares = ranking.rank(at="2026-02-28 23:59+09:00").venues.set_index("venue_id")["share"]
    assert shares["B"] == pytest.approx((0.5 + pop["B"]) / 1.75)
    assert shares["A"] == pytest.approx((0.25 + pop["A"]) / 1.75)


def test_popularity_reads_all_series() -> None:
    located = pd.concat(
        [
            _located("AAA").assign(series_id="S1"),
            _located("CCCC").assign(series_id="S2", event_id=["a", "b", "c", "d"]),
        ]
    )
    ranking = Baseline("popularity").fit(located, VENUES).rank(at="2026-03-01 00:00+09:00")
    shares = ranking.venues.set_index(["series_id", "venue_id"])["share"]
    assert shares["S1", "C"] == pytest.approx(5 / 12)
    assert shares["S2", "A"] == pytest.approx(4 / 12)


def test_hour_of_week_knows_the_hour() -> None:
    mornings = _located("CCCC", start="2026-01-05 09:10", step="7D")
    evenings = _located("AAAAA", start="2026-01-05 20:10", step="7D")
    evenings["event_id"] = [f"N{i}" for i in range(5)]
    located = pd.concat([mornings, evenings], ignore_index=True)
    asked = _located("CA", start="2026-02-23 09:30", step="11h").assign(event_id=["x", "y"])
    ranker = Baseline("hour_of_week").fit(located, VENUES)
    known = ranker.predict_next(located, asked, given_window=True)
    assert known["rank_true"].tolist() == [1.0, 1.0]
    blind = ranker.predict_next(located, asked).set_index("event_id")["rank_true"]
    assert blind["x"] == 2.0  # without the hour it is frequency, and A is the more frequent


@pytest.mark.parametrize("rule", RULES)
def test_slots_keep_the_contract_and_sum_to_one(rule: str) -> None:
    located = _located("AABABCA")
    ranking = Baseline(rule).fit(located, VENUES).rank(at="2026-01-12 10:00+09:00")
    slots = validate(ranking.slots, SLOTS)
    assert slots["share"].sum() == pytest.approx(1.0, abs=1e-9)
    assert np.allclose(slots[f"from_{rule}"], slots["share"])
    assert len(slots) == 5 * 43  # 42 windows, the first and last cut at 10 o'clock
    # 7 events in 1 week (at least one is taken): about 7 in the next.
    assert slots["expected"].sum() == pytest.approx(7.0)
    assert (slots["probability"] <= slots["expected"]).all()


def test_uncertain_places_count_as_fractions() -> None:
    one = _located("AB").iloc[[0]]
    unsure = pd.concat([one.assign(weight=0.6), one.assign(venue_id="B", weight=0.3)])
    ranking = Baseline("frequency").fit(unsure, VENUES).rank(at="2026-03-01 00:00+09:00")
    shares = ranking.venues.set_index("venue_id")["share"]
    pop = 1 / (0.9 + 5)
    assert shares["A"] == pytest.approx((0.6 + 1.6 * pop) / 2)
    assert shares["elsewhere"] == pytest.approx((0.1 + pop) / 2)


def test_nothing_known_falls_back_on_popularity() -> None:
    located = _located("AAB")
    ranker = Baseline("markov").fit(located, VENUES)
    early = ranker.rank(at="2026-01-01 00:00+09:00")
    assert early.slots["share"].sum() == pytest.approx(1.0)
    assert early.slots["expected"].sum() == 0.0
    asked = _located("B").assign(event_id="x", series_id="new")
    assert ranker.predict_next(located, asked)["p_true"].tolist() == pytest.approx([2 / 8])


def test_errors_help() -> None:
    with pytest.raises(ParameterError, match="rule"):
        Baseline("guess")
    with pytest.raises(ParameterError, match="smoothing"):
        Baseline(smoothing=0.0)
    with pytest.raises(ParameterError, match="fit"):
        Baseline().rank(at="2026-03-01 00:00+09:00")
    assert [ranker.name for ranker in naive()] == list(RULES)


def test_a_venue_outside_the_register_is_elsewhere() -> None:
    outside = Baseline().fit(_located("AZ"), VENUES).rank(at="2026-03-01 00:00+09:00")
    nowhere = _located("AA").assign(weight=[1.0, 0.0])
    lost = Baseline().fit(nowhere, VENUES).rank(at="2026-03-01 00:00+09:00")
    pd.testing.assert_frame_equal(outside.slots, lost.slots)
