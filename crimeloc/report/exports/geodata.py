"""Places for a geographic information system: GeoPackage, GeoJSON and KML."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import geopandas as gpd
import pandas as pd
import shapely

from crimeloc.report.content import Content
from crimeloc.report.exports.tables import SLOT_FLOOR, chosen, tables_of
from crimeloc.report.withheld import voice_of

__all__ = ["write_geojson", "write_gpkg", "write_kml"]

_KML = "http://www.opengis.net/kml/2.2"
_ILLEGAL = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_DIGITS = 7  # of a degree: about a centimetre
_COLOURS = {"venues": "ffb27200", "uploads": "ff6949d4", "clusters": "ff4a6200", "scan": "ff003b8a"}


def write_gpkg(content: Content, path: str | Path, *, min_probability: float = SLOT_FLOOR) -> Path:
    """How do I hand it to a geographic information system?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.gpkg``; an existing file is replaced.
    min_probability : float
        Slots with less are left out; 0 writes all.

    Returns
    -------
    Path
        The file: one layer per table, those without places as tables.

    Notes
    -----
    Coordinates are EPSG:4326, times UTC, and beside each stands a text with the clock at the
    venues and its offset (``window_start_local``). A row without a place (an upload without a
    candidate) is kept, its geometry empty.
    """
    import pyogrio

    wanted = Path(path)
    named = wanted.suffix.lower() == ".gpkg"
    target = wanted if named else wanted.with_name(f"{wanted.name}.gpkg")  # as the driver asks
    target.unlink(missing_ok=True)
    stamp = content.summary.at.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%S.000Z")
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})  # not today's date
    try:
        for name, table in tables_of(content, min_probability=min_probability).items():
            ready = _storable(table)
            if isinstance(ready, gpd.GeoDataFrame):
                kind = "Unknown" if len(set(ready.geom_type.dropna())) > 1 else None
                pyogrio.write_dataframe(
                    ready,
                    target,
                    layer=name,
                    driver="GPKG",
                    append=target.exists(),
                    geometry_type=kind or _kind(ready),
                )
            else:
                pyogrio.write_dataframe(
                    ready, target, layer=name, driver="GPKG", append=target.exists()
                )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    return target if named else target.replace(wanted)


def write_geojson(
    content: Content,
    path: str | Path,
    table: str | None = None,
    *,
    min_probability: float = SLOT_FLOOR,
) -> Path:
    """How do I hand the places to a web map or a script?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.geojson``.
    table : str, optional
        One of the tables with places; by default all, each feature naming its own in the property
        ``layer``.
    min_probability : float
        Slots with less are left out; 0 writes all.

    Returns
    -------
    Path
        The file, after RFC 7946: degrees, longitude first.

    Raises
    ------
    ParameterError
        There is no such table with places at this level.
    """
    whole = tables_of(content, min_probability=min_probability)
    tables = _with_places(whole)
    if table is not None:
        tables = {table: chosen(tables, table)}
    features = [feature for name, part in tables.items() for feature in _features(name, part)]
    known = whole["about"]
    collection = {
        "type": "FeatureCollection",
        "about": dict(zip(known["what"], known["value"], strict=True)),
        "features": features,
    }
    target = Path(path)
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    target.write_text(text + "\n", encoding="utf-8", newline="\n")
    return target


def write_kml(content: Content, path: str | Path, *, min_probability: float = SLOT_FLOOR) -> Path:
    """How do I look at it in a globe viewer?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.kml``.
    min_probability : float
        Slots with less are left out; 0 writes all.

    Returns
    -------
    Path
        The file: one folder per table with places. Slots and uploads carry their time, so that the
        viewer's time slider works.

    Notes
    -----
    It names no icon by address, so that opening it makes no request.
    """
    voice = voice_of(content)
    root = Xml.Element("kml", {"xmlns": _KML})
    document = Xml.SubElement(root, "Document")
    _text(document, "name", content.settings.title or voice("title"))
    tables = tables_of(content, min_probability=min_probability)
    known = tables["about"]
    lines = [f"{what}: {value}" for what, value in zip(known["what"], known["value"], strict=True)]
    _text(
        document,
        "description",
        "\n".join([*([content.settings.banner] if content.settings.banner else []), *lines]),
    )
    for name, colour in _COLOURS.items():
        style = Xml.SubElement(document, "Style", {"id": name})
        icon = Xml.SubElement(style, "IconStyle")
        _text(icon, "color", colour)
        Xml.SubElement(icon, "Icon")  # empty: the viewer's own mark, nothing fetched
    for name, table in _with_places(tables).items():
        folder = Xml.SubElement(document, "Folder")
        _text(folder, "name", name)
        for row in table.to_dict("records"):
            _placemark(folder, name, row)
    Xml.indent(root)
    target = Path(path)
    data = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    target.write_bytes(_legal(data.decode("utf-8")).encode("utf-8") + b"\n")
    return target


def _with_places(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: part for name, part in tables.items() if isinstance(part, gpd.GeoDataFrame)}


def _storable(table: pd.DataFrame) -> pd.DataFrame:
    """Make lists and categories text, and times UTC, as GeoPackage asks; local ones as text."""
    result = table.copy()
    for name in list(result.columns):
        if name == "geometry":
            continue
        kind = result[name].dtype
        if kind.kind == "O":
            result[name] = result[name].astype("object").map(_flat, na_action="ignore")
            result[name] = result[name].astype("str")
        elif isinstance(kind, pd.DatetimeTZDtype):
            local = result[name].map(lambda moment: moment.isoformat(), na_action="ignore")
            result[f"{name}_local"] = local.astype("str")
            result[name] = result[name].dt.tz_convert("UTC").dt.as_unit("ms")
    return result


def _kind(table: gpd.GeoDataFrame) -> str:
    kinds = list(table.geom_type.dropna().unique())
    return str(kinds[0]) if kinds else "Point"


def _flat(value: Any) -> str:
    return "|".join(map(str, value)) if isinstance(value, (list, tuple, set)) else str(value)


def _features(name: str, table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "type": "Feature",
            "geometry": _geometry(row.pop("geometry")),
            "properties": {"layer": name} | {str(key): _json(value) for key, value in row.items()},
        }
        for row in table.to_dict("records")
    ]


def _geometry(shape: Any) -> dict[str, Any] | None:
    if shape is None or shape.is_empty:
        return None
    return json.loads(shapely.to_geojson(shapely.set_precision(shape, 10.0**-_DIGITS)))  # type: ignore[no-any-return]


def _json(value: Any) -> Any:
    if isinstance(value, (list, tuple, set)):
        return _flat(value)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (bool, int, str)) else str(value)


def _placemark(folder: Xml.Element, layer: str, row: dict[Any, Any]) -> None:
    shape = row.pop("geometry")
    mark = Xml.SubElement(folder, "Placemark")
    _text(mark, "name", str(row.get("name", row.get("event_id", row.get("cluster_id", layer)))))
    begins, ends = row.get("window_start", row.get("start")), row.get("window_end", row.get("end"))
    if begins is not None and ends is not None and pd.notna(begins) and pd.notna(ends):
        span = Xml.SubElement(mark, "TimeSpan")
        _text(span, "begin", begins.isoformat())
        _text(span, "end", ends.isoformat())
    elif isinstance(row.get("timestamp"), pd.Timestamp):
        _text(Xml.SubElement(mark, "TimeStamp"), "when", row["timestamp"].isoformat())
    _text(mark, "styleUrl", f"#{'venues' if layer == 'slots' else layer}")
    data = Xml.SubElement(mark, "ExtendedData")
    for key, value in row.items():
        plain = _json(value)
        if plain is not None:
            _text(Xml.SubElement(data, "Data", {"name": str(key)}), "value", str(plain))
    if shape is not None and not shape.is_empty:
        _shape(mark, shape)


def _shape(mark: Xml.Element, shape: Any) -> None:
    point = shape if shape.geom_type == "Point" else shape.representative_point()
    coordinates = f"{round(point.x, _DIGITS)},{round(point.y, _DIGITS)}"
    _text(Xml.SubElement(mark, "Point"), "coordinates", coordinates)


def _text(parent: Xml.Element, tag: str, text: str) -> None:
    Xml.SubElement(parent, tag).text = text


def _legal(text: str) -> str:
    """Replace letters that XML does not allow."""
    return _ILLEGAL.sub("\ufffd", text)
