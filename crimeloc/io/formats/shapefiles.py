"""Take a shapefile apart: three files of one name, and a fourth that may name the encoding."""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

__all__ = ["Shapefile", "is_shapefile", "read_shapefile"]

MAGIC = b"\x00\x00\x27\x0a"
ENCODINGS = ("utf-8", "cp949")
"""Tried in this order where no ``.cpg`` names one: Korean offices write cp949."""


class Shapefile(NamedTuple):
    """What a shapefile holds.

    Parameters
    ----------
    columns : dict
        Column to its values.
    shapes : ndarray of object
        Shapely geometries; None where there is none.
    crs : CRS or None
        As the ``.prj`` beside it says.
    encoding : str
        Of its texts.
    """

    columns: dict[str, list[Any]]
    shapes: NDArray[np.object_]
    crs: pyproj.CRS | None
    encoding: str


def is_shapefile(head: bytes) -> bool:
    """Do these first bytes begin a shapefile?

    Parameters
    ----------
    head : bytes
        First bytes of the file.

    Returns
    -------
    bool
        Whether its magic number stands there.
    """
    return head.startswith(MAGIC)


def read_shapefile(path: Path) -> Shapefile:
    """Which shapes does this shapefile hold, and what is said of each?

    Parameters
    ----------
    path : Path
        The ``.shp``; the ``.dbf`` must lie beside it, ``.prj`` and ``.cpg`` may.

    Returns
    -------
    Shapefile
        Its columns and shapes.

    Raises
    ------
    ValueError
        A part is missing or damaged, or the texts are in no encoding that is tried.

    References
    ----------
    ESRI (1998), *Shapefile Technical Description*. Taken apart by pyshp, from bytes in memory: it
    would also open addresses and archives, were it given a name.
    """
    table = _beside(path, ".dbf")
    if table is None:
        raise ValueError(f"no {path.stem}.dbf beside it")
    shapes, attributes = path.read_bytes(), table.read_bytes()
    named = _beside(path, ".cpg")
    stated = named.read_text("ascii", errors="replace").strip() if named is not None else ""
    projection = _beside(path, ".prj")
    crs = None
    if projection is not None:
        try:
            crs = pyproj.CRS.from_wkt(projection.read_text("utf-8", errors="replace"))
        except pyproj.exceptions.CRSError as error:
            raise ValueError(f"a {projection.name} that names no coordinate system") from error
    for encoding in _encodings(stated):
        try:
            columns, found = _records(shapes, attributes, encoding)
        except Exception as error:  # a damaged part fails in many ways, another encoding in two
            if "decode" in str(error):
                continue
            raise ValueError(str(error)) from error
        return Shapefile(columns, found, crs, encoding)
    raise ValueError(f"texts that are in none of {', '.join(_encodings(stated))}")


def _encodings(stated: str) -> tuple[str, ...]:
    name = {"949": "cp949", "65001": "utf-8"}.get(stated, stated)
    try:
        return (codecs.lookup(name).name,) if name else ENCODINGS
    except LookupError:
        return ENCODINGS


def _records(
    shapes: bytes, attributes: bytes, encoding: str
) -> tuple[dict[str, list[Any]], NDArray[np.object_]]:
    import shapefile  # pyshp

    with shapefile.Reader(
        shp=io.BytesIO(shapes), dbf=io.BytesIO(attributes), encoding=encoding
    ) as reader:
        names = [field[0] for field in reader.fields if field[0] != "DeletionFlag"]
        rows, found = [], []
        for record in reader.iterShapeRecords():
            rows.append(list(record.record))
            empty = record.shape.shapeType == shapefile.NULL
            found.append(None if empty else shapely.geometry.shape(record.shape.__geo_interface__))
    made = np.empty(len(found), dtype=object)
    made[:] = found
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}, made


def _beside(path: Path, ending: str) -> Path | None:
    """Give the part with this ending, whatever the case of its letters."""
    wanted = (path.stem + ending).casefold()
    return next((one for one in path.parent.iterdir() if one.name.casefold() == wanted), None)
