"""Offenders with a known anchor: the profile finds it, by buffer and by nearness."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.profiling import profile_anchor, rossmo

CENTRE = np.array([127.0, 37.5])
DEGREES = np.array([1 / 88_500, 1 / 111_000])  # of a metre, here


def _series(rng: np.random.Generator, kind: str, n: int = 14) -> tuple[Any, tuple[float, float]]:
    anchor = rng.uniform(-3_000, 3_000, 2)
    if kind == "rossmo":  # drawn from the formula itself, buffer 600 m
        trial = rng.uniform(-6_000, 6_000, (20_000, 2))
        chance = rossmo(np.abs(trial).sum(axis=1), 600.0, 2.4, 2.4)
        xy = anchor + trial[rng.choice(len(trial), n, replace=False, p=chance / chance.sum())]
    else:
        length = rng.exponential(1_200, n) if kind == "near" else rng.uniform(2_000, 3_000, n)
        angle = rng.uniform(0, 2 * np.pi, n)
        xy = anchor + length[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    places = CENTRE + xy * DEGREES
    located = gpd.GeoDataFrame(
        {
            "event_id": [f"E{i}" for i in range(n)],
            "venue_id": [f"V{i}" for i in range(n)],
            "timestamp": pd.date_range("2026-01-01", periods=n, tz="UTC"),
            "weight": 1.0,
            "how": "planted",
        },
        geometry=gpd.points_from_xy(*places.T),
        crs=4326,
    )
    lon, lat = CENTRE + anchor * DEGREES
    return located, (float(lon), float(lat))


@pytest.mark.parametrize("method", ["cgt", "negative_exponential"])
@pytest.mark.parametrize("kind", ["rossmo", "near"])
def test_the_anchor_is_found_early(kind: str, method: str) -> None:
    rng = np.random.default_rng(21)
    hits = []
    for _ in range(40):
        located, anchor = _series(rng, kind)
        more = {"scale_m": 1_200.0} if method == "negative_exponential" else {}
        hits.append(profile_anchor(located, method=method, cells=80, **more).hit_score(anchor))
    print(kind, method, np.median(hits).round(4), np.mean(hits).round(4))
    # Chance gives a half; 40 series of 14 sites.
    assert np.median(hits) < 0.1


def test_a_ring_fools_it() -> None:
    # Nothing within 2 km of the anchor, all within 3 km: the score is high around the sites, not
    # in the middle, because half the nearest-neighbour distance is no measure of such a hole.
    rng = np.random.default_rng(23)
    hits = []
    for _ in range(20):
        located, anchor = _series(rng, "ring")
        hits.append(profile_anchor(located, cells=60).hit_score(anchor))
    assert np.median(hits) > 0.3


def test_the_anchor_of_another_series_is_not_found() -> None:
    rng = np.random.default_rng(22)
    mine, others = [], []
    for _ in range(25):
        located, anchor = _series(rng, "near")
        _, stranger = _series(rng, "near")
        profile = profile_anchor(located, cells=60)
        mine.append(profile.hit_score(anchor))
        others.append(profile.hit_score(stranger))
    assert np.median(others) > 10 * np.median(mine)
