"""Cosines become likelihood ratios: planted ones are found again, bad input is refused."""

from __future__ import annotations

import numpy as np
import pytest

from crimeloc.errors import ParameterError
from crimeloc.linking import calibrate_similarity
from crimeloc.linking.similarity.embeddings import cosines


def test_planted_likelihood_ratios_are_found_again() -> None:
    rng = np.random.default_rng(3)
    same, other = rng.normal(0.6, 0.15, 4_000), rng.normal(0.2, 0.15, 4_000)
    learned = calibrate_similarity(np.r_[same, other], np.arange(8_000) < 4_000, model="face")
    at = np.linspace(0.2, 0.6, 9)
    true = ((at - 0.2) ** 2 - (at - 0.6) ** 2) / (2 * 0.15**2) / np.log(2)
    assert np.abs(learned.bits(at) - true).max() < 0.6  # sampling error of 4,000 pairs a side
    assert abs(learned.equal_error - 0.0912) < 0.015  # 1 - Phi(0.2 / 0.15)
    assert 0 < learned.cllr < 0.5
    assert "4,000 pairs of one person" in str(learned)


def test_evidence_never_exceeds_what_was_seen() -> None:
    same, other = np.linspace(0.8, 0.9, 30), np.linspace(-0.1, 0.1, 100)
    learned = calibrate_similarity(np.r_[same, other], np.arange(130) < 30)
    assert learned.bits(1.0) <= np.log2(101)
    assert learned.bits(-1.0) >= -np.log2(31)
    assert learned.bits(np.nan) == 0
    assert (np.diff(learned.curve["false_link"]) <= 0).all()


def test_a_similarity_that_says_the_opposite_is_worth_nothing() -> None:
    cosine = np.r_[np.linspace(0, 0.3, 50), np.linspace(0.5, 0.9, 50)]
    learned = calibrate_similarity(cosine, np.arange(100) < 50)
    assert (learned.bits([-1.0, 0.0, 1.0]) == 0).all()


@pytest.mark.parametrize(
    ("pairs", "labels", "word"),
    [
        ([0.1, np.nan] * 30, [True, False] * 30, "not numbers"),
        ([0.1, 0.2] * 5, [True, False] * 5, "at least 20"),
        ([0.1, 0.2], [True], "one label"),
        (([[1.0, 2.0], [1.0]], [[1.0, 2.0], [1.0, 2.0]]), [True, False], "mixed dimensions"),
        (([[1.0, np.nan]], [[1.0, 2.0]]), [True], "NaN"),
        (([[1.0, 2.0, 3.0]], [[1.0, 2.0]]), [True], "one shape"),
        ([0.1] * 50, [2] * 50, "True or False"),
    ],
)
def test_bad_input_is_refused(pairs: object, labels: list[object], word: str) -> None:
    with pytest.raises(ParameterError, match=word):
        calibrate_similarity(pairs, labels)  # type: ignore[arg-type]


def test_cosines_are_cosines() -> None:
    assert cosines([[3.0, 4.0]], [[3.0, 4.0]]).tolist() == [1.0]
