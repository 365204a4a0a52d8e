"""Scores on plain arrays: worked examples, and the errors that help."""

from __future__ import annotations

import numpy as np
import pytest

from crimeloc.errors import ParameterError
from crimeloc.evaluation import (
    brier_score,
    capture,
    entropy_rate,
    hit_rate,
    log_score,
    most_capturable,
    pai,
    predictability_ceiling,
    rank_of,
    search_cost,
)


def test_ties_stand_in_the_middle() -> None:
    assert rank_of([1.0, 1.0, 1.0, 1.0], 3) == 2.5
    assert rank_of([3.0, 2.0, 2.0, 1.0], 0) == 1.0
    assert rank_of([3.0, 2.0, 2.0, 1.0], 2) == 2.5


def test_hit_rate_counts_weights_and_misses() -> None:
    assert hit_rate([1, 2, np.nan], k=1, weight=[2, 1, 1]) == {1: 0.5}
    assert hit_rate([1, 2, np.nan], k=5) == pytest.approx({5: 2 / 3})
    assert np.isnan(hit_rate([], k=5)[5])


def test_log_score_of_the_impossible_is_finite() -> None:
    assert log_score([0.0]) == pytest.approx(np.log(1e-9))
    assert log_score([1.0, 0.5], weight=[0, 1]) == pytest.approx(np.log(0.5))


def test_brier_of_a_sure_and_right_forecast_is_nought() -> None:
    assert brier_score([1.0, 0.0], [1, 0]) == 0.0
    assert brier_score([1.0, 0.0], [0, 1]) == 1.0


def test_capture_shares_ties_out() -> None:
    equal = capture([1.0] * 4, [1, 0, 0, 1], k=(1, 2, 4))
    assert equal == {1: 0.5, 2: 1.0, 4: 2.0}
    assert capture([0.9, 0.1], [0.0, 0.0], k=1) == {1: 0.0}
    assert most_capturable([1, 0, 0, 1], k=(1, 2, 9)) == {1: 1.0, 2: 2.0, 9: 2.0}


def test_pai_and_search_cost_of_chance() -> None:
    assert pai(0.01, 10, 1_000) == 1.0
    assert search_cost([np.nan], 50) == 1.0


def test_entropy_of_a_steady_and_of_a_random_series() -> None:
    steady = entropy_rate(["a"] * 200)
    rng = np.random.default_rng(3)
    random = entropy_rate(rng.integers(8, size=600).tolist())
    assert steady < 0.2
    assert random == pytest.approx(3.0, abs=0.35)  # log2(8); the estimator converges slowly
    assert np.isnan(entropy_rate(["a"]))


def test_ceiling_solves_fanos_equation() -> None:
    for p in (0.3, 0.6, 0.93):
        n = 20
        entropy = -p * np.log2(p) - (1 - p) * np.log2(1 - p) + (1 - p) * np.log2(n - 1)
        assert predictability_ceiling(entropy, n) == pytest.approx(p, abs=1e-9)
    assert predictability_ceiling(99.0, 4) == 0.25
    assert predictability_ceiling(1.0, 1) == 1.0


def test_the_ceiling_of_a_two_state_chain_is_its_best_forecaster() -> None:
    # A chain that stays with chance .9: the best forecaster says "same again", right 9 times in 10.
    rng = np.random.default_rng(5)
    chain = np.cumsum(rng.random(3_000) > 0.9) % 2
    assert predictability_ceiling(entropy_rate(chain.tolist()), 2) == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: hit_rate([1.0], k=0), "k"),
        (lambda: hit_rate([1.0], weight=[-1.0]), "weight"),
        (lambda: hit_rate([1.0], weight=[1.0, 2.0]), "rank"),
        (lambda: log_score([1.2]), "p_true"),
        (lambda: brier_score([0.2], [2.0]), "happened"),
        (lambda: brier_score([0.2], [1, 0]), "happened"),
        (lambda: capture([1.0], [1.0, 2.0], k=1), "truth"),
        (lambda: capture([1.0], [1.0], k=0), "k"),
        (lambda: pai(0.1, 0, 10), "k"),
    ],
)
def test_errors_name_the_argument(call: object, word: str) -> None:
    with pytest.raises(ParameterError, match=rf"^{word}: found .*hint: "):
        call()  # type: ignore[operator]
