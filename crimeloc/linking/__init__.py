"""Whose uploads, and where did the content start?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crimeloc.linking.descent import Descent as Descent
    from crimeloc.linking.descent import trace_content as trace_content
    from crimeloc.linking.embeddings import Calibration as Calibration
    from crimeloc.linking.embeddings import calibrate_similarity as calibrate_similarity
    from crimeloc.linking.hamming import HammingIndex as HammingIndex
    from crimeloc.linking.hamming import HammingPairs as HammingPairs
    from crimeloc.linking.hamming import hamming_pairs as hamming_pairs
    from crimeloc.linking.hamming import parse_hashes as parse_hashes
    from crimeloc.linking.links import Diagnostics as Diagnostics
    from crimeloc.linking.links import Links as Links
    from crimeloc.linking.links import link_events as link_events
    from crimeloc.linking.measures import LinkScores as LinkScores
    from crimeloc.linking.measures import pair_roc as pair_roc
    from crimeloc.linking.measures import score_links as score_links
    from crimeloc.linking.videos import video_matches as video_matches
    from crimeloc.linking.watch import Watch as Watch

_WHERE = {
    "Calibration": "embeddings",
    "Descent": "descent",
    "Diagnostics": "links",
    "HammingIndex": "hamming",
    "HammingPairs": "hamming",
    "LinkScores": "measures",
    "Links": "links",
    "Watch": "watch",
    "calibrate_similarity": "embeddings",
    "hamming_pairs": "hamming",
    "link_events": "links",
    "pair_roc": "measures",
    "parse_hashes": "hamming",
    "score_links": "measures",
    "trace_content": "descent",
    "video_matches": "videos",
}

__all__ = [
    "Calibration",
    "Descent",
    "Diagnostics",
    "HammingIndex",
    "HammingPairs",
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


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'crimeloc.linking' has no attribute {name!r}")
    value = getattr(import_module(f"crimeloc.linking.{_WHERE[name]}"), name)
    globals()[name] = value
    return value
