"""What do the values of a column look like: times, addresses, ports, hashes, coordinates?"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from crimeloc.addresses import AddressFault, parse_addresses, parse_network
from crimeloc.io.parsing.column_types import numbers, text
from crimeloc.io.parsing.times import parse_times

__all__ = ["SPEAKS_OF_AN_END", "SPEAKS_OF_PORTS", "looks_like"]

_SAMPLE = 200
_MOST = 0.6
"""So large a share of the values must look alike for the column to be called so."""

_HASH = r"^(?:sha(?:1|256|512)|md5|pdq)?:?(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})$"  # noqa: E501

SPEAKS_OF_AN_END = re.compile(
    r"(?:^|[^a-z])(?:end|ends|until|till|to|expire[sd]?|expiry|expiration|released?|revoked|closed?"
    r"|stop|last|final)(?:$|[^a-z])|종료|만료|해지|해제|회수|반납|폐업|폐지|말소|취소|까지|끝|마지막"
)
"""Words in the name of a column that speak of an end."""
SPEAKS_OF_PORTS = re.compile(r"port|포트")


def looks_like(column: pd.Series, name: str = "") -> str:
    """What do the values of this column look like?

    Parameters
    ----------
    column : Series
        Any column of a file.
    name : str
        Its name; whole numbers are taken for ports more readily where it says so.

    Returns
    -------
    str
        ``"times"``, ``"addresses"``, ``"networks"``, ``"ports"``, ``"hashes"``,
        ``"coordinates"``, ``"zones"``, or an empty text.

    Examples
    --------
    >>> looks_like(pd.Series(["2026-03-01 23:05", "2026-03-02 01:00"]))
    'times'
    >>> looks_like(pd.Series(["203.0.113.7", "n/a", "2001:db8::1"])), looks_like(pd.Series(["a"]))
    ('addresses', '')
    """
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        return "times"
    values = text(column[column.notna()].head(20 * _SAMPLE)).dropna().head(_SAMPLE)
    values = values.reset_index(drop=True)
    if not len(values):
        return ""
    if values.str.fullmatch(_HASH).mean() >= _MOST:
        return "hashes"
    found = parse_addresses(values.str.split(",").str[0].str.strip())
    if (found.version > 0).mean() >= _MOST:
        return "addresses"
    if values.str.contains(r"[./:-]", regex=True).mean() >= _MOST:
        if np.mean([_is_network(value) for value in values.head(50)]) >= _MOST:
            return "networks"
        if _are_coordinates(values):
            return "coordinates"
    if values.str.fullmatch(_ZONE).mean() >= _MOST:
        return "zones"
    if values.str.contains(r"\d", regex=True).mean() >= _MOST:
        times = parse_times(values, "UTC", partial=bool(SPEAKS_OF_AN_END.search(name.lower())))
        if (pd.isna(times.fault) & (times.start > np.iinfo(np.int64).min)).mean() >= _MOST:
            return "times"
        if _are_ports(values, name):
            return "ports"
    return ""


_ZONE = (
    r"(?i)(?:UTC|GMT|KST|JST|Z|[A-Z][a-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?"
    r"|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)"
)


def _is_network(value: str) -> bool:
    try:
        return bool(parse_network(value))
    except AddressFault:
        return False


def _are_coordinates(values: pd.Series) -> bool:
    array, bad = numbers(values)
    if bad.mean() > 1 - _MOST or np.isnan(array).all():
        return False
    known = array[~np.isnan(array)]
    fine = np.abs(known - np.round(known, 2)) > 1e-9
    degrees = (np.abs(known) <= 180).all() and fine.mean() >= _MOST
    metres = ((known > 10_000) & (known < 10_000_000)).all() and (known % 1 != 0).mean() >= _MOST
    return bool(degrees or metres)


def _are_ports(values: pd.Series, name: str) -> bool:
    array, bad = numbers(values)
    if bad.any() or np.isnan(array).any():
        return False
    whole = bool(((array % 1 == 0) & (array >= 0) & (array <= 65_535)).all())
    said = bool(SPEAKS_OF_PORTS.search(name.lower()))
    return whole and (said or float(array.max()) >= 1_024)
