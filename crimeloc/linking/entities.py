"""First gathering: the uploads of one account, unless several people use it.

An entity is a set of uploads that are held together by one account (or, without an account, by one
device that keeps coming back). Entities, not single uploads, are compared with each other: a habit
shows in many uploads, hardly in one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.linking.log_arrays import Ints, Log, speed_conflicts

CROWD = 5
"""An account whose devices repeat in so many accounts, one each, is not one person's."""

VISIT_US = 3 * 3_600_000_000
"""Uploads at one place with gaps below three hours are one visit."""


@dataclass
class Entities:
    """Which upload is in which entity, and what kind of entity it is.

    `of` is -1 for uploads of a shared account that no device or visit ties to anybody yet; those
    wait as `unassigned` visits and are given to the users of the account afterwards.
    """

    of: Ints  # entity of each upload, -1 unassigned
    n: int
    account: Ints  # account of each entity, -1 none or several
    shared_account: NDArray[np.bool_]  # is the entity part of a shared account?
    unassigned: Ints  # unassigned visit of each upload, -1 not unassigned
    n_unassigned: int
    shared: pd.DataFrame  # the shared accounts, with the reasons
    personal: dict[str, NDArray[np.bool_]]  # identifier values that behave like one person's own


def build_entities(log: Log, keep_apart: Ints, named: Ints) -> Entities:
    """Gather uploads into entities.

    `keep_apart`: uploads that somebody says are not of one person with another upload of their
    account; these are entities of their own, and their accounts are treated as shared where they
    show two devices (without, nothing parts the rest, which stays one entity).
    `named`: uploads that a constraint names; they never wait as unassigned visits.
    """
    personal = {name: _personal(log, identifier) for name, identifier in log.identifiers.items()}
    owner = {name: _owners(log, identifier) for name, identifier in log.identifiers.items()}
    n = len(log)
    # The own device of each upload: the first kind of identifier that has one.
    own = np.full(n, -1, np.int64)
    offset = 0
    for name, identifier in log.identifiers.items():
        known = (identifier >= 0) & (own < 0)
        known[known] = personal[name][identifier[known]]
        own[known] = offset + identifier[known]
        offset += len(personal[name])
    has_account = log.account >= 0
    shared, table = _shared_accounts(log, personal, owner, keep_apart, own)
    in_shared = np.zeros(n, bool)
    in_shared[has_account] = shared[log.account[has_account]]
    # The key of an entity: the account, with the own device where the account is shared; or the
    # one upload that is kept apart.
    kind = np.where(has_account & ~in_shared, 0, np.where(has_account, 1, 2))
    first = np.where(kind == 2, -1, log.account)
    second = np.where(kind == 0, -1, own)
    apart = np.full(n, -1, np.int64)
    apart[keep_apart] = keep_apart
    waiting = named[(kind[named] == 1) & (own[named] < 0)]
    apart[waiting] = waiting
    single = (kind == 2) & (own < 0)
    apart[single] = np.flatnonzero(single)
    is_unassigned = (kind == 1) & (own < 0) & (apart < 0)
    keys = pd.MultiIndex.from_arrays([first, second, apart])
    of = np.full(n, -1, np.int64)
    number, _ = pd.factorize(keys[~is_unassigned])
    of[~is_unassigned] = number
    count = int(number.max()) + 1 if len(number) else 0
    account = np.full(count, -1, np.int64)
    account[of[~is_unassigned]] = first[~is_unassigned]
    from_shared = np.zeros(count, bool)
    from_shared[of[~is_unassigned]] = in_shared[~is_unassigned]
    unassigned = visits(log, log.account, is_unassigned)
    n_unassigned = int(unassigned.max()) + 1 if len(unassigned) else 0
    return Entities(of, count, account, from_shared, unassigned, n_unassigned, table, personal)


def visits(log: Log, group: Ints, among: NDArray[np.bool_]) -> Ints:
    """Number the visits: uploads of one group at one place with short gaps; -1 outside `among`."""
    number = np.full(len(log), -1, np.int64)
    rows = np.flatnonzero(among)
    if not len(rows):
        return number
    place = np.where(log.place[rows] >= 0, log.place[rows], -1 - rows)
    order = np.lexsort((log.t[rows], place, group[rows]))
    at = rows[order]
    new = np.ones(len(at), bool)
    new[1:] = (
        (group[at[1:]] != group[at[:-1]])
        | (place[order][1:] != place[order][:-1])
        | (log.t[at[1:]] - log.t[at[:-1]] > VISIT_US)
    )
    number[at] = np.cumsum(new) - 1
    return number


def _owners(log: Log, identifier: Ints) -> Ints:
    """The account that used each value most; ties go to the first account."""
    size = int(identifier.max()) + 1 if len(identifier) else 0
    owner = np.full(size, -1, np.int64)
    known = (identifier >= 0) & (log.account >= 0)
    if known.any():
        pairs = _counts(identifier[known], log.account[known])
        order = np.lexsort((-pairs[:, 1], pairs[:, 2], pairs[:, 0]))
        owner[pairs[order, 0]] = pairs[order, 1]
    return owner


def _counts(a: Ints, b: Ints) -> Ints:
    """Rows (a, b, how often), for each pair that occurs."""
    base = int(b.max()) + 1
    keys, count = np.unique(a * base + b, return_counts=True)
    return np.column_stack([keys // base, keys % base, count])


def _personal(log: Log, identifier: Ints) -> NDArray[np.bool_]:
    """Does a value behave like one person's own, and not like a machine of a venue?

    It is seen at two places at least, or it makes up a good part of what its main account uses.
    """
    size = int(identifier.max()) + 1 if len(identifier) else 0
    personal = np.zeros(size, bool)
    known = identifier >= 0
    if not known.any():
        return personal
    places = np.zeros(size, np.int64)
    at = known & (log.place >= 0)
    if at.any():
        seen = _counts(identifier[at], log.place[at])
        np.add.at(places, seen[:, 0], 1)
    personal |= places >= 2
    both = known & (log.account >= 0)
    if both.any():
        pairs = _counts(identifier[both], log.account[both])
        known_of = np.bincount(log.account[both])
        most = (pairs[:, 2] >= 3) & (pairs[:, 2] >= 0.25 * known_of[pairs[:, 1]])
        personal[pairs[most, 0]] = True
        # A value that many accounts carry is nobody's own.
        carriers = np.bincount(pairs[:, 0], minlength=size)
        total = np.bincount(identifier[known], minlength=size)
        personal &= carriers <= np.maximum(6, 0.25 * total)
    return personal


def _strangers(pairs: Ints, home: Ints, size: int) -> Ints:
    """1 for accounts in which a second device repeats whose home never saw the first one.

    `pairs` are rows (account, own device, how often); `home` is the main account of each device.
    """
    order = np.lexsort((pairs[:, 1], -pairs[:, 2], pairs[:, 0]))
    first = order[np.unique(pairs[order, 0], return_index=True)[1]]
    main = np.full(size, -1, np.int64)
    main[pairs[first, 0]] = pairs[first, 1]
    account, device, count = pairs.T
    other = (device != main[account]) & (home[device] != account) & (home[device] >= 0)
    account, device = account[other & (count >= 2)], device[other & (count >= 2)]
    base = int(pairs[:, 1].max()) + 1
    seen = np.isin(home[device] * base + main[account], pairs[:, 0] * base + pairs[:, 1])
    found = np.zeros(size, np.int64)
    found[account[~seen]] = 1
    return found


def _crowd(pairs: Ints, size: int) -> Ints:
    """How many of each account's own devices are the only own device of another account?

    `pairs` are rows (account, own device, how often). An account that uses most devices more often
    than their people's own accounts do is the home of them all, and would swallow those accounts.
    Counted where it is half of its devices at least: where one person has many accounts and
    devices, most of these accounts show several of the devices.
    """
    from scipy import sparse

    often = pairs[pairs[:, 2] >= 2]
    width = int(pairs[:, 1].max()) + 1
    one = np.ones(len(often), np.int64)
    table = sparse.csr_array((one, (often[:, 0], often[:, 1])), shape=(size, width))
    devices = np.diff(table.indptr)
    busy = np.flatnonzero(devices >= CROWD)
    simple = np.flatnonzero(devices == 1)
    found = np.zeros(size, np.int64)
    if not len(busy) or not len(simple):
        return found
    home = np.zeros(width, np.int64)
    home[table[simple].indices] = 1  # is the only device of some account
    hits = np.asarray(table[busy] @ home)
    found[busy] = np.where(2 * hits >= devices[busy], hits, 0)
    return found


def _shared_accounts(
    log: Log,
    personal: dict[str, NDArray[np.bool_]],
    owner: dict[str, Ints],
    keep_apart: Ints,
    own: Ints,
) -> tuple[NDArray[np.bool_], pd.DataFrame]:
    """Which accounts do several people use?

    Two or more devices that are at home in different other accounts; or many that each repeat in
    another account of their own; or pairs of uploads that no one person can have made; or somebody
    says so, of an account with two devices.
    """
    size = len(log.accounts)
    guests = np.zeros(size, np.int64)
    crowd = np.zeros(size, np.int64)
    for name, identifier in log.identifiers.items():
        rows = (log.account >= 0) & (identifier >= 0)
        rows[rows] = personal[name][identifier[rows]]
        if not rows.any():
            continue
        home = owner[name][identifier[rows]]
        here = log.account[rows]
        away = (home != here) & (home >= 0)
        if away.any():
            pairs = _counts(here[away], home[away])
            guests = np.maximum(guests, np.bincount(pairs[:, 0], minlength=size))
        used = _counts(here, identifier[rows])
        guests = np.maximum(guests, 2 * _strangers(used, owner[name], size))
        crowd = np.maximum(crowd, _crowd(used, size))
    conflicts = np.zeros(size, np.int64)
    pairs_of = np.zeros(size, np.int64)
    at = np.flatnonzero((log.account >= 0) & log.sure)
    order = at[np.argsort(log.account[at], kind="stable")]  # time stays in order
    same = log.account[order[1:]] == log.account[order[:-1]]
    a, b = order[:-1][same], order[1:][same]
    if len(a):
        clash = speed_conflicts(log, a, b)
        conflicts = np.bincount(log.account[a[clash]], minlength=size)
        pairs_of = np.bincount(log.account[a], minlength=size)
    split = np.zeros(size, bool)
    split[log.account[keep_apart][log.account[keep_apart] >= 0]] = True
    shown = (log.account >= 0) & (own >= 0)
    n_own = np.zeros(size, np.int64)
    if shown.any():
        n_own = np.bincount(_counts(own[shown], log.account[shown])[:, 1], minlength=size)
    by_guests = guests >= 2
    by_crowd = ~by_guests & (crowd >= CROWD)
    by_conflicts = (conflicts >= 2) & (conflicts >= 0.02 * pairs_of)
    shared = by_guests | by_crowd | by_conflicts | (split & (n_own >= 2))
    whole = int((split & ~shared).sum())
    if whole:
        log.notes.append(
            f"{whole:,} accounts with cannot_link inside show no two devices: only the uploads "
            "it names are put apart"
        )
    events = np.bincount(log.account[log.account >= 0], minlength=size)
    chosen = np.flatnonzero(shared | split)
    reason = [
        "; ".join(
            text
            for text, holds in (
                (f"{guests[k]} devices at home in other accounts", by_guests[k]),
                (f"its devices repeat in {crowd[k]} accounts of their own", by_crowd[k]),
                (
                    f"{conflicts[k]} pairs of uploads too far apart in too short a time",
                    by_conflicts[k],
                ),
                ("cannot_link inside the account", split[k]),
            )
            if holds
        )
        for k in chosen
    ]
    table = pd.DataFrame(
        {
            "account": pd.Series(log.accounts[chosen], dtype="str"),
            "n_events": events[chosen],
            "n_guest_devices": guests[chosen],
            "n_impossible": conflicts[chosen],
            "reason": pd.Series(reason, dtype="str"),
        }
    )
    return shared, table
