"""Read times as people and machines write them: ISO, Korean, epoch numbers, mixed in one column."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crimeloc.io.formats.raw_table import flat_text, has_reason
from crimeloc.io.parsing.fixed_times import epoch_numbers, fixed_iso
from crimeloc.io.parsing.odd_times import ZERO, odd_form, partial_date
from crimeloc.messages import Message
from crimeloc.units import MISSING, has_zone, instants

__all__ = ["Times", "parse_times"]

_DAY_US = 86_400_000_000
_FAR_YEAR = 2200
"""From this year on an end is a way to write "no end" (9999-12-31 is common)."""

_ZONE = r"(?:(?P<z>Z|z|KST|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)(?:\[[A-Za-z_/+-]+\])?)?"
"""A zone in brackets stands behind its offset; alone it would be a wall clock of another place."""
_CLOCK = (
    r"(?P<h>\d{1,2})\s*(?::|시)\s*(?:(?P<mi>\d{1,2})\s*(?::|분)?\s*)?"
    r"(?:(?P<s>\d{1,2})(?:[.,](?P<f>\d{1,9}))?\s*초?)?"
)
_HALF = r"오전|오후|새벽|AM|PM|am|pm|A\.M\.|P\.M\.|a\.m\.|p\.m\."
_PATTERN = (
    r"^(?P<y>\d{4})\s*(?:[-/.]|년)\s*(?P<mo>\d{1,2})\s*(?:[-/.]|월)\s*(?P<d>\d{1,2})\s*(?:일|\.)?"
    r"\s*(?:\([월화수목금토일]\)|[월화수목금토일]요일)?"
    rf"(?:(?:[Tt,\s]\s*(?P<ap>{_HALF})?|(?P<ap3>오전|오후|새벽))\s*{_CLOCK}\s*(?P<ap2>{_HALF})?\s*{_ZONE})?$"
)


@dataclass(frozen=True)
class Times:
    """A column of times that was read.

    Parameters
    ----------
    start : ndarray of int64
        Microseconds since 1970 in UTC; `MISSING` where there is none.
    end : ndarray of int64
        Latest moment where only an interval is known (a day without an hour, a wall time that
        happened twice); `MISSING` elsewhere.
    fault : ndarray of object
        Why a value could not be read; None where it could or where it is empty.
    notes : tuple of Message
        Forms that were met, with their counts.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    fault: NDArray[np.object_]
    notes: tuple[Message, ...] = ()


def parse_times(
    values: pd.Series,
    tz: str,
    *,
    far_is_open: bool = False,
    partial: bool = False,
    zeros: bool = True,
) -> Times:
    """Which moments does this column name?

    Parameters
    ----------
    values : Series
        Text, numbers or times.
    tz : str
        Zone of the wall clock of times that carry no zone of their own.
    far_is_open : bool
        Read a year from 2200 on, and words such as 현재, as "no end"; otherwise they are a fault.
    partial : bool
        Read a year or a month alone as the interval of that year or month.
    zeros : bool
        Read the zeros of clocks (1970-01-01 00:00:00, 1900-01-01 00:00:00) as missing?

    Returns
    -------
    Times
        Moments, intervals, and why a value could not be read.

    Notes
    -----
    Forms: ISO 8601 with and without offset, the same with ``/`` or ``.``, Korean with 년/월/일 and
    오전/오후, 14 and 8 digits in a row, English month names, epoch seconds (10 digits),
    milliseconds (13), microseconds (16) and nanoseconds (19), Apple's seconds (9) and nanoseconds
    (18) since 2001, WebKit's and Windows' counts since 1601. ``03/01/2026`` is refused: the day
    could be the month. A wall time that the clocks skipped is a fault; one that happened twice
    becomes an interval, and so does a day without an hour. Cost is linear.

    Examples
    --------
    >>> column = pd.Series(["2026-03-01 23:05", "2026년 3월 1일 오후 11:05", "1772373900"])
    >>> set(parse_times(column, "Asia/Seoul").start.tolist())
    {1772373900000000}
    """
    size = len(values)
    start = np.full(size, MISSING, dtype=np.int64)
    end = start.copy()
    fault = np.full(size, None, dtype=object)
    notes: Counter[str] = Counter()
    if has_zone(values.dtype):
        start[:] = instants(values)
        notes["{n:,} times with a zone"] += int((start != MISSING).sum())
    elif values.dtype.kind == "M":
        wall = np.asarray(values.astype("datetime64[us]").to_numpy().view(np.int64))
        known = np.flatnonzero(wall != MISSING)
        notes["{n:,} times without a zone"] += len(known)
        _localise(known, wall[known], tz, start, end, fault, notes)
    else:
        written = _as_text(values)
        if far_is_open:
            still = written.str.strip().str.lower().isin(_STILL)
            notes["{n:,} words for 'still', read as open"] += int(still.sum())
            written = written.mask(still)
        _texts(written, tz, start, end, fault, notes, partial)
    if far_is_open:
        far = start >= np.datetime64(str(_FAR_YEAR), "us").view(np.int64)
        start[far], end[far] = MISSING, MISSING
        notes["{n:,} ends in the far future, read as open"] += int(far.sum())
    if zeros:
        gone = _zeros(start, tz)
        start[gone] = MISSING
        notes[ZERO] += int(gone.sum())
    _check_years(start, fault)
    end[start == MISSING] = MISSING
    said = tuple(Message(text, n=count) for text, count in notes.items() if count)
    return Times(start, end, fault, said)


def _zeros(start: NDArray[np.int64], tz: str) -> NDArray[np.bool_]:
    """Where does the zero of a clock stand, in UTC or on the wall?"""
    walls = pd.DatetimeIndex(["1970-01-01", "1900-01-01", "1904-01-01"])
    local = walls.tz_localize(tz, ambiguous=np.ones(3, bool), nonexistent="shift_forward")
    moments = np.concatenate([_utc(local), _utc(walls.tz_localize("UTC"))])
    known = start[start != MISSING]
    if not len(known) or known.min() > moments.max():
        return np.zeros(len(start), dtype=np.bool_)
    return np.isin(start, moments)


def _check_years(start: NDArray[np.int64], fault: NDArray[np.object_]) -> None:
    low = np.datetime64("1900", "us").view(np.int64)
    high = np.datetime64(str(_FAR_YEAR), "us").view(np.int64)
    odd = (start != MISSING) & ((start < low) | (start >= high))
    for place in np.flatnonzero(odd).tolist():
        year = str(start[place].view("datetime64[us]").astype("datetime64[Y]"))
        fault[place] = Message("time.year", year=year, first=1900, last=_FAR_YEAR - 1)
    start[odd] = MISSING


def _as_text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(values.dtype):
        return values.map(lambda x: f"{x:.6f}".rstrip("0").rstrip("."), na_action="ignore").astype(
            "str"
        )
    return values.astype("str")


def _texts(
    values: pd.Series,
    tz: str,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    fault: NDArray[np.object_],
    notes: Counter[str],
    partial: bool,
) -> None:
    """Most rows by one expression over the whole column, the rest one by one."""
    column = pc.utf8_trim_whitespace(flat_text(values))
    rest = _common(column, tz, start, end, fault, notes)
    if not len(rest):
        return
    odd = column.take(pa.array(rest))
    parts = pc.extract_regex(odd, pattern=_PATTERN)
    matched = np.asarray(pc.is_valid(parts).to_numpy(zero_copy_only=False), dtype=bool)
    if matched.any():
        chosen = parts if matched.all() else parts.take(pa.array(np.flatnonzero(matched)))
        _assemble(rest[matched], chosen, tz, start, end, fault, notes)
    rest = rest[~matched]
    again: list[tuple[int, str]] = []
    texts = column.take(pa.array(rest)).to_pylist()
    for place, text in zip(rest.tolist(), texts, strict=True):
        spell = partial_date(text, tz) if partial else None
        if spell is not None:
            start[place], end[place] = spell
            continue
        found = odd_form(text, notes)
        if isinstance(found, int):
            start[place] = found
        elif isinstance(found, tuple):
            again.append((place, found[0]))
        elif found is not None:
            fault[place] = found
    if again:
        written = pa.array([text for _, text in again], type=pa.large_string())
        parts = pc.extract_regex(written, pattern=_PATTERN)
        good = np.asarray(pc.is_valid(parts).to_numpy(zero_copy_only=False), dtype=bool)
        places = np.array([place for place, _ in again], dtype=np.int64)
        for place in places[~good].tolist():
            fault[place] = Message("time.unreadable")
        if good.any():
            chosen = parts.take(pa.array(np.flatnonzero(good)))
            _assemble(places[good], chosen, tz, start, end, fault, notes)


def _common(
    column: Any,
    tz: str,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    fault: NDArray[np.object_],
    notes: Counter[str],
) -> NDArray[np.int64]:
    """Read the commonest forms; give the rows that are left."""
    known, micro, bare = fixed_iso(column)
    fixed = known & ~bare
    start[fixed] = micro[fixed]
    local = np.flatnonzero(known & bare)
    _localise(local, micro[local], tz, start, end, fault, notes)
    notes["{n:,} times with an offset"] += int(fixed.sum())
    notes["{n:,} times of the wall clock"] += len(local)
    number, micro, counts = epoch_numbers(column)
    start[number] = micro[number]
    notes.update(counts)
    there = np.asarray(pc.is_valid(column).to_numpy(zero_copy_only=False), dtype=bool)
    return np.flatnonzero(there & ~known & ~number)


def _assemble(
    places: NDArray[np.int64],
    parts: pa.StructArray,
    tz: str,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    fault: NDArray[np.object_],
    notes: Counter[str],
) -> None:
    """Put year, month, ... together."""
    year, month, day = (_whole(parts.field(name)) for name in ("y", "mo", "d"))
    dated = np.asarray(pc.equal(parts.field("h"), "").to_numpy(False), dtype=bool)
    hour, minute, second = (_whole(parts.field(name)) for name in ("h", "mi", "s"))
    micro = _micro(parts.field("f"))
    why = np.full(len(places), None, dtype=object)
    hour = _half_day(parts, hour, why)
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = first.astype("datetime64[D]") + (day - 1)
    good = (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == first)
    _fault(why, ~good, Message("time.day"))
    midnight = (hour == 24) & (minute == 0) & (second == 0)
    beyond = ((hour > 23) & ~midnight) | (minute > 59) | (second > 60)
    _fault(why, beyond, Message("time.clock"))
    wall = days.astype("datetime64[us]").view(np.int64)
    wall = wall + ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro
    zones = parts.field("z")
    bare = np.asarray(pc.equal(zones, "").to_numpy(False), dtype=bool)
    offset = _offsets(zones, bare, why)
    sound = ~has_reason(why)
    fixed = sound & ~bare
    start[places[fixed]] = wall[fixed] - offset[fixed]
    local = np.flatnonzero(sound & bare)
    _localise(places[local], wall[local], tz, start, end, fault, notes)
    fault[places[~sound]] = why[~sound]
    whole_day = places[np.flatnonzero(sound & dated)]
    if len(whole_day):
        days_after = wall[np.flatnonzero(sound & dated)] + _DAY_US
        after = np.full(len(start), MISSING, dtype=np.int64)
        _localise(whole_day, days_after, tz, after, after.copy(), fault, Counter())
        end[whole_day] = np.where(after[whole_day] == MISSING, MISSING, after[whole_day])
    notes["{n:,} days without an hour"] += len(whole_day)
    notes["{n:,} times with an offset"] += int(fixed.sum())
    notes["{n:,} times of the wall clock"] += len(local) - len(whole_day)


def _fault(why: NDArray[np.object_], where: NDArray[np.bool_], reason: Message) -> None:
    if where.any():
        for place in np.flatnonzero(where).tolist():
            why[place] = why[place] or reason


def _whole(texts: pa.Array) -> NDArray[np.int64]:
    filled = pc.if_else(pc.equal(texts, ""), "0", texts)
    return np.asarray(pc.cast(filled, pa.int64()).to_numpy(zero_copy_only=False))


def _micro(texts: pa.Array) -> NDArray[np.int64]:
    if pc.max(pc.utf8_length(texts)).as_py() == 0:
        return np.zeros(len(texts), dtype=np.int64)
    six = pc.utf8_slice_codeunits(pc.utf8_rpad(texts, 6, "0"), 0, 6)
    return np.asarray(pc.cast(six, pa.int64()).to_numpy(zero_copy_only=False))


def _half_day(
    parts: pa.StructArray, hour: NDArray[np.int64], why: NDArray[np.object_]
) -> NDArray[np.int64]:
    words = parts.field("ap")
    for other in ("ap2", "ap3"):
        words = pc.if_else(pc.equal(words, ""), parts.field(other), words)
    if pc.max(pc.utf8_length(words)).as_py() == 0:
        return hour
    lower = pc.utf8_lower(pc.replace_substring(words, ".", ""))
    after = np.asarray(pc.is_in(lower, pa.array(["오후", "pm"], lower.type)).to_numpy(False), bool)
    before = np.asarray(
        pc.is_in(lower, pa.array(["오전", "am", "새벽"], lower.type)).to_numpy(False), bool
    )
    _fault(why, before & (hour > 12), Message("time.morning"))
    hour = np.where(after & (hour < 12), hour + 12, hour)
    return np.asarray(np.where(before & (hour == 12), 0, hour))


def _offsets(
    zones: pa.Array, bare: NDArray[np.bool_], why: NDArray[np.object_]
) -> NDArray[np.int64]:
    result = np.zeros(len(bare), dtype=np.int64)
    if bare.all():
        return result
    coded = zones.dictionary_encode()
    table, reasons = [], []
    for text in coded.dictionary.to_pylist():
        reason, value = _offset(text)
        table.append(value)
        reasons.append(reason)
    codes = coded.indices.to_numpy(zero_copy_only=False)
    for number, reason in enumerate(reasons):
        if reason:
            _fault(why, codes == number, reason)
    return np.asarray(np.array(table, dtype=np.int64)[codes])


def _offset(text: str) -> tuple[Message | None, int]:
    if text in ("", "Z", "z", "UTC", "GMT"):
        return None, 0
    if text == "KST":
        return None, 9 * 3_600_000_000
    found = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", text)
    if found is None:
        return Message("time.zone", shown=repr(text)), 0
    hours, minutes = int(found[2]), int(found[3] or 0)
    if hours > 15 or minutes > 59:
        return Message("time.offset", shown=repr(text)), 0
    value = (hours * 60 + minutes) * 60_000_000
    return None, -value if found[1] == "-" else value


def _localise(
    places: NDArray[np.int64],
    wall: NDArray[np.int64],
    tz: str,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    fault: NDArray[np.object_],
    notes: Counter[str],
) -> None:
    """Wall clock to UTC; what the clocks skipped is a fault, what they showed twice an interval."""
    if not len(places):
        return
    naive = pd.DatetimeIndex(wall.view("datetime64[us]"))
    local = naive.tz_localize(tz, ambiguous="NaT", nonexistent="NaT")
    start[places] = _utc(local)
    torn = np.flatnonzero(np.asarray(local.isna()))
    if not len(torn):
        return
    early = naive[torn].tz_localize(tz, ambiguous=np.ones(len(torn), bool), nonexistent="NaT")
    late = naive[torn].tz_localize(tz, ambiguous=np.zeros(len(torn), bool), nonexistent="NaT")
    start[places[torn]] = _utc(early)
    twice = ~np.asarray(early.isna())
    end[places[torn[twice]]] = _utc(late)[twice]
    for place in places[torn[~twice]].tolist():
        fault[place] = Message("time.skipped", tz=tz)
    notes["{n:,} wall times that happened twice, kept as intervals"] += int(twice.sum())


def _utc(index: pd.DatetimeIndex) -> NDArray[np.int64]:
    plain = index.tz_convert("UTC").tz_localize(None).to_numpy()
    return np.asarray(plain.astype("datetime64[us]").view(np.int64))


_STILL = ("현재", "현재까지", "사용중", "사용 중", "present", "current")
"""Words for "still" where an end is expected."""
