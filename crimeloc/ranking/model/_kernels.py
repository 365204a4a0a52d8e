# mypy: allow-untyped-defs
"""Compiled sweeps over venues: what a series has done so far, exploration, and the gate.

Few kernels, float64 and int64 only, cached on disk, compiled at their first use. Distances are in
kilometres, times in seconds, hours on the wall.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
    num: Floats  # see the constants N_*


N_EVENTS, N_VENUES, N_NEW, N_NEW5, N_NEW20, N_LAST_T, N_LAST_NEW, N_SEATS = range(8)

EXPLORE = (
    "near_0.1km",
    "near_0.5km",
    "near_2km",
    "near_8km",
    "near_0.1km_visits",
    "near_0.5km_lately",
    "near_at_this_hour",
    "from_last",
    "from_last_1h",
    "from_last_6h",
    "from_last_1d",
    "visits",
    "visits_lately",
    "visitors",
    "co_visits",
    "category",
    "category_lately",
    "category_hour",
    "brand",
    "seats",
    "near_now_0.1km",
    "near_now_2km",
    "others_3h",
    "others_1w",
)
PAIRS = np.array(
    [
        (0, 0),
        (1, 1),
        (2, 2),
        (7, 7),
        (11, 11),
        (12, 12),
        (13, 13),
        (14, 14),
        (15, 15),
        (16, 16),
        (0, 10),
        (1, 13),
        (4, 7),
        (4, 10),
        (4, 15),
        (7, 14),
        (7, 15),
        (7, 16),
        (11, 13),
        (13, 14),
        (0, 20),
        (1, 21),
        (7, 21),
        (10, 21),
        (21, 21),
        (22, 22),
        (23, 23),
    ]
)
"""Squares and products that count as features after `EXPLORE`, by their places in it."""
MIDDLE = np.array(
    [
        -7.57,
        -5.20,
        -2.77,
        -0.96,
        -7.66,
        -3.84,
        -5.27,
        1.45,
        0.14,
        0.38,
        0.68,
        1.13,
        -0.44,
        0.69,
        -2.98,
        -4.96,
        -2.21,
        0.0,
        0.0,
        0.0,
        -7.98,
        -2.57,
        -4.24,
        -1.76,
    ]
)
SPREAD = np.array(
    [
        2.02,
        2.64,
        2.10,
        0.99,
        1.99,
        3.19,
        1.69,
        1.32,
        0.53,
        0.86,
        1.03,
        1.47,
        1.62,
        1.15,
        1.23,
        1.13,
        1.44,
        0.59,
        1.0,
        1.0,
        1.89,
        1.44,
        1.06,
        1.60,
    ]
)
"""Squares and products are taken of (feature - middle) / spread, as seen among the check-ins."""
EXPLORING = ("explore", "nearby", "popular")
GATE = (
    "one",
    "log_events",
    "novelty",
    "novelty_5",
    "novelty_20",
    "novelty_hour",
    "log_gap",
    "gap_2h",
    "rest_day",
    "singles",
    "top_share",
    "last_new",
    "sin_hour",
    "cos_hour",
    "habit_match",
    "habit_age",
    "habit_spread",
)
N_NOW = 6
"""Used venues around which the nearness of the moment is taken: those likeliest just then."""


@njit(cache=True, nogil=True)
def snapshot(crowd, now):
    """Which snapshot of the crowd was the last before now?"""
    return max(0, min(int((now - crowd.start) // crowd.step), crowd.visits.shape[0] - 1))


@njit(cache=True, nogil=True, fastmath=True)
def advance(state, rows, e, new_series, places):
    """Add event e to what the series has done so far."""
    num = state.num
    t = rows.t[e]
    part = int(rows.hour[e] // 4) % 6
    fade = 0.0 if new_series else np.exp(-max(t - num[N_LAST_T], 0.0) / 864000.0)
    mass, fresh = 0.0, 0.0
    for u in range(len(state.near_late)):  # loops: assigning slices takes seconds to compile
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
            state.near_hour[part, u] += w * k05
        state.category[places.category[v]] += w
        state.category_late[places.category[v]] += w
        state.brand[places.brand[v]] += w
        num[N_SEATS] += w * places.seats[v]
        mass += w
        fresh += new
        state.used[v] += new
        state.visits[v] += w
    share = fresh / max(mass, 1e-12)
    if num[N_EVENTS] > 0.0:
        num[N_NEW] += fresh
        num[N_NEW5] += 0.2 * mass * (share - num[N_NEW5])
        num[N_NEW20] += 0.05 * mass * (share - num[N_NEW20])
        state.novel[part, 0] += fresh
        state.novel[part, 1] += mass
    num[N_VENUES] += fresh
    num[N_EVENTS] += mass
    num[N_LAST_T] = t
    num[N_LAST_NEW] = share


@njit(cache=True, nogil=True)
def co_visits(state, crowd, series, t, out):
    """Fill out with how much series that share venues with this one used each venue, before t."""
    n_s = len(crowd.series_ptr) - 1
    shared = np.zeros(n_s)
    for v in range(len(state.used)):
        if state.used[v] > 0.0:
            m = crowd.venue_ptr[v]
            while m < crowd.venue_ptr[v + 1] and crowd.venue_t[m] < t:
                m += 1
            w = state.used[v] / np.sqrt(m - crowd.venue_ptr[v] + 1.0)
            for p in range(crowd.venue_ptr[v], m):
                shared[crowd.venue_series[p]] += w
    if series >= 0:
        shared[series] = 0.0
    out[:] = 0.0
    for s in range(n_s):
        if shared[s] > 0.0:
            m = crowd.series_ptr[s]
            while m < crowd.series_ptr[s + 1] and crowd.series_t[m] < t:
                m += 1
            w = shared[s] / np.sqrt(m - crowd.series_ptr[s] + 5.0)
            for p in range(crowd.series_ptr[s], m):
                out[crowd.series_venue[p]] += w


@njit(cache=True, nogil=True)
def others_lately(crowd, series, now, hours, week):
    """Fill in who else came where just before now: sums that fade over 3 hours and over a week."""
    for v in range(len(hours)):
        hours[v] = 0.0
        week[v] = 0.0
    p = np.searchsorted(crowd.all_t, now) - 1
    last = max(p - 5000, -1)
    while p > last and crowd.all_t[p] > now - 1209600.0:
        if crowd.all_series[p] != series:
            age = now - crowd.all_t[p]
            week[crowd.all_venue[p]] += crowd.all_weight[p] * np.exp(-age / 604800.0)
            if age < 86400.0:
                hours[crowd.all_venue[p]] += crowd.all_weight[p] * np.exp(-age / 10800.0)
        p -= 1


@njit(cache=True, nogil=True, fastmath=True)
def near_venue(v, places, row, near):
    """Fill near[row] (2, V) with kernels of 0.1 and 2 km around venue v."""
    x, y = places.x[v], places.y[v]
    for u in range(len(places.x)):
        d2 = (places.x[u] - x) ** 2 + (places.y[u] - y) ** 2
        k01 = 1.0 / (1.0 + d2 * 100.0)
        k2 = 1.0 / (1.0 + d2 * 0.25)
        near[row, 0, u] = k01 * np.sqrt(k01)
        near[row, 1, u] = k2 * np.sqrt(k2)


@njit(cache=True, nogil=True)
def explore_features(
    state,
    rows,
    end,
    crowd,
    series,
    together,
    places,
    category_hours,
    around,
    row,
    chances,
    now,
    t,
    hour,
    out,
    base,
    score,
):
    """Fill out (moments asked for, venues, features) with what speaks for each venue: `EXPLORE`,
    then `PAIRS`.

    `around[row]` (likely venues, 2, V) comes from `near_venue`, `chances` (moments, likely venues)
    from the habit.
    With `base` (weights) instead, fill score (moments, venues) with the weighted sums and leave
    out alone: the same numbers without the room that they would take.
    """
    k = snapshot(crowd, now)
    num = state.num
    n_v = len(places.x)
    keep = len(base) == 0
    n_venues = max(num[N_VENUES], 1e-6)
    n_events = max(num[N_EVENTS], 1e-6)
    lx, ly, mass = 0.0, 0.0, 0.0
    if end > 0:
        for r in range(rows.ptr[end - 1], rows.ptr[end]):
            lx += rows.weight[r] * places.x[rows.venue[r]]
            ly += rows.weight[r] * places.y[rows.venue[r]]
            mass += rows.weight[r]
        lx /= max(mass, 1e-12)
        ly /= max(mass, 1e-12)
    seats = num[N_SEATS] / n_events
    n_c, n_b = len(state.category), len(state.brand)
    of_category, of_late, of_brand = np.zeros(n_c), np.zeros(n_c), np.zeros(n_b)
    for c in range(n_c):
        of_category[c] = np.log((state.category[c] + 0.5) / (n_events + 0.5 * n_c))
        of_late[c] = np.log(state.category_late[c] + 0.05)
    for c in range(n_b):
        of_brand[c] = np.log((state.brand[c] + 0.5) / (n_events + 0.5 * n_b))
    hours, week, far = np.zeros(n_v), np.zeros(n_v), np.zeros(n_v)
    others_lately(crowd, series, now, hours, week)
    still, even = np.zeros(n_v), np.zeros((n_v, 24))
    f = np.zeros(24)
    moving = np.zeros(len(PAIRS), np.bool_)  # the pairs that the moment has a part in
    for q in range(len(PAIRS)):
        moving[q] = PAIRS[q, 0] >= 20 or PAIRS[q, 1] >= 20 or PAIRS[q, 1] == 10 or PAIRS[q, 0] == 10
    for v in range(n_v):
        for b in range(4):
            f[b] = np.log(state.near[b, v] / n_venues + 1e-4)
        f[4] = np.log(state.near_n[v] / n_events + 1e-4)
        f[5] = np.log(state.near_late[v] + 1e-4)
        far[v] = np.log(0.1 + np.sqrt((places.x[v] - lx) ** 2 + (places.y[v] - ly) ** 2))
        f[7] = far[v]
        f[11] = crowd.log_visits[k, v]
        f[12] = crowd.log_lately[k, v]
        f[13] = crowd.log_visitors[k, v]
        f[14] = np.log(together[v] + 0.02)
        f[15] = of_category[places.category[v]]
        f[16] = of_late[places.category[v]]
        f[18] = of_brand[places.brand[v]]
        f[19] = -abs(places.seats[v] - seats) if end > 0 else 0.0
        for j in range(20):
            even[v, j] = (f[j] - MIDDLE[j]) / SPREAD[j]
        if keep:
            for m in range(len(t)):
                for j in range(20):
                    out[m, v, j] = f[j]
        else:
            u = 0.0
            for j in range(20):
                if not (j == 6 or 8 <= j <= 10 or j == 17):
                    u += base[j] * f[j]
            for q in range(len(PAIRS)):
                if not moving[q]:
                    u += base[24 + q] * even[v, PAIRS[q, 0]] * even[v, PAIRS[q, 1]]
            still[v] = u
    at_hour, asked = np.zeros((6, n_v)), np.zeros(6)
    near, wide = np.zeros(n_v), np.zeros(n_v)
    for m in range(len(t)):
        part = int(hour[m] // 4) % 6
        if asked[part] == 0.0:
            asked[part] = 1.0
            p, q = (part + 1) % 6, (part + 5) % 6
            for v in range(n_v):
                w = state.near_hour[part, v]
                w += 0.5 * (state.near_hour[p, v] + state.near_hour[q, v])
                at_hour[part, v] = np.log(w / n_events + 1e-3)
        gap = max(t[m] - num[N_LAST_T], 0.0) if end > 0 else 2592000.0
        e1, e6, e24 = np.exp(-gap / 3600.0), np.exp(-gap / 21600.0), np.exp(-gap / 86400.0)
        wait = max(t[m] - now, 0.0)
        fade, slow = np.exp(-wait / 10800.0), np.exp(-wait / 604800.0)
        for v in range(n_v):
            near[v] = 1e-4
            wide[v] = 1e-2
        for q in range(len(row)):
            w = chances[m, q]
            for v in range(n_v):
                near[v] += w * around[row[q], 0, v]
                wide[v] += w * around[row[q], 1, v]
        far_w = 0.0
        if not keep:
            far_w = base[8] * e1 + base[9] * e6 + base[10] * e24
        for v in range(n_v):
            f20, f21 = np.log(near[v]), np.log(wide[v])
            f22 = -4.605170185988091 if hours[v] == 0.0 else np.log(hours[v] * fade + 0.01)
            f23 = -2.995732273553991 if week[v] == 0.0 else np.log(week[v] * slow + 0.05)
            f17 = category_hours[places.category[v], part]
            even[v, 10] = (far[v] * e24 - MIDDLE[10]) / SPREAD[10]
            even[v, 20], even[v, 21], even[v, 22], even[v, 23] = f20, f21, f22, f23
            for j in range(20, 24):
                even[v, j] = (even[v, j] - MIDDLE[j]) / SPREAD[j]
            if keep:
                x = out[m, v]
                for q in range(len(PAIRS)):
                    x[24 + q] = even[v, PAIRS[q, 0]] * even[v, PAIRS[q, 1]]
                x[6], x[17] = at_hour[part, v], f17
                x[8], x[9], x[10] = far[v] * e1, far[v] * e6, far[v] * e24
                x[20], x[21], x[22], x[23] = f20, f21, f22, f23
            else:
                u = still[v] + base[6] * at_hour[part, v] + far_w * far[v] + base[17] * f17
                for q in range(len(PAIRS)):
                    if moving[q]:
                        u += base[24 + q] * even[v, PAIRS[q, 0]] * even[v, PAIRS[q, 1]]
                score[m, v] = u + base[20] * f20 + base[21] * f21 + base[22] * f22 + base[23] * f23


@njit(cache=True, nogil=True)
def exploring(
    theta,
    state,
    rows,
    end,
    crowd,
    series,
    together,
    places,
    category_hours,
    around,
    row,
    chances,
    now,
    t,
    hour,
    out,
):
    """Fill out (experts, moments, venues) with the experts on venues not used before."""
    n_v = len(places.x)
    k = snapshot(crowd, now)
    score = np.zeros((len(t), n_v))
    explore_features(
        state,
        rows,
        end,
        crowd,
        series,
        together,
        places,
        category_hours,
        around,
        row,
        chances,
        now,
        t,
        hour,
        np.zeros((0, 0, 0)),
        theta,
        score,
    )
    n_venues = max(state.num[N_VENUES], 1e-6)
    near, popular, fresh = np.zeros(n_v), np.zeros(n_v), np.zeros(n_v)
    all_near, all_popular = 0.0, 0.0
    for v in range(n_v):
        fresh[v] = 1.0 - state.used[v]
        popular[v] = fresh[v] * (crowd.visits[k, v] + 0.5)
        near[v] = (
            fresh[v] * (state.near[1, v] / n_venues + 1e-6) * np.sqrt(crowd.visits[k, v] + 0.5)
        )
        all_near += near[v]
        all_popular += popular[v]
    for m in range(len(t)):
        best, total = -1e300, 0.0
        for v in range(n_v):
            if score[m, v] > best:
                best = score[m, v]
        for v in range(n_v):
            out[0, m, v] = fresh[v] * np.exp(score[m, v] - best)
            total += out[0, m, v]
        total = max(total, 1e-300)
        for v in range(n_v):
            out[0, m, v] /= total
            out[1, m, v] = near[v] / max(all_near, 1e-300)
            out[2, m, v] = popular[v] / max(all_popular, 1e-300)


@njit(cache=True, nogil=True)
def gate_features(state, t, hour, rest, pull, out):
    """Fill out (moments, features) with what tells whether the next venue is a new one, `GATE`.

    `pull` (moments, 3) says how well the moment asked about matches the past: see `returning`.
    """
    num = state.num
    n, fresh = num[N_EVENTS], num[N_NEW]
    top, single = 0.0, 0.0
    for v in range(len(state.visits)):
        c = state.visits[v]
        if c > top:
            top = c
        if 0.0 < c < 1.5:
            single += min(c, 1.0)
    rate = (fresh + 1.0) / (n + 2.0)
    r5 = min(max(num[N_NEW5], 0.01), 0.99)
    r20 = min(max(num[N_NEW20], 0.01), 0.99)
    lone = (single + 0.5) / (n + 1.0)
    lone = min(max(lone, 0.01), 0.99)
    for m in range(len(t)):
        part = int(hour[m] // 4) % 6
        gap = max(t[m] - num[N_LAST_T], 0.0) if n > 0.0 else 2592000.0
        here = (state.novel[part, 0] + 3.0 * (fresh + 2.0) / (n + 3.0)) / (
            state.novel[part, 1] + 3.0
        )
        here = min(max(here, 0.01), 0.99)
        soon = np.exp(-gap / 7200.0)
        x = out[m]
        x[0] = 1.0
        x[1] = np.log(n + 1.0) - 3.0
        x[2] = np.log(rate / (1.0 - rate))
        x[3] = np.log(r5 / (1.0 - r5))
        x[4] = np.log(r20 / (1.0 - r20))
        x[5] = np.log(here / (1.0 - here))
        x[6] = np.log(gap + 600.0) - 11.0
        x[7] = soon
        x[8] = rest[m]
        x[9] = np.log(lone / (1.0 - lone))
        x[10] = top / max(n, 1.0)
        x[11] = num[N_LAST_NEW] * soon
        x[12] = np.sin(hour[m] * np.pi / 12.0)
        x[13] = np.cos(hour[m] * np.pi / 12.0)
        x[14], x[15], x[16] = pull[m, 0], pull[m, 1], pull[m, 2]


def new_state(n_venues: int, n_categories: int, n_brands: int) -> State:
    """Give the state of a series that has done nothing yet."""
    num = np.zeros(8)
    num[N_NEW5], num[N_NEW20] = 0.6, 0.5
    zeros: Any = np.zeros
    return State(
        zeros((4, n_venues)),
        zeros(n_venues),
        zeros(n_venues),
        zeros((6, n_venues)),
        zeros(n_venues),
        zeros(n_venues),
        zeros(n_categories),
        zeros(n_categories),
        zeros(n_brands),
        zeros((6, 2)),
        num,
    )
