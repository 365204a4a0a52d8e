"""Located events as arrays: one row for each candidate, sorted by series and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csr_array

from crimeloc.errors import ParameterError
from crimeloc.events import EventArrays, VenueArrays, event_arrays, spread_over
from crimeloc.events.calendar import hours_of_week

HOURS = 168

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Series:
    """Rows of one series in order of time; the candidates of one event follow each other.

    Parameters
    ----------
    event_id : ndarray of object
        Name of the event of each row.
    code : ndarray of int64
        Venue: its place in the register; one past the end is elsewhere.
    weight : ndarray
        Weight of the candidate times that of the membership.
    time : ndarray of int64
        When the event is held to be, microseconds UTC.
    start, end : ndarray of int64
        The interval that it is known to lie in.
    hour : ndarray
        Hour of the week at `time`, on the wall.
    shape : ndarray of int64
        Row of `shapes`: how the event may lie over the hours of the week.
    event : ndarray of int64
        Number of the event.
    shapes : sparse array, shape (at least 168, 168)
        Each row sums to 1. The first 168 are the hours themselves.
    """

    event_id: NDArray[np.object_]
    code: Ints
    weight: Array
    time: Ints
    start: Ints
    end: Ints
    hour: Array
    shape: Ints
    event: Ints
    shapes: csr_array

    def until(self, moment: int) -> Series:
        """Give the rows strictly before a moment."""
        return self.part(0, int(np.searchsorted(self.time, moment, side="left")))

    def part(self, first: int, last: int) -> Series:
        """Give some rows that follow each other."""
        return self.only(slice(first, last))

    def only(self, rows: slice | NDArray[np.bool_]) -> Series:
        """Give some rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _OF_ROW})

    def by_hour(self) -> Array:
        """How much weight lies in each hour of the week?"""
        visits = np.bincount(self.shape, weights=self.weight, minlength=self.shapes.shape[0])
        return np.asarray(visits @ self.shapes)

    def events(self) -> Iterator[tuple[int, int]]:
        """Give the first row and the end of each event."""
        if len(self.event):
            first = np.flatnonzero(np.diff(self.event, prepend=self.event[0] - 1))
            yield from zip(first.tolist(), [*first[1:].tolist(), len(self.event)], strict=True)

    def last(self) -> NDArray[np.bool_]:
        """Which rows belong to the last event?"""
        return self.event == self.event[-1] if len(self.event) else np.zeros(0, bool)

    def followers(self) -> Array:
        """How sure is it that each row's event came right after a visit to the last venue?"""
        if not len(self.event):
            return np.zeros(0)
        at = self.last()
        here = np.bincount(
            self.code[at], weights=self.weight[at], minlength=int(self.code.max()) + 1
        )
        first = np.flatnonzero(np.diff(self.event, prepend=self.event[0] - 1))
        number = np.cumsum(np.diff(self.event, prepend=self.event[0]) != 0)
        # A sum over the candidates of each event: was it at one of the last event's venues?
        same = np.add.reduceat(self.weight * here[self.code], first)
        before = np.concatenate([[0.0], same[:-1]])
        return np.asarray(before[number])


_OF_ROW = ("event_id", "code", "weight", "time", "start", "end", "hour", "shape", "event")


@dataclass(frozen=True)
class History:
    """Rows of all series."""

    names: NDArray[np.object_]
    number: Ints
    rows: Series

    @property
    def code(self) -> Ints:
        """Place of the venue in the register; one past the end is elsewhere."""
        return self.rows.code

    @property
    def weight(self) -> Array:
        """Weight of the candidate times that of the membership."""
        return self.rows.weight

    def before(self, moment: int) -> History:
        """Give the rows strictly before a moment; series stay named, with rows or without."""
        return self._kept(self.rows.time < moment)

    def between(self, first: int, stop: int) -> History:
        """Give the rows from a moment on, strictly before another."""
        return self._kept((self.rows.time >= first) & (self.rows.time < stop))

    def _kept(self, keep: NDArray[np.bool_]) -> History:
        return History(self.names, self.number[keep], self.rows.only(keep))

    def series(self) -> Iterator[tuple[str, Series]]:
        """Give each series with its rows."""
        edges = np.searchsorted(self.number, np.arange(len(self.names) + 1))
        for place, name in enumerate(self.names):
            yield str(name), self.rows.part(int(edges[place]), int(edges[place + 1]))

    def empty_series(self) -> Series:
        """Give a series without events."""
        return self.rows.part(0, 0)


def unpack(
    located: pd.DataFrame, register: VenueArrays, tz: str, *, elsewhere: bool = True
) -> History:
    """Turn a located table into arrays.

    Parameters
    ----------
    located : DataFrame
        Contract LOCATED; an upload known by its day stands at noon.
    register : VenueArrays
        The venues; a candidate outside it counts as elsewhere.
    tz : str
        Zone of the clocks at the venues.
    elsewhere : bool
        Add a row with the rest of each event's weight, at one past the end of the register?

    Returns
    -------
    History
        Sorted by series, time, event and venue, so that the order of rows plays no part.

    Raises
    ------
    ParameterError
        A time is missing.
    """
    if located["timestamp"].isna().any():
        raise ParameterError(
            "timestamp", found="missing times", expected="a time in every row", hint="read_events"
        )
    events = event_arrays(located, register, time="spread", checked=True)
    events = events.only(events.series >= 0)
    if elsewhere:
        events = events.with_elsewhere()
    shape, shapes = _shapes(events, tz)
    order = np.argsort(events.series[events.event], kind="stable")
    event = events.event[order]
    rows = Series(
        event_id=events.event_id[event],
        code=events.venue[order],
        weight=events.weight[order] * events.series_weight[event],
        time=events.t[event],
        start=events.start[event],
        end=events.end[event],
        hour=hours_of_week(events.t, tz)[event],
        shape=shape[event],
        event=np.cumsum(np.diff(event, prepend=-1) != 0),
        shapes=shapes,
    )
    return History(events.series_id, events.series[event], rows)


def _shapes(events: EventArrays, tz: str) -> tuple[Ints, csr_array]:
    """How may each event lie over the hours of the week? One shape for all that lie alike."""
    shape = np.floor(hours_of_week(events.t, tz)).astype(np.int64)
    known = sparse.eye_array(HOURS, format="csr")
    vague = np.flatnonzero(~events.exact)
    if not len(vague):
        return shape, known
    start, end = events.start[vague], events.end[vague]
    alike = np.column_stack([hours_of_week(start, tz), hours_of_week(end, tz), end - start])
    _, first, number = np.unique(alike, axis=0, return_index=True, return_inverse=True)
    ptr, t, weight = spread_over(start[first], end[first])
    hour = np.floor(hours_of_week(t, tz)).astype(np.int64)
    spread = csr_array((weight, hour, ptr), shape=(len(first), HOURS))
    shape[vague] = HOURS + number.reshape(-1)
    return shape, sparse.vstack([known, spread], format="csr")
