"""Watch: attribution, alerts, backtest, restart."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import FileError, ParameterError
from crimeloc.linking import Links, Watch, link_events
from crimeloc.linking.log_arrays import Columns
from crimeloc.linking.monitoring.uploads import read_uploads


@pytest.fixture(scope="module")
def parts(located: gpd.GeoDataFrame) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    cut = located["timestamp"].sort_values().iloc[int(0.8 * len(located))]
    past = link_events(located[located["timestamp"] < cut]).events
    return past, located[located["timestamp"] >= cut].reset_index(drop=True)


def test_new_uploads_go_to_the_right_series(
    parts: tuple[pd.DataFrame, gpd.GeoDataFrame], uploader: pd.Series
) -> None:
    past, new = parts
    watch = Watch(past)
    watch.add(new)
    known = past.dropna(subset=["series_id"])
    person = uploader.reindex(known["event_id"]).to_numpy()
    main = known.assign(person=person).groupby("series_id")["person"].agg(lambda x: x.mode()[0])
    said = [(a.event_id, a.series_id) for a in watch.attributions if a.series_id in main.index]
    right = [uploader[event] == main[series] for event, series in said]
    assert len(said) > 0.7 * len(new)
    assert np.mean(right) >= 0.95
    assert all(0 < a.probability <= 1 for a in watch.attributions)


def test_a_replay_changes_nothing(parts: tuple[pd.DataFrame, gpd.GeoDataFrame]) -> None:
    past, new = parts
    watch = Watch(past)
    watch.add(new)
    state = watch.digest()
    assert len(watch.add(new)) == 0
    assert len(watch.add(past)) == 0
    assert watch.digest() == state


@pytest.mark.slow
def test_killed_at_fifty_points_it_ends_the_same(
    parts: tuple[pd.DataFrame, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    past, new = parts
    past, new = past.tail(60), new.head(12)
    whole = Watch(past, journal=tmp_path / "whole")
    whole.add(new)
    written = (tmp_path / "whole").read_bytes()
    assert written.count(b"\n") == len(new)
    for cut in np.random.default_rng(1).integers(0, len(written), 50):
        path = tmp_path / f"cut{cut}"
        path.write_bytes(written[:cut])  # the process died in the middle of writing
        again = Watch(past, journal=path)
        again.add(new)
        assert again.digest() == whole.digest()
        assert path.read_bytes() == written


def test_state_is_saved_and_restored(
    parts: tuple[pd.DataFrame, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    past, new = parts
    watch = Watch(past)
    watch.add(new.head(20))
    watch.save(tmp_path / "state")
    other = Watch(past).restore(tmp_path / "state")
    assert other.digest() == watch.digest()
    watch.add(new)
    other.add(new)
    assert other.digest() == watch.digest()
    (tmp_path / "broken").write_text("{}")
    with pytest.raises(FileError, match="damaged"):
        Watch(past).restore(tmp_path / "broken")
    (tmp_path / "journal").write_text("nonsense\n")
    with pytest.raises(FileError, match="no journal"):
        Watch(past, journal=tmp_path / "journal")


def test_alerts_give_reasons(parts: tuple[pd.DataFrame, gpd.GeoDataFrame], links: Links) -> None:
    past, new = parts
    biggest = past["series_id"].value_counts().index[0]
    copied = past["content_hash"].iloc[0]
    first = new[new["venue_id"].notna()].iloc[[0]]
    at, venue = first["timestamp"].iloc[0], first["venue_id"].iloc[0]
    slots = pd.DataFrame(
        {
            "venue_id": [venue, "V-nowhere"],
            "window_start": [at - pd.Timedelta("1h")] * 2,
            "window_end": [at + pd.Timedelta("1h")] * 2,
        }
    )
    watch = Watch(past, series=[biggest], content=[copied], slots=slots)
    alerts = watch.add(new)
    assert {"series_active", "slot_hit", "slot_missed"} <= set(alerts["kind"])
    active = alerts[alerts["kind"] == "series_active"]
    assert active["reason"].str.contains("bits").all()
    assert set(active["series_id"]) == {biggest}
    copy = new.head(1).assign(event_id="copy", content_hash=copied, hash_quality=100.0)
    assert "watched_content" in set(watch.add(copy)["kind"])


def test_alerts_name_no_account_address_device_or_hash(
    parts: tuple[pd.DataFrame, gpd.GeoDataFrame],
) -> None:
    past, new = parts
    watch = Watch(past, series=past["series_id"].dropna().unique(), content=past["content_hash"])
    alerts = watch.add(new)
    assert {"series_active", "watched_content"} <= set(alerts["kind"])
    said = " ".join(alerts.drop(columns=["event_id"]).astype("str").to_numpy().ravel().tolist())
    for column in ("handle", "ip", "device", "content_hash"):
        values = pd.concat([past[column], new[column]]).dropna().astype("str").unique()
        assert not [value for value in values if value in said]


def test_a_changed_habit_is_seen(parts: tuple[pd.DataFrame, gpd.GeoDataFrame]) -> None:
    past, _ = parts
    series = past["series_id"].value_counts().index[0]
    mine = past[past["series_id"] == series]
    seldom = past[past["venue_id"].notna() & ~past["venue_id"].isin(mine["venue_id"])].iloc[0]
    moved = mine.tail(12).drop(columns=["series_id", "series_weight"]).copy()
    moved["event_id"] = [f"new-{k}" for k in range(len(moved))]
    moved["timestamp"] = past["timestamp"].max() + pd.to_timedelta(np.arange(1, 13), unit="D")
    moved["venue_id"], moved["geometry"], moved["weight"] = (
        seldom["venue_id"],
        seldom["geometry"],
        1.0,
    )
    alerts = Watch(past).add(gpd.GeoDataFrame(moved, crs=4326))
    assert "habit_changed" in set(alerts["kind"])


def test_attribute_counts_nothing(parts: tuple[pd.DataFrame, gpd.GeoDataFrame]) -> None:
    past, new = parts
    watch = Watch(past)
    state = watch.digest()
    table = watch.attribute(new.head(10))
    assert watch.digest() == state
    assert (
        table["event_id"].tolist()
        == new.sort_values(["timestamp", "event_id"])["event_id"].head(10).tolist()
    )
    with pytest.raises(ParameterError, match="series_id"):
        Watch(new)


def test_only_likely_slots_are_missed(parts: tuple[pd.DataFrame, gpd.GeoDataFrame]) -> None:
    past, new = parts
    at = new["timestamp"].min()
    slots = pd.DataFrame(
        {
            "venue_id": ["V-x", "V-y", "elsewhere"],
            "window_start": [at + pd.Timedelta("1h")] * 3,
            "window_end": [at + pd.Timedelta("2h")] * 3,
            "probability": [0.6, 0.01, 0.9],
        }
    )
    missed = Watch(past, slots=slots).add(new)
    missed = missed[missed["kind"] == "slot_missed"]
    assert missed["reason"].tolist() == [
        "forecast slot at V-x (probability 60%) passed without an upload"
    ]
    every = Watch(past, slots=slots, min_probability=0.0).add(new)
    assert (every["kind"] == "slot_missed").sum() == 2


def test_slots_of_the_past_are_no_news(parts: tuple[pd.DataFrame, gpd.GeoDataFrame]) -> None:
    past, new = parts
    end = past["timestamp"].max()
    last = past[past["venue_id"].notna()].sort_values("timestamp").iloc[-1]
    day = pd.Timedelta("1D")
    slots = pd.DataFrame(
        {
            "venue_id": ["V-over", last["venue_id"], "V-open"],
            "window_start": [end - 2 * day, last["timestamp"], end - day],
            "window_end": [end - day, end + pd.Timedelta("1min"), end + pd.Timedelta("1min")],
        }
    )
    alerts = Watch(past, slots=slots).add(new)
    missed = alerts[alerts["kind"] == "slot_missed"]["reason"].tolist()
    assert missed == ["forecast slot at V-open passed without an upload"]


def test_a_series_that_is_not_there_is_refused(
    parts: tuple[pd.DataFrame, gpd.GeoDataFrame],
) -> None:
    past, _ = parts
    with pytest.raises(ParameterError, match="S-nobody"):
        Watch(past, series=["S-nobody"])
    Watch(past, series=past["series_id"].dropna().iloc[0])


def test_a_saved_state_goes_on_with_the_journal(
    parts: tuple[pd.DataFrame, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    past, new = parts
    active = past["series_id"].dropna().unique()
    watch = Watch(past, series=active, journal=tmp_path / "journal")
    watch.add(new.head(20))
    watch.save(tmp_path / "state")
    alerts = watch.add(new)
    lines = (tmp_path / "journal").read_text().count("\n")
    again = Watch(None, series=active, journal=tmp_path / "journal").restore(tmp_path / "state")
    assert again.digest() == watch.digest()
    pd.testing.assert_frame_equal(again.replayed, alerts)
    assert not len(again.add(new))
    assert (tmp_path / "journal").read_text().count("\n") == lines


def test_content_of_everybody_points_at_nobody(
    parts: tuple[pd.DataFrame, gpd.GeoDataFrame],
) -> None:
    past, new = parts
    one = past[past["content_hash"].notna()].iloc[[0]].assign(hash_quality=100.0)
    hash_ = "5a" * 32
    many = pd.concat(
        [
            one.assign(event_id=f"c{k}", handle=f"crowd{k}", series_id=f"S-c{k}", device=pd.NA)
            for k in range(13)
        ]
    ).assign(content_hash=hash_)
    asked = new.head(1).assign(event_id="q", handle="nobody", content_hash=hash_, device=pd.NA)
    asked["hash_quality"] = 100.0
    watch = Watch(pd.concat([past, many], ignore_index=True))
    assert watch._copied_from(read_uploads(asked, Columns())[0]) == set()
    watch = Watch(pd.concat([past, many.head(12)], ignore_index=True))
    assert watch._copied_from(read_uploads(asked, Columns())[0]) == {"S-c0"}
    watch.add(many.tail(1).drop(columns=["series_id", "series_weight"]))
    assert watch._copied_from(read_uploads(asked, Columns())[0]) == set()


def test_another_column_and_account_are_followed(
    parts: tuple[pd.DataFrame, gpd.GeoDataFrame],
) -> None:
    past, new = parts
    names = {"content_hash": "tmk_hash", "handle": "login", "hash_quality": "tmk_hash_quality"}
    plain = Watch(past)
    plain.add(new)
    other = Watch(past.rename(columns=names), column="tmk_hash", accounts=["login"])
    other.add(new.rename(columns=names))
    assert other.digest() == plain.digest()
    with pytest.raises(ParameterError, match="100 of 256 bits"):
        Watch(past, hash_radius_bits=100)
