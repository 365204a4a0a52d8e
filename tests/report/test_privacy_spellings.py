"""No spelling of an account, an address or a made id gets past the veil."""

from __future__ import annotations

import ipaddress
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crimeloc.errors import ParameterError
from crimeloc.keys import checked_key, key_of_file
from crimeloc.report.privacy.folding import fold
from crimeloc.report.privacy.pseudonyms import Pseudonyms

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "P", "M"]),
    min_size=4,
    max_size=12,
).filter(lambda name: len(fold(name).text) >= 4)
PIECES = ["a", " ", "İ", "ß", "한", "\u1112\u1161\u11ab", "\u200b"]
AROUND = st.lists(st.sampled_from(PIECES)).map("".join)


def _forms(name: str) -> list[str]:
    forms = [unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in name)
    hidden = "\u200b".join(name)
    return [*forms, name.upper(), name.lower(), name.casefold(), wide, hidden]


@given(NAMES, AROUND, AROUND)
@example("hanna", "İ", "")
@example("straße", "", "İİ")
@example("가람사람", "İ", "")
def test_no_form_of_a_name_is_left(name: str, before: str, after: str) -> None:
    veil = Pseudonyms({"handle": [name]})
    for form in _forms(name):
        clean = veil.scrub(f"{before} {form} {after}")
        assert fold(name).text not in fold(clean).text.replace(fold("H-1").text, "")


@given(NAMES)
def test_folding_twice_changes_nothing(name: str) -> None:
    once = fold(name).text
    assert fold(once).text == once


@given(st.text(max_size=30))
def test_each_letter_knows_where_it_came_from(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.start) == len(folded.stop)
    assert folded.start == sorted(folded.start)
    assert all(0 <= a < b <= len(text) for a, b in zip(folded.start, folded.stop, strict=True))


@given(st.text(st.sampled_from("xyzäß한글 .!?")))
def test_a_text_without_a_secret_stays_as_it_was_written(text: str) -> None:
    assert Pseudonyms({"handle": ["somebody_else"]}).scrub(text) == text


def _spelt(address: str) -> list[str]:
    parts = address.split(".")
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in address)
    number = int(ipaddress.IPv4Address(address))
    return [
        address,
        "-".join(parts),
        "_".join(parts),
        "[.]".join(parts),
        "(.)".join(parts),
        "[dot]".join(parts),
        "%2E".join(parts),
        wide,
        ".".join(part.zfill(3) for part in parts),
        f"::ffff:{address}",
        f"{'.'.join(reversed(parts))}.in-addr.arpa",
        f"host-{'-'.join(parts)}.example.org",
        f"http://{address}:8080/x",
        f"{parts[0]}.{parts[1]}[.]{parts[2]}.{parts[3]}",
        str(number),
        hex(number),
    ]


@given(st.sampled_from(["192.0.2.", "198.51.100.", "203.0.113."]), st.integers(1, 254))
def test_no_spelling_of_an_address_is_left(net: str, last: int) -> None:
    address = f"{net}{last}"
    veil = Pseudonyms({"ip": [address]})
    for text in _spelt(address):
        clean = veil.scrub(f"seen {text} twice")
        assert "A-1" in clean, text
        assert text not in clean
        assert f"{last}" not in clean.replace("A-1", "").replace("8080", ""), text


@pytest.mark.parametrize(
    "text",
    ["2001:db8::9", "2001:0DB8:0:0:0:0:0:9", "2001[:]db8::9", "2001-db8--9", "２００１:db8::9"],
)
def test_no_spelling_of_a_long_address_is_left(text: str) -> None:
    assert Pseudonyms({"ip": ["2001:db8::9"]}).scrub(f"({text})") == "(A-1)"


@pytest.mark.parametrize(
    "text", ["2026-03-01 23:05", "version 1.2.3", "010-1234-5678", "20:15-22:30", "37.5, 127.01"]
)
def test_times_numbers_and_places_are_no_addresses(text: str) -> None:
    assert Pseudonyms({}).scrub(text) == text


def test_ids_and_series_that_were_made_from_rows_bear_pseudonyms() -> None:
    made, series = "e0123456789abcdef", "S-01234567"
    for key in (None, "a key of the unit, kept apart"):
        veil = Pseudonyms({"event_id": [made], "series_id": [series]}, key)
        clean = veil.scrub(f"{series}: repeats {made} and efedcba9876543210-2")
        assert made not in clean
        assert series not in clean
        assert "efedcba9876543210" not in clean
    assert Pseudonyms({}).scrub("E-0017 of S-1") == "E-0017 of S-1"


@pytest.mark.parametrize(
    "key",
    [
        "short",
        "a" * 32,
        "abababababababab",
        "password" * 2,
        "0123456789abcdef",
        "fedcba9876543210",
        b"\x00" * 32,
        bytes(range(32)),
    ],
)
def test_a_key_that_is_guessed_at_once_is_refused_and_not_repeated(key: str | bytes) -> None:
    with pytest.raises(ParameterError) as caught:
        checked_key(key)
    assert len(key) < 8 or str(key) not in str(caught.value)


@given(st.binary(min_size=32, max_size=32).filter(lambda key: len(set(key)) >= 20))
def test_a_key_made_at_random_is_taken_as_it_is(key: bytes) -> None:
    steps = [b - a for a, b in pairwise(key)]
    if max(steps.count(1), steps.count(-1)) < 10:
        assert checked_key(key) == key


def test_a_key_file_of_bytes_is_not_trimmed() -> None:
    assert key_of_file(b"\xff\x00\n\r") == b"\xff\x00\n\r"
    assert key_of_file(b"words of the unit\n") == b"words of the unit"
    assert key_of_file(b"\x01\x02\n") == b"\x01\x02\n"
