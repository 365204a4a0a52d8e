"""What every series did before the moment asked about, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.events import EventArrays, event_arrays
from crimeloc.events.calendar import rest_days
from crimeloc.events.notes import outside_register
from crimeloc.messages import Message
from crimeloc.ranking.features.arrays import Rows
from crimeloc.ranking.model.candidate_posterior import posterior_before
from crimeloc.ranking.register import Register
from crimeloc.units import DAY_S, wall_clock

__all__ = ["History", "drop_event", "read_history", "wall"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_DAY_US = 86_400_000_000
FIRST_GAP_S = 7 * DAY_S
"""What stands for the time since the event before, where there was none."""


@dataclass(frozen=True)
class History:
    """Events as arrays, sorted by series, time and name.

    Parameters
    ----------
    series : list of str
        Names of the series; ``["all"]`` where the table tells none apart.
    named : bool
        Does the table name series?
    ids, t, length, hour, weekday, rest, code, mass, weight : ndarray
        Of every event: its name; when it was (seconds; the middle where only an interval is
        known) and how long that interval is; the clock on the wall then; its series; how much of
        it is at venues of the register; how sure it is that it belongs to the series.
    bounds : ndarray of int64
        First event of each series, and the end.
    rows : Rows
        The located events alone. Weights of ambiguous ones have been moved by what the series did
        before them (`candidate_posterior`).
    place, row_code, row_bounds, row_first : ndarray of int64
        Of every located event: its place among all, its series, the bounds of the series, and
        where its series begins.
    address_weight : ndarray
        Weights of the candidates as their addresses have it.
    outside : Message, or None
        What lies at venues that are not in the register, and counts as elsewhere.
    tz : str
        Zone of the clocks.
    country : str or None
        Country of the public holidays.
    """

    series: list[str]
    named: bool
    ids: NDArray[np.object_]
    t: Floats
    length: Floats
    hour: Floats
    weekday: Ints
    rest: Ints
    code: Ints
    mass: Floats
    weight: Floats
    bounds: Ints
    rows: Rows
    place: Ints
    row_code: Ints
    row_bounds: Ints
    row_first: Ints
    address_weight: Floats
    outside: Message | None
    tz: str
    country: str | None

    def spot(self, events: Ints) -> Ints:
        """Place of these events among the located ones; -1 for one without a venue."""
        row = np.searchsorted(self.place, events)
        return np.where(np.append(self.place, -1)[row] == events, row, -1)

    def clock(self, t: Floats) -> tuple[Floats, Ints, Ints]:
        """Hour of the day, weekday and rest day at these moments (seconds), on the wall."""
        return wall(t, self.tz, self.country)

    def all_of(self, code: int) -> slice:
        """Events of one series."""
        return slice(int(self.bounds[code]), int(self.bounds[code + 1]))

    def located_of(self, code: int) -> slice:
        """Located events of one series."""
        return slice(int(self.row_bounds[code]), int(self.row_bounds[code + 1]))


def wall(t: Floats, tz: str, country: str | None) -> tuple[Floats, Ints, Ints]:
    """Hour of the day, weekday (Monday 0) and rest day (1) of moments in seconds."""
    clock = wall_clock(np.round(np.asarray(t) * 1e6).astype(np.int64), tz)
    day = clock // _DAY_US
    hour = (clock - day * _DAY_US) / 3.6e9
    return hour, (day + 3) % 7, rest_days(day, country).astype(np.int64)


def read_history(
    located: pd.DataFrame,
    register: Register,
    *,
    tz: str,
    country: str | None,
    before: int | None = None,
) -> History:
    """Turn located events into arrays; `before` (microseconds) cuts off what came at or after it.

    Events of no series, or with no chance of belonging to theirs, count for nothing.
    """
    events = event_arrays(located, register.venues, before=before, checked=True)
    events = events.only((events.series >= 0) & (events.series_weight > 0))
    order = np.argsort(events.series, kind="stable")
    t = events.t[order] / 1e6
    found, code = np.unique(events.series[order], return_inverse=True)
    names = [str(name) for name in events.series_id[found]]
    hour, weekday, rest = wall(t, tz, country) if len(t) else (t, code, code)
    membership = events.series_weight[order]
    placed = np.bincount(events.event, events.weight, minlength=len(t))[order]
    there = np.flatnonzero(placed > 0)
    size = np.diff(events.ptr)[order][there]
    candidate = _candidates(events, order[there], size)
    address_weight = events.weight[candidate] * np.repeat(membership[there], size)
    rows = Rows(
        t[there],
        np.asarray(hour[there], dtype=np.float64),
        weekday[there],
        rest[there],
        _gaps(t[there], code[there]),
        np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        events.venue[candidate],
        address_weight,
    )
    row_code = code[there]
    row_bounds = np.searchsorted(row_code, np.arange(len(names) + 1))
    return History(
        series=names,
        named=events.named,
        ids=events.event_id[order],
        t=t,
        length=(events.end - events.start)[order] / 1e6,
        hour=hour,
        weekday=weekday,
        rest=rest,
        code=code,
        mass=np.minimum(placed, 1.0),
        weight=membership,
        bounds=np.searchsorted(code, np.arange(len(names) + 1)),
        rows=rows._replace(weight=posterior_before(rows, row_bounds, len(register))),
        place=there,
        row_code=row_code,
        row_bounds=row_bounds,
        row_first=row_bounds[row_code],
        address_weight=address_weight,
        outside=outside_register(events),
        tz=tz,
        country=country,
    )


def _candidates(events: EventArrays, of: Ints, size: Ints) -> Ints:
    """Places of the candidates of some events, in the order of these events."""
    inside = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    return np.asarray(np.repeat(events.ptr[of], size) + inside, dtype=np.int64)


def _gaps(t: Floats, code: Ints) -> Floats:
    """Seconds since the event of the series before each."""
    gap = np.full(len(t), FIRST_GAP_S)
    gap[1:] = np.where(code[1:] == code[:-1], np.diff(t), FIRST_GAP_S)
    return gap


def drop_event(history: History, row: int) -> History:
    """Give the past without one located event; counts and times of the others stay."""
    rows = history.rows
    keep = np.arange(len(rows.t)) != row
    size = np.diff(rows.ptr)
    candidates = np.repeat(keep, size)
    t, code = rows.t[keep], history.row_code[keep]
    fewer = Rows(
        t,
        rows.hour[keep],
        rows.weekday[keep],
        rows.rest[keep],
        _gaps(t, code),
        np.concatenate([[0], np.cumsum(size[keep])]).astype(np.int64),
        rows.venue[candidates],
        rows.weight[candidates],
    )
    bounds = np.searchsorted(code, np.arange(len(history.series) + 1))
    return replace(
        history,
        rows=fewer,
        place=history.place[keep],
        row_code=code,
        row_bounds=bounds,
        row_first=bounds[code],
        address_weight=history.address_weight[candidates],
    )
