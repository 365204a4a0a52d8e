"""Rarer forms of time, one by one: numbers since some year, digits in a row, months by name."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd

from crimeloc.io.columns.placeholders import is_missing_word
from crimeloc.messages import Message

__all__ = ["ZERO", "odd_form", "partial_date"]

ZERO = "{n:,} zeros of a clock, read as missing"
"""What a report says of times such as 1970-01-01 00:00:00, which say that there is none."""

_FAR_YEAR = "2200"
_SOLID = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?(?:\.(\d{1,6}))?(Z)?)?")
_NAMED = re.compile(
    r"(?:[A-Za-z]{3},\s*)?(?:(\d{1,2})[ /-]([A-Za-z]{3,9})[ /-](\d{4})|"
    r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4}))(?:[ :,T]+(.*))?"
)
_AMERICAN = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*")
_SYSLOG = re.compile(r"(?:[A-Za-z]{3} )?[A-Za-z]{3} {1,2}\d{1,2} \d{1,2}:\d{2}(?::\d{2})?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZEROS = re.compile(
    r"(?:0000[-/.]?00[-/.]?00|0001[-/.]01[-/.]01|1601[-/.]01[-/.]01|1899[-/.]12[-/.]3[01])"
    r"(?:[T ]00:?00(?::?00(?:\.0+)?)?Z?)?"
)


class _Epoch(NamedTuple):
    """Numbers since some year: how many digits, between which values, in which unit, since when."""

    digits: int
    low: int
    high: int
    said: str
    per_second: int
    since_s: int


_SINCE_1601 = -11_644_473_600
_SINCE_2001 = 978_307_200
_EPOCHS = (
    _Epoch(10, 0, 10**10, "{n:,} epoch seconds", 1, 0),
    _Epoch(13, 0, 10**13, "{n:,} epoch milliseconds", 10**3, 0),
    _Epoch(16, 0, 10**16, "{n:,} epoch microseconds", 10**6, 0),
    _Epoch(19, 0, 10**19, "{n:,} epoch nanoseconds", 10**9, 0),
    # Unix seconds of nine digits end in September 2001; Apple's count has them from 2007 on.
    _Epoch(9, 189_302_400, 10**9, "{n:,} seconds since 2001 (Apple)", 1, _SINCE_2001),
    _Epoch(
        18,
        189_302_400 * 10**9,
        630 * 10**15,
        "{n:,} nanoseconds since 2001 (Apple)",
        10**9,
        _SINCE_2001,
    ),
    _Epoch(18, 645 * 10**15, 10**18, "{n:,} nanoseconds since 2001 (Apple)", 10**9, _SINCE_2001),
    _Epoch(
        17,
        127 * 10**14,
        140 * 10**14,
        "{n:,} microseconds since 1601 (WebKit)",
        10**6,
        _SINCE_1601,
    ),
    _Epoch(
        18,
        127 * 10**15,
        140 * 10**15,
        "{n:,} tenths of microseconds since 1601 (Windows)",
        10**7,
        _SINCE_1601,
    ),
)
"""Kinds of numbers that are told apart by their size. Ticks since the year 1 are not among them."""


def odd_form(text: str, notes: Counter[str]) -> int | tuple[str] | Message | None:
    """What does this text mean as a time?

    Parameters
    ----------
    text : str
        A text in none of the common forms.
    notes : Counter
        Counts the forms that were met.

    Returns
    -------
    int, tuple of str, Message or None
        Microseconds since 1970 in UTC; the same time written in the common form; why it cannot be
        read; None where it says that there is no time.

    Examples
    --------
    >>> odd_form("20260301T230500", Counter()), odd_form("1 Mar 2026 23:05", Counter())
    (('2026-03-01 23:05:00',), ('2026-3-1 23:05',))
    >>> odd_form("793980300", Counter()) // 1_000_000, odd_form("0000-00-00", Counter()) is None
    (1772287500, True)
    """
    plain = unicodedata.normalize("NFKC", text[:200]).strip(" \t\r\n'\"[]\ufeff\u200b\u200e\u200f")
    if is_missing_word(plain):
        return None
    if _ZEROS.fullmatch(plain) or plain in ("0", "0.0"):
        notes[ZERO] += 1
        return None
    solid = _SOLID.fullmatch(plain)
    if solid is not None and "1900" <= solid[1] < _FAR_YEAR:
        year, month, day, hour, minute, second, fraction, zone = solid.groups()
        clock = f" {hour}:{minute}:{second or '00'}" if hour else ""
        notes["{n:,} rows of digits"] += 1
        return (
            f"{year}-{month}-{day}{clock}" + (f".{fraction}" if fraction else "") + (zone or ""),
        )
    if _NUMBER.fullmatch(plain):
        return _epoch(plain, notes)
    named = _NAMED.fullmatch(plain)
    if named is not None:
        day, word, year = (
            (named[1], named[2], named[3]) if named[1] else (named[5], named[4], named[6])
        )
        if word[:3].lower() in _MONTHS:
            month = _MONTHS.index(word[:3].lower()) + 1
            return (f"{year}-{month}-{day} {named[7] or ''}".strip(),)
    if _AMERICAN.fullmatch(plain):
        return Message("time.day-month")
    if _SYSLOG.fullmatch(plain):
        return Message("time.no-year")
    return (plain,) if plain != text else Message("time.unreadable")


def _epoch(text: str, notes: Counter[str]) -> int | Message:
    whole, _, fraction = text.partition(".")
    for kind in _EPOCHS:
        if len(whole) != kind.digits or not kind.low <= int(whole) < kind.high:
            continue
        if kind.per_second > 10**6 and fraction.strip("0"):
            break
        notes[kind.said] += 1
        micro = int(whole) * 10**6 // kind.per_second
        power = len(str(10**6 // kind.per_second)) - 1 if kind.per_second < 10**6 else 0
        rest = int(fraction[:power].ljust(power, "0")) if power and fraction else 0
        return micro + rest + kind.since_s * 10**6
    return Message("time.spreadsheet" if len(whole) == 5 else "time.epoch")


def partial_date(text: str, tz: str) -> tuple[int, int] | None:
    """Which interval does a year, or a year and a month, name?

    Parameters
    ----------
    text : str
        Such as ``"2015"`` or ``"2015-03"``.
    tz : str
        Zone of the days.

    Returns
    -------
    tuple of int or None
        Its begin and end in microseconds since 1970; None where it is neither.

    Examples
    --------
    >>> begin, end = partial_date("2015-03", "UTC")
    >>> (end - begin) // 86_400_000_000
    31
    """
    found = re.fullmatch(r"(\d{4})(?:[-./]\s?(\d{1,2})\.?)?", text)
    if found is None or not "1900" < found[1] < _FAR_YEAR:
        return None
    year, month = int(found[1]), int(found[2] or 1)
    if not 1 <= month <= 12:
        return None
    months = (year - 1970) * 12 + month - 1
    edges = np.array([months, months + (1 if found[2] else 12)]).astype("datetime64[M]")
    local = pd.DatetimeIndex(edges.astype("datetime64[us]")).tz_localize(
        tz, ambiguous=np.ones(2, bool), nonexistent="shift_forward"
    )
    plain = local.tz_convert("UTC").tz_localize(None).to_numpy()
    first, last = plain.astype("datetime64[us]").view(np.int64).tolist()
    return first, last
