"""Charts of a forecast and of its replay: ``ax=None`` in, ``ax`` out.

Each reads a table and the words of a language: `calibration` what a replay says of its chances,
`capture` what its hours would have bought beside the baselines, `week_strip` the week of a series
with its forecast beneath.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.messages.words import Words
from crimeloc.plotting.charts import _axes
from crimeloc.plotting.colours import HEAT, INK, ON_HEAT
from crimeloc.plotting.fonts import font
from crimeloc.units import instants, wall_clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["calibration", "capture", "week_strip"]

Floats = NDArray[np.float64]
_HOUR_US = 3_600_000_000
_LOOKS = (("s", "-"), ("^", "-"), ("D", "--"), ("v", "-."), ("P", ":"), ("X", "--"))


def calibration(table: pd.DataFrame, words: Words, ax: Axes | None = None) -> Axes:
    """Do the percentages mean what they say, and on how many forecasts does each point rest?

    Parameters
    ----------
    table : DataFrame
        As ``replay.reliability()``: ``from``, ``to``, ``n``, ``forecast``, ``happened`` per bin,
        ``low`` and ``high`` where known; with a column ``method`` one line each, the first being
        the ranker.
    words : Words
        The language.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Forecast against outcome; above, the number of forecasts in each bin of the first method.

    Raises
    ------
    ParameterError
        A column is missing.

    Notes
    -----
    The legend gives the expected calibration error, ``sum n |forecast - happened| / sum n``,
    in percentage points: over all bins, and over the bins from 1 % on (where nearly all forecasts
    are nearly 0 the first figure is near 0 for any method). Both axes are square-rooted, since
    most forecasts lie below 10 %. Vertical bars are the intervals of the table. Nothing is random.
    What fools it: bins of few forecasts, and a method that says the base rate every time: it lies
    on the line and knows nothing.

    Examples
    --------
    >>> from crimeloc.messages.words import words
    >>> bins = pd.DataFrame({"from": [0.0, 0.1], "to": [0.1, 1.0], "n": [90, 10],
    ...                      "forecast": [0.05, 0.4], "happened": [0.05, 0.5]})
    >>> ax = calibration(bins, words("en"))
    >>> ax.get_legend_handles_labels()[1]
    ['ranker: ECE 1.0 points (from 1% on: 10.0)']
    """
    _need(table, ("from", "to", "n", "forecast", "happened"), "replay.reliability()")
    ax = _axes(ax, (5.2, 4.6))
    named = "method" in table.columns
    groups: list[tuple[Any, pd.DataFrame]] = (
        list(table.groupby("method", sort=False)) if named else [(words("replay.ranker"), table)]
    )
    top = float(table[["forecast", "happened"]].to_numpy(dtype=np.float64).max(initial=0.04))
    top = min(1.0, 1.15 * top)
    ax.set_xscale("function", functions=(_root, np.square))
    ax.set_yscale("function", functions=(_root, np.square))
    ax.plot([0, 1], [0, 1], color=INK["muted"], lw=1, ls=":")
    for place, (name, rows) in enumerate(groups):
        colour = (INK["accent"], INK["second"], INK["muted"])[min(place, 2)]
        rows = rows.sort_values("forecast")
        if place == 0 and {"low", "high"} <= set(rows.columns):
            ax.vlines(rows["forecast"], rows["low"], rows["high"], color=colour, lw=1)
        marker, dash = ("o", "-") if place == 0 else _LOOKS[(place - 1) % len(_LOOKS)]
        ax.plot(
            rows["forecast"],
            rows["happened"],
            marker=marker,
            ls=dash,
            color=colour,
            ms=4.5,
            lw=1.4,
            label=_off(words.method(str(name)) if named else str(name), rows, words),
        )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks([tick for tick in (0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1) if tick < top])
        axis.set_major_formatter(lambda value, _: words.percent(float(value)))
    ax.set_xlim(0, top)
    ax.set_ylim(0, top)
    ax.set_xlabel(words("chart.forecast"))
    ax.set_ylabel(words("chart.happened"))
    ax.grid(color=INK["line"], lw=0.6)
    ax.legend(
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(-0.02, -0.14),
        prop={"family": font()[0], "size": 8.5},
    )
    if groups:
        _counts(ax, groups[0][1], words)
    return ax


def capture(
    table: pd.DataFrame, words: Words, ax: Axes | None = None, *, officers: int = 1
) -> Axes:
    """How many uploads would so many officer-hours have met, beside the naive baselines?

    Parameters
    ----------
    table : DataFrame
        As ``replay.captures``: ``method``, ``slots``, ``officer_hours``, ``capture``; with ``pei``
        the most that any slots could have met is drawn too. The first method is the ranker.
    words : Words
        The language.
    ax : Axes, optional
        Where to draw; by default a new figure.
    officers : int
        How many officers hold each slot.

    Returns
    -------
    Axes
        A line for each method, named at its end; the best baseline in the second colour.

    Raises
    ------
    ParameterError
        A column is missing, or there is no officer.

    Notes
    -----
    Officer-hours = slots x length of a window x officers in each slot, for each series and each
    forecast (one origin of the replay); the axis says so. Travel, and hours in which the
    venue is closed, are not in it. An upload is captured when it falls into a chosen slot: whether
    officers there would have noticed it is another question. What fools it: windows of different
    length; compare at equal officer-hours.

    Examples
    --------
    >>> from crimeloc.messages.words import words
    >>> table = pd.DataFrame({"method": ["Ranker", "Ranker", "frequency", "frequency"],
    ...     "slots": [10, 20, 10, 20], "officer_hours": [40.0, 80.0, 40.0, 80.0],
    ...     "capture": [0.3, 0.5, 0.2, 0.4]})
    >>> capture(table, words("en"), officers=2).get_xlabel().splitlines()[1]
    '= slots × 4 h × officers per slot (2)'
    """
    _need(table, ("method", "slots", "officer_hours", "capture"), "replay.captures")
    if officers < 1:
        raise ParameterError(
            "officers", found=repr(officers), expected="at least 1", hint=Hint(officers=1)
        )
    ax = _axes(ax, (6.4, 3.8))
    hours = table["officer_hours"] * officers
    table = table.assign(officer_hours=hours).sort_values("officer_hours", kind="stable")
    methods = list(dict.fromkeys(table.sort_index()["method"]))
    lines = {name: table[table["method"] == name] for name in methods}
    rest = methods[1:]
    best = max(rest, key=lambda name: float(lines[name]["capture"].mean())) if rest else None
    highest = float(table["capture"].max()) if len(table) else 1.0
    ends = []
    for place, name in enumerate(methods):
        rows = lines[name]
        first = place == 0
        colour = INK["accent"] if first else INK["second"] if name == best else INK["muted"]
        marker, dash = ("o", "-") if first else _LOOKS[(place - 1) % len(_LOOKS)]
        ax.plot(
            rows["officer_hours"],
            rows["capture"],
            marker=marker,
            ls=dash,
            color=colour,
            lw=2.2 if first else 1.2,
            ms=5.5 if first else 4,
            label=words.method(str(name)),
            zorder=4 if first else 3 if name == best else 2,
        )
        ends.append((float(rows["capture"].iloc[-1]), words.method(str(name)), colour))
    if methods and "pei" in table.columns:
        rows = lines[methods[0]]
        most = (rows["capture"] / rows["pei"]).where(rows["pei"] > 0)
        if (most < 0.995).any():
            ax.plot(rows["officer_hours"], most, color=INK["ink"], lw=1, ls=":")
            ends.append((float(most.iloc[-1]), words("chart.most"), INK["ink"]))
            highest = max(highest, float(most.max()))
    top = min(1.02, 1.1 * max(highest, 0.05))
    ax.set_ylim(0, top)
    _name_ends(ax, ends, float(table["officer_hours"].max()) if len(table) else 1.0, top)
    ax.set_xlim(left=0)
    ticks, labels = _budgets(table, words)
    ax.set_xticks(ticks, labels)
    length = float((hours / table["slots"]).iloc[0]) / officers if len(table) else float("nan")
    ax.set_xlabel(words("chart.officer_hours", hours=f"{length:g}", officers=officers))
    ax.xaxis.label.set_linespacing(1.5)
    ax.set_ylabel(words("chart.captured"))
    ax.yaxis.set_major_formatter(lambda value, _: words.percent(float(value)))
    ax.grid(axis="y", color=INK["line"], lw=0.6)
    ax.set_axisbelow(True)
    return ax


def week_strip(
    week: Floats, forecast: pd.DataFrame, words: Words, tz: str, ax: Axes | None = None
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
    words : Words
        The language.
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
    >>> from crimeloc.messages.words import words
    >>> start = pd.Timestamp("2026-03-06 20:00", tz="Asia/Seoul")
    >>> windows = pd.DataFrame({"window_start": [start], "share": [1.0],
    ...                         "window_end": [start + pd.Timedelta("4h")]})
    >>> ax = week_strip(np.eye(7, 24), windows, words("en"), "Asia/Seoul")
    >>> [text.get_text() for text in ax.texts]
    ['100%']
    """
    from matplotlib.colors import ListedColormap

    _need(forecast, ("window_start", "window_end", "share"), "ranking.windows")
    if np.shape(week) != (7, 24):
        found = Message("shape {shape}", shape=np.shape(week))
        raise ParameterError(
            "week", found=found, expected="shape (7, 24)", hint="charts.week_table(...)"
        )
    count = len(forecast["series_id"].unique()) if "series_id" in forecast.columns else 1
    if count > 1:
        found = Message("{count} series", count=count)
        hint = 'forecast[forecast["series_id"] == "S-01"]'
        raise ParameterError("forecast", found=found, expected="one series", hint=hint)
    ax = _axes(ax, (7.0, 4.6))
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
    ax.set_yticks(np.arange(7) + tall, [words(f"weekday.{day}") for day in range(7)])
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


def _need(table: pd.DataFrame, columns: tuple[str, ...], source: str) -> None:
    lost = [name for name in columns if name not in table.columns]
    if lost:
        raise ParameterError(
            "table",
            found=Message("no column {lost}", lost=", ".join(lost)),
            expected=f"{', '.join(columns)}",
            hint=source,
        )


def _root(values: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def _off(name: str, rows: pd.DataFrame, words: Words) -> str:
    """Name a method with its calibration error, in points."""

    def points(part: pd.DataFrame) -> str:
        total = float(part["n"].sum())
        if total <= 0:
            return words("number.unknown")
        gap = (part["forecast"] - part["happened"]).abs() * part["n"]
        return f"{100 * float(gap.sum()) / total:.1f}"

    likely = rows[rows["from"] >= 0.01]
    return words("chart.ece", method=name, all=points(rows), likely=points(likely))


def _counts(ax: Axes, rows: pd.DataFrame, words: Words) -> None:
    """Write above the chart how many forecasts each bin holds."""
    right = ax.get_xlim()[1]
    above = ax.twiny()
    above.set_xscale("function", functions=(_root, np.square))
    above.set_xlim(0, right)
    low, high = rows["from"].to_numpy(dtype=float), rows["to"].to_numpy(dtype=float)
    middle = np.square((_root(low) + _root(np.minimum(high, right))) / 2)
    counts = [words.number(float(round(n))) for n in rows["n"]]
    above.set_xticks(middle, counts, rotation=90, fontfamily=font()[0])
    above.tick_params(length=2, colors=INK["muted"], labelsize=8)
    looks: Any = {"color": INK["muted"], "fontfamily": font()[0], "fontsize": 9}
    above.set_xlabel(words("chart.forecasts"), **looks)
    for side in ("top", "right", "left", "bottom"):
        above.spines[side].set_visible(False)


def _budgets(table: pd.DataFrame, words: Words) -> tuple[list[float], list[str]]:
    """Give the budgets to be named under the axis: those with room for their words."""
    ticks: list[float] = []
    labels = []
    pairs = table[["slots", "officer_hours"]].drop_duplicates()
    for slots, hours in zip(pairs["slots"], pairs["officer_hours"], strict=True):
        if not ticks or hours - ticks[-1] >= 0.1 * float(pairs["officer_hours"].max()):
            ticks.append(float(hours))
            labels.append(words("chart.budget", hours=words.number(float(hours)), slots=slots))
    return ticks, labels


def _name_ends(ax: Axes, ends: list[tuple[float, str, str]], right: float, top: float) -> None:
    """Write the name of each line at its end, apart from each other."""
    order = sorted(ends, key=lambda one: one[0])
    least = 0.062 * top
    blocks: list[list[float]] = []  # middle and number of names of each block
    for height, _, _ in order:
        blocks.append([height, 1.0])
        while len(blocks) > 1:
            (low, under), (high, above) = blocks[-2:]
            if high - low >= (under + above) / 2 * least:
                break
            blocks[-2:] = [[(low * under + high * above) / (under + above), under + above]]
    spots = [
        middle + (place - (count - 1) / 2) * least
        for middle, count in blocks
        for place in range(int(count))
    ]
    for (height, name, colour), spot in zip(order, spots, strict=True):
        ax.annotate(
            name,
            (right, height),
            (1.03, spot / top),
            xycoords="data",
            textcoords="axes fraction",
            va="center",
            fontsize=8.5,
            color=colour,
            fontfamily=font()[0],
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "lw": 0.5,
                "relpos": (0, 0.5),
                "shrinkA": 1,
                "shrinkB": 3,
            },
        )


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
