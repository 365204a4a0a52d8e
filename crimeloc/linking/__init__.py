"""Whose uploads, and where did the content start?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crimeloc.linking.hamming import HammingIndex as HammingIndex
    from crimeloc.linking.hamming import HammingPairs as HammingPairs
    from crimeloc.linking.hamming import hamming_pairs as hamming_pairs
    from crimeloc.linking.hamming import parse_hashes as parse_hashes
    from crimeloc.linking.links import Diagnostics as Diagnostics
    from crimeloc.linking.links import Links as Links
    from crimeloc.linking.links import link_events as link_events

_WHERE = {
    "Diagnostics": "links",
    "HammingIndex": "hamming",
    "HammingPairs": "hamming",
    "Links": "links",
    "hamming_pairs": "hamming",
    "link_events": "links",
    "parse_hashes": "hamming",
}

__all__ = [
    "Diagnostics",
    "HammingIndex",
    "HammingPairs",
    "Links",
    "hamming_pairs",
    "link_events",
    "parse_hashes",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'crimeloc.linking' has no attribute {name!r}")
    value = getattr(import_module(f"crimeloc.linking.{_WHERE[name]}"), name)
    globals()[name] = value
    return value
