"""Take Excel sheets apart; formulas are never evaluated."""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crimeloc.errors import FileError
from crimeloc.io.columns.headers import joined_headers, looks_like_data
from crimeloc.io.columns.matching import different_names
from crimeloc.io.columns.zone_names import said_zone
from crimeloc.io.formats.layout import Layout
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.io.formulas import original_text
from crimeloc.io.notes import Notes
from crimeloc.messages import Hint, Message

__all__ = ["read_sheets"]

MAX_UNPACKED = 2 << 30
MAX_RATIO = 200
MAX_COLUMNS = 4_096


def read_sheets(path: Path, layout: Layout | None = None) -> list[Records]:
    """Which tables does this Excel file hold?

    Parameters
    ----------
    path : Path
        An ``.xlsx`` file.
    layout : Layout, optional
        What the caller says of the file: one sheet, the row of the header.

    Returns
    -------
    list of Records
        One for each sheet with rows, hidden ones too; rows numbered as Excel shows them. Empty
        rows are no rows.

    Raises
    ------
    FileError
        The file is damaged, is a zip bomb, has no such sheet or no rows.

    Notes
    -----
    Of a formula the value that Excel stored with it is read. Cells are read as text; a date cell
    becomes ISO text without a zone. A cell that is merged over several rows holds for each of
    them; a header of two rows gives one name to each column. Rows of totals are refused.
    """
    layout = layout or Layout()
    _refuse_bombs(path)
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                path, read_only=True, data_only=True, keep_links=False, rich_text=False
            )
            try:
                tables = []
                for sheet in _chosen(book, path.name, layout.sheet):
                    grid = _grid(sheet, path, layout.skip_rows)
                    if grid.rows:
                        tables.append(_records(grid, str(sheet.title), layout))
                        tables[-1].hidden = sheet.sheet_state != "visible"
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
    if not tables:
        raise FileError(
            path.name,
            found="no rows in any sheet",
            expected="a header and rows",
            hint="save it again in Excel",
        )
    return tables


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


def _chosen(book: Any, name: str, sheet: str | int | None) -> list[Any]:
    sheets = [s for s in book.worksheets if hasattr(s, "iter_rows")]
    titles = [s.title for s in sheets]
    if isinstance(sheet, str) and sheet in titles:
        return [sheets[titles.index(sheet)]]
    if isinstance(sheet, int) and 0 <= sheet < len(sheets):
        return [sheets[sheet]]
    if sheet is not None or not sheets:
        raise FileError(
            name,
            found=Message("no sheet {sheet}", sheet=repr(sheet)),
            expected=Message("one of {titles}", titles=titles),
            hint=Hint(sheet=titles[0] if titles else 0),
        )
    return sheets


class _Grid(NamedTuple):
    """Filled rows of a sheet, their numbers, and the ranges of merged cells."""

    rows: list[list[str | None]]
    numbers: list[int]
    merged: list[tuple[int, int, int, int]]


def _grid(sheet: Any, path: Path, skip: int) -> _Grid:
    merged = _merged_ranges(path, sheet)
    sheet.reset_dimensions()  # what a file says of its own size
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        values = [_text(value) for value in row]
        while values and values[-1] is None:
            values.pop()
        if len(values) > MAX_COLUMNS:
            raise FileError(
                path.name,
                found=Message("a row of {n:,} columns", n=len(values)),
                expected=Message("at most {max_columns:,}", max_columns=MAX_COLUMNS),
                hint="export the columns that matter",
            )
        if number > skip and (values or any(a <= number <= c for a, _, c, _ in merged)):
            rows.append(values)
            numbers.append(number)
    while rows and not rows[-1]:
        rows.pop()
        numbers.pop()
    return _Grid(rows, numbers, merged)


_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
MAX_MERGED = 100_000


def _merged_ranges(path: Path, sheet: Any) -> list[tuple[int, int, int, int]]:
    """First row and column, last row and column of merged cells; openpyxl reads none here."""
    from openpyxl.utils import column_index_from_string

    found = []
    with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path) as member:
        tail = b""
        while piece := member.read(1 << 20):
            whole = tail + piece
            cut = max(len(whole) - 200, 0)
            for match in _MERGE.finditer(whole):
                if match.start() >= cut and len(piece) == 1 << 20:
                    continue  # comes again with the next piece
                left, right = (column_index_from_string(match[i].decode()) for i in (1, 3))
                found.append((int(match[2]), left, int(match[4]), right))
                if len(found) >= MAX_MERGED:
                    return found
            tail = whole[cut:]
    return found


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):  # an hour of the day in the form [h]:mm
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _records(grid: _Grid, title: str, layout: Layout) -> Records:
    notes = Notes()
    head = _header(grid, layout)
    header = different_names([original_text(name) for name in head.names], notes)
    width = len(header)
    filled = _fill_down(grid, head.body, width)
    if filled:
        notes.add("{n:,} cells filled from merged cells above them", n=filled)
    if head.rows > 1:
        notes.add("the header of {n} rows was read as one", n=head.rows)
    broken = []
    zones = {}
    for row, number in zip(grid.rows[: head.first], grid.numbers[: head.first], strict=True):
        if row:
            broken.append(Broken(number, Message("row.before-header"), _raw(row)))
            zones[said_zone(_raw(row))] = True
    zones.pop(None, None)
    good: list[list[str | None]] = []
    places = []
    for row, number in zip(grid.rows[head.body :], grid.numbers[head.body :], strict=True):
        if not row:
            continue
        if len(row) > width:
            reason = Message("row.cells", count=len(row), expected=width)
            broken.append(Broken(number, reason, _raw(row)))
        elif _is_total(row, width):
            broken.append(Broken(number, Message("row.total"), _raw(row)))
        else:
            good.append(row + [None] * (width - len(row)))
            places.append(number)
    broken.sort(key=lambda item: item.source_row)
    columns = {i: pd.Series([row[i] for row in good], dtype="str") for i in range(width)}
    records = Records(
        f"Excel sheet {title!r}",
        header,
        pd.DataFrame(columns, index=range(len(good))),
        np.array(places, dtype=np.int64),
        lambda place: _raw(good[place]),
        broken,
        notes,
        part=title,
    )
    if len(zones) == 1:
        records.zone = str(next(iter(zones)))
        notes.add(
            "a line before the header names the clock of the times, {zone}", zone=records.zone
        )
    return records


class _Head(NamedTuple):
    """Names, the place of the header, how many rows it has, and where the body begins."""

    names: list[str]
    first: int
    rows: int
    body: int


def _header(grid: _Grid, layout: Layout) -> _Head:
    finder = layout.finder
    if layout.names is not None:
        return _Head(layout.names, 0, 0, 0)
    texts = [[(value or "").strip() for value in row] for row in grid.rows[:21]]
    if layout.header_row is not None:
        place = next((i for i, n in enumerate(grid.numbers) if n >= layout.header_row), 0)
        names = [(value or "").strip() for value in grid.rows[place]]
        return _Head(names, place, 1, place + 1)
    best = _Head(texts[0], 0, 1, 1)
    top = finder.score(texts[0])
    for place, names in enumerate(texts[:20]):
        score = finder.score(names)
        if score > top and not (score[:2] == top[:2] and score[2] < 2 and len(best.names) > 1):
            best, top = _Head(names, place, 1, place + 1), score
        if place + 1 < len(texts):
            upper = _fill_right(names, grid, place)
            both = joined_headers(upper, texts[place + 1])
            pair = finder.score(both)
            below = texts[place + 1]
            alone = max(score, finder.score(below), top)
            wider = sum(map(bool, both)) > sum(map(bool, below)) and pair == alone != score
            if not looks_like_data(below) and (pair > alone or wider):
                best, top = _Head(both, place, 2, place + 2), pair
    if best.first == 0 and best.rows == 1 and not top[1] and not top[2]:
        return _Head([f"column_{i + 1}" for i in range(len(best.names))], 0, 0, 0)
    return best


def _fill_right(names: list[str], grid: _Grid, place: int) -> list[str]:
    """Repeat a name over the columns that its merged cell covers."""
    number, made = grid.numbers[place], list(names)
    for top, left, _, right in grid.merged:
        if top == number and left <= len(names):
            made += [""] * (right - len(made))
            made[left - 1 : right] = [names[left - 1]] * (right - left + 1)
    return made


def _fill_down(grid: _Grid, body: int, width: int) -> int:
    """Repeat a value over the rows that its merged cell covers; give how many cells that filled."""
    place = {number: i for i, number in enumerate(grid.numbers)}
    filled = 0
    for top, left, bottom, _ in grid.merged:
        start = place.get(top)
        if start is None or start < body or left > width or bottom <= top:
            continue
        row = grid.rows[start]
        value = row[left - 1] if left <= len(row) else None
        if value is None:
            continue
        for number in range(top + 1, bottom + 1):
            other = place.get(number)
            if other is None:
                break
            cells = grid.rows[other]
            if any(cell is not None for cell in cells) or width == 1:
                cells += [None] * (left - len(cells))
                if cells[left - 1] is None:
                    cells[left - 1] = value
                    filled += 1
    return filled


_TOTAL = re.compile(
    r"(?i)(?:소\s*계|합\s*계|총\s*계|누\s*계|계|sub\s*-?total|(?:grand\s*)?total|sum)\s*:?"
)


def _is_total(row: list[str | None], width: int) -> bool:
    """Is this a row of totals: a word for it, and little else?"""
    filled = [value.strip() for value in row if value is not None and value.strip()]
    return (
        width > 2
        and len(filled) <= max(2, width // 2)
        and any(_TOTAL.fullmatch(value) for value in filled)
    )


def _raw(row: list[str | None]) -> str:
    return "\t".join("" if value is None else value for value in row).rstrip("\t")
