"""The pieces of a backtest: what is asked, who answers when, and which series."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.evaluation._history import History, unpack
from crimeloc.events import VenueArrays, event_times

Array = NDArray[np.float64]
Sums = dict[str, Array]


@dataclass(frozen=True)
class Options:
    """What is asked of every forecast."""

    protocol: str
    given_window: bool
    horizon: str
    top_k: tuple[int, ...]
    slot_budgets: tuple[int, ...]
    tz: str
    last_us: int
    window: str


@dataclass(frozen=True)
class Block:
    """Rankers, the stretch of time [first, stop) that they serve, and its origins."""

    rankers: list[tuple[str, Any]]
    first: int
    stop: int
    origins: list[int]


@dataclass(frozen=True)
class Chunk:
    """Some series: their rows, the rows that are scored, and when each begins to be scored."""

    located: pd.DataFrame
    wanted: pd.DataFrame
    starts: dict[str, int]
    register: VenueArrays
    tz: str
    cuts: dict[int, pd.DataFrame] = field(default_factory=dict)
    """Origin by origin the rows as linked then, where the series are linked again."""

    def with_cuts(self, cuts: dict[int, pd.DataFrame]) -> Chunk:
        """Give the piece with its part of what was linked at each origin."""
        mine = {
            origin: rows[rows["series_id"].isin(list(self.starts))].reset_index(drop=True)
            for origin, rows in cuts.items()
        }
        return replace(self, cuts=mine)

    @cached_property
    def times(self) -> NDArray[np.int64]:
        """Times of the rows."""
        return event_times(self.located)

    @cached_property
    def wanted_times(self) -> NDArray[np.int64]:
        """Times of the rows that are scored."""
        return event_times(self.wanted)

    @cached_property
    def past(self) -> History:
        """The rows as arrays."""
        return unpack(self.located, self.register, self.tz)

    @cached_property
    def truth(self) -> History:
        """The rows that are scored as arrays."""
        return unpack(self.wanted, self.register, self.tz, elsewhere=False)

    @classmethod
    def split(
        cls,
        table: pd.DataFrame,
        wanted: pd.DataFrame,
        starts: dict[str, int],
        register: VenueArrays,
        tz: str,
        pieces: int = 8,
    ) -> list[Chunk]:
        """Cut the tables into pieces of about equal work, whole series each."""
        sizes = table["series_id"].value_counts()
        sizes = sizes[sizes.index.isin(list(starts))]
        order = sorted(sizes.items(), key=lambda item: (-item[1], str(item[0])))
        parts = [[name for name, _ in order[place::pieces]] for place in range(pieces)]
        return [
            cls(
                table[table["series_id"].isin(part)].reset_index(drop=True),
                wanted[wanted["series_id"].isin(part)].reset_index(drop=True),
                {str(name): starts[str(name)] for name in part},
                register,
                tz,
            )
            for part in parts
            if part
        ]


def no_rows(columns: list[str]) -> pd.DataFrame:
    text = {"method", "series_id", "event_id", "venue_id"}
    times = {"timestamp", "origin"}
    return pd.DataFrame(
        {
            name: pd.Series(
                dtype="str"
                if name in text
                else pd.DatetimeTZDtype("us", "UTC")
                if name in times
                else "float64"
            )
            for name in columns
        }
    )
