"""Take boundaries and places out of GeoJSON, GeoPackage and shapefiles.

The kind of a file is read off its first bytes, and each kind has one reader. GDAL is not asked:
it chooses a driver by what a file says, and a file that calls itself ``outline.geojson`` may hold
the description of a service to be asked or of another file to be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from crimeloc.errors import FileError
from crimeloc.geometry import TABLE_CRS
from crimeloc.io.columns.matching import different_names
from crimeloc.io.formats.file_head import first_bytes
from crimeloc.io.formats.geopackage import Layer, layer_names, read_layer
from crimeloc.io.formats.raw_table import Records
from crimeloc.io.formats.shapefiles import is_shapefile, read_shapefile
from crimeloc.io.notes import Notes
from crimeloc.messages import Message

__all__ = ["points_of_wkb", "read_geopackage", "read_shapefile_rows", "read_shapes"]

SQLITE = b"SQLite format 3\x00"
KINDS = "GeoJSON, GeoPackage or a shapefile"


def read_shapes(path: str | Path, *, layer: str | None = None) -> gpd.GeoDataFrame:
    """Which boundaries does this file hold?

    Parameters
    ----------
    path : str or Path
        GeoJSON, GeoPackage or a shapefile (``.shp`` with its ``.dbf``).
    layer : str, optional
        Table of a GeoPackage; by default the first.

    Returns
    -------
    GeoDataFrame
        As it stands in the file; GeoJSON is in EPSG:4326.

    Raises
    ------
    FileError
        The file is of another kind, is damaged, or holds no shapes.

    Notes
    -----
    Nothing but the file itself (for a shapefile, its parts) is opened, and no address is asked,
    whatever the file says. Views and virtual tables of a GeoPackage are not read.

    Examples
    --------
    >>> import json, tempfile
    >>> ring = [[127.0, 37.5], [127.1, 37.5], [127.1, 37.6], [127.0, 37.5]]
    >>> shape = {"type": "Polygon", "coordinates": [ring]}
    >>> feature = {"type": "Feature", "properties": {"name": "가람구"}, "geometry": shape}
    >>> path = Path(tempfile.mkdtemp()) / "outline.geojson"
    >>> _ = path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    >>> read_shapes(path)["name"].tolist()
    ['가람구']
    """
    place = Path(path)
    head = first_bytes(place)
    try:
        frame = _frame(place, head, layer)
    except ValueError as error:
        if isinstance(error, FileError):
            raise
        why = (str(error).splitlines() or [""])[0][:120]
        raise FileError(
            place.name,
            found=Message("no shapes that can be read ({why})", why=why),
            expected=KINDS,
            hint="export it again",
        ) from error
    if frame.geometry.isna().all():
        raise FileError(
            place.name, found="no geometry", expected="shapes", hint="export it with geometry"
        )
    return frame


def read_geopackage(path: Path, layer: str | None = None) -> list[Records]:
    """Which rows do the layers of this GeoPackage hold?

    Parameters
    ----------
    path : Path
        The file.
    layer : str, optional
        One layer; by default all.

    Returns
    -------
    list of Records
        One for each layer: rows numbered from 1, shapes in EPSG:4326.

    Raises
    ------
    FileError
        The file is damaged, is no GeoPackage or has no such layer.
    """
    try:
        names = [layer] if layer is not None else layer_names(path)
        layers = [read_layer(path, name) for name in names] or [read_layer(path)]
    except ValueError as error:
        raise FileError(
            path.name,
            found=Message("no GeoPackage that can be read ({why})", why=str(error)[:120]),
            expected="a GeoPackage",
            hint="export it again",
        ) from error
    tables = []
    for found in layers:
        records = _rows("GeoPackage", found.columns, found.shapes, found.crs)
        records.part = found.name
        tables.append(records)
    return tables


def read_shapefile_rows(path: Path) -> Records:
    """Which rows does this shapefile hold?

    Parameters
    ----------
    path : Path
        The ``.shp``, with its ``.dbf`` beside it.

    Returns
    -------
    Records
        Rows numbered from 1, shapes in EPSG:4326.

    Raises
    ------
    FileError
        The file is damaged, or its parts are missing.
    """
    try:
        found = read_shapefile(path)
    except ValueError as error:
        raise FileError(
            path.name,
            found=Message("no shapes that can be read ({why})", why=str(error)[:120]),
            expected=KINDS,
            hint="export it again",
        ) from error
    records = _rows("shapefile", found.columns, found.shapes, found.crs)
    records.encoding = found.encoding
    return records


def _rows(
    words: str, columns: Mapping[str, Any], shapes: NDArray[np.object_], crs: pyproj.CRS | None
) -> Records:
    notes = Notes()
    if crs is None:
        notes.warn("the file names no coordinate system: its coordinates were read as degrees")
    else:
        notes.add("coordinates in {crs}", crs=crs.to_string())
        if crs != TABLE_CRS:
            shapes = _turned(shapes, crs)
    names = different_names([*columns, "geometry"], notes)
    cells = {number: _column(values) for number, values in enumerate(columns.values())}
    cells[len(columns)] = pd.Series(shapes, dtype=object)
    size = len(shapes)

    def raw(place: int) -> str:
        texts = [values[place] for values in columns.values()]
        return "\t".join(str(value) for value in [*texts, shapes[place]])

    return Records(
        words,
        names,
        pd.DataFrame(cells, index=range(size)),
        np.arange(1, size + 1, dtype=np.int64),
        raw,
        notes=notes,
    )


def _frame(place: Path, head: bytes, layer: str | None) -> gpd.GeoDataFrame:
    if head.startswith(SQLITE):
        found: Layer = read_layer(place, layer)
        return _geo(found.columns, found.shapes, found.crs)
    if is_shapefile(head):
        shapes = read_shapefile(place)
        return _geo(shapes.columns, shapes.shapes, shapes.crs)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text.startswith((b"{", b"[")):
        raise ValueError("a file of another kind")
    from crimeloc.io.formats.json_text import read_json_text

    records = read_json_text(place.read_bytes(), place.name)[0]
    if "geometry" not in records.names:
        raise ValueError("JSON without features")
    columns = {name: records.cells[number] for number, name in enumerate(records.names)}
    shapes_of: NDArray[np.object_] = np.asarray(columns.pop("geometry"), dtype=object)
    return _geo(columns, shapes_of, TABLE_CRS)


def _geo(columns: Mapping[str, Any], shapes: NDArray[np.object_], crs: Any) -> gpd.GeoDataFrame:
    table = pd.DataFrame({name: _column(values) for name, values in columns.items()})
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(list(shapes), crs=crs), crs=crs)


def _column(values: Any) -> pd.Series:
    """Numbers stay numbers; everything else is text, and what is missing stays missing."""
    column = pd.Series(values, dtype=object)
    known = column.dropna()
    if len(known) and all(type(value) in (int, float) for value in known):
        return pd.to_numeric(column)
    return column.map(str, na_action="ignore").astype("str")


def _turned(shapes: NDArray[np.object_], system: pyproj.CRS) -> NDArray[np.object_]:
    transform: Any = pyproj.Transformer.from_crs(system, TABLE_CRS, always_xy=True).transform
    known = ~shapely.is_missing(shapes)
    made = shapes.copy()
    made[known] = shapely.transform(shapes[known], transform, interleaved=False)
    return made


def points_of_wkb(values: list[bytes | None], crs: str) -> NDArray[np.object_]:
    """Turn well-known binary into shapes in EPSG:4326.

    Parameters
    ----------
    values : list of bytes
        Shapes; None where there is none. What cannot be read becomes None.
    crs : str
        Their system.

    Returns
    -------
    ndarray of object
        Shapes.
    """
    made = shapely.from_wkb(np.array(values, dtype=object), on_invalid="ignore")
    array = np.asarray(made, dtype=object)
    if "CRS84" in crs or crs.endswith(":4326"):
        return array
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ValueError(f"no coordinate system {crs[:60]!r}") from error
    return array if system.to_epsg() == 4326 else _turned(array, system)
