"""A map of one result, to be looked at in a notebook: one small page, one legend, no request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from crimeloc.messages.translator import Translator
from crimeloc.plotting.legend import Entry, Frame, legend_items
from crimeloc.plotting.map_script import MAP_SCRIPT
from crimeloc.plotting.offline import leaflet, map_parts, one_file, save_page
from crimeloc.plotting.style import STYLE

__all__ = ["LiveMap", "MapView", "live_map", "map_view", "north_arrow"]

_LABELS = (("slots", 14), ("moves", 12), ("districts", 0), ("grid", 0))
"""Layers of labels in the order in which they find room, and how far each keeps from its place."""

_LOOK = """
html, body { height:100%; } body { background:var(--card); }
.cl-view { display:grid; grid-template-columns:minmax(0,1fr) 250px; height:100vh; }
.cl-view .cl-map { min-height:0; height:100%; border-radius:0; border-width:0 1px 0 0; }
.cl-view .cl-panel { overflow-y:auto; padding:10px 14px; font-size:13px; }
.cl-view h1 { font-size:14px; margin:0 0 8px; }
@media (max-width:620px) { .cl-view { grid-template-columns:minmax(0,1fr);
  grid-template-rows:minmax(260px,3fr) 2fr; } .cl-view .cl-map { border-width:0 0 1px 0; } }
@media print { .cl-view { display:grid; } .cl-map, .cl-panel { display:block !important; } }
"""

_READY = 'document.documentElement.dataset.ready = "yes";'


@dataclass(frozen=True)
class MapView:
    """A map that needs nothing beside it.

    Parameters
    ----------
    html : str
        The whole page.
    title : str
        What it shows.
    height : int
        Height in a notebook, in pixels.
    """

    html: str = field(repr=False)
    title: str
    height: int = 520

    def save(self, path: str | Path) -> Path:
        """Write the map as one file that makes no request.

        Parameters
        ----------
        path : str or Path
            Where to; an existing file is replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        CrimelocError
            It would fetch something from outside itself; nothing is written.
        """
        return save_page(self.html, path, "map", "leave out layers of your own")

    def _repr_html_(self) -> str:
        page, title = escape(self.html), escape(self.title)
        look = f"width:100%;height:{self.height}px;border:1px solid #d0d7de;border-radius:8px"
        return f'<iframe title="{title}" style="{look}" srcdoc="{page}"></iframe>'


def map_view(
    title: str,
    entries: Sequence[Entry],
    bounds: tuple[float, float, float, float],
    words: Translator,
    *,
    frames: Sequence[Frame] = (),
    height: int = 520,
) -> MapView:
    """Put layers on a map with their legend, which is also the switch of the layers.

    Parameters
    ----------
    title : str
        What it shows, in plain text.
    entries : sequence of Entry
        The layers, lowest first.
    bounds : tuple of float
        South, west, north, east in degrees.
    words : Translator
        The language.
    frames : sequence of Frame
        Steps of the layer ``frames``, if it is among the entries.
    height : int
        Height in a notebook, in pixels.

    Returns
    -------
    MapView
        Shows itself in a notebook.
    """
    live = live_map(entries, bounds, words, frames=frames)
    page = one_file(
        title=title,
        lang=words.lang,
        styles=[leaflet()[0], STYLE, _LOOK],
        body=_body(title, entries, live.body, words),
        scripts=[*live.scripts, _READY],
        data=live.data,
    )
    return MapView(page, title, height)


class LiveMap(NamedTuple):
    """A map that moves, in pieces that stand in a page.

    Parameters
    ----------
    body : str
        The element that holds it.
    scripts : list of str
        What draws and moves it.
    data : dict
        What the scripts read.
    """

    body: str
    scripts: list[str]
    data: dict[str, Any]


def live_map(
    entries: Sequence[Entry],
    bounds: tuple[float, float, float, float],
    words: Translator,
    *,
    frames: Sequence[Frame] = (),
    tiles: str | None = None,
) -> LiveMap:
    """Put layers on a map that makes no request.

    Parameters
    ----------
    entries : sequence of Entry
        The layers, lowest first.
    bounds : tuple of float
        South, west, north, east in degrees.
    words : Translator
        The language.
    frames : sequence of Frame
        Steps of the layer ``frames``, if it is among the entries.
    tiles : str, optional
        Address of a tile server inside the house.

    Returns
    -------
    LiveMap
        Its pieces; the page needs elements ``cl-map`` around the body and ``cl-home``.
    """
    import folium

    south, west, north, east = bounds
    chart = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=12,
        tiles=None,
        zoom_control=False,
        attribution_control=bool(tiles),
        prefer_canvas=True,
        zoom_snap=0.25,
    )
    if tiles:
        folium.TileLayer(tiles, attr=" ", control=False).add_to(chart)
    for entry in entries:
        entry.layer.add_to(chart)
    parts = map_parts(chart, {entry.key: entry.layer for entry in entries})
    known = {entry.key for entry in entries}
    data = {
        "map": parts.name,
        "layers": parts.layers,
        "labels": [[key, gap] for key, gap in _LABELS if key in known],
        "bounds": [[south, west], [north, east]],
        "frames": [vars(frame) for frame in frames],
        "zoom_in": words("map.zoom_in"),
        "zoom_out": words("map.zoom_out"),
        "play": words("layer.frames.play"),
        "pause": words("layer.frames.pause"),
    }
    first = "L_NO_TOUCH=false;L_DISABLE_3D=false;" + leaflet()[1]
    return LiveMap(parts.body + north_arrow(words), [first, parts.script, MAP_SCRIPT], data)


def north_arrow(words: Translator) -> str:
    """Give the arrow that stands in a corner of the map."""
    arrow = (
        '<svg width="16" height="18" viewBox="0 0 16 18" aria-hidden="true">'
        '<path d="M8 0 L14 17 L8 13 L2 17 Z" fill="#1b1f24"/></svg>'
    )
    return (
        f'<div class="cl-north" role="img" aria-label="{escape(words("map.north"))}">{arrow}'
        f"{escape(words('map.north.letter'))}</div>"
    )


def _body(title: str, entries: Sequence[Entry], live: str, words: Translator) -> str:
    label = escape(words("alt.map", title=title))
    return (
        '<main class="cl-view"><div class="cl-map" id="cl-map" role="region" '
        f'aria-label="{label}">{live}</div>'
        f'<div class="cl-panel"><h1>{escape(title)}</h1><ul>{legend_items(entries)}</ul>'
        f'<p><button type="button" id="cl-home">{escape(words("map.home"))}</button></p>'
        "</div></main>"
    )
