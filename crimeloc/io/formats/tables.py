"""Of several tables in one file, which are meant? All that fit are read, the rest is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from crimeloc.io.columns.catalogue import KINDS
from crimeloc.io.columns.matching import fits, match_columns, plain_name
from crimeloc.io.formats.raw_table import Records
from crimeloc.messages import Hint

__all__ = ["choose_tables"]

_WHO = frozenset(["ip", "handle", "content_hash", "venue_id", "network", "first_ip", "name"])
"""Parts of which a second table shares one with the first, if both are of one kind."""


def choose_tables(
    tables: list[Records], kind: str | None, columns: Mapping[str, str], argument: str
) -> Records:
    """Which tables of a file are meant?

    Parameters
    ----------
    tables : list of Records
        All tables of the file, at least one.
    kind : str, optional
        ``"events"``, ``"venues"`` or ``"leases"``; None where it is not known yet.
    columns : mapping
        Part to column name, as the caller gives it.
    argument : str
        The argument that chooses one, ``"sheet"``, ``"list"`` or ``"layer"``.

    Returns
    -------
    Records
        The tables that fit, one below the other; its notes name the others.
    """
    if len(tables) == 1:
        only = tables[0]
        if only.hidden:
            only.notes.warn("the only sheet with rows, {part}, is hidden", part=repr(only.part))
        return only
    kinds = [kind] if kind is not None else list(KINDS)
    marks = {id(table): max(_mark(table, one, columns) for one in kinds) for table in tables}
    best = max(tables, key=lambda table: marks[id(table)])
    chosen_kind = max(kinds, key=lambda one: _mark(best, one, columns))
    chosen = [table for table in tables if table is best or _alike(table, best, chosen_kind)]
    records = best if len(chosen) == 1 else _joined(chosen, argument)
    if len(chosen) > 1:
        records.notes.add(
            "{n} tables of one kind were read together: {parts}",
            n=len(chosen),
            parts=", ".join(repr(table.part) for table in chosen),
        )
    for table in tables:
        if any(table is one for one in chosen):
            if table.hidden:
                records.notes.warn("{part} is hidden and was read", part=repr(table.part))
            continue
        text = (
            "{part} ({n:,} rows) is hidden and was not read: {line}"
            if table.hidden
            else "{part} ({n:,} rows) was not read: {line}"
        )
        count = len(table) + len(table.broken)
        line = str(Hint(**{argument: table.part}))
        records.notes.skip(text, part=repr(table.part), n=count, line=line)
    return records


def _parts(table: Records, kind: str) -> dict[str, int]:
    found = match_columns(table.names, kind, dict(table.parts))
    if kind == "venues" and any(table.cells[i].dtype == object for i in range(len(table.names))):
        found |= {"lon": -1, "lat": -1}
    return found


def _mark(
    table: Records, kind: str, columns: Mapping[str, str]
) -> tuple[bool, bool, bool, int, int, int]:
    """How well does a table serve? Columns that the caller names go before everything."""
    names = {plain_name(name) for name in table.names}
    given = all(plain_name(name) in names for name in columns.values() if name)
    parts = _parts(table, kind)
    rows = min(len(table), 1)
    who = len(_WHO & set(parts))
    return given, fits(parts, kind), not table.hidden, rows, who, len(parts)


def _alike(table: Records, best: Records, kind: str) -> bool:
    """Is this a table of the same kind as the best one?"""
    if table.hidden or not len(table):
        return False
    mine, theirs = set(_parts(table, kind)), set(_parts(best, kind))
    if not fits(dict.fromkeys(mine), kind):
        return False
    return (theirs & _WHO) <= mine


def _joined(tables: list[Records], argument: str) -> Records:
    """Put tables one below the other, each row with the table it is from."""
    names = list(dict.fromkeys(name for table in tables for name in table.names))
    label = argument
    while label in names:
        label += "_of_file"
    pieces = []
    for table in tables:
        frame = table.cells.set_axis(table.names, axis=1).reindex(columns=names)
        frame[label] = table.part
        pieces.append(frame)
    cells = pd.concat(pieces, ignore_index=True)
    starts = np.cumsum([0, *(len(table) for table in tables)])
    raws: list[Callable[[int], str]] = [table.raw for table in tables]

    def raw(place: int) -> str:
        number = int(np.searchsorted(starts, place, side="right")) - 1
        return raws[number](place - int(starts[number]))

    first = tables[0]
    zones = {table.zone for table in tables}
    joined = Records(
        " and ".join(table.format for table in tables[:3]) + (" ..." if len(tables) > 3 else ""),
        [*names, label],
        cells.set_axis(range(len(names) + 1), axis=1),
        np.concatenate([table.source_row for table in tables]),
        raw,
        [one._replace(part=table.part) for table in tables for one in table.broken],
        encoding=first.encoding,
        delimiter=first.delimiter,
        zone=zones.pop() if len(zones) == 1 else "",
        parts=first.parts,
        row_parts=np.repeat(
            np.array([table.part for table in tables], dtype=object),
            [len(table) for table in tables],
        ),
    )
    if len(zones) > 1:
        joined.notes.warn("the tables name different clocks; the zone of the caller was taken")
    for table in tables:
        joined.notes.take(table.notes)
    return joined
