"""How long does a made-up city take? Median of three runs."""

from __future__ import annotations

import statistics
import time
from typing import Any

from crimeloc.simulation import make_city

SIZES: dict[str, dict[str, Any]] = {
    "default": {},
    "20 offenders, 2,000 others": {"n_offenders": 20, "n_background": 2_000},
    "500 offenders, 400 venues": {"n_offenders": 500, "n_venues": 400},
    "1M uploads, 50,000 people, 1,000 venues": {
        "n_offenders": 20,
        "n_background": 50_000,
        "uploads_per_background": 20,
        "n_venues": 1_000,
    },
}


def main() -> None:
    """Print the table."""
    make_city(rng=1, n_background=10, days=30)  # imports
    print(f"{'what':<42}{'uploads':>10}{'seconds':>9}")
    for what, arguments in SIZES.items():
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            city = make_city(rng=1, **arguments)
            times.append(time.perf_counter() - begin)
        print(f"{what:<42}{len(city.events):>10,}{statistics.median(times):>9.2f}")


if __name__ == "__main__":
    main()
