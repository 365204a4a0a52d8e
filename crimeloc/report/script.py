"""What moves on the page beside the map: the theme, folds, the way from a row to its mark."""

from __future__ import annotations

__all__ = ["SCRIPT"]

SCRIPT = """
(function () {
  "use strict";
  var root = document.documentElement, map = clMap.map, layers = clMap.layers;
  var themes = ["auto", "light", "dark"], theme = 0;
  var button = document.getElementById("cl-theme");
  button.addEventListener("click", function () {
    theme = (theme + 1) % 3;
    if (theme) { root.dataset.theme = themes[theme]; } else { delete root.dataset.theme; }
    button.textContent = clMap.data.themes[theme];
  });

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
