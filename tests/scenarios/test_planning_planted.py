"""Plans tried out in made-up weeks: is the chance that is promised the chance that comes?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crimeloc.planning import after_search, plan_visits

TZ = "Asia/Seoul"


def _week(rng: np.random.Generator, rate: float) -> pd.DataFrame:
    """A true forecast for 30 venues and 42 windows: uploads fall at random with these means."""
    share = np.outer(rng.dirichlet(np.full(30, 0.3)), rng.dirichlet(np.full(42, 0.5))).ravel()
    start = pd.date_range("2026-03-02", periods=42, freq="4h", tz=TZ).tz_convert("UTC")
    return pd.DataFrame(
        {
            "venue_id": np.repeat([f"V{i:02d}" for i in range(30)], 42),
            "window_start": np.tile(start, 30),
            "window_end": np.tile(start + pd.Timedelta("4h"), 30),
            "share": share,
            "expected": rate * share,
            "probability": -np.expm1(-rate * share),
        }
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_promised_chance_comes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    slots = _week(rng, rate=6.0)
    plan = plan_visits(slots, officers=2, evenings=3, hours=8, detection=0.8, tz=TZ)
    keys = ["venue_id", "window_start"]
    held = plan.visits[keys].merge(slots, on=keys)["expected"].to_numpy()
    weeks = 4_000
    met = rng.binomial(rng.poisson(held, (weeks, len(held))), 0.8).sum(axis=1)
    # Standard error at most .8 points.
    assert np.mean(met > 0) == pytest.approx(plan.probability, abs=0.03)
    assert met.mean() == pytest.approx(plan.expected, rel=0.1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_plan_beats_the_popular_and_the_random(seed: int) -> None:
    rng = np.random.default_rng(seed)
    slots = _week(rng, rate=6.0)
    asked = {"officers": 2, "evenings": 3, "hours": 8.0, "tz": TZ}
    plan = plan_visits(slots, **asked)
    assert plan.officer_hours == 48
    random = [
        slots.sample(12, random_state=int(s))["probability"] for s in rng.integers(999, size=20)
    ]
    assert plan.probability > 2 * np.mean([1 - np.prod(1 - chance) for chance in random])
    by_day = slots["window_start"].dt.tz_convert(TZ).dt.floor("D")
    first_three = slots[by_day.isin(sorted(by_day.unique())[:3])]
    assert plan.probability >= plan_visits(first_three, **asked).probability - 1e-9


def test_the_posterior_is_the_one_that_simulation_finds() -> None:
    # Venue A's forecast is off by a gamma factor of mean 1; one of its slots is searched in vain.
    rng = np.random.default_rng(9)
    certainty, detection = 4.0, 0.7
    start = pd.to_datetime(["2026-03-02 18:00", "2026-03-03 18:00"]).tz_localize(TZ)
    slots = pd.DataFrame(
        {
            "venue_id": ["A", "A"],
            "window_start": start,
            "window_end": start + pd.Timedelta("4h"),
            "share": [0.6, 0.4],
            "expected": [1.5, 1.0],
            "probability": -np.expm1([-1.5, -1.0]),
        }
    )
    rate = rng.gamma(certainty, 1 / certainty, 400_000)
    here, next_day = rng.poisson(1.5 * rate), rng.poisson(1.0 * rate)
    vain = rng.binomial(here, detection) == 0
    after = after_search(slots, slots.iloc[:1], detection=detection, certainty=certainty)
    # 150,000 worlds are left: relative error below .4 %. The searched slot keeps what went
    # unnoticed, which is Poisson thinning and exact as well.
    assert after["expected"].tolist() == pytest.approx(
        [here[vain].mean(), next_day[vain].mean()], rel=0.015
    )
