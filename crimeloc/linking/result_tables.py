"""Make tables of what was found."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.linking.entities import Entities
from crimeloc.linking.log_arrays import Floats, Ints, Log
from crimeloc.linking.model import comparisons as evidence
from crimeloc.linking.model import fellegi_sunter as fs
from crimeloc.linking.model.attribution import attribute
from crimeloc.linking.model.grouping import Groups, bridges
from crimeloc.linking.model.profiles import Profiles, profile
from crimeloc.linking.similarity.embedding_levels import Similar
from crimeloc.units import to_timestamps

PURITY = 0.99
"""Share of an account's uploads by its main user, where nothing hints at a second one."""

ACCOUNT_AGREES = 0.8
"""How often two uploads of one person come from the same account."""

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
)


def place(
    log: Log, entities: Entities, p: Profiles, groups: Groups, copies: tuple[Ints, Ints]
) -> tuple[Ints, Floats]:
    """Series number of each upload (-1 none) and the probability that it belongs there."""
    group = np.full(len(log), -1, np.int64)
    sure = np.zeros(len(log))
    known = entities.of >= 0
    number, dense = np.unique(groups.of, return_inverse=True)
    group[known] = dense[entities.of[known]]
    sure[known] = _belonging(p, groups)[entities.of[known]]
    if entities.n_unassigned:
        at = profile(log, group, len(number), copies)
        mine = np.flatnonzero(entities.shared_account & (entities.account >= 0))
        users = np.unique(np.column_stack([entities.account[mine], dense[mine]]), axis=0)
        best, chance = attribute(
            log, entities.unassigned, entities.n_unassigned, group, (users[:, 0], users[:, 1]), at
        )
        waits = entities.unassigned >= 0
        chosen, probability = best[entities.unassigned[waits]], chance[entities.unassigned[waits]]
        good = (chosen >= 0) & (probability > 0.5)
        group[np.flatnonzero(waits)[good]] = chosen[good]
        sure[np.flatnonzero(waits)[good]] = probability[good]
    # One upload alone is no series.
    size = np.bincount(group[group >= 0], minlength=len(number))
    group[(group >= 0) & (size[group] < 2)] = -1
    sure[group < 0] = 0.0
    result = np.full(len(log), -1, np.int64)
    kept = group >= 0
    _, first, inverse = np.unique(group[kept], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))  # series in the order of their first upload
    result[kept] = rank[inverse]
    return result, sure


def _belonging(p: Profiles, groups: Groups) -> Floats:
    """Probability that an entity belongs to its group: its mean score against the largest part."""
    size = np.minimum(p.events, 50)
    order = np.lexsort((np.arange(p.n), -size, groups.of))
    head = np.full(p.n, -1, np.int64)
    first = order[np.unique(groups.of[order], return_index=True)[1]]
    head[groups.of[first]] = first
    total = np.zeros(p.n)
    amount = np.zeros(p.n)
    inside = groups.of[groups.i] == groups.of[groups.j]
    for a, b in ((groups.i[inside], groups.j[inside]), (groups.j[inside], groups.i[inside])):
        np.add.at(total, a, groups.score[inside] * size[b])
        np.add.at(amount, a, size[b].astype(np.float64))
    bits = np.where(amount > 0, total / np.maximum(amount, 1e-12), 30.0)
    chance = 1.0 / (1.0 + np.exp2(-bits))
    chance[head[groups.of] == np.arange(p.n)] = 1.0
    return np.asarray(PURITY * chance)


def with_series(
    table: pd.DataFrame, log: Log, series: Ints, sure: Floats, names: NDArray[np.object_]
) -> pd.DataFrame:
    """The caller's table, with series_id and series_weight."""
    event = pd.Series(np.arange(len(log)), index=log.event_id)
    at = event.reindex(table["event_id"].astype("str").to_numpy(dtype=object)).to_numpy(np.int64)
    name = _or_none(names)[series] if len(log) else np.empty(0, object)
    result = table.copy()
    result["series_id"] = pd.Series(name[at], index=table.index, dtype="str")
    result["series_weight"] = pd.Series(sure[at], index=table.index, dtype="float64")
    return result


def pair_table(
    log: Log,
    entities: Entities,
    p: Profiles,
    groups: Groups,
    weights: fs.Weights,
    series: Ints,
    names: NDArray[np.object_],
    similar: Similar,
) -> tuple[pd.DataFrame, Ints, Ints]:
    """Pairs inside a series, and pairs that came near it; first those of one account."""
    inside = groups.of[groups.i] == groups.of[groups.j]
    keep = inside | (groups.score > 0)
    i, j = groups.i[keep], groups.j[keep]
    kinds = evidence.levels(p, i, j)
    bits = fs.score(kinds, weights) | similar.bits(i, j)
    for name, value in evidence.term_frequency(p, kinds, i, j).items():
        bits[name] = bits[name] + value
    first = np.full(p.n, len(log), np.int64)
    known = np.flatnonzero(entities.of >= 0)
    np.minimum.at(first, entities.of[known], known)
    last = np.zeros(p.n, np.int64)
    np.maximum.at(last, entities.of[known], known)
    several = np.flatnonzero((p.events >= 2) & (entities.account >= 0) & ~entities.shared_account)
    # Of one account: given the first upload, the second is of its person as often as the account's
    # share of the log; two people carry one account only as far as accounts are not pure.
    share = p.events[several] / max(len(log), 1)
    half = np.minimum(share, 0.5)
    prior = np.log2(half / (1.0 - half))
    agree = np.log2(ACCOUNT_AGREES / ((1.0 - PURITY) * share))
    columns: dict[str, NDArray[np.float64]] = {
        "prior": np.concatenate([prior, np.full(len(i), weights.prior_bits)]),
        "account": np.concatenate([agree, np.zeros(len(i))]),
    }
    for kind, value in bits.items():
        columns[kind] = np.concatenate([np.zeros(len(several)), value])
    score = np.sum(list(columns.values()), axis=0) if columns else np.empty(0)
    one = np.concatenate([first[several], first[i]]).astype(np.int64)
    two = np.concatenate([last[several], first[j]]).astype(np.int64)
    linked = np.concatenate([np.ones(len(several), bool), groups.of[i] == groups.of[j]])
    named = _or_none(names)
    table = pd.DataFrame(
        {
            "event_id_1": pd.Series(log.event_id[one], dtype="str"),
            "event_id_2": pd.Series(log.event_id[two], dtype="str"),
            "n_1": np.concatenate([p.events[several], p.events[i]]),
            "n_2": np.concatenate([p.events[several], p.events[j]]),
            "basis": pd.Series(["account"] * len(several) + ["entities"] * len(i), dtype="str"),
            **columns,
            "score": score,
            "probability": 1.0 / (1.0 + np.exp2(-np.clip(score, -500, 500))),
            "linked": linked,
            "series_id": pd.Series(named[np.where(linked, series[one], -1)], dtype="str"),
        }
    )
    return table, i, j


def _or_none(names: NDArray[np.object_]) -> NDArray[np.object_]:
    """The names with None behind them, so that -1 finds None."""
    longer = np.full(len(names) + 1, None, dtype=object)
    longer[:-1] = names
    return longer


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


def shared_accounts(log: Log, entities: Entities, series: Ints) -> pd.DataFrame:
    """Accounts of several people, with how many of their uploads found a series."""
    table = entities.shared.copy()
    placed = pd.Series(log.accounts[log.account[(series >= 0) & (log.account >= 0)]]).value_counts()
    table.insert(2, "n_placed", placed.reindex(table["account"]).fillna(0).to_numpy(np.int64))
    return table.sort_values(["n_events", "account"], ascending=[False, True], ignore_index=True)


def reposter_table(
    log: Log,
    entities: Entities,
    p: Profiles,
    copies: tuple[Ints, Ints],
    series: Ints,
    names: NDArray[np.object_],
) -> pd.DataFrame:
    """Entities that mostly carry what others had uploaded before."""
    early, late = copies
    of = entities.of
    other = (of[early] != of[late]) & (of[early] >= 0) & (of[late] >= 0)
    taken = np.bincount(of[np.unique(late[other])], minlength=p.n)
    sources = np.unique(of[late[other]] * p.n + of[early[other]])
    n_sources = np.bincount(sources // max(p.n, 1), minlength=p.n)
    at = np.flatnonzero(p.reposter)
    at = at[np.lexsort((at, -taken[at]))]
    first = np.full(p.n, 0, np.int64)
    known = np.flatnonzero(of >= 0)[::-1]
    first[of[known]] = known
    label = _or_none(log.accounts)[entities.account[at]]
    return pd.DataFrame(
        {
            "account": pd.Series(label, dtype="str"),
            "series_id": pd.Series(_or_none(names)[series[first[at]]], dtype="str"),
            "n_events": p.events[at],
            "n_taken": taken[at],
            "n_sources": n_sources[at],
        }
    )


def refused_table(log: Log, entities: Entities, groups: Groups) -> pd.DataFrame:
    """Groups that would have been joined but for cannot_link, by an upload of each."""
    first = np.zeros(entities.n, np.int64)
    known = np.flatnonzero(entities.of >= 0)[::-1]
    first[entities.of[known]] = known
    one = [log.event_id[first[a]] for a, _ in groups.refused]
    two = [log.event_id[first[b]] for _, b in groups.refused]
    return pd.DataFrame(
        {"event_id_1": pd.Series(one, dtype="str"), "event_id_2": pd.Series(two, dtype="str")}
    )


def series_table(log: Log, series: Ints, names: NDArray[np.object_]) -> pd.DataFrame:
    """One row per series, the largest first."""
    known = series >= 0
    count = len(names)
    n_events = np.bincount(series[known], minlength=count)
    rows = np.flatnonzero(known)
    first = np.full(count, 0, np.int64)
    last = np.full(count, 0, np.int64)
    last[series[rows]] = rows
    first[series[rows[::-1]]] = rows[::-1]
    accounts = np.unique(
        series[known & (log.account >= 0)] * (len(log.accounts) + 1)
        + log.account[known & (log.account >= 0)]
    )
    n_accounts = np.bincount(accounts // (len(log.accounts) + 1), minlength=count)
    table = pd.DataFrame(
        {
            "series_id": pd.Series(names, dtype="str"),
            "n_events": n_events.astype(np.int64),
            "n_accounts": n_accounts.astype(np.int64),
            "start": to_timestamps(log.t[first]) if len(log) else to_timestamps(log.t[:0]),
            "end": to_timestamps(log.t[last]) if len(log) else to_timestamps(log.t[:0]),
        }
    )
    return table.sort_values(["n_events", "series_id"], ascending=[False, True], ignore_index=True)
