"""What would be rejected in this file, and why?"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from crimeloc.errors import FileError, ParameterError
from crimeloc.io.columns.catalogue import KINDS
from crimeloc.io.columns.matching import match_columns
from crimeloc.io.events import build_events
from crimeloc.io.formats.kinds import load, source_name, written_us
from crimeloc.io.formats.layout import Layout
from crimeloc.io.formats.raw_table import Read, Records, Report, printable
from crimeloc.io.leases import build_leases
from crimeloc.io.parsing.column_types import shown_names
from crimeloc.io.quality.conflicts import lease_conflicts
from crimeloc.io.rows import Clock
from crimeloc.io.venues import build_venues
from crimeloc.messages import Hint, Message
from crimeloc.provenance import sha256_file
from crimeloc.units import Instant, zone

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
    findings : tuple of Message
        What else there is to say of the rows.
    """

    kind: str
    report: Report
    read: Read
    sha256: str
    findings: tuple[Message, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The findings, in English."""
        return tuple(map(str, self.findings))

    def __str__(self) -> str:
        said = [("kind", self.kind), *self.report.lines()]
        last = [pair for pair in said if pair[0] == "passed over"]
        first = [pair for pair in said if pair[0] == "warning"]
        middle = [pair for pair in said if pair not in first and pair not in last]
        middle += [("SHA-256", self.sha256)] if self.sha256 else []
        middle += [("found", line) for line in self.lines]
        text = [f"{word + ':':<13}{printable(line)}" for word, line in [*first, *middle]]
        rejected = self.read.rejected
        if len(rejected):
            text.append("rejected rows:")
            for row in rejected.head(_SHOWN).itertuples(index=False):
                where = f" [{row.column}]" if str(row.column) else ""
                raw = printable(str(row.raw))
                raw = raw if len(raw) <= 80 else raw[:77] + "..."
                text.append(f"  row {row.source_row}: {printable(str(row.reason))}{where}  | {raw}")
            if len(rejected) > _SHOWN:
                text.append(f"  ... and {len(rejected) - _SHOWN:,} more")
        text += [f"{word + ':':<13}{printable(line)}" for word, line in last]
        return "\n".join(text)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def check_file(
    path: str | Path | pd.DataFrame,
    *,
    kind: str | None = None,
    tz: str | None = None,
    crs: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    districts: str | Path | gpd.GeoDataFrame | None = None,
    venue_tz: str | None = None,
    as_of: Instant | None = None,
    sheet: str | int | None = None,
    layer: str | None = None,
    list: str | None = None,  # noqa: A002  (the word of JSON)
    header: int | Sequence[str] | None = None,
    skip_rows: int = 0,
) -> FileCheck:
    """What would be rejected in this file, and why?

    Parameters
    ----------
    path : str, Path or DataFrame
        Any file that a reader takes, or a table.
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
    venue_tz, as_of, sheet, layer, list, header, skip_rows : optional
        As in `read_events`.

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
    layout = Layout(None, None, sheet, layer, list, header, skip_rows)
    records = load(path, layout, kind=kind if kind in KINDS else None, columns=columns)
    name = source_name(path)
    if kind is not None and kind not in KINDS:
        raise ParameterError(
            "kind", found=repr(kind), expected="events, venues or leases", hint=Hint(kind="events")
        )
    chosen = kind or recognise(records, name)
    place = zone(tz) if tz is not None else "UTC"
    found: Sequence[Message]
    if chosen == "venues":
        read = build_venues(records, name, tz or "Asia/Seoul", crs, columns, districts)
        found = _about_venues(read.table)
    elif chosen == "leases":
        read = build_leases(records, name, place, columns)
        found = _about_leases(read.table)
    else:
        clock = Clock.of(place, venue_tz, as_of, written=written_us(path))
        read = build_events(records, name, clock, columns)
        found = _about_events(read.table, clock.venue_tz)
    if tz is None and chosen != "venues":
        found = [
            *found,
            Message(
                "no zone was given: times without an offset were taken as UTC, for this check "
                "only ({line})",
                line='--tz "Asia/Seoul"',
            ),
        ]
    assert read.report is not None
    seal = "" if isinstance(path, pd.DataFrame) else sha256_file(path)
    return FileCheck(chosen, read.report, read, seal, tuple(found))


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


def _about_events(table: pd.DataFrame, tz: str) -> list[Message]:
    if table.empty:
        return [Message("no events")]
    edges = (table["timestamp"].min(), table["timestamp"].max())
    first, last = (str(moment.tz_convert(tz))[:16] for moment in edges)
    found = [Message("from {first} to {last} ({tz})", first=first, last=last, tz=tz)]
    if "ip" in table:
        found.append(
            Message(
                "{n:,} different addresses; missing in {missing:,} events",
                n=table["ip"].nunique(),
                missing=int(table["ip"].isna().sum()),
            )
        )
    if "handle" in table:
        found.append(Message("{n:,} different handles", n=table["handle"].nunique()))
        hidden = table["handle"].str.contains(
            "[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", regex=True
        )
        count = int(hidden.fillna(False).astype(bool).sum())
        if count:
            found.append(
                Message("{n:,} handles hold invisible marks, which make two look alike", n=count)
            )
    return found


def _about_leases(table: pd.DataFrame) -> list[Message]:
    found = [
        Message(
            "{n:,} different networks, {venues:,} venues",
            n=table["network"].nunique(),
            venues=table["venue_id"].nunique(),
        )
    ]
    conflicts = lease_conflicts(table, at_most=_MOST_PAIRS)
    if len(conflicts):
        clash = int((~conflicts["same_venue"]).sum())
        sentence = (
            "at least {n:,} pairs of leases give one address to two venues at one time: such "
            "events get weights (lease_conflicts(leases))"
            if len(conflicts) == _MOST_PAIRS
            else "{n:,} pairs of leases give one address to two venues at one time: such events "
            "get weights (lease_conflicts(leases))"
        )
        found.append(Message(sentence, n=clash))
        again = len(conflicts) - clash
        if again:
            found.append(Message("{n:,} pairs of leases of one venue overlap", n=again))
    return found


def _about_venues(table: gpd.GeoDataFrame) -> list[Message]:
    return [
        Message(
            "{n:,} venues, {closed:,} of them closed for good",
            n=len(table),
            closed=int(table["closed"].notna().sum()),
        ),
        Message(
            "opening hours unknown for {hours:,} venues, seats for {seats:,}",
            hours=int(table["opening_hours"].isna().sum()),
            seats=int(table["seats"].isna().sum()),
        ),
    ]
