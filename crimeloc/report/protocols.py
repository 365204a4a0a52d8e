"""What results look like from outside: the report reads these answers and knows no method.

Each answer is a protocol of its own, so that a result which lacks one is shown without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import geopandas as gpd
import pandas as pd

from crimeloc.messages import Message, Said
from crimeloc.provenance import Provenance

__all__ = [
    "SetOfShare",
    "SupportsAreas",
    "SupportsBacktest",
    "SupportsCaptures",
    "SupportsCaution",
    "SupportsChanges",
    "SupportsExplain",
    "SupportsExplainSlots",
    "SupportsNotes",
    "SupportsProvenance",
    "SupportsRecords",
    "SupportsScan",
    "SupportsSeries",
    "SupportsSets",
    "WithParts",
]


class SetOfShare(Protocol):
    """The fewest slots or venues that hold a share, and how such sets fared."""

    def __len__(self) -> int: ...

    @property
    def used(self) -> float:
        """The share it holds."""

    @property
    def coverage(self) -> float:
        """Part of past uploads that such sets would have held."""

    @property
    def n(self) -> int:
        """Past uploads checked."""


@runtime_checkable
class SupportsSets(Protocol):
    """A ranking that knows how far one must look."""

    def credible_set(
        self, level: float = 0.8, *, by: str = "slots", series: str | None = None
    ) -> SetOfShare:
        """Give the fewest slots or venues that hold this share."""


@runtime_checkable
class SupportsExplain(Protocol):
    """A ranking that says where a probability comes from."""

    def explain(self, venue_id: str, *, series: str | None = None) -> object:
        """Explain the probability of a venue."""


class SupportsExplainSlots(Protocol):
    """A ranking whose explanations carry their parts: it explains slots as well, and in short."""

    def explain(
        self,
        venue_id: str,
        window: pd.Timestamp | str | None = None,
        series: str | None = None,
        *,
        influence: bool = True,
        stability: bool = True,
    ) -> WithParts:
        """Explain the probability of a venue, or of a slot."""


@runtime_checkable
class WithParts(Protocol):
    """An explanation that carries its parts, so that it can be told in another language."""

    @property
    def sentence(self) -> Message:
        """The explanation in words."""

    @property
    def reason(self) -> Message:
        """The part of it that says what the series did before."""

    @property
    def events(self) -> pd.DataFrame:
        """``event_id``, ``timestamp``, ``venue_id``, ``change``: the uploads that matter most."""

    @property
    def rank(self) -> int:
        """Place among the venues."""

    @property
    def ranks(self) -> Mapping[float, int]:
        """The same if past uploads fade faster or slower."""


@runtime_checkable
class SupportsCaution(Protocol):
    """A ranking that says what it does not know."""

    @property
    def abstained(self) -> Mapping[str, Said]:
        """What it holds against its own forecast, by series."""


@runtime_checkable
class SupportsSeries(Protocol):
    """A ranking of named series."""

    @property
    def series(self) -> Sequence[str]:
        """Their names."""


@runtime_checkable
class SupportsProvenance(Protocol):
    """A result that says what made it."""

    @property
    def provenance(self) -> Provenance:
        """The record."""


@runtime_checkable
class SupportsBacktest(Protocol):
    """How such forecasts fared in the past, beside naive baselines."""

    def scores(self) -> pd.DataFrame:
        """Give the scores by method, the ranker first."""

    def reliability(self, method: str | None = None) -> pd.DataFrame:
        """Give forecast against outcome by bins."""


@runtime_checkable
class SupportsCaptures(Protocol):
    """A backtest over whole horizons."""

    @property
    def captures(self) -> pd.DataFrame:
        """``method``, ``slots``, ``officer_hours``, ``capture``."""


@runtime_checkable
class SupportsRecords(Protocol):
    """A backtest that keeps its raw findings."""

    @property
    def records(self) -> pd.DataFrame:
        """A row for each finding; ``series_id`` names the series."""


@runtime_checkable
class SupportsNotes(Protocol):
    """A backtest that says what it left out."""

    @property
    def notes(self) -> Sequence[Said]:
        """Its limits, a sentence each."""


@runtime_checkable
class SupportsScan(Protocol):
    """A scan test."""

    @property
    def clusters(self) -> gpd.GeoDataFrame:
        """Its clusters with their p-values."""

    @property
    def alpha(self) -> float:
        """Level at which a cluster is called more than chance."""


@runtime_checkable
class SupportsChanges(Protocol):
    """When series moved or changed their hours."""

    @property
    def changes(self) -> pd.DataFrame:
        """``series_id``, ``kind``, ``at``, ``n_before``, ``n_after``, ``shift``, ``p_value``."""


@runtime_checkable
class SupportsAreas(Protocol):
    """An anchor profile."""

    def search_areas(self) -> gpd.GeoDataFrame:
        """Give the areas to search first."""

    @property
    def series(self) -> str | None:
        """The series it speaks of."""
