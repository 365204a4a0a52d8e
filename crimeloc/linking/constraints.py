"""What people say must, or must not, be linked; recorded with who and why.

A constraint names two uploads, two accounts, or two series of an earlier result. It is certain:
what must be linked has the weight 1, and what cannot be linked is never in one series.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.linking.log_arrays import Ints, Log
from crimeloc.messages import Hint, Message

Constraints = pd.DataFrame | Iterable[tuple[str, ...]] | str | Path | None
COLUMNS = ["by", "one", "two", "who", "why"]
NAMES = {"event": "event_id", "account": "account", "series": "series_id"}
"""By what a constraint may be given, and how the columns of a table are named then."""


class Sides(NamedTuple):
    """The uploads on both sides of one constraint."""

    by: str
    one: Ints
    two: Ints


def read_constraints(given: Constraints, name: str) -> pd.DataFrame:
    """Give a table with by, one, two, who, why: from a table, tuples, or a CSV file."""
    if given is None:
        return pd.DataFrame({column: pd.Series(dtype="str") for column in COLUMNS})
    if isinstance(given, (str, Path)):
        given = _from_file(Path(given), name)
    table = _from_table(given, name) if isinstance(given, pd.DataFrame) else _from_rows(given, name)
    if table[["one", "two"]].isna().any().any():
        raise ParameterError(
            name, found="a missing side", expected="two sides in every row", hint=_example(name)
        )
    unknown = ~table["by"].isin(list(NAMES)).to_numpy(dtype=bool)
    if unknown.any():
        raise ParameterError(
            name,
            found=repr(table["by"].iloc[int(np.flatnonzero(unknown)[0])]),
            expected=", ".join(NAMES),
            hint=_example(name),
        )
    return table.astype("str").reset_index(drop=True)


def _example(name: str) -> Hint:
    return Hint(**{name: [("E-1", "E-2", "Sgt. Kim", "same login seen on camera")]})


def _from_file(path: Path, name: str) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype="str", encoding="utf-8-sig", skipinitialspace=True)
    except (OSError, UnicodeError, ValueError) as error:
        raise ParameterError(
            name,
            found=Message("{path}, which cannot be read", path=str(path)),
            expected="a CSV file with by, one, two, who, why",
            hint=_example(name),
        ) from error


def _from_table(given: pd.DataFrame, name: str) -> pd.DataFrame:
    """Two columns say the sides: one and two, or event_id_1 and event_id_2, account_1 and so on."""
    table = given
    if "one" not in given.columns:
        for by, column in NAMES.items():
            if f"{column}_1" in given.columns:
                names = {f"{column}_1": "one", f"{column}_2": "two"}
                table = given.rename(columns=names).assign(by=by)
    missing = [column for column in ("one", "two") if column not in table.columns]
    if missing:
        raise ParameterError(
            name,
            found=Message("no column {missing}", missing=repr(missing[0])),
            expected="by, one, two, who, why",
            hint=_example(name),
        )
    table = table.reindex(columns=COLUMNS)
    return table.assign(by=table["by"].fillna("event").astype("str").str.strip())


def _from_rows(given: Iterable[Any], name: str) -> pd.DataFrame:
    """Tuples of two uploads, who, why; ``account:`` or ``series:`` before a name says so."""
    rows: list[tuple[object, ...]] = []
    for row in given:
        sides = (row,) if isinstance(row, str) else tuple(row)
        if not 2 <= len(sides) <= 4:
            raise ParameterError(
                name, found=repr(sides), expected="two events, who, why", hint=_example(name)
            )
        kinds, names = zip(*map(_kind, sides[:2]), strict=True)
        if kinds[0] != kinds[1]:
            raise ParameterError(
                name, found=repr(sides[:2]), expected="two sides of one kind", hint=_example(name)
            )
        rows.append((kinds[0], *names, *sides[2:], *[None] * (4 - len(sides))))
    return pd.DataFrame(rows, columns=COLUMNS)


def _kind(side: object) -> tuple[str, object]:
    text = side if isinstance(side, str) else ""
    kind, colon, rest = text.partition(":")
    return (kind, rest) if colon and kind in NAMES else ("event", side)


def resolve(rows: pd.DataFrame, log: Log, previous: pd.DataFrame | None, name: str) -> list[Sides]:
    """The uploads of the log that each constraint speaks of."""
    if not len(rows):
        return []
    groups = {by: _groups(by, log, previous) for by in rows["by"].unique()}
    found = []
    for by, one, two in rows[["by", "one", "two"]].itertuples(index=False, name=None):
        for side in (one, two):
            if side not in groups[by]:
                raise ParameterError(
                    name,
                    found=Message(
                        "{side}, which the table does not know as {by}", side=repr(side), by=by
                    ),
                    expected="events, accounts or earlier series of the table",
                    hint=Hint(**{name: None}),
                )
        found.append(Sides(by, groups[by][one], groups[by][two]))
    return found


def _groups(by: str, log: Log, previous: pd.DataFrame | None) -> dict[str, Ints]:
    """The uploads of every event, account, or earlier series, by name."""
    if by == "event":
        return {str(event): np.array([k]) for k, event in enumerate(log.event_id)}
    names = log.accounts[log.account] if by == "account" else _earlier_series(log, previous)
    rows = np.flatnonzero(pd.notna(names) & ((log.account >= 0) | (by == "series")))
    table = pd.Series(rows).groupby(names[rows].astype("str"))
    return {str(key): part.to_numpy(dtype=np.int64) for key, part in table}


def _earlier_series(log: Log, previous: pd.DataFrame | None) -> np.ndarray[Any, Any]:
    if previous is None:
        raise ParameterError(
            "previous",
            found="None",
            expected="the earlier result whose series the constraint names",
            hint="previous=links",
        )
    old = previous.drop_duplicates("event_id").set_index("event_id")["series_id"]
    return old.reindex(log.event_id).to_numpy(dtype=object)


class Pairs(NamedTuple):
    """Constraints as pairs of entities, and the uploads that are certain."""

    must: tuple[Ints, Ints]
    cannot: tuple[Ints, Ints]
    certain: Ints  # uploads that a must_link names


def as_pairs(must: list[Sides], cannot: list[Sides], of: Ints) -> Pairs:
    """Which entities must, and which cannot, be together?"""
    joined = [np.empty((0, 2), np.int64)]
    for side in must:
        entities = np.unique(of[np.concatenate([side.one, side.two])])
        entities = entities[entities >= 0]
        joined.append(np.column_stack([entities[:-1], entities[1:]]))
    parted = [np.empty((0, 2), np.int64)]
    for side in cannot:
        one, two = (np.unique(of[rows][of[rows] >= 0]) for rows in (side.one, side.two))
        grid = np.stack(np.meshgrid(one, two), axis=-1).reshape(-1, 2)
        parted.append(grid.astype(np.int64))
    certain = [np.empty(0, np.int64), *(np.concatenate([s.one, s.two]) for s in must)]
    both = [np.concatenate(part) for part in (joined, parted)]
    return Pairs(
        (both[0][:, 0], both[0][:, 1]),
        (both[1][:, 0], both[1][:, 1]),
        np.unique(np.concatenate(certain)),
    )


def refuse_contradictions(pairs: Pairs, first: Ints, log: Log) -> None:
    """Stop where the same entities must and cannot be linked; `first` upload of each entity."""
    same = np.flatnonzero(pairs.cannot[0] == pairs.cannot[1])
    if len(same):
        raise ParameterError(
            "cannot_link",
            found=Message(
                "uploads on both sides that one account holds together, {event_id} among them",
                event_id=log.event_id[first[pairs.cannot[0][same[0]]]],
            ),
            expected="two sides that share no account",
            hint=_example("cannot_link"),
        )
    label = _joined(pairs, len(first))
    clash = np.flatnonzero(label[pairs.cannot[0]] == label[pairs.cannot[1]])
    if len(clash):
        a, b = first[pairs.cannot[0][clash[0]]], first[pairs.cannot[1][clash[0]]]
        found = Message(
            "{event_id} and {event_id2}, which must_link also joins",
            event_id=log.event_id[a],
            event_id2=log.event_id[b],
        )
        raise ParameterError(
            "cannot_link", found=found, expected="no contradiction", hint="drop one of the two"
        )


def units(pairs: Pairs, of: Ints, n: int) -> Ints:
    """Of each entity that a must_link names, the number of those it must be with; else -1."""
    found = np.full(n, -1, np.int64)
    named = np.unique(of[pairs.certain])
    found[named] = _joined(pairs, n)[named]
    return found


def _joined(pairs: Pairs, n: int) -> Ints:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs.must[0])), pairs.must), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def kept_apart(log: Log, must: list[Sides], cannot: list[Sides]) -> Ints:
    """Uploads that must stand alone: kept apart from another upload of their account."""
    pairs = [(int(s.one[0]), int(s.two[0])) for s in cannot if s.by == "event"]
    inside = [(a, b) for a, b in pairs if log.account[a] == log.account[b] >= 0]
    alone = np.unique(np.array(inside, np.int64).ravel())
    split = np.unique(log.account[alone])
    joined = [np.concatenate([s.one, s.two]) for s in must if s.by == "event"]
    named = np.concatenate([np.empty(0, np.int64), *joined])
    return np.unique(np.concatenate([alone, named[np.isin(log.account[named], split)]]))


def named_uploads(sides: list[Sides]) -> Ints:
    """Uploads that a constraint names one by one, or as part of an earlier series."""
    rows = [np.concatenate([s.one, s.two]) for s in sides if s.by != "account"]
    return np.unique(np.concatenate([np.empty(0, np.int64), *rows]))


def whole_accounts(log: Log, must: list[Sides]) -> Ints:
    """Accounts that somebody says are one person's: they are not parted."""
    rows = [np.array([s.one[0], s.two[0]]) for s in must if s.by == "account"]
    return np.unique(log.account[np.concatenate([np.empty(0, np.int64), *rows])])
