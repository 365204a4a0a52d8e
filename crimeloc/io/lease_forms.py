"""Leases as servers write them: by beginning and length, and in journals whose last word counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.io.columns.matching import plain_name
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.io.parsing.column_types import numbers, text
from crimeloc.messages import Message
from crimeloc.units import MISSING

__all__ = ["adapt_leases", "cut_by_later"]

JOURNALS = ("ISC dhcpd leases", "Kea leases", "Zeek log (dhcp)")
"""Formats in which a later row of an address ends the earlier one."""


def adapt_leases(records: Records) -> Records:
    """Give leases of a server the columns that the reader knows.

    Parameters
    ----------
    records : Records
        Rows of a file; changed in place where they are in one of the forms known here.

    Returns
    -------
    Records
        The same, with ``valid_from``, ``valid_to`` and a holder.

    Notes
    -----
    Kea writes when a lease expires and how long it is valid, in seconds since 1970; Zeek when it
    saw the lease, and how long that is valid. Kea marks an address that is declined or given back
    by its state; such rows hold nothing and are refused.

    References
    ----------
    Kea Administrator Reference Manual, *Memfile: basic storage for leases*; The Zeek Project,
    dhcp.log.
    """
    plain = {plain_name(name): i for i, name in enumerate(records.names)}
    if {"address", "hwaddr", "validlifetime", "expire"} <= set(plain):
        return _kea(records, plain)
    assigned = plain.get("assignedip", plain.get("assignedaddr"))
    if assigned is not None and {"ts", "leasetime"} <= set(plain):
        return _zeek(records, plain, assigned)
    return records


def _kea(records: Records, plain: dict[str, int]) -> Records:
    records.format = "Kea leases"
    gone = numbers(records.cells[plain["validlifetime"]])[0] == 0
    if "state" in plain:
        gone |= text(records.cells[plain["state"]]).isin(["1", "2"]).to_numpy(dtype=bool)
    _refuse(records, np.asarray(gone), Message("lease.no-holder"))
    expire = numbers(records.cells[plain["expire"]])[0]
    length = numbers(records.cells[plain["validlifetime"]])[0]
    holder = text(records.cells[plain["hwaddr"]])
    if "hostname" in plain:
        holder = text(records.cells[plain["hostname"]]).fillna(holder)
    address = records.names[plain["address"]]
    return _with(records, address, expire - length, expire, holder)


def _zeek(records: Records, plain: dict[str, int], assigned: int) -> Records:
    begin, _ = numbers(records.cells[plain["ts"]])
    length, _ = numbers(records.cells[plain["leasetime"]])
    end = np.where(length >= 2**32 - 1, np.nan, begin + length)  # 2^32 - 1 means for ever
    end[length > 4.2e9] = np.nan
    records.format = "Zeek log (dhcp)"
    holder = text(records.cells[plain["mac"]]) if "mac" in plain else None
    return _with(records, records.names[assigned], begin, end, holder)


def _refuse(records: Records, where: NDArray[np.bool_], reason: Message) -> None:
    """Take rows out that hold nothing."""
    if not where.any():
        return
    raw = records.raw
    for place in np.flatnonzero(where).tolist():
        records.broken.append(Broken(int(records.source_row[place]), reason, raw(place)))
    kept = np.flatnonzero(~where)
    records.broken.sort(key=lambda item: item.source_row)
    records.cells = records.cells.iloc[kept].reset_index(drop=True)
    records.source_row = records.source_row[kept]
    records.raw = lambda place: raw(int(kept[place]))


def _with(
    records: Records,
    address: str,
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
    holder: pd.Series | None,
) -> Records:
    made: dict[str, pd.Series] = {"valid_from": _epoch(begin), "valid_to": _epoch(end)}
    parts = {"network": address, "valid_from": "valid_from", "valid_to": "valid_to"}
    if holder is not None:
        made["holder"] = holder
        parts["venue_id"] = "holder"
    for name, column in made.items():
        label = name if name not in records.names else f"{name}_computed"
        parts = {part: label if used == name else used for part, used in parts.items()}
        records.names.append(label)
        records.cells[len(records.names) - 1] = column.reset_index(drop=True)
    records.parts = parts
    records.zone = "UTC"
    return records


def _epoch(seconds: NDArray[np.float64]) -> pd.Series:
    return pd.Series(
        [None if np.isnan(value) else f"{value:.6f}" for value in seconds.tolist()], dtype="str"
    )


def cut_by_later(
    codes: NDArray[np.int64], begin: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.int64]:
    """When did each lease of a journal end, given what was written later of the same address?

    Parameters
    ----------
    codes : ndarray of int64
        Which network each row is about, in the order of the file.
    begin, end : ndarray of int64
        As written, in microseconds; `MISSING` where open.

    Returns
    -------
    ndarray of int64
        Ends: at the latest where a later row begins; at the own beginning where a later row has
        the same beginning or an earlier one.

    Examples
    --------
    >>> codes, begin = np.zeros(3, np.int64), np.array([10, 10, 20])
    >>> cut_by_later(codes, begin, np.array([50, 15, 60])).tolist()
    [10, 15, 60]
    """
    result = end.copy()
    order = np.lexsort((-np.arange(len(codes)), codes))  # of each network, the last row first
    least = np.iinfo(np.int64).max
    current = None
    for place in order.tolist():
        if codes[place] != current:
            current, least = codes[place], np.iinfo(np.int64).max
        start = int(begin[place])
        if least != np.iinfo(np.int64).max:
            until = int(end[place]) if end[place] != MISSING else least
            result[place] = max(min(until, int(least)), start)
        if start != MISSING:
            least = min(least, start)
    return result
