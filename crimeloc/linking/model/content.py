"""Who carries what others carried before: copies between entities, followers, reposters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crimeloc.linking.log_arrays import Ints, Log
from crimeloc.linking.model.pair_counts import PairCounts

SOON_US = 24 * 3_600_000_000
"""A copy made within a day of its source is prompt: so does whoever follows a source."""


@dataclass
class Copied:
    """Copies between entities: all, those by the second of each pair, and the prompt ones."""

    all: PairCounts
    forth: PairCounts  # the later upload is by the entity with the larger number
    prompt: PairCounts

    def follows(self, i: Ints, j: Ints) -> NDArray[np.bool_]:
        """Do the copies of these pairs go one way alone, and nearly all of them promptly?

        Then one may simply follow the other, and the copies say nothing about their being one
        person: somebody who works under two names copies either way, or long after.
        """
        count, forth = self.all.look(i, j), self.forth.look(i, j)
        one_way = (forth == 0) | (forth == count)
        prompt = self.prompt.look(i, j) >= 0.8 * count
        return np.asarray(one_way & prompt & (count > 0))


def copied(log: Log, of: Ints, n: int, copies: tuple[Ints, Ints]) -> Copied:
    """Count the copies between entities, each later upload once for a pair."""
    early, late = copies
    a, b = of[early], of[late]
    good = (a >= 0) & (b >= 0) & (a != b)
    took = log.t[late[good]] - log.t[early[good]]
    table = np.column_stack([a[good], b[good], late[good]])
    rows, at = np.unique(table, axis=0, return_inverse=True)
    least = np.full(len(rows), np.iinfo(np.int64).max)
    np.minimum.at(least, at.ravel(), took)
    one, two = rows[:, 0], rows[:, 1]
    up, soon = two > one, least <= SOON_US
    return Copied(
        PairCounts.of(one, two, n),
        PairCounts.of(one[up], two[up], n),
        PairCounts.of(one[soon], two[soon], n),
    )


def reposters(log: Log, of: Ints, n: int, copies: tuple[Ints, Ints]) -> NDArray[np.bool_]:
    """Which entities mostly carry what others had uploaded before, from several sources?

    A source that had ended before the copier began does not count: it may be the copier's own
    former account.
    """
    early, late = copies
    other = (of[early] != of[late]) & (of[late] >= 0) & (of[early] >= 0)
    early, late = early[other], late[other]
    rows = np.flatnonzero(of >= 0)
    first, last = np.zeros(n, np.int64), np.zeros(n, np.int64)
    last[of[rows]] = log.t[rows]
    first[of[rows[::-1]]] = log.t[rows[::-1]]
    beside = last[of[early]] >= first[of[late]]
    early, late = early[beside], late[beside]
    taken = np.bincount(of[np.unique(late)], minlength=n)
    hashed = np.bincount(of[(of >= 0) & (log.content >= 0)], minlength=n)
    pairs = np.unique(of[late] * n + of[early])
    sources = np.bincount(pairs // n, minlength=n)
    return (taken >= 2) & (sources >= 2) & (taken >= 0.3 * hashed)
