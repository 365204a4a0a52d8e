"""To which of the known users of a shared account does a visit belong?"""

from __future__ import annotations

import numpy as np

from crimeloc.linking.log_arrays import Floats, Ints, Log
from crimeloc.linking.model.profiles import Profiles


def attribute(
    log: Log, visit: Ints, n_visits: int, group_of: Ints, users: tuple[Ints, Ints], p: Profiles
) -> tuple[Ints, Floats]:
    """Give each visit to the likeliest user of its account, with the probability.

    `visit` numbers the waiting uploads (-1: not waiting), `group_of` gives the group of every
    upload already placed, `users` are pairs (account, group), sorted, and `p` the profiles of the
    groups. Somebody unknown is always a candidate, with the weight of one upload.
    """
    best = np.full(n_visits, -1, np.int64)
    sure = np.zeros(n_visits)
    rows = np.flatnonzero(visit >= 0)
    accounts, groups = users
    if not len(rows) or not len(accounts):
        return best, sure
    first = rows[np.unique(visit[rows], return_index=True)[1]]
    low = np.searchsorted(accounts, log.account[first], side="left")
    many = np.searchsorted(accounts, log.account[first], side="right") - low
    first, low, many = first[many > 0], low[many > 0], many[many > 0]
    start = np.concatenate([[0], np.cumsum(many)])
    case = np.repeat(np.arange(len(first)), many)
    entry = low[case] + np.arange(len(case)) - start[case]
    event, group = first[case], groups[entry]
    bits = np.log2(_used(log, group_of, accounts, groups)[entry] + 0.5)
    bits += place_bits(log, event, group, p) + hour_bits(log, event, group, p)
    if not len(case):
        return best, sure
    most = np.maximum(np.maximum.reduceat(bits, start[:-1]), 0.0)
    chance = np.exp2(bits - most[case])
    total = np.add.reduceat(chance, start[:-1]) + np.exp2(-most)
    order = np.lexsort((group, -bits, case))
    top = order[start[:-1]]
    best[visit[first]] = group[top]
    sure[visit[first]] = chance[top] / total
    return best, sure


def place_bits(log: Log, event: Ints, group: Ints, p: Profiles) -> Floats:
    """Evidence of the venue for each group, in bits; one visit in five may be anywhere."""
    venue = log.venue[event]
    width = p.venues.shape[1]
    matrix = p.venues.tocsr()
    matrix.sort_indices()
    keys = np.repeat(np.arange(p.n), np.diff(matrix.indptr)) * width + matrix.indices
    share = np.zeros(len(event))
    if len(keys):
        wanted = group * width + venue
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        share = np.where(keys[at] == wanted, matrix.data[at], 0.0)
    shrunk = share * p.visits[group] / (p.visits[group] + 2.0)
    value = np.log2(0.2 + 0.8 * shrunk / p.crowd.base[np.maximum(venue, 0)])
    return np.where(venue >= 0, value, 0.0)


def hour_bits(log: Log, event: Ints, group: Ints, p: Profiles) -> Floats:
    """Evidence of the hour of the week for each group, in bits."""
    hour = log.hour[event]
    enough = p.timed[group] / (p.timed[group] + 5.0)
    at = np.maximum(hour, 0)
    ratio = p.hours[group, at] / p.crowd.all_hours[at]
    value = np.log2(1.0 - enough + enough * (0.1 + 0.9 * ratio))
    return np.where(hour >= 0, value, 0.0)


def _used(log: Log, group_of: Ints, accounts: Ints, groups: Ints) -> Floats:
    """How many uploads of each account each of its groups already has."""
    base = int(groups.max()) + 1
    known = (group_of >= 0) & (log.account >= 0) & (group_of < base)
    keys, count = np.unique(log.account[known] * base + group_of[known], return_counts=True)
    wanted = accounts * base + groups
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    if not len(keys):
        return np.zeros(len(accounts))
    return np.where(keys[at] == wanted, count[at], 0).astype(np.float64)
