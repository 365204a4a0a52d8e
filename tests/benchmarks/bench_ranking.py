"""How fast is the ranking? `python bench_ranking.py`; medians of several runs, one process."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.ranking import Ranker

AT = "2026-03-02 00:00+09:00"


def made_up(n_venues: int, n_series: int, n: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Series that mostly return, with a new venue now and then."""
    dice = np.random.default_rng(1)
    points = np.column_stack(
        [127 + 0.2 * dice.random(n_venues), 37.4 + 0.2 * dice.random(n_venues)]
    )
    geometry = gpd.points_from_xy(points[:, 0], points[:, 1])
    ids = np.array([f"V{i:05d}" for i in range(n_venues)])
    venues = gpd.GeoDataFrame({"venue_id": ids}, geometry=geometry, crs=4326)
    usual = dice.integers(0, n_venues, (n_series, 8))
    series = np.repeat(np.arange(n_series), n)
    place = usual[series, dice.integers(0, 8, len(series))]
    place = np.where(dice.random(len(series)) < 0.2, dice.integers(0, n_venues, len(series)), place)
    start = pd.Timestamp("2025-09-01", tz="Asia/Seoul")
    minutes = dice.integers(0, 180 * 1440, len(series))
    located = gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:06d}" for i in range(len(series))],
            "timestamp": start + pd.to_timedelta(minutes, unit="min"),
            "venue_id": ids[place],
            "weight": 1.0,
            "how": "made up",
            "series_id": [f"S{i:03d}" for i in series],
        },
        geometry=geometry[place],
        crs=4326,
    )
    return located, venues


def median_ms(work: Callable[[], object], runs: int = 7) -> float:
    """Wall time of a call, median of some."""
    work()
    took = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - begin))
    return statistics.median(took)


def line(what: str, got: str, awaited: str) -> None:
    """Print one line of the table."""
    print(f"{what:<58} {got:>12}   awaited {awaited}", flush=True)


def main() -> None:
    """Measure and print."""
    for n_venues, awaited in ((1_500, "50 ms"), (10_000, "300 ms")):
        located, venues = made_up(n_venues, 60, 100)
        ranker = Ranker(max_events=500).fit(located, venues, at=AT)
        one = located[located["series_id"] == "S007"].reset_index(drop=True)
        took = median_ms(lambda r=ranker, t=one: len(r.rank(t, at=AT).slots))
        line(f"rank one series, {n_venues:,} venues x 42 windows", f"{took:.0f} ms", awaited)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line("peak memory of this process, libraries included", f"{peak:.0f} MB", "500 MB")
    located, venues = made_up(1_500, 544, 60)
    begin = time.perf_counter()
    ranker = Ranker().fit(located, venues, at=AT)
    line("pooled fit, 544 series, 32,640 events", f"{time.perf_counter() - begin:.1f} s", "30 s")
    late = located[located["timestamp"] >= pd.Timestamp("2026-01-10", tz="Asia/Seoul")]
    begin = time.perf_counter()
    told = ranker.predict_next(located, late)
    took_s = time.perf_counter() - begin
    line(f"predict_next, {len(told):,} events", f"{took_s:.1f} s", "180 s")


if __name__ == "__main__":
    main()
