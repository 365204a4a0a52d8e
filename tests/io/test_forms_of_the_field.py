"""Forms that people write and no specification names: read where clear, told where not."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from shapely.geometry import Point, box

import crimeloc as cl
from crimeloc.errors import ParameterError
from crimeloc.io import write_table
from crimeloc.io.parsing.times import parse_times
from crimeloc.units import MISSING, instant_us

TZ = "Asia/Seoul"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026년 3월 1일오후 11시", "2026-03-01 23:00+09:00"),
        ("2026년3월1일오전 9시 5분", "2026-03-01 09:05+09:00"),
        ("2026.03.01(일)오후 11:05", "2026-03-01 23:05+09:00"),
        ("2026년 3월 1일새벽 12시 30분", "2026-03-01 00:30+09:00"),
    ],
)
def test_a_half_of_the_day_without_a_space(text: str, moment: str) -> None:
    found = parse_times(pd.Series([text, "2026-03-01 23:05 PM"]), TZ)
    assert found.fault[0] is None
    assert found.start[0] == instant_us(moment)
    assert found.end[0] == MISSING


def test_leases_that_still_run_and_leases_that_hold_nothing(tmp_path: Path) -> None:
    path = tmp_path / "leases.csv"
    path.write_text(
        "IP대역,업소ID,시작일시,종료일시\n"
        "203.0.113.0/29,V-1,2026-01-01 00:00,현재\n"
        "203.0.113.8/29,V-2,2026-01-01 00:00,사용 중\n"
        "203.0.113.16/29,V-3,2026-01-01 00:00,2026-01-01 00:00\n"
        "203.0.113.24/29,V-4,2026-01-01 00:00,2026-02-01 00:00\n"
        "203.0.113.32/29,V-5,현재,2026-02-01 00:00\n",
        encoding="utf-8",
    )
    read = cl.read_leases(path, tz=TZ)
    assert read.table["valid_to"].isna().tolist() == [True, True, False, False]
    assert read.rejected["source_row"].tolist() == [6]  # "now" is no beginning
    notes = " / ".join(read.report.notes)
    assert "2 words for 'still', read as open" in notes
    assert "1 leases end when they begin" in notes


@pytest.mark.parametrize("lines", [True, False])
def test_objects_that_name_a_key_twice_are_told(lines: bool, tmp_path: Path) -> None:
    rows = [
        '{"time": "2026-03-01 23:05", "ip": "203.0.113.1", "ip": "203.0.113.2"}',
        '{"time": "2026-03-01 23:06", "ip": "203.0.113.3", "x": {"a": 1, "a": 2}}',
        '{"time": "2026-03-01 23:07", "ip": "203.0.113.4"}',
    ]
    path = tmp_path / ("e.jsonl" if lines else "e.json")
    path.write_text("\n".join(rows) if lines else f"[{','.join(rows)}]", encoding="utf-8")
    read = cl.read_events(path, tz=TZ)
    assert read.table["ip"].tolist() == ["203.0.113.2", "203.0.113.3", "203.0.113.4"]
    assert any("2 objects name a key twice" in note for note in read.report.notes)
    path.write_text(rows[2] if lines else f"[{rows[2]}]", encoding="utf-8")
    assert not any("twice" in note for note in cl.read_events(path, tz=TZ).report.notes)


def test_features_that_name_a_key_twice_are_told(tmp_path: Path) -> None:
    path = tmp_path / "v.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
        '{"name": "가", "name": "나"}, "geometry": {"type": "Point", "coordinates": [127, 37]}}]}',
        encoding="utf-8",
    )
    read = cl.read_venues(path)
    assert read.table["name"].tolist() == ["나"]
    assert any("1 objects name a key twice" in note for note in read.report.notes)


def test_columns_of_one_name_in_parquet_are_told(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    cells = [["2026-03-01 23:05"], ["203.0.113.1"], ["198.51.100.1"]]
    pq.write_table(pa.Table.from_arrays([pa.array(c) for c in cells], ["time", "ip", "ip"]), path)
    read = cl.read_events(path, tz=TZ)
    assert read.table["ip"].tolist() == ["203.0.113.1"]
    assert "198.51.100.1" in read.table.to_csv()
    assert any("'ip'" in note for note in read.report.notes)


def test_shapes_are_written_as_text(tmp_path: Path) -> None:
    areas = gpd.GeoDataFrame(
        {"name": ["가", "나", "다"]},
        geometry=[box(127, 37, 128, 38), Point(127, 37), None],
        crs=4326,
    )
    for name in ("a.csv", "a.xlsx"):
        path = write_table(areas, tmp_path / name)
        again = pd.read_csv(path) if path.suffix == ".csv" else pd.read_excel(path)
        assert list(again.columns) == ["name", "wkt"]
        assert shapely.from_wkt(again["wkt"][0]).equals(areas.geometry[0])
        assert again["wkt"].isna().tolist() == [False, False, True]
    points = pd.read_csv(write_table(areas.iloc[1:], tmp_path / "p.csv"))
    assert list(points.columns) == ["name", "lon", "lat"]
    long = gpd.GeoDataFrame(geometry=[Point(127, 37).buffer(1, 1_000)], crs=4326)
    with pytest.raises(ParameterError, match=r"table\.csv"):
        write_table(long, tmp_path / "long.xlsx")
