"""The search by blocks gives what looking at every pair gives, on 200 sets."""

from __future__ import annotations

import numpy as np
import pytest

from crimeloc.linking import HammingIndex
from crimeloc.linking.similarity import hamming
from crimeloc.linking.similarity.hamming import hamming_pairs

pytestmark = pytest.mark.slow


def _grown(rng: np.random.Generator, base: np.ndarray, n: int, most: int) -> np.ndarray:
    bits = np.unpackbits(base[rng.integers(0, len(base), n)], axis=1)
    for row in bits:
        row[rng.choice(row.size, rng.integers(0, most + 1), replace=False)] ^= 1
    return np.packbits(bits, axis=1)


@pytest.mark.parametrize("part", range(4))
def test_equals_brute_force(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hamming, "_FEW", 0)  # no short cut for small sets
    for seed in range(50):
        rng = np.random.default_rng(1000 * part + seed)
        octets = 64 if seed % 10 == 0 else 32
        base = rng.integers(0, 256, (int(rng.integers(1, 30)), octets), dtype=np.uint8)
        a = _grown(rng, base, int(rng.integers(1, 160)), int(rng.integers(0, 60)))
        b = _grown(rng, base, int(rng.integers(1, 160)), int(rng.integers(0, 60)))
        radius = int(rng.choice([0, 5, 15, 16, 24, 31, 32, 40, 47, 48, 70]))
        distance = np.bitwise_count(a[:, None] ^ b[None]).sum(axis=2)
        want = {
            (i, j, int(distance[i, j]))
            for i, j in zip(*np.nonzero(distance <= radius), strict=True)
        }
        pairs = hamming_pairs(a, b, radius)
        assert len(pairs.left) == len(want)  # each pair once
        assert set(zip(*pairs, strict=True)) == want
        within = np.bitwise_count(a[:, None] ^ a[None]).sum(axis=2)
        own = hamming_pairs(a, None, radius)
        assert (own.left < own.right).all()
        upper = np.triu(within <= radius, 1)
        assert set(zip(own.left, own.right, strict=True)) == set(
            zip(*np.nonzero(upper), strict=True)
        )
        if octets == 32 and radius < 48:
            asked = HammingIndex(b, radius).query(a)
            assert len(asked.left) == len(want)
            assert set(zip(*asked, strict=True)) == want


def test_batches_of_questions_are_joined() -> None:
    rng = np.random.default_rng(5)
    base = rng.integers(0, 256, (40, 32), dtype=np.uint8)
    kept, asked = _grown(rng, base, 900, 20), _grown(rng, base, 700, 20)
    many = HammingIndex(kept).query(asked)
    few = [HammingIndex(kept).query(asked[k : k + 350]) for k in (0, 350)]
    left = np.concatenate([few[0].left, few[1].left + 350])
    right = np.concatenate([few[0].right, few[1].right])
    assert set(zip(many.left, many.right, strict=True)) == set(zip(left, right, strict=True))


def test_nothing_is_lost_where_there_are_more_pairs_than_room() -> None:
    rng = np.random.default_rng(8)
    base = rng.integers(0, 256, (3, 32), dtype=np.uint8)
    a, b = _grown(rng, base, 6_000, 4), _grown(rng, base, 5_200, 4)
    distance = np.zeros((len(a), len(b)), np.int16)
    for byte in range(32):
        distance += np.bitwise_count(a[:, None, byte] ^ b[None, :, byte])
    pairs = hamming_pairs(a, b, 31)
    found = np.full(distance.shape, -1, np.int16)
    found[pairs.left, pairs.right] = pairs.distance
    assert len(pairs.left) == int((distance <= 31).sum()) > 5_000_000  # each pair once
    assert (found == np.where(distance <= 31, distance, -1)).all()
    own = hamming_pairs(a, None, 31)
    assert (own.left < own.right).all()
    keys = own.left.astype(np.int64) * len(a) + own.right
    assert len(np.unique(keys)) == len(keys)
