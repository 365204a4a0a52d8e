"""The week: calendar windows, hours of the week, rest days and opening hours.

All of it runs on the clocks at the venues: a window "20-24 h" is that on the wall, also on the
day on which the clocks change.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.units import (
    DAY_S,
    MISSING,
    Duration,
    Instant,
    instant_us,
    instants,
    seconds,
    wall_clock,
    zone,
)

__all__ = ["calendar_windows", "hours_of_week", "in_business", "open_share", "rest_days"]

_HOUR_US = 3_600_000_000
_DAY_US = 86_400_000_000


def calendar_windows(
    at: Instant, horizon: Duration = "7D", window: Duration = "4h", *, tz: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which windows of calendar time lie within the horizon?

    Parameters
    ----------
    at : str or datetime
        The moment of the forecast, with its zone.
    horizon : str or timedelta
        How far to look ahead.
    window : str or timedelta
        Length of a window on the wall: a part of a day such as ``"4h"``, or whole days.
    tz : str
        The zone of the clocks; windows begin at local midnight and at each multiple after it.

    Returns
    -------
    starts, ends : ndarray of int64, shape (n,)
        Microseconds since 1970 in UTC, half-open. Together they cover [at, at + horizon) without
        gap or overlap; the first and the last may be cut.

    Raises
    ------
    ParameterError
        The window neither divides a day nor is a number of whole days.

    Notes
    -----
    On the day on which clocks change, a window is as long as the wall makes it; one that the wall
    skips is left out.

    Examples
    --------
    >>> starts, ends = calendar_windows("2026-03-01 00:00+09:00", tz="Asia/Seoul")
    >>> len(starts), int(ends[0] - starts[0]) // 3_600_000_000
    (42, 4)
    """
    zone(tz)
    length = seconds(window, "window")
    whole_days = length % DAY_S == 0
    if not whole_days and (DAY_S % length != 0 or length < 60):
        raise ParameterError(
            "window",
            found=repr(window),
            expected="a part of a day or whole days",
            hint=Hint(window="4h"),
        )
    first = instant_us(at)
    last = first + round(seconds(horizon, "horizon") * 1e6)
    days = int((last - first) // _DAY_US) + 3
    midnight = wall_clock(np.array([first]), tz)[0] // _DAY_US * _DAY_US
    step = round(length * 1e6)
    walls = midnight + step * np.arange(days * _DAY_US // step + 2, dtype=np.int64)
    edges = _from_wall(walls, tz)
    edges = np.unique(np.clip(edges, first, last))
    return edges[:-1], edges[1:]


def hours_of_week(microseconds: NDArray[np.int64], tz: str) -> NDArray[np.float64]:
    """At which hour of the week was this, on the wall?

    Parameters
    ----------
    microseconds : ndarray of int64
        Moments as `crimeloc.units.instants` gives them.
    tz : str
        The zone of the clocks.

    Returns
    -------
    ndarray of float64
        0 at Monday 00:00, below 168.

    Examples
    --------
    >>> moment = np.array([instant_us("2026-03-02 01:30+09:00")])  # a Monday
    >>> hours_of_week(moment, "Asia/Seoul").tolist()
    [1.5]
    """
    wall = wall_clock(microseconds, tz)
    since_monday = (wall + 3 * _DAY_US) % (7 * _DAY_US)
    return np.asarray(since_monday / _HOUR_US)


def rest_days(days: NDArray[np.int64], country: str | None = "KR") -> NDArray[np.bool_]:
    """Which of these local days are days of rest?

    Parameters
    ----------
    days : ndarray of int64
        Local days since 1970-01-01 (a Thursday): `wall_clock(...) // 86_400_000_000`.
    country : str or None
        ISO code of the country whose public holidays count; None: weekends only.

    Returns
    -------
    ndarray of bool
        True on Saturdays, Sundays and public holidays.

    Raises
    ------
    ParameterError
        The country is not known.

    Examples
    --------
    >>> day = np.array([(dt.date(2026, 3, 2) - dt.date(1970, 1, 1)).days])
    >>> rest_days(day, "KR").tolist(), rest_days(day, None).tolist()  # substitute holiday
    ([True], [False])
    """
    numbers = np.asarray(days, dtype=np.int64)
    weekend = (numbers + 3) % 7 >= 5
    if country is None or not numbers.size:
        return weekend
    unique, inverse = np.unique(numbers, return_inverse=True)
    first = dt.date(1970, 1, 1)
    years = range(
        (first + dt.timedelta(days=int(unique[0]))).year,
        (first + dt.timedelta(days=int(unique[-1]))).year + 1,
    )
    free = _holidays(country, tuple(years))
    return weekend | np.isin(unique, free)[inverse].reshape(numbers.shape)


def open_share(
    opening_hours: pd.Series,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    *,
    tz: str,
    country: str | None = "KR",
) -> NDArray[np.float64]:
    """For which part of each window is each venue open?

    Parameters
    ----------
    opening_hours : Series of str
        OSM opening_hours; missing means unknown, and counts as open.
    starts, ends : ndarray of int64
        Windows as `calendar_windows` gives them.
    tz : str
        The zone of the clocks.
    country : str or None
        ISO code for rules that speak of public holidays (PH).

    Returns
    -------
    ndarray, shape (venues, windows)
        Between 0 (closed all through) and 1.

    Raises
    ------
    ParameterError
        A text is not in OSM syntax.

    Notes
    -----
    Each different text is read once; cost grows with different texts, not with venues.

    Examples
    --------
    >>> starts, ends = calendar_windows("2026-03-02 00:00+09:00", "1D", "12h", tz="Asia/Seoul")
    >>> open_share(pd.Series(["09:00-18:00"]), starts, ends, tz="Asia/Seoul").tolist()
    [[0.25, 0.5]]
    """
    codes, texts = pd.factorize(opening_hours)
    rows = np.ones((len(texts) + 1, len(starts)))
    for number, text in enumerate(texts):
        rows[number] = _open_row(str(text), starts, ends, tz, country)
    return np.asarray(rows[codes])  # code -1, a missing text, is the last row: all ones


def in_business(
    opened: pd.Series, closed: pd.Series, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.float64]:
    """For which part of each window does each venue exist?

    Parameters
    ----------
    opened, closed : Series of times
        First moment and end of business; missing means always and never.
    starts, ends : ndarray of int64
        Windows.

    Returns
    -------
    ndarray, shape (venues, windows)
        Between 0 and 1.

    Examples
    --------
    >>> starts, ends = calendar_windows("2026-03-02 00:00+09:00", "1D", "12h", tz="Asia/Seoul")
    >>> times = pd.Series(pd.to_datetime(["2026-03-02 06:00+09:00"]))
    >>> never = pd.Series([pd.NaT]).dt.tz_localize("UTC")
    >>> in_business(times, never, starts, ends).tolist()
    [[0.5, 1.0]]
    """
    begin = instants(opened, "opened")
    stop = instants(closed, "closed")
    stop = np.where(stop == MISSING, np.iinfo(np.int64).max, stop)
    low = np.maximum(begin[:, None], starts[None, :])
    high = np.minimum(stop[:, None], ends[None, :])
    return np.asarray(np.clip(high - low, 0, None) / (ends - starts))


def _from_wall(walls: NDArray[np.int64], tz: str) -> NDArray[np.int64]:
    naive = pd.DatetimeIndex(walls.view("datetime64[us]"))
    local = naive.tz_localize(tz, ambiguous=np.ones(len(naive), bool), nonexistent="shift_forward")
    plain = local.tz_convert("UTC").tz_localize(None).to_numpy()
    return np.asarray(plain.astype("datetime64[us]").view(np.int64))


@lru_cache(maxsize=64)
def _holidays(country: str, years: tuple[int, ...]) -> NDArray[np.int64]:
    import holidays

    try:
        found = holidays.country_holidays(country, years=years)
    except NotImplementedError as error:
        raise ParameterError(
            "country",
            found=repr(country),
            expected="an ISO code such as 'KR', or None",
            hint=Hint(country="KR"),
        ) from error
    first = dt.date(1970, 1, 1)
    return np.array(sorted((day - first).days for day in found), dtype=np.int64)


@lru_cache(maxsize=4096)
def _hours(text: str, country: str | None) -> object:
    from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

    try:
        return OpeningHours(text, country=country)
    except (ParserError, SyntaxError) as error:
        raise ParameterError(
            "opening_hours",
            found=repr(text),
            expected="OSM opening hours",
            hint=Hint(opening_hours="Mo-Su 10:00-02:00"),
        ) from error


def _open_row(
    text: str, starts: NDArray[np.int64], ends: NDArray[np.int64], tz: str, country: str | None
) -> NDArray[np.float64]:
    """Share of each window that is open: open seconds up to a moment, read off at the edges."""
    row = np.zeros(len(starts))
    if not len(starts) or text == "24/7":
        return row + 1.0
    edges = wall_clock(np.array([starts[0], ends[-1]]), tz)
    first = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(edges[0]))
    last = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(edges[1]))
    times, totals, total = [int(edges[0])], [0.0], 0.0
    hours = _hours(text, country)
    for begin, end, state, _ in hours.intervals(first, last):  # type: ignore[attr-defined]
        stop = min(end or last, last)
        length = (stop - begin) / dt.timedelta(microseconds=1)
        total += length if str(state).lower().endswith("open") else 0.0
        times.append(round((stop - dt.datetime(1970, 1, 1)) / dt.timedelta(microseconds=1)))
        totals.append(total)
    begins, stops = wall_clock(starts, tz), wall_clock(ends, tz)
    opened = np.interp(stops, times, totals) - np.interp(begins, times, totals)
    lengths = np.maximum(stops - begins, 1)
    return np.asarray(np.clip(opened / lengths, 0.0, 1.0))
