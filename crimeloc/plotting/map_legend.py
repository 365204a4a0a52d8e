"""The map of the briefing and its legend: which layers, and what each colour means.

The legend is the layer switch. Each entry says what it shows, over what, and in which unit.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.messages.words import Words
from crimeloc.plotting import heat as warmth
from crimeloc.plotting import layers
from crimeloc.plotting.colours import CLUSTER, DISTRICT, HEAT, PROFILE, SCAN, SLOT, VENUE
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.units import Duration, instants

__all__ = ["Atlas", "Entry", "Frame", "draw_atlas"]


@dataclass(frozen=True)
class Entry:
    """One layer and its place in the legend.

    Parameters
    ----------
    key : str
        Name of the layer on the page.
    layer : object
        The folium layer.
    label, note : str
        What it is called, and what it says, in plain text.
    swatch : str
        Markup that shows its colours.
    shown : bool
        Is it shown at first?
    """

    key: str
    layer: Any
    label: str
    note: str
    swatch: str
    shown: bool = True


@dataclass(frozen=True)
class Frame:
    """One step of the heat over time: its picture and its words."""

    picture: str
    text: str


@dataclass(frozen=True)
class Atlas:
    """The layers of a briefing.

    Parameters
    ----------
    entries : tuple of Entry
        Layers, lowest first.
    bounds : tuple of float
        South, west, north, east of what matters, in degrees.
    heat : Heat
        The heat surface.
    steps : tuple of float
        Densities at which its colour changes.
    frames : tuple of Frame
        The heat over time, oldest first.
    districts : GeoDataFrame or None
        The thinned outlines.
    """

    entries: tuple[Entry, ...]
    bounds: tuple[float, float, float, float]
    heat: warmth.Heat
    steps: tuple[float, ...]
    frames: tuple[Frame, ...] = ()
    districts: gpd.GeoDataFrame | None = field(default=None, repr=False)


def draw_atlas(
    case: ForecastSummary,
    words: Words,
    *,
    top: int,
    bandwidth_m: float,
    half_life: Duration | None,
    clusters: gpd.GeoDataFrame | None = None,
    scan: gpd.GeoDataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
    districts: gpd.GeoDataFrame | None = None,
) -> Atlas:
    """Which layers does this case have?

    Parameters
    ----------
    case : ForecastSummary
        The facts.
    words : Words
        The language.
    top : int
        How many venues and slots are marked.
    bandwidth_m : float
        Of the heat, in metres.
    half_life : str, timedelta or None
        Of the heat: age at which an upload counts half.
    clusters, scan, areas, districts : GeoDataFrame, optional
        Tables of further layers.

    Returns
    -------
    Atlas
        Layers that nobody has a table for are left out.
    """
    weight = warmth.event_weights(case.located, case.at, half_life)
    spots = warmth.places(case.located, weight)
    surface = _surface(spots, spots["weight"].to_numpy(), bandwidth_m)
    steps = warmth.steps_below(float(surface.density.max()))
    entries = []
    if districts is not None and len(districts):
        districts = layers.thinned(districts)
        entries.append(_districts(districts, words))
    entries.append(_heat(surface, steps, words, bandwidth_m, half_life))
    frames, first = _frames(case, words, len(spots) > 0, bandwidth_m)
    if frames:
        entries.append(first)
    for table, colour, key in ((scan, SCAN, "scan"), (clusters, CLUSTER, "clusters")):
        if table is not None and len(table):
            entries.append(_circles(table, colour, key, case, words))
    if areas is not None and len(areas):
        note = words("layer.profile.note")
        swatch = line(PROFILE, "10 4")
        layer = layers.areas_layer(areas, name="profile")
        entries.append(Entry("profile", layer, words("layer.profile"), note, swatch))
    entries += _venues(case, words, top)
    near = [spots[["lon", "lat"]].to_numpy(), case.venues[["lon", "lat"]].head(top).to_numpy()]
    return Atlas(
        tuple(entries),
        layers.extent(np.vstack(near)),
        surface,
        steps,
        frames,
        districts if districts is not None and len(districts) else None,
    )


def venue_text(row: Any, words: Words) -> str:
    """Give the lines that a venue's mark says."""
    lines = [
        f"{row.name_} ({row.venue_id})",
        words("tip.probability", p=words.percent(row.probability)),
    ]
    if not np.isnan(row.base_rate):
        lines.append(words("tip.base_rate", p=words.percent(row.base_rate)))
    lines.append(words("tip.past", n=words.number(row.n, 1)))
    return "\n".join(lines)


def _surface(spots: pd.DataFrame, weight: np.ndarray, bandwidth_m: float) -> warmth.Heat:
    lon, lat = spots["lon"].to_numpy(dtype=float), spots["lat"].to_numpy(dtype=float)
    return warmth.heat_surface(lon, lat, weight, bandwidth_m=bandwidth_m)


def _heat(
    surface: warmth.Heat,
    steps: tuple[float, ...],
    words: Words,
    bandwidth_m: float,
    half_life: Duration | None,
) -> Entry:
    fading = (
        words("layer.heat.steady")
        if half_life is None
        else words("layer.heat.fading", half_life=words.duration(half_life))
    )
    note = words("layer.heat.note", bandwidth=words.metres(bandwidth_m)) + " " + fading
    layer = layers.heat_layer(surface, steps, name=words("layer.heat"))
    return Entry("heat", layer, words("layer.heat"), note, _steps(steps, words))


def _frames(
    case: ForecastSummary, words: Words, some_place: bool, bandwidth_m: float, most: int = 12
) -> tuple[tuple[Frame, ...], Entry]:
    """Cut the past into whole weeks that end at the moment, and draw each with one scale."""
    nothing = Entry("frames", None, "", "", "", shown=False)
    ages = (case.at.value // 1_000 - instants(case.located["timestamp"])) / 86_400e6
    if not some_place or not len(ages):
        return (), nothing
    days = 7 * int(np.ceil(max(np.ceil(float(ages.max()) / 7), 1) / most))
    count = int(np.ceil(float(ages.max()) / days)) or 1
    if count < 2:
        return (), nothing
    weight = warmth.event_weights(case.located, case.at, None)
    table, code = warmth.spots(case.located)
    step = np.minimum((ages / days).astype(int), count - 1)
    here = code >= 0
    cell = step[here] * len(table) + code[here]
    flat = np.bincount(cell, weight[here], minlength=count * len(table))
    sums = np.asarray(flat, dtype=np.float64).reshape(count, len(table))[::-1]  # oldest first
    drawn = warmth.heat_surfaces(
        table["lon"].to_numpy(), table["lat"].to_numpy(), sums, bandwidth_m=bandwidth_m
    )
    surfaces = []
    for number, (surface, part) in enumerate(zip(drawn, sums, strict=True)):
        start = case.at - pd.Timedelta(days=(count - number) * days)
        end = case.at - pd.Timedelta(days=(count - number - 1) * days, microseconds=1)
        text = words(
            "layer.frames.step",
            start=words.day(start),
            end=words.day(end, year=True),
            n=words.number(float(part.sum()), 1),
        )
        surfaces.append((surface, text))
    steps = warmth.steps_below(max(float(s.density.max()) for s, _ in surfaces))
    frames = tuple(Frame(warmth.picture(s.density, steps, HEAT), text) for s, text in surfaces)
    layer = layers.heat_layer(surfaces[-1][0], steps, name=words("layer.frames"), show=False)
    span = words("number.weeks", n=days // 7)
    note = words("layer.frames.note", span=span)
    slider = (
        f'<input id="cl-slider" type="range" min="0" max="{count - 1}" value="{count - 1}" '
        f'step="1" disabled aria-label="{html.escape(words("layer.frames.slider"))}">'
        '<p id="cl-slider-text" aria-live="polite"></p>'
    )
    entry = Entry(
        "frames", layer, words("layer.frames"), note, _steps(steps, words) + slider, shown=False
    )
    return frames, entry


def _districts(districts: gpd.GeoDataFrame, words: Words) -> Entry:
    layer = layers.district_layer(districts, district_names(districts), name="districts")
    note = words("layer.districts.note", n=words.number(len(districts)))
    return Entry("districts", layer, words("layer.districts"), note, line(DISTRICT, ""))


def district_names(districts: gpd.GeoDataFrame) -> list[str]:
    """Give the name of each district: the first column that looks like one."""
    columns = [str(name) for name in districts.columns if name != districts.geometry.name]
    liked = ["name", "name_ko", "sig_kor_nm", "adm_nm", "district", "이름", "시군구명", "name_en"]
    for wish in liked:
        for column in columns:
            if column.lower() == wish:
                return [str(name) for name in districts[column].fillna("")]
    return [""] * len(districts)


def _circles(
    table: gpd.GeoDataFrame, colour: str, key: str, case: ForecastSummary, words: Words
) -> Entry:
    texts = []
    for row in table.itertuples():
        lines = [words(f"tip.{key}", id=getattr(row, "cluster_id", row.Index + 1))]
        if hasattr(row, "n_events"):
            lines.append(words("tip.events", n=words.number(float(row.n_events), 1)))
        if hasattr(row, "start") and hasattr(row, "end") and pd.notna(row.start):
            start, end = row.start.tz_convert(case.tz), row.end.tz_convert(case.tz)
            lines.append(words("tip.span", start=words.moment(start), end=words.moment(end)))
        if hasattr(row, "p_value"):
            lines.append(words("tip.p_value", p=f"{float(row.p_value):.3g}"))
        texts.append("\n".join(lines))
    layer = layers.circles_layer(table, texts, name=key, colour=colour)
    note = words(f"layer.{key}.note", n=words.number(len(table)))
    dashes = {"clusters": "6 4", "scan": "2 5"}[key]
    return Entry(key, layer, words(f"layer.{key}"), note, line(colour, dashes))


def _venues(case: ForecastSummary, words: Words, top: int) -> list[Entry]:
    table = case.venues.rename(columns={"name": "name_"})
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
    slots = case.slots.head(top)
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


def _steps(steps: Sequence[float], words: Words) -> str:
    if not steps:
        return f"<p>{html.escape(words('layer.heat.none'))}</p>"
    boxes = "".join(
        f'<span><i style="background:{colour}"></i>{step:g}</span>'
        for step, colour in zip(steps, HEAT, strict=False)
    )
    unit = html.escape(words("layer.heat.unit"))
    return f'<div class="cl-steps">{boxes}</div><div style="font-size:11.5px">{unit}</div>'


def line(colour: str, dashes: str) -> str:
    """Give the stroke that stands for a layer in a legend."""
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        '<svg width="64" height="10" aria-hidden="true"><line x1="0" y1="5" x2="64" y2="5" '
        f'stroke="{colour}" stroke-width="3"{dash}/></svg>'
    )


def _sizes(highest: float, count: int, words: Words) -> str:
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
