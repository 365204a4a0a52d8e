"""Map layers: each a small function over a table, giving a folium layer that composes with others.

Every layer can be added to any `folium.Map`. Texts from tables reach the page as text nodes, never
as markup. Sizes on the ground are in metres and do not change with the zoom.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.geometry import great_circle_m, local_projection, lonlat
from crimeloc.plotting.colours import CLUSTER, DISTRICT, HEAT, PROFILE, SCAN, VENUE
from crimeloc.plotting.heat import Heat, picture

if TYPE_CHECKING:
    import folium

__all__ = [
    "areas_layer",
    "circles_layer",
    "district_layer",
    "heat_layer",
    "picture_layer",
    "slot_layer",
    "top_layer",
    "venue_layer",
]

SMALLEST_PX, LARGEST_PX = 3.0, 22.0
_COARSEST_M = 320.0


def heat_layer(
    heat: Heat, steps: Sequence[float], *, name: str = "heat", show: bool = True
) -> folium.raster_layers.ImageOverlay:
    """Where has the series been? Lay a heat surface on the map.

    Parameters
    ----------
    heat : Heat
        As `crimeloc.plotting.heat.heat_surface` gives it.
    steps : sequence of float
        Densities at which the colour changes, rising.
    name : str
        Name of the layer.
    show : bool
        Is it shown at first?

    Returns
    -------
    ImageOverlay
        A folium layer.
    """
    return picture_layer(picture(heat.density, steps, HEAT), heat.bounds, name=name, show=show)


def picture_layer(
    painted: str,
    bounds: tuple[float, float, float, float],
    *,
    name: str = "heat",
    show: bool = True,
) -> folium.raster_layers.ImageOverlay:
    """Lay a painted picture on the map.

    Parameters
    ----------
    painted : str
        A data address, as `crimeloc.plotting.heat.picture` gives it.
    bounds : tuple of float
        South, west, north, east in degrees.
    name : str
        Name of the layer.
    show : bool
        Is it shown at first?

    Returns
    -------
    ImageOverlay
        A folium layer.
    """
    import folium

    south, west, north, east = bounds
    return folium.raster_layers.ImageOverlay(
        painted,
        bounds=[[south, west], [north, east]],
        name=name,
        show=show,
        alt=name,
        class_name="cl-heat",
    )


def venue_layer(venues: pd.DataFrame, texts: Sequence[str], *, name: str = "venues") -> Any:
    """How likely is each venue? One circle each, its area as its probability.

    Parameters
    ----------
    venues : DataFrame
        ``lon``, ``lat`` and ``probability``; rows without a place are left out.
    texts : sequence of str
        What each circle says when pointed at.
    name : str
        Name of the layer.

    Returns
    -------
    Layer
        A folium layer.
    """
    known = venues[["lon", "lat", "probability"]].notna().all(axis=1).to_numpy()
    shown = venues[known]
    radius = radius_px(shown["probability"].to_numpy(dtype=np.float64))
    rows = [
        [round(float(lat), 6), round(float(lon), 6), round(float(size), 1), text]
        for lat, lon, size, text in zip(
            shown["lat"],
            shown["lon"],
            radius,
            [text for text, keep in zip(texts, known, strict=True) if keep],
            strict=True,
        )
    ]
    style = {"color": "#ffffff", "weight": 1, "fillColor": VENUE, "fillOpacity": 0.8}
    return _rows_layer(rows, style, "circleMarker", name)


def radius_px(
    probability: np.ndarray, highest: float | None = None, count: int | None = None
) -> np.ndarray:
    """Give the radius of a venue's circle in pixels: its area grows with its probability.

    Parameters
    ----------
    probability : ndarray, shape (n,)
        Probabilities.
    highest : float, optional
        The probability of the largest circle; by default the highest given.
    count : int, optional
        Circles on the map; by default those given. Where there are many they are smaller, so that
        they do not hide the heat beneath.

    Returns
    -------
    ndarray, shape (n,)
        For up to 150 venues between 3 px (so that no venue is lost) and 22 px; for 2,000 between
        1 px and 6 px.
    """
    crowd = np.sqrt(max(len(probability) if count is None else count, 150) / 150)
    largest = max(LARGEST_PX / crowd, 5.0)
    smallest = max(SMALLEST_PX / crowd, 1.0)
    top = highest if highest is not None else float(probability.max(initial=0.0))
    if not top > 0:
        return np.full(len(probability), smallest)
    return np.asarray(np.maximum(largest * np.sqrt(probability / top), smallest))


def top_layer(venues: pd.DataFrame, texts: Sequence[str], *, name: str = "top") -> Any:
    """Which venues are likeliest? A numbered mark at each, which the keyboard reaches.

    Parameters
    ----------
    venues : DataFrame
        The top venues, likeliest first, with ``lon`` and ``lat``.
    texts : sequence of str
        What each mark says.
    name : str
        Name of the layer.

    Returns
    -------
    Layer
        A folium layer.
    """
    rows = [
        [round(float(lat), 6), round(float(lon), 6), str(rank), text]
        for rank, (lat, lon, text) in enumerate(
            zip(venues["lat"], venues["lon"], texts, strict=True), start=1
        )
        if np.isfinite(lat) and np.isfinite(lon)
    ]
    return _rows_layer(rows, {"className": "cl-mark", "size": 24, "lift": 4000}, "mark", name)


def slot_layer(slots: pd.DataFrame, texts: Sequence[str], *, name: str = "slots") -> Any:
    """When at which venue? A label with the top slots of each venue.

    Parameters
    ----------
    slots : DataFrame
        Top slots, likeliest first, with ``venue_id``, ``lon`` and ``lat``.
    texts : sequence of str
        The label of each slot.
    name : str
        Name of the layer.

    Returns
    -------
    Layer
        A folium layer; slots at one venue share a label. The page's script lays the labels beside
        the marks, and hides those that have no room at this zoom.
    """
    labels: dict[str, list[Any]] = {}
    for venue, lat, lon, text in zip(
        slots["venue_id"], slots["lat"], slots["lon"], texts, strict=True
    ):
        if np.isfinite(lat) and np.isfinite(lon):
            row = labels.setdefault(str(venue), [round(float(lat), 6), round(float(lon), 6), []])
            row[2].append(text)
    rows = [
        [lat, lon, [*lines[:2], *([f"+{len(lines) - 2}"] if len(lines) > 2 else [])], ""]
        for lat, lon, lines in labels.values()
    ]
    return _rows_layer(rows, {"className": "cl-slot", "lift": 2000}, "label", name)


def circles_layer(
    table: gpd.GeoDataFrame, texts: Sequence[str], *, name: str = "clusters", colour: str = CLUSTER
) -> Any:
    """Where do events bunch? One circle per cluster, its radius in metres on the ground.

    Parameters
    ----------
    table : GeoDataFrame
        CLUSTERS, or any table with ``radius_m`` and points.
    texts : sequence of str
        What each circle says.
    name : str
        Name of the layer.
    colour : str
        Colour of its outline.

    Returns
    -------
    Layer
        A folium layer. A radius below 60 m is drawn as 60 m, to be seen at all.
    """
    points = lonlat(table.geometry.centroid if _has_areas(table) else table.geometry)
    radius = table["radius_m"].to_numpy(dtype=np.float64, na_value=0.0)
    rows = [
        [round(float(lat), 6), round(float(lon), 6), max(float(size), 60.0), text]
        for (lon, lat), size, text in zip(points, radius, texts, strict=True)
        if np.isfinite(lat)
    ]
    dashes = {CLUSTER: "6 4", SCAN: "2 5", PROFILE: "10 4"}.get(colour, "6 4")
    style = {"color": colour, "weight": 3, "dashArray": dashes, "fillOpacity": 0.04}
    return _rows_layer(rows, style, "circle", name)


def areas_layer(
    table: gpd.GeoDataFrame, *, name: str = "areas", colour: str = PROFILE, show: bool = True
) -> Any:
    """Which areas does this table outline?

    Parameters
    ----------
    table : GeoDataFrame
        Polygons with a CRS.
    name : str
        Name of the layer.
    colour : str
        Colour of the outline.
    show : bool
        Is it shown at first?

    Returns
    -------
    GeoJson
        A folium layer.
    """
    import folium

    shapes = gpd.GeoSeries(table.geometry).to_crs("EPSG:4326")
    style = {"color": colour, "weight": 2.5, "fillOpacity": 0.05, "dashArray": "10 4"}
    return folium.GeoJson(
        shapes.to_json(to_wgs84=False, drop_id=True),
        name=name,
        style_function=lambda _: style,
        show=show,
        smooth_factor=0.5,
    )


def district_layer(
    districts: gpd.GeoDataFrame, labels: Sequence[str], *, name: str = "districts"
) -> Any:
    """Where is what? Outlines as a base map that needs no tiles.

    Parameters
    ----------
    districts : GeoDataFrame
        Polygons with a CRS, thinned to what the eye can see.
    labels : sequence of str
        Name of each; an empty text draws none.
    name : str
        Name of the layer.

    Returns
    -------
    Layer
        A folium layer of outlines and names.
    """
    import folium

    shapes = gpd.GeoSeries(districts.geometry).to_crs("EPSG:4326")
    style = {"color": DISTRICT, "weight": 1.2, "fill": False}
    group = folium.FeatureGroup(name=name)
    folium.GeoJson(
        shapes.to_json(to_wgs84=False, drop_id=True),
        style_function=lambda _: style,
        interactive=False,
        smooth_factor=0.5,
    ).add_to(group)
    inner = lonlat(gpd.GeoSeries(shapes.representative_point()))
    rows = [
        [round(float(lat), 5), round(float(lon), 5), [text], ""]
        for (lon, lat), text in zip(inner, labels, strict=True)
        if text and np.isfinite(lat)
    ]
    _rows_layer(rows, {"className": "cl-district", "lift": -4000}, "label", name).add_to(group)
    return group


def thinned(districts: gpd.GeoDataFrame, most: int = 12_000) -> gpd.GeoDataFrame:
    """Give outlines with fewer corners, so that the page stays small.

    Parameters
    ----------
    districts : GeoDataFrame
        Polygons with a CRS.
    most : int
        How many corners in all are enough.

    Returns
    -------
    GeoDataFrame
        In EPSG:4326. Shared borders are kept shared. Corners are left in, however many, before a
        border is moved by more than about 320 m.
    """
    shapes = districts.to_crs("EPSG:4326")
    if not len(shapes):
        return shapes
    west, south, east, north = shapes.total_bounds
    plane = local_projection([[west, south], [east, north]])
    full = gpd.GeoSeries(shapes.geometry).to_crs(plane)
    thin, tolerance_m = full, 5.0
    while int(thin.count_coordinates().sum()) > most and tolerance_m <= _COARSEST_M:
        with np.errstate(all="ignore"):  # GEOS leaves floating-point flags behind
            thin = full.simplify_coverage(tolerance_m)
        tolerance_m *= 2
    return shapes.set_geometry(thin.to_crs("EPSG:4326"))


def extent(points: np.ndarray, least_m: float = 1_500.0) -> tuple[float, float, float, float]:
    """Give south, west, north, east around points, at least `least_m` metres wide.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Longitude and latitude in degrees.
    least_m : float
        Smallest width and height in metres.

    Returns
    -------
    tuple of float
        Degrees; the whole world's middle where there is no point.
    """
    known = points[np.isfinite(points).all(axis=1)]
    if not len(known):
        return -1.0, -1.0, 1.0, 1.0
    (west, south), (east, north) = known.min(axis=0), known.max(axis=0)
    lat, lon = (south + north) / 2, (west + east) / 2
    high = least_m / float(great_circle_m(lon, lat - 0.5, lon, lat + 0.5))
    wide = least_m / max(float(great_circle_m(lon - 0.5, lat, lon + 0.5, lat)), 1.0)
    half_high, half_wide = max(north - south, high) / 2, max(east - west, wide) / 2
    return (
        float(lat - half_high),
        float(lon - half_wide),
        float(lat + half_high),
        float(lon + half_wide),
    )


def _has_areas(table: gpd.GeoDataFrame) -> bool:
    return bool((table.geometry.geom_type.dropna() != "Point").any())


def _rows_layer(rows: list[list[Any]], style: dict[str, Any], kind: str, name: str) -> Any:
    from crimeloc.plotting.leaflet import Rows

    return Rows(rows, style, kind, name)
