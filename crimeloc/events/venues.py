"""The venues as arrays, and which number a name has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from crimeloc.geometry import local_projection, lonlat, to_metres
from crimeloc.tables import VENUES, validate
from crimeloc.units import MISSING, instants

__all__ = [
    "Projection",
    "VenueArrays",
    "distinct",
    "factorised",
    "in_metres",
    "register_of",
    "sorted_text",
    "venue_arrays",
]

Projection = pyproj.CRS | Literal["local"] | None
"""A projection, ``"local"`` for the one that serves these places, or None: no metres."""


@dataclass(frozen=True)
class VenueArrays:
    """The venues of a register, in the order of their names.

    Parameters
    ----------
    venue_id : ndarray of object, shape (k,)
        Their names; a venue's code is its place here.
    row : ndarray of int64, shape (k,)
        Row of the venue table each was read from; -1 where there was no such table.
    lonlat : ndarray, shape (k, 2)
        Longitude and latitude in degrees; NaN where unknown.
    x, y : ndarray, shape (k,)
        Metres in `projection`; NaN where unknown, or where no projection was asked for.
    opened, closed : ndarray of int64, shape (k,)
        First moment and end of business, microseconds UTC; the smallest and the largest whole
        number where the register says nothing.
    projection : CRS or None
        The projection of `x` and `y`.
    """

    venue_id: NDArray[np.object_]
    row: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    opened: NDArray[np.int64]
    closed: NDArray[np.int64]
    projection: pyproj.CRS | None

    def __len__(self) -> int:
        return len(self.venue_id)

    def codes(self, names: pd.Series) -> NDArray[np.int64]:
        """Which venue of the register is each of these names?

        Parameters
        ----------
        names : Series
            Text of any dtype, categories too.

        Returns
        -------
        ndarray of int64
            Codes; -1 for a missing name and for one outside the register.
        """
        code, levels = factorised(names)
        of_level = pd.Index(self.venue_id, dtype=object).get_indexer(pd.Index(levels, dtype=object))
        return np.asarray(np.append(of_level, -1)[code], dtype=np.int64)

    def projected(self, projection: Projection) -> VenueArrays:
        """Give the same venues with metres in this projection."""
        x, y, used = in_metres(self.lonlat, projection)
        return replace(self, x=x, y=y, projection=used)


def venue_arrays(
    venues: gpd.GeoDataFrame, *, projection: Projection = None, checked: bool = False
) -> VenueArrays:
    """Turn the venue table into arrays.

    Parameters
    ----------
    venues : GeoDataFrame
        VENUES.
    projection : CRS, "local" or None
        Gives `x` and `y` in metres: ``"local"`` is `crimeloc.geometry.local_projection` of the
        venues.
    checked : bool
        The table has been held against its contract already.

    Returns
    -------
    VenueArrays
        In the order of their names, so that the order of the rows plays no part.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        The venues lie too far apart for one flat map (with ``projection="local"``).

    Examples
    --------
    >>> points = gpd.points_from_xy([127.1, 127.0], [37.5, 37.5])
    >>> table = gpd.GeoDataFrame({"venue_id": ["B", "A"]}, geometry=points, crs=4326)
    >>> register = venue_arrays(table, projection="local")
    >>> register.venue_id.tolist(), (register.x / 1000).round(1).tolist()
    (['A', 'B'], [-4.4, 4.4])
    >>> register.codes(pd.Series(["B", "Z", None])).tolist()
    [1, -1, -1]
    """
    if not checked:
        validate(venues, VENUES)
    names = venues["venue_id"].astype(object).to_numpy()
    order = sorted_text(names)
    degrees = np.full((len(names), 2), np.nan)
    if "geometry" in venues.columns:
        degrees = lonlat(gpd.GeoSeries(venues["geometry"]))[order]
    x, y, used = in_metres(degrees, projection)
    opened = np.full(len(names), MISSING)
    closed = np.full(len(names), np.iinfo(np.int64).max)
    if "opened" in venues.columns and venues["opened"].notna().any():
        opened = instants(venues["opened"], "opened")[order]
    if "closed" in venues.columns and venues["closed"].notna().any():
        found = instants(venues["closed"], "closed")[order]
        closed = np.where(found == MISSING, closed, found)
    return VenueArrays(names[order], order, degrees, x, y, opened, closed, used)


def register_of(
    code: NDArray[np.int64], levels: NDArray[np.object_], degrees: NDArray[np.float64]
) -> tuple[VenueArrays, NDArray[np.int64]]:
    """Give the places that a located table itself names, and the code of each of its rows.

    A point without a venue is a place of its own, named by its coordinates. Where the rows of a
    venue disagree about its position, the most south-western one stands for it.
    """
    code = code.copy()
    known = ~np.isnan(degrees).any(axis=1)
    nameless = np.flatnonzero((code < 0) & known)
    if len(nameless):
        points = [f"@{lat:.6f},{lon:.6f}" for lon, lat in degrees[nameless].tolist()]
        number, found = pd.factorize(np.array(points, dtype=object))
        code[nameless] = len(levels) + number
        levels = np.concatenate([levels, found])
    used, first = np.unique(code, return_index=True)
    used, first = used[used >= 0], first[used >= 0]
    order = sorted_text(levels[used])
    rank = np.full(len(levels) + 1, -1, np.int64)  # the last one is that of code -1
    rank[used[order]] = np.arange(len(used))
    code = rank[code]
    where = degrees[first[order]]
    there = np.flatnonzero(known & (code >= 0))
    apart = there[(degrees[there] != where[code[there]]).any(axis=1)]
    if len(apart):
        several = np.flatnonzero(known & np.isin(code, code[apart]))
        last = several[np.lexsort([-degrees[several, 0], -degrees[several, 1], code[several]])]
        where[code[last]] = degrees[last]
    unknown = np.full(len(used), np.nan)
    always, never = np.full(len(used), MISSING), np.full(len(used), np.iinfo(np.int64).max)
    ids = levels[used][order]
    row = np.full(len(used), -1, np.int64)
    return VenueArrays(ids, row, where, unknown, unknown, always, never, None), code


def factorised(names: pd.Series) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Number the different texts of a column, whatever its dtype; -1 where one is missing.

    The texts stand in no particular order, and of a categorical column some may be unused.
    """
    if isinstance(names.dtype, pd.CategoricalDtype):
        code, levels = names.cat.codes.to_numpy(), names.cat.categories
    else:
        code, levels = pd.factorize(names)
    return code.astype(np.int64), np.asarray(levels, dtype=object)


def sorted_text(names: NDArray[np.object_]) -> NDArray[np.int64]:
    """Give the order of different texts, by their characters."""
    text = pd.array(names, dtype="str")
    return np.asarray(text.argsort(kind="stable"), dtype=np.int64)


def distinct(degrees: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the different points; also give a row of each."""
    if not len(degrees):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    lon, _ = pd.factorize(degrees[:, 0], use_na_sentinel=False)
    lat, levels = pd.factorize(degrees[:, 1], use_na_sentinel=False)
    code, _ = pd.factorize(lon.astype(np.int64) * len(levels) + lat)
    first = np.empty(int(code.max()) + 1, np.int64)
    first[code[::-1]] = np.arange(len(code) - 1, -1, -1)
    return code.astype(np.int64), first


def in_metres(
    degrees: NDArray[np.float64], projection: Projection
) -> tuple[NDArray[np.float64], NDArray[np.float64], pyproj.CRS | None]:
    """Give x and y in metres, and the projection they are in; each place is projected once."""
    if projection is None:
        unknown = np.full(len(degrees), np.nan)
        return unknown, unknown, None
    used = local_projection(degrees) if isinstance(projection, str) else projection
    code, first = distinct(degrees)
    metres = to_metres(degrees[first], used)[code]
    return np.ascontiguousarray(metres[:, 0]), np.ascontiguousarray(metres[:, 1]), used
