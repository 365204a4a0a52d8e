"""What a test counts: sessions, because uploads of one sitting are no independent events."""

from __future__ import annotations

from typing import NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.events import sessions
from crimeloc.messages import Hint, Message
from crimeloc.stats._events import strata_of
from crimeloc.stats._words import CLOCKS
from crimeloc.tables import LOCATED, validate

__all__ = ["UNITS", "Counted", "count_units", "strata_of_units"]

UNITS = ("session", "event")


class Counted(NamedTuple):
    """Located events, or their sessions.

    Parameters
    ----------
    table : GeoDataFrame
        LOCATED: one row per unit and candidate venue.
    unit : {"session", "event"}
        What is counted.
    n_uploads : int
        Uploads of the table that was given, those without a place included.
    n_nowhere : int
        Uploads without a place.
    n_sessions : int
        Sessions of the others.
    """

    table: gpd.GeoDataFrame
    unit: str
    n_uploads: int
    n_nowhere: int
    n_sessions: int

    @property
    def notes(self) -> tuple[Message, ...]:
        """What must be said of the unit."""
        placed = self.n_uploads - self.n_nowhere
        if self.unit == "session" or placed <= self.n_sessions:
            return ()
        return (
            Message(
                "{n:number} uploads were made in {m:number} sessions: uploads of one sitting are "
                "close by themselves, and the p-value is too small; count sessions",
                n=placed,
                m=self.n_sessions,
            ),
        )


def count_units(located: gpd.GeoDataFrame, unit: str, session_gap: units.Duration) -> Counted:
    """Give what is to be counted; a table of sessions is taken as it is."""
    if unit not in UNITS:
        raise ParameterError(
            "unit", found=repr(unit), expected="'session' or 'event'", hint=Hint(unit="session")
        )
    validate(located, LOCATED)
    if "session_id" in located.columns:
        each = located.drop_duplicates("session_id")
        size = each["n_events"].sum() if "n_events" in located.columns else len(each)
        return Counted(located, "session", int(size), 0, len(each))
    # Where nobody was linked, two accounts that meet at a venue are two sittings.
    by_account = "series_id" not in located.columns and "handle" in located.columns
    given = located.assign(series_id=located["handle"]) if by_account else located
    table = cast("gpd.GeoDataFrame", sessions(given, session_gap))
    if by_account:
        table = table.drop(columns="series_id")
    n_uploads = int(located["event_id"].nunique())
    each = table.drop_duplicates("session_id")
    nowhere = n_uploads - int(each["n_events"].sum())
    return Counted(located if unit == "event" else table, unit, n_uploads, nowhere, len(each))


def strata_of_units(
    located: gpd.GeoDataFrame, counted: Counted, strata: str | ArrayLike | None, tz: str | None
) -> tuple[NDArray[np.int64] | None, Message]:
    """Give the stratum of each row that is counted; a session has that of its first upload."""
    by_clock = isinstance(strata, str) and strata in CLOCKS and strata not in located.columns
    if counted.table is located or strata is None or by_clock:
        return strata_of(counted.table, strata, tz)
    codes, words = strata_of(located, strata, tz)
    first = pd.Series(codes, index=located["event_id"].to_numpy()).groupby(level=0).first()
    return first.reindex(counted.table["event_id"]).to_numpy(dtype=np.int64), words
