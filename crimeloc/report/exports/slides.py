"""The briefing as slides that can be edited: words stay words, tables stay tables."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crimeloc.messages.translator import Translator
from crimeloc.provenance import VERSION
from crimeloc.report import drawings
from crimeloc.report.content import SET_LEVEL, BacktestSummary, Content
from crimeloc.report.exports.paper import font_hint, quiet
from crimeloc.report.exports.paper_layout import wrapped
from crimeloc.report.exports.reproducible import without_clock
from crimeloc.report.sentences import (
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
from crimeloc.report.text_tables import (
    TextTable,
    score_table,
    set_table,
    slot_table,
    venue_table,
)
from crimeloc.report.withheld import voice_of

__all__ = ["write_pptx"]

_WIDE, _HIGH = 13.333, 7.5  # inches
_EDGE = 0.6
_INK, _MUTED, _MARK = "1B1F24", "59636E", "B34700"
_KOREAN = "맑은 고딕"  # every Windows with Korean has it; others put their own in its place
_CELL = 12.0  # points
_TALLEST = 5.8  # inches of a table on a slide
_DPI = 150


def write_pptx(content: Content, path: str | Path) -> Path:
    """How do I put it on the wall?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.pptx``.

    Returns
    -------
    Path
        Slides, 16:9: headline; map; likeliest venues; likeliest slots; habits; backtest; what was
        left out; what made it. Tables can be edited, pictures carry a text for those who cannot
        see them, and what is not on a slide stands in its notes.

    Notes
    -----
    Needs python-pptx. Words are written in the reader's fonts; pictures use a Korean font of this
    machine, and where there is none a slide says so.
    """
    from pptx import Presentation

    book: Any = Presentation()
    deck = _Deck(book, content, voice_of(content))
    with quiet():
        deck.cover()
        story = lead(content, deck.voice).story
        if story:
            deck.texts("story", story, size=18)
        deck.picture("map", deck.voice("map.static", n=content.settings.top), (7.1, 7.0))
        deck.tables("answer.venues", venue_table(content, deck.voice), (0.6, 3.6, 1.4, 1.4))
        deck.tables("answer.slots", slot_table(content, deck.voice), (0.6, 3.8, 3.6, 1.4))
        if content.sets:
            deck.sets()
        deck.habits()
        if drawings.has_strip(content):
            deck.strip()
        if content.backtest is not None:
            deck.backtest(content.backtest)
        left = [rejected_total(content.rejected, deck.voice)]
        left += [item.text for item in left_out(content, deck.voice)]
        deck.texts("left", [*left, *filter(None, [font_hint(content)])])
        pairs = [(deck.voice("level"), level_told(content, deck.voice)), *made(content, deck.voice)]
        deck.texts("made", [f"{name}: {text}" for name, text in pairs], size=12)
    known = book.core_properties
    known.title = content.settings.title or deck.voice("title")
    known.author = known.last_modified_by = "crimeloc"
    known.comments = f"crimeloc {VERSION}"
    book.save(path)
    return without_clock(path, content.summary.at)


class _Deck:
    def __init__(self, book: Any, content: Content, voice: Translator) -> None:
        from pptx.util import Inches

        self.book, self.content, self.voice = book, content, voice
        book.slide_width, book.slide_height = Inches(_WIDE), Inches(_HIGH)
        self.layout = next(
            layout
            for layout in book.slide_layouts
            if [holder.placeholder_format.idx for holder in layout.placeholders][:1] == [0]
            and layout.name == "Title Only"
        )

    def slide(self, title: str) -> Any:
        """Begin a slide: title on top, banner, level and number below."""
        from pptx.util import Inches

        slide = self.book.slides.add_slide(self.layout)
        for holder in list(slide.placeholders):
            if holder.placeholder_format.idx != 0:
                holder._element.getparent().remove(holder._element)
        head = slide.shapes.title
        head.left, head.top = Inches(_EDGE), Inches(0.42)
        head.width, head.height = Inches(_WIDE - 2 * _EDGE), Inches(0.7)
        self.write(head.text_frame, [title], 26, bold=True)
        if self.content.settings.banner:
            strip = self.box(slide, _EDGE, 0.1, _WIDE - 2 * _EDGE, 0.35)
            self.write(
                strip, [self.content.settings.banner], 12, bold=True, colour=_MARK, centre=True
            )
        voice, content = self.voice, self.content
        level = level_told(content, voice)
        at = voice("footer", version=VERSION, at=voice.moment(content.summary.at))
        foot = self.box(slide, _EDGE, _HIGH - 0.45, _WIDE - 2 * _EDGE, 0.35)
        number = len(self.book.slides)
        self.write(foot, [f"{number} · {at} · {level}"], 10, colour=_MUTED)
        return slide

    def box(self, slide: Any, x: float, y: float, wide: float, high: float) -> Any:
        from pptx.util import Inches

        shape = slide.shapes.add_textbox(Inches(x), Inches(y), Inches(wide), Inches(high))
        frame = shape.text_frame
        frame.word_wrap = True
        return frame

    def write(
        self,
        frame: Any,
        texts: Sequence[str],
        size: float,
        *,
        bold: bool = False,
        colour: str = _INK,
        centre: bool = False,
        gap: float = 0.0,
    ) -> None:
        """Write paragraphs into a frame."""
        from pptx.dml.color import RGBColor
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Pt

        for number, text in enumerate(texts):
            part = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            part.alignment = PP_ALIGN.CENTER if centre else PP_ALIGN.LEFT
            part.space_after = Pt(gap)
            run = part.add_run()
            run.text = text
            run.font.size, run.font.bold = Pt(size), bold
            made: Any = RGBColor
            run.font.color.rgb = made(*bytes.fromhex(colour))
            _korean(run)

    def cover(self) -> None:
        content, voice = self.content, self.voice
        slide = self.slide(content.settings.title or voice("title"))
        top = self.box(slide, _EDGE, 1.15, _WIDE - 2 * _EDGE, 0.4)
        self.write(top, [subtitle(content, voice)], 14, colour=_MUTED)
        said = lead(content, voice)
        head = self.box(slide, _EDGE, 1.8, _WIDE - 2 * _EDGE, 1.1)
        self.write(head, [said.headline], 24, bold=True)
        caution = f"{voice('abstain')} {said.caution}" if said.caution else ""
        rest = self.box(slide, _EDGE, 3.0, _WIDE - 2 * _EDGE, 1.7)
        self.write(rest, [t for t in (said.slot, caution, said.limits) if t], 15, gap=8)
        wide = (_WIDE - 2 * _EDGE) / 4
        for place, (name, value, note, _) in enumerate(key_figures(content, voice)):
            frame = self.box(slide, _EDGE + place * wide, 5.15, wide - 0.15, 1.6)
            self.write(frame, [name], 12, colour=_MUTED)
            for text, size, colour in ((value, 28, _INK), (note, 11, _MUTED)):
                self.write(_Added(frame), [text], size, colour=colour)

    def picture(self, key: str, text: str, size: tuple[float, float]) -> None:
        slide, drawn = self.slide(self.voice(key)), drawings.paper_map(self.content, self.voice)
        self.place(slide, drawn, text, (_WIDE - size[0]) / 2, 1.1, min(size[1], 5.85))

    def place(self, slide: Any, ax: Any, text: str, x: float, y: float, high: float) -> None:
        """Put the figure of a chart on a slide, with a text that says what it shows."""
        from pptx.util import Inches

        buffer = io.BytesIO()
        ax.figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": "crimeloc"})
        buffer.seek(0)
        shape = slide.shapes.add_picture(buffer, Inches(x), Inches(y), height=Inches(high))
        shape._element._nvXxPr.cNvPr.set("descr", text)
        slide.notes_slide.notes_text_frame.text = text

    def tables(self, key: str, shown: TextTable, widths: Sequence[float]) -> None:
        """Put a table on as many slides as it needs."""
        heads, rows = shown
        last = _WIDE - 2 * _EDGE - sum(widths)
        wide = [*widths, *[last] * (len(heads) - len(widths))]
        for page in _paged(rows, heads, wide):
            slide = self.slide(self.voice(key))
            self.table(slide, heads, page, wide, 1.2)
            slide.notes_slide.notes_text_frame.text = self.voice("answer.note")

    def table(
        self,
        slide: Any,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        y: float,
    ) -> float:
        """Put a table on a slide, its rows as high as their words need; give where it ends."""
        from pptx.util import Inches

        tall = [_height(cells, widths) for cells in [heads, *rows]]
        high = sum(tall)
        shape = slide.shapes.add_table(
            len(rows) + 1, len(heads), Inches(_EDGE), Inches(y), Inches(sum(widths)), Inches(high)
        )
        grid = shape.table
        for place, wide in enumerate(widths):
            grid.columns[place].width = Inches(wide)
        for line, cells in enumerate([heads, *rows]):
            grid.rows[line].height = Inches(tall[line])
            for place, text in enumerate(cells):
                colour = "FFFFFF" if line == 0 else _INK
                frame = grid.cell(line, place).text_frame
                self.write(frame, [text], _CELL, bold=line == 0, colour=colour)
        return y + high

    def sets(self) -> None:
        """Put the credible sets on a slide of their own, with what they mean below."""
        heads, rows = set_table(self.content.sets, self.voice)
        level = self.voice.percent(SET_LEVEL)
        slide = self.slide(self.voice("sets", p=level))
        wide = (_WIDE - 2 * _EDGE) / len(heads)
        self.table(slide, heads, rows, [wide] * len(heads), 1.4)
        frame = self.box(slide, _EDGE, 1.4 + 0.4 * (len(rows) + 1) + 0.3, _WIDE - 2 * _EDGE, 2.4)
        self.write(frame, [self.voice("sets.note", p=level)], 15)

    def habits(self) -> None:
        content, voice = self.content, self.voice
        slide = self.slide(voice("habits"))
        note = clock_note(content, voice)
        said = [note]
        self.place(
            slide, drawings.clock(content, voice), f"{voice('clock')}: {note}", 0.6, 1.2, 2.7
        )
        if content.timeline is not None:
            text = f"{voice('timeline')}: {voice('timeline.note')}"
            self.place(slide, drawings.timeline(content, voice), text, 0.6, 4.05, 2.7)
            said.append(voice("timeline.note"))
        self.write(self.box(slide, 7.9, 1.3, _WIDE - 7.9 - _EDGE, 4), said, 14, gap=10)

    def strip(self) -> None:
        content, voice = self.content, self.voice
        slide = self.slide(voice("strip"))
        text = f"{voice('strip')}: {voice('strip.note')}"
        self.place(slide, drawings.strip(content, voice), text, 0.6, 1.2, 5.7)
        frame = self.box(slide, 9.5, 1.3, _WIDE - 9.5 - _EDGE, 4)
        self.write(frame, [voice("strip.note")], 14)

    def backtest(self, backtest: BacktestSummary) -> None:
        """Scores on one slide; how the chances fared, and what the hours bought, on one each."""
        content, voice = self.content, self.voice
        heads, rows = score_table(backtest, voice, most=6)
        slide = self.slide(voice("backtest"))
        wide = _WIDE - 2 * _EDGE - 3
        each = [3, *[wide / max(len(heads) - 1, 1)] * (len(heads) - 1)]
        low = self.table(slide, heads, rows, each, 1.3)
        frame = self.box(slide, _EDGE, low + 0.2, _WIDE - 2 * _EDGE, 1.3)
        self.write(frame, [*backtest_told(content, voice), voice("backtest.note")], 13, gap=3)
        bins = drawings.reliability_bins(content)
        if bins is not None:
            note = reliability_note(drawings.is_counted(bins), voice)
            self.chart("backtest.reliability", note, drawings.reliability(bins, voice))
        if backtest.captures is not None:
            drawn = drawings.capture(backtest.captures, voice)
            self.chart("backtest.capture", voice("backtest.capture.note"), drawn)

    def chart(self, key: str, note: str, ax: Any) -> None:
        """Put one chart on a slide, its note beside it."""
        slide = self.slide(self.voice(key))
        wide, high = (float(side) for side in ax.figure.get_size_inches())
        tall = min(5.5, 7.6 * high / wide)
        self.place(slide, ax, f"{self.voice(key)}: {note}", _EDGE, 1.25, tall)
        frame = self.box(slide, 8.6, 1.3, _WIDE - 8.6 - _EDGE, 4)
        self.write(frame, [note], 14)

    def texts(self, key: str, texts: Sequence[str], size: float = 15) -> None:
        """Put sentences on as many slides as they need."""
        pages: list[list[str]] = [[]]
        used = 0.0
        fit = int((_WIDE - 2 * _EDGE - 0.2) * 72 / (0.52 * size))
        for text in texts:
            need = len(wrapped(text, fit)) * size * 1.25 + 6
            if pages[-1] and used + need > 5.3 * 72:
                pages.append([])
                used = 0.0
            pages[-1].append(text)
            used += need
        for page in pages:
            slide = self.slide(self.voice(key))
            self.write(self.box(slide, _EDGE, 1.25, _WIDE - 2 * _EDGE, 5.5), page, size, gap=6)


class _Added:
    """A frame whose next paragraph comes after what it holds."""

    def __init__(self, frame: Any) -> None:
        self.paragraphs = [frame.add_paragraph()]
        self.add_paragraph = frame.add_paragraph


def _height(cells: Sequence[str], widths: Sequence[float]) -> float:
    """How many inches does a row need for its words?"""
    lines = max(
        len(wrapped(text, int((wide - 0.2) * 72 / (0.52 * _CELL))))
        for text, wide in zip(cells, widths, strict=True)
    )
    return 0.12 + lines * _CELL * 1.25 / 72


def _paged(
    rows: Sequence[Sequence[str]], heads: Sequence[str], widths: Sequence[float]
) -> list[list[Sequence[str]]]:
    """Cut the rows of a table into slides."""
    pages: list[list[Sequence[str]]] = [[]]
    used = first = _height(heads, widths)
    for row in rows:
        need = _height(row, widths)
        if pages[-1] and used + need > _TALLEST:
            pages.append([])
            used = first
        pages[-1].append(row)
        used += need
    return pages


def _korean(run: Any) -> None:
    """Name a font for Korean letters; the others stay the theme's."""
    from pptx.oxml.ns import qn

    properties = run._r.get_or_add_rPr()
    east = properties.makeelement(qn("a:ea"), {"typeface": _KOREAN})
    properties.append(east)
