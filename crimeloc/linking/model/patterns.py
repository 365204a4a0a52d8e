"""Pairs that show the same levels in every kind of evidence are one pattern, with a count.

Learning needs nothing but these counts: a log with 400,000 candidate pairs shows about a hundred
patterns. Counts are whole numbers and the patterns stand in an order of their own, so what is
learned is the same to the last bit whatever the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from crimeloc.linking.log_arrays import Ints
from crimeloc.linking.model.comparisons import Levels


class Patterns(NamedTuple):
    """Different combinations of levels, and how many pairs of each group show them."""

    levels: dict[str, Levels]
    n_pairs: Ints  # pattern x group


def patterns(kinds: Mapping[str, Levels], group: Ints, n_groups: int) -> Patterns:
    """Count the combinations of levels; `group` says to which count each pair belongs."""
    key = np.zeros(len(group), np.int64)
    size = {}
    for kind, level in kinds.items():
        size[kind] = int(level.max(initial=-1)) + 2  # -1, nothing known, becomes 0
        key = key * size[kind] + (level + 1)
        if key.max(initial=0) > np.iinfo(np.int64).max // 64:  # keep room for the next kind
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
    unique, first, pattern = np.unique(key, return_index=True, return_inverse=True)
    count = np.bincount(pattern * n_groups + group, minlength=len(unique) * n_groups)
    return Patterns(
        {kind: level[first] for kind, level in kinds.items()}, count.reshape(-1, n_groups)
    )
