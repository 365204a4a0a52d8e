"""What stands on the page: the ranking's numbers, escaped texts, what was left out, provenance."""

from __future__ import annotations

import re
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.errors import CrimelocError, ParameterError, TableError
from crimeloc.plotting.forecast_summary import gather
from crimeloc.plotting.offline import requests_in


def visible(page):
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page.html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_headline_tells_the_top_venue_of_the_ranking(cases, english):
    ranking = cases.count_ranking(cases.located_case(), cases.city().venues, series="S-02")
    best = ranking.venues[ranking.venues["venue_id"] != "elsewhere"].nlargest(1, "probability")
    name = cases.city().venues.set_index("venue_id").loc[best["venue_id"].iloc[0], "name"]
    assert english.headline.startswith(f"{name} is the likeliest venue: ")
    assert f"{100 * best['probability'].iloc[0]:.0f}% chance" in english.headline


def test_top_venues_and_slots_stand_in_order(cases, english):
    text = visible(english)
    ranking = cases.count_ranking(cases.located_case(), cases.city().venues, series="S-02")
    inside = ranking.venues[ranking.venues["venue_id"] != "elsewhere"]
    first, second = inside.nlargest(2, "probability")["venue_id"]
    assert text.index(first) < text.index(second)
    assert "base rate" in text.lower()
    assert "3.7%" in text  # 1 - exp(-3 / 80)


def test_the_case_repeats_the_ranking(cases):
    located, venues = cases.located_case(), cases.city().venues
    ranking = cases.count_ranking(located, venues, series="S-02")
    case = gather(ranking, located, venues)
    inside = ranking.slots[ranking.slots["venue_id"] != "elsewhere"]
    assert len(case.slots) == len(inside)
    assert case.slots["share"].sum() + case.elsewhere["share"] == pytest.approx(1, abs=1e-9)
    assert case.expected == pytest.approx(3.0)
    expected = inside.groupby("venue_id")["probability"].max()
    assert case.slots.groupby("venue_id")["probability"].max().to_dict() == pytest.approx(
        expected.to_dict()
    )
    parts = case.venues.filter(like="from_").sum(axis=1)
    assert np.allclose(parts, case.venues["share"], atol=1e-12)


def test_without_a_venue_table_it_is_made_of_the_slots(cases):
    located, venues = cases.located_case(), cases.city().venues
    ranking = cases.count_ranking(located, venues)
    bare = SimpleNamespace(slots=ranking.slots, at=ranking.at)
    case, full = gather(bare, located, venues), gather(ranking, located, venues)
    ours = case.venues.set_index("venue_id")["probability"]
    theirs = full.venues.set_index("venue_id")["probability"]
    pd.testing.assert_series_equal(ours.sort_index(), theirs.sort_index(), check_exact=False)


def test_two_series_are_pooled_as_independent(cases):
    located, venues = cases.located_case(), cases.city().venues
    one = cases.count_ranking(located, venues, series="A", rate=3.0).slots
    two = cases.count_ranking(located, venues, series="B", rate=1.0).slots
    ranking = SimpleNamespace(slots=pd.concat([one, two]), at=cases.AT, horizon="7D")
    case = gather(ranking, located.assign(series_id="A"), venues)
    keys = ["venue_id", "window_start"]
    p1, p2 = one.set_index(keys)["probability"], two.set_index(keys)["probability"]
    got = case.slots.assign(window_start=case.slots["window_start"].dt.tz_convert("UTC"))
    got = got.set_index(keys)["probability"]
    want = (1 - (1 - p1) * (1 - p2)).reindex(got.index)
    assert np.allclose(got, want, atol=1e-12)
    assert case.slots["share"].sum() + case.elsewhere["share"] == pytest.approx(1, abs=1e-9)
    assert gather(ranking, located, venues, series="B").expected == pytest.approx(1.0)


def test_texts_from_tables_stay_text(cases):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    venues = cases.city().venues.copy()
    venues["name"] = evil
    districts = cases.city().districts.copy()
    districts["name"] = evil
    located = cases.located_case()
    located["how"] = evil
    located["event_id"] = [f"{evil}{i}" for i in range(len(located))]
    rejected = cases.rejected_rows()
    rejected["reason"] = evil
    page = cases.full_case(
        "en",
        venues=venues,
        located=located,
        districts=districts,
        rejected={evil: rejected},
        title=evil,
        banner=evil + '"; } </style>',
        inputs=[cl.provenance.Input(evil, "00")],
    )
    assert "<script>alert" not in page.html
    assert "<img" not in page.html.lower().replace('"<img', "")
    assert page.html.count("</style>") == page.html.count("<style")
    assert not requests_in(page.html)
    assert "&lt;script&gt;alert(1)" in page.html


def test_what_was_left_out_is_said(cases, english):
    text = visible(english)
    assert "Rows of the input that could not be read: 3" in text
    assert re.search(r"no time 2 17, 23", text)
    located = cases.located_case()
    later = int((located["timestamp"] >= pd.Timestamp(cases.AT)).sum())
    assert later > 0
    assert f"Uploads at or after the moment of the forecast, not looked at: {later}." in text
    lost = (
        located[located["timestamp"] < pd.Timestamp(cases.AT)].groupby("event_id")["weight"].sum()
    )
    assert f"Uploads without a candidate venue: {(lost == 0).sum()} of {len(lost)};" in text


def test_provenance_is_on_the_page(english):
    text = visible(english)
    for piece in (
        "ab" * 32,
        "uploads.csv",
        "crimeloc 0.1.0",
        "2026-02-15T00:00:00+09:00",
        "horizon=7D, window=4h",
        "2,568 rows",
        "every=7D",
    ):
        assert piece in text
    assert english.provenance.inputs[0].name == "uploads.csv"


def test_raw_addresses_and_handles_are_not_on_the_page(cases, english):
    located = cases.located_case()
    assert located["ip"].notna().any()
    for column in ("ip", "handle", "content_hash"):
        for value in located[column].dropna().astype(str).unique():
            assert value not in english.html


def test_same_input_same_bytes_and_tables_unchanged(cases, english):
    located, venues = cases.located_case(), cases.city().venues.copy()
    before = located.copy(), venues.copy()
    again = cases.full_case("en", located=located, venues=venues)
    assert again.html == english.html
    pd.testing.assert_frame_equal(located, before[0])
    pd.testing.assert_frame_equal(venues, before[1])


def test_utc_or_seoul_seconds_or_nanoseconds_same_page(cases, english):
    located = cases.located_case()
    for change in (
        lambda t: t.dt.tz_convert("Asia/Seoul"),
        lambda t: t.dt.tz_convert("UTC").dt.as_unit("s"),
        lambda t: t.dt.as_unit("ns"),
    ):
        changed = located.assign(timestamp=change(located["timestamp"]))
        ranking = cases.count_ranking(located, cases.city().venues, series="S-02")
        assert cases.full_case("en", located=changed, ranking=ranking).html == english.html


def test_nothing_located_still_gives_a_page(cases):
    located = cases.located_case().iloc[:0]
    ranking = cases.count_ranking(located, cases.city().venues)
    page = cases.full_case("ko", located=located, ranking=ranking, tz="Asia/Seoul")
    assert "위치가 추정된 업로드 없음" in page.html


def test_no_slot_at_all_is_said(cases):
    ranking = cases.count_ranking(cases.located_case(), cases.city().venues)
    nothing = SimpleNamespace(slots=ranking.slots.iloc[:0], at=cases.AT)
    page = cases.full_case("en", ranking=nothing)
    assert page.headline.startswith("There is no ranking")


def test_what_the_ranker_holds_against_itself_is_said(cases):
    ranking = cases.count_ranking(cases.located_case(), cases.city().venues)
    weak = SimpleNamespace(**vars(ranking), abstained={"": "only 3 uploads"})
    assert "only 3 uploads" in visible(cases.full_case("en", ranking=weak))


def test_wrong_arguments_are_met_with_the_line_that_mends_them(cases):
    for change, hint in (
        ({"series": "S-99"}, "series="),
        ({"lang": "fr"}, 'lang="en"'),
        ({"top": 0}, "top=10"),
        ({"bandwidth_m": 0.0}, "bandwidth_m=400"),
        ({"scan": 7}, "scan=scan_test"),
    ):
        with pytest.raises(ParameterError, match=re.escape(hint)):
            cases.full_case(**change)
    with pytest.raises(TableError):
        cases.full_case("en", venues=cases.city().venues.drop(columns="venue_id"))


def test_clusters_of_the_table_are_drawn(cases):
    located = cases.located_case()
    clusters = gpd.GeoDataFrame(
        {
            "cluster_id": [1],
            "n_events": [4.0],
            "radius_m": [300.0],
            "start": pd.to_datetime(["2025-10-01 00:00Z"]),
            "end": pd.to_datetime(["2025-10-03 00:00Z"]),
            "venues": ["V-024"],
        },
        geometry=located.geometry.dropna().iloc[:1].reset_index(drop=True),
    )
    page = cases.full_case("en", clusters=clusters)
    assert 'data-layer="clusters"' in page.html
    strong = clusters.assign(p_value=[0.001])
    weak = clusters.assign(p_value=[0.4])
    assert 'data-layer="scan"' in cases.full_case("en", scan=strong).html
    page = cases.full_case("en", scan=weak)
    assert 'data-layer="scan"' not in page.html
    assert "found no area with more uploads than chance" in visible(page)


def test_save_writes_what_it_shows_and_refuses_a_page_that_fetches(english, tmp_path):
    path = english.save(tmp_path / "briefing.html")
    assert path.read_text(encoding="utf-8") == english.html
    assert path.stat().st_size <= 5_000_000
    bad = cl.Briefing('<img src="http://192.0.2.1/x.png">', "t", "h", english.provenance)
    with pytest.raises(CrimelocError, match=r"192\.0\.2\.1"):
        bad.save(tmp_path / "bad.html")
    assert not (tmp_path / "bad.html").exists()


def test_it_prints_itself_small(english):
    assert len(english._repr_html_()) < 1_000
    assert len(repr(english)) < 1_000
    assert "briefing.html" in str(english)
