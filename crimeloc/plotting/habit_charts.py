"""When the uploads were: by hour of the week, and over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.events import event_times, spread_over
from crimeloc.messages.translator import Translator
from crimeloc.plotting.axes import start_axes
from crimeloc.plotting.colours import HEAT, INK
from crimeloc.plotting.fonts import font
from crimeloc.units import instants, spans, wall_clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_timeline", "draw_week_clock", "over_time", "timeline", "week_clock", "week_table"]

_DAY_US = 86_400_000_000


def week_table(table: pd.DataFrame, weight: NDArray[np.float64], tz: str) -> NDArray[np.float64]:
    """On which weekday and at which hour do the uploads fall?

    Parameters
    ----------
    table : DataFrame
        Rows with ``timestamp``; one with ``timestamp_end`` is spread over its interval, so that an
        upload known by its day favours no hour.
    weight : ndarray, shape (rows,)
        How much each row counts.
    tz : str
        Zone of the clocks at the venues.

    Returns
    -------
    ndarray, shape (7, 24)
        Weight by weekday (Monday first) and hour.
    """
    ptr, t, part = spread_over(*spans(table))
    hour = (wall_clock(t, tz) // 3_600_000_000 + 3 * 24) % 168
    counted = np.bincount(hour, weights=np.repeat(weight, np.diff(ptr)) * part, minlength=168)
    return np.asarray(counted, dtype=np.float64).reshape(7, 24)


def week_clock(week: NDArray[np.float64], *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """At which hours of the week?

    Parameters
    ----------
    week : ndarray, shape (7, 24)
        As `week_table` gives it.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Weekdays by hours, darker = more uploads.
    """
    return draw_week_clock(week, Translator(lang), ax)


def draw_week_clock(week: NDArray[np.float64], words: Translator, ax: Axes | None = None) -> Axes:
    """Draw the week clock with the words of a translator."""
    from matplotlib.colors import ListedColormap
    from matplotlib.ticker import MaxNLocator

    ax = start_axes(ax, (6.4, 2.5))
    shown = np.ma.masked_less_equal(week, 0)
    top = max(float(week.max(initial=0.0)), 1e-9)
    mesh = ax.pcolormesh(shown, cmap=ListedColormap(list(HEAT)), vmin=0, vmax=top, lw=0)
    ax.invert_yaxis()
    ax.set_yticks(np.arange(7) + 0.5, [words.weekday(day) for day in range(7)])
    hours = range(0, 25, 3)
    ax.set_xticks(hours, [str(hour) for hour in hours])
    ax.set_xlabel(words("chart.hour"))
    for edge in range(0, 25, 6):
        ax.axvline(edge, color=INK["line"], lw=0.6)
    for edge in range(8):
        ax.axhline(edge, color=INK["line"], lw=0.6)
    ax.tick_params(length=0)
    figure: Any = ax.figure
    bar = figure.colorbar(mesh, ax=ax, pad=0.015, aspect=18)
    bar.locator = MaxNLocator(nbins=5, integer=True, min_n_ticks=1)
    bar.update_ticks()
    bar.outline.set_visible(False)
    bar.set_label(words("chart.uploads"), color=INK["muted"], fontfamily=font()[0])
    bar.ax.tick_params(length=0, colors=INK["muted"])
    return ax


def over_time(
    table: pd.DataFrame, weight: NDArray[np.float64], at: pd.Timestamp
) -> tuple[NDArray[np.float64], int]:
    """How many uploads fell into each whole step of days before the moment?

    Parameters
    ----------
    table : DataFrame
        Rows with ``timestamp``, all before `at`.
    weight : ndarray, shape (rows,)
        How much each row counts.
    at : Timestamp
        The moment of the forecast.

    Returns
    -------
    heights : ndarray
        Uploads by step, the latest first.
    width : int
        Days of a step: one up to 45 days, then whole weeks.
    """
    before = at.value // 1_000
    days = (before - event_times(table, before=before)) / _DAY_US
    span = float(days.max(initial=1.0))
    width = 1 if span <= 45 else 7 * max(1, int(np.ceil(span / 7 / 60)))
    count = max(int(np.ceil(span / width)), 1)
    place = np.minimum((days / width).astype(np.int64), count - 1)
    heights = np.bincount(place, weights=weight, minlength=count)
    return np.asarray(heights, dtype=np.float64), width


def timeline(
    located: pd.DataFrame, at: pd.Timestamp, *, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """How many uploads, when?

    Parameters
    ----------
    located : DataFrame
        Uploads with ``event_id`` and ``timestamp``; several rows of an upload count once, those
        at or after `at` not at all.
    at : Timestamp
        The moment of the forecast, in the zone of the venues.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Bars of whole days or weeks that end at `at`.
    """
    past = located[instants(located["timestamp"]) < at.value // 1_000]
    once = past.drop_duplicates("event_id")
    heights, width = over_time(once, np.ones(len(once)), at)
    return draw_timeline(heights, width, at, Translator(lang), ax)


def draw_timeline(
    heights: NDArray[np.float64],
    width: int,
    at: pd.Timestamp,
    words: Translator,
    ax: Axes | None = None,
    *,
    changes: Sequence[tuple[pd.Timestamp, str]] = (),
) -> Axes:
    """Draw the timeline with the words of a translator; `changes` are moments with names."""
    ax = start_axes(ax, (6.4, 2.5))
    count, span = len(heights), float(len(heights) * width)
    ax.bar(-(np.arange(count) + 0.5) * width, heights, width * 0.86, color=INK["accent"], lw=0)
    ax.axvline(0, color=INK["second"], lw=1.6, ls="--")
    ax.annotate(
        words("chart.at"),
        (0, 1.0),
        (-4, 1),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color=INK["second"],
        fontsize=8.5,
        fontfamily=font()[0],
    )
    marks = np.unique(np.round(np.linspace(0, count, min(count, 5) + 1)).astype(int)) * width
    ax.set_xticks(-marks, [_date(at - pd.Timedelta(days=int(m)), words, span) for m in marks])
    for moment, name in changes:
        place = -(at - moment) / pd.Timedelta(days=1)
        ax.axvline(place, color=INK["ink"], lw=1.1, ls=":")
        ax.annotate(
            name,
            (place, 1.0),
            (3, -2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="left",
            va="top",
            color=INK["ink"],
            fontsize=8,
            fontfamily=font()[0],
        )
    unit = "chart.per_day" if width == 1 else "chart.per_week"
    ax.set_ylabel(words(unit) if width <= 7 else words("chart.per_weeks", weeks=width // 7))
    ax.set_xlim(-count * width - 0.4 * width, 0.6 * width)
    ax.set_ylim(0, max(float(heights.max(initial=0.0)) * 1.12, 1.0))
    ax.grid(axis="y", color=INK["line"], lw=0.6)
    ax.set_axisbelow(True)
    return ax


def _date(moment: pd.Timestamp, words: Translator, span_days: float) -> str:
    return words.short_day(moment) if span_days <= 300 else words.month(moment)
