"""PDQ needles and haystack: figures published with the reference implementation's test files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from crimeloc.linking import HammingIndex, hamming_pairs, parse_hashes


def _hashes(folder: Path, name: str) -> np.ndarray:
    lines = (folder / "pdq" / name).read_text().split()
    return parse_hashes(pd.Series(lines, dtype="str"))


def test_250_pairs_within_31_bits(reference_data: Path) -> None:
    needles = _hashes(reference_data, "needles.txt")
    haystack = _hashes(reference_data, "haystack.txt")
    pairs = hamming_pairs(needles, haystack, 31)
    assert (len(needles), len(haystack)) == (100, 1350)
    assert len(pairs.left) == 250
    assert len(np.unique(pairs.left)) == 100  # every needle is found, 50 of them bit for bit
    assert int((pairs.distance == 0).sum()) == 50


def test_index_gives_the_same_pairs(reference_data: Path) -> None:
    needles = _hashes(reference_data, "needles.txt")
    haystack = _hashes(reference_data, "haystack.txt")
    pairs = hamming_pairs(needles, haystack, 31)
    found = HammingIndex(haystack).query(needles)
    assert set(zip(*found, strict=True)) == set(zip(*pairs, strict=True))
