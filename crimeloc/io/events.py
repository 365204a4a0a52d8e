"""Read upload logs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.addresses import parse_addresses
from crimeloc.errors import FileError
from crimeloc.io.formats.kinds import load
from crimeloc.io.formats.raw_table import Ledger, Read, Records
from crimeloc.io.parsing.column_names import match_columns
from crimeloc.io.parsing.column_types import extras, make_report, numbers, shown_names, text
from crimeloc.io.parsing.times import Times, parse_times
from crimeloc.io.quality.identity import event_ids, repeated_rows
from crimeloc.messages import Hint, Message
from crimeloc.units import MISSING, to_timestamps, zone

__all__ = ["build_events", "read_events"]

_OF_LOCATED = ("weight", "how", "why", "geometry")
"""Columns that locating adds; a log has its own things under such names."""

_CLOCK_ONLY = r"^\s*(?:오전|오후|AM|PM)?\s*\d{1,2}(?::|시)"


def read_events(
    path: str | Path,
    *,
    tz: str | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
) -> Read:
    """What do I have in this upload log, and what is broken in it?

    Parameters
    ----------
    path : str or Path
        CSV or other delimited text (UTF-8, cp949, UTF-16), Excel, Parquet, JSON Lines, JSON.
        The kind is found from what is in the file.
    tz : str
        Zone of the wall clock by which times without an offset were written, and of the clocks at
        the venues, such as ``"Asia/Seoul"``. It has no default: a zone would be a guess.
    columns : mapping, optional
        Part to column name of the file, such as ``{"timestamp": "기록시점"}``. Columns are
        recognised by English and Korean names; this goes before.
    encoding, delimiter : str, optional
        For delimited text; by default they are found.
    sheet : str or int, optional
        For Excel; by default the first sheet with rows.

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
    one in everything are kept and name it in ``duplicate_of``. Cost is linear.

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
    place = zone(tz)
    records = load(path, encoding=encoding, delimiter=delimiter, sheet=sheet)
    return build_events(records, Path(path).name, place, columns)


def build_events(
    records: Records, name: str, tz: str, columns: Mapping[str, str] | None = None
) -> Read:
    """Make events of the rows of a file.

    Parameters
    ----------
    records : Records
        Rows, taken apart.
    name : str
        File name.
    tz : str
        Zone of the wall clock.
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
    parts = match_columns(records.names, "events", columns)
    ledger, notes = Ledger(records), list[str]()
    times = _times(records, parts, tz, name, ledger, notes)
    made: dict[str, pd.Series] = {}
    made |= _addresses(records, parts, ledger, notes)
    for part in ("handle", "content_hash", "title", "device", "venue_id"):
        if part in parts:
            made[part] = text(records.cells[parts[part]], words=part != "title")
    if "content_hash" in made:
        made["content_hash"] = _plain_hash(made["content_hash"])
    kept = ledger.kept
    rows = np.flatnonzero(kept)
    table = pd.DataFrame({"timestamp": to_timestamps(times.start[rows])})
    if (times.end[rows] != MISSING).any():
        table["timestamp_end"] = to_timestamps(times.end[rows])
    table["tz"] = pd.Series([tz], dtype="str").repeat(len(table)).reset_index(drop=True)
    for part, values in made.items():
        table[part] = values[kept].reset_index(drop=True)
    taken = [*table.columns, "event_id", "source_row", "duplicate_of"]
    if not {"weight", "how"} <= set(records.names):  # else a table that is located already
        taken += _OF_LOCATED
    rest = extras(records, set(parts.values()), taken, kept)
    moved = [name for name in _OF_LOCATED if f"{name}_in_file" in rest and name not in rest]
    if moved:
        notes.append(
            f"columns {', '.join(moved)} of the file are called "
            f"{', '.join(f'{name}_in_file' for name in moved)}"
        )
    ids = text(records.cells[parts["event_id"]])[kept] if "event_id" in parts else None
    content = pd.concat([table.drop(columns="tz"), pd.DataFrame(rest)], axis=1)
    table.insert(0, "event_id", event_ids(ids, content, notes))
    table["source_row"] = records.source_row[rows]
    table = pd.concat([table, pd.DataFrame(rest, index=table.index)], axis=1)
    repeats = repeated_rows(content, table["event_id"])
    if repeats is not None:
        table["duplicate_of"] = repeats
        notes.append(f"{int(repeats.notna().sum()):,} rows repeat an earlier one (duplicate_of)")
    rejected = ledger.rejected()
    report = make_report(name, records, parts, len(table), rejected, notes)
    return Read(_with_shape(table), rejected, report)


def _with_shape(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(table) if isinstance(table, gpd.GeoDataFrame) else table


def _times(
    records: Records, parts: dict[str, int], tz: str, name: str, ledger: Ledger, notes: list[str]
) -> Times:
    """Read the moments, from one column or from a day and an hour."""
    cells = records.cells
    if "timestamp" not in parts and "date" not in parts:
        shown = shown_names(records.names)
        raise FileError(
            name,
            found=Message("no column with times among {shown}", shown=shown),
            expected="a column such as 'timestamp' or '일시'",
            hint=Hint(columns={"timestamp": "..."}),
        )
    split = None
    if "date" in parts:
        if "timestamp" not in parts and "clock" in parts:
            split = parts["clock"]
        elif "timestamp" in parts:
            sample = text(cells[parts["timestamp"]]).dropna().head(200)
            if len(sample) and sample.str.match(_CLOCK_ONLY).mean() > 0.5:
                split = parts["timestamp"]
    if split is not None:
        days, hours = text(cells[parts["date"]]), text(cells[split])
        values, label = days.str.cat(hours, sep=" "), records.names[split]
        parts["timestamp"] = split
        parts.pop("clock", None)
        notes.append("day and hour are in two columns and were put together")
    else:
        position = parts.get("timestamp", parts.get("date"))
        assert position is not None
        if "timestamp" in parts:
            parts.pop("date", None)
        parts.pop("clock", None)
        values, label = cells[position], records.names[position]
    times = parse_times(values, tz)
    if not isinstance(values.dtype, pd.DatetimeTZDtype) and values.dtype.kind not in "Miuf":
        again = (values == label).fillna(False).to_numpy(dtype=bool)
        ledger.refuse(again, Message("row.header-again"), label)
    ledger.refuse_each(times.fault, label)
    ledger.refuse(times.start == MISSING, Message("time.missing"), label)
    forms = ", ".join(f"{count:,} {word}" for word, count in times.notes.items())
    if forms:
        notes.append(f"times: {forms}; zone {tz}")
    if "timestamp_end" not in parts:
        return times
    last_label = records.names[parts["timestamp_end"]]
    last = parse_times(cells[parts["timestamp_end"]], tz)
    ledger.refuse_each(last.fault, last_label)
    end = np.where(last.end != MISSING, last.end, last.start)
    known = end != MISSING
    ledger.refuse(
        known & (times.start != MISSING) & (end < times.start),
        Message("time.backwards"),
        last_label,
    )
    return Times(times.start, np.where(known, end, times.end), times.fault, times.notes)


def _addresses(
    records: Records, parts: dict[str, int], ledger: Ledger, notes: list[str]
) -> dict[str, pd.Series]:
    made: dict[str, pd.Series] = {}
    written: NDArray[np.int64] | None = None
    if "ip" in parts:
        label = records.names[parts["ip"]]
        written_ip = text(records.cells[parts["ip"]], words=False)
        found = parse_addresses(written_ip)
        faults = np.full(len(records), None, dtype=object)
        faults[found.odd] = np.array([*found.faults, None], dtype=object)[found.codes]
        ledger.refuse_each(faults, label)
        if len(found.odd):
            plain = pd.array([*found.texts, None], dtype="str").take(found.codes)
            written_ip = written_ip.copy()
            written_ip.iloc[found.odd] = plain
        made["ip"] = written_ip
        set_right = sum(bool(note) for note in found.notes)
        if set_right:
            forms = sorted({note for note in found.notes if note})
            notes.append(f"{set_right:,} different addresses set right: {'; '.join(forms[:5])}")
        if (found.port >= 0).any():
            written = found.port.astype(np.int64)
    if "port" in parts:
        port = _ports(records, parts["port"], ledger)
        if written is not None:
            clash = (written >= 0) & (port >= 0) & (written != port)
            ledger.refuse(clash, Message("port.two"), records.names[parts["port"]])
            port = np.where(port >= 0, port, written)
        made["port"] = pd.Series(port, dtype="Int64").mask(port < 0)
    elif written is not None:
        made["port"] = pd.Series(written, dtype="Int64").mask(written < 0)
        notes.append("ports taken from behind the addresses")
    return made


def _ports(records: Records, position: int, ledger: Ledger) -> NDArray[np.int64]:
    values, bad = numbers(records.cells[position])
    known = ~np.isnan(values)
    bad |= known & ((values % 1 != 0) | (values < 0) | (values > 65_535))
    ledger.refuse(bad, Message("port.range"), records.names[position])
    whole = np.full(len(values), -1, dtype=np.int64)
    good = known & ~bad
    whole[good] = values[good].astype(np.int64)
    return whole


def _plain_hash(values: pd.Series) -> pd.Series:
    """Hexadecimal in lower case: the same hash in two spellings is the same hash."""
    hexadecimal = values.str.fullmatch(r"(?:0[xX])?[0-9A-Fa-f]{8,}").fillna(False).astype(bool)
    if not hexadecimal.any():
        return values
    plain = values.str.lower()
    if plain.str.startswith("0x").any():
        plain = plain.str.replace(r"^0x", "", regex=True)
    return plain if hexadecimal.all() else plain.where(hexadecimal, values)
