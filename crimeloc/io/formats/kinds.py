"""Which kind of file is this? By what is in it first, by its name second."""

from __future__ import annotations

from pathlib import Path

from crimeloc.errors import FileError
from crimeloc.io.formats.file_head import first_bytes
from crimeloc.io.formats.raw_table import Records
from crimeloc.messages import Message

__all__ = ["load"]


def load(
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
) -> Records:
    """Which rows does this file hold?

    Parameters
    ----------
    path : str or Path
        The file.
    encoding, delimiter : str, optional
        For delimited text; by default they are found.
    sheet : str or int, optional
        For Excel; by default the first sheet with rows.

    Returns
    -------
    Records
        Rows, taken apart.

    Raises
    ------
    FileError
        There is no such file, or it is of no kind that can be read.
    """
    path = Path(path)
    name = path.name
    head = first_bytes(path)
    suffix = path.suffix.lower()
    if head.startswith(b"PAR1"):
        from crimeloc.io.formats.columnar import read_parquet

        return read_parquet(path)
    if head.startswith(b"PK\x03\x04"):
        from crimeloc.io.formats.sheets import read_sheet

        return read_sheet(path, sheet)
    if head.startswith(b"SQLite format 3\x00"):
        from crimeloc.io.formats.vector_files import read_geopackage

        return read_geopackage(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileError(
            name,
            found="an Excel file of the old kind (.xls)",
            expected=".xlsx or CSV",
            hint="open it and save it as .xlsx",
        )
    if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf")):
        raise FileError(
            name, found="a packed file", expected="the file itself", hint="unpack it first"
        )
    if suffix in (".parquet", ".xlsx", ".xlsm", ".gpkg", ".geoparquet"):
        raise FileError(
            name,
            found=Message("a file that is no {suffix} inside", suffix=suffix[1:]),
            expected=suffix,
            hint="export the file again",
        )
    data = path.read_bytes()
    if suffix == ".xml" or data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        from crimeloc.io.formats.reports import read_xml

        return read_xml(data, name)
    if _looks_like_json(data, suffix):
        from crimeloc.io.formats.json_text import read_json_text

        return read_json_text(data, name, encoding=encoding)
    from crimeloc.io.formats.delimited import read_delimited

    return read_delimited(data, name, encoding=encoding, delimiter=delimiter)


def _looks_like_json(data: bytes, suffix: str) -> bool:
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix in (".json", ".jsonl", ".ndjson", ".geojson"):
        return True
    return head.startswith((b'{"', b"[{", b"{\n", b"{ ", b"{\r"))
