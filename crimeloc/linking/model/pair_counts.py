"""How often something holds between two entities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crimeloc.linking.log_arrays import Ints


@dataclass
class PairCounts:
    """How often something holds between two entities, for the pairs where it does at all."""

    keys: Ints  # i * n + j with i < j, sorted
    count: Ints
    n: int

    @classmethod
    def of(cls, i: Ints, j: Ints, n: int) -> PairCounts:
        """Count the pairs, each once whatever its order."""
        low, high = np.minimum(i, j), np.maximum(i, j)
        good = (low != high) & (low >= 0)
        keys, count = np.unique(low[good] * n + high[good], return_counts=True)
        return cls(keys, count.astype(np.int64), n)

    def look(self, i: Ints, j: Ints) -> Ints:
        """How often for these pairs?"""
        if not len(self.keys):
            return np.zeros(len(i), np.int64)
        keys = np.minimum(i, j) * self.n + np.maximum(i, j)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.count[at], 0)

    def pairs(self, least: int = 1) -> tuple[Ints, Ints]:
        """The pairs that have it at least so often."""
        keys = self.keys[self.count >= least]
        return keys // self.n, keys % self.n
