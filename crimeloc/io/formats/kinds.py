"""Which kind of file is this? By what is in it first, by its name second."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from crimeloc.errors import FileError
from crimeloc.io.formats.file_head import first_bytes
from crimeloc.io.formats.foreign import refuse_foreign, refuse_foreign_zip
from crimeloc.io.formats.layout import Layout
from crimeloc.io.formats.raw_table import Records
from crimeloc.io.formats.shapefiles import is_shapefile
from crimeloc.io.formats.tables import choose_tables
from crimeloc.messages import Message

__all__ = ["load", "source_name", "written_us"]

_HEAD = 65_536


def load(
    source: str | Path | pd.DataFrame,
    layout: Layout | None = None,
    *,
    kind: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Records:
    """Which rows does this file hold?

    Parameters
    ----------
    source : str, Path or DataFrame
        The file, or a table in memory.
    layout : Layout, optional
        What the caller says of the file; by default everything is found.
    kind : str, optional
        ``"events"``, ``"venues"`` or ``"leases"``: of several tables in one file those that fit
        are read, and the others are named in the notes.
    columns : mapping, optional
        Part to column name.

    Returns
    -------
    Records
        Rows, taken apart.

    Raises
    ------
    FileError
        There is no such file, or it is of no kind that can be read.
    """
    if isinstance(source, pd.DataFrame):
        from crimeloc.io.formats.frames import records_of_frame

        return records_of_frame(source)
    layout = replace(layout or Layout(), columns=dict(columns or {}))
    tables, argument = _tables(Path(source), layout)
    return choose_tables(tables, kind, layout.columns, argument)


def source_name(source: str | Path | pd.DataFrame) -> str:
    """How is a source called in reports and errors?

    Parameters
    ----------
    source : str, Path or DataFrame
        A file or a table.

    Returns
    -------
    str
        The name of the file without its folder.
    """
    return "table" if isinstance(source, pd.DataFrame) else Path(source).name


def written_us(source: str | Path | pd.DataFrame) -> int | None:
    """When was a file written?

    Parameters
    ----------
    source : str, Path or DataFrame
        A file or a table.

    Returns
    -------
    int or None
        Microseconds since 1970; None for a table, and where the file cannot be looked at.
    """
    if isinstance(source, pd.DataFrame):
        return None
    try:
        return Path(source).stat().st_mtime_ns // 1_000
    except (OSError, ValueError):
        return None


def _tables(path: Path, layout: Layout) -> tuple[list[Records], str]:
    """All tables of a file, and the argument that chooses one."""
    name = path.name
    head = first_bytes(path, _HEAD)
    suffix = path.suffix.lower()
    if head.startswith(b"PAR1"):
        from crimeloc.io.formats.columnar import read_parquet

        return [read_parquet(path)], "columns"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        from crimeloc.io.formats.sheets import read_sheets

        refuse_foreign_zip(name, path)
        return read_sheets(path, layout), "sheet"
    if head.startswith(b"SQLite format 3\x00"):
        from crimeloc.io.formats.vector_files import read_geopackage

        return read_geopackage(path, layout.layer), "layer"
    if is_shapefile(head):
        from crimeloc.io.formats.vector_files import read_shapefile_rows

        return [read_shapefile_rows(path)], "layer"
    refuse_foreign(name, head)
    if suffix in (".parquet", ".xlsx", ".xlsm", ".gpkg", ".geoparquet"):
        raise FileError(
            name,
            found=Message("a file that is no {suffix} inside", suffix=suffix[1:]),
            expected=suffix,
            hint="export the file again",
        )
    return _text_tables(path.read_bytes(), name, suffix, layout)


def _text_tables(data: bytes, name: str, suffix: str, layout: Layout) -> tuple[list[Records], str]:
    """Tables of a file of text."""
    if suffix == ".xml" or data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        from crimeloc.io.formats.reports import read_xml

        return [read_xml(data, name)], "columns"
    if _looks_like_json(data, suffix):
        from crimeloc.io.formats.json_text import read_json_text

        return read_json_text(data, name, layout), "list"
    from crimeloc.io.formats.text_logs import read_text_log

    log = read_text_log(data, name, layout)
    if log is not None:
        return [log], "columns"
    from crimeloc.io.formats.delimited import read_delimited

    return [read_delimited(data, name, layout)], "columns"


def _looks_like_json(data: bytes, suffix: str) -> bool:
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix in (".json", ".jsonl", ".ndjson", ".geojson"):
        return True
    return re.match(rb'\{\s*["}]|\[\s*\{', head) is not None
