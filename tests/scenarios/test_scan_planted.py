"""The scan finds what was planted, and raises no alarm where only opening hours differ."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, kstest

from crimeloc.geometry import points
from crimeloc.stats import scan_test
from crimeloc.stats.scan import permutation_scan, poisson_scan

HOURS = 21 * 24


def cafes(n: int, seed: int, never_close: float = 0.3) -> tuple[np.ndarray, ...]:
    """Events at 80 cafes by the hour, no cluster; some never close, the others open 10-24 h."""
    dice = np.random.default_rng(seed)
    xy = dice.uniform(0, 8_000, (80, 2))
    taste = dice.lognormal(0, 0.5, 80)
    hours = np.ones((80, 24), bool)
    hours[round(80 * never_close) :, :10] = False
    hours = hours[dice.permutation(80)]
    cell = (taste[:, None] * hours).ravel()
    drawn = dice.choice(cell.size, n, p=cell / cell.sum())
    return xy, drawn // 24, drawn % 24 + 24 * dice.integers(0, 21, n)


def alarms(worlds: list[tuple[np.ndarray, ...]], stratified: bool) -> int:
    """How many of these worlds raise an alarm at 5 % (an early stop does not change that)."""
    count = 0
    for seed, (xy, place, bins) in enumerate(worlds):
        found = permutation_scan(
            xy,
            place,
            bins,
            n_bins=HOURS,
            longest=24,
            max_radius=2_000,
            n_permutations=99,
            rng=seed,
            stratum=bins % 24 if stratified else None,
            early_stop=5,
        )
        count += found.clusters["p_value"].iloc[0] <= 0.05
    return count


@pytest.mark.parametrize("n", [800, 4_000])
def test_opening_hours_raise_no_alarm_within_strata(n: int) -> None:
    count = alarms([cafes(n, seed) for seed in range(40)], stratified=True)
    assert count <= binom.ppf(0.999, 40, 0.05)  # the full size is in benchmarks/accept_scan.py


def test_opening_hours_fool_the_plain_scan() -> None:
    assert alarms([cafes(12_000, seed) for seed in range(8)], stratified=False) >= 5


def test_strata_cost_little_power_where_hours_are_equal() -> None:
    worlds = []
    for seed in range(10):
        xy, place, bins = cafes(2_000, seed, never_close=0.0)
        near = np.argsort(np.hypot(*(xy - xy[seed]).T))[:3]
        dice = np.random.default_rng(seed)
        place = np.append(place, dice.choice(near, 14))
        worlds.append((xy, place, np.append(bins, 24 * 9 + dice.integers(18, 23, 14))))
    plain = alarms(worlds, stratified=False)
    assert plain >= 7
    assert alarms(worlds, stratified=True) >= 0.8 * plain  # 10 worlds; 90 % on the full size


def table(ll: np.ndarray, venue: np.ndarray, days: np.ndarray) -> gpd.GeoDataFrame:
    start = pd.Timestamp("2026-01-05", tz="Asia/Seoul")
    return gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:05}" for i in range(len(venue))],
            "timestamp": start + pd.to_timedelta((days * 86_400).astype(int), unit="s"),
            "venue_id": [f"V-{i:03}" for i in venue],
            "weight": 1.0,
            "how": "given",
        },
        geometry=points(ll[venue]),
    )


@pytest.mark.parametrize("seed", range(4))
def test_planted_burst_is_found(seed: int) -> None:
    dice = np.random.default_rng(seed)
    ll = np.column_stack([dice.uniform(126.9, 127.1, 60), dice.uniform(37.4, 37.6, 60)])
    venue, days = dice.integers(0, 60, 900), dice.uniform(0, 180, 900)
    centre = int(dice.integers(60))
    near = np.argsort(np.hypot(*((ll - ll[centre]) * [0.79, 1.0]).T))[:3]
    venue = np.append(venue, dice.choice(near, 24))
    days = np.append(days, dice.uniform(100, 105, 24))
    result = scan_test(
        table(ll, venue, days), max_duration="14D", max_radius_m=8_000, n_permutations=199, rng=seed
    )
    best = result.clusters.iloc[0]
    planted = {f"V-{i:03}" for i in near}
    assert str(result.strata) == "day of week"
    assert best["p_value"] <= 0.05
    assert planted & set(best["venues"].split("|"))
    first = pd.Timestamp("2026-04-15", tz="Asia/Seoul")  # day 100
    assert abs(best["start"] - first) <= pd.Timedelta("2D")
    assert abs(best["end"] - first - pd.Timedelta("5D")) <= pd.Timedelta("2D")


def test_weekend_hours_need_the_opening_pattern() -> None:
    """Most venues are open at night on weekends only: the hour of day alone is fooled."""
    fooled, held = 0, 0
    for seed in range(8):
        dice = np.random.default_rng(seed)
        west = np.sort(dice.uniform(126.9, 127.1, 30))
        ll = np.column_stack([west, dice.uniform(37.5, 37.52, 30)])
        hours = np.ones((30, 7, 24), bool)
        hours[5:, :5, :8] = False
        cell = hours.ravel() / hours.sum()
        drawn = dice.choice(cell.size, 10_000, p=cell)
        days = drawn % 168 / 24 + 7 * dice.integers(0, 4, 10_000)
        located = table(ll, drawn // 168, days)
        words = np.where(np.arange(30) < 5, "24/7", "Mo-Fr 08:00-24:00; Sa-Su 00:00-24:00")
        venues = gpd.GeoDataFrame(
            {"venue_id": [f"V-{i:03}" for i in range(30)], "opening_hours": words},
            geometry=points(ll),
        )
        common = {
            "max_duration": "8h",
            "time_unit": "1h",
            "max_radius_m": 5_000,
            "n_permutations": 59,
            "rng": seed,
            "early_stop": 3,
            "unit": "event",  # 14 uploads an hour at each venue: no two belong together
        }
        fooled += scan_test(located, strata=["hour"], **common).p_value <= 0.05
        result = scan_test(located, venues=venues, **common)
        assert str(result.strata) == "hour of day x opening pattern"
        held += result.p_value <= 0.05
    assert fooled >= 5  # a fair test would be fooled so often in one of 60,000 runs
    assert held <= 2


def test_p_values_of_uncertain_events_are_uniform() -> None:
    """Weights that differ from event to event make no window likelier than chance does."""
    p = []
    for seed in range(120):
        dice = np.random.default_rng(seed)
        event = np.repeat(np.arange(120), 2)  # two candidates each
        place = dice.integers(0, 12, 240)
        weight = np.repeat(dice.choice([0.05, 0.3, 1.0], 120), 2) / 2
        bins = np.repeat(dice.integers(0, 24, 120), 2)
        found = permutation_scan(
            dice.uniform(0, 5_000, (12, 2)),
            place,
            bins,
            n_bins=24,
            longest=6,
            n_permutations=99,
            rng=seed,
            stratum=bins % 3,
            weight=weight,
            event=event,
            min_events=1,
        )
        p.append(float(found.clusters["p_value"].iloc[0]) if len(found.clusters) else 1.0)
    assert kstest(p, "uniform").pvalue > 0.001
    assert sum(value <= 0.1 for value in p) <= binom.ppf(0.999, 120, 0.1)


@pytest.mark.parametrize("model", ["retrospective", "prospective", "poisson"])
def test_p_values_are_uniform_without_a_cluster(model: str) -> None:
    p = []
    for seed in range(120):
        dice = np.random.default_rng(seed)
        xy = dice.uniform(0, 5_000, (15, 2))
        taste = dice.lognormal(0, 0.5, 15)
        if model == "poisson":
            people = taste[:, None] * np.ones(24)
            cases = dice.multinomial(200, (people / people.sum()).ravel()).reshape(people.shape)
            found = poisson_scan(xy, cases, people, longest=6, n_permutations=99, rng=seed)
        else:
            place = dice.choice(15, 200, p=taste / taste.sum())
            bins = dice.integers(0, 24, 200)
            found = permutation_scan(
                xy,
                place,
                bins,
                n_bins=24,
                longest=6,
                n_permutations=99,
                rng=seed,
                stratum=bins % 3,
                last_only=model == "prospective",
            )
        p.append(float(found.clusters["p_value"].iloc[0]) if len(found.clusters) else 1.0)
    assert 0 < min(p) <= max(p) <= 1
    assert kstest(p, "uniform").pvalue > 0.01


def two_bursts(seed: int, sizes: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """A year of uploads at 60 venues, and two bursts at one of them, months apart."""
    rng = np.random.default_rng(seed)
    taste = rng.lognormal(0, 0.7, 60)
    place = rng.choice(60, 3_000, p=taste / taste.sum())
    bins = rng.integers(0, 365, 3_000)
    place[: sum(sizes)] = 30
    bins[: sizes[0]] = 100 + rng.integers(0, 10, sizes[0])
    bins[sizes[0] : sum(sizes)] = 220 + rng.integers(0, 10, sizes[1])
    return rng.uniform(0, 20_000, (60, 2)), place, bins


@pytest.mark.parametrize("seed", range(3))
def test_two_equal_bursts_at_one_venue_are_two_clusters(seed: int) -> None:
    xy, place, bins = two_bursts(seed, (20, 20))
    found = permutation_scan(
        xy, place, bins, n_bins=365, longest=30, n_permutations=99, rng=seed
    ).clusters
    strong = found[found["p_value"] <= 0.05]
    assert len(strong) == 2
    assert strong["places"].map(lambda places: 30 in places).all()
    begin, end = strong["start_bin"].to_numpy(), strong["end_bin"].to_numpy()
    for first in (100, 220):
        assert ((begin < first + 10) & (first < end)).sum() == 1


def test_an_iterative_scan_finds_what_a_strong_cluster_hides() -> None:
    """The uploads of a strong burst are counted in what the weak one is held against."""
    hidden, seen = 0, 0
    for seed in range(6):
        xy, place, bins = two_bursts(seed, (150, 14))
        for iterative in (False, True):
            found = permutation_scan(
                xy,
                place,
                bins,
                n_bins=365,
                longest=30,
                n_permutations=99,
                rng=seed,
                iterative=iterative,
            ).clusters
            weak = found[
                (found["p_value"] <= 0.05)
                & found["places"].map(lambda places: 30 in places)
                & (found["start_bin"] > 200)
            ]
            if iterative:
                seen += len(weak) > 0
                assert weak["round"].gt(0).all()
            else:
                hidden += len(weak) == 0
    assert seen >= 5
    assert hidden >= 2


@pytest.mark.parametrize("model", ["permutation", "poisson"])
def test_rounds_end_at_chance(model: str) -> None:
    """Without any cluster the second round is reached as seldom as the test errs."""
    again = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        xy, place = rng.uniform(0, 9, (20, 2)), rng.integers(0, 20, 300)
        bins = rng.integers(0, 30, 300)
        common = {"longest": 7, "n_permutations": 39, "rng": seed, "iterative": True}
        if model == "permutation":
            found = permutation_scan(xy, place, bins, n_bins=30, **common)
        else:
            cases = np.zeros((20, 30), int)
            np.add.at(cases, (place, bins), 1)
            found = poisson_scan(xy, cases, np.ones((20, 30)), **common)
        assert found.clusters["round"].is_monotonic_increasing
        again += int(found.clusters["round"].max() > 0)
    assert again <= 6  # 2 expected; more than 6 in one of 250 runs
