"""What lies beneath and beside a forecast: a grid of degrees, and the analyst's own layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from crimeloc.errors import ParameterError
from crimeloc.messages.translator import Translator
from crimeloc.plotting.layers import thinned
from crimeloc.plotting.leaflet import Rows
from crimeloc.plotting.legend import Entry, dot, line

__all__ = [
    "GRID",
    "OWN",
    "Degrees",
    "Move",
    "checked_layers",
    "degrees_in",
    "grid_entry",
    "moves_entry",
    "names_in",
    "own_entries",
]

OWN = ("#7b3294", "#1b7837", "#b35806", "#00637a", "#c51b7d", "#4d4d4d")
"""Colours of the analyst's own layers, one after the other."""
GRID = "#c3cad2"
MOVE = "#8b0f1a"
_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_LINES = 6
_NAMED = ("name", "name_ko", "sig_kor_nm", "adm_nm", "district", "이름", "시군구명", "name_en")


class Degrees(NamedTuple):
    """Round degrees that cross a map.

    Parameters
    ----------
    lon, lat : tuple of float
        Meridians and parallels, in degrees.
    step : float
        Degrees from one to the next.
    """

    lon: tuple[float, ...]
    lat: tuple[float, ...]
    step: float


class Move(NamedTuple):
    """Where a series was before and after it moved.

    Parameters
    ----------
    before, after : tuple of float
        Longitude and latitude of the venue used most.
    texts : tuple of str
        The label of each end.
    """

    before: tuple[float, float]
    after: tuple[float, float]
    texts: tuple[str, str]


def degrees_in(bounds: tuple[float, float, float, float], step: float | None = None) -> Degrees:
    """Which round degrees cross these bounds?

    Parameters
    ----------
    bounds : tuple of float
        South, west, north, east.
    step : float, optional
        Degrees from one to the next; by default such that there are six or fewer.

    Returns
    -------
    Degrees
        The lines in each direction.

    Examples
    --------
    >>> degrees_in((37.42, 126.9, 37.61, 127.12)).lat
    (37.45, 37.5, 37.55, 37.6)
    """
    south, west, north, east = bounds
    longest = max(north - south, east - west)
    apart = step or next((one for one in _STEPS if longest / one <= _LINES), _STEPS[-1])

    def within(low: float, high: float) -> tuple[float, ...]:
        first, last = int(np.ceil(low / apart - 1e-9)), int(np.floor(high / apart + 1e-9))
        return tuple(round(number * apart, 6) for number in range(first, last + 1))

    return Degrees(within(west, east), within(south, north), apart)


def grid_entry(bounds: tuple[float, float, float, float], words: Translator) -> Entry:
    """Where is this? A grid of degrees as a base map, where there are no outlines.

    Parameters
    ----------
    bounds : tuple of float
        South, west, north, east of what matters.
    words : Translator
        The language.

    Returns
    -------
    Entry
        Lines with their degrees; they go on beyond the bounds.
    """
    import folium

    south, west, north, east = bounds
    high, wide = north - south, east - west
    around = (south - high, west - wide, north + high, east + wide)
    step = degrees_in(bounds).step
    shown, every = degrees_in(bounds), degrees_in(around, step)
    lines = [((lon, around[0]), (lon, around[2])) for lon in every.lon]
    lines += [((around[1], lat), (around[3], lat)) for lat in every.lat]
    group = folium.FeatureGroup(name="grid")
    style = {"color": GRID, "weight": 1}
    shapes = gpd.GeoSeries([shapely.LineString(ends) for ends in lines], crs="EPSG:4326")
    folium.GeoJson(
        shapes.to_json(to_wgs84=False, drop_id=True),
        style_function=lambda _: style,
        interactive=False,
    ).add_to(group)
    digits = max(0, int(np.ceil(-np.log10(step) - 1e-9)))
    rows: list[list[Any]] = [[south, lon, [_degree(lon, "EW", digits)], ""] for lon in shown.lon]
    rows += [[lat, west, [_degree(lat, "NS", digits)], ""] for lat in shown.lat]
    Rows(rows, {"className": "cl-grid", "lift": -6000}, "label", "grid").add_to(group)
    note = words("layer.grid.note", step=f"{step:g}°")
    return Entry("grid", group, words("layer.grid"), note, line(GRID, ""))


def _degree(value: float, ends: str, digits: int) -> str:
    """Write a degree with the half of the globe it is in."""
    return f"{abs(value):.{digits}f}°{ends[value < 0]}"


def checked_layers(
    own: Mapping[str, gpd.GeoDataFrame] | None,
) -> dict[str, gpd.GeoDataFrame]:
    """Give the analyst's own layers in EPSG:4326, thinned to what the eye can see.

    Parameters
    ----------
    own : mapping, optional
        Tables with places by the name of their layer.

    Returns
    -------
    dict of GeoDataFrame
        The same names; rows without a place are left out.

    Raises
    ------
    ParameterError
        A table has no places, or does not say in which CRS they are.
    """
    found = {}
    for name, table in (own or {}).items():
        if not isinstance(table, gpd.GeoDataFrame) or table.crs is None:
            what = "no CRS" if isinstance(table, gpd.GeoDataFrame) else type(table).__name__
            raise ParameterError(
                "layers",
                found=f"{name}: {what}",
                expected="GeoDataFrames with a CRS",
                hint='layers={"CCTV": cl.read_shapes("cctv.gpkg")}',
            )
        known = table[table.geometry.notna() & ~table.geometry.is_empty]
        areas = len(known) and bool(known.geom_type.isin(["Polygon", "MultiPolygon"]).all())
        found[str(name)] = thinned(known) if areas else known.to_crs("EPSG:4326")
    return found


def own_entries(own: Mapping[str, gpd.GeoDataFrame]) -> list[Entry]:
    """Give the analyst's own layers: points as dots with their names, the rest as outlines.

    Parameters
    ----------
    own : mapping
        As `checked_layers` gives them.

    Returns
    -------
    list of Entry
        One for each, in a colour of its own.
    """
    entries = []
    for place, (name, table) in enumerate(own.items()):
        colour = OWN[place % len(OWN)]
        points = table[table.geom_type == "Point"]
        layer = _own_layer(points, table[table.geom_type != "Point"], colour, name)
        swatch = dot(colour) if len(points) else line(colour, "")
        entries.append(Entry(f"own{place + 1}", layer, name, f"n = {len(table):,}", swatch))
    return entries


def _own_layer(points: gpd.GeoDataFrame, rest: gpd.GeoDataFrame, colour: str, name: str) -> Any:
    import folium

    group = folium.FeatureGroup(name=name)
    if len(rest):
        style = {"color": colour, "weight": 2, "fillOpacity": 0.06}
        folium.GeoJson(
            gpd.GeoSeries(rest.geometry).to_json(to_wgs84=False, drop_id=True),
            style_function=lambda _: style,
            interactive=False,
            smooth_factor=0.5,
        ).add_to(group)
    texts = names_in(points) or [name] * len(points)
    rows = [
        [round(float(spot.y), 6), round(float(spot.x), 6), 4.5, f"{name}\n{text}"]
        for spot, text in zip(points.geometry, texts, strict=True)
    ]
    style_of_dots = {"color": "#ffffff", "weight": 1, "fillColor": colour, "fillOpacity": 0.95}
    Rows(rows, style_of_dots, "circleMarker", name).add_to(group)
    return group


def names_in(table: pd.DataFrame) -> list[str]:
    """Give the name of each row: the first column that looks like one; none where none does."""
    columns = {str(name).lower(): name for name in table.columns}
    for wish in _NAMED:
        if wish in columns:
            return [str(name) for name in table[columns[wish]].fillna("")]
    return []


def moves_entry(moves: Sequence[Move], words: Translator) -> Entry:
    """Where did a series move from, and to?

    Parameters
    ----------
    moves : sequence of Move
        The moves, the earliest first.
    words : Translator
        The language.

    Returns
    -------
    Entry
        A line for each move, its ends named.
    """
    import folium

    group = folium.FeatureGroup(name="moves")
    lines = [shapely.LineString([move.before, move.after]) for move in moves]
    style = {"color": MOVE, "weight": 3, "dashArray": "1 7"}
    folium.GeoJson(
        gpd.GeoSeries(lines, crs="EPSG:4326").to_json(to_wgs84=False, drop_id=True),
        style_function=lambda _: style,
        interactive=False,
    ).add_to(group)
    rows: list[list[Any]] = [
        [round(spot[1], 6), round(spot[0], 6), [text], ""]
        for move in moves
        for spot, text in zip((move.before, move.after), move.texts, strict=True)
    ]
    Rows(rows, {"className": "cl-move", "lift": 3000}, "label", "moves").add_to(group)
    note = words("layer.moves.note", n=words.number(len(moves)))
    return Entry("moves", group, words("layer.moves"), note, line(MOVE, "1 7"))
