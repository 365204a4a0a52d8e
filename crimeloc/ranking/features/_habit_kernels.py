"""Compiled sweeps over the past events of a series: the experts on venues used before.

The habit kernel gives each past event a pull, the exponential of a weighted sum of what it has in
common with the moment asked about (`Habit`); a venue's share is its part of all the pulls.

A sweep costs past events x moments x features. What belongs to a venue or to an event alone is
therefore worked out once for each question (`_survey`), what belongs to a moment once for each
moment (`_moment`), and only what joins the two in the innermost loop (`_pair`). Tables are cleared
by the list of venues used (`_forget`), since a register has thousands and a series a few.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc._compiled import fast_kernel, kernel, part
from crimeloc.ranking.features._state_kernels import snapshot
from crimeloc.ranking.features.arrays import Past, Rows, Surroundings, Times
from crimeloc.ranking.features.habit import Fading, Habit, Known, Link

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
N_KNOWN, N_LINKS, N_FADING = len(Known), len(Link), len(Fading)


class Memory(NamedTuple):
    """Room for one sweep: by venue, by past event, at large, and the venues used."""

    known: Floats
    links: Floats
    fading: Floats
    used: Ints
    log_visits: Floats


class Asked(NamedTuple):
    """One moment asked about."""

    t: float
    hour: float
    weekday: int
    rest: int


class Pairs(NamedTuple):
    """What each past event had in common with each event asked; `ptr` bounds those of one.

    `weight` tells how sure the past row is, `true` how much of the event asked was at its venue.
    """

    ptr: Ints
    x: Singles
    weight: Singles
    true: Singles


class Queries(NamedTuple):
    """Events to predict: their rows, first and last row of their past, and the moment known."""

    row: Ints
    first: Ints
    end: Ints
    t: Floats
    hour: Floats


@part
def _room(n_venues: int, n_events: int, log_visits: Floats) -> Memory:
    """Give room for a sweep over so many past events."""
    return Memory(
        np.zeros((n_venues, N_KNOWN)),
        np.zeros((n_events, N_LINKS)),
        np.zeros(N_FADING),
        np.zeros(n_venues, np.int64),
        log_visits,
    )


@part
def _survey(past: Past, near: Surroundings, memory: Memory) -> int:
    """Sum up the past of one series, by venue and by event; give how many venues it used."""
    rows, first, end, places = past.rows, past.first, past.end, near.places
    known, links, used = memory.known, memory.links, memory.used
    n_last, n_used = 0.0, 0
    x, y = 0.0, 0.0
    for r in range(rows.ptr[end - 1], rows.ptr[end]):
        v = rows.venue[r]
        known[v, Known.IS_LAST] += rows.weight[r]
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
            if known[v, Known.VISITS] == 0.0:
                known[v, Known.FIRST_T] = rows.t[j]
                used[n_used] = v
                n_used += 1
                far = np.sqrt((places.x[v] - x) ** 2 + (places.y[v] - y) ** 2)
                known[v, Known.LOG_FAR] = far
            known[v, Known.VISITS] += rows.weight[r]
            known[v, Known.LAST_T] = rows.t[j]
            known[v, Known.LATELY] += rows.weight[r] * lately
        after, close, two = 0.0, 0.0, 0.0
        if j > first:
            for r in range(rows.ptr[j - 1], rows.ptr[j]):
                v = rows.venue[r]
                after += rows.weight[r] * known[v, Known.IS_LAST]
                close += rows.weight[r] * np.exp(-2.0 * known[v, Known.LOG_FAR])
        if j > first + 1 and end > first + 1:
            for r in range(rows.ptr[j - 2], rows.ptr[j - 1]):
                for q in range(rows.ptr[end - 2], rows.ptr[end - 1]):
                    if rows.venue[r] == rows.venue[q]:
                        before += rows.weight[r] * rows.weight[q]
            two = after * before
            before = 0.0
        links[j - first, Link.SAME_VENUE] = after
        links[j - first, Link.NEAR_VENUE] = close
        links[j - first, Link.SAME_TWO] = two
        links[j - first, Link.SOON] = np.exp(-rows.gap[j] / 10800.0)
    for k in range(n_used):
        v = used[k]
        known[v, Known.LOG_VISITS] = np.log(known[v, Known.VISITS] + 0.1)
        known[v, Known.LOG_FAR] = np.log(known[v, Known.LOG_FAR] + 0.1)
        watched = (known[v, Known.LAST_T] - known[v, Known.FIRST_T]) / 86400.0
        known[v, Known.LOG_PACE] = np.log((watched + 7.0) / max(known[v, Known.VISITS], 0.1))
    return n_used


@part
def _moment(rows: Rows, end: int, t: float, memory: Memory, n_used: int) -> None:
    """Bring what depends on the moment t up to date, by venue and at large."""
    known, fading, used = memory.known, memory.fading, memory.used
    gap = max(t - rows.t[end - 1], 0.0)
    fading[Fading.SECONDS] = gap
    fading[Fading.OVER_2H] = np.exp(-gap / 7200.0)
    fading[Fading.OVER_3H] = np.exp(-gap / 10800.0)
    fading[Fading.OVER_1D] = np.exp(-gap / 86400.0)
    late = np.exp(-gap / 1209600.0)
    for k in range(n_used):
        v = used[k]
        since = max(t - known[v, Known.LAST_T], 0.0) / 86400.0
        known[v, Known.LOG_LATELY] = np.log(known[v, Known.LATELY] * late + 0.05)
        known[v, Known.LOG_SINCE] = np.log(since + 0.05)
        known[v, Known.LOG_DUE] = np.log(since + 0.1) - known[v, Known.LOG_PACE]


@part
def _forget(memory: Memory, n_used: int) -> None:
    """Set what is known of the venues used back to zero."""
    for k in range(n_used):
        for c in range(N_KNOWN):
            memory.known[memory.used[k], c] = 0.0


@part
def _pair(
    f: Floats, past: Past, j: int, r: int, asked: Asked, memory: Memory, near: Surroundings
) -> None:
    """Fill f with what row r of past event j has in common with the moment asked about."""
    rows, known = past.rows, memory.known
    v = rows.venue[r]
    age = max(asked.t - rows.t[j], 0.0) / 86400.0
    gap = memory.fading[Fading.SECONDS]
    dh = abs(asked.hour - rows.hour[j])
    dh = min(dh, 24.0 - dh)
    mid = np.exp(-0.5 * (dh / 2.0) ** 2)
    kind = 1.0 if asked.rest == rows.rest[j] else 0.0
    day = 1.0 if asked.weekday == rows.weekday[j] else 0.0
    alike = min(gap + 600.0, rows.gap[j] + 600.0) / max(gap + 600.0, rows.gap[j] + 600.0)
    soon = memory.fading[Fading.OVER_3H]
    at_last = known[v, Known.IS_LAST]
    after = memory.links[j - past.first, Link.SAME_VENUE]
    both_soon = soon * memory.links[j - past.first, Link.SOON]
    slow = np.exp(-age / 40.0)
    f[Habit.LOG_AGE] = np.log(age + 0.05)
    f[Habit.AGE_10D] = slow * slow * slow * slow
    f[Habit.AGE_40D] = slow
    f[Habit.AGE_10H] = np.exp(-age / 0.4)
    f[Habit.HOUR_NARROW] = np.exp(-0.5 * (dh / 0.7) ** 2)
    f[Habit.HOUR_MID] = mid
    f[Habit.HOUR_WIDE] = np.exp(-0.5 * (dh / 5.0) ** 2)
    f[Habit.SAME_KIND] = kind
    f[Habit.KIND_X_HOUR] = kind * mid
    f[Habit.WEEKDAY] = day
    f[Habit.WEEKDAY_X_HOUR] = day * mid
    f[Habit.IS_LAST_VENUE] = at_last
    f[Habit.LAST_X_2H] = at_last * memory.fading[Fading.OVER_2H]
    f[Habit.LAST_X_1D] = at_last * memory.fading[Fading.OVER_1D]
    f[Habit.AFTER_SAME_X_GAP] = after * alike
    f[Habit.AFTER_SAME] = after
    f[Habit.GAP_ALIKE] = alike
    f[Habit.LOG_COUNT] = known[v, Known.LOG_VISITS]
    f[Habit.NEAR_LAST] = soon * known[v, Known.LOG_FAR]
    f[Habit.IS_LAST_EVENT] = 1.0 if j == past.end - 1 else 0.0
    f[Habit.AFTER_SAME_TWO] = memory.links[j - past.first, Link.SAME_TWO]
    f[Habit.AFTER_SAME_SOON] = after * both_soon
    f[Habit.AFTER_NEAR_SOON] = memory.links[j - past.first, Link.NEAR_VENUE] * both_soon
    f[Habit.CATEGORY_HOUR] = near.category_hours[near.places.category[v], int(asked.hour // 4) % 6]
    f[Habit.VISITS] = memory.log_visits[v]
    f[Habit.LOG_LATELY] = known[v, Known.LOG_LATELY]
    f[Habit.LOG_SINCE] = known[v, Known.LOG_SINCE]
    f[Habit.USED_TODAY] = 1.0 if asked.t - known[v, Known.LAST_T] < 51840.0 else 0.0
    f[Habit.LOG_DUE] = known[v, Known.LOG_DUE]
    f[Habit.LOG_DUE_SQUARED] = f[Habit.LOG_DUE] * f[Habit.LOG_DUE]
    f[Habit.LOG_COUNT_X_HOUR] = f[Habit.LOG_COUNT] * mid
    f[Habit.LOG_COUNT_SQUARED] = f[Habit.LOG_COUNT] * f[Habit.LOG_COUNT]
    f[Habit.LOG_AGE_X_HOUR] = f[Habit.LOG_AGE] * f[Habit.HOUR_WIDE]
    f[Habit.LOG_LATELY_SQUARED] = f[Habit.LOG_LATELY] * f[Habit.LOG_LATELY]
    f[Habit.WEEKDAY_X_NARROW] = day * f[Habit.HOUR_NARROW]


@kernel
def habit_pairs(rows: Rows, asked: Queries, near: Surroundings, pairs: Pairs) -> None:
    """Fill `pairs` with what each past event had in common with each event asked."""
    f = np.zeros(pairs.x.shape[1])
    n_v = len(near.places.x)
    true_w = np.zeros(n_v)
    most = 1
    for q in range(len(asked.row)):
        most = max(most, asked.end[q] - asked.first[q])
    memory = _room(n_v, most, near.population.log_visits[0])
    for q in range(len(asked.row)):
        i = asked.row[q]
        k = pairs.ptr[q]
        past = Past(rows, asked.first[q], asked.end[q], rows.t[i], -1)
        for r in range(rows.ptr[i], rows.ptr[i + 1]):
            true_w[rows.venue[r]] += rows.weight[r]
        log_visits = near.population.log_visits[snapshot(near.population, rows.t[i])]
        memory = Memory(memory.known, memory.links, memory.fading, memory.used, log_visits)
        n_used = _survey(past, near, memory)
        _moment(rows, past.end, asked.t[q], memory, n_used)
        moment = Asked(asked.t[q], asked.hour[q], rows.weekday[i], rows.rest[i])
        for j in range(past.first, past.end):
            for r in range(rows.ptr[j], rows.ptr[j + 1]):
                _pair(f, past, j, r, moment, memory, near)
                for c in range(len(f)):
                    pairs.x[k, c] = f[c]
                pairs.weight[k] = rows.weight[r]
                pairs.true[k] = true_w[rows.venue[r]]
                k += 1
        _forget(memory, n_used)
        for r in range(rows.ptr[i], rows.ptr[i + 1]):
            true_w[rows.venue[r]] = 0.0


@fast_kernel
def habit_loss(beta: Floats, pairs: Pairs, slope: Floats) -> float:
    """Minus log-likelihood of returning visits under the habit kernel, and its gradient."""
    n_f = len(beta)
    b = beta.astype(np.float32)
    g_all, g_true = np.zeros(n_f, np.float32), np.zeros(n_f, np.float32)
    ptr, x, weight, true = pairs.ptr, pairs.x, pairs.weight, pairs.true
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


@kernel
def habit_pulls(
    beta: Floats, past: Past, times: Times, m: int, near: Surroundings, pulls: Floats
) -> None:
    """Give the pull of each candidate row of the past on moment m (not normalised)."""
    rows = past.rows
    log_visits = near.population.log_visits[snapshot(near.population, past.now)]
    memory = _room(len(near.places.x), past.end - past.first, log_visits)
    f = np.zeros(len(beta))
    n_used = _survey(past, near, memory)
    _moment(rows, past.end, times.t[m], memory, n_used)
    moment = Asked(times.t[m], times.hour[m], times.weekday[m], times.rest[m])
    for j in range(past.first, past.end):
        for r in range(rows.ptr[j], rows.ptr[j + 1]):
            _pair(f, past, j, r, moment, memory, near)
            u = 0.0
            for k in range(len(beta)):
                u += beta[k] * f[k]
            pulls[r - rows.ptr[past.first]] = rows.weight[r] * np.exp(u)


@kernel
def returning(
    beta: Floats,
    past: Past,
    times: Times,
    near: Surroundings,
    column: Ints,
    out: Floats,
    pull: Floats,
) -> None:
    """Fill out (experts, moments, venues used) with the experts on venues used before.

    `column[v]` is the column of venue v. Every expert sums to 1 over the columns at each moment.
    pull (moments, 3) gets the log of how well the moment matches the past (all the pulls against
    those of age alone), the log of the latter, and the entropy of the habit.
    """
    rows = past.rows
    n_d = out.shape[2]
    log_visits = near.population.log_visits[snapshot(near.population, past.now)]
    memory = _room(len(near.places.x), past.end - past.first, log_visits)
    f = np.zeros(len(beta))
    n_used = _survey(past, near, memory)
    for m in range(len(times.t)):
        _moment(rows, past.end, times.t[m], memory, n_used)
        moment = Asked(times.t[m], times.hour[m], times.weekday[m], times.rest[m])
        by_age = 0.0
        for j in range(past.first, past.end):
            for r in range(rows.ptr[j], rows.ptr[j + 1]):
                _pair(f, past, j, r, moment, memory, near)
                u = 0.0
                for k in range(len(beta)):
                    u += beta[k] * f[k]
                w = rows.weight[r]
                d = column[rows.venue[r]]
                log_age, fast, slow = f[Habit.LOG_AGE], f[Habit.AGE_10D], f[Habit.AGE_40D]
                by_age += w * np.exp(
                    beta[Habit.LOG_AGE] * log_age
                    + beta[Habit.AGE_10D] * fast
                    + beta[Habit.AGE_40D] * slow
                )
                same_day, same_kind = f[Habit.WEEKDAY_X_HOUR], f[Habit.KIND_X_HOUR]
                out[0, m, d] += w * np.exp(u)
                out[1, m, d] += w * (same_day * slow + 0.2 * same_kind * slow + 1e-4)
                out[2, m, d] += w
                out[3, m, d] += w * (fast + 1e-6)
                out[4, m, d] += w * (f[Habit.AFTER_SAME_X_GAP] + 1e-3)
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
