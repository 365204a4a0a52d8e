"""What always holds for Knox's test and the near-repeat table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from crimeloc.stats import _close_pairs
from crimeloc.stats.knox import knox_arrays
from crimeloc.stats.near_repeat import near_repeat_arrays

SEEDS = st.integers(0, 10**6)


def world(seed: int, n: int = 60):
    """Give weighted candidates: rows of (x, y), time, weight, event."""
    rng = np.random.default_rng(seed)
    venues = rng.integers(0, 12, (8, 2)).astype(float)
    event = np.concatenate([np.arange(n), rng.integers(0, n, n // 3)])
    t = rng.integers(0, 40, n).astype(float)[event]
    venue = rng.integers(0, 8, len(event))
    share = rng.choice([1.0, 2.0, 3.0], len(event))
    weight = share / np.bincount(event, share)[event] * rng.choice([0.5, 1.0], n)[event]
    return venues[venue], t, weight, event


def plain_count(space, t, weight, event, radius, gap, manhattan):
    """Count as the definition says, over all pairs of rows of different events."""
    apart = np.abs(space[:, None] - space[None])
    away = apart.sum(axis=2) if manhattan else np.sqrt((apart**2).sum(axis=2))
    close = (away <= radius) & (np.abs(t[:, None] - t[None]) <= gap)
    close &= event[:, None] != event[None]
    return float((close * np.outer(weight, weight)).sum() / 2)


@pytest.mark.parametrize("listed", [50_000_000, 0], ids=["by lists", "pair by pair"])
@settings(max_examples=30)
@given(
    seed=SEEDS, radius=st.sampled_from([0.0, 1.0, 3.0, 5.0]), gap=st.sampled_from([0.0, 1.0, 4.0])
)
def test_it_counts_what_the_definition_says(listed, seed, radius, gap):
    space, t, weight, event = world(seed)
    kept = _close_pairs.MOST_LISTED
    _close_pairs.MOST_LISTED = listed
    try:
        for distance in ("euclidean", "manhattan"):
            result = knox_arrays(
                space,
                t,
                radius,
                gap,
                weight=weight,
                event=event,
                distance=distance,
                rng=7,
                n_permutations=3,
            )
            expected = plain_count(space, t, weight, event, radius, gap, distance == "manhattan")
            assert result.observed == pytest.approx(expected, abs=1e-8)
            assert result.contributions["close_pairs"].sum() == pytest.approx(2 * expected)
            assert result.table.sum() == pytest.approx(60 * 59 / 2)
    finally:
        _close_pairs.MOST_LISTED = kept


@settings(max_examples=15)
@given(seed=SEEDS)
def test_both_ways_to_count_give_the_same_shuffled_worlds(seed):
    rng = np.random.default_rng(seed)
    space, t = rng.integers(0, 9, (80, 2)).astype(float), rng.uniform(0, 50, 80)
    one = knox_arrays(space, t, 2, 4, n_permutations=19, rng=seed)
    kept = _close_pairs.MOST_LISTED
    _close_pairs.MOST_LISTED = 0
    try:
        two = knox_arrays(space, t, 2, 4, n_permutations=19, rng=seed)
    finally:
        _close_pairs.MOST_LISTED = kept
    assert one.simulated.tolist() == two.simulated.tolist()
    # One row of weight 1, or two halves of the same event at the same place.
    halves = knox_arrays(
        np.vstack([space, space]),
        np.r_[t, t],
        2,
        4,
        weight=np.full(160, 0.5),
        event=np.r_[np.arange(80), np.arange(80)],
        n_permutations=19,
        rng=seed,
    )
    assert halves.observed == pytest.approx(one.observed)
    assert halves.expected == pytest.approx(one.expected)


@settings(max_examples=20)
@given(seed=SEEDS, n_permutations=st.integers(1, 60))
def test_the_p_value_lies_in_its_bounds_and_order_and_threads_play_no_part(seed, n_permutations):
    space, t, weight, event = world(seed)
    order = np.random.default_rng(seed).permutation(len(t))
    one = knox_arrays(
        space,
        t,
        2,
        3,
        weight=weight,
        event=event,
        n_permutations=n_permutations,
        rng=seed,
        n_jobs=1,
    )
    two = knox_arrays(
        space[order],
        t[order],
        2,
        3,
        weight=weight[order],
        event=event[order],
        n_permutations=n_permutations,
        rng=seed,
        n_jobs=2,
    )
    assert 1 / (n_permutations + 1) <= one.p_value <= 1
    assert one.simulated.tobytes() == two.simulated.tobytes()
    assert (one.observed, one.expected, one.p_value) == (two.observed, two.expected, two.p_value)


def test_same_dice_same_bytes_other_dice_other_bytes():
    space, t, *_ = world(3)

    def worlds(rng):
        return knox_arrays(space, t, 2, 3, rng=rng, n_permutations=50).simulated.tobytes()

    assert worlds(5) == worlds(5)
    assert worlds(5) == worlds(np.random.default_rng(5))
    assert worlds(5) != worlds(6)


@settings(max_examples=15)
@given(seed=SEEDS)
def test_shuffles_stay_within_strata(seed):
    rng = np.random.default_rng(seed)
    space, t = rng.integers(0, 4, (40, 2)).astype(float), rng.uniform(0, 30, 40)
    alone = knox_arrays(space, t, 1, 3, strata=np.arange(40), rng=7, n_permutations=9)
    assert (alone.simulated == alone.observed).all()
    assert alone.p_value == 1.0
    together = knox_arrays(space, t, 1, 3, strata=np.full(40, 7), rng=7, n_permutations=9)
    assert (
        together.simulated.tolist()
        == knox_arrays(space, t, 1, 3, rng=7, n_permutations=9).simulated.tolist()
    )


def test_every_order_of_three_is_equally_likely():
    # The first two are close in time; in a third of the orders they are close in space too.
    space = [[0.0, 0.0], [0.0, 1.0], [0.0, 5.0]]
    result = knox_arrays(space, [0.0, 1.0, 50.0], 1.5, 2.0, rng=7, n_permutations=6000)
    assert result.simulated.mean() == pytest.approx(1 / 3, abs=4 * np.sqrt(2 / 9 / 6000))


def test_p_values_are_uniform_where_chance_rules():
    """Kolmogorov and Smirnov over 400 worlds, at venues of unequal size."""
    found = []
    for seed in range(400):
        rng = np.random.default_rng(50_000 + seed)
        n = 250
        venues = rng.uniform(0, 10, (60, 2))
        space = venues[rng.choice(60, n, p=rng.dirichlet(np.ones(60)))]
        result = knox_arrays(space, rng.uniform(0, 100, n), 3.0, 10.0, n_permutations=199, rng=seed)
        found.append(result.p_value)
    assert kstest(found, "uniform").pvalue > 0.01
    assert 0.02 < np.mean(np.array(found) <= 0.05) < 0.08


@settings(max_examples=15)
@given(seed=SEEDS)
def test_a_knox_cell_is_a_near_repeat_cell_and_margins_hold(seed):
    rng = np.random.default_rng(seed)
    space, t = rng.integers(0, 9, (50, 2)).astype(float), rng.integers(0, 30, 50).astype(float)
    table = near_repeat_arrays(
        space, t, [0, 1, 3, np.inf], [0, 2, 5, np.inf], rng=7, n_permutations=29
    )
    assert table.observed.sum() == 50 * 49 / 2
    assert table.expected.sum() == pytest.approx(50 * 49 / 2)
    assert ((table.p_value > 0) & (table.p_value <= 1)).all()
    assert (table.p_adjusted >= table.p_value).all()
    # Half-open bands of whole numbers: below 3 and 5 is at most 2.99 and 4.
    knox = knox_arrays(space, t, 2.99, 4.0, rng=7, n_permutations=1)
    assert table.observed[:2, :2].sum() == knox.observed


def test_adjusted_p_values_hold_their_level():
    """Over 200 worlds ruled by chance, some cell is below .05 in about 5 % of them."""
    false = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        space, t = rng.uniform(0, 10, (80, 2)), rng.uniform(0, 60, 80)
        table = near_repeat_arrays(
            space, t, [0, 1, 2, 4], [0, 2, 5, 10], n_permutations=99, rng=seed
        )
        false += bool((table.p_adjusted <= 0.05).any())
    assert false <= 20  # 10 expected; 20 is the 99.9th percentile


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.sampled_from(["euclidean", "manhattan"]))
def test_chance_of_each_event_is_taken_within_strata(seed, distance):
    """The event stays; each other event gets any moment of its stratum."""
    dice = np.random.default_rng(seed)
    n = int(dice.integers(4, 25))
    event = np.repeat(np.arange(n), 2)
    space = dice.integers(0, 5, (2 * n, 2)) * 400.0
    t = dice.integers(0, 30, n) * 10_000.0
    weight = dice.uniform(0.05, 0.5, 2 * n)
    stratum = dice.integers(0, 3, n)
    result = knox_arrays(
        space,
        t[event],
        800,
        50_000,
        rng=7,
        n_permutations=1,
        weight=weight,
        event=event,
        strata=stratum[event],
        distance=distance,
        n_jobs=1,
    )
    off = space[:, None] - space[None]
    away = np.abs(off).sum(axis=2) if distance == "manhattan" else np.hypot(*off.T)
    rows = np.outer(weight, weight) * (away <= 800)
    near = rows.reshape(n, 2, n, 2).sum(axis=(1, 3))
    soon = (np.abs(t[:, None] - t) <= 50_000).astype(float)
    np.fill_diagonal(near, 0)
    np.fill_diagonal(soon, 0)
    expected = np.zeros(n)
    for label in range(3):
        mine = stratum == label
        others = np.maximum(mine.sum() - mine, 1)
        expected += near[:, mine].sum(axis=1) * soon[:, mine].sum(axis=1) / others
    found = result.contributions.assign(event=event[result.contributions["row"]])
    assert found.sort_values("event")["expected"].to_numpy() == pytest.approx(expected, abs=1e-8)
