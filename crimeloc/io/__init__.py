"""Files in and out: what do I have, and what is broken in it?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crimeloc.io.check import check_file as check_file
    from crimeloc.io.events import read_events as read_events
    from crimeloc.io.leases import read_leases as read_leases
    from crimeloc.io.records import Read as Read
    from crimeloc.io.records import Report as Report
    from crimeloc.io.records import original_bytes as original_bytes
    from crimeloc.io.venues import read_venues as read_venues
    from crimeloc.io.writing import write_table as write_table

# No module here bears the name of a function: an import of the module would hide the function.
_WHERE = {
    "Read": "records",
    "Report": "records",
    "check_file": "check",
    "original_bytes": "records",
    "read_events": "events",
    "read_leases": "leases",
    "read_venues": "venues",
    "write_table": "writing",
}

__all__ = [
    "Read",
    "Report",
    "check_file",
    "original_bytes",
    "read_events",
    "read_leases",
    "read_venues",
    "write_table",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
