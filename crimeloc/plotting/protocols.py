"""What a ranking looks like from outside: any object with these answers can be drawn.

Each answer is a protocol of its own, so that a ranking which lacks one is drawn without it.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import geopandas as gpd
import pandas as pd

from crimeloc.units import Duration, Instant

__all__ = [
    "SupportsHorizon",
    "SupportsRanking",
    "SupportsTables",
    "SupportsVenues",
    "SupportsZone",
]


@runtime_checkable
class SupportsRanking(Protocol):
    """Slots, likeliest first, and the moment of the forecast."""

    @property
    def slots(self) -> pd.DataFrame:
        """SLOTS."""

    @property
    def at(self) -> Instant:
        """The moment of the forecast."""


@runtime_checkable
class SupportsVenues(Protocol):
    """Venues over the whole horizon, with their base rate."""

    @property
    def venues(self) -> pd.DataFrame:
        """``venue_id``, ``expected``, ``probability``, ``share``, ``base_rate``."""


@runtime_checkable
class SupportsHorizon(Protocol):
    """How far it looks ahead."""

    @property
    def horizon(self) -> Duration:
        """A length of time."""


@runtime_checkable
class SupportsZone(Protocol):
    """Zone of the clocks at the venues."""

    @property
    def tz(self) -> str:
        """Name of the zone."""


@runtime_checkable
class SupportsTables(Protocol):
    """The tables it rests on."""

    @property
    def past(self) -> gpd.GeoDataFrame:
        """LOCATED before the moment."""

    @property
    def register(self) -> gpd.GeoDataFrame:
        """VENUES."""
