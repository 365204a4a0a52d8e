"""The tables of a briefing as one Excel file: real dates, per cents, filters, frozen headings."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.io.reasons import reasons_in
from crimeloc.io.writing import MOST_IN_CELL, neutralise
from crimeloc.messages import Message
from crimeloc.messages.translator import Translator
from crimeloc.report.content import Content
from crimeloc.report.exports.reproducible import without_clock
from crimeloc.report.exports.tables import SLOT_FLOOR, chosen, tables_of
from crimeloc.report.withheld import voice_of

__all__ = ["write_excel"]

_SHEET_ROWS = 1_048_576
_DATE, _SECONDS = "yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm:ss"
_SHARE, _COUNT, _CHANCE = "0.0%", "#,##0.##", "0.00"
_SHARES = frozenset({"probability", "share", "base_rate", "coverage", "venue_coverage", "ece_1%"})
_COUNTS = frozenset({"n", "n_events", "observed", "radius_m"})
_NUMBERS = frozenset({"port", "rank", "source_row", "cluster_id"})
_DEGREES = frozenset({"lon", "lat"})
_NARROW, _WIDE = 7, 60
_LOOKED_AT = 200  # rows by which the width of a column is chosen


class _Column(NamedTuple):
    """A column of a sheet.

    Parameters
    ----------
    name : str
        Its name in the CSV.
    head : str
        The words above it.
    values : list
        One for each row.
    look : str
        Number format of Excel; empty for texts.
    """

    name: str
    head: str
    values: list[Any]
    look: str


def write_excel(
    content: Content,
    path: str | Path,
    table: str | None = None,
    *,
    min_probability: float = SLOT_FLOOR,
) -> Path:
    """How do I hand the tables on in one Excel file?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.xlsx``.
    table : str, optional
        One of the names of `tables_of`; by default each is a sheet, and a last one says which
        column bears which heading.
    min_probability : float
        Slots with less are left out; 0 writes all. The sheet about the file says how many.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ParameterError
        There is no such table at this level, or it has more rows than a sheet.

    Notes
    -----
    Moments are dates of Excel, which have no zone: their heading names it, and each stands in UTC
    as well, at the right end. Texts that a spreadsheet could take for a formula get an apostrophe
    in front.
    """
    from openpyxl import Workbook

    tables = tables_of(content, min_probability=min_probability)
    if table is not None:
        tables = {table: chosen(tables, table)}
    book: Any = Workbook(write_only=True)
    voice, known = voice_of(content), []
    for name, part in tables.items():
        if len(part) >= _SHEET_ROWS:
            found = Message("{n:,} rows in {name}", n=len(part), name=name)
            raise ParameterError(
                "path", found=found, expected="fewer than 1,048,576", hint='export("case.csv")'
            )
        columns = _columns(name, part, content.summary.tz, voice)
        known += [[voice.sheet(name), one.head, one.name] for one in columns]
        _write_sheet(book, voice.sheet(name), columns, len(part))
    if table is None:
        heads = [voice(f"columns.{key}") for key in ("sheet", "head", "name")]
        texts = zip(*known, strict=True)
        columns = [_Column("", head, list(v), "") for head, v in zip(heads, texts, strict=True)]
        _write_sheet(book, voice("sheet.columns"), columns, len(known))
    book.properties.creator = "crimeloc"
    book.save(path)
    return without_clock(path, content.summary.at)


def _columns(table: str, part: pd.DataFrame, tz: str, voice: Translator) -> list[_Column]:
    """Give the columns as they stand in the sheet; moments in UTC come last."""
    plain = _spoken(pd.DataFrame(part.drop(columns="geometry", errors="ignore")), voice)
    if isinstance(part, gpd.GeoDataFrame):
        middle = part.geometry.to_crs(4326)
        points = middle.where(middle.geom_type == "Point", middle.representative_point())
        plain = plain.assign(lon=points.x.to_numpy(), lat=points.y.to_numpy())
    columns: list[_Column] = []
    in_utc: list[_Column] = []
    for name in map(str, plain.columns):
        values, head = plain[name], neutralise(_heading(table, name, voice))
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            look = _DATE if (values.dropna() == values.dropna().dt.floor("min")).all() else _SECONDS
            for zone, title, found in ((tz, name, columns), ("UTC", f"{name}_utc", in_utc)):
                moments = values.dt.tz_convert(zone).dt.tz_localize(None).dt.floor("s")
                dates = [None if pd.isna(one) else one.to_pydatetime() for one in moments]
                found.append(_Column(title, f"{head} ({zone})", dates, look))
        else:
            cells = [_cell(one) for one in values.astype("object")]
            columns.append(_Column(neutralise(name), head, cells, _look(table, name, values)))
    return columns + in_utc


def _look(table: str, name: str, values: pd.Series) -> str:
    """Choose the number format of a column."""
    if values.dtype.kind not in "iuf" and str(values.dtype) != "Int64":
        return ""
    if name in _DEGREES or name in _NUMBERS:
        return "0.000000" if name in _DEGREES else "0"
    if name in _SHARES or name.startswith(("from_", "hit@", "capture@")):
        return _SHARE
    if name in _COUNTS or values.dtype.kind in "iu":
        return "#,##0" if _whole(values) else _COUNT
    return "0.000" if table == "backtest" else _CHANCE


def _whole(values: pd.Series) -> bool:
    known = values.dropna().to_numpy(dtype="float64")
    return bool((abs(known - known.round()) < 1e-9).all())


def _write_sheet(book: Any, title: str, columns: Sequence[_Column], rows: int) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    last = get_column_letter(max(len(columns), 1))
    names = [one.name for one in columns]
    stays = names.index("name") + 2 if "name" in names[:3] else 1
    sheet.freeze_panes = f"{get_column_letter(stays)}2"
    sheet.auto_filter.ref = f"A1:{last}{rows + 1}"
    heads = []
    for place, one in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(one)
        cell = WriteOnlyCell(sheet, one.head)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E8F1F9")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        heads.append(cell)
    sheet.append(heads)

    def looked(value: Any, look: str) -> Any:
        if value is None or not look:
            return value
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = look
        return cell

    looks = [one.look for one in columns]
    for row in zip(*(one.values for one in columns), strict=True):
        sheet.append([looked(value, look) for value, look in zip(row, looks, strict=True)])


def _width(column: _Column) -> float:
    """Choose a width by the words above a column and by what stands in it."""
    if column.look == _DATE:
        inside = 16
    elif column.look:
        inside = 10
    else:
        inside = max(
            (_size(str(v)) for v in column.values[:_LOOKED_AT] if v is not None), default=0
        )
    longest = max((_size(word) for word in column.head.split()), default=0) + 4  # and the arrow
    return float(min(max(inside + 2, longest, _NARROW), _WIDE))


def _size(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _heading(table: str, column: str, voice: Translator) -> str:
    """Give the words above a column: of a backtest, ``n`` counts the uploads that were scored."""
    return voice("score.n") if (table, column) == ("backtest", "n") else voice.column(column)


def _spoken(table: pd.DataFrame, voice: Translator) -> pd.DataFrame:
    """Put words for the names of methods, of tables and of judgements of locating."""
    result = table.copy()
    for name, say in (
        ("method", voice.method),
        ("table", voice.table),
        ("how", voice.how),
    ):
        if name in result.columns:
            said = result[name].astype("object").map(lambda t, say=say: say(str(t)), "ignore")
            result[name] = said.astype("str")
    if "reason" in result.columns:
        result["reason"] = reasons_in(result, voice.lang)
    return result.drop(columns=["reason_code", "reason_params"], errors="ignore")


def _cell(value: Any) -> Any:
    """Give a value that a cell takes."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, (list, tuple, set)):
        value = "|".join(map(str, value))
    if isinstance(value, str):
        return ILLEGAL_CHARACTERS_RE.sub("\ufffd", neutralise(value))[:MOST_IN_CELL]
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
