"""axe-core finds no serious fault, in either language, by day, by night and on paper."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

LOOKS = {
    "light": {"color_scheme": "light", "media": "screen"},
    "dark": {"color_scheme": "dark", "media": "screen"},
    "print": {"color_scheme": "light", "media": "print"},
}


@pytest.fixture(scope="module")
def axe():
    """The checker, out of an installed package."""
    module = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python"
    )
    return module.Axe()


@pytest.fixture(scope="module")
def pages(cases, tmp_path_factory):
    folder = tmp_path_factory.mktemp("axe")
    found = {}
    for lang in ("en", "ko"):
        for level in ("analyst", "disclosure"):
            located = cases.located_case()
            located["cluster_id"] = 0
            page = cases.full_case(lang, located=located, level=level)
            found[lang, level] = page.save(folder / f"{lang}-{level}.html")
    return found


def open_page(chromium, path, look, width=1280):
    context = chromium.new_context(
        offline=True,
        viewport={"width": width, "height": 900},
        color_scheme=LOOKS[look]["color_scheme"],
    )
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready=yes]", timeout=30_000)
    page.emulate_media(media=LOOKS[look]["media"])
    if LOOKS[look]["media"] == "screen":  # what is folded is read too
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
    page.wait_for_timeout(200)
    return context, page


@pytest.mark.parametrize("look", list(LOOKS))
@pytest.mark.parametrize("level", ["analyst", "disclosure"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_axe_finds_no_serious_fault(chromium, axe, pages, lang, level, look):
    context, page = open_page(chromium, pages[lang, level], look)
    try:
        found = axe.run(page, options={}).response
    finally:
        context.close()
    faults = [
        (one["impact"], one["id"], [node["html"][:120] for node in one["nodes"][:3]])
        for one in found["violations"]
    ]
    assert not [fault for fault in faults if fault[0] in ("serious", "critical")], faults
    passed = {one["id"] for one in found["passes"]}
    assert {"color-contrast", "document-title", "html-has-lang"} <= passed
    assert {"aria-allowed-attr", "list"} <= passed


def test_the_checker_finds_a_fault_where_there_is_one(chromium, axe, pages):
    context, page = open_page(chromium, pages["en", "analyst"], "light")
    page.evaluate(
        "document.querySelector('h1').style.color = '#e0e0e0';"
        "document.querySelector('main').appendChild(new Image())"
    )
    found = axe.run(page, options={}).response
    context.close()
    assert {"color-contrast", "image-alt"} <= {one["id"] for one in found["violations"]}


def test_every_image_has_a_text(chromium, pages):
    context, page = open_page(chromium, pages["ko", "analyst"], "light")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('img, svg, canvas')].filter(e => {
          const hidden = e.closest('[aria-hidden=true]') || e.closest('[role=img][aria-label]');
          const said = e.getAttribute('alt') || e.getAttribute('aria-label');
          return !hidden && !said && e.getClientRects().length && !e.closest('[role=region]');
        }).map(e => e.outerHTML.slice(0, 100))"""
    )
    context.close()
    assert nameless == []


def test_every_control_is_reached_by_keyboard_and_every_number_leads_to_its_rows(chromium, pages):
    context, page = open_page(chromium, pages["en", "analyst"], "light")
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = false })")
    wanted = page.evaluate(
        """() => { const found = [...document.querySelectorAll(
          'a[href], button:not([disabled]), input:not([disabled]), summary, .cl-mark')]
          .filter(e => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden');
          found.forEach((e, i) => { e.dataset.stop = i; }); return found.length; }"""
    )
    assert wanted > 60
    reached = set()
    page.keyboard.press("Tab")
    for _ in range(3 * wanted):
        stop = page.evaluate("document.activeElement && document.activeElement.dataset.stop")
        if stop is not None:
            reached.add(int(stop))
        if len(reached) == wanted:
            break
        page.keyboard.press("Tab")
    lost = set(range(wanted)) - reached
    assert not lost, [
        page.evaluate(f"document.querySelector('[data-stop=\"{n}\"]').outerHTML") for n in lost
    ]
    links = page.locator("a.cl-num")
    anchors = page.evaluate("[...document.querySelectorAll('a.cl-num')].map(e => e.hash)")
    assert len(anchors) > 20
    for place, anchor in enumerate(anchors):
        if anchors.index(anchor) != place:
            continue
        links.nth(place).focus()
        page.keyboard.press("Enter")
        page.wait_for_function(
            "anchor => document.activeElement === document.querySelector(anchor)", arg=anchor
        )
        assert page.locator(anchor).is_visible(), anchor
    context.close()
