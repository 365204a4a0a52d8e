"""From columns of coordinates to longitude and latitude, and a check against addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from crimeloc.errors import FileError, ParameterError
from crimeloc.geometry import TABLE_CRS, points
from crimeloc.io.formats.raw_table import Ledger, Records
from crimeloc.io.parsing.column_types import numbers, shown_names
from crimeloc.io.quality.districts import Districts, district_bounds
from crimeloc.messages import Hint, Message

__all__ = ["Places", "district_note", "district_share", "place_rows"]

LOCALDATA_CRS = "EPSG:5174"
KOREAN_CRS = ("EPSG:5174", "EPSG:2097", "EPSG:5181", "EPSG:5186", "EPSG:5179")
"""Systems in which Korean registers were seen, Bessel and GRS80, with and without the 10.405 s."""

_LOCALDATA = {"관리번호", "인허가일자", "영업상태명", "사업장명"}


@dataclass(frozen=True)
class Places:
    """Where the rows of a register lie.

    Parameters
    ----------
    lonlat : ndarray, shape (n, 2)
        Degrees; NaN where there is nothing.
    xy : ndarray, shape (n, 2)
        As the file has them.
    crs : str
        The system they were read in.
    """

    lonlat: NDArray[np.float64]
    xy: NDArray[np.float64]
    crs: str


def place_rows(
    records: Records,
    parts: dict[str, int],
    crs: str | int | None,
    name: str,
    ledger: Ledger,
    notes: list[str],
) -> Places:
    """Where does each row of this register lie?

    Parameters
    ----------
    records : Records
        Rows of the file.
    parts : dict
        Part to position.
    crs : str or int or None
        What the caller says of the coordinates.
    name : str
        File name, for the error text.
    ledger : Ledger
        Takes the rows without usable coordinates.
    notes : list of str
        Takes what is worth knowing.

    Returns
    -------
    Places
        Degrees, and the coordinates as they stand in the file.

    Raises
    ------
    FileError
        No coordinates.
    ParameterError
        Coordinates in metres without a system, or no such system.
    """
    shapes = [i for i in range(len(records.names)) if records.cells[i].dtype == object]
    if shapes:
        return _from_shapes(records, shapes[0], ledger)
    if "lon" in parts and "lat" in parts:
        pair, chosen = ("lon", "lat"), _named(crs) if crs is not None else TABLE_CRS
    elif "x" in parts and "y" in parts:
        pair, chosen = ("x", "y"), _system(records, parts, crs, notes)
    else:
        shown = shown_names(records.names)
        raise FileError(
            name,
            found=Message("no coordinates among {shown}", shown=shown),
            expected="columns such as 'lon' and 'lat'",
            hint=Hint(columns={"lon": "...", "lat": "..."}),
        )
    xy = np.full((len(records), 2), np.nan)
    for axis, part in enumerate(pair):
        label = records.names[parts[part]]
        values, bad = numbers(records.cells[parts[part]])
        ledger.refuse(bad, Message("place.no-number"), label)
        xy[:, axis] = np.where(bad, np.nan, values)
    label = records.names[parts[pair[0]]]
    missing = np.isnan(xy).any(axis=1) | (xy == 0).all(axis=1)
    ledger.refuse(missing, Message("place.missing"), label)
    if pair == ("lon", "lat") and chosen == TABLE_CRS:
        _refuse_swapped(xy, ledger, label)
    lonlat = _degrees(np.where(missing[:, None], np.nan, xy), chosen)
    outside = ~missing & (
        ~np.isfinite(lonlat).all(axis=1)
        | (np.abs(lonlat[:, 0]) > 180)
        | (np.abs(lonlat[:, 1]) > 90)
    )
    ledger.refuse(outside, Message("place.outside", crs=chosen), label)
    lonlat[outside] = np.nan
    notes.append(f"coordinates read as {chosen}")
    return Places(lonlat, xy, chosen)


def _refuse_swapped(xy: NDArray[np.float64], ledger: Ledger, label: str) -> None:
    swapped = (np.abs(xy[:, 1]) > 90) & (np.abs(xy[:, 0]) <= 90)
    ledger.refuse(swapped, Message("place.swapped"), label)


def _system(
    records: Records, parts: dict[str, int], crs: str | int | None, notes: list[str]
) -> str:
    if crs is not None:
        return _named(crs)
    labels = records.names[parts["x"]] + records.names[parts["y"]]
    stated = re.search(r"(?i)epsg\s*:?\s*(\d{4,5})", labels)
    if stated is not None:
        return f"EPSG:{stated[1]}"
    if set(records.names) >= _LOCALDATA:
        notes.append(f"a LOCALDATA licence register, which is in {LOCALDATA_CRS}")
        return LOCALDATA_CRS
    values = numbers(records.cells[parts["x"]])[0], numbers(records.cells[parts["y"]])[0]
    if all(np.nanmax(np.abs(v), initial=0) <= 180 for v in values):
        notes.append("x and y lie within degrees and were read as longitude and latitude")
        return TABLE_CRS
    raise ParameterError(
        "crs",
        found="coordinates in metres and no system",
        expected="the system they are in",
        hint=Hint("read_venues", crs="EPSG:5174"),
    )


def _named(crs: str | int) -> str:
    try:
        made = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ParameterError(
            "crs", found=repr(crs), expected="a coordinate system", hint=Hint(crs="EPSG:5174")
        ) from error
    code = made.to_epsg()
    return f"EPSG:{code}" if code is not None else str(made.to_string())


def _degrees(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    if crs == TABLE_CRS:
        return xy.copy()
    transform = pyproj.Transformer.from_crs(crs, TABLE_CRS, always_xy=True)
    result = np.full(xy.shape, np.nan)
    known = ~np.isnan(xy).any(axis=1)
    if known.any():
        result[known] = np.column_stack(transform.transform(*xy[known].T))
    return result


def _from_shapes(records: Records, position: int, ledger: Ledger) -> Places:
    array = np.array(records.cells[position].to_numpy(), dtype=object)
    missing = shapely.is_missing(array) | shapely.is_empty(array)
    label = records.names[position]
    ledger.refuse(missing, Message("place.no-geometry"), label)
    array[missing] = None
    kinds = shapely.get_type_id(array)
    middle = array.copy()
    areas = ~missing & (kinds != 0)
    middle[areas] = shapely.centroid(array[areas])
    xy = np.column_stack([shapely.get_x(middle), shapely.get_y(middle)])
    wrong = ~missing & (~np.isfinite(xy).all(axis=1) | (np.abs(xy) > [180, 90]).any(axis=1))
    ledger.refuse(wrong, Message("place.outside", crs="degrees"), label)
    xy[wrong] = np.nan
    return Places(xy, xy, TABLE_CRS)


def district_share(
    venues: gpd.GeoDataFrame, districts: str | Path | gpd.GeoDataFrame | Districts
) -> tuple[int, int]:
    """How many venues lie in the district that their own address names?

    Parameters
    ----------
    venues : GeoDataFrame
        With a column ``address``.
    districts : path or GeoDataFrame
        Boundaries with a column of names.

    Returns
    -------
    inside, asked : int
        Venues inside, of those whose address names one of the districts.

    Raises
    ------
    FileError
        The boundaries cannot be read or have no names.
    """
    bounds = districts if isinstance(districts, Districts) else district_bounds(districts)
    inside, asked, _ = bounds.share(venues)
    return inside, asked


def district_note(
    venues: gpd.GeoDataFrame,
    places: Places,
    rows: NDArray[np.int64],
    districts: str | Path | gpd.GeoDataFrame,
) -> str:
    """Say which share of the venues lies in its own district, and which system would fit better.

    Parameters
    ----------
    venues : GeoDataFrame
        The venues as read.
    places : Places
        Their coordinates as the file has them.
    rows : ndarray of int64
        Which rows of the file the venues are.
    districts : path or GeoDataFrame
        Boundaries.

    Returns
    -------
    str
        One sentence for the report; it begins with ``warning:`` where another system fits better
        or less than half of the venues lie in their own district.
    """
    bounds = district_bounds(districts)
    inside, asked, unclear = bounds.share(venues)
    if not asked:
        return "no address names one of the districts given; the coordinates were not checked"
    said = f"{inside:,} of {asked:,} venues ({inside / asked:.1%}) lie in their own district"
    if unclear:
        shown = ", ".join(unclear[:3]) + (" ..." if len(unclear) > 3 else "")
        said += f" (of several districts called {shown} the nearest was taken)"
    best, best_crs = inside, places.crs
    metres = np.nanmax(np.abs(places.xy[rows]), initial=0) > 180
    if metres:
        for other in KOREAN_CRS:
            moved = venues.set_geometry(points(_degrees(places.xy[rows], other)))
            count, _ = district_share(moved, bounds)
            if count > best:
                best, best_crs = count, other
    if best - inside > 0.01 * asked:
        return (
            f"warning: read as {places.crs}, {said}; as {best_crs} it would be "
            f"{best / asked:.1%}: read_venues(..., crs={best_crs!r})"
        )
    few = "warning: " if inside < asked / 2 else ""
    if not metres:
        return f"{few}read as {places.crs}, {said}; degrees were held against no other system"
    others = f"no other system of {len(KOREAN_CRS)} fits better"
    return f"{few}read as {places.crs}, {said}; {others}"
