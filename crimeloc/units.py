"""Words at the door, SI inside.

Durations come as words (``"36h"``), moments with a zone; inside, durations are seconds and
moments are whole microseconds since 1970 in UTC. pandas keeps times in seconds, milliseconds,
microseconds or nanoseconds: they are converted here and nowhere else.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc._arrow import from_arrow, has_zone
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message

__all__ = [
    "DAY_S",
    "MISSING",
    "WEEK_S",
    "Duration",
    "Instant",
    "generator",
    "has_zone",
    "instant",
    "instant_us",
    "instants",
    "local_zone",
    "seconds",
    "shown_zone",
    "spans",
    "to_timestamps",
    "wall_clock",
    "zone",
]

Duration = str | dt.timedelta | np.timedelta64
Instant = str | dt.datetime | np.datetime64 | pd.Timestamp

DAY_S = 86_400.0
WEEK_S = 604_800.0
MISSING = np.iinfo(np.int64).min
"""The whole number that stands for a missing moment in `instants`; the same as numpy's NaT."""


def seconds(duration: Duration, name: str = "duration") -> float:
    """How many seconds is this duration?

    Parameters
    ----------
    duration : str or timedelta
        Words such as ``"36h"``, ``"7D"``, ``"90min"``, ``"2W"`` or a timedelta. A bare number is
        refused: its unit would be a guess.
    name : str
        Name of the argument, for the error text.

    Returns
    -------
    float
        Seconds, above 0.

    Raises
    ------
    ParameterError
        The duration has no unit, cannot be read, or is not above 0.

    Examples
    --------
    >>> seconds("36h")
    129600.0
    >>> seconds("1W")
    604800.0
    """
    hint = Hint(**{name: "36h"})
    try:
        bare = isinstance(duration, str) and float(duration) is not None
    except ValueError:
        bare = False
    if bare or not isinstance(duration, (str, dt.timedelta, np.timedelta64)):
        raise ParameterError(
            name, found=repr(duration), expected="a duration with its unit", hint=hint
        )
    try:
        value = float(pd.Timedelta(duration).total_seconds())
    except (ValueError, TypeError) as error:
        raise ParameterError(
            name,
            found=repr(duration),
            expected="a duration such as '36h', '7D', '90min'",
            hint=hint,
        ) from error
    if not value > 0:
        raise ParameterError(name, found=repr(duration), expected="a duration above 0", hint=hint)
    return value


def instant(moment: Instant, name: str = "at") -> pd.Timestamp:
    """Which moment is this, in UTC?

    Parameters
    ----------
    moment : str or datetime
        A moment with its zone, such as ``"2026-03-01 00:00+09:00"``.
    name : str
        Name of the argument, for the error text.

    Returns
    -------
    Timestamp
        The same moment in UTC, to the microsecond.

    Raises
    ------
    ParameterError
        The moment has no zone, is missing or cannot be read.

    Examples
    --------
    >>> str(instant("2026-03-01 00:00+09:00"))
    '2026-02-28 15:00:00+00:00'
    """
    hint = Hint(**{name: "2026-03-01 00:00+09:00"})
    try:
        known = isinstance(moment, (str, dt.datetime, np.datetime64))
        stamp = pd.Timestamp(moment) if known else None
    except (ValueError, TypeError):
        stamp = None
    if stamp is None:
        raise ParameterError(name, found=repr(moment), expected="a moment with its zone", hint=hint)
    if pd.isna(stamp):
        raise ParameterError(
            name, found="a missing moment", expected="a moment with its zone", hint=hint
        )
    if stamp.tzinfo is None:
        found = Message("{moment} without a zone", moment=str(moment))
        raise ParameterError(name, found=found, expected="a moment with its zone", hint=hint)
    return stamp.tz_convert("UTC").as_unit("us")


def instant_us(moment: Instant, name: str = "at") -> int:
    """Which moment is this, in whole microseconds since 1970 in UTC?

    Parameters
    ----------
    moment : str or datetime
        A moment with its zone.
    name : str
        Name of the argument, for the error text.

    Returns
    -------
    int
        Microseconds, comparable with `instants`.

    Raises
    ------
    ParameterError
        As `instant`.

    Examples
    --------
    >>> instant_us("1970-01-01 09:00:01+09:00")
    1000000
    """
    return int(instant(moment, name).value // 1_000)


def instants(times: pd.Series, name: str = "timestamp") -> NDArray[np.int64]:
    """Which moments are these, as whole microseconds since 1970 in UTC?

    Parameters
    ----------
    times : Series
        Times with a zone, in any of pandas' units. Missing times become `MISSING`.
    name : str
        Name of the column, for the error text.

    Returns
    -------
    ndarray of int64, shape (n,)
        Microseconds. Nanoseconds are cut off, not rounded, so order is kept.

    Raises
    ------
    ParameterError
        The column holds no times, or times without a zone.

    Examples
    --------
    >>> column = pd.Series(pd.to_datetime(["1970-01-01 09:00:01+09:00"]))
    >>> instants(column).tolist()
    [1000000]
    """
    times = from_arrow(times)
    if not isinstance(times.dtype, pd.DatetimeTZDtype):
        found = (
            "times without a zone"
            if times.dtype.kind == "M"
            else Message("{dtype} values", dtype=times.dtype)
        )
        hint = f'table["{name}"].dt.tz_localize("Asia/Seoul")'
        raise ParameterError(name, found=found, expected="times with a zone", hint=hint)
    plain = times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    if np.datetime_data(plain.dtype)[0] == "ns":
        whole = plain.view(np.int64) // 1_000
        return np.where(np.isnat(plain), MISSING, whole).astype(np.int64)
    return np.asarray(plain.astype("datetime64[us]").view(np.int64))


def spans(table: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Between which two moments did each upload fall?

    Parameters
    ----------
    table : DataFrame
        With ``timestamp`` and, where only an interval may be known, ``timestamp_end``.

    Returns
    -------
    begin, end : ndarray of int64
        Microseconds since 1970, UTC; the same where one moment is known.

    Raises
    ------
    TableError
        As for `instants`.

    Examples
    --------
    >>> begin = pd.to_datetime(["2026-03-01 10:00Z", "2026-03-01 10:00Z"])
    >>> end = pd.to_datetime(["2026-03-01 12:00Z", None])
    >>> begin, end = spans(pd.DataFrame({"timestamp": begin, "timestamp_end": end}))
    >>> ((end - begin) / 3.6e9).tolist()
    [2.0, 0.0]
    """
    begin = instants(table["timestamp"])
    if "timestamp_end" not in table.columns:
        return begin, begin
    end = instants(table["timestamp_end"], "timestamp_end")
    return begin, np.where(end == MISSING, begin, end)


def to_timestamps(microseconds: NDArray[np.int64]) -> pd.DatetimeIndex:
    """Give microseconds since 1970 back as times in UTC.

    Parameters
    ----------
    microseconds : ndarray of int64
        As `instants` gives them; `MISSING` becomes NaT.

    Returns
    -------
    DatetimeIndex
        In UTC, to the microsecond.

    Examples
    --------
    >>> str(to_timestamps(np.array([1_000_000]))[0])
    '1970-01-01 00:00:01+00:00'
    """
    stamps = np.asarray(microseconds, dtype=np.int64).view("datetime64[us]")
    return pd.DatetimeIndex(stamps).tz_localize("UTC")


def zone(name: str | None, argument: str = "tz") -> str:
    """Is this a time zone that can be used?

    Parameters
    ----------
    name : str
        A name of the IANA time zone database, such as ``"Asia/Seoul"``.
    argument : str
        Name of the argument, for the error text.

    Returns
    -------
    str
        The same name.

    Raises
    ------
    ParameterError
        No name was given, or the database does not have it.

    Examples
    --------
    >>> zone("Asia/Seoul")
    'Asia/Seoul'
    """
    hint = Hint(**{argument: "Asia/Seoul"})
    if not isinstance(name, str) or not name:
        raise ParameterError(
            argument, found=repr(name), expected="the name of a time zone", hint=hint
        )
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ParameterError(
            argument, found=repr(name), expected="the name of a time zone", hint=hint
        ) from error
    return name


def local_zone(table: pd.DataFrame, tz: str | None = None, column: str = "timestamp") -> str:
    """In which time zone do the clocks on the wall of these venues run?

    The zone is, in this order: the argument; the column ``tz`` that `read_events` leaves; the zone
    of the times, unless that is UTC. UTC is a way to keep times and tells nothing about walls.

    Parameters
    ----------
    table : DataFrame
        Events or located events.
    tz : str, optional
        A zone that goes before all others.
    column : str
        The column with the times.

    Returns
    -------
    str
        Name of the zone.

    Raises
    ------
    ParameterError
        None of the three says it, or the table names two zones.

    Examples
    --------
    >>> table = pd.DataFrame({"tz": ["Asia/Seoul"]})
    >>> local_zone(table)
    'Asia/Seoul'
    """
    if tz is not None:
        return zone(tz)
    if "tz" in table.columns:
        names = table["tz"].dropna().unique()
        if len(names) > 1:
            found = Message(
                "{n} zones ({zones})", n=len(names), zones=", ".join(map(str, names[:3]))
            )
            raise ParameterError(
                "tz", found=found, expected="one zone in the column tz", hint=Hint(tz="Asia/Seoul")
            )
        if len(names) == 1:
            return zone(str(names[0]))
    dtype = table[column].dtype if column in table.columns else None
    if isinstance(dtype, pd.DatetimeTZDtype):
        name = str(dtype.tz)
        if name not in ("UTC", "UTC+00:00", "Etc/UTC", "GMT"):
            return name
    raise ParameterError(
        "tz",
        found="no local time zone",
        expected="the zone of the clocks at the venues",
        hint=Hint(tz="Asia/Seoul"),
    )


def shown_zone(table: pd.DataFrame, tz: str | None = None) -> str:
    """On which clocks does a table for people show its times beside UTC?

    Parameters
    ----------
    table : DataFrame
        As for `local_zone`.
    tz : str, optional
        A zone that goes before all others.

    Returns
    -------
    str
        As `local_zone` gives it; ``"UTC"`` where nothing says it, or the table names several.

    Examples
    --------
    >>> shown_zone(pd.DataFrame({"tz": ["Asia/Seoul"]})), shown_zone(pd.DataFrame())
    ('Asia/Seoul', 'UTC')
    """
    try:
        return local_zone(table, tz)
    except ParameterError:
        if tz is not None:
            raise
        return "UTC"


def wall_clock(microseconds: NDArray[np.int64], tz: str) -> NDArray[np.int64]:
    """What do the clocks on the wall show at these moments?

    Parameters
    ----------
    microseconds : ndarray of int64
        Moments as `instants` gives them, none missing.
    tz : str
        The zone of the clocks.

    Returns
    -------
    ndarray of int64
        Microseconds since 1970 of the *wall*: ``// 86_400_000_000`` is the local day (day 0 was a
        Thursday), the remainder the time of day. Daylight-saving changes are followed.

    Examples
    --------
    >>> int(wall_clock(np.array([0]), "Asia/Seoul")[0]) // 3_600_000_000
    9
    """
    local = to_timestamps(microseconds).tz_convert(tz).tz_localize(None)
    return np.asarray(local.to_numpy().astype("datetime64[us]").view(np.int64))


def generator(rng: int | np.random.Generator | None, name: str = "rng") -> np.random.Generator:
    """Which random generator is used?

    Parameters
    ----------
    rng : int or Generator
        A seed, or a generator that is used as it is. None is refused: a result that nobody can
        repeat is no evidence.
    name : str
        Name of the argument, for the error text.

    Returns
    -------
    Generator
        numpy's.

    Raises
    ------
    ParameterError
        Neither a whole number of at least 0 nor a generator.

    Examples
    --------
    >>> int(generator(7).integers(100))
    94
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0:
        return np.random.default_rng(int(rng))
    raise ParameterError(
        name, found=repr(rng), expected="a seed or a numpy Generator", hint=Hint(**{name: 7})
    )
