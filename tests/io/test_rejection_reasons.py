"""Every reason of a rejected row has a lasting code, and reads in each language."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.addresses import AddressFault, parse_address, parse_network
from crimeloc.io import reasons_in
from crimeloc.io.reasons import REASON_COLUMNS, rejected_table
from crimeloc.messages import Message


def test_a_reason_is_said_in_korean_from_its_code() -> None:
    rows = [
        (2, Message("row.fields", count=7, expected=5), "", "a,b"),
        (3, Message("address.above-255", shown="203.0.113.999"), "ip", "x"),
        (4, Message("row.fields", count=1, expected=5), "", "a"),
    ]
    rejected = rejected_table(rows)
    assert rejected["reason"].tolist() == [
        "7 fields; expected 5",
        "203.0.113.999 has a part above 255",
        "1 field; expected 5",
    ]
    assert reasons_in(rejected, "ko").tolist() == [
        "항목 7개(5개여야 함)",
        "203.0.113.999: 255를 넘는 부분이 있음",
        "항목 1개(5개여야 함)",
    ]
    assert reasons_in(rejected, "en").tolist() == rejected["reason"].tolist()


def test_what_no_reader_says_is_marked_as_english() -> None:
    rejected = pd.DataFrame({"source_row": [1], "reason": ["something else"]})
    assert reasons_in(rejected, "ko").tolist() == ["(영어 원문) something else"]
    mixed = pd.concat(
        [rejected, rejected_table([(2, Message("time.missing"), "", "")])], ignore_index=True
    )
    assert reasons_in(mixed, "ko").tolist() == ["(영어 원문) something else", "시각 없음"]


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
    assert caught.value.reason.code == caught.value.code
    assert re.search("[가-힣]", caught.value.reason.text("ko"))


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
    assert caught.value.reason.code == caught.value.code
    assert re.search("[가-힣]", caught.value.reason.text("ko"))


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
    again = rejected_table(
        [
            (row.source_row, Message.of(row.reason_code, row.reason_params), row.column, row.raw)
            for row in rejected.itertuples()
        ]
    )
    pd.testing.assert_frame_equal(again, rejected)
    assert rejected["reason_code"].nunique() >= 15
    assert reasons_in(rejected, "ko").str.contains("[가-힣]").all()
    assert not reasons_in(rejected, "ko").str.contains("영어 원문").any()
    assert set(REASON_COLUMNS) <= set(rejected.columns)
    assert len(rejected) == len(rows) - 2
