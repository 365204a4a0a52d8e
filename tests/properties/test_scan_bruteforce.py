"""The bounds of the scan skip work, never a window: every maximum equals plain enumeration."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.stats.scan import ArrayScan, permutation_scan, poisson_scan
from crimeloc.stats.scan.strata import strata_that_agree

MASK = 2**64 - 1


def log_ratio(c: float, mu: float, total: float) -> float:
    if c <= mu:
        return 0.0
    rest = total - c
    tail = rest * math.log(rest / (total - mu)) if rest > 0 else 0.0
    return c * math.log(c / mu) + tail


def every_window(
    xy: np.ndarray,
    counts: np.ndarray,
    mu: np.ndarray,
    *,
    longest: int,
    shortest: int,
    last_only: bool,
    max_radius: float,
    max_share: float,
    min_events: float = 2.0,
) -> Iterator[tuple[float, set[int], int, int]]:
    """Log ratio, places, start and end of every window of every circle."""
    total = counts.sum()
    n_bins = counts.shape[1]
    for centre in range(len(xy)):
        away = np.hypot(*(xy - xy[centre]).T)
        for radius in np.unique(away[away <= max_radius]):
            inside = away <= radius
            if mu[inside].sum() > max_share * total * (1 + 1e-12):
                break
            places = set(np.flatnonzero(inside & (mu.sum(axis=1) > 0)).tolist())
            c = np.concatenate([[0.0], np.cumsum(counts[inside].sum(axis=0))])
            m = np.concatenate([[0.0], np.cumsum(mu[inside].sum(axis=0))])
            for end in [n_bins] if last_only else range(shortest, n_bins + 1):
                for start in range(max(0, end - longest), end - shortest + 1):
                    cases = c[end] - c[start]
                    if cases >= min_events - 1e-9:
                        yield log_ratio(cases, m[end] - m[start], total), places, start, end


def enumerate_windows(*args: np.ndarray, **windows: object) -> float:
    """The largest log ratio, by looking at every circle and every window."""
    return max((value for value, *_ in every_window(*args, **windows)), default=0.0)


def splitmix(state: int):
    """The same random numbers as the kernels', written again."""
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        x = state
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
        yield ((x ^ (x >> 31)) >> 11) / 2**53


def shuffled(bins: np.ndarray, stratum: np.ndarray, seed: int) -> np.ndarray:
    """Times dealt anew within strata, as the kernels deal them."""
    order = np.argsort(stratum, kind="stable")
    dealt, labels = bins[order].copy(), stratum[order]
    dice = splitmix(seed)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        for i in range(rows[-1], rows[0], -1):
            j = rows[0] + int(next(dice) * (i - rows[0] + 1))
            dealt[i], dealt[j] = dealt[j], dealt[i]
    result = np.empty_like(bins)
    result[order] = dealt
    return result


@dataclass
class World:
    xy: np.ndarray
    place: np.ndarray
    bins: np.ndarray
    stratum: np.ndarray
    weight: np.ndarray
    n_bins: int
    windows: dict

    def counts(self, bins: np.ndarray) -> np.ndarray:
        table = np.zeros((len(self.xy), self.n_bins))
        np.add.at(table, (self.place, bins), self.weight)
        return table

    def expected(self) -> np.ndarray:
        """Share of a place in all strata like this one, times the events of the bin in this one."""
        table = np.zeros((len(self.xy), self.n_bins))
        labels = np.unique(self.stratum)
        seen = np.zeros((len(labels), len(self.xy)))
        unit = 1.0 if (self.weight == 1.0).all() else 0.001
        for row, label in enumerate(labels):
            own = self.stratum == label
            np.add.at(seen[row], self.place[own], np.rint(self.weight[own] / unit))
        seen *= unit
        spot = np.unique(self.xy, axis=0, return_inverse=True)[1].reshape(-1)
        group = strata_that_agree(np.array([np.bincount(spot, row) for row in seen]))
        for row, label in enumerate(labels):
            own = self.stratum == label
            by_bin = np.bincount(self.bins[own], minlength=self.n_bins) * self.weight[own].mean()
            alike = seen[group == group[row]].sum(axis=0)
            table += np.outer(alike / alike.sum(), by_bin)
        return table

    def scan(
        self, n_permutations: int, rng: int, n_jobs: int = 1, alpha: float = 0.05
    ) -> ArrayScan:
        return permutation_scan(
            self.xy,
            self.place,
            self.bins,
            n_bins=self.n_bins,
            stratum=self.stratum,
            weight=self.weight,
            n_permutations=n_permutations,
            rng=rng,
            n_jobs=n_jobs,
            alpha=alpha,
            **self.windows,
        )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    dice = np.random.default_rng(draw(st.integers(0, 2**32)))
    n_places, n_bins = draw(st.integers(2, 12)), draw(st.integers(2, 40))
    n = draw(st.integers(4, 150))
    grid = draw(st.booleans())  # equal distances and places on top of each other
    xy = dice.integers(0, 4, (n_places, 2)) if grid else dice.uniform(0, 9, (n_places, 2))
    n_strata = draw(st.integers(1, 4))
    bins = dice.integers(0, n_bins, n)
    if draw(st.booleans()):
        bins[: n // 3] = bins[0]  # a burst
    weight = np.ones(n)
    if draw(st.booleans()):
        weight = dice.integers(1, 1000, n) / 1000
    shortest = draw(st.integers(1, n_bins))
    windows = {
        "shortest": shortest,
        "longest": draw(st.integers(shortest, n_bins)),
        "last_only": draw(st.booleans()),
        "max_radius": draw(st.sampled_from([1.5, 4.0, math.inf])),
        "max_share": draw(st.sampled_from([0.3, 0.5, 1.0])),
    }
    return World(
        xy=xy.astype(float),
        place=dice.integers(0, n_places, n),
        bins=bins,
        stratum=bins % n_strata,
        weight=weight,
        n_bins=n_bins,
        windows=windows,
    )


def same(value: float) -> object:
    # Sums of expectations are taken in another order: the last digits may differ.
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@settings(max_examples=60)
@given(worlds())
def test_observed_maximum_is_that_of_enumeration(world: World) -> None:
    found = world.scan(1, 7).clusters
    best = enumerate_windows(world.xy, world.counts(world.bins), world.expected(), **world.windows)
    assert (found["statistic"].iloc[0] if len(found) else 0.0) == same(best)


@settings(max_examples=30)
@given(worlds())
def test_each_replica_is_that_of_enumeration(world: World) -> None:
    n_permutations = 4
    null = world.scan(n_permutations, 11).null
    seeds = np.random.default_rng(11).integers(1, 2**63, size=n_permutations, dtype=np.uint64)
    best = [
        enumerate_windows(
            world.xy,
            world.counts(shuffled(world.bins, world.stratum, int(seed))),
            world.expected(),
            **world.windows,
        )
        for seed in seeds
    ]
    assert null.tolist() == [same(value) for value in best]


@settings(max_examples=30)
@given(worlds())
def test_reported_window_says_what_it_holds(world: World) -> None:
    found = world.scan(19, 3).clusters
    counts, mu = world.counts(world.bins), world.expected()
    seen: set[tuple[int, int]] = set()
    for row in found.itertuples():
        window = np.ix_(list(row.places), range(row.start_bin, row.end_bin))
        assert row.observed == pytest.approx(counts[window].sum(), abs=1e-6)
        assert row.expected == pytest.approx(mu[window].sum(), abs=1e-6)
        assert row.statistic == same(log_ratio(row.observed, row.expected, counts.sum()))
        assert 1 <= row.end_bin - row.start_bin <= world.windows["longest"]
        cells = {(p, t) for p in row.places for t in range(row.start_bin, row.end_bin)}
        assert seen.isdisjoint(cells)
        seen.update(cells)
        assert 0 < row.p_value <= 1
    assert found["statistic"].is_monotonic_decreasing


@settings(max_examples=40)
@given(worlds(), st.sampled_from([0.05, 0.3, 0.6]))
def test_every_window_beyond_chance_is_listed_or_overlaps_a_stronger_one(
    world: World, alpha: float
) -> None:
    """What "all clusters" means: nothing that is more than chance is passed over."""
    scan = world.scan(19, 3, alpha=alpha)
    found = [
        (row.statistic, set(row.places), row.start_bin, row.end_bin)
        for row in scan.clusters.itertuples()
    ]
    counts, mu = world.counts(world.bins), world.expected()
    for value, places, start, end in every_window(world.xy, counts, mu, **world.windows):
        hits = (scan.null >= value * (1 - 1e-8)).sum()
        if value < 1e-9 or (1 + hits) / 20 > alpha:  # 0 up to rounding is no window
            continue
        assert any(
            value <= other * (1 + 1e-9) and places & where and start < last and first < end
            for other, where, first, last in found
        )


@settings(max_examples=15)
@given(worlds(), st.integers(0, 2**32))
def test_same_dice_same_bytes_on_one_thread_and_on_two(world: World, seed: int) -> None:
    one, two = world.scan(40, seed, n_jobs=1), world.scan(40, seed, n_jobs=2)
    assert one.null.tobytes() == two.null.tobytes()
    assert one.clusters.equals(two.clusters)


@settings(max_examples=30)
@given(worlds())
def test_poisson_maximum_is_that_of_enumeration(world: World) -> None:
    cases = np.zeros((len(world.xy), world.n_bins), int)
    np.add.at(cases, (world.place, world.bins), 1)
    people = np.random.default_rng(5).uniform(0.2, 3.0, cases.shape)
    found = poisson_scan(world.xy, cases, people, n_permutations=1, rng=7, **world.windows).clusters
    mu = people * cases.sum() / people.sum()
    best = enumerate_windows(world.xy, cases, mu, **world.windows)
    assert (found["statistic"].iloc[0] if len(found) else 0.0) == same(best)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 20))
def test_like_strata_are_few_and_do_not_depend_on_the_order_of_venues(
    seed: int, strata: int, venues: int
) -> None:
    dice = np.random.default_rng(seed)
    counts = dice.poisson(dice.gamma(1, 5, venues), (strata, venues)).astype(float)
    group = strata_that_agree(counts)
    assert set(group.tolist()) == set(range(group.max() + 1))
    assert np.array_equal(group, strata_that_agree(counts[:, dice.permutation(venues)]))
    apart = np.hstack([np.vstack([counts, 0 * counts]), np.vstack([0 * counts, counts])])
    if counts.sum(axis=1).min() >= 40:
        halves = strata_that_agree(apart)
        assert set(halves[:strata].tolist()).isdisjoint(halves[strata:].tolist())
