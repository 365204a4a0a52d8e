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

from crimeloc.ranking.defaults import RATE_SCATTER, WEEK_WEIGHTS
from crimeloc.ranking.mixture import PRIOR_EVENTS, expectation_maximisation, minimise
from crimeloc.ranking.past import Past
from crimeloc.ranking.stopping import Pauses, fit_pauses, silence
from crimeloc.units import DAY_S, WEEK_S

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RHYTHMS = ("hour_and_weekday", "hour_and_kind", "hour_lately", "hour", "everyone", "flat")
RATE_WEIGHTS = np.array([-0.2, 0.1, 1.15, -0.25, 0.54])
"""Of the logarithm of the rate, learned on the check-ins: constant, rates over 1, 4 and 16 weeks,
a burst."""
Hours = list[tuple[int, int, float]]
"""Day and hour of the week, with the part of an event that may have been then."""
TOLD_S = 1_800.0
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

    def with_(self, **changes: object) -> Timing:
        """Give the same with some parts replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]


class Rhythm:
    """The week of one series so far; sums that fade, smoothed over neighbouring hours."""

    def __init__(self, everyone: Floats) -> None:
        self.everyone = everyone
        self.long = np.zeros((7, 24))
        self.late = np.zeros((7, 24))
        self.last = 0.0

    def add(self, t: float, hours: Hours, w: float) -> None:
        """Take in one event, spread over the hours that may have been its own."""
        self.late *= 0.5 ** (max(t - self.last, 0.0) / (40 * DAY_S))
        for day, hour, part in hours:
            self.long[day, hour] += w * part
            self.late[day, hour] += w * part
        self.last = t

    def densities(self) -> Floats:
        """What each rhythm says, shape (rhythms, 7, 24); each sums to 1."""
        out = np.empty((len(RHYTHMS), 7, 24))
        out[0] = self.long @ _narrow()
        kind = np.empty((7, 24))
        kind[:5] = self.long[:5].mean(axis=0)
        kind[5:] = self.long[5:].mean(axis=0)
        out[1] = kind @ _wide()
        out[2] = np.broadcast_to(self.late.mean(axis=0) @ _narrow(), (7, 24))
        out[3] = np.broadcast_to(self.long.mean(axis=0) @ _wide(), (7, 24))
        out[4] = self.everyone
        out[5] = 1.0
        out[:4] += 1e-3 * max(float(self.long.sum()), 1e-3) / 168
        return np.asarray(out / out.reshape(len(RHYTHMS), -1).sum(axis=1)[:, None, None])


def _bumps(width: float) -> Floats:
    d = np.abs(np.arange(24)[:, None] - np.arange(24)[None, :])
    d = np.minimum(d, 24 - d)
    k = np.exp(-0.5 * (d / width) ** 2)
    return np.asarray(k / k.sum(axis=0))


def _narrow() -> Floats:
    return _NARROW


def _wide() -> Floats:
    return _WIDE


_NARROW, _WIDE = _bumps(1.0), _bumps(2.5)


def day_kind(weekday: Ints, rest: Ints) -> Ints:
    """Row of the week for each day: holidays stand with the Sundays."""
    return np.asarray(np.where((rest == 1) & (weekday < 5), 6, weekday), dtype=np.int64)


def hours_of(past: Past, event: int, day: int) -> Hours:
    """Which hours of the week may an event have fallen into, and how likely is each?

    One, unless only an interval is known: that is spread evenly over its hours (aoristic weights,
    Ratcliffe 2000), at most a week of them.
    """
    length = float(past.length[event])
    if length < TOLD_S:
        return [(day, int(past.hour[event]) % 24, 1.0)]
    n = int(min(np.ceil(length / 1800.0), 336))
    t = past.t[event] + (np.arange(n) + 0.5 - n / 2) * (length / n)
    hour, weekday, rest = past.clock(t)
    cell = day_kind(weekday, rest) * 24 + hour.astype(np.int64) % 24
    cells, count = np.unique(cell, return_counts=True)
    return [(int(c) // 24, int(c) % 24, k / n) for c, k in zip(cells, count, strict=True)]


def chance_of(densities: Floats, hours: Hours) -> Floats:
    """Give what each rhythm said of an event whose hours these may be."""
    return np.asarray(sum(part * densities[:, day, hour] for day, hour, part in hours))


def week_of(past: Past, series: int, timing: Timing, before: float) -> Floats:
    """How do the uploads of this series fall over its week, shape (7, 24), summing to 1?"""
    here = np.arange(past.bounds[series], past.bounds[series + 1])
    here = here[past.t[here] < before]
    rhythm, own = Rhythm(timing.everyone), PRIOR_EVENTS * timing.week
    days = day_kind(past.weekday[here], past.rest[here])
    for k, i in enumerate(here):
        hours = hours_of(past, int(i), int(days[k]))
        if k and k >= len(here) - 40:
            p = chance_of(rhythm.densities(), hours) * own
            own = own + past.weight[i] * p / p.sum()
        rhythm.add(past.t[i], hours, past.weight[i])
    return np.asarray(np.tensordot(own / own.sum(), rhythm.densities(), axes=1))


def rate_features(past: Past, series: int, at: float) -> Floats:
    """What tells how many uploads follow: rates over 1, 4 and 16 weeks, a burst just now."""
    here = slice(int(past.bounds[series]), int(past.bounds[series + 1]))
    t, w = past.t[here], past.weight[here]
    t, w = t[t < at], w[t < at]
    if not len(t):
        return np.array([1.0, *np.log([0.2, 0.3, 0.4]), 0.0])
    span = max((at - t[0]) / WEEK_S, 0.0)
    age = (at - t) / WEEK_S
    rates = []
    for weeks, doubt in ((1.0, 0.3), (4.0, 0.6), (16.0, 1.0)):
        seen = weeks * (1 - np.exp(-(span + 0.5) / weeks))
        rates.append(np.log((float((w * np.exp(-age / weeks)).sum()) + doubt) / (seen + 1.0)))
    soon = np.exp(-(at - t[-1]) / (2 * DAY_S))
    return np.array([1.0, *rates, soon])


def goes_on(past: Past, series: int, timing: Timing, at: float) -> float:
    """How likely is it that the series has not stopped before this moment?"""
    t = past.t[int(past.bounds[series]) : int(past.bounds[series + 1])]
    return float(timing.pauses.alive(np.array(silence(t[t < at], at))))


def expected_count(past: Past, series: int, timing: Timing, at: float, horizon: float) -> float:
    """How many uploads are expected within the horizon (seconds)?"""
    u = float(rate_features(past, series, at) @ timing.rate)
    rate = float(np.exp(np.clip(u, -12.0, 6.0))) * goes_on(past, series, timing, at)
    return rate * horizon / WEEK_S


def at_least_one(expected: Floats, scatter: float, clump: float = 1.0) -> Floats:
    """Chance of one or more when sittings are Poisson with a gamma-spread mean.

    A sitting brings `clump` uploads on average, all at one venue: three uploads awaited are two
    chances to be there, not three.
    """
    expected = expected / clump
    if np.isinf(scatter):
        return np.asarray(-np.expm1(-expected))
    return np.asarray(-np.expm1(-scatter * np.log1p(expected / scatter)))


def sittings_at_venues(past: Past, series: int, before: float) -> tuple[float, float]:
    """How many located uploads, and in how many sittings (one venue, no gap over 90 minutes)?"""
    rows = past.rows
    here = np.arange(past.row_bounds[series], past.row_bounds[series + 1])
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


def clump_of(past: Past, series: int, timing: Timing, before: float) -> float:
    """How many uploads does a sitting of this series bring, the pooled mean as a prior?"""
    n, k = sittings_at_venues(past, series, before) if series >= 0 else (0.0, 0.0)
    return (n + OWN_SITTINGS * timing.clump) / (k + OWN_SITTINGS)


def fit_timing(past: Past, start: Timing) -> Timing:
    """Learn the week and the rate over all series, each predicted from its own past."""
    if not len(past.t):
        return start
    days = day_kind(past.weekday, past.rest)
    counts = np.zeros((7, 24))
    sizes = np.maximum(np.bincount(past.code), 1)[past.code]
    weight = past.weight / np.sqrt(sizes)
    sharp = past.length < TOLD_S
    np.add.at(counts, (days[sharp], past.hour[sharp].astype(np.int64) % 24), weight[sharp])
    for i in np.flatnonzero(~sharp):
        for day, hour, part in hours_of(past, int(i), int(days[i])):
            counts[day, hour] += weight[i] * part
    everyone = counts @ _narrow() + 0.02 * counts.sum() / 168 + 1e-9
    everyone = (everyone / everyone.sum() * counts.sum() + 20 * start.everyone) / (
        counts.sum() + 20
    )
    timing = start.with_(everyone=everyone / everyone.sum())
    p, mass = _prequential(past, timing, days)
    if len(p):
        timing = timing.with_(week=expectation_maximisation(p, mass, start.week, PRIOR_EVENTS))
    return _fit_rate(past, timing)


def _prequential(past: Past, timing: Timing, days: Ints) -> tuple[Floats, Floats]:
    p, mass = [], []
    for series in range(len(past.series)):
        rhythm = Rhythm(timing.everyone)
        begin, end = int(past.bounds[series]), int(past.bounds[series + 1])
        step = max((end - begin) // 20, 1)
        for i in range(begin, end):
            hours = hours_of(past, i, int(days[i]))
            if i > begin and (i - begin) % step == 0:
                p.append(chance_of(rhythm.densities(), hours))
                mass.append(past.weight[i])
            rhythm.add(past.t[i], hours, past.weight[i])
    return np.array(p).reshape(-1, len(RHYTHMS)), np.array(mass)


def _origins(past: Past) -> Iterator[tuple[int, float]]:
    """Weekly moments inside the time watched, for each series after its first event."""
    if not len(past.t):
        return
    end = past.t.max()
    for series in range(len(past.series)):
        first = past.t[past.bounds[series]]
        weeks = np.arange(first + DAY_S, end - WEEK_S, WEEK_S)
        step = max(len(weeks) // 30, 1)
        for at in weeks[::step]:
            yield series, float(at)


def _fit_rate(past: Past, timing: Timing) -> Timing:
    bounds = past.bounds
    each = [past.t[bounds[k] : bounds[k + 1]] for k in range(len(past.series))]
    sat = [sittings_at_venues(past, k, np.inf) for k in range(len(past.series))]
    n, k = np.sum(sat, axis=0)
    timing = timing.with_(
        pauses=fit_pauses(each, float(past.t.max()), timing.pauses),
        clump=float((n + OWN_SITTINGS * timing.clump) / (k + OWN_SITTINGS)),
    )
    x, y, on = [], [], []
    for series, at in _origins(past):
        here = slice(int(past.bounds[series]), int(past.bounds[series + 1]))
        t = past.t[here]
        inside = (t >= at) & (t < at + WEEK_S)
        x.append(rate_features(past, series, at))
        on.append(np.log(goes_on(past, series, timing, at)))
        y.append(float(past.weight[here][inside].sum()))
    if len(x) < 3:
        return timing
    features, counts, offset = np.array(x), np.array(y), np.array(on)

    def loss(w: Floats) -> tuple[float, Floats]:
        mean = np.exp(np.clip(features @ w + offset, -12, 6))
        return float((mean - counts * np.log(mean)).sum()), features.T @ (mean - counts)

    rate = minimise(loss, timing.rate, np.ones(len(timing.rate)), 5.0)
    mean = np.exp(np.clip(features @ rate + offset, -12, 6))
    extra = float(((counts - mean) ** 2 - mean).sum() / (mean**2).sum())
    scatter = 1.0 / max(extra, 1e-3)
    share = len(x) / (len(x) + 50.0)
    return timing.with_(
        rate=rate,
        scatter=float(np.exp(share * np.log(scatter) + (1 - share) * np.log(timing.scatter))),
    )
