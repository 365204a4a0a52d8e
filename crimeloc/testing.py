"""Small valid tables for tests: located uploads and venues in one line each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc import geometry
from crimeloc.errors import ParameterError
from crimeloc.tables import LOCATED, VENUES, validate
from crimeloc.units import zone

__all__ = ["make_located", "make_venues"]

Time = str | float | pd.Timestamp
Where = str | Mapping[str, float] | None

FIRST_HOUR = "2026-03-02 00:00"
"""From here a time given as a number counts hours: a Monday on which nobody is off."""
STEP_DEGREES = 0.005654
"""One venue to the next along the street, about 500 m."""
_STREET = (127.0, 37.5)


class _Upload(NamedTuple):
    start: pd.Timestamp
    end: pd.Timestamp | None
    candidates: Mapping[str, float]


def make_venues(venues: int | Iterable[str] = 5, **columns: object) -> gpd.GeoDataFrame:
    """How do I get a register for a test?

    Parameters
    ----------
    venues : int or iterable of str
        How many (``V0``, ``V1``, ...), or their names. A name says where its venue stands on a
        street of venues 500 m apart: ``V3`` is the fourth, and so is ``D``.
    **columns
        Further columns of the contract, such as ``opening_hours="24/7"``: one value for all, or
        one for each venue.

    Returns
    -------
    GeoDataFrame
        Contract VENUES.

    Raises
    ------
    ParameterError
        A name ends in no number and is no single letter.
    TableError
        The table breaks its contract.

    Examples
    --------
    >>> make_venues(["A", "C"], opening_hours="24/7")["venue_id"].tolist()
    ['A', 'C']
    """
    names = [f"V{k}" for k in range(venues)] if isinstance(venues, int) else list(venues)
    table = gpd.GeoDataFrame(
        {"venue_id": pd.Series(names, dtype="str")}, geometry=_places(names)
    ).assign(**columns)
    return validate(table, VENUES)


def make_located(
    *uploads: tuple[Time | tuple[Time, Time], Where],
    venues: gpd.GeoDataFrame | None = None,
    tz: str = "Asia/Seoul",
    **columns: object,
) -> gpd.GeoDataFrame:
    """How do I get located uploads for a test?

    Parameters
    ----------
    *uploads : tuple
        When and where. When: local time as text, a Timestamp with a zone, or hours after Monday,
        2 March 2026; a pair of those where only the interval is known. Where: a venue, a mapping
        of candidate venues to their weights, or None.
    venues : GeoDataFrame, optional
        Where the venues are; by default as `make_venues` places them by their names.
    tz : str
        Zone of the clocks at the venues; it becomes the column ``tz``.
    **columns
        Further columns, such as ``series_id="S1"``: one value for all, or one for each upload.
        ``event_id`` is ``E0``, ``E1``, ... where it is not given, ``how`` is ``"register"``.

    Returns
    -------
    GeoDataFrame
        Contract LOCATED: one row for each upload and candidate, in the order given.

    Raises
    ------
    ParameterError
        A venue is not in `venues`, or its name says no place; no such zone; a column that is
        neither one value nor one for each upload.
    TableError
        The table breaks its contract, such as weights that sum to more than 1.

    Examples
    --------
    >>> located = make_located(("2026-03-02 20:30", "A"), (45.5, {"A": 0.6, "B": 0.3}))
    >>> located[["event_id", "venue_id", "weight"]].to_numpy().tolist()
    [['E0', 'A', 1.0], ['E1', 'A', 0.6], ['E1', 'B', 0.3]]
    """
    tz = zone(tz)
    made = [_upload(when, where, tz) for when, where in uploads]
    rows = np.repeat(np.arange(len(made)), [len(one.candidates) for one in made])
    names = [name or None for one in made for name in one.candidates]
    columns = {"event_id": [f"E{k}" for k in range(len(made))], "how": "register", **columns}
    starts = pd.Series([one.start for one in made], dtype=f"datetime64[us, {tz}]")
    ends = pd.Series([one.end for one in made], dtype=f"datetime64[us, {tz}]")
    table = pd.DataFrame({"timestamp": starts.take(rows).reset_index(drop=True)})
    if ends.notna().any():
        table["timestamp_end"] = ends.take(rows).reset_index(drop=True)
    table["tz"] = pd.Series(tz, index=table.index, dtype="str")
    table["venue_id"] = pd.Series(names, dtype="str")
    table["weight"] = [float(weight) for one in made for weight in one.candidates.values()]
    for name, values in columns.items():
        table[name] = _spread(name, values, rows, len(made))
    return validate(gpd.GeoDataFrame(table, geometry=_places(names, venues)), LOCATED)


def _upload(when: Time | tuple[Time, Time], where: Where, tz: str) -> _Upload:
    first, last = when if isinstance(when, tuple) else (when, None)
    candidates = {"": 0.0} if where is None else {where: 1.0} if isinstance(where, str) else where
    return _Upload(_moment(first, tz), None if last is None else _moment(last, tz), candidates)


def _moment(time: Time, tz: str) -> pd.Timestamp:
    if isinstance(time, (int, float)):
        first = pd.Timestamp(FIRST_HOUR, tz=tz)
        return first + pd.Timedelta(round(time * 3_600_000), unit="ms")
    moment = pd.Timestamp(time)
    return moment.tz_localize(tz) if moment.tzinfo is None else moment.tz_convert(tz)


def _spread(name: str, values: object, rows: np.ndarray, n: int) -> pd.Series:
    """Give each candidate what its upload has."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        column = pd.Series([values] * n)
    else:
        column = pd.Series(list(values))
    if len(column) != n:
        raise ParameterError(
            name,
            found=f"{len(column)} values",
            expected=f"one value, or one for each of {n} uploads",
            hint=f"{name}=[...]",
        )
    if column.dtype == object or not n:
        column = column.astype("str")
    return column.take(rows).reset_index(drop=True)


def _places(names: Sequence[str | None], venues: gpd.GeoDataFrame | None = None) -> gpd.GeoSeries:
    """Give the place of each name; none where there is no name."""
    if venues is None:
        known = {
            name: (_STREET[0] + STEP_DEGREES * _number(name), _STREET[1])
            for name in names
            if name is not None
        }
    else:
        known = dict(
            zip(venues["venue_id"], geometry.lonlat(venues.geometry).tolist(), strict=True)
        )
    unknown = [name for name in names if name is not None and name not in known]
    if unknown:
        raise ParameterError(
            "venues",
            found=f"no venue {unknown[0]!r}",
            expected="a register with every venue named",
            hint="make_venues([...])",
        )
    nowhere = (np.nan, np.nan)
    places = np.array([nowhere if name is None else known[name] for name in names]).reshape(-1, 2)
    points = geometry.points(np.nan_to_num(places))
    points[np.isnan(places[:, 0])] = None
    return points


def _number(name: str) -> int:
    """Read from its name which venue of the street it is."""
    digits = re.search(r"\d+$", name)
    if digits:
        return int(digits.group())
    if len(name) == 1 and name.isascii() and name.isalpha():
        return ord(name.upper()) - ord("A")
    raise ParameterError(
        "venues",
        found=f"no place for {name!r}",
        expected="a name that ends in a number, a single letter, or a register",
        hint="venues=register",
    )
