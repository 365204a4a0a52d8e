"""Hashes in, pairs out: what is refused, and how it is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.linking import HammingIndex, hamming_pairs, parse_hashes


@pytest.mark.parametrize(
    ("column", "word"),
    [
        (["ab" * 32, "ab" * 31], "62 digits"),
        (["zz" * 32], "hexadecimal"),
        (["ab" * 31 + "a "], "hexadecimal"),
        (["abc", "abd"], "even length"),
        ([None, "ab" * 32], "no hash in row 1"),
        ([""], "even length"),
    ],
)
def test_malformed_hashes_are_refused(column: list[str | None], word: str) -> None:
    with pytest.raises(ParameterError, match=word) as caught:
        parse_hashes(pd.Series(column, dtype="str"))
    assert "hint:" in str(caught.value)


def test_empty_sets_have_no_pairs() -> None:
    none = parse_hashes(pd.Series([], dtype="str"))
    one = parse_hashes(pd.Series(["ab" * 32]))
    assert len(hamming_pairs(none, one).left) == 0
    assert len(hamming_pairs(one, none).left) == 0
    assert len(HammingIndex(none).query(one).left) == 0


@pytest.mark.parametrize("radius", [-1, 3.5, True])
def test_radius_must_be_bits(radius: object) -> None:
    one = np.zeros((1, 32), np.uint8)
    with pytest.raises(ParameterError, match="radius"):
        hamming_pairs(one, one, radius)  # type: ignore[arg-type]


def test_shapes_and_lengths_must_fit() -> None:
    with pytest.raises(ParameterError, match="float64"):
        hamming_pairs(np.zeros((2, 32)))
    with pytest.raises(ParameterError, match="one length"):
        hamming_pairs(np.zeros((1, 32), np.uint8), np.zeros((1, 64), np.uint8))


def test_a_flood_of_pairs_is_refused_not_endured() -> None:
    same = np.full((9_000, 32), 7, np.uint8)
    with pytest.raises(ParameterError, match="more than 100,000 pairs"):
        hamming_pairs(same, None, 31, max_pairs=100_000)


def test_an_index_is_not_asked_beyond_its_radius() -> None:
    index = HammingIndex(np.zeros((1, 32), np.uint8), radius=10)
    with pytest.raises(ParameterError, match="at most 10"):
        index.query(np.zeros((1, 32), np.uint8), 11)


def test_blocks_stop_early_when_there_are_too_many() -> None:
    same = np.random.default_rng(1).integers(0, 256, (1, 32), dtype=np.uint8).repeat(6_000, axis=0)
    with pytest.raises(ParameterError, match="more than 1,000 pairs"):
        hamming_pairs(same, same, 31, max_pairs=1_000)
