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

__all__ = ["past_table"]


def past_table(model: Model, series: tuple[str, ...]) -> gpd.GeoDataFrame:
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
    past, rows = model.past, model.past.rows
    spot = past.spot(np.arange(len(past.t)))
    names = np.asarray(past.series, dtype=object)
    wanted = np.flatnonzero((past.t * 1e6 < model.at_us) & np.isin(names[past.code], series))
    size = np.where(spot[wanted] >= 0, np.diff(rows.ptr)[spot[wanted]], 1)
    event = np.repeat(wanted, size)
    first = np.repeat(np.cumsum(size) - size, size)
    entry = rows.ptr[spot[event]] + np.arange(len(event)) - first
    placed = spot[event] >= 0
    entry = np.where(placed, entry, 0)
    venue = rows.venue[entry] if len(rows.venue) else np.zeros(len(event), np.int64)
    weight = past.told[entry] if len(past.told) else np.zeros(len(event))
    sites = model.sites.table
    ids, shapes = (np.array(column)[venue] for column in (model.sites.ids, sites.geometry))
    ids[~placed] = shapes[~placed] = None
    begins, ends = past.t - past.length / 2, past.t + past.length / 2
    table = pd.DataFrame(
        {
            "event_id": pd.array(past.ids[event], dtype="str"),
            "timestamp": to_timestamps(np.round(begins[event] * 1e6).astype(np.int64)),
            "tz": pd.array([past.tz] * len(event), dtype="str"),
            "venue_id": pd.array(ids, dtype="str"),
            "weight": np.where(placed, weight, 0.0),
            "how": pd.array(np.where(placed, "as located", "no venue of the register"), "str"),
        }
    )
    if past.length[event].any():
        table["timestamp_end"] = to_timestamps(np.round(ends[event] * 1e6).astype(np.int64))
    if past.named:
        table["series_id"] = pd.array(names[past.code[event]], dtype="str")
    places = gpd.GeoSeries(shapes, crs=sites.crs).to_crs("EPSG:4326")
    return gpd.GeoDataFrame(validate(gpd.GeoDataFrame(table, geometry=places), LOCATED))
