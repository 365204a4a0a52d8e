"""Registers, leases, reports and what else comes in at the door."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.errors import FileError, ParameterError
from crimeloc.geometry import points
from crimeloc.io import (
    check_file,
    lease_conflicts,
    match_venues,
    merge_venues,
    pseudonymise,
    read_hash_list,
)
from crimeloc.io.parsing.hours import osm_hours
from crimeloc.tables import LEASES, VENUES, validate

TZ = "Asia/Seoul"

KEY = bytes(range(7, 255, 11))


@pytest.mark.parametrize(
    ("written", "osm"),
    [
        ("24시간", "24/7"),
        ("연중무휴 24시간", "24/7"),
        ("00:00~24:00", "24/7"),
        ("24/7", "24/7"),
        ("10:00~22:00", "10:00-22:00"),
        ("10:00 - 02:00", "10:00 - 02:00"),
        ("오전 10시 ~ 오후 10시", "10:00-22:00"),
        ("오전 10시부터 새벽 2시까지", "10:00-26:00"),
        ("매일 09:00~21:00", "Mo-Su 09:00-21:00"),
        ("정오~자정", "12:00-24:00"),
        ("평일 10:00~02:00, 주말 24시간", "Mo-Fr 10:00-26:00, Sa-Su 00:00-24:00"),
        ("월~금 10:00~22:00, 토·일 12:00~20:00", "Mo-Fr 10:00-22:00, Sa,Su 12:00-20:00"),
        ("평일 10:00~22:00, 일요일 휴무", "Mo-Fr 10:00-22:00; Su off"),
        ("Mo-Fr 10:00-20:00", "Mo-Fr 10:00-20:00"),
        ("전화 문의", None),
        ("10시쯤", None),
        ("25:00~26:00", None),
        ("x", None),
    ],
)
def test_opening_hours(written: str, osm: str | None) -> None:
    assert osm_hours(written) == osm


def test_venues_of_openstreetmap(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "id": "node/7",
        "geometry": {"type": "Point", "coordinates": [127, 37.5]},
        "properties": {
            "amenity": "internet_cafe",
            "name": "가람",
            "opening_hours": "24/7",
            "capacity": "80",
            "start_date": "2015",
        },
    }
    area = {
        "type": "Polygon",
        "coordinates": [[[127, 37], [127.002, 37], [127.002, 37.002], [127, 37]]],
    }
    features = [
        feature,
        feature | {"id": "way/8", "geometry": area},
        feature | {"id": "node/9", "geometry": None},
    ]
    path = tmp_path / "cafes.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    venues, rejected = read = cl.read_venues(path)
    validate(venues, VENUES)
    assert venues["venue_id"].tolist() == ["node/7", "way/8"]
    assert venues["category"].tolist() == ["internet_cafe"] * 2
    assert venues["seats"].tolist() == [80.0, 80.0]
    assert str(venues["opened"][0]) == "2014-12-31 15:00:00+00:00"
    assert rejected["reason"].tolist() == ["no geometry"]
    assert json.loads(rejected["raw"][0])["id"] == "node/9"
    assert read.report.format == "GeoJSON"
    path = tmp_path / "cafes.geojsonl"
    path.write_text("\n".join(json.dumps(f) for f in features))
    assert len(cl.read_venues(path).table) == 2


def test_metres_without_a_system_are_refused_and_with_one_are_read(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_text("name,x,y\n가람,200000,451000\n나루,201000,452000\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"crs: found coordinates in metres.*EPSG:5174"):
        cl.read_venues(path)
    venues, _ = cl.read_venues(path, crs="EPSG:5174")
    assert venues.crs == "EPSG:4326"
    assert venues.total_bounds == pytest.approx([127.0, 37.55, 127.02, 37.57], abs=0.02)
    assert venues["venue_id"].is_unique
    with pytest.raises(ParameterError, match="crs"):
        cl.read_venues(path, crs="EPSG:nonsense")


def test_venues_with_faults(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_text(
        "venue_id,name,lon,lat,opened,closed,opening_hours,seats\n"
        "A,a,127.0,37.5,2020-01-01,2025-12-31,전화 문의,80석\n"
        "B,b,37.5,127.0,,,,\nC,c,,,,,,\nD,d,0,0,,,,\nA,again,127.0,37.5,,,,\n"
        "E,e,127.0,37.5,2020-01-01,2019-01-01,,\nF,f,127.0,37.5,soon,,,many\n"
        "G,g,127.0,37.5,1899-12-30,,,-5\n",
        encoding="utf-8",
    )
    venues, rejected = cl.read_venues(path)
    validate(venues, VENUES)
    assert venues["venue_id"].tolist() == ["A", "E", "G"]
    assert rejected["reason"].tolist() == [
        "longitude and latitude look swapped",
        "no coordinates",
        "no coordinates",
        "the same venue_id as in row 2",
        "not a time that can be read",
    ]
    # open until the end of its last day, on the clocks of the register
    assert str(venues["closed"][0]) == "2025-12-31 15:00:00+00:00"
    assert venues["opened"].isna().tolist() == [False, True, True]  # E closed before it opened
    assert venues["opening_hours"].isna().all()
    assert venues["opening_hours_as_written"][0] == "전화 문의"
    assert venues["seats"].tolist()[0] == 80.0
    assert np.isnan(venues["seats"][2])


def test_leases_of_all_kinds(tmp_path: Path) -> None:
    path = tmp_path / "leases.csv"
    path.write_text(
        "IP대역,포트,시작일시,종료일시,업소ID\n"
        "203.0.113.0/29,,2026-01-01,9999-12-31,A\n"
        "203.0.113.8-203.0.113.13,1024-2047,2026-01-01 10:00,2026-02-01,B\n"
        "2001:db8::/48,,,,C\n203.0.113.300,,,,D\n203.0.113.1,9-1,,,E\n203.0.113.1,,,,\n"
        "203.0.113.1,,2026-02-01,2026-01-01,F\n",
        encoding="utf-8",
    )
    read = cl.read_leases(path, tz=TZ)
    leases, rejected = read
    validate(leases, LEASES)
    assert leases["network"].tolist() == [
        "203.0.113.0/29",
        "203.0.113.8/30",
        "203.0.113.12/31",
        "2001:db8::/48",
    ]
    assert leases["source_row"].tolist() == [2, 3, 3, 4]
    assert leases["valid_to"].isna().tolist() == [True, False, False, True]
    assert str(leases["valid_to"][1]) == "2026-02-01 15:00:00+00:00"
    assert leases["port_max"].tolist()[1] == 2047
    assert rejected["source_row"].tolist() == [5, 6, 7, 8]
    assert read.report.n_rows == 7


def test_conflicts_of_leases() -> None:
    leases = pd.DataFrame(
        {
            "network": ["203.0.113.0/29"] * 3 + ["203.0.113.8/29"],
            "venue_id": ["A", "B", "A", "C"],
            "port_min": pd.array([0, 100, 500, None], dtype="Int64"),
            "port_max": pd.array([200, 300, 900, None], dtype="Int64"),
        }
    )
    found = lease_conflicts(leases)
    assert found[["venue_id", "other_venue_id"]].to_numpy().tolist() == [["A", "B"]]
    assert lease_conflicts(leases.iloc[2:]).empty


def test_capture_events_of_a_report(tmp_path: Path) -> None:
    inner = [
        {
            "ipAddress": "203.0.113.7",
            "port": 5060,
            "dateTime": "2026-03-01T14:05:00Z",
            "eventName": "Upload",
            "possibleProxy": True,
        },
        {"ipAddress": "203.0.113.8", "dateTime": "nonsense", "eventName": "Login"},
    ]
    report = {
        "report": {"person": {"ipCaptureEvent": inner[:1]}, "file": {"ipCaptureEvent": inner[1]}}
    }
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    events, rejected = cl.read_events(path, tz=TZ)
    assert events["ip"].tolist() == ["203.0.113.7"]
    assert events["port"].tolist() == [5060]
    assert events["possibleProxy"].tolist() == ["true"]
    assert len(rejected) == 1
    xml = "".join(
        "<ipCaptureEvent>"
        + "".join(f"<{k}>{v}</{k}>" for k, v in e.items())
        + "</ipCaptureEvent>\n"
        for e in inner
    )
    path = tmp_path / "report.xml"
    path.write_text(f'<?xml version="1.0"?>\n<report xmlns="urn:x"><a>{xml}</a></report>')
    events, rejected = cl.read_events(path, tz=TZ)
    assert events["ip"].tolist() == ["203.0.113.7"]
    assert rejected["source_row"].tolist() == [3]
    venues = gpd.GeoDataFrame({"venue_id": ["A"]}, geometry=points([[127, 37.5]]))
    located = cl.locate_events(events, venues)
    assert located["how"].tolist() == ["proxy"] or "possibleProxy" in events


def test_timesketch(tmp_path: Path) -> None:
    row = {
        "message": "upload",
        "timestamp": 1772373900000000,
        "datetime": "2026-03-01T14:05:00+00:00",
        "timestamp_desc": "Upload",
        "src_ip": "203.0.113.7",
    }
    path = tmp_path / "sketch.jsonl"
    path.write_text(json.dumps(row) + "\n")
    events, _ = cl.read_events(path, tz=TZ)
    assert str(events["timestamp"][0]) == "2026-03-01 14:05:00+00:00"
    assert events["ip"].tolist() == ["203.0.113.7"]
    assert events["title"].tolist() == ["upload"]
    pd.DataFrame([row]).to_csv(tmp_path / "sketch.csv", index=False)
    assert len(cl.read_events(tmp_path / "sketch.csv", tz=TZ).table) == 1


def test_hash_lists_are_streamed(tmp_path: Path) -> None:
    media = [
        {
            "MediaID": n,
            "MD5": f"{n:032X}",
            "SHA1": f"{n:040x}",
            "Category": n % 4,
            "Comments": "x" * 100,
        }
        for n in range(2_000)
    ]
    media.append({"MediaID": 9, "MD5": "zz"})
    media.append({"AlternativeHashes": [{"HashName": "PDQ", "HashValue": "ab" * 32}]})
    path = tmp_path / "list.json"
    path.write_text(
        "\ufeff" + json.dumps({"odata": "x", "value": [{"Media": media}]}), encoding="utf-8"
    )
    hashes, rejected = read = read_hash_list(path)
    assert len(hashes) == 4_001
    assert hashes["content_hash"][0] == "0" * 32
    assert hashes["algorithm"].value_counts().to_dict() == {"md5": 2000, "sha1": 2000, "pdq": 1}
    assert rejected["source_row"].tolist() == [2_001]
    assert read.report.n_rows == 2_002
    for broken in (b"", b"{}", path.read_bytes()[:50_000], b'{"Media": [1]}'):
        (tmp_path / "broken.json").write_bytes(broken)
        with pytest.raises(FileError):
            read_hash_list(tmp_path / "broken.json")


def test_pseudonyms() -> None:
    key = "a secret of sixteen"
    events = pd.DataFrame(
        {
            "event_id": list("abcd"),
            "title": ["name"] * 4,
            "ip": ["203.0.113.7", "::ffff:203.0.113.7", "203.0.113.9", None],
            "handle": ["x", "x", "y", None],
        }
    )
    safe = pseudonymise(events, key=key)
    assert safe["ip"][0] == safe["ip"][1] != safe["ip"][2]
    assert safe["ip"].isna().tolist() == [False, False, False, True]
    assert safe["handle"][0] == safe["handle"][1] != safe["handle"][2]
    assert "title" not in safe
    text = safe.to_csv()
    assert key not in text
    assert "203.0.113" not in text
    pd.testing.assert_frame_equal(safe, pseudonymise(events, key=key.encode()))
    assert pseudonymise(events, key=key + "!")["ip"][0] != safe["ip"][0]
    with pytest.raises(ParameterError) as caught:
        pseudonymise(events, key="short key")
    assert "short key" not in str(caught.value).replace("found a short key", "")
    with pytest.raises(ParameterError):
        pseudonymise(events, key=key, columns=["nope"])


def test_prefixes_are_kept_exactly() -> None:
    rng = np.random.default_rng(1)
    texts = [str(ipaddress.IPv4Address(int(v))) for v in rng.integers(0, 2**32, 60)]
    texts += [
        str(ipaddress.IPv4Address(int(ipaddress.IPv4Address(texts[0])) ^ 1 << n)) for n in range(32)
    ]
    made = pseudonymise(pd.DataFrame({"ip": texts}), key=KEY, keep_prefixes=True)["ip"]
    assert made.is_unique

    def shared(one: str, other: str) -> int:
        difference = int(ipaddress.IPv4Address(one)) ^ int(ipaddress.IPv4Address(other))
        return 32 - difference.bit_length()

    for i in range(0, len(texts), 7):
        for j in range(len(texts)):
            assert shared(texts[i], texts[j]) == shared(made[i], made[j])


def test_two_registers_are_matched_for_confirmation_and_merged() -> None:
    def register(
        ids: list[str], names: list[str], lon: list[float], **more: object
    ) -> gpd.GeoDataFrame:
        place = points([[x, 37.5] for x in lon])
        return gpd.GeoDataFrame({"venue_id": ids, "name": names, **more}, geometry=place)

    first = register(["a", "b"], ["가람 PC방", "나루"], [127.0, 127.01], seats=[np.nan, 50.0])
    second = register(
        ["1", "2", "3"],
        ["가람피씨방 ", "다솜", "나루"],
        [127.0002, 127.0001, 127.1],
        seats=[80.0, 10.0, 5.0],
    )
    pairs = match_venues(first, second)
    assert pairs[["venue_id", "other_venue_id"]].to_numpy().tolist() == [["a", "1"]]
    merged = merge_venues(first, second, pairs)
    validate(merged, VENUES)
    assert merged["venue_id"].tolist() == ["a", "b", "2", "3"]
    assert merged["seats"].tolist() == [80.0, 50.0, 10.0, 5.0]
    with pytest.raises(ParameterError, match="venue_id of the first"):
        merge_venues(first, second.assign(venue_id=["a", "b", "3"]), pairs.iloc[:0])
    for slip in (
        pairs.assign(venue_id="z"),
        pairs.assign(other_venue_id="z"),
        pd.concat([pairs, pairs.assign(other_venue_id="2")]),
    ):
        with pytest.raises(ParameterError, match="confirmed"):  # else a venue would be lost
            merge_venues(first, second, slip)


def test_an_open_venue_takes_no_closing_day_from_its_partner() -> None:
    def register(ids: list[str], opened: list[str | None], closed: list[str | None]) -> Any:
        days = {
            "opened": pd.to_datetime(opened, utc=True),
            "closed": pd.to_datetime(closed, utc=True),
        }
        table = {"venue_id": ids, "name": ["가람", "나루"], **days}
        return gpd.GeoDataFrame(table, geometry=points([[127.0, 37.5], [127.1, 37.5]]))

    first = register(["a", "b"], ["2024-01-01", None], [None, None])
    second = register(["1", "2"], ["2010-01-01", "2010-01-01"], ["2019-01-01", "2019-01-01"])
    merged = merge_venues(first, second, match_venues(first, second))
    validate(merged, VENUES)
    assert merged["opened"].dt.year.tolist() == [2024, 2010]
    assert merged["closed"].isna().tolist() == [True, False]


def test_of_a_register_of_one_number_the_first_row_stands(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    rows = "".join(f"A,가{n},126.9,37.5\n" for n in range(3_000))
    path.write_text("업소ID,업소명,경도,위도\n" + rows, encoding="utf-8")
    read = cl.read_venues(path)
    assert len(read.table) == 1
    assert read.rejected["source_row"].tolist() == list(range(3, 3_002))
    assert set(read.rejected["column"]) == {"업소ID"}


@pytest.mark.parametrize(
    ("name", "kind"), [("uploads", "events"), ("venues", "venues"), ("leases", "leases")]
)
def test_check_recognises_and_explains(name: str, kind: str, root: Path) -> None:
    found = check_file(root / "data" / "demo" / f"{name}.csv", tz=TZ)
    assert found.kind == kind
    text = str(found)
    assert f"{found.report.n_rows:,} = {found.report.n_read:,} read" in text
    assert "rejected rows:" in text
    assert "<pre>" in found._repr_html_()


def test_check_says_that_a_zone_was_missing(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,ip\n2026-03-01 10:00,203.0.113.7\n")
    assert "no zone was given" in str(check_file(path))
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FileError, match="neither events nor venues nor leases"):
        check_file(path)
    with pytest.raises(ParameterError, match="kind"):
        check_file(path, kind="other")


def test_no_identifier_is_left_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "일시,접속IP,공인IP,공인IP,계정,닉네임,user_agent,device_id,이메일,파일명,지역\n"
        "2026-03-01 23:05,203.0.113.1,198.51.100.9,198.51.100.9,kim,누구,UA/1,DEV-1,"
        "kim@example.org,kim.jpg,서울\n" * 2,
        encoding="utf-8",
    )
    events = cl.read_events(path, tz="Asia/Seoul").table
    safe = pseudonymise(events, key=KEY)
    told = safe.to_csv()
    for raw in ("203.0.113", "198.51.100", "kim", "누구", "UA/1", "DEV-1", "example.org"):
        assert raw not in told
    assert safe["공인IP"][0] == safe["공인IP.2"][0] != safe["ip"][0]
    assert (safe["지역"] == "서울").all()
    # an id made from the content is a hash without a key: who knows the rest can try addresses
    assert not set(safe["event_id"]) & set(events["event_id"])
    assert safe["event_id"].is_unique
    assert safe["duplicate_of"][1] == safe["event_id"][0]
    further = pseudonymise(events, key=KEY, columns=["지역"])
    assert "서울" not in further.to_csv()
    assert "kim" not in further.to_csv()


def test_degrees_far_from_their_districts_are_warned_of(tmp_path: Path) -> None:
    from shapely.geometry import box

    path = tmp_path / "v.csv"
    shapes = [box(126.9, 37.5, 127, 37.6), box(126.9, 37.6, 127, 37.7)]
    bounds = gpd.GeoDataFrame({"name": ["중구", "종로구"]}, geometry=shapes, crs=4326)
    for lon, warned in ((127.5, True), (126.95, False)):
        path.write_text(
            f"업소명,경도,위도,주소\n가,{lon},37.55,서울특별시 중구 길 1\n", encoding="utf-8"
        )
        notes = cl.read_venues(path, districts=bounds).report.notes
        assert any(note.startswith("warning:") for note in notes) == warned
        assert not any("no other system of" in note for note in notes)
