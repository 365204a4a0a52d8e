"""Sentences that say what a location rests on, made once for each different ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crimeloc.addresses import EMBEDDED
from crimeloc.units import MISSING

if TYPE_CHECKING:
    from crimeloc.geolocation.leases import LeaseIndex

__all__ = ["AGAINST", "against_register", "inside_ipv6", "lease_words"]

AGAINST = "; but the register has "
"""What stands before the word of the register where it contradicts the ground."""


def lease_words(
    index: LeaseIndex, lease: NDArray[np.int32], many: NDArray[np.int64] | None = None
) -> pd.Categorical:
    """Which sentence goes with each of these leases?

    Parameters
    ----------
    index : LeaseIndex
        The leases.
    lease : ndarray of int32
        Positions in the index.
    many : ndarray of int64, optional
        How many candidates the event has.

    Returns
    -------
    Categorical
        One sentence per row, for example ``"203.0.113.0/29 ports 1024-2047, from 2026-01-01 00:00Z:
        V-1; one of 3 candidates"``.
    """
    key = lease.astype(np.int64)
    if many is not None:
        key = key * 65_536 + np.minimum(many, 65_535)
    codes, different = _factorize(key, len(index.row) if many is None else None)
    leases = different if many is None else different // 65_536
    rows = pa.array(index.row[leases])
    table = index.table
    parts = [
        _text(table["network"]).take(rows),
        _ports(index, leases),
        _moments(index.spans[leases, 0], np.iinfo(np.int64).min + 1, ", from "),
        _moments(index.spans[leases, 1], np.iinfo(np.int64).max, " to "),
        pa.array([": "] * len(leases), type=pa.large_string()),
        _text(table["venue_id"]).take(rows),
    ]
    if many is not None:
        candidates = [
            f"; one of {n} candidates" if n > 1 else "" for n in (different % 65_536).tolist()
        ]
        parts.append(pa.array(candidates, type=pa.large_string()))
    words: Any = pc.binary_join_element_wise(*parts, pa.scalar("", pa.large_string()))
    coded = words.dictionary_encode()  # two leases can have one wording
    place = np.asarray(coded.indices.to_numpy(zero_copy_only=False))
    plain = pd.Index(pd.array(coded.dictionary, dtype="str"))
    return pd.Categorical.from_codes(place[codes], plain)


def against_register(
    why: pd.Categorical,
    venue: NDArray[np.int64],
    moments: tuple[NDArray[np.int64], NDArray[np.int64]],
    business: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> pd.Categorical:
    """Where does the register say that the venue was not in business at that moment?

    Parameters
    ----------
    why : Categorical
        The sentences so far.
    venue : ndarray of int64
        Position of the venue of each row, -1 for none.
    moments : tuple of ndarray of int64
        First and last moment of the event of each row.
    business : tuple of ndarray of int64
        When each venue opened and closed; `MISSING` where unknown.

    Returns
    -------
    Categorical
        The sentences, with the word of the register behind them where it contradicts.
    """
    opened, closed = business
    there = venue >= 0
    early = there & (opened != MISSING)[venue] & (moments[1] < opened[venue])
    late = there & (closed != MISSING)[venue] & (moments[0] >= closed[venue])
    rows = np.flatnonzero(early | late)
    if not len(rows):
        return why
    codes = np.asarray(why.codes[rows], dtype=np.int64)
    key = (codes * len(opened) + venue[rows]) * 2 + late[rows]
    place, different = pd.factorize(key)
    kinds = why.categories.tolist()
    made = []
    for value in different.tolist():
        whole, closing = divmod(value, 2)
        code, position = divmod(whole, len(opened))
        moment = (closed if closing else opened)[position].view("datetime64[us]")
        day = str(moment.astype("datetime64[m]")).replace("T", " ")
        word = "it closed since" if closing else "it opened only on"
        made.append(f"{kinds[code]}{AGAINST}{word} {day}Z")
    words, number = np.unique(np.array(made, dtype=object), return_inverse=True)
    every = np.asarray(why.codes, dtype=np.int64).copy()
    every[rows] = len(kinds) + number[place]
    plain = pd.Index([*kinds, *words.tolist()], dtype="str")
    return pd.Categorical.from_codes(every, plain)


def inside_ipv6(why: pd.Categorical, way: NDArray[np.int8]) -> pd.Categorical:
    """Which rows were looked up by an IPv4 address inside an IPv6 address?

    Parameters
    ----------
    why : Categorical
        The sentences so far.
    way : ndarray of int8
        Position in `crimeloc.addresses.EMBEDDED` for each row, -1 for ordinary addresses.

    Returns
    -------
    Categorical
        The sentences, with the way of translation behind those rows.
    """
    rows = np.flatnonzero(way >= 0)
    if not len(rows):
        return why
    kinds = why.categories.tolist()
    key = np.asarray(why.codes[rows], dtype=np.int64) * len(EMBEDDED) + way[rows]
    place, different = pd.factorize(key)
    pairs = [divmod(value, len(EMBEDDED)) for value in different.tolist()]
    made = [f"{kinds[code]}; the IPv4 address inside ({EMBEDDED[kind]})" for code, kind in pairs]
    every = np.asarray(why.codes, dtype=np.int64).copy()
    every[rows] = len(kinds) + place
    return pd.Categorical.from_codes(every, pd.Index([*kinds, *made], dtype="str"))


def _factorize(
    key: NDArray[np.int64], size: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Codes and different values; by counting where the values are small."""
    if size is None:
        codes, different = pd.factorize(key)
        return np.asarray(codes), np.asarray(different)
    used = np.zeros(size, dtype=np.bool_)
    used[key] = True
    return (np.cumsum(used) - 1)[key], np.flatnonzero(used)


def _text(column: pd.Series) -> Any:
    array = pa.array(column.astype("str"), type=pa.large_string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _ports(index: LeaseIndex, leases: NDArray[np.int64]) -> Any:
    block = np.searchsorted(index.blocks[:, 3], leases, side="right") - 1
    low, high = index.blocks[block, 0], index.blocks[block, 1]
    texts = [
        "" if a == 0 and b == 65_535 else f" ports {a}-{b}"
        for a, b in zip(low.tolist(), high.tolist(), strict=True)
    ]
    return pa.array(texts, type=pa.large_string())


def _moments(values: NDArray[np.int64], open_: int, word: str) -> Any:
    """Write moments in UTC to the minute; nothing where it is open."""
    known = values != open_
    stamps = np.datetime_as_string(
        np.where(known, values, 0).view("datetime64[us]").astype("datetime64[m]")
    )
    texts = pc.replace_substring(pa.array(stamps, type=pa.large_string()), "T", " ")
    whole = pc.binary_join_element_wise(
        pa.scalar(word, pa.large_string()),
        texts,
        pa.scalar("Z", pa.large_string()),
        pa.scalar("", pa.large_string()),
    )
    return pc.if_else(pa.array(known), whole, pa.scalar("", pa.large_string()))
