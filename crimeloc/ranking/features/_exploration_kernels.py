"""Compiled sweeps over venues not used before: exploration.

A forecast asks about many moments at once. All that does not change with the moment is worked out
once for each venue (`_still`), what changes with the part of the day once for each part, and only
the rest, nearness to where habit would be just then and how the last place fades, for each moment.
With weights instead of room for the features, their weighted sum is added up on the way: the same
numbers without the room that they would take.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc._compiled import fast_kernel, kernel, part
from crimeloc.ranking.features._state_kernels import snapshot
from crimeloc.ranking.features.arrays import (
    Likely,
    Past,
    Places,
    Population,
    State,
    Surroundings,
    Times,
)
from crimeloc.ranking.features.exploration import CENTRE, MOVING, PAIRS, SPREAD, Explore
from crimeloc.ranking.features.gate import Num

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
N_SINGLE = len(Explore)
MOVING_PAIRS: NDArray[np.bool_] = np.asarray(MOVING[PAIRS].any(axis=1))
NOBODY_3H, NOBODY_1W = float(np.log(0.01)), float(np.log(0.05))


class Room(NamedTuple):
    """Working room over venues, filled once for each question.

    `plain` (venues, features) holds what does not change with the moment, `even` the same brought
    to mean 0 and spread 1, `still` its weighted sum; the others serve the moments.
    """

    plain: Floats
    even: Floats
    still: Floats
    hours: Floats
    week: Floats
    at_hour: Floats
    near: Floats
    wide: Floats


@kernel
def co_visits(state: State, population: Population, series: int, t: float, out: Floats) -> None:
    """Fill out with how much series that share venues with this one used each venue, before t."""
    n_s = len(population.series_ptr) - 1
    shared = np.zeros(n_s)
    for v in range(len(state.used)):
        if state.used[v] > 0.0:
            m = population.venue_ptr[v]
            while m < population.venue_ptr[v + 1] and population.venue_t[m] < t:
                m += 1
            w = state.used[v] / np.sqrt(m - population.venue_ptr[v] + 1.0)
            for p in range(population.venue_ptr[v], m):
                shared[population.venue_series[p]] += w
    if series >= 0:
        shared[series] = 0.0
    out[:] = 0.0
    for s in range(n_s):
        if shared[s] > 0.0:
            m = population.series_ptr[s]
            while m < population.series_ptr[s + 1] and population.series_t[m] < t:
                m += 1
            w = shared[s] / np.sqrt(m - population.series_ptr[s] + 5.0)
            for p in range(population.series_ptr[s], m):
                out[population.series_venue[p]] += w


@part
def _others_lately(
    population: Population, series: int, now: float, hours: Floats, week: Floats
) -> None:
    """Fill in who else came where just before now: sums that fade over 3 hours and over a week."""
    p = np.searchsorted(population.all_t, now) - 1
    last = max(int(p) - 5000, -1)
    while p > last and population.all_t[p] > now - 1209600.0:
        if population.all_series[p] != series:
            age = now - population.all_t[p]
            v = population.all_venue[p]
            week[v] += population.all_weight[p] * np.exp(-age / 604800.0)
            if age < 86400.0:
                hours[v] += population.all_weight[p] * np.exp(-age / 10800.0)
        p -= 1


@fast_kernel
def near_venue(v: int, places: Places, row: int, near: Singles) -> None:
    """Fill near[row] (2, V) with kernels of 0.1 and 2 km around venue v."""
    x, y = places.x[v], places.y[v]
    for u in range(len(places.x)):
        d2 = (places.x[u] - x) ** 2 + (places.y[u] - y) ** 2
        k01 = 1.0 / (1.0 + d2 * 100.0)
        k2 = 1.0 / (1.0 + d2 * 0.25)
        near[row, 0, u] = k01 * np.sqrt(k01)
        near[row, 1, u] = k2 * np.sqrt(k2)


@part
def _still(state: State, past: Past, together: Floats, near: Surroundings, room: Room) -> None:
    """Fill in what speaks for each venue at any moment."""
    places, population, num = near.places, near.population, state.num
    k = snapshot(population, past.now)
    n_venues = max(num[Num.VENUES], 1e-6)
    n_events = max(num[Num.EVENTS], 1e-6)
    lx, ly, mass = 0.0, 0.0, 0.0
    if past.end > past.first:
        for r in range(past.rows.ptr[past.end - 1], past.rows.ptr[past.end]):
            lx += past.rows.weight[r] * places.x[past.rows.venue[r]]
            ly += past.rows.weight[r] * places.y[past.rows.venue[r]]
            mass += past.rows.weight[r]
        lx /= max(mass, 1e-12)
        ly /= max(mass, 1e-12)
    seats = num[Num.SEATS] / n_events
    n_c, n_b = len(state.category), len(state.brand)
    of_category, of_late, of_brand = np.zeros(n_c), np.zeros(n_c), np.zeros(n_b)
    for c in range(n_c):
        of_category[c] = np.log((state.category[c] + 0.5) / (n_events + 0.5 * n_c))
        of_late[c] = np.log(state.category_late[c] + 0.05)
    for c in range(n_b):
        of_brand[c] = np.log((state.brand[c] + 0.5) / (n_events + 0.5 * n_b))
    for v in range(len(places.x)):
        f = room.plain[v]
        f[Explore.NEAR_100M] = np.log(state.near[0, v] / n_venues + 1e-4)
        f[Explore.NEAR_500M] = np.log(state.near[1, v] / n_venues + 1e-4)
        f[Explore.NEAR_2KM] = np.log(state.near[2, v] / n_venues + 1e-4)
        f[Explore.NEAR_8KM] = np.log(state.near[3, v] / n_venues + 1e-4)
        f[Explore.NEAR_VISITS] = np.log(state.near_n[v] / n_events + 1e-4)
        f[Explore.NEAR_LATELY] = np.log(state.near_late[v] + 1e-4)
        far = np.sqrt((places.x[v] - lx) ** 2 + (places.y[v] - ly) ** 2)
        f[Explore.FROM_LAST] = np.log(0.1 + far)
        f[Explore.VISITS] = population.log_visits[k, v]
        f[Explore.VISITS_LATELY] = population.log_lately[k, v]
        f[Explore.VISITORS] = population.log_visitors[k, v]
        f[Explore.CO_VISITS] = np.log(together[v] + 0.02)
        f[Explore.CATEGORY] = of_category[places.category[v]]
        f[Explore.CATEGORY_LATELY] = of_late[places.category[v]]
        f[Explore.BRAND] = of_brand[places.brand[v]]
        started = past.end > past.first
        f[Explore.SEATS] = -abs(places.seats[v] - seats) if started else 0.0
        for j in range(N_SINGLE):
            room.even[v, j] = (f[j] - CENTRE[j]) / SPREAD[j]


@part
def _still_score(theta: Floats, room: Room) -> None:
    """Sum up, weighed, what does not change with the moment."""
    for v in range(len(room.still)):
        u = 0.0
        for j in range(N_SINGLE):
            if not MOVING[j]:
                u += theta[j] * room.plain[v, j]
        for q in range(len(PAIRS)):
            if not MOVING_PAIRS[q]:
                u += theta[N_SINGLE + q] * room.even[v, PAIRS[q, 0]] * room.even[v, PAIRS[q, 1]]
        room.still[v] = u


@part
def _at_part(state: State, d: int, room: Room) -> None:
    """Fill in how near each venue is to past visits of one part of the day and those beside it."""
    n_events = max(state.num[Num.EVENTS], 1e-6)
    p, q = (d + 1) % 6, (d + 5) % 6
    for v in range(len(room.still)):
        w = state.near_hour[d, v]
        w += 0.5 * (state.near_hour[p, v] + state.near_hour[q, v])
        room.at_hour[d, v] = np.log(w / n_events + 1e-3)


@part
def _even(room: Room, v: int, feature: int, value: float) -> None:
    room.even[v, feature] = (value - CENTRE[feature]) / SPREAD[feature]


@kernel
def explore_features(
    state: State,
    past: Past,
    together: Floats,
    near: Surroundings,
    likely: Likely,
    times: Times,
    theta: Floats,
    out: Floats,
) -> None:
    """Fill out with what speaks for each venue: the features `Explore`, then `PAIRS`.

    Without weights `theta`, out (moments, venues, features) gets the features themselves; with
    them, out (moments, venues, 1) gets their weighted sums.
    """
    n_v = len(near.places.x)
    keep = len(theta) == 0
    room = Room(
        np.zeros((n_v, N_SINGLE)),
        np.zeros((n_v, N_SINGLE)),
        np.zeros(n_v),
        np.zeros(n_v),
        np.zeros(n_v),
        np.zeros((6, n_v)),
        np.zeros(n_v),
        np.zeros(n_v),
    )
    _others_lately(near.population, past.code, past.now, room.hours, room.week)
    _still(state, past, together, near, room)
    if not keep:
        _still_score(theta, room)
    asked = np.zeros(6)
    for m in range(len(times.t)):
        d = int(times.hour[m] // 4) % 6
        if asked[d] == 0.0:
            asked[d] = 1.0
            _at_part(state, d, room)
        started = past.end > past.first
        gap = max(times.t[m] - state.num[Num.LAST_T], 0.0) if started else 2592000.0
        e1, e6, e24 = np.exp(-gap / 3600.0), np.exp(-gap / 21600.0), np.exp(-gap / 86400.0)
        wait = max(times.t[m] - past.now, 0.0)
        fade, slow = np.exp(-wait / 10800.0), np.exp(-wait / 604800.0)
        for v in range(n_v):
            room.near[v] = 1e-4
            room.wide[v] = 1e-2
        for q in range(len(likely.row)):
            w = likely.chance[m, q]
            for v in range(n_v):
                room.near[v] += w * likely.around[likely.row[q], 0, v]
                room.wide[v] += w * likely.around[likely.row[q], 1, v]
        far_w = 0.0
        if not keep:
            far_w = (
                theta[Explore.FROM_LAST_1H] * e1
                + theta[Explore.FROM_LAST_6H] * e6
                + theta[Explore.FROM_LAST_1D] * e24
            )
        for v in range(n_v):
            far = room.plain[v, Explore.FROM_LAST]
            now_100m, now_2km = np.log(room.near[v]), np.log(room.wide[v])
            hours, week = NOBODY_3H, NOBODY_1W
            if room.hours[v] != 0.0:
                hours = np.log(room.hours[v] * fade + 0.01)
            if room.week[v] != 0.0:
                week = np.log(room.week[v] * slow + 0.05)
            category = near.category_hours[near.places.category[v], d]
            _even(room, v, Explore.FROM_LAST_1D, far * e24)
            _even(room, v, Explore.NEAR_NOW_100M, now_100m)
            _even(room, v, Explore.NEAR_NOW_2KM, now_2km)
            _even(room, v, Explore.OTHERS_3H, hours)
            _even(room, v, Explore.OTHERS_1W, week)
            if keep:
                x = out[m, v]
                for j in range(N_SINGLE):
                    x[j] = room.plain[v, j]
                for q in range(len(PAIRS)):
                    x[N_SINGLE + q] = room.even[v, PAIRS[q, 0]] * room.even[v, PAIRS[q, 1]]
                x[Explore.NEAR_AT_THIS_HOUR] = room.at_hour[d, v]
                x[Explore.CATEGORY_HOUR] = category
                x[Explore.FROM_LAST_1H] = far * e1
                x[Explore.FROM_LAST_6H] = far * e6
                x[Explore.FROM_LAST_1D] = far * e24
                x[Explore.NEAR_NOW_100M], x[Explore.NEAR_NOW_2KM] = now_100m, now_2km
                x[Explore.OTHERS_3H], x[Explore.OTHERS_1W] = hours, week
            else:
                u = room.still[v] + theta[Explore.NEAR_AT_THIS_HOUR] * room.at_hour[d, v]
                u += far_w * far + theta[Explore.CATEGORY_HOUR] * category
                for q in range(len(PAIRS)):
                    if MOVING_PAIRS[q]:
                        even = room.even[v, PAIRS[q, 0]] * room.even[v, PAIRS[q, 1]]
                        u += theta[N_SINGLE + q] * even
                u += theta[Explore.NEAR_NOW_100M] * now_100m
                u += theta[Explore.NEAR_NOW_2KM] * now_2km
                u += theta[Explore.OTHERS_3H] * hours + theta[Explore.OTHERS_1W] * week
                out[m, v, 0] = u


@kernel
def exploring(
    theta: Floats,
    state: State,
    past: Past,
    together: Floats,
    near: Surroundings,
    likely: Likely,
    times: Times,
    out: Floats,
) -> None:
    """Fill out (experts, moments, venues) with the experts on venues not used before."""
    population = near.population
    n_v = len(near.places.x)
    k = snapshot(population, past.now)
    score = np.zeros((len(times.t), n_v, 1))
    explore_features(state, past, together, near, likely, times, theta, score)
    n_venues = max(state.num[Num.VENUES], 1e-6)
    nearby, popular, fresh = np.zeros(n_v), np.zeros(n_v), np.zeros(n_v)
    all_near, all_popular = 0.0, 0.0
    for v in range(n_v):
        fresh[v] = 1.0 - state.used[v]
        visits = population.visits[k, v] + 0.5
        popular[v] = fresh[v] * visits
        nearby[v] = fresh[v] * (state.near[1, v] / n_venues + 1e-6) * np.sqrt(visits)
        all_near += nearby[v]
        all_popular += popular[v]
    for m in range(len(times.t)):
        best, total = -1e300, 0.0
        for v in range(n_v):
            if score[m, v, 0] > best:
                best = score[m, v, 0]
        for v in range(n_v):
            out[0, m, v] = fresh[v] * np.exp(score[m, v, 0] - best)
            total += out[0, m, v]
        total = max(total, 1e-300)
        for v in range(n_v):
            out[0, m, v] /= total
            out[1, m, v] = nearby[v] / max(all_near, 1e-300)
            out[2, m, v] = popular[v] / max(all_popular, 1e-300)
