"""From located events to plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.events import event_arrays
from crimeloc.messages import Hint

__all__ = ["DAY_US", "PERIODS", "WEEK_US", "Points", "points", "wrapped"]

DAY_US = 86_400_000_000
WEEK_US = 7 * DAY_US
PERIODS = {"day": DAY_US, "week": WEEK_US}


@dataclass(frozen=True)
class Points:
    """The rows of a located table that stand somewhere.

    Parameters
    ----------
    rows : ndarray of int64
        Their positions in the table; rows of weight 0 or without a place are left out.
    metres : ndarray, shape (n, 2)
        Where they are.
    moment : ndarray of int64, shape (n,)
        When, in microseconds UTC; the middle where only an interval is known.
    weight : ndarray, shape (n,)
        How sure.
    projection : CRS
        The projection of the metres.
    """

    rows: NDArray[np.int64]
    metres: NDArray[np.float64]
    moment: NDArray[np.int64]
    weight: NDArray[np.float64]
    projection: pyproj.CRS


def points(located: pd.DataFrame) -> Points:
    """Give the rows that stand somewhere as arrays, in their order; the table is checked first."""
    events = event_arrays(located, projection="local").placed()
    event = events.event
    by_row = np.argsort(events.row)
    return Points(
        rows=events.row[by_row],
        metres=np.column_stack([events.x, events.y])[by_row],
        moment=events.t[event][by_row],
        weight=events.weight[by_row],
        projection=cast("pyproj.CRS", events.projection),
    )


def wrapped(
    moment: NDArray[np.int64], circular: str, table: pd.DataFrame, tz: str | None
) -> tuple[NDArray[np.float64], float]:
    """Give local wall time on its circle, and the length of the circle, in microseconds."""
    if circular not in PERIODS:
        raise ParameterError(
            "circular",
            found=repr(circular),
            expected="'week', 'day' or None",
            hint=Hint(circular="week"),
        )
    wall = units.wall_clock(moment, units.local_zone(table, tz))
    period = PERIODS[circular]
    return (wall % period).astype(np.float64), float(period)
