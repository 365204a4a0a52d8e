"""Districts and venues of the made-up city.

The city is invented, and lies in open water on purpose: no made-up venue can fall on a real door.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from crimeloc.geometry import local_projection, points, to_lonlat
from crimeloc.simulation._clock import Clock, Floats, Ints, Streams, pick

__all__ = ["HOURS", "Places", "make_places"]

CENTRE = (130.2, 37.05)
"""Longitude and latitude of the town hall: in the sea, in no town."""

CITY = "해누리시"
_DISTRICTS = (
    ("물결구", "Mulgyeol-gu"),
    ("등대구", "Deungdae-gu"),
    ("솔내음구", "Sollaeeum-gu"),
    ("은모래구", "Eunmorae-gu"),
    ("갯바람구", "Gaetbaram-gu"),
    ("별나루구", "Byeolnaru-gu"),
    ("돛단구", "Dotdan-gu"),
    ("해오름구", "Haeoreum-gu"),
    ("조가비구", "Jogabi-gu"),
    ("안개섬구", "Angaeseom-gu"),
    ("참갈매구", "Chamgalmae-gu"),
    ("닻머리구", "Datmeori-gu"),
)
_ROADS = ("소라껍질로", "갯메꽃길", "파도소리로", "몽돌길", "등댓불로", "물안개길", "해거름로")
_BRANDS = (
    ("문어다리 PC", "Muneodari PC"),
    ("가재걸음 PC", "Gajaegeoreum PC"),
    ("멸치떼 PC", "Myeolchitte PC"),
    ("갯강구 PC", "Gaetganggu PC"),
    ("넙치눈 PC", "Neopchinun PC"),
    ("소라고둥 PC", "Soragodung PC"),
)
_WORDS = (
    ("따개비", "Ttagaebi"),
    ("불가사리", "Bulgasari"),
    ("갈매기알", "Galmaegial"),
    ("물수제비", "Mulsujebi"),
    ("해파리", "Haepari"),
    ("돌미역", "Dolmiyeok"),
    ("조약돌", "Joyakdol"),
    ("모래성", "Moraeseong"),
    ("뱃고동", "Baetgodong"),
    ("물보라", "Mulbora"),
    ("나침반", "Nachimban"),
    ("등불", "Deungbul"),
)
_CATEGORIES = ("PC방", "만화카페", "플레이라운지")

_DAYS = {"Mo-Su": range(7), "Mo-Fr": range(5), "Sa-Su": (5, 6), "Tu-Su": range(1, 7)}
_RULES: tuple[tuple[tuple[tuple[str, int, int], ...], float], ...] = (
    ((("Mo-Su", 10, 26),), 0.12),
    ((("Mo-Su", 9, 24),), 0.09),
    ((("Mo-Fr", 11, 25), ("Sa-Su", 10, 27)), 0.07),
    ((("Mo-Su", 14, 30),), 0.05),
    ((("Tu-Su", 11, 24),), 0.04),
)


def _text(rule: tuple[tuple[str, int, int], ...]) -> str:
    # With a comma, not a semicolon: a later rule must not wipe the hours after midnight.
    return ", ".join(f"{d} {a:02d}:00-{b if b <= 24 else b - 24:02d}:00" for d, a, b in rule)


def _mask(rule: tuple[tuple[str, int, int], ...]) -> NDArray[np.bool_]:
    mask = np.zeros(168, dtype=bool)
    for days, begin, end in rule:
        for day in _DAYS[days]:
            mask[np.arange(day * 24 + begin, day * 24 + end) % 168] = True
    return mask


HOURS: tuple[tuple[str | None, NDArray[np.bool_], float], ...] = (
    ("24/7", np.ones(168, dtype=bool), 0.60),
    *((_text(rule), _mask(rule), share) for rule, share in _RULES),
    (None, np.ones(168, dtype=bool), 0.03),
)
"""Opening hours in OSM syntax (None: the register does not say), the hours of the week they
cover, and how common they are."""


@dataclass(frozen=True)
class Places:
    """Districts and venues, as tables and as arrays."""

    districts: gpd.GeoDataFrame
    venues: gpd.GeoDataFrame
    xy: Floats
    district: Ints
    centres: Floats
    radius_m: float
    popularity: Floats
    opened_s: Floats
    closed_s: Floats
    stable: NDArray[np.bool_]
    hours: Ints
    open_hours: NDArray[np.bool_]

    def in_use(self, venue: Ints, t: Floats, clock: Clock) -> NDArray[np.bool_]:
        """Is each venue in business and open at its moment?"""
        door = self.open_hours[self.hours[venue], clock.hour_of_week(t)]
        return np.asarray(door & (self.opened_s[venue] <= t) & (t < self.closed_s[venue]))


def make_places(streams: Streams, clock: Clock, n_venues: int, n_districts: int) -> Places:
    """Lay out the city: an outline with a coast, districts, and venues that bunch in centres."""
    rng = streams.stream("places")
    radius = float(np.clip(6_500.0 * np.sqrt(n_venues / 80.0), 4_000.0, 30_000.0))
    outline = _outline(rng, radius)
    seeds = _spread(rng, outline, radius, n_districts)
    shapes = _cells(seeds, outline)
    xy, centre = _positions(rng, outline, radius, seeds, n_venues)
    distance = np.hypot(*(xy[:, None, :] - seeds[None, :, :]).transpose(2, 0, 1))
    district = np.argmin(distance, axis=1)
    opened, closed, stable = _lives(rng, clock, n_venues)
    hours = pick(rng, np.array([share for _, _, share in HOURS]), n_venues)
    seats = np.clip(np.round(np.exp(rng.normal(np.log(75.0), 0.35, n_venues))), 18, 260)
    # More seats, more guests; the rest is taste, and heavier in the liveliest centre.
    lively = np.where(centre == 0, 1.3, 1.0)
    popularity = seats / 75.0 * lively * np.exp(rng.normal(0.0, 0.3, n_venues))
    names = _district_names(n_districts)
    projection = local_projection([CENTRE])
    districts = gpd.GeoDataFrame(
        {
            "district_id": [f"D-{i + 1:02d}" for i in range(n_districts)],
            "name": [name for name, _ in names],
            "name_en": [name for _, name in names],
        },
        geometry=[_to_degrees(shape, projection) for shape in shapes],
        crs="EPSG:4326",
    )
    venues = _signs(rng, names, district).assign(
        opened=clock.instants(opened),
        closed=clock.instants(closed),
        opening_hours=pd.Series([HOURS[h][0] for h in hours], dtype="str"),
        seats=np.where(rng.random(n_venues) < 0.04, np.nan, seats),  # a few are unknown
        popularity=np.round(popularity, 4),
    )
    degrees = np.round(to_lonlat(xy, projection), 6)
    venues = gpd.GeoDataFrame(venues, geometry=points(degrees))
    return Places(
        districts,
        venues,
        xy,
        district,
        seeds,
        radius,
        popularity,
        opened,
        closed,
        stable,
        hours,
        np.array([mask for _, mask, _ in HOURS]),
    )


def _outline(rng: np.random.Generator, radius: float) -> shapely.Polygon:
    angle = np.linspace(0.0, 2 * np.pi, 96, endpoint=False)
    turn = rng.uniform(0.0, 2 * np.pi, 4)
    away = 1 + 0.12 * np.sin(2 * angle + turn[0]) + 0.06 * np.sin(3 * angle + turn[1])
    away += 0.02 * np.sin(9 * angle + turn[2])
    x, y = radius * away * np.cos(angle), 0.85 * radius * away * np.sin(angle)
    coast = 0.6 * radius + 0.08 * radius * np.sin(5 * y / radius + turn[3])
    return shapely.Polygon(np.column_stack([np.minimum(x, coast), y]))


def _spread(rng: np.random.Generator, outline: shapely.Polygon, radius: float, n: int) -> Floats:
    """Seeds far from each other: of 20 candidates the one farthest from those chosen."""
    chosen = _inside(rng, outline, radius, 1)
    while len(chosen) < n:
        candidates = _inside(rng, outline, radius, 20)
        gaps = np.hypot(*(candidates[:, None] - chosen[None]).transpose(2, 0, 1)).min(axis=1)
        chosen = np.vstack([chosen, candidates[np.argmax(gaps)]])
    return chosen


def _inside(rng: np.random.Generator, outline: shapely.Polygon, radius: float, n: int) -> Floats:
    found = np.empty((0, 2))
    while len(found) < n:
        xy = rng.uniform(-1.3 * radius, 1.3 * radius, (4 * n + 8, 2))
        found = np.vstack([found, xy[shapely.contains_xy(outline, xy)]])
    return found[:n]


def _cells(seeds: Floats, outline: shapely.Polygon) -> list[Any]:
    """Every place belongs to the district whose seed is nearest."""
    if len(seeds) == 1:
        return [outline]
    cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=outline.buffer(1000.0))
    shapes = []
    for x, y in seeds:
        cell = next(part for part in cells.geoms if shapely.covers(part, shapely.Point(x, y)))
        shapes.append(shapely.normalize(shapely.intersection(cell, outline)))
    return shapes


def _to_degrees(shape: Any, projection: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.round(to_lonlat(xy, projection), 6))


def _positions(
    rng: np.random.Generator, outline: shapely.Polygon, radius: float, seeds: Floats, n: int
) -> tuple[Floats, Ints]:
    """Seven venues in ten stand around the middle of a district, the others anywhere."""
    importance = rng.gamma(1.5, 1.0, len(seeds)) + 0.3
    middles = seeds + rng.normal(0.0, 0.04 * radius, seeds.shape)
    order = np.argsort(-importance)
    found, centre = np.empty((0, 2)), np.empty(0, dtype=np.int64)
    while len(found) < n:
        size = 2 * n + 16
        rank = pick(rng, importance[order], size)
        away, angle = rng.gamma(2.0, 0.05 * radius, size), rng.uniform(0, 2 * np.pi, size)
        xy = middles[order[rank]] + away[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        loose = rng.random(size) < 0.3
        xy[loose] = rng.uniform(-1.3 * radius, 1.3 * radius, (int(loose.sum()), 2))
        rank[loose] = -1
        good = shapely.contains_xy(outline, xy)
        found, centre = np.vstack([found, xy[good]]), np.concatenate([centre, rank[good]])
    return found[:n], centre[:n]


def _lives(
    rng: np.random.Generator, clock: Clock, n: int
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """When each venue opened and closed: most stay, some come, some go, some are long gone."""
    day, end = 86_400.0, clock.end_s
    opened = -rng.integers(60, 4_000, n) * day
    closed = np.full(n, np.inf)
    order = rng.permutation(n)
    coming, leaving, gone = (round(share * n) for share in (0.10, 0.08, 0.03))
    some = np.split(order, np.cumsum([coming, leaving, gone]))
    opened[some[0]] = rng.uniform(0.1, 0.9, coming) * end
    closed[some[1]] = rng.uniform(0.1, 0.9, leaving) * end
    closed[some[2]] = opened[some[2]] * rng.uniform(0.1, 0.6, gone)
    stable = np.zeros(n, dtype=bool)
    stable[some[3]] = True
    ends = np.isfinite(closed)
    closed[ends] = clock.midnight(closed[ends])
    return clock.midnight(opened), closed, stable


def _district_names(n: int) -> list[tuple[str, str]]:
    names = []
    for i in range(n):
        korean, roman = _DISTRICTS[i % len(_DISTRICTS)]
        turn = i // len(_DISTRICTS)
        names.append(
            (korean, roman) if not turn else (f"{korean[:-1]}{turn + 1}구", f"{roman} {turn + 1}")
        )
    return names


def _signs(
    rng: np.random.Generator, districts: list[tuple[str, str]], district: Ints
) -> pd.DataFrame:
    """Give each venue its names, kind and address."""
    n = len(district)
    width = max(3, len(str(n)))
    chain = rng.random(n) < 0.45
    brand = pick(rng, 1.0 / np.arange(1.0, len(_BRANDS) + 1), n)
    word, road = rng.integers(0, len(_WORDS), n), rng.integers(0, len(_ROADS), n)
    number = rng.integers(1, 240, n)
    category = np.where(chain, 0, pick(rng, np.array([0.78, 0.15, 0.07]), n))
    names, romans = [], []
    for i in range(n):
        sign, roman = _BRANDS[brand[i]] if chain[i] else _WORDS[word[i]]
        place, place_en = districts[district[i]]
        if chain[i]:
            names.append(f"{sign} {place[:-1]}{number[i]}점")
            romans.append(f"{roman} {place_en.split('-')[0]} {number[i]}")
        else:
            kind = _CATEGORIES[category[i]]
            names.append(f"{sign} {kind} {number[i]}호")
            romans.append(
                f"{roman} {('PC room', 'comic cafe', 'play lounge')[category[i]]} {number[i]}"
            )
    return pd.DataFrame(
        {
            "venue_id": [f"V-{i + 1:0{width}d}" for i in range(n)],
            "name": names,
            "name_en": romans,
            "category": np.array(_CATEGORIES, dtype=object)[category],
            "brand": pd.Series(
                [_BRANDS[b][0] if c else None for b, c in zip(brand, chain, strict=True)],
                dtype="str",
            ),
            "address": [
                f"{CITY} {districts[district[i]][0]} {_ROADS[road[i]]} {number[i]}"
                for i in range(n)
            ],
            "district_id": [f"D-{i + 1:02d}" for i in district],
        }
    ).astype({"name": "str", "name_en": "str", "category": "str", "address": "str"})
