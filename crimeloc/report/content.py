"""Everything a briefing is made of, in one object: the page and each export draw from it alone.

`collect` fills it, `redact` takes out what a level of disclosure forbids, and nothing that draws
asks a ranking, a backtest or a test again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.plotting.ground_layers import Move
from crimeloc.plotting.heat_maps import HeatMap
from crimeloc.provenance import Input, Provenance
from crimeloc.units import Duration

__all__ = [
    "ROWS_SHOWN",
    "SET_LEVEL",
    "BacktestSummary",
    "Change",
    "Content",
    "Reasons",
    "RowGroup",
    "SetSummary",
    "Settings",
    "Timeline",
]

ROWS_SHOWN = 12
"""Rows of each group that stand on the page."""
SET_LEVEL = 0.8
"""Share of the chance that the sets on the page hold."""


class Change(NamedTuple):
    """A change of a series.

    Parameters
    ----------
    kind : str
        ``"place"`` or ``"hours"``.
    at : Timestamp
        First upload after it, on the clocks at the venues.
    text : str
        The change in words.
    move : Move or None
        Where it moved from and to.
    """

    kind: str
    at: pd.Timestamp
    text: str
    move: Move | None


@dataclass(frozen=True)
class Settings:
    """How a briefing is to look.

    Parameters
    ----------
    lang : str
        ``"en"`` or ``"ko"``.
    title, banner : str or None
        As the analyst gave them.
    top : int
        How many venues and slots are listed.
    bandwidth_m : float
        Of the heat, in metres.
    half_life : str, timedelta or None
        Of the heat.
    file_names : bool
        Whether the level ``"briefing"`` names the files that were read.
    """

    lang: str = "en"
    title: str | None = None
    banner: str | None = None
    top: int = 10
    bandwidth_m: float = 400.0
    half_life: Duration | None = "30D"
    file_names: bool = True


class Timeline(NamedTuple):
    """How many uploads fell into each whole step of days before the moment.

    Parameters
    ----------
    heights : ndarray
        Uploads by step, the latest first.
    width : int
        Days of a step.
    """

    heights: NDArray[np.float64]
    width: int


@dataclass(frozen=True)
class SetSummary:
    """How many of the likeliest hold most of the chance, and how such sets fared.

    Parameters
    ----------
    by : str
        ``"venues"`` or ``"slots"``.
    size, of : int
        Number in the set, and of all.
    used : float
        Share the set holds.
    coverage : float
        Part of past uploads that such sets would have held; NaN where none was checked.
    n : float
        Past uploads checked; NaN where that is withheld.
    """

    by: str
    size: int
    of: int
    used: float
    coverage: float
    n: float


@dataclass(frozen=True)
class BacktestSummary:
    """How such forecasts fared: what of a backtest is shown, and nothing else.

    Parameters
    ----------
    scores : DataFrame
        Scores by method, the ranker first.
    reliability : mapping
        Forecast against outcome by bins, for each method.
    captures : DataFrame or None
        Uploads captured by method and officer-hours.
    notes : tuple of str
        What the backtest says of its limits.
    series : tuple of str
        The series it tested; empty where it names none, or where that is withheld.
    """

    scores: pd.DataFrame
    reliability: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    captures: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    series: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reasons:
    """Where probabilities come from, in sentences.

    Parameters
    ----------
    lines : mapping
        The whole explanation of the first venues, line by line.
    venues : mapping
        What the series did before at each listed venue, in short.
    slots : mapping
        The same for each listed slot, by venue and start of the window.
    """

    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    venues: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[tuple[str, pd.Timestamp], str] = field(default_factory=dict)


@dataclass(frozen=True)
class RowGroup:
    """Rows of the input that stand behind a number.

    Parameters
    ----------
    kind : str
        ``"venue"``: of a listed venue; ``"unplaced"``: uploads without a candidate; ``"spread"``:
        uploads with several.
    rows : DataFrame
        The latest rows, latest first.
    n : int
        How many rows there are in all.
    venue_id, name : str
        The venue; empty for the other kinds.
    """

    kind: str
    rows: pd.DataFrame = field(repr=False)
    n: int
    venue_id: str = ""
    name: str = ""


@dataclass(frozen=True)
class Content:
    """What a briefing is made of.

    Parameters
    ----------
    summary : ForecastSummary
        The facts of the forecast: ranked venues, slots, located rows, counts.
    register : GeoDataFrame
        VENUES.
    week : ndarray, shape (7, 24)
        Uploads by weekday (Monday first) and hour on the clocks at the venues; NaN: withheld.
    timeline : Timeline or None
        Uploads over time; None where single moments are not shown.
    heat : HeatMap
        Where the uploads were.
    clusters, scan, areas, districts : GeoDataFrame or None
        Tables of further layers; outlines of districts are thinned.
    backtest : BacktestSummary or None
        How such forecasts fared.
    caution : str or None
        What the ranker itself says against its forecast.
    reasons : Reasons
        Where probabilities come from.
    changes : tuple of Change
        When the series moved or changed its hours.
    habits : tuple of str
        Which weekdays come again and again.
    layers : mapping
        The analyst's own layers.
    sets : tuple of SetSummary
        How many of the likeliest hold most of the chance.
    rows : tuple of RowGroup
        The rows behind the numbers.
    judged : DataFrame
        ``how`` uploads were located and ``n``, how many of them.
    rejected : mapping or None
        Rejected rows by name of their table.
    notes : tuple of str
        Further sentences for what was left out.
    records : tuple of Provenance
        What made the results.
    inputs : tuple of Input
        The files behind them.
    settings : Settings
        How it is to look.
    level : str
        What the tables above still hold: ``"analyst"``, ``"briefing"`` or ``"disclosure"``.
    threshold : int
        Counts below it are withheld at the level ``"disclosure"``.
    secrets : mapping
        Raw addresses, accounts and contents of the whole log in order of time, so that they are
        known wherever they stand; empty above the level ``"analyst"``.
    """

    summary: ForecastSummary
    register: gpd.GeoDataFrame
    week: NDArray[np.float64]
    timeline: Timeline | None
    heat: HeatMap
    clusters: gpd.GeoDataFrame | None
    scan: gpd.GeoDataFrame | None
    areas: gpd.GeoDataFrame | None
    districts: gpd.GeoDataFrame | None
    backtest: BacktestSummary | None
    caution: str | None
    reasons: Reasons
    changes: tuple[Change, ...]
    habits: tuple[str, ...]
    layers: Mapping[str, gpd.GeoDataFrame]
    sets: tuple[SetSummary, ...]
    rows: tuple[RowGroup, ...]
    judged: pd.DataFrame
    rejected: Mapping[str, pd.DataFrame] | None
    notes: tuple[str, ...]
    records: tuple[Provenance, ...]
    inputs: tuple[Input, ...]
    settings: Settings
    level: str = "analyst"
    threshold: int = 5
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
