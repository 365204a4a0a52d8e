"""What always holds of a plan."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.planning import after_search, plan_visits, preserve_footage

TZ = "Asia/Seoul"


@st.composite
def small_weeks(draw: Any) -> pd.DataFrame:
    """Up to nine slots over three venues and three days."""
    n = draw(st.integers(1, 9))
    grid = [(venue, day, hour) for venue in "ABC" for day in range(3) for hour in (12, 16, 20)]
    cells = draw(st.lists(st.sampled_from(grid), min_size=n, max_size=n, unique=True))
    chance = np.array(draw(st.lists(st.floats(0.01, 0.9), min_size=n, max_size=n)))
    start = pd.Timestamp("2026-03-02 00:00", tz=TZ) + pd.to_timedelta(
        [24 * day + hour for _, day, hour in cells], unit="h"
    )
    return pd.DataFrame(
        {
            "venue_id": [venue for venue, _, _ in cells],
            "window_start": start.tz_convert("UTC"),
            "window_end": (start + pd.Timedelta("4h")).tz_convert("UTC"),
            "share": chance / chance.sum(),
            "expected": -np.log1p(-chance),
            "probability": chance,
        }
    )


def _best_by_trying_all(slots: pd.DataFrame, officers: int, evenings: int, windows: int) -> float:
    day = slots["window_start"].dt.tz_convert(TZ).dt.date
    best = 0.0
    for size in range(1, len(slots) + 1):
        for rows in combinations(range(len(slots)), size):
            some = slots.iloc[list(rows)]
            if some["window_start"].value_counts().max() > officers:
                continue
            days = day.iloc[list(rows)].value_counts()
            if len(days) > evenings or days.max() > officers * windows:
                continue
            best = max(best, 1 - float(np.prod(1 - some["probability"])))
    return best


@given(small_weeks(), st.integers(1, 2), st.integers(1, 3), st.integers(1, 2))
@settings(max_examples=25)
def test_the_exact_plan_is_the_best_of_all(
    slots: pd.DataFrame, officers: int, evenings: int, windows: int
) -> None:
    asked: dict[str, Any] = {"officers": officers, "evenings": evenings, "hours": 4.0 * windows}
    exact = plan_visits(slots, **asked, tz=TZ)
    greedy = plan_visits(slots, **asked, method="greedy", tz=TZ)
    assert np.isclose(
        exact.probability, _best_by_trying_all(slots, officers, evenings, windows), atol=1e-7
    )
    assert greedy.probability <= exact.probability + 1e-7
    for plan in (exact, greedy):
        assert plan.officer_hours <= plan.budget_hours
        assert np.isclose(plan.probability, 1 - np.prod(1 - plan.visits["probability"]))
        assert (plan.visits["without"] <= plan.probability + 1e-12).all()
    free = plan_visits(slots, officers=officers, evenings=None, hours=4.0 * windows, tz=TZ)
    quick = plan_visits(
        slots, officers=officers, evenings=None, hours=4.0 * windows, method="greedy", tz=TZ
    )
    assert quick.probability >= (1 - 1 / np.e) * free.probability - 1e-9


@given(small_weeks(), st.integers(0, 99))
@settings(max_examples=25)
def test_more_means_never_less_and_row_order_plays_no_part(slots: pd.DataFrame, seed: int) -> None:
    base = plan_visits(slots, officers=1, evenings=1, hours=4, tz=TZ)
    for more in ({"officers": 2}, {"evenings": 2}, {"hours": 8.0}):
        asked: dict[str, Any] = {"officers": 1, "evenings": 1, "hours": 4.0} | more
        assert plan_visits(slots, **asked, tz=TZ).probability >= base.probability - 1e-9
    shuffled = slots.sample(frac=1, random_state=seed)
    again = plan_visits(shuffled, officers=1, evenings=1, hours=4, tz=TZ)
    pd.testing.assert_frame_equal(again.visits, base.visits)


@given(small_weeks(), st.floats(0.1, 1.0), st.floats(0.5, 50))
@settings(max_examples=50)
def test_a_search_in_vain_lowers_its_venue_and_nothing_else(
    slots: pd.DataFrame, detection: float, certainty: float
) -> None:
    done = slots.iloc[:1]
    after = after_search(slots, done, detection=detection, certainty=certainty)
    here = slots["venue_id"] == done["venue_id"].iloc[0]
    assert (after.loc[here, "expected"] < slots.loc[here, "expected"]).all()
    assert np.allclose(after.loc[~here, "probability"], slots.loc[~here, "probability"])
    total = after["share"].sum()
    assert np.isclose(total, 1.0) or (here.all() and detection == 1.0)
    assert ((after["probability"] >= 0) & (after["probability"] <= 1)).all()
    twice = after_search(slots, pd.concat([done, done]), detection=detection, certainty=certainty)
    pd.testing.assert_frame_equal(twice, after)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
@settings(max_examples=25)
def test_no_event_of_the_past_is_lost_and_none_of_the_future_counts(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    first = pd.Timestamp("2026-01-01 00:00+09:00")
    table = gpd.GeoDataFrame(
        {
            "event_id": [f"E{i}" for i in range(n)],
            "timestamp": first + pd.to_timedelta(rng.integers(0, 100_000, n), unit="min"),
            "venue_id": rng.choice(list("AB"), n),
            "weight": rng.uniform(0.1, 1.0, n),
            "how": "lease",
        },
        geometry=gpd.points_from_xy(np.full(n, 127.0), np.full(n, 37.5)),
        crs=4326,
    )
    at = pd.Timestamp("2026-02-15 00:00+09:00")
    footage = preserve_footage(table, at=at)
    named = sorted("|".join(footage["event_ids"]).split("|")) if len(footage) else []
    past = table[table["timestamp"] <= at]
    assert named == sorted(past["event_id"])
    assert footage["n_events"].sum() == len(past)
    assert (footage["weight"] > 0).all()
    assert (footage["weight"] <= 1).all()
    known = preserve_footage(past.sample(frac=1, random_state=seed % 1000), at=at)
    pd.testing.assert_frame_equal(known, footage)
    spans = footage.sort_values(["venue_id", "footage_start"]).groupby("venue_id")
    assert all((g["footage_start"].shift(-1) > g["footage_end"]).iloc[:-1].all() for _, g in spans)
