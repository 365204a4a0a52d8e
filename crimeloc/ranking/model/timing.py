"""When, and how many: the week of a series, its rate, its bursts, and the chance that it stopped.

The week is a mixture of rhythms, weighed like the venues (EM, pooled and then per series). The
number of uploads in the days ahead is a Poisson regression on recency-weighted rates and on bursts,
times the chance that the series has not stopped (`stopping`); counts scatter more than Poisson
(gamma).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from crimeloc.ranking.history import History
from crimeloc.ranking.model.defaults import RATE_SCATTER, RHYTHMS, WEEK_WEIGHTS
from crimeloc.ranking.model.desistance import Pauses, fit_pauses, silences
from crimeloc.ranking.model.mixture import PRIOR_EVENTS, expectation_maximisation, minimise
from crimeloc.units import DAY_S, WEEK_S

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RATE_WEIGHTS = np.array([-0.2, 0.1, 1.15, -0.25, 0.54])
"""Of the logarithm of the rate, learned on the check-ins: constant, rates over 1, 4 and 16 weeks,
a burst."""
MOVING = 40
"""How many of its last events move the weights of the rhythms of a series."""
KNOWN_S = 1_800.0
"""An interval below this is as good as a moment."""
SITTING_S = 5_400.0
OWN_SITTINGS = 10.0
"""Sittings that the pooled size of one is worth against those of the series."""


@dataclass(frozen=True)
class Timing:
    """What was learned about when and how many.

    Parameters
    ----------
    week : ndarray
        Pooled weights of `RHYTHMS`; they sum to 1.
    everyone : ndarray, shape (7, 24)
        How the uploads of all series fall over the week; day 6 is a Sunday or a holiday.
    rate : ndarray
        Weights of the Poisson regression.
    scatter : float
        Shape of the gamma that spreads the counts; large is Poisson.
    pauses : Pauses
        How long series fall silent, and how often for good.
    clump : float
        Uploads that a sitting brings.
    """

    week: Floats = field(default_factory=lambda: WEEK_WEIGHTS.copy())
    everyone: Floats = field(default_factory=lambda: np.full((7, 24), 1 / 168))
    rate: Floats = field(default_factory=lambda: RATE_WEIGHTS.copy())
    scatter: float = RATE_SCATTER
    pauses: Pauses = field(default_factory=Pauses)
    clump: float = 1.05


def densities(long: Floats, late: Floats, everyone: Floats) -> Floats:
    """What each rhythm says after some events, shape (rhythms, n, 7, 24); each sums to 1.

    `long` and `late` (n, 7, 24) are the sums over the events, for good and fading.
    """
    out = np.empty((len(RHYTHMS), *long.shape))
    out[0] = long @ _NARROW
    kind = np.empty_like(long)
    kind[:, :5] = long[:, :5].mean(axis=1, keepdims=True)
    kind[:, 5:] = long[:, 5:].mean(axis=1, keepdims=True)
    out[1] = kind @ _WIDE
    out[2] = (late.mean(axis=1) @ _NARROW)[:, None, :]
    out[3] = (long.mean(axis=1) @ _WIDE)[:, None, :]
    out[4] = everyone
    out[5] = 1.0
    out[:4] += 1e-3 * np.maximum(long.sum(axis=(1, 2)), 1e-3)[:, None, None] / 168
    return np.asarray(out / out.sum(axis=(2, 3), keepdims=True))


def _bumps(width: float) -> Floats:
    d = np.abs(np.arange(24)[:, None] - np.arange(24)[None, :])
    d = np.minimum(d, 24 - d)
    k = np.exp(-0.5 * (d / width) ** 2)
    return np.asarray(k / k.sum(axis=0))


_NARROW, _WIDE = _bumps(1.0), _bumps(2.5)


def day_kind(weekday: Ints, rest: Ints) -> Ints:
    """Row of the week for each day: holidays stand with the Sundays."""
    return np.asarray(np.where((rest == 1) & (weekday < 5), 6, weekday), dtype=np.int64)


@dataclass(frozen=True)
class Hours:
    """The hours of the week into which events may have fallen, and how likely each is.

    Parameters
    ----------
    event, cell : ndarray of int64
        Which event; 24 x day + hour.
    part : ndarray
        Its weight; those of an event sum to 1.
    """

    event: Ints
    cell: Ints
    part: Floats


def hours_of(history: History, begin: int, end: int) -> Hours:
    """Which hours of the week may each event of this stretch have fallen into?

    One, unless only an interval is known: that is spread evenly over its hours (aoristic weights,
    Ratcliffe 2000), at most a week of them.
    """
    here = slice(begin, end)
    days = day_kind(history.weekday[here], history.rest[here])
    cell = days * 24 + history.hour[here].astype(np.int64) % 24
    event, part = np.arange(end - begin), np.ones(end - begin)
    long = np.flatnonzero(history.length[here] >= KNOWN_S)
    if not len(long):
        return Hours(event, cell, part)
    known, length = history.length[here] < KNOWN_S, history.length[here][long]
    n = np.minimum(np.ceil(length / 1800.0), 336).astype(np.int64)
    of = np.repeat(np.arange(len(long)), n)
    step = np.arange(len(of)) - np.repeat(np.cumsum(n) - n, n)
    t = history.t[here][long][of] + (step + 0.5 - n[of] / 2) * (length / n)[of]
    hour, weekday, rest = history.clock(t)
    each = day_kind(weekday, rest) * 24 + hour.astype(np.int64) % 24
    key, count = np.unique(of * 168 + each, return_counts=True)
    return Hours(
        np.concatenate([event[known], long[key // 168]]),
        np.concatenate([cell[known], key % 168]),
        np.concatenate([part[known], count / n[key // 168]]),
    )


def _said(
    history: History, begin: int, hours: Hours, asked: Ints, everyone: Floats
) -> tuple[Floats, Floats]:
    """What each rhythm said just before some events of a series, from those before them.

    `asked` are their numbers from `begin` on, ascending. Given are the densities, shape (rhythms,
    asked, 7, 24), and the chance of the hours of each event asked, shape (asked, rhythms); an
    event beyond the `hours` gets no chance.
    """
    n = len(asked)
    t, weight = history.t[begin + hours.event], history.weight[begin + hours.event] * hours.part
    from_ = np.searchsorted(asked, hours.event, side="right")  # the first asked that sees it
    seen = from_ < n
    key = from_[seen] * 168 + hours.cell[seen]
    last = history.t[begin + np.maximum(asked - 1, 0)]
    fade = 0.5 ** ((last[from_[seen]] - t[seen]) / (40 * DAY_S))
    long = np.bincount(key, weight[seen], n * 168).reshape(n, 168).cumsum(axis=0)
    late: Floats = np.bincount(key, weight[seen] * fade, n * 168).reshape(n, 168).astype(float)
    for j, kept in enumerate(0.5 ** (np.diff(last) / (40 * DAY_S))):
        late[j + 1] += kept * late[j]
    says = densities(long.reshape(n, 7, 24), late.reshape(n, 7, 24), everyone)
    place = np.full(int(hours.event.max(initial=-1)) + 1, -1)
    place[asked[asked < len(place)]] = np.flatnonzero(asked < len(place))
    mine = np.flatnonzero(place[hours.event] >= 0)
    k = place[hours.event[mine]]
    each = says.reshape(len(RHYTHMS), n, 168)[:, k, hours.cell[mine]] * hours.part[mine]
    chance = np.zeros((n, len(RHYTHMS)))
    np.add.at(chance, k, each.T)
    return says, chance


def week_of(history: History, series: int, timing: Timing, before: float) -> Floats:
    """How do the uploads of this series fall over its week, shape (7, 24), summing to 1?"""
    begin, end = int(history.bounds[series]), int(history.bounds[series + 1])
    n = int(np.searchsorted(history.t[begin:end], before))
    own = PRIOR_EVENTS * timing.week
    hours = hours_of(history, begin, begin + n)
    asked = np.append(np.arange(max(n - MOVING, 1), n), n)
    says, chance = _said(history, begin, hours, asked, timing.everyone)
    for k in range(len(asked) - 1):
        p = chance[k] * own
        own = own + history.weight[begin + asked[k]] * p / p.sum()
    return np.asarray(np.tensordot(own / own.sum(), says[:, -1], axes=1))


def rate_features(history: History, series: int, at: Floats) -> Floats:
    """What tells how many uploads follow: rates over 1, 4 and 16 weeks, a burst just now.

    Shape (moments, 5); each from what came before its moment.
    """
    here = slice(int(history.bounds[series]), int(history.bounds[series + 1]))
    t, w = history.t[here], history.weight[here]
    out = np.tile([1.0, *np.log([0.2, 0.3, 0.4]), 0.0], (len(at), 1))
    known = np.flatnonzero(np.searchsorted(t, at) > 0)
    if not len(known):
        return out
    at = at[known]
    span = np.maximum((at - t[0]) / WEEK_S, 0.0)
    age = np.maximum(at[:, None] - t, 0.0) / WEEK_S
    w = np.where(t < at[:, None], w, 0.0)
    for k, (weeks, doubt) in enumerate(((1.0, 0.3), (4.0, 0.6), (16.0, 1.0))):
        seen = weeks * (1 - np.exp(-(span + 0.5) / weeks))
        rate = (w * np.exp(-age / weeks)).sum(axis=1)
        out[known, k + 1] = np.log((rate + doubt) / (seen + 1.0))
    out[known, 4] = np.exp(-(at - t[np.searchsorted(t, at) - 1]) / (2 * DAY_S))
    return out


def goes_on(history: History, series: int, timing: Timing, at: Floats) -> Floats:
    """How likely is it at each moment that the series has not stopped before?"""
    t = history.t[int(history.bounds[series]) : int(history.bounds[series + 1])]
    return timing.pauses.alive(silences(t, at))


def expected_count(
    history: History, series: int, timing: Timing, at: float, horizon: float
) -> float:
    """How many uploads are expected within the horizon (seconds)?"""
    moment = np.array([at])
    u = float(rate_features(history, series, moment)[0] @ timing.rate)
    rate = float(np.exp(np.clip(u, -12.0, 6.0))) * float(
        goes_on(history, series, timing, moment)[0]
    )
    return rate * horizon / WEEK_S


def at_least_one(expected: Floats, scatter: float, clump: float = 1.0) -> Floats:
    """Chance of one or more when sittings are Poisson with a gamma-spread mean.

    A sitting brings `clump` uploads on average, all at one venue: three uploads expected are two
    chances to be there, not three.
    """
    expected = expected / clump
    if np.isinf(scatter):
        return np.asarray(-np.expm1(-expected))
    return np.asarray(-np.expm1(-scatter * np.log1p(expected / scatter)))


def sittings_at_venues(history: History, series: int, before: float) -> tuple[float, float]:
    """How many located uploads, and in how many sittings (one venue, no gap over 90 minutes)?"""
    rows = history.rows
    here = np.arange(history.row_bounds[series], history.row_bounds[series + 1])
    here = here[rows.t[here] < before]
    if not len(here):
        return 0.0, 0.0
    first, size = rows.ptr[here], np.diff(rows.ptr)[here]
    venue = rows.venue[first].copy()
    for k in np.flatnonzero(size > 1):
        one = slice(int(first[k]), int(first[k] + size[k]))
        venue[k] = rows.venue[one][np.argmax(rows.weight[one])]
    begins = np.diff(rows.t[here], prepend=-np.inf) > SITTING_S
    begins[1:] |= venue[1:] != venue[:-1]
    return float(len(here)), float(begins.sum())


def clump_of(history: History, series: int, timing: Timing, before: float) -> float:
    """How many uploads does a sitting of this series bring, the pooled mean as a prior?"""
    n, k = sittings_at_venues(history, series, before) if series >= 0 else (0.0, 0.0)
    return (n + OWN_SITTINGS * timing.clump) / (k + OWN_SITTINGS)


def fit_timing(history: History, start: Timing) -> Timing:
    """Learn the week and the rate over all series, each predicted from its own history."""
    if not len(history.t):
        return start
    sizes = np.maximum(np.bincount(history.code), 1)[history.code]
    hours = hours_of(history, 0, len(history.t))
    weight = (history.weight / np.sqrt(sizes))[hours.event] * hours.part
    counts = np.bincount(hours.cell, weight, 168).reshape(7, 24)
    everyone = counts @ _NARROW + 0.02 * counts.sum() / 168 + 1e-9
    everyone = (everyone / everyone.sum() * counts.sum() + 20 * start.everyone) / (
        counts.sum() + 20
    )
    timing = replace(start, everyone=everyone / everyone.sum())
    p, mass = _prequential(history, timing)
    if len(p):
        timing = replace(timing, week=expectation_maximisation(p, mass, start.week, PRIOR_EVENTS))
    return _fit_rate(history, timing)


def _prequential(history: History, timing: Timing) -> tuple[Floats, Floats]:
    p, mass = [np.zeros((0, len(RHYTHMS)))], [np.zeros(0)]
    for series in range(len(history.series)):
        begin, end = int(history.bounds[series]), int(history.bounds[series + 1])
        step = max((end - begin) // 20, 1)
        asked = np.arange(0, end - begin, step)[1:]
        if len(asked):
            hours = hours_of(history, begin, end)
            p.append(_said(history, begin, hours, asked, timing.everyone)[1])
            mass.append(history.weight[begin + asked])
    return np.concatenate(p), np.concatenate(mass)


def _origins(history: History) -> Iterator[tuple[int, Floats]]:
    """Weekly moments inside the time watched, for each series after its first event."""
    if not len(history.t):
        return
    end = history.t.max()
    for series in range(len(history.series)):
        first = history.t[history.bounds[series]]
        weeks = np.arange(first + DAY_S, end - WEEK_S, WEEK_S)
        step = max(len(weeks) // 30, 1)
        if len(weeks):
            yield series, weeks[::step]


def _fit_rate(history: History, timing: Timing) -> Timing:
    bounds = history.bounds
    each = [history.t[bounds[k] : bounds[k + 1]] for k in range(len(history.series))]
    sat = [sittings_at_venues(history, k, np.inf) for k in range(len(history.series))]
    n, k = np.sum(sat, axis=0)
    timing = replace(
        timing,
        pauses=fit_pauses(each, float(history.t.max()), timing.pauses),
        clump=float((n + OWN_SITTINGS * timing.clump) / (k + OWN_SITTINGS)),
    )
    x, y, on = [], [], []
    for series, at in _origins(history):
        here = slice(int(history.bounds[series]), int(history.bounds[series + 1]))
        t, w = history.t[here], history.weight[here]
        x.append(rate_features(history, series, at))
        on.append(np.log(goes_on(history, series, timing, at)))
        ends = zip(np.searchsorted(t, at), np.searchsorted(t, at + WEEK_S), strict=True)
        y.append(np.array([w[begin:end].sum() for begin, end in ends]))
    if sum(len(one) for one in x) < 3:
        return timing
    features, counts, offset = np.concatenate(x), np.concatenate(y), np.concatenate(on)

    def loss(w: Floats) -> tuple[float, Floats]:
        mean = np.exp(np.clip(features @ w + offset, -12, 6))
        return float((mean - counts * np.log(mean)).sum()), features.T @ (mean - counts)

    rate = minimise(loss, timing.rate, 5.0)
    mean = np.exp(np.clip(features @ rate + offset, -12, 6))
    extra = float(((counts - mean) ** 2 - mean).sum() / (mean**2).sum())
    scatter = 1.0 / max(extra, 1e-3)
    share = len(features) / (len(features) + 50.0)
    return replace(
        timing,
        rate=rate,
        scatter=float(np.exp(share * np.log(scatter) + (1 - share) * np.log(timing.scatter))),
    )
