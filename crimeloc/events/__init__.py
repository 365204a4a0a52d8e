"""When and where every upload was: the one array form of LOCATED and of VENUES.

Every method starts from `event_arrays` and `venue_arrays`, so that all of them agree on when an
upload was, which venues it may have come from, and what a venue outside the register means.
"""

from __future__ import annotations

from crimeloc.events.arrays import EventArrays
from crimeloc.events.notes import outside_register
from crimeloc.events.reading import ONE_SERIES, event_arrays
from crimeloc.events.register import within_register
from crimeloc.events.sessions import sessions
from crimeloc.events.times import DEFAULT_TIME, Moments, Time, event_times, spread_over
from crimeloc.events.venues import VenueArrays, venue_arrays

__all__ = [
    "DEFAULT_TIME",
    "ONE_SERIES",
    "EventArrays",
    "Moments",
    "Time",
    "VenueArrays",
    "event_arrays",
    "event_times",
    "outside_register",
    "sessions",
    "spread_over",
    "venue_arrays",
    "within_register",
]
