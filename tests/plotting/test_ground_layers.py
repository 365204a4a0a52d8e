"""What lies beneath a map: a grid where there are no outlines, and layers of one's own."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import pytest
from shapely import LineString, Point

from crimeloc.errors import ParameterError
from crimeloc.messages.translator import Translator
from crimeloc.plotting.ground_layers import checked_layers, degrees_in, grid_entry, own_entries
from crimeloc.plotting.map_view import map_view
from crimeloc.plotting.offline import requests_in

BOUNDS = (37.42, 126.9, 37.61, 127.12)


def drawn(entries):
    return map_view("a map", entries, BOUNDS, Translator("en")).html


@pytest.mark.parametrize("scale", [0.01, 0.2, 1.0, 7.0, 40.0])
def test_a_grid_has_a_few_round_degrees_at_every_scale(scale):
    lon, lat, step = degrees_in((30.0, 120.0, 30.0 + scale, 120.0 + scale))
    assert 2 <= len(lon) <= 7
    assert 2 <= len(lat) <= 7
    assert all(abs(value / step - round(value / step)) < 1e-6 for value in (*lon, *lat))


def test_the_grid_names_its_lines_and_goes_on_beyond_the_map():
    html = drawn([grid_entry(BOUNDS, Translator("en"))])
    assert "37.50°N" in html
    assert "127.05°E" in html
    assert "36." not in "".join(re.findall(r"\d+\.\d+°N", html))
    assert max(float(lat) for lat in re.findall(r"37\.\d+|38\.\d+", html)) > BOUNDS[2]


def test_layers_of_ones_own_are_drawn_named_and_stay_text():
    cameras = gpd.GeoDataFrame(
        {"name": ["<img src=x onerror=1>", "C-2"]},
        geometry=[Point(127.0, 37.5), Point(127.01, 37.51)],
        crs=4326,
    ).to_crs(5179)
    river = gpd.GeoDataFrame(geometry=[LineString([(126.9, 37.5), (127.1, 37.52)])], crs=4326)
    entries = own_entries(checked_layers({"CCTV": cameras, "river": river}))
    assert [(entry.label, entry.note) for entry in entries] == [
        ("CCTV", "n = 2"),
        ("river", "n = 1"),
    ]
    html = drawn(entries)
    assert requests_in(html) == []
    assert "<img" not in html
    assert "C-2" in html
    keys = json.loads(re.search(r'id="cl-data">(.*?)</script>', html).group(1))["layers"]
    assert set(keys) == {"own1", "own2"}


def test_a_layer_that_does_not_say_where_it_is_is_refused():
    bare = gpd.GeoDataFrame(geometry=[Point(1, 2)])
    for wrong in (bare, "cctv.gpkg"):
        with pytest.raises(ParameterError, match="CCTV"):
            checked_layers({"CCTV": wrong})
