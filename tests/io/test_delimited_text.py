"""Delimited text: encodings, delimiters, quotes, headers."""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crimeloc as cl
from crimeloc.errors import FileError, ParameterError
from crimeloc.io import original_bytes
from crimeloc.io.formats import _kernels
from crimeloc.io.formats import csv_lexer as rows
from crimeloc.io.formats.encodings import is_utf8
from crimeloc.tables import EVENTS, validate

TZ = "Asia/Seoul"
HEADER = "로그번호{m}업로드일시{m}IP주소{m}포트{m}계정{m}제목"
ROWS = [
    "1{m}2026-03-01 23:05{m}203.0.113.7{m}5060{m}누구{m}첫째",
    "2{m}2026-03-02 00:10{m}203.0.113.8{m}{m}누구{m}둘째",
]


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("cp949", "cp949"),
        ("utf-16", "UTF-16 little endian"),
        ("utf-16-be", "UTF-16 big endian"),
        ("utf-32", "UTF-32 little endian"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_delimiters_are_found(
    mark: str, encoding: str, words: str, end: str, tmp_path: Path
) -> None:
    text = end.join([HEADER, *ROWS]).replace("{m}", mark) + end
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode(encoding))
    read = cl.read_events(path, tz=TZ)
    validate(read.table, EVENTS)
    assert read.report.encoding == words
    assert read.report.delimiter == mark
    assert read.table["event_id"].tolist() == ["1", "2"]
    assert read.table["title"].tolist() == ["첫째", "둘째"]
    assert read.table["port"].tolist()[0] == 5060
    assert read.table["port"].isna().tolist() == [False, True]
    assert read.table["source_row"].tolist() == [2, 3]
    assert str(read.table["timestamp"].dt.tz) == "UTC"
    assert set(read.table["tz"]) == {TZ}


def read_text(tmp_path: Path, text: str, **more: object) -> cl.Read:
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return cl.read_events(path, tz=TZ, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"],
)
@pytest.mark.parametrize("named", [False, True])
def test_bytes_come_back_by_the_encoding_of_the_report(
    encoding: str, named: bool, tmp_path: Path
) -> None:
    text = HEADER.replace("{m}", ",") + "\r\n3,모름,203.0.113.7,1,누구,셋째\r\n"
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    mark = codecs.BOM_UTF32_BE if encoding == "utf-32-be" else mark
    path = tmp_path / "log.csv"
    path.write_bytes(mark + text.encode(encoding))
    name = encoding.removesuffix("-be").removesuffix("-le")
    read = cl.read_events(path, tz=TZ, encoding=name if named else None)
    found = original_bytes(read.rejected["raw"][0], read.report.encoding)
    plain = {"utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8"}
    codec = plain.get(encoding, encoding)
    assert found == "3,모름,203.0.113.7,1,누구,셋째".encode(codec)


def test_quoted_fields_may_run_over_lines(tmp_path: Path) -> None:
    text = 'time,title\n2026-03-01 10:00,"a ""b"",\nc"\n2026-03-01 11:00,d\n'
    read = read_text(tmp_path, text)
    assert read.rejected.empty
    assert read.table["title"].tolist() == ['a "b",\nc', "d"]
    assert read.table["source_row"].tolist() == [2, 4]


def test_a_stray_quotation_mark_costs_one_row_only(tmp_path: Path) -> None:
    text = 'time,title\n2026-03-01 10:00,"broken\n2026-03-01 11:00,d\n2026-03-01 12:00,"e"\n'
    read = read_text(tmp_path, text)
    assert read.rejected["source_row"].tolist() == [2]
    assert read.rejected["raw"].tolist() == ['2026-03-01 10:00,"broken']
    assert read.table["title"].tolist() == ["d", "e"]
    inch = read_text(tmp_path, 'time,title\n2026-03-01 10:00,24" screen\n')
    assert inch.table["title"].tolist() == ['24" screen']


def test_rows_too_long_and_too_short(tmp_path: Path) -> None:
    text = "time,title,ip\n2026-03-01 10:00,a\n2026-03-01 10:00,a,,,\n2026-03-01 10:00,a,,b\n\n \n"
    read = read_text(tmp_path, text)
    assert read.rejected["reason"].tolist() == ["2 fields; expected 3", "4 fields; expected 3"]
    assert read.report.n_rows == 3


def test_lines_before_the_header_are_rejected_rows(tmp_path: Path) -> None:
    text = "업로드 기록 2026\n\n번호,일시,IP주소\n1,2026-03-01 10:00,203.0.113.7\n"
    read = read_text(tmp_path, text)
    assert read.rejected["reason"].tolist() == ["before the header"]
    assert read.table["source_row"].tolist() == [4]
    assert read_text(tmp_path, "sep=;\ntime;ip\n2026-03-01 10:00;203.0.113.7\n").rejected.empty


def test_columns_can_be_named_and_columns_in_the_way_renamed(tmp_path: Path) -> None:
    text = "when,who,source_row,ip,ip\n2026-03-01 10:00,x,7,203.0.113.7,unused\n"
    read = read_text(tmp_path, text, columns={"timestamp": "when", "handle": "who"})
    assert read.table["handle"].tolist() == ["x"]
    assert read.table["source_row_in_file"].tolist() == ["7"]
    assert read.table["ip.2"].tolist() == ["unused"]
    with pytest.raises(ParameterError, match="no column 'nope'"):
        read_text(tmp_path, text, columns={"timestamp": "nope"})
    with pytest.raises(ParameterError, match="parts among"):
        read_text(tmp_path, text, columns={"moment": "when"})
    with pytest.raises(FileError, match="no column with times"):
        read_text(tmp_path, text)


def test_day_and_hour_in_two_columns(tmp_path: Path) -> None:
    read = read_text(tmp_path, "날짜,시간,IP\n2026-03-01,오후 11:05,203.0.113.7\n")
    assert str(read.table["timestamp"][0]) == "2026-03-01 14:05:00+00:00"
    read = read_text(tmp_path, "날짜,시각,IP\n2026-03-01,23:05,203.0.113.7\n")
    assert str(read.table["timestamp"][0]) == "2026-03-01 14:05:00+00:00"


def test_intervals_are_carried(tmp_path: Path) -> None:
    text = "time,end_time\n2026-03-01 10:00,2026-03-01 11:00\n2026-03-01 10:00,2026-03-01 09:00\n"
    read = read_text(tmp_path, text)
    assert str(read.table["timestamp_end"][0]) == "2026-03-01 02:00:00+00:00"
    assert read.rejected["reason"].tolist() == ["an end before the beginning"]


def test_ids_are_kept_where_they_differ_and_made_from_content_elsewhere(tmp_path: Path) -> None:
    text = "id,time,ip\nA,2026-03-01 10:00,203.0.113.7\nA,2026-03-01 11:00,\n,2026-03-01 12:00,\n"
    ids = read_text(tmp_path, text).table["event_id"]
    assert ids[0] == "A"
    assert ids.is_unique
    without = "time,ip\n2026-03-01 10:00,203.0.113.7\n2026-03-01 11:00,203.0.113.7\n"
    first = read_text(tmp_path, without).table
    lines = without.splitlines()
    turned = read_text(tmp_path, "\n".join([lines[0], lines[2], lines[1]])).table
    assert set(first["event_id"]) == set(turned["event_id"])


def test_repeated_rows_are_kept_and_flagged(tmp_path: Path) -> None:
    row = "2026-03-01 10:00,203.0.113.7"
    read = read_text(tmp_path, f"time,ip\n{row}\n2026-03-01 10:00,203.0.113.8\n{row}\n{row}\n")
    assert len(read.table) == 4
    again = read.table["duplicate_of"]
    assert again.isna().tolist() == [True, True, False, False]
    assert again[2] == again[3] == read.table["event_id"][0]
    assert read.table["event_id"].is_unique


def test_hashes_in_two_spellings_are_one(tmp_path: Path) -> None:
    digest = "9E107D9D372BB6826BD81D3542A419D6"
    read = read_text(tmp_path, f"time,hash\n2026-03-01 10:00,{digest}\n2026-03-01 11:00,unknown\n")
    assert read.table["content_hash"][0] == digest.lower()
    assert read.table["content_hash"].isna().tolist() == [False, True]


def test_a_zone_is_demanded(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time\n2026-03-01 10:00\n")
    with pytest.raises(ParameterError, match=r"tz: found None.*hint: tz=\"Asia/Seoul\""):
        cl.read_events(path)
    with pytest.raises(ParameterError, match="tz"):
        cl.read_leases(path)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "an empty file"),
        (b"\n\n \n", "an empty file"),
        (b"\xd0\xcf\x11\xe0" * 9, "old kind"),
        (b"\x1f\x8b" + b"0" * 9, "packed"),
        (b"a,b\n1,2\n", "no column with times"),
    ],
)
def test_whole_files_that_cannot_be_read(data: bytes, found: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(data)
    with pytest.raises(FileError, match=found):
        cl.read_events(path, tz=TZ)
    with pytest.raises(FileError, match="a folder"):
        cl.read_events(tmp_path, tz=TZ)
    with pytest.raises(FileError, match="no such file"):
        cl.read_events(tmp_path / "none.csv", tz=TZ)


def test_a_header_alone_gives_an_empty_table(tmp_path: Path) -> None:
    read = read_text(tmp_path, "time,ip,port,handle\n")
    validate(read.table, EVENTS)
    assert read.table.empty
    assert read.rejected.empty
    full = read_text(tmp_path, "time,ip,port,handle\n2026-03-01 10:00,203.0.113.7,80,x\n")
    assert full.table.columns.tolist() == read.table.columns.tolist()
    assert full.table.dtypes.tolist() == read.table.dtypes.tolist()


def test_files_in_several_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"2026-03-01 10:00:{n % 60:02d},203.0.113.{n % 250},{n}" for n in range(500)]
    text = "time,ip,title\n" + "\n".join(rows)
    whole = read_text(tmp_path, text).table
    monkeypatch.setattr("crimeloc.io.formats.csv_lexer.BLOCK", 1_000)
    pieces = read_text(tmp_path, text).table
    pd.testing.assert_frame_equal(whole, pieces)


def test_the_pair_prints_how_it_was_read(tmp_path: Path) -> None:
    read = read_text(tmp_path, "time,ip\n2026-03-01 10:00,203.0.113.7\nnever,203.0.113.7\n")
    table, rejected = read
    assert table is read.table
    assert rejected is read.rejected
    assert "2 = 1 read + 1 rejected" in str(read)
    assert "<table>" in read._repr_html_()


LINES = st.text(st.sampled_from('",\n\ra;\u0000가'), max_size=60)


@settings(deadline=None, max_examples=300)
@given(LINES, st.integers(1, 4), st.integers(0, 3))
def test_the_compiled_sweep_counts_as_the_plain_one(body: str, width: int, first: int) -> None:
    data = body.encode("utf-8")
    lines = rows.split_lines(data)
    parts = rows.Parts(lines, first, ",", width, "utf-8")
    buffer = np.frombuffer(data, dtype=np.uint8)
    marks, quotes, fields = _kernels.weigh_lines(buffer, parts.start, parts.stop, ord(","))
    np.testing.assert_array_equal(marks, parts.marks)
    np.testing.assert_array_equal(quotes, parts.quotes)
    np.testing.assert_array_equal(fields, parts._fields(buffer))


@given(st.binary(max_size=12))
def test_utf8_is_what_python_decodes(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        assert not is_utf8(data)
    else:
        assert is_utf8(data)


@pytest.mark.parametrize("mark", ["", "||", '"', "\n", "，"])
def test_a_delimiter_that_cannot_be_one(mark: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,ip\n2026-03-01 10:00,203.0.113.7\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="delimiter"):
        cl.read_events(path, tz=TZ, delimiter=mark)


def test_columns_of_one_name_are_told(tmp_path: Path) -> None:
    read = read_text(tmp_path, "time,ip,ip,ip.2\n2026-03-01 10:00,203.0.113.7,a,b\n")
    assert read.table[["ip", "ip.3", "ip.2"]].values.tolist() == [["203.0.113.7", "a", "b"]]
    assert any("2 columns are called 'ip'" in note for note in read.report.notes)


def test_a_header_that_ends_in_a_delimiter(tmp_path: Path) -> None:
    for tail in ("", ","):
        rows = [f"2026-03-01 10:0{n},203.0.113.{n}{tail}" for n in range(5)]
        read = read_text(tmp_path, "\n".join(["time,ip,", *rows]))
        assert len(read.table) == 5
        assert read.rejected.empty
        assert "column_3" not in read.table.columns
        assert any("left out" in note for note in read.report.notes)
    kept = read_text(tmp_path, "time,ip,\n2026-03-01 10:00,203.0.113.7,a\n").table
    assert kept["column_3"].tolist() == ["a"]


def test_a_log_may_have_columns_that_locating_adds(tmp_path: Path) -> None:
    text = "time,ip,weight,how\n2026-03-01 10:00,203.0.113.7,3,ftp\n"
    both = read_text(tmp_path, text)
    assert {"weight", "how"} <= set(both.table.columns)  # located already: locating refuses it
    read = read_text(tmp_path, text.replace("how", "size"))
    assert read.table["weight_in_file"].tolist() == ["3"]
    assert "weight" not in read.table
    assert any("weight_in_file" in note for note in read.report.notes)
