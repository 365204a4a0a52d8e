"""Further hash columns and lists of frames lead to near copies; bad ones are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.linking import link_events, trace_content

EVEN = {"parameters": {"prior": 0.3}}
"""Pairs are listed from a score of 0 on: content alone does not lift a rare thing above it."""


def _hex(rng: np.random.Generator, octets: int) -> str:
    return rng.integers(0, 256, octets, dtype=np.uint8).tobytes().hex()


def _flip(text: str, bits: int) -> str:
    raw = np.unpackbits(np.frombuffer(bytes.fromhex(text), np.uint8))
    raw[:bits] ^= 1
    return np.packbits(raw).tobytes().hex()


def _log(n: int = 12) -> pd.DataFrame:
    """Twelve accounts with six uploads each; the first two make copies of each other's uploads."""
    rows = [
        (f"X{k:02d}-{d}", f"2026-02-{d + 1:02d} {k if d % 2 == 0 else n - 1 - k:02d}:00", f"who{k}")
        for k in range(n)
        for d in range(6)
    ]
    table = pd.DataFrame(rows, columns=["event_id", "timestamp", "handle"])
    table["timestamp"] = pd.to_datetime(table["timestamp"], utc=True)
    return table


def _copied(table: pd.DataFrame, octets: int, bits: int) -> list[str]:
    rng = np.random.default_rng(7)
    made = {row: _hex(rng, octets) for row in table["event_id"]}
    return [
        _flip(made[f"X00-{event[-1]}"], bits) if event.startswith("X01") else made[event]
        for event in table["event_id"]
    ]


def _frames(rng: np.random.Generator, n: int = 10) -> list[str]:
    return [f"{k},100,{_hex(rng, 32)},{k}.0" for k in range(n)]


@pytest.mark.parametrize(("octets", "radius", "bits"), [(48, 40, 38), (8, 6, 5)])
def test_a_hash_of_any_fixed_length_is_evidence(octets: int, radius: int, bits: int) -> None:
    table = _log().assign(tmk_hash=lambda t: _copied(t, octets, bits))
    found = link_events(table, hashes={"tmk_hash": radius}, tz="UTC", **EVEN).pairs
    pair = found[found["basis"] == "entities"]
    assert ((pair["event_id_1"] == "X00-0") & (pair["event_id_2"] == "X01-0")).any()
    assert pair["content"].max() > 3
    narrow = link_events(table, hashes={"tmk_hash": bits - 1}, tz="UTC", **EVEN).pairs
    assert not (narrow["content"] > 0).any()
    without = link_events(table, tz="UTC", **EVEN).pairs
    assert not (without["content"] != 0).any()


def test_a_second_column_is_no_second_witness() -> None:
    table = _log().assign(content_hash=lambda t: _copied(t, 32, 20))
    one = link_events(table, tz="UTC", **EVEN).pairs
    table["tmk_hash"] = table["content_hash"]
    two = link_events(table, hashes={"tmk_hash": 31}, tz="UTC", **EVEN).pairs
    pd.testing.assert_frame_equal(one, two)


def test_common_content_and_poor_hashes_of_further_columns_are_left_out() -> None:
    table = _log(20).assign(tmk_hash="ab" * 20)
    found = link_events(table, hashes={"tmk_hash": 10}, tz="UTC", **EVEN)
    assert not (found.pairs["content"] > 0).any()
    assert found.diagnostics.common_content["n_accounts"].tolist() == [20]
    poor = _log().assign(tmk_hash=lambda t: _copied(t, 20, 0), tmk_hash_quality=10.0)
    notes = " ".join(link_events(poor, hashes={"tmk_hash": 10}, tz="UTC", **EVEN).diagnostics.notes)
    assert "72 hashes of quality below 50 not used" in notes


def test_lists_of_frames_are_evidence() -> None:
    rng = np.random.default_rng(3)
    table = _log()
    scenes = {event: _frames(rng) for event in table["event_id"]}
    for d in range(6):
        lines = [line.split(",") for line in scenes[f"X00-{d}"]]
        scenes[f"X01-{d}"] = [",".join([a, b, _flip(c, 12), e]) for a, b, c, e in lines]
    table["vpdq"] = [";".join(scenes[event]) for event in table["event_id"]]
    found = link_events(table, frames="vpdq", tz="UTC", **EVEN).pairs
    pair = found[(found["basis"] == "entities") & (found["content"] > 3)]
    assert pair[["event_id_1", "event_id_2"]].values.tolist() == [["X00-0", "X01-0"]]
    table["vpdq"] = [scenes[event] for event in table["event_id"]]  # as lists: the same
    pd.testing.assert_frame_equal(link_events(table, frames="vpdq", tz="UTC", **EVEN).pairs, found)


def test_blank_frames_alone_never_link() -> None:
    blank = ";".join(f"{k},100,{'0' * 64},{k}.0" for k in range(10))
    found = link_events(_log().assign(vpdq=blank), frames="vpdq", tz="UTC", **EVEN)
    assert not (found.pairs["content"] > 0).any()


@pytest.mark.parametrize(
    ("columns", "options", "word"),
    [
        ({}, {"hashes": {"tmk_hash": 40}}, "tmk_hash"),
        ({"tmk_hash": "xyz!"}, {"hashes": {"tmk_hash": 40}}, "hexadecimal"),
        ({"tmk_hash": "abcd"}, {"hashes": {"tmk_hash": -1}}, "radius"),
        ({}, {"frames": "vpdq"}, "vpdq"),
        ({"vpdq": "no frames"}, {"frames": "vpdq"}, "frame,quality,hash,seconds"),
        ({"vpdq": 7}, {"frames": "vpdq"}, "lines"),
    ],
)
def test_bad_columns_are_refused(columns: dict, options: dict, word: str) -> None:
    with pytest.raises(ParameterError, match=word):
        link_events(_log().assign(**columns), tz="UTC", **options)


def test_content_is_traced_by_another_column() -> None:
    table = _log().assign(tmk_hash=lambda t: _copied(t, 48, 38))
    found = trace_content(table, column="tmk_hash", hash_radius_bits=40).uploads.set_index(
        "event_id"
    )
    assert found.loc["X01-2", "parent_event_id"] == "X00-2"
    with pytest.raises(ParameterError, match="audio_hash"):
        trace_content(table, column="audio_hash")


def test_an_account_that_alters_its_content_is_one_carrier() -> None:
    rng = np.random.default_rng(5)
    one = _hex(rng, 32)
    table = _log()
    two = table["handle"].isin(["who0", "who1"])
    table["content_hash"] = [_flip(one, k) if has else _hex(rng, 32) for k, has in enumerate(two)]
    found = link_events(table, max_accounts_per_hash=2, tz="UTC", **EVEN)
    assert not len(found.diagnostics.common_content)
    assert found.pairs["content"].max() > 3
    assert len(trace_content(table, max_accounts_per_hash=2).uploads) == 12
    common = link_events(
        table, max_accounts_per_hash=1, tz="UTC", **EVEN
    ).diagnostics.common_content
    assert set(common["n_accounts"]) == {2}


@pytest.mark.parametrize("act", [link_events, trace_content])
def test_a_radius_that_fits_any_two_hashes_is_refused(act: object) -> None:
    rng = np.random.default_rng(6)
    table = _log()
    table["content_hash"] = [_hex(rng, 8) for _ in range(len(table))]
    with pytest.raises(ParameterError, match="31 of 64 bits"):
        act(table)
    act(table, hash_radius_bits=7)


@pytest.mark.parametrize("bad", ["zz" * 32, "ab" * 31, "ab" * 31 + " a"])
def test_the_upload_with_a_bad_hash_is_named(bad: str) -> None:
    rng = np.random.default_rng(6)
    table = _log().sample(frac=1.0, random_state=1)
    table["content_hash"] = [_hex(rng, 32) for _ in range(len(table))]
    table.loc[table["event_id"] == "X03-2", "content_hash"] = bad
    with pytest.raises(ParameterError, match="at X03-2 "):
        link_events(table, tz="UTC")
    mended = table["content_hash"].where(
        table["content_hash"].str.fullmatch("[0-9a-fA-F]{64}", na=False)
    )
    link_events(table.assign(content_hash=mended), tz="UTC")


@pytest.mark.parametrize("n_frames", [1, 6])
def test_short_lists_do_not_look_alike_by_chance(n_frames: int) -> None:
    rng = np.random.default_rng(9)
    more = [_log().assign(handle=lambda t, k=k: t["handle"] + f"-{k}") for k in range(5)]
    table = pd.concat(more, ignore_index=True)
    table["event_id"] = [f"X{k}" for k in range(len(table))]
    lists = []
    for _ in range(len(table)):
        scene = _hex(rng, 32)
        frames = [_flip(scene, int(k)) for k in rng.integers(0, 9, n_frames)]
        lists.append([f"{k},100,{frame},{k}.0" for k, frame in enumerate(frames)])
    found = link_events(table.assign(vpdq=lists), frames="vpdq", tz="UTC", **EVEN)
    assert not (found.pairs["content"] > 0).any()


def test_many_lists_of_frames_are_no_square_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    from crimeloc.linking.similarity import videos

    rng = np.random.default_rng(9)
    made = {f"v{k:04d}": videos.read_frames(_frames(rng, 2)) for k in range(500)}
    made["w"] = made["v0007"]
    compared: list[int] = []
    nearest = videos._nearest
    monkeypatch.setattr(videos, "_nearest", lambda a, b: (compared.append(1), nearest(a, b))[1])
    found = videos.video_matches(made)
    assert found[["video_1", "video_2"]].to_numpy().tolist() == [["v0007", "w"]]
    assert len(compared) == 1
