# mypy: allow-untyped-defs
"""Compiled sweeps over the past events of a series: the experts on venues used before.

The habit kernel gives each past event a pull, the exponential of a weighted sum of what it has in
common with the moment asked about (`HABIT`); a venue's share is its part of all the pulls.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from crimeloc.ranking.model._kernels import snapshot

HABIT = (
    "log_age",
    "age_10d",
    "age_40d",
    "age_10h",
    "hour_narrow",
    "hour_mid",
    "hour_wide",
    "same_kind",
    "kind_x_hour",
    "weekday",
    "weekday_x_hour",
    "is_last_venue",
    "last_x_2h",
    "last_x_1d",
    "after_same_x_gap",
    "after_same",
    "gap_alike",
    "log_count",
    "near_last",
    "is_last_event",
    "after_same_two",
    "after_same_soon",
    "after_near_soon",
    "category_hour",
    "visits",
    "log_lately",
    "log_since",
    "used_today",
    "log_due",
    "log_due_squared",
    "log_count_x_hour",
    "log_count_squared",
    "log_age_x_hour",
    "log_lately_squared",
    "weekday_x_narrow",
)
RETURNING = ("habit", "rhythm", "loyalty", "recent", "sequence")


@njit(cache=True, nogil=True)
def _survey(rows, first, end, places, known, links, used):
    """Sum up the past of one series: by venue in `known`, by event in `links`.

    known (V, 11): visits, last time, first time, recent visits, chance that it is the last venue,
    and logs of the visits, the distance from the last event and the pace; three for the moment.
    links (events, 4): was the event before at the last venue; near it; and the one before as well;
    and did it follow soon? `used` gets the venues; how many there are is given.
    """
    n_last, n_used = 0.0, 0
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
                used[n_used] = v
                n_used += 1
                far = np.sqrt((places.x[v] - x) ** 2 + (places.y[v] - y) ** 2)
                known[v, 6] = far
            known[v, 0] += rows.weight[r]
            known[v, 1] = rows.t[j]
            known[v, 3] += rows.weight[r] * lately
        after, near, two = 0.0, 0.0, 0.0
        if j > first:
            for r in range(rows.ptr[j - 1], rows.ptr[j]):
                v = rows.venue[r]
                after += rows.weight[r] * known[v, 4]
                near += rows.weight[r] * np.exp(-2.0 * known[v, 6])
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
        links[j - first, 3] = np.exp(-rows.gap[j] / 10800.0)
    for k in range(n_used):
        v = used[k]
        known[v, 5] = np.log(known[v, 0] + 0.1)
        known[v, 6] = np.log(known[v, 6] + 0.1)
        pace = ((known[v, 1] - known[v, 2]) / 86400.0 + 7.0) / max(known[v, 0], 0.1)
        known[v, 7] = np.log(pace)
    return n_used


@njit(cache=True, nogil=True)
def _moment(rows, end, t, known, used, n_used, when):
    """Bring what depends on the moment t up to date, by venue in `known` and at large in `when`.

    when: seconds since the last event, and how that fades over 2, 3 and 24 hours.
    """
    gap = max(t - rows.t[end - 1], 0.0)
    when[0] = gap
    when[1], when[2], when[3] = (
        np.exp(-gap / 7200.0),
        np.exp(-gap / 10800.0),
        np.exp(-gap / 86400.0),
    )
    late = np.exp(-gap / 1209600.0)
    for k in range(n_used):
        v = used[k]
        since = max(t - known[v, 1], 0.0) / 86400.0
        known[v, 8] = np.log(known[v, 3] * late + 0.05)
        known[v, 9] = np.log(since + 0.05)
        known[v, 10] = np.log(since + 0.1) - known[v, 7]


@njit(cache=True, nogil=True)
def _forget(known, used, n_used):
    """Set `known` back to zero."""
    for k in range(n_used):
        for c in range(11):
            known[used[k], c] = 0.0


@njit(cache=True, nogil=True)
def _pair(
    f,
    rows,
    j,
    r,
    first,
    end,
    t,
    hour,
    weekday,
    rest,
    known,
    links,
    when,
    places,
    log_visits,
    category_hours,
):
    """Fill f with what one past event has in common with the moment asked about, `HABIT`."""
    v = rows.venue[r]
    age = max(t - rows.t[j], 0.0) / 86400.0
    gap = when[0]
    dh = abs(hour - rows.hour[j])
    dh = min(dh, 24.0 - dh)
    mid = np.exp(-0.5 * (dh / 2.0) ** 2)
    kind = 1.0 if rest == rows.rest[j] else 0.0
    day = 1.0 if weekday == rows.weekday[j] else 0.0
    alike = min(gap + 600.0, rows.gap[j] + 600.0) / max(gap + 600.0, rows.gap[j] + 600.0)
    soon = when[2]
    both_soon = soon * links[j - first, 3]
    at_last = known[v, 4]
    after, near, two = links[j - first, 0], links[j - first, 1], links[j - first, 2]
    slow = np.exp(-age / 40.0)
    f[0] = np.log(age + 0.05)
    f[1] = slow * slow * slow * slow
    f[2] = slow
    f[3] = np.exp(-age / 0.4)
    f[4] = np.exp(-0.5 * (dh / 0.7) ** 2)
    f[5] = mid
    f[6] = np.exp(-0.5 * (dh / 5.0) ** 2)
    f[7] = kind
    f[8] = kind * mid
    f[9] = day
    f[10] = day * mid
    f[11] = at_last
    f[12] = at_last * when[1]
    f[13] = at_last * when[3]
    f[14] = after * alike
    f[15] = after
    f[16] = alike
    f[17] = known[v, 5]
    f[18] = soon * known[v, 6]
    f[19] = 1.0 if j == end - 1 else 0.0
    f[20] = two
    f[21] = after * both_soon
    f[22] = near * both_soon
    f[23] = category_hours[places.category[v], int(hour // 4) % 6]
    f[24] = log_visits[v]
    f[25] = known[v, 8]
    f[26] = known[v, 9]
    f[27] = 1.0 if t - known[v, 1] < 51840.0 else 0.0
    f[28] = known[v, 10]
    f[29] = f[28] * f[28]
    f[30] = f[17] * mid
    f[31] = f[17] * f[17]
    f[32] = f[0] * f[6]
    f[33] = f[25] * f[25]
    f[34] = day * f[4]


@njit(cache=True, nogil=True)
def habit_pairs(
    rows, firsts, ends, query, times, hours, places, crowd, category_hours, ptr, x, weight, true
):
    """Fill x (pairs, features) with what each past event had in common with each event asked.

    `firsts[i]` is the first event of the series of event i, `ends[q]` the end of the past of query
    q, `times[q]` and `hours[q]` the moment as far as it is known; `weight` tells how sure the past
    row is, `true` how much of it was at the venue.
    """
    f, when = np.zeros(x.shape[1]), np.zeros(4)
    n_v = len(places.x)
    known, true_w, used = np.zeros((n_v, 11)), np.zeros(n_v), np.zeros(n_v, np.int64)
    most = 1
    for q in range(len(query)):
        most = max(most, ends[q] - firsts[query[q]])
    links = np.zeros((most, 4))
    for q in range(len(query)):
        i = query[q]
        first, end, k = firsts[i], ends[q], ptr[q]
        for r in range(rows.ptr[i], rows.ptr[i + 1]):
            true_w[rows.venue[r]] += rows.weight[r]
        log_visits = crowd.log_visits[snapshot(crowd, rows.t[i])]
        n_used = _survey(rows, first, end, places, known, links, used)
        _moment(rows, end, times[q], known, used, n_used, when)
        for j in range(first, end):
            for r in range(rows.ptr[j], rows.ptr[j + 1]):
                _pair(
                    f,
                    rows,
                    j,
                    r,
                    first,
                    end,
                    times[q],
                    hours[q],
                    rows.weekday[i],
                    rows.rest[i],
                    known,
                    links,
                    when,
                    places,
                    log_visits,
                    category_hours,
                )
                for c in range(len(f)):
                    x[k, c] = f[c]
                weight[k] = rows.weight[r]
                true[k] = true_w[rows.venue[r]]
                k += 1
        _forget(known, used, n_used)
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
            w = weight[p] * np.exp(u)
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
def habit_pulls(
    beta, rows, first, end, now, t, hour, weekday, rest, places, crowd, category_hours, pulls
):
    """Give the pull of each candidate row of the past on one moment (not normalised)."""
    n_v = len(places.x)
    known, links = np.zeros((n_v, 11)), np.zeros((end - first, 4))
    used, when, f = np.zeros(n_v, np.int64), np.zeros(4), np.zeros(len(beta))
    log_visits = crowd.log_visits[snapshot(crowd, now)]
    n_used = _survey(rows, first, end, places, known, links, used)
    _moment(rows, end, t, known, used, n_used, when)
    for j in range(first, end):
        for r in range(rows.ptr[j], rows.ptr[j + 1]):
            _pair(
                f,
                rows,
                j,
                r,
                first,
                end,
                t,
                hour,
                weekday,
                rest,
                known,
                links,
                when,
                places,
                log_visits,
                category_hours,
            )
            u = 0.0
            for k in range(len(beta)):
                u += beta[k] * f[k]
            pulls[r - rows.ptr[first]] = rows.weight[r] * np.exp(u)


@njit(cache=True, nogil=True)
def returning(
    beta,
    rows,
    first,
    end,
    now,
    t,
    hour,
    weekday,
    rest,
    places,
    crowd,
    category_hours,
    slot,
    out,
    pull,
):
    """Fill out (experts, moments, venues used) with the experts on venues used before.

    `slot[v]` is the column of venue v. Every expert sums to 1 over the columns at each moment.
    pull (moments, 3) gets the log of how well the moment matches the past (all the pulls against
    those of age alone), the log of the latter, and the entropy of the habit.
    """
    n_d, n_v = out.shape[2], len(places.x)
    known, links = np.zeros((n_v, 11)), np.zeros((end - first, 4))
    used, when, f = np.zeros(n_v, np.int64), np.zeros(4), np.zeros(len(beta))
    log_visits = crowd.log_visits[snapshot(crowd, now)]
    n_used = _survey(rows, first, end, places, known, links, used)
    for m in range(len(t)):
        _moment(rows, end, t[m], known, used, n_used, when)
        by_age = 0.0
        for j in range(first, end):
            for r in range(rows.ptr[j], rows.ptr[j + 1]):
                _pair(
                    f,
                    rows,
                    j,
                    r,
                    first,
                    end,
                    t[m],
                    hour[m],
                    weekday[m],
                    rest[m],
                    known,
                    links,
                    when,
                    places,
                    log_visits,
                    category_hours,
                )
                u = 0.0
                for k in range(len(beta)):
                    u += beta[k] * f[k]
                w = rows.weight[r]
                d = slot[rows.venue[r]]
                by_age += w * np.exp(beta[0] * f[0] + beta[1] * f[1] + beta[2] * f[2])
                out[0, m, d] += w * np.exp(u)
                out[1, m, d] += w * (f[10] * f[2] + 0.2 * f[8] * f[2] + 1e-4)
                out[2, m, d] += w
                out[3, m, d] += w * (f[1] + 1e-6)
                out[4, m, d] += w * (f[14] + 1e-3)
        for k in range(out.shape[0]):
            total = 0.0
            for d in range(n_d):
                total += out[k, m, d]
            if k == 0:
                pull[m, 0] = np.log(total) - np.log(by_age)
                pull[m, 1] = np.log(by_age)
            for d in range(n_d):
                out[k, m, d] /= total
        for d in range(n_d):
            pull[m, 2] -= out[0, m, d] * np.log(out[0, m, d] + 1e-300)
