"""Identifiers that are a person's own: shared by two entities, or different and lasting in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from crimeloc.linking.log_arrays import Ints, Log

LASTING, LASTING_US = 5, 14 * 86_400_000_000
"""A value that one entity alone used so often, over two weeks or more, is its lasting own."""


@dataclass
class OwnIdentifiers:
    """Values of one kind of identifier that behave like a person's own, for each entity."""

    own: Any  # CSR entity x value: how often
    since: Ints  # use of the entity's lasting, exclusive values: from, until (0, -1: none)
    until: Ints

    def apart(self, i: Ints, j: Ints) -> NDArray[np.bool_]:
        """Do both use a lasting value of their own, at the same time?

        One person may change to a new device, but hardly carries one for each account side by side.
        """
        low, high = (
            np.maximum(self.since[i], self.since[j]),
            np.minimum(self.until[i], self.until[j]),
        )
        shorter = np.minimum(self.until[i] - self.since[i], self.until[j] - self.since[j])
        lasting = (self.until[i] > 0) & (self.until[j] > 0)
        return np.asarray(lasting & (2 * (high - low) >= shorter))


def own_identifiers(
    log: Log, of: Ints, n: int, personal: dict[str, NDArray[np.bool_]]
) -> dict[str, OwnIdentifiers]:
    """Sum up the own identifiers of each entity."""
    result = {}
    for name, identifier in log.identifiers.items():
        rows = np.flatnonzero((of >= 0) & (identifier >= 0))
        rows = rows[personal[name][identifier[rows]]]
        width = max(len(personal[name]), 1)
        keys, at, count = np.unique(
            of[rows] * width + identifier[rows], return_inverse=True, return_counts=True
        )
        entity, value = np.divmod(keys, width)
        one = sparse.csr_matrix((count.astype(np.float64), (entity, value)), shape=(n, width))
        one.sort_indices()
        first = np.full(len(keys), np.iinfo(np.int64).max)
        last = np.full(len(keys), np.iinfo(np.int64).min)
        np.minimum.at(first, at, log.t[rows])
        np.maximum.at(last, at, log.t[rows])
        carriers = np.bincount(value, minlength=width)
        kept = (count >= LASTING) & (carriers[value] == 1) & (last - first >= LASTING_US)
        since = np.full(n, np.iinfo(np.int64).max)
        until = np.full(n, np.iinfo(np.int64).min)
        np.minimum.at(since, entity[kept], first[kept])
        np.maximum.at(until, entity[kept], last[kept])
        none = until < since
        result[name] = OwnIdentifiers(one, np.where(none, 0, since), np.where(none, -1, until))
    return result
