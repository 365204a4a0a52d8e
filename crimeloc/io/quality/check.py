"""What would be rejected in this file, and why?"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from crimeloc.errors import FileError, ParameterError
from crimeloc.io.events import build_events
from crimeloc.io.formats.kinds import load
from crimeloc.io.formats.raw_table import Read, Records, Report, printable
from crimeloc.io.leases import build_leases
from crimeloc.io.parsing.column_names import KINDS, match_columns
from crimeloc.io.parsing.column_types import shown_names
from crimeloc.io.quality.conflicts import lease_conflicts
from crimeloc.io.venues import build_venues
from crimeloc.messages import Hint, Message
from crimeloc.provenance import sha256_file
from crimeloc.units import zone

__all__ = ["FileCheck", "check_file"]

_SHOWN = 20
_MOST_PAIRS = 200_000


@dataclass(frozen=True)
class FileCheck:
    """What a file is, what can be read in it, and what cannot.

    Parameters
    ----------
    kind : str
        ``"events"``, ``"venues"`` or ``"leases"``.
    report : Report
        How it was read.
    read : Read
        What was read and what was rejected.
    sha256 : str
        SHA-256 of the file.
    lines : tuple of str
        Further findings, one per line.
    """

    kind: str
    report: Report
    read: Read
    sha256: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        text = [f"kind:     {self.kind}", str(self.report), f"SHA-256:  {self.sha256}"]
        text += [f"{'found:':<10}{line}" for line in self.lines]
        rejected = self.read.rejected
        if len(rejected):
            text.append("rejected rows:")
            for row in rejected.head(_SHOWN).itertuples(index=False):
                where = f" [{row.column}]" if row.column else ""
                raw = printable(str(row.raw))
                raw = raw if len(raw) <= 80 else raw[:77] + "..."
                text.append(f"  row {row.source_row}: {printable(row.reason)}{where}  | {raw}")
            if len(rejected) > _SHOWN:
                text.append(f"  ... and {len(rejected) - _SHOWN:,} more")
        return "\n".join(text)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def check_file(
    path: str | Path,
    *,
    kind: str | None = None,
    tz: str | None = None,
    crs: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    districts: str | Path | gpd.GeoDataFrame | None = None,
) -> FileCheck:
    """What would be rejected in this file, and why?

    Parameters
    ----------
    path : str or Path
        Any file that a reader takes.
    kind : str, optional
        ``"events"``, ``"venues"`` or ``"leases"``; by default recognised from the columns.
    tz : str, optional
        Zone of times without an offset. Without it they are taken as UTC for this check only, and
        the report says so.
    crs : str or int, optional
        Coordinate system, for venues.
    columns : mapping, optional
        Part to column name of the file.
    districts : path or GeoDataFrame, optional
        Boundaries of districts, for venues.

    Returns
    -------
    FileCheck
        Prints itself.

    Raises
    ------
    FileError
        The file as a whole cannot be read, or its kind is not known.
    ParameterError
        An argument cannot be used.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "log.csv")
    ...     _ = path.write_text("일시,IP주소\\n2026-03-01 23:05,203.0.113.7\\n")
    ...     found = check_file(path, tz="Asia/Seoul")
    >>> found.kind, found.report.n_rejected
    ('events', 0)
    """
    records = load(path)
    name = Path(path).name
    if kind is not None and kind not in KINDS:
        raise ParameterError(
            "kind", found=repr(kind), expected="events, venues or leases", hint=Hint(kind="events")
        )
    chosen = kind or recognise(records, name)
    place = zone(tz) if tz is not None else "UTC"
    found: list[str] = []
    if chosen == "venues":
        read = build_venues(records, name, tz or "Asia/Seoul", crs, columns, districts)
        found += _about_venues(read.table)
    elif chosen == "leases":
        read = build_leases(records, name, place, columns)
        found += _about_leases(read.table)
    else:
        read = build_events(records, name, place, columns)
        found += _about_events(read.table, place)
    if tz is None and chosen != "venues":
        found.append(
            "no zone was given: times without an offset were taken as UTC, for this check "
            "only (--tz Asia/Seoul)"
        )
    assert read.report is not None
    return FileCheck(chosen, read.report, read, sha256_file(path), tuple(found))


def recognise(records: Records, name: str) -> str:
    """Which kind of table is this, by its columns?

    Parameters
    ----------
    records : Records
        Rows of the file.
    name : str
        File name, for the error text.

    Returns
    -------
    str
        ``"events"``, ``"venues"`` or ``"leases"``.

    Raises
    ------
    FileError
        No kind fits.
    """
    parts = {kind: set(match_columns(records.names, kind)) for kind in KINDS}
    shapes = any(records.cells[i].dtype == object for i in records.cells.columns)
    venue, lease, event = parts["venues"], parts["leases"], parts["events"]
    placed = shapes or {"lon", "lat"} <= venue or {"x", "y"} <= venue
    if placed and not ("timestamp" in event and event & {"ip", "handle", "content_hash"}):
        return "venues"
    spell = lease & {"valid_from", "valid_to", "port_min", "port_max"}
    if {"network", "venue_id"} <= lease and (spell or "timestamp" not in event):
        return "leases"
    if {"first_ip", "last_ip", "venue_id"} <= lease:
        return "leases"
    if event & {"timestamp", "date"}:
        return "events"
    shown = shown_names(records.names)
    raise FileError(
        name,
        found=Message(
            "columns that are neither events nor venues nor leases: {shown}", shown=shown
        ),
        expected="columns such as '일시' and 'IP주소'",
        hint=Hint("check_file", kind="events", columns={"timestamp": "..."}),
    )


def _about_events(table: pd.DataFrame, tz: str) -> list[str]:
    if table.empty:
        return ["no events"]
    edges = (table["timestamp"].min(), table["timestamp"].max())
    first, last = (str(moment.tz_convert(tz))[:16] for moment in edges)
    lines = [f"from {first} to {last} ({tz})"]
    if "ip" in table:
        missing = int(table["ip"].isna().sum())
        lines.append(
            f"{table['ip'].nunique():,} different addresses; missing in {missing:,} events"
        )
    if "handle" in table:
        lines.append(f"{table['handle'].nunique():,} different handles")
        hidden = table["handle"].str.contains(
            "[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", regex=True
        )
        count = int(hidden.fillna(False).astype(bool).sum())
        if count:
            lines.append(f"{count:,} handles hold invisible marks, which make two look alike")
    return lines


def _about_leases(table: pd.DataFrame) -> list[str]:
    networks = table["network"].nunique()
    lines = [f"{networks:,} different networks, {table['venue_id'].nunique():,} venues"]
    conflicts = lease_conflicts(table, at_most=_MOST_PAIRS)
    if len(conflicts):
        clash = conflicts[~conflicts["same_venue"]]
        least = "at least " if len(conflicts) == _MOST_PAIRS else ""
        lines.append(
            f"{least}{len(clash):,} pairs of leases give one address to two venues at one time: "
            "such events get weights (lease_conflicts(leases))"
        )
        again = len(conflicts) - len(clash)
        if again:
            lines.append(f"{again:,} pairs of leases of one venue overlap")
    return lines


def _about_venues(table: gpd.GeoDataFrame) -> list[str]:
    closed = int(table["closed"].notna().sum())
    hours, seats = int(table["opening_hours"].isna().sum()), int(table["seats"].isna().sum())
    return [
        f"{len(table):,} venues, {closed:,} of them closed for good",
        f"opening hours unknown for {hours:,} venues, seats for {seats:,}",
    ]
