"""Charts of tests, series and explanations: ``ax=None`` in, ``ax`` out.

Each reads a table or a few numbers and the words of a language, and knows no method.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.events import event_times
from crimeloc.messages.translator import Translator
from crimeloc.plotting.axes import start_axes
from crimeloc.plotting.colours import INK
from crimeloc.plotting.fonts import font
from crimeloc.units import instants, wall_clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "draw_parts_chart",
    "draw_repeat_chart",
    "draw_scan_chart",
    "draw_series_chart",
    "draw_worlds_chart",
    "parts_chart",
    "repeat_chart",
    "scan_chart",
    "series_chart",
    "worlds_chart",
]

_DAY_US = 86_400_000_000


def worlds_chart(
    simulated: NDArray[np.float64],
    observed: float,
    p_value: float,
    *,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Where does the observed count lie among the counts of shuffled worlds?

    Parameters
    ----------
    simulated : ndarray
        Close pairs in each shuffled world.
    observed : float
        Close pairs in the real one.
    p_value : float
        Of the test.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        A histogram of the worlds, the observed count as a dashed line.
    """
    return draw_worlds_chart(simulated, observed, p_value, Translator(lang), ax)


def draw_worlds_chart(
    simulated: NDArray[np.float64],
    observed: float,
    p_value: float,
    words: Translator,
    ax: Axes | None = None,
) -> Axes:
    """Draw it with the words of a translator."""
    ax = start_axes(ax, (6.0, 2.8))
    bins = min(30, max(8, len(np.unique(simulated)))) if len(simulated) else 8
    ax.hist(simulated, bins=bins, color=INK["muted"], alpha=0.55, lw=0)
    ax.axvline(observed, color=INK["second"], lw=2, ls="--")
    right = observed > float(np.mean(simulated)) if len(simulated) else True
    said = words("chart.observed", n=words.number(observed, 1), p=f"{p_value:.3g}")
    ax.annotate(
        said,
        (observed, 1.0),
        (-4 if right else 4, 1),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="right" if right else "left",
        va="bottom",
        fontsize=8.5,
        color=INK["second"],
        fontfamily=font()[0],
    )
    ax.set_xlabel(words("chart.knox"))
    ax.set_ylabel(words("chart.worlds"))
    return ax


def repeat_chart(frame: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """At which distance and after how long are there more pairs than chance makes?

    Parameters
    ----------
    frame : DataFrame
        ``distance``, ``time``, ``observed``, ``expected``, ``ratio``, ``p_adjusted``, a row for
        each cell, as ``table.to_frame()`` gives it.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Distance by time; each cell says how many times as many pairs as by chance. Cells where
        chance would make less than one pair are left grey.
    """
    return draw_repeat_chart(frame, Translator(lang), ax)


def draw_repeat_chart(frame: pd.DataFrame, words: Translator, ax: Axes | None = None) -> Axes:
    """Draw it with the words of a translator."""
    rows, columns = list(dict.fromkeys(frame["distance"])), list(dict.fromkeys(frame["time"]))
    ax = start_axes(ax, (1.6 + 0.95 * len(columns), 1.5 + 0.42 * len(rows)))
    shape = (len(rows), len(columns))
    ratio = frame["ratio"].to_numpy(dtype=np.float64).reshape(shape)
    thin = frame["expected"].to_numpy(dtype=np.float64).reshape(shape) < 1
    stars = frame["p_adjusted"].to_numpy(dtype=np.float64).reshape(shape) <= 0.05
    with np.errstate(divide="ignore", invalid="ignore"):
        shade = np.ma.masked_where(thin | ~np.isfinite(ratio), np.clip(np.log2(ratio), -2, 2))
    ax.set_facecolor("#e8ebee")
    mesh = ax.pcolormesh(shade, cmap="PuOr_r", vmin=-2, vmax=2, edgecolor="white", lw=1)
    for i in range(shape[0]):
        for j in range(shape[1]):
            known = np.isfinite(ratio[i, j])
            text = (f"×{ratio[i, j]:.2g}" if known else "–") + ("*" if stars[i, j] else "")
            dark = not thin[i, j] and known and abs(float(shade[i, j])) > 1.3
            ax.text(
                j + 0.5,
                i + 0.5,
                text,
                ha="center",
                va="center",
                fontsize=8.5,
                color="white" if dark else INK["ink"],
                fontweight="bold" if stars[i, j] else None,
            )
    ax.invert_yaxis()
    ax.set_xticks(np.arange(shape[1]) + 0.5, columns, fontfamily=font()[0])
    ax.set_yticks(np.arange(shape[0]) + 0.5, rows, fontfamily=font()[0])
    ax.tick_params(length=0)
    ax.set_xlabel(words("chart.time_apart") + "   " + words("chart.ratio.star"))
    ax.set_ylabel(words("chart.distance"))
    figure: Any = ax.figure
    bar = figure.colorbar(mesh, ax=ax, pad=0.015, aspect=18, ticks=[-2, -1, 0, 1, 2])
    bar.ax.set_yticklabels(["÷4", "÷2", "1", "×2", "×4"])
    bar.set_label(words("chart.ratio"), color=INK["muted"], fontfamily=font()[0], fontsize=9)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, colors=INK["muted"], labelsize=8)
    return ax


def scan_chart(
    clusters: pd.DataFrame,
    alpha: float,
    tz: str,
    *,
    lang: str = "en",
    ax: Axes | None = None,
    most: int = 12,
) -> Axes:
    """When were the clusters of a scan, and are they more than chance?

    Parameters
    ----------
    clusters : DataFrame
        ``cluster_id``, ``start``, ``end``, ``observed``, ``expected``, ``p_value``.
    alpha : float
        Level at which a cluster is called more than chance.
    lang : str
        ``"en"`` or ``"ko"``.
    tz : str
        Zone of the clocks at the venues.
    ax : Axes, optional
        Where to draw; by default a new figure.
    most : int
        How many clusters, the likeliest first.

    Returns
    -------
    Axes
        A bar for each cluster from its beginning to its end; hollow where chance explains it.
    """
    return draw_scan_chart(clusters, alpha, Translator(lang), tz, ax, most=most)


def draw_scan_chart(
    clusters: pd.DataFrame,
    alpha: float,
    words: Translator,
    tz: str,
    ax: Axes | None = None,
    *,
    most: int = 12,
) -> Axes:
    """Draw it with the words of a translator."""
    shown = clusters.head(most)
    ax = start_axes(ax, (6.6, 1.2 + 0.3 * max(len(shown), 2)))
    start, end = _days(shown["start"], tz), _days(shown["end"], tz)
    beyond = shown["p_value"].to_numpy(dtype=np.float64) <= alpha
    for place, (left, right, sure) in enumerate(zip(start, end, beyond, strict=True)):
        face = INK["second"] if sure else "none"
        ax.barh(place, max(right - left, 0.4), 0.62, left=left, color=face, ec=INK["second"], lw=1)
    columns = (shown["observed"], shown["expected"])
    for place, (seen, due) in enumerate(zip(*columns, strict=True)):
        said = words(
            "chart.cluster",
            observed=words.number(float(seen), 1),
            expected=words.number(float(due), 1),
        )
        late = start[place] > start.min() + 0.6 * (end.max() - start.min())
        ax.annotate(
            said,
            (start[place] if late else end[place], place),
            (-5 if late else 5, 0),
            textcoords="offset points",
            ha="right" if late else "left",
            va="center",
            fontsize=8,
            color=INK["muted"],
            fontfamily=font()[0],
        )
    ax.set_yticks(range(len(shown)), [str(name) for name in shown["cluster_id"]])
    ax.set_ylabel(words("layer.scan"))
    ax.set_ylim(len(shown) - 0.4, -0.6)
    _dates(ax, np.concatenate([start, end]), words)
    _legend(
        ax,
        [
            (INK["second"], words("chart.beyond", alpha=f"{alpha:g}")),
            ("none", words("chart.within")),
        ],
    )
    return ax


def series_chart(
    events: pd.DataFrame, tz: str, *, lang: str = "en", ax: Axes | None = None, most: int = 12
) -> Axes:
    """When did each of the largest series upload?

    Parameters
    ----------
    events : DataFrame
        ``event_id``, ``timestamp``, ``series_id``; several rows of an event count once.
    lang : str
        ``"en"`` or ``"ko"``.
    tz : str
        Zone of the clocks at the venues.
    ax : Axes, optional
        Where to draw; by default a new figure.
    most : int
        How many series.

    Returns
    -------
    Axes
        A line for each series, a stroke for each upload.
    """
    return draw_series_chart(events, Translator(lang), tz, ax, most=most)


def draw_series_chart(
    events: pd.DataFrame, words: Translator, tz: str, ax: Axes | None = None, *, most: int = 12
) -> Axes:
    """Draw it with the words of a translator."""
    once = events.dropna(subset="series_id").drop_duplicates("event_id")
    sizes = once["series_id"].value_counts()
    order = sorted(sizes.index, key=lambda name: (-int(sizes[name]), str(name)))[:most]
    ax = start_axes(ax, (6.8, 1.1 + 0.3 * max(len(order), 2)))
    day = wall_clock(event_times(once), tz) / _DAY_US
    for place, name in enumerate(order):
        mine = day[(once["series_id"] == name).to_numpy()]
        ax.vlines(mine, place - 0.34, place + 0.34, color=INK["accent"], lw=1.1, alpha=0.75)
    labels = [f"{name} ({words.number(float(sizes[name]))})" for name in order]
    ax.set_yticks(range(len(order)), labels)
    ax.set_ylabel(words("chart.series"))
    ax.set_ylim(len(order) - 0.4, -0.6)
    _dates(ax, day, words)
    ax.tick_params(axis="y", length=0)
    return ax


def parts_chart(parts: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Which explanation gives how much of a share?

    Parameters
    ----------
    parts : DataFrame
        ``expert`` and ``share``; the shares sum to the whole.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        A bar for each explanation, the largest first; those below a hundredth of the whole are
        left out.
    """
    return draw_parts_chart(parts, Translator(lang), ax)


def draw_parts_chart(parts: pd.DataFrame, words: Translator, ax: Axes | None = None) -> Axes:
    """Draw it with the words of a translator."""
    whole = float(parts["share"].sum())
    shown = parts[parts["share"] >= 0.01 * whole].sort_values("share", ascending=False)
    ax = start_axes(ax, (6.2, 0.8 + 0.34 * max(len(shown), 2)))
    ax.barh(range(len(shown)), shown["share"], 0.66, color=INK["accent"], lw=0)
    for place, share in enumerate(shown["share"]):
        ax.annotate(
            words.percent(float(share)),
            (share, place),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=INK["ink"],
        )
    labels = [words.expert(str(name)) for name in shown["expert"]]
    ax.set_yticks(range(len(shown)), labels, fontfamily=font()[0])
    ax.margins(x=0.12)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlabel(words("chart.part"))
    ax.xaxis.set_major_formatter(lambda value, _: words.percent(float(value)))
    ax.tick_params(axis="y", length=0)
    return ax


def _days(column: pd.Series, tz: str) -> NDArray[np.float64]:
    """Give days since 1970 on the clocks at the venues."""
    return np.asarray(wall_clock(instants(column), tz) / _DAY_US, dtype=np.float64)


def _dates(ax: Axes, days: NDArray[np.float64], words: Translator) -> None:
    if not len(days):
        ax.set_xticks([])
        return
    low, high = float(np.floor(days.min())), float(np.ceil(days.max()))
    span = max(high - low, 1.0)
    ticks = np.unique(np.round(np.linspace(low, high, 6)))
    labels = []
    for tick in ticks:
        date = pd.Timestamp(0) + pd.Timedelta(days=float(tick))
        labels.append(words.short_day(date))
    ax.set_xticks(ticks, labels, fontfamily=font()[0])
    ax.set_xlim(low - 0.02 * span, high + 0.02 * span)
    ax.grid(axis="x", color=INK["line"], lw=0.6)
    ax.set_axisbelow(True)


def _legend(ax: Axes, boxes: Sequence[tuple[str, str]]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(fc=face, ec=INK["second"], label=label) for face, label in boxes]
    ax.legend(
        handles=handles,
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(0, 1.14),
        ncols=2,
        prop={"family": font()[0], "size": 8.5},
        borderaxespad=0,
    )
