"""One forecast in the making: a series, its past, the weights, and what comes out as arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from crimeloc.ranking.history import History, Sites, Walker
from crimeloc.ranking.model._habit_kernels import RETURNING
from crimeloc.ranking.model._kernels import EXPLORING
from crimeloc.ranking.model.experts import Expert, Moments
from crimeloc.ranking.model.mixture import Weights
from crimeloc.ranking.model.slots import Forecast, Grid, grid_of, spread
from crimeloc.ranking.model.timing import Timing, clump_of, expected_count, week_of
from crimeloc.ranking.model.training import own_weights

if TYPE_CHECKING:
    from crimeloc.ranking.conformal import Outcome
    from crimeloc.ranking.model._kernels import Population

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ADDED_WEIGHT = 0.1
"""Weight of each expert of your own (fixed)."""
OWN_EVENTS = 20
"""How many of its last events move the weights of a series."""
LOST_DOUBT = 5.0
KEPT_GRIDS = 16
"""So many grids are kept: that of a forecast and those of the weeks its sets are checked on."""


@dataclass
class Model:
    """Everything a forecast of some series at one moment rests on."""

    sites: Sites
    past: History
    crowd: Population
    codes: dict[int, int]
    weights: Weights
    timing: Timing
    scores: dict[str, list[Outcome]]
    experts: tuple[Expert, ...]
    at_us: int
    horizon: str
    window: str
    daily: Callable[[], Population] | None = None
    _grid: Grid | None = None
    _kept: dict[str, Forecast] = field(default_factory=dict)
    weeks: dict[tuple[str, int, int], dict[str, list[Outcome]]] = field(default_factory=dict)
    grids: dict[tuple[int, str, str, str, str | None], Grid] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The experts, in the order of the columns."""
        return (*RETURNING, *EXPLORING, *(expert.name for expert in self.experts))

    @property
    def grid(self) -> Grid:
        """The windows of the horizon; the last few are kept for the next series."""
        if self._grid is None:
            tz, country = self.past.tz, self.past.country
            key = (self.at_us, self.horizon, self.window, tz, country)
            found = self.grids.get(key)
            if found is None:
                found = grid_of(self.at_us, self.horizon, self.window, self.sites, tz, country)
                if len(self.grids) >= KEPT_GRIDS:
                    self.grids.clear()
                self.grids[key] = found
            self._grid = found
        return self._grid

    def code(self, series: str) -> int:
        """Place of a series in the past; -1 where it has none."""
        return self.past.series.index(series) if series in self.past.series else -1

    def n_past(self, series: str) -> int:
        """How many past uploads a series has."""
        code = self.code(series)
        bounds = self.past.row_bounds
        return 0 if code < 0 else int(bounds[code + 1] - bounds[code])

    def walker(self, series: str) -> Walker:
        """Go through the past of one series."""
        code = self.code(series)
        return walker_of(
            self.past, self.sites, self.crowd, code, self.codes.get(code, -1), self.weights
        )

    def forecast(self, series: str) -> Forecast:
        """Forecast one series; the last few are kept."""
        if series not in self._kept:
            if len(self._kept) >= 8:
                self._kept.pop(next(iter(self._kept)))
            self._kept[series] = self._make(series)
        return self._kept[series]

    def _make(self, series: str) -> Forecast:
        grid, code = self.grid, self.code(series)
        at = self.at_us / 1e6
        walker = self.walker(series)
        own = own_weights(self.past, self.weights, walker, at, OWN_EVENTS)
        view = walker.ask(grid.t, grid.hour, grid.weekday, grid.rest, now=at)
        if code >= 0:
            week = week_of(self.past, code, self.timing, at)
            count = expected_count(self.past, code, self.timing, at, self._seconds())
        else:
            week, count = self.timing.everyone, 0.0
        lost = self.lost(code)
        parts, elsewhere, new = spread(view, grid, week, self.weights, own, lost, len(self.sites))
        if self.experts:
            parts = self._add(walker, parts)
        clump = clump_of(self.past, code, self.timing, at)
        return Forecast(parts, elsewhere, count, self.timing.scatter, new, clump)

    def _seconds(self) -> float:
        grid = self.grid
        return float((grid.ends[-1] - grid.starts[0]) / 1e6) if len(grid.starts) else 0.0

    def lost(self, code: int) -> float:
        """Chance that the next upload falls at no venue of the register."""
        if code < 0:
            return self.weights.elsewhere
        return lost_of(self.past, code, self.weights)(self.at_us / 1e6)

    def moments(self, walker: Walker, t: Floats) -> Moments:
        """What an added expert gets to see."""
        return moments_of(self.past, self.sites, walker, t)

    def _add(self, walker: Walker, parts: Floats) -> Floats:
        """Mix in the experts of the user, inside each window."""
        by_window = parts.sum(axis=(0, 2))
        middle = (self.grid.starts + self.grid.ends) / 2e6
        asked = [expert.ask(self.moments(walker, middle)) for expert in self.experts]
        if self.grid.open is not None:
            asked = [one * self.grid.open for one in asked]
            asked = [
                np.divide(one, total, out=np.zeros_like(one), where=total > 0)
                for one in asked
                for total in [one.sum(axis=1, keepdims=True)]
            ]
        says = np.array([one.sum(axis=1) for one in asked])
        weight = says * ADDED_WEIGHT / (1.0 + ADDED_WEIGHT * (len(asked) - 1))
        added = np.array(asked) * (weight * by_window)[:, :, None]
        kept = parts * (1.0 - weight.sum(axis=0))[None, :, None]
        return np.concatenate([kept, added])


def lost_of(past: History, code: int, weights: Weights) -> Callable[[float], float]:
    """Chance that the next event of a series falls at no venue, as a function of the moment."""
    here = slice(int(past.bounds[code]), int(past.bounds[code + 1]))
    t, w = past.t[here], past.weight[here]
    missed = np.concatenate([[0.0], np.cumsum((1.0 - past.mass[here]) * w)])
    seen = np.concatenate([[0.0], np.cumsum(w)])

    def at(now: float) -> float:
        k = int(np.searchsorted(t, now))
        share = (missed[k] + LOST_DOUBT * weights.elsewhere) / (seen[k] + LOST_DOUBT)
        return float(min(max(share, 0.0), 0.999))

    return at


def walker_of(
    past: History, sites: Sites, crowd: Population, code: int, in_crowd: int, weights: Weights
) -> Walker:
    """Go through the past of one series, known to the crowd under another number."""
    return Walker(
        past,
        sites,
        crowd,
        code,
        weights.beta,
        weights.theta,
        weights.category_hours,
        in_crowd=in_crowd,
    )


def moments_of(past: History, sites: Sites, walker: Walker, t: Floats) -> Moments:
    """What an added expert gets to see: the past up to where the walker stands."""
    rows = walker.rows
    begin, end = int(rows.ptr[walker.first]), int(rows.ptr[walker.here])
    event = np.repeat(
        np.arange(walker.first, walker.here), np.diff(rows.ptr[walker.first : walker.here + 1])
    )
    return Moments(
        np.asarray(t, dtype=np.float64),
        rows.t[event],
        rows.venue[begin:end],
        rows.weight[begin:end],
        sites.places.x,
        sites.places.y,
        sites.ids,
        past.tz,
    )
