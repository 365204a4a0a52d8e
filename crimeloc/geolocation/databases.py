"""City databases and marks (MaxMind format): where an address is roughly, or that it hides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.addresses import Addresses
from crimeloc.errors import FileError, ParameterError
from crimeloc.messages import Message

__all__ = ["MARKS", "CityDatabase", "address_marks", "open_database"]

MARKS = ("tor", "vpn", "proxy", "hosting", "mobile", "anonymous")
"""What an address can be marked as, the most telling first."""

_SIGNS = {
    "is_tor_exit_node": "tor",
    "is_anonymous_vpn": "vpn",
    "is_public_proxy": "proxy",
    "is_residential_proxy": "proxy",
    "is_hosting_provider": "hosting",
    "is_anonymous": "anonymous",
    "is_anonymous_proxy": "proxy",
    "mobile": "mobile",
    "is_mobile": "mobile",
    "vpn": "vpn",
    "proxy": "proxy",
    "hosting": "hosting",
    "tor": "tor",
}


def open_database(path: str | Path) -> Any:
    """Open a database in MaxMind's format.

    Parameters
    ----------
    path : str or Path
        An ``.mmdb`` file.

    Returns
    -------
    maxminddb.Reader
        The whole file in memory, read by plain Python code.

    Raises
    ------
    FileError
        There is no such file, or it is damaged.
    """
    import maxminddb

    target = Path(path)
    _refuse_other_kinds(target)
    try:
        reader = maxminddb.open_database(target, maxminddb.MODE_MEMORY)
        _check_tree(target.read_bytes(), reader.metadata())
        return reader
    except FileNotFoundError as error:
        raise FileError(
            target, found="no such file", expected="an .mmdb file", hint="check the name"
        ) from error
    except Exception as error:  # a damaged header fails in many ways
        raise _damaged(target.name, error) from error


_MARKER = b"\xab\xcd\xefMaxMind.com"
_TAIL = 128 << 10
"""The marker stands within the last bytes of a database, 128 KB at most before its end."""


def _refuse_other_kinds(path: Path) -> None:
    """A file without the marker is no database, whatever else it is."""
    try:
        with open(path, "rb") as handle:
            head = handle.read(64)
            handle.seek(max(path.stat().st_size - _TAIL, 0))
            marked = _MARKER in handle.read(_TAIL)
    except OSError:
        return  # said where it is opened
    if marked or not head:
        return
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    lists = text.startswith((b"{", b"[")) or path.suffix.lower() in (".json", ".csv", ".txt")
    raise FileError(
        path.name,
        found="a list, not a database in MaxMind's format"
        if lists
        else "a file that is no database in MaxMind's format",
        expected="an .mmdb file, or a table of networks",
        hint="proxy_networks=read_proxy_networks(...).table" if lists else "fetch it again",
    )


def _check_tree(data: bytes, metadata: Any) -> None:
    """A sound search tree reaches all its nodes, runs in one direction, and points into the data.

    In an IPv6 tree some branches lead back to the one node where IPv4 begins.
    """
    count, size = int(metadata.node_count), int(metadata.record_size)
    records = _records(data, count, size)
    inner = records < count
    if size not in (24, 28, 32) or len(records) != count:
        raise ValueError("the search tree has no usable size")
    room = data.rfind(_MARKER) - count * size // 4
    outside = (records > count) & ((records < count + 16) | (records >= count + room))
    back = inner & (records <= np.arange(count)[:, None])
    targets = np.unique(records[back])
    parents = np.bincount(records[inner], minlength=count)
    lost = parents[1:] == 0
    loops = len(targets) > (1 if int(metadata.ip_version) == 6 else 0) or 0 in targets
    if outside.any() or lost.any() or loops:
        raise ValueError("the search tree is corrupt")


def _records(data: bytes, count: int, size: int) -> NDArray[np.int64]:
    """Left and right branch of each node."""
    raw = np.frombuffer(data[: count * size // 4], dtype=np.uint8)
    cells = raw.reshape(count, -1).astype(np.int64) if count else np.zeros((0, 8), np.int64)
    half = size // 8
    left, right = cells[:, :3], cells[:, half + (size == 28) :][:, :3]
    if size == 32:
        left, right = cells[:, :4], cells[:, 4:8]
    pair = []
    for part in (left, right):
        value = np.zeros(count, dtype=np.int64)
        for place in range(part.shape[1]):
            value = value << 8 | part[:, place]
        pair.append(value)
    if size == 28:  # the middle byte holds the high bits of both
        pair[0] |= (cells[:, 3] >> 4) << 24
        pair[1] |= (cells[:, 3] & 15) << 24
    return np.column_stack(pair)


def _damaged(name: str, error: BaseException) -> FileError:
    why = (str(error).splitlines() or [""])[0][:120] or type(error).__name__
    return FileError(
        name,
        found=Message("a database that is damaged ({why})", why=why),
        expected="a whole .mmdb file",
        hint="fetch it again",
    )


def look_up(reader: Any, name: str, address: str) -> dict[str, Any] | None:
    """What does a database say of one address?

    Parameters
    ----------
    reader : maxminddb.Reader
        As `open_database` gives it.
    name : str
        File name, for the error text.
    address : str
        The address.

    Returns
    -------
    dict or None
        What is stored, None where nothing is.

    Raises
    ------
    FileError
        The database is damaged where the address should be.
    """
    try:
        found = reader.get(address)
    except ValueError as error:
        if "IPv6 address" in str(error) and "IPv4-only" in str(error):
            return None
        raise _damaged(name, error) from error
    except Exception as error:
        raise _damaged(name, error) from error
    return found if isinstance(found, dict) else None


@dataclass(frozen=True, eq=False)
class CityDatabase:
    """Where are addresses, roughly?

    Parameters
    ----------
    path : str or Path
        A city database in MaxMind's format (``.mmdb``).

    Notes
    -----
    A city database gives a point and a radius of 3 to 500 km, never a venue.
    """

    path: str | Path

    def places(self, addresses: Addresses, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Look addresses up.

        Parameters
        ----------
        addresses : Addresses
            A column of addresses.
        rows : ndarray of int64
            Which of them.

        Returns
        -------
        ndarray, shape (n, 3)
            Longitude, latitude, radius in metres; NaN where nothing is known. An entry without a
            radius counts as one of 500 km.

        Raises
        ------
        FileError
            The file is damaged, or its entries hold no places in the known form.
        """
        name = Path(self.path).name
        with open_database(self.path) as reader:
            codes, texts = different_addresses(addresses, rows)
            found = np.full((len(texts), 3), np.nan)
            for number, text in enumerate(texts):
                entry = (look_up(reader, name, text) or {}).get("location")
                if isinstance(entry, dict) and {"longitude", "latitude"} <= set(entry):
                    radius = float(entry.get("accuracy_radius", 500)) * 1_000
                    found[number] = float(entry["longitude"]), float(entry["latitude"]), radius
            if len(texts) and np.isnan(found).all():
                _refuse_without_places(reader, name)
        bad = (np.abs(found[:, 0]) > 180) | (np.abs(found[:, 1]) > 90) | (found[:, 2] < 0)
        found[bad] = np.nan
        return found[codes]


_LOOKED_AT = 2_000


def _refuse_without_places(reader: Any, name: str) -> None:
    """Where nothing was found, does the database hold any place at all?"""
    keys: dict[str, None] = {}
    try:
        for number, (_, entry) in enumerate(reader):
            if not isinstance(entry, dict):
                continue
            place = entry.get("location")
            if isinstance(place, dict) and {"longitude", "latitude"} <= set(place):
                return
            keys |= dict.fromkeys(str(key) for key in entry)
            if number >= _LOOKED_AT:
                break
    except Exception as error:
        raise _damaged(name, error) from error
    raise FileError(
        name,
        found=Message(
            "a database of the type {type} whose entries hold {keys} and no place",
            type=repr(str(reader.metadata().database_type)),
            keys=", ".join(map(repr, [*keys][:8])) or "nothing",
        ),
        expected="a city database with location.latitude and location.longitude",
        hint="city=None",
    )


def different_addresses(
    addresses: Addresses, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[str]]:
    """Give each different address of some rows once, as text."""
    import ipaddress

    pairs = np.column_stack([addresses.high[rows], addresses.low[rows]])
    different, codes = np.unique(pairs, axis=0, return_inverse=True)
    texts = []
    for high, low in different.tolist():
        value = high << 64 | low
        four = value >> 32 == 0xFFFF
        texts.append(
            str(ipaddress.IPv4Address(value & 0xFFFFFFFF) if four else ipaddress.IPv6Address(value))
        )
    return np.asarray(codes).reshape(-1), texts


def address_marks(
    proxy_networks: str | Path | pd.DataFrame, addresses: Addresses, rows: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Which addresses hide where their user is?

    Parameters
    ----------
    proxy_networks : path or DataFrame
        An anonymous-address database in MaxMind's format, or a table with ``network`` and
        ``mark``.
    addresses : Addresses
        A column of addresses.
    rows : ndarray of int64
        Which of them.

    Returns
    -------
    ndarray of object
        One of `MARKS` (or the table's own word), None where there is none.

    Raises
    ------
    FileError
        The database is damaged.
    ParameterError
        The table lacks a column.
    """
    if isinstance(proxy_networks, pd.DataFrame):
        return _marks_of_table(proxy_networks, addresses, rows)
    name = Path(proxy_networks).name
    with open_database(proxy_networks) as reader:
        codes, texts = different_addresses(addresses, rows)
        found = [_mark(_signs(look_up(reader, name, text) or {})) for text in texts]
    return np.array([*found, None], dtype=object)[codes]


def _signs(entry: dict[str, Any]) -> Iterable[str]:
    inner = entry.get("traits")
    for source in (entry, inner if isinstance(inner, dict) else {}):
        for sign, mark in _SIGNS.items():
            if source.get(sign) is True:
                yield mark


def _mark(found: Iterable[str]) -> str | None:
    there = set(found)
    return next((mark for mark in MARKS if mark in there), None)


def _marks_of_table(
    proxy_networks: pd.DataFrame, addresses: Addresses, rows: NDArray[np.int64]
) -> NDArray[np.object_]:
    from crimeloc.geolocation.leases import LeaseIndex

    if not {"network", "mark"} <= set(proxy_networks.columns):
        raise ParameterError(
            "proxy_networks",
            found=Message("columns {columns}", columns=list(proxy_networks.columns)[:5]),
            expected="columns 'network' and 'mark'",
            hint='proxy_networks.rename(columns={"cidr": "network"})',
        )
    index = LeaseIndex.build(
        pd.DataFrame(
            {
                "network": proxy_networks["network"],
                "venue_id": proxy_networks["mark"].astype("str"),
            }
        )
    )
    node = index.nodes_of(addresses)[rows]
    first = index.blocks[index.tree[np.maximum(node, 0), 1], 3]
    words = index.table["venue_id"].astype("object").to_numpy()
    lease = np.minimum(first, max(len(index.row) - 1, 0))
    result = np.full(len(rows), None, dtype=object)
    known = node >= 0
    result[known] = words[index.row[lease[known]]]
    return result
