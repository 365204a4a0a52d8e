"""The charts show the table's numbers, in the place they are told to."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from crimeloc.plotting import axes, reliability, timeline, week_clock, week_table
from crimeloc.plotting.axes import as_svg


def uploads():
    times = ["2026-02-27 21:10", "2026-02-27 21:50", "2026-03-01 00:00", "2026-02-01 13:00"]
    moments = pd.to_datetime(times).tz_localize("Asia/Seoul")
    return pd.DataFrame({"event_id": list("abcd"), "timestamp": moments})


def test_week_table_counts_by_weekday_and_hour_on_the_wall():
    week = week_table(uploads(), np.array([1.0, 0.5, 1.0, 2.0]), "Asia/Seoul")
    assert week.sum() == 4.5
    assert week[4, 21] == 1.5  # a Friday
    assert week[6, 0] == 1.0  # a Sunday, midnight
    assert week[6, 13] == 2.0
    moved = week_table(uploads(), np.ones(4), "UTC")
    assert moved[5, 15] == 1  # the same midnight


def test_a_day_without_an_hour_favours_no_hour_of_the_week():
    table = uploads().iloc[[0]]
    day = table["timestamp"].dt.normalize()
    table = table.assign(timestamp=day, timestamp_end=day + pd.Timedelta("24h"))
    week = week_table(table, np.array([2.4]), "Asia/Seoul")
    assert week[4] == pytest.approx(np.full(24, 0.1))
    assert week.sum() == pytest.approx(2.4)


def test_timeline_holds_every_upload():
    at = pd.Timestamp("2026-03-02 00:00", tz="Asia/Seoul")
    for shift, bars in (("0D", 29), ("60D", 13), ("900D", 67)):
        ax = timeline(uploads(), at + pd.Timedelta(shift))
        heights = [patch.get_height() for patch in ax.patches]
        assert sum(heights) == 4
        assert len(heights) <= max(bars, 67)


def test_charts_draw_where_they_are_told_and_return_it():
    figure = Figure()
    three = figure.subplots(1, 3)
    at = pd.Timestamp("2026-03-02 00:00", tz="Asia/Seoul")
    bins = pd.DataFrame({"forecast": [0.1, 0.5], "happened": [0.2, 0.4], "n": [10, 5]})
    assert week_clock(np.ones((7, 24)), lang="ko", ax=three[0]) is three[0]
    assert timeline(uploads(), at, lang="ko", ax=three[1]) is three[1]
    assert reliability(bins, lang="ko", ax=three[2]) is three[2]
    assert three[2].get_xlabel() == "예측한 확률"
    assert [label.get_text() for label in three[0].get_yticklabels()] == list("월화수목금토일")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_svg_is_sound_repeats_itself_and_keeps_its_names_apart(lang):
    def drawn(name):
        return as_svg(week_clock(np.eye(7, 24), lang=lang), name)

    one = drawn("clock")
    assert one == drawn("clock")
    ET.fromstring(one)
    names = set(re.findall(r'\bid="([^"]+)"', one))
    assert names
    assert all(name.startswith("clock-") for name in names)
    for target in re.findall(r'(?:url\(#|href="#)([^")]+)', one):
        assert target in names
    assert "var(--ink" in one or "var(--muted" in one
    assert "<style" not in one


def test_without_a_korean_font_the_writing_is_left_to_the_reader(monkeypatch):
    monkeypatch.setattr(axes, "font", lambda: (["DejaVu Sans"], False))
    svg = as_svg(week_clock(np.eye(7, 24), lang="ko"), "clock")
    assert ">월</text>" in svg
