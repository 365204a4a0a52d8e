"""What moves on the page: layers, the slider over time, the way from a row to its mark."""

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
