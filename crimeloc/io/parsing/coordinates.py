"""From columns of coordinates to longitude and latitude, and a check against addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from crimeloc.errors import FileError, ParameterError
from crimeloc.geometry import TABLE_CRS, great_circle_m
from crimeloc.io.columns.matching import plain_name
from crimeloc.io.formats.raw_table import Ledger, Records
from crimeloc.io.notes import Notes
from crimeloc.io.parsing.column_types import numbers, shown_names, text
from crimeloc.io.rows import Rows
from crimeloc.messages import Hint, Message

__all__ = ["KOREAN_CRS", "Places", "degrees", "place_rows"]

LOCALDATA_CRS = "EPSG:5174"
KOREAN_CRS = ("EPSG:5174", "EPSG:2097", "EPSG:5181", "EPSG:5186", "EPSG:5179")
"""Systems in which Korean registers were seen, Bessel and GRS80, with and without the 10.405 s."""

_LOCALDATA = (
    frozenset(["관리번호", "인허가일자", "영업상태명", "사업장명"]),
    frozenset(["mgtno", "apvpermymd", "trdstatenm", "bplcnm"]),
)
"""Columns of the licence registers, as files and as the interface for programs name them."""

_WIDEST_M = 5_000.0
"""No venue is wider than that: the middle of such a shape is nobody's place."""


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


def place_rows(rows: Rows, crs: str | int | None) -> Places:
    """Where does each row of this register lie?

    Parameters
    ----------
    rows : Rows
        Rows of the file; those without usable coordinates are refused.
    crs : str or int or None
        What the caller says of the coordinates.

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
    records, parts, ledger, notes = rows.records, rows.parts, rows.ledger, rows.notes
    shapes = [i for i in range(len(records.names)) if records.cells[i].dtype == object]
    if shapes:
        return _from_shapes(rows, np.array(records.cells[shapes[0]], dtype=object), shapes[0])
    if "wkt" in parts and not {"lon", "lat"} <= set(parts):
        return _from_wkt(rows, crs)
    if "lon" in parts and "lat" in parts:
        pair, chosen = ("lon", "lat"), _named(crs) if crs is not None else TABLE_CRS
    elif "x" in parts and "y" in parts:
        pair, chosen = ("x", "y"), _system(records, parts, crs, notes)
    else:
        shown = shown_names(records.names)
        raise FileError(
            rows.name,
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
    lonlat = degrees(np.where(missing[:, None], np.nan, xy), chosen)
    outside = ~missing & (
        ~np.isfinite(lonlat).all(axis=1)
        | (np.abs(lonlat[:, 0]) > 180)
        | (np.abs(lonlat[:, 1]) > 90)
    )
    ledger.refuse(outside, Message("place.outside", crs=chosen), label)
    lonlat[outside] = np.nan
    notes.add("coordinates read as {crs}", crs=chosen)
    return Places(lonlat, xy, chosen)


def _refuse_swapped(xy: NDArray[np.float64], ledger: Ledger, label: str) -> None:
    swapped = (np.abs(xy[:, 1]) > 90) & (np.abs(xy[:, 0]) <= 90)
    ledger.refuse(swapped, Message("place.swapped"), label)


def _system(records: Records, parts: dict[str, int], crs: str | int | None, notes: Notes) -> str:
    if crs is not None:
        return _named(crs)
    labels = records.names[parts["x"]] + records.names[parts["y"]]
    stated = re.search(r"(?i)epsg\s*:?\s*(\d{4,5})", labels)
    if stated is not None:
        return f"EPSG:{stated[1]}"
    names = {plain_name(name) for name in records.names}
    if any(names >= known for known in _LOCALDATA):
        notes.add("a LOCALDATA licence register, which is in {crs}", crs=LOCALDATA_CRS)
        return LOCALDATA_CRS
    values = numbers(records.cells[parts["x"]])[0], numbers(records.cells[parts["y"]])[0]
    if all(np.nanmax(np.abs(v), initial=0) <= 180 for v in values):
        notes.add("x and y lie within degrees and were read as longitude and latitude")
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


def degrees(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Turn coordinates into longitude and latitude; NaN stays NaN."""
    if crs == TABLE_CRS:
        return xy.copy()
    transform = pyproj.Transformer.from_crs(crs, TABLE_CRS, always_xy=True)
    result = np.full(xy.shape, np.nan)
    known = ~np.isnan(xy).any(axis=1)
    if known.any():
        result[known] = np.column_stack(transform.transform(*xy[known].T))
    return result


def _from_wkt(rows: Rows, crs: str | int | None) -> Places:
    """Shapes as well-known text."""
    label = rows.label("wkt")
    texts = text(rows.cells("wkt"))
    shapes = np.full(len(texts), None, dtype=object)
    for place, written in enumerate(texts.tolist()):
        if isinstance(written, str):
            plain = re.sub(r"^SRID=\d+;", "", written)
            try:
                shapes[place] = shapely.from_wkt(plain)
            except shapely.errors.ShapelyError as error:
                why = str(error).splitlines()[0][:80]
                bad = np.zeros(len(texts), dtype=np.bool_)
                bad[place] = True
                rows.ledger.refuse(bad, Message("place.unreadable", why=why), label)
    chosen = TABLE_CRS if crs is None else _named(crs)
    if chosen != TABLE_CRS:
        transform = pyproj.Transformer.from_crs(chosen, TABLE_CRS, always_xy=True)
        function: Any = transform.transform
        known = ~shapely.is_missing(shapes)
        shapes[known] = shapely.transform(shapes[known], function, interleaved=False)
    rows.notes.add("coordinates read as {crs}", crs=chosen)
    return _from_shapes(rows, shapes, rows.parts["wkt"])


def _from_shapes(rows: Rows, array: NDArray[np.object_], position: int) -> Places:
    ledger, label = rows.ledger, rows.records.names[position]
    missing = shapely.is_missing(array) | shapely.is_empty(array)
    ledger.refuse(missing, Message("place.no-geometry"), label)
    array[missing] = None
    kinds = shapely.get_type_id(array)
    middle = array.copy()
    areas = ~missing & (kinds != 0)
    middle[areas] = shapely.centroid(array[areas])
    xy = np.column_stack([shapely.get_x(middle), shapely.get_y(middle)])
    wrong = ~missing & (~np.isfinite(xy).all(axis=1) | (np.abs(xy) > [180, 90]).any(axis=1))
    ledger.refuse(wrong, Message("place.outside", crs="degrees"), label)
    _say_middles(rows, array, areas & ~wrong, label)
    xy[wrong] = np.nan
    return Places(xy, xy, TABLE_CRS)


def _say_middles(
    rows: Rows, shapes: NDArray[np.object_], areas: NDArray[np.bool_], label: str
) -> None:
    """Say that the middle of areas was taken, and refuse what is too wide for a venue."""
    if not areas.any():
        return
    places = np.flatnonzero(areas)
    left, low, right, high = shapely.bounds(shapes[places]).T
    wide = great_circle_m(left, low, right, high)
    reasons = np.full(len(shapes), None, dtype=object)
    for place, metres in zip(places.tolist(), wide.tolist(), strict=True):
        if metres > _WIDEST_M:
            reasons[place] = Message("place.wide", km=round(metres / 1_000, 1))
    rows.ledger.refuse_each(reasons, label)
    kept = wide <= _WIDEST_M
    if kept.any():
        rows.notes.add(
            "{n:,} venues are no points: the middle of their shapes was taken (up to {m:metres} "
            "across)",
            n=int(kept.sum()),
            m=float(wide[kept].max()),
        )
