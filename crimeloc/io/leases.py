"""Read which venue held which address when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.addresses import AddressFault, network_text, parse_network
from crimeloc.errors import FileError
from crimeloc.io.event_addresses import prefer_public, read_ports
from crimeloc.io.event_times import own_zone
from crimeloc.io.formats.kinds import load, source_name
from crimeloc.io.formats.layout import Layout
from crimeloc.io.formats.raw_table import Ledger, Read, Records, make_report
from crimeloc.io.lease_forms import JOURNALS, adapt_leases, cut_by_later
from crimeloc.io.notes import Notes
from crimeloc.io.parsing.column_types import extras, shown_names, text, without_placeholders
from crimeloc.io.parsing.zones import parse_zoned
from crimeloc.io.quality.passed_over import pass_over
from crimeloc.io.rows import Clock, Rows
from crimeloc.messages import Hint, Message
from crimeloc.units import MISSING, to_timestamps

__all__ = ["build_leases", "read_leases"]


def read_leases(
    path: str | Path | pd.DataFrame,
    *,
    tz: str | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    layer: str | None = None,
    list: str | None = None,  # noqa: A002  (the word of JSON)
    header: int | Sequence[str] | None = None,
    skip_rows: int = 0,
) -> Read:
    """Which venue held which address, and what is broken in that list?

    Parameters
    ----------
    path : str, Path or DataFrame
        CSV or other delimited text, Excel, Parquet, JSON Lines, `dhcpd.leases`, Zeek; or a table.
    tz : str
        Zone of the wall clock by which times without an offset were written. It has no default.
    columns : mapping, optional
        Part to column name of the file; goes before the recognised names.
    encoding, delimiter : str, optional
        For delimited text; by default they are found.
    sheet, layer, list : optional
        Of several tables in one file, the one to read: an Excel sheet, a layer of a GeoPackage, a
        list in JSON. By default all that hold leases are read, and the report names the others.
    header : int or sequence of str, optional
        Row that holds the names, from 1; or the names, for a file without them.
    skip_rows : int
        So many rows at the beginning are passed over.

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
    [from, to). A day as the end means until the end of that day, and 23:59:59 until midnight; so
    does an end one second before the next lease of the network begins. A year from 2200 on means
    no end, and so do 현재 and "present". A lease that ends when it begins holds nothing. Where no
    column for the end was recognised, the report begins with a warning.

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
    clock = Clock.of(tz)
    layout = Layout(encoding, delimiter, sheet, layer, list, header, skip_rows)
    records = load(path, layout, kind="leases", columns=columns)
    return build_leases(records, source_name(path), clock.tz, columns)


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
    records = adapt_leases(records)
    rows = Rows(records, name, "leases", columns)
    parts, notes, ledger = rows.parts, rows.notes, rows.ledger
    rows.warn_of_zone(tz)
    prefer_public(rows, "network", ("ports", "port_min", "port_max"))
    networks, network_label = _network_texts(rows)
    if "venue_id" not in parts:
        raise FileError(
            name,
            found=Message("no column of venues among {shown}", shown=shown_names(records.names)),
            expected="a column such as 'venue_id' or '업소ID'",
            hint=Hint(columns={"venue_id": "..."}),
        )
    venue = text(rows.cells("venue_id"))
    venue = without_placeholders(venue, "venue_id", rows.label("venue_id"), notes)
    ledger.refuse(venue.isna().to_numpy(), Message("lease.no-venue"), rows.label("venue_id"))
    blocks, codes = _blocks(networks, ledger, network_label, notes)
    low, high = _ports(rows)
    begin, end = _validity(rows, tz)
    end = _inclusive(rows, codes, begin, end)
    if records.format in JOURNALS:
        end = _of_journal(rows, codes, begin, end)
    kept = np.flatnonzero(ledger.kept)
    counts = np.array([len(blocks[code]) for code in codes[kept]], dtype=np.int64)
    where = np.repeat(kept, counts)
    table = pd.DataFrame(
        {
            "network": pd.Series(
                [block for code in codes[kept].tolist() for block in blocks[code]], dtype="str"
            ),
            "venue_id": venue.iloc[where].reset_index(drop=True),
            "port_min": pd.Series(low[where], dtype="Int64").mask(low[where] < 0),
            "port_max": pd.Series(high[where], dtype="Int64").mask(high[where] < 0),
            "valid_from": to_timestamps(begin[where]),
            "valid_to": to_timestamps(end[where]),
            "source_row": records.source_row[where],
        }
    )
    used = set(parts.values()) - ({parts["tz"]} if "tz" in parts else set())
    rest = extras(records, used, [*table.columns], np.ones(len(records), bool))
    for extra, values in rest.items():
        table[extra] = values.iloc[where].reset_index(drop=True)
    pass_over(rows)
    rejected = ledger.rejected()
    return Read(table, rejected, make_report(name, records, parts, len(kept), rejected))


def _network_texts(rows: Rows) -> tuple[pd.Series, str]:
    if "network" in rows.parts:
        return text(rows.cells("network")), rows.label("network")
    if "first_ip" in rows.parts and "last_ip" in rows.parts:
        first, last = text(rows.cells("first_ip")), text(rows.cells("last_ip"))
        return first.str.cat(last.fillna(first), sep="-"), rows.label("first_ip")
    raise FileError(
        rows.name,
        found=Message("no column of networks among {shown}", shown=shown_names(rows.records.names)),
        expected="a column such as 'network' or 'IP대역'",
        hint=Hint(columns={"network": "..."}),
    )


def _blocks(
    networks: pd.Series, ledger: Ledger, label: str, notes: Notes
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
        notes.add("{n:,} ranges became several CIDR blocks", n=several)
    if inside:
        notes.add("{n:,} networks written by an address or in a form inside them", n=inside)
    return blocks, np.asarray(codes, dtype=np.int64)


def _ports(rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    size = len(rows.records)
    low, high = np.full(size, -1, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    pairs: list[tuple[NDArray[np.int64], pd.Series, str]] = []
    for part, target in (("port_min", low), ("port_max", high)):
        if part in rows.parts:
            pairs.append((target, rows.cells(part), rows.label(part)))
    if not pairs and "ports" in rows.parts:
        label = rows.label("ports")
        written = text(rows.cells("ports"))
        words = written.str.extract(r"^(\d+)(?:\s*(?:[-~:]|to|부터)\s*(\d+))?(?:까지)?$")
        unread = written.notna() & words[0].isna()
        rows.ledger.refuse(unread.to_numpy(), Message("port.unreadable"), label)
        pairs = [(low, words[0], label), (high, words[1].fillna(words[0]), label)]
    for target, column, label in pairs:
        target[:] = read_ports(column, rows.ledger, label)
    if pairs:
        backwards = (low >= 0) & (high >= 0) & (high < low)
        rows.ledger.refuse(backwards, Message("port.backwards"), pairs[-1][2])
    return low, high


def _validity(rows: Rows, tz: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    size = len(rows.records)
    begin, end = np.full(size, MISSING, dtype=np.int64), np.full(size, MISSING, dtype=np.int64)
    zones = text(rows.cells("tz")) if "tz" in rows.parts else None
    if zones is not None:
        rows.notes.add(
            "zone column {label}: it counts for times without an offset",
            label=repr(rows.label("tz")),
        )
    for part in ("valid_from", "valid_to"):
        if part not in rows.parts:
            continue
        label = rows.label(part)
        place = own_zone(rows, label, tz)
        times = parse_zoned(rows.cells(part), place, zones, far_is_open=part == "valid_to")
        rows.ledger.refuse_each(times.fault, label)
        if part == "valid_from":
            begin = times.start
        else:
            end = np.where(times.end != MISSING, times.end, times.start)
        if times.notes:
            rows.notes.add("{label}: {forms}; zone {tz}", label=label, forms=times.notes, tz=place)
    known = (begin != MISSING) & (end != MISSING)
    label = rows.label("valid_to") if "valid_to" in rows.parts else ""
    rows.ledger.refuse(known & (end < begin), Message("time.backwards"), label)
    empty = int((known & (end == begin) & rows.ledger.kept).sum())
    if empty:
        rows.notes.add("{n:,} leases end when they begin: they are kept and hold nothing", n=empty)
    return begin, end


def _of_journal(
    rows: Rows, codes: NDArray[np.int64], begin: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.int64]:
    """A later row of an address ends the earlier one; holders of a server are devices."""
    kept = np.flatnonzero(rows.ledger.kept)
    result = end.copy()
    result[kept] = cut_by_later(codes[kept], begin[kept], end[kept])
    shorter = int((result != end).sum())
    if shorter:
        rows.notes.add("{n:,} entries were ended by a later entry of the same address", n=shorter)
    if "venue_id" not in (rows.columns or {}):
        rows.notes.warn(
            "a list of a server names devices, not venues: venue_id holds {label}; a table of "
            'venues for devices, or columns={{"venue_id": ...}}, makes venues of them',
            label=repr(rows.label("venue_id")),
        )
    return result


_SECOND = 1_000_000
_MINUTE = 60 * _SECOND


def _inclusive(
    rows: Rows, codes: NDArray[np.int64], begin: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Take the last second of a lease for held, where people write 23:59:59 or 23:59."""
    known = (end != MISSING) & (end > begin)
    last_second = known & (end % (60 * _MINUTE) == 60 * _MINUTE - _SECOND)
    last_minute = known & (end % (60 * _MINUTE) == 59 * _MINUTE)
    result = end.copy()
    if not known.any():
        return result
    result[last_second] += _SECOND
    # One second, or from 23:59 one minute, before the next lease of the same network begins.
    moments = np.unique(begin)
    starts = codes * len(moments) + np.searchsorted(moments, begin)
    for step, where in ((_SECOND, known & ~last_second), (_MINUTE, known & last_minute)):
        place = np.minimum(np.searchsorted(moments, end + step), len(moments) - 1)
        meets = where & (codes >= 0) & (moments[place] == end + step)
        meets[meets] = np.isin(codes[meets] * len(moments) + place[meets], starts)
        result[meets] = end[meets] + step
    changed = int(((result != end) & rows.ledger.kept).sum())
    if changed:
        rows.notes.add(
            "{n:,} ends one second or one minute before the next begins, or at :59:59, were read "
            "as inclusive",
            n=changed,
        )
    return result
