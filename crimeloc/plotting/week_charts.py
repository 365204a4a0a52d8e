"""The week of a series, its forecast beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Message
from crimeloc.messages.translator import Translator
from crimeloc.plotting.axes import need_columns, start_axes
from crimeloc.plotting.colours import HEAT, INK, ON_HEAT
from crimeloc.plotting.fonts import font
from crimeloc.units import instants, wall_clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_week_strip", "week_strip"]

Floats = NDArray[np.float64]
_HOUR_US = 3_600_000_000


def week_strip(
    week: Floats, forecast: pd.DataFrame, tz: str, *, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """At which hours of the week was the series, and where does the forecast put the next ones?

    Parameters
    ----------
    week : ndarray, shape (7, 24)
        Past uploads by weekday and hour, as `crimeloc.plotting.charts.week_table` gives them; NaN
        where that is withheld: no bar.
    forecast : DataFrame
        ``ranking.windows`` or ``ranking.slots`` of one series: ``window_start``, ``window_end``,
        ``share``.
    lang : str
        ``"en"`` or ``"ko"``.
    tz : str
        Zone of the clocks at the venues.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        A strip for each weekday: bars are past uploads per hour, the band beneath is the forecast;
        the six likeliest windows carry their share.

    Raises
    ------
    ParameterError
        A column is missing, the table of the week has another shape, or several series are in it.

    Notes
    -----
    The band shows ``share``, the chance that an upload of the horizon falls there, over all venues
    and "elsewhere": it sums to 100 % over the strip. A share is spread evenly over the hours of
    its window; of a horizon longer than a week, like hours are added up.

    Examples
    --------
    >>> start = pd.Timestamp("2026-03-06 20:00", tz="Asia/Seoul")
    >>> windows = pd.DataFrame({"window_start": [start], "share": [1.0],
    ...                         "window_end": [start + pd.Timedelta("4h")]})
    >>> ax = week_strip(np.eye(7, 24), windows, "Asia/Seoul")
    >>> [text.get_text() for text in ax.texts]
    ['100%']
    """
    return draw_week_strip(week, forecast, Translator(lang), tz, ax)


def draw_week_strip(
    week: Floats, forecast: pd.DataFrame, words: Translator, tz: str, ax: Axes | None = None
) -> Axes:
    """Draw the strip with the words of a translator."""
    from matplotlib.colors import ListedColormap

    need_columns(forecast, ("window_start", "window_end", "share"), "ranking.windows")
    if np.shape(week) != (7, 24):
        found = Message("shape {shape}", shape=np.shape(week))
        raise ParameterError("week", found=found, expected="shape (7, 24)", hint="week_table(...)")
    count = len(forecast["series_id"].unique()) if "series_id" in forecast.columns else 1
    if count > 1:
        found = Message("{count} series", count=count)
        hint = 'forecast[forecast["series_id"] == "S-01"]'
        raise ParameterError("forecast", found=found, expected="one series", hint=hint)
    ax = start_axes(ax, (7.0, 4.6))
    shares, pieces = _by_hour(forecast, tz)
    tall, band = 0.56, 0.26
    known = np.asarray(week, dtype=np.float64)[np.isfinite(week)]
    highest = float(known.max()) if len(known) else float("nan")
    week = np.nan_to_num(week, nan=0.0)
    top = max(float(np.max(week, initial=0.0)), 1.0)
    hottest = max(float(shares.max(initial=0.0)), 1e-9)
    colours = ListedColormap(["#ffffff00", *HEAT])  # next to nothing is left blank
    hours = np.arange(25)
    for day in range(7):
        floor = day + tall + 0.06
        mesh = ax.pcolormesh(
            hours,
            [floor, floor + band],
            shares[day : day + 1],
            cmap=colours,
            vmin=0,
            vmax=hottest,
            lw=0,
        )
        height = week[day] / top * (tall - 0.08)
        ax.bar(hours[:-1] + 0.5, -height, 0.82, bottom=day + tall, color=INK["muted"], lw=0)
        for edge in (day + tall, floor, floor + band):
            ax.plot([0, 24], [edge] * 2, color=INK["line"], lw=0.8, zorder=0)
    for (day, first, last), share in sorted(pieces.items(), key=lambda one: -one[1])[:6]:
        place = shares[day, int(first) : int(np.ceil(last))].max() / hottest
        ax.text(
            (first + last) / 2,
            day + tall + 0.06 + band / 2,
            words.percent(share),
            ha="center",
            va="center",
            fontsize=7.5,
            color=ON_HEAT[int(place > 0.5)],
            fontfamily=font()[0],
        )
    ax.set_ylim(7, 0)
    ax.set_xlim(0, 24)
    ax.set_yticks(np.arange(7) + tall, [words.weekday(day) for day in range(7)])
    ax.set_xticks(range(0, 25, 3), [str(hour) for hour in range(0, 25, 3)])
    ax.set_xlabel(words("chart.strip", most=words.number(highest, 1)))
    ax.xaxis.label.set_linespacing(1.5)
    for edge in range(0, 25, 6):
        ax.axvline(edge, color=INK["line"], lw=0.6, zorder=0)
    ax.tick_params(length=0)
    figure: Any = ax.figure
    bar = figure.colorbar(mesh, ax=ax, pad=0.015, aspect=26)
    bar.ax.yaxis.set_major_formatter(lambda value, _: words.percent(float(value)))
    bar.outline.set_visible(False)
    bar.set_label(
        words("chart.share_per_hour"), color=INK["muted"], fontfamily=font()[0], fontsize=9
    )
    bar.ax.tick_params(length=0, colors=INK["muted"], labelsize=8)
    return ax


def _by_hour(
    forecast: pd.DataFrame, tz: str
) -> tuple[Floats, dict[tuple[int, float, float], float]]:
    """Give the share of each hour of the week, and of each piece of a window within a day."""
    rows = forecast.groupby(["window_start", "window_end"], as_index=False)["share"].sum()
    hours = np.zeros(168)
    pieces: dict[tuple[int, float, float], float] = {}
    first = wall_clock(instants(rows["window_start"]), tz) / _HOUR_US
    last = wall_clock(instants(rows["window_end"]), tz) / _HOUR_US
    for start, end, share in zip(first, last, rows["share"], strict=True):
        # Where the clocks go back within a window, its end can stand before its beginning.
        length = max(float(end - start), 1e-6)
        here = float(start)
        while here < start + length - 1e-9:
            until = min(np.floor(here) + 1.0, start + length)
            hours[int(here + 72) % 168] += share * (until - here) / length
            here = until
        here = float(start)
        while here < start + length - 1e-9:
            midnight = (np.floor(here / 24) + 1.0) * 24
            until = min(midnight, start + length)
            day = int(np.floor(here / 24) + 3) % 7
            key = (day, round(here % 24, 6), round(here % 24 + until - here, 6))
            pieces[key] = pieces.get(key, 0.0) + share * (until - here) / length
            here = until
    return hours.reshape(7, 24), pieces
