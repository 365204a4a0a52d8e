"""Read addresses and networks, and say why one cannot be read."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = [
    "Address",
    "AddressFault",
    "Addresses",
    "network_blocks",
    "network_text",
    "parse_address",
    "parse_addresses",
    "parse_network",
]

MAPPED = 0xFFFF << 32
"""Where IPv4 begins on the line of 128-bit numbers (RFC 4291, section 2.5.5.2)."""

COMPILED_FROM = 20_000
"""From so many rows on a compiled sweep pays for its loading."""

_LOW = (1 << 64) - 1
_MISSING = frozenset(
    [
        *["", "-", "--", ".", "?", "n/a", "na", "nan", "none", "null", "nil", "unknown"],
        *["undefined", "없음", "미상", "불명", "알수없음", "확인불가"],
    ]
)
_V4 = re.compile(r"(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})")
_DOTTED = re.compile(r"\d+(?:\.\d+){3}")
_V4_PORT = re.compile(r"(\d+(?:\.\d+){3}):(\d+)")
_V6_PORT = re.compile(r"\[([^\]]*)\](?::(\d+))?")
_HIDDEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Address:
    """An address that could be read.

    Parameters
    ----------
    value : int
        Place on the line of 128-bit numbers; IPv4 lies at ``::ffff:0:0/96``.
    port : int or None
        The port that was written behind it.
    note : str
        What was set right in reading, or an empty text.
    """

    value: int
    port: int | None = None
    note: str = ""

    @property
    def version(self) -> int:
        """Is it IPv4 or IPv6?"""
        return 4 if self.value >> 32 == 0xFFFF else 6

    def __str__(self) -> str:
        if self.version == 4:
            return str(ipaddress.IPv4Address(self.value & 0xFFFFFFFF))
        return str(ipaddress.IPv6Address(self.value))


class AddressFault(ValueError):  # noqa: N818  (a fault of a text, caught and counted)
    """A text that is no address; ``missing`` tells an empty one from a broken one."""

    def __init__(self, reason: str, *, missing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing


@dataclass(frozen=True)
class Addresses:
    """A column of addresses.

    Parameters
    ----------
    high, low : ndarray of uint64
        The two halves of the 128-bit number; 0 where there is none.
    version : ndarray of uint8
        4, 6, or 0 where there is no address.
    port : ndarray of int32
        Port written behind the address, -1 where none was.
    missing : ndarray of bool
        Where there is no address and none is claimed ("unknown", an empty text).
    odd : ndarray of int64
        Rows that are no plain dotted quad; the rest needs no further word.
    codes : ndarray of int64
        Which of ``texts`` each odd row is; -1 for a missing value.
    texts : tuple of str or None
        The different odd texts in their plain form (``str(Address)``), None where unreadable.
    faults : tuple of str or None
        Why an odd text could not be read, None where it could or where it is missing.
    notes : tuple of str
        What was set right in reading each odd text.
    """

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    version: NDArray[np.uint8]
    port: NDArray[np.int32]
    missing: NDArray[np.bool_]
    odd: NDArray[np.int64]
    codes: NDArray[np.int64]
    texts: tuple[str | None, ...]
    faults: tuple[str | None, ...]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.version)


def parse_address(text: str) -> Address:
    """Which address does this text name?

    Parameters
    ----------
    text : str
        One address, perhaps with a port, a zone, brackets or spaces around it.

    Returns
    -------
    Address
        Where it lies, its port, and what was set right.

    Raises
    ------
    AddressFault
        The text is no address, or could be two different ones. Nothing is guessed: a number with
        a leading zero can be octal, a bare number can be anything.

    Notes
    -----
    Read: spaces and invisible characters around it, full-width digits, brackets, a port behind
    it, ``/32`` or ``/128``, IPv4-mapped IPv6 (becomes IPv4), a zone (``%eth0``, dropped), four
    groups of three digits each (padding). Refused: other leading zeros, short and octal and
    hexadecimal forms, lists, networks, direction marks.

    Examples
    --------
    >>> str(parse_address(" [2001:DB8::1]:443 ")), parse_address("203.0.113.7:5060").port
    ('2001:db8::1', 5060)
    >>> str(parse_address("::ffff:203.0.113.7"))
    '203.0.113.7'
    """
    plain = _V4.fullmatch(text)
    if plain is not None:
        return Address(MAPPED | _quad(plain.groups()))
    return _careful(text)


def parse_addresses(column: pd.Series) -> Addresses:
    """Which addresses does this column name?

    Parameters
    ----------
    column : Series of str
        Addresses as logged; missing values are allowed.

    Returns
    -------
    Addresses
        Arrays, one entry per row, and what there is to say about each odd text.

    Notes
    -----
    Plain dotted quads are read in one sweep, compiled from 20,000 rows on; each different text of
    another form is read once.

    Examples
    --------
    >>> found = parse_addresses(pd.Series(["203.0.113.7", "n/a", "203.0.113.999"]))
    >>> found.version.tolist(), found.faults[1]
    ([4, 0, 0], '203.0.113.999 has a part above 255')
    """
    size = len(column)
    values, plain = _sweep(column)
    high, low = np.zeros(size, np.uint64), np.zeros(size, np.uint64)
    low[plain] = values[plain].astype(np.uint64) | np.uint64(MAPPED)
    version = np.where(plain, 4, 0).astype(np.uint8)
    port = np.full(size, -1, np.int32)
    odd = np.flatnonzero(~plain)
    codes, different = pd.factorize(column.iloc[odd])
    count = len(different)
    some = np.zeros((count + 1, 2), dtype=np.uint64)
    kinds, ports = np.zeros(count + 1, np.uint8), np.full(count + 1, -1, np.int32)
    gone = np.zeros(count + 1, dtype=np.bool_)
    gone[count] = True
    texts: list[str | None] = [None] * count
    faults: list[str | None] = [None] * count
    notes = [""] * count
    for number, text in enumerate(different.tolist()):
        try:
            found = parse_address(str(text))
        except AddressFault as fault:
            gone[number] = fault.missing
            faults[number] = None if fault.missing else fault.reason
            continue
        some[number] = found.value >> 64, found.value & _LOW
        kinds[number], texts[number], notes[number] = found.version, str(found), found.note
        ports[number] = -1 if found.port is None else found.port
    missing = np.zeros(size, dtype=np.bool_)
    high[odd], low[odd] = some[codes, 0], some[codes, 1]
    version[odd], port[odd], missing[odd] = kinds[codes], ports[codes], gone[codes]
    return Addresses(
        high, low, version, port, missing, odd, np.asarray(codes, dtype=np.int64),
        tuple(texts), tuple(faults), tuple(notes),
    )  # fmt: skip


def _sweep(column: pd.Series) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Read the plain dotted quads of a column."""
    size = len(column)
    if size < COMPILED_FROM:
        values, plain = np.zeros(size, np.uint32), np.zeros(size, np.bool_)
        for place, text in enumerate(column.tolist()):
            found = _V4.fullmatch(text) if isinstance(text, str) else None
            if found is not None:
                parts = [int(group) for group in found.groups()]
                if max(parts) <= 255:
                    values[place] = parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]
                    plain[place] = True
        return values, plain
    import pyarrow as pa

    from crimeloc.addresses import _kernels

    texts = pa.array(column, type=pa.large_string(), from_pandas=True)
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + size + 1]
    letters = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, np.uint8)
    return _kernels.dotted_quads(letters, places)


def parse_network(text: str) -> list[tuple[int, int]]:
    """Which addresses does this text cover?

    Parameters
    ----------
    text : str
        A network (``203.0.113.0/29``, ``2001:db8::/48``), one address, a range
        (``203.0.113.4-203.0.113.9``, also with ``~``), a netmask or a wildcard
        (``203.0.113.*``).

    Returns
    -------
    list of (int, int)
        First number and prefix length (of 128 bits; IPv4 ``/29`` is 96 + 29) of the CIDR blocks
        that together cover it. A range can need several.

    Raises
    ------
    AddressFault
        The text is none of these, or the range runs backwards.

    Examples
    --------
    >>> [length - 96 for _, length in parse_network("203.0.113.4 ~ 203.0.113.9")]
    [30, 31]
    """
    plain = _clean(text)
    if plain.count("-") == 1 or plain.count("~") == 1:
        first_text, last_text = re.split("[-~]", plain)
        if not last_text.strip():
            raise AddressFault(f"{_shown(text)} has no end")
        if re.fullmatch(r"\d{1,3}", last_text.strip()) and "." in first_text:
            last_text = f"{first_text.rsplit('.', 1)[0]}.{last_text.strip()}"
        first, last = parse_address(first_text.strip()), parse_address(last_text.strip())
        return _blocks(first, last, text)
    if plain.endswith(".*"):
        groups = plain.split(".")
        fixed = [group for group in groups if group != "*"]
        if len(groups) <= 4 and groups == fixed + ["*"] * (len(groups) - len(fixed)) and fixed:
            plain = ".".join(fixed + ["0"] * (4 - len(fixed))) + f"/{8 * len(fixed)}"
    if "/" not in plain:
        return [(parse_address(plain).value, 128)]
    base, _, tail = plain.partition("/")
    address = parse_address(base.strip())
    if address.port is not None:
        raise AddressFault(f"{_shown(text)} has a port inside a network")
    bits = 32 if address.version == 4 else 128
    length = _length(tail.strip(), address.version, text)
    if address.version == 4 and ":" in base:  # ::ffff:203.0.113.0/120
        if length < 96 and tail.strip().isdigit():
            raise AddressFault(f"{_shown(text)} reaches beyond IPv4")
        bits = 128
    prefix = length + (128 - bits)
    return [(address.value >> (128 - prefix) << (128 - prefix), prefix)]


def network_blocks(first: int, last: int) -> list[tuple[int, int]]:
    """Which CIDR blocks cover a run of addresses?

    Parameters
    ----------
    first, last : int
        First and last number on the 128-bit line, both included.

    Returns
    -------
    list of (int, int)
        First number and prefix length of the fewest blocks, in order.

    Examples
    --------
    >>> network_blocks(4, 9)
    [(4, 126), (8, 127)]
    """
    blocks = []
    while first <= last:
        span = (first & -first).bit_length() - 1 if first else 128
        span = min(span, (last - first + 1).bit_length() - 1)
        blocks.append((first, 128 - span))
        first += 1 << span
    return blocks


def network_text(first: int, prefix: int) -> str:
    """Write a block as CIDR text.

    Parameters
    ----------
    first, prefix : int
        First number and prefix length, of 128 bits.

    Returns
    -------
    str
        IPv4 notation where the block lies within ``::ffff:0:0/96``.
    """
    if prefix >= 96 and first >> 32 == 0xFFFF:
        return f"{ipaddress.IPv4Address(first & 0xFFFFFFFF)}/{prefix - 96}"
    return f"{ipaddress.IPv6Address(first)}/{prefix}"


def _careful(text: str) -> Address:
    """Read what is not a plain dotted quad."""
    plain = _clean(text)
    notes = ["spaces or invisible characters removed"] if plain != text else []
    if plain.lower().replace(" ", "") in _MISSING:
        raise AddressFault("no address", missing=True)
    pieces = [piece for piece in re.split(r"[\s,;]+", plain) if piece]
    if len(pieces) > 1:
        several = sum("." in piece or ":" in piece for piece in pieces) > 1
        what = "more than one address" if several else "no IP address"
        raise AddressFault(f"{_shown(text)} is {what}")
    port: int | None = None
    bracketed = _V6_PORT.fullmatch(plain)
    behind = _V4_PORT.fullmatch(plain)
    if bracketed is not None:
        plain, port = bracketed[1], _port(bracketed[2], text)
    elif behind is not None:
        plain, port = behind[1], _port(behind[2], text)
    if plain.endswith(("/32", "/128")) and port is None:
        base, _, tail = plain.rpartition("/")
        if (tail == "32") == (":" not in base):
            plain = base
    if "/" in plain:
        raise AddressFault(f"{_shown(text)} is a network, not an address")
    if "%" in plain and ":" in plain:
        plain = plain.split("%", 1)[0]
        notes.append("zone dropped")
    if _DOTTED.fullmatch(plain):
        return Address(MAPPED | _dotted(plain, text, notes), port, "; ".join(notes))
    if ":" not in plain:
        raise AddressFault(_why_not(plain, text))
    try:
        value = int(ipaddress.IPv6Address(plain))
    except ValueError:
        raise AddressFault(f"{_shown(text)} is no IPv6 address") from None
    if value >> 32 == 0xFFFF:
        notes.append("IPv4 in IPv6")
    return Address(value, port, "; ".join(notes))


def _clean(text: str) -> str:
    if len(text) > 200:
        raise AddressFault(f"a text of {len(text)} characters")
    if _DIRECTION.search(text):
        raise AddressFault(f"{_shown(text)} has marks that change the direction of writing")
    if "\x00" in text:
        raise AddressFault(f"{_shown(text)} has a NUL")
    wide = unicodedata.normalize("NFKC", text).replace("。", ".")
    return wide.strip(_HIDDEN + " \t\r\n'\"")


def _quad(groups: tuple[str | None, ...]) -> int:
    value = 0
    for group in groups:
        part = int(group or 0)
        if part > 255:
            raise AddressFault(f"{'.'.join(map(str, groups))} has a part above 255")
        value = value << 8 | part
    return value


def _dotted(plain: str, text: str, notes: list[str]) -> int:
    groups = plain.split(".")
    if any(len(group) > 1 and group[0] == "0" for group in groups):
        if any(len(group) != 3 for group in groups):
            raise AddressFault(f"{_shown(text)} has a leading zero: octal or decimal?")
        notes.append("padded with zeros")
    if any(len(group) > 3 for group in groups):
        raise AddressFault(f"{_shown(text)} has a part above 255")
    return _quad(tuple(str(int(group)) for group in groups))


def _port(digits: str | None, text: str) -> int | None:
    if digits is None:
        return None
    if len(digits) > 5 or int(digits) > 65_535:
        raise AddressFault(f"{_shown(text)} has a port above 65535")
    return int(digits)


def _why_not(plain: str, text: str) -> str:
    if re.fullmatch(r"\d+", plain):
        return f"{_shown(text)} is a bare number: an address written as one, or something else?"
    if re.fullmatch(r"0[xX][0-9a-fA-F.xX]+", plain):
        return f"{_shown(text)} is hexadecimal"
    if re.fullmatch(r"[\d.]+", plain):
        return f"{_shown(text)} has {len([g for g in plain.split('.') if g])} parts; awaited 4"
    return f"{_shown(text)} is no IP address"


def _blocks(first: Address, last: Address, text: str) -> list[tuple[int, int]]:
    if first.version != last.version:
        raise AddressFault(f"{_shown(text)} runs from one kind of address to the other")
    if first.value > last.value:
        raise AddressFault(f"{_shown(text)} runs backwards")
    return network_blocks(first.value, last.value)


def _length(tail: str, version: int, text: str) -> int:
    if tail.isdigit() and len(tail) <= 3:
        length = int(tail)
        if length <= 128:
            if version == 4 and length > 32 and ":" not in text:
                raise AddressFault(f"{_shown(text)} has a length above 32")
            return length
    if version == 4 and _V4.fullmatch(tail):
        try:
            return ipaddress.IPv4Network(f"0.0.0.0/{tail}").prefixlen
        except ValueError:
            pass
    raise AddressFault(f"{_shown(text)} has no usable length")


def _shown(text: str) -> str:
    safe = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[:60])
    return _DIRECTION.sub("?", safe) + ("..." if len(text) > 60 else "")
