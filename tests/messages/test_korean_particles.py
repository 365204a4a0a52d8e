"""A particle follows the last sound of the word before it, however that word is written."""

from __future__ import annotations

import pytest

from crimeloc.messages.korean import particle, with_particle
from crimeloc.messages.templates import fill_text


@pytest.mark.parametrize(
    "word",
    [
        "은하수 PC방이", "카페가", "서울이", "업소가", "V-017이", "V-012가", "V-010이", "V-100이",
        "3이", "5가", "6이", "8이", "9가", "1,000이", "12%가", "1.2%가", "800 m가", "12.3 km가",
        "CSV가", "PDF가", "URL이", "VPN이", "IP가", "HTML이", "S가", "R이",
        "events가", "file이", "table이", "column이", "name이", "time이", "rank가", "map이",
        "handle이", "string이", "index가", "value가", "seats가",
        "3월 6일(금)이", "업소(V-1)가", "'업소'가", "“PC방”이", "[서울]이", "24:00이", "20:05가",
    ],
)  # fmt: skip
def test_subject(word: str) -> None:
    bare, given = word[:-1], word[-1]
    assert particle(bare, "이/가") == given


@pytest.mark.parametrize(
    ("word", "pair", "whole"),
    [
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("대구", "으로/로", "대구로"),
        ("7", "으로/로", "7로"),
        ("10", "으로/로", "10으로"),
        (".html", "으로/로", ".html로"),
        ("PC방", "과/와", "PC방과"),
        ("업로드", "은/는", "업로드는"),
        ("확률", "을/를", "확률을"),
        ("7일", "이며/며", "7일이며"),
        ("4시간", "이/가", "4시간이"),
        ("2주", "이/가", "2주가"),
        ("서울", "이라고/라고", "서울이라고"),
        ("→", "이/가", "→이(가)"),
        ("", "이/가", "이(가)"),
    ],
)
def test_other_particles(word: str, pair: str, whole: str) -> None:
    assert with_particle(word, pair) == whole


def test_particles_follow_what_a_format_writes() -> None:
    assert fill_text("{p:percent|을/를}", {"p": 0.8}, "ko") == "80%를"
    assert fill_text("{n:number|이/가}", {"n": 1_000}, "ko") == "1,000이"
    assert fill_text("{s:duration|이/가}", {"s": "30D"}, "ko") == "30일이"
    assert fill_text("{xs:list|은/는}", {"xs": ("서울", "대구")}, "ko") == "서울 및 대구는"
