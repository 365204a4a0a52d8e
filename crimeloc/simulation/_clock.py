"""Walls and chance: local time inside the made-up city, and one stream of chance per section."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.units import MISSING, instant_us, to_timestamps, wall_clock

__all__ = ["Clock", "Streams", "pick"]

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

_US = 1_000_000
_THURSDAY = 72  # 1970-01-01 was a Thursday: hours from the Monday before it


@dataclass(frozen=True)
class Clock:
    """Seconds on the wall since the beginning of the simulated period."""

    wall_start_s: int
    days: float
    tz: str

    @classmethod
    def beginning(cls, start: str, days: float, tz: str) -> Clock:
        """Set the clock at an instant."""
        wall = wall_clock(np.array([instant_us(start, "start")]), tz)[0]
        return cls(int(wall) // _US, float(days), tz)

    @property
    def end_s(self) -> float:
        """Length of the period in seconds of the wall."""
        return self.days * 86_400.0

    def hour_of_week(self, t: Floats) -> Ints:
        """Whole hour of the week, 0 on Monday at midnight."""
        hour = (self.wall_start_s + t) // 3600
        return np.asarray((hour.astype(np.int64) + _THURSDAY) % 168)

    def midnight(self, t: Floats) -> Floats:
        """The local midnight before."""
        return np.asarray((self.wall_start_s + t) // 86_400 * 86_400 - self.wall_start_s)

    def instants(self, t: Floats) -> pd.Series:
        """Give seconds of the wall as instants in UTC; infinite ones are missing."""
        known = np.isfinite(t)
        wall = np.where(known, self.wall_start_s + np.floor(np.where(known, t, 0)), 0)
        naive = pd.DatetimeIndex((wall.astype(np.int64) * _US).view("datetime64[us]"))
        first = np.ones(len(naive), dtype=bool)
        local = naive.tz_localize(self.tz, ambiguous=first, nonexistent="shift_forward")
        plain = local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
        return pd.Series(to_timestamps(np.where(known, plain.view(np.int64), MISSING)))


@dataclass(frozen=True)
class Streams:
    """Random streams, one per section, so that one section does not disturb another."""

    root: int

    @classmethod
    def of(cls, rng: np.random.Generator) -> Streams:
        """Take one number from a generator; everything else follows from it."""
        return cls(int(rng.integers(0, 2**63 - 1)))

    def stream(self, section: str, number: int = 0) -> np.random.Generator:
        """The random generator of a section (and of one person in it)."""
        return np.random.default_rng([self.root, zlib.crc32(section.encode()), number])


def pick(rng: np.random.Generator, weights: Floats, size: int | None = None) -> Ints:
    """Draw places in an array by weight, with replacement."""
    total = np.cumsum(weights)
    draws = rng.random(1 if size is None else size) * total[-1]
    return np.asarray(np.minimum(np.searchsorted(total, draws, side="right"), len(total) - 1))
