"""Candidate venues that the register does not have."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np

from crimeloc.events.venues import VenueArrays
from crimeloc.tables import ELSEWHERE

__all__ = ["within_register"]


def within_register(located: gpd.GeoDataFrame, register: VenueArrays) -> gpd.GeoDataFrame:
    """Leave out candidates outside the register, and keep every upload.

    Methods that fold uploads before they look at venues need this; `event_arrays` does it by
    itself.

    Parameters
    ----------
    located : GeoDataFrame
        LOCATED.
    register : VenueArrays
        The venues.

    Returns
    -------
    GeoDataFrame
        LOCATED; the table itself where all its venues are in the register. An upload without a
        candidate inside keeps one row of weight 0 at no venue.

    Examples
    --------
    >>> import pandas as pd
    >>> from crimeloc.events import venue_arrays
    >>> points = gpd.points_from_xy([127.0, 127.1, 127.1], [37.5] * 3)
    >>> located = gpd.GeoDataFrame({
    ...     "event_id": ["E1", "E1", "E2"], "venue_id": ["V1", "V9", "V9"],
    ...     "timestamp": pd.to_datetime(["2026-03-01 20:00+09:00"] * 3),
    ...     "weight": [0.75, 0.25, 1.0], "how": "lease",
    ... }, geometry=points, crs=4326)
    >>> register = venue_arrays(pd.DataFrame({"venue_id": ["V1"]}), checked=True)
    >>> within_register(located, register)[["event_id", "venue_id", "weight"]].values.tolist()
    [['E1', 'V1', 0.75], ['E2', nan, 0.0]]
    """
    names = located["venue_id"]
    outside = (register.codes(names) < 0) & names.notna().to_numpy()
    outside &= ~(names == ELSEWHERE).fillna(False).to_numpy(dtype=bool)
    if not outside.any():
        return located
    moved = located.assign(
        venue_id=names.mask(outside),
        weight=np.where(outside, 0.0, located["weight"].to_numpy(dtype=np.float64, na_value=0.0)),
        geometry=located.geometry.mask(outside),
    )
    has_inside = located["event_id"].isin(located.loc[~outside, "event_id"]).to_numpy()
    kept = moved[~(outside & has_inside)]
    first = ~kept.duplicated(["event_id", "venue_id"]).to_numpy()
    return cast("gpd.GeoDataFrame", kept[first])
