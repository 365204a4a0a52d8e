"""The visits of each series, one place and one moment each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.events import event_arrays

__all__ = ["EVERYTHING", "SeriesVisits", "series_visits"]

EVERYTHING = "(all)"
"""Stands for the series where the table names none."""


class SeriesVisits(NamedTuple):
    """Visits of one series, in order of time: when, where, at which (likeliest) venue.

    `last` is the moment of its last upload.
    """

    series: str
    moment: NDArray[np.int64]
    metres: NDArray[np.float64]
    place: NDArray[np.int64]
    last: int


def series_visits(located: pd.DataFrame, session_gap: units.Duration) -> Iterator[SeriesVisits]:
    """Give, series by series, the visits: runs of events at one place with short pauses.

    An uncertain event stands at the weighted middle of its candidates; events without a candidate
    are left out. A visit's moment is that of its first event.
    """
    pause = int(units.seconds(session_gap, "session_gap") * 1e6)
    events = event_arrays(located, projection="local").placed()
    likeliest = events.likeliest()
    spot = events.venue[likeliest] if len(events) else np.empty(0, np.int64)
    code = events.series
    heads = events.ptr[:-1]
    weight = np.add.reduceat(events.weight, heads) if len(events) else np.empty(0)
    x, y = (
        np.add.reduceat(way * events.weight, heads) / weight if len(events) else weight
        for way in (events.x, events.y)
    )
    # Of events at one time the south-western goes first, whatever their names.
    order = np.lexsort((y, x, events.t, code))
    order = order[code[order] >= 0]
    place = spot[order]
    code, moment, where = code[order], events.t[order], np.column_stack([x, y])[order]
    bounds = np.searchsorted(code, np.arange(len(events.series_id) + 1))
    for name, first, last in zip(events.series_id, bounds[:-1], bounds[1:], strict=True):
        if first == last:
            continue
        mine, there = moment[first:last], where[first:last]
        same = np.hypot(*np.diff(there, axis=0).T) < 1.0
        begins = np.r_[True, ~(same & (np.diff(mine) <= pause))]
        yield SeriesVisits(
            str(name) if events.named else EVERYTHING,
            mine[begins],
            there[begins],
            place[first:last][begins],
            int(mine[-1]),
        )
