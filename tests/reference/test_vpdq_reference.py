"""vPDQ: variants of one scene match, scenes that differ do not (frames of eight test videos)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crimeloc.linking.similarity.videos import Frames, read_frames, video_matches


def _videos(folder: Path) -> dict[str, Frames]:
    return {
        path.stem: read_frames(path.read_text().splitlines())
        for path in sorted((folder / "vpdq").glob("*.txt"))
    }


def test_scenes_are_told_apart(reference_data: Path) -> None:
    videos = _videos(reference_data)
    table = video_matches(videos)
    assert sum(len(frames.quality) for frames in videos.values()) == 3_729
    scene = {name: name.split("-")[0] for name in videos}
    same = table["video_1"].map(scene) == table["video_2"].map(scene)
    assert len(table) == 28
    assert (table["match"] == same).all()
    assert table.loc[same, "bits"].min() > 2.0
    assert table.loc[~same, "bits"].max() < -2.0


def test_frames_within_31_bits_alone_find_the_plain_variants(reference_data: Path) -> None:
    table = video_matches(_videos(reference_data), exhaustive=False)
    plain = {"chair-19-sd-bar", "chair-20-sd-bar", "chair-22-sd-grey-bar"}
    rows = table[table["video_1"].isin(plain) & table["video_2"].isin(plain)]
    assert len(rows) == 3
    assert rows["share_1"].min() > 0.8
    assert table["video_1"].str.startswith("chair").all()
    assert table["video_2"].str.startswith("chair").all()


def test_blank_frames_alone_never_link(reference_data: Path) -> None:
    videos = _videos(reference_data)
    blank = Frames(np.zeros((40, 4), np.uint64), np.full(40, 100.0), np.arange(40.0))
    joined = {
        name: Frames(*(np.concatenate([a, b]) for a, b in zip(videos[name], blank, strict=True)))
        for name in ("doorknob-hd-no-bar", "pattern-hd-no-bar")
    }
    table = video_matches({"blank": blank, **joined})
    assert not table["match"].any()
    assert "blank" not in set(table["video_1"])
