"""Work without raw identifiers: keyed pseudonyms at the door."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Sequence
from typing import TypeVar

import pandas as pd

from crimeloc.addresses import AddressFault, parse_address
from crimeloc.errors import ParameterError
from crimeloc.io.columns.catalogue import EVENT_NAMES
from crimeloc.io.columns.matching import plain_name
from crimeloc.keys import checked_key
from crimeloc.messages import Hint, Message

__all__ = ["pseudonymise"]

Frame = TypeVar("Frame", bound=pd.DataFrame)

_IDENTIFIERS = (
    *EVENT_NAMES["handle"],
    *EVENT_NAMES["device"],
    "email",
    "mail",
    "phone",
    "mobile",
    "phone_number",
    "이메일",
    "메일",
    "전화번호",
    "휴대폰",
    "휴대전화",
    "연락처",
)
_REVEALING = (*EVENT_NAMES["title"], "why", "raw")
_MADE_ID = re.compile(r"e[0-9a-f]{16,32}(?:-\d+)*(?:-r\d+)?")
"""An id that a reader made from what was in the row: a hash without a key, open to guesses."""


def pseudonymise(
    events: Frame,
    *,
    key: bytes | str,
    columns: Sequence[str] | None = None,
    keep_prefixes: bool = False,
) -> Frame:
    """How do I work with these events, and hand them on, without raw identifiers?

    Parameters
    ----------
    events : DataFrame
        Events or located events; not changed.
    key : bytes or str
        A secret that `crimeloc.keys.checked_key` accepts. The same key gives the same
        pseudonyms, so that tables can be joined; whoever has it can test guesses. It is kept
        nowhere.
    columns : sequence of str, optional
        Further columns to replace. All columns whose names are those of addresses, handles,
        devices, mail addresses or telephones in the catalogue of the readers (`handle`, ``ip.2``,
        ``닉네임``, ...) are replaced in any case.
    keep_prefixes : bool
        Replace addresses by addresses, so that two that share their first n bits still share
        exactly n bits. Leases and networks can no longer be looked up either way: locate first.

    Returns
    -------
    DataFrame
        A copy: identifiers replaced, free text that can reveal them (titles, file names, ``why``)
        left out. Ids that a reader made from the content of a row are replaced, too. Missing
        values stay missing. Other columns pass as they are: look at them before handing them on.

    Raises
    ------
    ParameterError
        The key is too short, or a column is not there.

    Notes
    -----
    Pseudonyms are the first 16 hexadecimal digits of HMAC-SHA-256 over column name and value.
    With ``keep_prefixes`` bit n of an address is flipped by one bit of the HMAC over the n bits
    before it (the scheme of Xu et al. 2002 with HMAC for its cipher). That keeps more than tokens
    do: somebody who knows some pairs learns the prefixes they share with others. Content hashes
    are kept: they are what series are linked by. What is left can identify a person (times and
    places); pseudonymous is not anonymous.

    References
    ----------
    J. Xu, J. Fan, M. Ammar, S. Moon (2002), Prefix-preserving IP address anonymization, ICNP.

    Examples
    --------
    >>> table = pd.DataFrame({"event_id": ["e1"], "ip": ["203.0.113.7"], "handle": ["someone"]})
    >>> safe = pseudonymise(table, key="a key of the unit, kept apart")
    >>> safe.ip[0].startswith("ip-"), safe.handle[0] == "someone", table.handle[0]
    (True, False, 'someone')
    """
    secret = checked_key(key)
    absent = [name for name in columns or () if name not in events.columns]
    if absent:
        raise ParameterError(
            "columns",
            found=Message("no column {absent}", absent=repr(absent[0])),
            expected=Message("among {names}", names=", ".join(map(str, events.columns[:12]))),
            hint=Hint(columns=["handle"]),
        )
    extra = set(columns or ())
    ips = _named(events, EVENT_NAMES["ip"])
    gone = [name for name in _named(events, _REVEALING) if name not in extra]
    result = events.drop(columns=gone).copy()
    for name in [*_named(events, _IDENTIFIERS), *sorted(extra - set(ips))]:
        result[name] = _replaced(events[name], lambda text, n=name: _token(secret, n, text))
    made = _address if keep_prefixes else _address_token
    for name in ips:
        result[name] = _replaced(events[name], lambda text: made(secret, text))
    for name in ("event_id", "duplicate_of"):
        if name in result.columns:
            result[name] = _replaced(result[name], lambda text: _other_id(secret, text))
    return result


def _named(events: pd.DataFrame, known: Sequence[str]) -> list[str]:
    """Which columns bear one of these names, or a later one of it (``ip.2``, ``ip_in_file``)?"""
    plain = {plain_name(name) for name in known}
    return [
        name
        for name in events.columns
        if isinstance(name, str) and plain_name(re.sub(r"(?:_in_file|\.\d+)+$", "", name)) in plain
    ]


def _other_id(secret: bytes, text: str) -> str:
    if _MADE_ID.fullmatch(text) is None:
        return text
    return "e" + _token(secret, "event_id", text).rpartition("-")[2]


def _replaced(column: pd.Series, made: object) -> pd.Series:
    assert callable(made)
    table = {text: made(str(text)) for text in column.dropna().unique().tolist()}
    return column.astype("object").map(table).astype("str")


def _token(secret: bytes, name: str, text: str) -> str:
    digest = hmac.new(secret, f"{name}\x00{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"{name}-{digest.hexdigest()[:16]}"


def _plain(text: str) -> str:
    try:
        return str(parse_address(text))
    except AddressFault:
        return text


def _address_token(secret: bytes, text: str) -> str:
    return _token(secret, "ip", _plain(text))


def _address(secret: bytes, text: str) -> str:
    """Flip each bit by one bit of the HMAC over the bits before it."""
    try:
        found = parse_address(text)
    except AddressFault:
        return _token(secret, "ip", text)
    width = 32 if found.version == 4 else 128
    value = found.value & ((1 << width) - 1)
    result = 0
    for place in range(width):
        before = value >> (width - place) if place else 0
        seed = f"ip{found.version}\x00{place}\x00{before:x}".encode()
        flip = hmac.new(secret, seed, hashlib.sha256).digest()[0] & 1
        bit = value >> (width - 1 - place) & 1
        result = result << 1 | (bit ^ flip)
    if found.version == 4:
        return str(ipaddress.IPv4Address(result))
    return str(ipaddress.IPv6Address(result))
