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
from crimeloc.messages.translator import Translator
from crimeloc.plotting import fonts
from crimeloc.plotting.colours import INK
from crimeloc.provenance import VERSION
from crimeloc.report import drawings
from crimeloc.report.content import SET_LEVEL, Content
from crimeloc.report.exports.paper_layout import (
    LEFT,
    RIGHT,
    TOP,
    letters,
    put_chart,
    put_lines,
    put_table,
    wrapped,
)
from crimeloc.report.sentences import (
    answer_note,
    backtest_told,
    clock_note,
    key_figures,
    lead,
    left_out,
    level_told,
    made,
    rejected_total,
    reliability_note,
    subtitle,
)
from crimeloc.report.text_tables import score_table, set_table, slot_table, venue_table
from crimeloc.report.withheld import voice_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["font_hint", "pages", "quiet", "write_pdf", "write_png"]

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
        figure = next(pages(content))
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
        A4 pages: the first of `write_png`; venues and slots; habits; backtest, if there is
        one; what was left out and what made it. The words in it can be searched and copied.

    Raises
    ------
    CrimelocError
        Korean words are asked for and no Korean font is installed.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    voice = _checked(content)
    moment = content.summary.at.tz_convert("UTC").to_pydatetime()  # other zones change their sign
    known: Any = {
        "Title": content.settings.title or voice("title"),
        "Creator": f"crimeloc {VERSION}",
        "Producer": f"crimeloc {VERSION}",
        "CreationDate": moment,
        "ModDate": moment,
    }
    with quiet(), PdfPages(path, metadata=known) as book:
        for figure in pages(content):
            book.savefig(figure)
    return Path(path)


def pages(content: Content) -> Iterator[Figure]:
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
    voice, plan = voice_of(content), _plan(content)
    for number, draw in enumerate(plan, start=1):
        yield draw(content, voice, (number, len(plan)))


def font_hint(content: Content) -> str | None:
    """Which words would be missing for want of a font, if any?"""
    if fonts.font()[1]:
        return None
    settings, venues = content.settings, content.summary.venues
    texts = [*venues["name"].head(settings.top), settings.title or "", settings.banner or ""]
    wide = any(unicodedata.east_asian_width(letter) == "W" for text in texts for letter in text)
    return voice_of(content)("export.no_font") if wide or settings.lang == "ko" else None


def _checked(content: Content) -> Translator:
    if content.settings.lang == "ko" and not fonts.font()[1]:
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


def _plan(content: Content) -> list[Callable[[Content, Translator, tuple[int, int]], Figure]]:
    """Which pages come in which order?"""

    def plain(lines: list[tuple[str, float, str]]) -> Any:
        def draw(content: Content, voice: Translator, number: tuple[int, int]) -> Figure:
            figure = _page(content, voice, number)
            put_lines(figure, LEFT, TOP, lines)
            return figure

        return draw

    plan: list[Any] = [_first_page, _answer_page, _habits_page]
    if content.backtest is not None:
        plan.append(_backtest_page)
    if content.sets or drawings.captures_of(content) is not None:
        plan.append(_sure_page)
    return plan + [plain(lines) for lines in _last_pages(content, voice_of(content))]


def _page(content: Content, voice: Translator, number: tuple[int, int]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_A4, facecolor="white")
    look: Any = {"fontsize": 8, "color": INK["muted"]}
    if content.settings.banner:
        for height in (0.978, 0.022):
            figure.text(
                0.5,
                height,
                content.settings.banner,
                ha="center",
                va="center",
                fontsize=10,
                fontweight="bold",
                color=INK["second"],
            )
    figure.text(LEFT, 0.036, level_told(content, voice), va="center", **look)
    at = voice("footer", version=VERSION, at=voice.moment(content.summary.at))
    figure.text(LEFT, 0.022, at, va="center", **look)
    page = voice("page", n=number[0], all=number[1])
    figure.text(RIGHT, 0.022, page, ha="right", va="center", **look)
    return figure


def _first_page(content: Content, voice: Translator, number: tuple[int, int]) -> Figure:
    figure = _page(content, voice, number)
    height = put_lines(figure, LEFT, TOP, [(content.settings.title or voice("title"), 17, "bold")])
    height = put_lines(figure, LEFT, height, [(subtitle(content, voice), 9, "muted")])
    said = lead(content, voice)
    caution = f"{voice('abstain')} {said.caution}" if said.caution else ""
    rest = [said.slot, *said.story, caution, said.limits]
    lines = [(said.headline, 12.5, "bold"), *((text, 9.5, "plain") for text in rest if text)]
    height = put_lines(figure, LEFT, height - 0.008, lines)
    for place, (name, value, note, _) in enumerate(key_figures(content, voice)):
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
    drawings.paper_map(content, voice, ax)
    heads, rows = venue_table(content, voice)
    put_table(
        figure,
        0.205,
        voice("answer.venues"),
        heads,
        [row[:4] for row in rows[:5]],
        (0.05, 0.55, 0.2, 0.2),
    )
    return figure


def _answer_page(content: Content, voice: Translator, number: tuple[int, int]) -> Figure:
    figure = _page(content, voice, number)
    height = put_lines(figure, LEFT, TOP, [(voice("answer"), 15, "bold")])
    heads, rows = venue_table(content, voice)
    height = put_table(
        figure,
        height - 0.01,
        voice("answer.venues"),
        heads,
        rows[:15],
        (0.05, 0.26, 0.11, 0.11, 0.47),
    )
    heads, rows = slot_table(content, voice)
    height = put_table(
        figure, height - 0.03, voice("answer.slots"), heads, rows[:15], (0.05, 0.3, 0.3, 0.11, 0.24)
    )
    height = put_lines(figure, LEFT, height - 0.015, [(answer_note(content, voice), 8.5, "muted")])
    return figure


def _habits_page(content: Content, voice: Translator, number: tuple[int, int]) -> Figure:
    figure = _page(content, voice, number)
    height = put_lines(figure, LEFT, TOP, [(voice("habits"), 15, "bold")])
    wide = RIGHT - LEFT
    height = put_chart(
        figure,
        height,
        0.17,
        voice("clock"),
        clock_note(content, voice),
        lambda ax: drawings.clock(content, voice, ax),
        wide,
    )
    if content.timeline is not None:
        height = put_chart(
            figure,
            height,
            0.13,
            voice("timeline"),
            voice("timeline.note"),
            lambda ax: drawings.timeline(content, voice, ax),
            wide,
        )
    if drawings.has_strip(content):
        put_chart(
            figure,
            height,
            0.27,
            voice("strip"),
            voice("strip.note"),
            lambda ax: drawings.strip(content, voice, ax),
            wide,
            foot=0.055,
        )
    return figure


def _backtest_page(content: Content, voice: Translator, number: tuple[int, int]) -> Figure:
    assert content.backtest is not None
    figure = _page(content, voice, number)
    height = put_lines(figure, LEFT, TOP, [(voice("backtest"), 15, "bold")])
    told = [*backtest_told(content, voice), voice("backtest.note")]
    height = put_lines(figure, LEFT, height, [(text, 9.5, "plain") for text in told])
    heads, rows = score_table(content.backtest, voice, most=6)
    share = 0.7 / max(len(heads) - 1, 1)
    height = put_table(
        figure,
        height - 0.01,
        voice("backtest.scores"),
        heads,
        rows,
        (0.3, *[share] * (len(heads) - 1)),
    )
    bins, height = drawings.reliability_bins(content), height - 0.03
    if bins is not None:
        counted = drawings.is_counted(bins)
        title, note = voice("backtest.reliability"), reliability_note(counted, voice)
        height = put_chart(
            figure,
            height,
            0.25,
            title,
            note,
            lambda ax: drawings.reliability(bins, voice, ax),
            0.62 * (RIGHT - LEFT),
            head=0.075 if counted else 0.03,
            foot=0.095 if counted else 0.04,
        )
    return figure


def _sure_page(content: Content, voice: Translator, number: tuple[int, int]) -> Figure:
    figure, height = _page(content, voice, number), TOP
    if content.sets:
        heads, rows = set_table(content.sets, voice)
        level = voice.percent(SET_LEVEL)
        height = put_table(
            figure, height, voice("sets", p=level), heads, rows, (0.26, 0.2, 0.17, 0.2, 0.17)
        )
        said = [(voice("sets.note", p=level), 8.5, "muted")]
        height = put_lines(figure, LEFT, height - 0.01, said) - 0.03
    bought = drawings.captures_of(content)
    if bought is not None:
        put_chart(
            figure,
            height,
            0.3,
            voice("backtest.capture"),
            voice("backtest.capture.note"),
            lambda ax: drawings.capture(bought, voice, ax),
            0.78 * (RIGHT - LEFT),
            foot=0.07,
        )
    return figure


def _last_pages(content: Content, voice: Translator) -> list[list[tuple[str, float, str]]]:
    """Cut what was left out, and what made it, into pages."""
    lines: list[tuple[str, float, str]] = [(voice("left"), 15, "bold")]
    left = [rejected_total(content.rejected, voice)]
    left += [item.text for item in left_out(content, voice)]
    lines += [(f"•  {text}", 9.5, "plain") for text in left]
    hint = font_hint(content)
    if hint:
        lines.append((f"•  {hint}", 9.5, "plain"))
    lines.append(("", 9.5, "plain"))
    lines.append((voice("made"), 15, "bold"))
    lines += [(f"{name}: {text}", 8.5, "plain") for name, text in made(content, voice)]
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
