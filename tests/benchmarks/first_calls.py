"""What does a first call cost where nothing is compiled yet? Shared by the benchmarks.

Processor time, in a fresh process with an empty NUMBA_CACHE_DIR: what is left of a first call
once the second is taken off, imports included.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

WORLD = """
import time
import geopandas as gpd, numpy as np, pandas as pd
from crimeloc import geometry
rng = np.random.default_rng(0)
xy, at = rng.uniform(0, 20_000, (50, 2)), rng.integers(0, 50, 1_000)
t = np.sort(rng.uniform(0, 3e7, 1_000)).round()
X = np.column_stack([xy[at], t])
degrees = np.column_stack([rng.uniform(126.9, 127.1, 50), rng.uniform(37.4, 37.6, 50)])
located = gpd.GeoDataFrame({
    "event_id": [f"E{i}" for i in range(1_000)],
    "timestamp": pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(t, unit="s"),
    "venue_id": [f"V{v}" for v in at], "weight": 1.0, "how": "given",
}, geometry=geometry.points(degrees[at]))
seats = pd.Series(10.0, index=[f"V{v}" for v in range(50)])
for _ in range(2):
    begun = time.process_time()
    CALL
    print(time.process_time() - begun)
"""


def report(calls: dict[str, str]) -> None:
    """Print, for each call, its first and its second time."""
    for name, call in calls.items():
        lines = call.splitlines()
        code = WORLD.replace("    CALL", "\n".join("    " + line for line in lines))
        with tempfile.TemporaryDirectory() as cache:
            done = subprocess.run(
                [sys.executable, "-c", code],
                check=True,
                capture_output=True,
                text=True,
                env=dict(os.environ) | {"NUMBA_CACHE_DIR": cache},
            )
        first, second = (float(word) for word in done.stdout.split())
        print(
            f"first call with nothing compiled, {name:34} {first:6.2f} s, second {second:6.3f} s, "
            f"more {first - second:5.2f} s (bound 8)"
        )
