"""The map as a picture: for paper, and wherever no script runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.geometry import EARTH_RADIUS_M, lonlat
from crimeloc.messages.translator import Translator
from crimeloc.plotting.axes import start_axes
from crimeloc.plotting.colours import CLUSTER, DISTRICT, HEAT, INK, SCAN, VENUE
from crimeloc.plotting.fonts import font
from crimeloc.plotting.ground_layers import GRID, MOVE, OWN, Move, degrees_in
from crimeloc.plotting.heat import Heat
from crimeloc.plotting.heat_maps import HeatMap
from crimeloc.plotting.layers import radius_px
from crimeloc.plotting.map_legend import MapTables, bounds_of, district_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_paper_map", "paper_map"]

_NICE = (1.0, 2.0, 5.0)
_SHAPE = 0.86  # height over width of the sheet


def paper_map(
    venues: pd.DataFrame,
    heat: HeatMap,
    *,
    bounds: tuple[float, float, float, float] | None = None,
    top: int = 10,
    tables: MapTables | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Where, on one sheet of paper?

    Parameters
    ----------
    venues : DataFrame
        Ranked venues, likeliest first, with ``lon``, ``lat`` and ``probability``.
    heat : HeatMap
        As `crimeloc.plotting.heat_map` gives it.
    bounds : tuple of float, optional
        South, west, north, east of what matters, in degrees; by default around the past uploads
        and the numbered venues.
    top : int
        How many venues are numbered.
    tables : MapTables, optional
        Clusters, scan clusters and districts.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        In metres on the ground at the middle of the sheet, north up, with scale bar, north arrow
        and legend.
    """
    return draw_paper_map(
        venues, heat, Translator(lang), bounds=bounds, top=top, tables=tables, ax=ax
    )


def draw_paper_map(
    venues: pd.DataFrame,
    heat: HeatMap,
    words: Translator,
    *,
    bounds: tuple[float, float, float, float] | None = None,
    top: int = 10,
    tables: MapTables | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the map with the words of a translator."""
    ax = start_axes(ax, (7.1, 6.9))
    clusters, scan, _, districts, own, moves = tables or MapTables()
    south, west, north, east = bounds or bounds_of(venues, heat, top)
    middle = ((south + north) / 2, (west + east) / 2)
    corners = _plane(np.array([[west, south], [east, north]]), middle)
    _own_shapes(ax, own, middle)
    _surface(ax, heat.surface, heat.steps, middle)
    rings = [
        (table, colour, style, words(f"layer.{key}"))
        for table, colour, style, key in (
            (clusters, CLUSTER, "--", "clusters"),
            (scan, SCAN, ":", "scan"),
        )
        if table is not None and len(table)
    ]
    for table, colour, style, _ in rings:
        _rings(ax, table, colour, style, middle)
    centre, span = corners.mean(axis=0), corners[1] - corners[0]
    high = 1.12 * max(float(span[1]), float(span[0]) * _SHAPE)
    ax.set_xlim(centre[0] - high / _SHAPE / 2, centre[0] + high / _SHAPE / 2)
    ax.set_ylim(centre[1] - high / 2, centre[1] + high / 2)
    ax.set_aspect("equal")
    if districts is not None and len(districts):
        _outlines(ax, districts, middle)
    else:
        _grid(ax, (south, west, north, east), middle)
    spots = _marks(ax, venues, top, middle)
    if districts is not None and len(districts):
        _names(ax, districts, middle, spots)
    _moves(ax, moves, middle)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color(INK["line"])
    _scale_bar(ax, words)
    _legend(ax, venues, heat.steps, words, [ring[1:] for ring in rings], list(own))
    return ax


def _plane(degrees: NDArray[np.float64], middle: tuple[float, float]) -> NDArray[np.float64]:
    """Put degrees on the plane of the heat, scaled to metres on the ground at the middle."""
    scale = EARTH_RADIUS_M * np.cos(np.radians(middle[0]))
    x = scale * np.radians(degrees[:, 0] - middle[1])
    y = scale * (_stretch(degrees[:, 1]) - _stretch(np.array([middle[0]])))
    return np.column_stack([x, y])


def _stretch(lat: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.arcsinh(np.tan(np.radians(lat))))


def _outlines(ax: Axes, districts: gpd.GeoDataFrame, middle: tuple[float, float]) -> None:
    import shapely

    shapes = gpd.GeoSeries(districts.geometry)
    for shape in shapes:
        flat = shapely.transform(shape, lambda xy: _plane(xy, middle))
        for part in shapely.get_parts(shapely.boundary(flat)):
            line = shapely.get_coordinates(part)
            ax.plot(line[:, 0], line[:, 1], color=DISTRICT, lw=0.7, zorder=1)


def _own_shapes(ax: Axes, own: Mapping[str, gpd.GeoDataFrame], middle: tuple[float, float]) -> None:
    """Draw the analyst's own layers: points as squares, the rest as lines."""
    import shapely

    for place, table in enumerate(own.values()):
        colour = OWN[place % len(OWN)]
        for shape in table.geometry:
            flat = shapely.transform(shape, lambda xy: _plane(xy, middle))
            if flat.geom_type == "Point":
                ax.plot(flat.x, flat.y, "s", ms=3.5, color=colour, mec="white", mew=0.4, zorder=3.5)
                continue
            outline = flat.boundary if "Polygon" in flat.geom_type else flat
            for part in shapely.get_parts(outline):
                edge = shapely.get_coordinates(part)
                ax.plot(edge[:, 0], edge[:, 1], color=colour, lw=0.9, zorder=1.5)


def _grid(ax: Axes, bounds: tuple[float, float, float, float], middle: tuple[float, float]) -> None:
    """Draw round degrees, named at the edge, where there are no outlines."""
    south, west, north, east = bounds
    step = degrees_in(bounds).step
    digits = max(0, int(np.ceil(-np.log10(step) - 1e-9)))
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    wide, tall = east - west, north - south
    lines = degrees_in((south - tall, west - wide, north + tall, east + wide), step)
    look: dict[str, Any] = {"color": GRID, "lw": 0.6, "zorder": 1}
    text: dict[str, Any] = {"fontsize": 6.5, "color": INK["muted"], "zorder": 1.2, "clip_on": True}
    for lon in lines.lon:
        x = float(_plane(np.array([[lon, middle[0]]]), middle)[0, 0])
        if left < x < right:
            ax.axvline(x, **look)
            ax.text(x, high, f" {lon:.{digits}f}°", va="top", ha="left", **text)
    for lat in lines.lat:
        y = float(_plane(np.array([[middle[1], lat]]), middle)[0, 1])
        if low < y < high:
            ax.axhline(y, **look)
            ax.text(left, y, f" {lat:.{digits}f}°", va="bottom", ha="left", **text)


def _moves(ax: Axes, moves: Sequence[Move], middle: tuple[float, float]) -> None:
    """Draw an arrow from where the series was to where it went."""
    for move in moves:
        before, after = _plane(np.array([move.before, move.after]), middle)
        arrow = {"arrowstyle": "-|>", "color": MOVE, "lw": 1.4, "ls": "--", "shrinkB": 6}
        ax.annotate("", tuple(after), tuple(before), arrowprops=arrow, zorder=5.5)


def _names(
    ax: Axes,
    districts: gpd.GeoDataFrame,
    middle: tuple[float, float],
    marks: NDArray[np.float64],
) -> None:
    """Write the name of each district, beside the marks where one lies in its way."""
    from matplotlib.patheffects import withStroke

    point = _metres_per_point(ax)
    inner = _plane(
        lonlat(gpd.GeoSeries(gpd.GeoSeries(districts.geometry).representative_point())), middle
    )
    for (x, y), name in zip(inner, district_names(districts), strict=True):
        for shift in (0.0, -18.0, 18.0, -32.0, 32.0):
            off = (marks - (x, y + shift * point)) / point
            if not ((np.abs(off[:, 0]) < 26) & (np.abs(off[:, 1]) < 13)).any():
                y += shift * point
                break
        ax.text(
            x,
            y,
            name,
            ha="center",
            va="center",
            fontsize=7,
            color="#3a4149",
            zorder=4.5,
            clip_on=True,
            parse_math=False,
            fontfamily=font()[0],
            path_effects=[withStroke(linewidth=2.2, foreground="white")],
        )


def _metres_per_point(ax: Axes) -> float:
    figure: Any = ax.figure
    wide = 72 * float(figure.get_size_inches()[0]) * float(ax.get_position().width)
    low, high = ax.get_xlim()
    return (high - low) / wide


def _surface(ax: Axes, heat: Heat, steps: Sequence[float], middle: tuple[float, float]) -> None:
    if not steps:
        return
    from matplotlib.colors import to_rgba

    south, west, north, east = heat.bounds
    corners = _plane(np.array([[west, south], [east, north]]), middle)
    table = np.array([(1, 1, 1, 0.0), *(to_rgba(colour, 0.75) for colour in HEAT[: len(steps)])])
    image = (255 * table[np.searchsorted(steps, heat.density, side="right")]).astype(np.uint8)
    (left, bottom), (right, upper) = corners
    ax.imshow(image, extent=(left, right, bottom, upper), interpolation="nearest", zorder=2)


def _rings(
    ax: Axes, table: gpd.GeoDataFrame, colour: str, style: str, middle: tuple[float, float]
) -> None:
    from matplotlib.patches import Circle

    radii = table["radius_m"].to_numpy(dtype=np.float64, na_value=0.0)
    for (x, y), radius in zip(_plane(lonlat(table.geometry), middle), radii, strict=True):
        ring: dict[str, Any] = {"fill": False, "ls": style, "lw": 1.4, "zorder": 3}
        ax.add_patch(Circle((x, y), max(float(radius), 60.0), color=colour, **ring))


def _marks(
    ax: Axes, venues: pd.DataFrame, top: int, middle: tuple[float, float]
) -> NDArray[np.float64]:
    """Draw all venues and number the top ones beside one another; give where the numbers are."""
    points = _plane(venues[["lon", "lat"]].to_numpy(dtype=np.float64), middle)
    size = _areas(venues["probability"].to_numpy(dtype=np.float64))
    ax.scatter(
        points[:, 0],
        points[:, 1],
        s=size,
        color=VENUE,
        alpha=0.8,
        edgecolor="white",
        lw=0.5,
        zorder=4,
        rasterized=len(points) > 300,
    )
    spots = _apart(points[:top], 17 * _metres_per_point(ax))
    for rank, ((x, y), (at_x, at_y)) in enumerate(zip(points[:top], spots, strict=True), start=1):
        if np.isfinite(x):
            badge = {"boxstyle": "circle,pad=0.25", "fc": "#0b3d66", "ec": "white", "lw": 0.8}
            if (x, y) != (at_x, at_y):
                ax.plot([x, at_x], [y, at_y], color="#0b3d66", lw=1.2, zorder=5)
            ax.text(
                at_x,
                at_y,
                str(rank),
                ha="center",
                va="center",
                color="white",
                fontsize=7,
                zorder=6 - rank / 1_000,
                bbox=badge,
                clip_on=True,
            )
    return spots[np.isfinite(spots).all(axis=1)]


def _apart(points: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """Move points that lie on earlier ones to the nearest free spot around their own place."""
    spots = points.copy()
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ways = np.vstack(
        [
            (0.0, 0.0),
            *(
                far * least * np.column_stack([np.sin(turn), np.cos(turn)])
                for far in (1.05, 1.7, 2.4)
            ),
        ]
    )
    for place, point in enumerate(points):
        for way in ways:
            gap = np.hypot(*(spots[:place] - (point + way)).T)
            if not (gap < least).any():
                spots[place] = point + way
                break
    return spots


def _areas(
    probability: NDArray[np.float64], highest: float | None = None, count: int | None = None
) -> NDArray[np.float64]:
    """Areas in square points, of circles a bit smaller than on the screen."""
    return np.asarray((1.1 * radius_px(probability, highest, count)) ** 2)


def _scale_bar(ax: Axes, words: Translator) -> None:
    (x_low, x_high), (y_low, y_high) = ax.get_xlim(), ax.get_ylim()
    wide, high = x_high - x_low, y_high - y_low
    power = 10.0 ** np.floor(np.log10(wide / 4))
    length = max(n * power for n in _NICE if n * power <= wide / 4 or n == 1.0)
    x, y = x_low + 0.03 * wide, y_low + 0.03 * high
    tick = 0.008 * high
    ax.plot(
        [x, x, x + length, x + length],
        [y + tick, y, y, y + tick],
        color=INK["ink"],
        lw=1.6,
        zorder=8,
    )
    ax.text(
        x + length / 2,
        y + 1.5 * tick,
        words.metres(length),
        ha="center",
        va="bottom",
        fontsize=8,
        color=INK["ink"],
        zorder=8,
        fontfamily=font()[0],
    )
    ax.annotate(
        words("map.north.letter"),
        (0.965, 0.975),
        (0.965, 0.915),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontsize=9,
        color=INK["ink"],
        zorder=8,
        fontfamily=font()[0],
        arrowprops={"arrowstyle": "-|>", "color": INK["ink"]},
    )


def _legend(
    ax: Axes,
    venues: pd.DataFrame,
    steps: Sequence[float],
    words: Translator,
    rings: Sequence[tuple[str, str, str]],
    own: Sequence[str],
) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(color=colour, alpha=0.75, label=f"{step:g}")
        for step, colour in zip(steps, HEAT, strict=False)
    ]
    text: dict[str, Any] = {"family": font()[0], "size": 7.5}
    look: dict[str, Any] = {"frameon": False, "prop": text, "title_fontproperties": text}
    place: dict[str, Any] = {"borderaxespad": 0.0, "handlelength": 1.4}
    if handles:
        title = f"{words('layer.heat')} ({words('layer.heat.unit')})"
        place |= {"loc": "upper left", "bbox_to_anchor": (0.0, -0.015), "alignment": "left"}
        ax.add_artist(ax.legend(handles=handles, ncols=len(handles), title=title, **look, **place))
    highest = float(venues["probability"].max()) if len(venues) else 0.0
    chances = np.array([highest, highest / 4]) if highest > 0 else np.empty(0)
    circle: dict[str, Any] = {"marker": "o", "ls": "", "color": VENUE, "alpha": 0.8}
    signs: list[Any] = [
        Line2D([], [], **circle, ms=float(np.sqrt(area)), label=words.percent(float(chance)))
        for chance, area in zip(chances, _areas(chances, highest, len(venues)), strict=True)
    ]
    signs += [Line2D([], [], color=colour, ls=style, label=name) for colour, style, name in rings]
    mark: dict[str, Any] = {"marker": "s", "ls": "", "ms": 5}
    signs += [
        Line2D([], [], **mark, color=OWN[place % len(OWN)], label=name)
        for place, name in enumerate(own[:3])
    ]
    if signs:
        figure: Any = ax.figure
        high = 72 * float(figure.get_size_inches()[1]) * float(ax.get_position().height)
        below = (0.025, -42 / high)  # points below the map: under the colours of the heat
        place |= {"loc": "upper left", "bbox_to_anchor": below, "alignment": "left"}
        signs[0].set_label(f"{words('layer.venues')}: {signs[0].get_label()}")
        place |= {"handletextpad": 1.4, "handleheight": 3.6, "columnspacing": 2.2}
        ax.legend(handles=signs, ncols=len(signs), **look, **place)
