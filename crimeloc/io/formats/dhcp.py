"""Lease files of ISC dhcpd: what was written last of an address counts from then on."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from crimeloc.io.formats.encodings import decode_line, to_utf8
from crimeloc.io.formats.layout import Layout
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.messages import Message

__all__ = ["is_dhcpd", "read_dhcpd"]

_HEAD = re.compile(rb"(?m)^[ \t]*lease[ \t]+[0-9.]+[ \t]*\{")
_BEGIN = re.compile(r"\s*lease\s+(\S+)\s*\{\s*$")
_MOMENT = re.compile(
    r"(?:epoch\s+(?P<epoch>-?\d+)|\d\s+(?P<day>\d{4}/\d{2}/\d{2})\s+(?P<clock>\d{2}:\d{2}:\d{2})"
    r"|(?P<never>never))"
)
_TIMES = ("starts", "ends", "tstp", "tsfp", "atsfp", "cltt")
_WORDS = {
    "hardware ethernet": "hardware",
    "client-hostname": "hostname",
    "option agent.circuit-id": "circuit_id",
    "option agent.remote-id": "remote_id",
    "binding state": "state",
    "uid": "uid",
}


class _Lease(NamedTuple):
    """The declaration of a lease: where it begins, its address, its statements, its text."""

    line: int
    address: str
    said: dict[str, str]
    raw: str
    whole: bool


def is_dhcpd(data: bytes) -> bool:
    """Does this text hold declarations of leases?

    Parameters
    ----------
    data : bytes
        The beginning of a file.

    Returns
    -------
    bool
        Whether there is a line ``lease 203.0.113.7 {``.
    """
    return _HEAD.search(data) is not None


def read_dhcpd(data: bytes, layout: Layout) -> Records:
    """Which leases does this file of ISC dhcpd hold?

    Parameters
    ----------
    data : bytes
        A file ``dhcpd.leases``.
    layout : Layout
        What the caller says of the file.

    Returns
    -------
    Records
        One row for each declaration, numbered by its first line: ``address``, ``valid_from``,
        ``valid_to``, ``holder`` and what else it says. Times are in UTC. A declaration without a
        holder, of a free or abandoned address, is refused.

    Notes
    -----
    The server appends a declaration whenever a lease changes: a later one of an address ends the
    earlier one, and one with the same beginning replaces it. The holder is the circuit that the
    relay names, else the name of the client, else its hardware address: a device, not a venue.

    References
    ----------
    Internet Systems Consortium, dhcpd.leases(5).
    """
    text, codec, words, _ = to_utf8(data, layout.encoding)
    leases, broken, comments = _declarations(text, codec)
    rows = []
    for lease in leases:
        if not lease.whole:
            broken.append(Broken(lease.line, Message("lease.unfinished"), lease.raw))
            continue
        row = _row(lease)
        if row["holder"] is None or row["state"] in ("abandoned", "reset"):
            broken.append(Broken(lease.line, Message("lease.no-holder"), lease.raw))
        elif row["valid_to"] is None and row["state"] not in ("active", None) and not row["never"]:
            broken.append(Broken(lease.line, Message("lease.free"), lease.raw))
        else:
            rows.append((lease, row))
    broken.sort(key=lambda item: item.source_row)
    names = ["address", "valid_from", "valid_to", "holder", "state", "hardware", "hostname",
             "circuit_id", "remote_id", "uid"]  # fmt: skip
    names = [n for n in names if n in names[:4] or any(row.get(n) for _, row in rows)]
    series = {
        i: pd.Series([row.get(name) for _, row in rows], dtype="str")
        for i, name in enumerate(names)
    }
    raws = [lease.raw for lease, _ in rows]
    records = Records(
        "ISC dhcpd leases",
        names,
        pd.DataFrame(series, index=range(len(rows))),
        np.array([lease.line for lease, _ in rows], dtype=np.int64),
        lambda place: raws[place],
        broken,
        encoding=words,
        zone="UTC",
        parts={
            "network": "address",
            "valid_from": "valid_from",
            "valid_to": "valid_to",
            "venue_id": "holder",
        },
    )
    if comments:
        records.notes.skip(
            "{n:,} comment lines, e.g. {example}", n=len(comments), example=repr(comments[0][:60])
        )
    return records


def _declarations(text: bytes, codec: str) -> tuple[list[_Lease], list[Broken], list[str]]:
    leases: list[_Lease] = []
    broken: list[Broken] = []
    comments: list[str] = []
    begin, address, inside = 0, "", list[str]()
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", text), start=1):
        plain = decode_line(line, codec)[0]
        found = _BEGIN.fullmatch(plain)
        if found is not None:
            if begin:
                leases.append(_lease(begin, address, inside, whole=False))
            begin, address, inside = number, found[1], [plain]
        elif begin:
            inside.append(plain)
            if plain.strip() == "}":
                leases.append(_lease(begin, address, inside, whole=True))
                begin = 0
        elif plain.lstrip().startswith("#"):
            comments.append(plain)
        elif plain.strip():
            comments.append(plain)  # other declarations of the server: its identity, failover, ...
    if begin:
        leases.append(_lease(begin, address, inside, whole=False))
    return leases, broken, comments


def _lease(line: int, address: str, inside: list[str], *, whole: bool) -> _Lease:
    said: dict[str, str] = {}
    for text in inside[1:]:
        statement = text.strip().split("; #")[0].rstrip(";").strip()
        for word, name in _WORDS.items():
            if statement.startswith(word + " "):
                said[name] = statement[len(word) :].strip().strip('"')
        key = statement.split(" ", 1)[0]
        if key in _TIMES:
            said[key] = statement[len(key) :].strip()
    return _Lease(line, address, said, "\n".join(inside), whole)


def _row(lease: _Lease) -> dict[str, str | None]:
    said = lease.said
    row: dict[str, str | None] = {"address": lease.address, "state": said.get("state")}
    for name in ("hardware", "hostname", "circuit_id", "remote_id", "uid"):
        row[name] = said.get(name)
    row["holder"] = row["circuit_id"] or row["hostname"] or row["hardware"]
    row["valid_from"] = _moment(said.get("starts", ""))
    row["valid_to"] = _moment(said.get("ends", ""))
    row["never"] = "yes" if said.get("ends", "").startswith("never") else None
    return row


def _moment(text: str) -> str | None:
    found = _MOMENT.match(text)
    if found is None or found["never"]:
        return None
    if found["epoch"]:
        return found["epoch"]
    return f"{found['day'].replace('/', '-')} {found['clock']}"
