"""Which entities are worth comparing? Never all with all."""

from __future__ import annotations

from typing import Any

import numpy as np

from crimeloc.linking.entities import Entities
from crimeloc.linking.log_arrays import Ints
from crimeloc.linking.model.profiles import Profiles

BLOCK = 30
"""A value that more entities carry than this is common: it leads nowhere, and that is reported."""


def candidates(
    entities: Entities, p: Profiles, *given: tuple[Ints, Ints]
) -> tuple[Ints, Ints, dict[str, int]]:
    """Pairs of entities that share something: i < j, each once; and what was too common."""
    keys: list[Ints] = [_key(*pairs, p.n) for pairs in given]
    skipped: dict[str, int] = {}
    for name, own in p.identifiers.items():
        found, common = _by_column(own.own, p.n)
        keys.append(found)
        skipped[f"values of {name} carried by more than {BLOCK} entities"] = common
    keys.append(_key(*p.copies.all.pairs(), p.n))
    keys.append(_key(*p.meetings.pairs(2), p.n))
    found, common = _by_venues(p)
    keys.append(found)
    skipped[f"pairs of venues frequented by more than {BLOCK} entities"] = common
    of = np.flatnonzero(entities.shared_account & (entities.account >= 0))
    if len(of):
        from scipy import sparse

        one = np.ones(len(of))
        table = sparse.csr_matrix(
            (one, (of, entities.account[of])), shape=(p.n, entities.account.max() + 1)
        )
        found, common = _by_column(table, p.n)
        keys.append(found)
        skipped[f"shared accounts with more than {BLOCK} entities"] = common
    every = np.unique(np.concatenate(keys))
    return every // p.n, every % p.n, {k: v for k, v in skipped.items() if v}


def _key(i: Ints, j: Ints, n: int) -> Ints:
    good = i != j
    low, high = np.minimum(i, j)[good], np.maximum(i, j)[good]
    return np.asarray(low * n + high, dtype=np.int64)


def _by_column(matrix: Any, n: int) -> tuple[Ints, int]:
    """Pairs of rows that share a column with at most `BLOCK` rows."""
    columns = matrix.tocsc()
    size = np.diff(columns.indptr)
    pairs: list[Ints] = []
    for count in range(2, BLOCK + 1):
        at = np.flatnonzero(size == count)
        if not len(at):
            continue
        rows = columns.indices[columns.indptr[at][:, None] + np.arange(count)].astype(np.int64)
        a, b = np.triu_indices(count, 1)
        pairs.append(np.unique(_key(rows[:, a].ravel(), rows[:, b].ravel(), n)))
    found = np.unique(np.concatenate(pairs)) if pairs else np.empty(0, np.int64)
    return found, int((size > BLOCK).sum())


def _by_venues(p: Profiles, top: int = 4, least: int = 5) -> tuple[Ints, int]:
    """Pairs of entities with two of their favourite venues in common."""
    from scipy import sparse

    shares = p.venues.tocoo()
    busy = p.visits[shares.row] >= least
    row, venue, weight = shares.row[busy], shares.col[busy], shares.data[busy]
    order = np.lexsort((venue, -weight, row))
    row, venue = row[order].astype(np.int64), venue[order].astype(np.int64)
    if not len(row):
        return np.empty(0, np.int64), 0
    start = np.r_[0, np.flatnonzero(np.diff(row)) + 1]
    rank = np.arange(len(row)) - np.repeat(start, np.diff(np.r_[start, len(row)]))
    best = np.full((p.n, top), -1, np.int64)
    kept = rank < top
    best[row[kept], rank[kept]] = venue[kept]
    a, b = np.triu_indices(top, 1)
    low, high = np.minimum(best[:, a], best[:, b]), np.maximum(best[:, a], best[:, b])
    entity = np.repeat(np.arange(p.n), len(a))
    code = (low * shares.shape[1] + high).ravel()
    known = low.ravel() >= 0
    unique, number = np.unique(code[known], return_inverse=True)
    one = np.ones(int(known.sum()))
    table: Any = sparse.csr_matrix((one, (entity[known], number)), shape=(p.n, len(unique)))
    return _by_column(table, p.n)


def random_pairs(n: int, many: int, taken: Ints) -> tuple[Ints, Ints]:
    """Pairs of entities drawn evenly, the same ones every time, without those already taken."""
    total = n * (n - 1) // 2
    if total <= 4 * many:
        i, j = np.triu_indices(n, 1)
        keys = i.astype(np.int64) * n + j
    else:
        rng = np.random.default_rng(20_240_229)  # fixed: a sample for u, no result depends on luck
        i, j = rng.integers(0, n, (2, many))
        good = i != j
        keys = np.unique(_key(i[good], j[good], n))
    keys = np.setdiff1d(keys, taken, assume_unique=True)
    return keys // n, keys % n
