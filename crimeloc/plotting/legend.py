"""An entry of the legend, which is also the switch of its layer."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Entry", "Frame", "dot", "legend_items", "line"]


@dataclass(frozen=True)
class Entry:
    """One layer and its place in the legend.

    Parameters
    ----------
    key : str
        Name of the layer on the page.
    layer : object
        The folium layer.
    label, note : str
        What it is called, and what it says, in plain text.
    swatch : str
        Markup that shows its colours.
    shown : bool
        Is it shown at first?
    """

    key: str
    layer: Any
    label: str
    note: str
    swatch: str
    shown: bool = True


@dataclass(frozen=True)
class Frame:
    """One step of the heat over time: its picture and its words."""

    picture: str
    text: str


def line(colour: str, dashes: str) -> str:
    """Give the stroke that stands for a layer in a legend."""
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        '<svg width="64" height="10" aria-hidden="true"><line x1="0" y1="5" x2="64" y2="5" '
        f'stroke="{colour}" stroke-width="3"{dash}/></svg>'
    )


def dot(colour: str) -> str:
    """Give the dot that stands for a layer of points in a legend."""
    circle = f'<circle cx="9" cy="9" r="5" fill="{colour}" fill-opacity=".9"/>'
    return f'<svg width="64" height="18" aria-hidden="true">{circle}</svg>'


def legend_items(entries: Sequence[Entry]) -> str:
    """Give the legend as a list of switches, the topmost layer first."""
    return "".join(
        f'<li><label><input type="checkbox" data-layer="{html.escape(entry.key)}"'
        f"{' checked' if entry.shown else ''}>{html.escape(entry.label)}</label>"
        f'<div class="cl-key">{entry.swatch}</div><p>{html.escape(entry.note)}</p></li>'
        for entry in reversed(entries)
    )
