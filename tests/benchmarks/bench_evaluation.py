"""Speed of a backtest, of a plan and of a profile: python tests/benchmarks/bench_evaluation.py."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.evaluation import Baseline
from crimeloc.evaluation.backtest import last_share
from crimeloc.planning import plan_visits, preserve_footage
from crimeloc.profiling import profile_anchor


def world(n_series: int, n_venues: int, n_events: int) -> tuple[Any, Any]:
    """Series with eight venues of their own, the first ones more often, over half a year."""
    dice = np.random.default_rng(1)
    places = dice.uniform([126.8, 37.4], [127.2, 37.7], (n_venues, 2))
    venues = gpd.GeoDataFrame(
        {"venue_id": [f"V{i:05d}" for i in range(n_venues)]},
        geometry=gpd.points_from_xy(*places.T),
        crs=4326,
    )
    taste = 1 / np.arange(1, 9)
    own = dice.integers(0, n_venues, (n_series, 8))
    series = np.repeat(np.arange(n_series), n_events)
    code = own[series, dice.choice(8, len(series), p=taste / taste.sum())]
    minutes = dice.integers(0, 180 * 1440, len(series))
    start = pd.Timestamp("2026-01-01 00:00", tz="Asia/Seoul")
    located = gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:06d}" for i in range(len(series))],
            "series_id": [f"S{i:04d}" for i in series],
            "timestamp": start + pd.to_timedelta(minutes, unit="min"),
            "venue_id": venues["venue_id"].to_numpy()[code],
            "weight": 1.0,
            "how": "made up",
        },
        geometry=gpd.points_from_xy(*places[code].T),
        crs=4326,
    )
    return located, venues


def timed(work: Callable[[], object], runs: int = 3) -> float:
    """Median seconds."""
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return median(seconds)


def main() -> None:
    """Print what was done and how long it took."""
    print(f"{'what':72}{'seconds':>9}")
    located, venues = world(400, 1_500, 45)
    starts = last_share(located, 0.3)
    n = 400 * 13

    def backtest(protocol: str, jobs: int | None) -> Callable[[], object]:
        return lambda: backtest(
            Baseline(),
            located,
            venues,
            start=starts,
            protocol=protocol,
            given_window=True,
            n_jobs=jobs,
        )

    for jobs in (1, None):
        who = "one process" if jobs else "all cores"
        what = f"next: {n:,} uploads, six baselines, 1,500 venues, {who}"
        print(f"{what:72}{timed(backtest('next', jobs), 1):9.2f}")
    what = "horizon: 400 series, weekly origins, 63,000 slots, six baselines, all cores"
    print(f"{what:72}{timed(backtest('horizon', None), 1):9.2f}")
    one = located[located["series_id"] == "S0000"]
    slots = Baseline().fit(located, venues).rank(one, at="2026-06-01 00:00+09:00").slots
    for method in ("exact", "greedy"):
        what = f"plan_visits: 63,000 slots, 3 officers, 4 evenings, {method}"
        run = timed(
            lambda method=method: plan_visits(
                slots, officers=3, evenings=4, hours=8, method=method, tz="Asia/Seoul"
            )
        )
        print(f"{what:72}{run:9.3f}")
    run = timed(lambda: preserve_footage(located, at="2026-06-01 00:00+09:00"))
    print(f"{'preserve_footage: 18,000 events':72}{run:9.3f}")
    print(f"{'profile_anchor: 8 sites, 40,000 cells':72}{timed(lambda: profile_anchor(one)):9.3f}")


if __name__ == "__main__":
    main()
