"""Moves, new hours and habits are told at the top, on the timeline and on the map."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.errors import ParameterError
from crimeloc.plotting.forecast_summary import gather
from crimeloc.report.collect import Extras, collect
from crimeloc.report.redact import redact
from crimeloc.report.sentences import lead
from crimeloc.report.story import habits_told
from crimeloc.report.withheld import voice_of

TZ, AT = "Asia/Seoul", pd.Timestamp("2026-03-01 00:00", tz="Asia/Seoul")


@pytest.fixture(scope="module")
def moved():
    """Uploads on Tuesdays at eight in the evening: ten weeks at one venue, ten at another."""
    points = gpd.GeoSeries.from_xy([127.0, 127.1, 127.05], [37.5, 37.55, 37.52], crs="EPSG:4326")
    venues = gpd.GeoDataFrame(
        {"venue_id": ["V1", "V2", "V3"], "name": ["Blue Room", "Pine Corner", "Owl"]},
        geometry=points,
    )
    times = pd.date_range(end="2026-02-24 20:10", periods=20, freq="7D", tz=TZ)
    where = np.repeat([0, 1], 10)
    located = gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:02d}" for i in range(20)],
            "timestamp": times,
            "tz": TZ,
            "venue_id": venues["venue_id"].to_numpy()[where],
            "weight": 1.0,
            "how": "lease",
            "series_id": "S-1",
        },
        geometry=points.to_numpy()[where],
        crs="EPSG:4326",
    )
    slots = pd.DataFrame(
        {
            "series_id": "S-1",
            "venue_id": ["V2", "V1", "V3"],
            "window_start": AT,
            "window_end": AT + pd.Timedelta("4h"),
            "expected": [0.5, 0.2, 0.1],
            "probability": [0.39, 0.18, 0.09],
            "share": [0.6, 0.3, 0.1],
        }
    )
    return _Ranking(slots), located, venues


class _Ranking:
    def __init__(self, slots):
        self.slots, self.at, self.horizon = slots, AT, "7D"


def content_of(moved, lang="en"):
    from crimeloc.report.content import Settings

    ranking, located, venues = moved
    changes = cl.changepoints(located, rng=7, n_permutations=199)
    return collect(ranking, located, venues, Extras(changes=changes), Settings(lang=lang))


def test_a_move_is_told_with_its_places_and_their_distance(moved):
    content = content_of(moved)
    (change,) = content.changes
    assert change.kind == "place"
    assert change.at == pd.Timestamp("2025-12-23 20:10", tz=TZ)
    assert "before mostly Blue Room (100%)" in change.text
    assert "since then mostly Pine Corner (100%)" in change.text
    assert "10.4 km" in change.text
    assert "10 before, 10 after" in change.text
    assert change.move.before == pytest.approx((127.0, 37.5))
    assert change.move.after == pytest.approx((127.1, 37.55))


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_story_stands_at_the_top_and_on_the_map(moved, lang):
    ranking, located, venues = moved
    changes = cl.changepoints(located, rng=7, n_permutations=199)
    page = cl.briefing(ranking, located=located, venues=venues, changes=changes, lang=lang)
    story = re.search(r'<ul class="cl-story">(.*?)</ul>', page.html, re.S).group(1)
    assert story.count("<li>") == 2
    assert ("Tuesday" in story) == (lang == "en")
    assert ("화요일 20:00~20:30: 최근 10주 화요일 중 10회" in story) == (lang == "ko")
    assert 'data-layer="moves"' in page.html


def test_a_weekday_that_comes_again_and_again_is_a_habit(moved):
    ranking, located, venues = moved
    voice = voice_of(content_of(moved))
    summary = gather(ranking, located, venues)
    assert habits_told(summary, voice) == (
        "Tuesdays, mostly 20:00–20:30: 10 of the last 10 Tuesdays, mostly at Pine Corner (100%).",
    )
    rare = located.iloc[::3]
    assert habits_told(gather(ranking, rare, venues), voice) == ()


def test_a_habit_over_midnight_is_one_stretch(moved):
    ranking, located, venues = moved
    minutes = pd.to_timedelta(np.where(np.arange(20) % 2, 230, 245), "min")  # 24:00 and 00:15
    late = located.assign(timestamp=located["timestamp"] + minutes)
    told = habits_told(gather(ranking, late, venues), voice_of(content_of(moved)))
    assert all("00:00–00:30" in one or "23:30–00:30" in one for one in told)


def test_what_changed_is_not_told_where_no_single_upload_is(moved):
    content = redact(content_of(moved), "disclosure")
    assert lead(content, voice_of(content)).story == ()
    assert lead(redact(content_of(moved), "briefing"), voice_of(content)).story


def test_something_else_than_changes_is_refused(moved):
    ranking, located, venues = moved
    with pytest.raises(ParameterError, match="changepoints"):
        cl.briefing(ranking, located=located, venues=venues, changes=7)
