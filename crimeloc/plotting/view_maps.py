"""Maps of single results: what stands behind `.map()`.

Each is a few layers over tables, with one legend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from crimeloc.errors import ParameterError
from crimeloc.geometry import lonlat
from crimeloc.messages import Hint, Message
from crimeloc.messages.translator import Translator
from crimeloc.plotting.colours import CLUSTER, PROFILE, SCAN, VENUE
from crimeloc.plotting.forecast_summary import gather
from crimeloc.plotting.ground_layers import checked_layers, own_entries
from crimeloc.plotting.heat_maps import heat_map
from crimeloc.plotting.layers import circles_layer, extent, thinned
from crimeloc.plotting.legend import Entry, dot, line
from crimeloc.plotting.map_legend import (
    MapTables,
    circle_texts,
    circles_entry,
    ground_entry,
    map_layers,
)
from crimeloc.plotting.map_view import MapView, map_view
from crimeloc.plotting.protocols import SupportsRanking, SupportsTables
from crimeloc.units import Duration

if TYPE_CHECKING:
    from crimeloc.profiling import Profile
    from crimeloc.stats.scan.result import ScanResult

__all__ = ["clusters_map", "profile_map", "ranking_map", "scan_map"]


def ranking_map(
    ranking: SupportsRanking,
    located: gpd.GeoDataFrame | None = None,
    venues: gpd.GeoDataFrame | None = None,
    *,
    series: str | None = None,
    top: int = 10,
    districts: gpd.GeoDataFrame | None = None,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    bandwidth_m: float = 400.0,
    half_life: Duration | None = "30D",
    shown: Sequence[str] | None = None,
    lang: str = "en",
    height: int = 520,
) -> MapView:
    """Where are the likeliest venues, and where has the series been?

    Parameters
    ----------
    ranking : Ranking
        As `crimeloc.rank` gives it, or anything with ``slots`` (SLOTS) and ``at``.
    located, venues : GeoDataFrame, optional
        LOCATED and VENUES; by default what the ranking itself rests on.
    series : str, optional
        The series to speak of; by default all of the ranking together.
    top : int
        How many venues and slots are marked.
    districts : GeoDataFrame, optional
        Outlines as a base map; any CRS. Without them a grid of degrees says where one is.
    layers : mapping, optional
        Layers of your own by name, such as ``{"CCTV": cctv, "rivers": rivers}``; any CRS.
    bandwidth_m : float
        Of the heat, in metres.
    half_life : str, timedelta or None
        Of the heat: age at which an upload counts half; None: nothing fades.
    shown : sequence of str, optional
        Layers switched on at first, of ``"districts"``, ``"heat"``, ``"frames"``, ``"venues"``,
        ``"slots"``, ``"top"``; by default all but ``"frames"``.
    lang : str
        ``"en"`` or ``"ko"``.
    height : int
        Height in a notebook, in pixels.

    Returns
    -------
    MapView
        Heat, heat over time, venues by probability, top slots and numbered top venues.

    Raises
    ------
    ParameterError
        The language, the series or a layer is not known.
    """
    voice = Translator(lang)
    past, register = _tables_of(ranking, located, venues)
    summary = gather(ranking, past, register, series=series)
    heat = heat_map(summary.located, summary.at, bandwidth_m=bandwidth_m, half_life=half_life)
    outlines = None if districts is None else thinned(districts)
    tables = MapTables(districts=outlines, own=checked_layers(layers))
    drawn = map_layers(summary, heat, voice, top=top, tables=tables)
    entries = drawn.entries
    if shown is not None:
        odd = sorted(set(shown) - {entry.key for entry in entries})
        if odd:
            there = ", ".join(entry.key for entry in entries)
            raise ParameterError(
                "shown",
                found=", ".join(odd),
                expected=Message("some of {there}", there=there),
                hint=Hint(shown=["heat"]),
            )
        entries = tuple(replace(entry, shown=entry.key in shown) for entry in entries)
    title = voice("view.ranking", at=voice.moment(summary.at))
    return map_view(title, entries, drawn.bounds, voice, frames=drawn.frames, height=height)


def scan_map(
    result: ScanResult,
    *,
    districts: gpd.GeoDataFrame | None = None,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    lang: str = "en",
    height: int = 520,
) -> MapView:
    """Where are the clusters that a scan found?

    Parameters
    ----------
    result : ScanResult
        As `crimeloc.scan_test` gives it.
    districts : GeoDataFrame, optional
        Outlines as a base map; any CRS. Without them a grid of degrees says where one is.
    layers : mapping, optional
        Layers of your own by name, such as ``{"CCTV": cctv, "rivers": rivers}``; any CRS.
    lang : str
        ``"en"`` or ``"ko"``.
    height : int
        Height in a notebook, in pixels.

    Returns
    -------
    MapView
        Clusters that are more than chance, and the weaker ones, switched off at first where there
        are stronger ones.
    """
    voice, table = Translator(lang), result.clusters
    beyond = (table["p_value"] <= result.alpha).to_numpy()
    strong, weak, zone = table[beyond], table[~beyond], str(result.start.tz)
    bounds = _around(strong if len(strong) else weak)
    entries = _ground(districts, layers, bounds, voice)
    if len(weak):
        texts = circle_texts(weak, "scan", voice, zone)
        layer = circles_layer(weak, texts, name="weaker", colour=PROFILE)
        note = voice("layer.weaker.note", n=voice.number(len(weak)))
        swatch = line(PROFILE, "10 4")
        title = voice("layer.weaker")
        entries.append(Entry("weaker", layer, title, note, swatch, shown=not len(strong)))
    entries.append(circles_entry(strong, SCAN, "scan", voice, zone))
    return map_view(voice("view.scan"), entries, bounds, voice, height=height)


def clusters_map(
    clusters: gpd.GeoDataFrame,
    *,
    tz: str = "UTC",
    districts: gpd.GeoDataFrame | None = None,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    lang: str = "en",
    height: int = 520,
) -> MapView:
    """Where do uploads bunch?

    Parameters
    ----------
    clusters : GeoDataFrame
        CLUSTERS, as `crimeloc.summarise_clusters` gives them.
    tz : str
        Zone of the clocks at the venues.
    districts : GeoDataFrame, optional
        Outlines as a base map; any CRS. Without them a grid of degrees says where one is.
    layers : mapping, optional
        Layers of your own by name, such as ``{"CCTV": cctv, "rivers": rivers}``; any CRS.
    lang : str
        ``"en"`` or ``"ko"``.
    height : int
        Height in a notebook, in pixels.

    Returns
    -------
    MapView
        A circle for each cluster, its radius in metres on the ground.
    """
    voice, bounds = Translator(lang), _around(clusters)
    entries = [
        *_ground(districts, layers, bounds, voice),
        circles_entry(clusters, CLUSTER, "clusters", voice, tz),
    ]
    return map_view(voice("view.clusters"), entries, bounds, voice, height=height)


def profile_map(
    profile: Profile,
    shares: tuple[float, ...] = (0.01, 0.05, 0.1),
    *,
    districts: gpd.GeoDataFrame | None = None,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    lang: str = "en",
    height: int = 520,
) -> MapView:
    """Around which place does the series turn?

    Parameters
    ----------
    profile : Profile
        As `crimeloc.profile_anchor` gives it.
    shares : tuple of float
        Shares of the grid, from the best cell down.
    districts : GeoDataFrame, optional
        Outlines as a base map; any CRS. Without them a grid of degrees says where one is.
    layers : mapping, optional
        Layers of your own by name, such as ``{"CCTV": cctv, "rivers": rivers}``; any CRS.
    lang : str
        ``"en"`` or ``"ko"``.
    height : int
        Height in a notebook, in pixels.

    Returns
    -------
    MapView
        Outlines of the areas to be searched first, and the venues they rest on.
    """
    from crimeloc.plotting.leaflet import Rows

    voice = Translator(lang)
    areas, sites = profile.search_areas(tuple(sorted(shares))), profile.sites
    west, south, east, north = areas.total_bounds
    corners = np.array([[west, south], [east, north]])
    bounds = extent(np.vstack([corners, sites[["lon", "lat"]].to_numpy(dtype=np.float64)]))
    entries = _ground(districts, layers, bounds, voice)
    named = ", ".join(voice.percent(float(share)) for share in areas["share"])
    note = voice("layer.profile.note") + " " + voice("layer.shares", shares=named)
    metric = areas.to_crs(profile.projection).geometry
    outlines = metric.buffer(1.0, join_style="mitre").buffer(-1.0, join_style="mitre")
    group = _search_layer(outlines.simplify(1.0).to_crs("EPSG:4326"), name="profile")
    label = voice("layer.profile")
    entries.append(Entry("profile", group, label, note, line(PROFILE, "")))
    rows = [
        [round(float(lat), 6), round(float(lon), 6), 5, f"{name}\n" + voice("tip.weight", n=weight)]
        for name, lon, lat, weight in zip(
            sites["venue_id"],
            sites["lon"],
            sites["lat"],
            [voice.number(float(weight), 2) for weight in sites["weight"]],
            strict=True,
        )
    ]
    style = {"color": "#ffffff", "weight": 1, "fillColor": VENUE, "fillOpacity": 0.9}
    marks = Rows(rows, style, "circleMarker", "sites")
    note = voice("layer.sites.note", n=voice.number(len(sites)))
    entries.append(Entry("sites", marks, voice("layer.sites"), note, dot(VENUE)))
    return map_view(voice("view.profile"), entries, bounds, voice, height=height)


def _tables_of(
    ranking: SupportsRanking,
    located: gpd.GeoDataFrame | None,
    venues: gpd.GeoDataFrame | None,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give the tables handed over, and those that the ranking itself rests on for the others."""
    if located is not None and venues is not None:
        return located, venues
    if not isinstance(ranking, SupportsTables):
        raise ParameterError(
            "located",
            found="a ranking without tables",
            expected="LOCATED and VENUES",
            hint="map(located, venues)",
        )
    return (
        ranking.past if located is None else located,
        ranking.register if venues is None else venues,
    )


def _search_layer(shapes: gpd.GeoSeries, *, name: str) -> Any:
    """Outline nested areas, the smallest with the thickest line."""
    import folium

    group = folium.FeatureGroup(name=name)
    for place, shape in enumerate(shapes):
        style = {"color": PROFILE, "weight": max(4.5 - 1.5 * place, 1.0), "fillOpacity": 0.06}
        one = gpd.GeoSeries([shape], crs=shapes.crs)
        folium.GeoJson(
            one.to_json(to_wgs84=False, drop_id=True),
            style_function=lambda _, style=style: style,
            smooth_factor=0.5,
        ).add_to(group)
    return group


def _ground(
    districts: gpd.GeoDataFrame | None,
    own: Mapping[str, gpd.GeoDataFrame] | None,
    bounds: tuple[float, float, float, float],
    voice: Translator,
) -> list[Entry]:
    outlines = None if districts is None else thinned(districts)
    return [ground_entry(outlines, bounds, voice), *own_entries(checked_layers(own))]


def _around(table: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Give bounds that hold each circle whole."""
    points = lonlat(table.geometry)
    if not len(points):
        return extent(points)
    reach = table["radius_m"].to_numpy(dtype=np.float64, na_value=0.0)[:, None] / 111_000.0
    wide = reach / np.cos(np.radians(points[:, 1:2]))
    step = np.hstack([wide, reach])
    return extent(np.vstack([points - step, points + step]))
