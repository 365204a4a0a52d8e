"""Moves, ends and new hours, by hand: python tests/benchmarks/accept_changes.py [worlds].

Series that merely stay at the last venue and never move, planted moves, ends, active series asked
at any moment, and planted new hours. The generators share nothing with the worlds of the test: gaps
are gamma laws from bursty to regular, places have their own weights, and staying has a memory of
its own in part of them.
"""

from __future__ import annotations

import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.geometry import local_projection, points, to_lonlat
from crimeloc.stats import changepoints

BEGIN = pd.Timestamp("2026-01-05", tz="Asia/Seoul")
CITY = local_projection(np.array([[127.0, 37.5]]))


def walk(rng: np.random.Generator, n: int, venues: int, stay: float) -> np.ndarray:
    """Visits of somebody who stays with a probability, else draws from a habit."""
    habit = rng.dirichlet(np.ones(venues))
    at = np.empty(n, int)
    at[0] = rng.choice(venues, p=habit)
    for i in range(1, n):
        at[i] = at[i - 1] if rng.random() < stay else rng.choice(venues, p=habit)
    return at


def days(rng: np.random.Generator, n: int, pace: float = 3.0) -> np.ndarray:
    """Days of visits: gaps from bursty (shape .6) to regular (shape 8)."""
    shape = rng.choice([0.6, 1.0, 2.0, 8.0])
    return np.cumsum(rng.gamma(shape, pace / shape, n))


def spots(rng: np.random.Generator, venues: int, east: float = 0.0) -> np.ndarray:
    """Places within a kilometre or two."""
    return rng.normal(0, 1_200, (venues, 2)) + np.array([east, 0.0])


def table(
    place: np.ndarray, metres: np.ndarray, when: np.ndarray, hour: np.ndarray
) -> gpd.GeoDataFrame:
    """Located events of one series."""
    moment = BEGIN + pd.to_timedelta(np.floor(when) * 24 + hour, unit="h")
    return gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:04}" for i in range(len(place))],
            "timestamp": moment,
            "venue_id": [f"V{k:02}" for k in place],
            "weight": 1.0,
            "how": "given",
        },
        geometry=points(to_lonlat(metres[place], CITY)),
    )


def sticky(seed: int, stay: float = 0.7) -> gpd.GeoDataFrame:
    """Nobody moves: 40 to 160 visits of a habit of 3 to 8 venues."""
    rng = np.random.default_rng(seed)
    n, venues = int(rng.integers(40, 160)), int(rng.integers(3, 9))
    hour = rng.normal(21, 1.5, n)
    return table(walk(rng, n, venues, stay), spots(rng, venues), days(rng, n), hour)


def moved(seed: int, stay: float = 0.5) -> tuple[gpd.GeoDataFrame, pd.Timestamp]:
    """A move by 4 to 9 km after 25 to 60 visits."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(25, 60, 2)
    old, new = rng.integers(2, 6, 2)
    place = np.r_[walk(rng, n, old, stay), old + walk(rng, m, new, stay)]
    metres = np.vstack([spots(rng, old), spots(rng, new, rng.uniform(4_000, 9_000))])
    located = table(place, metres, days(rng, n + m), rng.normal(21, 1.5, n + m))
    return located, located["timestamp"].iloc[n]


def new_hours(seed: int) -> tuple[gpd.GeoDataFrame, pd.Timestamp]:
    """The same places, from evenings to early afternoons."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(25, 60, 2)
    hour = np.r_[rng.normal(21, 1.5, n), rng.normal(14, 1.5, m)]
    located = table(walk(rng, n + m, 4, 0.5), spots(rng, 4), days(rng, n + m), hour)
    return located, located["timestamp"].iloc[n]


def asked(seed: int, silent: float) -> tuple[gpd.GeoDataFrame, pd.Timestamp]:
    """An active series, asked so many mean gaps after its last visit; 0: while it is active."""
    rng = np.random.default_rng(seed)
    located = sticky(seed)
    when = located["timestamp"]
    if silent:
        return located, when.iloc[-1] + silent * (when.iloc[-1] - when.iloc[0]) / (len(when) - 1)
    at = when.iloc[0] + rng.uniform(0.4, 1.0) * (when.iloc[-1] - when.iloc[0])
    return located, at


def near(found: pd.DataFrame, at: pd.Timestamp) -> bool:
    """Whether one of the changes lies within two weeks."""
    return bool(((found["at"] - at).abs() <= pd.Timedelta("14D")).any())


def main(worlds: int = 150) -> None:
    """Print how often each is said, and how often it is true."""
    common = {"n_permutations": 199, "tz": "Asia/Seoul"}
    few = max(worlds * 2 // 15, 1)
    for stay in (0.0, 0.5, 0.7, 0.85):
        begun = time.perf_counter()
        runs = [changepoints(sticky(s, stay), rng=s, **common) for s in range(worlds)]
        told, hours = (
            sum(len(getattr(run, what)) > 0 for run in runs) for what in ("moved", "new_hours")
        )
        took = time.perf_counter() - begun
        print(f"stays with {stay}: {told} of {worlds} 'moved', {hours} 'new hours' ({took:.0f} s)")
    for stay in (0.0, 0.5, 0.7):
        pairs = [moved(1_000 + s, stay) for s in range(few)]
        hits = sum(near(changepoints(t, rng=7, **common).moved, at) for t, at in pairs)
        print(f"planted moves, stays with {stay}: {hits} of {few} within two weeks")
    pairs = [new_hours(2_000 + s) for s in range(few)]
    hits = sum(near(changepoints(t, rng=7, **common).new_hours, at) for t, at in pairs)
    print(f"planted new hours: {hits} of {few} within two weeks")
    for silent in (6.0, 10.0, 20.0):
        pairs = [asked(3_000 + s, silent) for s in range(few)]
        hits = sum(len(changepoints(t, at=at, rng=7, **common).stopped) for t, at in pairs)
        print(f"ends, silent for {silent:.0f} mean gaps: {hits} of {few} said to have stopped")
    pairs = [asked(4_000 + s, 0.0) for s in range(worlds)]
    false = sum(len(changepoints(t, at=at, rng=7, **common).stopped) for t, at in pairs)
    print(f"active, asked at any moment: {false} of {worlds} said to have stopped")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
