"""Every word in both languages, and none outside the catalogue."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest

import crimeloc
from crimeloc.errors import ParameterError
from crimeloc.messages.catalogue import CATALOGUE, EXPERTS
from crimeloc.messages.words import words

SOURCES = Path(crimeloc.__file__).parent


def places(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def test_each_text_is_in_both_languages_with_the_same_places():
    english, korean = CATALOGUE["en"], CATALOGUE["ko"]
    assert set(english) == set(korean)
    for key, text in english.items():
        assert text, key
        assert korean[key], key
        assert places(text) == places(korean[key]), key


def test_korean_is_korean_and_english_is_english():
    hangul = re.compile(r"[가-힣]")
    for key, text in CATALOGUE["ko"].items():
        latin = re.findall(r"[A-Za-z]{2,}", re.sub(r"\{.*?\}", "", text))
        assert hangul.search(text) or not latin, key
    assert not hangul.search("".join(CATALOGUE["en"].values()))


def test_each_key_used_is_there_and_each_key_there_is_used():
    rooms = ("report", "plotting")
    found_in = [p for room in rooms for p in (SOURCES / room).rglob("*.py")]
    files = [*found_in, SOURCES / "messages" / "words.py"]
    sources = {str(p.relative_to(SOURCES)): p.read_text(encoding="utf-8") for p in files}
    whole = "\n".join(sources.values())
    for name, source in sources.items():
        for key in re.findall(r"\b(?:words|voice|self)\(\s*\"([^\"{]+)\"", source):
            assert key in CATALOGUE["en"] or key in ("en", "ko"), (name, key)
    found = re.findall(r"f\"([a-z_]+(?:\.[a-z_]+)*)\.\{", whole)
    families = {family for family in found if not family.startswith("crimeloc")}
    for family in families:
        assert any(key.startswith(f"{family}.") for key in CATALOGUE["en"]), family
    for key in CATALOGUE["en"]:
        assert (
            f'"{key}"' in whole
            or f"'{key}'" in whole
            or any(key.startswith(f"{family}.") for family in families)
        ), key
    assert {f"expert.{value}" for value in EXPERTS.values()} <= set(CATALOGUE["en"])


def test_an_unknown_language_is_refused_with_the_line_that_mends_it():
    with pytest.raises(ParameterError, match='lang="en"'):
        words("fr")


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
    assert words("en").percent(probability) == text


def test_windows_and_dates():
    start = pd.Timestamp("2026-03-06 20:00", tz="Asia/Seoul")
    english, korean = words("en"), words("ko")
    assert english.window(start, start + pd.Timedelta("4h")) == "Fri 6 Mar 20:00–24:00"
    assert english.window(start, start + pd.Timedelta("2h")) == "Fri 6 Mar 20:00–22:00"
    assert korean.window(start, start + pd.Timedelta("12h")) == (
        "3월 6일(금) 20:00 – 3월 7일(토) 08:00"
    )
    assert korean.moment(start) == "2026년 3월 6일(금) 20:00"
    assert english.moment(start) == "Fri 6 Mar 2026 20:00"
