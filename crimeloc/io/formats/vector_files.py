"""Take GeoPackage and GeoJSON apart, and read boundaries."""

from __future__ import annotations

import warnings
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
from crimeloc.io.formats.file_head import first_bytes
from crimeloc.io.formats.raw_table import Records
from crimeloc.messages import Message

__all__ = ["points_of_wkb", "read_geopackage", "read_shapes"]


def read_shapes(path: Path) -> gpd.GeoDataFrame:
    """Which boundaries does this file hold?

    Parameters
    ----------
    path : Path
        GeoJSON or GeoPackage.

    Returns
    -------
    GeoDataFrame
        As it stands in the file; GeoJSON is in EPSG:4326.

    Raises
    ------
    FileError
        The file cannot be read as shapes.
    """
    first_bytes(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = gpd.read_file(path)
    except Exception as error:  # the driver fails in many ways, none of them ours
        why = (str(error).splitlines() or [""])[0][:120]
        raise FileError(
            path.name,
            found=Message("no shapes that can be read ({why})", why=why),
            expected="GeoJSON or GeoPackage",
            hint="export it again",
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.isna().all():
        raise FileError(
            path.name, found="no geometry", expected="shapes", hint="export it with geometry"
        )
    return frame


def read_geopackage(path: Path) -> Records:
    """Which rows does the first layer of this GeoPackage hold?

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Records
        Rows numbered from 1, points in EPSG:4326.

    Raises
    ------
    FileError
        The file is damaged.
    """
    frame = read_shapes(path)
    notes = [f"coordinates in {frame.crs.to_string() if frame.crs else 'no stated system'}"]
    if frame.crs is not None and frame.crs != TABLE_CRS:
        frame = frame.to_crs(TABLE_CRS)
    label = frame.geometry.name
    names = [str(name) for name in frame.columns]
    cells: dict[int, pd.Series] = {}
    for number, name in enumerate(frame.columns):
        if name == label:
            cells[number] = pd.Series(np.asarray(frame.geometry.array), dtype=object)
        elif frame[name].dtype.kind in "iufM" or isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            cells[number] = frame[name].reset_index(drop=True)
        else:
            cells[number] = frame[name].astype("str").reset_index(drop=True)
    size = len(frame)

    def raw(place: int) -> str:
        return "\t".join(str(value) for value in frame.iloc[place].tolist())

    return Records(
        "GeoPackage",
        names,
        pd.DataFrame(cells, index=range(size)),
        np.arange(1, size + 1, dtype=np.int64),
        raw,
        notes=notes,
    )


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
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ValueError(f"no coordinate system {crs[:60]!r}") from error
    if system.to_epsg() == 4326 or "CRS84" in crs:
        return array
    transform = pyproj.Transformer.from_crs(system, TABLE_CRS, always_xy=True)
    function: Any = transform.transform
    moved = shapely.transform(array, function, interleaved=False)
    return np.asarray(moved, dtype=object)
