"""To which of the known users of a shared account does a visit belong?"""

from __future__ import annotations

import numpy as np

from crimeloc.linking._evidence import Profiles
from crimeloc.linking._log import Floats, Ints, Log


def attribute(
    log: Log,
    visit: Ints,
    n_visits: int,
    account: Ints,
    group_of: Ints,
    users: dict[int, Ints],
    p: Profiles,
) -> tuple[Ints, Floats]:
    """Give each visit to the likeliest user of its account, with the probability.

    `visit` numbers the waiting uploads (-1: not waiting), `group_of` gives the group of every
    upload already placed, `users` the groups that use each shared account, `p` the profiles of the
    groups. Somebody unknown is always a candidate, with the weight of one upload.
    """
    best = np.full(n_visits, -1, np.int64)
    sure = np.zeros(n_visits)
    rows = np.flatnonzero(visit >= 0)
    if not len(rows):
        return best, sure
    first = rows[np.unique(visit[rows], return_index=True)[1]]
    used = _used(account, group_of, users)
    for event in first.tolist():
        groups = users.get(int(account[event]))
        if groups is None or not len(groups):
            continue
        bits = np.log2(used[int(account[event])] + 0.5) + place_bits(log, event, groups, p)
        bits += hour_bits(log, event, groups, p)
        chance = np.exp2(bits - bits.max())
        chance /= chance.sum() + np.exp2(-bits.max())
        k = int(np.argmax(chance))
        best[visit[event]], sure[visit[event]] = groups[k], chance[k]
    return best, sure


def place_bits(log: Log, event: int, groups: Ints, p: Profiles) -> Floats:
    """Evidence of the venue for each group, in bits; one visit in five may be anywhere."""
    venue = log.venue[event]
    if venue < 0:
        return np.zeros(len(groups))
    share = np.asarray(p.venues[groups][:, [int(venue)]].todense(), dtype=np.float64).ravel()
    shrunk = share * p.visits[groups] / (p.visits[groups] + 2.0)
    return np.asarray(np.log2(0.2 + 0.8 * shrunk / p.venue_base[venue]))


def hour_bits(log: Log, event: int, groups: Ints, p: Profiles) -> Floats:
    """Evidence of the hour of the week for each group, in bits."""
    hour = log.hour[event]
    if hour < 0:
        return np.zeros(len(groups))
    enough = p.timed[groups] / (p.timed[groups] + 5.0)
    return np.asarray(np.log2(1.0 - enough + enough * (0.1 + 0.9 * p.hours[groups, hour])))


def _used(account: Ints, group_of: Ints, users: dict[int, Ints]) -> dict[int, Floats]:
    known = (group_of >= 0) & np.isin(account, list(users))
    counts: dict[tuple[int, int], int] = {}
    for a, g in zip(account[known].tolist(), group_of[known].tolist(), strict=True):
        counts[a, g] = counts.get((a, g), 0) + 1
    return {
        a: np.array([counts.get((a, int(g)), 0) for g in groups], np.float64)
        for a, groups in users.items()
    }
