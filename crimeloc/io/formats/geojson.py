"""Features of GeoJSON: their properties as rows, their shapes as a column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from crimeloc.geometry import TABLE_CRS
from crimeloc.io.formats.crs_names import named_crs
from crimeloc.io.formats.json_rows import Item, rows_of_items
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.messages import Message

__all__ = ["crs_name", "rows_of_features"]


def rows_of_features(features: list[Item], broken: list[Broken], words: str, crs: str) -> Records:
    """Make a table of features.

    Parameters
    ----------
    features : list of Item
        The features.
    broken : list of Broken
        What is no feature; takes those whose shape cannot be read.
    words : str
        What the file is.
    crs : str
        Name of the coordinate system that the file states, or an empty text.

    Returns
    -------
    Records
        Rows with a column ``geometry`` in EPSG:4326.

    Raises
    ------
    ValueError
        There is no such coordinate system.
    """
    items: list[Item] = []
    shapes = []
    for number, value, raw in features:
        try:
            shape = _shape(value.get("geometry"))
        except Exception as error:  # shapely meets arbitrary nesting here
            why = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
            broken.append(Broken(number, Message("place.unreadable", why=why), raw))
            continue
        inside = value.get("properties")
        row = inside if isinstance(inside, dict) else {}
        if "id" in value and "@id" not in row:
            row["@id"] = value["id"]
        items.append((number, row, raw))
        shapes.append(shape)
    records = rows_of_items(items, broken, words, "", empty_is_fine=True)
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    if crs and "CRS84" not in crs and not crs.endswith("4326"):
        transform = pyproj.Transformer.from_crs(named_crs(crs), TABLE_CRS, always_xy=True)
        known = ~shapely.is_missing(array)
        function: Any = transform.transform
        array[known] = shapely.transform(array[known], function, interleaved=False)
        records.notes.add("coordinates turned from {crs} into degrees", crs=crs)
    records.names.append("geometry")
    records.cells[len(records.names) - 1] = pd.Series(array, dtype=object)
    return records


def _shape(geometry: Any) -> Any:
    if geometry is None:
        return None
    if not isinstance(geometry, dict):
        raise ValueError("a geometry that is no object")
    kind, places = geometry.get("type"), geometry.get("coordinates")
    if kind == "GeometryCollection":
        parts = [_shape(one) for one in geometry.get("geometries") or []]
        return shapely.GeometryCollection([part for part in parts if part is not None])
    if kind == "Point":
        return shapely.Point(float(places[0]), float(places[1])) if places else None
    from shapely.geometry import shape

    return shape({"type": kind, "coordinates": _floats(places)})


def _floats(places: Any) -> Any:
    return [_floats(p) for p in places] if isinstance(places, list) else float(places)


def crs_name(value: Any) -> str:
    """Which coordinate system does the member ``crs`` name?"""
    try:
        return str(value["properties"]["name"])
    except (KeyError, TypeError):
        return ""
