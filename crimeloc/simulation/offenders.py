"""Offenders: where they live and work, when they go out, and which venue they choose.

On purpose none of it is what a ranker would assume: distances follow a log-normal curve, times a
gamma renewal process bent by a weekly routine that drifts, favourites are ranks and not counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.geometry import local_projection, to_lonlat
from crimeloc.simulation._clock import Clock, Floats, Ints, Streams, pick
from crimeloc.simulation.places import CENTRE, Places

__all__ = ["DEFAULT_HABITS", "HABITS", "Visits", "lognormal_choice", "make_offenders"]


@dataclass(frozen=True)
class Habit:
    """How a kind of offender lives: routine slots, and how often something new is tried.

    A slot is (days of the week, hour, spread in hours, importance, anchor).
    """

    slots: tuple[tuple[tuple[int, ...], float, float, float, int], ...]
    explore: tuple[float, float]
    uploads_per_visit: float = 1.7
    loyalty: float = 1.4
    reach_m: float = 1_100.0


_WEEK, _WORK, _REST = tuple(range(7)), (0, 1, 2, 3, 4), (5, 6)
HABITS: dict[str, Habit] = {
    "routine": Habit((((1, 3), 20.5, 1.2, 1.0, 0), ((5,), 15.0, 2.0, 0.8, 0)), (0.04, 0.12)),
    "commuter": Habit(
        ((_WORK, 12.7, 0.7, 0.5, 1), (_WORK, 18.8, 1.0, 1.0, 1), (_REST, 16.0, 3.0, 0.9, 0)),
        (0.06, 0.15),
    ),
    "night": Habit((((3, 4, 5), 25.5, 1.8, 1.0, 0), ((6,), 23.0, 1.5, 0.4, 0)), (0.08, 0.2)),
    "roamer": Habit(((_WEEK, 17.0, 4.0, 1.0, 0),), (0.35, 0.55), 1.5, 0.8, 1_900.0),
    "never_returns": Habit(((_WEEK, 19.0, 4.5, 1.0, 0),), (1.0, 1.0), 1.0, 0.0, 2_600.0),
    "moves": Habit((((0, 2, 4), 21.0, 1.5, 1.0, 0), (_REST, 14.5, 2.5, 0.7, 0)), (0.06, 0.15)),
}
"""The habits `make_city` knows."""

DEFAULT_HABITS = ("routine", "commuter", "never_returns", "night", "moves", "roamer")


@dataclass
class Visits:
    """Uploads of offenders, one entry each, before they have content or address."""

    who: Ints
    t: Floats
    venue: Ints
    visit: Ints
    first_time: NDArray[np.bool_]
    table: pd.DataFrame = field(default_factory=pd.DataFrame)


class _Offender(NamedTuple):
    """Who somebody is, where they live and work, and when they moved."""

    name: str
    habit: Habit
    anchors: Floats
    moved: float


def make_offenders(
    streams: Streams,
    clock: Clock,
    places: Places,
    habits: list[str],
    uploads: float,
    elsewhere: float,
    stopped: float,
) -> Visits:
    """Let every offender live through the period, each with a random stream of their own."""
    if not habits:
        none = np.empty(0, dtype=np.int64)
        return Visits(none, np.empty(0), none, none, none.astype(bool), _people([], clock))
    parts: list[tuple[Ints, Floats, Ints, Ints, NDArray[np.bool_]]] = []
    people = []
    visits_before = 0
    for number, name in enumerate(habits):
        rng = streams.stream("offender", number)
        habit = HABITS[name]
        anchors = _anchors(rng, places)
        moved = clock.midnight(np.array([rng.uniform(0.4, 0.6) * clock.end_s]))[0]
        moved = float(moved) if name == "moves" else np.inf
        aim = 1.05 * uploads * float(np.exp(rng.normal(0.0, 0.25)))  # some will not fit
        t, slot = _outings(rng, clock, habit, max(aim / habit.uploads_per_visit, 1.0))
        stop = np.inf
        if rng.random() < stopped:
            stop = float(clock.midnight(np.array([rng.uniform(0.5, 0.9) * clock.end_s]))[0])
        t, slot = t[t < stop], slot[t < stop]
        offender = _Offender(name, habit, anchors, moved)
        venue = _choose(rng, clock, places, offender, t, slot)
        away = (rng.random(len(t)) < elsewhere) | (venue == -2)
        keep = venue != -2 if name == "never_returns" else np.ones(len(t), dtype=bool)
        venue = np.where(away, -1, venue)[keep]
        part = _uploads(rng, clock, places, habit, t[keep], venue)
        who = np.full(len(part[0]), number, dtype=np.int64)
        parts.append((who, part[0], part[1], part[2] + visits_before, part[3]))
        visits_before += len(t)
        people.append(_person(offender, stop))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    who, t, venue, visit, first_time = columns
    return Visits(who, t, venue, visit, first_time, _people(people, clock))


def _anchors(rng: np.random.Generator, places: Places) -> Floats:
    """Home, work, and the home after a move, far from the first."""

    def around() -> Floats:
        venue = pick(rng, np.ones(len(places.xy)), 1)[0]
        angle, away = rng.uniform(0, 2 * np.pi), rng.gamma(2.0, 500.0)
        return np.asarray(places.xy[venue] + away * np.array([np.cos(angle), np.sin(angle)]))

    home = around()
    others = []
    for factor in (0.45, 0.7):  # of the radius of the city
        tries = np.array([around() for _ in range(24)])
        gaps = np.hypot(*(tries - home).T)
        far = np.flatnonzero(gaps >= factor * places.radius_m)
        others.append(tries[far[0] if len(far) else int(np.argmax(gaps))])
    return np.vstack([home, *others])


def _outings(
    rng: np.random.Generator, clock: Clock, habit: Habit, aim: float
) -> tuple[Floats, Ints]:
    """When does the offender set out? Gamma gaps, measured by an intensity that follows the week.

    Each week shifts its hours a little, seasons swell and ebb, there are weeks and days off.
    """
    hours = int(np.ceil(clock.end_s / 3600))
    t = np.arange(hours) * 3600.0 + 1800.0
    week = (t // (7 * 86_400)).astype(np.int64)
    drift = rng.normal(0.0, 0.9, (week[-1] + 1, len(habit.slots)))
    hour = (clock.hour_of_week(t) + 0.5).astype(np.float64)
    parts = np.zeros((len(habit.slots), hours))
    for k, (days, middle, spread, weight, _) in enumerate(habit.slots):
        for day in days:
            off = (hour - (day * 24 + middle + drift[week, k]) + 84.0) % 168.0 - 84.0
            parts[k] += weight * np.exp(-(np.abs(off / spread) ** 1.5))  # no bell curve
    season = 1 + 0.3 * np.sin(2 * np.pi * (t / clock.end_s * rng.uniform(1, 3) + rng.random()))
    day_off = rng.random(int(clock.days) + 2) < 0.08
    free = day_off[np.minimum((t // 86_400).astype(np.int64), len(day_off) - 1)]
    for _ in range(rng.poisson(clock.days / 60.0)):
        begin, length = rng.uniform(0, clock.end_s), rng.uniform(4, 12) * 86_400
        free |= (t >= begin) & (t < begin + length)
    parts *= season * ~free
    rate = parts.sum(axis=0) + 1e-9
    total = np.concatenate([[0.0], np.cumsum(rate)])
    shape = float(rng.uniform(0.7, 2.0))
    gaps = rng.gamma(shape, 1.0 / shape, int(3 * aim) + 30)
    marks = np.cumsum(gaps) - gaps[0] * rng.random()
    marks = marks[marks < aim] * (total[-1] / aim)
    when = np.floor(np.interp(marks, total, np.arange(hours + 1) * 3600.0))
    when = _apart(when[when < clock.end_s], 5_400.0)
    now = np.minimum((when // 3600).astype(np.int64), hours - 1)
    chance = parts[:, now].cumsum(axis=0) / np.maximum(parts[:, now].sum(axis=0), 1e-12)
    slot = (rng.random(len(when)) > chance).sum(axis=0)
    return when, np.minimum(slot, len(habit.slots) - 1)


def _apart(when: Floats, least_s: float) -> Floats:
    """Leave out an outing that would begin before the last one can be over."""
    kept: list[float] = []
    for moment in when:
        if not kept or moment - kept[-1] >= least_s:
            kept.append(float(moment))
    return np.array(kept)


def lognormal_choice(distance_m: Floats, reach_m: float) -> Floats:
    """How willingly is this way gone? Most of all a little way off, rarely next door or far."""
    d = np.maximum(distance_m, 60.0)
    return np.asarray(np.exp(-0.5 * (np.log(d / reach_m) / 0.75) ** 2))


def _choose(
    rng: np.random.Generator,
    clock: Clock,
    places: Places,
    offender: _Offender,
    t: Floats,
    slot: Ints,
) -> Ints:
    """Choose a venue per outing: a favourite by rank, or something new; -2 if nothing is left."""
    name, habit, anchors, moved = offender
    n = len(places.xy)
    every = np.arange(n)
    away = np.hypot(*(places.xy[None] - anchors[:, None]).transpose(2, 0, 1))
    pull = lognormal_choice(away, habit.reach_m) * places.popularity**0.6 + 1e-12
    explore = rng.uniform(*habit.explore)
    used = np.zeros(n, dtype=bool)
    favourites: list[list[int]] = [[] for _ in habit.slots]
    chosen = np.full(len(t), -2, dtype=np.int64)
    after_move, last = False, -1
    for i, (now, k) in enumerate(zip(t, slot, strict=True)):
        if now >= moved and not after_move:
            after_move, favourites = True, [[] for _ in habit.slots]
        anchor = 2 if after_move else habit.slots[k][4]
        open_now = places.in_use(every, np.full(n, now), clock)
        weight = pull[anchor] * open_now
        liked = [v for v in favourites[k] if open_now[v]]
        curious = rng.random() < explore or (not liked and rng.random() < 0.7)
        if name == "never_returns" or curious:
            weight = weight * ~used
            if name in ("roamer", "never_returns") and last >= 0 and rng.random() < 0.5:
                step = np.hypot(*(places.xy - places.xy[last]).T)
                weight = weight * lognormal_choice(step, 0.6 * habit.reach_m)
        elif liked:
            weight = np.zeros(n)
            weight[liked] = 1.0 / (1.0 + np.arange(len(liked))) ** habit.loyalty
        if weight.sum() <= 0:
            continue
        venue = last = int(pick(rng, weight)[0])
        if venue not in favourites[k] and (not used[venue] or not favourites[k]):
            place = int(rng.integers(0, len(favourites[k]) + 1))
            favourites[k].insert(place if rng.random() < 0.4 else len(favourites[k]), venue)
        elif len(favourites[k]) > 1 and rng.random() < 0.03:  # tastes drift
            a = int(rng.integers(0, len(favourites[k]) - 1))
            favourites[k][a], favourites[k][a + 1] = favourites[k][a + 1], favourites[k][a]
        used[venue], chosen[i] = True, venue
    return chosen


def _uploads(
    rng: np.random.Generator,
    clock: Clock,
    places: Places,
    habit: Habit,
    t: Floats,
    venue: Ints,
) -> tuple[Floats, Ints, Ints, NDArray[np.bool_]]:
    """A visit brings one upload or a burst of them, until the venue closes."""
    more = habit.uploads_per_visit - 1.0
    count = 1 + (rng.poisson(rng.gamma(0.8, more / 0.8, len(t))) if more > 0 else 0)
    count = np.broadcast_to(count, len(t)).astype(np.int64)
    visit = np.repeat(np.arange(len(t)), count)
    gaps = np.floor(rng.gamma(0.6, 1_500.0, len(visit))) + 20.0
    first = np.concatenate([[True], visit[1:] != visit[:-1]]) if len(visit) else np.zeros(0, bool)
    gaps[first] = 0.0
    run = np.cumsum(gaps)
    when = t[visit] + run - run[first][np.cumsum(first) - 1]
    where = venue[visit]
    fits = (where < 0) | places.in_use(np.maximum(where, 0), when, clock)
    leave = np.append(t[1:], clock.end_s + 1_800.0) - 1_800.0  # half an hour to the next venue
    fits &= (when < clock.end_s) & (first | (when < leave[visit]))
    when, where, visit = when[fits], where[fits], visit[fits]
    order = np.argsort(when, kind="stable")
    when, where, visit = when[order], where[order], visit[order]
    seen = pd.Series(where)
    return when, where, visit, (~seen.duplicated() & (seen >= 0)).to_numpy()


def _person(offender: _Offender, stop: float) -> tuple[str, str, Floats, float, float]:
    name, habit, anchors, moved = offender
    days = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
    routine = "; ".join(
        f"{','.join(days[d] for d in slot[0])} {int(slot[1]) % 24:02d}:{int(slot[1] % 1 * 60):02d}"
        for slot in habit.slots
    )
    work = any(slot[4] == 1 for slot in habit.slots)
    real = np.array([[True], [work], [np.isfinite(moved)]])
    return name, routine, np.where(real, anchors, np.nan), moved, stop


def _people(people: list[tuple[str, str, Floats, float, float]], clock: Clock) -> pd.DataFrame:
    n = len(people)
    width = max(2, len(str(n)))
    habit, routine, anchors, moved, stop = zip(*people, strict=True) if people else ((),) * 5
    metres = np.array(anchors).reshape(-1, 2)
    degrees = np.round(to_lonlat(metres, local_projection([CENTRE])), 6).reshape(n, 3, 2)
    table = pd.DataFrame(
        {
            "series_id": pd.Series([f"S-{i + 1:0{width}d}" for i in range(n)], dtype="str"),
            "habit": pd.Series(habit, dtype="str"),
            "routine": pd.Series(routine, dtype="str"),
        }
    )
    for k, place in enumerate(("home", "work", "later_home")):
        table[f"{place}_lon"], table[f"{place}_lat"] = degrees[:, k, 0], degrees[:, k, 1]
    table["moved_at"] = clock.instants(np.array(moved, dtype=np.float64))
    table["stopped_at"] = clock.instants(np.array(stop, dtype=np.float64))
    return table
