"""What speaks for, and what against, two entities being one person's: levels of agreement.

Each kind of evidence sorts a pair of entities into levels; -1 means that nothing is known, and
counts as no evidence. What a level is worth is learned elsewhere (`fellegi_sunter`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crimeloc.linking.log_arrays import Floats, Ints
from crimeloc.linking.model.crowd import crowd_hours, shared_venues, venue_bits
from crimeloc.linking.model.joint_crowd import bounded
from crimeloc.linking.model.meetings import impossible_travel, meetings
from crimeloc.linking.model.own_identifiers import OwnIdentifiers
from crimeloc.linking.model.profiles import Profiles

Levels = NDArray[np.int8]
CHUNK = 100_000
TRACK_ROWS = 2_000_000
"""So many pairs, and located uploads on both their sides together, are weighed in one go."""

MOST_RARE, COMMON = 3.0, 30
"""Most bits that the frequency of a value adds or takes; what more entities carry blocks none."""

VENUE_BITS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0)
"""Edges of the levels of shared venues, in bits; no level is worth more than its upper edge."""

MANY_COPIES = 4
"""So many copies between two are a level of their own, unless one took all from the other's use."""

COMPANY_LEVEL = 4
"""Who comes together shares venues for that reason: the venues count up to 4 bits at most."""


def levels(p: Profiles, i: Ints, j: Ints) -> dict[str, Levels]:
    """Levels of every kind of evidence for these pairs of entities."""
    size = np.diff(p.tracks[0])
    done = [
        _levels(p, i[low:high], j[low:high])
        for low, high in parts(size[i] + size[j], TRACK_ROWS, CHUNK) or [(0, 0)]
    ]
    return {name: np.concatenate([part[name] for part in done]) for name in done[0]}


def parts(size: Ints, most: int, many: int) -> list[tuple[int, int]]:
    """Cut a list into parts of at most `many` whose sizes sum to `most`, or of one that is more."""
    total = np.cumsum(size)
    cuts = [0]
    while cuts[-1] < len(size):
        begin = cuts[-1]
        before = int(total[begin - 1]) if begin else 0
        end = int(np.searchsorted(total, before + most, side="right"))
        cuts.append(min(max(end, begin + 1), begin + many))
    return list(pairwise(cuts))


def _levels(p: Profiles, i: Ints, j: Ints) -> dict[str, Levels]:
    found = {name: _identifier_level(own, i, j) for name, own in p.identifiers.items()}
    alike = np.zeros(len(i), bool)
    for shown in found.values():
        alike |= shown >= 2
    meet = meetings(p, i, j)
    company = meet.company & ~alike
    shared = shared_venues(p.venues, i, j)
    small = np.minimum(p.visits[i], p.visits[j])
    bits = bounded(p, shared, i, j, venue_bits(p.crowd, shared, i, j, p.visited))
    level = np.digitize(bits, VENUE_BITS)
    level[company] = np.minimum(level[company], COMPANY_LEVEL)
    found["venue"] = _hold(level, small >= 2)
    base = crowd_hours(p.crowd, shared, (p.hours[i], p.hours[j]))
    ratio = np.einsum("ij,ij->i", p.hour_raw[i], p.hours[j] / base, dtype=np.float64)
    level = np.digitize(ratio, [0.6, 0.9, 1.2, 1.8])
    least = np.minimum(p.timed[i], p.timed[j])
    found["hours"] = _hold(np.where(least >= 10, level + 5, level), (least >= 3) & ~company)
    if p.titles is not None:
        alike_titles = _row_dot(p.titles, p.titles, i, j)
        level = np.digitize(alike_titles, [0.15, 0.35, 0.55, 0.75])
        least = np.minimum(p.titled[i], p.titled[j])
        found["title"] = _hold(np.where(least >= 8, level + 5, level), least >= 3)
    known = (np.minimum(p.hashed[i], p.hashed[j]) > 0) & ~p.reposter[i] & ~p.reposter[j]
    known &= ~p.copies.follows(i, j)
    count = p.copies.all.look(i, j)
    level = np.minimum(count, 2) + ((count >= MANY_COPIES) & ~one_sided(p, i, j))
    found["content"] = _hold(level, known)
    placed = np.minimum(p.placed[i], p.placed[j]) > 0
    found["co_location"] = _hold(meet.level, placed & ~company)
    gap = np.maximum(p.first[i], p.first[j]) > np.minimum(p.last[i], p.last[j])
    found["succession"] = _hold(gap.astype(np.int64), np.minimum(p.events[i], p.events[j]) >= 5)
    met, clash = impossible_travel(p.tracks, i, j)
    found["impossible_travel"] = _hold(np.minimum(clash, 2), met > 0)
    return found


def one_sided(p: Profiles, i: Ints, j: Ints) -> NDArray[np.bool_]:
    """Do all copies go one way, while what was copied from was still in use?"""
    count, forth = p.copies.all.look(i, j), p.copies.forth.look(i, j)
    one_way = (forth == 0) | (forth == count)
    beside = (p.first[i] <= p.last[j]) & (p.first[j] <= p.last[i])
    return np.asarray(one_way & beside)


def _hold(level: NDArray[np.int64], known: NDArray[np.bool_]) -> Levels:
    return np.where(known, level, -1).astype(np.int8)


def _identifier_level(own: OwnIdentifiers, i: Ints, j: Ints) -> Levels:
    """0 own, lasting and different side by side, 1 nothing shared, 2 shared, 3 repeated in both.

    A value that belongs to a venue (a machine in the cafe) says where, not who: no evidence.
    """
    once, again = own.own.copy(), own.own.copy()
    once.data = np.ones_like(once.data)
    again.data = (again.data >= 2).astype(np.float64)
    level = np.where(own.apart(i, j), 0, 1)
    level[_row_dot(once, once, i, j) > 0] = 2
    level[_row_dot(again, again, i, j) > 0] = 3
    # Not sharing speaks against only where both show something of their own.
    habit = np.diff(own.own.indptr) > 0
    return _hold(level, habit[i] & habit[j])


def term_frequency(p: Profiles, kinds: dict[str, Levels], i: Ints, j: Ints) -> dict[str, Floats]:
    """Bits to add where an identifier agrees: a rare value says more, a frequent one less.

    The levels are worth what agreement says on average; the value itself is worth
    log2(mean u / u of the value), u being the share of entities that carry it. Of several shared
    values the rarest counts.
    """
    result = {}
    for name, own in p.identifiers.items():
        bits = np.zeros(len(i))
        rows = np.flatnonzero(kinds[name] >= 2)
        if len(rows):
            mine = own.own.copy()
            mine.data = np.ones_like(mine.data)
            count = np.bincount(mine.indices, minlength=mine.shape[1]).astype(np.float64)
            chance = np.log2(np.maximum(count, 1.0))
            pairs = np.where(count <= COMMON, count * (count - 1.0), 0.0)
            usual = (pairs * chance).sum() / max(pairs.sum(), 1.0)
            worth = np.clip(usual - chance, -MOST_RARE, MOST_RARE) + MOST_RARE + 1.0  # above 0
            scaled = mine.copy()
            scaled.data = scaled.data * worth[scaled.indices]
            for low, high in parts(np.ones(len(rows), np.int64), CHUNK, CHUNK):
                some = rows[low:high]
                both = mine[i[some]].multiply(scaled[j[some]])
                bits[some] = both.max(axis=1).toarray().ravel() - MOST_RARE - 1.0
        result[name] = bits
    return result


def _row_dot(a: Any, b: Any, i: Ints, j: Ints) -> Floats:
    return np.asarray(a[i].multiply(b[j]).sum(axis=1), dtype=np.float64).ravel()
