"""How forecasts fared: said against happened, and what officer-hours would have met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.messages.translator import Translator
from crimeloc.plotting.axes import need_columns, start_axes
from crimeloc.plotting.colours import INK
from crimeloc.plotting.fonts import font

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "calibration",
    "capture",
    "draw_calibration",
    "draw_capture",
    "draw_reliability",
    "reliability",
]

Floats = NDArray[np.float64]
_LOOKS = (("s", "-"), ("^", "-"), ("D", "--"), ("v", "-."), ("P", ":"), ("X", "--"))


def calibration(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Do the percentages mean what they say, and on how many forecasts does each point rest?

    Parameters
    ----------
    table : DataFrame
        As ``backtest.reliability()``: ``from``, ``to``, ``n``, ``forecast``, ``happened`` per bin,
        ``low`` and ``high`` where known; with a column ``method`` one line each, the first being
        the ranker.
    lang : str
        ``"en"`` or ``"ko"``.
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
    >>> bins = pd.DataFrame({"from": [0.0, 0.1], "to": [0.1, 1.0], "n": [90, 10],
    ...                      "forecast": [0.05, 0.4], "happened": [0.05, 0.5]})
    >>> ax = calibration(bins)
    >>> ax.get_legend_handles_labels()[1]
    ['ranker: ECE 1.0 points (from 1% on: 10.0)']
    """
    return draw_calibration(table, Translator(lang), ax)


def draw_calibration(table: pd.DataFrame, words: Translator, ax: Axes | None = None) -> Axes:
    """Draw the calibration with the words of a translator."""
    need_columns(table, ("from", "to", "n", "forecast", "happened"), "backtest.reliability()")
    ax = start_axes(ax, (5.2, 4.6))
    named = "method" in table.columns
    groups: list[tuple[Any, pd.DataFrame]] = (
        list(table.groupby("method", sort=False)) if named else [(words("backtest.ranker"), table)]
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


def reliability(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Of the things said to have a chance of 20 %, how many happened?

    Parameters
    ----------
    table : DataFrame
        ``forecast``, ``happened`` and ``n`` per bin, ``low`` and ``high`` where known; with a
        column ``method`` one line each, the first being the ranker.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Forecast against outcome; on the diagonal, chances were what they were said to be.
    """
    return draw_reliability(table, Translator(lang), ax)


def draw_reliability(table: pd.DataFrame, words: Translator, ax: Axes | None = None) -> Axes:
    """Draw the reliability with the words of a translator."""
    ax = start_axes(ax, (4.6, 3.4))
    groups = (
        list(table.groupby("method", sort=False))
        if "method" in table.columns
        else [(words("backtest.ranker"), table)]
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


def capture(
    table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None, officers: int = 1
) -> Axes:
    """How many uploads would so many officer-hours have met, beside the naive baselines?

    Parameters
    ----------
    table : DataFrame
        As ``backtest.captures``: ``method``, ``slots``, ``officer_hours``, ``capture``; with
        ``pei`` the most that any slots could have met is drawn too. The first method is the ranker.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.
    officers : int
        How many officers hold each slot.

    Returns
    -------
    Axes
        A line for each method; the first and the best baseline are named at their ends, the other
        baselines are grey and named together.

    Raises
    ------
    ParameterError
        A column is missing, or there is no officer.

    Notes
    -----
    Officer-hours = slots x length of a window x officers in each slot, for each series and each
    forecast (one origin of the backtest); the axis says so. Travel, and hours in which the
    venue is closed, are not in it. An upload is captured when it falls into a chosen slot: whether
    officers there would have noticed it is another question. What fools it: windows of different
    length; compare at equal officer-hours.

    Examples
    --------
    >>> table = pd.DataFrame({"method": ["Ranker", "Ranker", "frequency", "frequency"],
    ...     "slots": [10, 20, 10, 20], "officer_hours": [40.0, 80.0, 40.0, 80.0],
    ...     "capture": [0.3, 0.5, 0.2, 0.4]})
    >>> capture(table, officers=2).get_xlabel().splitlines()[1]
    '= slots × 4 h × officers per slot (2)'
    """
    return draw_capture(table, Translator(lang), ax, officers=officers)


def draw_capture(
    table: pd.DataFrame, words: Translator, ax: Axes | None = None, *, officers: int = 1
) -> Axes:
    """Draw the captures with the words of a translator."""
    need_columns(table, ("method", "slots", "officer_hours", "capture"), "backtest.captures")
    if officers < 1:
        raise ParameterError(
            "officers", found=repr(officers), expected="at least 1", hint=Hint(officers=1)
        )
    ax = start_axes(ax, (6.4, 3.8))
    hours = table["officer_hours"] * officers
    table = table.assign(officer_hours=hours).sort_values("officer_hours", kind="stable")
    methods = list(dict.fromkeys(table.sort_index()["method"]))
    lines = {name: table[table["method"] == name] for name in methods}
    rest = methods[1:]
    best = max(rest, key=lambda name: float(lines[name]["capture"].mean())) if rest else None
    highest = float(table["capture"].max()) if len(table) else 1.0
    ends: list[tuple[float, str, str]] = []
    others: list[float] = []
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
            alpha=1.0 if first or name == best else 0.45,
            label=words.method(str(name)),
            zorder=4 if first else 3 if name == best else 2,
        )
        if first or name == best:
            ends.append((float(rows["capture"].iloc[-1]), words.method(str(name)), colour))
        else:
            others.append(float(rows["capture"].iloc[-1]))
    if others:
        ends.append((float(np.mean(others)), words("chart.others", n=len(others)), INK["muted"]))
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


def _root(values: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def _off(name: str, rows: pd.DataFrame, words: Translator) -> str:
    """Name a method with its calibration error, in points."""

    def points(part: pd.DataFrame) -> str:
        total = float(part["n"].sum())
        if total <= 0:
            return words("number.unknown")
        gap = (part["forecast"] - part["happened"]).abs() * part["n"]
        return f"{100 * float(gap.sum()) / total:.1f}"

    likely = rows[rows["from"] >= 0.01]
    return words("chart.ece", method=name, all=points(rows), likely=points(likely))


def _counts(ax: Axes, rows: pd.DataFrame, words: Translator) -> None:
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


def _budgets(table: pd.DataFrame, words: Translator) -> tuple[list[float], list[str]]:
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
