"""Goes through one series event by event and asks the experts; nothing looks past the moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc.ranking.features.arrays import (
    Likely,
    Past,
    Population,
    State,
    Surroundings,
    Times,
)
from crimeloc.ranking.features.exploration import EXPLORING, N_NOW
from crimeloc.ranking.features.gate import Gate, Num
from crimeloc.ranking.features.habit import RETURNING
from crimeloc.ranking.history import History
from crimeloc.ranking.model.candidate_posterior import posterior_by_now
from crimeloc.ranking.model.mixture import Weights
from crimeloc.ranking.register import Register

__all__ = ["Setting", "View", "Walker"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_MOVED = 0.02
"""Weights of past uploads that change by less do not change what was taken in."""
_KEPT = 128
"""Used venues whose nearness to all others is kept at hand."""


class Setting(NamedTuple):
    """What a walk rests on: events of all series, the venues, the population, what was learned."""

    history: History
    register: Register
    population: Population
    weights: Weights


@dataclass
class View:
    """What the experts say at some moments about one series.

    `back` (experts, moments, used venues) and `new` (experts, moments, venues) each sum to 1 over
    venues, or are empty; `gate` (moments, features) tells how likely a new venue is.
    """

    columns: Ints
    back: Floats
    new: Floats
    gate: Floats
    fresh: Floats
    n_events: float


class Walker:
    """Goes through one series, event by event, and asks the experts at chosen moments.

    Parameters
    ----------
    setting : Setting
        What it rests on.
    series : int
        Which series to walk; -1 for one without any event.
    code : int, optional
        Its number in the population, -1 where it is not part of it; by default the same.
    """

    def __init__(self, setting: Setting, series: int, code: int | None = None) -> None:
        from crimeloc.ranking.features import (
            _exploration_kernels,
            _habit_kernels,
            _state_kernels,
        )

        self.exploration, self.habits = _exploration_kernels, _habit_kernels
        self.states = _state_kernels
        history, register, population, weights = setting
        self.history, self.register, self.weights = history, register, weights
        self.series, self.code = series, series if code is None else code
        self.near = Surroundings(register.places, population, weights.category_hours)
        here = history.located_of(series) if series >= 0 else slice(0, 0)
        self.first, self.last, self.here = here.start, here.stop, here.start
        self.rows = history.rows
        self._vague = bool((np.diff(self.rows.ptr[self.first : self.last + 1]) > 1).any())
        if self._vague:  # weighed anew as more becomes known
            self.rows = self.rows._replace(weight=self.rows.weight.copy())
        n = len(register)
        self.state = self._new_state()
        self._column = np.full(n, -1, np.int64)
        self._columns: list[int] = []
        self._together = np.zeros(n)
        self._around = np.zeros((8, 2, n), np.float32)
        self._row: dict[int, int] = {}

    def to(self, t: float) -> None:
        """Take in every event before t (seconds)."""
        rows, begin = self.rows, self.here
        while self.here < self.last and rows.t[self.here] < t:
            for v in rows.venue[rows.ptr[self.here] : rows.ptr[self.here + 1]]:
                if self._column[v] < 0:
                    self._column[v] = len(self._columns)
                    self._columns.append(int(v))
            self.here += 1
        if self._vague and self.here > begin and self._look_back(begin):
            self.state = self._new_state()
            begin = self.first
        for k in range(begin, self.here):
            self.states.advance(self.state, rows, k, k == self.first, self.register.places)

    def ask(self, times: Times, *, now: float, explore: bool = True) -> View:
        """What do the experts say about these moments, knowing only what came before `now`?

        With ``explore=False`` the experts on unused venues are not asked and say nothing.
        """
        self.to(now)
        m = len(times.t)
        back, pull = self._return(times, now)
        new = np.zeros((len(EXPLORING), m, len(self.register)))
        if explore:
            self._co_visits(now)
            self.exploration.exploring(
                self.weights.theta,
                self.state,
                self._past(now),
                self._together,
                self.near,
                self._likely(back[0]),
                times,
                new,
            )
        gate = np.zeros((m, len(Gate)))
        self.states.gate_features(self.state, times, pull, gate)
        fresh = 1.0 - self.state.used
        columns = np.array(self._columns, dtype=np.int64)
        return View(columns, back, new, gate, fresh, float(self.state.num[Num.EVENTS]))

    def features(self, times: Times, *, now: float) -> Floats:
        """What speaks for each venue, the features of the exploration expert.

        Shape (moments, venues, features).
        """
        self.to(now)
        self._co_visits(now)
        back, _ = self._return(times, now)
        out = np.zeros((len(times.t), len(self.register), len(self.weights.theta)))
        self.exploration.explore_features(
            self.state,
            self._past(now),
            self._together,
            self.near,
            self._likely(back[0]),
            times,
            np.zeros(0),
            out,
        )
        return out

    def pulls(self, times: Times, m: int, *, now: float) -> Floats:
        """How strongly does each candidate row of the past pull on moment m?"""
        self.to(now)
        rows = self.rows
        pulls = np.zeros(int(rows.ptr[self.here] - rows.ptr[self.first]))
        if self.here > self.first:
            past = self._past(now)
            self.habits.habit_pulls(self.weights.beta, past, times, m, self.near, pulls)
        return pulls

    def _new_state(self) -> State:
        register = self.register
        return self.states.new_state(len(register), register.n_categories, register.n_brands)

    def _past(self, now: float) -> Past:
        return Past(self.rows, self.first, self.here, now, self.code)

    def _look_back(self, begin: int) -> bool:
        """Weigh ambiguous uploads by all that is known by now; is what was taken in outdated?"""
        history = self.history
        ptr = history.rows.ptr[self.first : self.here + 1]
        here = slice(int(ptr[0]), int(ptr[-1]))
        found = posterior_by_now(
            history.address_weight[here],
            history.rows.venue[here],
            ptr - ptr[0],
            len(self.register),
        )
        old = int(history.rows.ptr[begin] - ptr[0])
        moved = np.abs(found - self.rows.weight[here])[:old]
        if old and float(moved.max()) < _MOVED:
            self.rows.weight[here][old:] = found[old:]
            return False
        self.rows.weight[here] = found
        return True

    def _likely(self, habit: Floats) -> Likely:
        """Give the used venues that are likeliest at these moments, and what is near them."""
        likely = np.argsort(-habit.sum(axis=0), kind="stable")[:N_NOW]
        missing = [int(d) for d in likely if int(d) not in self._row]
        if len(self._row) + len(missing) > _KEPT:
            self._row, missing = {}, [int(d) for d in likely]
        while len(self._row) + len(missing) > len(self._around):
            self._around = np.concatenate([self._around, np.zeros_like(self._around)])
        for d in missing:
            self._row[d] = len(self._row)
            venue, places = self._columns[d], self.register.places
            self.exploration.near_venue(venue, places, self._row[d], self._around)
        rows = np.array([self._row[int(d)] for d in likely], dtype=np.int64)
        return Likely(self._around, rows, np.ascontiguousarray(habit[:, likely]))

    def _co_visits(self, t: float) -> None:
        if self.here > self.first:
            self.exploration.co_visits(
                self.state, self.near.population, self.code, t, self._together
            )

    def _return(self, times: Times, now: float) -> tuple[Floats, Floats]:
        """What the experts on used venues say, and how well the moments match the past."""
        back = np.zeros((len(RETURNING), len(times.t), len(self._columns)))
        pull = np.zeros((len(times.t), 3))
        if self.here > self.first:
            self.habits.returning(
                self.weights.beta, self._past(now), times, self.near, self._column, back, pull
            )
        return back, pull
