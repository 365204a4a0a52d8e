"""Visits under a budget: worked examples, limits, words and errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError, TableError
from crimeloc.planning import after_search, plan_visits

TZ = "Asia/Seoul"


def slots(chances: dict[tuple[str, str], float], hours: int = 4) -> pd.DataFrame:
    """Slots from {(venue, local start): chance}."""
    start = pd.to_datetime([when for _, when in chances]).tz_localize(TZ).tz_convert("UTC")
    chance = np.array(list(chances.values()))
    return pd.DataFrame(
        {
            "venue_id": [venue for venue, _ in chances],
            "window_start": start,
            "window_end": start + pd.Timedelta(hours=hours),
            "share": chance / chance.sum(),
            "expected": -np.log1p(-chance),
            "probability": chance,
            "from_habit": chance / chance.sum(),
        }
    )


WEEK = slots(
    {
        ("A", "2026-03-02 20:00"): 0.5,
        ("B", "2026-03-02 20:00"): 0.3,
        ("C", "2026-03-02 20:00"): 0.2,
        ("A", "2026-03-03 00:00"): 0.25,
        ("A", "2026-03-03 20:00"): 0.4,
        ("A", "2026-03-05 12:00"): 0.35,
        ("elsewhere", "2026-03-02 20:00"): 0.9,
    }
)


def test_one_officer_one_evening() -> None:
    plan = plan_visits(WEEK, officers=1, evenings=1, hours=4, tz=TZ)
    assert plan.visits["venue_id"].tolist() == ["A"]
    assert plan.probability == pytest.approx(0.5)
    assert plan.officer_hours == 4


def test_an_evening_reaches_past_midnight() -> None:
    plan = plan_visits(WEEK, officers=1, evenings=1, hours=8, tz=TZ)
    assert plan.probability == pytest.approx(1 - 0.5 * 0.75)
    assert plan.visits["without"].tolist() == pytest.approx([0.25, 0.5])


def test_two_officers_hold_two_venues() -> None:
    plan = plan_visits(WEEK, officers=2, evenings=1, hours=4, tz=TZ)
    assert set(plan.visits["venue_id"]) == {"A", "B"}
    assert plan.probability == pytest.approx(1 - 0.5 * 0.7)
    assert "elsewhere" not in set(plan.visits["venue_id"])


def test_hours_on_the_wall() -> None:
    evening = plan_visits(
        WEEK, officers=1, evenings=None, hours=12, between=("18:00", "04:00"), tz=TZ
    )
    assert len(evening.visits) == 3
    noon = plan_visits(WEEK, officers=9, evenings=9, hours=99, between=("09:00", "17:00"), tz=TZ)
    assert noon.probability == pytest.approx(0.35)


def test_detection_and_travel_make_a_visit_worth_less() -> None:
    base = {"officers": 1, "evenings": 1, "hours": 4.0, "tz": TZ}
    assert plan_visits(WEEK, detection=0.5, **base).probability == pytest.approx(0.25)
    late = plan_visits(WEEK, travel="1h", **base).probability
    assert late == pytest.approx(1 - 0.5**0.75)


def test_several_series_are_planned_for_together() -> None:
    both = pd.concat([WEEK.assign(series_id="S1"), WEEK.assign(series_id="S2")])
    plan = plan_visits(both, officers=1, evenings=1, hours=4, tz=TZ)
    assert plan.probability == pytest.approx(0.75)


def test_anything_with_slots_will_do_and_its_zone_is_read() -> None:
    @dataclass
    class Ranking:
        slots: pd.DataFrame
        tz: str = TZ

    plan = plan_visits(Ranking(WEEK), officers=1, evenings=1)
    assert plan.tz == TZ
    assert "Mon 2026-03-02 20:00 00:00        A  50.0%" in str(plan)
    assert "chance of at least one interception 50.0%" in plan._repr_html_()
    assert plan.provenance.method == "plan_visits"


def test_what_was_searched_in_vain_is_not_planned_again() -> None:
    done = WEEK.iloc[:1]
    plan = plan_visits(WEEK, officers=1, evenings=1, hours=4, searched=done, tz=TZ)
    assert plan.visits["window_start"].tolist() == [pd.Timestamp("2026-03-03 20:00", tz=TZ)]
    # -log(.5) = .693 was expected and not seen: A keeps 4 / 4.693 of its rate.
    assert plan.probability == pytest.approx(1 - 0.6 ** (4 / 4.693147), abs=1e-6)
    again = after_search(WEEK, done)
    assert again["share"].sum() == pytest.approx(1.0)
    assert again["share"].iloc[0] == 0.0
    assert np.allclose(again["from_habit"], again["share"])
    assert again["probability"].iloc[1] == pytest.approx(0.3)
    assert again["probability"].iloc[3] < 0.25  # the venue as a whole is less likely now
    alone = after_search(WEEK, done, certainty=np.inf)
    assert alone["probability"].iloc[3] == pytest.approx(0.25)


def test_nothing_in_nothing_out() -> None:
    plan = plan_visits(WEEK.iloc[:0], tz=TZ)
    assert len(plan.visits) == 0
    assert plan.probability == 0.0
    assert str(plan).startswith("No visit")
    assert plan_visits(WEEK, officers=1, hours=1.0, tz=TZ).officer_hours == 0


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"officers": 0}, "officers"),
        ({"evenings": 0}, "evenings"),
        ({"hours": 0.0}, "hours"),
        ({"detection": 0.0}, "detection"),
        ({"method": "best"}, "method"),
        ({"between": ("six", "ten")}, "between"),
        ({"tz": None}, "tz"),
        ({"searched": pd.DataFrame({"venue_id": []})}, "searched"),
    ],
)
def test_errors_name_the_argument(more: dict[str, Any], word: str) -> None:
    with pytest.raises(ParameterError, match=rf"^{word}: found .*hint: "):
        plan_visits(WEEK, **({"tz": TZ} | more))


def test_windows_that_overlap_and_broken_slots() -> None:
    shifted = WEEK.assign(window_start=WEEK["window_start"] + pd.Timedelta("1h"))
    shifted["window_end"] += pd.Timedelta("1h")
    with pytest.raises(ParameterError, match="overlap"):
        plan_visits(pd.concat([WEEK, shifted]), tz=TZ)
    with pytest.raises(TableError, match="probability"):
        plan_visits(WEEK.drop(columns="probability"), tz=TZ)
    with pytest.raises(ParameterError, match="certainty"):
        after_search(WEEK, WEEK, certainty=0)
    with pytest.raises(ParameterError, match="detection"):
        after_search(WEEK, WEEK, detection=2)
