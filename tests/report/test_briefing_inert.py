"""Nothing in a table is carried out: no template, no script, no markup."""

from __future__ import annotations

import geopandas as gpd
import pytest

import crimeloc as cl

pytestmark = pytest.mark.slow

AT = "2025-11-20 00:00+09:00"
NASTY = [
    "{{7919*104729}} cafe",
    "{% set x = 1 %}{% 10%}",
    "{# a remark",
    "</script><script>alert(1)</script>",
    "{{cycler.__init__.__globals__.os.getcwd()}}",
]


@pytest.fixture(scope="module")
def city() -> cl.City:
    return cl.make_city(rng=5, days=90, n_venues=20, n_offenders=1, n_background=10)


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_names_from_tables_stay_text(text: str, lang: str, city: cl.City) -> None:
    located = city.located_truth(offenders_only=True)
    venues = city.venues.assign(name=text, brand=text, category=text)
    districts = gpd.GeoDataFrame(city.districts).assign(name=text, name_en=text)
    handles = located.assign(handle=text, title=text)
    ranking = cl.rank(handles, venues, at=AT)
    page = cl.briefing(
        ranking,
        located=handles,
        venues=venues,
        districts=districts,
        lang=lang,
        title=text,
        banner=text,
        level="analyst",
    ).html
    assert str(7919 * 104729) not in page  # were it worked out
    assert "alert(1)</script>" not in page
    assert "getcwd()}}" in page or "getcwd" not in text
    plain = cl.briefing(
        ranking, located=handles, venues=city.venues, districts=city.districts, lang=lang
    ).html
    assert page.count("<script") == plain.count("<script")
