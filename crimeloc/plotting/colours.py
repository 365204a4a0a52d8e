"""The colours of the briefing, told apart by colour-blind readers and in grey.

The heat runs from light to dark in one direction, so it reads on grey paper; the lines on the map
differ in dash as well as in colour (hues after Okabe and Ito's set for colour-blind readers).
"""

from __future__ import annotations

__all__ = ["CLUSTER", "DISTRICT", "HEAT", "INK", "ON_HEAT", "PROFILE", "SCAN", "SLOT", "VENUE"]

HEAT = ("#fde3a1", "#fbb862", "#f2854f", "#d4496a", "#962c80", "#4b1173")
"""Lightest to darkest; each step about twice the density of the one before."""

VENUE = "#0072b2"
SLOT = "#003f63"
CLUSTER = "#00624a"
SCAN = "#8a3b00"
PROFILE = "#3d3d3d"
DISTRICT = "#8a9199"

INK = {
    "ink": "#1b1f24",
    "muted": "#59636e",
    "line": "#d0d7de",
    "accent": "#0072b2",
    "second": "#b34700",
    "paper": "#fefefe",
}
"""Colours of charts; on the page each becomes a style variable, so that charts follow it."""

ON_HEAT = ("#1b1f25", "#fdfdfd")
"""Words on the light and on the dark half of `HEAT`: the same by day and by night, as it is."""
