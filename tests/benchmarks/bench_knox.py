"""How fast is Knox's test? Beside its peer, in one run: python bench_knox.py."""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
from first_calls import report

from crimeloc import geometry

DRAWS = 99
RADIUS, GAP = 800.0, 36 * 3600.0


def events(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, gpd.GeoDataFrame]:
    """Events at 1,000 venues of a city of 20 km over a year: metres, seconds, table."""
    rng = np.random.default_rng(seed)
    degrees = np.column_stack(
        [rng.uniform(126.88, 127.10, 1_000), rng.uniform(37.45, 37.63, 1_000)]
    )
    at, second = rng.integers(0, 1_000, n), np.round(rng.uniform(0, 365 * 86_400, n))
    located = gpd.GeoDataFrame(
        {
            "event_id": [f"E{i}" for i in range(n)],
            "timestamp": pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(second, unit="s"),
            "venue_id": [f"V{v}" for v in at],
            "weight": 1.0,
            "how": "given",
        },
        geometry=list(geometry.points(degrees)[at]),
        crs=4326,
    )
    return geometry.to_metres(degrees)[at], second, located


def median_s(work: Callable[[], object], runs: int = 5) -> float:
    """Wall time of a call, median of some."""
    took = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def main() -> None:
    """Print the table."""
    from crimeloc.stats import knox_test, near_repeat_table
    from crimeloc.stats.knox import knox_arrays

    rows: list[tuple[str, float]] = []
    small = 0.0
    for n in (10_000, 100_000):
        metres, second, located = events(n)
        arrays = partial(
            knox_arrays, metres, second, RADIUS, GAP, rng=7, n_permutations=DRAWS, n_jobs=1
        )
        works = {
            "on arrays": arrays,
            "two threads": partial(arrays, n_jobs=2),
            "knox_test": partial(knox_test, located, RADIUS, "36h", rng=7, n_permutations=DRAWS),
        }
        for name, work in works.items():
            work()
            rows.append((f"Knox, {n:,} events, {DRAWS} shuffles, {name}", median_s(work)))
            small = small or rows[0][1]
        if n == 10_000:
            bands = partial(near_repeat_table, located, rng=7, n_permutations=DRAWS)
            bands()
            what = f"near-repeat table of 36 cells, {n:,} events, {DRAWS} shuffles"
            rows.append((what, median_s(bands, 1)))
    for what, took in rows:
        print(f"{what:60} {took:9.4f} s")
    if importlib.util.find_spec("pointpats"):
        from pointpats.spacetime import Knox

        metres, second, _ = events(10_000)
        begun = time.perf_counter()
        theirs = Knox(metres, second[:, None], RADIUS, GAP, permutations=DRAWS)
        took = time.perf_counter() - begun
        what = f"pointpats Knox, 10,000 events, {DRAWS} shuffles"
        print(f"{what:60} {took:9.4f} s  x{took / small:,.0f}")
        ours = knox_arrays(metres, second, RADIUS, GAP, rng=7, n_permutations=DRAWS)
        apart = knox_arrays(metres, second, 0.0, GAP, rng=7, n_permutations=1).observed
        print(f"  close pairs: ours {ours.observed:.0f}, theirs {theirs.statistic_:.0f}")
        print(f"  (pairs at one venue, at distance 0: {apart:.0f})")
    else:
        print("pointpats is not installed: passed over")
    report(
        {
            "knox_test": "from crimeloc.stats import knox_test\n"
            "knox_test(located, rng=7, n_permutations=99, tz='Asia/Seoul')",
            "near_repeat_table": "from crimeloc.stats import near_repeat_table\n"
            "near_repeat_table(located, rng=7, n_permutations=99, tz='Asia/Seoul')",
        }
    )


if __name__ == "__main__":
    main()
