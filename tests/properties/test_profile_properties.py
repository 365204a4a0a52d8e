"""What always holds of a profile and of its kernels."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.profiling import profile_anchor, rossmo


@st.composite
def sites(draw: Any) -> Any:
    """Up to eight sites in a city, some of them in one place."""
    n = draw(st.integers(1, 8))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    places = rng.uniform([126.9, 37.45], [127.1, 37.6], (max(n - 1, 1), 2))
    places = places[rng.integers(0, len(places), n)]
    return gpd.GeoDataFrame(
        {
            "event_id": [f"E{i}" for i in range(n)],
            "venue_id": [f"V{i}" for i in range(n)],
            "timestamp": pd.date_range("2026-01-01", periods=n, tz="UTC"),
            "weight": rng.uniform(0.2, 1.0, n),
            "how": "lease",
        },
        geometry=gpd.points_from_xy(*places.T),
        crs=4326,
    )


@given(st.floats(1.0, 1e4), st.floats(0.2, 3.0), st.floats(0.2, 3.0), st.floats(1e-12, 1e-6))
@settings(max_examples=100)
def test_the_fall_is_continuous_at_the_edge_and_highest_there(
    buffer: float, f: float, g: float, hair: float
) -> None:
    low, edge, high = rossmo([buffer * (1 - hair), buffer, buffer * (1 + hair)], buffer, f, g)
    assert np.isclose(low, edge, rtol=1e-5)
    assert np.isclose(high, edge, rtol=1e-5)
    assert np.isclose(edge, buffer**-f)
    grid = np.linspace(0, 5 * buffer, 200)
    assert (rossmo(grid, buffer, f, g) <= edge * (1 + 1e-12)).all()
    assert np.isfinite(rossmo(grid, buffer, f, g)).all()


@given(sites(), st.sampled_from(["cgt", "negative_exponential"]), st.integers(0, 99))
@settings(max_examples=25)
def test_row_order_plays_no_part_and_every_score_is_a_number(
    located: Any, method: str, seed: int
) -> None:
    one = profile_anchor(located, method=method, cells=25)
    two = profile_anchor(located.sample(frac=1, random_state=seed), method=method, cells=25)
    assert np.array_equal(one.score, two.score)
    assert np.isfinite(one.score).all()
    assert (one.score > 0).all()
    cells = one.surface["hit_score"]
    assert cells.between(0, 1).all()
    assert np.isclose(cells.mean(), (625 + 1) / 2 / 625)


@given(sites(), st.sampled_from(["cgt", "negative_exponential"]))
@settings(max_examples=25)
def test_a_mirrored_city_has_a_mirrored_profile(located: Any, method: str) -> None:
    x, y = located.geometry.x.to_numpy(), located.geometry.y.to_numpy()
    mirrored = located.set_geometry(gpd.points_from_xy(x.min() + x.max() - x, y, crs=4326))
    one = profile_anchor(located, method=method, cells=21)
    two = profile_anchor(mirrored, method=method, cells=21)
    # The projection is symmetric around its middle; what is left is rounding.
    assert np.allclose(one.score, two.score[:, ::-1], rtol=1e-6)


@given(sites())
@settings(max_examples=25)
def test_a_city_moved_by_ten_kilometres_keeps_its_profile(located: Any) -> None:
    moved = located.set_geometry(located.geometry.translate(10_000 / 88_500, 0.0))
    one, two = profile_anchor(located, cells=21), profile_anchor(moved, cells=21)
    assert np.allclose(one.score, two.score, rtol=1e-6)
