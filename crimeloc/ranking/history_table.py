"""The past that a forecast rests on, given back as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.tables import LOCATED, validate
from crimeloc.units import to_timestamps

if TYPE_CHECKING:
    from crimeloc.ranking.model.forecast import Model

__all__ = ["history_table"]


def history_table(model: Model, series: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Which uploads does the forecast of these series rest on?

    Parameters
    ----------
    model : Model
        A forecast.
    series : tuple of str
        Its series.

    Returns
    -------
    GeoDataFrame
        LOCATED, EPSG:4326: what came before the moment of the forecast, weighted by location and
        by membership in the series; an upload without a venue keeps a row of weight 0.
    """
    history, rows = model.history, model.history.rows
    spot = history.spot(np.arange(len(history.t)))
    names = np.asarray(history.series, dtype=object)
    wanted = np.flatnonzero((history.t * 1e6 < model.at_us) & np.isin(names[history.code], series))
    size = np.where(spot[wanted] >= 0, np.diff(rows.ptr)[spot[wanted]], 1)
    event = np.repeat(wanted, size)
    first = np.repeat(np.cumsum(size) - size, size)
    entry = rows.ptr[spot[event]] + np.arange(len(event)) - first
    placed = spot[event] >= 0
    entry = np.where(placed, entry, 0)
    venue = rows.venue[entry] if len(rows.venue) else np.zeros(len(event), np.int64)
    weight = history.address_weight[entry] if len(history.address_weight) else np.zeros(len(event))
    venues = model.register.table
    ids, shapes = (np.array(column)[venue] for column in (model.register.ids, venues.geometry))
    ids[~placed] = shapes[~placed] = None
    begins, ends = history.t - history.length / 2, history.t + history.length / 2
    table = pd.DataFrame(
        {
            "event_id": pd.array(history.ids[event], dtype="str"),
            "timestamp": to_timestamps(np.round(begins[event] * 1e6).astype(np.int64)),
            "tz": pd.array([history.tz] * len(event), dtype="str"),
            "venue_id": pd.array(ids, dtype="str"),
            "weight": np.where(placed, weight, 0.0),
            "how": pd.array(np.where(placed, "as located", "no venue of the register"), "str"),
        }
    )
    if history.length[event].any():
        table["timestamp_end"] = to_timestamps(np.round(ends[event] * 1e6).astype(np.int64))
    if history.named:
        table["series_id"] = pd.array(names[history.code[event]], dtype="str")
    places = gpd.GeoSeries(shapes, crs=venues.crs).to_crs("EPSG:4326")
    return gpd.GeoDataFrame(validate(gpd.GeoDataFrame(table, geometry=places), LOCATED))
