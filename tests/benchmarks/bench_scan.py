"""Speed of the space-time scan: python tests/benchmarks/bench_scan.py."""

from __future__ import annotations

import time
from statistics import median

import numpy as np
from first_calls import report

from crimeloc.stats.scan import permutation_scan

DAYS = 365


def world(n: int, places: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events at places of unequal taste over a year, with one burst."""
    dice = np.random.default_rng(seed)
    taste = dice.lognormal(0, 0.7, places)
    place = dice.choice(places, n, p=taste / taste.sum())
    bins = dice.integers(0, DAYS, n)
    place[:16], bins[:16] = places // 2, 30 + dice.integers(0, 8, 16)
    return dice.uniform(0, 20_000, (places, 2)), place, bins


def run(n: int, places: int, n_permutations: int, *, prospective: bool, strata: int) -> float:
    """Processor seconds of one scan on one thread."""
    xy, place, bins = world(n, places)
    begun = time.process_time()
    permutation_scan(
        xy,
        place,
        bins,
        n_bins=DAYS,
        shortest=1 if prospective else 7,
        longest=30,
        last_only=prospective,
        stratum=bins % strata,
        n_permutations=n_permutations,
        rng=7,
        n_jobs=1,
    )
    return time.process_time() - begun


def main() -> None:
    """Print what was scanned, the processor time, and the time of the field's C++ standard."""
    run(100, 5, 1, prospective=False, strata=1)
    print(f"{'scan':64}{'ours':>10}{'SaTScan 10.3.2*':>17}{'ratio':>8}")
    rows = [
        ("retrospective, 5,000 at 200, 365 days, 7-30 days, 999", 5_000, 200, 999, False, 1, 500.0),
        ("  the same within weekdays", 5_000, 200, 999, False, 7, None),
        ("retrospective, 20,000 at 1,000, per replica", 20_000, 1_000, 20, False, 1, 13.0),
        ("prospective, 2,000 at 400, 365 days, 1-30 days, 999", 2_000, 400, 999, True, 1, None),
        ("  the same within weekdays", 2_000, 400, 999, True, 7, None),
    ]
    for what, n, places, n_permutations, prospective, strata, standard in rows:
        if n_permutations == 999:
            ours = median(
                run(n, places, n_permutations, prospective=prospective, strata=strata)
                for _ in range(3)
            )
        else:  # what one replica more costs
            some = [
                run(n, places, d, prospective=prospective, strata=strata)
                for d in (n_permutations, 2 * n_permutations)
            ]
            ours = (some[1] - some[0]) / n_permutations
        peer = f"{standard:15.1f} s" if standard else f"{'-':>17}"
        ratio = f"{standard / ours:8.0f}" if standard else f"{'-':>8}"
        print(f"{what:64}{ours:8.3f} s{peer}{ratio}")
    print("* as measured on the same kind of world by the makers of the requirements; not run here")
    common = "max_duration='7D', n_permutations=19, rng=7, tz='Asia/Seoul', n_jobs=1"
    begin = f"from crimeloc.stats import scan_test\nscan_test(located, {common}"
    report(
        {
            "retrospective permutation scan": f"{begin})",
            "prospective permutation scan": f"{begin}, analysis='prospective')",
            "Poisson scan": f"{begin}, model='poisson', population=seats)",
        }
    )


if __name__ == "__main__":
    main()
