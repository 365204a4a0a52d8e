"""From which address was each upload made? The public one of several, and the port that is its."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.addresses import Addresses, is_private, parse_addresses
from crimeloc.io.columns.matching import alike_columns, plain_name
from crimeloc.io.formats.raw_table import Ledger
from crimeloc.io.parsing.column_types import numbers, text
from crimeloc.io.rows import Rows
from crimeloc.messages import Message

__all__ = ["event_addresses", "prefer_public", "read_ports"]

_FORWARDED = frozenset(["xforwardedfor", "xff", "httpxforwardedfor", "forwardedfor"])
_KIND_WORDS = re.compile(r"ip(?:v[46])?|address|addr|주소|아이피|port|포트|번호|network|대역")
"""Words of the name of a column that say what it holds, not whose it is."""
_SAMPLE = 1_000


def event_addresses(rows: Rows) -> dict[str, pd.Series]:
    """From which address and port was each upload made?

    Parameters
    ----------
    rows : Rows
        Rows of a file; rows whose address cannot be read are refused.

    Returns
    -------
    dict
        ``ip`` and ``port``, where the file has them.

    Notes
    -----
    Where the column that stands first holds private addresses and another one public ones, the
    other is taken. A list of forwarding proxies counts where the address itself is private or
    missing: then its last public address is the one that the first own server saw. What a client
    claims before that can be made up and is not read.
    """
    parts, records = rows.parts, rows.records
    made: dict[str, pd.Series] = {}
    prefer_public(rows, "ip", ("port",))
    written: NDArray[np.int64] | None = None
    if "ip" in parts:
        label = rows.label("ip")
        values = _first_addresses(rows)
        found = parse_addresses(values)
        faults = np.full(len(records), None, dtype=object)
        faults[found.odd] = np.array([*found.faults, None], dtype=object)[found.codes]
        rows.ledger.refuse_each(faults, label)
        if len(found.odd):
            plain = pd.array([*found.texts, None], dtype="str").take(found.codes)
            values = values.copy()
            values.iloc[found.odd] = plain
        made["ip"] = values
        _say_addresses(rows, found, label)
        if (found.port >= 0).any():
            written = found.port.astype(np.int64)
    if "port" in parts:
        port = read_ports(rows.cells("port"), rows.ledger, rows.label("port"))
        if written is not None:
            clash = (written > 0) & (port > 0) & (written != port)
            rows.ledger.refuse(clash, Message("port.two"), rows.label("port"))
            port = np.where(port >= 0, port, written)
    elif written is not None:
        port = written
        rows.notes.add("ports taken from behind the addresses")
    else:
        return made
    zero = port == 0
    if zero.any():
        rows.notes.add("{n:,} ports 0 stand for none and count as missing", n=int(zero.sum()))
    made["port"] = pd.Series(port, dtype="Int64").mask(port <= 0)
    return made


def _say_addresses(rows: Rows, found: Addresses, label: str) -> None:
    set_right = sum(bool(note) for note in found.notes)
    if set_right:
        forms = sorted({note for note in found.notes if note})
        rows.notes.add(
            "{n:,} different addresses set right: {forms}", n=set_right, forms="; ".join(forms[:5])
        )
    private = is_private(found)
    if private.any():
        first = int(np.flatnonzero(private)[0])
        rows.notes.warn(
            "{n:,} rows of {label} hold private addresses, which lead nowhere without the address "
            "that they had outside (first in row {row})",
            n=int(private.sum()),
            label=repr(label),
            row=int(rows.records.source_row[first]),
        )


def prefer_public(rows: Rows, part: str, ports: tuple[str, ...]) -> None:
    """Take the column with public addresses where the first one holds private ones.

    Parameters
    ----------
    rows : Rows
        Rows of a file; the part and its ports may move to other columns.
    part : str
        ``"ip"`` or ``"network"``.
    ports : tuple of str
        Parts that hold the port of the address.
    """
    if part not in rows.parts or rows.given(part):
        return
    names = rows.records.names
    taken = set(rows.parts.values())
    others = [p for p in alike_columns(names, rows.kind, part) if p not in taken]
    first = rows.parts[part]
    if not others or _private_share(rows, first) <= 0.5:
        _pair_ports(rows, part, ports, moved=False)
        return
    shares = {position: _private_share(rows, position) for position in others}
    best = min(others, key=lambda position: shares[position])
    if shares[best] >= 0.5:
        _pair_ports(rows, part, ports, moved=False)
        return
    rows.notes.add(
        "{first} holds private addresses; {other} was taken",
        first=repr(names[first]),
        other=repr(names[best]),
    )
    rows.parts[part] = best
    _pair_ports(rows, part, ports, moved=True)


def _private_share(rows: Rows, position: int) -> float:
    """How many of the addresses of a column are private? 1 where there are none."""
    column = rows.records.cells[position]
    sample = text(column[column.notna()].head(4 * _SAMPLE), words=True).dropna().head(_SAMPLE)
    if not len(sample):
        return 1.0
    if plain_name(rows.records.names[position]) in _FORWARDED:
        sample = _last_public(sample)
    found = parse_addresses(sample.str.replace(r"[/~].*$|\s*-\s*[0-9a-f.:]+$", "", regex=True))
    known = found.version > 0
    return float((is_private(found) | ~known).mean())


def _pair_ports(rows: Rows, part: str, ports: tuple[str, ...], *, moved: bool) -> None:
    """Take the port whose column is named after the same side as the address."""
    side = _side(rows.label(part))
    for port in ports:
        if port not in rows.parts or rows.given(port):
            continue
        names = rows.records.names
        taken = set(rows.parts.values()) - {rows.parts[port]}
        same = [
            position
            for position in alike_columns(names, rows.kind, port)
            if position not in taken and _side(names[position]) == side
        ]
        if same:
            rows.parts[port] = same[0]
        elif moved and not _side(names[rows.parts[port]]) and rows.kind == "events":
            rows.notes.warn(
                "{port} could be the port of the private address and was not used: "
                'columns={{"port": ...}} takes it',
                port=repr(names[rows.parts.pop(port)]),
            )


def _side(name: str) -> str:
    """Whose address or port is it: ``공인IP`` and ``공인포트`` are of one side."""
    return _KIND_WORDS.sub("", plain_name(name))


def _first_addresses(rows: Rows) -> pd.Series:
    """Give the addresses of the column that counts, with those of a list of proxies beside it."""
    names = rows.records.names
    label = rows.label("ip")
    values = text(rows.cells("ip"), words=False)
    if plain_name(label) in _FORWARDED:
        return _last_public(values)
    beside = [
        position
        for position, name in enumerate(names)
        if plain_name(name) in _FORWARDED and position not in rows.parts.values()
    ]
    if not beside or rows.given("ip"):
        return values
    rows.beside.add(beside[0])
    forwarded = _last_public(text(rows.records.cells[beside[0]]))
    own, other = parse_addresses(values), parse_addresses(forwarded)
    inside = (own.missing | is_private(own)) & (other.version > 0) & ~is_private(other)
    if inside.any():
        rows.notes.add(
            "{n:,} rows whose {label} is private took their address from {other}",
            n=int(inside.sum()),
            label=repr(label),
            other=repr(names[beside[0]]),
        )
    return values.mask(inside, forwarded)


def _last_public(values: pd.Series) -> pd.Series:
    """Of each list of forwarding proxies, the last address that is not private."""
    listed = values.str.contains(",", regex=False).fillna(False).to_numpy(dtype=bool)
    if not listed.any():
        return values
    made = values.astype("object")
    for place in np.flatnonzero(listed).tolist():
        pieces = [piece.strip() for piece in str(made.iloc[place]).split(",")]
        pieces = [piece for piece in pieces if piece]
        found = parse_addresses(pd.Series(pieces, dtype="str"))
        public = np.flatnonzero((found.version > 0) & ~is_private(found))
        made.iloc[place] = pieces[int(public[-1])] if len(public) else pieces[-1]
    return made.astype("str")


def read_ports(column: pd.Series, ledger: Ledger, label: str) -> NDArray[np.int64]:
    """Which ports does this column name?

    Parameters
    ----------
    column : Series
        Ports.
    ledger : Ledger
        Takes the rows where something else stands.
    label : str
        Name of the column.

    Returns
    -------
    ndarray of int64
        Ports; -1 where there is none.
    """
    values, bad = numbers(column)
    known = ~np.isnan(values)
    bad = bad | (known & ((values % 1 != 0) | (values < 0) | (values > 65_535)))
    ledger.refuse(bad, Message("port.range"), label)
    whole = np.full(len(values), -1, dtype=np.int64)
    good = known & ~bad
    whole[good] = values[good].astype(np.int64)
    return whole
