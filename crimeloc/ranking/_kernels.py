"""Compiled sweeps of the ranking room: over past events (habit) and over venues (exploration).

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


class Crowd(NamedTuple):
    """What all series did before each snapshot, and who came where when for the first time."""

    start: float
    step: float
    visits: Floats
    lately: Floats
    visitors: Floats
    venue_ptr: Ints
    venue_series: Ints
    venue_t: Floats
    series_ptr: Ints
    series_venue: Ints
    series_t: Floats


class State(NamedTuple):
    """What one series has done so far, as sums over its past."""

    near: Floats  # (4, V) kernels of 0.1, 0.5, 2 and 8 km around distinct venues used
    near_n: Floats  # (V,) 0.1 km, by visits
    near_late: Floats  # (V,) 0.5 km, by visits, half-life about a week
    near_hour: Floats  # (6, V) 0.5 km, by visits, in six parts of the day
    used: Floats  # (V,) chance that the venue was used
    count: Floats  # (V,) visits
    category: Floats  # (C,)
    category_late: Floats  # (C,)
    brand: Floats  # (B,)
    novel: Floats  # (6, 2) new and all visits by part of the day
    num: Floats  # see the constants N_*


N_EVENTS, N_VENUES, N_NEW, N_NEW5, N_NEW20, N_LAST_T, N_LAST_NEW, N_SEATS = range(8)

HABIT = (
    "log_age", "age_10d", "age_40d", "age_10h", "hour_narrow", "hour_mid", "hour_wide",
    "same_kind", "kind_x_hour", "weekday", "weekday_x_hour", "is_last_venue", "last_x_2h",
    "last_x_1d", "after_same_x_gap", "after_same", "gap_alike", "log_count", "near_last",
    "is_last_event", "after_same_two", "after_same_soon", "after_near_soon", "category_hour",
    "visits", "log_lately", "log_since", "used_today", "log_due", "log_due_squared",
)  # fmt: skip
EXPLORE = (
    "near_0.1km", "near_0.5km", "near_2km", "near_8km", "near_0.1km_visits", "near_0.5km_lately",
    "near_at_this_hour", "from_last", "from_last_1h", "from_last_6h", "from_last_1d", "visits",
    "visits_lately", "visitors", "co_visits", "category", "category_lately", "category_hour",
    "brand", "seats",
)  # fmt: skip
RETURNING = ("habit", "rhythm", "loyalty", "recent", "sequence")
EXPLORING = ("explore", "nearby", "popular")
GATE = (
    "one", "log_events", "novelty", "novelty_5", "novelty_20", "novelty_hour", "log_gap",
    "gap_2h", "rest_day", "singles", "top_share", "last_new", "sin_hour", "cos_hour",
)  # fmt: skip
_X = len(EXPLORE)


@njit(cache=True, nogil=True)
def _survey(rows, first, end, places, known, links):
    """Sum up the past of one series: by venue in `known`, by event in `links`.

    known (V, 5): visits, last time, first time, recent visits, chance that it is the last venue.
    links (events, 3): was the event before at the last venue; near it; and the one before as well?
    Gives the mean place of the last event.
    """
    n_last = 0.0
    x, y = 0.0, 0.0
    for r in range(rows.ptr[end - 1], rows.ptr[end]):
        v = rows.venue[r]
        known[v, 4] += rows.weight[r]
        n_last += rows.weight[r]
        x += rows.weight[r] * places.x[v]
        y += rows.weight[r] * places.y[v]
    x /= max(n_last, 1e-12)
    y /= max(n_last, 1e-12)
    now = rows.t[end - 1]
    before = 0.0
    for j in range(first, end):
        lately = np.exp(-(now - rows.t[j]) / 1209600.0)
        for r in range(rows.ptr[j], rows.ptr[j + 1]):
            v = rows.venue[r]
            if known[v, 0] == 0.0:
                known[v, 2] = rows.t[j]
            known[v, 0] += rows.weight[r]
            known[v, 1] = rows.t[j]
            known[v, 3] += rows.weight[r] * lately
        after, near, two = 0.0, 0.0, 0.0
        if j > first:
            for r in range(rows.ptr[j - 1], rows.ptr[j]):
                v = rows.venue[r]
                after += rows.weight[r] * known[v, 4]
                d = np.sqrt((places.x[v] - x) ** 2 + (places.y[v] - y) ** 2)
                near += rows.weight[r] * np.exp(-2.0 * d)
        if j > first + 1 and end > first + 1:
            for r in range(rows.ptr[j - 2], rows.ptr[j - 1]):
                for q in range(rows.ptr[end - 2], rows.ptr[end - 1]):
                    if rows.venue[r] == rows.venue[q]:
                        before += rows.weight[r] * rows.weight[q]
            two = after * before
            before = 0.0
        links[j - first, 0] = after
        links[j - first, 1] = near
        links[j - first, 2] = two
    return x, y


@njit(cache=True, nogil=True)
def _forget(rows, first, end, known):
    """Set `known` back to zero."""
    for r in range(rows.ptr[first], rows.ptr[end]):
        for k in range(5):
            known[rows.venue[r], k] = 0.0


@njit(cache=True, nogil=True)
def _pair(
    f, rows, j, r, first, end, t, hour, weekday, rest, known, links, lx, ly, places, visits,
    category_hours,
):  # fmt: skip
    """Fill f with what one past event has in common with the moment asked about, `HABIT`."""
    v = rows.venue[r]
    age = max(t - rows.t[j], 0.0) / 86400.0
    gap = max(t - rows.t[end - 1], 0.0)
    dh = abs(hour - rows.hour[j])
    dh = min(dh, 24.0 - dh)
    mid = np.exp(-0.5 * (dh / 2.0) ** 2)
    kind = 1.0 if rest == rows.rest[j] else 0.0
    day = 1.0 if weekday == rows.weekday[j] else 0.0
    alike = np.exp(-abs(np.log((gap + 600.0) / (rows.gap[j] + 600.0))))
    soon = np.exp(-gap / 10800.0)
    both_soon = soon * np.exp(-rows.gap[j] / 10800.0)
    at_last = known[v, 4]
    after, near, two = links[j - first, 0], links[j - first, 1], links[j - first, 2]
    far = np.sqrt((places.x[v] - lx) ** 2 + (places.y[v] - ly) ** 2)
    since = max(t - known[v, 1], 0.0) / 86400.0
    pace = ((known[v, 1] - known[v, 2]) / 86400.0 + 7.0) / max(known[v, 0], 0.1)
    due = np.log((since + 0.1) / pace)
    lately = known[v, 3] * np.exp(-gap / 1209600.0)
    f[0] = np.log(age + 0.05)
    f[1] = np.exp(-age / 10.0)
    f[2] = np.exp(-age / 40.0)
    f[3] = np.exp(-age / 0.4)
    f[4] = np.exp(-0.5 * (dh / 0.7) ** 2)
    f[5] = mid
    f[6] = np.exp(-0.5 * (dh / 5.0) ** 2)
    f[7] = kind
    f[8] = kind * mid
    f[9] = day
    f[10] = day * mid
    f[11] = at_last
    f[12] = at_last * np.exp(-gap / 7200.0)
    f[13] = at_last * np.exp(-gap / 86400.0)
    f[14] = after * alike
    f[15] = after
    f[16] = alike
    f[17] = np.log(known[v, 0] + 0.1)
    f[18] = soon * np.log(far + 0.1)
    f[19] = 1.0 if j == end - 1 else 0.0
    f[20] = two
    f[21] = after * both_soon
    f[22] = near * both_soon
    f[23] = category_hours[places.category[v], int(hour // 4) % 6]
    f[24] = np.log(visits[v] + 0.5)
    f[25] = np.log(lately + 0.05)
    f[26] = np.log(since + 0.05)
    f[27] = 1.0 if since < 0.6 else 0.0
    f[28] = due
    f[29] = due * due


@njit(cache=True, nogil=True)
def habit_pairs(
    rows, firsts, ends, query, times, hours, places, crowd, category_hours, ptr, x, weight, true
):  # fmt: skip
    """Fill x (pairs, features) with what each past event had in common with each event asked.

    `firsts[i]` is the first event of the series of event i, `ends[q]` the end of the past of
    query q, `times[q]` and `hours[q]` the moment as far as it is known; `weight` tells how sure the past row is, `true` how much of it was at the venue.
    """
    f = np.zeros(x.shape[1])
    known, true_w = np.zeros((len(places.x), 5)), np.zeros(len(places.x))
    most = 1
    for q in range(len(query)):
        most = max(most, ends[q] - firsts[query[q]])
    links = np.zeros((most, 3))
    for q in range(len(query)):
        i = query[q]
        first, end, k = firsts[i], ends[q], ptr[q]
        for r in range(rows.ptr[i], rows.ptr[i + 1]):
            true_w[rows.venue[r]] += rows.weight[r]
        visits = crowd.visits[_snapshot(crowd, rows.t[i])]
        lx, ly = _survey(rows, first, end, places, known, links)
        for j in range(first, end):
            for r in range(rows.ptr[j], rows.ptr[j + 1]):
                _pair(f, rows, j, r, first, end, times[q], hours[q], rows.weekday[i],
                      rows.rest[i], known, links, lx, ly, places, visits,
                      category_hours)  # fmt: skip
                for c in range(len(f)):
                    x[k, c] = f[c]
                weight[k] = rows.weight[r]
                true[k] = true_w[rows.venue[r]]
                k += 1
        _forget(rows, first, end, known)
        for r in range(rows.ptr[i], rows.ptr[i + 1]):
            true_w[rows.venue[r]] = 0.0


@njit(cache=True, nogil=True, fastmath=True)
def habit_loss(beta, ptr, x, weight, true, slope):
    """Minus log-likelihood of returning visits under the habit kernel, and its gradient."""
    n_f = len(beta)
    b = beta.astype(np.float32)
    g_all, g_true = np.zeros(n_f, np.float32), np.zeros(n_f, np.float32)
    loss = 0.0
    slope[:] = 0.0
    for q in range(len(ptr) - 1):
        z_all, z_true = 0.0, 0.0
        g_all[:] = 0.0
        g_true[:] = 0.0
        for p in range(ptr[q], ptr[q + 1]):
            u = np.float32(0.0)
            for c in range(n_f):
                u += b[c] * x[p, c]
            w = np.float32(weight[p] * np.exp(u))
            z_all += w
            for c in range(n_f):
                g_all[c] += w * x[p, c]
            if true[p] > 0.0:
                w *= true[p]
                z_true += w
                for c in range(n_f):
                    g_true[c] += w * x[p, c]
        if z_true > 0.0:
            loss -= np.log(z_true / z_all)
            for c in range(n_f):
                slope[c] -= g_true[c] / z_true - g_all[c] / z_all
    return loss


@njit(cache=True, nogil=True)
def _snapshot(crowd, now):
    return max(0, min(int((now - crowd.start) // crowd.step), crowd.visits.shape[0] - 1))


@njit(cache=True, nogil=True)
def habit_pulls(
    beta, rows, first, end, now, t, hour, weekday, rest, places, crowd, category_hours, pulls
):  # fmt: skip
    """Give the pull of each candidate row of the past on one moment (not normalised)."""
    known, links = np.zeros((len(places.x), 5)), np.zeros((end - first, 3))
    f = np.zeros(len(beta))
    visits = crowd.visits[_snapshot(crowd, now)]
    lx, ly = _survey(rows, first, end, places, known, links)
    for j in range(first, end):
        for r in range(rows.ptr[j], rows.ptr[j + 1]):
            _pair(f, rows, j, r, first, end, t, hour, weekday, rest, known, links, lx, ly, places,
                  visits, category_hours)  # fmt: skip
            u = 0.0
            for k in range(len(beta)):
                u += beta[k] * f[k]
            pulls[r - rows.ptr[first]] = rows.weight[r] * np.exp(u)


@njit(cache=True, nogil=True)
def returning(
    beta, rows, first, end, now, t, hour, weekday, rest, places, crowd, category_hours, slot, out
):  # fmt: skip
    """Fill out (experts, moments, venues used) with the experts on venues used before.

    `slot[v]` is the column of venue v. Every expert sums to 1 over the columns at each moment.
    """
    n_d = out.shape[2]
    known, links = np.zeros((len(places.x), 5)), np.zeros((end - first, 3))
    f = np.zeros(len(beta))
    visits = crowd.visits[_snapshot(crowd, now)]
    lx, ly = _survey(rows, first, end, places, known, links)
    for m in range(len(t)):
        for j in range(first, end):
            for r in range(rows.ptr[j], rows.ptr[j + 1]):
                _pair(f, rows, j, r, first, end, t[m], hour[m], weekday[m], rest[m], known, links,
                      lx, ly, places, visits, category_hours)  # fmt: skip
                u = 0.0
                for k in range(len(beta)):
                    u += beta[k] * f[k]
                w = rows.weight[r]
                d = slot[rows.venue[r]]
                out[0, m, d] += w * np.exp(u)
                out[1, m, d] += w * (f[10] * f[2] + 0.2 * f[8] * f[2] + 1e-4)
                out[2, m, d] += w
                out[3, m, d] += w * (f[1] + 1e-6)
                out[4, m, d] += w * (f[14] + 1e-3)
        for k in range(out.shape[0]):
            total = 0.0
            for d in range(n_d):
                total += out[k, m, d]
            for d in range(n_d):
                out[k, m, d] /= total


@njit(cache=True, nogil=True)
def advance(state, rows, e, new_series, places):
    """Add event e to what the series has done so far."""
    num = state.num
    t = rows.t[e]
    part = int(rows.hour[e] // 4) % 6
    fade = 0.0 if new_series else np.exp(-max(t - num[N_LAST_T], 0.0) / 864000.0)
    mass, fresh = 0.0, 0.0
    state.near_late[:] *= fade
    state.category_late[:] *= fade
    for r in range(rows.ptr[e], rows.ptr[e + 1]):
        v, w = rows.venue[r], rows.weight[r]
        new = (1.0 - state.used[v]) * w
        x, y = places.x[v], places.y[v]
        for u in range(len(places.x)):
            d2 = (places.x[u] - x) ** 2 + (places.y[u] - y) ** 2
            k01 = 1.0 / (1.0 + d2 * 100.0)
            k05 = 1.0 / (1.0 + d2 * 4.0)
            k2 = 1.0 / (1.0 + d2 * 0.25)
            k8 = 1.0 / (1.0 + d2 / 64.0)
            k01 *= np.sqrt(k01)
            k05 *= np.sqrt(k05)
            state.near[0, u] += new * k01
            state.near[1, u] += new * k05
            state.near[2, u] += new * k2 * np.sqrt(k2)
            state.near[3, u] += new * k8 * np.sqrt(k8)
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
        state.count[v] += w
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
def explore_features(
    state, rows, end, crowd, together, places, category_hours, now, t, hour, out
):  # fmt: skip
    """Fill out (venues, features) with what speaks for each venue at one moment, `EXPLORE`.

    Features 7 to 10 and 6, 17 change with the moment, the others only with the past.
    """
    k = _snapshot(crowd, now)
    num = state.num
    n_venues = max(num[N_VENUES], 1e-6)
    n_events = max(num[N_EVENTS], 1e-6)
    part = int(hour // 4) % 6
    lx, ly, mass = 0.0, 0.0, 0.0
    gap = 30.0 * 86400.0
    if end > 0:
        gap = max(t - num[N_LAST_T], 0.0)
        for r in range(rows.ptr[end - 1], rows.ptr[end]):
            lx += rows.weight[r] * places.x[rows.venue[r]]
            ly += rows.weight[r] * places.y[rows.venue[r]]
            mass += rows.weight[r]
        lx /= max(mass, 1e-12)
        ly /= max(mass, 1e-12)
    seats = num[N_SEATS] / n_events
    n_c = len(state.category)
    n_b = len(state.brand)
    e1, e6, e24 = np.exp(-gap / 3600.0), np.exp(-gap / 21600.0), np.exp(-gap / 86400.0)
    for v in range(len(places.x)):
        x = out[v]
        for b in range(4):
            x[b] = np.log(state.near[b, v] / n_venues + 1e-4)
        x[4] = np.log(state.near_n[v] / n_events + 1e-4)
        x[5] = np.log(state.near_late[v] + 1e-4)
        around = 0.5 * (state.near_hour[(part + 1) % 6, v] + state.near_hour[(part + 5) % 6, v])
        x[6] = np.log((state.near_hour[part, v] + around) / n_events + 1e-3)
        far = np.log(0.1 + np.sqrt((places.x[v] - lx) ** 2 + (places.y[v] - ly) ** 2))
        x[7] = far
        x[8] = far * e1
        x[9] = far * e6
        x[10] = far * e24
        x[11] = np.log(crowd.visits[k, v] + 0.5)
        x[12] = np.log(crowd.lately[k, v] + 0.1)
        x[13] = np.log(crowd.visitors[k, v] + 0.5)
        x[14] = np.log(together[v] + 0.02)
        c = places.category[v]
        x[15] = np.log((state.category[c] + 0.5) / (n_events + 0.5 * n_c))
        x[16] = np.log(state.category_late[c] + 0.05)
        x[17] = category_hours[c, part]
        x[18] = np.log((state.brand[places.brand[v]] + 0.5) / (n_events + 0.5 * n_b))
        x[19] = -abs(places.seats[v] - seats) if end > 0 else 0.0


@njit(cache=True, nogil=True)
def exploring(
    theta, state, rows, end, crowd, together, places, category_hours, now, t, hour, x, out
):  # fmt: skip
    """Fill out (experts, moments, venues) with the experts on venues not used before."""
    n_v = len(places.x)
    k = _snapshot(crowd, now)
    explore_features(
        state, rows, end, crowd, together, places, category_hours, now, t[0], hour[0], x
    )
    base = np.zeros(n_v)
    near = np.zeros(n_v)
    n_venues = max(state.num[N_VENUES], 1e-6)
    n_events = max(state.num[N_EVENTS], 1e-6)
    for v in range(n_v):
        u = 0.0
        for j in range(_X):
            if not (j == 6 or 8 <= j <= 10 or j == 17):
                u += theta[j] * x[v, j]
        base[v] = u
        near[v] = (state.near[1, v] / n_venues + 1e-6) * np.sqrt(crowd.visits[k, v] + 0.5)
    score = np.zeros(n_v)
    for m in range(len(t)):
        part = int(hour[m] // 4) % 6
        gap = max(t[m] - state.num[N_LAST_T], 0.0) if end > 0 else 2592000.0
        far_w = theta[8] * np.exp(-gap / 3600.0) + theta[9] * np.exp(-gap / 21600.0)
        far_w += theta[10] * np.exp(-gap / 86400.0)
        best = -1e300
        for v in range(n_v):
            around = 0.5 * (state.near_hour[(part + 1) % 6, v] + state.near_hour[(part + 5) % 6, v])
            at_hour = np.log((state.near_hour[part, v] + around) / n_events + 1e-3)
            u = base[v] + theta[6] * at_hour + far_w * x[v, 7]
            u += theta[17] * category_hours[places.category[v], part]
            score[v] = u
            if u > best:
                best = u
        for v in range(n_v):
            fresh = 1.0 - state.used[v]
            out[0, m, v] = fresh * np.exp(score[v] - best)
            out[1, m, v] = fresh * near[v]
            out[2, m, v] = fresh * (crowd.visits[k, v] + 0.5)
        for e in range(out.shape[0]):
            total = 0.0
            for v in range(n_v):
                total += out[e, m, v]
            if total > 0.0:
                for v in range(n_v):
                    out[e, m, v] /= total


@njit(cache=True, nogil=True)
def gate_features(state, t, hour, rest, out):
    """Fill out (moments, features) with what tells whether the next venue is a new one, `GATE`."""
    num = state.num
    n, fresh = num[N_EVENTS], num[N_NEW]
    top, single = 0.0, 0.0
    for v in range(len(state.count)):
        c = state.count[v]
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


def new_state(n_venues: int, n_categories: int, n_brands: int) -> State:
    """Give the state of a series that has done nothing yet."""
    num = np.zeros(8)
    num[N_NEW5], num[N_NEW20] = 0.6, 0.5
    zeros: Any = np.zeros
    return State(
        zeros((4, n_venues)), zeros(n_venues), zeros(n_venues), zeros((6, n_venues)),
        zeros(n_venues), zeros(n_venues), zeros(n_categories), zeros(n_categories),
        zeros(n_brands), zeros((6, 2)), num,
    )  # fmt: skip
