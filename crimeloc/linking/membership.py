"""To which series does each upload belong, and how likely?"""

from __future__ import annotations

import numpy as np

from crimeloc.linking.constraints import Pairs, units
from crimeloc.linking.entities import Entities
from crimeloc.linking.log_arrays import Floats, Ints, Log
from crimeloc.linking.model.attribution import attribute
from crimeloc.linking.model.grouping import Groups
from crimeloc.linking.model.profiles import Profiles, profile

PURITY = 0.99
"""Share of an account's uploads by its main user, where nothing hints at a second one."""


def place(
    log: Log,
    entities: Entities,
    p: Profiles,
    groups: Groups,
    copies: tuple[Ints, Ints],
    given: Pairs,
) -> tuple[Ints, Floats]:
    """Series number of each upload (-1 none) and the probability that it belongs there."""
    group = np.full(len(log), -1, np.int64)
    sure = np.zeros(len(log))
    known = entities.of >= 0
    number, dense = np.unique(groups.of, return_inverse=True)
    group[known] = dense[entities.of[known]]
    chance = _belonging(p, groups, units(given, entities.of, p.n))
    sure[known] = PURITY * chance[entities.of[known]]
    sure[given.certain] = chance[entities.of[given.certain]]
    if entities.n_unassigned:
        at = profile(log, group, len(number), copies)
        mine = np.flatnonzero(entities.shared_account & (entities.account >= 0))
        users = np.unique(np.column_stack([entities.account[mine], dense[mine]]), axis=0)
        best, chance = attribute(
            log, entities.unassigned, entities.n_unassigned, group, (users[:, 0], users[:, 1]), at
        )
        waits = entities.unassigned >= 0
        chosen, probability = best[entities.unassigned[waits]], chance[entities.unassigned[waits]]
        good = (chosen >= 0) & (probability > 0.5)
        group[np.flatnonzero(waits)[good]] = chosen[good]
        sure[np.flatnonzero(waits)[good]] = probability[good]
    # One upload alone is no series.
    size = np.bincount(group[group >= 0], minlength=len(number))
    group[(group >= 0) & (size[group] < 2)] = -1
    sure[group < 0] = 0.0
    result = np.full(len(log), -1, np.int64)
    kept = group >= 0
    _, first, inverse = np.unique(group[kept], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))  # series in the order of their first upload
    result[kept] = rank[inverse]
    return result, sure


def _belonging(p: Profiles, groups: Groups, unit: Ints) -> Floats:
    """Probability that an entity belongs to its group, by its mean score against the others.

    The largest entity of a group stands for it; where constraints hold some together (`unit`), the
    largest of those does, with all that must be with it.
    """
    size = np.minimum(p.events, 50)
    order = np.lexsort((np.arange(p.n), -size, unit < 0, groups.of))
    head = np.full(p.n, -1, np.int64)
    first = order[np.unique(groups.of[order], return_index=True)[1]]
    head[groups.of[first]] = first
    total = np.zeros(p.n)
    amount = np.zeros(p.n)
    inside = groups.of[groups.i] == groups.of[groups.j]
    for a, b in ((groups.i[inside], groups.j[inside]), (groups.j[inside], groups.i[inside])):
        np.add.at(total, a, groups.score[inside] * size[b])
        np.add.at(amount, a, size[b].astype(np.float64))
    bits = np.where(amount > 0, total / np.maximum(amount, 1e-12), 30.0)
    chance = 1.0 / (1.0 + np.exp2(-bits))
    mine = head[groups.of]
    chance[(mine == np.arange(p.n)) | ((unit >= 0) & (unit == unit[mine]))] = 1.0
    return np.asarray(chance)
