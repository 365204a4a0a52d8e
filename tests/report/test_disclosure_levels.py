"""What each level takes away: pseudonyms, texts, counts, and what cannot be had back."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crimeloc.errors import ParameterError
from crimeloc.io.reasons import rejected_table
from crimeloc.messages import Message
from crimeloc.provenance import Input, record
from crimeloc.report.collect import Extras, collect
from crimeloc.report.content import SetSummary
from crimeloc.report.exports.tables import tables_of
from crimeloc.report.privacy.pseudonyms import Pseudonyms
from crimeloc.report.privacy.safe_clusters import Circle, safe_together
from crimeloc.report.privacy.suppression import told, two_figures, withheld
from crimeloc.report.redact import LEVELS, redact

KEY = "a secret of this test, long enough"


@pytest.fixture
def content(cases):
    located = cases.located_case()
    ranking = cases.count_ranking(located, cases.city().venues, window="24h", series="S-02")
    extras = Extras(backtest=cases.SmallBacktest())
    return collect(ranking, located, cases.city().venues, extras)


def test_a_pseudonym_is_the_keyed_digest_of_the_name():
    digest = hmac.new(KEY.encode(), b"handle\0night_owl", hashlib.sha256).digest()
    want = "H-" + b32encode(digest).decode().lower()[:12]
    assert Pseudonyms({}, KEY).of("handle", "night_owl") == want
    assert Pseudonyms({}, KEY + "!").of("handle", "night_owl") != want
    assert Pseudonyms({}, KEY.encode()).of("handle", " night_owl") == want


def test_one_address_has_one_pseudonym_however_it_is_spelt():
    veil = Pseudonyms({"ip": ["2001:db8::1", "192.0.2.7"]}, KEY)
    assert veil.of("ip", "2001:DB8:0:0::1") == veil.of("ip", "2001:db8::1")
    assert veil.of("ip", "::ffff:192.0.2.7") == veil.of("ip", "192.0.2.7")


def test_without_a_key_names_are_numbered_in_order():
    veil = Pseudonyms({"handle": ["zebra", "ant"], "ip": ["192.0.2.7"]})
    column = veil.column("handle", pd.Series(["ant", None, "zebra"], dtype="str"))
    assert column.tolist()[::2] == ["H-2", "H-1"]
    assert column.isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("seen: Night_Owl, 192.0.2.7.", "seen: H-1, A-1."),
        ("192.0.2.0/29 ports 1-9: V-1", "A-2 ports 1-9: V-1"),
        ("밤손님7가 2001:db8::5%", "H-2가 A-2%"),
        ("[2001:db8::5]:443 at 12:30:00", "[A-2]:443 at 12:30:00"),
        ("abc xabc abcd", "H-3 xabc abcd"),
        ("row 1234 of 51234", "row H-4 of 51234"),
        ("version 1.2.3, 10:15", "version 1.2.3, 10:15"),
        ("", ""),
    ],
)
def test_texts_are_freed_of_names_and_addresses(text, clean):
    known = {"handle": ["night_owl", "밤손님7", "abc", "1234", ""], "ip": ["192.0.2.7"]}
    assert Pseudonyms(known).scrub(text) == clean


def test_a_short_key_is_refused_and_not_repeated():
    with pytest.raises(ParameterError, match="8 bytes") as caught:
        Pseudonyms({}, "hush-hus")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("counts", "gone"),
    [
        ([40, 12, 3, 0], [False, True, True, True]),
        ([40, 12, 0, 0], [False, False, True, True]),  # nothing hides behind zeros
        ([40, 12, 3, 2], [False, False, True, True]),
        ([3], [True]),
        ([5, 5, 4], [True, False, True]),
        ([], []),
        ([float("nan"), 9, 7], [True, False, False]),
    ],
)
def test_small_counts_and_those_that_would_tell_them_are_withheld(counts, gone):
    assert withheld(counts, 5).tolist() == gone


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(2, 11))
def test_what_is_withheld_cannot_be_had_by_subtraction(counts, threshold):
    shown = told(counts, threshold)
    gone = np.isnan(shown)
    assert (shown[~gone] >= threshold).all()
    left = sum(counts) - shown[~gone].sum()
    hidden = np.asarray(counts)[gone]
    if left > 0 and sum(counts) >= threshold:
        assert left >= threshold
        assert len(hidden) >= 2


def test_levels_go_one_way_only(content):
    for have, level in enumerate(LEVELS):
        shown = redact(content, level, key=KEY)
        assert shown.level == level
        for want, other in enumerate(LEVELS):
            if want < have:
                with pytest.raises(ParameterError, match=f'level="{level}"'):
                    redact(shown, other)
            else:
                assert redact(shown, other).level == other
    with pytest.raises(ParameterError, match="briefing"):
        redact(content, "secret")


def test_the_analyst_sees_the_tables_as_they_are(content):
    assert redact(content, "analyst") is content


def test_a_briefing_keeps_rows_but_no_names(content, cases):
    raw = content.summary.located
    before = raw.copy()
    shown = redact(content, "briefing", key=KEY).summary.located
    pd.testing.assert_frame_equal(raw, before)
    assert len(shown) == len(raw)
    assert {"port", "device", "title", "hash_quality"}.isdisjoint(shown.columns)
    assert shown["timestamp"].equals(raw["timestamp"])
    for column in ("ip", "handle", "content_hash"):
        assert set(raw[column].dropna()).isdisjoint(shown[column].dropna())
        pairs = pd.DataFrame({"raw": raw[column], "shown": shown[column]}).dropna()
        pairs = pairs.drop_duplicates()
        assert pairs["raw"].is_unique
        assert pairs["shown"].is_unique


def test_one_key_gives_one_name_in_two_documents(content, cases):
    half = cases.located_case().iloc[8:]
    ranking = cases.count_ranking(half, cases.city().venues, window="24h", series="S-02")
    other = collect(ranking, half, cases.city().venues)
    names = [
        set(redact(d, "briefing", key=KEY).summary.located["handle"].dropna())
        for d in (content, other)
    ]
    assert names[1] <= names[0]


def test_disclosure_has_no_row_of_an_upload_and_no_small_count(content):
    shown = redact(content, "disclosure", threshold=5)
    tables = tables_of(shown)
    assert "uploads" not in tables
    assert len(shown.summary.located) == 0
    assert shown.secrets == {}
    assert not {"from_habit", "last_upload"} & set(tables["venues"].columns)
    told_n = tables["venues"]["n"].dropna()
    assert len(told_n)
    assert (told_n >= 5).all()
    assert (told_n % 1 == 0).all()
    assert tables["venues"]["last"].isna().all()
    told_at = tables["venues"].loc[told_n.index].geometry
    heated = sorted(map(tuple, shown.heat.points.round(6)))
    assert heated == sorted(zip(told_at.x.round(6), told_at.y.round(6), strict=True))
    assert shown.heat.over_time is None
    assert "n" not in shown.backtest.scores.columns
    assert list(tables["venues"]["venue_id"]) == list(content.summary.venues["venue_id"])
    exact = content.summary.venues["probability"].to_numpy()
    assert np.allclose(tables["venues"]["probability"], exact, rtol=0.05)


def test_a_cluster_that_would_tell_the_rest_of_its_venue_is_left_out(content):
    at_venue = content.summary.venues.set_index("venue_id")["n"]
    name = at_venue.idxmax()  # eight uploads
    row = {
        "cluster_id": 0,
        "n_events": at_venue[name] - 2,
        "start": content.summary.at,
        "end": content.summary.at,
        "radius_m": 0.0,
        "venues": name,
        "geometry": content.register.geometry.iloc[0],
    }
    for events, left in ((at_venue[name] - 2, None), (at_venue[name], 1)):
        clusters = gpd.GeoDataFrame([row | {"n_events": events}], crs="EPSG:4326")
        shown = redact(replace(content, clusters=clusters), "disclosure")
        assert (None if shown.clusters is None else len(shown.clusters)) == left


def test_two_figures_keep_what_is_not_a_number():
    values = pd.Series([0.123456, 0.0, np.nan, 98.76, 1e-9])
    assert two_figures(values).tolist()[:2] == [0.12, 0.0]
    assert two_figures(values).isna().tolist() == [False, False, True, False, False]
    assert two_figures(values).tolist()[3:] == [99.0, 1e-9]


def test_the_page_and_its_files_are_at_one_level(cases, tmp_path):
    page = cases.full_case("en", level="disclosure")
    assert page.content.level == "disclosure"
    assert "withheld" in page.html
    assert "Upload</th>" not in page.html
    with pytest.raises(ParameterError, match='level="disclosure"'):
        page.export(tmp_path / "case.csv", level="analyst")
    assert len(page.export(tmp_path / "case.csv")) >= 4
    raw = cases.full_case("en", level="analyst")
    assert cases.located_case()["handle"].dropna().iloc[-1] in raw.html
    assert raw.content.level == "analyst"


def test_what_a_method_noted_of_the_uploads_it_saw_is_not_disclosed(content):
    noted = {"window": "4h", "learned_from_events": "29", "learned_up_to": "2026-02-19 13:34:54"}
    whole = replace(content, records=(record("rank", noted, n_in=29),))
    assert redact(whole, "disclosure").records[0].parameters == {"window": "4h"}
    assert redact(whole, "briefing").records[0].parameters == noted


@pytest.mark.parametrize("level", ["briefing", "disclosure"])
def test_a_damaged_address_in_a_reason_is_an_address_still(content, level):
    quoted = [
        Message("address.above-255", shown="'203.0.113.999'"),
        Message("address.leading-zero", shown="'203.0.113.007'"),
        Message("address.bare-number", shown="'3405803777'"),
        Message("address.hexadecimal", shown="'0xcb007101'"),
    ]
    coded = rejected_table([(row, one, "ip", "x") for row, one in enumerate(quoted)])
    plain = pd.DataFrame({"source_row": [4], "reason": "seen from 203.0.113.007 twice"})
    table = pd.concat([coded, plain.assign(column="ip", raw="x")], ignore_index=True)
    shown = redact(replace(content, rejected={"events": table}), level).rejected["events"]
    text = " ".join(shown[["reason", "reason_params"]].fillna("").to_numpy().ravel())
    for raw in ("203.0.113", "3405803777", "cb007101"):
        assert raw not in text
    assert "… has a leading zero: octal or decimal?" in text


def test_repeated_rows_are_disclosed_without_the_uploads_they_repeat(content):
    again = [Message("row.again", event_id=f"E-{number}") for number in range(7)]
    table = rejected_table([(row, one, "", "") for row, one in enumerate(again)])
    shown = redact(replace(content, rejected={"events": table}), "disclosure").rejected["events"]
    assert shown["reason"].tolist() == ["repeats an earlier row: …"]
    assert shown["n"].tolist() == [7.0]


def test_a_boundary_file_tells_no_account(content):
    handle = content.summary.located["handle"].dropna().iloc[0]
    ground = gpd.GeoDataFrame(
        {"name": [f"area of {handle}, 203.0.113.9"], "code": [7]},
        geometry=content.register.geometry.iloc[:1].to_numpy(),
        crs="EPSG:4326",
    )
    shown = redact(replace(content, districts=ground), "briefing").districts
    assert handle not in shown["name"].iloc[0]
    assert "203.0.113.9" not in shown["name"].iloc[0]
    assert shown["code"].tolist() == [7]
    assert handle in ground["name"].iloc[0]


def test_rows_read_are_not_told_where_they_give_away_the_uploads_not_used(content):
    used = int(content.summary.counts["used"])
    for rows, rejected, left in ((used + 3, 0, None), (used + 50, 0, used + 50)):
        files = (Input("log.csv", "0" * 64, n_rows=rows, n_rejected=rejected),)
        shown = redact(replace(content, inputs=files), "disclosure")
        assert shown.inputs[0].n_rows == left


def test_a_set_checked_on_few_uploads_has_no_rate(content):
    held = [SetSummary("venues", 3, 9, 0.84, 0.67, n) for n in (3.0, 12.0)]
    few, enough = redact(replace(content, sets=tuple(held)), "disclosure").sets
    assert np.isnan(few.coverage)
    assert enough.coverage == 0.67


@pytest.mark.parametrize(
    ("circles", "told_at", "used", "others", "kept"),
    [
        ([("A", 6), ("A", 5)], {"A": 13}, 40, [], [True, False]),  # two are left at A
        ([("A", 6), ("A", 7)], {"A": 13}, 40, [], [True, True]),
        ([("CD", 7)], {"A": 20, "B": 22, "C": np.nan, "D": np.nan}, 50, [], [False]),  # 1 beyond
        ([("CD", 8)], {"A": 20, "B": 22, "C": np.nan, "D": np.nan}, 50, [], [True]),
        ([("A", 20), ("B", 18)], {"A": 20, "B": 25}, 41, [], [True, False]),  # three uploads alone
        ([("A", 10)], {"A": 20}, 40, [("AB", 12)], [False]),  # two tables, two apart
        ([("A", 10)], {"A": 20}, 40, [("B", 12)], [True]),
    ],
)
def test_clusters_are_safe_beside_one_another(circles, told_at, used, others, kept):
    these, those = ([Circle(frozenset(v), n) for v, n in part] for part in (circles, others))
    assert safe_together(these, told_at, used, 5, those).tolist() == kept


def test_the_anchor_of_another_series_is_refused(cases):
    located = cases.located_case()
    ranking = cases.count_ranking(located, cases.city().venues, window="24h", series="S-02")
    other = SimpleNamespace(series="S-99", search_areas=lambda: None)
    with pytest.raises(ParameterError, match='series="S-02"'):
        collect(ranking, located, cases.city().venues, Extras(profile=other))
