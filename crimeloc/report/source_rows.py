"""The rows behind a number: which rows of the input each figure of the page rests on.

Every probability on the page leads to what it is made of, every count of uploads to the rows it
counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from crimeloc.messages.translator import Translator
from crimeloc.report.content import ROWS_SHOWN, Content, RowGroup
from crimeloc.report.markup import esc, table

__all__ = ["SourceRows", "source_rows", "spans"]


@dataclass(frozen=True)
class SourceRows:
    """Where on the page the rows and the reasons behind a number stand.

    Parameters
    ----------
    markup : str
        The rows and the reasons, folded.
    rows, reasons : mapping
        Anchor of each venue's rows, and of its reasons; what has none is not in it.
    groups : frozenset of str
        Further anchors: ``"rows"``, ``"rows-unplaced"``, ``"rows-spread"``.
    """

    markup: str = ""
    rows: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()

    def link(self, anchor: str | None, text: str, label: str = "") -> str:
        """Give a text that leads to an anchor; plain where there is none."""
        if not anchor:
            return esc(text)
        said = f' aria-label="{esc(f"{text}. {label}")}"' if label else ""
        return f'<a class="cl-num" href="#{anchor}"{said}>{esc(text)}</a>'

    def group(self, anchor: str, text: str) -> str:
        """Give a text that leads to a group of rows, if that group is on the page."""
        return self.link(anchor if anchor in self.groups else None, text)


def source_rows(content: Content, voice: Translator) -> SourceRows:
    """Give the rows and the reasons behind the numbers of the answer, with their anchors.

    Parameters
    ----------
    content : Content
        At the level of the reader.
    voice : Translator
        The language.

    Returns
    -------
    SourceRows
        The latest rows of each listed venue, of unplaced and of spread uploads.
    """
    parts, rows, groups = [], {}, set()
    for place, group in enumerate(content.rows, start=1):
        counts = {"n": voice.number(len(group.rows)), "all": voice.number(group.n)}
        if group.kind == "venue":
            anchor = rows[group.venue_id] = f"rows-{place}"
            head = voice("rows.venue", venue=f"{group.name} ({group.venue_id})", **counts)
        else:
            anchor = f"rows-{group.kind}"
            groups.add(anchor)
            head = voice(f"rows.{group.kind}", **counts)
        parts.append(_group(anchor, head, group, content.summary.tz, voice))
    markup = ""
    if parts:
        groups.add("rows")
        note = f"{voice('rows.note', n=ROWS_SHOWN)} {voice('rows.more')}"
        markup = (
            f'<details id="rows"><summary>{esc(voice("rows"))}</summary>'
            f'<p class="cl-why">{esc(note)}</p>{"".join(parts)}</details>'
        )
    reasons, told = _reasons(content, voice)
    return SourceRows(markup + told, rows, reasons, frozenset(groups))


def spans(numbers: Sequence[Any], most: int | None = None) -> str:
    """Give row numbers as a short text: ``3, 8-11, 20``; with `most`, that many pieces at most.

    Parameters
    ----------
    numbers : sequence of int
        Row numbers.
    most : int, optional
        How many pieces to name.

    Returns
    -------
    str
        The pieces; "..." where some are not named.

    Examples
    --------
    >>> spans([3, 8, 9, 10, 20]), spans([3, 8, 20], most=2)
    ('3, 8–10, 20', '3, 8 ...')
    """
    pieces: list[list[int]] = []
    for number in sorted({int(one) for one in numbers}):
        if pieces and number == pieces[-1][1] + 1:
            pieces[-1][1] = number
        else:
            pieces.append([number, number])
    named = pieces if most is None else pieces[:most]
    text = ", ".join(f"{low}" if low == high else f"{low}–{high}" for low, high in named)
    return text + (" ..." if len(named) < len(pieces) else "")


def _group(anchor: str, head: str, group: RowGroup, tz: str, voice: Translator) -> str:
    named = [name for name in ("handle", "ip") if name in group.rows.columns]
    heads = [voice(f"col.{key}") for key in ("event", "row", "time", "venue", "weight", "how")]
    heads += [voice(f"col.{name}") for name in named]
    rows = []
    for _, row in group.rows.iterrows():
        moment = row["timestamp"].tz_convert(tz)
        how = row.get("how")
        rows.append(
            [
                esc(row["event_id"]),
                esc(_whole(row.get("source_row"))),
                esc(voice.moment(moment)),
                esc(_whole(row.get("venue_id"))),
                esc(f"{float(row['weight']):.2f}"),
                esc("–" if how is None or pd.isna(how) else voice.how(str(how))),
                *(esc(_whole(row[name])) for name in named),
            ]
        )
    body = table(heads, rows, numbers=(1, 4), label=head)
    return f'<div class="cl-group" id="{anchor}" tabindex="-1"><h3>{esc(head)}</h3>{body}</div>'


def _reasons(content: Content, voice: Translator) -> tuple[dict[str, str], str]:
    if not content.reasons.lines:
        return {}, ""
    names = content.summary.venues.set_index("venue_id")["name"]
    anchors, texts = {}, ""
    for place, (venue, lines) in enumerate(content.reasons.lines.items(), start=1):
        anchors[venue] = f"explain-{place}"
        told = "<br>".join(esc(line) for line in lines)
        texts += (
            f'<div class="cl-group" id="explain-{place}" tabindex="-1">'
            f"<h3>{esc(names[venue])}</h3><p>{told}</p></div>"
        )
    return anchors, f"<details><summary>{esc(voice('explain'))}</summary>{texts}</details>"


def _whole(value: Any) -> str:
    if value is None or pd.isna(value):
        return "–"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
