"""The tables of a briefing as rows of text: the page, paper and slides show the same ones."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from crimeloc.messages.translator import Translator
from crimeloc.report.content import BacktestSummary, Content, SetSummary
from crimeloc.report.sentences import past_told, why_slot, why_venue

__all__ = [
    "TextTable",
    "capture_table",
    "judged_table",
    "reliability_table",
    "score_table",
    "set_table",
    "slot_table",
    "strip_table",
    "timeline_table",
    "venue_table",
    "week_numbers",
]


class TextTable(NamedTuple):
    """Heads, and rows of cells below them, in plain text."""

    heads: list[str]
    rows: list[list[str]]


def venue_table(content: Content, voice: Translator) -> TextTable:
    """Give the top venues with their probability, base rate and reasons."""
    heads = [voice(f"col.{key}") for key in ("rank", "venue", "probability", "base_rate", "why")]
    rows = []
    shown = content.summary.venues.head(content.settings.top)
    for rank, (_, row) in enumerate(shown.iterrows(), start=1):
        parts, past = why_venue(content, row, voice, 2), past_told(content, row, voice)
        rows.append(
            [
                str(rank),
                f"{row['name']} ({row['venue_id']})",
                voice.percent(float(row["probability"])),
                voice.percent(float(row["base_rate"])),
                f"{parts}; {past}" if parts else past,
            ]
        )
    return TextTable(heads, rows)


def slot_table(content: Content, voice: Translator) -> TextTable:
    """Give the top slots with their probability and first reason."""
    heads = [voice(f"col.{key}") for key in ("rank", "when", "venue", "probability", "why")]
    shown = content.summary.slots.head(content.settings.top)
    rows = [
        [
            str(rank),
            voice.window(row["window_start"], row["window_end"]),
            f"{row['name']} ({row['venue_id']})",
            voice.percent(float(row["probability"])),
            why_slot(content, row, voice, 1),
        ]
        for rank, (_, row) in enumerate(shown.iterrows(), start=1)
    ]
    return TextTable(heads, rows)


def set_table(sets: tuple[SetSummary, ...], voice: Translator) -> TextTable:
    """Give how many of the likeliest hold most of the chance."""
    heads = [voice(f"sets.{key}") for key in ("by", "size", "used", "coverage", "n")]
    rows = [
        [
            voice(f"sets.{one.by}"),
            voice("sets.of", n=voice.number(one.size), all=voice.number(one.of)),
            voice.percent(one.used),
            voice("sets.unchecked") if one.n == 0 else voice.percent(one.coverage),
            voice.number(one.n),
        ]
        for one in sets
    ]
    return TextTable(heads, rows)


def score_table(backtest: BacktestSummary, voice: Translator, most: int | None = None) -> TextTable:
    """Give the scores that are known by a word; with `most`, so many of them."""
    scores = backtest.scores
    named = {str(column): _score_head(str(column), voice) for column in scores.columns}
    known = [name for name, head in named.items() if head and bool(scores[name].notna().any())]
    known = known[:most]
    heads = [voice("backtest.method"), *(named[name] for name in known)]
    rows = [
        [voice.method(str(method)), *(_score(name, float(row[name]), voice) for name in known)]
        for method, row in scores.iterrows()
    ]
    return TextTable(heads, rows)


def reliability_table(bins: pd.DataFrame, voice: Translator) -> TextTable:
    """Give forecast against outcome for each method, with the number of forecasts if told."""
    heads = [voice("backtest.method"), voice("chart.forecast"), voice("chart.happened")]
    rows = [
        [
            voice.method(str(row["method"])),
            voice.percent(float(row["forecast"])),
            voice.percent(float(row["happened"])),
        ]
        for _, row in bins.iterrows()
    ]
    if "n" in bins.columns:
        heads.append(voice("chart.forecasts"))
        for cells, count in zip(rows, bins["n"], strict=True):
            cells.append(voice.number(float(count)))
    return TextTable(heads, rows)


def capture_table(captures: pd.DataFrame, voice: Translator) -> TextTable:
    """Give the uploads captured for officer-hours, for each method."""
    heads = [voice("backtest.method"), voice("backtest.hours"), voice("backtest.captured")]
    rows = [
        [
            voice.method(str(row["method"])),
            voice.number(float(row["officer_hours"]), 1),
            voice.percent(float(row["capture"])),
        ]
        for _, row in captures.iterrows()
    ]
    return TextTable(heads, rows)


def week_numbers(content: Content, voice: Translator) -> TextTable:
    """Give the uploads of each hour of the week; empty where there were none."""
    heads = [voice("chart.weekday"), *(str(hour) for hour in range(24))]
    rows = [
        [
            voice.weekday(day),
            *("" if n == 0 or math.isnan(n) else voice.number(float(n), 1) for n in hours),
        ]
        for day, hours in enumerate(content.week)
    ]
    return TextTable(heads, rows)


def timeline_table(content: Content, voice: Translator) -> TextTable:
    """Give the uploads of each step of the timeline, oldest first."""
    heads = [voice("chart.when"), voice("chart.uploads")]
    if content.timeline is None:
        return TextTable(heads, [])
    heights, width = content.timeline
    rows = [
        [
            voice.day(content.summary.at - pd.Timedelta(days=(step + 1) * width), year=True),
            voice.number(float(height), 1),
        ]
        for step, height in reversed(list(enumerate(heights)))
    ]
    return TextTable(heads, rows)


def strip_table(content: Content, voice: Translator) -> TextTable:
    """Give the share of each window of the week ahead."""
    windows = content.summary.windows
    rows = [
        [voice.window(start, end), voice.percent(float(share))]
        for start, end, share in zip(
            windows["window_start"], windows["window_end"], windows["share"], strict=True
        )
    ]
    return TextTable([voice("strip.window"), voice("strip.share")], rows)


def judged_table(content: Content, voice: Translator, most: int = 12) -> TextTable:
    """Give how uploads were located, and how many so."""
    shown = content.judged.head(most)
    rows = [
        [voice.how(str(how)), voice.number(int(n))]
        for how, n in zip(shown["how"], shown["n"], strict=True)
    ]
    return TextTable([voice("col.how"), voice("fact.uploads")], rows)


def _score_head(column: str, voice: Translator) -> str:
    """Give the words above a column of scores; nothing for one that is not shown."""
    name, _, k = column.partition("@")
    key = f"score.{name}"
    if name == "capture" and k != "10":
        return ""
    return voice(key, k=k) if key in voice else ""


def _score(column: str, value: float, voice: Translator) -> str:
    if column.partition("@")[0] in ("hit", "capture", "coverage", "ece_1%"):
        return voice.percent(value)
    return voice.number(value, 1 if column == "n" else 2)
