"""Lineage: planted copies lead back to their source."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.linking import trace_content
from crimeloc.simulation import City, make_city


def _chain() -> pd.DataFrame:
    """A, a copy of it by B, a copy of that by C, and something else by D."""
    rng = np.random.default_rng(2)
    first = np.unpackbits(rng.integers(0, 256, 32, dtype=np.uint8))
    second, third = first.copy(), None
    second[:10] ^= 1
    third = second.copy()
    third[20:31] ^= 1
    bits = [first, second, third, 1 - first]
    return pd.DataFrame(
        {
            "event_id": ["A", "B", "C", "D"],
            "timestamp": pd.date_range("2026-03-01", periods=4, freq="D", tz="UTC"),
            "handle": ["a", "b", "c", "d"],
            "content_hash": [np.packbits(row).tobytes().hex() for row in bits],
        }
    )


def test_a_chain_is_followed() -> None:
    found = trace_content(_chain())
    rows = found.uploads.set_index("event_id")
    assert rows.index.tolist() == ["A", "B", "C"]
    assert rows["parent_event_id"].fillna("-").tolist() == ["-", "A", "B"]
    assert rows["distance"].fillna(0).tolist() == [0, 10, 11]
    assert rows["generation"].tolist() == [0, 1, 2]
    assert rows["n_started"].tolist() == [2, 1, 0]
    assert found.contents["first_event_id"].tolist() == ["A"]
    assert found.origins["account"].tolist() == ["a", "b", "c"]
    assert found.sources.loc[0, ["source", "n_started", "share"]].tolist() == ["a", 2, 1.0]
    assert "1 contents" in str(found)
    assert "<table" in found._repr_html_()


def test_time_alone_decides_between_same_hashes() -> None:
    table = _chain().assign(content_hash="ab" * 32)
    found = trace_content(table).uploads.set_index("event_id")
    assert found["parent_event_id"].isna().tolist() == [True, False, False, False]
    assert (found["certainty"].dropna() <= 1).all()


def test_common_content_is_listed_not_traced() -> None:
    found = trace_content(_chain().assign(content_hash="ab" * 32), max_accounts_per_hash=3)
    assert len(found.uploads) == 0
    assert found.common["n_accounts"].tolist() == [4]


def test_no_hashes_no_tracing() -> None:
    with pytest.raises(ParameterError, match="content_hash"):
        trace_content(_chain().drop(columns="content_hash"))


def test_parents_come_before_their_copies(city: City, located: gpd.GeoDataFrame) -> None:
    found = trace_content(located)
    when = located.set_index("event_id")["timestamp"]
    copies = found.uploads.dropna(subset=["parent_event_id"])
    assert (when[copies["parent_event_id"]].to_numpy() <= copies["timestamp"].to_numpy()).all()
    assert found.sources["share"].sum() == pytest.approx(1.0)
    roots = found.uploads[found.uploads["parent_event_id"].isna()]
    assert roots["n_started"].sum() == len(copies) == found.sources["n_started"].sum()
    assert found.venues["n_contents"].sum() == pytest.approx(len(roots))
    assert found.venues["n_started"].sum() == pytest.approx(len(copies))


def test_first_uploads_without_a_venue_are_elsewhere(located: gpd.GeoDataFrame) -> None:
    whole = trace_content(located)
    roots = whole.uploads[whole.uploads["parent_event_id"].isna()]
    first = located["event_id"].eq(roots["event_id"].iloc[0])
    unknown = located.copy()
    unknown.loc[first, "weight"] *= 0.25
    found = trace_content(unknown).venues.set_index("venue_id")
    before = whole.venues.set_index("venue_id")["n_contents"].get("elsewhere", 0.0)
    gone = 0.75 * located.loc[first, "weight"].sum()
    assert gone > 0
    assert found.loc["elsewhere", "n_contents"] == pytest.approx(before + gone)


def test_common_hashes_are_printed_as_given() -> None:
    short = _chain().drop(columns="hash_quality", errors="ignore").iloc[[0] * 9]
    short = short.assign(
        event_id=[f"E{k}" for k in range(9)],
        handle=[f"h{k}" for k in range(9)],
        content_hash="00ff00ff00ff00f1",
    )
    found = trace_content(short, hash_radius_bits=4, max_accounts_per_hash=5)
    assert found.common["content_hash"].tolist() == ["00ff00ff00ff00f1"]


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_lineage_is_found_again(seed: int) -> None:
    city = make_city(rng=seed, n_venues=40, n_offenders=8, n_background=200, circulating=0.3)
    found = trace_content(city.events)
    truth = city.truth.set_index("event_id")
    copies = truth[truth["parent_event_id"].notna()]
    parent = found.uploads.set_index("event_id")["parent_event_id"].reindex(copies.index)
    assert (parent == copies["parent_event_id"]).mean() >= 0.8
    handle = city.events.set_index("event_id")["handle"]
    first = (
        truth[truth["is_original"]].reset_index().set_index("content_id")["event_id"].map(handle)
    )
    content = found.origins["event_id"].map(truth["content_id"])
    hit = (found.origins["account"] == content.map(first)).groupby(content).any()
    traced = copies["content_id"].unique()
    assert hit.reindex(traced).fillna(False).mean() >= 0.9


def test_what_is_printed_names_no_account() -> None:
    found = trace_content(_chain().assign(handle=["morae", "b", "c", "d"]))
    assert found.sources["source"].tolist() == ["morae"]
    assert "morae" not in str(found) + found._repr_html_()
    named = trace_content(_chain().assign(series_id=["S-1", None, None, None]))
    assert "S-1" in str(named)


def test_at_one_instant_the_order_is_even() -> None:
    stamp = pd.Timestamp("2026-03-01", tz="UTC")
    table = pd.DataFrame(
        {"event_id": ["b", "a"], "timestamp": [stamp, stamp], "content_hash": ["5a" * 32] * 2}
    )
    found = trace_content(table).uploads.set_index("event_id")
    assert found.loc["b", "parent_event_id"] == "a"
    assert found.loc["b", "certainty"] == 0.5
