"""When was each upload? From one column of several, from a day and an hour, by the right clock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import FileError
from crimeloc.io.columns.matching import alike_columns, header_words, plain_name
from crimeloc.io.formats.raw_table import has_reason
from crimeloc.io.parsing.column_types import shown_names, text
from crimeloc.io.parsing.times import Times
from crimeloc.io.parsing.zones import parse_zoned
from crimeloc.io.quality.looks import looks_like
from crimeloc.io.quality.plausibility import say_implausible
from crimeloc.io.rows import Clock, Rows
from crimeloc.messages import Hint, Message
from crimeloc.units import MISSING, has_zone

__all__ = ["event_times", "own_zone"]

_CLOCK_ONLY = r"^\s*(?:오전|오후|AM|PM)?\s*\d{1,2}(?::|시)"
_OFFSET = r"(?:Z|UTC|GMT|KST|[+-]\d{2}:?\d{2})(?:\[[A-Za-z_/+-]+\])?$"
_DIGITS = r"^\d{9,19}(?:\.\d+)?$"
_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?$"
_SECOND = 1_000_000

_ONE_MOMENT = frozenset(
    plain_name(name)
    for name in (
        *("timestamp", "datetime", "date_time", "time", "event_time", "ts", "@timestamp"),
        *("timestamp_utc", "utc_time", "time_iso8601", "time_local", "일시", "시각"),
    )
)
"""Names that mean the one moment of a row, so that two of them in one file should agree."""


def event_times(rows: Rows, clock: Clock) -> Times:
    """When was each upload?

    Parameters
    ----------
    rows : Rows
        Rows of a file; the column that counts takes the part ``timestamp``.
    clock : Clock
        By which clocks times were written.

    Returns
    -------
    Times
        Moments and intervals; rows without one are refused.

    Raises
    ------
    FileError
        No column holds times.

    Notes
    -----
    Of two columns that mean one moment the more absolute leads: times with an offset, then numbers
    since 1970, then times by a clock that the file names, then bare ones. Where it has none the
    other fills in; where they disagree the report says so.
    """
    parts = rows.parts
    if "timestamp" not in parts and "date" not in parts:
        names = rows.records.names
        like = [
            name
            for i, name in enumerate(names[:200])
            if looks_like(rows.records.cells[i], name) == "times"
        ]
        raise FileError(
            rows.name,
            found=Message("no column with times among {shown}", shown=shown_names(names)),
            expected="a column such as 'timestamp' or '일시'",
            hint=Hint(columns={"timestamp": like[0] if like else "..."}),
        )
    zones = _zone_column(rows)
    values = _day_and_hour(rows)
    if values is None:
        parts.pop("clock", None)
        if "timestamp" in parts:
            parts.pop("date", None)
        others = _others(rows)
        if others:
            parts["timestamp"], others = _most_absolute(rows, [parts["timestamp"], *others])
    else:
        others = []
    part = "timestamp" if "timestamp" in parts else "date"
    label = rows.label(part)
    values = rows.cells(part) if values is None else values
    times = parse_zoned(values, own_zone(rows, label, clock.tz), zones)
    for position in others:
        times = _beside(rows, times, position, zones, clock)
    if values.dtype.kind not in "Miuf" and not has_zone(values.dtype):
        again = (values == label).fillna(False).to_numpy(dtype=bool)
        rows.ledger.refuse(again, Message("row.header-again"), label)
    rows.ledger.refuse_each(times.fault, label)
    rows.ledger.refuse(times.start == MISSING, Message("time.missing"), label)
    if times.notes:
        shown = own_zone(rows, label, clock.tz)
        rows.notes.add("times: {forms}; zone {tz}", forms=times.notes, tz=shown)
    times = _with_end(rows, times, clock, zones)
    say_implausible(rows, times, clock, label)
    return times


def own_zone(rows: Rows, label: str, tz: str) -> str:
    """By which clock was this column written?

    Parameters
    ----------
    rows : Rows
        Rows of a file.
    label : str
        Name of the column.
    tz : str
        Zone that the caller gives.

    Returns
    -------
    str
        The zone that the name of the column says, else that which the file says elsewhere, else
        the caller's.
    """
    said = header_words(label).zone
    if said and said != tz:
        rows.notes.add(
            "{label} names its clock: times without an offset in it were read as {zone}, not as "
            "{tz}",
            label=repr(label),
            zone=said,
            tz=tz,
        )
    return said or rows.records.zone or tz


def _zone_column(rows: Rows) -> pd.Series | None:
    if "tz" not in rows.parts:
        return None
    zones = text(rows.cells("tz"))
    rows.notes.add(
        "zone column {label}: it counts for times without an offset", label=repr(rows.label("tz"))
    )
    return zones


def _day_and_hour(rows: Rows) -> pd.Series | None:
    """Put a day and an hour in two columns together."""
    parts = rows.parts
    if "date" not in parts:
        return None
    if "timestamp" not in parts:
        split = parts.get("clock")
    else:
        sample = text(rows.cells("timestamp")).dropna().head(200)
        only_clock = len(sample) and sample.str.match(_CLOCK_ONLY).mean() > 0.5
        split = parts["timestamp"] if only_clock else None
    if split is None:
        return None
    days, hours = text(rows.cells("date")), text(rows.records.cells[split])
    days = days.str.replace(_MIDNIGHT, r"\1", regex=True)  # as Excel keeps a day
    parts["timestamp"] = split
    parts.pop("clock", None)
    rows.notes.add("day and hour are in two columns and were put together")
    return days.str.cat(hours, sep=" ")


def _others(rows: Rows) -> list[int]:
    """Other columns that mean the moment of the row, by their names."""
    if "timestamp" not in rows.parts or rows.given("timestamp"):
        return []
    lead = header_words(rows.label("timestamp")).plain
    names = rows.records.names
    known = _ONE_MOMENT | {lead} if lead in _ONE_MOMENT else frozenset({lead})
    taken = set(rows.parts.values())
    return [
        position
        for position in alike_columns(names, "events", "timestamp")
        if position not in taken
        and (plain_name(names[position]) in known or header_words(names[position]).plain in known)
    ]


def _most_absolute(rows: Rows, positions: list[int]) -> tuple[int, list[int]]:
    ranked = sorted(positions, key=lambda position: -_absoluteness(rows, position))
    return ranked[0], ranked[1:]


def _absoluteness(rows: Rows, position: int) -> int:
    """How surely do the values of a column name a moment?"""
    column = rows.records.cells[position]
    if has_zone(column.dtype):
        return 4
    sample = text(column[column.notna()].head(500)).dropna().head(200)
    if not len(sample):
        return 0
    if sample.str.contains(_OFFSET, regex=True).mean() > 0.5:
        return 4
    if sample.str.match(_DIGITS).mean() > 0.5:
        return 3
    return 2 if header_words(rows.records.names[position]).zone else 1


def _beside(
    rows: Rows, times: Times, position: int, zones: pd.Series | None, clock: Clock
) -> Times:
    """Hold a second column against the first; it fills in where the first has nothing."""
    rows.beside.add(position)
    label, lead = rows.records.names[position], rows.label("timestamp")
    other = parse_zoned(rows.records.cells[position], own_zone(rows, label, clock.tz), zones)
    empty = (times.start == MISSING) & (other.start != MISSING)
    both = (times.start != MISSING) & (other.start != MISSING)
    exact = both & (times.end == MISSING) & (other.end == MISSING)
    apart = np.where(exact, other.start - times.start, 0)
    _say_apart(rows, apart, int(exact.sum()), lead, label)
    unread = int(has_reason(other.fault).sum())
    if unread:
        rows.notes.add(
            "{n:,} values of {other}, which stands beside {lead}, are no times that can be read",
            n=unread,
            other=repr(label),
            lead=repr(lead),
        )
    if not empty.any():
        return times
    rows.notes.add(
        "{n:,} rows without a usable {lead} took their time from {other}",
        n=int(empty.sum()),
        lead=repr(lead),
        other=repr(label),
    )
    fault = times.fault.copy()
    fault[empty] = None
    start, end = times.start.copy(), times.end.copy()
    start[empty], end[empty] = other.start[empty], other.end[empty]
    return replace(times, start=start, end=end, fault=fault)


def _say_apart(rows: Rows, apart: NDArray[np.int64], compared: int, lead: str, label: str) -> None:
    wrong = np.abs(apart) > _SECOND
    count = int(wrong.sum())
    if not count:
        return
    said: dict[str, object] = {"lead": repr(lead), "other": repr(label), "n": count}
    different = np.unique(apart[wrong])
    if count == compared and len(different) == 1 and different[0] % (900 * _SECOND) == 0:
        rows.notes.add(
            "{other} differs from {lead} by {hours:g} hours in all {n:,} rows: it is by another "
            "clock; {lead} counts",
            hours=float(different[0]) / 3.6e9,
            **said,
        )
        return
    first = int(np.flatnonzero(wrong)[0])
    rows.notes.warn(
        "{lead} and {other} disagree by more than a second in {n:,} of {compared:,} rows, first in "
        "row {row}; {lead} counts",
        compared=compared,
        row=int(rows.records.source_row[first]),
        **said,
    )


def _with_end(rows: Rows, times: Times, clock: Clock, zones: pd.Series | None) -> Times:
    if "timestamp_end" not in rows.parts:
        return times
    label = rows.label("timestamp_end")
    last = parse_zoned(rows.cells("timestamp_end"), own_zone(rows, label, clock.tz), zones)
    rows.ledger.refuse_each(last.fault, label)
    end = np.where(last.end != MISSING, last.end, last.start)
    known = end != MISSING
    backwards = known & (times.start != MISSING) & (end < times.start)
    rows.ledger.refuse(backwards, Message("time.backwards"), label)
    return replace(times, end=np.where(known, end, times.end))
