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

from crimeloc.linking.log_arrays import Ints, Log
from crimeloc.linking.own_values import owners, personal_values
from crimeloc.linking.shared_accounts import shared_accounts

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


def build_entities(log: Log, keep_apart: Ints, named: Ints, whole: Ints) -> Entities:
    """Gather uploads into entities.

    `keep_apart`: uploads that somebody says are not of one person with another upload of their
    account; these are entities of their own, and their accounts are treated as shared where they
    show two devices (without, nothing parts the rest, which stays one entity).
    `named`: uploads that a constraint names; they never wait as unassigned visits. `whole`:
    accounts that a constraint calls one person's; they are not parted.
    """
    personal = {name: personal_values(log, name) for name in log.identifiers}
    owner = {name: owners(log, identifier) for name, identifier in log.identifiers.items()}
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
    shared, table = shared_accounts(log, personal, owner, keep_apart, own)
    shared[whole] = False
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
