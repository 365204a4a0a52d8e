"""Numbers, dates and lengths by CLDR, in the look of each language."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from crimeloc.messages import Translator
from crimeloc.messages.templates import fields, fill_text

EN, KO = Translator("en"), Translator("ko")
START = pd.Timestamp("2026-03-06 20:00", tz="Asia/Seoul")


@pytest.mark.parametrize(
    ("span", "english", "korean"),
    [
        ("7D", "7 days", "7일"),
        ("1D", "1 day", "1일"),
        ("36h", "36 hours", "36시간"),
        (timedelta(hours=1), "1 hour", "1시간"),
        (np.timedelta64(90, "m"), "90 minutes", "90분"),
        (60, "1 minute", "1분"),
        ("60h30min", "2.5 days", "2.5일"),
        (float("nan"), "not known", "알 수 없음"),
    ],
)
def test_lengths_of_time(span: object, english: str, korean: str) -> None:
    assert EN.duration(span) == english
    assert KO.duration(span) == korean


def test_dates_and_windows() -> None:
    assert EN.day(START) == "Fri 6 Mar"
    assert KO.day(START, year=True) == "2026년 3월 6일(금)"
    assert EN.moment(START) == "Fri 6 Mar 2026 20:00"
    assert (EN.short_day(START), KO.short_day(START)) == ("6 Mar", "3월 6일")
    assert (EN.month(START), KO.month(START)) == ("Mar 2026", "2026년 3월")
    assert [EN.weekday(0), KO.weekday(0), KO.weekday(6)] == ["Mon", "월", "일"]
    assert KO.window(START, START + pd.Timedelta("4h")) == "3월 6일(금) 20:00~24:00"
    assert EN.window(START, START + pd.Timedelta("2h")) == "Fri 6 Mar 20:00–22:00"
    assert KO.window(START, START + pd.Timedelta("12h")) == "3월 6일(금) 20:00 ~ 3월 7일(토) 08:00"
    assert KO.moment(pd.NaT) == "알 수 없음"


def test_numbers_and_lengths() -> None:
    assert EN.number(1_234_567.0) == "1,234,567"
    assert EN.number(2.5, 1) == "2.5"
    assert EN.number(2.0, 1) == "2"
    assert EN.number(0.5) == f"{0.5:,.0f}"
    assert KO.number(np.float64(1_204)) == "1,204"
    assert (EN.metres(999.4), EN.metres(1_000), KO.metres(12_340)) == ("999 m", "1 km", "12.3 km")
    assert Translator("en", "withheld").number(float("nan")) == "withheld"


def test_numbers_follow_the_plain_format_of_python() -> None:
    for value in np.linspace(0, 30, 301).tolist():
        assert EN.number(value + 0.01, 1) == f"{value + 0.01:,.1f}"


@pytest.mark.parametrize(
    ("text", "values", "english", "korean"),
    [
        ("{n:number} {n:plural row/rows}", {"n": 1}, "1 row", "1 row"),
        ("{n:number} {n:plural row/rows}", {"n": 1_200}, "1,200 rows", "1,200 row"),
        ("{p:percent}", {"p": 0.0004}, "<0.1%", "<0.1%"),
        ("{xs:list}", {"xs": ("a", "b", "c")}, "a, b, and c", "a, b 및 c"),
        ("{xs:or}", {"xs": ("a", "b")}, "a or b", "a 또는 b"),
        ("{xs}", {"xs": (1, 2)}, "1, 2", "1, 2"),
        ("{at:day}", {"at": datetime(2026, 3, 6)}, "Fri 6 Mar", "3월 6일(금)"),
        ("{at:%Y-%m-%d}", {"at": datetime(2026, 3, 6)}, "2026-03-06", "2026-03-06"),
        ("{{{x:.1f}}}", {"x": 1.25}, "{1.2}", "{1.2}"),
        ("{m:metres}", {"m": 800}, "800 m", "800 m"),
    ],
)
def test_formats_of_a_text(text: str, values: dict[str, object], english: str, korean: str) -> None:
    assert fill_text(text, values, "en") == english
    assert fill_text(text, values, "ko") == korean


def test_a_text_names_its_places() -> None:
    assert fields("{a} {b:percent|을/를} {{c}}") == {"a", "b"}
    with pytest.raises(KeyError):
        fill_text("{a}", {}, "en")
