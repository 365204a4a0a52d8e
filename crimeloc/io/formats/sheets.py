"""Take Excel sheets apart; formulas are never evaluated."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crimeloc.errors import FileError
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.io.parsing.column_names import KINDS, different_names, plain_name
from crimeloc.messages import Hint, Message

__all__ = ["read_sheet"]

MAX_UNPACKED = 2 << 30
MAX_RATIO = 200
MAX_COLUMNS = 4_096

_KNOWN = frozenset(
    plain_name(name) for kind in KINDS.values() for names in kind.values() for name in names
)


def read_sheet(path: Path, sheet: str | int | None = None) -> Records:
    """Which rows does this Excel file hold?

    Parameters
    ----------
    path : Path
        An ``.xlsx`` file.
    sheet : str or int, optional
        Name or number (from 0) of the sheet; by default the first one with rows.

    Returns
    -------
    Records
        Rows numbered as Excel shows them. Empty rows are no rows.

    Raises
    ------
    FileError
        The file is damaged, is a zip bomb, or has no such sheet.

    Notes
    -----
    Of a formula the value that Excel stored with it is read. Cells are read as text; a date cell
    becomes ISO text without a zone.
    """
    _refuse_bombs(path)
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                path, read_only=True, data_only=True, keep_links=False, rich_text=False
            )
            try:
                chosen = _choose(book, path.name, sheet)
                rows, numbers = _rows(chosen, path.name)
                title = str(chosen.title)
            finally:
                book.close()
    except FileError:
        raise
    except Exception as error:  # a damaged workbook fails in many ways, none of them ours
        why = (str(error).splitlines() or [""])[0][:120] or type(error).__name__
        raise FileError(
            path.name,
            found=Message("an Excel file that is damaged ({why})", why=why),
            expected="a whole .xlsx file",
            hint="open it in Excel and save it again",
        ) from error
    return _records(rows, numbers, title)


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            unpacked = sum(item.file_size for item in archive.infolist())
            packed = max(path.stat().st_size, 1)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileError(
            path.name,
            found="a zip file that is damaged",
            expected=".xlsx",
            hint="save it again in Excel",
        ) from error
    if not any(name.startswith("xl/") for name in names):
        raise FileError(
            path.name,
            found="a zip file that is no Excel file",
            expected=".xlsx",
            hint="unpack it first",
        )
    if unpacked > MAX_UNPACKED or (unpacked > 100 << 20 and unpacked > MAX_RATIO * packed):
        raise FileError(
            path.name,
            found=Message(
                "an Excel file that unpacks from {packed:,} KB to {unpacked:,} MB",
                packed=packed >> 10,
                unpacked=unpacked >> 20,
            ),
            expected=Message(
                "at most {max_unpacked:,} MB and {max_ratio} times its size",
                max_unpacked=MAX_UNPACKED >> 20,
                max_ratio=MAX_RATIO,
            ),
            hint="export the sheet as CSV",
        )


def _choose(book: Any, name: str, sheet: str | int | None) -> Any:
    sheets = [s for s in book.worksheets if hasattr(s, "iter_rows")]
    titles = [s.title for s in sheets]
    if isinstance(sheet, str) and sheet in titles:
        return sheets[titles.index(sheet)]
    if isinstance(sheet, int) and 0 <= sheet < len(sheets):
        return sheets[sheet]
    if sheet is not None or not sheets:
        raise FileError(
            name,
            found=Message("no sheet {sheet}", sheet=repr(sheet)),
            expected=Message("one of {titles}", titles=titles),
            hint=Hint(sheet=0),
        )
    for candidate in sheets:
        for number, row in enumerate(candidate.iter_rows(values_only=True)):
            if any(value is not None for value in row):
                return candidate
            if number > 1000:
                break
    raise FileError(
        name,
        found="no rows in any sheet",
        expected="a header and rows",
        hint="save it again in Excel",
    )


def _rows(sheet: Any, name: str) -> tuple[list[list[str | None]], list[int]]:
    sheet.reset_dimensions()  # what a file says of its own size
    rows, numbers = [], []
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        values = [_text(value) for value in row]
        while values and values[-1] is None:
            values.pop()
        if len(values) > MAX_COLUMNS:
            raise FileError(
                name,
                found=Message("a row of {n:,} columns", n=len(values)),
                expected=Message("at most {max_columns:,}", max_columns=MAX_COLUMNS),
                hint="export the columns that matter",
            )
        if values:
            rows.append(values)
            numbers.append(number)
    return rows, numbers


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _records(rows: list[list[str | None]], numbers: list[int], title: str) -> Records:
    known = [
        sum(value is not None and plain_name(value) in _KNOWN for value in row) for row in rows[:20]
    ]
    head = known.index(max(known)) if max(known) >= 2 else 0
    header, notes = different_names([(value or "").strip() for value in rows[head]])
    width = len(header)
    broken = [
        Broken(number, Message("row.before-header"), _raw(row))
        for row, number in zip(rows[:head], numbers[:head], strict=True)
    ]
    good, places = [], []
    for row, number in zip(rows[head + 1 :], numbers[head + 1 :], strict=True):
        if len(row) > width:
            reason = Message("row.cells", count=len(row), expected=width)
            broken.append(Broken(number, reason, _raw(row)))
            continue
        good.append(row + [None] * (width - len(row)))
        places.append(number)
    broken.sort(key=lambda item: item.source_row)
    columns = {i: pd.Series([row[i] for row in good], dtype="str") for i in range(width)}
    cells = pd.DataFrame(columns, index=range(len(good)))
    return Records(
        f"Excel sheet {title!r}",
        header,
        cells,
        np.array(places, dtype=np.int64),
        lambda place: _raw(good[place]),
        broken,
        notes,
    )


def _raw(row: list[str | None]) -> str:
    return "\t".join("" if value is None else value for value in row).rstrip("\t")
