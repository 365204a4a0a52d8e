"""Charts of the briefing, in matplotlib: ``ax=None`` in, ``ax`` out.

Each takes a table and the words of a language. `as_svg` turns a chart into a piece of the page
whose colours follow the page's style.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.messages.words import Words
from crimeloc.plotting.colours import HEAT, INK
from crimeloc.plotting.fonts import font
from crimeloc.units import instants, wall_clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "as_svg",
    "over_time",
    "reliability",
    "timeline",
    "week_clock",
    "week_table",
]

_DAY_US = 86_400_000_000


def week_table(table: pd.DataFrame, weight: NDArray[np.float64], tz: str) -> NDArray[np.float64]:
    """On which weekday and at which hour do the uploads fall?

    Parameters
    ----------
    table : DataFrame
        Rows with ``timestamp``.
    weight : ndarray, shape (rows,)
        How much each row counts.
    tz : str
        Zone of the clocks at the venues.

    Returns
    -------
    ndarray, shape (7, 24)
        Weight by weekday (Monday first) and hour.
    """
    wall = wall_clock(instants(table["timestamp"]), tz)
    hour = (wall // 3_600_000_000 + 3 * 24) % 168
    counted = np.bincount(hour, weights=weight, minlength=168)
    return np.asarray(counted, dtype=np.float64).reshape(7, 24)


def week_clock(week: NDArray[np.float64], words: Words, ax: Axes | None = None) -> Axes:
    """At which hours of the week?

    Parameters
    ----------
    week : ndarray, shape (7, 24)
        As `week_table` gives it.
    words : Words
        The language.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Weekdays by hours, darker = more uploads.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.ticker import MaxNLocator

    ax = _axes(ax, (6.4, 2.5))
    shown = np.ma.masked_less_equal(week, 0)
    top = max(float(week.max(initial=0.0)), 1e-9)
    mesh = ax.pcolormesh(shown, cmap=ListedColormap(list(HEAT)), vmin=0, vmax=top, lw=0)
    ax.invert_yaxis()
    ax.set_yticks(np.arange(7) + 0.5, [words(f"weekday.{day}") for day in range(7)])
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
    days = (at.value // 1_000 - instants(table["timestamp"])) / _DAY_US
    span = float(days.max(initial=1.0))
    width = 1 if span <= 45 else 7 * max(1, int(np.ceil(span / 7 / 60)))
    count = max(int(np.ceil(span / width)), 1)
    place = np.minimum((days / width).astype(np.int64), count - 1)
    heights = np.bincount(place, weights=weight, minlength=count)
    return np.asarray(heights, dtype=np.float64), width


def timeline(
    table: pd.DataFrame,
    weight: NDArray[np.float64],
    at: pd.Timestamp,
    words: Words,
    ax: Axes | None = None,
) -> Axes:
    """How many uploads, when?

    Parameters
    ----------
    table : DataFrame
        Rows with ``timestamp``, all before `at`.
    weight : ndarray, shape (rows,)
        How much each row counts; the weights of an event sum to one upload.
    at : Timestamp
        The moment of the forecast, in the zone of the venues.
    words : Words
        The language.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Bars of whole days or weeks that end at `at`.
    """
    ax = _axes(ax, (6.4, 2.5))
    heights, width = over_time(table, weight, at)
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
    unit = "chart.per_day" if width == 1 else "chart.per_week"
    ax.set_ylabel(words(unit) if width <= 7 else words("chart.per_weeks", weeks=width // 7))
    ax.set_xlim(-count * width - 0.4 * width, 0.6 * width)
    ax.set_ylim(0, max(float(heights.max(initial=0.0)) * 1.12, 1.0))
    ax.grid(axis="y", color=INK["line"], lw=0.6)
    ax.set_axisbelow(True)
    return ax


def reliability(table: pd.DataFrame, words: Words, ax: Axes | None = None) -> Axes:
    """Of the things said to have a chance of 20 %, how many happened?

    Parameters
    ----------
    table : DataFrame
        ``forecast``, ``happened`` and ``n`` per bin, ``low`` and ``high`` where known; with a
        column ``method`` one line each, the first being the ranker.
    words : Words
        The language.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Forecast against outcome; on the diagonal, chances were what they were said to be.
    """
    ax = _axes(ax, (4.6, 3.4))
    groups = (
        list(table.groupby("method", sort=False))
        if "method" in table.columns
        else [(words("replay.ranker"), table)]
    )
    shown = table[["forecast", "happened", *(c for c in ("high",) if c in table.columns)]]
    top = min(1.0, 1.1 * float(np.nanmax(shown.to_numpy(dtype=float))) if len(table) else 1.0)
    ax.plot([0, 1], [0, 1], color=INK["muted"], lw=1, ls=":")
    looks = [("o-", INK["accent"]), ("s--", INK["second"]), ("^:", INK["muted"])]
    for number, (name, rows) in enumerate(groups):
        style, colour = looks[min(number, 2)]
        ordered = rows.sort_values("forecast")
        if number == 0 and {"low", "high"} <= set(ordered.columns):
            ax.vlines(ordered["forecast"], ordered["low"], ordered["high"], color=colour, lw=1)
        ax.plot(
            ordered["forecast"], ordered["happened"], style, color=colour, ms=4, lw=1.4, label=name
        )
    ax.set_xlim(0, top)
    ax.set_ylim(0, top)
    ax.set_xlabel(words("chart.forecast"))
    ax.set_ylabel(words("chart.happened"))
    formatter = lambda value, _: words.percent(float(value))  # noqa: E731
    ax.xaxis.set_major_formatter(formatter)
    ax.yaxis.set_major_formatter(formatter)
    ax.grid(color=INK["line"], lw=0.6)
    ax.legend(frameon=False, loc="upper left", prop={"family": font()[0], "size": 8.5})
    return ax


def as_svg(ax: Axes, name: str) -> str:
    """Give the figure of a chart as SVG to stand inside a page.

    Parameters
    ----------
    ax : Axes
        The chart; its figure is used up.
    name : str
        Set before each id, so that charts on one page do not clash.

    Returns
    -------
    str
        An ``<svg>`` element, the same bytes for the same chart; colours of `INK` are style
        variables of the page.
    """
    import matplotlib as mpl

    figure: Any = ax.figure
    _, installed = font()
    buffer = io.StringIO()
    kind = "path" if installed else "none"
    settings: Any = {"svg.fonttype": kind, "svg.hashsalt": name}
    with mpl.rc_context(settings), warnings.catch_warnings():
        if not installed:
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", text, flags=re.S)
    text = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{name}-", text)
    for role, colour in INK.items():
        text = text.replace(colour, f"var(--{role}, {colour})")
    look = 'style="stroke-linejoin:round;stroke-linecap:butt" '
    opening = f'<svg aria-hidden="true" focusable="false" {look}'
    return text.replace("<svg ", opening, 1).strip()


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    from matplotlib.figure import Figure

    family, _ = font()
    if ax is None:
        ax = Figure(figsize=size, layout="constrained").add_subplot()
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(INK["line"])
    looks: Any = {"colors": INK["muted"], "labelsize": 8.5, "labelfontfamily": family}
    ax.tick_params(**looks)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_fontfamily(family)
        axis.label.set_color(INK["muted"])
        axis.label.set_fontsize(9)
    return ax


def _date(moment: pd.Timestamp, words: Words, span_days: float) -> str:
    key = "chart.date" if span_days <= 300 else "chart.month"
    return words(key, year=moment.year, month=words(f"month.{moment.month}"), day=moment.day)
