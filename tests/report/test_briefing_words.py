"""Every word in both languages, and none outside the catalogue."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import crimeloc
from crimeloc.errors import ParameterError
from crimeloc.messages import Translator

SOURCES = Path(crimeloc.__file__).parent


def test_an_unknown_language_is_refused_with_the_line_that_mends_it():
    with pytest.raises(ParameterError, match='lang="en"'):
        Translator("fr")


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.0, "0%"),
        (0.0004, "<0.1%"),
        (0.012, "1.2%"),
        (0.0996, "10%"),
        (0.123, "12%"),
        (0.996, ">99%"),
        (1.0, "100%"),
        (float("nan"), "not known"),
    ],
)
def test_percentages(probability, text):
    assert Translator("en").percent(probability) == text


def test_windows_and_dates():
    start = pd.Timestamp("2026-03-06 20:00", tz="Asia/Seoul")
    english, korean = Translator("en"), Translator("ko")
    assert english.window(start, start + pd.Timedelta("4h")) == "Fri 6 Mar 20:00–24:00"
    assert english.window(start, start + pd.Timedelta("2h")) == "Fri 6 Mar 20:00–22:00"
    assert korean.window(start, start + pd.Timedelta("12h")) == (
        "3월 6일(금) 20:00 ~ 3월 7일(토) 08:00"
    )
    assert korean.moment(start) == "2026년 3월 6일(금) 20:00"
    assert english.moment(start) == "Fri 6 Mar 2026 20:00"
