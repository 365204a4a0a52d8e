"""The one array form of LOCATED."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyproj
from numpy.typing import NDArray

from crimeloc.events.times import EXACT_US, Moments, Time, spread_over
from crimeloc.events.venues import VenueArrays

__all__ = ["EventArrays"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_NOTHING_LEFT = 1e-9
"""Weights that sum to 1 up to rounding leave nothing for elsewhere."""


@dataclass(frozen=True)
class EventArrays:
    """Uploads in order of time, each with its candidate venues.

    Events stand in the order of (`t`, `event_id`) and the candidates of one event in the order of
    their names, so that the order of the rows of the table plays no part.

    Parameters
    ----------
    event_id : ndarray of object, shape (n,)
        Names of the events.
    t : ndarray of int64, shape (n,)
        When each event is held to be, microseconds UTC: see `time`.
    start, end : ndarray of int64, shape (n,)
        The interval each event is known to lie in, microseconds UTC; the same where the moment is
        known.
    series : ndarray of int64, shape (n,)
        Place in `series_id`; -1 for an event of no series.
    series_weight : ndarray, shape (n,)
        How sure it is that the event belongs to its series; 1 where the table does not say.
    elsewhere : ndarray, shape (n,)
        How likely is it that the event was at none of its candidates?
    outside : ndarray, shape (n,)
        The part of `elsewhere` that the table gives to venues outside the register.
    head : ndarray of int64, shape (n,)
        A row of the table that speaks of the event.
    ptr : ndarray of int64, shape (n + 1,)
        Event k has the candidates ``ptr[k]:ptr[k + 1]``.
    venue : ndarray of int64, shape (m,)
        Candidate venue: its place in `venues`.
    weight : ndarray, shape (m,)
        How sure is that candidate; above 0.
    row : ndarray of int64, shape (m,)
        Row of the table of each candidate.
    x, y : ndarray, shape (m,)
        Where the candidate is, in metres; NaN where unknown, or without a projection.
    series_id : ndarray of object
        Names of the series, sorted; ``"all"`` alone where the table tells none apart.
    named : bool
        Does the table name series?
    venues : VenueArrays
        The register, or the places that the table itself names.
    outside_id : ndarray of object
        Names of the candidate venues outside the register, sorted.
    time : {"start", "middle", "spread"}
        Where an event that is known to within an interval stands.
    projection : CRS or None
        The projection of `x` and `y`.
    """

    event_id: NDArray[np.object_]
    t: Ints
    start: Ints
    end: Ints
    series: Ints
    series_weight: Floats
    elsewhere: Floats
    outside: Floats
    head: Ints
    ptr: Ints
    venue: Ints
    weight: Floats
    row: Ints
    x: Floats
    y: Floats
    series_id: NDArray[np.object_]
    named: bool
    venues: VenueArrays
    outside_id: NDArray[np.object_]
    time: Time
    projection: pyproj.CRS | None

    def __len__(self) -> int:
        return len(self.t)

    @property
    def event(self) -> Ints:
        """Event of each candidate, shape (m,)."""
        return np.repeat(np.arange(len(self.t)), np.diff(self.ptr))

    @property
    def exact(self) -> NDArray[np.bool_]:
        """Which events are known to within an hour, so that they have an hour of the week?"""
        return self.end - self.start <= EXACT_US

    @property
    def n_outside(self) -> int:
        """How many events have a candidate venue that is not in the register?"""
        return int((self.outside > 0).sum())

    @property
    def weight_outside(self) -> float:
        """How many events, by weight, lie at venues that are not in the register?"""
        return float(self.outside.sum())

    def moments(self) -> Moments:
        """When may each event have been, and how likely is each of these moments?

        Returns
        -------
        Moments
            With ``time="spread"`` the hours of each interval; else one moment per event, `t`.
        """
        if self.time == "spread":
            return spread_over(self.start, self.end)
        return Moments(np.arange(len(self.t) + 1), self.t, np.ones(len(self.t)))

    def only(self, events: NDArray[np.bool_]) -> EventArrays:
        """Give some of the events, with all their candidates.

        Parameters
        ----------
        events : ndarray of bool, shape (n,)
            Those that stay.

        Returns
        -------
        EventArrays
            Codes of series and venues keep their meaning.
        """
        size = np.diff(self.ptr)
        stays = np.repeat(events, size)
        return replace(
            self,
            **{name: getattr(self, name)[events] for name in _OF_EVENT},
            **{name: getattr(self, name)[stays] for name in _OF_CANDIDATE},
            ptr=_pointers(size[events]),
        )

    def placed(self, candidates: NDArray[np.bool_] | None = None) -> EventArrays:
        """Give some of the candidates, and the events that still have one.

        Parameters
        ----------
        candidates : ndarray of bool, shape (m,), optional
            Those that stay; by default those with a position in metres.

        Returns
        -------
        EventArrays
            The weight of the others counts as elsewhere.
        """
        stays = ~np.isnan(self.x) if candidates is None else candidates
        event = self.event
        size = np.bincount(event[stays], minlength=len(self.t))
        lost = np.bincount(event[~stays], self.weight[~stays], minlength=len(self.t))
        left = replace(
            self,
            **{name: getattr(self, name)[stays] for name in _OF_CANDIDATE},
            elsewhere=np.minimum(self.elsewhere + lost, 1.0),
            ptr=_pointers(size),
        )
        return left if size.all() else left.only(size > 0)

    def with_elsewhere(self) -> EventArrays:
        """Give elsewhere as one more candidate, with the code ``len(venues)``.

        Returns
        -------
        EventArrays
            The weights of each event then sum to 1. The candidate's `row` is the event's `head`,
            and it has no position.
        """
        rest = np.flatnonzero(self.elsewhere > _NOTHING_LEFT)
        at = self.ptr[rest + 1]
        size = np.diff(self.ptr)
        size[rest] += 1
        nowhere = np.full(len(rest), np.nan)
        return replace(
            self,
            venue=np.insert(self.venue, at, len(self.venues)),
            weight=np.insert(self.weight, at, self.elsewhere[rest]),
            row=np.insert(self.row, at, self.head[rest]),
            x=np.insert(self.x, at, nowhere),
            y=np.insert(self.y, at, nowhere),
            ptr=_pointers(size),
        )

    def likeliest(self) -> Ints:
        """Which candidate (place among all) of each event is the heaviest?

        Returns
        -------
        ndarray of int64, shape (n,)
            Of equals the first by name; -1 for an event without a candidate.
        """
        order = np.lexsort((-np.arange(len(self.weight)), self.weight, self.event))
        best = np.full(len(self.t), -1, np.int64)
        has = np.diff(self.ptr) > 0
        best[has] = order[self.ptr[1:][has] - 1]  # the heaviest of each event comes last
        return best


_OF_EVENT = (
    "event_id",
    "t",
    "start",
    "end",
    "series",
    "series_weight",
    "elsewhere",
    "outside",
    "head",
)
_OF_CANDIDATE = ("venue", "weight", "row", "x", "y")


def _pointers(size: NDArray[np.int64]) -> Ints:
    return np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
