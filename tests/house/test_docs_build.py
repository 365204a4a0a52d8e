"""The documentation builds without a warning, from notebooks that ran, and fetches nothing."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import crimeloc as cl
from crimeloc.messages.catalogues import catalogue
from crimeloc.plotting.offline import requests_in

pytestmark = pytest.mark.notebook

CHARTS = Path(__file__).resolve().parents[2] / "docs" / "charts"
PAGES = sorted(path for path in CHARTS.glob("*.md") if path.stem not in ("index", "adding"))


def _build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-W",
            "--keep-going",
            "-q",
            "-E",
            "-b",
            "html",
            source,
            target,
            "-d",
            target.with_name("trees"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def _module(path: Path) -> ModuleType:
    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from the folder itself, so that `make docs` finds what was drawn and run."""
    target = tmp_path_factory.mktemp("site") / "html"
    done = _build(root / "docs", target)
    assert done.returncode == 0, done.stderr[-3_000:]
    return target


def test_the_site_holds_course_charts_and_tables(site: Path, root: Path) -> None:
    for path in (root / "notebooks").glob("*.ipynb"):
        page = (site / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
        assert "cell_output" in page, f"{path.stem} stands there without what came out"
        assert "widget-view" not in page
    for path in PAGES:
        assert (site / "charts" / f"{path.stem}.html").is_file()
    assert "LOCATED" in (site / "data-dictionary.html").read_text(encoding="utf-8")
    assert "사건군" in (site / "glossary.html").read_text(encoding="utf-8")


def test_nothing_on_the_site_is_fetched_from_outside(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 100
    outside = {
        (page.name, address)
        for page in pages
        for address in requests_in(page.read_text(encoding="utf-8"))
        if re.match(r"(?:[a-z]+:)?//", address)
    }
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        outside |= {(sheet.name, a) for a in re.findall(r"url\(['\"]?(https?:[^)]*)", text)}
    assert outside == set()


def test_a_page_that_fetches_would_be_seen() -> None:
    assert requests_in('<script src="https://cdn.invalid/x.js"></script>') != []
    assert requests_in('<link rel="stylesheet" href="//cdn.invalid/x.css">') != []


def test_every_public_name_has_an_entry(site: Path, root: Path) -> None:
    built = {path.stem for path in (site / "api" / "generated").glob("*.html")}
    assert {f"crimeloc.{name}" for name in cl.__all__ if not name.startswith("_")} <= built
    rooms = _module(root / "docs" / "dictionary.py").room_names()
    assert len(rooms) > 12
    listed = (site / "rooms.html").read_text(encoding="utf-8")
    for room, names in rooms.items():
        for name in names:
            assert f"{room}.{name}" in built or f">{name}<" in listed, f"{room}.{name}"


def test_pictures_have_a_text_and_code_that_draws_them(site: Path) -> None:
    for path in PAGES:
        page = (site / "charts" / f"{path.stem}.html").read_text(encoding="utf-8")
        article = page[page.index("<article") : page.index("</article>")]
        images = re.findall(r"<img[^>]*>", article)
        frames = re.findall(r"<iframe[^>]*>", article)
        assert len(images) + len(frames) == 1, path.name
        for picture in images:
            assert len(re.search(r'alt="([^"]*)"', picture).group(1)) > 20, path.name
        for frame in frames:
            assert len(re.search(r'title="([^"]*)"', frame).group(1)) > 20, path.name
            name = re.search(r'src="\.\./([^"]*)"', frame).group(1)
            assert requests_in((site / name).read_text(encoding="utf-8")) == []
    text = {path.stem: path.read_text(encoding="utf-8") for path in PAGES}
    for stem, page in text.items():
        for part in (
            "```python",
            "**Useful for.**",
            "**Needs.**",
            "## How to read it",
            "## How to misread it",
        ):
            assert part in page, f"{stem} lacks {part}"


def test_every_chart_and_layer_has_a_page() -> None:
    """Whoever adds a chart or a layer adds a page: the code on the pages must draw each."""
    from crimeloc import plotting
    from crimeloc.plotting import view_maps

    code = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    drawn_by = {
        "week_clock": "week_clock(",
        "timeline": "timeline(",
        "reliability": "reliability(bins",
        "calibration": '.plot("calibration")',
        "capture": '.plot("capture")',
        "week_strip": "ranking.plot()",
        "parts_chart": ".explain(best).plot()",
        "repeat_chart": "near_repeat_table(",
        "scan_chart": "scan.plot()",
        "series_chart": "links.plot()",
        "waterfall": "links.plot((",
        "worlds_chart": "knox_test(",
        "pair_roc": "plotting.pair_roc(",
        "paper_map": "paper_map(",
    }
    names = {
        name
        for name in plotting.__all__
        if "ax" in inspect.signature(getattr(plotting, name)).parameters
    }
    assert names == set(drawn_by)
    for name, line in drawn_by.items():
        assert line in code, name
    layers = {key.split(".")[1] for key in catalogue("en") if re.fullmatch(r"layer\.\w+", key)}
    pages = {
        "frames": "map_heat_over_time",
        "profile": "map_anchor",
        "sites": "map_anchor",
        "weaker": "map_scan",
        "shares": "map_anchor",
    }
    for layer in layers:
        assert (CHARTS / f"{pages.get(layer, f'map_{layer}')}.md").is_file(), layer
    maps = {"clusters_map", "scan_map", "profile_map", "ranking_map"}
    assert maps == set(view_maps.__all__)


def test_glossary_and_page_use_the_same_words(root: Path) -> None:
    words = _module(root / "docs" / "glossary_words.py").GLOSSARY
    keyed = [word for word in words if word.key]
    assert len(keyed) >= 20
    for word in keyed:
        english = re.split(r"[ (,]", word.english)[0].lower()
        assert word.korean in catalogue("ko")[word.key], word
        said = catalogue("en")[word.key].lower()
        synonyms = {
            "event": "upload",
            "register": "register",
            "expert": "explanation",
            "window": "when",
            "at": "as of",
            "horizon": "until",
            "slot": "slot",
            "located": "located",
            "backtest": "backtest",
            "baseline": "baseline",
            "calibration": "ece",
        }
        wanted = synonyms.get(english, english)
        assert wanted in said or wanted.rstrip("s") in said, (word.english, said)
    house = "event venue lease located series cluster window slot anchor expert share expected"
    there = " ".join(word.english for word in words)
    for name in f"{house} probability at radius_m gap".split():
        assert re.search(rf"\b{name}\b", there), name


def test_a_broken_link_would_fail_the_build(tmp_path: Path) -> None:
    source = tmp_path / "docs"
    source.mkdir()
    (source / "conf.py").write_text('extensions = ["myst_nb"]\n', encoding="utf-8")
    (source / "index.md").write_text("# A page\n\n[nowhere](nowhere.md)\n", encoding="utf-8")
    done = _build(source, tmp_path / "html")
    assert done.returncode != 0
    assert "nowhere" in done.stderr


@pytest.mark.browser
def test_pages_open_with_the_cable_out(site: Path, chromium) -> None:
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    faults, asked = [], []
    tab.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((site / "charts" / "map_venues.html").as_uri())
    frame = tab.frame_locator("iframe.cl-live")
    frame.locator("html[data-ready=yes]").wait_for(state="attached", timeout=10_000)
    assert frame.locator("input[type=checkbox]:checked").count() == 2
    tab.goto((site / "notebooks" / "01_from_uploads_to_briefing.html").as_uri())
    assert "From uploads to a briefing" in tab.inner_text("h1")
    pictures = "[...document.querySelectorAll('article img')].filter(i => !i.alt).length"
    assert tab.evaluate(pictures) == 0
    assert tab.locator("article iframe").count() >= 2
    wide = tab.evaluate("document.documentElement.scrollWidth")
    assert wide <= 1280
    context.close()
    assert faults == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:", "blob:"))] == []
