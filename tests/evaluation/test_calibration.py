"""Reliability, expected calibration error and conformal sets."""

from __future__ import annotations

import numpy as np
import pytest

from crimeloc.errors import ParameterError
from crimeloc.evaluation import (
    conformal_threshold,
    expected_calibration_error,
    reliability_table,
    set_coverage,
)
from crimeloc.evaluation.calibration import bin_sums, reliability_from_sums


def test_bins_hold_their_lower_edge_and_the_last_both() -> None:
    table = reliability_table([0.0, 0.5, 1.0], [0, 0, 1], edges=[0, 0.5, 1])
    assert table["n"].tolist() == [1.0, 2.0]
    assert table["from"].tolist() == [0.0, 0.5]


def test_an_honest_forecaster_is_calibrated_and_a_loud_one_is_not() -> None:
    rng = np.random.default_rng(11)
    said = rng.random(40_000)
    happened = rng.random(40_000) < said
    assert expected_calibration_error(said, happened) < 0.01  # noise of 13 bins of 3,000
    loud = np.clip(said * 1.5, 0, 1)
    assert expected_calibration_error(loud, happened) > 0.1


def test_the_interval_holds_the_truth() -> None:
    rng = np.random.default_rng(2)
    held = []
    for _ in range(300):
        happened = rng.random(60) < 0.15
        row = reliability_table(np.full(60, 0.15), happened).iloc[0]
        held.append(row["low"] <= 0.15 <= row["high"])
    assert 0.91 <= np.mean(held) <= 0.99  # 95 % wanted; 300 draws


def test_sums_of_parts_add_up() -> None:
    rng = np.random.default_rng(4)
    said, happened = rng.random(50), rng.integers(2, size=50)
    parts = bin_sums(said[:20], happened[:20]) + bin_sums(said[20:], happened[20:])
    whole = reliability_table(said, happened)
    assert np.allclose(reliability_from_sums(parts), whole)


def test_conformal_sets_cover_what_they_promise() -> None:
    rng = np.random.default_rng(8)
    misses = []
    for _ in range(400):
        scores = rng.random(30) ** 2
        misses.append(scores[-1] > conformal_threshold(scores[:-1], 0.8))
    assert 0.14 <= np.mean(misses) <= 0.26  # 20 % wanted; 400 draws, standard error 2 points
    assert conformal_threshold([], 0.8) == np.inf
    assert conformal_threshold([0.1, 0.2, 0.3, 0.4], 0.8) == 0.4


def test_coverage_weighs_events() -> None:
    found = set_coverage([True, False], [1, 9], weight=[3, 1])
    assert found["coverage"] == 0.75
    assert found["median_size"] == 1.0
    assert np.isnan(set_coverage([], [])["coverage"])


@pytest.mark.parametrize(
    "call",
    [
        lambda: reliability_table([0.5], [1], edges=[0, 0.5]),
        lambda: reliability_table([0.5], [1, 1]),
        lambda: reliability_table([1.5], [1]),
        lambda: conformal_threshold([0.5], level=1.0),
        lambda: conformal_threshold([np.nan]),
    ],
)
def test_errors_help(call: object) -> None:
    with pytest.raises(ParameterError, match="hint:"):
        call()  # type: ignore[operator]
