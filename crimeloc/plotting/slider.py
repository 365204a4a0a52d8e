"""A slider over the windows of a forecast, for a notebook: the one widget of the house."""

from __future__ import annotations

import html
from importlib import import_module
from typing import Any

import geopandas as gpd
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.messages.translator import Translator
from crimeloc.tables import ELSEWHERE

__all__ = ["slider", "window_table"]


def window_table(
    slots: pd.DataFrame,
    window: pd.Series,
    names: dict[str, str],
    tz: str,
    words: Translator,
    top: int,
) -> str:
    """Say which venues are likeliest in one window.

    Parameters
    ----------
    slots : DataFrame
        SLOTS of one series.
    window : Series
        ``window_start``, ``window_end``, ``share``.
    names : dict
        Name of each venue.
    tz : str
        Zone of the clocks at the venues.
    words : Translator
        The language.
    top : int
        How many venues.

    Returns
    -------
    str
        Markup; names from tables are escaped.
    """
    start, end = (window[name].tz_convert(tz) for name in ("window_start", "window_end"))
    share = words.percent(float(window["share"]))
    said = words("slider.window", window=words.window(start, end), p=share)
    here = slots[slots["window_start"] == window["window_start"]]
    here = here[here["venue_id"] != ELSEWHERE]
    order = ["share", "venue_id"]
    here = here.sort_values(order, ascending=[False, True]).head(top)
    highest = max(float(slots["probability"].max()), 1e-12)
    rows = "".join(
        f"<tr><td style='text-align:left'>{html.escape(names.get(str(venue), str(venue)))} "
        f"<small>{html.escape(str(venue))}</small></td>"
        f"<td>{words.percent(float(chance))}</td><td style='min-width:160px'>"
        f"<div style='height:9px;width:{160 * float(chance) / highest:.0f}px;background:#0072b2'>"
        "</div></td></tr>"
        for venue, chance in zip(here["venue_id"], here["probability"], strict=True)
    )
    heads = (words("col.venue"), words("col.probability"), "")
    head = "".join(f"<th style='text-align:left'>{html.escape(one)}</th>" for one in heads)
    return f"<p>{html.escape(said)}</p><table><thead><tr>{head}</tr></thead>{rows}</table>"


def slider(
    slots: pd.DataFrame,
    windows: pd.DataFrame,
    register: gpd.GeoDataFrame,
    tz: str,
    words: Translator,
    top: int,
) -> Any:
    """Give a slider over the windows, and beneath it the likeliest venues of each.

    Parameters
    ----------
    slots, windows : DataFrame
        As ``ranking.slots`` and ``ranking.windows``, of one series.
    register : GeoDataFrame
        VENUES.
    tz : str
        Zone of the clocks at the venues.
    words : Translator
        The language.
    top : int
        How many venues are listed.

    Returns
    -------
    VBox
        Of ipywidgets; it begins at the likeliest window.

    Raises
    ------
    ParameterError
        ipywidgets is not installed.
    """
    try:
        ipywidgets: Any = import_module("ipywidgets")
    except ImportError:
        hint = 'pip install "ipywidgets>=8.1" (part of "crimeloc[lab]")'
        raise ParameterError(
            "slider", found="no ipywidgets", expected=words("slider.need"), hint=hint
        ) from None
    windows = windows.sort_values("window_start").reset_index(drop=True)
    if not len(windows):
        raise ParameterError(
            "slider",
            found="no window",
            expected="a horizon that holds one",
            hint=Hint(horizon="7D"),
        )
    named = register["name"] if "name" in register.columns else register["venue_id"]
    named = named.fillna(register["venue_id"]).astype("str")
    names = dict(zip(register["venue_id"].astype("str"), named, strict=True))
    labels = []
    for start, end in zip(windows["window_start"], windows["window_end"], strict=True):
        labels.append(words.window(start.tz_convert(tz), end.tz_convert(tz)))
    choice = ipywidgets.SelectionSlider(
        options=[(label, place) for place, label in enumerate(labels)],
        value=int(windows["share"].to_numpy().argmax()),
        description=words("slider.label"),
        continuous_update=False,
        layout={"width": "95%"},
    )
    shown = ipywidgets.HTML()

    def follow(_: object = None) -> None:
        row = windows.iloc[choice.value]
        shown.value = window_table(slots, row, names, tz, words, top)

    choice.observe(follow, names="value")
    follow()
    return ipywidgets.VBox([choice, shown])
