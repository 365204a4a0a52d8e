"""Where has the series been, recent uploads counting more: a heat surface in metres.

The surface is a picture laid on the map, so its bandwidth is the same number of metres at every
zoom and on paper. Events are summed to places first: cost grows with places, not with events.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.decay import half_life as fading
from crimeloc.errors import ParameterError
from crimeloc.events import event_times
from crimeloc.geometry import EARTH_RADIUS_M, lonlat
from crimeloc.messages import Hint
from crimeloc.units import Duration, Instant, instant_us, seconds

__all__ = [
    "Heat",
    "event_weights",
    "heat_surface",
    "heat_surfaces",
    "picture",
    "places",
    "spots",
    "steps_below",
]

_REACH = 4.0  # bandwidths beyond which a bell is not drawn: 0.03 % of its weight lies outside
_FINEST, _LONGEST = 8.0, 900  # pixels per bandwidth, and pixels along the longer side


@dataclass(frozen=True)
class Heat:
    """A heat surface.

    Parameters
    ----------
    density : ndarray, shape (rows, columns)
        Weighted uploads per square kilometre; the first row is the north.
    bounds : tuple of float
        South, west, north, east in degrees.
    bandwidth_m : float
        Standard deviation of the bell around each place, in metres.
    """

    density: NDArray[np.float64]
    bounds: tuple[float, float, float, float]
    bandwidth_m: float


def event_weights(
    located: pd.DataFrame, at: Instant, half_life: Duration | None = "30D"
) -> NDArray[np.float64]:
    """How much does each located row count at this moment?

    Parameters
    ----------
    located : DataFrame
        LOCATED; one row per event and candidate venue.
    at : str or datetime
        The moment; rows that begin at or after it count nothing, and of an interval that has begun
        the middle of the part before it is the time.
    half_life : str, timedelta or None
        Age at which an upload counts half; None: nothing fades.

    Returns
    -------
    ndarray, shape (rows,)
        Location weight x series weight x recency.

    Examples
    --------
    >>> times = pd.to_datetime(["2026-02-01 00:00+09:00", "2026-03-09 00:00+09:00"])
    >>> table = pd.DataFrame({"timestamp": times, "weight": [0.5, 1.0]})
    >>> event_weights(table, "2026-03-03 00:00+09:00", "30D").tolist()
    [0.25, 0.0]
    """
    moment = instant_us(at)
    times = event_times(located, before=moment)
    weight = located["weight"].to_numpy(dtype=np.float64, na_value=0.0)
    if "series_weight" in located.columns:
        membership = located["series_weight"].to_numpy(dtype=np.float64, na_value=1.0)
        weight = weight * membership
    ages = np.maximum(moment - times, 0) / 1e6
    span = np.inf if half_life is None else seconds(half_life, "half_life")
    return np.asarray(np.where(times < moment, weight * fading(ages, span), 0.0))


def spots(located: gpd.GeoDataFrame) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Which places does the table name, and at which is each row?

    Parameters
    ----------
    located : GeoDataFrame
        LOCATED.

    Returns
    -------
    table : DataFrame
        ``venue_id``, ``lon``, ``lat``; one row per place, in the order of their names, so that
        the order of the rows of `located` plays no part. A point that is no venue is its own
        place.
    code : ndarray, shape (rows,)
        Row of `table` for each row of `located`; -1 where there is no place.
    """
    names = located["venue_id"].astype("str").to_numpy(dtype=object)
    rows = np.flatnonzero(located["geometry"].notna().to_numpy())
    code = np.full(len(located), -1, dtype=np.int64)
    known = names[rows]
    nameless = pd.isna(known)
    if nameless.any():
        points = lonlat(gpd.GeoSeries(located.geometry.iloc[rows[nameless]])).round(6)
        known[nameless] = [f"@{lat:.6f},{lon:.6f}" for lon, lat in points]
    code[rows], labels = pd.factorize(pd.Series(known, dtype="str"), sort=True)
    first = pd.Series(rows).groupby(code[rows]).first().to_numpy()
    points = lonlat(gpd.GeoSeries(located.geometry.iloc[first])) if len(first) else np.empty((0, 2))
    table = pd.DataFrame({"venue_id": pd.Series(labels, dtype="str")})
    table["lon"], table["lat"] = points[:, 0], points[:, 1]
    return table, code


def places(located: gpd.GeoDataFrame, weight: NDArray[np.float64]) -> pd.DataFrame:
    """How much weight lies at each place?

    Parameters
    ----------
    located : GeoDataFrame
        LOCATED; rows without a place are passed over.
    weight : ndarray, shape (rows,)
        Weight of each row, as `event_weights` gives it.

    Returns
    -------
    DataFrame
        ``venue_id``, ``lon``, ``lat``, ``weight``, ``n`` (rows); one row per place, heaviest
        first.
    """
    table, code = spots(located)
    here = code >= 0
    count = len(table)
    table["weight"] = np.bincount(code[here], weight[here], minlength=count)[:count]
    table["n"] = np.bincount(code[here], minlength=count)[:count]
    return table.sort_values(["weight", "venue_id"], ascending=[False, True], ignore_index=True)


def heat_surface(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    bandwidth_m: float = 400.0,
    bounds: tuple[float, float, float, float] | None = None,
) -> Heat:
    """How many weighted uploads per square kilometre are there, everywhere?

    Parameters
    ----------
    lon, lat : ndarray, shape (n,)
        Places in degrees.
    weight : ndarray, shape (n,)
        Weight of each place, at least 0.
    bandwidth_m : float
        Standard deviation of the bell around each place, in metres on the ground.
    bounds : tuple of float, optional
        South, west, north, east in degrees; by default four bandwidths around the places.

    Returns
    -------
    Heat
        A picture whose rows are even in the projection of web maps, so that it can be laid on
        one without bending.

    Raises
    ------
    ParameterError
        The bandwidth is not above 0.

    Notes
    -----
    Each pixel holds the mean of the bell over its area, not the bell at its middle: no place is
    lost between pixels, however coarse they are. The web projection keeps angles, so that a
    bell in metres is a bell in the picture, wider by 1 / cos(latitude of its place). Cost is
    n x (rows + columns) and one matrix product.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> heat = heat_surface(one * 127.0, one * 37.5, one, bandwidth_m=500.0)
    >>> round(float(heat.density.max()), 2)  # 1 / (2 pi 0.5 km x 0.5 km)
    0.63
    """
    return heat_surfaces(lon, lat, weight[None, :], bandwidth_m=bandwidth_m, bounds=bounds)[0]


def heat_surfaces(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    bandwidth_m: float = 400.0,
    bounds: tuple[float, float, float, float] | None = None,
) -> list[Heat]:
    """Give the surfaces of several sets of weights over the same places, on one grid.

    Parameters
    ----------
    lon, lat : ndarray, shape (n,)
        Places in degrees.
    weights : ndarray, shape (k, n)
        One row per surface.
    bandwidth_m, bounds : optional
        As `heat_surface`.

    Returns
    -------
    list of Heat
        One per row of `weights`.

    Raises
    ------
    ParameterError
        The bandwidth is not above 0.
    """
    if not bandwidth_m > 0:
        raise ParameterError(
            "bandwidth_m", found=bandwidth_m, expected="metres above 0", hint=Hint(bandwidth_m=400)
        )
    if not len(lon):
        nothing = Heat(np.zeros((1, 1)), bounds or (0.0, 0.0, 1.0, 1.0), bandwidth_m)
        return [nothing] * len(weights)
    x, y = np.radians(lon), _mercator(lat)
    scale = np.cos(np.radians(lat))
    sigma = bandwidth_m / (EARTH_RADIUS_M * scale)  # in radians of the web projection
    west, east, south, north = _frame(x, y, sigma, bounds)
    widest = max(east - west, north - south)
    pixel = max(float(sigma.min()) / _FINEST, widest / _LONGEST)
    columns = max(int(np.ceil((east - west) / pixel)), 1)
    rows = max(int(np.ceil((north - south) / pixel)), 1)
    across = _bell_mass(np.linspace(west, east, columns + 1), x, sigma)
    down = _bell_mass(np.linspace(north, south, rows + 1), y, sigma)
    edges = np.linspace(north, south, rows + 1)
    middle = np.cos(_latitude((edges[:-1] + edges[1:]) / 2))
    side_km = EARTH_RADIUS_M / 1_000
    wide = (east - west) / columns * side_km * middle
    high = (north - south) / rows * side_km * middle
    area = (wide * high)[:, None]
    degrees = np.degrees
    box = (
        float(degrees(_latitude(south))),
        float(degrees(west)),
        float(degrees(_latitude(north))),
        float(degrees(east)),
    )
    # (down * weight) @ across.T is the weight inside each pixel
    return [Heat((down * weight) @ across.T / area, box, bandwidth_m) for weight in weights]


def steps_below(highest: float, count: int = 6) -> tuple[float, ...]:
    """At which densities does the colour change?

    Parameters
    ----------
    highest : float
        The highest density.
    count : int
        How many colours.

    Returns
    -------
    tuple of float
        `count` densities, each about half of the next, in round figures; empty where there is
        no heat.

    Examples
    --------
    >>> steps_below(10.0, 4)
    (0.62, 1.2, 2.5, 5.0)
    """
    if not highest > 0:
        return ()
    steps = [float(f"{highest / 2**power:.2g}") for power in range(count, 0, -1)]
    return tuple(sorted(set(steps)))


def picture(
    density: NDArray[np.float64], steps: Sequence[float], colours: Sequence[str], alpha: int = 190
) -> str:
    """Give the surface as a PNG inside a data address, one colour per step.

    Parameters
    ----------
    density : ndarray, shape (rows, columns)
        The surface.
    steps : sequence of float
        Lowest density of each colour, rising; what lies below the first is clear.
    colours : sequence of str
        ``"#rrggbb"``, at least as many as steps.
    alpha : int
        How opaque, 0 to 255.

    Returns
    -------
    str
        ``"data:image/png;base64,..."``.
    """
    from PIL import Image

    index = np.searchsorted(np.asarray(steps), density, side="right").astype(np.uint8)
    flat = [0, 0, 0]
    for colour in colours[: len(steps)]:
        flat += [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    image = Image.fromarray(index)
    image.putpalette(flat)
    buffer = io.BytesIO()
    clear = bytes([0] + [alpha] * len(steps))
    image.save(buffer, "PNG", transparency=clear, compress_level=6)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _mercator(lat: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.arcsinh(np.tan(np.radians(lat))))


def _latitude(y: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(np.arctan(np.sinh(y)))


def _frame(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    sigma: NDArray[np.float64],
    bounds: tuple[float, float, float, float] | None,
) -> tuple[float, float, float, float]:
    if bounds is not None:
        south, west, north, east = bounds
        low, high = _mercator(np.array([south, north]))
        return float(np.radians(west)), float(np.radians(east)), float(low), float(high)
    reach = _REACH * sigma
    return (
        float((x - reach).min()),
        float((x + reach).max()),
        float((y - reach).min()),
        float((y + reach).max()),
    )


def _bell_mass(
    edges: NDArray[np.float64], centre: NDArray[np.float64], sigma: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mass of each bell between neighbouring edges, shape (edges - 1, n)."""
    from scipy.special import ndtr

    below = ndtr((edges[:, None] - centre[None, :]) / sigma[None, :])
    return np.asarray(np.abs(np.diff(below, axis=0)))
