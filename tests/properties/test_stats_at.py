"""Nothing that comes later changes what a test says of an earlier moment."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crimeloc as cl
from crimeloc.geometry import points

BEGIN = pd.Timestamp("2026-01-05", tz="Asia/Seoul")
AT = BEGIN + pd.Timedelta("60D")


def log(seed: int) -> gpd.GeoDataFrame:
    """Sixty uploads of two series before the moment."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, 5, 60)
    return gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:02}" for i in range(60)],
            "timestamp": BEGIN + pd.to_timedelta(rng.uniform(0, 60, 60), unit="D"),
            "series_id": rng.choice(["A", "B"], 60),
            "venue_id": [f"V{v}" for v in at],
            "weight": 1.0,
            "how": "given",
            "tz": "Asia/Seoul",
        },
        geometry=list(points(np.column_stack([127 + at / 50, 37.5 + at % 2 / 50]))),
        crs=4326,
    )


def later(seed: int, attack: str) -> gpd.GeoDataFrame:
    """What may come after it: other places far away, another zone, a venue that has moved."""
    rng = np.random.default_rng(seed)
    rows = log(seed).iloc[: int(rng.integers(1, 20))].copy()
    rows["event_id"] = "L" + rows["event_id"]
    rows["timestamp"] = AT + pd.to_timedelta(rng.uniform(0, 50, len(rows)), unit="D")
    if attack == "zone":
        rows["tz"] = "Europe/Berlin"
    if attack == "moved venue":
        rows = rows.set_geometry(list(points(np.tile([[129.0, 35.2]], (len(rows), 1)))), crs=4326)
    if attack == "new series":
        rows["series_id"] = "C"
    return rows


def asked(name: str, located: gpd.GeoDataFrame) -> pd.DataFrame:
    if name == "changepoints":
        return cl.changepoints(located, at=AT, rng=7, n_permutations=9).tests
    if name == "silences":
        return cl.changepoints(located, at=AT, rng=7, n_permutations=9).silences
    if name == "regularity":
        return cl.regularity(located, at=AT, rng=7, n_resamples=9)
    if name == "suggest_parameters":
        found = cl.suggest_parameters(located, min_events=2, at=AT)
        return pd.DataFrame({"radius": [found.radius_m], "gap": [found.gap]})
    options = {"max_duration": "7D", "end": AT, "rng": 7, "n_permutations": 9, "n_jobs": 1}
    return pd.DataFrame(cl.scan_test(located, **options).clusters)


@pytest.mark.parametrize(
    "name", ["changepoints", "silences", "regularity", "suggest_parameters", "scan_test"]
)
@settings(max_examples=10)
@given(
    seed=st.integers(0, 2**32),
    attack=st.sampled_from(["more", "zone", "moved venue", "new series"]),
)
def test_what_comes_later_changes_nothing(name: str, seed: int, attack: str) -> None:
    before = log(seed)
    both = pd.concat([later(seed, attack), before], ignore_index=True)
    assert asked(name, gpd.GeoDataFrame(both, crs=4326)).equals(asked(name, before))
