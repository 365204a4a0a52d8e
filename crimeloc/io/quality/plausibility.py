"""Which times can hardly be: after the file was written, before 1993, or far from all others."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.io.parsing.times import Times
from crimeloc.io.rows import Clock, Rows
from crimeloc.messages import Message
from crimeloc.units import MISSING

__all__ = ["latest_plausible", "say_implausible"]

_DAY_US = 86_400_000_000
_SLACK_US = _DAY_US
"""Clocks and zones may put an upload so far after the moment at which the file was written."""

_FIRST = np.datetime64("1993-01-01", "us").view(np.int64)
"""Before that nobody uploaded anything to a platform."""

_APART_US = 365 * _DAY_US
_SHARE = 0.01
"""So small a share of the rows, so far from all others, is held to be a slip."""


def say_implausible(rows: Rows, times: Times, clock: Clock, label: str) -> None:
    """Name the rows whose times can hardly be.

    Parameters
    ----------
    rows : Rows
        Rows of a file.
    times : Times
        Their moments.
    clock : Clock
        With the moment after which nothing can have happened; where the caller named it, rows
        beyond it are rejected.
    label : str
        Name of the column.
    """
    known = times.start != MISSING
    if clock.as_of is not None:
        late = known & (times.start > clock.as_of + (0 if clock.strict else _SLACK_US))
        if clock.strict:
            moment = pd.Timestamp(clock.as_of, unit="us", tz="UTC")
            reason = Message("time.future", as_of=f"{moment:%Y-%m-%d %H:%M}Z")
            rows.ledger.refuse(late, reason, label)
        elif late.any():
            _name(
                rows,
                times.start,
                late,
                "{n:,} rows lie after the file was written ({day}), which is implausible: the "
                "latest at {moment} in row {row}; as_of= rejects them",
                day=str(np.datetime64(clock.as_of, "us").astype("datetime64[D]")),
            )
    early = known & (times.start < _FIRST)
    if early.any():
        _name(
            rows,
            times.start,
            early,
            "{n:,} rows lie before 1993, which is implausible: e.g. {moment} in row {row}",
        )
    kept = known & rows.ledger.kept
    lonely = _lonely(times.start, kept) & ~early
    if lonely.any():
        _name(
            rows,
            times.start,
            lonely,
            "{n:,} rows lie more than a year from all others, which is implausible: e.g. {moment} "
            "in row {row}",
        )


def _name(
    rows: Rows, start: NDArray[np.int64], where: NDArray[np.bool_], text: str, **said: object
) -> None:
    places = np.flatnonzero(where)
    place = int(places[np.argmax(start[places])])
    moment = str(np.datetime64(int(start[place]), "us").astype("datetime64[m]")).replace("T", " ")
    row = int(rows.records.source_row[place])
    rows.notes.warn(text, n=len(places), moment=f"{moment}Z", row=row, **said)


def _lonely(start: NDArray[np.int64], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows lie, few together, far before or far after all others?"""
    result = np.zeros(len(start), dtype=np.bool_)
    places = np.flatnonzero(known)
    if len(places) < 5:
        return result
    values = start[places]
    few = max(1, int(_SHARE * len(values)))
    ranks = np.partition(values, [few - 1, few, len(values) - few - 1, len(values) - few])
    if ranks[few] - values.min() < _APART_US and values.max() - ranks[-few - 1] < _APART_US:
        return result
    ordered = np.sort(values)
    span = int(ordered[-few - 1] - ordered[few])
    far = max(_APART_US, span)
    steps = np.diff(ordered)
    first = np.flatnonzero(steps[:few] > far)
    last = np.flatnonzero(steps[len(steps) - few :] > far)
    if len(first):
        result[places] |= values <= ordered[first[-1]]
    if len(last):
        result[places] |= values > ordered[len(steps) - few + last[0]]
    return result


def latest_plausible(moments: NDArray[np.int64]) -> int:
    """Which is the last moment that is not far from all others?

    Parameters
    ----------
    moments : ndarray of int64
        Microseconds since 1970, none missing, at least one.

    Returns
    -------
    int
        The largest, unless few lie more than a year after all others.

    Examples
    --------
    >>> day = 86_400_000_000
    >>> latest_plausible(np.array([1, 2, 3, 4, 5, 9_000]) * day) // day
    5
    """
    lonely = _lonely(moments, np.ones(len(moments), dtype=np.bool_))
    return int(moments[~lonely].max() if not lonely.all() else moments.max())
