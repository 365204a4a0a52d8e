"""The page: a content, drawn. Nothing is asked here that the content does not hold."""

from __future__ import annotations

from crimeloc.plotting.axes import as_svg
from crimeloc.plotting.map_legend import map_layers
from crimeloc.plotting.map_view import live_map
from crimeloc.plotting.offline import leaflet, one_file, origin
from crimeloc.plotting.style import STYLE, page_rules
from crimeloc.provenance import VERSION
from crimeloc.report import appendix, sections
from crimeloc.report.content import Content
from crimeloc.report.drawings import map_tables, paper_map
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
        tables=map_tables(content),
    )
    live = live_map(layers.entries, layers.bounds, voice, frames=layers.frames, tiles=tiles)
    themes = [voice(f"theme.{name}") for name in ("auto", "light", "dark")]
    paper = as_svg(paper_map(content, voice), "sheet")
    body = (
        sections.head(content, voice)
        + sections.headline(content, voice)
        + sections.figures(content, voice, behind)
        + sections.answer(content, voice, behind)
        + sections.map_section(content, voice, layers, live.body, paper)
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
        scripts=[*live.scripts, SCRIPT],
        data=live.data | {"themes": themes},
        image_origin=origin(tiles) if tiles else None,
    )
