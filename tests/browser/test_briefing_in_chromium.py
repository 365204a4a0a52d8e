"""The saved page in a real browser with the network off: seen, quiet, and alone."""

from __future__ import annotations

import importlib.util
import io
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import crimeloc as cl
from crimeloc.plotting.colours import HEAT, VENUE

pytestmark = pytest.mark.browser

SEEN = 120  # pixels of a colour that make it seen; a circle of 7 px radius has 150


class Visit:
    """One look at a saved page: what it asked for, what it said, what it showed."""

    def __init__(self, browser, path, **context):
        size = {"width": 1280, "height": 900}
        self.context = browser.new_context(offline=True, **{"viewport": size, **context})
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda m: self.said.append(m.text))
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.own = path.as_uri()
        self.page.goto(self.own)
        self.page.wait_for_selector("html[data-ready=yes]", timeout=10_000)

    def outside(self):
        return [url for url in self.asked if url != self.own and not url.startswith("data:")]

    def picture(self, selector):
        """Give what is painted there, as RGB."""
        self.page.wait_for_timeout(250)
        shot = self.page.locator(selector).screenshot()
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


def near(picture, colour, alpha=1.0, paper=(251, 251, 249), within=14):
    """Count the pixels of a colour laid with this opacity on the paper of the map."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    want = alpha * rgb + (1 - alpha) * np.array(paper)
    return int((np.abs(picture - want).max(axis=2) <= within).sum())


def heat_pixels(picture):
    return sum(near(picture, colour, 190 / 255, within=8) for colour in HEAT)


@pytest.fixture(scope="module")
def saved(english, korean, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    return {
        "en": english.save(folder / "en.html"),
        "ko": korean.save(folder / "ko.html"),
    }


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_heat_and_marks_are_on_the_screen_and_nothing_leaves(chromium, saved, lang):
    with Visit(chromium, saved[lang]) as visit:
        seen = visit.picture("#cl-map")
        assert heat_pixels(seen) > 20 * SEEN
        assert near(seen, "#0b3d66") > SEEN  # numbered marks
        assert near(seen, VENUE, within=40) > SEEN
        assert visit.page.locator(".cl-mark").count() == 10
        text = visit.page.inner_text("body")
        for word in {
            "en": ("The answer", "Week clock", "Layers and legend"),
            "ko": ("예측 결과", "요일·시간 분포", "지도 층과 범례"),
        }[lang]:
            assert word in text
        assert visit.said == []
        assert visit.outside() == []


def test_each_layer_is_switched_by_its_box_and_the_keyboard(chromium, saved):
    with Visit(chromium, saved["en"]) as visit:
        page = visit.page
        with_heat = heat_pixels(visit.picture("#cl-map"))
        page.locator("input[data-layer=heat]").focus()
        page.keyboard.press("Space")
        assert heat_pixels(visit.picture("#cl-map")) < with_heat / 20
        page.locator("input[data-layer=top]").uncheck()
        assert page.locator(".cl-mark").count() == 0
        page.locator("input[data-layer=slots]").uncheck()
        assert page.locator(".cl-slot").count() == 0
        assert visit.said == []


def test_the_slider_moves_the_heat_over_time(chromium, saved):
    with Visit(chromium, saved["en"]) as visit:
        page = visit.page
        slider = page.locator("#cl-slider")
        assert slider.is_disabled()
        page.locator("input[data-layer=frames]").check()
        assert not page.locator("input[data-layer=heat]").is_checked()
        slider.focus()
        seen = []
        for _ in range(4):
            seen.append((page.inner_text("#cl-slider-text"), visit.picture("#cl-map").tobytes()))
            page.keyboard.press("ArrowLeft")
        assert len({text for text, _ in seen}) == 4
        assert len({pixels for _, pixels in seen}) > 1
        assert slider.get_attribute("aria-valuetext") == page.inner_text("#cl-slider-text")
        assert visit.said == []


def test_a_row_leads_to_its_mark(chromium, saved):
    with Visit(chromium, saved["en"]) as visit:
        button = visit.page.locator("button.cl-go").nth(1)
        name = button.inner_text()
        button.press("Enter")
        visit.page.wait_for_selector(".leaflet-popup")
        assert name in visit.page.inner_text(".leaflet-popup")
        assert visit.outside() == []


def test_heat_keeps_its_metres_at_every_zoom(chromium, saved):
    with Visit(chromium, saved["en"]) as visit:
        measure = """() => {
            const data = JSON.parse(document.getElementById('cl-data').textContent);
            const map = window[data.map], heat = window[data.layers.heat];
            const box = document.querySelector('.cl-heat').getBoundingClientRect();
            const b = heat.getBounds();
            const a = map.latLngToContainerPoint(b.getNorthWest());
            const c = map.latLngToContainerPoint(b.getNorthEast());
            return [box.width, c.x - a.x];
        }"""
        widths = []
        for _ in range(3):
            visit.page.wait_for_timeout(400)
            width, ground = visit.page.evaluate(measure)
            assert width == pytest.approx(ground, abs=1.5)
            widths.append(width)
            visit.page.locator(".leaflet-control-zoom-in").click()
        assert widths[2] > 3 * widths[0]


def test_by_day_and_by_night_the_map_keeps_its_colours(chromium, saved):
    with Visit(chromium, saved["en"], color_scheme="dark") as night:
        dark, back = night.picture("#cl-map"), night.picture("header.cl-banner")
        paper = night.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert sum(int(v) for v in paper[4:-1].split(",")) < 120
        assert heat_pixels(dark) > 20 * SEEN
        assert back.any()
        night.page.click("#cl-theme")
        light = night.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert sum(int(v) for v in light[4:-1].split(",")) > 600


def test_on_paper_there_are_pages_banner_map_and_numbers(chromium, saved, tmp_path):
    with Visit(chromium, saved["ko"]) as visit:
        visit.page.emulate_media(media="print")
        visit.page.set_viewport_size({"width": 690, "height": 1000})
        sheet = visit.picture("figure.cl-print")
        assert heat_pixels(sheet) + near(sheet, HEAT[2], 0.75, (255, 255, 255)) > SEEN
        assert near(sheet, "#0b3d66") > 40
        assert not visit.page.locator("#cl-map").is_visible()
        pdf = visit.page.pdf(prefer_css_page_size=True)
        assert pdf[:4] == b"%PDF"
        pages = pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ")
        assert 3 <= pages <= 7
        assert visit.outside() == []


def test_boxes_do_not_lie_over_each_other(chromium, saved):
    for lang, width in (("en", 1280), ("ko", 1280), ("ko", 420)):
        with Visit(chromium, saved[lang], viewport={"width": width, "height": 900}) as visit:
            boxes = visit.page.evaluate(
                "[...document.querySelectorAll('main > section, .cl-lead, .cl-facts')].map(e => {"
                "const b = e.getBoundingClientRect(); return [b.top, b.bottom, b.left, b.right]})"
            )
            boxes.sort()
            assert len(boxes) >= 7
            assert all(b[0] >= a[1] - 0.5 for a, b in pairwise(boxes))
            assert all(left >= 0 and right <= width for _, _, left, right in boxes)
            wide = visit.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width


def test_the_chances_of_slots_are_seen_on_a_telephone_without_scrolling(chromium, saved):
    for lang in ("en", "ko"):
        with Visit(chromium, saved[lang], viewport={"width": 420, "height": 900}) as visit:
            wide, room = visit.page.evaluate(
                "[...document.querySelectorAll('#answer .cl-two .cl-scroll')]"
                ".map(box => [box.scrollWidth, box.clientWidth])[1]"
            )
            assert wide <= room, lang


def test_evil_names_stay_text_and_no_script_of_theirs_runs(chromium, cases, tmp_path):
    evil = "<img src=x onerror=\"document.title='caught'\"><script>document.title='caught'</script>"
    venues = cases.city().venues.copy()
    venues["name"] = evil
    districts = cases.city().districts.copy()
    districts["name"] = evil
    page = cases.full_case("en", venues=venues, districts=districts, title="calm")
    with Visit(chromium, page.save(tmp_path / "evil.html")) as visit:
        visit.page.locator(".cl-mark").nth(2).press("Enter")
        visit.page.wait_for_selector(".leaflet-popup")
        assert evil in visit.page.inner_text(".leaflet-popup")
        assert visit.page.title() == "calm"
        assert visit.page.locator("img[src=x]").count() == 0
        assert visit.said == []
        assert visit.outside() == []


def test_every_control_has_a_name_and_text_has_contrast(chromium, saved):
    for scheme in ("light", "dark"):
        with Visit(chromium, saved["ko"], color_scheme=scheme) as visit:
            nameless = visit.page.evaluate(
                "[...document.querySelectorAll('button, input, a[href], [role=button], [role=img],"
                " [role=region]')].filter(e => !(e.getAttribute('aria-label') || "
                "e.getAttribute('aria-labelledby') || e.innerText || e.closest('label') || e.title"
                ")).map(e => e.outerHTML.slice(0, 80))"
            )
            assert nameless == []
            ratios = visit.page.evaluate(CONTRAST)
            assert len(ratios) > 60
            assert min(ratios.values()) >= 4.5, [k for k, v in ratios.items() if v < 4.5]


CONTRAST = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 :
    ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] > 0.8) return c; } return [255, 255, 255]; };
  const found = {};
  document.querySelectorAll('main *, header *').forEach(e => {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest('svg') || e.closest('.folium-map') || !e.offsetParent) return;
    const a = light(parse(getComputedStyle(e).color)), b = light(behind(e));
    found[e.className + '|' + e.textContent.trim().slice(0, 40)] =
      (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
  return found;
}"""


OVERLAPS = """() => {
  const leaves = [...document.querySelectorAll('main *, header *')].filter(e =>
    !e.closest('.folium-map') && !e.closest('.cl-hidden') && !e.closest('svg') &&
    e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length &&
    ([...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) ||
     e.matches('input, [role=img], .cl-bar, .cl-steps i')));
  const boxes = leaves.map(e => {
    const range = document.createRange(); range.selectNodeContents(e);
    const box = e.matches('input, [role=img], .cl-bar, .cl-steps i') ? [e.getBoundingClientRect()]
      : [...e.childNodes].filter(n => n.nodeType === 3 && n.textContent.trim()).flatMap(n => {
          range.selectNodeContents(n); return [...range.getClientRects()]; });
    return box.filter(b => b.width > 0 && b.height > 0)
      .map(b => [b.left, b.top, b.right, b.bottom]);
  });
  const found = [];
  for (let i = 0; i < leaves.length; i++) for (let j = i + 1; j < leaves.length; j++) {
    if (leaves[i].contains(leaves[j]) || leaves[j].contains(leaves[i])) continue;
    for (const a of boxes[i]) for (const b of boxes[j]) {
      const wide = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
      const high = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
      if (wide > 1.5 && high > 3) found.push([leaves[i].outerHTML.slice(0, 60),
                                              leaves[j].outerHTML.slice(0, 60), wide, high]);
    }
  }
  return [leaves.length, found.slice(0, 5)];
}"""

ON_MAP = """() => {
  const found = [...document.querySelectorAll('.cl-mark, .cl-slot, .leaflet-control, .cl-north')]
    .filter(e => getComputedStyle(e).visibility !== 'hidden')
    .map(e => [e.className, e.getBoundingClientRect()]);
  const lies = [];
  for (let i = 0; i < found.length; i++) for (let j = i + 1; j < found.length; j++) {
    const a = found[i][1], b = found[j][1];
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 0.5 && high > 0.5) lies.push([found[i][0], found[j][0], wide, high]);
  }
  return [found.filter(f => f[0].includes('cl-mark')).length,
          found.filter(f => f[0].includes('cl-slot')).length, lies];
}"""

IN_CHARTS = """() => {
  const lies = [];
  let texts = 0;
  document.querySelectorAll('figure svg').forEach(svg => {
    const found = [...svg.querySelectorAll('g[id*="-text_"]')]
      .map(e => [svg.closest('figure').querySelector('h3, svg').textContent.slice(0, 20), e.id,
                 e.getBoundingClientRect()])
      .filter(f => f[2].width > 0 && f[2].height > 0);
    texts += found.length;
    for (let i = 0; i < found.length; i++) for (let j = i + 1; j < found.length; j++) {
      const a = found[i][2], b = found[j][2];
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 2) lies.push([found[i][0], found[i][1], found[j][1], wide, high]);
    }
  });
  return [texts, lies];
}"""


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_no_words_lie_over_other_words(chromium, saved, lang, media):
    with Visit(chromium, saved[lang]) as visit:
        visit.page.emulate_media(media=media)
        if media == "print":
            visit.page.set_viewport_size({"width": 690, "height": 1000})
        visit.page.wait_for_timeout(200)
        count, over = visit.page.evaluate(OVERLAPS)
        assert count > 250
        assert over == []
        texts, over = visit.page.evaluate(IN_CHARTS)
        assert texts > 60
        assert over == []


def test_marks_and_labels_lie_beside_each_other_at_every_zoom(chromium, saved):
    with Visit(chromium, saved["ko"]) as visit:
        shown = []
        for _ in range(4):
            visit.page.wait_for_timeout(500)
            marks, slots, over = visit.page.evaluate(ON_MAP)
            assert marks == 10
            assert over == []
            shown.append(slots)
            visit.page.locator(".leaflet-control-zoom-in").click()
        assert max(shown) >= 2
        assert visit.said == []


def test_a_mark_that_moved_aside_keeps_a_line_to_its_venue(chromium, cases, tmp_path):
    venues = cases.city().venues.copy()
    venues["geometry"] = venues.geometry.iloc[0]  # all at one corner
    page = cases.full_case("en", venues=venues)
    with Visit(chromium, page.save(tmp_path / "one.html")) as visit:
        marks, _, over = visit.page.evaluate(ON_MAP)
        assert marks == 10
        assert over == []
        assert visit.page.locator(".cl-mark .cl-tie").count() == 9


def test_on_paper_each_part_begins_with_its_head(chromium, saved, tmp_path):
    pypdf = pytest.importorskip("pypdf", reason="pip install pypdf")
    with Visit(chromium, saved["ko"]) as visit:
        pdf = visit.page.pdf(prefer_css_page_size=True)
    book = pypdf.PdfReader(io.BytesIO(pdf))
    texts = [page.extract_text() for page in book.pages]
    for number, text in enumerate(texts, start=1):
        assert "대외비" in text
        assert f"{number} / {len(texts)}" in text
        lines = [line for line in text.splitlines() if line.strip()]
        heads = {"과거의 습관", "제외된 것과 전제", "산출 근거"}
        body = [x for x in lines if not re.search(r"crimeloc|대외비| / ", x)]
        assert body[-1].strip() not in heads  # no head is left alone at the foot of a page


def test_a_hundred_thousand_uploads_stay_quiet_small_and_whole(chromium, tmp_path):
    path = Path(__file__).parents[1] / "benchmarks" / "bench_briefing.py"
    spec = importlib.util.spec_from_file_location("bench_briefing", path)
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    located, venues = bench.made_up(100_000, 2_000)
    page = cl.briefing(bench.counted(venues), located=located, venues=venues)
    assert page.content.summary.venues["n"].sum() == pytest.approx(100_000)
    saved = page.save(tmp_path / "many.html")
    assert saved.stat().st_size <= 5_000_000
    with Visit(chromium, saved) as visit:
        assert heat_pixels(visit.picture("#cl-map")) > 20 * SEEN
        marks, _, over = visit.page.evaluate(ON_MAP)
        assert (marks, over) == (10, [])
        assert "100,000" in visit.page.inner_text(".cl-facts")
        assert visit.said == []
        assert visit.outside() == []
