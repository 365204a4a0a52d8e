"""The one folium element of our own: rows of a table as marks, their texts kept as text.

folium writes a dozen lines of script per marker; here a layer is one compact table and one loop,
so that thousands of venues stay small and quick.
"""

from __future__ import annotations

import json
from typing import Any

from folium.map import Layer
from folium.template import Template

__all__ = ["Rows"]


class Rows(Layer):
    """A layer of marks from rows ``[lat, lon, size or label, text]``.

    Parameters
    ----------
    rows : list
        One entry per mark.
    style : dict
        Leaflet options of the marks.
    kind : str
        ``"circleMarker"`` (size in pixels), ``"circle"`` (size in metres), ``"mark"`` (a label
        that can be reached by keyboard) or ``"label"`` (lines of text).
    name : str
        Name of the layer.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = (function (rows, style, kind) {
          var group = L.featureGroup();
          function element(lines) {
            var box = document.createElement("div");
            lines.forEach(function (line) {
              var part = document.createElement("div");
              part.textContent = line;
              box.appendChild(part);
            });
            return box;
          }
          rows.forEach(function (row, order) {
            var place = [row[0], row[1]], mark;
            if (kind === "circleMarker" || kind === "circle") {
              mark = L[kind](place, Object.assign({radius: row[2]}, style));
            } else {
              var lines = kind === "mark" ? [row[2]] : row[2];
              var size = kind === "mark" ? [style.size, style.size] : null;
              mark = L.marker(place, {
                icon: L.divIcon({className: style.className, html: element(lines), iconSize: size}),
                zIndexOffset: (style.lift || 0) - 40 * order,
                keyboard: kind === "mark", interactive: kind === "mark",
                alt: kind === "mark" ? row[3] : ""
              });
            }
            if (row[3]) {
              mark.bindTooltip(element(row[3].split("\\n")), {className: "cl-tip"});
              mark.bindPopup(element(row[3].split("\\n")), {className: "cl-tip"});
            }
            if (kind === "mark") {
              mark.on("add", function () {
                var box = mark.getElement();
                box.setAttribute("aria-label", row[2] + ". " + row[3]);
                box.removeAttribute("title");
              });
            }
            mark.addTo(group);
          });
          return group;
        })({{ this.inert }}, {{ this.style|tojson }}, {{ this.kind|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, rows: list[list[Any]], style: dict[str, Any], kind: str, name: str) -> None:
        super().__init__(name=name, overlay=True)
        self._name = "Rows"
        self.rows = rows
        self.inert = _inert(rows)
        self.style = style
        self.kind = kind


_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "{}<>&'\u2028\u2029"}


def _inert(rows: list[list[Any]]) -> str:
    """Give rows as JSON in which no sign can start markup, script or a template.

    branca compiles what a layer rendered as a template once more, so that braces in a venue's name
    would be carried out. Rows hold lists, texts and numbers: every brace in them is text.
    """
    return json.dumps(rows, ensure_ascii=False, allow_nan=False).translate(_ESCAPED)
