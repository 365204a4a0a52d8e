"""Words, tables and charts set on a page of paper: what wraps where, and where it ends."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crimeloc.plotting.colours import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "BOTTOM",
    "LEFT",
    "RIGHT",
    "TOP",
    "letters",
    "put_chart",
    "put_lines",
    "put_table",
    "wrapped",
]

LEFT, RIGHT, TOP, BOTTOM = 0.075, 0.925, 0.955, 0.05
_LINE = 0.0148  # height of a line of 9.5 points, as a share of the page


def put_lines(figure: Figure, x: float, y: float, lines: Sequence[tuple[str, float, str]]) -> float:
    """Write texts below one another, wrapped; give the height where they end."""
    for text, size, look in lines:
        step = _LINE * size / 9.5 * 1.12
        for part in wrapped(text, letters(size)):
            figure.text(
                x,
                y,
                part,
                fontsize=size,
                va="top",
                color=INK["muted"] if look == "muted" else INK["ink"],
                fontweight="bold" if look == "bold" else "normal",
            )
            y -= step
        y -= _LINE * (0.6 if look == "bold" else 0.28)
    return y


def letters(size: float) -> int:
    """How many narrow letters fit on a line?"""
    return int(110 * 9.5 / size)


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines; a wide (Korean) letter counts as two."""
    lines, line, used = [], "", 0
    for word in text.split(" "):
        size = _size(word)
        if line and used + 1 + size > width:
            lines.append(line)
            line, used = "", 0
        while size > width:  # a word longer than a line, such as a digest
            cut = next(n for n in range(len(word), 0, -1) if _size(word[:n]) <= width)
            lines.append(word[:cut])
            word = word[cut:]
            size = _size(word)
        line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*lines, line]


def _size(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def put_table(
    figure: Figure,
    y: float,
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    shares: Sequence[float],
) -> float:
    """Write a table whose columns have these shares of the width; give the height of its end."""
    from matplotlib.lines import Line2D

    wide = RIGHT - LEFT
    starts = [LEFT + wide * sum(shares[:place]) for place in range(len(shares))]
    figure.text(LEFT, y, caption, fontsize=11, fontweight="bold", color=INK["ink"], va="top")
    y -= 0.02
    for x, head, share in zip(starts, heads, shares, strict=False):
        for line, part in enumerate(wrapped(head, int(112 * share))[:2]):
            figure.text(x, y - 0.011 * line, part, fontsize=8, color=INK["muted"], va="top")
    tall = any(len(wrapped(h, int(112 * s))) > 1 for h, s in zip(heads, shares, strict=False))
    y -= 0.027 if tall else 0.016
    for row in rows:
        figure.add_artist(Line2D([LEFT, RIGHT], [y + 0.0025] * 2, color=INK["line"], lw=0.6))
        cells = [wrapped(c, max(int(112 * s), 4))[:2] for c, s in zip(row, shares, strict=False)]
        for x, cell in zip(starts, cells, strict=False):
            for line, part in enumerate(cell):
                figure.text(x, y - 0.0118 * line, part, fontsize=8.5, color=INK["ink"], va="top")
        y -= 0.0118 * max((len(cell) for cell in cells), default=1) + 0.005
    return y


def put_chart(
    figure: Figure,
    y: float,
    high: float,
    title: str,
    note: str,
    draw: Any,
    wide: float,
    *,
    head: float = 0.03,
    foot: float = 0.04,
) -> float:
    """Draw a chart below a height, its title above and its note below it; give where it ends."""
    figure.text(LEFT, y, title, fontsize=11, fontweight="bold", color=INK["ink"], va="top")
    ax = figure.add_axes((LEFT + 0.05, y - head - high, wide - 0.05, high))
    draw(ax)
    below = y - head - high - foot
    for part in wrapped(note, letters(8.5)):
        figure.text(LEFT, below, part, fontsize=8.5, color=INK["muted"], va="top")
        below -= 0.013
    return below - 0.012
