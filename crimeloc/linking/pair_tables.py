"""Tables of pairs: what holds them together, which alone do, and which were refused."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.linking.entities import Entities
from crimeloc.linking.log_arrays import Floats, Ints, Log
from crimeloc.linking.membership import PURITY
from crimeloc.linking.model.comparisons import levels, term_frequency
from crimeloc.linking.model.fellegi_sunter import Weights, score
from crimeloc.linking.model.grouping import Groups, bridges
from crimeloc.linking.model.meetings import meetings
from crimeloc.linking.model.profiles import Profiles
from crimeloc.linking.result_tables import or_none
from crimeloc.linking.similarity.embedding_levels import Similar

ACCOUNT_AGREES = 0.8
"""How often two uploads of one person come from the same account."""

MOST_CONSIDERED = 10_000
"""So many of the pairs that were not joined are listed, the nearest first."""

FIXED = (
    "event_id_1",
    "event_id_2",
    "n_1",
    "n_2",
    "basis",
    "score",
    "probability",
    "linked",
    "series_id",
    "reason",
    "together",
)


class Compared(NamedTuple):
    """What was compared with what, and with which weights."""

    log: Log
    entities: Entities
    p: Profiles
    groups: Groups
    weights: Weights
    similar: Similar


def pair_table(
    c: Compared, series: Ints, names: NDArray[np.object_]
) -> tuple[pd.DataFrame, Ints, Ints]:
    """Pairs inside a series, and pairs that came near it; first those of one account."""
    log, p, groups = c.log, c.p, c.groups
    inside = groups.of[groups.i] == groups.of[groups.j]
    keep = inside | (groups.score > 0)
    i, j = groups.i[keep], groups.j[keep]
    bits = _bits(c, i, j)
    last = np.zeros(p.n, np.int64)
    known = np.flatnonzero(c.entities.of >= 0)
    np.maximum.at(last, c.entities.of[known], known)
    own = (p.events >= 2) & (c.entities.account >= 0) & ~c.entities.shared_account
    several = np.flatnonzero(own)
    # Of one account: given the first upload, the second is of its person as often as the account's
    # share of the log; two people carry one account only as far as accounts are not pure.
    share = p.events[several] / max(len(log), 1)
    half = np.minimum(share, 0.5)
    prior = np.log2(half / (1.0 - half))
    agree = np.log2(ACCOUNT_AGREES / ((1.0 - PURITY) * share))
    columns: dict[str, Floats] = {
        "prior": np.concatenate([prior, np.full(len(i), c.weights.prior_bits)]),
        "account": np.concatenate([agree, np.zeros(len(i))]),
    }
    for kind, value in bits.items():
        columns[kind] = np.concatenate([np.zeros(len(several)), value])
    one = np.concatenate([p.first_upload[several], p.first_upload[i]])
    two = np.concatenate([last[several], p.first_upload[j]])
    linked = np.concatenate([np.ones(len(several), bool), groups.of[i] == groups.of[j]])
    basis = pd.Series(["account"] * len(several) + ["entities"] * len(i), dtype="str")
    counts = (
        np.concatenate([p.events[several], p.events[i]]),
        np.concatenate([p.events[several], p.events[j]]),
    )
    table = _table(log, (one, two), counts, columns)
    table.insert(4, "basis", basis)
    table["linked"] = linked
    table["series_id"] = pd.Series(or_none(names)[np.where(linked, series[one], -1)], dtype="str")
    return table, i, j


def considered_table(
    c: Compared, cannot: tuple[Ints, Ints], bar: float
) -> tuple[pd.DataFrame, int]:
    """Pairs that were compared and not joined, the nearest first; and how many more there are."""
    p, groups = c.p, c.groups
    apart = np.flatnonzero(groups.of[groups.i] != groups.of[groups.j])
    order = np.lexsort((groups.j[apart], groups.i[apart], -groups.score[apart]))
    at = apart[order[:MOST_CONSIDERED]]
    i, j = groups.i[at], groups.j[at]
    columns = {"prior": np.full(len(i), c.weights.prior_bits), **_bits(c, i, j)}
    firsts, counts = (p.first_upload[i], p.first_upload[j]), (p.events[i], p.events[j])
    table = _table(c.log, firsts, counts, columns)
    a, b = groups.of[cannot[0]], groups.of[cannot[1]]
    refused = np.isin(
        np.minimum(groups.of[i], groups.of[j]) * p.n + np.maximum(groups.of[i], groups.of[j]),
        np.minimum(a, b) * p.n + np.maximum(a, b),
    )
    near = table["score"].to_numpy() > bar
    reason = np.where(refused, "cannot_link", np.where(near, "others_of_the_group", "score"))
    table["reason"] = pd.Series(reason, dtype="str")
    table["together"] = meetings(p, i, j).company
    return table, len(apart) - len(at)


def _bits(c: Compared, i: Ints, j: Ints) -> dict[str, Floats]:
    """Bits of every kind of evidence for these pairs."""
    kinds = levels(c.p, i, j)
    bits = score(kinds, c.weights) | c.similar.bits(i, j)
    for name, value in term_frequency(c.p, kinds, i, j).items():
        bits[name] = bits[name] + value
    return bits


def _table(
    log: Log, firsts: tuple[Ints, Ints], counts: tuple[Ints, Ints], columns: dict[str, Floats]
) -> pd.DataFrame:
    total = np.sum(list(columns.values()), axis=0)
    return pd.DataFrame(
        {
            "event_id_1": pd.Series(log.event_id[firsts[0]], dtype="str"),
            "event_id_2": pd.Series(log.event_id[firsts[1]], dtype="str"),
            "n_1": counts[0],
            "n_2": counts[1],
            **columns,
            "score": total,
            "probability": 1.0 / (1.0 + np.exp2(-np.clip(total, -500, 500))),
        }
    )


def evidence_columns(table: pd.DataFrame) -> list[str]:
    """The columns of a pairs table that sum to the score."""
    return [name for name in table.columns if name not in FIXED]


def find_bridges(
    pairs: pd.DataFrame, i: Ints, j: Ints, bar: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs that alone hold a series together, and series that hang on one weak pair."""
    packed = pairs[pairs["basis"] == "entities"]
    held = packed["linked"].to_numpy(dtype=bool) & (packed["score"].to_numpy() > 0)
    alone = np.zeros(len(packed), bool)
    alone[held] = bridges(i[held], j[held])
    columns = ["series_id", "event_id_1", "event_id_2", "n_1", "n_2", "score"]
    found = packed[alone]
    weak = found[found["score"] < bar + 6.0]
    order = ["score", "event_id_1", "event_id_2"]
    return (
        found.sort_values(order, ignore_index=True)[columns],
        weak.sort_values(order, ignore_index=True)[columns],
    )
