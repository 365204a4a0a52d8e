"""Hours that pass midnight, closed days, and clocks of twelve hours."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours

from crimeloc.io.parsing.hours import osm_hours

DAYS = "월화수목금토일"
MONDAY = dt.datetime(2026, 3, 2)


@given(
    st.integers(0, 6), st.integers(13, 23), st.integers(1, 8), st.sampled_from(["휴무", "정기휴무"])
)
def test_a_closed_day_never_ends_the_night_before_it(
    closed: int, begin: int, end: int, word: str
) -> None:
    text = osm_hours(f"매일 {begin:02d}:00~{end:02d}:00, {DAYS[closed]}요일 {word}")
    assert text is not None
    hours = OpeningHours(text)
    day = MONDAY + dt.timedelta(days=closed)
    assert hours.is_open(day + dt.timedelta(hours=end - 0.5))  # the tail of the day before
    assert not hours.is_open(day + dt.timedelta(hours=begin + 0.5))
    assert not hours.is_open(day + dt.timedelta(hours=24 + end - 0.5))
    after = day + dt.timedelta(days=1)
    assert hours.is_open(after + dt.timedelta(hours=begin + 0.5))


def test_closed_holidays_begin_when_the_night_before_ends() -> None:
    assert (
        osm_hours("매일 18:00~익일 05:30, 공휴일 휴무") == "Mo-Su 18:00-29:30; PH 05:30-29:30 off"
    )


@pytest.mark.parametrize(
    "text",
    ["8-5", "11시~7시", "9:30-6:30", "월~금 9시~6시", "Mo-Fr 9-5", "오전 11시 ~ 3시", "12-12"],
)
def test_a_clock_of_twelve_hours_without_its_half_is_not_read(text: str) -> None:
    assert osm_hours(text) is None


@pytest.mark.parametrize(
    ("text", "osm"),
    [
        ("9-18", "09:00-18:00"),
        ("22시~8시", "22:00-32:00"),
        ("11am-3am", "11:00-27:00"),
        ("9 a.m. - 6 p.m.", "09:00-18:00"),
        ("오전 11시 ~ 익일 3시", "11:00-27:00"),
        ("토, 일 12:00~20:00", "Sa,Su 12:00-20:00"),
        ("09:00~06:00", "09:00-30:00"),
    ],
)
def test_what_can_be_only_one_thing_is_read(text: str, osm: str) -> None:
    assert osm_hours(text) == osm
