"""The parts of the page after the map: habits, what was left out, what made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crimeloc.io.reasons import REASON_COLUMNS, reasons_in
from crimeloc.messages.translator import Translator
from crimeloc.plotting.fonts import font
from crimeloc.report import drawings
from crimeloc.report.content import Content
from crimeloc.report.markup import chart, esc, section, table, text_table
from crimeloc.report.sentences import (
    clock_note,
    left_out,
    level_told,
    made,
    rejected_total,
)
from crimeloc.report.source_rows import SourceRows, spans
from crimeloc.report.text_tables import judged_table, strip_table, timeline_table, week_numbers

__all__ = ["habits", "left_out_section", "made_section"]


def habits(content: Content, voice: Translator) -> str:
    """Give the week clock, the timeline where single uploads are told, and the week ahead."""
    note = clock_note(content, voice)
    drawn = chart(
        drawings.clock(content, voice), "clock", note, week_numbers(content, voice), voice
    )
    if content.timeline is not None:
        ax, numbers = drawings.timeline(content, voice), timeline_table(content, voice)
        drawn += chart(ax, "timeline", voice("timeline.note"), numbers, voice)
    body = f'<div class="cl-even cl-charts">{drawn}</div>'
    if drawings.has_strip(content):
        ax, numbers = drawings.strip(content, voice), strip_table(content, voice)
        body += chart(ax, "strip", voice("strip.note"), numbers, voice, "cl-strip")
    if not font()[1]:
        body += f'<p class="cl-note">{esc(voice("no_font"))}</p>'
    return section("habits", voice("habits"), body)


def left_out_section(content: Content, voice: Translator, behind: SourceRows) -> str:
    """Give what was rejected, what could not be located, and what was assumed."""
    items = left_out(content, voice)
    listed = "".join(f"<li>{behind.group(item.behind, item.text)}</li>" for item in items)
    judged = ""
    if len(content.judged):
        judged = text_table(judged_table(content, voice), caption=voice("left.how"))
    body = f'<div class="cl-even"><div>{_rejected(content.rejected, voice)}{judged}</div>'
    body += f'<ul class="cl-list">{listed}</ul></div>'
    return section("left", voice("left"), body)


def made_section(content: Content, voice: Translator) -> str:
    """Give what made this page: inputs with their hashes, versions, parameters, moment, seed."""
    settings = content.settings
    fading = settings.half_life
    setting = voice(
        "made.page.text",
        top=settings.top,
        bandwidth=voice.metres(settings.bandwidth_m),
        half_life=voice("layer.heat.steady") if fading is None else voice.duration(fading),
    )
    pairs = [
        *made(content, voice),
        (voice("made.page"), f"{setting} · {level_told(content, voice)}"),
        (voice("made.map"), voice("made.map.text")),
    ]
    rows = "".join(
        f'<tr><th scope="row">{esc(name)}</th><td>{_digest_set_apart(text)}</td></tr>'
        for name, text in pairs
    )
    return section("made", voice("made"), f'<table class="cl-prov"><tbody>{rows}</tbody></table>')


def _digest_set_apart(text: str) -> str:
    """Write a digest in letters of one width."""
    head, sign, rest = text.partition("SHA-256 ")
    if head or not sign:
        return esc(text)
    digest, gap, tail = rest.partition(" ")
    return f'{sign}<span class="cl-hash">{esc(digest)}</span>{gap}{esc(tail)}'


def _rejected(rejected: Mapping[str, pd.DataFrame] | None, voice: Translator) -> str:
    total = rejected_total(rejected, voice)
    counted = {name: _tally(part) for name, part in (rejected or {}).items()}
    if not any(len(part) for part in counted.values()):
        return f"<p>{esc(total)}</p>"
    rows = []
    for name, part in counted.items():
        reasons = reasons_in(part, voice.lang)
        for reason, count, lines in zip(reasons, part["n"], part["rows"], strict=True):
            told = [voice.table(name), reason, voice.number(float(count))]
            rows.append([*map(esc, told), _where(lines, voice)])
    heads = [voice(f"left.{key}") for key in ("table", "reason", "count", "where")]
    return table(heads, rows, caption=total, numbers=(2,))


def _where(lines: Sequence[Any], voice: Translator) -> str:
    """Give the first row numbers, and all of them folded where there are more."""
    short = spans(lines, 8)
    if not short.endswith("..."):
        return esc(short)
    every = esc(spans(lines, 2_000))
    return (
        f"{esc(short)}<details><summary>{esc(voice('left.where.all'))}</summary>{every}</details>"
    )


def _tally(part: pd.DataFrame) -> pd.DataFrame:
    """Count rejected rows by reason; a table that counts already is taken as it is."""
    if "n" in part.columns:
        return part.assign(rows=pd.Series([[] for _ in range(len(part))], dtype="object"))
    found = []
    for _, group in part.groupby("reason", sort=True) if len(part) else ():
        lines = group["source_row"].tolist() if "source_row" in group.columns else []
        first = group.reindex(columns=REASON_COLUMNS).iloc[0]
        found.append([*first, float(len(group)), lines])
    return pd.DataFrame(found, columns=[*REASON_COLUMNS, "n", "rows"])
