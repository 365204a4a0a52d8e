"""The heat of past uploads as it is drawn: one surface, its colours, and the same week by week."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.events import event_times
from crimeloc.plotting.colours import HEAT
from crimeloc.plotting.heat import (
    Heat,
    event_weights,
    heat_surface,
    heat_surfaces,
    picture,
    places,
    spots,
    steps_below,
)
from crimeloc.units import Duration

__all__ = ["HeatFrame", "HeatMap", "HeatOverTime", "heat_map", "heat_over_time"]

_DAY_US = 86_400e6


class HeatFrame(NamedTuple):
    """One step of the heat over time.

    Parameters
    ----------
    picture : str
        PNG inside a data address.
    start, end : Timestamp
        The days it holds.
    n : float
        Uploads in it, each counted by its location weight.
    """

    picture: str
    start: pd.Timestamp
    end: pd.Timestamp
    n: float


@dataclass(frozen=True)
class HeatOverTime:
    """The heat in whole weeks that end at the moment of the forecast.

    Parameters
    ----------
    frames : tuple of HeatFrame
        The steps, oldest first; one scale for all.
    weeks : int
        Length of a step.
    steps : tuple of float
        Densities at which the colour changes.
    bounds : tuple of float
        South, west, north, east of the pictures in degrees.
    """

    frames: tuple[HeatFrame, ...] = field(repr=False)
    weeks: int
    steps: tuple[float, ...]
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True)
class HeatMap:
    """Where a series has been, ready to be drawn.

    Parameters
    ----------
    surface : Heat
        The heat surface.
    steps : tuple of float
        Densities at which its colour changes; empty where there is no upload.
    points : ndarray, shape (n, 2)
        Longitude and latitude of the places it rests on.
    half_life : str, timedelta or None
        Age at which an upload counts half.
    over_time : HeatOverTime or None
        The same week by week; None where the past is shorter than two steps.
    """

    surface: Heat = field(repr=False)
    steps: tuple[float, ...]
    points: NDArray[np.float64] = field(repr=False)
    half_life: Duration | None
    over_time: HeatOverTime | None = None


def heat_map(
    located: gpd.GeoDataFrame,
    at: pd.Timestamp,
    *,
    bandwidth_m: float = 400.0,
    half_life: Duration | None = "30D",
    over_time: bool = True,
) -> HeatMap:
    """Where has the series been, on the whole and week by week?

    Parameters
    ----------
    located : GeoDataFrame
        LOCATED, all before `at`.
    at : Timestamp
        The moment, in the zone of the venues.
    bandwidth_m : float
        Standard deviation of the bell around each place, in metres.
    half_life : str, timedelta or None
        Age at which an upload counts half; None: nothing fades. It does not bear on the weeks.
    over_time : bool
        Draw the weeks as well?

    Returns
    -------
    HeatMap
        Surface, colours and weeks.
    """
    table = places(located, event_weights(located, at, half_life))
    lon, lat, weight = (table[name].to_numpy(np.float64) for name in ("lon", "lat", "weight"))
    surface = heat_surface(lon, lat, weight, bandwidth_m=bandwidth_m)
    weeks = heat_over_time(located, at, bandwidth_m=bandwidth_m) if over_time else None
    return HeatMap(
        surface,
        steps_below(float(surface.density.max())),
        np.column_stack([lon, lat]),
        half_life,
        weeks,
    )


def heat_over_time(
    located: gpd.GeoDataFrame, at: pd.Timestamp, *, bandwidth_m: float = 400.0, most: int = 12
) -> HeatOverTime | None:
    """Where was the series, week by week?

    Parameters
    ----------
    located : GeoDataFrame
        LOCATED, all before `at`.
    at : Timestamp
        The moment, in the zone of the venues.
    bandwidth_m : float
        Of the heat, in metres.
    most : int
        How many steps at most; of a longer past each holds several weeks.

    Returns
    -------
    HeatOverTime or None
        None where there are fewer than two steps, or no place.
    """
    before = at.value // 1_000
    ages = (before - event_times(located, before=before)) / _DAY_US
    table, code = spots(located)
    if not len(table) or not len(ages):
        return None
    weeks = int(np.ceil(max(np.ceil(float(ages.max()) / 7), 1) / most))
    days = 7 * weeks
    count = int(np.ceil(float(ages.max()) / days)) or 1
    if count < 2:
        return None
    weight = event_weights(located, at, None)
    counted = located["weight"].to_numpy(np.float64, na_value=0.0)
    step = np.minimum((ages / days).astype(int), count - 1)
    here = code >= 0
    cell = step[here] * len(table) + code[here]
    flat = np.bincount(cell, weight[here], minlength=count * len(table))
    sums = np.asarray(flat, dtype=np.float64).reshape(count, len(table))[::-1]  # oldest first
    uploads = np.bincount(step[here], counted[here], minlength=count)[::-1]
    surfaces = heat_surfaces(
        table["lon"].to_numpy(), table["lat"].to_numpy(), sums, bandwidth_m=bandwidth_m
    )
    steps = steps_below(max(float(one.density.max()) for one in surfaces))
    frames = []
    for number, (surface, n) in enumerate(zip(surfaces, uploads, strict=True)):
        start = at - pd.Timedelta(days=(count - number) * days)
        end = at - pd.Timedelta(days=(count - number - 1) * days, microseconds=1)
        painted = picture(surface.density, steps, HEAT)
        frames.append(HeatFrame(painted, start, end, float(n)))
    return HeatOverTime(tuple(frames), weeks, steps, surfaces[-1].bounds)
