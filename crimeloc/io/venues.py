"""Read registers of venues."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.geometry import points
from crimeloc.io.formats.kinds import load
from crimeloc.io.formats.raw_table import Ledger, Read, Records
from crimeloc.io.parsing.column_names import match_columns
from crimeloc.io.parsing.column_types import extras, make_report, numbers, text
from crimeloc.io.parsing.coordinates import district_note, place_rows
from crimeloc.io.parsing.hours import osm_hours
from crimeloc.io.parsing.times import parse_times
from crimeloc.messages import Message
from crimeloc.units import MISSING, to_timestamps, zone

__all__ = ["build_venues", "read_venues"]


def read_venues(
    path: str | Path,
    *,
    crs: str | int | None = None,
    tz: str = "Asia/Seoul",
    columns: Mapping[str, str] | None = None,
    districts: str | Path | gpd.GeoDataFrame | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
) -> Read:
    """Which venues are in this register, and what is broken in it?

    Parameters
    ----------
    path : str or Path
        A table with coordinates (CSV, Excel, Parquet, JSON Lines), a Korean licence register
        (LOCALDATA), GeoJSON, GeoPackage or GeoParquet.
    crs : str or int, optional
        Coordinate system of the columns of coordinates, such as ``"EPSG:5174"``. Not needed for
        longitude and latitude, for formats that carry their own, and for LOCALDATA files, which
        are in EPSG:5174.
    tz : str
        Zone of the days on which venues opened and closed. A day has no zone of its own; the
        default is that of the Korean registers, and the report shows what was used.
    columns : mapping, optional
        Part to column name of the file; goes before the recognised names.
    districts : path or GeoDataFrame, optional
        Boundaries of districts with a column of names. The report then says which share of the
        venues falls in the district that their own address names, and which coordinate system
        would fit better.
    encoding, delimiter : str, optional
        For delimited text; by default they are found.
    sheet : str or int, optional
        For Excel; by default the first sheet with rows.

    Returns
    -------
    Read
        ``table`` keeps the contract VENUES; ``rejected`` as in `read_events`: venues without
        coordinates are there, for nothing can be located at them. Every row of the file is in one
        of the two.

    Raises
    ------
    FileError
        The file as a whole cannot be read, or has no coordinates.
    ParameterError
        The coordinates are in metres and nothing says in which system.

    Notes
    -----
    A venue opened from the beginning of the day that the register names and closed at its end.
    Closed venues are kept: they held addresses while they were open. Opening hours are turned into
    OSM syntax; those that cannot be read count as unknown and stay in
    ``opening_hours_as_written``, as do seats that are no number (``seats_as_written``). Cost is
    linear.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "venues.csv")
    ...     _ = path.write_text("업소명,경도,위도,영업시간\\n가람PC,126.98,37.56,24시간\\n")
    ...     venues, rejected = read_venues(path)
    >>> venues.name[0], venues.opening_hours[0], len(rejected)
    ('가람PC', '24/7', 0)
    """
    place = zone(tz)
    records = load(path, encoding=encoding, delimiter=delimiter, sheet=sheet)
    return build_venues(records, Path(path).name, place, crs, columns, districts)


def build_venues(
    records: Records,
    name: str,
    tz: str,
    crs: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    districts: str | Path | gpd.GeoDataFrame | None = None,
) -> Read:
    """Make venues of the rows of a file.

    Parameters
    ----------
    records : Records
        Rows, taken apart.
    name : str
        File name.
    tz : str
        Zone of the days of opening and closing.
    crs : str or int, optional
        Coordinate system.
    columns : mapping, optional
        Part to column name.
    districts : path or GeoDataFrame, optional
        Boundaries to check against.

    Returns
    -------
    Read
        As `read_venues`.

    Raises
    ------
    FileError
        There are no coordinates.
    ParameterError
        As `read_venues`.
    """
    parts = match_columns(records.names, "venues", columns)
    ledger, notes = Ledger(records), list[str]()
    places = place_rows(records, parts, crs, name, ledger, notes)
    made: dict[str, pd.Series] = {}
    for part in ("name", "address", "category", "brand", "status"):
        if part in parts:
            made[part] = text(records.cells[parts[part]], words=False)
    if parts.get("address") is not None:
        made["address"] = _fallback_address(records, parts, made["address"])
    made |= _hours(records, parts, notes)
    made |= _counts(records, parts, notes)
    opened, closed = _business(records, parts, tz, ledger, notes)
    ids = _venue_ids(records, parts, made, places.lonlat, ledger, notes)
    kept = ledger.kept
    rows = np.flatnonzero(kept)
    table = pd.DataFrame({"venue_id": ids[kept].reset_index(drop=True)})
    for part in ("name", "address", "category", "brand", "status"):
        if part in made:
            table[part] = made[part][kept].reset_index(drop=True)
    if "name" not in table:
        table["name"] = pd.Series([None] * len(table), dtype="str")
    table["opened"], table["closed"] = to_timestamps(opened[rows]), to_timestamps(closed[rows])
    for part in ("opening_hours", "seats"):
        values = made.pop(part)
        table[part] = values[kept].reset_index(drop=True)
    for part, values in made.items():
        if part not in table:
            table[part] = values[kept].reset_index(drop=True)
    table["source_row"] = records.source_row[rows]
    rest = extras(records, set(parts.values()), [*table.columns, "geometry"], kept)
    table = pd.concat([table, pd.DataFrame(rest, index=table.index)], axis=1)
    venues = gpd.GeoDataFrame(table, geometry=points(places.lonlat[rows]))
    venues = _status_note(venues, notes)
    if districts is not None:
        notes.append(district_note(venues, places, rows, districts))
    rejected = ledger.rejected()
    report = make_report(name, records, parts, len(venues), rejected, notes)
    return Read(venues, rejected, report)


def _fallback_address(records: Records, parts: dict[str, int], address: pd.Series) -> pd.Series:
    """Where the chosen address is empty, another address column may not be."""
    for other in ("도로명주소", "도로명전체주소", "지번주소", "소재지전체주소"):
        if other in records.names and records.names.index(other) != parts["address"]:
            second = text(records.cells[records.names.index(other)], words=False)
            address = address.fillna(second)
    return address


def _hours(records: Records, parts: dict[str, int], notes: list[str]) -> dict[str, pd.Series]:
    size = len(records)
    if "opening_hours" not in parts:
        return {"opening_hours": pd.Series([None] * size, dtype="str")}
    written = text(records.cells[parts["opening_hours"]])
    read = {value: osm_hours(value) for value in written.dropna().unique().tolist()}
    hours = written.map(read).astype("str")
    failed = written.notna() & hours.isna()
    result = {"opening_hours": hours}
    changed = sum(value is not None and value != word for word, value in read.items())
    if changed:
        notes.append(f"{changed:,} forms of opening hours turned into OSM syntax")
    if failed.any():
        example = written[failed].iloc[0]
        notes.append(
            f"opening hours of {int(failed.sum()):,} venues cannot be read and count as unknown, "
            f"e.g. {example[:40]!r} (opening_hours_as_written)"
        )
        result["opening_hours_as_written"] = written
    return result


def _counts(records: Records, parts: dict[str, int], notes: list[str]) -> dict[str, pd.Series]:
    result = {"seats": pd.Series(np.full(len(records), np.nan))}
    for part in ("seats", "popularity"):
        if part not in parts:
            continue
        column = records.cells[parts[part]]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            column = text(column).str.replace(r"\s*(?:석|대|좌석|seats?)$", "", regex=True)
        values, bad = numbers(column)
        bad = bad | (values < 0)
        result[part] = pd.Series(np.where(bad, np.nan, values))
        if bad.any():
            result[f"{part}_as_written"] = text(records.cells[parts[part]])
            notes.append(
                f"{part} of {int(bad.sum()):,} venues are no number and count as unknown "
                f"({part}_as_written)"
            )
    return result


def _business(
    records: Records, parts: dict[str, int], tz: str, ledger: Ledger, notes: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    size = len(records)
    opened, closed = np.full(size, MISSING, dtype=np.int64), np.full(size, MISSING, dtype=np.int64)
    for part in ("opened", "closed"):
        if part not in parts:
            continue
        label = records.names[parts[part]]
        times = parse_times(
            records.cells[parts[part]], tz, far_is_open=part == "closed", partial=True
        )
        odd = np.array(
            [isinstance(f, Message) and f.code == "time.year" for f in times.fault], dtype=np.bool_
        )
        if odd.any():
            notes.append(f"{label}: {int(odd.sum()):,} dates before 1900 count as unknown")
        times.fault[odd] = None
        ledger.refuse_each(times.fault, label)
        if part == "opened":
            opened = times.start
        else:
            closed = np.where(times.end != MISSING, times.end, times.start)
    if "closed" in parts:
        backwards = (opened != MISSING) & (closed != MISSING) & (closed < opened)
        ledger.refuse(backwards, Message("venue.backwards"), records.names[parts["closed"]])
    if "opened" in parts or "closed" in parts:
        notes.append(f"days of opening and closing are days in {tz}")
    return opened, closed


def _status_note(venues: gpd.GeoDataFrame, notes: list[str]) -> gpd.GeoDataFrame:
    if "status" not in venues.columns:
        return venues
    gone = venues["status"].fillna("").str.contains("폐업|취소|말소|closed", regex=True)
    unknown = gone & venues["closed"].isna()
    if unknown.any():
        notes.append(
            f"{int(unknown.sum()):,} venues are closed by their status but have no closing date; "
            "they count as open (see the column status)"
        )
    return venues


def _venue_ids(
    records: Records,
    parts: dict[str, int],
    made: dict[str, pd.Series],
    lonlat: NDArray[np.float64],
    ledger: Ledger,
    notes: list[str],
) -> pd.Series:
    size = len(records)
    ids = pd.Series([None] * size, dtype="str")
    if "venue_id" in parts:
        ids = text(records.cells[parts["venue_id"]])
    empty = ids.isna().to_numpy() & ledger.kept
    if empty.any():
        names = made.get("name", pd.Series([""] * size)).fillna("")
        filled = ids.astype("object")
        for place in np.flatnonzero(empty).tolist():
            key = f"{names[place]}|{lonlat[place, 0]:.6f}|{lonlat[place, 1]:.6f}"
            digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=5).hexdigest()
            filled.iloc[place] = f"v{digest}"
        ids = filled.astype("str")
        notes.append(f"venue_id of {int(empty.sum()):,} venues made from name and place")
    label = records.names[parts["venue_id"]] if "venue_id" in parts else ""
    kept = ledger.kept
    again = np.zeros(size, dtype=bool)
    again[kept] = ids[kept].duplicated(keep="first").to_numpy()
    rows = records.source_row
    first = {v: int(r) for v, r in zip(ids[kept & ~again], rows[kept & ~again], strict=True)}
    reasons = np.full(size, None, dtype=object)
    for place in np.flatnonzero(again).tolist():
        reasons[place] = Message("venue.again", row=first[ids[place]])
    ledger.refuse_each(reasons, label)
    return ids
