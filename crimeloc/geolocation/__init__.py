"""Which venue was behind each address at that moment, and how sure is that?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crimeloc.geolocation.databases import CityDatabase as CityDatabase
    from crimeloc.geolocation.leases import LeaseIndex as LeaseIndex
    from crimeloc.geolocation.locating import locate_events as locate_events
    from crimeloc.geolocation.nat import deterministic_nat as deterministic_nat
    from crimeloc.geolocation.summary import location_summary as location_summary

# No module here bears the name of a function: an import of the module would hide the function.
_WHERE = {
    "CityDatabase": "databases",
    "LeaseIndex": "leases",
    "deterministic_nat": "nat",
    "locate_events": "locating",
    "location_summary": "summary",
}

__all__ = ["CityDatabase", "LeaseIndex", "deterministic_nat", "locate_events", "location_summary"]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
