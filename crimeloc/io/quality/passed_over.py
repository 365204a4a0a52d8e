"""Which columns of a file were not used, and what could they have been?

What was not understood takes the widest meaning: a lease whose end was not recognised holds for
ever. So every column without a part is named, with what its values look like and the argument
that would use it; what looks like the end of a lease or a closing day is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from crimeloc.io.columns.matching import plain_name
from crimeloc.io.formats.raw_table import Records, printable
from crimeloc.io.parsing.column_types import text
from crimeloc.io.quality.looks import SPEAKS_OF_AN_END, SPEAKS_OF_PORTS, looks_like
from crimeloc.io.rows import Rows
from crimeloc.messages import Hint, Message

__all__ = ["pass_over"]

_PARTS_OF_LOOK: dict[str, dict[str, tuple[str, ...]]] = {
    "events": {
        "times": ("timestamp", "timestamp_end"),
        "addresses": ("ip",),
        "ports": ("port",),
        "hashes": ("content_hash",),
        "zones": ("tz",),
    },
    "leases": {
        "times": ("valid_from", "valid_to"),
        "addresses": ("network",),
        "networks": ("network",),
        "ports": ("port_min", "port_max"),
        "zones": ("tz",),
    },
    "venues": {"times": ("opened", "closed"), "coordinates": ("lon", "lat")},
}
"""Which parts a column could play, by what its values look like."""

_LOOKS = {
    "times": "times",
    "addresses": "addresses",
    "networks": "networks",
    "ports": "ports",
    "hashes": "hashes",
    "coordinates": "coordinates",
    "zones": "time zones",
}


def pass_over(rows: Rows) -> None:
    """Say which columns of a file were not used.

    Parameters
    ----------
    rows : Rows
        Rows of the file; its notes take what there is to say.
    """
    records, parts, kind = rows.records, rows.parts, rows.kind
    used = set(parts.values()) | rows.beside
    plain: list[str] = []
    for position, name in enumerate(records.names):
        column = records.cells[position]
        if position in used or (column.dtype == object and not _texts(column)):
            continue
        look = looks_like(column, name) if len(column) else ""
        part = _part(look, name, parts, kind)
        if look:
            _say(records, column, name, look, part)
        else:
            plain.append(repr(printable(name[:60])))
        _warn(records, name, look, parts, kind)
    if plain:
        records.notes.skip("columns without a part: {names}", names=", ".join(plain))


def _texts(column: pd.Series) -> bool:
    return pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty")


def _say(records: Records, column: pd.Series, name: str, look: str, part: str) -> None:
    shown = text(column[column.notna()].head(20)).dropna()
    example = printable(str(shown.iloc[0])[:40]) if len(shown) else ""
    said: dict[str, object] = {
        "name": repr(printable(name[:200])),
        "look": Message(_LOOKS[look]),
        "example": repr(example),
    }
    if part:
        records.notes.skip(
            "column {name} plays no part; its values look like {look}, e.g. {example}: {line}",
            **said,
            line=str(Hint(columns={part: name[:200]})),
        )
    else:
        records.notes.skip(
            "column {name} plays no part; its values look like {look}, e.g. {example}", **said
        )


def _part(look: str, name: str, parts: Mapping[str, int], kind: str) -> str:
    """Which part could the column play?"""
    possible = [part for part in _PARTS_OF_LOOK[kind].get(look, ()) if part not in parts]
    if not possible:
        every = _PARTS_OF_LOOK[kind].get(look, ())
        return every[0] if every and look != "times" else ""
    ends = [
        part for part in possible if part in ("valid_to", "closed", "timestamp_end", "port_max")
    ]
    if ends and SPEAKS_OF_AN_END.search(_spaced(name)):
        return ends[0]
    return possible[0]


def _spaced(name: str) -> str:
    """Give the words of a name apart: ``leaseEnd`` and ``lease_end`` as ``lease end``."""
    return re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)).lower()


def _warn(records: Records, name: str, look: str, parts: Mapping[str, int], kind: str) -> None:
    """Say at the top what widens the meaning of every row."""
    ends = bool(SPEAKS_OF_AN_END.search(_spaced(name)))
    shown = repr(printable(name[:200]))
    if kind == "leases":
        if (
            "valid_to" not in parts
            and (look == "times" or ends)
            and not SPEAKS_OF_PORTS.search(plain_name(name))
        ):
            records.notes.warn(
                "no end of validity was recognised, so every lease holds for ever; is it {name}? "
                "{line}",
                name=shown,
                line=str(Hint(columns={"valid_to": name[:200]})),
            )
        elif "valid_from" not in parts and look == "times":
            records.notes.warn(
                "no beginning of validity was recognised, so every lease held since ever; is it "
                "{name}? {line}",
                name=shown,
                line=str(Hint(columns={"valid_from": name[:200]})),
            )
        last = look == "ports" or (
            not look and ends and bool(SPEAKS_OF_PORTS.search(plain_name(name)))
        )
        if "port_min" in parts and "port_max" not in parts and last:
            records.notes.warn(
                "no last port was recognised, so every block reaches to port 65535; is it {name}? "
                "{line}",
                name=shown,
                line=str(Hint(columns={"port_max": name[:200]})),
            )
    elif kind == "venues" and "closed" not in parts and ends and look in ("times", ""):
        records.notes.warn(
            "no closing day was recognised, so every venue counts as open; is it {name}? {line}",
            name=shown,
            line=str(Hint(columns={"closed": name[:200]})),
        )
