"""Addresses that name no place in the open net by themselves: private ones, and IPv4 in IPv6."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from crimeloc.addresses.columns import Addresses
from crimeloc.addresses.parsing import MAPPED

__all__ = ["EMBEDDED", "SPECIAL", "embedded_ipv4", "is_private", "special_kinds", "with_embedded"]

SPECIAL: tuple[tuple[str, int, int], ...] = (
    ("private", MAPPED | 0x0A000000, 104),
    ("private", MAPPED | 0xAC100000, 108),
    ("private", MAPPED | 0xC0A80000, 112),
    ("private", 0xFC << 120, 7),
    ("shared", MAPPED | 0x64400000, 106),
    ("loopback", MAPPED | 0x7F000000, 104),
    ("loopback", 1, 128),
    ("unspecified", MAPPED, 104),
    ("unspecified", 0, 128),
    ("link-local", MAPPED | 0xA9FE0000, 112),
    ("link-local", 0xFE80 << 112, 10),
    ("multicast", MAPPED | 0xE0000000, 100),
    ("multicast", 0xFF << 120, 8),
    ("reserved", MAPPED | 0xF0000000, 100),
)
"""Kinds of addresses that are nobody's own in the open net, with first number and length of their
networks on the line of 128-bit numbers (RFC 6890).

Networks for documentation are not among them: made-up cases use them as if they were public.
"""

_INSIDE = ("private", "shared", "loopback", "link-local")
"""Kinds that are used in many networks at once."""

EMBEDDED = ("NAT64", "6to4", "IPv4-compatible", "Teredo")
"""Ways in which an IPv6 address holds an IPv4 address (RFC 6052, 3056, 4291 and 4380)."""

_LOW_32 = np.uint64(0xFFFFFFFF)


def special_kinds(addresses: Addresses) -> NDArray[np.object_]:
    """Which addresses are private, or special in another way?

    Parameters
    ----------
    addresses : Addresses
        A column of addresses.

    Returns
    -------
    ndarray of object
        The kind, among those of `SPECIAL`; None for ordinary addresses and where there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> from crimeloc.addresses import parse_addresses
    >>> special_kinds(parse_addresses(pd.Series(["10.1.2.3", "203.0.113.7", "::1"]))).tolist()
    ['private', None, 'loopback']
    """
    result = np.full(len(addresses), None, dtype=object)
    known = addresses.version > 0
    for kind, first, length in SPECIAL:
        high, low = np.uint64(first >> 64), np.uint64(first & ((1 << 64) - 1))
        inside = known & _starts_with(addresses.high, high, min(length, 64))
        if length > 64:
            inside &= _starts_with(addresses.low, low, length - 64)
        result[inside] = kind
    return result


def _starts_with(values: NDArray[np.uint64], first: np.uint64, length: int) -> NDArray[np.bool_]:
    shift = np.uint64(64 - length)
    return np.asarray(values >> shift == first >> shift) if length else np.ones(len(values), bool)


def is_private(addresses: Addresses) -> NDArray[np.bool_]:
    """Which addresses are used behind a translation, in many networks at once?

    Parameters
    ----------
    addresses : Addresses
        A column of addresses.

    Returns
    -------
    ndarray of bool
        True for private and shared (carrier NAT, RFC 6598) addresses, loopback and link-local.
    """
    four, low = addresses.version == 4, addresses.low & _LOW_32
    result = np.zeros(len(addresses), dtype=np.bool_)
    for kind, first, length in SPECIAL:
        if kind in _INSIDE and length >= 96 and first >> 32:
            shift = np.uint64(128 - length)
            result |= low >> shift == np.uint64(first & 0xFFFFFFFF) >> shift
    result &= four
    six = np.flatnonzero(addresses.version == 6)
    if len(six):
        high = addresses.high[six]
        inside = (high >> np.uint64(57) == 0xFC >> 1) | (high >> np.uint64(54) == 0xFE80 >> 6)
        result[six] = inside | ((high == 0) & (addresses.low[six] == 1))
    return result


def embedded_ipv4(addresses: Addresses) -> tuple[NDArray[np.int8], NDArray[np.uint64]]:
    """Which IPv6 addresses hold an IPv4 address, and which?

    Parameters
    ----------
    addresses : Addresses
        A column of addresses.

    Returns
    -------
    way : ndarray of int8
        Position in `EMBEDDED`; -1 where none is held.
    inside : ndarray of uint64
        The IPv4 address; 0 where none is.

    Examples
    --------
    >>> import pandas as pd
    >>> from crimeloc.addresses import parse_addresses
    >>> column = pd.Series(["64:ff9b::203.0.113.7", "2002:cb00:7107::1", "2001:db8::1"])
    >>> embedded_ipv4(parse_addresses(column))[0].tolist()
    [0, 1, -1]
    """
    high, low = addresses.high, addresses.low
    six = addresses.version == 6
    way = np.full(len(high), -1, dtype=np.int8)
    inside = np.zeros(len(high), dtype=np.uint64)
    short = low >> np.uint64(32) == 0
    found = (
        (six & (high == np.uint64(0x0064FF9B << 32)) & short, low & _LOW_32),
        (six & (high >> np.uint64(48) == 0x2002), high >> np.uint64(16) & _LOW_32),
        (six & (high == 0) & short & (low >> np.uint64(24) > 0), low & _LOW_32),
        (six & (high >> np.uint64(32) == 0x20010000), ~low & _LOW_32),
    )
    for number, (where, value) in enumerate(found):
        way[where] = number
        inside[where] = value[where]
    return way, inside


def with_embedded(addresses: Addresses, where: NDArray[np.bool_]) -> Addresses:
    """Put the IPv4 addresses that IPv6 addresses hold in their place.

    Parameters
    ----------
    addresses : Addresses
        A column of addresses.
    where : ndarray of bool
        Which rows to change, all of them rows with an address inside.

    Returns
    -------
    Addresses
        The same with IPv4 in these rows.
    """
    _, inside = embedded_ipv4(addresses)
    return replace(
        addresses,
        high=np.where(where, np.uint64(0), addresses.high),
        low=np.where(where, inside | np.uint64(MAPPED), addresses.low),
        version=np.where(where, np.uint8(4), addresses.version).astype(np.uint8),
    )
