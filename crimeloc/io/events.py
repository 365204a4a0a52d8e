"""Read upload logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.io.event_addresses import event_addresses
from crimeloc.io.event_times import event_times
from crimeloc.io.formats.kinds import load, source_name, written_us
from crimeloc.io.formats.layout import Layout
from crimeloc.io.formats.raw_table import Read, Records, make_report
from crimeloc.io.parsing.column_types import extras, text, without_placeholders
from crimeloc.io.quality.identity import event_ids, repeated_rows
from crimeloc.io.quality.passed_over import pass_over
from crimeloc.io.quality.suspects import say_suspects
from crimeloc.io.rows import Clock, Rows
from crimeloc.units import MISSING, Instant, to_timestamps

__all__ = ["build_events", "read_events"]

_OF_LOCATED = ("weight", "how", "why", "geometry")
"""Columns that locating adds; a log has its own things under such names."""


def read_events(
    path: str | Path | pd.DataFrame,
    *,
    tz: str | None = None,
    venue_tz: str | None = None,
    as_of: Instant | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    layer: str | None = None,
    list: str | None = None,  # noqa: A002  (the word of JSON)
    header: int | Sequence[str] | None = None,
    skip_rows: int = 0,
) -> Read:
    """What do I have in this upload log, and what is broken in it?

    Parameters
    ----------
    path : str, Path or DataFrame
        CSV or other delimited text (UTF-8, cp949, UTF-16), Excel, Parquet, JSON Lines, JSON, logs
        of Zeek, IIS, Apache and nginx; or a table. The kind is found from what is in the file.
    tz : str
        Zone of the wall clock by which times without an offset were written, such as
        ``"Asia/Seoul"``. It has no default: a zone would be a guess. A zone that the file names
        itself (in a header, a comment or a column) goes before.
    venue_tz : str, optional
        Zone of the clocks at the venues, for hours of the day and week; by default ``tz``.
    as_of : str or datetime, optional
        Moment after which nothing can have happened: later rows are rejected. By default rows
        later than the file itself are kept and named.
    columns : mapping, optional
        Part to column name of the file, such as ``{"timestamp": "기록시점"}``. Columns are
        recognised by English and Korean names; this goes before.
    encoding, delimiter : str, optional
        For delimited text; by default they are found.
    sheet, layer, list : optional
        Of several tables in one file, the one to read: an Excel sheet, a layer of a GeoPackage, a
        list in JSON (``"data.items"``). By default all that hold uploads are read, and the report
        names the others.
    header : int or sequence of str, optional
        Row that holds the names, from 1; or the names, for a file without them.
    skip_rows : int
        So many rows at the beginning are passed over.

    Returns
    -------
    Read
        ``table`` keeps the contract EVENTS, times in UTC, the zone in the column ``tz``;
        ``rejected`` has ``source_row``, ``reason``, ``column`` and ``raw``. Every row of the file
        is in exactly one of the two. ``report`` says how the file was read.

    Raises
    ------
    FileError
        The file as a whole cannot be read, or no column holds times.
    ParameterError
        ``tz`` is missing or no zone; ``columns`` names what does not exist.

    Notes
    -----
    A day without an hour becomes the interval of that day (``timestamp_end``), and so does a wall
    time that happened twice. An address that says "unknown" is a missing one; an address that
    cannot be read rejects its row. Addresses are given in plain form (IPv4-mapped IPv6 as IPv4,
    without port and zone). The id column of the file is kept where its values differ; other rows
    get an id made from what is in them, the same for the same content. Rows that repeat an earlier
    one in everything are kept and name it in ``duplicate_of``. Placeholders ("익명", "[deleted]",
    hashes of empty files, port 0) count as missing. Of two columns that mean one moment the more
    absolute counts; of two addresses the public one. The report ends with what was passed over:
    columns without a part, other tables, comments. Cost is linear.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "log.csv")
    ...     _ = path.write_text("일시,IP\\n2026-03-01 23:05,203.0.113.7\\n모름,203.0.113.8\\n",
    ...                         encoding="cp949")
    ...     events, rejected = read_events(path, tz="Asia/Seoul")
    >>> str(events.timestamp[0]), rejected.source_row.tolist(), rejected.raw.tolist()
    ('2026-03-01 14:05:00+00:00', [3], ['모름,203.0.113.8'])
    """
    clock = Clock.of(tz, venue_tz, as_of, written=written_us(path))
    layout = Layout(encoding, delimiter, sheet, layer, list, header, skip_rows)
    records = load(path, layout, kind="events", columns=columns)
    return build_events(records, source_name(path), clock, columns)


def build_events(
    records: Records, name: str, clock: Clock, columns: Mapping[str, str] | None = None
) -> Read:
    """Make events of the rows of a file.

    Parameters
    ----------
    records : Records
        Rows, taken apart.
    name : str
        File name.
    clock : Clock
        By which clocks times were written.
    columns : mapping, optional
        Part to column name.

    Returns
    -------
    Read
        As `read_events`.

    Raises
    ------
    FileError
        No column holds times.
    """
    rows = Rows(records, name, "events", columns)
    parts, notes = rows.parts, rows.notes
    rows.warn_of_zone(clock.tz)
    rows.warn_of_zone(clock.venue_tz, "venue_tz")
    times = event_times(rows, clock)
    made = event_addresses(rows)
    for part in ("handle", "content_hash", "title", "device", "venue_id"):
        if part in parts:
            values = text(rows.cells(part), words=False)
            if part != "title":
                values = without_placeholders(values, part, rows.label(part), notes)
            made[part] = values
    if "content_hash" in made:
        made["content_hash"] = _plain_hash(made["content_hash"])
    kept = rows.ledger.kept
    places = np.flatnonzero(kept)
    table = pd.DataFrame({"timestamp": to_timestamps(times.start[places])})
    if (times.end[places] != MISSING).any():
        table["timestamp_end"] = to_timestamps(times.end[places])
    walls = pd.Series([clock.venue_tz], dtype="str").repeat(len(table))
    table["tz"] = walls.reset_index(drop=True)
    for part, values in made.items():
        table[part] = values[kept].reset_index(drop=True)
    taken = [*table.columns, "event_id", "source_row", "duplicate_of"]
    if not {"weight", "how"} <= set(records.names):  # else a table that is located already
        taken += _OF_LOCATED
    used = set(parts.values()) - ({parts["tz"]} if "tz" in parts else set())
    rest = extras(records, used, taken, kept)
    moved = [name for name in _OF_LOCATED if f"{name}_in_file" in rest and name not in rest]
    if moved:
        notes.add(
            "columns {names} of the file are called {others}",
            names=", ".join(moved),
            others=", ".join(f"{name}_in_file" for name in moved),
        )
    ids = None
    if "event_id" in parts:
        ids = text(rows.cells("event_id"), words=False)
        ids = without_placeholders(ids, "event_id", rows.label("event_id"), notes)[kept]
    content = pd.concat([table.drop(columns="tz"), pd.DataFrame(rest)], axis=1)
    table.insert(0, "event_id", event_ids(ids, content, notes))
    table["source_row"] = records.source_row[places]
    table = pd.concat([table, pd.DataFrame(rest, index=table.index)], axis=1)
    repeats = repeated_rows(content, table["event_id"])
    if repeats is not None:
        table["duplicate_of"] = repeats
        notes.add("{n:,} rows repeat an earlier one (duplicate_of)", n=int(repeats.notna().sum()))
    say_suspects(table, notes)
    pass_over(rows)
    rejected = rows.ledger.rejected()
    report = make_report(name, records, parts, len(table), rejected)
    return Read(_with_shape(table), rejected, report)


def _with_shape(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(table) if isinstance(table, gpd.GeoDataFrame) else table


def _plain_hash(values: pd.Series) -> pd.Series:
    """Hexadecimal in lower case: the same hash in two spellings is the same hash."""
    hexadecimal = values.str.fullmatch(r"(?:0[xX])?[0-9A-Fa-f]{8,}").fillna(False).astype(bool)
    if not hexadecimal.any():
        return values
    plain = values.str.lower()
    if plain.str.startswith("0x").any():
        plain = plain.str.replace(r"^0x", "", regex=True)
    return plain if hexadecimal.all() else plain.where(hexadecimal, values)
