"""A watch counts its past at once, as if the uploads had come one by one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from crimeloc.linking import Links, Watch
from crimeloc.linking.log_arrays import Columns
from crimeloc.linking.monitoring.building import FIRST, MEMORY, build
from crimeloc.linking.monitoring.state import State
from crimeloc.linking.monitoring.uploads import read_uploads
from crimeloc.linking.series_names import digest_name


def _one_by_one(events: gpd.GeoDataFrame) -> tuple[State, dict[str, list[float]]]:
    uploads = read_uploads(events, Columns())
    whole = State()
    for upload in uploads:
        whole.add(upload, upload.series_id or digest_name(upload.event_id))
    state, usual = State(), {}
    for upload in uploads:
        name = upload.series_id or digest_name(upload.event_id)
        if state.size.get(name, 0) >= FIRST:
            kept = (state.venue_total, state.venue_sum, state.hour_total)
            state.venue_total, state.venue_sum = whole.venue_total, whole.venue_sum
            state.hour_total = whole.hour_total
            bits = state.surprise(upload, name)
            state.venue_total, state.venue_sum, state.hour_total = kept
            _, mean, n = usual.get(name, [0.0, 0.5, 10.0])
            usual[name] = [0.0, (mean * n + bits) / (n + 1.0), min(n + 1.0, float(MEMORY))]
        state.add(upload, name)
    return state, usual


def test_the_past_is_counted_as_if_one_by_one(links: Links) -> None:
    want, usual = _one_by_one(links.events)
    have = build(links.events, Columns())
    plain, other = asdict(have), asdict(want)
    for name in (
        "seen",
        "n",
        "new_series",
        "size",
        "accounts",
        "identifiers",
        "identified",
        "last",
        "hashes",
        "recent",
        "now",
        "missed",
        "hours",
        "hour_total",
    ):
        assert plain[name] == other[name], name
    for series, at in want.venues.items():
        assert have.venues[series] == pytest.approx(at)
    assert have.venue_total == pytest.approx(want.venue_total)
    assert have.venue_sum == pytest.approx(want.venue_sum)
    assert set(have.strange) == set(usual)
    assert max(value[2] for value in usual.values()) > 10
    for series, value in usual.items():
        assert have.strange[series] == pytest.approx(value)


def test_an_empty_past_is_a_past(links: Links, tmp_path: Path) -> None:
    assert asdict(build(links.events.iloc[:0], Columns())) == asdict(State())
    old = Watch(links.events)
    old.save(tmp_path / "state")
    new = Watch(None).restore(tmp_path / "state")
    assert new.digest() == old.digest()
    later = links.events.tail(3).drop(columns=["series_id", "series_weight"]).copy()
    later["event_id"] = [f"later-{k}" for k in range(3)]
    assert len(new.add(later)) == len(old.add(later))
    assert new.digest() == old.digest()


def test_late_hashes_are_found_before_and_after_they_are_indexed(links: Links) -> None:
    events = links.events
    base = np.random.default_rng(1).integers(0, 256, 32, dtype=np.uint8)
    watch = Watch(events, tz="Asia/Seoul")
    one = events.head(1).drop(columns=["series_id", "series_weight"]).copy()
    one["content_hash"], one["hash_quality"] = base.tobytes().hex(), 100.0
    one["event_id"], one["handle"] = "copy-1", "first-hand"
    watch.add(one)
    two = one.assign(event_id="copy-2", handle="second-hand")
    series = watch.attributions[-1].series_id
    assert watch._copied_from(read_uploads(two, Columns())[0]) == {series}
    watch._reindex()
    assert watch._copied_from(read_uploads(two, Columns())[0]) == {series}
