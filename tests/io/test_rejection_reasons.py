"""Every reason of a rejected row has a lasting name, and is found again from its text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import crimeloc as cl
from crimeloc.addresses import AddressFault, parse_address, parse_network
from crimeloc.io import REASONS, reason_code
from crimeloc.io.reasons import because

FIELDS = {"shown": "203.0.113.999", "why": "Expecting ',' delimiter", "count": 7, "expected": 5}


def fields_of(code: str) -> dict[str, str]:
    names = re.findall(r"\{(\w+)\}", REASONS[code])
    return {name: str(FIELDS.get(name, f"<{name}>")) for name in names}


@pytest.mark.parametrize("code", list(REASONS))
def test_each_reason_is_found_again(code: str) -> None:
    fields = fields_of(code)
    assert reason_code(because(code, **fields)) == (code, fields)


def test_what_a_reason_quotes_cannot_pass_for_another() -> None:
    for code in REASONS:
        fields = dict.fromkeys(fields_of(code), "no time")
        assert reason_code(because(code, **fields)) == (code, fields)


def test_what_no_reader_says_has_no_code() -> None:
    assert reason_code("") is None
    assert reason_code("anything at all") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n/a",
        "1.2.3",
        "0x7f.1",
        "3232235777",
        "203.0.113.07",
        "203.0.113.256",
        "x" * 300,
        "203.0.113.7:99999",
        "203.0.113.7, 203.0.113.8",
        "203.0.113.0/24",
        "fe80:::1",
        "a b",
        "\u202e1",
        "\x00",
        "host.example",
    ],
)
def test_faults_of_addresses_have_codes(text: str) -> None:
    with pytest.raises(AddressFault) as caught:
        parse_address(text)
    found = reason_code(caught.value.reason)
    assert found is not None
    assert found[0] == caught.value.code


@pytest.mark.parametrize(
    "text",
    [
        "203.0.113.9-203.0.113.4",
        "203.0.113.4-",
        "203.0.113.4-2001:db8::1",
        "203.0.113.0/33",
        "203.0.113.0/x",
        "203.0.113.7:80/24",
        "::ffff:203.0.113.0/24",
    ],
)
def test_faults_of_networks_have_codes(text: str) -> None:
    with pytest.raises(AddressFault) as caught:
        parse_network(text)
    found = reason_code(caught.value.reason)
    assert found is not None
    assert found[0] == caught.value.code


def test_every_rejected_row_of_a_bad_log_has_a_code(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = [
        "일시,IP주소,포트",
        "2026-03-01 10:00,203.0.113.7,1",
        "모름,203.0.113.7,1",
        "03/01/2026,203.0.113.7,1",
        "2026-02-30,203.0.113.7,1",
        "2026-03-01 25:00,203.0.113.7,1",
        "46082,203.0.113.7,1",
        "12,203.0.113.7,1",
        "2026-03-01 오전 13:00,203.0.113.7,1",
        "2026-03-01 10:00+99:00,203.0.113.7,1",
        "1066-10-14,203.0.113.7,1",
        "일시,IP주소,포트",
        ",203.0.113.7,1",
        "2026-03-01 10:00,203.0.113.999,1",
        "2026-03-01 10:00,203.0.113.7,70000",
        "2026-03-01 10:00,203.0.113.7:80,81",
        "a,b",
        "a",
        '"a,b',
        "a\x00,b,c",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    _, rejected = cl.read_events(path, tz="Asia/Seoul")
    codes = [reason_code(reason) for reason in rejected["reason"]]
    assert None not in codes
    assert len({found[0] for found in codes if found is not None}) >= 15
    assert len(rejected) == len(rows) - 2


def test_no_reader_writes_a_reason_of_its_own() -> None:
    """A sentence outside of the table could not be said in another language."""
    folder = Path(cl.__file__).parent / "io"
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\.refuse\([^()]*(?:\([^()]*\)[^()]*)*, f?\"", text), path.name
        assert not re.search(r"Broken\([^,()]*, f?\"", text), path.name
