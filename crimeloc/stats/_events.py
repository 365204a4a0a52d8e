"""From located events to plain arrays for tests: moments, and bundles of (place, weight)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.events import event_arrays, event_times
from crimeloc.messages import Hint, Message
from crimeloc.stats._words import CLOCKS, NONE

__all__ = ["Bundles", "events_of", "strata_of"]


@dataclass(frozen=True)
class Bundles:
    """Events in order of time, each with its candidate places.

    Parameters
    ----------
    t : ndarray, shape (n,)
        Times, ascending.
    ptr : ndarray of int64, shape (n + 1,)
        Event k has the rows ``ptr[k]:ptr[k + 1]`` of `place` and `weight`.
    place : ndarray of int32
        Number of the place of each row.
    weight : ndarray
        Weight of each row.
    x, y : ndarray
        Coordinates of the places, ascending in x, then y.
    source : ndarray of int64
        Where each row stood in what was given.
    stratum : ndarray of int64, shape (n,)
        Stratum of each event.
    """

    t: NDArray[np.float64]
    ptr: NDArray[np.int64]
    place: NDArray[np.int32]
    weight: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    source: NDArray[np.int64]
    stratum: NDArray[np.int64]

    @property
    def single(self) -> bool:
        """Has every event one place and weight 1?"""
        return len(self.place) == len(self.t) and bool((self.weight == 1.0).all())


def events_of(located: pd.DataFrame, strata: NDArray[np.int64] | None) -> Bundles:
    """Give the events of a located table in order of time.

    Candidates without a position are left out; where only an interval is known, its middle is the
    time. Times are microseconds since the first event.
    """
    events = event_arrays(located, projection="local").placed()
    event, rows = events.event, events.row
    t = (events.t - events.t.min(initial=events.t[0] if len(events) else 0)).astype(np.float64)
    stratum = np.zeros(len(rows), np.int64) if strata is None else strata[rows]
    space = np.column_stack([events.x, events.y])
    return bundle(space, t[event], events.weight, event, stratum, rows)


def bundle(
    space: NDArray[np.float64],
    t: NDArray[np.float64],
    weight: NDArray[np.float64],
    event: NDArray[np.int64],
    stratum: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> Bundles:
    """Put rows into the order of their events' times, so that the order of rows plays no part."""
    x, y = space[:, 0] + 0.0, space[:, 1] + 0.0
    # First each event's rows, the heaviest first; then events by time, place and stratum.
    order = np.lexsort([y, x, -weight, event])
    heads = np.flatnonzero(np.diff(event[order], prepend=-1))
    first = order[heads]
    size = np.diff(heads, append=len(order))
    by_time = np.lexsort([event[first], stratum[first], size, y[first], x[first], t[first]])
    if len(first) == len(order):
        order = first[by_time]
    else:
        order = np.concatenate(
            [order[heads[k] : heads[k] + size[k]] for k in by_time] or [order[:0]]
        )
    ptr = np.concatenate([[0], np.cumsum(size[by_time])]).astype(np.int64)
    codes, places = _places(np.column_stack([x, y])[order])
    by_x = np.lexsort([places[:, 1], places[:, 0]])
    rank = np.empty(len(by_x), np.int32)
    rank[by_x] = np.arange(len(by_x), dtype=np.int32)
    head = order[ptr[:-1]]
    return Bundles(
        t=np.ascontiguousarray(t[head], dtype=np.float64),
        ptr=ptr,
        place=rank[codes],
        weight=np.ascontiguousarray(weight[order], dtype=np.float64),
        x=np.ascontiguousarray(places[by_x, 0]),
        y=np.ascontiguousarray(places[by_x, 1]),
        source=rows[order],
        stratum=stratum[head],
    )


def strata_of(
    located: pd.DataFrame, strata: str | ArrayLike | None, tz: str | None
) -> tuple[NDArray[np.int64] | None, Message]:
    """Give the stratum of each row, and what the strata are in words."""
    if strata is None:
        return None, NONE
    if isinstance(strata, str) and strata in CLOCKS and strata not in located.columns:
        wall = units.wall_clock(event_times(located), units.local_zone(located, tz))
        hour, day = wall // 3_600_000_000 % 24, wall // 86_400_000_000 % 7
        code = {"hour_of_day": hour, "day_of_week": day, "hour_of_week": day * 24 + hour}[strata]
        return np.asarray(code, dtype=np.int64), CLOCKS[strata]
    hint = Hint(strata="hour_of_day")
    if isinstance(strata, str):
        if strata not in located.columns:
            expected = Message(
                "a column, {clocks:or}, or one label per row", clocks=[repr(one) for one in CLOCKS]
            )
            raise ParameterError("strata", found=repr(strata), expected=expected, hint=hint)
        values, words = located[strata], Message("column {name}", name=strata)
    else:
        values, words = pd.Series(np.asarray(strata)), Message("labels given")
        if len(values) != len(located):
            found = Message("{n} labels for {rows} rows", n=len(values), rows=len(located))
            raise ParameterError("strata", found=found, expected="one label per row", hint=hint)
    codes, _ = pd.factorize(values, sort=True, use_na_sentinel=True)
    by_event = pd.Series(codes).groupby(located["event_id"].to_numpy())
    if (by_event.max() > by_event.min()).any():
        raise ParameterError(
            "strata", found="an event in two strata", expected="one stratum per event", hint=hint
        )
    return codes.astype(np.int64), words


def _places(space: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Number the distinct places; also give them."""
    if not len(space):
        return np.empty(0, np.int64), np.empty((0, 2))
    x, _ = pd.factorize(space[:, 0])
    y, levels = pd.factorize(space[:, 1])
    code, _ = pd.factorize(x.astype(np.int64) * len(levels) + y)
    first = np.empty(code.max() + 1, np.int64)
    first[code[::-1]] = np.arange(len(code) - 1, -1, -1)
    return code.astype(np.int64), space[first]
