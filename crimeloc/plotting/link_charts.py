"""Charts of a linkage: ``ax=None`` in, ``ax`` out.

`waterfall` shows what the evidence on one pair adds up to, `pair_roc` how well scores part the
pairs of one person from those of two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.messages.translator import Translator
from crimeloc.plotting.axes import need_columns, start_axes
from crimeloc.plotting.colours import INK
from crimeloc.plotting.fonts import font

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_pair_roc", "draw_waterfall", "pair_roc", "waterfall"]


def waterfall(
    steps: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None, bar: float = 0.95
) -> Axes:
    """What speaks for one person behind these two uploads, what against, and what is the sum?

    Parameters
    ----------
    steps : DataFrame
        As ``links.waterfall(event_1, event_2)``: ``evidence``, ``bits``, ``from``, ``to``; the
        last row is the score.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.
    bar : float
        Probability from which uploads are joined; a dotted line marks it.

    Returns
    -------
    Axes
        A bar for each kind of evidence, from top to bottom, each beginning where the last ended.

    Raises
    ------
    ParameterError
        A column is missing, or `bar` is no probability.

    Notes
    -----
    One bit doubles the odds. The first bar is how rare it is that two uploads taken at random are
    one person's; the last gives the sum with its probability. Bars for are solid and to the right,
    bars against are hatched and to the left, so that the chart is read without colour. Nothing is
    random. What fools it: kinds of evidence are added as if they were independent.

    Examples
    --------
    >>> steps = pd.DataFrame({"evidence": ["prior", "device", "score"], "bits": [-10.0, 16.0, 6.0],
    ...                       "from": [0.0, -10.0, 0.0], "to": [-10.0, 6.0, 6.0]})
    >>> ax = waterfall(steps)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['how rare it is', 'device', 'sum: 98%']
    """
    return draw_waterfall(steps, Translator(lang), ax, bar=bar)


def draw_waterfall(
    steps: pd.DataFrame, words: Translator, ax: Axes | None = None, *, bar: float = 0.95
) -> Axes:
    """Draw it with the words of a translator."""
    need_columns(steps, ("evidence", "bits", "from", "to"), "links.waterfall(event_1, event_2)")
    if not 0 < bar < 1:
        raise ParameterError("bar", found=bar, expected="between 0 and 1", hint=Hint(bar=0.95))
    ax = start_axes(ax, (6.4, 0.9 + 0.36 * max(len(steps), 2)))
    steps = steps.reset_index(drop=True)
    low = float(np.minimum(steps["from"], steps["to"]).min()) if len(steps) else 0.0
    high = float(np.maximum(steps["from"], steps["to"]).max()) if len(steps) else 0.0
    line = float(np.log2(bar / (1 - bar)))
    names = []
    for place, row in enumerate(steps.itertuples(index=False)):
        kind, bits, begin, end = str(row[0]), float(row[1]), float(row[2]), float(row[3])
        last = kind == "score"
        colour = INK["ink"] if last else INK["accent"] if bits >= 0 else INK["second"]
        ax.barh(
            place,
            end - begin,
            0.62,
            left=begin,
            color=colour if bits >= 0 or last else "none",
            edgecolor=colour,
            lw=1,
            hatch=None if bits >= 0 or last else "////",
        )
        if not last and place + 1 < len(steps) and steps["evidence"].iloc[place + 1] != "score":
            ax.plot([end, end], [place, place + 1], color=INK["muted"], lw=0.8)
        right = end >= begin
        ax.annotate(
            f"{bits:+.1f}",
            (end, place),
            (4 if right else -4, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            color=INK["ink"],
            fontsize=8.5,
            fontfamily=font()[0],
        )
        chance = words.percent(1.0 / (1.0 + 2.0 ** -min(max(bits, -60.0), 60.0)))
        names.append(words("chart.link.sum", chance=chance) if last else _kind(kind, words))
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.axvline(0, color=INK["muted"], lw=0.9)
    ax.axvline(line, color=INK["second"], lw=1.1, ls=":")
    ax.annotate(
        words("chart.link.bar", chance=words.percent(bar)),
        (line, 1.0),
        (0, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="center",
        va="bottom",
        color=INK["second"],
        fontsize=8.5,
        fontfamily=font()[0],
    )
    span = max(high, line) - min(low, 0.0)
    ax.set_xlim(min(low, 0.0) - 0.14 * span, max(high, line) + 0.14 * span)
    ax.set_xlabel(words("chart.link.bits"))
    ax.grid(axis="x", color=INK["line"], lw=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    return ax


def pair_roc(curve: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """How many true pairs does each score find, and how many false ones does it let in?

    Parameters
    ----------
    curve : DataFrame
        As ``crimeloc.linking.pair_roc(links, truth)``: ``score``, ``found``, ``false_link``,
        ``area``.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Share found against share of false links on a logarithmic axis; a few scores are named.

    Raises
    ------
    ParameterError
        A column is missing.

    Notes
    -----
    Nearly all pairs of a log are two persons', so that false links are shown on a logarithmic
    scale; points without any stand at the left edge. The dotted line leads to the pairs that were
    never weighed.

    Examples
    --------
    >>> curve = pd.DataFrame({"score": [9.0, 4.0, np.nan], "found": [0.7, 0.9, 1.0],
    ...                       "false_link": [0.0, 1e-4, 1.0], "area": [0.0, 0.0, 0.95]})
    >>> ax = pair_roc(curve)
    >>> ax.get_xscale(), ax.get_title()
    ('log', 'area under the curve 0.950')
    """
    return draw_pair_roc(curve, Translator(lang), ax)


def draw_pair_roc(curve: pd.DataFrame, words: Translator, ax: Axes | None = None) -> Axes:
    """Draw it with the words of a translator."""
    need_columns(
        curve, ("score", "found", "false_link", "area"), "crimeloc.linking.pair_roc(links, truth)"
    )
    ax = start_axes(ax, (5.2, 3.8))
    above = curve["false_link"][curve["false_link"] > 0]
    edge = float(above.min()) / 3 if len(above) else 1e-3
    x = curve["false_link"].clip(lower=edge).to_numpy(dtype=np.float64)
    y = curve["found"].to_numpy(dtype=np.float64)
    weighed = curve["score"].notna().to_numpy(dtype=bool)
    ax.set_xscale("log")
    ax.step(x[weighed], y[weighed], where="post", color=INK["accent"], lw=1.8)
    ax.plot(x[weighed], y[weighed], "o", color=INK["accent"], ms=3.5)
    if (~weighed).any() and weighed.any():
        last = int(np.flatnonzero(weighed)[-1])
        ax.plot([x[last], 1.0], [y[last], 1.0], color=INK["muted"], lw=1, ls=":")
    spot = -1.0
    for place in np.flatnonzero(weighed)[::-1]:
        if spot < 0 or abs(y[place] - spot) > 0.09:
            ax.annotate(
                words("chart.link.score", bits=f"{curve['score'].iloc[place]:.0f}"),
                (x[place], y[place]),
                (5, -3),
                textcoords="offset points",
                ha="left",
                va="top",
                color=INK["muted"],
                fontsize=8,
                fontfamily=font()[0],
            )
            spot = float(y[place])
    ax.set_xlim(edge * 0.8, 1.3)
    ax.set_ylim(0, 1.03)
    ax.set_xlabel(words("chart.link.false"))
    ax.set_ylabel(words("chart.link.found"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    area = float(curve["area"].iloc[-1]) if len(curve) else float("nan")
    ax.set_title(
        words("chart.link.area", area=f"{area:.3f}"),
        fontsize=9,
        color=INK["muted"],
        fontfamily=font()[0],
    )
    ax.grid(color=INK["line"], lw=0.6)
    ax.set_axisbelow(True)
    return ax


def _kind(name: str, words: Translator) -> str:
    """Give the words for a kind of evidence; one that is not known is named as it is."""
    return words.get(f"chart.link.kind.{name}", name.replace("_", " "))
