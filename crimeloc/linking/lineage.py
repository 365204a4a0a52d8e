"""Where did this content start, and which upload came from which?"""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.linking.log_arrays import Columns, Floats, Ints, Log, hash_texts, read_log
from crimeloc.linking.similarity.copies import carriers
from crimeloc.linking.similarity.hamming import hamming_pairs
from crimeloc.messages import Message
from crimeloc.provenance import Provenance, record
from crimeloc.units import to_timestamps

__all__ = ["Lineage", "trace_content"]

BITS_PER_DOUBLING = 0.5
"""A copy made twice as late costs as much as half a bit more of difference."""


@dataclass(frozen=True, repr=False)
class Lineage:
    """Groups of copies, the likely parent of each copy, and where they started.

    Parameters
    ----------
    uploads : DataFrame
        One row per upload of content that was copied: ``event_id``, ``content_id``,
        ``timestamp``, ``account``, ``series_id``, ``parent_event_id`` (missing: the first),
        ``distance`` (bits to the parent), ``certainty`` (of this parent among all possible ones),
        ``generation`` (0: the first), ``n_started`` (uploads that descend from it).
    contents : DataFrame
        One row per content: ``content_id``, ``first_event_id``, ``first_seen``, ``account``,
        ``series_id``, ``n_uploads``, ``n_accounts``, ``n_generations``, ``last_seen``.
    origins : DataFrame
        For each content up to three candidates for its first uploader: ``content_id``, ``rank``,
        ``account``, ``event_id``, ``timestamp``.
    sources : DataFrame
        Who brings content into circulation, the greatest first: ``source`` (series, else account),
        ``n_contents``, ``n_started``, ``share`` of all circulation, ``share_so_far``.
    venues : DataFrame
        Where content enters circulation: ``venue_id``, ``n_contents`` (weighted by location),
        ``n_started``; what no venue is known for is "elsewhere", so the columns sum to all.
    common : DataFrame
        Content that so many accounts carry that it was not traced.
    provenance : Provenance
        What made this result.
    """

    uploads: pd.DataFrame
    contents: pd.DataFrame
    origins: pd.DataFrame
    sources: pd.DataFrame
    venues: pd.DataFrame
    common: pd.DataFrame
    provenance: Provenance

    def __str__(self) -> str:
        """Say in a few lines what circulates."""
        return "\n".join(self._lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<p>{html.escape(line)}</p>" for line in self._lines())
        return f"<div>{head}{self._shown(10).to_html(index=False)}</div>"

    def _shown(self, most: int) -> pd.DataFrame:
        """The greatest sources, without the name of an account: a printed line travels far."""
        table = self.sources.head(most)
        known = table["source"].isin(self.uploads["series_id"].dropna())
        return table.assign(source=table["source"].where(known, "(in no series)"))

    def _lines(self) -> list[str]:
        copies = int(self.uploads["parent_event_id"].notna().sum())
        lines = [f"{copies:,} copies of {len(self.contents):,} contents"]
        top = self._shown(3)
        if len(top):
            names = ", ".join(top["source"].tolist())
            lines.append(f"  {top['share'].sum():.0%} of the circulation was started by {names}")
        if len(self.common):
            lines.append(f"  {len(self.common):,} hashes of common content were not traced")
        return lines


def trace_content(
    located: pd.DataFrame,
    *,
    column: str = "content_hash",
    hash_radius_bits: int = 31,
    min_quality: float = 50.0,
    max_accounts_per_hash: int = 50,
) -> Lineage:
    """Where did each content start, and which upload is a copy of which?

    Parameters
    ----------
    located : DataFrame
        EVENTS or LOCATED with ``content_hash``; with ``series_id`` sources are series, otherwise
        accounts.
    column : str
        Another column of hexadecimal hashes of one fixed length (TMK-style, audio): give its own
        `hash_radius_bits` with it.
    hash_radius_bits : int
        Bits by which a copy may differ from what it was made from.
    min_quality : float
        Hashes with a ``hash_quality`` below this are not used.
    max_accounts_per_hash : int
        Content within the radius of one hash that more accounts than this carry is not traced
        (blank frames, shared intros); it is listed in ``common``.

    Returns
    -------
    Lineage
        Lineage, first appearances, sources and venues.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        There is no such column of hashes, or a hash is malformed.

    Notes
    -----
    Each upload takes the earlier upload of least cost as its parent: bits of difference, plus half
    a bit for each doubling of the days between. Links run forward in time, so no circle can form,
    and the cheapest parent of each is the minimum-cost branching (Edmonds 1967) of the whole.
    Certainty: 2 ** -cost of the parent against all candidates. Of uploads at one instant the
    smaller ``event_id`` counts as the earlier, at half the certainty. Of uploads with one hash, the
    first and the one just before are candidates.

    Held fixed: the two costs. Random: nothing. What can fool it: copies made outside the log (a
    parent that is not there is replaced by a sibling), and clocks that differ. Cost: the search
    for near hashes, plus n log n.

    References
    ----------
    Edmonds (1967), Optimum branchings.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "event_id": ["E1", "E2"],
    ...     "timestamp": pd.to_datetime(["2026-03-01", "2026-03-02"], utc=True),
    ...     "handle": ["morae", "dapaso"],
    ...     "content_hash": ["1" + "0" * 62 + "7", "1" + "0" * 62 + "6"],
    ... })
    >>> trace_content(events).uploads[["event_id", "parent_event_id", "distance"]].values.tolist()
    [['E1', nan, <NA>], ['E2', 'E1', 1]]
    """
    if column not in located.columns:
        hint = f'events["{column}"] = hashes'
        raise ParameterError(
            "located",
            found=Message("no column {column}", column=column),
            expected="hashes of the content",
            hint=hint,
        )
    log = read_log(
        located,
        Columns(content=column, min_quality=min_quality, hash_radius_bits=hash_radius_bits),
    )
    near = hamming_pairs(log.words, None, hash_radius_bits)
    common, common_table = _common(
        log, near.left, near.right, max_accounts_per_hash, located[column]
    )
    keep = ~common[near.left] & ~common[near.right]
    edges = _possible_parents(log, near.left[keep], near.right[keep], near.distance[keep], common)
    parent, distance, certainty = _branching(log, *edges)
    content = _contents(log, parent)
    series = _series_of(located, log)
    uploads = _uploads(log, content, parent, distance, certainty, series)
    contents, origins = _first_appearances(uploads)
    sources = _sources(uploads)
    venues = _venues(located, uploads)
    made = record(
        "trace_content",
        {
            "column": column,
            "hash_radius_bits": hash_radius_bits,
            "min_quality": min_quality,
            "max_accounts_per_hash": max_accounts_per_hash,
        },
        n_in=len(located),
        n_out=len(uploads),
    )
    return Lineage(uploads, contents, origins, sources, venues, common_table, made)


def _common(
    log: Log,
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    after: int,
    given: pd.Series,
) -> tuple[NDArray[np.bool_], pd.DataFrame]:
    """Hashes around which too many accounts stand, each account counted once."""
    owner = np.where(log.account >= 0, log.account, len(log.accounts) + np.arange(len(log)))
    has = log.content >= 0
    pairs = np.unique(np.column_stack([log.content[has], owner[has]]), axis=0)
    around, common = carriers(
        pairs[:, 0],
        pairs[:, 1],
        len(log.words),
        left.astype(np.int64),
        right.astype(np.int64),
        after,
    )
    at = np.flatnonzero(common)
    text = hash_texts(log.words, at, given)
    table = pd.DataFrame({"content_hash": pd.Series(text, dtype="str"), "n_accounts": around[at]})
    return common, table.sort_values(
        ["n_accounts", "content_hash"], ascending=[False, True], ignore_index=True
    )


def _possible_parents(
    log: Log,
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    distance: NDArray[np.int16],
    common: NDArray[np.bool_],
) -> tuple[Ints, Ints, Ints]:
    """Rows (upload, earlier upload, bits): of each near hash the first and the last before."""
    n_codes = len(log.words)
    rows = np.flatnonzero(log.content >= 0)
    rows = rows[~common[log.content[rows]]]
    rows = rows[np.argsort(log.content[rows], kind="stable")]  # by hash, then time
    code = log.content[rows]
    start = np.searchsorted(code, np.arange(n_codes + 1))
    own = np.unique(code)
    one = np.concatenate([left, right, own]).astype(np.int64)
    two = np.concatenate([right, left, own]).astype(np.int64)
    bits = np.concatenate([distance, distance, np.zeros(len(own), np.int16)]).astype(np.int64)
    many = (start[one + 1] - start[one]) if len(one) else np.empty(0, np.int64)
    edge = np.repeat(np.arange(len(one)), many)
    first = np.concatenate([[0], np.cumsum(many)])
    event = rows[start[one[edge]] + np.arange(len(edge)) - first[edge]]
    target = two[edge]
    earliest = rows[start[target]] if len(edge) else np.empty(0, np.int64)
    # The last upload of the target hash before this one: uploads are numbered in time.
    keys = code * (len(log) + 1) + rows
    before = np.searchsorted(keys, target * (len(log) + 1) + event) - 1
    latest = rows[np.maximum(before, 0)] if len(rows) else np.empty(0, np.int64)
    child = np.concatenate([event, event])
    parent = np.concatenate([earliest, latest])
    cost = np.concatenate([bits[edge], bits[edge]])
    good = (parent < child) & np.concatenate([np.ones(len(edge), bool), before >= start[target]])
    table = np.unique(np.column_stack([child[good], parent[good], cost[good]]), axis=0)
    return table[:, 0], table[:, 1], table[:, 2]


def _branching(log: Log, child: Ints, parent: Ints, bits: Ints) -> tuple[Ints, Ints, Floats]:
    """The cheapest parent of each upload (-1 none), its distance, and how certain it is."""
    chosen = np.full(len(log), -1, np.int64)
    apart = np.full(len(log), -1, np.int64)
    certainty = np.full(len(log), np.nan)
    if not len(child):
        return chosen, apart, certainty
    days = (log.t[child] - log.t[parent]) / 86.4e9
    cost = bits + BITS_PER_DOUBLING * np.log2(1.0 + days)
    order = np.lexsort((parent, cost, child))
    start = np.flatnonzero(np.r_[True, child[order][1:] != child[order][:-1]])
    best = order[start]
    chosen[child[best]], apart[child[best]] = parent[best], bits[best]
    least = np.repeat(cost[best], np.diff(np.r_[start, len(order)]))
    weight = np.exp2(least - cost[order])
    certainty[child[best]] = 1.0 / np.add.reduceat(weight, start)
    tied = log.t[child[best]] == log.t[parent[best]]
    certainty[child[best[tied]]] /= 2.0  # at one instant it may as well be the other way round
    return chosen, apart, certainty


def _contents(log: Log, parent: Ints) -> Ints:
    """The first upload of the content of each upload; -1 where nothing was copied."""
    root = np.where(parent >= 0, parent, np.arange(len(log)))
    while True:  # parents come before children: each step halves the way up
        higher = root[root]
        if (higher == root).all():
            break
        root = higher
    copied = np.zeros(len(log), bool)
    copied[root[parent >= 0]] = True
    return np.where(copied[root], root, -1)


def _series_of(table: pd.DataFrame, log: Log) -> NDArray[np.object_]:
    found = np.full(len(log), None, dtype=object)
    if "series_id" in table.columns:
        values = table["series_id"].iloc[log.row]
        known = values.notna().to_numpy(dtype=bool)
        found[known] = values[known].astype("str").to_numpy(dtype=object)
    return found


def _uploads(
    log: Log,
    content: Ints,
    parent: Ints,
    distance: Ints,
    certainty: Floats,
    series: NDArray[np.object_],
) -> pd.DataFrame:
    generation = np.zeros(len(log), np.int64)
    started = np.zeros(len(log), np.int64)
    copies = np.flatnonzero(parent >= 0)
    for k in copies.tolist():
        generation[k] = generation[parent[k]] + 1
    for k in copies[::-1].tolist():
        started[parent[k]] += started[k] + 1
    rows = np.flatnonzero(content >= 0)
    first = np.full(len(log) + 1, None, dtype=object)
    first[:-1] = log.event_id
    account = np.full(len(log.accounts) + 1, None, dtype=object)
    account[:-1] = log.accounts
    apart = pd.array(distance[rows], dtype="Int64")
    apart[parent[rows] < 0] = pd.NA
    return pd.DataFrame(
        {
            "event_id": pd.Series(log.event_id[rows], dtype="str"),
            "content_id": pd.Series("C-" + log.event_id[content[rows]], dtype="str"),
            "timestamp": to_timestamps(log.t[rows]),
            "account": pd.Series(account[log.account[rows]], dtype="str"),
            "series_id": pd.Series(series[rows], dtype="str"),
            "parent_event_id": pd.Series(first[parent[rows]], dtype="str"),
            "distance": apart,
            "certainty": certainty[rows],
            "generation": generation[rows],
            "n_started": started[rows],
        }
    )


def _first_appearances(uploads: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    groups = uploads.groupby("content_id", sort=False)
    contents = groups.agg(
        first_event_id=("event_id", "first"),
        first_seen=("timestamp", "first"),
        n_uploads=("event_id", "size"),
        n_accounts=("account", "nunique"),
        n_generations=("generation", "max"),
        last_seen=("timestamp", "last"),
    ).reset_index()
    roots = uploads[uploads["parent_event_id"].isna()].set_index("content_id")
    for column in ("account", "series_id"):
        contents[column] = roots[column].reindex(contents["content_id"]).to_numpy()
    contents = contents.sort_values(
        ["n_uploads", "content_id"], ascending=[False, True], ignore_index=True
    )
    # The first of the branching, then the earliest uploads by other accounts.
    who = uploads["account"].fillna(uploads["event_id"])
    early = uploads.assign(who=who).drop_duplicates(["content_id", "who"])
    rank = early.groupby("content_id", sort=False).cumcount() + 1
    origins = early.assign(rank=rank)[rank <= 3]
    return contents, origins[
        ["content_id", "rank", "account", "event_id", "timestamp"]
    ].reset_index(drop=True)


def _sources(uploads: pd.DataFrame) -> pd.DataFrame:
    roots = uploads[uploads["parent_event_id"].isna()]
    source = roots["series_id"].fillna(roots["account"]).fillna(roots["event_id"])
    table = (
        roots.assign(source=source)
        .groupby("source", sort=True)
        .agg(n_contents=("content_id", "size"), n_started=("n_started", "sum"))
    )
    table = table.reset_index().sort_values(
        ["n_started", "source"], ascending=[False, True], ignore_index=True
    )
    table["share"] = table["n_started"] / max(int(table["n_started"].sum()), 1)
    table["share_so_far"] = table["share"].cumsum()
    return table


def _venues(located: pd.DataFrame, uploads: pd.DataFrame) -> pd.DataFrame:
    roots = uploads[uploads["parent_event_id"].isna()].set_index("event_id")["n_started"]
    if "venue_id" not in located.columns or "weight" not in located.columns:
        none = np.empty(0)
        return pd.DataFrame(
            {"venue_id": pd.Series(dtype="str"), "n_contents": none, "n_started": none}
        )
    known = located[located["event_id"].isin(roots.index) & located["venue_id"].notna()]
    # What the candidates leave of each first upload is somewhere else.
    left = 1.0 - known.groupby("event_id")["weight"].sum().reindex(roots.index, fill_value=0.0)
    left = left[left > 1e-9]
    rest = pd.DataFrame(
        {"event_id": left.index, "venue_id": "elsewhere", "weight": left.to_numpy(np.float64)}
    )
    rows = pd.concat([pd.DataFrame(known)[["event_id", "venue_id", "weight"]], rest])
    started = roots.reindex(rows["event_id"]).to_numpy(np.float64) * rows["weight"].to_numpy()
    table = pd.DataFrame(
        {
            "venue_id": rows["venue_id"].astype("str").to_numpy(),
            "n_contents": rows["weight"].to_numpy(np.float64),
            "n_started": started,
        }
    )
    table = table.groupby("venue_id", sort=True).sum().reset_index()
    return table.sort_values(["n_started", "venue_id"], ascending=[False, True], ignore_index=True)
