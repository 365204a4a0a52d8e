"""One forecast in the making: a series, its past, the weights, and what comes out as arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from crimeloc.ranking.features.arrays import Population
from crimeloc.ranking.features.exploration import EXPLORING
from crimeloc.ranking.features.habit import RETURNING
from crimeloc.ranking.history import History
from crimeloc.ranking.model.experts import Expert, Moments
from crimeloc.ranking.model.mixture import Weights
from crimeloc.ranking.model.slots import Forecast, Grid, grid_of, spread
from crimeloc.ranking.model.timing import Timing, clump_of, expected_count, week_of
from crimeloc.ranking.model.training import own_weights
from crimeloc.ranking.model.walker import Setting, Walker
from crimeloc.ranking.population import Populations
from crimeloc.ranking.register import Register

if TYPE_CHECKING:
    from crimeloc.ranking.conformal import Outcome

__all__ = ["Model", "Working", "elsewhere_of", "moments_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ADDED_WEIGHT = 0.1
"""Weight of each expert of your own (fixed)."""
OWN_EVENTS = 20
"""How many of its last events move the weights of a series."""
ELSEWHERE_DOUBT = 5.0
KEPT_GRIDS = 16
"""So many grids are kept: that of a forecast and those of the weeks its sets are checked on."""
KEPT_FORECASTS = 8
KEPT_WEEKS = 20_000


class Working:
    """What forecasts of one fit have worked out and the next ones need again; never saved.

    Parameters
    ----------
    populations : Populations
        What all series of the fit did.
    """

    def __init__(self, populations: Populations) -> None:
        self.populations = populations
        self.codes = {name: k for k, name in enumerate(populations.history.series)}
        self._grids: dict[tuple[int, str, str, str, str | None], Grid] = {}
        self._weeks: dict[tuple[str, int, int], dict[str, list[Outcome]]] = {}

    def grid(self, model: Model) -> Grid:
        """Give the windows of a horizon; the last few are kept for the next series."""
        tz, country = model.history.tz, model.history.country
        key = (model.at_us, model.horizon, model.window, tz, country)
        found = self._grids.get(key)
        if found is None:
            found = grid_of(model.at_us, model.horizon, model.window, model.register, tz, country)
            if len(self._grids) >= KEPT_GRIDS:
                self._grids.clear()
            self._grids[key] = found
        return found

    def week(
        self, key: tuple[str, int, int], make: Callable[[], dict[str, list[Outcome]]]
    ) -> dict[str, list[Outcome]]:
        """Give what a past week left behind, worked out at the first time it is asked for."""
        found = self._weeks.get(key)
        if found is None:
            if len(self._weeks) >= KEPT_WEEKS:
                self._weeks.clear()
            found = self._weeks[key] = make()
        return found

    def __getstate__(self) -> dict[str, object]:
        return {"populations": self.populations, "codes": self.codes, "_grids": {}, "_weeks": {}}


@dataclass
class Model:
    """Everything a forecast of some series at one moment rests on.

    Parameters
    ----------
    register : Register
        The venues.
    history : History
        What the series did.
    population : Population
        What all series of the fit did before the moment.
    weights, timing : Weights, Timing
        What was learned.
    outcomes : dict
        What past events of the population left behind, for each kind of set.
    experts : tuple of Expert
        Those of the user.
    at_us : int
        The moment, microseconds UTC.
    horizon, window : str
        How far to look ahead, and in windows of which length.
    working : Working
        What the forecasts of one fit share.
    """

    register: Register
    history: History
    population: Population
    weights: Weights
    timing: Timing
    outcomes: dict[str, list[Outcome]]
    experts: tuple[Expert, ...]
    at_us: int
    horizon: str
    window: str
    working: Working
    _forecasts: dict[str, Forecast] = field(default_factory=dict, init=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The experts, in the order of the columns."""
        return (*RETURNING, *EXPLORING, *(expert.name for expert in self.experts))

    @property
    def grid(self) -> Grid:
        """The windows of the horizon."""
        return self.working.grid(self)

    @property
    def setting(self) -> Setting:
        """What a walk to the moment of the forecast rests on."""
        return Setting(self.history, self.register, self.population, self.weights)

    @property
    def daily(self) -> Setting:
        """What a walk through the past rests on: at each moment the population before it."""
        return self.setting._replace(population=self.working.populations.daily)

    def code(self, series: str) -> int:
        """Place of a series in the history; -1 where it has none."""
        return self.history.series.index(series) if series in self.history.series else -1

    def in_population(self, code: int) -> int:
        """Number in the population of a series of the history; -1 for a new one."""
        return self.working.codes.get(self.history.series[code], -1) if code >= 0 else -1

    def n_past(self, series: str) -> int:
        """How many past uploads a series has."""
        code = self.code(series)
        bounds = self.history.row_bounds
        return 0 if code < 0 else int(bounds[code + 1] - bounds[code])

    def walker(self, series: str) -> Walker:
        """Go through the past of one series."""
        code = self.code(series)
        return Walker(self.setting, code, self.in_population(code))

    def forecast(self, series: str) -> Forecast:
        """Forecast one series; the last few are kept."""
        if series not in self._forecasts:
            if len(self._forecasts) >= KEPT_FORECASTS:
                self._forecasts.pop(next(iter(self._forecasts)))
            self._forecasts[series] = self._make(series)
        return self._forecasts[series]

    def _make(self, series: str) -> Forecast:
        grid, code = self.grid, self.code(series)
        at = self.at_us / 1e6
        walker = self.walker(series)
        own = own_weights(self.history, self.weights, walker, at, OWN_EVENTS)
        view = walker.ask(grid.times, now=at)
        if code >= 0:
            week = week_of(self.history, code, self.timing, at)
            count = expected_count(self.history, code, self.timing, at, grid.seconds)
        else:
            week, count = self.timing.everyone, 0.0
        lost = self.elsewhere(code)
        parts, elsewhere, new = spread(view, grid, week, self.weights, own, lost)
        if self.experts:
            parts = self._add(walker, parts)
        clump = clump_of(self.history, code, self.timing, at)
        return Forecast(parts, elsewhere, count, self.timing.scatter, new, clump)

    def elsewhere(self, code: int) -> float:
        """Chance that the next upload falls at no venue of the register."""
        if code < 0:
            return self.weights.elsewhere
        return elsewhere_of(self.history, code, self.weights)(self.at_us / 1e6)

    def _add(self, walker: Walker, parts: Floats) -> Floats:
        """Mix in the experts of the user, inside each window."""
        by_window = parts.sum(axis=(0, 2))
        middle = (self.grid.starts + self.grid.ends) / 2e6
        asked = [expert.ask(moments_of(walker, middle)) for expert in self.experts]
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


def elsewhere_of(history: History, code: int, weights: Weights) -> Callable[[float], float]:
    """Chance that the next event of a series falls at no venue, as a function of the moment."""
    here = history.all_of(code)
    t, w = history.t[here], history.weight[here]
    missed = np.concatenate([[0.0], np.cumsum((1.0 - history.mass[here]) * w)])
    seen = np.concatenate([[0.0], np.cumsum(w)])

    def at(now: float) -> float:
        k = int(np.searchsorted(t, now))
        share = (missed[k] + ELSEWHERE_DOUBT * weights.elsewhere) / (seen[k] + ELSEWHERE_DOUBT)
        return float(min(max(share, 0.0), 0.999))

    return at


def moments_of(walker: Walker, t: Floats) -> Moments:
    """What an added expert gets to see: the past up to where the walker stands."""
    rows, register = walker.rows, walker.register
    begin, end = int(rows.ptr[walker.first]), int(rows.ptr[walker.here])
    event = np.repeat(
        np.arange(walker.first, walker.here), np.diff(rows.ptr[walker.first : walker.here + 1])
    )
    return Moments(
        np.asarray(t, dtype=np.float64),
        rows.t[event],
        rows.venue[begin:end],
        rows.weight[begin:end],
        register.places.x,
        register.places.y,
        register.ids,
        walker.history.tz,
    )
