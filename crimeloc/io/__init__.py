"""Files in and out: what do I have, and what is broken in it?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crimeloc.io.batches import parquet_events as parquet_events
    from crimeloc.io.check import FileCheck as FileCheck
    from crimeloc.io.check import check_file as check_file
    from crimeloc.io.conflicts import lease_conflicts as lease_conflicts
    from crimeloc.io.events import read_events as read_events
    from crimeloc.io.geofeeds import read_geofeed as read_geofeed
    from crimeloc.io.leases import read_leases as read_leases
    from crimeloc.io.privacy import pseudonymise as pseudonymise
    from crimeloc.io.reasons import REASONS as REASONS
    from crimeloc.io.reasons import reason_code as reason_code
    from crimeloc.io.records import Read as Read
    from crimeloc.io.records import Report as Report
    from crimeloc.io.records import original_bytes as original_bytes
    from crimeloc.io.registers import match_venues as match_venues
    from crimeloc.io.registers import merge_venues as merge_venues
    from crimeloc.io.reports import read_hash_list as read_hash_list
    from crimeloc.io.venues import read_venues as read_venues
    from crimeloc.io.writing import write_table as write_table

# No module here bears the name of a function: an import of the module would hide the function.
_WHERE = {
    "REASONS": "reasons",
    "FileCheck": "check",
    "Read": "records",
    "Report": "records",
    "check_file": "check",
    "lease_conflicts": "conflicts",
    "match_venues": "registers",
    "merge_venues": "registers",
    "original_bytes": "records",
    "pseudonymise": "privacy",
    "read_events": "events",
    "read_geofeed": "geofeeds",
    "read_hash_list": "reports",
    "parquet_events": "batches",
    "read_leases": "leases",
    "read_venues": "venues",
    "reason_code": "reasons",
    "write_table": "writing",
}

__all__ = [
    "REASONS",
    "FileCheck",
    "Read",
    "Report",
    "check_file",
    "lease_conflicts",
    "match_venues",
    "merge_venues",
    "original_bytes",
    "parquet_events",
    "pseudonymise",
    "read_events",
    "read_geofeed",
    "read_hash_list",
    "read_leases",
    "read_venues",
    "reason_code",
    "write_table",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
