"""One line in a notebook, one picture: what stands behind `.map()`, `.plot()` and `.slider()`.

Each function takes a result, reads its tables and draws them; none fits anything. The signatures
that a notebook shows are in `crimeloc.drawing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.messages.translator import Translator
from crimeloc.units import instant, instants, local_zone

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from crimeloc.evaluation import Backtest
    from crimeloc.linking.links import Links
    from crimeloc.plotting.notebook_axes import Canvas
    from crimeloc.ranking import Ranking
    from crimeloc.ranking.explain import Explanation
    from crimeloc.stats.knox import KnoxResult
    from crimeloc.stats.near_repeat import NearRepeatTable
    from crimeloc.stats.scan.result import ScanResult

__all__ = [
    "backtest_plot",
    "explanation_plot",
    "knox_plot",
    "links_plot",
    "near_repeat_plot",
    "ranking_plot",
    "ranking_slider",
    "scan_plot",
]


def ranking_plot(
    ranking: Ranking,
    located: gpd.GeoDataFrame | None = None,
    *,
    series: str | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """At which hours of the week was the series, and where does the forecast put the next ones?

    Parameters
    ----------
    ranking : Ranking
        As `crimeloc.rank` gives it.
    located : GeoDataFrame, optional
        LOCATED; by default what the ranking itself rests on.
    series : str, optional
        The series; by default the one with the most past uploads.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        As `crimeloc.plotting.week_strip`.
    """
    from crimeloc.plotting.habit_charts import week_table
    from crimeloc.plotting.week_charts import draw_week_strip

    voice = Translator(lang)
    one = ranking.one(series)
    past = _of(ranking.past if located is None else located, one)
    past = past[instants(past["timestamp"]) < instant(ranking.at).value // 1_000]
    past = past.drop_duplicates("event_id")
    windows = _of(ranking.windows, one)
    week = week_table(past, np.ones(len(past)), ranking.tz)
    best: Any = windows.iloc[int(windows["share"].to_numpy().argmax())]
    start, end = (best[name].tz_convert(ranking.tz) for name in ("window_start", "window_end"))
    text = voice(
        "alt.ranking", window=voice.window(start, end), p=voice.percent(float(best["share"]))
    )
    return draw_week_strip(week, windows, voice, ranking.tz, ax or _blank((7.0, 4.6), text))


def ranking_slider(
    ranking: Ranking, *, series: str | None = None, top: int = 5, lang: str = "en"
) -> Any:
    """What does the forecast say of each window? A slider over time.

    Parameters
    ----------
    ranking : Ranking
        As `crimeloc.rank` gives it.
    series : str, optional
        The series; by default the one with the most past uploads.
    top : int
        How many venues are listed for each window.
    lang : str
        ``"en"`` or ``"ko"``.

    Returns
    -------
    Widget
        Arrow keys move the slider; the table beneath follows.

    Raises
    ------
    ParameterError
        ipywidgets is not installed.
    """
    from crimeloc.plotting.slider import slider

    one = ranking.one(series)
    slots, windows = _of(ranking.slots, one), _of(ranking.windows, one)
    return slider(slots, windows, ranking.register, ranking.tz, Translator(lang), top)


def backtest_plot(
    backtest: Backtest, kind: str | None = None, *, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """Would it have worked: what was captured, or did the percentages mean what they say?

    Parameters
    ----------
    backtest : Backtest
        As `crimeloc.backtest` gives it.
    kind : str, optional
        ``"capture"`` (of a backtest with protocol ``"horizon"``) or ``"calibration"``; by default
        the first that the backtest can show.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        As `crimeloc.plotting.capture` or `crimeloc.plotting.calibration`.

    Raises
    ------
    ParameterError
        Another kind, or captures of a backtest that has none.
    """
    from crimeloc.plotting.backtest_charts import draw_calibration, draw_capture

    voice, captures = Translator(lang), backtest.captures
    kind = kind or ("capture" if len(captures) else "calibration")
    if kind == "calibration":
        bins = backtest.reliability()
        text = voice("alt.calibration", n=len(bins))
        return draw_calibration(bins, voice, ax or _blank((5.2, 4.6), text))
    if kind != "capture":
        expected = "'capture' or 'calibration'"
        raise ParameterError(
            "kind", found=repr(kind), expected=expected, hint=Hint(kind="calibration")
        )
    if not len(captures):
        found = "a backtest upload by upload, which holds no slots"
        raise ParameterError(
            "kind", found=found, expected="protocol='horizon'", hint=Hint(kind="calibration")
        )
    most = voice.percent(float(captures["capture"].max()))
    return draw_capture(captures, voice, ax or _blank((6.4, 3.8), voice("alt.capture", most=most)))


def knox_plot(result: KnoxResult, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Where does the observed count of close pairs lie among those of shuffled worlds?

    Parameters
    ----------
    result : KnoxResult
        As `crimeloc.knox_test` gives it.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        As `crimeloc.plotting.result_charts.worlds_chart`.
    """
    from crimeloc.plotting.result_charts import draw_worlds_chart

    voice = Translator(lang)
    text = voice(
        "alt.knox",
        draws=voice.number(result.n_permutations),
        mean=voice.number(result.expected, 1),
        observed=voice.number(result.observed, 1),
        p=f"{result.p_value:.3g}",
    )
    ax = ax or _blank((6.0, 2.8), text)
    return draw_worlds_chart(result.simulated, result.observed, result.p_value, voice, ax)


def near_repeat_plot(table: NearRepeatTable, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """At which distance and after how long are there more pairs than chance makes?

    Parameters
    ----------
    table : NearRepeatTable
        As `crimeloc.near_repeat_table` gives it.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        As `crimeloc.plotting.result_charts.repeat_chart`.
    """
    from crimeloc.plotting.result_charts import draw_repeat_chart

    voice, frame = Translator(lang), table.to_frame()
    text = voice("alt.repeat", n=int((frame["p_adjusted"] <= 0.05).sum()))
    high, wide = table.observed.shape
    return draw_repeat_chart(
        frame, voice, ax or _blank((1.6 + 0.95 * wide, 1.5 + 0.42 * high), text)
    )


def scan_plot(
    result: ScanResult, *, most: int = 12, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """When were the clusters of a scan, and are they more than chance?

    Parameters
    ----------
    result : ScanResult
        As `crimeloc.scan_test` gives it.
    most : int
        How many clusters, the likeliest first.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        As `crimeloc.plotting.result_charts.scan_chart`.
    """
    from crimeloc.plotting.result_charts import draw_scan_chart

    voice, table = Translator(lang), result.clusters
    n = min(most, len(table))
    beyond = int((table["p_value"].head(most) <= result.alpha).sum())
    ax = ax or _blank((6.6, 1.2 + 0.3 * max(n, 2)), voice("alt.scan", n=n, beyond=beyond))
    return draw_scan_chart(table, result.alpha, voice, str(result.start.tz), ax, most=most)


def links_plot(
    links: Links,
    pair: tuple[str, str] | None = None,
    *,
    most: int = 12,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """When did each series upload; or, for a pair, how does the evidence on it add up?

    Parameters
    ----------
    links : Links
        As `crimeloc.link_events` gives it.
    pair : tuple of str, optional
        Two uploads, as named in ``links.pairs``: draw the evidence on them.
    most : int
        How many series.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        As `crimeloc.plotting.result_charts.series_chart` or `crimeloc.plotting.waterfall`.

    Raises
    ------
    ParameterError
        No such pair was weighed.
    """
    from crimeloc.plotting.link_charts import draw_waterfall
    from crimeloc.plotting.result_charts import draw_series_chart

    voice = Translator(lang)
    if pair is not None:
        steps = links.waterfall(*pair)
        text = voice("alt.waterfall", score=f"{float(steps['to'].iloc[-1]):.1f}")
        return draw_waterfall(steps, voice, ax or _blank((6.4, 0.9 + 0.36 * len(steps)), text))
    events = links.events
    n = min(most, events["series_id"].nunique())
    ax = ax or _blank((6.8, 1.1 + 0.3 * max(n, 2)), voice("alt.links", n=n))
    return draw_series_chart(events, voice, local_zone(events), ax, most=most)


def explanation_plot(explanation: Explanation, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Which explanation gives how much of this share?

    Parameters
    ----------
    explanation : Explanation
        As ``ranking.explain`` gives it.
    lang : str
        ``"en"`` or ``"ko"``.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        As `crimeloc.plotting.result_charts.parts_chart`.
    """
    from crimeloc.plotting.result_charts import draw_parts_chart

    voice = Translator(lang)
    said = voice.percent(float(explanation.share))
    text = voice("alt.parts", venue=explanation.venue_id, p=said)
    shown = int((explanation.parts["share"] >= 0.01 * explanation.share).sum())
    return draw_parts_chart(explanation.parts, voice, ax or _blank((6.2, 0.8 + 0.34 * shown), text))


def _blank(size: tuple[float, float], text: str) -> Canvas:
    from crimeloc.plotting.notebook_axes import canvas

    drawing = canvas(size)
    drawing.alt = text
    return drawing


def _of(table: pd.DataFrame, series: str) -> pd.DataFrame:
    """Give the rows of one series, where the table names series."""
    return table[table["series_id"] == series] if "series_id" in table.columns else table
