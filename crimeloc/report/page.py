"""The page: a content, drawn. Nothing is asked here that the content does not hold."""

from __future__ import annotations

from typing import Any

from crimeloc.messages.words import Words
from crimeloc.plotting.axes import as_svg
from crimeloc.plotting.map_legend import MapLayers, MapTables, map_layers
from crimeloc.plotting.offline import leaflet, map_parts, one_file, origin
from crimeloc.plotting.style import STYLE, page_rules
from crimeloc.provenance import VERSION
from crimeloc.report import appendix, sections
from crimeloc.report.content import Content
from crimeloc.report.drawings import paper_map
from crimeloc.report.script import SCRIPT
from crimeloc.report.sections_backtest import backtest_section
from crimeloc.report.source_rows import source_rows
from crimeloc.report.withheld import voice_of

__all__ = ["render"]


def render(content: Content, *, tiles: str | None = None) -> str:
    """How does this content read as one page?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    tiles : str, optional
        Address of a tile server inside the house, with ``{z}/{x}/{y}``.

    Returns
    -------
    str
        HTML that needs nothing beside it.
    """
    voice, settings, summary = voice_of(content), content.settings, content.summary
    behind = source_rows(content, voice)
    layers = map_layers(
        summary,
        content.heat,
        voice,
        top=settings.top,
        tables=MapTables(content.clusters, content.scan, content.areas, content.districts),
    )
    live, scripts, data = _live_map(layers, voice, tiles)
    paper = as_svg(paper_map(content, voice), "sheet")
    body = (
        sections.head(content, voice)
        + sections.headline(content, voice)
        + sections.figures(content, voice, behind)
        + sections.answer(content, voice, behind)
        + sections.map_section(content, voice, layers, live, paper)
        + appendix.habits(content, voice)
        + backtest_section(content, voice)
        + appendix.left_out_section(content, voice, behind)
        + appendix.made_section(content, voice)
        + "</main></div>"
    )
    footer = voice("footer", version=VERSION, at=voice.moment(summary.at))
    return one_file(
        title=settings.title or voice("title"),
        lang=settings.lang,
        styles=[leaflet()[0], STYLE, page_rules(settings.banner, footer)],
        body=body,
        scripts=scripts,
        data=data,
        image_origin=origin(tiles) if tiles else None,
    )


def _live_map(
    layers: MapLayers, voice: Words, tiles: str | None
) -> tuple[str, list[str], dict[str, Any]]:
    import folium

    south, west, north, east = layers.bounds
    chart = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=12,
        tiles=None,
        zoom_control=False,
        attribution_control=bool(tiles),
        prefer_canvas=True,
        zoom_snap=0.25,
    )
    if tiles:
        folium.TileLayer(tiles, attr=" ", control=False).add_to(chart)
    for entry in layers.entries:
        entry.layer.add_to(chart)
    parts = map_parts(chart, {entry.key: entry.layer for entry in layers.entries})
    data = {
        "map": parts.name,
        "layers": parts.layers,
        "bounds": [[south, west], [north, east]],
        "frames": [vars(frame) for frame in layers.frames],
        "zoom_in": voice("map.zoom_in"),
        "zoom_out": voice("map.zoom_out"),
        "themes": [voice(f"theme.{name}") for name in ("auto", "light", "dark")],
    }
    globals_ = "L_NO_TOUCH=false;L_DISABLE_3D=false;"
    return parts.body, [globals_ + leaflet()[1], parts.script, SCRIPT], data
