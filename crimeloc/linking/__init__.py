"""Whose uploads, and where did the content start?"""

from __future__ import annotations

from crimeloc.linking.lineage import Lineage, trace_content
from crimeloc.linking.link_events import link_events
from crimeloc.linking.links import Diagnostics, Links
from crimeloc.linking.measures import LinkScores, pair_roc, score_links
from crimeloc.linking.monitoring.watch import Watch
from crimeloc.linking.similarity.embeddings import Calibration, calibrate_similarity
from crimeloc.linking.similarity.hamming import (
    HammingIndex,
    HammingPairs,
    hamming_pairs,
    parse_hashes,
)
from crimeloc.linking.similarity.videos import video_matches

__all__ = [
    "Calibration",
    "Diagnostics",
    "HammingIndex",
    "HammingPairs",
    "Lineage",
    "LinkScores",
    "Links",
    "Watch",
    "calibrate_similarity",
    "hamming_pairs",
    "link_events",
    "pair_roc",
    "parse_hashes",
    "score_links",
    "trace_content",
    "video_matches",
]
