"""The map of the briefing and its legend: which layers, and what each colour means.

The legend is the layer switch. Each entry says what it shows, over what, and in which unit.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.messages.translator import Translator
from crimeloc.plotting import layers
from crimeloc.plotting.colours import CLUSTER, DISTRICT, HEAT, PROFILE, SCAN, SLOT, VENUE
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.plotting.ground_layers import (
    Move,
    grid_entry,
    moves_entry,
    names_in,
    own_entries,
)
from crimeloc.plotting.heat_maps import HeatMap, HeatOverTime
from crimeloc.plotting.legend import Entry, Frame, line

__all__ = [
    "MapLayers",
    "MapTables",
    "bounds_of",
    "circle_texts",
    "circles_entry",
    "district_names",
    "ground_entry",
    "map_layers",
    "venue_text",
]


@dataclass(frozen=True)
class MapLayers:
    """The layers of a map, each with its place in the legend.

    Parameters
    ----------
    entries : tuple of Entry
        Layers, lowest first.
    bounds : tuple of float
        South, west, north, east of what matters, in degrees.
    frames : tuple of Frame
        The heat over time, oldest first.
    """

    entries: tuple[Entry, ...]
    bounds: tuple[float, float, float, float]
    frames: tuple[Frame, ...] = ()


class MapTables(NamedTuple):
    """Tables of further layers; what is None is left out.

    Parameters
    ----------
    clusters, scan : GeoDataFrame, optional
        CLUSTERS, and those of a scan test.
    areas : GeoDataFrame, optional
        Outlines of the areas to search first.
    districts : GeoDataFrame, optional
        Outlines in EPSG:4326, thinned to what the eye can see.
    own : mapping, optional
        The analyst's own layers, as `crimeloc.plotting.ground_layers.checked_layers` gives them.
    moves : tuple of Move
        Where the series moved from and to.
    """

    clusters: gpd.GeoDataFrame | None = None
    scan: gpd.GeoDataFrame | None = None
    areas: gpd.GeoDataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    own: Mapping[str, gpd.GeoDataFrame] = MappingProxyType({})
    moves: tuple[Move, ...] = ()


def map_layers(
    summary: ForecastSummary,
    heat: HeatMap,
    words: Translator,
    *,
    top: int,
    tables: MapTables | None = None,
) -> MapLayers:
    """Which layers does this forecast have?

    Parameters
    ----------
    summary : ForecastSummary
        The facts.
    heat : HeatMap
        The heat of its past.
    words : Translator
        The language.
    top : int
        How many venues and slots are marked.
    tables : MapTables, optional
        Tables of further layers.

    Returns
    -------
    MapLayers
        Layers that nobody has a table for are left out.
    """
    clusters, scan, areas, districts, own, moves = tables or MapTables()
    bounds = bounds_of(summary.venues, heat, top)
    entries = [ground_entry(districts, bounds, words), *own_entries(own)]
    entries.append(_heat(heat, words))
    frames: tuple[Frame, ...] = ()
    if heat.over_time is not None:
        frames, entry = _frames(heat.over_time, words)
        entries.append(entry)
    for table, colour, key in ((scan, SCAN, "scan"), (clusters, CLUSTER, "clusters")):
        if table is not None and len(table):
            entries.append(circles_entry(table, colour, key, words, summary.tz))
    if areas is not None and len(areas):
        note = words("layer.profile.note")
        layer = layers.areas_layer(areas, name="profile")
        swatch = line(PROFILE, "10 4")
        entries.append(Entry("profile", layer, words("layer.profile"), note, swatch))
    if moves:
        entries.append(moves_entry(moves, words))
    entries += _venues(summary, words, top)
    return MapLayers(tuple(entries), bounds, frames)


def bounds_of(venues: pd.DataFrame, heat: HeatMap, top: int) -> tuple[float, float, float, float]:
    """Give south, west, north, east around the past uploads and the top venues."""
    marked = venues[["lon", "lat"]].head(top).to_numpy(dtype=np.float64)
    return layers.extent(np.vstack([heat.points, marked]))


def venue_text(row: Any, words: Translator) -> str:
    """Give the lines that a venue's mark says."""
    lines = [
        f"{row.name_} ({row.venue_id})",
        words("tip.probability", p=words.percent(row.probability)),
    ]
    if not np.isnan(row.base_rate):
        lines.append(words("tip.base_rate", p=words.percent(row.base_rate)))
    lines.append(words("tip.past", n=words.number(row.n, 1)))
    return "\n".join(lines)


def _heat(heat: HeatMap, words: Translator) -> Entry:
    fading = (
        words("layer.heat.steady")
        if heat.half_life is None
        else words("layer.heat.fading", half_life=words.duration(heat.half_life))
    )
    bandwidth = words.metres(heat.surface.bandwidth_m)
    note = words("layer.heat.note", bandwidth=bandwidth) + " " + fading
    layer = layers.heat_layer(heat.surface, heat.steps, name=words("layer.heat"))
    return Entry("heat", layer, words("layer.heat"), note, _steps(heat.steps, words))


def _frames(heat: HeatOverTime, words: Translator) -> tuple[tuple[Frame, ...], Entry]:
    """Say which days each step holds, and give the slider that moves through them."""
    frames = tuple(
        Frame(
            step.picture,
            words(
                "layer.frames.step",
                start=words.day(step.start),
                end=words.day(step.end, year=True),
                n=words.number(step.n, 1),
            ),
        )
        for step in heat.frames
    )
    last = len(frames) - 1
    layer = layers.picture_layer(
        frames[last].picture, heat.bounds, name=words("layer.frames"), show=False
    )
    note = words("layer.frames.note", span=words.weeks(heat.weeks))
    slider = (
        f'<input id="cl-slider" type="range" min="0" max="{last}" value="{last}" '
        f'step="1" disabled aria-label="{html.escape(words("layer.frames.slider"))}">'
        f'<button type="button" id="cl-play" aria-pressed="false" disabled>'
        f"{html.escape(words('layer.frames.play'))}</button>"
        '<p id="cl-slider-text" aria-live="polite"></p>'
    )
    swatch = _steps(heat.steps, words) + slider
    return frames, Entry("frames", layer, words("layer.frames"), note, swatch, shown=False)


def ground_entry(
    districts: gpd.GeoDataFrame | None, bounds: tuple[float, float, float, float], words: Translator
) -> Entry:
    """Give outlines as a base map, thinned already; a grid of degrees where there are none."""
    if districts is None or not len(districts):
        return grid_entry(bounds, words)
    layer = layers.district_layer(districts, district_names(districts), name="districts")
    note = words("layer.districts.note", n=words.number(len(districts)))
    return Entry("districts", layer, words("layer.districts"), note, line(DISTRICT, ""))


def district_names(districts: gpd.GeoDataFrame) -> list[str]:
    """Give the name of each district; empty texts where no column looks like a name."""
    return names_in(districts) or [""] * len(districts)


def circles_entry(
    table: gpd.GeoDataFrame, colour: str, key: str, words: Translator, tz: str
) -> Entry:
    """Give clusters as circles; `key` is ``"clusters"`` or ``"scan"``."""
    texts = circle_texts(table, key, words, tz)
    layer = layers.circles_layer(table, texts, name=key, colour=colour)
    note = words(f"layer.{key}.note", n=words.number(len(table)))
    dashes = {"clusters": "6 4", "scan": "2 5"}[key]
    return Entry(key, layer, words(f"layer.{key}"), note, line(colour, dashes))


def circle_texts(table: gpd.GeoDataFrame, key: str, words: Translator, tz: str) -> list[str]:
    """Give the lines that each circle says when pointed at."""
    texts = []
    for place, row in enumerate(table.to_dict("records"), start=1):
        lines = [words(f"tip.{key}", id=row.get("cluster_id", place))]
        if "n_events" in row:
            lines.append(words("tip.events", n=words.number(float(row["n_events"]), 1)))
        if pd.notna(row.get("start")) and pd.notna(row.get("end")):
            start, end = row["start"].tz_convert(tz), row["end"].tz_convert(tz)
            lines.append(words("tip.span", start=words.moment(start), end=words.moment(end)))
        if "p_value" in row:
            lines.append(words("tip.p_value", p=f"{float(row['p_value']):.3g}"))
        texts.append("\n".join(lines))
    return texts


def _venues(summary: ForecastSummary, words: Translator, top: int) -> list[Entry]:
    table = summary.venues.rename(columns={"name": "name_"})
    texts = [venue_text(row, words) for row in table.itertuples(index=False)]
    highest = float(table["probability"].max()) if len(table) else 0.0
    note = words("layer.venues.note", n=words.number(len(table)))
    everyone = Entry(
        "venues",
        layers.venue_layer(table, texts, name="venues"),
        words("layer.venues"),
        note,
        _sizes(highest, len(table), words),
    )
    marks = Entry(
        "top",
        layers.top_layer(table.head(top), texts[:top], name="top"),
        words("layer.top"),
        words("layer.top.note", n=words.number(min(top, len(table)))),
        '<span class="cl-rank">1</span>',
    )
    slots = summary.slots.head(top)
    columns = (slots["window_start"], slots["window_end"], slots["probability"])
    labels = [
        f"{words.window(start, end)} · {words.percent(chance)}"
        for start, end, chance in zip(*columns, strict=True)
    ]
    tags = Entry(
        "slots",
        layers.slot_layer(slots, labels, name="slots"),
        words("layer.slots"),
        words("layer.slots.note", n=words.number(len(slots))),
        f'<span style="color:{SLOT};border:1px solid {SLOT};border-radius:5px;padding:0 6px">'
        f"{html.escape(labels[0]) if labels else ''}</span>",
    )
    return [everyone, tags, marks]


def _steps(steps: Sequence[float], words: Translator) -> str:
    if not steps:
        return f"<p>{html.escape(words('layer.heat.none'))}</p>"
    boxes = "".join(
        f'<span><i style="background:{colour}"></i>{step:g}</span>'
        for step, colour in zip(steps, HEAT, strict=False)
    )
    unit = html.escape(words("layer.heat.unit"))
    return f'<div class="cl-steps">{boxes}</div><div style="font-size:11.5px">{unit}</div>'


def _sizes(highest: float, count: int, words: Translator) -> str:
    if not highest > 0:
        return ""
    chances = np.array([highest, highest / 4, highest / 16])
    radii = layers.radius_px(chances, highest, count)
    parts, x = [], 2.0
    for chance, radius in zip(chances, radii, strict=True):
        parts.append(
            f'<circle cx="{x + radius:.0f}" cy="24" r="{radius:.1f}" fill="{VENUE}" '
            f'fill-opacity=".8"/><text x="{x + 2 * radius + 4:.0f}" y="28" font-size="11.5" '
            f'fill="#1b1f24">{html.escape(words.percent(float(chance)))}</text>'
        )
        x += 2 * radius + 46
    return f'<svg width="{x:.0f}" height="48" aria-hidden="true">{"".join(parts)}</svg>'
