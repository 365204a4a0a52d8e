"""Take a GeoPackage apart with SQLite alone: only its tables are read, and only by name.

A GeoPackage is an SQLite database, and a database can hold more than rows: views that never end,
virtual tables that open other files, triggers. GDAL follows them; this reader does not. It opens
the file read-only, allows nothing but reading columns of ordinary tables, and gives up when that
takes too long.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

__all__ = ["Layer", "layer_names", "read_layer"]

SECONDS = 60.0
"""Longest time that reading one file may take."""

_STEPS = 10_000
"""Virtual machine instructions of SQLite between two looks at the clock."""

_ENVELOPE = (0, 32, 48, 48, 64)
"""Bytes of the envelope in a geometry's header, by the kind it names."""

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}


class Layer(NamedTuple):
    """One table of features.

    Parameters
    ----------
    name : str
        Of the table.
    columns : dict
        Column to its values, the geometry left out.
    shapes : ndarray of object
        Shapely geometries; None where there is none or it cannot be read.
    crs : CRS or None
        As the file names it.
    """

    name: str
    columns: dict[str, list[Any]]
    shapes: NDArray[np.object_]
    crs: pyproj.CRS | None


def layer_names(path: Path) -> list[str]:
    """Which tables of features does the file name?

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list of str
        Ordinary tables only, in the order of the file.

    Raises
    ------
    ValueError
        It is no GeoPackage, or it is damaged.
    """
    with _Opened(path) as database:
        return [name for name, _, _ in database.layers()]


def read_layer(path: Path, name: str | None = None) -> Layer:
    """Which features does a table hold?

    Parameters
    ----------
    path : Path
        The file.
    name : str, optional
        Of the table; by default the first.

    Returns
    -------
    Layer
        Its columns and shapes.

    Raises
    ------
    ValueError
        It is no GeoPackage, it is damaged, it has no such table, or reading takes too long.

    References
    ----------
    OGC 12-128r19, *GeoPackage Encoding Standard*, sections 1.1 and 2.1 (tables, geometry header).
    """
    with _Opened(path) as database:
        layers = {layer: (column, srs) for layer, column, srs in database.layers()}
        if not layers:
            raise ValueError("no table of features")
        chosen = next(iter(layers)) if name is None else name
        if chosen not in layers:
            raise ValueError(f"no table {chosen!r} among {', '.join(layers)}")
        column, srs = layers[chosen]
        names, rows = database.rows(chosen)
        crs = database.system(srs)
    if column not in names:
        raise ValueError(f"no column {column!r} in {chosen!r}")
    place = names.index(column)
    shapes = _shapes([row[place] for row in rows])
    columns = {
        label: [row[number] for row in rows]
        for number, label in enumerate(names)
        if number != place
    }
    return Layer(chosen, columns, shapes, crs)


class _Opened:
    """A GeoPackage opened for reading and for nothing else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.until = time.monotonic() + SECONDS

    def __enter__(self) -> _Opened:
        # A log beside the file (WAL) is read with it; without one the file is taken as it stands,
        # so that nothing is written beside evidence.
        logged = self.path.with_name(self.path.name + "-wal").exists()
        place = self.path.resolve().as_uri() + "?mode=ro" + ("" if logged else "&immutable=1")
        self.connection = sqlite3.connect(place, uri=True)
        try:
            self.connection.execute("PRAGMA trusted_schema = OFF")
            self.connection.execute("PRAGMA cell_size_check = ON")
            self.connection.text_factory = lambda data: data.decode("utf-8", errors="replace")
            tables = self._ask("SELECT name, type, sql FROM sqlite_master")
        except sqlite3.Error as error:
            self.connection.close()
            raise ValueError(str(error)) from error
        self.tables = {
            name
            for name, kind, sql in tables
            if kind == "table" and not str(sql).lstrip().upper().startswith("CREATE VIRTUAL")
        }
        self.connection.set_progress_handler(lambda: time.monotonic() > self.until, _STEPS)
        self.connection.set_authorizer(self._allowed)
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _allowed(self, action: int, first: str | None, *_: object) -> int:
        """Only columns of ordinary tables may be read; no function, no pragma, no other file."""
        if action == sqlite3.SQLITE_READ and first not in self.tables:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        try:
            return self.connection.execute(query).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise ValueError(f"a table that takes over {SECONDS:.0f} s to read") from error
            raise ValueError(str(error)) from error
        except sqlite3.Error as error:
            raise ValueError(str(error)) from error

    def layers(self) -> list[tuple[str, str, int]]:
        """Give table, geometry column and system of each table of features."""
        if "gpkg_geometry_columns" not in self.tables:
            raise ValueError("a database that is no GeoPackage")
        found = self._ask("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns")
        return [
            (str(name), str(column), int(srs)) for name, column, srs in found if name in self.tables
        ]

    def rows(self, table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Give the columns of a table and its rows."""
        quoted = '"' + table.replace('"', '""') + '"'
        try:
            cursor = self.connection.execute(f"SELECT * FROM {quoted}")
            return [str(one[0]) for one in cursor.description], cursor.fetchall()
        except sqlite3.Error as error:
            slow = "interrupted" in str(error)
            text = f"a table that takes over {SECONDS:.0f} s to read" if slow else str(error)
            raise ValueError(text) from error

    def system(self, srs: int) -> pyproj.CRS | None:
        """Give the coordinate system of this number in the file; none for 0 and -1."""
        if "gpkg_spatial_ref_sys" not in self.tables or srs in (0, -1):
            return None
        known = self._ask(
            "SELECT srs_id, organization, organization_coordsys_id, definition"
            " FROM gpkg_spatial_ref_sys"
        )
        for number, who, code, text in known:
            if number == srs:
                try:
                    if str(who).upper() == "EPSG":
                        return pyproj.CRS.from_epsg(int(code))
                    return pyproj.CRS.from_wkt(str(text))
                except (pyproj.exceptions.CRSError, ValueError) as error:
                    raise ValueError(f"no coordinate system {str(text)[:60]!r}") from error
        return None


def _shapes(blobs: list[Any]) -> NDArray[np.object_]:
    """Take well-known binary out of the file's own envelope."""
    plain: list[bytes | None] = []
    for blob in blobs:
        whole = isinstance(blob, bytes) and len(blob) >= 8 and blob[:2] == b"GP"
        kind = (blob[3] >> 1) & 7 if whole else 7
        plain.append(blob[8 + _ENVELOPE[kind] :] if kind < len(_ENVELOPE) else None)
    shapes = np.empty(len(plain), dtype=object)
    shapes[:] = shapely.from_wkb(np.array([*plain, None], dtype=object), on_invalid="ignore")[:-1]
    return shapes
