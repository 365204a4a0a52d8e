"""Which coordinate system does a file name? Names alone: other forms may point at files."""

from __future__ import annotations

import re

import pyproj

__all__ = ["named_crs"]

_EPSG = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{1,6})", re.IGNORECASE)


def named_crs(text: str) -> pyproj.CRS:
    """Which coordinate system does this name stand for?

    Parameters
    ----------
    text : str
        A name such as ``"EPSG:5174"``, ``"urn:ogc:def:crs:EPSG::5174"`` or CRS84. Other forms,
        which may name files, are refused.

    Returns
    -------
    CRS
        The system.

    Raises
    ------
    ValueError
        It is no name of a known system.
    """
    if "CRS84" in text:
        return pyproj.CRS.from_epsg(4326)
    found = _EPSG.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError("no EPSG name")
        return pyproj.CRS.from_epsg(int(found[1]))
    except (pyproj.exceptions.CRSError, ValueError) as error:
        raise ValueError(f"no coordinate system {text[:60]!r}") from error
