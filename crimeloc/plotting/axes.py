"""What every chart begins and ends with: its axes, and how it becomes a piece of the page."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Message
from crimeloc.plotting.colours import INK
from crimeloc.plotting.fonts import font

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["as_svg", "need_columns", "start_axes"]


def start_axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Give axes in the look of the house.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw; by default a new figure.
    size : tuple of float
        Width and height of a new figure in inches.

    Returns
    -------
    Axes
        With two spines, muted words and a font that writes Korean.
    """
    from matplotlib.figure import Figure

    family, _ = font()
    if ax is None:
        ax = Figure(figsize=size, layout="constrained").add_subplot()
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(INK["line"])
    looks: Any = {"colors": INK["muted"], "labelsize": 8.5, "labelfontfamily": family}
    ax.tick_params(**looks)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_fontfamily(family)
        axis.label.set_color(INK["muted"])
        axis.label.set_fontsize(9)
    return ax


def as_svg(ax: Axes, name: str) -> str:
    """Give the figure of a chart as SVG to stand inside a page.

    Parameters
    ----------
    ax : Axes
        The chart; its figure is used up.
    name : str
        Set before each id, so that charts on one page do not clash.

    Returns
    -------
    str
        An ``<svg>`` element, the same bytes for the same chart; colours of `INK` are style
        variables of the page.
    """
    import matplotlib as mpl

    figure: Any = ax.figure
    _, installed = font()
    buffer = io.StringIO()
    kind = "path" if installed else "none"
    settings: Any = {"svg.fonttype": kind, "svg.hashsalt": name}
    with mpl.rc_context(settings), warnings.catch_warnings():
        if not installed:
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", text, flags=re.S)
    text = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{name}-", text)
    for role, colour in INK.items():
        text = text.replace(colour, f"var(--{role}, {colour})")
    look = 'style="stroke-linejoin:round;stroke-linecap:butt" '
    opening = f'<svg aria-hidden="true" focusable="false" {look}'
    return text.replace("<svg ", opening, 1).strip()


def need_columns(table: pd.DataFrame, columns: tuple[str, ...], source: str) -> None:
    """Refuse a table that lacks a column.

    Parameters
    ----------
    table : DataFrame
        What is to be drawn.
    columns : tuple of str
        What it needs.
    source : str
        The call that gives such a table.

    Raises
    ------
    ParameterError
        A column is missing.
    """
    lost = [name for name in columns if name not in table.columns]
    if lost:
        raise ParameterError(
            "table",
            found=Message("no column {lost}", lost=", ".join(lost)),
            expected=", ".join(columns),
            hint=source,
        )
