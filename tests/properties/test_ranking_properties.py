"""What must hold for every ranking, whatever the uploads."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.ranking import Ranker, rank
from crimeloc.ranking.model.mixture import expectation_maximisation

pytestmark = pytest.mark.slow

TZ = "Asia/Seoul"
N_VENUES = 9
START = pd.Timestamp("2025-11-03", tz=TZ)
AT = START + pd.Timedelta("28D")
VENUES = gpd.GeoDataFrame(
    {"venue_id": [f"V{i}" for i in range(N_VENUES)]},
    geometry=gpd.points_from_xy(
        127 + 0.01 * (np.arange(N_VENUES) % 3), 37.5 + 0.01 * (np.arange(N_VENUES) // 3)
    ),
    crs=4326,
)
UPLOADS = st.lists(
    st.tuples(
        st.integers(0, 35 * 24 * 60),  # minutes after the start; the forecast is made at 28 days
        st.integers(0, N_VENUES - 1),
        st.sampled_from([0.0, 0.3, 1.0, 1.0, 1.0]),
        st.sampled_from([0.4, 1.0, 1.0]),
    ),
    max_size=14,
)
EXAMPLES = 200


def table(uploads, series=None) -> gpd.GeoDataFrame:
    minutes = [m for m, *_ in uploads]
    names = [f"V{v}" for _, v, *_ in uploads]
    frame = gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:03d}" for i in range(len(uploads))],
            "timestamp": pd.DatetimeIndex(
                [START + pd.Timedelta(minutes=m) for m in minutes], tz=TZ
            ).as_unit("us"),
            "venue_id": pd.array(names, dtype="str"),
            "weight": [w for _, _, w, _ in uploads],
            "how": pd.array(["made up"] * len(uploads), dtype="str"),
            "series_id": pd.array(["S"] * len(uploads), dtype="str"),
            "series_weight": [s for *_, s in uploads],
            "tz": pd.array([TZ] * len(uploads), dtype="str"),
        },
        geometry=VENUES.geometry.to_numpy()[[v for _, v, *_ in uploads]] if uploads else [],
        crs=4326,
    )
    frame["weight"] = frame["weight"].astype("float64")
    frame["series_weight"] = frame["series_weight"].astype("float64")
    return frame


def _past() -> list[tuple[int, int, float, float]]:
    dice = np.random.default_rng(5)
    return [
        (int(1440 * i + 1200 + dice.integers(-60, 60)), int(dice.integers(3) ** 2), 1.0, 1.0)
        for i in range(30)
    ]


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    return Ranker(max_events=100, holidays=None).fit(table(_past()), VENUES, at=AT)


def numbers(ranking) -> np.ndarray:
    slots = ranking.slots.sort_values(["venue_id", "window_start"])
    return slots.select_dtypes("number").to_numpy()


@settings(max_examples=EXAMPLES)
@given(uploads=UPLOADS)
def test_parts_sum_to_the_whole(ranker, uploads):
    slots = ranker.rank(table(uploads), at=AT, horizon="2D").slots
    assert abs(slots["share"].sum() - 1) < 1e-9
    parts = slots.filter(like="from_")
    np.testing.assert_allclose(parts.sum(axis=1), slots["share"], rtol=0, atol=1e-12)
    assert (parts >= 0).all(axis=None)
    assert slots["probability"].between(0, 1).all()
    assert (slots["probability"] <= slots["expected"] + 1e-12).all()


@settings(max_examples=EXAMPLES)
@given(uploads=UPLOADS, seed=st.integers(0, 99))
def test_the_future_and_the_order_of_rows_are_irrelevant(ranker, uploads, seed):
    whole = table(uploads)
    dice = np.random.default_rng(seed)
    scrambled = whole.copy()
    future = (whole["timestamp"] >= AT).to_numpy()
    scrambled.loc[future, "venue_id"] = f"V{dice.integers(N_VENUES)}"
    scrambled = scrambled.iloc[dice.permutation(len(whole))]
    past = whole[~future]
    expected = numbers(ranker.rank(past, at=AT, horizon="2D"))
    if len(past):
        np.testing.assert_allclose(
            numbers(ranker.rank(scrambled, at=AT, horizon="2D")), expected, atol=1e-12
        )
        np.testing.assert_array_equal(numbers(ranker.rank(whole, at=AT, horizon="2D")), expected)


@settings(max_examples=EXAMPLES)
@given(uploads=UPLOADS, unit=st.sampled_from(["s", "ms", "us", "ns"]))
def test_zone_and_unit_of_the_times_are_irrelevant(ranker, uploads, unit):
    whole = table(uploads)
    kept = whole.assign(timestamp=whole["timestamp"].dt.tz_convert("UTC").dt.as_unit(unit))
    first = ranker.rank(whole, at=AT, horizon="2D")
    second = ranker.rank(kept, at=AT.tz_convert("UTC"), horizon="2D")
    np.testing.assert_array_equal(numbers(first), numbers(second))


@settings(max_examples=EXAMPLES)
@given(uploads=UPLOADS, cut=st.integers(1, 13))
def test_each_event_is_predicted_from_earlier_ones(ranker, uploads, cut):
    whole = table([(m, v, max(w, 0.3), s) for m, v, w, s in uploads])
    whole = whole.sort_values("timestamp", ignore_index=True)
    if cut >= len(whole):
        return
    event = whole.iloc[[cut]]
    known = whole[whole["timestamp"] < event["timestamp"].iloc[0]]
    all_told = ranker.predict_next(whole, event)
    told = ranker.predict_next(pd.concat([known, event]), event)
    assert told["p_true"].iloc[0] == pytest.approx(all_told["p_true"].iloc[0], rel=1e-9)
    assert 0 < told["p_true"].iloc[0] <= 1


@settings(max_examples=200)
@given(
    likelihood=st.lists(
        st.lists(st.floats(1e-6, 1.0), min_size=3, max_size=3), min_size=1, max_size=30
    )
)
def test_weights_sum_to_one_and_never_lose_likelihood(likelihood):
    p, mass = np.array(likelihood), np.ones(len(likelihood))
    even = np.full(3, 1 / 3)
    w = expectation_maximisation(p, mass, even, 1e-9)
    assert abs(w.sum() - 1) < 1e-12
    assert (w >= 0).all()
    assert np.log(p @ w).sum() >= np.log(p @ even).sum() - 1e-9


@settings(max_examples=6)
@given(weeks=st.integers(-8, 8), east=st.sampled_from([-0.11, 0.11]))
def test_shifted_by_weeks_or_by_ten_kilometres(weeks, east):
    here = table(_past())
    delta = pd.Timedelta(weeks=weeks)
    options = {"holidays": None, "max_events": 40}
    first = rank(here, VENUES, at=AT, **options)
    later = rank(here.assign(timestamp=here["timestamp"] + delta), VENUES, at=AT + delta, **options)
    np.testing.assert_allclose(numbers(first), numbers(later), rtol=1e-7, atol=1e-10)
    moved = VENUES.set_geometry(VENUES.geometry.translate(east, 0))
    away = rank(here.set_geometry(here.geometry.translate(east, 0)), moved, at=AT, **options)
    # metres come from degrees through one projection: equal to about 1 in a million
    np.testing.assert_allclose(numbers(first), numbers(away), rtol=1e-4, atol=1e-7)
