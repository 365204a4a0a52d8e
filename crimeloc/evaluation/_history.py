"""Located events as arrays: one row for each candidate, sorted by series and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.events.calendar import hours_of_week
from crimeloc.messages import Message
from crimeloc.units import MISSING, instants

HOURS = 168
ONE_SERIES = "all"
"""Name of the series where the table tells none apart."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """Rows of one series in order of time; the candidates of one event follow each other."""

    event_id: NDArray[np.object_]
    code: NDArray[np.int64]
    weight: Array
    time: NDArray[np.int64]
    hour: Array
    event: NDArray[np.int64]

    def until(self, moment: int) -> Series:
        """Give the rows strictly before a moment."""
        return self.part(0, int(np.searchsorted(self.time, moment, side="left")))

    def part(self, first: int, last: int) -> Series:
        """Give some rows."""
        cut = slice(first, last)
        return Series(
            self.event_id[cut],
            self.code[cut],
            self.weight[cut],
            self.time[cut],
            self.hour[cut],
            self.event[cut],
        )

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


@dataclass(frozen=True)
class History:
    """Rows of all series."""

    names: NDArray[np.object_]
    number: NDArray[np.int64]
    rows: Series

    @property
    def code(self) -> NDArray[np.int64]:
        """Place of the venue in the register; one past the end is elsewhere."""
        return self.rows.code

    @property
    def weight(self) -> Array:
        """Weight of the candidate times that of the membership."""
        return self.rows.weight

    @property
    def hour(self) -> Array:
        """Hour of the week on the wall."""
        return self.rows.hour

    def before(self, moment: int) -> History:
        """Give the rows strictly before a moment; series stay named, with rows or without."""
        return self._kept(self.rows.time < moment)

    def between(self, first: int, stop: int) -> History:
        """Give the rows from a moment on, strictly before another."""
        return self._kept((self.rows.time >= first) & (self.rows.time < stop))

    def _kept(self, keep: NDArray[np.bool_]) -> History:
        rows = self.rows
        kept = Series(
            rows.event_id[keep],
            rows.code[keep],
            rows.weight[keep],
            rows.time[keep],
            rows.hour[keep],
            rows.event[keep],
        )
        return History(self.names, self.number[keep], kept)

    def series(self) -> Iterator[tuple[str, Series]]:
        """Give each series with its rows."""
        edges = np.searchsorted(self.number, np.arange(len(self.names) + 1))
        for place, name in enumerate(self.names):
            yield str(name), self.rows.part(int(edges[place]), int(edges[place + 1]))

    def empty_series(self) -> Series:
        """Give a series without events."""
        return self.rows.part(0, 0)


def unpack(
    located: pd.DataFrame, venue_id: NDArray[np.object_], tz: str, *, elsewhere: bool = True
) -> History:
    """Turn a located table into arrays.

    Parameters
    ----------
    located : DataFrame
        Contract LOCATED.
    venue_id : ndarray of object
        The register; codes are places in it.
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
        A candidate venue is not in the register.
    """
    time = instants(located["timestamp"])
    if (time == MISSING).any():
        raise ParameterError(
            "timestamp", found="missing times", expected="a time in every row", hint="read_events"
        )
    named = located["series_id"] if "series_id" in located.columns else None
    text = pd.Series(ONE_SERIES, index=located.index) if named is None else named
    belongs = text.notna().to_numpy()
    sure: Array = np.ones(len(located))
    if "series_weight" in located.columns:
        weights = located["series_weight"].astype("float64").fillna(1.0)
        sure = np.asarray(weights.to_numpy(), dtype=np.float64)
    register = pd.Index(venue_id, dtype=object)
    places = located["venue_id"]
    code = register.get_indexer(pd.Index(places.to_numpy(dtype=object), dtype=object))
    unknown = (code < 0) & places.notna().to_numpy()
    if unknown.any():
        example = places.to_numpy()[unknown][0]
        found = Message(
            "{example} and others not in the register, {unknown} rows",
            example=repr(example),
            unknown=unknown.sum(),
        )
        raise ParameterError(
            "venues", found=found, expected="every candidate venue", hint="read_venues(...)"
        )
    weight = located["weight"].to_numpy(dtype=np.float64)
    table = pd.DataFrame(
        {
            "series": text.astype("object").to_numpy(),
            "time": time,
            "event_id": located["event_id"].astype("object").to_numpy(),
            "code": code,
            "weight": weight,
            "sure": sure,
        }
    )[belongs]
    known = table[(table["code"] >= 0) & (table["weight"] > 0)]
    if elsewhere and len(table):
        keys = ["series", "time", "event_id"]
        rest = table.groupby(keys, sort=False).agg(weight=("weight", "sum"), sure=("sure", "first"))
        rest["weight"] = 1.0 - rest["weight"]
        rest = rest[rest["weight"] > 1e-9].reset_index()
        rest["code"] = len(venue_id)
        known = pd.concat([known, rest[known.columns]], ignore_index=True)
    known = known.sort_values(["series", "time", "event_id", "code"], kind="stable")
    names = np.array(sorted(set(table["series"])), dtype=object)
    number = pd.Index(names).get_indexer(known["series"].to_numpy(dtype=object))
    change = known[["series", "time", "event_id"]].ne(known[["series", "time", "event_id"]].shift())
    times = known["time"].to_numpy(dtype=np.int64)
    rows = Series(
        known["event_id"].to_numpy(dtype=object),
        known["code"].to_numpy(dtype=np.int64),
        (known["weight"] * known["sure"]).to_numpy(dtype=np.float64),
        times,
        hours_of_week(times, tz),
        np.cumsum(change.any(axis=1).to_numpy()).astype(np.int64),
    )
    return History(names, number.astype(np.int64), rows)
