"""A forecast as arrays, and what it says of an event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crimeloc.evaluation._history import HOURS, Series
from crimeloc.units import wall_clock

Array = NDArray[np.float64]

TOP = 20
SET_LEVEL = 0.8


@dataclass(frozen=True)
class SlotGrid:
    """A forecast for one series as arrays: venues down, windows across, "elsewhere" the last row.

    Parameters
    ----------
    venue_id : ndarray of object, shape (v,)
        The venues, "elsewhere" last.
    starts, ends : ndarray of int64, shape (w,)
        The windows, microseconds since 1970 in UTC.
    share, expected : ndarray, shape (v, w)
        As in the contract SLOTS.
    level, venue_level : float
        Share at which the 80 % sets of slots and of venues are cut.
    """

    venue_id: NDArray[np.object_]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    share: Array
    expected: Array
    level: float = SET_LEVEL
    venue_level: float = SET_LEVEL

    @property
    def venue_probability(self) -> Array:
        """Of at least one upload at each venue, over all windows."""
        return np.asarray(-np.expm1(-self.expected.sum(axis=1)))

    @property
    def probability(self) -> Array:
        """Of at least one upload, for uploads that fall at random (Poisson)."""
        return np.asarray(-np.expm1(-self.expected))


def hours_in(starts: NDArray[np.int64], ends: NDArray[np.int64], zone: str) -> Array:
    """Share of each hour of the week (rows) that each window (columns) takes up."""
    begin, stop = wall_clock(starts, zone), wall_clock(ends, zone)
    hour = 3_600_000_000
    monday = 3 * 24 * hour
    result = np.zeros((HOURS, len(starts)))
    for column, (low, high) in enumerate(zip(begin + monday, stop + monday, strict=True)):
        for number in range(int(low // hour), int(-(-max(high, low + 1) // hour))):
            taken = min(high, (number + 1) * hour) - max(low, number * hour)
            result[number % HOURS, column] += max(taken, 0) / hour
    return result


def answers(
    chances: Array, ids: NDArray[np.object_], series_id: str, truth: Series, first: int, last: int
) -> list[dict[str, object]]:
    venues = chances[:-1]
    top = min(TOP, len(venues))
    best = np.argpartition(-venues, top - 1)[:top] if top else np.zeros(0, np.int64)
    best = best[np.lexsort((best, -venues[best]))]
    down = np.sort(chances)[::-1]
    size = int(np.searchsorted(np.cumsum(down), SET_LEVEL - 1e-12) + 1)
    common = {
        "event_id": truth.event_id[first],
        "series_id": series_id,
        "p_top": venues[best],
        "top": ids[best].tolist(),
        "p_squared": float(np.square(chances).sum()),
        "set_size": size,
    }
    rows = []
    for row in range(first, last):
        chance = venues[truth.code[row]]
        above = np.count_nonzero(venues > chance)
        equal = np.count_nonzero(venues == chance)
        rows.append(
            common
            | {
                "venue_id": ids[truth.code[row]],
                "weight": float(truth.weight[row]),
                "rank_true": above + (equal + 1) / 2,
                "p_true": float(chance),
                "covered": bool(chance >= down[size - 1]),
            }
        )
    return rows
