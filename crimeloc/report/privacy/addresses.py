"""IP addresses as people write them in texts: with dots, brackets, hyphens, or as a number."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Found", "addresses_in", "spellings"]

_BETWEEN = r"\.|\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)| dot |-|_|%2e|。"
_IPV4 = re.compile(
    rf"(?<![0-9a-f.])(?:[0-9]{{1,3}}(?P<sep>{_BETWEEN})[0-9]{{1,3}}(?P=sep)[0-9]{{1,3}}"
    rf"(?P=sep)[0-9]{{1,3}})(?:/[0-9]{{1,2}})?(?![0-9]|\.[0-9])"
)
_IPV4_MIXED = re.compile(
    r"(?<![0-9a-f.])[0-9]{1,3}(?:(?:\.|\[\.\]|\(\.\)|\[dot\]|\(dot\))[0-9]{1,3}){3}"
    r"(?:/[0-9]{1,2})?(?![0-9]|\.[0-9])"
)
_IPV6 = re.compile(
    r"(?<![0-9a-z:.])[0-9a-f]{0,4}(?:(?::|\[:\])[0-9a-f]{0,4}){2,7}"
    r"(?:(?:(?<=:)|:)(?:[0-9]{1,3}\.){3}[0-9]{1,3})?(?:%[0-9a-z]+)?(?:/[0-9]{1,3})?"
    r"(?![0-9a-z:]|\.[0-9])"
)
_REVERSED = re.compile(r"(?<![0-9.])((?:[0-9]{1,3}\.){4})in-addr\.arpa")
_NUMBERS = re.compile(r"[0-9]+")


class Found(NamedTuple):
    """An address in a text.

    Parameters
    ----------
    start, stop : int
        Where it stands.
    address : str
        In the usual spelling; with its length where it is a network.
    """

    start: int
    stop: int
    address: str


def addresses_in(text: str) -> list[Found]:
    """Which addresses does a text name, in whichever spelling?

    Parameters
    ----------
    text : str
        In small letters, as `fold` gives it.

    Returns
    -------
    list of Found
        From left to right, none overlapping.

    Examples
    --------
    >>> [found.address for found in addresses_in("203-0-113-9, 203[.]0[.]113[.]10 and 2001:db8::1")]
    ['203.0.113.9', '203.0.113.10', '2001:db8::1']
    """
    every = sorted({*_reversed(text), *_dotted(text), *_colons(text)}, key=lambda one: one[:2])
    kept: list[Found] = []
    for one in every:
        if kept and one.start < kept[-1].stop:
            if one.stop - one.start > kept[-1].stop - kept[-1].start:
                kept[-1] = one
            continue
        kept.append(one)
    return kept


def spellings(address: str) -> set[str]:
    """In which further forms, too common to be searched for blindly, may a known address stand?

    Parameters
    ----------
    address : str
        A known address.

    Returns
    -------
    set of str
        As one number, in hexadecimal, percent-encoded, and as a name in a reversed zone.

    Examples
    --------
    >>> sorted(spellings("203.0.113.9"))
    ['0xcb007109', '3405803785', 'cb007109']
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return set()
    number = int(known)
    if known.version == 4:
        return {str(number), f"{number:08x}", f"0x{number:08x}"}
    whole = known.exploded
    return {whole.replace(":", ""), whole.replace(":", "-"), str(known).replace(":", "-")}


def _dotted(text: str) -> Iterator[Found]:
    for pattern in (_IPV4, _IPV4_MIXED):
        for found in pattern.finditer(text):
            body, _, length = found[0].partition("/")
            parts = [int(part) for part in _NUMBERS.findall(body.replace("%2e", "."))]
            if len(parts) == 4 and max(parts) < 256 and int(length or 0) <= 32:
                plain = ".".join(map(str, parts))
                yield Found(found.start(), found.end(), f"{plain}/{length}" if length else plain)


def _colons(text: str) -> Iterator[Found]:
    for found in _IPV6.finditer(text):
        plain = found[0].replace("[:]", ":")
        plain = re.sub(r"%[0-9a-z]+", "", plain)
        try:
            ipaddress.ip_interface(plain)
        except ValueError:
            continue
        yield Found(found.start(), found.end(), plain)


def _reversed(text: str) -> Iterator[Found]:
    for found in _REVERSED.finditer(text):
        parts = [int(part) for part in _NUMBERS.findall(found[1])]
        if max(parts) < 256:
            yield Found(found.start(), found.end(), ".".join(map(str, reversed(parts))))
