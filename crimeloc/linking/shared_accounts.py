"""Which accounts do several people use?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.linking.log_arrays import Ints, Log, speed_conflicts
from crimeloc.linking.own_values import counts

CROWD = 5
"""An account whose devices repeat in so many accounts, one each, is not one person's."""


def shared_accounts(
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
            pairs = counts(here[away], home[away])
            guests = np.maximum(guests, np.bincount(pairs[:, 0], minlength=size))
        used = counts(here, identifier[rows])
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
        n_own = np.bincount(counts(own[shown], log.account[shown])[:, 1], minlength=size)
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
