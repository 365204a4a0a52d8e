"""The scan against its acceptance, by hand: python tests/benchmarks/accept_scan.py [part ...].

Parts: hours (false alarms where opening hours differ), power (planted clusters where they are
equal), uniform (p-values under the null), threads (same bytes), sittings (false alarms where
uploads come several at a sitting), bursts (two at one venue, and what a strong one hides). Each
takes minutes; the scenarios hold small versions.
"""

from __future__ import annotations

import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.stats import kstest

from crimeloc.geometry import points
from crimeloc.stats import scan_test
from crimeloc.stats.scan import ArrayScan, permutation_scan, poisson_scan

DAYS = 21


def city(n: int, seed: int, never_close: float, venues: int = 80) -> tuple[np.ndarray, ...]:
    """Events without any cluster; some venues never close, the others open 10-24 h."""
    dice = np.random.default_rng(seed)
    xy = dice.uniform(0, 8_000, (venues, 2))
    taste = dice.lognormal(0, 0.5, venues)
    hours = np.ones((venues, 24), bool)
    hours[round(venues * never_close) :, :10] = False
    hours = hours[dice.permutation(venues)]
    cell = (taste[:, None] * hours).ravel()
    drawn = dice.choice(cell.size, n, p=cell / cell.sum())
    return xy, drawn // 24, drawn % 24 + 24 * dice.integers(0, DAYS, n)


def alarm(
    world: tuple[np.ndarray, ...], stratified: bool, rng: int, n_permutations: int = 199
) -> bool:
    """Whether the scan by hour raises an alarm at 5 %; the early stop does not change that."""
    xy, place, bins = world
    found = permutation_scan(
        xy,
        place,
        bins,
        n_bins=24 * DAYS,
        longest=24,
        max_radius=3_000,
        n_permutations=n_permutations,
        rng=10**6 + rng,
        n_jobs=1,
        early_stop=(n_permutations + 1) // 20,
        stratum=bins % 24 if stratified else None,
    )
    return bool(found.clusters["p_value"].iloc[0] <= 0.05)


def hours(worlds: int = 400) -> None:
    """False alarms where 30 % of 80 venues never close."""
    for n in (800, 4_000, 12_000):
        for stratified in (True, False):
            count = worlds if stratified else worlds // 4
            begun = time.perf_counter()
            share = np.mean([alarm(city(n, s, 0.3), stratified, s) for s in range(count)])
            name = "by hour of day" if stratified else "plain"
            took = time.perf_counter() - begun
            print(
                f"hours: {n:6,} events, {name:14}: {share:6.1%} of {count} ({took:.0f} s)",
                flush=True,
            )


def burst(seed: int, extra: int) -> tuple[np.ndarray, ...]:
    """A city of equal hours with `extra` events in six hours of one evening around one venue."""
    xy, place, bins = city(4_000, seed, 0.0)
    dice = np.random.default_rng(seed + 10**6)
    near = np.argsort(np.hypot(*(xy - xy[dice.integers(len(xy))]).T))[:3]
    evening = 24 * dice.integers(0, DAYS) + 17
    return (
        xy,
        np.append(place, dice.choice(near, extra)),
        np.append(bins, evening + dice.integers(0, 6, extra)),
    )


def power(worlds: int = 250, n_permutations: int = 19) -> None:
    """Share of planted bursts that raise an alarm, equal hours everywhere; the same worlds twice.

    19 drawn worlds make an exact test at 5 % too, and leave time for many planted ones.
    """
    both = np.zeros((0, 2))
    for extra in (12, 14, 16):
        found = np.array(
            [
                [
                    alarm(burst(s, extra), stratified, s, n_permutations)
                    for stratified in (True, False)
                ]
                for s in range(worlds)
            ]
        )
        both = np.vstack([both, found])
        print(f"power: {extra} events planted: {ratio_words(found)}", flush=True)
    print(f"power: all: {ratio_words(both)}")


def ratio_words(found: np.ndarray) -> str:
    """Both shares, and their ratio with its standard error (of pairs)."""
    ours, plain = found.mean(axis=0)
    ratio = ours / plain
    error = (found[:, 0] - ratio * found[:, 1]).std(ddof=1) / len(found) ** 0.5 / plain
    return f"by hour of day {ours:.1%}, plain {plain:.1%}, ratio {ratio:.3f} (s.e. {error:.3f})"


def null_world(model: str, seed: int, n_permutations: int, n_jobs: int = 1) -> ArrayScan:
    """A scan of a small world ruled by chance."""
    dice = np.random.default_rng(seed)
    xy = dice.uniform(0, 5_000, (25, 2))
    taste = dice.lognormal(0, 0.5, 25)
    if model == "poisson":
        people = taste[:, None] * np.ones(40)
        cases = dice.multinomial(250, (people / people.sum()).ravel()).reshape(people.shape)
        return poisson_scan(
            xy, cases, people, longest=10, n_permutations=n_permutations, rng=seed, n_jobs=n_jobs
        )
    place, bins = dice.choice(25, 250, p=taste / taste.sum()), dice.integers(0, 40, 250)
    return permutation_scan(
        xy,
        place,
        bins,
        n_bins=40,
        longest=10,
        n_permutations=n_permutations,
        rng=seed,
        n_jobs=n_jobs,
        last_only=model == "prospective",
        stratum=bins % 7,
    )


MODELS = ("retrospective", "prospective", "poisson")


def uniform(worlds: int = 400, n_permutations: int = 199) -> None:
    """Kolmogorov-Smirnov of the p-values of worlds without clusters, ties broken by dice."""
    for model in MODELS:
        p, broken = np.ones(worlds), np.ones(worlds)
        for seed in range(worlds):
            found = null_world(model, seed, n_permutations)
            if len(found.clusters):
                p[seed] = found.clusters["p_value"].iloc[0]
            # No window above expectation: every world reaches this one.
            top = found.clusters["statistic"].iloc[0] if len(found.clusters) else 0.0
            equal = np.abs(found.null - top) <= 1e-9 * top
            above = (found.null > top) & ~equal
            u = np.random.default_rng([seed, 1]).random()
            broken[seed] = (above.sum() + u * (1 + equal.sum())) / (n_permutations + 1)
        for name, values in (("ties broken", broken), ("as printed", p)):
            test = kstest(values, "uniform")
            print(
                f"uniform: {model}, {worlds} worlds, {name}: D {test.statistic:.4f}, "
                f"p {test.pvalue:.3f}"
            )
        print(f"  p from {p.min():.4f} to {p.max():.4f}; at most .05: {np.mean(p <= 0.05):.1%}")


def sittings_log(seed: int, accounts: bool) -> gpd.GeoDataFrame:
    """Uploads of 500 sittings at 60 venues over 90 days, one to four each; nothing bunches."""
    rng = np.random.default_rng(seed)
    taste = rng.lognormal(0, 0.7, 60)
    venue = rng.choice(60, 500, p=taste / taste.sum())
    begun = np.floor(rng.uniform(0, 90, 500)) * 24 + rng.normal(20, 2, 500)
    size = rng.integers(1, 5, 500)
    hour = np.repeat(begun, size) + rng.uniform(0, 1, size.sum())
    place = rng.uniform([126.9, 37.45], [127.1, 37.6], (60, 2))
    at = np.repeat(venue, size)
    who = {"handle": np.repeat([f"A{k}" for k in rng.integers(0, 200, 500)], size)}
    return gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:05}" for i in range(len(at))],
            "timestamp": pd.Timestamp("2026-01-05", tz="Asia/Seoul")
            + pd.to_timedelta(hour, unit="h"),
            "venue_id": [f"V{k:02}" for k in at],
            "weight": 1.0,
            "how": "given",
            **(who if accounts else {}),
        },
        geometry=points(place[at]),
    )


def sittings(worlds: int = 400) -> None:
    """False alarms at 5 %: sessions, and the uploads themselves."""
    for unit, accounts in (("session", True), ("session", False), ("event", True)):
        count = worlds if unit == "session" else worlds // 10
        alarms = 0
        for seed in range(count):
            found = scan_test(
                sittings_log(seed, accounts),
                max_radius_m=3_000,
                max_duration="14D",
                n_permutations=99,
                early_stop=5,
                unit=unit,
                rng=10**6 + seed,
                n_jobs=1,
            )
            alarms += found.p_value <= 0.05
        known = "accounts known" if accounts else "accounts unknown"
        print(f"sittings, {unit}s, {known}: {alarms} of {count} worlds alarm")


def bursts(worlds: int = 20) -> None:
    """Two equal bursts at one of 60 venues; and a weak one beside one ten times as strong."""
    both, plain, rounds = 0, 0, 0
    for seed in range(worlds):
        for sizes in ((20, 20), (150, 14)):
            rng = np.random.default_rng(seed)
            taste = rng.lognormal(0, 0.7, 60)
            place, bins = rng.choice(60, 3_000, p=taste / taste.sum()), rng.integers(0, 365, 3_000)
            place[: sum(sizes)] = 30
            bins[: sizes[0]] = 100 + rng.integers(0, 10, sizes[0])
            bins[sizes[0] : sum(sizes)] = 220 + rng.integers(0, 10, sizes[1])
            xy = rng.uniform(0, 20_000, (60, 2))
            for iterative in (False, True):
                found = permutation_scan(
                    xy,
                    place,
                    bins,
                    n_bins=365,
                    longest=30,
                    n_permutations=199,
                    rng=seed,
                    iterative=iterative,
                ).clusters
                found = found[(found["p_value"] <= 0.05) & found["places"].map(lambda p: 30 in p)]
                first = ((found["start_bin"] < 110) & (found["end_bin"] > 100)).any()
                second = ((found["start_bin"] < 230) & (found["end_bin"] > 220)).any()
                if sizes == (20, 20):
                    both += not iterative and first and second
                else:
                    plain += not iterative and second
                    rounds += iterative and second
    print(f"two equal bursts at one venue: both listed in {both} of {worlds}")
    print(f"a weak one beside a strong one: {plain} of {worlds}, in rounds {rounds} of {worlds}")


def threads() -> None:
    """Same seed, same bytes, on one thread and on two."""
    for model in MODELS:
        one, two = (null_world(model, 1, 199, n_jobs) for n_jobs in (1, 2))
        same = one.null.tobytes() == two.null.tobytes() and one.clusters.equals(two.clusters)
        print(f"threads: {model}, same bytes: {same}")


def main() -> None:
    """Run the parts named on the command line, or all."""
    parts = {
        "hours": hours,
        "power": power,
        "uniform": uniform,
        "threads": threads,
        "sittings": sittings,
        "bursts": bursts,
    }
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
