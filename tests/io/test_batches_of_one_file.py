"""A file read piece by piece: ids differ over all pieces, repeats are told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from crimeloc.io import parquet_events

TZ = "Asia/Seoul"


def pieces(path: Path, rows: int) -> pd.DataFrame:
    return pd.concat([piece.table for piece in parquet_events(path, tz=TZ, rows=rows)])


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 100])
def test_ids_differ_over_all_pieces(rows: int, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    minute = [0, 1, 0, 2, 1, 0, 3, 0, 0]
    pd.DataFrame(
        {"일시": [f"2026-03-01 23:0{n}" for n in minute], "ip": ["203.0.113.7"] * len(minute)}
    ).to_parquet(path)
    table = pieces(path, rows)
    assert table["event_id"].is_unique
    assert table["source_row"].tolist() == list(range(1, 10))
    first = table.drop_duplicates("timestamp").set_index("timestamp")["event_id"]
    again = table["timestamp"].duplicated()
    assert (
        table.loc[again, "duplicate_of"].tolist() == first[table.loc[again, "timestamp"]].tolist()
    )
    assert "duplicate_of" not in table or table.loc[~again, "duplicate_of"].isna().all()


def test_ids_of_the_file_that_repeat_in_a_later_piece(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pd.DataFrame(
        {
            "번호": ["a", "b", "c", "a", "d"],
            "ip": ["203.0.113.7"] * 5,
            "일시": [f"2026-03-01 23:0{n}" for n in range(5)],
        }
    ).to_parquet(path)
    table = pieces(path, 2)
    assert table["event_id"].tolist() == ["a", "b", "c", "a-r4", "d"]
    assert "duplicate_of" not in table.columns
