"""Uploads by others, and content that spreads in altered copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crimeloc.simulation._clock import Clock, Floats, Ints, Streams, pick
from crimeloc.simulation.offenders import Visits, lognormal_choice
from crimeloc.simulation.places import Places

__all__ = ["Log", "Regulars", "Spreading", "make_background", "spread"]

NONE = -1


@dataclass(frozen=True)
class Spreading:
    """How content is copied."""

    circulating: float
    copies: int
    generations: int
    max_noise_bits: int
    exact: float
    common: float


@dataclass(frozen=True)
class Regulars:
    """The other uploaders: which venues each uses, and who posts what others made."""

    usual: Ints
    reposters: Ints


@dataclass
class Log:
    """Uploads of everybody. `who` counts offenders first; `parent` is a row of this log."""

    who: Ints
    t: Floats
    venue: Ints
    visit: Ints
    first_time: NDArray[np.bool_]
    parent: Ints
    content: Ints
    generation: Ints
    noise: Ints
    bits: NDArray[np.uint8]


def make_background(
    streams: Streams,
    clock: Clock,
    places: Places,
    visits: Visits,
    n_offenders: int,
    n_background: int,
    uploads: float,
    elsewhere: float,
    reposters: float,
) -> tuple[Log, Regulars]:
    """Put the uploads of everybody else beside those of the offenders."""
    rng = streams.stream("background")
    district = pick(rng, np.bincount(places.district) + 1.0, n_background)
    usual = np.zeros((n_background, 3), dtype=np.int64)
    for d in range(len(places.centres)):
        rows = np.flatnonzero(district == d)
        away = np.hypot(*(places.xy - places.centres[d]).T)
        weight = places.popularity * (0.05 + lognormal_choice(away, 2_000.0))
        usual[rows] = pick(rng, weight, 3 * len(rows)).reshape(-1, 3)
    times = 1 + rng.poisson(rng.gamma(0.6, max(uploads / 1.3 - 1, 0.0) / 0.6, n_background))
    who = np.repeat(np.arange(n_background), times)
    venue = usual[who, np.searchsorted([0.68, 0.9], rng.random(len(who)))]
    t, venue = _open_times(rng, clock, places, venue)
    venue[rng.random(len(who)) < elsewhere] = NONE
    count = 1 + rng.poisson(rng.gamma(0.8, 0.3 / 0.8, len(who)))
    visit = np.repeat(np.arange(len(who)), count)
    gaps = np.floor(rng.gamma(0.6, 1_200.0, len(visit))) + 20.0
    first = np.concatenate([[True], visit[1:] != visit[:-1]])[: len(visit)]
    gaps[first] = 0.0
    run = np.cumsum(gaps)
    when = t[visit] + run - run[first][visit]
    where = venue[visit]
    fits = (where == NONE) | places.in_use(np.maximum(where, 0), when, clock)
    fits &= when < clock.end_s
    offset = int(visits.visit.max(initial=-1)) + 1
    n_log = len(visits.t) + int(fits.sum())
    blank = np.full(n_log, NONE, dtype=np.int64)
    log = Log(
        np.concatenate([visits.who, n_offenders + who[visit][fits]]),
        np.concatenate([visits.t, when[fits]]),
        np.concatenate([visits.venue, where[fits]]),
        np.concatenate([visits.visit, offset + visit[fits]]),
        np.concatenate([visits.first_time, np.zeros(int(fits.sum()), dtype=bool)]),
        blank,
        blank.copy(),
        np.zeros_like(blank),
        np.zeros_like(blank),
        np.empty((0, 32), dtype=np.uint8),
    )
    some = rng.permutation(n_background)[: round(reposters * n_background)]
    return log, Regulars(usual, some)


def _open_times(
    rng: np.random.Generator, clock: Clock, places: Places, venue: Ints
) -> tuple[Floats, Ints]:
    """Moments at which the venue is open, evenings first; elsewhere where none is found."""
    hour = np.arange(168) % 24
    weekend = np.arange(168) >= 5 * 24
    profile = 0.25 + np.exp(-0.5 * ((hour - 20) / 3.5) ** 2) + 0.5 * weekend * (hour >= 12)
    profile[(hour >= 3) & (hour < 9)] *= 0.4
    slots = np.arange(int(np.ceil(clock.end_s / 3600))) * 3600.0
    weight = profile[clock.hour_of_week(slots)]
    t = np.empty(len(venue))
    left = np.arange(len(venue))
    for _ in range(8):
        t[left] = slots[pick(rng, weight, len(left))] + rng.integers(0, 3600, len(left))
        left = left[~places.in_use(venue[left], t[left], clock) | (t[left] >= clock.end_s)]
        if not len(left):
            break
    venue = venue.copy()
    venue[left] = NONE
    t[left] = np.minimum(t[left], clock.end_s - 1)
    return t, venue


def spread(
    streams: Streams,
    clock: Clock,
    places: Places,
    log: Log,
    crowd: Regulars,
    n_offenders: int,
    how: Spreading,
) -> Log:
    """Give every upload its content, and let some contents circulate in altered copies."""
    rng = streams.stream("content")
    _own_content(rng, log, n_offenders, how.common)
    log = _circulate(rng, clock, places, log, crowd, n_offenders, how)
    copies = log.parent != NONE
    flips = rng.integers(1, how.max_noise_bits + 1, len(log.t)) if how.max_noise_bits else 0
    exact = rng.random(len(log.t)) < how.exact
    log.noise = np.where(copies & ~exact, flips, 0)
    common = log.generation == NONE
    log.noise[common] = rng.integers(0, min(3, how.max_noise_bits) + 1, int(common.sum()))
    log.bits = _hashes(rng, log, common)
    return log


def _own_content(rng: np.random.Generator, log: Log, n_offenders: int, common: float) -> None:
    """New content, an altered copy of one's own, or of another offender's; some is everywhere.

    Contents 0, 1 and 2 are the common ones (a blank frame, a shared intro): generation -1.
    """
    n = len(log.t)
    log.content[:] = 3 + np.arange(n)
    mine = np.flatnonzero(log.who < n_offenders)
    mine = mine[np.argsort(log.t[mine], kind="stable")]
    past: dict[int, list[int]] = {}
    shown: list[int] = []
    for row, u, v, w in zip(mine, *rng.random((3, len(mine))), strict=True):
        own = past.setdefault(int(log.who[row]), [])
        pool = own[-15:] if u < 0.3 else []
        if 0.3 <= u < 0.33:
            pool = [r for r in shown[-60:] if log.who[r] != log.who[row]]
        if pool:
            log.parent[row] = pool[int(v * len(pool))]
        own.append(int(row))
        shown.append(int(row))
        parent = log.parent[row]
        if parent != NONE:
            log.content[row] = log.content[parent]
            log.generation[row] = log.generation[parent] + 1
        elif w < common:
            log.content[row], log.generation[row] = int(w / common * 3), NONE
            own.pop()
            shown.pop()
    others = np.flatnonzero((log.who >= n_offenders) & (rng.random(n) < common))
    log.content[others] = rng.integers(0, 3, len(others))
    log.generation[others] = NONE


def _circulate(
    rng: np.random.Generator,
    clock: Clock,
    places: Places,
    log: Log,
    crowd: Regulars,
    n_offenders: int,
    how: Spreading,
) -> Log:
    """From some originals, `copies` altered copies per upload and generation, by reposters."""
    originals = (log.parent == NONE) & (log.generation == 0)
    if n_offenders:
        originals &= log.who < n_offenders
    rows = np.flatnonzero(originals)
    parents = rng.permutation(rows)[: round(how.circulating * len(rows))]
    if not len(crowd.reposters) or not how.copies:
        return log
    for generation in range(1, how.generations + 1):
        parent = np.repeat(parents, how.copies)
        t = log.t[parent] + 60.0 + np.floor(rng.gamma(0.8, 4.0 * 86_400 / 0.8, len(parent)))
        parent, t = parent[t < clock.end_s], t[t < clock.end_s]
        who = crowd.reposters[rng.integers(0, len(crowd.reposters), len(parent))]
        venue = crowd.usual[who, pick(rng, np.array([0.68, 0.22, 0.1]), len(parent))]
        closed = ~places.in_use(venue, t, clock)
        venue[closed] = NONE
        first = len(log.t)
        visit = int(log.visit.max(initial=-1)) + 1 + np.arange(len(parent))
        new = Log(
            n_offenders + who,
            t,
            venue,
            visit,
            np.zeros(len(parent), dtype=bool),
            parent,
            log.content[parent],
            np.full(len(parent), generation),
            np.zeros_like(parent),
            log.bits,
        )
        log = Log(
            *(
                np.concatenate([old, more])
                for old, more in zip(vars(log).values(), vars(new).values(), strict=True)
            )
        )
        parents = np.arange(first, len(log.t))
    return log


def _hashes(rng: np.random.Generator, log: Log, common: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """256 bits per upload: a copy's differ from its parent's in as many bits as its noise says."""
    n = len(log.t)
    bits = np.frombuffer(rng.bytes(32 * n), dtype=np.uint8).reshape(n, 32).copy()
    everywhere = np.frombuffer(rng.bytes(96), dtype=np.uint8).reshape(3, 32)
    rows = np.flatnonzero(common)
    bits[rows] = everywhere[log.content[rows]] ^ _flips(rng, log.noise[rows])
    for generation in range(1, int(log.generation.max(initial=0)) + 1):
        rows = np.flatnonzero((log.generation == generation) & (log.parent != NONE))
        bits[rows] = bits[log.parent[rows]] ^ _flips(rng, log.noise[rows])
    return bits


def _flips(rng: np.random.Generator, count: Ints) -> NDArray[np.uint8]:
    """Masks with exactly so many of 256 bits set."""
    masks = np.zeros((len(count), 32), dtype=np.uint8)
    for begin in range(0, len(count), 8_192):
        some = count[begin : begin + 8_192]
        place = np.argsort(np.argsort(rng.random((len(some), 256)), axis=1), axis=1)
        masks[begin : begin + 8_192] = np.packbits(place < some[:, None], axis=1)
    return masks
