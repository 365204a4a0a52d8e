"""The space-time scan: circles of venues by windows of time, held against chance."""

from __future__ import annotations

from crimeloc.stats.scan.clusters import ArrayScan
from crimeloc.stats.scan.permutation import permutation_scan
from crimeloc.stats.scan.poisson import expected_cases, poisson_scan
from crimeloc.stats.scan.result import ScanResult
from crimeloc.stats.scan.scan_test import scan_test

__all__ = [
    "ArrayScan",
    "ScanResult",
    "expected_cases",
    "permutation_scan",
    "poisson_scan",
    "scan_test",
]
