"""Files made to do harm end in a clear error or a rejected row, within bounded memory."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.errors import CrimelocError, FileError
from crimeloc.io import check_file, write_table

TZ = "Asia/Seoul"


def test_formulas_in_cells_are_neutralised_in_every_export(tmp_path: Path) -> None:
    titles = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1+1", "plain", "", "010-1234"]
    table = pd.DataFrame({"title": titles, "=name": range(len(titles)), "n": [-1.5] * len(titles)})
    path = write_table(table, tmp_path / "out.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(path, keep_default_na=False)
    assert back.columns.tolist() == ["title", "'=name", "n"]
    assert [t.startswith("'") for t in back["title"]] == [True] * 7 + [False] * 3
    assert back["n"].tolist() == [-1.5] * len(titles)
    book = openpyxl.load_workbook(write_table(table, tmp_path / "out.xlsx"))
    for row in book.active.iter_rows():
        for cell in row:
            assert cell.data_type != "f"
    assert table["title"].tolist() == titles


def test_an_export_can_be_read_again(tmp_path: Path) -> None:
    events = pd.DataFrame(
        {
            "event_id": ["a", "b"],
            "timestamp": pd.to_datetime(["2026-03-01 10:00:00.0Z", "2026-03-01 11:00:00.5Z"]),
            "ip": ["203.0.113.7", None],
            "title": ["=1", "끝\x07"],
        }
    )
    for name in ("out.csv", "out.xlsx"):
        read = cl.read_events(write_table(events, tmp_path / name), tz=TZ)
        assert read.rejected.empty
        assert (read.table["timestamp"] == events["timestamp"]).all()
        assert read.table["title"][0] == "=1"


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as inner,
    ):
        for _ in range(300):
            inner.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    with pytest.raises(FileError, match="unpacks"):
        cl.read_events(path, tz=TZ)
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(FileError, match="no Excel"):
        cl.read_events(path, tz=TZ)


def test_gigantic_fields_and_headers(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,title\n2026-03-01 10:00," + "x" * 2_000_000 + "\n2026-03-01 11:00,y\n")
    read = cl.read_events(path, tz=TZ)
    assert read.table["title"].tolist() == ["y"]
    assert "bytes" in read.rejected["reason"][0]
    path.write_text('time,title\n2026-03-01 10:00,"' + "x" * 200_000 + '"\n2026-03-01 11:00,y\n')
    assert cl.read_events(path, tz=TZ).table["title"].str.len().tolist() == [200_000, 1]
    path.write_text("time" + ",c" * 10_000_000 + "\n")
    with pytest.raises(FileError, match="header of more than"):
        cl.read_events(path, tz=TZ)
    path.write_text("time" + ",c" * 100_000 + "\n")
    with pytest.raises(FileError, match="100,001 columns"):
        cl.read_events(path, tz=TZ)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" + '{"a":' * 5_000 + "1" + "}" * 5_000 + "]",
        '{"a": 1' + "0" * 10_000 + "}",
        '[{"timestamp": NaN}]',
        "{}",
        "[]",
        "[1, 2]",
        '{"a": [}',
    ],
)
def test_hostile_json(text: str, tmp_path: Path) -> None:
    for name in ("log.json", "log.jsonl", "log.geojson"):
        path = tmp_path / name
        path.write_text(text)
        for reader in (lambda p: cl.read_events(p, tz=TZ), cl.read_venues):
            try:
                read = reader(path)
            except CrimelocError as error:
                said = str(error)
            else:
                said = "" if read.table.empty else "rows\nof nothing"
            assert len(said.splitlines()) <= 1


def test_json_with_too_many_names(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(json.dumps({f"c{n}-{m}": 1 for m in range(50)}) for n in range(100)))
    with pytest.raises(FileError, match="names"):
        cl.read_events(path, tz=TZ)


def test_marks_that_turn_the_direction_of_writing(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "time,ip,handle\n2026-03-01 10:00,203.0.113.7,\u202eresu\n"
        "2026-03-01 10:00,\u202e7.311.0.302,x\n",
        encoding="utf-8",
    )
    found = check_file(path, tz=TZ)
    assert "direction" in found.read.rejected["reason"][0]
    assert "1 handles hold invisible marks" in str(found)
    assert "\u202e" not in str(found)


def test_terminal_codes_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,\x1b[31mip\n\x1b]0;x\x07,203.0.113.7\n", encoding="utf-8")
    assert "\x1b" not in str(check_file(path, tz=TZ))
    path.write_text("\x1b[31mwhen,x\n1,2\n", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        cl.read_events(path, tz=TZ)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/hostname"><x/>',
        '<?xml version="1.0"?><x>',
        "<?xml",
        '<?xml version="1.0"?>' + "<a>" * 1_000,
        '<?xml version="1.0"?><x/>',
    ],
)
def test_hostile_xml(text: str, tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_text(text)
    with pytest.raises(FileError):
        cl.read_events(path, tz=TZ)


@pytest.mark.parametrize("before", ["", " ", "\x00", "\x0b", "\x1f", "\u200e", "\u3000", "\ufeff"])
@pytest.mark.parametrize("sign", list("=+-@＝＋－＠"))
def test_a_formula_behind_what_is_not_seen_is_neutralised(before: str, sign: str) -> None:
    from crimeloc.io.writing import neutralise

    assert neutralise(f"{before}{sign}1") == f"'{before}{sign}1"
    assert neutralise(f"{before}a{sign}1") == f"{before}a{sign}1"
