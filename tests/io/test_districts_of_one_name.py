"""Districts of one name in several provinces, and names that hold city and province."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

import crimeloc as cl
from crimeloc.io.quality.districts import district_share

SEOUL, BUSAN = box(126.9, 37.5, 127.0, 37.6), box(129.0, 35.1, 129.1, 35.2)
YEONGTONG = box(127.0, 37.2, 127.1, 37.3)


def _venues(tmp_path: Path, rows: list[str], bounds: gpd.GeoDataFrame) -> cl.io.Read:
    path = tmp_path / "v.csv"
    path.write_text("업소명,경도,위도,주소\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return cl.read_venues(path, districts=bounds)


@pytest.mark.parametrize(
    "columns",
    [
        {"name": ["중구", "중구"], "sido_nm": ["서울특별시", "부산광역시"]},
        {"name": ["서울특별시 중구", "부산 중구"]},
        {"SIG_KOR_NM": ["중구", "중구"], "SIG_CD": ["11140", "26110"]},
        {"name": ["중구", "중구"]},
    ],
)
def test_two_districts_of_one_name_are_two(columns: dict[str, list[str]], tmp_path: Path) -> None:
    bounds = gpd.GeoDataFrame(columns, geometry=[SEOUL, BUSAN], crs=4326)
    rows = [
        "가,126.95,37.55,서울특별시 중구 길 1",
        "나,126.96,37.56,서울특별시 중구 길 2",
        "다,129.05,35.15,서울특별시 중구 길 3",
        "라,129.05,35.15,부산광역시 중구 길 4",
    ]
    read = _venues(tmp_path, rows, bounds)
    assert district_share(read.table, bounds) == (3, 4)
    told = [note for note in read.report.notes if "the nearest was taken" in note]
    known = "sido_nm" in columns or "서울특별시 중구" in columns.get("name", [])
    assert len(told) == (0 if known else 1)


@pytest.mark.parametrize(
    "name", ["수원시 영통구", "수원시영통구", "경기도 수원시 영통구", "영통구"]
)
def test_a_district_below_a_city(name: str, tmp_path: Path) -> None:
    bounds = gpd.GeoDataFrame({"name": [name]}, geometry=[YEONGTONG], crs=4326)
    rows = [
        "가,127.05,37.25,경기도 수원시 영통구 길 1",
        "나,127.05,37.25,경기 수원시영통구 길 2",
        "다,126.05,37.25,경기도 수원시 영통구 길 3",
    ]
    read = _venues(tmp_path, rows, bounds)
    assert district_share(read.table, bounds) == (2, 3)


def test_parts_of_one_district_are_one(tmp_path: Path) -> None:
    parts = [box(126.9, 37.5, 126.95, 37.6), box(126.95, 37.5, 127.0, 37.6)]
    bounds = gpd.GeoDataFrame({"name": ["중구", "중구"]}, geometry=parts, crs=4326)
    rows = ["가,126.93,37.55,서울 중구 길 1", "나,126.97,37.55,서울 중구 길 2"]
    read = _venues(tmp_path, rows, bounds)
    assert district_share(read.table, bounds) == (2, 2)
    assert not any("nearest" in note for note in read.report.notes)
