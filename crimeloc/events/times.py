"""Where in its interval does an upload stand?"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.units import spans

__all__ = [
    "DEFAULT_TIME",
    "EXACT_US",
    "Moments",
    "Time",
    "check_time",
    "chosen",
    "event_times",
    "spread_over",
]

Time = Literal["start", "middle", "spread"]
"""Where an upload that is known to within an interval stands."""

DEFAULT_TIME: Time = "middle"
"""What every method uses unless asked otherwise: an upload known by its day stands at noon."""

EXACT_US = 3_600_000_000
"""An upload whose interval is no longer than this (an hour) has an hour of the week."""

_HOUR_US = 3_600_000_000
_MOST = 168
"""Most moments one upload is spread over: the hours of a week."""


class Moments(NamedTuple):
    """The moments each event may stand at, and how likely each of them is.

    Parameters
    ----------
    ptr : ndarray of int64, shape (n + 1,)
        Event k has the moments ``ptr[k]:ptr[k + 1]``.
    t : ndarray of int64
        Microseconds since 1970, UTC.
    weight : ndarray of float64
        The weights of one event sum to 1.
    """

    ptr: NDArray[np.int64]
    t: NDArray[np.int64]
    weight: NDArray[np.float64]


def event_times(
    table: pd.DataFrame, time: Time = DEFAULT_TIME, *, before: int | None = None
) -> NDArray[np.int64]:
    """When was each upload, row by row?

    Parameters
    ----------
    table : DataFrame
        EVENTS or LOCATED.
    time : {"start", "middle", "spread"}
        The beginning of an interval or its middle; ``"spread"`` gives the middle here, which is
        where the moments of `spread_over` balance.
    before : int, optional
        The moment (microseconds, UTC) at which the question is asked: of an interval that has
        begun, only the part before it counts.

    Returns
    -------
    ndarray of int64, shape (rows,)
        Microseconds since 1970, UTC.

    Raises
    ------
    ParameterError
        The times have no zone, or `time` is no such word.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-03-01 00:00+09:00"])
    >>> table = pd.DataFrame({"timestamp": day, "timestamp_end": day + pd.Timedelta("24h")})
    >>> for time in ("start", "middle"):
    ...     print(pd.to_datetime(event_times(table, time)[0], unit="us"))
    2026-02-28 15:00:00
    2026-03-01 03:00:00
    """
    return chosen(*spans(table), time, before=before)


def chosen(
    start: NDArray[np.int64], end: NDArray[np.int64], time: Time, *, before: int | None = None
) -> NDArray[np.int64]:
    """Give the one time at which an upload in [start, end] stands."""
    check_time(time)
    if time == "start":
        return start
    if before is not None:
        end = np.maximum(np.minimum(end, before - 1), start)
    return np.asarray(start + (end - start) // 2)


def spread_over(start: NDArray[np.int64], end: NDArray[np.int64]) -> Moments:
    """Spread each upload evenly over its interval.

    Parameters
    ----------
    start, end : ndarray of int64, shape (n,)
        Microseconds since 1970, UTC; the same where the moment is known.

    Returns
    -------
    Moments
        The middles of equal parts, one part for each hour that has begun, at most 168: a day
        becomes 24 moments, one in each hour of the clock. A known moment stays one.

    Examples
    --------
    >>> hour = 3_600_000_000
    >>> found = spread_over(np.array([0, 5 * hour]), np.array([2 * hour, 5 * hour]))
    >>> (found.t / hour).tolist(), found.weight.tolist(), found.ptr.tolist()
    ([0.5, 1.5, 5.0], [0.5, 0.5, 1.0], [0, 2, 3])
    """
    length = end - start
    parts = np.clip(-(-length // _HOUR_US), 1, _MOST)
    ptr = np.concatenate([[0], np.cumsum(parts)]).astype(np.int64)
    count = np.repeat(parts, parts)
    step = np.arange(ptr[-1], dtype=np.int64) - np.repeat(ptr[:-1], parts)
    # Odd halves of a part; split into quotient and rest, so that long intervals do not overflow.
    whole, rest = np.divmod(np.repeat(length, parts), 2 * count)
    offset = whole * (2 * step + 1) + rest * (2 * step + 1) // (2 * count)
    return Moments(ptr, np.repeat(start, parts) + offset, 1.0 / count)


def check_time(time: str) -> None:
    """Refuse a word that does not say where an upload stands."""
    if time not in get_args(Time):
        words = ", ".join(map(repr, get_args(Time)))
        raise ParameterError("time", found=repr(time), expected=words, hint=Hint(time=DEFAULT_TIME))
