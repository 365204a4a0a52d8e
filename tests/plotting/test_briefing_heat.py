"""The heat: metres on the ground, nothing lost, weights and recency as told."""

from __future__ import annotations

import base64
import io
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.neighbors import KernelDensity

from crimeloc.geometry import EARTH_RADIUS_M, great_circle_m
from crimeloc.plotting.colours import HEAT
from crimeloc.plotting.heat import (
    event_weights,
    heat_surface,
    heat_surfaces,
    picture,
    places,
    spots,
    steps_below,
)


def centres(heat):
    """Longitude and latitude of the middle of each pixel."""
    south, west, north, east = heat.bounds
    rows, columns = heat.density.shape
    y = np.arcsinh(np.tan(np.radians([south, north])))
    step = (y[1] - y[0]) / rows
    lat = np.degrees(np.arctan(np.sinh(y[1] - step * (np.arange(rows) + 0.5))))
    lon = west + (east - west) / columns * (np.arange(columns) + 0.5)
    return lon, lat


def area_km2(heat):
    """Area of the pixels of each row, on the round earth."""
    _, lat = centres(heat)
    rows, columns = heat.density.shape
    south, west, north, east = heat.bounds
    wide = np.radians((east - west) / columns) * np.cos(np.radians(lat))
    y = np.arcsinh(np.tan(np.radians([south, north])))
    high = (y[1] - y[0]) / rows * np.cos(np.radians(lat))
    return wide * high * (EARTH_RADIUS_M / 1000) ** 2


def test_it_equals_the_kernel_density_of_another_library():
    rng = np.random.default_rng(3)
    lon, lat = 127 + 0.05 * rng.random(40), 37.5 + 0.04 * rng.random(40)
    weight = rng.random(40)
    heat = heat_surface(lon, lat, weight, bandwidth_m=500.0)
    grid_lon, grid_lat = centres(heat)
    at = np.radians([[grid_lat[i], grid_lon[j]] for i in range(20, 130, 30) for j in (30, 60, 100)])
    peer = KernelDensity(bandwidth=500.0, rtol=1e-8)
    scale = np.array([EARTH_RADIUS_M, EARTH_RADIUS_M * np.cos(np.radians(37.52))])
    peer.fit(np.radians(np.column_stack([lat, lon])) * scale, sample_weight=weight)
    theirs = np.exp(peer.score_samples(at * scale)) * weight.sum() * 1e6
    ours = [heat.density[i, j] for i in range(20, 130, 30) for j in (30, 60, 100)]
    # a flat map against a round one over 8 km, and pixels of an eighth of a bandwidth: 1 %
    assert np.allclose(ours, theirs, rtol=0.01, atol=1e-3 * max(ours))


@pytest.mark.parametrize("lat", [0.0, 37.5, 60.0])
def test_the_bell_is_as_wide_in_metres_at_every_latitude(lat):
    heat = heat_surface(np.array([127.0]), np.array([lat]), np.ones(1), bandwidth_m=400.0)
    grid_lon, grid_lat = centres(heat)
    row, column = np.unravel_index(heat.density.argmax(), heat.density.shape)
    across = great_circle_m(127.0, lat, grid_lon, grid_lat[row])
    down = great_circle_m(127.0, lat, grid_lon[column], grid_lat)
    top = heat.density.max()
    for metres, line in ((across, heat.density[row]), (down, heat.density[:, column])):
        assert np.allclose(line / top, np.exp(-0.5 * (metres / 400) ** 2), atol=0.01)


def test_no_weight_is_lost():
    rng = np.random.default_rng(1)
    lon, lat, weight = 126 + 2 * rng.random(50), 36 + 2 * rng.random(50), rng.random(50)
    heat = heat_surface(lon, lat, weight, bandwidth_m=300.0)  # pixels far coarser than the bell
    held = (heat.density * area_km2(heat)[:, None]).sum()
    assert held == pytest.approx(weight.sum(), rel=2e-3)  # what lies beyond four bandwidths


def test_several_surfaces_on_one_grid_are_the_same_as_one_by_one():
    lon, lat = np.array([127.0, 127.01]), np.array([37.5, 37.51])
    weights = np.array([[1.0, 0.0], [0.3, 0.7]])
    both = heat_surfaces(lon, lat, weights, bandwidth_m=300.0)
    for surface, weight in zip(both, weights, strict=True):
        alone = heat_surface(lon, lat, weight, bandwidth_m=300.0)
        assert np.array_equal(surface.density, alone.density)
        assert surface.bounds == alone.bounds


def test_weights_are_location_times_series_times_recency():
    times = pd.to_datetime(["2026-01-30 00:00Z", "2026-03-01 00:00Z", "2026-03-01 00:01Z"])
    table = pd.DataFrame({"timestamp": times, "weight": [0.8, 1.0, 1.0], "series_weight": 0.5})
    got = event_weights(table, "2026-03-01 00:00Z", "30D")
    assert got.tolist() == [0.2, 0.0, 0.0]
    assert event_weights(table, "2026-03-01 00:01Z", None).tolist() == [0.4, 0.5, 0.0]


def test_duplicate_places_are_summed_and_nothing_is_dropped():
    point = gpd.points_from_xy([127.0, 127.0, 127.1, 127.2], [37.5, 37.5, 37.6, 37.7])
    table = gpd.GeoDataFrame(
        {"venue_id": ["A", "A", None, "B"]}, geometry=gpd.GeoSeries(point, crs="EPSG:4326")
    )
    table.loc[3, "geometry"] = None
    got = places(table, np.array([0.25, 0.5, 0.1, 1.0]))
    assert got["venue_id"].tolist() == ["A", "@37.600000,127.100000"]
    assert got["weight"].tolist() == [0.75, 0.1]
    assert got["n"].tolist() == [2, 1]
    assert spots(table)[1].tolist()[3] == -1
    assert len(places(table.iloc[:0], np.empty(0))) == 0


def test_the_picture_shows_each_density_in_the_colour_of_its_step():
    steps = steps_below(8.0, 3)
    assert steps == (1.0, 2.0, 4.0)
    density = np.array([[0.5, 1.0, 3.0, 7.9]])
    code = picture(density, steps, HEAT).split(",")[1]
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGBA"))[0]
    assert image[0, 3] == 0
    want = [tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in HEAT[:3]]
    assert [tuple(int(v) for v in pixel[:3]) for pixel in image[1:]] == want


def test_the_heat_gets_darker_step_by_step_also_in_grey():
    def luminance(colour):
        parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    shades = [luminance(colour) for colour in HEAT]
    assert all(a > 1.25 * b for a, b in pairwise(shades))
