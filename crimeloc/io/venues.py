"""Read registers of venues."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.geometry import points
from crimeloc.io.business import business_days
from crimeloc.io.columns.matching import alike_columns
from crimeloc.io.formats.kinds import load, source_name
from crimeloc.io.formats.layout import Layout
from crimeloc.io.formats.raw_table import Read, Records, make_report
from crimeloc.io.parsing.column_types import extras, numbers, text, without_placeholders
from crimeloc.io.parsing.coordinates import place_rows
from crimeloc.io.parsing.hours import osm_hours
from crimeloc.io.quality.districts import district_note
from crimeloc.io.quality.passed_over import pass_over
from crimeloc.io.rows import Rows
from crimeloc.messages import Message
from crimeloc.units import to_timestamps, zone

__all__ = ["build_venues", "read_venues"]


def read_venues(
    path: str | Path | pd.DataFrame,
    *,
    crs: str | int | None = None,
    tz: str = "Asia/Seoul",
    columns: Mapping[str, str] | None = None,
    districts: str | Path | gpd.GeoDataFrame | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    layer: str | None = None,
    list: str | None = None,  # noqa: A002  (the word of JSON)
    header: int | Sequence[str] | None = None,
    skip_rows: int = 0,
) -> Read:
    """Which venues are in this register, and what is broken in it?

    Parameters
    ----------
    path : str, Path or DataFrame
        A table with coordinates or well-known text (CSV, Excel, Parquet, JSON Lines), a Korean
        licence register (LOCALDATA, as a file or from its interface), elements of OpenStreetMap
        (Overpass), GeoJSON, GeoPackage, shapefile or GeoParquet; or a table in memory.
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
    sheet, layer, list : optional
        Of several tables in one file, the one to read: an Excel sheet, a layer of a GeoPackage, a
        list in JSON. By default all that hold venues are read, and the report names the others.
    header : int or sequence of str, optional
        Row that holds the names, from 1; or the names, for a file without them.
    skip_rows : int
        So many rows at the beginning are passed over.

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
    layout = Layout(encoding, delimiter, sheet, layer, list, header, skip_rows)
    records = load(path, layout, kind="venues", columns=columns)
    return build_venues(records, source_name(path), place, crs, columns, districts)


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
    rows = Rows(records, name, "venues", columns)
    parts, notes = rows.parts, rows.notes
    places = place_rows(rows, crs)
    made: dict[str, pd.Series] = {}
    for part in ("name", "address", "category", "brand", "status"):
        if part in parts:
            made[part] = text(rows.cells(part), words=False)
    if "address" in parts:
        made["address"] = _fallback_address(rows, made["address"])
    made |= _hours(rows)
    made |= _counts(rows)
    business = business_days(rows, tz, made.get("status"))
    ids = _venue_ids(rows, made, places.lonlat)
    kept = rows.ledger.kept
    chosen = np.flatnonzero(kept)
    table = pd.DataFrame({"venue_id": ids[kept].reset_index(drop=True)})
    for part in ("name", "address", "category", "brand", "status"):
        if part in made:
            table[part] = made[part][kept].reset_index(drop=True)
    if "name" not in table:
        table["name"] = pd.Series([None] * len(table), dtype="str")
    for part, moments in business.items():
        table[part] = to_timestamps(moments[chosen])
    for part in ("opening_hours", "seats"):
        values = made.pop(part)
        table[part] = values[kept].reset_index(drop=True)
    for part, values in made.items():
        if part not in table:
            table[part] = values[kept].reset_index(drop=True)
    table["source_row"] = records.source_row[chosen]
    used = set(parts.values()) - {
        parts[part] for part in ("cancelled", "reopened", "status_detail") if part in parts
    }
    rest = extras(records, used, [*table.columns, "geometry"], kept)
    table = pd.concat([table, pd.DataFrame(rest, index=table.index)], axis=1)
    venues = gpd.GeoDataFrame(table, geometry=points(places.lonlat[chosen]))
    if districts is not None:
        district_note(venues, places, chosen, districts, notes)
    pass_over(rows)
    rejected = rows.ledger.rejected()
    return Read(venues, rejected, make_report(name, records, parts, len(venues), rejected))


def _fallback_address(rows: Rows, address: pd.Series) -> pd.Series:
    """Where the chosen address is empty, another address column may not be."""
    for position in alike_columns(rows.records.names, "venues", "address"):
        if position != rows.parts["address"]:
            rows.beside.add(position)
            address = address.fillna(text(rows.records.cells[position], words=False))
    return address


def _hours(rows: Rows) -> dict[str, pd.Series]:
    size = len(rows.records)
    if "opening_hours" not in rows.parts:
        return {"opening_hours": pd.Series([None] * size, dtype="str")}
    written = text(rows.cells("opening_hours"))
    read = {value: osm_hours(value) for value in written.dropna().unique().tolist()}
    hours = written.map(read).astype("str")
    failed = written.notna() & hours.isna()
    result = {"opening_hours": hours}
    changed = sum(value is not None and value != word for word, value in read.items())
    if changed:
        rows.notes.add("{n:,} forms of opening hours turned into OSM syntax", n=changed)
    if failed.any():
        rows.notes.add(
            "opening hours of {n:,} venues cannot be read and count as unknown, e.g. {example} "
            "(opening_hours_as_written)",
            n=int(failed.sum()),
            example=repr(written[failed].iloc[0][:40]),
        )
        result["opening_hours_as_written"] = written
    return result


def _counts(rows: Rows) -> dict[str, pd.Series]:
    result = {"seats": pd.Series(np.full(len(rows.records), np.nan))}
    for part in ("seats", "popularity"):
        if part not in rows.parts:
            continue
        column = rows.cells(part)
        if not pd.api.types.is_numeric_dtype(column.dtype):
            column = text(column).str.replace(r"\s*(?:석|대|좌석|seats?)$", "", regex=True)
        values, bad = numbers(column)
        bad = bad | (values < 0)
        result[part] = pd.Series(np.where(bad, np.nan, values))
        if bad.any():
            result[f"{part}_as_written"] = text(rows.cells(part))
            rows.notes.add(
                "{part} of {n:,} venues are no number and count as unknown ({part}_as_written)",
                part=part,
                n=int(bad.sum()),
            )
    return result


def _venue_ids(rows: Rows, made: dict[str, pd.Series], lonlat: NDArray[np.float64]) -> pd.Series:
    records, ledger = rows.records, rows.ledger
    size = len(records)
    ids = pd.Series([None] * size, dtype="str")
    label = ""
    if "venue_id" in rows.parts:
        label = rows.label("venue_id")
        ids = text(rows.cells("venue_id"))
        ids = without_placeholders(ids, "venue_id", label, rows.notes)
    empty = ids.isna().to_numpy() & ledger.kept
    if empty.any():
        names = made.get("name", pd.Series([""] * size)).fillna("")
        filled = ids.astype("object")
        for place in np.flatnonzero(empty).tolist():
            key = f"{names[place]}|{lonlat[place, 0]:.6f}|{lonlat[place, 1]:.6f}"
            digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=5).hexdigest()
            filled.iloc[place] = f"v{digest}"
        ids = filled.astype("str")
        rows.notes.add("venue_id of {n:,} venues made from name and place", n=int(empty.sum()))
    kept = ledger.kept
    again = np.zeros(size, dtype=bool)
    again[kept] = ids[kept].duplicated(keep="first").to_numpy()
    numbers_ = records.source_row
    first = {v: int(r) for v, r in zip(ids[kept & ~again], numbers_[kept & ~again], strict=True)}
    reasons = np.full(size, None, dtype=object)
    for place in np.flatnonzero(again).tolist():
        reasons[place] = Message("venue.again", row=first[ids[place]])
    ledger.refuse_each(reasons, label)
    return ids
