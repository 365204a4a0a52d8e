"""Read addresses and networks, and say why one cannot be read."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass

from crimeloc.addresses.faults import AddressFault

__all__ = [
    "Address",
    "network_blocks",
    "network_text",
    "parse_address",
    "parse_network",
]

MAPPED = 0xFFFF << 32
"""Where IPv4 begins on the line of 128-bit numbers (RFC 4291, IPv4-mapped addresses)."""

_MISSING = frozenset(
    [
        *["", "-", "--", ".", "?", "n/a", "na", "nan", "none", "null", "nil", "unknown"],
        *["undefined", "없음", "미상", "불명", "알수없음", "확인불가"],
    ]
)
PLAIN_V4 = re.compile(r"(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})")
_DOTTED = re.compile(r"\d+(?:\.\d+){3}")
_V4_PORT = re.compile(r"(\d+(?:\.\d+){3}):(\d+)")
_V6_PORT = re.compile(r"\[([^\]]*)\](?::(\d+))?")
_WEB = re.compile(r"(?i)(?:https?|hxxps?|ftp|wss?)(?:\[?:\]?)//")
_AROUND = (
    (re.compile(r"(?i)[\[({](?:\.|dot)[\])}]"), ".", "brackets around its dots removed"),
    (
        re.compile(r"\[:\]"),
        ":",
        "brackets around its colons removed",
    ),
    (
        re.compile(
            r"(?i)^(?:ip(?:v[46])?|(?:ip\s*)?addr(?:ess)?|(?:접속\s*)?(?:ip|아이피)(?:\s*주소)?|src|source"
            r"|client(?:\s*ip)?)\s*[:=]\s*(?=[\[0-9a-f:])"
        ),
        "",
        "a label before it dropped",
    ),
    (
        re.compile(r"(?<=[0-9a-fA-F\]])\s*\(\s*[^\W\d][^()\d.:]{0,30}\)$"),
        "",
        "words behind it dropped",
    ),
    (re.compile(r"^(\d+(?:\.\d+){3})\.$"), r"\1", "a dot behind it dropped"),
)
"""What people write around an address, what is left of it, and how the report says so."""
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
    groups of three digits each (padding), a label before it (``IPv4: ``), a country behind it
    (``(KR)``), a final dot, and dots in brackets (``203[.]0[.]113[.]7``, as reports write them so
    that nobody clicks on them). Refused: other leading zeros, short and octal and hexadecimal
    forms, lists, networks, web addresses, direction marks.

    Examples
    --------
    >>> str(parse_address(" [2001:DB8::1]:443 ")), parse_address("203.0.113.7:5060").port
    ('2001:db8::1', 5060)
    >>> str(parse_address("::ffff:203.0.113.7"))
    '203.0.113.7'
    """
    plain = PLAIN_V4.fullmatch(text)
    if plain is not None:
        return Address(MAPPED | _quad(plain.groups()))
    return _careful(text)


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
    if len(re.findall("[-~]", plain)) == 1:
        first_text, last_text = re.split("[-~]", plain)
        if not last_text.strip():
            raise AddressFault("network.no-end", shown=_shown(text))
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
        raise AddressFault("network.port", shown=_shown(text))
    bits = 32 if address.version == 4 else 128
    length = _length(tail.strip(), address.version, text)
    if address.version == 4 and ":" in base:  # ::ffff:203.0.113.0/120
        if length < 96 and tail.strip().isdigit():
            raise AddressFault("network.beyond-ipv4", shown=_shown(text))
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
        raise AddressFault("address.none", missing=True)
    plain = _undressed(plain, text, notes)
    pieces = [piece for piece in re.split(r"[\s,;]+", plain) if piece]
    if len(pieces) > 1:
        several = sum("." in piece or ":" in piece for piece in pieces) > 1
        raise AddressFault("address.many" if several else "address.no-ip", shown=_shown(text))
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
        raise AddressFault("address.network", shown=_shown(text))
    if "%" in plain and ":" in plain:
        plain = plain.split("%", 1)[0]
        notes.append("zone dropped")
    if _DOTTED.fullmatch(plain):
        return Address(MAPPED | _dotted(plain, text, notes), port, "; ".join(notes))
    if ":" not in plain:
        raise _why_not(plain, text)
    try:
        value = int(ipaddress.IPv6Address(plain))
    except ValueError:
        raise AddressFault("address.no-ipv6", shown=_shown(text)) from None
    if value >> 32 == 0xFFFF:
        notes.append("IPv4 in IPv6")
    return Address(value, port, "; ".join(notes))


def _undressed(plain: str, text: str, notes: list[str]) -> str:
    """Take off what people write around an address."""
    if _WEB.match(plain):
        raise AddressFault("address.web", shown=_shown(text))
    for pattern, put, note in _AROUND:
        changed = pattern.sub(put, plain)
        if changed != plain:
            plain = changed
            notes.append(note)
    return plain


def _clean(text: str) -> str:
    if len(text) > 200:
        raise AddressFault("address.long", count=len(text))
    if _DIRECTION.search(text):
        raise AddressFault("address.direction-marks", shown=_shown(text))
    if "\x00" in text:
        raise AddressFault("address.nul", shown=_shown(text))
    wide = unicodedata.normalize("NFKC", text).replace("。", ".")
    return wide.strip(_HIDDEN + " \t\r\n'\"")


def _quad(groups: tuple[str | None, ...]) -> int:
    value = 0
    for group in groups:
        part = int(group or 0)
        if part > 255:
            raise AddressFault("address.above-255", shown=".".join(map(str, groups)))
        value = value << 8 | part
    return value


def _dotted(plain: str, text: str, notes: list[str]) -> int:
    groups = plain.split(".")
    if any(len(group) > 1 and group[0] == "0" for group in groups):
        if any(len(group) != 3 for group in groups):
            raise AddressFault("address.leading-zero", shown=_shown(text))
        notes.append("padded with zeros")
    if any(len(group) > 3 for group in groups):
        raise AddressFault("address.above-255", shown=_shown(text))
    return _quad(tuple(str(int(group)) for group in groups))


def _port(digits: str | None, text: str) -> int | None:
    if digits is None:
        return None
    if len(digits) > 5 or int(digits) > 65_535:
        raise AddressFault("address.port", shown=_shown(text))
    return int(digits)


def _why_not(plain: str, text: str) -> AddressFault:
    if re.fullmatch(r"\d+", plain):
        return AddressFault("address.bare-number", shown=_shown(text))
    if re.fullmatch(r"0[xX][0-9a-fA-F.xX]+", plain):
        return AddressFault("address.hexadecimal", shown=_shown(text))
    if re.fullmatch(r"[\d.]+", plain):
        count = len([group for group in plain.split(".") if group])
        return AddressFault("address.parts", shown=_shown(text), count=count)
    return AddressFault("address.no-ip", shown=_shown(text))


def _blocks(first: Address, last: Address, text: str) -> list[tuple[int, int]]:
    if first.version != last.version:
        raise AddressFault("network.kinds", shown=_shown(text))
    if first.value > last.value:
        raise AddressFault("network.backwards", shown=_shown(text))
    return network_blocks(first.value, last.value)


def _length(tail: str, version: int, text: str) -> int:
    if tail.isdigit() and len(tail) <= 3:
        length = int(tail)
        if length <= 128:
            if version == 4 and length > 32 and ":" not in text:
                raise AddressFault("network.length-32", shown=_shown(text))
            return length
    if version == 4 and PLAIN_V4.fullmatch(tail):
        try:
            return ipaddress.IPv4Network(f"0.0.0.0/{tail}").prefixlen
        except ValueError:
            pass
    raise AddressFault("network.length", shown=_shown(text))


def _shown(text: str) -> str:
    safe = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[:60])
    return _DIRECTION.sub("?", safe) + ("..." if len(text) > 60 else "")
