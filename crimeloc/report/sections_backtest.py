"""The part of the page that holds the forecast against the past: scores, calibration, capture."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crimeloc.messages.words import Words
from crimeloc.plotting import charts, forecast_charts
from crimeloc.plotting.forecast_summary import telling_k
from crimeloc.report.content import Shown
from crimeloc.report.sections import esc, figure, numbers_of, section, table

__all__ = [
    "reliability_bins",
    "replay_chart",
    "replay_figures",
    "replay_section",
    "score",
    "score_head",
]

_COUNTED = {"from", "to", "n"}


def replay_figures(replay: Shown | None, venues: int) -> tuple[float, float, int] | None:
    """Give hit rate of the ranker, of the best naive baseline, and the k they are for.

    The longest list up to ten that is no more than a quarter of the venues; where there are few,
    the shortest there is.
    """
    if replay is None:
        return None
    scores = replay.table
    known = sorted(int(str(c)[4:]) for c in scores.columns if str(c).startswith("hit@"))
    if not known or len(scores) < 2:
        return None
    most = telling_k(venues)
    k = max((k for k in known if k <= most), default=known[0])
    column = f"hit@{k}"
    return float(scores[column].iloc[0]), float(scores[column].iloc[1:].max()), k


def replay_section(replay: Shown | None, words: Words) -> str:
    """Give the scores beside the naive baselines, the calibration, and what hours would buy."""
    if replay is None:
        return ""
    scores = replay.table
    known = [column for column in scores.columns if score_head(str(column), words)]
    known = [column for column in known if scores[column].notna().any()]
    heads = [words("replay.method"), *(score_head(str(column), words) for column in known)]
    rows = [
        [esc(words.method(str(name))), *(esc(score(str(c), row[c], words)) for c in known)]
        for name, row in scores.iterrows()
    ]
    body = f'<p class="cl-why">{esc(words("replay.note"))}</p>'
    scored = table(heads, rows, numbers=range(1, len(heads)), label=words("replay.scores"))
    body += f'<div class="cl-scores">{scored}</div>'
    drawn = _calibration(replay, words) + _capture(replay, words)
    if drawn:
        body += f'<div class="cl-even cl-charts">{drawn}</div>'
    return section("replay", words("replay"), body)


def reliability_bins(replay: Shown, words: Words) -> pd.DataFrame | None:
    """Give the bins of the ranker and of two baselines, by the words for their methods."""
    parts = [bins.assign(method=name) for name, bins in replay.bins.items() if len(bins)]
    if not parts:
        return None
    bins = pd.concat(parts, ignore_index=True)
    return bins if set(bins.columns) >= _COUNTED else _named(bins, words)


def replay_chart(bins: pd.DataFrame, words: Words, ax: Any = None) -> Any:
    """Draw the bins: with the number of forecasts where that is told, else without."""
    if set(bins.columns) >= _COUNTED:
        return forecast_charts.calibration(bins, words, ax)
    return charts.reliability(bins, words, ax)


def score_head(column: str, words: Words) -> str:
    """Give the words above a column of scores; nothing for one that is not shown."""
    name, _, k = column.partition("@")
    key = f"score.{name}"
    if name == "capture" and k != "10":
        return ""
    return words(key, k=k) if key in words.texts else ""


def score(column: str, value: Any, words: Words) -> str:
    """Give a score as text."""
    number = float(value)
    if column.partition("@")[0] in ("hit", "capture", "coverage", "ece_1%"):
        return words.percent(number)
    return words.number(number, 1 if column == "n" else 2)


def _named(bins: pd.DataFrame, words: Words) -> pd.DataFrame:
    return bins.assign(method=[words.method(str(name)) for name in bins["method"]])


def _calibration(replay: Shown, words: Words) -> str:
    bins = reliability_bins(replay, words)
    if bins is None:
        return ""
    counted = set(bins.columns) >= _COUNTED
    drawing = charts.as_svg(replay_chart(bins, words), "calibration")
    note = words("replay.calibration.note" if counted else "replay.reliability.note")
    heads = [words("replay.method"), words("chart.forecast"), words("chart.happened")]
    shown = _named(bins, words) if counted else bins
    rows = [
        [
            esc(row["method"]),
            esc(words.percent(float(row["forecast"]))),
            esc(words.percent(float(row["happened"]))),
        ]
        for _, row in shown.iterrows()
    ]
    if counted:
        heads.append(words("chart.forecasts"))
        for cells, count in zip(rows, shown["n"], strict=True):
            cells.append(esc(words.number(float(count))))
    numbers = numbers_of(words, heads, rows, words("replay.reliability"))
    return figure(drawing, words("replay.reliability"), note, extra=numbers)


def _capture(replay: Shown, words: Words) -> str:
    bought = replay.captures
    if bought is None or not len(bought):
        return ""
    drawing = charts.as_svg(forecast_charts.capture(bought, words), "capture")
    heads = [words("replay.method"), words("replay.hours"), words("replay.captured")]
    rows = [
        [
            esc(words.method(str(row["method"]))),
            esc(words.number(float(row["officer_hours"]), 1)),
            esc(words.percent(float(row["capture"]))),
        ]
        for _, row in bought.iterrows()
    ]
    numbers = numbers_of(words, heads, rows, words("replay.capture"))
    return figure(drawing, words("replay.capture"), words("replay.capture.note"), extra=numbers)
