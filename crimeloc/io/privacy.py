"""Work without raw identifiers: keyed pseudonyms at the door."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from typing import TypeVar

import pandas as pd

from crimeloc.addresses import AddressFault, parse_address
from crimeloc.errors import ParameterError

__all__ = ["pseudonymise"]

Frame = TypeVar("Frame", bound=pd.DataFrame)

_IDENTIFIERS = ("handle", "device", "account", "email", "phone")
_REVEALING = ("why", "title", "raw")


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
        A secret of at least 16 bytes. The same key gives the same pseudonyms, so that tables can
        be joined; whoever has it can test guesses. It is kept nowhere.
    columns : sequence of str, optional
        Columns to replace besides ``ip``. By default ``handle``, ``device``, ``account``,
        ``email`` and ``phone`` where they are there.
    keep_prefixes : bool
        Replace addresses by addresses, so that two that share their first n bits still share
        exactly n bits. Leases and networks can no longer be looked up either way: locate first.

    Returns
    -------
    DataFrame
        A copy: identifiers replaced, free text that can reveal them (``title``, ``why``) left out.
        Missing values stay missing.

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
    >>> safe = pseudonymise(table, key="0123456789abcdef")
    >>> safe.ip[0].startswith("ip-"), safe.handle[0] == "someone", table.handle[0]
    (True, False, 'someone')
    """
    secret = key.encode("utf-8") if isinstance(key, str) else bytes(key)
    if len(secret) < 16:
        raise ParameterError("key", "a short key", "a secret of at least 16 bytes",
                             "key=secrets.token_bytes(32)")  # fmt: skip
    wanted = [name for name in _IDENTIFIERS if name in events.columns]
    if columns is not None:
        absent = [name for name in columns if name not in events.columns]
        if absent:
            raise ParameterError("columns", f"no column {absent[0]!r}",
                                 f"among {', '.join(map(str, events.columns[:12]))}",
                                 'columns=["handle"]')  # fmt: skip
        wanted = [name for name in columns if name != "ip"]
    gone = [name for name in _REVEALING if name in events.columns and name not in wanted]
    result = events.drop(columns=gone).copy()
    for name in wanted:
        result[name] = _replaced(events[name], lambda text, n=name: _token(secret, n, text))
    if "ip" in events.columns:
        made = _address if keep_prefixes else _address_token
        result["ip"] = _replaced(events["ip"], lambda text: made(secret, text))
    return result


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
