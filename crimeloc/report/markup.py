"""Pieces of markup. Whatever comes from a table passes `esc` before it stands in markup."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from crimeloc.messages.translator import Translator
from crimeloc.plotting.axes import as_svg
from crimeloc.report.text_tables import TextTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["chart", "esc", "figure", "numbers_of", "section", "table", "text_table"]


def esc(value: object) -> str:
    """Give text that can stand in markup and stays text."""
    return html.escape(str(value), quote=True)


def section(key: str, heading: str, body: str, extra: str = "") -> str:
    """Give a section with its heading."""
    return (
        f'<section id="{key}" aria-labelledby="{key}-h" class="{extra}">'
        f'<h2 id="{key}-h">{esc(heading)}</h2>{body}</section>\n'
    )


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    caption: str = "",
    numbers: Iterable[int] = (),
    label: str = "",
) -> str:
    """Give a table; cells are markup that is already safe, heads and caption are plain text."""
    kind = dict.fromkeys(numbers, ' class="n"')
    top = "".join(
        f'<th scope="col"{kind.get(place, "")}>{esc(text)}</th>' for place, text in enumerate(heads)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind.get(place, '')}>{cell}</td>" for place, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    words = f"<caption>{esc(caption)}</caption>" if caption else ""
    name = esc(caption or label)
    return (
        f'<div class="cl-scroll" tabindex="0" role="region" aria-label="{name}">'
        f"<table>{words}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def figure(drawing: str, name: str, note: str, kind: str = "", extra: str = "") -> str:
    """Give a drawing with its name, a text for those who cannot see it, and its note."""
    label = esc(f"{name}. {note}")
    return (
        f'<figure class="{kind}"><h3>{esc(name)}</h3>'
        f'<div role="img" aria-label="{label}">{drawing}</div>'
        f"<figcaption>{esc(note)}</figcaption>{extra}</figure>"
    )


def text_table(content: TextTable, *, caption: str = "", label: str = "") -> str:
    """Give rows of plain text as a table whose first column names the row."""
    rows = [[esc(cell) for cell in row] for row in content.rows]
    numbers = range(1, len(content.heads))
    return table(content.heads, rows, caption=caption, numbers=numbers, label=label)


def numbers_of(numbers: TextTable, name: str, voice: Translator) -> str:
    """Give the numbers of a chart as a table, folded."""
    body = text_table(numbers, label=name)
    return f"<details><summary>{esc(voice('chart.numbers'))}</summary>{body}</details>"


def chart(
    ax: Axes, key: str, note: str, numbers: TextTable, voice: Translator, kind: str = ""
) -> str:
    """Give a chart with its name, its note and its numbers; `key` names its words."""
    name, drawing = voice(key), as_svg(ax, key.rpartition(".")[2])
    return figure(drawing, name, note, kind, numbers_of(numbers, name, voice))
