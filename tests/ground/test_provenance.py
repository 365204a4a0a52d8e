from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from crimeloc.provenance import VERSION, Input, record, sha256_file


def test_sha256_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"crimeloc" * 10_000)
    assert sha256_file(path) == hashlib.sha256(b"crimeloc" * 10_000).hexdigest()


def test_record_prints_and_serialises() -> None:
    made = record(
        "rank", {"window": "4h", "big": np.zeros((3, 2))}, at="2026-03-01", seed=7, n_in=10, n_out=2
    ).with_inputs([Input("log.csv", "ab" * 32, 10, 1)])
    assert made.version == VERSION
    assert json.loads(made.to_json())["inputs"][0]["n_rejected"] == 1
    text = str(made)
    assert "big=ndarray(3, 2)" in text
    assert "log.csv: SHA-256 abab" in text
    assert "1 rejected" in text


def test_html_is_escaped() -> None:
    assert "<script>" not in record("<script>")._repr_html_()
