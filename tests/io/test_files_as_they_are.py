"""Files as users have them: what is understood of each kind, and what is said where it is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.errors import FileError
from crimeloc.io import check_file, read_proxy_networks, write_table

TZ = "Asia/Seoul"


def put(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def utc(read: cl.io.Read) -> list[str]:
    return read.table["timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S").tolist()


@pytest.mark.parametrize(
    ("header", "hour"),
    [
        ("접속일시(KST)", "01:00:00"),
        ("event_time_utc", "10:00:00"),
        ("일시 (UTC+9)", "01:00:00"),
        ("time_gmt", "10:00:00"),
        ("접속일시(한국시간)", "01:00:00"),
        ("timestamp", "05:00:00"),
    ],
)
def test_a_header_names_the_clock_of_its_times(tmp_path: Path, header: str, hour: str) -> None:
    path = put(tmp_path, "log.csv", f"{header},ip\n2026-05-04 10:00:00,203.0.113.7\n")
    read = cl.read_events(path, tz="Asia/Karachi")
    assert utc(read) == [f"2026-05-04 {hour}"]
    assert read.table["tz"].tolist() == ["Asia/Karachi"]


def test_a_comment_and_a_column_name_the_clock(tmp_path: Path) -> None:
    said = put(
        tmp_path, "c.csv", "# exported in UTC\nwhen,timestamp,ip\nx,2026-05-04 10:00,203.0.113.7\n"
    )
    assert utc(cl.read_events(said, tz=TZ)) == ["2026-05-04 10:00:00"]
    rows = "timestamp,utc_offset,ip\n2026-05-04 10:00,+0530,203.0.113.7\n"
    rows += "2026-05-04 10:00,9,203.0.113.7\n"
    read = cl.read_events(
        put(tmp_path, "z.csv", rows + "2026-05-04 10:00,CST,203.0.113.7\n"), tz=TZ
    )
    assert utc(read) == ["2026-05-04 04:30:00", "2026-05-04 01:00:00"]
    assert read.rejected["reason_code"].tolist() == ["time.zone"]


def test_two_zones_for_the_file_and_the_venues(tmp_path: Path) -> None:
    path = put(tmp_path, "log.csv", "timestamp,ip\n2026-05-04 10:00:00,203.0.113.7\n")
    read = cl.read_events(path, tz="UTC", venue_tz=TZ)
    assert (utc(read), read.table["tz"].tolist()) == (["2026-05-04 10:00:00"], [TZ])


def test_of_two_times_the_absolute_one_leads_and_disagreement_is_counted(tmp_path: Path) -> None:
    rows = "timestamp,datetime,ip\n1777888800,2026-05-04T10:00:00Z,203.0.113.7\n"
    rows += "1777888900,2026-05-04T10:00:00Z,203.0.113.8\n,2026-05-04T11:00:00Z,203.0.113.9\n"
    read = cl.read_events(put(tmp_path, "t.csv", rows), tz=TZ)
    assert utc(read) == ["2026-05-04 10:00:00"] * 2 + ["2026-05-04 11:00:00"]
    assert any("disagree" in note and "1 of 2 rows" in note for note in read.report.notes)


@pytest.mark.parametrize(
    ("number", "year"),
    [("777600000", 2025), ("777600000000000000", 2025), ("13417401600000000", 2026)],
)
def test_numbers_since_other_years_are_read_by_their_size(
    tmp_path: Path, number: str, year: int
) -> None:
    read = cl.read_events(put(tmp_path, "n.csv", f"timestamp,ip\n{number},203.0.113.7\n"), tz=TZ)
    assert read.table["timestamp"].dt.year.tolist() == [year]


def test_implausible_times_are_named_and_rejected_where_asked(tmp_path: Path) -> None:
    days = "".join(f"2026-01-{day:02d} 10:00,203.0.113.7\n" for day in range(1, 29))
    path = put(tmp_path, "p.csv", "timestamp,ip\n" + days + "2091-01-01 10:00,203.0.113.7\n")
    assert any("implausible" in note for note in cl.read_events(path, tz=TZ).report.notes)
    strict = cl.read_events(path, tz=TZ, as_of="2026-06-01 00:00+09:00")
    assert strict.rejected["reason_code"].tolist() == ["time.future"]


def test_placeholders_are_missing_and_counted(tmp_path: Path) -> None:
    words = ["[removed]", "탈퇴 회원", "NOT AVAILABLE", "kim", "7.1E+17"]
    rows = "".join(f"2026-05-04 10:00,203.0.113.7,{word},0,{'a' * 40}\n" for word in words)
    read = cl.read_events(put(tmp_path, "h.csv", "timestamp,ip,handle,port,sha1\n" + rows), tz=TZ)
    assert read.table["handle"].tolist()[3] == "kim"
    assert read.table["handle"].notna().sum() == 1
    assert read.table["port"].isna().all()
    assert read.table["content_hash"].isna().all()
    assert any("탈퇴 회원" in note for note in read.report.notes)
    assert any("spreadsheet" in note for note in read.report.notes)


def test_the_public_address_counts_with_its_port(tmp_path: Path) -> None:
    rows = "접속일시,사용자IP,외부IP,포트,외부포트\n2026-05-04 10:00,10.1.1.1,203.0.113.7,5,2048\n"
    read = cl.read_events(put(tmp_path, "a.csv", rows), tz=TZ)
    assert (read.table["ip"][0], read.table["port"][0]) == ("203.0.113.7", 2048)
    xff = "timestamp,client_ip,x_forwarded_for\n2026-05-04 10:00,192.168.0.1,"
    both = put(tmp_path, "x.csv", xff + '"198.51.100.9, 203.0.113.8, 10.0.0.1"\n')
    assert cl.read_events(both, tz=TZ).table["ip"].tolist() == ["203.0.113.8"]


def test_workbooks_of_several_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "안내"
    first.append(["담당: 수사과"])
    for month in (3, 4):
        sheet = book.create_sheet(f"{month}월")
        sheet.append(["접속", None, "비고"])
        sheet.append(["접속일시", "접속IP", None])
        sheet.merge_cells("A1:B1")
        for day in (1, 2):
            sheet.append(
                [f"2026-{month:02d}-{day:02d} 10:00", "203.0.113.7" if day == 1 else None, "x"]
            )
        sheet.merge_cells("B3:B4")
        sheet.append(["소계", 2, None])
    hidden = book.create_sheet("구버전")
    hidden.append(["접속일시", "IP"])
    hidden.append(["2020-01-01 10:00", "203.0.113.9"])
    hidden.sheet_state = "hidden"
    path = tmp_path / "months.xlsx"
    book.save(path)
    read = cl.read_events(path, tz=TZ)
    assert len(read.table) == 4
    assert set(read.table["ip"]) == {"203.0.113.7"}
    assert read.rejected["reason_code"].tolist() == ["row.total"] * 2
    assert read.rejected["part"].tolist() == ["3월", "4월"]
    notes = " ".join(read.report.notes)
    assert "안내" in notes
    assert "구버전" in notes
    assert len(cl.read_events(path, tz=TZ, sheet="구버전").table) == 1


def test_lists_of_json(tmp_path: Path) -> None:
    upload = {"when": "x", "timestamp": "2026-05-04T10:00:00Z", "ip": "203.0.113.7"}
    whole = {"meta": {"users": [{"id": 1}]}, "data": {"items": [upload, upload]}, "none": []}
    path = put(tmp_path, "a.json", json.dumps(whole))
    read = cl.read_events(path, tz=TZ)
    assert len(read.table) == 2
    assert any("meta.users" in note for note in read.report.notes)
    with pytest.raises(FileError, match=r"no list 'data\.rows'"):
        cl.read_events(path, tz=TZ, list="data.rows")
    hits = {
        "hits": {
            "hits": [
                {
                    "_id": "q",
                    "_source": {
                        "@timestamp": "2026-05-04T10:00:00Z",
                        "source": {"ip": "203.0.113.7"},
                    },
                }
            ]
        }
    }
    assert cl.read_events(put(tmp_path, "e.json", json.dumps(hits)), tz=TZ).table[
        "ip"
    ].tolist() == ["203.0.113.7"]


def test_headers_that_are_given_or_not_there(tmp_path: Path) -> None:
    path = put(tmp_path, "n.csv", "2026-05-04 10:00,203.0.113.7\n2026-05-04 11:00,203.0.113.8\n")
    read = cl.read_events(path, tz=TZ, header=["timestamp", "ip"])
    assert len(read.table) == 2
    with pytest.raises(FileError, match=r'columns=\{"timestamp": "column_1"\}'):
        cl.read_events(path, tz=TZ)
    later = put(tmp_path, "s.csv", "a,b\nc,d\nWhen,Where\n2026-05-04 10:00,203.0.113.7\n")
    columns = {"timestamp": "When", "ip": "Where"}
    for layout in ({"skip_rows": 2}, {"header": 3}, {}):
        assert len(cl.read_events(later, tz=TZ, columns=columns, **layout).table) == 1


def test_leases_warn_of_ends_that_were_not_recognised(tmp_path: Path) -> None:
    text = "network,venue_id,valid_from,handed_back\n203.0.113.5,V-1,2026-01-01,2026-02-01\n"
    read = cl.read_leases(put(tmp_path, "l.csv", text), tz=TZ)
    assert read.report.notes[0].startswith("warning: no end of validity")
    assert 'columns={"valid_to": "handed_back"}' in read.report.notes[0]
    known = cl.read_leases(tmp_path / "l.csv", tz=TZ, columns={"valid_to": "handed_back"})
    assert not known.report.warnings


def test_the_last_second_of_a_lease_belongs_to_it(tmp_path: Path) -> None:
    text = "network,venue_id,valid_from,valid_to\n"
    text += "203.0.113.5,V-1,2026-01-01 00:00:00,2026-01-09 12:29:59\n"
    text += "203.0.113.5,V-2,2026-01-09 12:30:00,2026-01-31 23:59:59\n"
    text += "203.0.113.6,V-3,2026-01-01,2026-01-05 10:00:00\n"
    ends = cl.read_leases(put(tmp_path, "l.csv", text), tz="UTC").table["valid_to"]
    assert ends.dt.strftime("%d %H:%M:%S").tolist() == ["09 12:30:00", "01 00:00:00", "05 10:00:00"]


def test_journals_of_dhcp_servers(tmp_path: Path) -> None:
    lease = (
        "lease {a} {{\n  starts 1 2026/05/04 {s};\n  ends 1 2026/05/04 {e};\n"
        "  binding state active;\n  hardware ethernet {h};\n}}\n"
    )
    text = lease.format(a="203.0.113.5", s="10:00:00", e="12:00:00", h="02:00:00:00:00:01")
    text += lease.format(a="203.0.113.5", s="11:00:00", e="13:00:00", h="02:00:00:00:00:02")
    text += "lease 203.0.113.6 {\n  starts 1 2026/05/04 10:00:00;\n  binding state free;\n}\n"
    read = cl.read_leases(put(tmp_path, "dhcpd.leases", text), tz=TZ)
    assert read.table["valid_to"].dt.hour.tolist() == [11, 13]
    assert len(read.rejected) == 1
    assert any("devices, not venues" in note for note in read.report.notes)


def test_registers_by_words_and_dates(tmp_path: Path) -> None:
    rows = [
        {
            "MGTNO": "1",
            "BPLCNM": "a",
            "X": "198000.1",
            "Y": "451000.3",
            "APVPERMYMD": "20200101",
            "TRDSTATENM": "영업/정상",
            "DCBYMD": "20240301",
            "APVCANCELYMD": "",
            "ROPNYMD": "20240601",
        },
        {
            "MGTNO": "2",
            "BPLCNM": "b",
            "X": "198000.1",
            "Y": "451000.3",
            "APVPERMYMD": "20200101",
            "TRDSTATENM": "취소/말소",
            "DCBYMD": "",
            "APVCANCELYMD": "20230505",
            "ROPNYMD": "",
        },
        {
            "MGTNO": "3",
            "BPLCNM": "c",
            "X": "198000.1",
            "Y": "451000.3",
            "APVPERMYMD": "20200101",
            "TRDSTATENM": "영업/정상",
            "DCBYMD": "20240301",
            "APVCANCELYMD": "",
            "ROPNYMD": "",
        },
    ]
    read = cl.read_venues(put(tmp_path, "r.json", json.dumps(rows, ensure_ascii=False)))
    assert read.table["closed"].dt.year.tolist()[1:] == [2023, 2024]
    assert pd.isna(read.table["closed"][0])
    assert any("open by their status" in note for note in read.report.notes)


def test_shapes_too_wide_are_refused_and_middles_are_said(tmp_path: Path) -> None:
    def feature(name: str, width: float) -> dict[str, object]:
        line = [[127, 37], [127 + width, 37]]
        return {
            "type": "Feature",
            "id": name,
            "properties": {"name": name},
            "geometry": {"type": "LineString", "coordinates": line},
        }

    whole = {"type": "FeatureCollection", "features": [feature("a", 0.001), feature("b", 0.5)]}
    read = cl.read_venues(put(tmp_path, "v.geojson", json.dumps(whole)))
    assert read.table["name"].tolist() == ["a"]
    assert read.rejected["reason_code"].tolist() == ["place.wide"]
    assert any("middle" in note for note in read.report.notes)
    text = 'name,wkt\na,POINT (127 37)\nb,"POLYGON ((127 37, 127.001 37, 127 37.001, 127 37))"\n'
    assert len(cl.read_venues(put(tmp_path, "w.csv", text)).table) == 2


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_what_we_export_we_read_back(tmp_path: Path, name: str) -> None:
    handles = ["@moon", "-sun", "=1+1", "'=x", "+82", "'quoted'", "plain", "＝wide"]
    table = pd.DataFrame({"event_id": [f"e{i}" for i in range(len(handles))], "handle": handles})
    table["timestamp"] = pd.to_datetime(["2026-05-04 10:00Z"] * len(handles))
    back = cl.read_events(write_table(table, tmp_path / name), tz=TZ).table
    assert back["handle"].tolist() == handles


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"DRMONE  This document is protected", "DRM"),
        (b"SCDSA002" + bytes(90), "DRM"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(500)
            + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        (b"From: a@b\nTo: c@d\nSubject: log\n\nx", "e-mail"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"{\\rtf1 x}", "RTF"),
        (b'<?xml version="1.0"?><gpx></gpx>', "GPX"),
        (b'<?xml version="1.0" encoding="x-none"?><a/>', "encoding"),
    ],
)
def test_other_kinds_of_files_are_named(tmp_path: Path, head: bytes, word: str) -> None:
    with pytest.raises(FileError, match=word):
        cl.read_events(put(tmp_path, "file.dat", head), tz=TZ)


def test_tables_in_memory_are_read_as_files_are(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "접속일시": ["2026-05-04 10:00", "x"],
            "IP": ["203.0.113.7", "203.0.113.8"],
            "포트": [5.0, np.nan],
        }
    )
    read = cl.read_events(frame, tz=TZ)
    assert utc(read) == ["2026-05-04 01:00:00"]
    assert read.rejected["source_row"].tolist() == [2]
    frame.to_csv(tmp_path / "f.csv", index=False)
    assert (
        read.table["ip"].tolist() == cl.read_events(tmp_path / "f.csv", tz=TZ).table["ip"].tolist()
    )
    leases = cl.read_leases(pd.DataFrame({"network": ["203.0.113.0/29"], "venue_id": ["V"]}), tz=TZ)
    assert len(leases.table) == 1


def test_the_check_ends_with_what_was_passed_over(tmp_path: Path) -> None:
    text = "network,venue_id,valid_from,until_when\n203.0.113.5,V-1,2026-01-01,2026-02-01\n"
    lines = str(check_file(put(tmp_path, "l.csv", text), tz=TZ)).splitlines()
    assert lines[0].startswith("warning:")
    assert lines[-1].startswith("passed over:")
    assert "until_when" in lines[-1]


def test_lists_of_proxies(tmp_path: Path) -> None:
    whole = {"name": "Tor exits", "type": "cidr", "list": ["203.0.113.4/30", "198.51.100.0/24"]}
    path = put(tmp_path, "tor.json", json.dumps(whole))
    assert read_proxy_networks(path).table["mark"].tolist() == ["tor", "tor"]
    table = put(tmp_path, "t.csv", "network,mark\n203.0.113.4-203.0.113.6,vpn\n")
    assert read_proxy_networks(table).table["mark"].tolist() == ["vpn", "vpn"]
    with pytest.raises(FileError, match="without a list of networks"):
        read_proxy_networks(put(tmp_path, "x.json", '{"a": 1}'))
