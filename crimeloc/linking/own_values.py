"""Which values of an identifier are one person's own, and which are machines that several use?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crimeloc.linking.log_arrays import Ints, Log

MACHINES = ("device", "fingerprint")
"""Identifiers that name a machine, which may stand in a cafe, an office or a home."""

LASTING, LASTING_US = 5, 14 * 86_400_000_000
"""A value that an account used so often, over two weeks or more, is a lasting one of it."""

STANDS = 0.2
"""A machine that changed its place in at most so large a part of its uses stands somewhere."""

BESIDE = 0.5
"""Accounts that follow each other on a machine at least so often as by chance use it in turn."""


def owners(log: Log, identifier: Ints) -> Ints:
    """The account that used each value most; ties go to the first account."""
    size = int(identifier.max()) + 1 if len(identifier) else 0
    owner = np.full(size, -1, np.int64)
    known = (identifier >= 0) & (log.account >= 0)
    if known.any():
        pairs = counts(identifier[known], log.account[known])
        order = np.lexsort((-pairs[:, 1], pairs[:, 2], pairs[:, 0]))
        owner[pairs[order, 0]] = pairs[order, 1]
    return owner


def counts(a: Ints, b: Ints) -> Ints:
    """Rows (a, b, how often), for each pair that occurs."""
    base = int(b.max(initial=0)) + 1
    keys, count = np.unique(a * base + b, return_counts=True)
    return np.column_stack([keys // base, keys % base, count])


def personal_values(log: Log, name: str) -> NDArray[np.bool_]:
    """Does a value behave like one person's own, and not like a machine of a venue?

    It is seen at two places at least, or it makes up a good part of what its main account uses;
    and it is no machine that several people share.
    """
    identifier = log.identifiers[name]
    size = int(identifier.max()) + 1 if len(identifier) else 0
    personal = np.zeros(size, bool)
    known = identifier >= 0
    if not known.any():
        return personal
    places = np.zeros(size, np.int64)
    at = known & (log.place >= 0)
    if at.any():
        seen = counts(identifier[at], log.place[at])
        np.add.at(places, seen[:, 0], 1)
    personal |= places >= 2
    both = known & (log.account >= 0)
    if both.any():
        pairs = counts(identifier[both], log.account[both])
        known_of = np.bincount(log.account[both])
        most = (pairs[:, 2] >= 3) & (pairs[:, 2] >= 0.25 * known_of[pairs[:, 1]])
        personal[pairs[most, 0]] = True
        # A value that many accounts carry is nobody's own.
        carriers = np.bincount(pairs[:, 0], minlength=size)
        total = np.bincount(identifier[known], minlength=size)
        personal &= carriers <= np.maximum(6, 0.25 * total)
        personal &= ~_common(log, identifier, size)
        if name in MACHINES:
            personal &= ~_in_turn(log, identifier, size)
    return personal


def _lasting(log: Log, identifier: Ints) -> tuple[Ints, Ints]:
    """Pairs (account, value) in which the value is a lasting one of the account."""
    rows = np.flatnonzero((identifier >= 0) & (log.account >= 0))
    base = int(identifier.max(initial=0)) + 1
    keys, at, often = np.unique(
        log.account[rows] * base + identifier[rows], return_inverse=True, return_counts=True
    )
    first = np.full(len(keys), np.iinfo(np.int64).max)
    last = np.full(len(keys), np.iinfo(np.int64).min)
    np.minimum.at(first, at, log.t[rows])
    np.maximum.at(last, at, log.t[rows])
    kept = (often >= LASTING) & (last - first >= LASTING_US)
    return keys[kept] // base, keys[kept] % base


def _common(log: Log, identifier: Ints, size: int) -> NDArray[np.bool_]:
    """Values of two accounts or more that each have a lasting one of their own: the family's."""
    account, value = _lasting(log, identifier)
    rows = (identifier >= 0) & (log.account >= 0)
    pairs = counts(identifier[rows], log.account[rows])
    carriers = np.bincount(pairs[:, 0], minlength=size)
    own = np.zeros(len(log.accounts), bool)
    own[account[carriers[value] == 1]] = True
    with_own = np.bincount(pairs[own[pairs[:, 1]] & (pairs[:, 2] >= 2), 0], minlength=size)
    return with_own >= 2


def _in_turn(log: Log, identifier: Ints, size: int) -> NDArray[np.bool_]:
    """Machines that stand somewhere and that two accounts or more use in turn, for weeks.

    One person who changes accounts leaves one for the next; several people come and go. Where the
    places of a machine are not known, it takes three accounts.
    """
    lasting = np.bincount(_lasting(log, identifier)[1], minlength=size)
    doubt = lasting >= 2
    rows = np.flatnonzero((identifier >= 0) & (log.account >= 0))
    rows = rows[doubt[identifier[rows]]]
    rows = rows[np.argsort(identifier[rows], kind="stable")]  # by value, in the order of time
    of = identifier[rows]
    same = of[1:] == of[:-1]
    steps = np.bincount(of[1:][same], minlength=size)
    a, b = rows[:-1][same], rows[1:][same]
    changed = np.bincount(of[1:][same][log.account[a] != log.account[b]], minlength=size)
    known = (log.place[a] >= 0) & (log.place[b] >= 0)
    step_of = of[1:][same]
    moved = np.bincount(step_of[known & (log.place[a] != log.place[b])], minlength=size)
    seen = np.bincount(step_of[known], minlength=size)
    pairs = counts(identifier[rows], log.account[rows])
    total = np.bincount(of, minlength=size)
    share = pairs[:, 2] / np.maximum(total[pairs[:, 0]], 1)
    chance = 1.0 - np.bincount(pairs[:, 0], share**2, minlength=size)
    in_turn = changed >= BESIDE * chance * steps
    stands = np.where(seen > 0, moved <= STANDS * seen, lasting >= 3)
    return doubt & in_turn & stands
