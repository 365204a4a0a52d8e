"""Maps of single results in a real browser, inside the frame a notebook gives them."""

from __future__ import annotations

import pytest

import crimeloc as cl

pytestmark = pytest.mark.browser


def test_a_map_lives_in_a_notebook_frame_without_a_request(chromium, tmp_path):
    city = cl.make_city(rng=5, days=90, n_venues=25, n_offenders=3, n_background=20)
    located = city.located_truth(offenders_only=True)
    ranking = cl.rank(located, city.venues, at="2025-11-20 00:00+09:00", horizon="3D")
    page = tmp_path / "notebook.html"
    page.write_text(f"<!DOCTYPE html><body>{ranking.map()._repr_html_()}</body>", encoding="utf-8")
    context = chromium.new_context(offline=True, viewport={"width": 1000, "height": 700})
    tab = context.new_page()
    said, asked = [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    frame = tab.frame_locator("iframe")
    frame.locator("html[data-ready=yes]").wait_for(state="attached", timeout=10_000)
    assert frame.locator(".cl-mark").count() == 10
    box = frame.locator("input[data-layer=top]")
    box.focus()
    tab.keyboard.press("Space")
    assert frame.locator(".cl-mark").count() == 0
    frame.locator("input[data-layer=frames]").check()
    slider = frame.locator("#cl-slider")
    slider.focus()
    before = frame.locator("#cl-slider-text").inner_text()
    tab.keyboard.press("ArrowLeft")
    assert frame.locator("#cl-slider-text").inner_text() != before
    assert said == []
    outside = [url for url in asked if not url.startswith(("data:", "about:", page.as_uri()))]
    assert outside == []
    context.close()
