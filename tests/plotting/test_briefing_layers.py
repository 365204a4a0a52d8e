"""Layers: small functions over tables that compose with any folium map."""

from __future__ import annotations

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from crimeloc.geometry import great_circle_m
from crimeloc.messages.translator import Translator
from crimeloc.plotting import layers
from crimeloc.plotting.forecast_summary import gather
from crimeloc.plotting.heat import heat_surface
from crimeloc.plotting.heat_maps import heat_map
from crimeloc.plotting.map_legend import district_names, map_layers

TABLE = pd.DataFrame(
    {
        "venue_id": ["A", "B", "C"],
        "lon": [127.0, 127.01, np.nan],
        "lat": [37.5, 37.51, np.nan],
        "probability": [0.4, 0.1, 0.05],
    }
)


def test_layers_compose_on_a_plain_folium_map():
    chart = folium.Map(location=[37.5, 127.0], tiles=None)
    one = np.array([1.0])
    heat = heat_surface(one * 127, one * 37.5, one)
    layers.heat_layer(heat, (0.1, 0.2)).add_to(chart)
    layers.venue_layer(TABLE, ["a", "b</script>", "c"]).add_to(chart)
    layers.top_layer(TABLE, ["a", "b", "c"]).add_to(chart)
    layers.slot_layer(TABLE, ["Fri", "Sat", "Sun"]).add_to(chart)
    text = chart.get_root().render()
    assert "L.imageOverlay" in text
    assert "b</script>" not in text
    assert "b\\u003c/script\\u003e" in text


def test_circle_areas_are_as_the_probabilities():
    radius = layers.radius_px(np.array([0.4, 0.1, 0.0]))
    assert radius[0] ** 2 / radius[1] ** 2 == pytest.approx(4.0)
    assert radius.tolist() == [22.0, 11.0, 3.0]
    assert layers.radius_px(np.zeros(2)).tolist() == [3.0, 3.0]


def test_no_venue_with_a_place_is_dropped():
    layer = layers.venue_layer(TABLE, ["a", "b", "c"])
    assert [row[3] for row in layer.rows] == ["a", "b"]
    assert [row[2] for row in layers.top_layer(TABLE, ["a", "b", "c"]).rows] == ["1", "2"]


def test_slots_of_a_venue_share_a_label_and_the_rest_is_counted():
    slots = TABLE.iloc[[0, 0, 0, 0, 1]]
    rows = layers.slot_layer(slots, ["1", "2", "3", "4", "5"]).rows
    assert [row[2] for row in rows] == [["1", "2", "+2"], ["5"]]


def test_clusters_keep_their_radius_in_metres():
    table = gpd.GeoDataFrame(
        {"radius_m": [300.0, 0.0]}, geometry=gpd.points_from_xy([127, 127], [37, 38]), crs=4326
    )
    layer = layers.circles_layer(table, ["a", "b"])
    assert layer.kind == "circle"
    assert [row[2] for row in layer.rows] == [300.0, 60.0]


def test_the_extent_holds_every_point_and_is_never_too_narrow():
    south, west, north, east = layers.extent(TABLE[["lon", "lat"]].to_numpy())
    assert south <= 37.5
    assert north >= 37.51
    assert west <= 127.0
    assert east >= 127.01
    one = layers.extent(np.array([[127.0, 37.5]]), least_m=1_500.0)
    assert great_circle_m(127, one[0], 127, one[2]) == pytest.approx(1_500, rel=0.01)
    assert great_circle_m(one[1], 37.5, one[3], 37.5) == pytest.approx(1_500, rel=0.01)


def test_real_outlines_are_thinned_without_gaps(reference_data):
    full = gpd.read_file(reference_data / "seoul_gu_2015.geojson")
    thin = layers.thinned(full, most=8_000)
    assert len(thin) == 25
    assert thin.count_coordinates().sum() <= 8_000
    whole = shapely.union_all(thin.geometry.to_numpy())
    parts = thin.to_crs(5179).area.sum()
    union = gpd.GeoSeries([whole], crs=4326).to_crs(5179).area.iloc[0]
    assert parts == pytest.approx(union, rel=2e-4)  # no more overlap than the file itself has
    assert parts == pytest.approx(full.to_crs(5179).area.sum(), rel=0.01)
    assert any(district_names(full))


def test_the_heat_over_time_has_one_scale_and_ends_at_the_moment(cases):
    located, venues = cases.located_case(), cases.city().venues
    summary = gather(cases.count_ranking(located, venues), located, venues)
    drawn = map_layers(summary, heat_map(summary.located, summary.at), Translator("en"), top=5)
    assert 2 <= len(drawn.frames) <= 13
    assert "to Sat 14 Feb 2026" in drawn.frames[-1].text
    counted = sum(float(frame.text.split("uploads ")[1].replace(",", "")) for frame in drawn.frames)
    assert counted == pytest.approx(summary.located["weight"].sum(), abs=0.06 * len(drawn.frames))
    assert [entry.key for entry in drawn.entries if entry.shown] == [
        "grid",
        "heat",
        "venues",
        "slots",
        "top",
    ]


def test_a_real_profile_is_drawn_as_areas_to_search_first() -> None:
    from crimeloc.profiling import profile_anchor

    places = gpd.GeoDataFrame(
        {"event_id": list("abcd"), "venue_id": list("ABCD"), "weight": 1.0, "how": "lease"},
        geometry=gpd.points_from_xy([127.0, 127.04, 127.0, 127.04], [37.5, 37.5, 37.54, 37.54]),
        crs=4326,
    )
    times = pd.date_range("2026-01-01", periods=4, tz="UTC")
    areas = profile_anchor(places.assign(timestamp=times), cells=30).search_areas()
    assert areas is not None
    assert areas["share"].tolist() == [0.01, 0.05, 0.1]
    assert set(areas.geom_type) <= {"Polygon", "MultiPolygon"}
