"""What a scan found, as the table that people read."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.geometry import lonlat, points
from crimeloc.stats.scan.candidates import Calendar
from crimeloc.stats.scan.clusters import ArrayScan
from crimeloc.stats.scan.result import COLUMNS

__all__ = ["clusters_table", "edges_of"]


def clusters_table(
    found: ArrayScan | None,
    place: gpd.GeoDataFrame,
    calendar: Calendar | None,
    zone: str,
    analysis: str,
    unit_s: float,
) -> gpd.GeoDataFrame:
    """Give the clusters as a table, names and moments in place of numbers."""
    names = place["venue_id"].astype(object).to_numpy()
    raw = found.clusters if found is not None else pd.DataFrame({"places": []})
    calendar = calendar or Calendar(0, 1, 0)
    get = raw.get
    none = pd.Series([], dtype=np.float64)
    p = get("p_value", none).to_numpy(dtype=np.float64)
    often = pd.Series(pd.to_timedelta(unit_s / p, unit="s")).dt.as_unit("us")
    observed = get("observed", none).to_numpy(dtype=np.float64)
    expected = get("expected", none).to_numpy(dtype=np.float64)
    joined = ["|".join(str(name) for name in names[list(ids)]) for ids in raw["places"]]
    centre = get("centre", none).to_numpy(dtype=np.int64)
    start, end = (
        calendar.instants(get(name, none).to_numpy(dtype=np.int64), zone)
        for name in ("start_bin", "end_bin")
    )
    table = pd.DataFrame(
        {
            "cluster_id": np.arange(len(raw), dtype=np.int64),
            "n_events": observed,
            "venues": pd.Series(joined, dtype="str"),
            "n_venues": np.array([len(ids) for ids in raw["places"]], dtype=np.int64),
            "start": start,
            "end": end,
            "start_local": start.tz_convert(zone),
            "end_local": end.tz_convert(zone),
            "radius_m": get("radius", none).to_numpy(dtype=np.float64),
            "observed": observed,
            "expected": expected,
            "ratio": observed / expected,
            "statistic": get("statistic", none).to_numpy(dtype=np.float64),
            "p_value": p,
            "p_gumbel": get("p_gumbel", none).to_numpy(dtype=np.float64),
            "recurrence_interval": often
            if analysis == "prospective"
            else often.where(often.isna()),
            "round": get("round", none).to_numpy(dtype=np.int64),
        }
    )
    where = points(lonlat(place.geometry)[centre]) if len(raw) else points(np.zeros((0, 2)))
    return gpd.GeoDataFrame(table, geometry=where.reset_index(drop=True))[list(COLUMNS)]


def edges_of(calendar: Calendar | None, zone: str) -> pd.DatetimeIndex:
    """Give the beginning and the end of the period, on the clocks at the venues."""
    if calendar is None:
        return pd.DatetimeIndex([pd.NaT, pd.NaT], tz=zone)
    edges = calendar.instants(np.array([0, calendar.n_bins]), zone)
    return edges.tz_convert(zone)
