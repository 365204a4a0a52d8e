"""Profiles of the thirteen DeSalvo crimes, against surfaces published with the package rgeoprofile.

The package's surfaces (200 x 200 cells, great circles with radius 3,958 miles) are reproduced with
this room's kernels where it follows the formula (negative exponential), and with its own
arithmetic, written down here, where it does not (criminal geographic targeting). Its arithmetic
departs from Rossmo's formula in four ways, found by reproducing all 40,000 cells to rounding:

1. inside the buffer it has ``2B - (dx - dy)`` instead of ``2B - (dx + dy)``;
2. where that is negative the term is not a number and is left out, also outside the buffer (19 % of
   the terms);
3. f = g = 1.9, where its page says 1.2;
4. the buffer ends at 1 mile, while B in the formula is half the mean Manhattan distance to the
   nearest other crime (.9905 miles): the surface jumps at the buffer's edge.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from crimeloc.profiling import negative_exponential, profile_anchor, rossmo
from crimeloc.profiling.kernels import MILE_M

RADIUS_MILES = 3_958.0
Array = NDArray[np.float64]


def miles(lat_1: Any, lon_1: Any, lat_2: Any, lon_2: Any) -> Array:
    """Great-circle distance on the package's earth."""
    a, b, c, d = (np.radians(value) for value in (lat_1, lon_1, lat_2, lon_2))
    chord = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return np.asarray(2 * RADIUS_MILES * np.arcsin(np.minimum(1, np.sqrt(chord))))


def legs(lat: Any, lon: Any, site_lat: float, site_lon: float) -> tuple[Array, Array]:
    """East-west and north-south leg of the Manhattan way."""
    return miles(lat, lon, lat, site_lon), miles(lat, lon, site_lat, lon)


def data(folder: Path, name: str) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    crimes = pd.read_csv(folder / "desalvo" / "desalvo.csv")
    surface = pd.read_csv(folder / "desalvo" / f"reference_surface_{name}.csv.gz")
    expected = json.loads((folder / "desalvo" / "expected.json").read_text())
    return crimes, surface, expected


def hit(score: Array, surface: pd.DataFrame, expected: dict[str, Any]) -> float:
    """Share of cells with at least the score of the cell nearest to the residence."""
    apart = (surface["lats"] - expected["residence_lat"]) ** 2
    apart += (surface["lons"] - expected["residence_lon"]) ** 2
    return float((score >= score[int(apart.argmin())]).mean())


def manhattan_buffer(crimes: pd.DataFrame) -> float:
    """Half the mean Manhattan distance to the nearest other crime, in miles."""
    lat, lon = crimes["lat"].to_numpy(), crimes["lon"].to_numpy()
    apart = np.array(
        [miles(a, b, a, lon) + miles(a, lon, lat, lon) for a, b in zip(lat, lon, strict=True)]
    )
    np.fill_diagonal(apart, np.inf)
    return float(apart.min(axis=1).mean() / 2)


def test_negative_exponential_equals_the_published_surface(reference_data: Path) -> None:
    crimes, surface, expected = data(reference_data, "ne_1")
    score = np.zeros(len(surface))
    for lat, lon in zip(crimes["lat"], crimes["lon"], strict=True):
        apart = miles(surface["lats"], surface["lons"], lat, lon)
        score += negative_exponential(apart * MILE_M, MILE_M / 0.06, height=1.89)
    assert np.allclose(score, surface["sums"], rtol=1e-12)
    assert hit(score, surface, expected) == pytest.approx(0.1030, abs=5e-5)


def test_the_grid_is_the_published_one(reference_data: Path) -> None:
    crimes, surface, _ = data(reference_data, "cgt")
    for column, cell in (("lat", "lats"), ("lon", "lons")):
        room = np.ptp(crimes[column].to_numpy())
        pad = room / (2 * (len(crimes) - 1))
        assert surface[cell].min() == pytest.approx(crimes[column].min() - pad, abs=1e-12)
        assert surface[cell].max() == pytest.approx(crimes[column].max() + pad, abs=1e-12)


def test_where_the_published_cgt_departs_from_the_formula(reference_data: Path) -> None:
    crimes, surface, expected = data(reference_data, "cgt")
    buffer, edge, f = manhattan_buffer(crimes), 1.0, 1.9
    assert buffer == pytest.approx(0.99049, abs=1e-5)
    theirs, left_out = np.zeros(len(surface)), 0
    too_low: list[float] = []
    for lat, lon in zip(crimes["lat"], crimes["lon"], strict=True):
        dx, dy = legs(surface["lats"].to_numpy(), surface["lons"].to_numpy(), lat, lon)
        apart = dx + dy
        with np.errstate(invalid="ignore", divide="ignore"):
            outside = (apart > edge) / apart**f
            inside = (apart <= edge) / (2 * buffer - (dx - dy)) ** f
        term = outside + inside
        left_out += int(np.isnan(term).sum())
        theirs += np.nan_to_num(term)
        formula = rossmo(apart, buffer, f, f)
        within = apart <= buffer
        too_low += (1 - term[within] / formula[within]).tolist()
    # All 40,000 cells, to rounding: the difference to the formula is understood.
    assert np.allclose(theirs, surface["sums"], rtol=1e-12)
    assert left_out / (13 * 40_000) == pytest.approx(0.19, abs=0.005)
    assert hit(theirs, surface, expected) == pytest.approx(0.160225, abs=1e-9)
    # Inside the buffer a term is too low by 60 % and more, and never too high.
    assert min(too_low) >= -1e-12
    assert np.quantile(too_low, 0.9) > 0.5


def test_the_whole_way_from_a_table(reference_data: Path) -> None:
    crimes, surface, expected = data(reference_data, "cgt")
    located = gpd.GeoDataFrame(
        {
            "event_id": crimes["name"],
            "venue_id": crimes["name"],
            "timestamp": pd.to_datetime(crimes["date"], format="%m/%d/%Y").dt.tz_localize(
                "America/New_York"
            ),
            "weight": 1.0,
            "how": "register",
        },
        geometry=gpd.points_from_xy(crimes["lon"], crimes["lat"]),
        crs=4326,
    )
    residence = (expected["residence_lon"], expected["residence_lat"])
    # The same formula: what is left is a flat map against great circles.
    falling = profile_anchor(located, method="negative_exponential")
    assert falling.hit_score(residence) == pytest.approx(0.1030, abs=0.002)
    # Rossmo's formula on the published grid, f = g = 1.2, and through the table.
    score = np.zeros(len(surface))
    buffer = manhattan_buffer(crimes)
    for lat, lon in zip(crimes["lat"], crimes["lon"], strict=True):
        score += rossmo(sum(legs(surface["lats"], surface["lons"], lat, lon)), buffer)
    profile = profile_anchor(located)
    print("cgt", profile.hit_score(residence), "published grid", hit(score, surface, expected))
    assert profile.buffer_m == pytest.approx(buffer * MILE_M, rel=0.005)
    assert profile.hit_score(residence) == pytest.approx(hit(score, surface, expected), abs=0.003)
