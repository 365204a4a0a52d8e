"""What moves on a map: layers, labels, the slider over time. The page and `.map()` share it.

Marks and labels are laid beside one another at each zoom: a mark keeps its place or is drawn near
it with a line to it; a label that has no room is hidden until one zooms in. The slider over time
can be played: by its button, or by the space bar while the slider has the focus.
"""

from __future__ import annotations

__all__ = ["MAP_SCRIPT"]

MAP_SCRIPT = """
window.clMap = (function () {
  "use strict";
  var data = JSON.parse(document.getElementById("cl-data").textContent);
  var map = window[data.map];
  var layers = {};
  Object.keys(data.layers).forEach(function (key) { layers[key] = window[data.layers[key]]; });
  L.control.zoom({zoomInTitle: data.zoom_in, zoomOutTitle: data.zoom_out}).addTo(map);
  L.control.scale({imperial: false, maxWidth: 150}).addTo(map);
  function home() {
    map.invalidateSize(false);
    map.fitBounds(data.bounds, {animate: false, padding: [24, 24]});
  }
  home();
  document.getElementById("cl-home").addEventListener("click", home);

  var slider = document.getElementById("cl-slider");
  document.querySelectorAll("input[data-layer]").forEach(function (box) {
    function follow() {
      var layer = layers[box.dataset.layer];
      if (box.checked) { layer.addTo(map); } else { layer.remove(); }
      if (box.dataset.layer === "frames") {
        slider.disabled = document.getElementById("cl-play").disabled = !box.checked;
        var heat = document.querySelector("input[data-layer=heat]");
        if (box.checked && heat && heat.checked) { heat.checked = false; layers.heat.remove(); }
      }
    }
    box.addEventListener("change", follow);
    if (!box.checked) { layers[box.dataset.layer].remove(); }
  });

  if (slider) {
    var say = document.getElementById("cl-slider-text");
    var button = document.getElementById("cl-play"), playing = null;
    var move = function () {
      var frame = data.frames[+slider.value];
      layers.frames.setUrl(frame.picture);
      say.textContent = frame.text;
      slider.setAttribute("aria-valuetext", frame.text);
    };
    var stop = function () {
      clearInterval(playing);
      playing = null;
      button.textContent = data.play;
      button.setAttribute("aria-pressed", "false");
    };
    var play = function () {
      if (playing) { stop(); return; }
      if (+slider.value >= +slider.max) { slider.value = slider.min; move(); }
      button.textContent = data.pause;
      button.setAttribute("aria-pressed", "true");
      playing = setInterval(function () {
        if (slider.disabled || +slider.value >= +slider.max) { stop(); return; }
        slider.value = +slider.value + 1;
        move();
      }, 900);
    };
    slider.addEventListener("input", function () { if (playing) { stop(); } move(); });
    slider.addEventListener("keydown", function (event) {
      if (event.key === " ") { event.preventDefault(); play(); }
    });
    button.addEventListener("click", play);
    move();
  }

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
        if (box && mark.getLatLng) {
          what(mark, box, map.latLngToContainerPoint(mark.getLatLng()));
        } else if (mark.eachLayer) { each(mark, what); }
      });
    }
  }
  function placeMarks(taken) {
    each(layers.top, function (mark, box, at) {
      var half = 12, tries = [[0, 0]];
      [26, 46, 66].forEach(function (far) {
        round.forEach(function (way) { tries.push([far * way[0], far * way[1]]); });
      });
      var spot = tries.find(function (shift) {
        var x = at.x + shift[0], y = at.y + shift[1];
        return free(taken, [x - half, y - half, x + half, y + half]);
      }) || [0, 0];
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
  }
  function placeLabels(layer, gap, taken, room) {
    each(layer, function (mark, box, at) {
      var inner = gap ? box : box.firstElementChild;
      var wide = inner.offsetWidth, high = inner.offsetHeight;
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
  }
  function tidy() {
    var frame = map.getContainer().getBoundingClientRect();
    var taken = [], room = [0, 0, frame.width, frame.height];
    document.querySelectorAll("#cl-map .leaflet-control, #cl-map .cl-north").forEach(function (e) {
      var b = e.getBoundingClientRect();
      taken.push([b.left - frame.left, b.top - frame.top, b.right - frame.left,
                  b.bottom - frame.top]);
    });
    placeMarks(taken);
    data.labels.forEach(function (pair) { placeLabels(layers[pair[0]], pair[1], taken, room); });
  }
  map.on("zoomend viewreset resize layeradd layerremove moveend", tidy);
  tidy();
  return {map: map, layers: layers, home: home, data: data};
})();
"""
