"""What moves on the page: layers, the slider over time, the way from a row to its mark.

Marks and labels of the map are laid beside one another at each zoom: a mark keeps its place or is
drawn near it with a line to it; a label that has no room is hidden until one zooms in.
"""

from __future__ import annotations

__all__ = ["SCRIPT"]

SCRIPT = """
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("cl-data").textContent);
  var root = document.documentElement;
  var themes = ["auto", "light", "dark"], theme = 0;
  var button = document.getElementById("cl-theme");
  button.addEventListener("click", function () {
    theme = (theme + 1) % 3;
    if (theme) { root.dataset.theme = themes[theme]; } else { delete root.dataset.theme; }
    button.textContent = data.themes[theme];
  });

  var map = window[data.map];
  var layers = {};
  Object.keys(data.layers).forEach(function (key) { layers[key] = window[data.layers[key]]; });
  L.control.zoom({zoomInTitle: data.zoom_in, zoomOutTitle: data.zoom_out}).addTo(map);
  L.control.scale({imperial: false, maxWidth: 160}).addTo(map);
  function home() { map.fitBounds(data.bounds, {animate: false, padding: [24, 24]}); }
  home();

  document.querySelectorAll("input[data-layer]").forEach(function (box) {
    function follow() {
      var layer = layers[box.dataset.layer];
      if (box.checked) { layer.addTo(map); } else { layer.remove(); }
      if (box.dataset.layer === "frames") {
        document.getElementById("cl-slider").disabled = !box.checked;
        if (box.checked && layers.heat) {
          var heat = document.querySelector("input[data-layer=heat]");
          if (heat && heat.checked) { heat.checked = false; layers.heat.remove(); }
        }
      }
    }
    box.addEventListener("change", follow);
    if (!box.checked) { layers[box.dataset.layer].remove(); }
  });

  var slider = document.getElementById("cl-slider");
  if (slider) {
    var say = document.getElementById("cl-slider-text");
    var move = function () {
      var frame = data.frames[+slider.value];
      layers.frames.setUrl(frame.picture);
      say.textContent = frame.text;
      slider.setAttribute("aria-valuetext", frame.text);
    };
    slider.addEventListener("input", move);
    move();
  }

  // From a number to the rows behind it, also where they are folded away.
  function unfold() {
    var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) { return; }
    for (var e = target; e; e = e.parentElement) {
      if (e.tagName === "DETAILS") { e.open = true; }
    }
    if (!target.hasAttribute("tabindex")) { target.setAttribute("tabindex", "-1"); }
    target.scrollIntoView({block: "start"});
    target.focus({preventScroll: true});
  }
  window.addEventListener("hashchange", unfold);
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a.cl-num");
    if (link && link.getAttribute("href") === location.hash) { unfold(); }
  });
  unfold();

  // Marks and labels beside one another.
  var round = [[0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1]];
  function free(taken, box) {
    return taken.every(function (other) {
      return box[2] <= other[0] || box[0] >= other[2] || box[3] <= other[1] || box[1] >= other[3];
    });
  }
  function each(layer, what) {
    if (layer && map.hasLayer(layer)) {
      layer.eachLayer(function (mark) {
        var box = mark.getElement && mark.getElement();
        if (box) { what(mark, box, map.latLngToContainerPoint(mark.getLatLng())); }
      });
    }
  }
  function tidy() {
    var frame = map.getContainer().getBoundingClientRect();
    var taken = [], room = [0, 0, frame.width, frame.height];
    document.querySelectorAll("#cl-map .leaflet-control, #cl-map .cl-north").forEach(function (e) {
      var b = e.getBoundingClientRect();
      taken.push([b.left - frame.left, b.top - frame.top, b.right - frame.left,
                  b.bottom - frame.top]);
    });
    each(layers.top, function (mark, box, at) {
      var half = 12, best = [0, 0], tries = [[0, 0]];
      [26, 46, 66].forEach(function (far) {
        round.forEach(function (way) { tries.push([far * way[0], far * way[1]]); });
      });
      var spot = tries.find(function (shift) {
        var x = at.x + shift[0], y = at.y + shift[1];
        return free(taken, [x - half, y - half, x + half, y + half]);
      }) || best;
      box.style.marginLeft = spot[0] - half + "px";
      box.style.marginTop = spot[1] - half + "px";
      var tie = box.querySelector(".cl-tie"), long = Math.hypot(spot[0], spot[1]);
      if (tie) { tie.remove(); }
      if (long) {
        tie = document.createElement("i");
        tie.className = "cl-tie";
        tie.style.width = long + "px";
        tie.style.transform = "rotate(" + Math.atan2(-spot[1], -spot[0]) + "rad)";
        box.appendChild(tie);
      }
      taken.push([at.x + spot[0] - half, at.y + spot[1] - half,
                  at.x + spot[0] + half, at.y + spot[1] + half]);
    });
    [[layers.slots, 14], [layers.districts, 0]].forEach(function (pair) {
      each(pair[0], function (mark, box, at) {
        var inner = pair[1] ? box : box.firstElementChild;
        var wide = inner.offsetWidth, high = inner.offsetHeight, gap = pair[1];
        if (!wide) { return; }
        var tries = gap ? [[gap, gap], [-wide - gap, gap], [gap, -high - gap],
          [-wide - gap, -high - gap], [-wide / 2, gap + 4], [-wide / 2, -high - gap - 4],
          [gap + 4, -high / 2], [-wide - gap - 4, -high / 2], [gap + 24, gap + 14],
          [-wide - gap - 24, gap + 14], [gap + 24, -high - gap - 14],
          [-wide - gap - 24, -high - gap - 14], [-wide / 2, gap + 30],
          [-wide / 2, -high - gap - 30]] : [[-wide / 2, -high / 2]];
        var spot = tries.find(function (shift) {
          var x = at.x + shift[0], y = at.y + shift[1];
          return x >= room[0] && y >= room[1] && x + wide <= room[2] && y + high <= room[3] &&
            free(taken, [x - 2, y - 2, x + wide + 2, y + high + 2]);
        });
        box.classList.toggle("cl-away", !spot);
        if (!spot) { return; }
        if (gap) {
          box.style.marginLeft = spot[0] + "px";
          box.style.marginTop = spot[1] + "px";
        }
        taken.push([at.x + spot[0], at.y + spot[1], at.x + spot[0] + wide, at.y + spot[1] + high]);
      });
    });
  }
  map.on("zoomend viewreset resize layeradd layerremove moveend", tidy);
  tidy();

  document.getElementById("cl-home").addEventListener("click", home);
  document.querySelectorAll("button[data-lat]").forEach(function (go) {
    go.addEventListener("click", function () {
      var place = [+go.dataset.lat, +go.dataset.lon];
      document.getElementById("cl-map").scrollIntoView({block: "nearest"});
      map.setView(place, Math.max(map.getZoom(), 15), {animate: false});
      layers.top.eachLayer(function (mark) {
        if (mark.getLatLng().equals(place, 1e-6)) { mark.openPopup(); }
      });
    });
  });
  map.whenReady(function () { root.dataset.ready = "yes"; });
})();
"""
