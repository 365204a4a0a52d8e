"""Do venues lie in the district that their own address names?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from crimeloc.errors import FileError
from crimeloc.geometry import TABLE_CRS, points
from crimeloc.io.notes import Notes
from crimeloc.io.parsing.coordinates import KOREAN_CRS, Places, degrees
from crimeloc.messages import Hint, Message

__all__ = ["Districts", "district_bounds", "district_note", "district_share"]

_DISTRICT = re.compile(r"(?:^|\s)([가-힣]{1,6}[구군])(?=\s|$)")
_JOINED = re.compile(r"([가-힣]{1,5}시)([가-힣]{1,6}[구군])")
_PROVINCE = re.compile(
    r"(서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|제주"
    r"|충청?[북남]|충북|충남|전라?[북남]|전북|전남|경상?[북남]|경북|경남)"
    r"(?:특별시|광역시|특별자치시|특별자치도|시|도)?"
)
_NAME_COLUMNS = ("name", "SIG_KOR_NM", "sigungu_nm", "SIGUNGU_NM", "adm_nm", "gu", "구", "시군구명")
_PARENTS = ("sido_nm", "SIDO_NM", "sidonm", "CTP_KOR_NM", "시도명", "province", "parent")
_CODES = ("SIG_CD", "sigungu_cd", "SIGUNGU_CD", "adm_cd", "sgg", "code", "시군구코드")
_NEAR_DEG = 0.1
"""Shapes of one name that lie closer than this (some 10 km) are parts of one district."""


@dataclass(frozen=True)
class Districts:
    """Boundaries, one shape for each district.

    Parameters
    ----------
    name : list of str
        Last word of the name, such as 영통구.
    city, province : list of str
        수원시 and 경기, where the file says them; else empty.
    shape : ndarray of object
        In EPSG:4326.
    """

    name: list[str]
    city: list[str]
    province: list[str]
    shape: NDArray[np.object_]

    def share(self, venues: gpd.GeoDataFrame) -> tuple[int, int, list[str]]:
        """How many venues lie in their district, of how many; names that need nearness."""
        inside, asked = 0, 0
        unclear: set[str] = set()
        if "address" not in venues.columns or venues.empty:
            return 0, 0, []
        where = np.asarray(venues.geometry.array)
        codes, written = pd.factorize(venues["address"])
        called: dict[str, list[int]] = {}
        for number, name in enumerate(self.name):
            called.setdefault(name, []).append(number)
        fitting = [self._fitting(str(text), called) for text in written]
        keys: dict[tuple[str, tuple[int, ...]], list[int]] = {}
        order = np.argsort(codes, kind="stable")
        for row in order[codes[order] >= 0].tolist():
            province, shapes = fitting[codes[row]]
            if shapes:
                keys.setdefault((province, shapes), []).append(row)
        for (_, shapes), rows in keys.items():
            mine = where[np.array(rows)]
            chosen = shapes[0]
            if len(shapes) > 1:
                unclear.add(self.name[chosen])
                x, y = shapely.get_x(mine), shapely.get_y(mine)
                middle = shapely.Point(np.median(x), np.median(y))
                near = shapely.distance(self.shape[list(shapes)], middle)
                chosen = shapes[int(np.argmin(near))]
            shapely.prepare(self.shape[chosen])
            inside += int(shapely.covers(self.shape[chosen], mine).sum())
            asked += len(mine)
        return inside, asked, sorted(unclear)

    def _fitting(self, address: str, called: dict[str, list[int]]) -> tuple[str, tuple[int, ...]]:
        """Province of an address, and the shapes that its words allow."""
        words = address[:120].replace(",", " ").split()
        province = _province(words[0]) if words else ""
        cities = {word for word in words[:3] if word.endswith("시") and not _province(word)}
        joined = _JOINED.findall(" ".join(words))
        cities |= {city for city, _ in joined}
        for name in [*(gu for _, gu in joined), *_DISTRICT.findall(address[:120])]:
            found = [
                k
                for k in called.get(name, ())
                if (not self.city[k] or not cities or self.city[k] in cities)
                and (not self.province[k] or not province or self.province[k] == province)
            ]
            if found:
                return province, tuple(found)
        return province, ()


def district_bounds(districts: str | Path | gpd.GeoDataFrame) -> Districts:
    """Which districts does this file of boundaries hold?

    Parameters
    ----------
    districts : path or GeoDataFrame
        Boundaries with a column of names, alone or behind city and province; at best with a
        column of provinces or of codes that begin with that of the province.

    Returns
    -------
    Districts
        One shape for each; shapes of one name far from each other stay apart.

    Raises
    ------
    FileError
        The boundaries cannot be read or have no names.
    """
    if isinstance(districts, gpd.GeoDataFrame):
        bounds, shown = districts, "districts"
    else:
        from crimeloc.io.formats.vector_files import read_shapes

        bounds, shown = read_shapes(Path(districts)), Path(districts).name
    label = _label(bounds, shown)
    bounds = bounds[bounds[label].notna() & ~bounds.geometry.isna()]
    bounds = bounds.to_crs(TABLE_CRS) if bounds.crs is not None else bounds
    above = next((name for name in _PARENTS if name in bounds.columns), None)
    code = next((name for name in _CODES if name in bounds.columns), None)
    groups: dict[tuple[str, str, str, str], list[shapely.Geometry]] = {}
    for row, shape in enumerate(np.asarray(bounds.geometry.array)):
        name, city, province = _parts(str(bounds[label].iloc[row]))
        if above is not None:
            province = _province(str(bounds[above].iloc[row])) or province
        key = "" if code is None else str(bounds[code].iloc[row])[:2]
        groups.setdefault((name, city, province, key), []).append(shape)
    names, cities, provinces, shapes = (
        list[str](),
        list[str](),
        list[str](),
        list[shapely.Geometry](),
    )
    for (name, city, province, key), parts in groups.items():
        apart = _together(parts) if not province and not key else [shapely.union_all(parts)]
        for shape in apart:
            names.append(name)
            cities.append(city)
            provinces.append(province)
            shapes.append(shape)
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return Districts(names, cities, provinces, array)


def district_share(
    venues: gpd.GeoDataFrame, districts: str | Path | gpd.GeoDataFrame | Districts
) -> tuple[int, int]:
    """How many venues lie in the district that their own address names?

    Parameters
    ----------
    venues : GeoDataFrame
        With a column ``address``.
    districts : path or GeoDataFrame
        Boundaries with a column of names.

    Returns
    -------
    inside, asked : int
        Venues inside, of those whose address names one of the districts.

    Raises
    ------
    FileError
        The boundaries cannot be read or have no names.
    """
    bounds = districts if isinstance(districts, Districts) else district_bounds(districts)
    inside, asked, _ = bounds.share(venues)
    return inside, asked


def district_note(
    venues: gpd.GeoDataFrame,
    places: Places,
    rows: NDArray[np.int64],
    districts: str | Path | gpd.GeoDataFrame,
    notes: Notes,
) -> None:
    """Say which share of the venues lies in its own district, and which system would fit better.

    Parameters
    ----------
    venues : GeoDataFrame
        The venues as read.
    places : Places
        Their coordinates as the file has them.
    rows : ndarray of int64
        Which rows of the file the venues are.
    districts : path or GeoDataFrame
        Boundaries.
    notes : Notes
        Takes it: as a warning where another system fits better or less than half of the venues
        lie in their own district.
    """
    bounds = district_bounds(districts)
    inside, asked, unclear = bounds.share(venues)
    if not asked:
        notes.add("no address names one of the districts given; the coordinates were not checked")
        return
    said: dict[str, object] = {
        "crs": places.crs,
        "share": Message(
            "{inside:,} of {asked:,} venues ({part:.1%}) lie in their own district",
            inside=inside,
            asked=asked,
            part=inside / asked,
        ),
    }
    if unclear:
        notes.add(
            "of several districts called {names} the nearest was taken",
            names=", ".join(unclear[:3]) + (" ..." if len(unclear) > 3 else ""),
        )
    best, best_crs = inside, places.crs
    metres = np.nanmax(np.abs(places.xy[rows]), initial=0) > 180
    if metres:
        for other in KOREAN_CRS:
            moved = venues.set_geometry(points(degrees(places.xy[rows], other)))
            count, _ = district_share(moved, bounds)
            if count > best:
                best, best_crs = count, other
    if best - inside > 0.01 * asked:
        notes.warn(
            "read as {crs}, {share}; as {other} it would be {best:.1%}: {line}",
            other=best_crs,
            best=best / asked,
            line=str(Hint("read_venues", crs=best_crs)),
            **said,
        )
        return
    say = notes.warn if inside < asked / 2 else notes.add
    if not metres:
        say("read as {crs}, {share}; degrees were held against no other system", **said)
    else:
        say("read as {crs}, {share}; no other system of {n} fits better", n=len(KOREAN_CRS), **said)


def _label(bounds: gpd.GeoDataFrame, shown: str) -> str:
    for label in [*_NAME_COLUMNS, *bounds.columns]:
        if label in bounds.columns and label != bounds.geometry.name:
            words = bounds[label].astype("str").str.strip().str.endswith(("구", "군"))
            if words.mean() > 0.5 or (words.any() and _official(label)):
                return str(label)
    raise FileError(
        shown,
        found="no column of district names",
        expected="names that end in 구 or 군",
        hint="give boundaries with a column 'name'",
    )


def _official(label: object) -> bool:
    """A column that holds districts and, nationwide, the cities without any."""
    return label in _NAME_COLUMNS[1:4] or label == _NAME_COLUMNS[-1]


def _parts(written: str) -> tuple[str, str, str]:
    """Take 경기도 수원시 영통구 apart: district, city, province."""
    words = written.split() or [""]
    joined = _JOINED.fullmatch(words[-1])
    if joined is not None:
        words[-1:] = [joined[1], joined[2]]
    province = _province(words[0]) if len(words) > 1 else ""
    city = words[-2] if len(words) > (2 if province else 1) else ""
    return words[-1], city, province


def _province(word: str) -> str:
    found = _PROVINCE.fullmatch(word)
    if found is None:
        return ""
    return found[1][0] + found[1][-1] if len(found[1]) == 3 else found[1]


def _together(parts: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """Join shapes that lie near each other."""
    left = list(parts)
    made = []
    while left:
        whole = left.pop()
        while True:
            near = [part for part in left if shapely.distance(whole, part) < _NEAR_DEG]
            if not near:
                break
            left = [part for part in left if not any(part is one for one in near)]
            whole = shapely.union_all([whole, *near])
        made.append(whole)
    return made
