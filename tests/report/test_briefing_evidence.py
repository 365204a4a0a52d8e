"""Numbers lead to rows; reasons and notes are in the page's language; figures say something."""

from __future__ import annotations

import re
from dataclasses import fields
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.evaluation.baselines import naive
from crimeloc.io.reasons import rejected_table
from crimeloc.messages import Message
from crimeloc.messages.catalogues import catalogue
from crimeloc.messages.translator import Translator
from crimeloc.plotting import layers
from crimeloc.report.collect import Extras
from crimeloc.report.content import Settings
from crimeloc.report.document import briefing
from crimeloc.report.sentences import backtest_figures
from crimeloc.report.source_rows import spans


def part(html, key):
    return html[html.index(f'id="{key}"') : html.index("</section>", html.index(f'id="{key}"'))]


def test_each_anchor_of_a_number_is_on_the_page(english):
    anchors = set(re.findall(r'class="cl-num" href="#([^"]+)"', english.html))
    assert {"rows", "answer", "backtest", "rows-1", "rows-unplaced", "rows-spread"} <= anchors
    for anchor in anchors:
        assert len(re.findall(f'id="{anchor}"', english.html)) == 1, anchor


def test_the_rows_of_a_venue_are_those_of_the_table(english, cases):
    case = english.content.summary
    best = case.venues.iloc[0]
    mine = case.located[case.located["venue_id"] == best["venue_id"]]
    group = english.html[english.html.index('id="rows-1"') :]
    group = group[: group.index("</table>")]
    assert f"{min(len(mine), 12)} of {len(mine)} rows" in group
    latest = mine.sort_values(["timestamp", "event_id"], ascending=[False, True]).head(12)
    assert [f"<td>{event}</td>" in group for event in latest["event_id"]] == [True] * len(latest)
    unplaced = case.located[case.located["weight"] == 0]
    group = english.html[english.html.index('id="rows-unplaced"') :]
    assert f"{min(len(unplaced), 12)} of {len(unplaced)} rows" in group[: group.index("</h3>")]


def test_an_aggregate_has_no_rows_and_no_anchor_to_any(cases):
    page = cases.full_case("en", level="disclosure")
    assert 'id="rows' not in page.html
    assert 'href="#rows' not in page.html
    assert 'href="#explain' not in page.html


def test_sets_say_how_they_fared_and_on_how_many(cases, english):
    text = re.sub(r"<[^>]+>", " ", part(english.html, "answer"))
    assert re.search(r"venues\s+\d+ of 81\s+8\d%\s+83%\s+47\b", text)
    shown = cases.full_case("en", level="disclosure").content
    assert [held.coverage for held in shown.sets] == [0.83, 0.83]
    assert all(np.isnan(held.n) for held in shown.sets)


def test_a_fraction_of_an_upload_is_explained_where_one_stands(cases):
    located = cases.located_case()
    meaning = catalogue("en")["answer.fractions"]
    assert meaning in cases.full_case("en", located=located).html
    assert meaning not in cases.full_case("en", located=located[located["weight"] == 1]).html


def test_row_numbers_are_told_in_pieces_and_all_of_them_somewhere(cases):
    assert spans([5, 3, 4, 9]) == "3–5, 9"
    rows = list(range(2, 60, 2))
    rejected = pd.DataFrame({"source_row": rows, "reason": "no time"})
    text = part(cases.full_case("en", rejected={"events": rejected}).html, "left")
    assert "2, 4, 6, 8, 10, 12, 14, 16 ..." in text
    assert ", ".join(map(str, rows)) in text


def test_reasons_on_the_page_are_korean_and_a_foreign_one_is_marked(cases):
    rejected = pd.concat(
        [
            rejected_table([(5, Message("row.fields", count=7, expected=5), "", "a")]),
            pd.DataFrame({"source_row": [6], "reason": ["something else"]}),
        ],
        ignore_index=True,
    )
    for level in ("analyst", "briefing", "disclosure"):
        page = cases.full_case("ko", rejected={"events": rejected}, level=level).html
        assert "항목 7개(5개여야 함)" in part(page, "left")
        assert "(영어 원문) something else" in part(page, "left")


def test_notes_of_a_backtest_are_in_the_language_of_the_page(cases):
    backtest = cases.SmallBacktest()
    told = SimpleNamespace(
        scores=backtest.scores,
        reliability=backtest.reliability,
        captures=backtest.captures,
        notes=(Message("note.no_series", n=1_204),),
    )
    for lang, said in (
        ("ko", "평가하지 않음: 사건군에 속하지 않는 업로드 1,204건."),
        ("en", "Not scored: 1,204 uploads that belong to no series."),
    ):
        assert said in part(cases.full_case(lang, backtest=told).html, "left")


def test_a_backtest_says_only_what_has_korean_words():
    city = cl.make_city(rng=3, n_venues=12, n_offenders=3, n_background=10, days=60)
    located = city.located_truth(offenders_only=True)
    located.loc[located.index[-3:], "series_id"] = None
    backtest = cl.backtest(
        naive()[0],
        located,
        city.venues,
        start="2025-10-10 00:00+09:00",
        baselines=False,
        n_jobs=1,
    )
    assert backtest.notes
    for note in backtest.notes:
        assert re.search("[가-힣]", note.text("ko")), note
        assert not re.search("[가-힣]", note.text("en")), note
    for name in backtest.scores().columns:
        assert Translator("ko").column(name) != name, name


def used(cases):
    """The register, the venues that the series used first."""
    venues, located = cases.city().venues, cases.located_case()
    seen = located["venue_id"].dropna().value_counts().index
    order = venues["venue_id"].map({name: place for place, name in enumerate(seen)})
    return venues.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def test_a_top_list_of_nearly_all_venues_is_not_told(cases):
    for count, k in ((80, 10), (12, 3)):
        few = used(cases).iloc[:count]
        located = cases.located_case()
        located = located[located["venue_id"].isin(few["venue_id"])]
        page = cases.full_case(
            "en", located=located, venues=few, ranking=cases.count_ranking(located, few)
        )
        assert f"Next upload at one of the top {k}<" in page.html
    few = used(cases).iloc[:3]
    located = cases.located_case()
    located = located[located["venue_id"].isin(few["venue_id"])]
    assert len(located)
    page = cases.full_case(
        "en", located=located, venues=few, ranking=cases.count_ranking(located, few)
    )
    assert "Next upload at one of the top" not in page.html
    assert "Next upload outside the register" in page.html
    shown = page.content.backtest
    assert [backtest_figures(shown, count)[2] for count in (80, 25, 3)] == [10, 5, 1]


def test_circles_shrink_where_there_are_many():
    chance = np.array([0.4, 0.1, 0.0])
    assert layers.radius_px(chance).tolist() == [22.0, 11.0, 3.0]
    many = layers.radius_px(chance, count=2_000)
    assert many[0] == pytest.approx(22 / np.sqrt(2_000 / 150))
    assert many[2] == 1.0


def test_what_may_be_given_and_what_holds_otherwise_stand_in_one_place(cases):
    import inspect

    given = inspect.signature(briefing).parameters
    for field in (*fields(Extras), *fields(Settings)):
        assert given[field.name].default == field.default, field.name


def test_the_words_of_the_ranker_against_itself_are_korean(cases):
    located, venues = cases.located_case(), cases.city().venues
    placed = located[located["weight"] == 1]
    few = placed.sort_values("timestamp").head(3)
    ranking = cl.rank(few, venues, at=cases.AT)
    page = cl.briefing(ranking, located=few, venues=venues, lang="ko")
    lead = page.html[page.html.index("<main>") : page.html.index('<dl class="cl-facts')]
    assert catalogue("ko")["abstain"] in lead
    said = lead[lead.index(catalogue("ko")["abstain"]) :]
    assert "3건" in re.sub(r"<[^>]+>", " ", said)
    assert not re.search("[a-z]{4,}", re.sub(r"<[^>]+>", " ", said))


def test_a_week_that_is_withheld_is_not_said_to_be_empty(cases):
    from crimeloc.report.drawings import strip
    from crimeloc.report.withheld import voice_of

    content = cases.full_case("ko", level="disclosure").content
    assert np.isnan(content.week).all()
    ax = strip(content, voice_of(content))
    assert "최대 (비공개)건" in ax.get_xlabel()
    assert "0건" not in ax.get_xlabel()


def test_a_backtest_says_in_a_sentence_of_what_it_is_and_what_it_would_have_met(cases):
    backtest = cases.SmallBacktest()
    told = SimpleNamespace(
        scores=backtest.scores,
        reliability=backtest.reliability,
        captures=backtest.captures,
        records=pd.DataFrame({"series_id": ["S-01", "S-02", None, "S-02"]}),
    )
    english = part(cases.full_case("en", backtest=told).html, "backtest")
    assert "Tested on 2 series together, this one among them" in english
    assert (
        "in the 10 likeliest slots (40 officer-hours) would have met 50% of the uploads" in english
    )
    assert "by the best naive rule (how often before) 30%" in english
    # of 280 slots said to have 5 % or more 45 were due, and 46.6 came
    assert "(280 slots, 16% on average) came true in 17% of cases" in english
    assert "within what chance allows" in english
    korean = part(cases.full_case("ko", backtest=told).html, "backtest")
    assert "사건군 2개를 함께 검증한 값입니다" in korean
    hidden = part(cases.full_case("en", backtest=told, level="disclosure").html, "backtest")
    assert "Tested on" not in hidden
    assert "280 slots" not in hidden


def test_a_forecast_too_sure_of_itself_is_said_to_be_so(cases):
    backtest = cases.SmallBacktest()

    def reliability(method=None):
        return backtest.reliability(method).assign(happened=0.0)

    told = SimpleNamespace(
        scores=backtest.scores, reliability=reliability, captures=backtest.captures
    )
    assert "too sure of itself" in part(cases.full_case("en", backtest=told).html, "backtest")
    assert "과신했습니다" in part(cases.full_case("ko", backtest=told).html, "backtest")
