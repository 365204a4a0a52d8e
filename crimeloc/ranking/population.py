"""What all series of a fit did, up to any moment: popularity, visitors, shared venues."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crimeloc.ranking.features.arrays import Population
from crimeloc.ranking.history import History
from crimeloc.units import DAY_S

__all__ = ["Populations", "read_population"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_CELLS = 2_000_000
"""Most numbers in the snapshots, each of four kinds."""
_FADE_S = 30 * DAY_S


class Populations:
    """The population of one history, read at the moments asked for and kept while it serves.

    Parameters
    ----------
    history : History
        What every series did.
    n_venues : int
        Venues of the register.
    """

    def __init__(self, history: History, n_venues: int) -> None:
        self.history, self.n_venues = history, n_venues
        self._daily: Population | None = None
        self._latest: tuple[float, Population] | None = None

    @property
    def daily(self) -> Population:
        """In snapshots: a question at any moment is answered from its past alone."""
        if self._daily is None:
            self._daily = read_population(self.history, self.n_venues)
        return self._daily

    def at(self, moment: float) -> Population:
        """At one moment (seconds); the last one asked for is kept."""
        if self._latest is None or self._latest[0] != moment:
            self._latest = moment, read_population(self.history, self.n_venues, moment)
        return self._latest[1]

    def __getstate__(self) -> dict[str, object]:
        return {"history": self.history, "n_venues": self.n_venues}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state, _daily=None, _latest=None)


def read_population(history: History, n_venues: int, at: float | None = None) -> Population:
    """What all series did, in daily snapshots (rarer where they would be many) or at one moment.

    A snapshot holds only what came before it, so a question is answered from its past alone.
    """
    rows = history.rows
    event = np.repeat(np.arange(len(rows.t)), np.diff(rows.ptr))
    known = np.ones(len(event), bool) if at is None else rows.t[event] < at
    event, venue, weight = event[known], rows.venue[known], rows.weight[known]
    t, code = rows.t[event], history.row_code[event]
    order = np.lexsort((venue, code, t))
    key = code[order].astype(np.int64) * n_venues + venue[order]
    seen = order[np.sort(np.unique(key, return_index=True)[1])]
    start, step, n, day = _days(t, n_venues, at)
    age = np.exp(-(start + day * step - t) / _FADE_S)
    if at is not None:
        age = np.exp(-(at - t) / _FADE_S)
    shape = (n, n_venues)
    visits, lately, visitors = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    np.add.at(visits, (day, venue), weight)
    np.add.at(lately, (day, venue), weight * age)
    np.add.at(visitors, (day[seen], venue[seen]), weight[seen])
    if n > 1:
        visits, visitors = visits.cumsum(axis=0), visitors.cumsum(axis=0)
        fade = np.exp(-step / _FADE_S)
        for k in range(1, n):
            lately[k] += fade * lately[k - 1]
    sv, ss, st = venue[seen], code[seen], t[seen]
    by_venue, by_series = np.lexsort((st, sv)), np.lexsort((st, ss))
    return Population(
        start,
        step,
        visits,
        np.log(visits + 0.5),
        np.log(lately + 0.1),
        np.log(visitors + 0.5),
        np.searchsorted(sv[by_venue], np.arange(n_venues + 1)),
        ss[by_venue],
        st[by_venue],
        np.searchsorted(ss[by_series], np.arange(len(history.series) + 1)),
        sv[by_series],
        st[by_series],
        t[order],
        venue[order],
        code[order],
        weight[order],
    )


def _days(t: Floats, n_venues: int, at: float | None) -> tuple[float, float, int, Ints]:
    """First snapshot, seconds between snapshots, how many, and the first that sees each event."""
    if at is not None:
        return at, 1e18, 1, np.zeros(len(t), np.int64)
    if not len(t):
        return 0.0, DAY_S, 1, np.zeros(0, np.int64)
    start = float(t.min())
    span = (float(t.max()) - start) / DAY_S
    step = DAY_S * max(1.0, np.ceil(span * n_venues / _CELLS))
    day = ((t - start) // step).astype(np.int64) + 1
    return start, step, int(day.max()) + 2, day
