"""The profile of an anchor: doors, words, shapes, degenerate sites."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from crimeloc.errors import ParameterError
from crimeloc.profiling import negative_exponential, profile_anchor, rossmo


def located(lon: list[float], lat: list[float], **more: Any) -> Any:
    """Events at these places, one venue each."""
    n = len(lon)
    return gpd.GeoDataFrame(
        {
            "event_id": [f"E{i}" for i in range(n)],
            "venue_id": [f"V{i}" for i in range(n)],
            "timestamp": pd.date_range("2026-01-01", periods=n, tz="UTC"),
            "weight": 1.0,
            "how": "lease",
        }
        | more,
        geometry=gpd.points_from_xy(lon, lat),
        crs=4326,
    )


SQUARE = located([127.00, 127.04, 127.00, 127.04, 127.02], [37.50, 37.50, 37.54, 37.54, 37.53])


def test_rossmo_by_hand() -> None:
    # d = 3 outside B = 2: 3**-1.2. d = 1 inside: 2**(1.5 - 1.2) / (4 - 1)**1.5.
    assert rossmo([3.0], 2.0)[0] == pytest.approx(3**-1.2)
    assert rossmo([1.0], 2.0, f=1.2, g=1.5)[0] == pytest.approx(2**0.3 / 3**1.5)
    assert rossmo([0.0], 2.0)[0] == pytest.approx(1 / 4**1.2)


def test_negative_exponential_in_miles() -> None:
    assert negative_exponential([1_609.344], height=1.89)[0] == pytest.approx(1.89 * np.exp(-0.06))


@pytest.mark.parametrize("method", ["cgt", "negative_exponential"])
def test_the_middle_of_a_square_comes_before_its_corner(method: str) -> None:
    profile = profile_anchor(SQUARE, method=method, cells=60)
    assert profile.hit_score((127.02, 37.52)) < profile.hit_score((127.045, 37.498))
    assert profile.hit_score(Point(127.02, 37.52)) == profile.hit_score((127.02, 37.52))
    assert profile.hit_score((127.5, 37.5)) == 1.0
    assert profile.hit_score(profile.peak) == pytest.approx(1 / 3600, rel=1)


def test_search_areas_lie_within_each_other() -> None:
    profile = profile_anchor(SQUARE, cells=60)
    areas = profile.search_areas((0.01, 0.05, 0.5))
    assert areas.crs == "EPSG:4326"
    assert areas["area_km2"].is_monotonic_increasing
    assert areas.geometry.iloc[2].buffer(1e-9).covers(areas.geometry.iloc[0])
    step = (profile.x_m[1] - profile.x_m[0]) * (profile.y_m[1] - profile.y_m[0])
    assert areas["area_km2"].iloc[1] == pytest.approx(180 * step / 1e6)


def test_a_search_area_has_no_seams_between_its_cells() -> None:
    profile = profile_anchor(SQUARE, cells=60)
    whole = profile.search_areas((1.0,)).geometry.iloc[0]  # the whole grid: one box
    parts = getattr(whole, "geoms", [whole])
    assert sum(len(part.interiors) for part in parts) == 0
    assert len(parts) == 1


def test_the_surface_holds_every_cell_the_best_first() -> None:
    profile = profile_anchor(SQUARE, cells=30)
    cells = profile.surface
    assert len(cells) == 900
    assert cells["score"].is_monotonic_decreasing
    lon, lat = profile.peak
    assert cells[["lon", "lat"]].iloc[0].tolist() == pytest.approx([lon, lat])
    middle = cells.iloc[450]
    assert profile.hit_score((middle["lon"], middle["lat"])) == pytest.approx(middle["hit_score"])


def test_duplicates_change_nothing_unless_visits_are_asked_for() -> None:
    again = pd.concat([SQUARE, SQUARE.assign(event_id=[f"N{i}" for i in range(5)])])
    once, twice = profile_anchor(SQUARE, cells=40), profile_anchor(again, cells=40)
    assert np.allclose(once.score, twice.score)
    many = pd.concat([SQUARE] + [SQUARE.iloc[:1].assign(event_id=f"M{i}") for i in range(20)])
    visits = profile_anchor(many, cells=40, count="visits")
    assert visits.hit_score((127.0, 37.5)) < once.hit_score((127.0, 37.5))


def test_one_site_and_coinciding_sites_have_a_profile() -> None:
    one = profile_anchor(located([127.0], [37.5]), cells=41)
    assert one.buffer_m == 100.0
    assert np.isfinite(one.score).all()
    # All the chance lies on the ring at the buffer's edge, the site in its middle.
    ring = rossmo([100.0, 0.0], 100.0)
    assert ring[0] > ring[1]
    same = profile_anchor(located([127.0] * 3, [37.5] * 3), cells=41)
    assert np.allclose(same.score, 3 * one.score)
    line = profile_anchor(located([127.0, 127.1], [37.5, 37.5]), cells=20)
    assert np.isfinite(line.score).all()


def test_weights_and_membership_count() -> None:
    half = SQUARE.assign(weight=[1.0, 0.5, 1, 1, 1])
    member = SQUARE.assign(series_weight=[1.0, 0.5, 1, 1, 1])
    assert np.allclose(profile_anchor(half, cells=20).score, profile_anchor(member, cells=20).score)
    nowhere = located([0.0], [0.0]).assign(event_id="X", venue_id=None, weight=0.0)
    nowhere["venue_id"] = nowhere["venue_id"].astype("str")
    with_lost = pd.concat([SQUARE, nowhere])
    assert np.allclose(
        profile_anchor(with_lost, cells=20).score, profile_anchor(SQUARE, cells=20).score
    )


def test_places_may_come_from_the_register() -> None:
    venues = SQUARE[["venue_id", "geometry"]]
    moved = SQUARE.set_geometry(SQUARE.geometry.translate(1.0))
    assert np.allclose(
        profile_anchor(moved, venues, cells=20).score, profile_anchor(SQUARE, cells=20).score
    )
    with pytest.raises(ParameterError, match="1 rows without a place"):
        profile_anchor(SQUARE.set_geometry(SQUARE.geometry.where(SQUARE["venue_id"] != "V0")))


def test_a_venue_outside_the_register_is_left_out_and_told() -> None:
    some = SQUARE.iloc[:4]
    register = some[["venue_id", "geometry"]]
    profile = profile_anchor(SQUARE, register, cells=20)
    assert np.array_equal(profile.score, profile_anchor(some, register, cells=20).score)
    name = SQUARE["venue_id"].iloc[4]
    assert f"1 upload (weight 1) at venues outside the register, e.g. {name}" in str(profile)
    assert "outside" not in str(profile_anchor(some, register, cells=20))


def test_it_prints() -> None:
    profile = profile_anchor(SQUARE, cells=60)
    assert str(profile).startswith("Anchor profile (cgt, buffer ")
    assert "<table" in profile._repr_html_()
    assert profile.provenance.parameters["f"] == "1.2"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"method": "guess"}, "method"),
        ({"cells": 1}, "cells"),
        ({"count": "all"}, "count"),
        ({"f": 0.0}, "f"),
        ({"buffer_m": -1.0}, "buffer_m"),
        ({"method": "negative_exponential", "scale_m": 0.0}, "scale_m"),
        ({"series": "S9"}, "series"),
    ],
)
def test_errors_name_the_argument(more: dict[str, Any], word: str) -> None:
    table = SQUARE.assign(series_id="S1")
    with pytest.raises(ParameterError, match=rf"^{word}: found .*hint: "):
        profile_anchor(table, **more)


def test_of_several_series_the_largest_is_taken_and_said() -> None:
    table = SQUARE.assign(series_id=["S1", "S1", "S2", "S2", "S2"])
    made = profile_anchor(table, cells=20)
    assert made.series == "S2"
    assert "of S2, the one with the most uploads of 2" in str(made)
    named = profile_anchor(table, series="S1", cells=20)
    assert len(named.sites) == 2
    assert "most uploads" not in str(named)


def test_negative_lengths_are_refused() -> None:
    with pytest.raises(ParameterError, match="lengths"):
        rossmo([-1.0], 1.0)
