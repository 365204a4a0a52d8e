"""Is that a pattern, or chance?"""

from __future__ import annotations

from crimeloc.stats.by_series import SeriesTests, by_series
from crimeloc.stats.change import Changes, changepoints
from crimeloc.stats.knox import KnoxResult, knox_test
from crimeloc.stats.near_repeat import NearRepeatTable, near_repeat_table
from crimeloc.stats.pvalue import p_value
from crimeloc.stats.rhythm import regularity
from crimeloc.stats.scan.scan_test import ScanResult, scan_test

__all__ = [
    "Changes",
    "KnoxResult",
    "NearRepeatTable",
    "ScanResult",
    "SeriesTests",
    "by_series",
    "changepoints",
    "knox_test",
    "near_repeat_table",
    "p_value",
    "regularity",
    "scan_test",
]
