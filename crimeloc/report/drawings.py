"""The charts and the drawn map of a briefing: the page, paper and slides show the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crimeloc.messages.translator import Translator
from crimeloc.plotting.backtest_charts import draw_calibration, draw_capture, draw_reliability
from crimeloc.plotting.habit_charts import draw_timeline, draw_week_clock
from crimeloc.plotting.map_legend import MapTables
from crimeloc.plotting.static_map import draw_paper_map
from crimeloc.plotting.week_charts import draw_week_strip
from crimeloc.report.content import Content

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "capture",
    "captures_of",
    "clock",
    "has_strip",
    "is_counted",
    "map_tables",
    "paper_map",
    "reliability",
    "reliability_bins",
    "strip",
    "timeline",
]

_COUNTED = {"from", "to", "n"}


def paper_map(content: Content, voice: Translator, ax: Axes | None = None) -> Axes:
    """Draw heat, venues, clusters, districts, legend, scale bar and north arrow."""
    top, tables = content.settings.top, map_tables(content)
    return draw_paper_map(
        content.summary.venues, content.heat, voice, top=top, tables=tables, ax=ax
    )


def map_tables(content: Content) -> MapTables:
    """Give the tables of the layers beside the forecast and the heat."""
    return MapTables(
        content.clusters,
        content.scan,
        content.areas,
        content.districts,
        content.layers,
        tuple(change.move for change in content.changes if change.move is not None),
    )


def clock(content: Content, voice: Translator, ax: Axes | None = None) -> Axes:
    """Draw the week clock; hours whose count is withheld stay empty."""
    return draw_week_clock(np.nan_to_num(content.week, nan=0.0), voice, ax)


def timeline(content: Content, voice: Translator, ax: Axes | None = None) -> Axes:
    """Draw the uploads over time."""
    if content.timeline is None:
        raise ValueError("a content without a timeline")
    marks = [(change.at, voice(f"story.mark.{change.kind}")) for change in content.changes]
    return draw_timeline(*content.timeline, content.summary.at, voice, ax, changes=marks)


def has_strip(content: Content) -> bool:
    """Is there a week ahead to be drawn?"""
    return bool(len(content.summary.windows)) and "share" in content.summary.windows.columns


def strip(content: Content, voice: Translator, ax: Axes | None = None) -> Axes:
    """Draw the week: past uploads by hour, and the forecast beneath."""
    return draw_week_strip(content.week, content.summary.windows, voice, content.summary.tz, ax)


def reliability_bins(content: Content) -> pd.DataFrame | None:
    """Give the bins of the ranker and of two baselines, with the method of each."""
    bins = {} if content.backtest is None else content.backtest.reliability
    parts = [table.assign(method=name) for name, table in bins.items() if len(table)]
    return pd.concat(parts, ignore_index=True) if parts else None


def is_counted(bins: pd.DataFrame) -> bool:
    """Is it told on how many forecasts each bin rests?"""
    return set(bins.columns) >= _COUNTED


def reliability(bins: pd.DataFrame, voice: Translator, ax: Axes | None = None) -> Axes:
    """Draw the bins of the first method: with their number of forecasts where that is told."""
    bins = bins[bins["method"] == bins["method"].iloc[0]]
    return (
        draw_calibration(bins, voice, ax) if is_counted(bins) else draw_reliability(bins, voice, ax)
    )


def captures_of(content: Content) -> pd.DataFrame | None:
    """Give the uploads captured for officer-hours, if the backtest looked at them."""
    return None if content.backtest is None else content.backtest.captures


def capture(captures: pd.DataFrame, voice: Translator, ax: Axes | None = None) -> Axes:
    """Draw the uploads captured for officer-hours."""
    return draw_capture(captures, voice, ax)
