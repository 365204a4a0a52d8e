"""How fast is the ranking? `python bench_ranking.py`; medians of several runs, one process."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path

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


def median_ms(work: Callable[[], object], runs: int = 9) -> tuple[float, float]:
    """Wall and processor time of a call, medians of some, in milliseconds."""
    work()
    took = []
    for _ in range(runs):
        begin, busy = time.perf_counter(), time.process_time()
        work()
        took.append((time.perf_counter() - begin, time.process_time() - busy))
    wall, cpu = zip(*took, strict=True)
    return 1000 * statistics.median(wall), 1000 * statistics.median(cpu)


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """Wall and processor seconds of one call, and what it gave."""
    begin, busy = time.perf_counter(), time.process_time()
    given = work()
    return time.perf_counter() - begin, time.process_time() - busy, given


def peak_growth_mb(work: Callable[[], object]) -> float:
    """How far the memory of this process rises above where it stood, in MB (Linux; else NaN)."""
    status, clear = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not clear.exists():
        return float("nan")
    gc.collect()
    clear.write_text("5", encoding="ascii")  # the highest mark begins anew
    before = _kilobytes(status, "VmRSS")
    work()
    return (_kilobytes(status, "VmHWM") - before) / 1024


def _kilobytes(status: Path, name: str) -> int:
    lines = status.read_text(encoding="ascii").splitlines()
    return int(next(text for text in lines if text.startswith(name)).split()[1])


def line(what: str, got: str, awaited: str) -> None:
    """Print one line of the table."""
    print(f"{what:<58} {got:>32}   awaited {awaited}", flush=True)


def main() -> None:
    """Measure and print."""
    for n_venues, awaited in ((1_500, "50 ms"), (10_000, "300 ms")):
        located, venues = made_up(n_venues, 60, 100)
        ranker = Ranker(max_events=500).fit(located, venues, at=AT)
        one = located[located["series_id"] == "S007"].reset_index(drop=True)

        def forecast(ranker: Ranker = ranker, one: pd.DataFrame = one) -> int:
            return len(ranker.rank(one, at=AT).slots)

        wall, cpu = median_ms(forecast)
        what = f"rank one series, {n_venues:,} venues x 42 windows"
        line(what, f"{wall:.0f} ms (processor {cpu:.0f})", awaited)
        line("  memory it takes at its height", f"{peak_growth_mb(forecast):.0f} MB", "500 MB")
    located, venues = made_up(1_500, 544, 60)
    wall, cpu, ranker = timed(lambda: Ranker().fit(located, venues, at=AT))
    line("pooled fit, 544 series, 32,640 events", f"{wall:.1f} s (processor {cpu:.1f})", "30 s")
    late = located[located["timestamp"] >= pd.Timestamp("2026-01-10", tz="Asia/Seoul")]
    wall, cpu, told = timed(lambda: ranker.predict_next(located, late))
    what = f"predict_next, {len(told):,} events"
    line(what, f"{wall:.1f} s (processor {cpu:.1f})", "180 s")


if __name__ == "__main__":
    main()
