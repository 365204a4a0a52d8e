"""Worlds whose best forecaster is known: the backtest must find it, and its figures."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.evaluation import Baseline, backtest
from crimeloc.evaluation.baselines import RULES

START = "2026-02-23 00:00+09:00"
N_VENUES = 10


def _world(kind: str, seed: int, n_series: int = 8, days: int = 100) -> tuple[Any, Any]:
    """One upload a day for each series. The kind says what decides the venue."""
    rng = np.random.default_rng(seed)
    places = rng.uniform([126.9, 37.4], [127.1, 37.6], (N_VENUES, 2))
    venues = gpd.GeoDataFrame(
        {"venue_id": [f"V{i}" for i in range(N_VENUES)]},
        geometry=gpd.points_from_xy(*places.T),
        crs=4326,
    )
    rows = []
    for series in range(n_series):
        mine = rng.permutation(N_VENUES)
        now = 0
        for day in range(days):
            hour = int(rng.choice([10, 20]))
            if kind == "loyal":  # .7, .2, .1 over three venues of one's own
                code = mine[rng.choice(3, p=[0.7, 0.2, 0.1])]
            elif kind == "clock":  # morning here, evening there, right in 9 of 10
                code = mine[int((hour == 20) ^ (rng.random() < 0.1))]
            elif kind == "cycle":  # always on to the next of five, in 9 of 10
                now = (now + 1) % 5 if rng.random() < 0.9 else int(rng.integers(5))
                code = mine[now]
            elif kind == "mover":  # another venue of one's own every thirty days
                code = mine[day // 30]
            else:  # "lemming": everybody goes where everybody goes
                code = rng.choice(N_VENUES, p=np.r_[0.55, np.full(9, 0.05)])
            minutes = day * 1440 + hour * 60 + int(rng.integers(60))
            rows.append((f"S{series:02d}", f"S{series:02d}-{day:03d}", int(code), minutes))
    table = pd.DataFrame(rows, columns=["series_id", "event_id", "code", "minutes"])
    first = pd.Timestamp("2026-01-05 00:00+09:00").tz_convert("Asia/Seoul")
    code = table.pop("code").to_numpy()
    table["timestamp"] = first + pd.to_timedelta(table.pop("minutes"), unit="min")
    table = table.assign(venue_id=venues["venue_id"].to_numpy()[code], weight=1.0, how="planted")
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*places[code].T), crs=4326), venues


def _next(kind: str, seed: int) -> pd.DataFrame:
    located, venues = _world(kind, seed)
    outcome = backtest(Baseline(), located, venues, start=START, protocol="next", given_window=True)
    return outcome.scores()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("kind", "best", "hit"),
    [
        ("loyal", {"frequency"}, 0.7),
        ("clock", {"hour_of_week"}, 0.9),
        ("cycle", {"markov"}, 0.92),
        ("mover", {"last_venue", "markov", "recency"}, 1.0),
        ("lemming", {"popularity", "frequency"}, 0.55),
    ],
)
def test_the_rule_that_made_the_world_wins_it(
    kind: str, best: set[str], hit: float, seed: int
) -> None:
    scores = _next(kind, seed)
    assert scores["hit@1"].idxmax() in best
    # 8 x 51 uploads: standard error of a share at most 2.5 points; the movers' last month is
    # one venue but for the day of the move.
    assert scores["hit@1"].max() == pytest.approx(hit, abs=0.07)


def test_of_two_rankers_that_say_the_truth_and_half_of_it_the_log_score_knows_which() -> None:
    located, venues = _world("loyal", 4)
    sure = backtest(
        Baseline("frequency"), located, venues, start=START, protocol="next", baselines=False
    )
    vague = backtest(
        Baseline("frequency", smoothing=60.0),
        located,
        venues,
        start=START,
        protocol="next",
        baselines=False,
    )
    assert sure.scores()["log_score"].iloc[0] > vague.scores()["log_score"].iloc[0] + 0.1
    entropy = -(0.7 * np.log(0.7) + 0.2 * np.log(0.2) + 0.1 * np.log(0.1))
    assert sure.scores()["log_score"].iloc[0] == pytest.approx(-entropy, abs=0.08)
    assert sure.scores()["ece"].iloc[0] < 0.03 < vague.scores()["ece"].iloc[0]


def test_a_steady_week_is_captured_whole_and_counted_right() -> None:
    # One venue, the same hour every day: 7 slots of 4 hours hold all uploads of the week.
    located, venues = _world("mover", 5, n_series=4)
    steady = located[located["timestamp"].dt.day_of_year < 35]
    steady = steady.assign(timestamp=steady["timestamp"].dt.floor("D") + pd.Timedelta("20h"))
    outcome = backtest(
        Baseline("hour_of_week"),
        steady,
        venues,
        start="2026-01-19 00:00+09:00",
        slot_budgets=(7, 14),
    )
    scores = outcome.scores().loc["hour_of_week"]
    assert scores["capture@7"] == 1.0
    assert scores["pei@7"] == 1.0
    assert scores["hit@1"] == 1.0
    # One upload a day is less random than Poisson's: the chance of each slot is said too low.
    table = outcome.reliability()
    assert table["happened"].iloc[-1] == 1.0
    assert table["forecast"].iloc[-1] == pytest.approx(1 - np.exp(-1), abs=0.1)


def test_chance_earns_what_chance_earns() -> None:
    rng = np.random.default_rng(6)
    located, venues = _world("lemming", 6)
    codes = rng.integers(N_VENUES, size=len(located))
    random = located.assign(venue_id=venues["venue_id"].to_numpy()[codes])
    scores = backtest(
        Baseline(), random, venues, start=START, protocol="next", top_k=(1, 5)
    ).scores()
    for rule in RULES:
        assert scores.loc[rule, "hit@1"] == pytest.approx(0.1, abs=0.035)
        assert scores.loc[rule, "pai@5"] == pytest.approx(1.0, abs=0.12)
