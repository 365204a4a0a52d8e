"""Which clusters may be told where single uploads may not?

A cluster is a count of uploads at some venues: beside the counts of the venues, the count of all
uploads and the other clusters it must leave no small number behind.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.geometry import great_circle_m
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.report.privacy.suppression import two_figures

__all__ = ["CLUSTER_COLUMNS", "Circle", "safe_clusters", "safe_together"]

CLUSTER_COLUMNS = (
    "cluster_id",
    "n_events",
    "start",
    "end",
    "radius_m",
    "venues",
    "p_value",
    "geometry",
)
"""Columns of a table of clusters that leave the unit."""


class Circle(NamedTuple):
    """A cluster as it would be told.

    Parameters
    ----------
    venues : frozenset of str
        The venues it lies at.
    n : float
        Its number of uploads.
    """

    venues: frozenset[str]
    n: float


def safe_together(
    circles: Sequence[Circle],
    told_at: Mapping[str, float],
    used: float,
    threshold: int = 5,
    others: Sequence[Circle] = (),
) -> NDArray[np.bool_]:
    """Which clusters of a table may be told beside one another, and beside the other counts?

    Parameters
    ----------
    circles : sequence of Circle
        Clusters of one table: no upload is in two of them.
    told_at : mapping
        Uploads by venue as they are told; NaN is withheld.
    used : float
        Number of all uploads as it is told.
    threshold : int
        Smallest count that may be told.
    others : sequence of Circle
        Clusters of another table that are told already; their uploads may be the same.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where the cluster may be told.

    Notes
    -----
    The largest go first. A cluster goes if, with those kept at the same venues, it leaves a small
    number of the uploads told there; if what it holds beyond them leaves a small number of all
    that is withheld; if those kept leave a small number of all uploads; or if it differs by a
    small number from a cluster of the other table at one of its venues. Cost: n^2.

    Examples
    --------
    >>> two = [Circle(frozenset("A"), 6), Circle(frozenset("A"), 5)]
    >>> safe_together(two, {"A": 13}, 40).tolist()
    [True, False]
    """
    hidden = used - sum(n for n in told_at.values() if not math.isnan(n))
    kept: list[Circle] = []
    safe = np.zeros(len(circles), dtype=bool)
    for place in sorted(range(len(circles)), key=lambda at: (-circles[at].n, at)):
        circle = circles[place]
        there, events = circle.venues, circle.n
        for other in kept:
            if there & other.venues:
                there, events = there | other.venues, events + other.n
        beyond = events - sum(n for v in there if not math.isnan(n := told_at.get(v, math.nan)))
        apart = [beyond, used - events - sum(c.n for c in kept if not c.venues & there)]
        if any(math.isnan(told_at.get(venue, math.nan)) for venue in there):
            apart.append(hidden - beyond)
        apart += [circle.n - other.n for other in others if circle.venues & other.venues]
        safe[place] = not any(1e-9 < abs(gap) < threshold for gap in apart)
        if safe[place]:
            kept.append(circle)
    return safe


def safe_clusters(
    tables: Sequence[gpd.GeoDataFrame | None],
    case: ForecastSummary,
    shown: pd.DataFrame,
    used: float,
    threshold: int = 5,
) -> list[gpd.GeoDataFrame | None]:
    """Which clusters of these tables may be told, and where do they lie?

    Parameters
    ----------
    tables : sequence of GeoDataFrame or None
        CLUSTERS; those of a later table are held against those kept of an earlier one.
    case : ForecastSummary
        The facts, with all counts.
    shown : DataFrame
        Its venues with the counts that are told; NaN is withheld.
    used : float
        Number of all uploads as it is told.
    threshold : int
        Smallest count that may be told.

    Returns
    -------
    list of GeoDataFrame or None
        What is left of each, at the plain middle of its venues; None where nothing is.
    """
    return _jointly(
        [_clusters(table, case, shown, threshold) for table in tables], shown, used, threshold
    )


def _jointly(
    tables: Sequence[gpd.GeoDataFrame | None], shown: pd.DataFrame, used: float, threshold: int
) -> list[gpd.GeoDataFrame | None]:
    """Leave out clusters that are safe one by one, and not beside one another."""
    told = dict(zip(shown["venue_id"].astype("str"), shown["n"].astype("float64"), strict=True))
    kept: list[list[Circle]] = []
    results: list[gpd.GeoDataFrame | None] = []
    for table in tables:
        if table is None or not {"n_events", "venues"} <= set(table.columns):
            results.append(table)
            continue
        circles = [
            Circle(frozenset(str(names).split("|")), float(n))
            for names, n in zip(table["venues"], table["n_events"], strict=True)
        ]
        safe = safe_together(circles, told, used, threshold, [*chain(*kept)])
        kept.append([circle for circle, held in zip(circles, safe, strict=True) if held])
        rest = table[safe].reset_index(drop=True)
        results.append(rest if len(rest) else None)
    return results


def _clusters(
    clusters: gpd.GeoDataFrame | None, case: ForecastSummary, shown: pd.DataFrame, threshold: int
) -> gpd.GeoDataFrame | None:
    """Keep clusters that are not small, and from which no small count can be reckoned."""
    if clusters is None or not len(clusters):
        return None
    known = [name for name in CLUSTER_COLUMNS if name in clusters.columns]
    table = clusters[known].copy()
    if "n_events" in known:
        past = pd.DataFrame(
            {"n": case.venues["n"].to_numpy(), "told": shown["n"].to_numpy()},
            index=shown["venue_id"].to_numpy(),
        )
        table["n_events"] = table["n_events"].astype("float64").round()
        at = table["venues"] if "venues" in known else [None] * len(table)
        safe = [_safe(n, v, past, threshold) for n, v in zip(table["n_events"], at, strict=True)]
        table = table[safe].copy()
    if "venues" in known:
        table = _middles(table, case.venues)
    for name, step in (("start", pd.Timedelta(0)), ("end", pd.Timedelta(days=1))):
        if name in known:  # whole days: the first and the last moment are single uploads'
            local = table[name].dt.tz_convert(case.tz)
            table[name] = (local + step).dt.normalize()
    return table.reset_index(drop=True) if len(table) else None


def _middles(clusters: gpd.GeoDataFrame, venues: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put each cluster at the plain middle of its venues: a weighted one tells their counts."""
    places = venues.set_index("venue_id")[["lon", "lat"]]
    result, middles, radii = clusters.copy(), [], []
    for found in clusters["venues"]:
        names = sorted(found.split("|") if isinstance(found, str) else map(str, found))
        points = places.reindex(names).dropna().to_numpy(dtype=np.float64).round(6)
        middle = points.mean(axis=0).round(5) if len(points) else np.array([np.nan, np.nan])
        far = great_circle_m(middle[0], middle[1], points[:, 0], points[:, 1])
        middles.append(middle)
        radii.append(float(np.max(far, initial=0.0)))
    result["venues"] = [
        "|".join(sorted(found.split("|") if isinstance(found, str) else map(str, found)))
        for found in clusters["venues"]
    ]
    table = np.array(middles, dtype=np.float64).reshape(-1, 2)
    result["geometry"] = gpd.GeoSeries.from_xy(
        table[:, 0], table[:, 1], index=result.index, crs="EPSG:4326"
    )
    result["radius_m"] = two_figures(pd.Series(radii, index=result.index, dtype="float64"))
    return result


def _safe(events: float, venues: Any, past: pd.DataFrame, threshold: int) -> bool:
    """Would this cluster tell a venue withheld to guard another, or leave a small difference?"""
    if not events >= threshold:
        return False
    if venues is None or isinstance(venues, float):
        return True
    there = past.reindex(venues.split("|") if isinstance(venues, str) else list(venues))
    guards = (there["n"] >= threshold) & there["told"].isna()
    apart = abs(float(there["told"].sum()) - events)
    return not bool(guards.any()) and not 1e-9 < apart < threshold
