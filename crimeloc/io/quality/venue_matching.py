"""Bring two registers of venues together."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.geometry import local_projection, lonlat, to_metres
from crimeloc.messages import Hint, Message
from crimeloc.tables import VENUES, validate

__all__ = ["match_venues", "merge_venues"]

_COMMON = re.compile(r"pc방|피씨방|피시방|pc카페|pc|카페|점$|internet|cafe")


_DAYS = ("opened", "closed")


def match_venues(
    first: gpd.GeoDataFrame,
    second: gpd.GeoDataFrame,
    *,
    radius_m: float = 100.0,
    likeness: float = 0.7,
) -> pd.DataFrame:
    """Which venues of two registers could be the same?

    Parameters
    ----------
    first, second : GeoDataFrame
        Under the contract VENUES.
    radius_m : float
        How far apart two entries of one venue may lie, in metres.
    likeness : float
        How alike their names must be, from 0 to 1.

    Returns
    -------
    DataFrame
        ``venue_id``, ``name``, ``other_venue_id``, ``other_name``, ``distance_m``, ``likeness``,
        the likeliest first. Each venue is in at most one pair. To be looked at by a person and
        handed to `merge_venues`.

    Raises
    ------
    TableError
        A table breaks its contract.
    ParameterError
        An argument is out of range.

    Notes
    -----
    Names are compared without case, spaces and words that all such venues share ("PC방", "점");
    likeness is the ratio of matching pieces (Ratcliff and Obershelp). Pairs are taken greedily,
    the likeliest and nearest first. Registers without names match by distance alone when the
    nearest entry is within a quarter of the radius.

    Examples
    --------
    >>> from crimeloc.geometry import points
    >>> def register(name, lon):
    ...     table = {"venue_id": [name[:1]], "name": [name]}
    ...     return gpd.GeoDataFrame(table, geometry=points([[lon, 37.56]]))
    >>> pairs = match_venues(register("가람 PC방", 126.98), register("가람피씨방", 126.9803))
    >>> len(pairs), round(pairs.distance_m[0])
    (1, 27)
    """
    validate(first, VENUES)
    validate(second, VENUES)
    if not radius_m > 0:
        raise ParameterError(
            "radius_m", found=radius_m, expected="metres above 0", hint=Hint(radius_m=100)
        )
    if not 0 <= likeness <= 1:
        raise ParameterError(
            "likeness", found=likeness, expected="between 0 and 1", hint=Hint(likeness=0.7)
        )
    found: list[tuple[float, float, int, int]] = []
    if len(first) and len(second):
        from scipy.spatial import cKDTree

        here, there = lonlat(first.geometry), lonlat(second.geometry)
        projection = local_projection(np.vstack([here, there]))
        a, b = to_metres(here, projection), to_metres(there, projection)
        tree: Any = cKDTree(b)
        near: list[list[int]] = tree.query_ball_point(a, radius_m).tolist()
        names, others = _names(first), _names(second)
        for i, neighbours in enumerate(near):
            for j in neighbours:
                apart = float(np.hypot(*(a[i] - b[j])))
                alike = _alike(names[i], others[j])
                if alike is None:
                    alike = 1.0 if apart <= radius_m / 4 else 0.0
                if alike >= likeness:
                    found.append((alike, apart, i, j))
    found.sort(key=lambda pair: (-pair[0], pair[1], pair[2], pair[3]))
    used_first: set[int] = set()
    used_second: set[int] = set()
    rows = []
    for alike, apart, i, j in found:
        if i in used_first or j in used_second:
            continue
        used_first.add(i)
        used_second.add(j)
        rows.append(
            (
                first["venue_id"].iloc[i],
                _name(first, i),
                second["venue_id"].iloc[j],
                _name(second, j),
                apart,
                alike,
            )
        )
    names_out = ["venue_id", "name", "other_venue_id", "other_name", "distance_m", "likeness"]
    table = pd.DataFrame(rows, columns=names_out)
    texts = dict.fromkeys(["venue_id", "name", "other_venue_id", "other_name"], "str")
    return table.astype(texts | {"distance_m": "float64", "likeness": "float64"})


def merge_venues(
    first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, confirmed: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Bring two registers together, given the pairs that a person has confirmed.

    Parameters
    ----------
    first, second : GeoDataFrame
        Under the contract VENUES. Where both know something, the first counts.
    confirmed : DataFrame
        Rows of `match_venues`.

    Returns
    -------
    GeoDataFrame
        All venues of the first, gaps filled from their partners (whose id is kept in
        ``also_venue_id``), then the venues of the second that have no partner. Days of opening
        and closing are one piece of knowledge: where the first knows one of the two, a missing
        closing day says that the venue is open, and is not filled.

    Raises
    ------
    ParameterError
        Venues that are not partners have the same id; a pair names a venue that is in neither
        register, or one that has a partner already.
    """
    _refuse_odd_pairs(first, second, confirmed)
    partner = dict(zip(confirmed["venue_id"], confirmed["other_venue_id"], strict=True))
    rest = second[~second["venue_id"].isin(set(partner.values()))]
    clash = set(first["venue_id"]) & set(rest["venue_id"])
    if clash:
        raise ParameterError(
            "second",
            found=Message(
                "{n} venue_id of the first, e.g. {example}", n=len(clash), example=repr(min(clash))
            ),
            expected="other ids",
            hint='second.assign(venue_id="B-" + second["venue_id"])',
        )
    merged = first.copy()
    merged["also_venue_id"] = merged["venue_id"].astype("object").map(partner).astype("str")
    other = second.set_index("venue_id").reindex(merged["also_venue_id"])
    dated = first[[name for name in _DAYS if name in first.columns]].notna().any(axis=1)
    for name in second.columns:
        if name in ("venue_id", "geometry"):
            continue
        filler = pd.Series(other[name].array, index=merged.index)
        if name in _DAYS:
            filler = filler.mask(dated)
        merged[name] = merged[name].fillna(filler) if name in merged.columns else filler
    together = pd.concat([merged, rest.to_crs(merged.crs)], ignore_index=True)
    return gpd.GeoDataFrame(together, geometry="geometry", crs=merged.crs)


def _refuse_odd_pairs(
    first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, confirmed: pd.DataFrame
) -> None:
    """Pairs go through a person's hands: a slip there must not lose a venue."""
    for name, table, which in (("venue_id", first, "first"), ("other_venue_id", second, "second")):
        strange = confirmed[name][~confirmed[name].isin(table["venue_id"])]
        if len(strange):
            raise ParameterError(
                "confirmed",
                found=f"{name} {strange.iloc[0]!r}",
                expected=Message("a venue of the {which} register", which=which),
                hint="match_venues(first, second), rows left out at most",
            )
        again = confirmed[name][confirmed[name].duplicated()]
        if len(again):
            raise ParameterError(
                "confirmed",
                found=Message(
                    "{name} {value} in several pairs", name=name, value=repr(again.iloc[0])
                ),
                expected="one partner for each",
                hint=f'confirmed.drop_duplicates("{name}")',
            )


def _names(venues: gpd.GeoDataFrame) -> list[str]:
    if "name" not in venues.columns:
        return [""] * len(venues)
    return [_plain(str(name)) for name in venues["name"].fillna("").tolist()]


def _plain(name: str) -> str:
    wide = unicodedata.normalize("NFKC", name).lower()
    wide = re.sub(r"[^0-9a-z가-힣]+", "", wide)
    return _COMMON.sub("", wide) or wide


def _alike(one: str, other: str) -> float | None:
    if not one or not other:
        return None
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _name(venues: gpd.GeoDataFrame, place: int) -> str | None:
    return None if "name" not in venues.columns else venues["name"].iloc[place]
