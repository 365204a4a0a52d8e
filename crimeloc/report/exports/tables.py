"""The tables of a briefing, and how they are written for spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from geopandas.array import GeometryDtype

from crimeloc.errors import ParameterError
from crimeloc.io.writing import neutralise, write_table
from crimeloc.messages import Hint, Message
from crimeloc.messages.words import Words
from crimeloc.provenance import VERSION
from crimeloc.report.content import Content
from crimeloc.report.exports.reproducible import without_clock
from crimeloc.report.sentences import level_told
from crimeloc.report.withheld import voice_of

__all__ = ["about", "rejected_table", "tables_of", "write_csv", "write_excel"]

_PLACES = ("lon", "lat")
_FIRST = (
    "rank",
    "venue_id",
    "name",
    "window_start",
    "window_end",
    "probability",
    "expected",
    "share",
    "base_rate",
    "n",
    "last",
)
_SHEET_ROWS = 1_048_576


def tables_of(content: Content) -> dict[str, pd.DataFrame]:
    """Which tables does this briefing have?

    Parameters
    ----------
    content : Content
        At the level of the reader.

    Returns
    -------
    dict of DataFrame
        ``venues`` (one row per ranked venue), ``slots``, ``uploads`` (one row per upload and
        candidate venue; not at the level ``"disclosure"``), ``clusters``, ``scan``, ``replay``
        and ``rejected`` where there are such, and ``about``. Those of places are GeoDataFrames in
        EPSG:4326; times are on the clocks at the venues.
    """
    summary = content.summary
    tables: dict[str, pd.DataFrame] = {
        "venues": _points(summary.venues.assign(rank=range(1, len(summary.venues) + 1))),
        "slots": _points(summary.slots.assign(rank=range(1, len(summary.slots) + 1))),
    }
    if content.level != "disclosure":
        tables["uploads"] = summary.located.reset_index(drop=True)
    for name, table in (("clusters", content.clusters), ("scan", content.scan)):
        if table is not None:
            tables[name] = _one_geometry(table).reset_index(drop=True)
    if content.backtest is not None:
        tables["replay"] = content.backtest.scores.rename_axis("method").reset_index()
    if content.rejected is not None:
        tables["rejected"] = rejected_table(content)
    tables["about"] = about(content)
    return {name: _local(table, summary.tz) for name, table in tables.items()}


def about(content: Content) -> pd.DataFrame:
    """Give what the file says of itself: level, moment, counts, what made it, and its limits.

    Parameters
    ----------
    content : Content
        At the level of the reader.

    Returns
    -------
    DataFrame
        ``what`` and ``value``, both text.
    """
    summary, voice = content.summary, voice_of(content)
    pairs = [
        ("crimeloc", VERSION),
        (voice("level"), level_told(content, voice)),
        (voice("made.at"), summary.at.isoformat()),
        (voice("col.series"), ", ".join(summary.series) or voice("number.unknown")),
        (voice("fact.uploads"), voice.number(float(summary.counts["used"]))),
        (voice("fact.expected"), voice.number(summary.expected, 1)),
        (voice("expert.elsewhere"), voice.percent(summary.elsewhere["share"])),
        (voice("left"), voice("limits") + " " + voice("left.future")),
    ]
    for record in content.records:
        name = voice.made_by(record.method)
        told: list[tuple[str, Any]] = [
            ("made.seed", record.seed),
            ("made.in", record.n_in),
            ("made.out", record.n_out),
            (
                "made.parameters",
                ", ".join(f"{key}={text}" for key, text in record.parameters.items()) or None,
            ),
        ]
        pairs += [(f"{name}: {voice(key)}", f"{text}") for key, text in told if text is not None]
    pairs += [(voice("made.input", name=item.name), item.sha256) for item in content.inputs]
    return pd.DataFrame(pairs, columns=["what", "value"], dtype="str")


def write_csv(content: Content, path: str | Path, table: str | None = None) -> tuple[Path, ...]:
    """How do I hand the tables to a spreadsheet or another program?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.csv``.
    table : str, optional
        One of the names of `tables_of`, written to `path`; by default each goes into a file of
        its own, ``summary.venues.csv``, ``summary.slots.csv`` and so on.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    ParameterError
        There is no such table at this level.
    """
    target, tables = Path(path), tables_of(content)
    if table is not None:
        return (write_table(_plain(chosen(tables, table)), target),)
    return tuple(
        write_table(_plain(part), target.with_name(f"{target.stem}.{name}.csv"))
        for name, part in tables.items()
    )


def write_excel(content: Content, path: str | Path, table: str | None = None) -> Path:
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
    Texts that a spreadsheet could take for a formula get an apostrophe in front; moments are
    written as text with their offset from UTC, which Excel's own times do not have.
    """
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    tables = tables_of(content)
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
        plain = _spoken(_plain(part), voice)
        heads = [neutralise(_heading(name, str(column), voice)) for column in plain.columns]
        known += [
            (voice.sheet(name), head, neutralise(str(column)))
            for head, column in zip(heads, plain.columns, strict=True)
        ]
        sheet = book.create_sheet(voice.sheet(name))
        sheet.freeze_panes = "A2"
        for place, head in enumerate(heads, start=1):
            wide = name == "about" and plain.columns[place - 1] == "value"
            width = 90 if wide else min(max(2 * len(head) + 2, 12), 30)
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.append([_bold(sheet, head, Font) for head in heads])
        for row in plain.astype("object").itertuples(index=False, name=None):
            sheet.append([_cell(value, ILLEGAL_CHARACTERS_RE) for value in row])
    if table is None:
        sheet = book.create_sheet(voice("sheet.columns"))
        heads = [voice(f"columns.{key}") for key in ("sheet", "head", "name")]
        sheet.append([_bold(sheet, head, Font) for head in heads])
        for place in (1, 2, 3):
            sheet.column_dimensions[get_column_letter(place)].width = 34
        for line in known:
            sheet.append(list(line))
    book.properties.creator = "crimeloc"
    book.save(path)
    return without_clock(path, content.summary.at)


def _heading(table: str, column: str, voice: Words) -> str:
    """Give the words above a column: of a backtest, ``n`` counts the uploads that were scored."""
    return voice("score.n") if (table, column) == ("replay", "n") else voice.column(column)


def rejected_table(content: Content) -> pd.DataFrame:
    """Give the rejected rows of all tables in one, ``table`` saying which.

    Parameters
    ----------
    content : Content
        At the level of the reader.

    Returns
    -------
    DataFrame
        Rows with their reason; at the level ``"disclosure"`` reasons with how often.
    """
    parts = [part.assign(table=name) for name, part in (content.rejected or {}).items()]
    if not parts:
        return pd.DataFrame({"table": pd.Series(dtype="str"), "reason": pd.Series(dtype="str")})
    whole = pd.concat(parts, ignore_index=True)
    return whole[["table", *(name for name in whole.columns if name != "table")]]


def chosen(tables: dict[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """Give one of the tables, or say which there are."""
    if name not in tables:
        expected = Message("one of {tables}", tables=", ".join(tables))
        raise ParameterError(
            "table", found=repr(name), expected=expected, hint=Hint(table="venues")
        )
    return tables[name]


def _points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Make points of longitude and latitude; a venue that the register lacks has none."""
    first = [name for name in _FIRST if name in table.columns]
    columns = [*first, *(name for name in table.columns if name not in (*first, *_PLACES))]
    lon, lat = (table[name].to_numpy(dtype="float64") for name in _PLACES)
    points = gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326")
    points[table["lon"].isna().to_numpy()] = None
    points.index = table.index
    return gpd.GeoDataFrame(table[columns], geometry=points, crs="EPSG:4326")


def _one_geometry(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out further shapes of a row, such as the place of its latest event."""
    kinds = [name for name in table.columns if isinstance(table[name].dtype, GeometryDtype)]
    return table.drop(columns=[name for name in kinds if name != table.geometry.name])


def _local(table: pd.DataFrame, tz: str) -> pd.DataFrame:
    result = table.copy()
    for name in result.columns:
        if isinstance(result[name].dtype, pd.DatetimeTZDtype):
            result[name] = result[name].dt.tz_convert(tz)
    return result


def _spoken(table: pd.DataFrame, voice: Words) -> pd.DataFrame:
    """Put words for the names of methods, of tables and of judgements of locating."""
    result = table.copy()
    for name, say in (
        ("method", voice.method),
        ("table", voice.table),
        ("how", voice.how),
        ("reason", voice.reason),
    ):
        if name in result.columns:
            said = result[name].astype("object").map(lambda t, say=say: say(str(t)), "ignore")
            result[name] = said.astype("str")
    return result


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Write moments as text with their offset, and points as numbers."""
    result = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    if isinstance(table, gpd.GeoDataFrame):
        middle = table.geometry.to_crs(4326)
        points = middle.where(middle.geom_type == "Point", middle.representative_point())
        result["lon"], result["lat"] = points.x.to_numpy(), points.y.to_numpy()
    for name in result.columns:
        if isinstance(result[name].dtype, pd.DatetimeTZDtype):
            result[name] = result[name].map(lambda t: t.isoformat(), na_action="ignore")
            result[name] = result[name].astype("str")
    return result


def _bold(sheet: Any, text: str, font: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.font = font(bold=True)
    return cell


def _cell(value: Any, illegal: Any) -> Any:
    if isinstance(value, (list, tuple, set)):
        value = "|".join(map(str, value))
    if isinstance(value, str):
        return illegal.sub("\ufffd", neutralise(value))[:32_767]
    return None if pd.isna(value) else value
