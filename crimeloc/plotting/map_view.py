"""A map of one result, to be looked at in a notebook: one small page, one legend, no request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from crimeloc.messages.words import Words
from crimeloc.plotting.map_legend import Entry, Frame
from crimeloc.plotting.offline import leaflet, map_parts, one_file, save_page
from crimeloc.plotting.style import STYLE

__all__ = ["MapView", "map_view"]

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

_SCRIPT = """
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("cl-data").textContent);
  var map = window[data.map], layers = {};
  Object.keys(data.layers).forEach(function (key) { layers[key] = window[data.layers[key]]; });
  L.control.zoom({zoomInTitle: data.zoom_in, zoomOutTitle: data.zoom_out}).addTo(map);
  L.control.scale({imperial: false, maxWidth: 140}).addTo(map);
  function home() {
    map.invalidateSize(false);
    map.fitBounds(data.bounds, {animate: false, padding: [20, 20]});
  }
  home();
  window.addEventListener("resize", home);
  document.getElementById("cl-home").addEventListener("click", home);
  document.querySelectorAll("input[data-layer]").forEach(function (box) {
    function follow() {
      var layer = layers[box.dataset.layer];
      if (box.checked) { layer.addTo(map); } else { layer.remove(); }
      var slider = box.dataset.layer === "frames" && document.getElementById("cl-slider");
      if (slider) {
        slider.disabled = !box.checked;
        var heat = document.querySelector("input[data-layer=heat]");
        if (box.checked && heat && heat.checked) { heat.checked = false; layers.heat.remove(); }
      }
    }
    box.addEventListener("change", follow);
    if (!box.checked) { layers[box.dataset.layer].remove(); }
  });
  var slider = document.getElementById("cl-slider");
  if (slider) {
    var move = function () {
      var frame = data.frames[+slider.value];
      layers.frames.setUrl(frame.picture);
      document.getElementById("cl-slider-text").textContent = frame.text;
      slider.setAttribute("aria-valuetext", frame.text);
    };
    slider.addEventListener("input", move);
    move();
  }
  document.documentElement.dataset.ready = "yes";
})();
"""


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
    words: Words,
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
    words : Words
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
    import folium

    south, west, north, east = bounds
    chart = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=12,
        tiles=None,
        zoom_control=False,
        attribution_control=False,
        prefer_canvas=True,
        zoom_snap=0.25,
    )
    for entry in entries:
        entry.layer.add_to(chart)
    parts = map_parts(chart, {entry.key: entry.layer for entry in entries})
    data: dict[str, Any] = {
        "map": parts.name,
        "layers": parts.layers,
        "bounds": [[south, west], [north, east]],
        "frames": [vars(frame) for frame in frames],
        "zoom_in": words("map.zoom_in"),
        "zoom_out": words("map.zoom_out"),
    }
    page = one_file(
        title=title,
        lang=words.lang,
        styles=[leaflet()[0], STYLE, _LOOK],
        body=_body(title, entries, parts.body, words),
        scripts=["L_NO_TOUCH=false;L_DISABLE_3D=false;" + leaflet()[1], parts.script, _SCRIPT],
        data=data,
    )
    return MapView(page, title, height)


def _body(title: str, entries: Sequence[Entry], live: str, words: Words) -> str:
    items = "".join(
        f'<li><label><input type="checkbox" data-layer="{escape(entry.key)}"'
        f"{' checked' if entry.shown else ''}>{escape(entry.label)}</label>"
        f'<div class="cl-key">{entry.swatch}</div><p>{escape(entry.note)}</p></li>'
        for entry in reversed(entries)
    )
    label = escape(words("alt.map", title=title))
    return (
        f'<main class="cl-view"><div class="cl-map" role="region" aria-label="{label}">{live}</div>'
        f'<div class="cl-panel"><h1>{escape(title)}</h1><ul>{items}</ul>'
        f'<p><button type="button" id="cl-home">{escape(words("map.home"))}</button></p>'
        "</div></main>"
    )
