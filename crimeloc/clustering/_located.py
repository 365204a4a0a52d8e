"""From located events to plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from crimeloc import geometry, units
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.tables import LOCATED, validate

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
    """Give the rows that stand somewhere as arrays; the table is checked first."""
    validate(located, LOCATED)
    moment = units.middles(located)
    degrees = geometry.lonlat(gpd.GeoSeries(located["geometry"]))
    weight = located["weight"].to_numpy(dtype=np.float64)
    rows = np.flatnonzero((weight > 0) & ~np.isnan(degrees).any(axis=1))
    degrees = degrees[rows]
    projection = geometry.local_projection(degrees)
    # Venues are projected once, however many events they have.
    code, first = _places(degrees)
    metres = geometry.to_metres(degrees[first], projection)[code]
    return Points(rows, metres, moment[rows], weight[rows], projection)


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


def _places(degrees: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the distinct places; give the number of each row and a row of each place."""
    if not len(degrees):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    lon, _ = pd.factorize(degrees[:, 0])
    lat, levels = pd.factorize(degrees[:, 1])
    code, _ = pd.factorize(lon.astype(np.int64) * len(levels) + lat)
    first = np.full(code.max() + 1, -1, np.int64)
    first[code[::-1]] = np.arange(len(code) - 1, -1, -1)
    return code.astype(np.int64), first
