"""What the kernels are handed: small named tuples of arrays.

Distances are in kilometres, times in seconds since 1970 (UTC), hours on the wall.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Likely", "Past", "Places", "Population", "Rows", "State", "Surroundings", "Times"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Times(NamedTuple):
    """Moments asked about: seconds, and hour, weekday (Monday 0) and rest day (1) on the wall."""

    t: Floats
    hour: Floats
    weekday: Ints
    rest: Ints


class Rows(NamedTuple):
    """Located events, sorted by series and time; event i has the candidates ptr[i]:ptr[i+1]."""

    t: Floats
    hour: Floats
    weekday: Ints
    rest: Ints
    gap: Floats
    ptr: Ints
    venue: Ints
    weight: Floats


class Places(NamedTuple):
    """The venues: kilometres east and north, codes of category and brand, log of the seats."""

    x: Floats
    y: Floats
    category: Ints
    brand: Ints
    seats: Floats


class Population(NamedTuple):
    """What all series did before each snapshot, who came where when, first and ever.

    `log_visits` is log(visits + 0.5); `log_lately` and `log_visitors` likewise. `all_t` and what
    follows hold every visit, in order of time.
    """

    start: float
    step: float
    visits: Floats
    log_visits: Floats
    log_lately: Floats
    log_visitors: Floats
    venue_ptr: Ints
    venue_series: Ints
    venue_t: Floats
    series_ptr: Ints
    series_venue: Ints
    series_t: Floats
    all_t: Floats
    all_venue: Ints
    all_series: Ints
    all_weight: Floats


class Surroundings(NamedTuple):
    """What does not depend on the series: the venues, the population, the hours of categories."""

    places: Places
    population: Population
    category_hours: Floats


class Past(NamedTuple):
    """The past of one series up to `now`: events first to end (exclusive) of the rows.

    `code` is its number in the population, -1 where it is not part of it.
    """

    rows: Rows
    first: int
    end: int
    now: float
    code: int


class Likely(NamedTuple):
    """The used venues that the series is likeliest to be at, and how near the others are to them.

    `around[row]` (2, venues) are kernels of 0.1 and 2 km; `chance` (moments, rows) is that of each.
    """

    around: NDArray[np.float32]
    row: Ints
    chance: Floats


class State(NamedTuple):
    """What one series has done so far, as sums over its past."""

    near: Floats  # (4, V) kernels of 0.1, 0.5, 2 and 8 km around distinct venues used
    near_n: Floats  # (V,) 0.1 km, by visits
    near_late: Floats  # (V,) 0.5 km, by visits, half-life about a week
    near_hour: Floats  # (6, V) 0.5 km, by visits, in six parts of the day
    used: Floats  # (V,) chance that the venue was used
    visits: Floats  # (V,) visits
    category: Floats  # (C,)
    category_late: Floats  # (C,)
    brand: Floats  # (B,)
    novel: Floats  # (6, 2) new and all visits by part of the day
    num: Floats  # see `Num`
