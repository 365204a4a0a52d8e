"""Take Parquet apart, whole or in batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crimeloc.errors import FileError
from crimeloc.io.columns.matching import different_names
from crimeloc.io.formats.raw_table import Records
from crimeloc.io.notes import Notes
from crimeloc.messages import Message

__all__ = ["parquet_batches", "read_parquet"]


def read_parquet(path: Path) -> Records:
    """Which rows does this Parquet or GeoParquet file hold?

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Records
        Rows; `source_row` counts from 1, for there is no header line.

    Raises
    ------
    FileError
        The file is damaged: Parquet is compressed in blocks, single rows cannot be saved.
    """
    try:
        with pq.ParquetFile(path) as opened:
            table = opened.read()
            table.validate(full=True)  # a damaged text must not surface later
            geometry = _geometry(opened)
        return _records(table, 0, geometry)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise _damaged(path, error) from error


def parquet_batches(path: Path, rows: int) -> Iterator[Records]:
    """Read a Parquet file piece by piece.

    Parameters
    ----------
    path : Path
        The file.
    rows : int
        At most so many rows at a time.

    Yields
    ------
    Records
        Pieces, in order.

    Raises
    ------
    FileError
        The file is damaged.
    """
    done = 0
    try:
        with pq.ParquetFile(path) as opened:
            geometry = _geometry(opened)
            for batch in opened.iter_batches(batch_size=rows):
                batch.validate(full=True)
                yield _records(pa.Table.from_batches([batch]), done, geometry)
                done += batch.num_rows
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: BaseException) -> FileError:
    why = str(error).splitlines()[0][:150] if str(error) else type(error).__name__
    return FileError(
        path.name,
        found=Message("a Parquet file that is damaged ({why})", why=why),
        expected="a whole file",
        hint="export it again",
    )


def _geometry(opened: pq.ParquetFile) -> dict[str, str]:
    """Name and CRS of the main geometry column of GeoParquet."""
    stored = (opened.schema_arrow.metadata or {}).get(b"geo")
    if stored is None:
        return {}
    try:
        geo = json.loads(stored)
        column = geo["columns"][geo["primary_column"]]
        crs = column.get("crs", "OGC:CRS84")
        return {
            "name": str(geo["primary_column"]),
            "encoding": str(column.get("encoding", "WKB")),
            "crs": json.dumps(crs) if isinstance(crs, dict) else str(crs),
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _records(table: pa.Table, done: int, geometry: dict[str, str]) -> Records:
    notes = Notes()
    names = different_names([str(name) for name in table.column_names], notes)
    series: dict[int, pd.Series] = {}
    for number, field in enumerate(table.schema):
        column = table.column(number)
        if geometry.get("name") == field.name and geometry.get("encoding") == "WKB":
            from crimeloc.io.formats.vector_files import points_of_wkb

            series[number] = pd.Series(
                points_of_wkb(column.to_pylist(), geometry["crs"]), dtype=object
            )
            notes.add("geometry from GeoParquet")
            continue
        series[number] = _series(column)
    size = table.num_rows
    cells = pd.DataFrame(series, index=range(size), columns=range(len(names)))
    return Records(
        "GeoParquet" if geometry else "Parquet",
        names,
        cells,
        np.arange(done + 1, done + size + 1, dtype=np.int64),
        _raw(table, names),
        notes=notes,
    )


def _series(column: pa.ChunkedArray) -> pd.Series:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_date(kind):
        return pd.Series(
            [None if v is None else v.isoformat() for v in column.to_pylist()], dtype="str"
        )
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.Series(column.to_pandas(), dtype="str")
    if pa.types.is_integer(kind):
        return pd.Series(
            column.to_pandas(integer_object_nulls=False, types_mapper={kind: pd.Int64Dtype()}.get)
        )
    if pa.types.is_timestamp(kind) or pa.types.is_floating(kind):
        return pd.Series(column.to_pandas())
    return pd.Series([None if v is None else str(v) for v in column.to_pylist()], dtype="str")


def _raw(table: pa.Table, names: list[str]) -> Callable[[int], str]:
    def raw(place: int) -> str:
        row = {name: table.column(i)[place].as_py() for i, name in enumerate(names)}
        return json.dumps(row, ensure_ascii=False, default=_plain)

    return raw


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
