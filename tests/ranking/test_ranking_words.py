"""Explanations, sets, exploration: what a ranking says about itself."""

from __future__ import annotations

import numpy as np
import pytest

from crimeloc.errors import ParameterError


def test_parts_sum_to_share_and_probability(ranking):
    best = ranking.venues["venue_id"].iloc[0]
    told = ranking.explain(best)
    row = ranking.venues.iloc[0]
    assert told.share == pytest.approx(row["share"], abs=1e-12)
    assert told.parts["share"].sum() == pytest.approx(told.share, abs=1e-12)
    assert told.parts["probability"].sum() == pytest.approx(told.probability, abs=1e-12)
    assert told.probability == pytest.approx(row["probability"], abs=1e-12)
    assert told.rank == 1
    assert told.lift_bits == pytest.approx(np.log2(told.share / told.base_rate))
    assert set(told.ranks) == {0.5, 2.0}
    assert "of the last 10 uploads came from here" in str(told.sentence)
    assert "최근 업로드 10건 중" in told.sentence.text("ko")
    assert "last on" in str(told)
    assert "<p>" in told._repr_html_()


def test_the_horizon_is_told_in_words(ranking):
    told = ranking.explain(ranking.venues["venue_id"].iloc[0], stability=False)
    assert "within 7 days: " in str(told.sentence)
    assert "앞으로 7일 안에: " in told.sentence.text("ko")
    assert "7D" not in str(told)


def test_explaining_one_slot(ranking):
    slot = ranking.slots.iloc[0]
    told = ranking.explain(slot["venue_id"], slot["window_start"])
    assert told.share == pytest.approx(slot["share"], abs=1e-12)
    assert told.window[0] == slot["window_start"]
    assert "uploads came from here" in str(told.sentence)
    assert "요일 업로드" in told.sentence.text("ko")


def test_the_events_that_matter_were_at_the_venue(ranking):
    best = ranking.venues["venue_id"].iloc[0]
    told = ranking.explain(best, stability=False)
    assert len(told.events) == 3
    assert told.events["change"].abs().is_monotonic_decreasing
    assert (told.events["timestamp"] < ranking.at).all()
    assert told.ranks == {}


def test_leaving_an_event_out_is_what_the_table_says(ranker, located, ranking):
    best = ranking.venues["venue_id"].iloc[0]
    told = ranking.explain(best)
    without = located[located["event_id"] != told.events["event_id"].iloc[0]]
    share = ranker.rank(without, at=ranking.at, series="S0").venues.set_index("venue_id")["share"]
    # the week and the own weights are learned again too, so equal up to their small moves
    change = told.share - share[best]
    assert np.sign(change) == np.sign(told.events["change"].iloc[0])
    assert change == pytest.approx(told.events["change"].iloc[0], abs=0.02)


def test_explain_refuses_what_is_not_there(ranking):
    with pytest.raises(ParameterError, match="venue_id"):
        ranking.explain("elsewhere")
    with pytest.raises(ParameterError, match="window"):
        ranking.explain("V00", "2027-01-01 00:00+09:00")


def test_sets_hold_what_they_say(ranking):
    wide, narrow = ranking.credible_set(0.95), ranking.credible_set(0.5)
    assert wide.used > 0.9 > narrow.used  # moved a little by the hits and misses of the series
    assert len(narrow) < len(wide)
    assert 0.9 < wide.randomised_coverage <= wide.coverage <= 1.0
    assert 0 < wide.own_n < wide.n
    assert "of this series" in str(wide)
    assert narrow.table["share"].is_monotonic_decreasing
    assert "80%" in str(ranking.credible_set(0.8, by="venues"))
    with pytest.raises(ParameterError, match="level"):
        ranking.credible_set(1.5)
    with pytest.raises(ParameterError, match="slots"):
        ranking.credible_set(0.8, by="streets")


def test_explore_lists_only_unused_venues(ranking, located):
    at = ranking.at
    past = located[(located["series_id"] == "S0") & (located["timestamp"] < at)]
    table = ranking.explore(None)
    assert not set(table["venue_id"]) & set(past["venue_id"])
    assert len(table) + past["venue_id"].nunique() == 30
    assert table["share"].sum() == pytest.approx(1)
    assert table["share"].is_monotonic_decreasing
    assert len(ranking.explore(3)) == 3
    with pytest.raises(ParameterError, match="k"):
        ranking.explore(0)


def test_prints_as_text_and_html(ranking):
    text = str(ranking)
    assert "uploads expected" in text
    assert ranking.venues["venue_id"].iloc[0] in text
    assert "<table" in ranking._repr_html_()
    assert ranking.provenance.method == "rank"
    assert ranking.provenance.at is not None
