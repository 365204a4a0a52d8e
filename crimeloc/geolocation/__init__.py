"""Which venue was behind each address at that moment, and how sure is that?"""

from __future__ import annotations

from crimeloc.geolocation.databases import CityDatabase
from crimeloc.geolocation.leases import LeaseIndex
from crimeloc.geolocation.locating import locate_events
from crimeloc.geolocation.nat import deterministic_nat
from crimeloc.geolocation.summary import location_summary

__all__ = [
    "CityDatabase",
    "LeaseIndex",
    "deterministic_nat",
    "locate_events",
    "location_summary",
]
