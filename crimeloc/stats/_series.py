"""The visits of each series, one place and one moment each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import geometry, units
from crimeloc.tables import LOCATED, validate

__all__ = ["EVERYTHING", "SeriesVisits", "series_visits"]

EVERYTHING = "(all)"
"""Stands for the series where the table names none."""


class SeriesVisits(NamedTuple):
    """Visits of one series, in order of time."""

    series: str
    moment: NDArray[np.int64]
    metres: NDArray[np.float64]


def series_visits(located: pd.DataFrame, session_gap: units.Duration) -> Iterator[SeriesVisits]:
    """Give, series by series, the visits: runs of events at one place with short pauses.

    An uncertain event stands at the weighted middle of its candidates; events without a candidate
    are left out. A visit's moment is that of its first event.
    """
    validate(located, LOCATED)
    pause = int(units.seconds(session_gap, "session_gap") * 1e6)
    degrees = geometry.lonlat(gpd.GeoSeries(located["geometry"]))
    weight = located["weight"].to_numpy(dtype=np.float64)
    rows = np.flatnonzero((weight > 0) & ~np.isnan(degrees).any(axis=1))
    metres = geometry.to_metres(degrees[rows])
    table = pd.DataFrame(
        {
            "event": located["event_id"].iloc[rows].to_numpy(),
            "moment": units.instants(located["timestamp"])[rows],
            "weight": weight[rows],
            "x": metres[:, 0] * weight[rows],
            "y": metres[:, 1] * weight[rows],
        }
    )
    if "series_id" in located.columns:
        table["series"] = located["series_id"].iloc[rows].to_numpy()
        table = table[table["series"].notna()]
    else:
        table["series"] = EVERYTHING
    # Candidates in one order, so that sums do not depend on the order of rows.
    table = table.sort_values(["event", "x", "y"], kind="stable")
    events = table.groupby("event", sort=True).agg(
        series=("series", "first"),
        moment=("moment", "first"),
        weight=("weight", "sum"),
        x=("x", "sum"),
        y=("y", "sum"),
    )
    events[["x", "y"]] = events[["x", "y"]].div(events["weight"], axis=0)
    events = events.sort_values(["series", "moment", "x", "y"], kind="stable")
    for name, group in events.groupby("series", sort=True):
        moment = group["moment"].to_numpy()
        where = group[["x", "y"]].to_numpy()
        same = np.hypot(*np.diff(where, axis=0).T) < 1.0
        begins = np.r_[True, ~(same & (np.diff(moment) <= pause))]
        yield SeriesVisits(str(name), moment[begins], where[begins])
