"""The briefing on A4 paper, drawn by matplotlib: no browser is needed."""

from __future__ import annotations

import logging
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crimeloc.errors import CrimelocError
from crimeloc.messages.words import Words
from crimeloc.plotting import fonts
from crimeloc.plotting.colours import INK
from crimeloc.plotting.forecast_charts import capture
from crimeloc.provenance import VERSION
from crimeloc.report import sections_backtest as tested
from crimeloc.report.content import Content
from crimeloc.report.exports import facts
from crimeloc.report.exports.layout import (
    LEFT,
    RIGHT,
    TOP,
    letters,
    put_chart,
    put_lines,
    put_table,
    wrapped,
)
from crimeloc.report.ranker_notes import SET_LEVEL
from crimeloc.report.source_rows import set_rows
from crimeloc.report.withheld import voice_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_map", "font_hint", "paper", "write_pdf", "write_png"]

_A4 = (8.27, 11.69)
_ROWS = 46  # lines of plain text on a page


def write_png(content: Content, path: str | Path, *, dpi: int = 150) -> Path:
    """How do I show it as one picture?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.png``.
    dpi : int
        Dots per inch of an A4 page.

    Returns
    -------
    Path
        The first page: headline, map, and the likeliest venues.

    Raises
    ------
    CrimelocError
        Korean words are asked for and no Korean font is installed.
    """
    _checked(content)
    with quiet():
        figure = next(paper(content))
        figure.savefig(path, format="png", dpi=dpi, metadata={"Software": f"crimeloc {VERSION}"})
    return Path(path)


def write_pdf(content: Content, path: str | Path) -> Path:
    """How do I print it, or put it into the file?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.pdf``.

    Returns
    -------
    Path
        A4 pages: the first of `write_png`; venues and slots; habits; replay, if there is one; what
        was left out and what made it. The words in it can be searched and copied.

    Raises
    ------
    CrimelocError
        Korean words are asked for and no Korean font is installed.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    voice = _checked(content)
    moment = content.case.at.tz_convert("UTC").to_pydatetime()  # other zones change their sign
    known: Any = {
        "Title": content.title or voice("title"),
        "Creator": f"crimeloc {VERSION}",
        "Producer": f"crimeloc {VERSION}",
        "CreationDate": moment,
        "ModDate": moment,
    }
    with quiet(), PdfPages(path, metadata=known) as book:
        for figure in paper(content):
            book.savefig(figure)
    return Path(path)


def paper(content: Content) -> Iterator[Figure]:
    """Which pages has the briefing on paper?

    Parameters
    ----------
    content : Content
        At the level of the reader.

    Yields
    ------
    Figure
        A4, upright.
    """
    voice, pages = voice_of(content), _plan(content)
    for number, draw in enumerate(pages, start=1):
        yield draw(content, voice, (number, len(pages)))


def draw_map(content: Content, ax: Axes | None = None) -> Axes:
    """Where, on one sheet?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Heat, venues, clusters, districts, legend, scale bar and north arrow.
    """
    import numpy as np

    from crimeloc.plotting import heat, layers
    from crimeloc.plotting.map_legend import district_names
    from crimeloc.plotting.static_map import map_sheet

    case, districts = content.case, content.districts
    weight = heat.event_weights(content.warm, case.at, content.half_life)
    spots = heat.places(content.warm, weight)
    lon, lat = (spots[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    surface = heat.heat_surface(
        lon, lat, spots["weight"].to_numpy(dtype=np.float64), bandwidth_m=content.bandwidth_m
    )
    if districts is not None and len(districts):
        districts = layers.thinned(districts)
    marked = case.venues[["lon", "lat"]].head(content.top)
    near = [spots[["lon", "lat"]].to_numpy(), marked.to_numpy()]
    return map_sheet(
        case.venues,
        surface,
        heat.steps_below(float(surface.density.max())),
        voice_of(content),
        bounds=layers.extent(np.vstack(near)),
        top=content.top,
        districts=districts,
        names=district_names(districts) if districts is not None else (),
        clusters=content.clusters,
        scan=content.scan,
        ax=ax,
    )


def font_hint(content: Content) -> str | None:
    """Which words would be missing for want of a font, if any?"""
    if fonts.font()[1]:
        return None
    case = content.case
    texts = [*case.venues["name"].head(content.top), content.title or "", content.banner or ""]
    wide = any(unicodedata.east_asian_width(letter) == "W" for text in texts for letter in text)
    return voice_of(content)("export.no_font") if wide or content.lang == "ko" else None


def _checked(content: Content) -> Words:
    if content.lang == "ko" and not fonts.font()[1]:
        raise CrimelocError(
            "font: found no Korean font on this machine; expected one for lang='ko'  hint: "
            'pip install koreanize-matplotlib, or briefing(..., lang="en"), or save("case.html"), '
            "which uses the reader's fonts"
        )
    return voice_of(content)


@contextmanager
def quiet() -> Iterator[None]:
    """Words stay words in the file; letters that no font has are told by `font_hint`."""
    import matplotlib as mpl

    family, _ = fonts.font()
    settings: Any = {
        "pdf.fonttype": 42,
        "font.family": family,
        "text.parse_math": False,
        "axes.unicode_minus": False,
    }
    talkative = [logging.getLogger(name) for name in ("fontTools", "matplotlib.font_manager")]
    before = [(logger, logger.level) for logger in talkative]
    for logger in talkative:
        logger.setLevel(logging.ERROR)
    try:
        with mpl.rc_context(settings), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            yield
    finally:
        for logger, level in before:
            logger.setLevel(level)


def _plan(content: Content) -> list[Callable[[Content, Words, tuple[int, int]], Figure]]:
    """Which pages come in which order?"""

    def plain(lines: list[tuple[str, float, str]]) -> Any:
        def draw(content: Content, voice: Words, number: tuple[int, int]) -> Figure:
            figure = _page(content, voice, number)
            put_lines(figure, LEFT, TOP, lines)
            return figure

        return draw

    pages: list[Any] = [_first_page, _answer_page, _habits_page]
    if content.replay is not None:
        pages.append(_replay_page)
    if content.sets or (content.replay is not None and content.replay.captures is not None):
        pages.append(_sure_page)
    return pages + [plain(lines) for lines in _last_pages(content, voice_of(content))]


def _page(content: Content, voice: Words, number: tuple[int, int]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_A4, facecolor="white")
    look: Any = {"fontsize": 8, "color": INK["muted"]}
    if content.banner:
        for height in (0.978, 0.022):
            figure.text(
                0.5,
                height,
                content.banner,
                ha="center",
                va="center",
                fontsize=10,
                fontweight="bold",
                color=INK["second"],
            )
    level = voice(f"level.{content.level}", threshold=content.threshold)
    figure.text(LEFT, 0.036, level, va="center", **look)
    at = voice("footer", version=VERSION, at=voice.moment(content.case.at))
    figure.text(LEFT, 0.022, at, va="center", **look)
    page = voice("page", n=number[0], all=number[1])
    figure.text(RIGHT, 0.022, page, ha="right", va="center", **look)
    return figure


def _first_page(content: Content, voice: Words, number: tuple[int, int]) -> Figure:
    figure = _page(content, voice, number)
    height = put_lines(figure, LEFT, TOP, [(content.title or voice("title"), 17, "bold")])
    height = put_lines(figure, LEFT, height, [(facts.subtitle(content, voice), 9, "muted")])
    said = facts.lead(content, voice)
    lines = [(said[0], 12.5, "bold"), *((text, 9.5, "plain") for text in said[1:])]
    height = put_lines(figure, LEFT, height - 0.008, lines)
    four = facts.figures(content, voice)
    for place, (name, value, note) in enumerate(four):
        x = LEFT + place * (RIGHT - LEFT) / 4
        figure.text(x, height - 0.012, name, fontsize=7.5, color=INK["muted"], va="top")
        figure.text(x, height - 0.024, value, fontsize=15, color=INK["ink"], va="top")
        for row, part in enumerate(wrapped(note, 34)[:2]):
            figure.text(
                x, height - 0.049 - 0.011 * row, part, fontsize=7, color=INK["muted"], va="top"
            )
    height -= 0.08
    low = 0.3
    ax = figure.add_axes((LEFT, low, RIGHT - LEFT, max(height - low, 0.2)))
    draw_map(content, ax)
    rows, heads = facts.venue_rows(content, voice)
    put_table(
        figure,
        0.205,
        voice("answer.venues"),
        heads,
        [row[:4] for row in rows[:5]],
        (0.05, 0.55, 0.2, 0.2),
    )
    return figure


def _answer_page(content: Content, voice: Words, number: tuple[int, int]) -> Figure:
    figure = _page(content, voice, number)
    height = put_lines(figure, LEFT, TOP, [(voice("answer"), 15, "bold")])
    rows, heads = facts.venue_rows(content, voice)
    height = put_table(
        figure,
        height - 0.01,
        voice("answer.venues"),
        heads,
        rows[:15],
        (0.05, 0.26, 0.11, 0.11, 0.47),
    )
    rows, heads = facts.slot_rows(content, voice)
    height = put_table(
        figure, height - 0.03, voice("answer.slots"), heads, rows[:15], (0.05, 0.3, 0.3, 0.11, 0.24)
    )
    height = put_lines(
        figure, LEFT, height - 0.015, [(facts.answer_note(content, voice), 8.5, "muted")]
    )
    return figure


def _habits_page(content: Content, voice: Words, number: tuple[int, int]) -> Figure:
    figure = _page(content, voice, number)
    height = put_lines(figure, LEFT, TOP, [(voice("habits"), 15, "bold")])
    wide = RIGHT - LEFT
    height = put_chart(
        figure,
        height,
        0.17,
        voice("clock"),
        facts.clock_note(content, voice),
        lambda ax: facts.draw_clock(content, voice, ax),
        wide,
    )
    if len(content.case.located):
        height = put_chart(
            figure,
            height,
            0.13,
            voice("timeline"),
            voice("timeline.note"),
            lambda ax: facts.draw_timeline(content, voice, ax),
            wide,
        )
    if facts.has_strip(content):
        put_chart(
            figure,
            height,
            0.27,
            voice("strip"),
            voice("strip.note"),
            lambda ax: facts.draw_strip(content, voice, ax),
            wide,
            foot=0.055,
        )
    return figure


def _replay_page(content: Content, voice: Words, number: tuple[int, int]) -> Figure:
    figure = _page(content, voice, number)
    height = put_lines(figure, LEFT, TOP, [(voice("replay"), 15, "bold")])
    height = put_lines(figure, LEFT, height, [(voice("replay.note"), 9.5, "plain")])
    heads, rows = facts.score_rows(content, voice)
    share = 0.7 / max(len(heads) - 1, 1)
    height = put_table(
        figure,
        height - 0.01,
        voice("replay.scores"),
        heads,
        rows,
        (0.3, *[share] * (len(heads) - 1)),
    )
    bins, height = facts.reliability_table(content, voice), height - 0.03
    if bins is not None:
        title, note = voice("replay.reliability"), facts.reliability_note(bins, voice)
        counted = "n" in bins.columns
        height = put_chart(
            figure,
            height,
            0.25,
            title,
            note,
            lambda ax: tested.replay_chart(bins, voice, ax),
            0.62 * (RIGHT - LEFT),
            head=0.075 if counted else 0.03,
            foot=0.095 if counted else 0.04,
        )
    return figure


def _sure_page(content: Content, voice: Words, number: tuple[int, int]) -> Figure:
    figure, height = _page(content, voice, number), TOP
    if content.sets:
        rows, heads = set_rows(content.sets, voice)
        level = voice.percent(SET_LEVEL)
        height = put_table(
            figure, height, voice("sets", p=level), heads, rows, (0.26, 0.2, 0.17, 0.2, 0.17)
        )
        said = [(voice("sets.note", p=level), 8.5, "muted")]
        height = put_lines(figure, LEFT, height - 0.01, said) - 0.03
    bought = content.replay.captures if content.replay is not None else None
    if bought is not None:
        put_chart(
            figure,
            height,
            0.3,
            voice("replay.capture"),
            voice("replay.capture.note"),
            lambda ax: capture(bought, voice, ax),
            0.78 * (RIGHT - LEFT),
            foot=0.07,
        )
    return figure


def _last_pages(content: Content, voice: Words) -> list[list[tuple[str, float, str]]]:
    """Cut what was left out, and what made it, into pages."""
    lines: list[tuple[str, float, str]] = [(voice("left"), 15, "bold")]
    lines += [(f"•  {text}", 9.5, "plain") for text in facts.left_out(content, voice)]
    hint = font_hint(content)
    if hint:
        lines.append((f"•  {hint}", 9.5, "plain"))
    lines.append(("", 9.5, "plain"))
    lines.append((voice("made"), 15, "bold"))
    lines += [(text, 8.5, "plain") for text in facts.made(content, voice)]
    pages: list[list[tuple[str, float, str]]] = [[]]
    used = 0.0
    for text, size, look in lines:
        need = len(wrapped(text, letters(size))) * size / 9.5 + (0.9 if look == "bold" else 0.25)
        if used + need > _ROWS and pages[-1]:
            pages.append([])
            used = 0.0
        pages[-1].append((text, size, look))
        used += need
    return pages
