"""The sentences and rows that paper and slides share, each a function from a content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crimeloc.messages.words import Words
from crimeloc.plotting import charts
from crimeloc.plotting.forecast_charts import week_strip
from crimeloc.plotting.forecast_summary import reasons
from crimeloc.provenance import VERSION
from crimeloc.report import sections_backtest as tested
from crimeloc.report.content import Content
from crimeloc.report.sections import figures_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "answer_note",
    "clock_note",
    "draw_clock",
    "draw_strip",
    "draw_timeline",
    "figures",
    "has_strip",
    "lead",
    "left_out",
    "made",
    "reliability_note",
    "reliability_table",
    "score_rows",
    "slot_rows",
    "subtitle",
    "venue_rows",
]


def subtitle(content: Content, voice: Words) -> str:
    """Give what the file is about: series, moment, horizon, zone."""
    case = content.case
    about = [
        voice("sub.at", at=voice.moment(case.at)),
        voice("sub.until", until=voice.moment(case.until)),
        voice("sub.zone", tz=case.tz),
    ]
    if len(case.series) == 1:
        about.insert(0, voice("sub.series", names=case.series[0]))
    elif case.series:
        about.insert(0, voice("sub.many", n=len(case.series)))
    return " · ".join(about)


def lead(content: Content, voice: Words) -> list[str]:
    """Give the headline, the likeliest slot, the ranker's own caution, and what it is not."""
    case = content.case
    if not (len(case.venues) and len(case.slots)):
        return [voice("headline.none"), voice("limits")]
    venue, slot = case.venues.iloc[0], case.slots.iloc[0]
    chance = voice.percent(float(venue["probability"]))
    until = voice.moment(case.until)
    when = voice.window(slot["window_start"], slot["window_end"])
    texts = [
        voice("headline", until=until, venue=venue["name"], p=chance),
        voice(
            "headline.slot",
            window=when,
            venue=slot["name"],
            p=voice.percent(float(slot["probability"])),
        )
        + " "
        + voice("headline.elsewhere", p=voice.percent(case.elsewhere["share"])),
    ]
    if content.caution is not None:
        texts.append(f"{voice('abstain')} {content.caution or voice('abstain.level')}")
    return [*texts, voice("limits")]


def figures(content: Content, voice: Words) -> list[tuple[str, str, str]]:
    """Give four figures with their names and notes, as on the page."""
    replay = tested.replay_figures(content.replay, len(content.case.venues))
    return [cell[:3] for cell in figures_of(content.case, voice, content.top, replay)]


def venue_rows(content: Content, voice: Words) -> tuple[list[list[str]], list[str]]:
    """Give the top venues as rows of text, and the heads above them."""
    heads = [voice(f"col.{key}") for key in ("rank", "venue", "probability", "base_rate", "why")]
    rows = [
        [
            str(rank),
            f"{row['name']} ({row['venue_id']})",
            voice.percent(float(row["probability"])),
            voice.percent(float(row["base_rate"])),
            _why(row, voice, content.level),
        ]
        for rank, (_, row) in enumerate(content.case.venues.head(content.top).iterrows(), start=1)
    ]
    return rows, heads


def slot_rows(content: Content, voice: Words) -> tuple[list[list[str]], list[str]]:
    """Give the top slots as rows of text, and the heads above them."""
    heads = [voice(f"col.{key}") for key in ("rank", "when", "venue", "probability", "why")]
    rows = [
        [
            str(rank),
            voice.window(row["window_start"], row["window_end"]),
            f"{row['name']} ({row['venue_id']})",
            voice.percent(float(row["probability"])),
            _parts(row, voice, 1),
        ]
        for rank, (_, row) in enumerate(content.case.slots.head(content.top).iterrows(), start=1)
    ]
    return rows, heads


def answer_note(content: Content, voice: Words) -> str:
    """Give what the columns of the answer mean, and what a fraction of an upload is."""
    counts = content.case.venues["n"].head(content.top)
    parts = bool(((counts % 1) > 1e-9).any())
    return voice("answer.note") + (" " + voice("answer.fractions") if parts else "")


def reliability_note(bins: pd.DataFrame, voice: Words) -> str:
    """Give what stands below the chart of the bins."""
    return voice("replay.calibration.note" if "n" in bins.columns else "replay.reliability.note")


def score_rows(content: Content, voice: Words) -> tuple[list[str], list[list[str]]]:
    """Give the heads and the rows of the replay's scores: those known by a word, at most six."""
    if content.replay is None:
        return [], []
    table = content.replay.table
    known = {str(column): tested.score_head(str(column), voice) for column in table.columns}
    shown = [name for name, head in known.items() if head and bool(table[name].notna().any())][:6]
    heads = [voice("replay.method"), *(known[name] for name in shown)]
    rows = [
        [voice.method(str(method)), *(tested.score(name, row[name], voice) for name in shown)]
        for method, row in table.iterrows()
    ]
    return heads, rows


def reliability_table(content: Content, voice: Words) -> pd.DataFrame | None:
    """Give the bins of the ranker and of two baselines, by method."""
    return None if content.replay is None else tested.reliability_bins(content.replay, voice)


def clock_note(content: Content, voice: Words) -> str:
    """Give what stands below the week clock."""
    text = voice("clock.note", n=voice.number(float(content.case.counts["used"])))
    if content.level == "disclosure":
        text += " " + voice("clock.withheld")
    return text


def draw_clock(content: Content, voice: Words, ax: Axes | None = None) -> Axes:
    """Draw the week clock; hours whose count is withheld stay empty."""
    return charts.week_clock(np.nan_to_num(content.week, nan=0.0), voice, ax)


def draw_timeline(content: Content, voice: Words, ax: Axes | None = None) -> Axes:
    """Draw the uploads over time."""
    once = content.case.located.drop_duplicates("event_id")
    weight = np.ones(len(once))
    if "series_weight" in once.columns:
        weight = once["series_weight"].fillna(1.0).to_numpy(dtype=np.float64)
    return charts.timeline(once, weight, content.case.at, voice, ax)


def has_strip(content: Content) -> bool:
    """Is there a week ahead to be drawn?"""
    return bool(len(content.case.windows)) and "share" in content.case.windows.columns


def draw_strip(content: Content, voice: Words, ax: Axes | None = None) -> Axes:
    """Draw the week: past uploads by hour, and the forecast beneath."""
    return week_strip(content.week, content.case.windows, voice, content.case.tz, ax)


def left_out(content: Content, voice: Words) -> list[str]:
    """Give what was rejected, what could not be located, and what was assumed."""
    case, counts, number = content.case, content.case.counts, voice.number
    items = [_rejected(content, voice)]
    if counts["later"]:
        items.append(voice("left.later", n=number(float(counts["later"]))))
    if counts["unplaced"]:
        unplaced, used = number(float(counts["unplaced"])), number(float(counts["used"]))
        items.append(voice("left.unplaced", n=unplaced, all=used))
    items.append(voice("left.uncertain", n=number(float(counts["certain"]))))
    if not counts["outside"] <= 0.05:
        items.append(voice("left.outside", n=number(float(counts["outside"]), 1)))
    if len(case.series) > 1:
        items.append(voice("left.pooled", n=number(len(case.series))))
    if case.series:
        items.append(voice("left.membership"))
    hours = content.register.get("opening_hours")
    unknown = len(content.register) if hours is None else int(hours.isna().sum())
    if unknown:
        items.append(voice("left.hours", n=number(unknown), all=number(len(content.register))))
    notes = [*content.notes, *(content.replay.notes if content.replay else ())]
    return [*items, voice("left.future"), *notes]


def made(content: Content, voice: Words) -> list[str]:
    """Give versions, moment, methods with their parameters, and the digests of the inputs."""
    lines = [
        f"{voice('made.version')}: crimeloc {VERSION}",
        f"{voice('made.at')}: {content.case.at.isoformat()}",
        f"{voice('level')}: {voice(f'level.{content.level}', threshold=content.threshold)}",
    ]
    for item in content.inputs:
        text = f"{voice('made.input', name=item.name)}: SHA-256 {item.sha256}"
        if item.n_rows is not None:
            text += " · " + voice("made.rows", n=voice.number(item.n_rows))
        if item.n_rejected:
            text += " · " + voice("made.rejected", n=voice.number(item.n_rejected))
        lines.append(text)
    if not content.inputs:
        lines.append(voice("made.noinput"))
    for record in content.records:
        known: list[tuple[str, Any]] = [
            ("made.in", record.n_in),
            ("made.out", record.n_out),
            ("made.seed", record.seed),
        ]
        said = [f"{voice('made.method')}: {voice.made_by(record.method)}"]
        said += [f"{voice(key)}: {value}" for key, value in known if value is not None]
        if record.parameters:
            pairs = ", ".join(f"{name}={value}" for name, value in record.parameters.items())
            said.append(f"{voice('made.parameters')}: {pairs}")
        lines.append(" · ".join(said))
    return lines


def _why(row: pd.Series, voice: Words, level: str) -> str:
    parts = _parts(row, voice, 2)
    if level == "disclosure":
        past = voice("tip.past", n=voice.number(float(row["n"])))
    elif row["n"] > 0 and pd.notna(row["last"]):
        last = voice.day(row["last"], year=True)
        past = voice("why.past", n=voice.number(float(row["n"]), 1), last=last)
    else:
        past = voice("why.never")
    return f"{parts}; {past}" if parts else past


def _parts(row: pd.Series, voice: Words, most: int) -> str:
    return voice("and").join(
        voice("why.part", name=voice.expert(name), p=voice.percent(part))
        for name, part in reasons(row, most)
    )


def _rejected(content: Content, voice: Words) -> str:
    if content.rejected is None:
        return voice("left.rejected.unknown")
    parts = content.rejected.values()
    if content.level == "disclosure":
        total = sum(float(part["n"].sum(skipna=False)) for part in parts)
    else:
        total = float(sum(len(part) for part in parts))
    return voice("left.rejected", n=voice.number(total)) if total else voice("left.rejected.none")
