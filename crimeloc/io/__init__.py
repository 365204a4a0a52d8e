"""Files in and out: what do I have, and what is broken in it?"""

from __future__ import annotations

from crimeloc.io.batches import parquet_events
from crimeloc.io.check import FileCheck, check_file
from crimeloc.io.events import read_events
from crimeloc.io.formats.geofeeds import read_geofeed
from crimeloc.io.formats.raw_table import Read, Report, original_bytes
from crimeloc.io.formats.reports import read_hash_list
from crimeloc.io.formats.vector_files import read_shapes
from crimeloc.io.leases import read_leases
from crimeloc.io.privacy import pseudonymise
from crimeloc.io.proxies import read_proxy_networks
from crimeloc.io.quality.conflicts import lease_conflicts
from crimeloc.io.quality.venue_matching import match_venues, merge_venues
from crimeloc.io.reasons import reasons_in
from crimeloc.io.venues import read_venues
from crimeloc.io.writing import write_table

__all__ = [
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
    "read_proxy_networks",
    "read_shapes",
    "read_venues",
    "reasons_in",
    "write_table",
]
