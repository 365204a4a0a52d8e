"""EM finds planted probabilities again; bits of levels sum."""

from __future__ import annotations

import numpy as np
import pytest

from crimeloc.errors import ParameterError
from crimeloc.linking.model import fellegi_sunter as fs


def _planted(
    n: int, share: float, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    linked = rng.random(n) < share
    m = {
        "device": (0.02, 0.08, 0.2, 0.7),
        "content": (0.4, 0.3, 0.2, 0.1),
        "email": (0.02, 0.28, 0.3, 0.4),
    }
    u = {
        "device": (0.37, 0.6, 0.02, 0.01),
        "content": (0.95, 0.03, 0.015, 0.005),
        "email": (0.3, 0.6, 0.08, 0.02),
    }
    kinds = {}
    for kind in m:
        k = len(m[kind])
        level = np.where(linked, rng.choice(k, n, p=m[kind]), rng.choice(k, n, p=u[kind]))
        level[rng.random(n) < 0.1] = -1
        kinds[kind] = level.astype(np.int8)
    return kinds, linked


def test_planted_parameters_are_found_again() -> None:
    kinds, linked = _planted(100_000, 0.05, np.random.default_rng(1))
    learned = fs.by_em(kinds, np.ones(100_000), 100_000.0, rounds=200)
    assert abs(learned.prior - 0.05) < 0.01
    assert np.abs(learned.linked["device"] - (0.02, 0.08, 0.2, 0.7)).max() < 0.04
    assert np.abs(learned.unlinked["content"] - (0.95, 0.03, 0.015, 0.005)).max() < 0.005
    counted = fs.by_counts(kinds, (~linked).astype(float), linked.astype(float))
    assert np.abs(counted.linked["email"] - (0.02, 0.28, 0.3, 0.4)).max() < 0.03
    assert counted.how == "counts"


def test_missing_is_no_evidence() -> None:
    kinds, _ = _planted(2_000, 0.1, np.random.default_rng(2))
    learned = fs.by_em(kinds, np.ones(2_000), 2_000.0)
    bits = fs.score({"device": np.array([-1, 3, 0], np.int8)}, learned)
    assert bits["device"][0] == 0
    assert bits["device"][1] > 3
    assert bits["device"][2] <= -3  # own, lasting and different devices speak against


def test_given_weights_are_taken_and_checked() -> None:
    kinds, _ = _planted(500, 0.1, np.random.default_rng(3))
    learned = fs.by_em(kinds, np.ones(500), 500.0)
    taken = fs.given(
        {"prior": 0.01, "device": [[0.1, 0.1, 0.2, 0.6], [0.5, 0.4, 0.05, 0.05]]}, kinds, learned
    )
    assert taken.prior == 0.01
    assert taken.bits("device")[3] == pytest.approx(np.log2(12))
    for wrong in ({"prior": 2.0}, {"shoes": [[1], [1]]}, {"device": [[0.5], [0.5]]}):
        with pytest.raises(ParameterError, match="parameters"):
            fs.given(wrong, kinds, learned)
