"""How many others use the same two venues at the same time as a pair does?

The base rates of `crowd` take a person's second venue as drawn from those of the first one's crowd.
Where many people divide their time between the same two venues, simply counting them is more exact,
and what the pair's venues are worth is bounded by it.
"""

from __future__ import annotations

import numpy as np

from crimeloc.linking.log_arrays import Floats, Ints
from crimeloc.linking.model.crowd import ALIKE, Shared
from crimeloc.linking.model.profiles import Profiles

LEAST_BITS = 2.0
"""Pairs whose venues are worth less are not counted for."""

UNIQUE = 4.0
"""Among n people nothing is seen to be rarer than one in so many times n."""

MANY = 6
"""Fewer others than this may be further accounts of one person, and bound nothing."""

STEP = 4_000_000
"""So many users of venues are looked at in one go, which bounds the memory."""


def bounded(p: Profiles, s: Shared, i: Ints, j: Ints, bits: Floats) -> Floats:
    """The bits of the shared venues, no more than the number of others with both allows."""
    bits = np.minimum(bits, np.log2(UNIQUE * (p.crowd.people + 1.0)))
    second = _second(s, len(i))
    rows = np.flatnonzero((bits >= LEAST_BITS) & (second >= 0))
    if not len(rows):
        return bits
    by_venue = p.venues.tocsc()
    users = np.diff(by_venue.indptr)
    entries = np.column_stack([s.main[rows], second[rows]])
    # The venue with fewer users is gone through, and the other one is looked up.
    fewer = np.argmin(users[s.venue[entries]], axis=1)
    near, far = entries[np.arange(len(rows)), fewer], entries[np.arange(len(rows)), 1 - fewer]
    size = users[s.venue[near]]
    others = np.empty(len(rows))
    cuts = np.concatenate([[0], np.cumsum(size)])
    begin = 0
    while begin < len(rows):
        end = max(int(np.searchsorted(cuts, cuts[begin] + STEP, side="right")) - 1, begin + 1)
        part = slice(begin, end)
        others[part] = _count(
            p, by_venue, s, (near[part], far[part]), (i[rows[part]], j[rows[part]])
        )
        begin = end
    bound = np.log2(max(p.crowd.people - 2.0, 0.0) + 1.0) - np.log2(others + 0.5)
    result = bits.copy()
    result[rows] = np.where(others >= MANY, np.minimum(bits[rows], bound), bits[rows])
    return result


def _second(s: Shared, n: int) -> Ints:
    """The entry of the second common venue of each pair; -1 none."""
    weight = s.one * s.two
    weight[s.main[s.main >= 0]] = -1.0
    order = np.lexsort((-s.venue, weight, s.pair))
    found = np.full(n, -1, np.int64)
    found[s.pair[order]] = order
    has = np.flatnonzero(found >= 0)
    found[has[weight[found[has]] < 0]] = -1
    return found


def _count(
    p: Profiles, by_venue: object, s: Shared, entries: tuple[Ints, Ints], pair: tuple[Ints, Ints]
) -> Floats:
    """For each pair: others who use both venues at least half as much, over the same time."""
    near, far = entries
    start, rows, shares = by_venue.indptr, by_venue.indices, by_venue.data  # type: ignore[attr-defined]
    venue = s.venue[near]
    size = np.diff(start)[venue]
    k = np.repeat(np.arange(len(near)), size)
    at = start[venue][k] + np.arange(len(k)) - np.repeat(np.cumsum(size) - size, size)
    who = rows[at].astype(np.int64)
    least = ALIKE * np.minimum(s.one, s.two)
    good = shares[at] >= least[near][k] - 1e-9
    good &= (who != pair[0][k]) & (who != pair[1][k])
    k, who = k[good], who[good]
    width = p.venues.shape[1]
    keys = np.repeat(np.arange(p.n), np.diff(p.venues.indptr)) * width + p.venues.indices
    wanted = who * width + s.venue[far][k]
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    there = (keys[place] == wanted) & (p.venues.data[place] >= least[far][k] - 1e-9)
    k, who = k[there], who[there]
    beside = _beside(p, who, pair[0][k]) & _beside(p, who, pair[1][k])
    return np.bincount(k[beside], minlength=len(near)).astype(np.float64)


def _beside(p: Profiles, a: Ints, b: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Were both active at the same time, for half of the shorter period at least?"""
    both = np.minimum(p.last[a], p.last[b]) - np.maximum(p.first[a], p.first[b])
    shorter = np.minimum(p.last[a] - p.first[a], p.last[b] - p.first[b])
    return np.asarray(2 * both >= shorter)
