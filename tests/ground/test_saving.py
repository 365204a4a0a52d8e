"""Files are whole or not there, and bundles give back what they were given, or refuse."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from crimeloc.errors import FileError
from crimeloc.geometry import points
from crimeloc.saving import read_bundle, whole_file, write_bundle

PARTS = {
    "share": np.array([0.25, 0.75]),
    "code": np.array([[1, 2], [3, 4]], dtype=np.int32),
    "name": np.array(["가람", "blue room"]),
    "table": pd.DataFrame(
        {
            "when": pd.to_datetime(["2026-03-01 23:05"]).tz_localize("Asia/Seoul").as_unit("us"),
            "text": pd.Series(["한글\u2028"], dtype="str"),
            "kind": pd.Categorical(["lease"]),
        }
    ),
    "places": gpd.GeoDataFrame({"venue_id": ["V-1"]}, geometry=points([[127.0, 37.5]])),
    "settings": {"window": "4h", "half_life": None, "series": ["S-1"]},
}


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "one.crl", "example", PARTS)
    back = read_bundle(path, "example")
    for name in ("share", "code", "name"):
        np.testing.assert_array_equal(back[name], PARTS[name])
        assert back[name].dtype == PARTS[name].dtype
    pd.testing.assert_frame_equal(back["table"], PARTS["table"])
    assert_geodataframe_equal(back["places"], PARTS["places"])
    assert back["settings"] == PARTS["settings"]


def test_the_same_parts_give_the_same_bytes(tmp_path: Path) -> None:
    one = write_bundle(tmp_path / "one.crl", "example", PARTS).read_bytes()
    assert write_bundle(tmp_path / "two.crl", "example", PARTS).read_bytes() == one


def test_another_kind_is_named(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "one.crl", "ranker", {"a": 1})
    with pytest.raises(FileError, match=r"a saved ranker.*a saved links"):
        read_bundle(path, "links")


def test_a_changed_byte_is_refused_wherever_it_is(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "one.crl", "example", {"a": np.arange(9.0), "b": {"c": 1}})
    whole = path.read_bytes()
    fate = {"refused": 0, "same": 0}
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            back = read_bundle(path, "example")
        except FileError:
            fate["refused"] += 1
        else:  # a byte that says nothing, such as the date of an entry
            assert back["b"] == {"c": 1}
            np.testing.assert_array_equal(back["a"], np.arange(9.0))
            fate["same"] += 1
    assert fate["refused"] > fate["same"]


@pytest.mark.parametrize("kept", [0, 1, 30, 200])
def test_a_cut_file_is_refused(kept: int, tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "one.crl", "example", PARTS)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(FileError, match="damaged"):
        read_bundle(path, "example")


def test_packed_parts_and_objects_are_refused(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "one.crl", "example", {"a": {"b": 1}})
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    with pytest.raises(FileError):
        read_bundle(path, "example")
    with pytest.raises(TypeError, match="DataFrame"):
        write_bundle(path, "example", {"a": np.array([object()])})


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text("old")

    def fail() -> None:
        with whole_file(path) as part:
            part.write_text("ne")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["list.json"]


def test_a_killed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text("old")
    code = (
        "import os, sys; from crimeloc.saving import whole_file\n"
        "with whole_file(sys.argv[1]) as part:\n"
        "    part.write_text('ne'); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode != 0
    assert path.read_text() == "old"


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_private_files_are_for_their_owner(tmp_path: Path) -> None:
    for private in (True, False):
        path = tmp_path / f"{private}.json"
        with whole_file(path, private=private) as part:
            part.write_text(json.dumps(private))
        others = stat.S_IMODE(path.stat().st_mode) & 0o044
        assert (others == 0) is private


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file or directory"), whole_file(tmp_path / "a/b"):
        pass
