"""The way from a number of the page to the rows behind it, and how sure its sets are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from crimeloc.messages.words import Words
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.report.ranker_notes import SET_LEVEL, Held
from crimeloc.report.sections import esc, table

__all__ = ["Evidence", "collect_evidence", "set_rows", "sets_table", "spans"]

ROWS_SHOWN = 12


@dataclass(frozen=True)
class Evidence:
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


def collect_evidence(
    case: ForecastSummary, words: Words, top: int, explained: Mapping[str, Sequence[str]]
) -> Evidence:
    """Which rows and reasons stand behind the numbers of the answer?

    Parameters
    ----------
    case : ForecastSummary
        The facts.
    words : Words
        The language.
    top : int
        How many venues and slots are listed.
    explained : mapping
        Lines of explanation by venue.

    Returns
    -------
    Evidence
        The latest rows of each listed venue, of unplaced and of spread uploads.
    """
    listed = pd.concat([case.venues.head(top), case.slots.head(top)])[["venue_id", "name"]]
    listed = listed.drop_duplicates("venue_id")
    ordered = case.located.sort_values(["timestamp", "event_id"], ascending=[False, True])
    parts, rows = [], {}
    by_venue = dict(list(ordered.groupby("venue_id", sort=False))) if len(ordered) else {}
    for place, (venue, name) in enumerate(zip(listed["venue_id"], listed["name"], strict=True), 1):
        found = by_venue.get(venue)
        if found is None:
            continue
        rows[str(venue)] = f"rows-{place}"
        head = words(
            "rows.venue",
            venue=f"{name} ({venue})",
            n=words.number(_shown(found)),
            all=words.number(len(found)),
        )
        parts.append(_group(f"rows-{place}", head, found, case, words))
    groups = set()
    for key, found in _leftover(ordered).items():
        if len(found):
            groups.add(f"rows-{key}")
            head = words(f"rows.{key}", n=words.number(_shown(found)), all=words.number(len(found)))
            parts.append(_group(f"rows-{key}", head, found, case, words))
    markup = ""
    if parts:
        groups.add("rows")
        note = f"{words('rows.note', n=ROWS_SHOWN)} {words('rows.more')}"
        markup = (
            f'<details id="rows"><summary>{esc(words("rows"))}</summary>'
            f'<p class="cl-why">{esc(note)}</p>{"".join(parts)}</details>'
        )
    reasons, told = _reasons(listed, words, explained)
    return Evidence(markup + told, rows, reasons, frozenset(groups))


def set_rows(sets: Sequence[Held], words: Words) -> tuple[list[list[str]], list[str]]:
    """Give how many of the likeliest hold most of the chance, as rows of text, and the heads."""
    heads = [words(f"sets.{key}") for key in ("by", "size", "used", "coverage", "n")]
    rows = [
        [
            words(f"sets.{held.by}"),
            words("sets.of", n=words.number(held.size), all=words.number(held.of)),
            words.percent(held.used),
            words("sets.unchecked") if held.n == 0 else words.percent(held.coverage),
            words.number(held.n),
        ]
        for held in sets
    ]
    return rows, heads


def sets_table(sets: Sequence[Held], words: Words) -> str:
    """Give the same as a table of the page."""
    if not sets:
        return ""
    rows, heads = set_rows(sets, words)
    level = words.percent(SET_LEVEL)
    caption = words("sets", p=level)
    note = f'<p class="cl-why">{esc(words("sets.note", p=level))}</p>'
    cells = [[esc(text) for text in row] for row in rows]
    return f'<div id="sets" class="cl-sets">{table(heads, cells, caption=caption)}{note}</div>'


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


def _shown(found: pd.DataFrame) -> int:
    return min(len(found), ROWS_SHOWN)


def _leftover(ordered: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the rows of uploads without a candidate, and of those spread over several."""
    if not len(ordered):
        return {}
    placed = ordered["weight"] > 0
    most = ordered.groupby("event_id")["weight"].transform("max")
    return {
        "unplaced": ordered[most <= 0],
        "spread": ordered[placed & (most <= 1 - 1e-9)],
    }


def _group(anchor: str, head: str, found: pd.DataFrame, case: ForecastSummary, words: Words) -> str:
    named = [name for name in ("handle", "ip") if name in found.columns]
    heads = [words(f"col.{key}") for key in ("event", "row", "time", "venue", "weight", "how")]
    heads += [words(f"col.{name}") for name in named]
    rows = []
    for _, row in found.head(ROWS_SHOWN).iterrows():
        moment = row["timestamp"].tz_convert(case.tz)
        how = row.get("how")
        rows.append(
            [
                esc(row["event_id"]),
                esc(_whole(row.get("source_row"))),
                esc(words.moment(moment)),
                esc(_whole(row.get("venue_id"))),
                esc(f"{float(row['weight']):.2f}"),
                esc("–" if how is None or pd.isna(how) else words.how(str(how))),
                *(esc(_whole(row[name])) for name in named),
            ]
        )
    body = table(heads, rows, numbers=(1, 4), label=head)
    return f'<div class="cl-group" id="{anchor}" tabindex="-1"><h3>{esc(head)}</h3>{body}</div>'


def _reasons(
    listed: pd.DataFrame, words: Words, explained: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str], str]:
    anchors, texts = {}, ""
    for place, (venue, name) in enumerate(zip(listed["venue_id"], listed["name"], strict=True), 1):
        if venue in explained:
            anchors[str(venue)] = f"explain-{place}"
            lines = "<br>".join(esc(line) for line in explained[venue])
            texts += (
                f'<div class="cl-group" id="explain-{place}" tabindex="-1">'
                f"<h3>{esc(name)}</h3><p>{lines}</p></div>"
            )
    if not texts:
        return {}, ""
    return anchors, f"<details><summary>{esc(words('explain'))}</summary>{texts}</details>"


def _whole(value: Any) -> str:
    if value is None or pd.isna(value):
        return "–"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
