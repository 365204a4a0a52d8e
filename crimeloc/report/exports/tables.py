"""The tables of a briefing, and how they are written as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from geopandas.array import GeometryDtype

from crimeloc.errors import ParameterError
from crimeloc.io.writing import write_table
from crimeloc.messages import Hint, Message
from crimeloc.provenance import VERSION
from crimeloc.report.content import Content
from crimeloc.report.sentences import level_told
from crimeloc.report.withheld import voice_of

__all__ = [
    "SLOT_FLOOR",
    "about",
    "chosen",
    "plain",
    "rejected_table",
    "tables_of",
    "write_csv",
]

SLOT_FLOOR = 0.001
"""Slots below this probability are left out of files unless they are asked for."""

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


def tables_of(content: Content, *, min_probability: float = SLOT_FLOOR) -> dict[str, pd.DataFrame]:
    """Which tables does this briefing have?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    min_probability : float
        Slots with less are left out; 0 gives all. The table ``about`` says how many there are.

    Returns
    -------
    dict of DataFrame
        ``venues`` (one row per ranked venue), ``slots``, ``uploads`` (one row per upload and
        candidate venue; not at the level ``"disclosure"``), ``clusters``, ``scan``, ``backtest``
        and ``rejected`` where there are such, and ``about``. Those of places are GeoDataFrames in
        EPSG:4326; times are on the clocks at the venues, with their zone.

    Raises
    ------
    ParameterError
        The least probability is not between 0 and 1.
    """
    if not 0 <= min_probability <= 1:
        raise ParameterError(
            "min_probability",
            found=min_probability,
            expected="between 0 and 1",
            hint=Hint(min_probability=SLOT_FLOOR),
        )
    summary = content.summary
    slots = summary.slots.assign(rank=range(1, len(summary.slots) + 1))
    kept = slots[slots["probability"] >= min_probability]
    tables: dict[str, pd.DataFrame] = {
        "venues": _points(summary.venues.assign(rank=range(1, len(summary.venues) + 1))),
        "slots": _points(kept),
    }
    names = dict(zip(summary.venues["venue_id"], summary.venues["name"], strict=True))
    if content.level != "disclosure":
        tables["uploads"] = _with_names(summary.located.reset_index(drop=True), names)
    for name, table in (("clusters", content.clusters), ("scan", content.scan)):
        if table is not None:
            tables[name] = _with_names(_one_geometry(table).reset_index(drop=True), names)
    if content.backtest is not None:
        tables["backtest"] = content.backtest.scores.rename_axis("method").reset_index()
    if content.rejected is not None:
        tables["rejected"] = rejected_table(content)
    tables["about"] = about(content)
    if len(kept) < len(slots):
        tables["about"] = _floor_told(tables["about"], content, kept, min_probability)
    return {name: _local(table, summary.tz) for name, table in tables.items()}


def _floor_told(
    about: pd.DataFrame, content: Content, kept: pd.DataFrame, least: float
) -> pd.DataFrame:
    """Say how many slots stand in the file, and how much of the chance they hold."""
    voice = voice_of(content)
    text = voice(
        "export.floor",
        n=voice.number(len(kept)),
        all=voice.number(len(content.summary.slots)),
        p=voice.percent(least),
        share=voice.percent(float(kept["share"].sum())),
    )
    line = pd.DataFrame({"what": [voice.sheet("slots")], "value": [text]}, dtype="str")
    return pd.concat([about, line], ignore_index=True)


def _with_names(table: gpd.GeoDataFrame, names: dict[str, str]) -> gpd.GeoDataFrame:
    """Put the names of venues beside their numbers."""
    if "venue_id" in table.columns and "name" not in table.columns:
        place = table.columns.get_loc("venue_id") + 1
        said = table["venue_id"].map(names).fillna(table["venue_id"])
        table.insert(place, "name", said)
    if "venues" in table.columns:
        place = table.columns.get_loc("venues") + 1
        table.insert(place, "venue_names", [_names_of(ids, names) for ids in table["venues"]])
    return table


def _names_of(ids: object, names: dict[str, str]) -> str:
    known = ids.split("|") if isinstance(ids, str) else list(ids) if ids is not None else []  # type: ignore[call-overload]
    return ", ".join(names.get(str(one), str(one)) for one in known)


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


def write_csv(
    content: Content,
    path: str | Path,
    table: str | None = None,
    *,
    min_probability: float = SLOT_FLOOR,
) -> tuple[Path, ...]:
    """How do I hand the tables to a spreadsheet or another program?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.csv``.
    table : str, optional
        One of the names of `tables_of`, written to `path`; by default each goes into a file of
        its own, ``case.venues.csv``, ``case.slots.csv`` and so on.
    min_probability : float
        Slots with less are left out; 0 writes all.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    ParameterError
        There is no such table at this level.
    """
    target, tables = Path(path), tables_of(content, min_probability=min_probability)
    if table is not None:
        return (write_table(plain(chosen(tables, table)), target),)
    return tuple(
        write_table(plain(part), target.with_name(f"{target.stem}.{name}.csv"))
        for name, part in tables.items()
    )


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
    """Put moments on the clocks at the venues; texts that say the same are left out."""
    told = [f"{name}_local" for name in table.columns if f"{name}_local" in table.columns]
    result = table.drop(columns=told)
    for name in result.columns:
        if isinstance(result[name].dtype, pd.DatetimeTZDtype):
            result[name] = result[name].dt.tz_convert(tz)
    return result


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Write moments as text, on the clocks at the venues and in UTC, and points as numbers."""
    result = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    if isinstance(table, gpd.GeoDataFrame):
        middle = table.geometry.to_crs(4326)
        points = middle.where(middle.geom_type == "Point", middle.representative_point())
        result["lon"], result["lat"] = points.x.to_numpy(), points.y.to_numpy()
    for name in list(result.columns):
        if isinstance(result[name].dtype, pd.DatetimeTZDtype):
            in_utc = result[name].dt.tz_convert("UTC")
            result[name] = _iso(result[name])
            result[f"{name}_utc"] = _iso(in_utc)
    return result


def _iso(moments: pd.Series) -> pd.Series:
    return moments.map(lambda t: t.isoformat(), na_action="ignore").astype("str")
