"""A journal outlives hostile names, damaged bytes, full disks and a second watch."""

from __future__ import annotations

import stat
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import FileError
from crimeloc.linking import Watch

HOSTILE = [
    "a\u2028b",
    "a\u2029b",
    "a\x85b",
    "a\x0bb\x0cc",
    "a\r\nb",
    "\U0001f4a9",
    "\ufeffx",
    '"\\"',
]


def uploads(names: list[str]) -> gpd.GeoDataFrame:
    n = len(names)
    return gpd.GeoDataFrame(
        {
            "event_id": [f"E{place}" for place in range(n)],
            "handle": names,
            "timestamp": pd.date_range("2026-03-01", periods=n, freq="5h", tz="UTC"),
            "venue_id": "V1",
            "weight": 1.0,
            "how": "lease",
        },
        geometry=gpd.points_from_xy([127.0] * n, [37.0] * n),
        crs=4326,
    )


def test_no_name_makes_it_unreadable(tmp_path: Path) -> None:
    watch = Watch(None, journal=tmp_path / "journal", tz="Asia/Seoul")
    watch.add(uploads(HOSTILE))
    again = Watch(None, journal=tmp_path / "journal", tz="Asia/Seoul")
    assert again.digest() == watch.digest()
    assert again.notes == ()


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    Watch(None, journal=tmp_path / "journal", tz="Asia/Seoul").add(uploads(["a"]))
    assert not stat.S_IMODE((tmp_path / "journal").stat().st_mode) & 0o077


def test_damage_is_set_aside_and_said_and_never_read_as_another_value(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    Watch(None, journal=path, tz="Asia/Seoul").add(uploads([f"user{k}" for k in range(6)]))
    whole = path.read_bytes()
    lines = set(whole.split(b"\n"))
    rng = np.random.default_rng(7)
    for place, change in zip(
        rng.integers(0, len(whole), 250), rng.integers(1, 256, 250), strict=True
    ):
        damaged = bytearray(whole)
        damaged[place] ^= int(change)
        path.write_bytes(damaged)
        again = Watch(None, journal=path, tz="Asia/Seoul")
        kept = [line for line in path.read_bytes().split(b"\n") if line in lines and line]
        assert len(again.attributions) == len(kept)
        assert again.notes
        assert "set aside" in str(again.notes[-1]) or "cut off" in str(again.notes[-1])


def test_half_a_line_is_cut_off_and_the_next_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    watch = Watch(None, journal=path, tz="Asia/Seoul")
    watch.add(uploads(["a", "b"]))
    path.write_bytes(path.read_bytes()[:-9])
    again = Watch(None, journal=path, tz="Asia/Seoul")
    assert "cut off" in str(again.notes[0])
    again.add(uploads(["a", "b"]))
    assert Watch(None, journal=path, tz="Asia/Seoul").digest() == watch.digest()


def test_a_second_watch_on_one_journal_is_told(tmp_path: Path) -> None:
    first = Watch(None, journal=tmp_path / "journal", tz="Asia/Seoul")
    second = Watch(None, journal=tmp_path / "journal", tz="Asia/Seoul")
    first.add(uploads(["a"]))
    with pytest.raises(FileError, match="another watch"):
        second.add(uploads(["a", "b"]).tail(1))


def test_a_full_disk_leaves_the_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal"
    watch = Watch(None, journal=path, tz="Asia/Seoul")
    watch.add(uploads(["a"]))
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crimeloc.linking.monitoring.journal_file.os.fsync", full)
    with pytest.raises(FileError, match="No space left"):
        watch.add(uploads(["a", "b"]))
    assert path.read_bytes() == before


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    watch = Watch(None, tz="Asia/Seoul")
    watch.add(uploads(["a", "b", "a"]))
    watch.save(tmp_path / "state")
    whole = (tmp_path / "state").read_bytes()
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 4
        (tmp_path / "state").write_bytes(damaged)
        try:
            again = Watch(None, tz="Asia/Seoul").restore(tmp_path / "state")
        except FileError:
            continue
        assert again.digest() == watch.digest()
