"""The two commonest forms of time, read by place instead of by pattern: ISO to the second, epoch.

Files of a million rows hold little else; a regular expression over them costs most of the time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["epoch_numbers", "fixed_iso"]

_PIECE = 100_000
_ISO = np.array([0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18])
_WEIGHTS = {
    "year": (0, 4),
    "month": (4, 6),
    "day": (6, 8),
    "hour": (8, 10),
    "minute": (10, 12),
    "second": (12, 14),
}


def _form(sample: str) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Places of the digits and of the fixed bytes of a form, from a time in which digits are 0."""
    letters = np.frombuffer(sample.encode("utf-8"), dtype=np.uint8)
    return np.flatnonzero(letters == ord("0")), letters


_KOREAN = _form("0000년 00월 00일 00:00:00")


def fixed_iso(column: Any) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.bool_]]:
    """Which texts are ``YYYY-MM-DD hh:mm:ss``, bare or with ``Z`` or ``+hh:mm``, or Korean?

    The Korean form is ``YYYY년 MM월 DD일 hh:mm:ss`` with two digits in each part.

    Parameters
    ----------
    column : LargeStringArray
        Texts without spaces around them.

    Returns
    -------
    known : ndarray of bool
        Where the text is of this form and names a time that there is.
    microseconds : ndarray of int64
        Wall time since 1970, or UTC where the text has an offset.
    bare : ndarray of bool
        Where the text has no offset.
    """
    size = len(column)
    known, bare = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    micro = np.zeros(size, dtype=np.int64)
    _, places, data = column.buffers()
    if data is None or not size:
        return known, micro, bare
    offsets = np.frombuffer(places, dtype=np.int64)[column.offset : column.offset + size + 1]
    letters = np.frombuffer(data, dtype=np.uint8)
    length = np.diff(offsets)
    for wide in (19, 20, 25, len(_KOREAN[1])):
        rows = np.flatnonzero(length == wide)
        for first in range(0, len(rows), _PIECE):
            piece = rows[first : first + _PIECE]
            cells = letters[offsets[piece, None] + np.arange(wide)]
            good, value = _read(cells)
            known[piece], micro[piece] = good, value
            bare[piece] = wide in (19, len(_KOREAN[1]))
    if column.null_count:
        known &= np.asarray(pc.is_valid(column).to_numpy(zero_copy_only=False), dtype=np.bool_)
    return known, micro, bare


def _read(cells: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    wide = cells.shape[1]
    korean = wide == len(_KOREAN[1])
    digits = cells[:, _KOREAN[0] if korean else _ISO] - np.uint8(48)
    good = (digits <= 9).all(axis=1)
    if korean:
        fixed = np.setdiff1d(np.arange(wide), _KOREAN[0])
        good &= (cells[:, fixed] == _KOREAN[1][fixed]).all(axis=1)
    else:
        for place, mark in ((4, "-"), (7, "-"), (13, ":"), (16, ":")):
            good &= cells[:, place] == ord(mark)
        good &= (cells[:, 10] == ord(" ")) | (cells[:, 10] == ord("T"))
    part = {word: _number(digits[:, a:b]) for word, (a, b) in _WEIGHTS.items()}
    good &= (part["hour"] <= 23) & (part["minute"] <= 59) & (part["second"] <= 59)
    good &= (part["month"] >= 1) & (part["month"] <= 12) & (part["day"] >= 1) & (part["year"] > 0)
    months = (part["year"] - 1970) * 12 + np.where(good, part["month"], 1) - 1
    begin = months.astype("datetime64[M]").astype("datetime64[D]").view(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").view(np.int64)
    days = begin + part["day"] - 1
    good &= days < after
    seconds = ((days * 24 + part["hour"]) * 60 + part["minute"]) * 60 + part["second"]
    if wide == 20:
        good &= cells[:, 19] == ord("Z")
    elif wide == 25:
        tail = cells[:, [20, 21, 23, 24]] - np.uint8(48)
        good &= (tail <= 9).all(axis=1) & (cells[:, 22] == ord(":"))
        good &= (cells[:, 19] == ord("+")) | (cells[:, 19] == ord("-"))
        hours, minutes = _number(tail[:, :2]), _number(tail[:, 2:])
        good &= (hours <= 15) & (minutes <= 59)
        sign = np.where(cells[:, 19] == ord("-"), -1, 1)
        seconds = seconds - sign * (hours * 60 + minutes) * 60
    return good, seconds * 1_000_000


def _number(digits: NDArray[np.uint8]) -> NDArray[np.int64]:
    value = np.zeros(len(digits), dtype=np.int64)
    for place in range(digits.shape[1]):
        value = value * 10 + digits[:, place]
    return value


def epoch_numbers(column: Any) -> tuple[NDArray[np.bool_], NDArray[np.int64], dict[str, int]]:
    """Which texts are epoch seconds (10 digits) or milliseconds (13 digits)?

    Parameters
    ----------
    column : LargeStringArray
        Texts without spaces around them.

    Returns
    -------
    known : ndarray of bool
        Where the text is one.
    microseconds : ndarray of int64
        Microseconds since 1970 in UTC.
    counts : dict
        How many of each.
    """
    size = len(column)
    known, micro = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.int64)
    counts: dict[str, int] = {}
    length = pc.binary_length(column)
    for digits, word, scale in ((10, "seconds", 1_000_000), (13, "milliseconds", 1_000)):
        rows = np.flatnonzero(pc.fill_null(pc.equal(length, digits), False).to_numpy(False))
        if not len(rows):
            continue
        texts = column.take(pa.array(rows))
        plain = np.asarray(pc.ascii_is_decimal(texts).to_numpy(False), dtype=np.bool_)
        rows = rows[plain]
        if not len(rows):
            continue
        values = pc.cast(texts.filter(pa.array(plain)), pa.int64()).to_numpy(zero_copy_only=False)
        known[rows], micro[rows] = True, values * scale
        counts[f"{{n:,}} epoch {word}"] = len(rows)
    return known, micro, counts
