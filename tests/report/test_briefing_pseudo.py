"""A language of letters that are no English ones: whatever is still English was never in the
catalogue. Page, charts, paper, slides and Excel."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import openpyxl
import pytest
from matplotlib.text import Text

from crimeloc.messages import PSEUDO, Translator
from crimeloc.plotting import axes
from crimeloc.report import markup, page
from crimeloc.report.exports.paper import pages, quiet

DATA = {
    # what the case itself is called
    "S",
    "V",
    "E",
    "A",
    "H",
    "C",
    "PC",
    "PCB",
    "Asia",
    "Seoul",
    "crimeloc",
    "SHA",
    "events",
    "csv",
    "uploads",
    "count",
    "ranking",
    "backtest",
    "horizon",
    "window",
    "every",
    "T",
    "D",
    "h",
    "m",
    "km",
    "N",
    "no",
    "time",
    "in",
    "it",
    "IP",
    "address",
    "p",
    "Leaflet",
    # names of columns that Excel's last sheet gives beside the headings, and of inputs
    "timestamp",
    "ip",
    "column",
}


OWN = ["handle", "ip", "content_hash", "event_id", "device", "title"]


@pytest.fixture(scope="module")
def foreign(cases):
    """A whole briefing in a language that nobody wrote, and the texts of its charts."""
    with pytest.MonkeyPatch.context() as patch:
        drawn = {}
        plain = axes.as_svg

        def seen(ax, name):
            svg = plain(ax, name)
            drawn[name] = texts_of(ax.figure)
            return svg

        for room in (page, markup):
            patch.setattr(room, "as_svg", seen)
        located = cases.located_case()
        located["how"] = "lease"
        located["cluster_id"] = 0
        yield (
            cases.full_case(PSEUDO, located=located, title="1", banner="2", level="analyst"),
            drawn,
        )


def texts_of(figure):
    return [t.get_text() for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def english(texts, data=frozenset()):
    found = set(re.findall(r"[A-Za-z]+", " ".join(texts)))
    found = {w for w in found if not re.fullmatch(r"[abEcdef]{8,}", w)}
    return found - DATA - data


class Texts(HTMLParser):
    """What a reader sees or hears: text nodes and the attributes that are read aloud."""

    def __init__(self):
        super().__init__()
        self.found, self.skip = [], 0

    def handle_starttag(self, tag, attrs):
        self.skip += tag in ("script", "style")
        self.found += [
            v for k, v in attrs if k in ("aria-label", "title", "alt", "placeholder") and v
        ]

    def handle_endtag(self, tag):
        self.skip -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.skip and data.strip():
            self.found.append(data.strip())


def names_of(cases):
    """Whatever stands in the tables themselves: accounts, addresses, contents, uploads."""
    located = cases.located_case()
    values = [str(v) for c in OWN for v in located[c]]
    return set(re.findall(r"[A-Za-z]+", " ".join(values)))


def test_the_page_says_nothing_outside_the_catalogue(foreign, cases):
    page, _ = foreign
    reader = Texts()
    reader.feed(page.html)
    assert any("⟦" in text for text in reader.found)
    habit = {"habit", "popular"}  # the explanation that the ranking of these tests gives
    assert not english(reader.found, names_of(cases) | habit)


def test_each_chart_and_the_map_of_paper_are_translated(foreign):
    _, drawn = foreign
    assert set(drawn) == {"clock", "timeline", "strip", "reliability", "capture", "sheet"}
    for name, texts in drawn.items():
        assert any("⟦" in text for text in texts), name
        assert not english(texts), name


def test_the_pages_of_paper_are_translated(foreign, cases):
    page, _ = foreign
    with quiet():
        for number, figure in enumerate(pages(page.content)):
            assert not english(texts_of(figure), names_of(cases)), number


def test_the_slides_are_translated(foreign, cases, tmp_path):
    pptx = pytest.importorskip("pptx")
    page, _ = foreign
    (path,) = page.export(tmp_path / "case.pptx")
    for slide in pptx.Presentation(str(path)).slides:
        texts = [slide.notes_slide.notes_text_frame.text] if slide.has_notes_slide else []
        for shape in slide.shapes:
            if shape.has_table:
                texts += [cell.text for row in shape.table.rows for cell in row.cells]
            elif shape.has_text_frame:
                texts.append(shape.text_frame.text)
            elif shape.shape_type == 13:
                texts.append(shape._element._nvXxPr.cNvPr.get("descr"))
        assert not english(texts, names_of(cases))


def test_the_sheets_are_translated(foreign, cases, tmp_path):
    page, _ = foreign
    (path,) = page.export(tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(path, read_only=True)
    assert not english(book.sheetnames)
    own = names_of(cases) | {"reason", "source", "row", "raw", "n", "a", "KB", "b"}
    for sheet in book.worksheets[:-1]:
        rows = list(sheet.iter_rows(values_only=True))
        assert not english(map(str, rows[0]), {"habit", "popular", "UTC"}), sheet.title
        cells = [text for row in rows[1:] for text in row if isinstance(text, str)]
        said = [t for t in cells if not re.fullmatch(r"[\dT:+.-]+", t)]
        assert not english(said, own), sheet.title
    last = list(book.worksheets[-1].iter_rows(values_only=True))
    assert not english([str(head) for line in last for head in line[:2]], {"UTC"})


@pytest.mark.parametrize(
    ("span", "english_text", "korean_text"),
    [
        ("7D", "7 days", "7일"),
        ("1D", "1 day", "1일"),
        ("4h", "4 hours", "4시간"),
        ("36h", "36 hours", "36시간"),
        ("1h", "1 hour", "1시간"),
        ("90min", "90 minutes", "90분"),
        ("60h", "60 hours", "60시간"),
    ],
)
def test_lengths_of_time_are_words(span, english_text, korean_text):
    assert Translator("en").duration(span) == english_text
    assert Translator("ko").duration(span) == korean_text


def test_no_length_of_time_stays_as_it_was_typed(cases):
    import crimeloc as cl

    city, located = cases.city(), cases.located_case()
    past = located[located["timestamp"] < cases.AT]
    ranking = cl.rank(past, city.venues, at=cases.AT)
    page = cl.briefing(ranking, located=located, venues=city.venues, lang="ko")
    text = page.html[page.html.index("<main>") : page.html.index('id="made"')]
    text = re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", " ", text, flags=re.S))
    assert "앞으로 7일" in text
    assert "7D" not in text
