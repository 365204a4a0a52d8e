"""Located events as the plain arrays a scan works on."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.events import event_arrays, venue_arrays
from crimeloc.geometry import lonlat
from crimeloc.messages import Hint, Message
from crimeloc.tables import ELSEWHERE

__all__ = ["Calendar", "Candidates", "bins_of", "calendar_of", "candidates_of", "venues_of"]


class Candidates(NamedTuple):
    """Rows of located events that stand somewhere, sorted by event and venue.

    Parameters
    ----------
    event, venue : ndarray of int64, shape (rows,)
        Numbers of event and venue.
    weight : ndarray, shape (rows,)
        Weight of the candidate.
    wall : ndarray of int64, shape (rows,)
        Time on the clocks at the venues, in microseconds; of an interval its middle.
    n_elsewhere : int
        Events without any candidate venue.
    """

    event: NDArray[np.int64]
    venue: NDArray[np.int64]
    weight: NDArray[np.float64]
    wall: NDArray[np.int64]
    n_elsewhere: int

    def only(self, keep: NDArray[np.bool_], stay: NDArray[np.bool_]) -> Candidates:
        """Give some of the rows, their venues numbered among those that stay."""
        venue = (np.cumsum(stay) - 1)[self.venue[keep]]
        return Candidates(
            self.event[keep], venue, self.weight[keep], self.wall[keep], self.n_elsewhere
        )


class Calendar(NamedTuple):
    """The bins of time: ``first + i * unit`` to ``first + (i + 1) * unit``, on the wall.

    Parameters
    ----------
    first, unit : int
        Beginning of the first bin and length of a bin, in microseconds.
    n_bins : int
        Number of bins.
    """

    first: int
    unit: int
    n_bins: int

    def instants(self, bins: NDArray[np.int64], tz: str) -> pd.DatetimeIndex:
        """Give the moments at which bins begin, in UTC."""
        walls = self.first + np.asarray(bins, dtype=np.int64) * self.unit
        naive = pd.DatetimeIndex(walls.view("datetime64[us]"))
        early = np.ones(len(naive), bool)
        return naive.tz_localize(tz, ambiguous=early, nonexistent="shift_forward").tz_convert("UTC")


def venues_of(located: gpd.GeoDataFrame, venues: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Give one row per venue: position, and opening hours where known.

    Parameters
    ----------
    located : GeoDataFrame
        Located events.
    venues : GeoDataFrame or None
        The register; its venues without events serve as centres too, and a candidate venue
        outside it counts as elsewhere.

    Returns
    -------
    GeoDataFrame
        `venue_id`, `geometry` and, where known, `opening_hours`, sorted by `venue_id`.

    Raises
    ------
    ParameterError
        A venue has no position, or two.
    """
    table = _named_by(located) if venues is None else venues
    hours = ["opening_hours"] if "opening_hours" in table.columns else []
    seen = table[["venue_id", "geometry", *hours]].drop_duplicates("venue_id")
    seen = gpd.GeoDataFrame(seen, geometry="geometry", crs=located.crs)
    seen = seen.sort_values("venue_id", ignore_index=True)
    nowhere = np.isnan(lonlat(seen.geometry)).any(axis=1)
    used = seen["venue_id"].isin(located["venue_id"])
    if (nowhere & used).any():
        found = Message(
            "no position of venue {venue}", venue=repr(seen.loc[nowhere & used, "venue_id"].iloc[0])
        )
        raise ParameterError(
            "located",
            found=found,
            expected="a position per venue",
            hint="read_venues(...).rejected",
        )
    return seen.loc[~nowhere].reset_index(drop=True)


def _named_by(located: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the rows at venues, where no register says where these are."""
    named = located["venue_id"].notna() & (located["venue_id"] != ELSEWHERE)
    seen = located.loc[named & (located["weight"] > 0)]
    degrees = lonlat(gpd.GeoSeries(seen["geometry"]))
    spread = pd.DataFrame(degrees).groupby(seen["venue_id"].to_numpy()).nunique()
    twice = spread.index[(spread > 1).any(axis=1)]
    if len(twice):
        found = Message("two positions of venue {twice}", twice=repr(twice[0]))
        raise ParameterError(
            "located", found=found, expected="one position per venue", hint="locate_events(...)"
        )
    return seen


def candidates_of(located: gpd.GeoDataFrame, venues: gpd.GeoDataFrame, tz: str) -> Candidates:
    """Give events and their candidates as numbers.

    Parameters
    ----------
    located : GeoDataFrame
        Located events; held against their contract.
    venues : GeoDataFrame
        The venues as `venues_of` gives them, in the order of their numbers.
    tz : str
        Zone of the clocks at the venues.

    Returns
    -------
    Candidates
        In an order that does not depend on the order of the rows.
    """
    everything = event_arrays(located, venue_arrays(venues, checked=True))
    events = everything.placed(np.ones(len(everything.venue), bool))
    # Events are numbered by their names: what is shuffled must not depend on what time it was.
    by_name, _ = pd.factorize(events.event_id, sort=True)
    event = by_name[events.event].astype(np.int64)
    order = np.argsort(event, kind="stable")
    wall = units.wall_clock(events.t, tz)[events.event]
    return Candidates(
        event[order],
        events.venue[order],
        events.weight[order],
        wall[order],
        len(everything) - len(events),
    )


def calendar_of(
    wall: NDArray[np.int64],
    unit_s: float,
    start: units.Instant | None,
    end: units.Instant | None,
    tz: str,
) -> Calendar:
    """Lay bins over the period.

    Parameters
    ----------
    wall : ndarray of int64
        Times of the events on the wall.
    unit_s : float
        Length of a bin in seconds.
    start, end : str, datetime or None
        The period; None: from the first to the last event.
    tz : str
        Zone of the clocks at the venues.

    Returns
    -------
    Calendar
        Bins begin at local midnight and each multiple after it; of bins longer than a day, or
        where an end is given, the last one ends with the period.

    Raises
    ------
    ParameterError
        The period is empty, or a time unit is shorter than a microsecond.
    """
    unit = round(unit_s * 1e6)
    if unit < 1:
        raise ParameterError(
            "time_unit", found=f"{unit_s:g} s", expected="at least 1 us", hint=Hint(time_unit="1D")
        )
    grid = min(unit, 86_400_000_000)

    def on_wall(moment: units.Instant, name: str) -> int:
        return int(units.wall_clock(np.array([units.instant_us(moment, name)]), tz)[0])

    if end is not None:
        last = on_wall(end, "end")
    else:
        midnight = int(wall.max()) // 86_400_000_000 * 86_400_000_000
        last = midnight + (int(wall.max()) - midnight) // grid * grid + grid
    first = int(wall[wall < last].min(initial=last))
    begin = first if start is None else on_wall(start, "start")
    if start is not None and begin >= last:
        found = "a period that ends before it begins, or after the last event"
        hint = Hint(start="2026-03-01 00:00+09:00")
        raise ParameterError(
            "start", found=found, expected="start before end, and events since", hint=hint
        )
    n_bins = max(1, -(-(last - begin) // unit))
    return Calendar(last - n_bins * unit, unit, int(n_bins))


def bins_of(calendar: Calendar, wall: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the bin of each time; -1 before the period, and from `n_bins` on after it."""
    return np.asarray(np.maximum(-1, (wall - calendar.first) // calendar.unit))
