"""One file and no request."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from crimeloc.plotting.offline import leaflet, one_file, origin, requests_in


def test_leaflet_comes_out_of_the_installed_package_with_its_notice():
    css, js = leaflet()
    assert "Leaflet 1." in js[:200]
    assert "Agafonkin" in js[:300]
    assert "sourceMappingURL" not in js
    assert "</script" not in js
    assert not requests_in(f"<style>{css}</style>")


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="http://192.0.2.1/a.png">',
        '<script src="//192.0.2.1/a.js"></script>',
        '<link rel="stylesheet" href="a.css">',
        "<style>@import 'a.css';</style>",
        "<style>p{background:url(a.png)}</style>",
        '<p style="background:url(a.png)">',
        '<iframe src="a.html"></iframe>',
        '<svg><image href="a.png"/></svg>',
        '<svg><use xlink:href="a.svg#x"/></svg>',
        '<video poster="a.jpg"></video>',
        '<base href="http://192.0.2.1/">',
        '<img srcset="a.png 2x">',
    ],
)
def test_what_a_browser_would_fetch_is_found(markup):
    assert len(requests_in(markup)) == 1


def test_what_waits_for_a_click_or_is_inside_is_no_request():
    assert not requests_in('<a href="http://192.0.2.1/">x</a><img src="data:,"><use href="#a"/>')


def test_the_page_names_the_hash_of_each_script_and_forbids_the_rest(english):
    policy = re.search(r'Security-Policy" content="([^"]+)"', english.html).group(1)
    assert policy.startswith("default-src 'none'; img-src data:;")
    programs = re.findall(r"<script>(.*?)</script>", english.html, flags=re.S)
    digests = [hashlib.sha256(program.encode()).digest() for program in programs]
    named = {f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests}
    assert len(programs) >= 3
    assert set(re.search(r"script-src ([^;]+)", policy).group(1).split()) == named
    assert not requests_in(english.html)


def test_data_cannot_end_its_element():
    page = one_file(title="</title>", lang="en", styles=[], body="", data={"x": "</script><b>"})
    assert "</script><b>" not in page
    text = re.search(r'id="cl-data">(.*?)</script>', page).group(1)
    assert json.loads(text) == {"x": "</script><b>"}


def test_an_inner_tile_server_is_the_one_origin_allowed(cases):
    page = cases.full_case("en", tiles="http://192.0.2.7:8080/{z}/{x}/{y}.png")
    assert page.image_origin == "http://192.0.2.7:8080"
    assert "img-src data: http://192.0.2.7:8080;" in page.html
    assert origin("https://{s}.example.org/{z}.png") == "https://*.example.org"
