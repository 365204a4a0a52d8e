"""The one place that chooses a projection.

Tables keep longitude and latitude (EPSG:4326). Methods work in metres, in one projection per
question: an azimuthal equidistant one around the middle of the data, or, for data that spans
Korea, EPSG:5179 (Korea 2000 / Unified CS).
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message

__all__ = [
    "EARTH_RADIUS_M",
    "KOREA_CRS",
    "TABLE_CRS",
    "great_circle_m",
    "local_projection",
    "lonlat",
    "points",
    "to_lonlat",
    "to_metres",
]

TABLE_CRS = "EPSG:4326"
KOREA_CRS = "EPSG:5179"
EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG), in metres."""

LOCAL_EXTENT_M = 300_000.0
"""Up to this diagonal a local projection is used: lengths are then right to about 1 in 10,000."""

_KOREA = (124.0, 33.0, 132.0, 39.0)


def lonlat(geometry: gpd.GeoSeries, name: str = "geometry") -> NDArray[np.float64]:
    """Where are these points, in degrees?

    Parameters
    ----------
    geometry : GeoSeries
        Points with a CRS; any CRS is turned into EPSG:4326. Missing points become NaN.
    name : str
        Name of the column, for the error text.

    Returns
    -------
    ndarray, shape (n, 2)
        Longitude and latitude in degrees.

    Raises
    ------
    ParameterError
        There is no CRS, or a geometry is not a point.

    Examples
    --------
    >>> lonlat(gpd.GeoSeries.from_xy([127.0], [37.5], crs=4326)).tolist()
    [[127.0, 37.5]]
    """
    if geometry.crs is None:
        raise ParameterError(
            name,
            found="geometry without a CRS",
            expected="points with a CRS",
            hint="venues.set_crs(4326)",
        )
    degrees = geometry if geometry.crs == TABLE_CRS else geometry.to_crs(TABLE_CRS)
    array = np.asarray(degrees.array)
    missing = shapely.is_missing(array) | shapely.is_empty(array)
    kinds = shapely.get_type_id(array)
    if ((kinds != 0) & ~missing).any():
        raise ParameterError(
            name,
            found="geometries that are not points",
            expected="points",
            hint="venues.set_geometry(centroids)",
        )
    return np.column_stack([shapely.get_x(array), shapely.get_y(array)])


def points(coordinates: ArrayLike) -> gpd.GeoSeries:
    """Give longitudes and latitudes as points.

    Parameters
    ----------
    coordinates : array-like, shape (n, 2)
        Longitude and latitude in degrees; a NaN makes a missing point.

    Returns
    -------
    GeoSeries
        EPSG:4326.
    """
    degrees = np.asarray(coordinates, dtype=np.float64).reshape(-1, 2)
    made = np.asarray(shapely.points(degrees), dtype=object)
    made[np.isnan(degrees).any(axis=1)] = None
    return gpd.GeoSeries(made, crs=TABLE_CRS)


def local_projection(coordinates: ArrayLike) -> pyproj.CRS:
    """Which projection serves these places?

    Parameters
    ----------
    coordinates : array-like, shape (n, 2)
        Longitude and latitude in degrees; NaN rows are passed over.

    Returns
    -------
    CRS
        Azimuthal equidistant around the middle of the data while its diagonal is at most 300 km;
        EPSG:5179 for wider data inside Korea.

    Raises
    ------
    ParameterError
        A coordinate is out of range, or the data is wider than 300 km and not in Korea, where one
        flat map would be wrong without saying so.

    Notes
    -----
    Lengths in the azimuthal projection are off by less than (r / R)^2 / 6, r being half the
    diagonal: 1 in 10,000 at 150 km, 1 in 600,000 over a city.

    Examples
    --------
    >>> local_projection([[126.9, 37.5], [127.1, 37.6]]).coordinate_operation.method_name
    'Azimuthal Equidistant'
    >>> local_projection([[126.5, 33.5], [129.1, 38.2]]).to_epsg()
    5179
    """
    degrees = np.asarray(coordinates, dtype=np.float64).reshape(-1, 2)
    degrees = degrees[~np.isnan(degrees).any(axis=1)]
    if not len(degrees):
        return _azimuthal(0.0, 0.0)
    west, south = degrees.min(axis=0)
    east, north = degrees.max(axis=0)
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ParameterError(
            "geometry",
            found=Message(
                "coordinates from ({west:.1f}, {south:.1f}) to ({east:.1f}, {north:.1f})",
                west=west,
                south=south,
                east=east,
                north=north,
            ),
            expected="degrees",
            hint=Hint("read_venues", crs="EPSG:5174"),
        )
    if great_circle_m(west, south, east, north) <= LOCAL_EXTENT_M:
        return _azimuthal((west + east) / 2, (south + north) / 2)
    if west >= _KOREA[0] and south >= _KOREA[1] and east <= _KOREA[2] and north <= _KOREA[3]:
        return pyproj.CRS(KOREA_CRS)
    raise ParameterError(
        "geometry",
        found=Message(
            "places {km:,.0f} km apart",
            km=float(great_circle_m(west, south, east, north)) / 1000,
        ),
        expected="one region of at most 300 km, or Korea",
        hint="venues.cx[west:east, south:north]",
    )


def to_metres(coordinates: ArrayLike, projection: pyproj.CRS | None = None) -> NDArray[np.float64]:
    """Where are these points, in metres?

    Parameters
    ----------
    coordinates : array-like, shape (n, 2)
        Longitude and latitude in degrees; NaN rows stay NaN.
    projection : CRS, optional
        As `local_projection` gives it; by default the one that serves these points. Give it when
        two tables must lie on one map.

    Returns
    -------
    ndarray, shape (n, 2)
        x (east) and y (north) in metres.

    Examples
    --------
    >>> xy = to_metres([[127.0, 37.5], [127.0, 37.509]])
    >>> round(xy[1, 1] - xy[0, 1])
    999
    """
    degrees = np.asarray(coordinates, dtype=np.float64).reshape(-1, 2)
    chosen = local_projection(degrees) if projection is None else projection
    result = np.full(degrees.shape, np.nan)
    known = ~np.isnan(degrees).any(axis=1)
    if known.any():
        transform = pyproj.Transformer.from_crs(TABLE_CRS, chosen, always_xy=True)
        result[known] = np.column_stack(transform.transform(*degrees[known].T))
    return result


def to_lonlat(metres: ArrayLike, projection: pyproj.CRS) -> NDArray[np.float64]:
    """Where are these metres, in degrees?

    Parameters
    ----------
    metres : array-like, shape (n, 2)
        x and y in metres.
    projection : CRS
        The projection they are in.

    Returns
    -------
    ndarray, shape (n, 2)
        Longitude and latitude in degrees.

    Examples
    --------
    >>> crs = local_projection([[127.0, 37.5]])
    >>> to_lonlat([[0.0, 0.0]], crs).round(6).tolist()
    [[127.0, 37.5]]
    """
    flat = np.asarray(metres, dtype=np.float64).reshape(-1, 2)
    result = np.full(flat.shape, np.nan)
    known = ~np.isnan(flat).any(axis=1)
    if known.any():
        transform = pyproj.Transformer.from_crs(projection, TABLE_CRS, always_xy=True)
        result[known] = np.column_stack(transform.transform(*flat[known].T))
    return result


def great_circle_m(
    lon_1: ArrayLike, lat_1: ArrayLike, lon_2: ArrayLike, lat_2: ArrayLike
) -> NDArray[np.float64]:
    """How far apart are these places along the surface of a round earth?

    Parameters
    ----------
    lon_1, lat_1, lon_2, lat_2 : array-like
        Degrees; they are broadcast against each other.

    Returns
    -------
    ndarray
        Metres, by the haversine formula with a radius of 6,371,008.8 m.

    Notes
    -----
    The round earth is off by up to 0.5 % against the ellipsoid.

    Examples
    --------
    >>> float(great_circle_m(127.0, 37.0, 127.0, 38.0).round())
    111195.0
    """
    phi_1, phi_2 = np.radians(lat_1), np.radians(lat_2)
    half_phi = (phi_2 - phi_1) / 2
    half_lambda = (np.radians(lon_2) - np.radians(lon_1)) / 2
    chord = np.sin(half_phi) ** 2 + np.cos(phi_1) * np.cos(phi_2) * np.sin(half_lambda) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))


def _azimuthal(lon: float, lat: float) -> pyproj.CRS:
    centre = f"+lat_0={float(lat)!r} +lon_0={float(lon)!r}"
    return pyproj.CRS(f"+proj=aeqd {centre} +datum=WGS84 +units=m +no_defs")
