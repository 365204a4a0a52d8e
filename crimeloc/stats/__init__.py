"""Is that a pattern, or chance?"""

from __future__ import annotations

from crimeloc.stats.change import changepoints
from crimeloc.stats.knox import KnoxResult, knox_test
from crimeloc.stats.near_repeat import NearRepeatTable, near_repeat_table
from crimeloc.stats.pvalue import p_value
from crimeloc.stats.rhythm import regularity
from crimeloc.stats.scan.scan_test import ScanResult, scan_test

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
