"""Compiled: what a series has done so far, and the gate that follows from it.

A state is a handful of sums over the past, so that taking in one event costs one pass over the
venues however long the past is. Sums that fade are multiplied by the fade since the event before
instead of being summed anew. Slices are written as loops: assigning them takes seconds to compile.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crimeloc._compiled import fast_kernel, kernel, part
from crimeloc.ranking.features.arrays import Places, Population, Rows, State, Times
from crimeloc.ranking.features.gate import Gate, Num

Floats = NDArray[np.float64]


def new_state(n_venues: int, n_categories: int, n_brands: int) -> State:
    """Give the state of a series that has done nothing yet."""
    num = np.zeros(len(Num))
    num[Num.NEW_5], num[Num.NEW_20] = 0.6, 0.5
    return State(
        np.zeros((4, n_venues)),
        np.zeros(n_venues),
        np.zeros(n_venues),
        np.zeros((6, n_venues)),
        np.zeros(n_venues),
        np.zeros(n_venues),
        np.zeros(n_categories),
        np.zeros(n_categories),
        np.zeros(n_brands),
        np.zeros((6, 2)),
        num,
    )


@part
def snapshot(population: Population, now: float) -> int:
    """Which snapshot of the population was the last before now?"""
    place = int((now - population.start) // population.step)
    last: int = population.visits.shape[0] - 1
    return max(0, min(place, last))


@fast_kernel
def advance(state: State, rows: Rows, e: int, new_series: bool, places: Places) -> None:
    """Add event e to what the series has done so far."""
    num = state.num
    t = rows.t[e]
    part_of_day = int(rows.hour[e] // 4) % 6
    fade = 0.0 if new_series else np.exp(-max(t - num[Num.LAST_T], 0.0) / 864000.0)
    mass, fresh = 0.0, 0.0
    for u in range(len(state.near_late)):
        state.near_late[u] *= fade
    for u in range(len(state.category_late)):
        state.category_late[u] *= fade
    for r in range(rows.ptr[e], rows.ptr[e + 1]):
        v, w = rows.venue[r], rows.weight[r]
        new = (1.0 - state.used[v]) * w
        x, y = places.x[v], places.y[v]
        for u in range(len(places.x) if new > 0.0 else 0):
            d2 = (places.x[u] - x) ** 2 + (places.y[u] - y) ** 2
            k01 = 1.0 / (1.0 + d2 * 100.0)
            k05 = 1.0 / (1.0 + d2 * 4.0)
            k2 = 1.0 / (1.0 + d2 * 0.25)
            k8 = 1.0 / (1.0 + d2 / 64.0)
            state.near[0, u] += new * k01 * np.sqrt(k01)
            state.near[1, u] += new * k05 * np.sqrt(k05)
            state.near[2, u] += new * k2 * np.sqrt(k2)
            state.near[3, u] += new * k8 * np.sqrt(k8)
        for u in range(len(places.x)):
            d2 = (places.x[u] - x) ** 2 + (places.y[u] - y) ** 2
            k01 = 1.0 / (1.0 + d2 * 100.0)
            k05 = 1.0 / (1.0 + d2 * 4.0)
            k01 *= np.sqrt(k01)
            k05 *= np.sqrt(k05)
            state.near_n[u] += w * k01
            state.near_late[u] += w * k05
            state.near_hour[part_of_day, u] += w * k05
        state.category[places.category[v]] += w
        state.category_late[places.category[v]] += w
        state.brand[places.brand[v]] += w
        num[Num.SEATS] += w * places.seats[v]
        mass += w
        fresh += new
        state.used[v] += new
        state.visits[v] += w
    share = fresh / max(mass, 1e-12)
    if num[Num.EVENTS] > 0.0:
        num[Num.NEW] += fresh
        num[Num.NEW_5] += 0.2 * mass * (share - num[Num.NEW_5])
        num[Num.NEW_20] += 0.05 * mass * (share - num[Num.NEW_20])
        state.novel[part_of_day, 0] += fresh
        state.novel[part_of_day, 1] += mass
    num[Num.VENUES] += fresh
    num[Num.EVENTS] += mass
    num[Num.LAST_T] = t
    num[Num.LAST_NEW] = share


@part
def _log_odds(share: float) -> float:
    share = min(max(share, 0.01), 0.99)
    return float(np.log(share / (1.0 - share)))


@kernel
def gate_features(state: State, times: Times, pull: Floats, out: Floats) -> None:
    """Fill out (moments, features) with what tells whether the next venue is a new one, `Gate`.

    `pull` (moments, 3) says how well the moment asked about matches the past: see `returning`.
    """
    num = state.num
    n, fresh = num[Num.EVENTS], num[Num.NEW]
    top, single = 0.0, 0.0
    for v in range(len(state.visits)):
        c = state.visits[v]
        if c > top:
            top = c
        if 0.0 < c < 1.5:
            single += min(c, 1.0)
    rate = (fresh + 1.0) / (n + 2.0)
    for m in range(len(times.t)):
        hour = times.hour[m]
        d = int(hour // 4) % 6
        gap = max(times.t[m] - num[Num.LAST_T], 0.0) if n > 0.0 else 2592000.0
        here = (state.novel[d, 0] + 3.0 * (fresh + 2.0) / (n + 3.0)) / (state.novel[d, 1] + 3.0)
        soon = np.exp(-gap / 7200.0)
        x = out[m]
        x[Gate.ONE] = 1.0
        x[Gate.LOG_EVENTS] = np.log(n + 1.0) - 3.0
        x[Gate.NOVELTY] = np.log(rate / (1.0 - rate))
        x[Gate.NOVELTY_5] = _log_odds(num[Num.NEW_5])
        x[Gate.NOVELTY_20] = _log_odds(num[Num.NEW_20])
        x[Gate.NOVELTY_HOUR] = _log_odds(here)
        x[Gate.LOG_GAP] = np.log(gap + 600.0) - 11.0
        x[Gate.GAP_2H] = soon
        x[Gate.REST_DAY] = times.rest[m]
        x[Gate.SINGLES] = _log_odds((single + 0.5) / (n + 1.0))
        x[Gate.TOP_SHARE] = top / max(n, 1.0)
        x[Gate.LAST_NEW] = num[Num.LAST_NEW] * soon
        x[Gate.SIN_HOUR] = np.sin(hour * np.pi / 12.0)
        x[Gate.COS_HOUR] = np.cos(hour * np.pi / 12.0)
        x[Gate.HABIT_MATCH] = pull[m, 0]
        x[Gate.HABIT_AGE] = pull[m, 1]
        x[Gate.HABIT_SPREAD] = pull[m, 2]
