"""The venues a ranker chooses from, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.events import VenueArrays, venue_arrays
from crimeloc.messages import Hint
from crimeloc.ranking.features.arrays import Places

__all__ = ["Register", "read_register"]


@dataclass(frozen=True)
class Register:
    """The venues, in the order of their names.

    Parameters
    ----------
    venues : VenueArrays
        Names and positions.
    places : Places
        What the kernels see of them.
    n_categories, n_brands : int
        How many kinds there are, with one for unknown.
    table : GeoDataFrame
        The venue table in the same order.
    """

    venues: VenueArrays
    places: Places
    n_categories: int
    n_brands: int
    table: gpd.GeoDataFrame

    def __len__(self) -> int:
        return len(self.venues)

    @property
    def ids(self) -> NDArray[np.object_]:
        """Names of the venues."""
        return self.venues.venue_id


def read_register(venues: gpd.GeoDataFrame) -> Register:
    """Turn the venue table into arrays (kilometres, codes), in the order of the names.

    A venue without a position stands in the middle of the others.
    """
    if not len(venues):
        raise ParameterError(
            "venues", found="no venue", expected="at least one venue", hint="read_venues(...)"
        )
    arrays = venue_arrays(venues, projection="local", checked=True)
    known = ~np.isnan(arrays.x)
    if not known.any():
        raise ParameterError(
            "venues",
            found="no venue with a place",
            expected="points",
            hint=Hint("read_venues", crs="EPSG:5174"),
        )
    table = venues.iloc[arrays.row].reset_index(drop=True)
    category, n_categories = _codes(table, "category")
    brand, n_brands = _codes(table, "brand")
    places = Places(
        np.where(known, arrays.x, arrays.x[known].mean()) / 1000.0,
        np.where(known, arrays.y, arrays.y[known].mean()) / 1000.0,
        category,
        brand,
        _log_seats(table),
    )
    return Register(arrays, places, n_categories, n_brands, gpd.GeoDataFrame(table))


def _codes(table: pd.DataFrame, column: str) -> tuple[NDArray[np.int64], int]:
    if column not in table.columns:
        return np.zeros(len(table), np.int64), 1
    codes, names = pd.factorize(table[column], sort=True)
    return codes.astype(np.int64) + 1, len(names) + 1


def _log_seats(table: pd.DataFrame) -> NDArray[np.float64]:
    """Log of the seats; the mean of the others where the register does not say."""
    if "seats" not in table.columns:
        return np.zeros(len(table))
    raw = pd.to_numeric(table["seats"]).to_numpy(dtype=np.float64, na_value=np.nan)
    known: NDArray[np.bool_] = np.asarray(np.isfinite(raw), dtype=bool)
    if not known.any():
        return np.zeros(len(table))
    logs = np.log1p(np.clip(raw, 0, None))
    return np.asarray(np.where(known, logs, logs[known].mean()))
