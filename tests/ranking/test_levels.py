"""Levels of sets: by hand, randomised, and moved by hits and misses."""

from __future__ import annotations

import numpy as np
import pytest

from crimeloc.ranking.conformal import (
    BEYOND,
    Outcome,
    adapt,
    calibrated_level,
    outcome,
    set_size,
)


def one(above: float, tied: float) -> Outcome:
    return Outcome(np.array([above]), np.array([tied]), np.ones(1))


def test_an_outcome_by_hand():
    p = np.array([0.5, 0.3, 0.1, 0.1])
    second = outcome(p, np.array([1]), np.ones(1))
    assert second.above[0] == pytest.approx(0.5)
    assert second.tied[0] == pytest.approx(0.3)
    assert second.part(0.65) == pytest.approx(0.5)  # half of its step: let in at random
    assert second.whole(0.65) == 1.0  # printed whole
    assert second.part(0.8) == pytest.approx(1.0)
    assert second.whole(0.5) == 0.0
    ties = outcome(p, np.array([3]), np.ones(1))
    assert (ties.above[0], ties.tied[0]) == (pytest.approx(0.8), pytest.approx(0.2))
    assert set_size(p, 0.8) == 2
    assert set_size(p, 0.81) == 3


def test_a_vague_event_is_placed_by_address_and_forecast():
    p = np.array([0.6, 0.2, 0.2, 0.0])
    vague = outcome(p, np.array([0, 1]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(vague.weight, [0.75, 0.25])
    assert outcome(p, np.array([3, 3]), np.array([0.5, 0.5])) is None
    assert outcome(p, np.array([3]), np.ones(1)).part(0.99) == 0.0


def test_the_level_of_uniform_scores():
    grid = [one(k / 100, 0.0) for k in range(100)]
    # 80 of 100 held, one more for the finite sample: the level lies on the 81st score
    assert calibrated_level(grid, 0.8) == pytest.approx(0.80, abs=0.011)
    assert calibrated_level(grid[:1], 0.8) == pytest.approx(0.9)  # too few: wider
    assert calibrated_level([], 0.8) == pytest.approx(0.9)


def test_one_venue_that_holds_all_is_calibrated_at_random():
    rng = np.random.default_rng(5)
    p = np.array([0.93, 0.05, 0.02])
    past = [outcome(p, np.array([v]), np.ones(1)) for v in rng.choice(3, 4_000, p=p)]
    level = calibrated_level(past, 0.8)
    assert level == pytest.approx(0.8, abs=0.02)
    assert np.mean([o.part(level) for o in past]) == pytest.approx(0.8, abs=0.001)
    assert np.mean([o.whole(level) for o in past]) == pytest.approx(0.93, abs=0.02)


def test_misses_widen_and_hits_narrow():
    assert adapt(0.8, [[one(0.95, 0.01)]] * 5, 0.8) > 0.8 > adapt(0.8, [[one(0.0, 0.1)]] * 5, 0.8)
    # what one forecast covered is held against one level
    together = adapt(0.8, [[one(0.95, 0.01), one(0.0, 0.1)]], 0.8, step=0.1)
    assert together == pytest.approx(0.8 + 0.1 * (0.8 - 0.2))
    assert adapt(0.8, [[one(1.0, 0.0)]] * 500, 0.8) <= BEYOND


def test_adaptive_sets_keep_their_share_when_habits_drift():
    rng = np.random.default_rng(6)
    level, held = 0.8, []
    for k in range(3_000):  # scores creep from uniform to nearly always high
        score = rng.random() ** (1.0 / (1.0 + k / 500))
        held.append(score < level)
        level = adapt(level, [[one(score, 1e-9)]], 0.8)
    assert np.mean(held) == pytest.approx(0.8, abs=0.02)
