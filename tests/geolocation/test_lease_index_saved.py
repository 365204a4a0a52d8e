"""An index of leases that was saved answers as the one that was made, and a broken file is told."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import FileError
from crimeloc.geolocation import LeaseIndex, locate_events
from crimeloc.geometry import points

VENUES = gpd.GeoDataFrame(
    {"venue_id": ["V-1", "V-2", "V-3"]},
    geometry=points([[126.98, 37.56], [127.0, 37.5], [127.1, 37.55]]),
)
DAY = pd.Timestamp("2026-03-01", tz="Asia/Seoul")


@pytest.fixture
def leases() -> pd.DataFrame:
    """Ports, validity with open ends, a network in a network, IPv6, further columns."""
    return pd.DataFrame(
        {
            "network": [
                "203.0.113.0/24",
                "203.0.113.8/29",
                "203.0.113.8/29",
                "2001:db8::/48",
                "203.0.113.16/28",
                "203.0.113.16/28",
            ],
            "venue_id": ["V-1", "V-2", "V-3", "V-1", "V-2", "V-3"],
            "port_min": pd.array([None, 0, 1024, None, None, None], dtype="Int64"),
            "port_max": pd.array([None, 1023, 2047, None, None, None], dtype="Int64"),
            "valid_from": [pd.NaT, DAY, DAY, pd.NaT, pd.NaT, DAY + pd.Timedelta("1h")],
            "valid_to": [pd.NaT, pd.NaT, DAY + pd.Timedelta("3h"), pd.NaT, DAY, pd.NaT],
            "source_row": [2, 3, 4, 5, 6, 7],
            "비고": ["본관", None, "별관", "", "가", "나"],
        }
    )


@pytest.fixture
def events() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    size = 400
    ip = [f"203.0.113.{n}" for n in rng.integers(0, 40, size)]
    ip[:20] = ["2001:db8::7"] * 20
    return pd.DataFrame(
        {
            "event_id": [f"E-{n}" for n in range(size)],
            "ip": ip,
            "port": pd.array(rng.integers(0, 3_000, size), dtype="Int64"),
            "timestamp": DAY + pd.to_timedelta(rng.integers(-7_200, 14_400, size), unit="s"),
        }
    )


def test_a_loaded_index_answers_alike(
    leases: pd.DataFrame, events: pd.DataFrame, tmp_path: Path
) -> None:
    made = LeaseIndex.build(leases)
    loaded = LeaseIndex.load(made.save(tmp_path / "leases.npz"))
    pd.testing.assert_frame_equal(loaded.table, made.table)
    grounds: set[str] = set()
    for skew in (None, "30min"):
        ours = locate_events(events, VENUES, loaded, skew=skew)
        theirs = locate_events(events, VENUES, made, skew=skew)
        pd.testing.assert_frame_equal(pd.DataFrame(ours), pd.DataFrame(theirs))
        again = locate_events(events, VENUES, loaded.table, skew=skew)
        pd.testing.assert_frame_equal(pd.DataFrame(ours), pd.DataFrame(again))
        grounds |= set(ours["how"].astype("str"))
    assert grounds == {"lease", "lease edge"}


def test_an_empty_index_can_be_kept(leases: pd.DataFrame, tmp_path: Path) -> None:
    path = LeaseIndex.build(leases.head(0)).save(tmp_path / "none.npz")
    assert len(LeaseIndex.load(path).row) == 0


def test_broken_and_foreign_files_are_told(leases: pd.DataFrame, tmp_path: Path) -> None:
    path = LeaseIndex.build(leases).save(tmp_path / "leases.npz")
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    bad = tmp_path / "bad.npz"
    told = 0
    for _ in range(60):
        body = bytearray(whole)
        for place in rng.integers(0, len(body), 3):
            body[place] = rng.integers(0, 256)
        bad.write_bytes(bytes(body))
        try:
            LeaseIndex.load(bad)
        except FileError:
            told += 1
    assert told > 30
    bad.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileError, match="no index of leases"):
        LeaseIndex.load(bad)
    with pytest.raises(FileError, match="no such file"):
        LeaseIndex.load(tmp_path / "absent.npz")


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("tree", (0, 0), 5),
        ("tree", (1, 1), 99),
        ("blocks", (0, 3), 7),
        ("row", 0, 99),
        ("v4_node", 0, 4_000),
        ("v4_table", 9, -3),
        ("v6_node", 0, -2),
    ],
)
def test_arrays_that_point_beyond_each_other_are_refused(
    leases: pd.DataFrame, tmp_path: Path, name: str, place: object, value: int
) -> None:
    """The compiled look-up trusts its arrays; a file must not make it read elsewhere."""
    path = LeaseIndex.build(leases).save(tmp_path / "leases.npz")
    with np.load(path) as stored:
        arrays = {key: stored[key].copy() for key in stored.files}
    arrays[name][place] = value
    np.savez_compressed(path, **arrays)
    with pytest.raises(FileError, match="no index of leases"):
        LeaseIndex.load(path)
