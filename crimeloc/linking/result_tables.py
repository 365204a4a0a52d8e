"""Make tables of what was found."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.linking.entities import Entities
from crimeloc.linking.log_arrays import Floats, Ints, Log
from crimeloc.linking.model.grouping import Groups
from crimeloc.linking.model.profiles import Profiles


def with_series(
    table: pd.DataFrame, log: Log, series: Ints, sure: Floats, names: NDArray[np.object_]
) -> pd.DataFrame:
    """The caller's table, with series_id and series_weight."""
    event = pd.Series(np.arange(len(log)), index=log.event_id)
    at = event.reindex(table["event_id"].astype("str").to_numpy(dtype=object)).to_numpy(np.int64)
    name = or_none(names)[series] if len(log) else np.empty(0, object)
    result = table.copy()
    result["series_id"] = pd.Series(name[at], index=table.index, dtype="str")
    result["series_weight"] = pd.Series(sure[at], index=table.index, dtype="float64")
    return result


def or_none(names: NDArray[np.object_]) -> NDArray[np.object_]:
    """The names with None behind them, so that -1 finds None."""
    longer = np.full(len(names) + 1, None, dtype=object)
    longer[:-1] = names
    return longer


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
    label = or_none(log.accounts)[entities.account[at]]
    return pd.DataFrame(
        {
            "account": pd.Series(label, dtype="str"),
            "series_id": pd.Series(or_none(names)[series[first[at]]], dtype="str"),
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
