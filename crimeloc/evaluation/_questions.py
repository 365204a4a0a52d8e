"""What a backtest asks: from when on, at which moments, and which uploads are scored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.events import (
    ONE_SERIES,
    VenueArrays,
    event_arrays,
    event_times,
    outside_register,
)
from crimeloc.messages import Hint, Message
from crimeloc.units import Duration, Instant, instant_us, seconds

Starts = Instant | Mapping[str, Instant]


class Schedule(NamedTuple):
    """When each series begins to be scored, when the ranker is asked, and when all ends."""

    starts: dict[str, int]
    origins: list[int]
    last_us: int


def by_series_and_time(located: pd.DataFrame) -> pd.DataFrame:
    """Rows by series and time, whatever order they came in; unlinked events go last."""
    table = located if "series_id" in located else located.assign(series_id=ONE_SERIES)
    keys = ["series_id", "time", "event_id", "venue_id"]
    rows = table[["series_id", "event_id", "venue_id"]].assign(time=event_times(table))
    order = rows.reset_index(drop=True).sort_values(keys, kind="stable").index
    return table.iloc[order].reset_index(drop=True)


def starts_of(start: Starts, table: pd.DataFrame) -> dict[str, int]:
    """From when on is each series scored?"""
    if isinstance(start, Mapping):
        return {str(key): instant_us(moment, "start") for key, moment in start.items()}
    moment = instant_us(start, "start")
    return {str(key): moment for key in table["series_id"].dropna().unique()}


def origins_of(
    starts: dict[str, int],
    end: Instant | None,
    every: Duration,
    horizon: Duration,
    protocol: str,
    table: pd.DataFrame,
) -> tuple[list[int], int]:
    """At which moments is the ranker asked, and when does the backtest end?"""
    times = event_times(table)
    after = int(times.max()) + 1 if len(times) else 0
    last = after if end is None else instant_us(end, "end")
    first = min(starts.values(), default=last)
    step = round(seconds(every, "every") * 1e6)
    need = round(seconds(horizon, "horizon") * 1e6) if protocol == "horizon" else 1
    origins = list(range(first, last - need + 1, step))
    if not origins and len(times):
        found = Message("{last:.1f} days between start and end", last=(last - first) / 8.64e10)
        expected = "at least one horizon" if protocol == "horizon" else "a start before the end"
        raise ParameterError(
            "start", found=found, expected=expected, hint=Hint(start="2026-01-05 00:00+09:00")
        )
    return origins, last


def scored(
    table: pd.DataFrame,
    truth: pd.DataFrame | None,
    starts: dict[str, int],
    last_us: int,
    register: VenueArrays,
) -> tuple[pd.DataFrame, tuple[Message, ...]]:
    """Which candidates are scored, and what is left out?"""
    times = event_times(table)
    named = table["series_id"].notna().to_numpy()
    begin = table["series_id"].map(starts).to_numpy(dtype=np.float64)
    inside = np.nan_to_num(begin, nan=np.inf) <= times
    inside &= times < last_us
    first = pd.Series(times).groupby(table["series_id"].to_numpy()).transform("min")
    has_past = (times > first.to_numpy()) & named
    notes = []
    outside = outside_register(event_arrays(table[inside], register, checked=True))
    if truth is not None:
        table, outside = _with_truth(table, truth), None
    sure = table["venue_id"].notna().to_numpy() & (table["weight"] > 0).to_numpy()
    listed = register.codes(table["venue_id"]) >= 0
    for code, out in (
        ("note.no_series", ~named & (times >= min(starts.values(), default=0))),
        ("note.no_venue", inside & ~sure),
        ("note.first", inside & sure & ~has_past),
    ):
        count = table.loc[out, "event_id"].nunique()
        if count:
            notes.append(Message(code, n=count))
    if outside is not None:
        notes.append(Message("note.outside", what=outside))
    wanted = table[inside & sure & listed & has_past]
    if truth is not None:
        wanted = wanted.drop_duplicates("event_id")
    rest = wanted["event_id"].nunique() - float(wanted["weight"].sum())
    if rest > 0.5:
        notes.append(Message("note.elsewhere", n=rest))
    return wanted, tuple(notes)


def known_truth(truth: pd.DataFrame | None, register: VenueArrays) -> pd.DataFrame | None:
    """The truth without places outside the register: no candidate can stand for them."""
    if truth is None:
        return None
    for column in ("event_id", "venue_id"):
        if column not in truth.columns:
            raise ParameterError(
                "truth",
                found=Message("no column {column}", column=column),
                expected="event_id and venue_id",
                hint=Hint(truth=None),
            )
    return truth[truth["venue_id"].isin(register.venue_id)]


def _with_truth(table: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    known = truth.drop_duplicates("event_id").set_index("event_id")["venue_id"]
    venue = table["event_id"].map(known)
    return table.assign(venue_id=venue, weight=venue.notna().astype("float64"))
