"""What readers pass on among themselves: rows, parts of their columns, notes and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from crimeloc.io.columns.matching import match_columns
from crimeloc.io.columns.zone_names import turned_zone
from crimeloc.io.formats.raw_table import Ledger, Records
from crimeloc.io.notes import Notes
from crimeloc.units import Instant, instant_us, zone

__all__ = ["Clock", "Rows"]


@dataclass(frozen=True)
class Clock:
    """By which clocks were times written, and until when can they lie?

    Parameters
    ----------
    tz : str
        Zone of the times in the file.
    venue_tz : str
        Zone of the clocks at the venues.
    as_of : int or None
        Moment after which nothing can have happened, in microseconds since 1970; None where
        nothing says so.
    strict : bool
        Did the caller name that moment? Then rows beyond it are rejected, else they are named.
    """

    tz: str
    venue_tz: str
    as_of: int | None = None
    strict: bool = False

    @classmethod
    def of(
        cls,
        tz: str | None,
        venue_tz: str | None = None,
        as_of: Instant | None = None,
        written: int | None = None,
    ) -> Clock:
        """Check the zones that a caller gives.

        Parameters
        ----------
        tz, venue_tz : str
            Zones; the second is the first where it is not given.
        as_of : str or datetime, optional
            Moment after which nothing can have happened.
        written : int, optional
            When the file was written, in microseconds since 1970, for want of `as_of`.

        Returns
        -------
        Clock
            The clocks.
        """
        place = zone(tz)
        walls = place if venue_tz is None else zone(venue_tz, "venue_tz")
        limit = written if as_of is None else instant_us(as_of, "as_of")
        return cls(place, walls, limit, as_of is not None)


@dataclass
class Rows:
    """Rows of a file with the parts of their columns.

    Parameters
    ----------
    records : Records
        The rows, taken apart.
    name : str
        File name, for error texts.
    kind : str
        ``"events"``, ``"venues"`` or ``"leases"``.
    columns : mapping, optional
        Part to column name, as the caller gives it.
    """

    records: Records
    name: str
    kind: str
    columns: Mapping[str, str] | None = None
    parts: dict[str, int] = field(init=False)
    ledger: Ledger = field(init=False)
    beside: set[int] = field(default_factory=set)
    """Positions of columns that play no part of their own and were used beside one."""

    def __post_init__(self) -> None:
        """Find the parts."""
        given = dict(self.records.parts) | dict(self.columns or {})
        self.parts = match_columns(self.records.names, self.kind, given)
        self.ledger = Ledger(self.records)

    @property
    def notes(self) -> Notes:
        """What there is to say about the file."""
        return self.records.notes

    def given(self, part: str) -> bool:
        """Did the caller, or the format, say which column plays this part?"""
        return part in (self.columns or {}) or part in self.records.parts

    def label(self, part: str) -> str:
        """Name of the column that plays a part."""
        return self.records.names[self.parts[part]]

    def cells(self, part: str) -> pd.Series:
        """Values of the column that plays a part."""
        column: Any = self.records.cells[self.parts[part]]
        return pd.Series(column)

    def warn_of_zone(self, tz: str, argument: str = "tz") -> None:
        """Say where the sign of a zone means the other side of the world."""
        hours = turned_zone(tz)
        if hours:
            self.notes.warn(
                "{argument}={zone} lies {hours} hours behind UTC, west of Greenwich: the sign of "
                "such names is turned; for Korea it is Asia/Seoul",
                argument=argument,
                zone=repr(tz),
                hours=hours,
            )
