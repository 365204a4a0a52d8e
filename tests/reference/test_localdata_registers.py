"""Korean licence registers: every row read or rejected, venues in their own district."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import crimeloc as cl
from crimeloc.io.quality.districts import district_share

FILES = [("단란주점영업.csv", "utf-8-sig", 11_602), ("병원_cp949.csv", "cp949", 899)]


@pytest.mark.parametrize(("name", "encoding", "rows"), FILES)
def test_every_row_is_read_or_rejected(
    name: str, encoding: str, rows: int, reference_data: Path
) -> None:
    path = reference_data / "localdata_seoul" / name
    with open(path, encoding=encoding, newline="") as handle:
        assert len([row for row in csv.reader(handle) if row]) - 1 == rows
    venues, rejected = read = cl.read_venues(path)
    assert len(venues) + len(rejected) == rows == read.report.n_rows
    cl.validate(venues, cl.tables.VENUES)
    assert set(rejected["reason"]) == {"no coordinates"}
    # of the rejected rows the file itself has no coordinates
    with open(path, encoding=encoding, newline="") as handle:
        empty = [row for row in csv.DictReader(handle) if not row["좌표정보(X)"].strip()]
    assert len(rejected) == len(empty)


@pytest.mark.parametrize(("name", "encoding", "rows"), FILES)
def test_venues_lie_in_the_district_of_their_address(
    name: str, encoding: str, rows: int, reference_data: Path
) -> None:
    venues, _ = cl.read_venues(reference_data / "localdata_seoul" / name)
    inside, asked = district_share(venues, reference_data / "seoul_gu_2015.geojson")
    print(f"{name}: {inside} of {asked} = {inside / asked:.4f}")
    assert asked > 0.99 * len(venues)
    assert inside / asked >= 0.99


@pytest.mark.parametrize(("name", "encoding", "rows"), FILES)
def test_a_wrong_projection_is_noticed(
    name: str, encoding: str, rows: int, reference_data: Path
) -> None:
    path = reference_data / "localdata_seoul" / name
    bounds = reference_data / "seoul_gu_2015.geojson"
    wrong = cl.read_venues(path, crs="EPSG:5181", districts=bounds)
    warnings = [note for note in wrong.report.notes if note.startswith("warning")]
    assert len(warnings) == 1
    assert "EPSG:5174" in warnings[0]
    right = cl.read_venues(path, districts=bounds)
    assert not [note for note in right.report.notes if note.startswith("warning")]
