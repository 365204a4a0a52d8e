"""Read which venue held which address when."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.addresses import AddressFault, network_text, parse_network
from crimeloc.errors import FileError
from crimeloc.io.formats.kinds import load
from crimeloc.io.formats.raw_table import Ledger, Read, Records
from crimeloc.io.parsing.column_names import match_columns
from crimeloc.io.parsing.column_types import extras, make_report, numbers, shown_names, text
from crimeloc.io.parsing.times import parse_times
from crimeloc.messages import Hint, Message
from crimeloc.units import MISSING, to_timestamps, zone

__all__ = ["build_leases", "read_leases"]


def read_leases(
    path: str | Path,
    *,
    tz: str | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
) -> Read:
    """Which venue held which address, and what is broken in that list?

    Parameters
    ----------
    path : str or Path
        CSV or other delimited text, Excel, Parquet, JSON Lines.
    tz : str
        Zone of the wall clock by which times without an offset were written. It has no default.
    columns : mapping, optional
        Part to column name of the file; goes before the recognised names.
    encoding, delimiter : str, optional
        For delimited text; by default they are found.
    sheet : str or int, optional
        For Excel; by default the first sheet with rows.

    Returns
    -------
    Read
        ``table`` keeps the contract LEASES; ``rejected`` as in `read_events`. Every row of the
        file is in one of the two; a range of addresses becomes the CIDR blocks that cover it,
        several rows with one ``source_row``.

    Raises
    ------
    FileError
        The file as a whole cannot be read, or has no column of networks or venues.
    ParameterError
        ``tz`` is missing or no zone; ``columns`` names what does not exist.

    Notes
    -----
    Networks may be CIDR, single addresses, ranges, netmasks or wildcards. Validity is half-open,
    [from, to). A day as the end means until the end of that day; a year from 2200 on
    means no end, and so do 현재 and "present". A lease that ends when it begins holds nothing.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "leases.csv")
    ...     _ = path.write_text("IP대역,업소ID,시작일\\n203.0.113.4-203.0.113.9,V-1,2026-01-01\\n")
    ...     leases, rejected = read_leases(path, tz="Asia/Seoul")
    >>> leases.network.tolist(), len(rejected)
    (['203.0.113.4/30', '203.0.113.8/31'], 0)
    """
    place = zone(tz)
    records = load(path, encoding=encoding, delimiter=delimiter, sheet=sheet)
    return build_leases(records, Path(path).name, place, columns)


def build_leases(
    records: Records, name: str, tz: str, columns: Mapping[str, str] | None = None
) -> Read:
    """Make leases of the rows of a file.

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
        As `read_leases`.

    Raises
    ------
    FileError
        No column of networks or venues.
    """
    parts = match_columns(records.names, "leases", columns)
    ledger, notes = Ledger(records), list[str]()
    networks, network_label = _network_texts(records, parts, name)
    if "venue_id" not in parts:
        raise FileError(
            name,
            found=Message(
                "no column of venues among {shown_names}", shown_names=shown_names(records.names)
            ),
            expected="a column such as 'venue_id' or '업소ID'",
            hint=Hint(columns={"venue_id": "..."}),
        )
    venue = text(records.cells[parts["venue_id"]])
    ledger.refuse(
        venue.isna().to_numpy(), Message("lease.no-venue"), records.names[parts["venue_id"]]
    )
    blocks, codes = _blocks(networks, ledger, network_label, notes)
    low, high = _ports(records, parts, ledger)
    begin, end = _validity(records, parts, tz, ledger, notes)
    rows = np.flatnonzero(ledger.kept)
    counts = np.array([len(blocks[code]) for code in codes[rows]], dtype=np.int64)
    where = np.repeat(rows, counts)
    table = pd.DataFrame(
        {
            "network": pd.Series(
                [block for code in codes[rows].tolist() for block in blocks[code]], dtype="str"
            ),
            "venue_id": venue.iloc[where].reset_index(drop=True),
            "port_min": pd.Series(low[where], dtype="Int64").mask(low[where] < 0),
            "port_max": pd.Series(high[where], dtype="Int64").mask(high[where] < 0),
            "valid_from": to_timestamps(begin[where]),
            "valid_to": to_timestamps(end[where]),
            "source_row": records.source_row[where],
        }
    )
    rest = extras(records, set(parts.values()), list(table.columns), np.ones(len(records), bool))
    for extra, values in rest.items():
        table[extra] = values.iloc[where].reset_index(drop=True)
    rejected = ledger.rejected()
    report = make_report(name, records, parts, len(rows), rejected, notes)
    return Read(table, rejected, report)


def _network_texts(records: Records, parts: dict[str, int], name: str) -> tuple[pd.Series, str]:
    if "network" in parts:
        return text(records.cells[parts["network"]]), records.names[parts["network"]]
    if "first_ip" in parts and "last_ip" in parts:
        first = text(records.cells[parts["first_ip"]])
        last = text(records.cells[parts["last_ip"]])
        return first.str.cat(last.fillna(first), sep="-"), records.names[parts["first_ip"]]
    raise FileError(
        name,
        found=Message(
            "no column of networks among {shown_names}", shown_names=shown_names(records.names)
        ),
        expected="a column such as 'network' or 'IP대역'",
        hint=Hint(columns={"network": "..."}),
    )


def _blocks(
    networks: pd.Series, ledger: Ledger, label: str, notes: list[str]
) -> tuple[list[list[str]], NDArray[np.int64]]:
    codes, different = pd.factorize(networks)
    ledger.refuse(codes < 0, Message("lease.no-network"), label)
    blocks: list[list[str]] = []
    inside = 0
    faults = np.full(len(different) + 1, None, dtype=object)
    for number, written in enumerate(different.tolist()):
        try:
            found = parse_network(written)
            if len(found) > 4_096:
                raise AddressFault("network.blocks", most=4_096)
            blocks.append([network_text(first, prefix) for first, prefix in found])
            inside += "/" in written and blocks[-1][0].split("/")[0] != written.split("/")[0]
        except AddressFault as fault:
            blocks.append([])
            faults[number] = fault.reason
    blocks.append([])
    ledger.refuse_each(faults[codes], label)
    several = sum(len(block) > 1 for block in blocks)
    if several:
        notes.append(f"{several:,} ranges became several CIDR blocks")
    if inside:
        notes.append(f"{inside:,} networks written by an address or in a form inside them")
    return blocks, np.asarray(codes, dtype=np.int64)


def _ports(
    records: Records, parts: dict[str, int], ledger: Ledger
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    size = len(records)
    low, high = np.full(size, -1, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    pairs: list[tuple[NDArray[np.int64], pd.Series, str]] = []
    if "port_min" in parts:
        column = records.cells[parts["port_min"]]
        pairs.append((low, column, records.names[parts["port_min"]]))
    if "port_max" in parts:
        column = records.cells[parts["port_max"]]
        pairs.append((high, column, records.names[parts["port_max"]]))
    if not pairs and "ports" in parts:
        label = records.names[parts["ports"]]
        words = text(records.cells[parts["ports"]]).str.extract(r"^(\d+)(?:\s*[-~]\s*(\d+))?$")
        unread = text(records.cells[parts["ports"]]).notna() & words[0].isna()
        ledger.refuse(unread.to_numpy(), Message("port.unreadable"), label)
        pairs = [(low, words[0], label), (high, words[1].fillna(words[0]), label)]
    for target, column, label in pairs:
        values, bad = numbers(column)
        known = ~np.isnan(values)
        bad = bad | known & ((values % 1 != 0) | (values < 0) | (values > 65_535))
        ledger.refuse(bad, Message("port.range"), label)
        good = known & ~bad
        target[good] = values[good].astype(np.int64)
    if pairs:
        label = pairs[-1][2]
        backwards = (low >= 0) & (high >= 0) & (high < low)
        ledger.refuse(backwards, Message("port.backwards"), label)
    return low, high


def _validity(
    records: Records, parts: dict[str, int], tz: str, ledger: Ledger, notes: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    size = len(records)
    begin, end = np.full(size, MISSING, dtype=np.int64), np.full(size, MISSING, dtype=np.int64)
    for part in ("valid_from", "valid_to"):
        if part not in parts:
            continue
        label = records.names[parts[part]]
        times = parse_times(records.cells[parts[part]], tz, far_is_open=part == "valid_to")
        ledger.refuse_each(times.fault, label)
        if part == "valid_from":
            begin = times.start
        else:
            end = np.where(times.end != MISSING, times.end, times.start)
        forms = ", ".join(f"{count:,} {word}" for word, count in times.notes.items())
        if forms:
            notes.append(f"{label}: {forms}; zone {tz}")
    known = (begin != MISSING) & (end != MISSING)
    label = records.names[parts["valid_to"]] if "valid_to" in parts else ""
    ledger.refuse(known & (end < begin), Message("time.backwards"), label)
    empty = int((known & (end == begin) & ledger.kept).sum())
    if empty:
        notes.append(f"{empty:,} leases end when they begin: they are kept and hold nothing")
    return begin, end
