"""Is that a pattern, or chance?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crimeloc.stats.change import changepoints as changepoints
    from crimeloc.stats.knox import KnoxResult as KnoxResult
    from crimeloc.stats.knox import knox_test as knox_test
    from crimeloc.stats.near_repeat import NearRepeatTable as NearRepeatTable
    from crimeloc.stats.near_repeat import near_repeat_table as near_repeat_table
    from crimeloc.stats.pvalue import p_value as p_value
    from crimeloc.stats.rhythm import regularity as regularity
    from crimeloc.stats.scan import ScanResult as ScanResult
    from crimeloc.stats.scan import scan_test as scan_test

# No module here bears the name of a function: an import of the module would hide the function.
_WHERE = {
    "KnoxResult": "knox",
    "NearRepeatTable": "near_repeat",
    "ScanResult": "scan",
    "changepoints": "change",
    "knox_test": "knox",
    "near_repeat_table": "near_repeat",
    "p_value": "pvalue",
    "regularity": "rhythm",
    "scan_test": "scan",
}

__all__ = [
    "KnoxResult",
    "NearRepeatTable",
    "ScanResult",
    "changepoints",
    "knox_test",
    "near_repeat_table",
    "p_value",
    "regularity",
    "scan_test",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
