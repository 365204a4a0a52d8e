"""Predict many events, each from its own past alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.ranking.conformal import Outcome, adapt, calibrated_level, outcome, set_size
from crimeloc.ranking.history import History, Sites, View, Walker, wall
from crimeloc.ranking.model.experts import Expert
from crimeloc.ranking.model.forecast import ADDED_WEIGHT, lost_of, moments_of, walker_of
from crimeloc.ranking.model.mixture import Own, Weights, part_weights
from crimeloc.ranking.model.slots import only_open, open_part
from crimeloc.ranking.model.timing import Timing, day_kind, week_of
from crimeloc.ranking.model.training import learn, moment
from crimeloc.units import DAY_S

if TYPE_CHECKING:
    from crimeloc.ranking.model._kernels import Population

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEVEL = 0.8
COLUMNS = ["event_id", "series_id", "venue_id", "rank_true", "p_true", "p_top", "top"]
COLUMNS += ["p_squared", "covered", "held", "set_size"]


@dataclass(frozen=True)
class Before:
    """What was known of one event just before it, its hour given.

    Parameters
    ----------
    row : int
        Its place among the located events.
    walker : Walker
        Standing just before it.
    own : Own
        The weights of its series so far.
    p : ndarray, shape (venues,)
        Chance of each venue, given that it is one of the register.
    lost : float
        Chance that it is none.
    result : Outcome, or None
        What the event leaves behind for the sets; None for the first event of a series.
    """

    row: int
    walker: Walker
    own: Own
    p: Floats
    lost: float
    result: Outcome | None


def replay(
    past: History,
    sites: Sites,
    crowd: Population,
    code: int,
    in_crowd: int,
    weights: Weights,
    experts: tuple[Expert, ...] = (),
    stop: int | None = None,
    first: int = 0,
) -> Iterator[Before]:
    """Go through one series and say before each located event where it will be.

    `stop` is the last row of interest; with `first` only so many last rows are predicted (the
    weights of the series then start there). Events of one moment do not see each other.
    """
    rows = past.rows
    begin, end = int(past.row_bounds[code]), int(past.row_bounds[code + 1])
    end = end if stop is None else min(stop + 1, end)
    start = max(begin, end - first) if first else begin
    walker = walker_of(past, sites, crowd, code, in_crowd, weights)
    own = Own.start(weights)
    doors = _doors(past, sites, start, end)
    lost = lost_of(past, code, weights)
    waiting: list[tuple[int, View]] = []  # not yet past: events of the same moment
    for row in range(start, end):
        now = float(rows.t[row])
        if waiting and rows.t[waiting[0][0]] < now:
            for earlier, seen in waiting:
                if earlier > begin:
                    learn(own, past, earlier, seen, weights)
            waiting = []
        asked = moment(past, row)
        view = walker.ask(*asked, now=now)
        is_open = None if doors is None else doors[row - start]
        p = venue_chances(view, weights, own, len(sites), is_open)
        p = with_added(p, experts, walker, past, sites, asked[0], is_open)
        gone = lost(now)
        whole = np.append(p * (1.0 - gone), gone)
        known = outcome(whole, *candidates_of(past, row, len(sites))) if row > begin else None
        yield Before(row, walker, own, p, gone, known)
        waiting.append((row, view))


def candidates_of(past: History, row: int, elsewhere: int) -> tuple[Ints, Floats]:
    """Give the candidates of a located event, and "elsewhere" for what is missing to 1.

    The weights are those of its address; a row below 0 is an event without any venue.
    """
    if row < 0:
        return np.array([elsewhere]), np.ones(1)
    here = slice(int(past.rows.ptr[row]), int(past.rows.ptr[row + 1]))
    venue, weight = past.rows.venue[here], past.told[here]
    mass = float(past.mass[past.place[row]])
    weight = weight / max(float(weight.sum()), 1e-300) * mass
    if mass > 1.0 - 1e-9:
        return venue, weight
    return np.append(venue, elsewhere), np.append(weight, 1.0 - mass)


def _doors(past: History, sites: Sites, start: int, end: int) -> Floats | None:
    """Which venues were open in the hour of each of these events? None: all, always."""
    if end <= start:
        return None
    hour = np.floor(past.rows.t[start:end] / 3600.0).astype(np.int64)
    hours, back = np.unique(hour, return_inverse=True)
    begins = hours * 3_600_000_000
    part = open_part(sites, begins, begins + 3_600_000_000, past.tz, past.country)
    return None if part is None else part[back]


def predict_next(
    past: History,
    sites: Sites,
    crowd: Population,
    codes: dict[int, int],
    weights: Weights,
    timing: Timing,
    scores: dict[str, list[Outcome]],
    experts: tuple[Expert, ...],
    events: pd.DataFrame,
    *,
    given_window: bool,
    k: int,
) -> pd.DataFrame:
    """Rank the venues just before each event asked for; see `Ranker.predict_next`."""
    wanted = events[events["venue_id"].notna()]
    by_event = {str(key): rows for key, rows in wanted.groupby("event_id", sort=False)["venue_id"]}
    place = {str(v): j for j, v in enumerate(sites.ids)}
    names = past.ids[past.place]
    pooled = calibrated_level(scores.get("next", []), LEVEL)
    told: dict[tuple[str, str], dict[str, object]] = {}
    for series in range(len(past.series)):
        here = range(int(past.row_bounds[series]), int(past.row_bounds[series + 1]))
        asked = [row for row in here if str(names[row]) in by_event]
        if not asked:
            continue
        level, waiting = pooled, list[Before]()
        going = replay(
            past, sites, crowd, series, codes.get(series, -1), weights, experts, asked[-1]
        )
        for before in going:
            now = float(past.rows.t[before.row])
            if waiting and past.rows.t[waiting[0].row] < now:
                left = [one.result for one in waiting if one.result is not None]
                level = adapt(level, [[one] for one in left], LEVEL)
                waiting = []
            waiting.append(before)
            name = str(names[before.row])
            if name not in by_event:
                continue
            p = before.p
            if not given_window:
                p = _any_hour(past, sites, series, before, weights, timing, experts, now)
            for venue in by_event[name]:
                row = _row(p, before.lost, place.get(str(venue), -1), sites.ids, level, k)
                told[name, str(venue)] = row
    rows = []
    for event_id, series_id, venue in zip(
        wanted["event_id"],
        wanted.get("series_id", wanted["event_id"]),
        wanted["venue_id"],
        strict=True,
    ):
        answer = told.get((str(event_id), str(venue)))
        if answer is not None:
            rows.append({"event_id": event_id, "series_id": series_id, "venue_id": venue} | answer)
    return pd.DataFrame(rows, columns=COLUMNS)


def venue_chances(
    view: View, weights: Weights, own: Own, n_venues: int, is_open: Floats | None = None
) -> Floats:
    """Chance of each venue, the moments of the view taken together evenly.

    A closed venue gets nothing; an expert with no open venue left gives its weight to the others.
    """
    back_w, new_w = part_weights(
        view.gate, len(view.columns) > 0, bool(view.fresh.sum() > 1e-9), weights, own
    )
    back, new = view.back, view.new
    if is_open is not None and is_open.any():
        back, new = only_open(back, is_open[view.columns]), only_open(new, is_open)
    p = np.zeros(n_venues)
    for e in range(new.shape[0]):
        p += new_w[:, e] @ new[e]
    for e in range(back.shape[0]):
        p[view.columns] += back_w[:, e] @ back[e]
    p /= max(float(p.sum()), 1e-300)
    return p


def with_added(
    p: Floats,
    experts: tuple[Expert, ...],
    walker: Walker,
    past: History,
    sites: Sites,
    t: Floats,
    is_open: Floats | None = None,
) -> Floats:
    """Mix in the experts of the user."""
    if experts:
        moments = moments_of(past, sites, walker, t)
        weight = ADDED_WEIGHT / (1.0 + ADDED_WEIGHT * (len(experts) - 1))
        says = [expert.ask(moments) for expert in experts]
        if is_open is not None and is_open.any():
            says = [only_open(one[None], is_open)[0] for one in says]
        says = [one.mean(axis=0) for one in says]
        p = p * (1.0 - weight * sum(float(q.sum()) for q in says)) + weight * np.sum(says, axis=0)
    return p


def _any_hour(
    past: History,
    sites: Sites,
    series: int,
    before: Before,
    weights: Weights,
    timing: Timing,
    experts: tuple[Expert, ...],
    now: float,
) -> Floats:
    """Chances when the hour is not known: over the days after the last event, by its week."""
    walker, own = before.walker, before.own
    week = week_of(past, series, timing, now)
    last = past.rows.t[walker.here - 1] if walker.here > walker.first else now - DAY_S
    t = last + DAY_S * (np.arange(28) + 0.5) / 4
    hour, weekday, rest = wall(t, past.tz, past.country)
    view = walker.ask(t, hour, weekday, rest, now=now)
    when = week[day_kind(weekday, rest), np.floor(hour).astype(np.int64) % 24]
    when = when * np.exp(-np.arange(28) / 12.0)
    when = when / when.sum()
    parts = [
        when[j] * venue_chances(one, weights, own, len(sites)) for j, one in enumerate(_each(view))
    ]
    return with_added(np.asarray(np.sum(parts, axis=0)), experts, walker, past, sites, t)


def _each(view: View) -> list[View]:
    return [
        View(
            view.columns,
            view.back[:, j : j + 1],
            view.new[:, j : j + 1],
            view.gate[j : j + 1],
            view.fresh,
            view.n_events,
        )
        for j in range(len(view.gate))
    ]


def _row(
    p: Floats, lost: float, true: int, ids: NDArray[np.object_], level: float, k: int
) -> dict[str, object]:
    best = np.argsort(-p, kind="stable")[:k]
    chance = float(p[true]) if true >= 0 else 0.0
    equal = int((p == chance).sum())
    whole = np.append(p * (1.0 - lost), lost)
    found = outcome(whole, np.array([true]), np.ones(1)) if true >= 0 else None
    return {
        "rank_true": float((p > chance).sum()) + (equal + 1) / 2 if true >= 0 else np.nan,
        "p_true": chance,
        "p_top": p[best],
        "top": [str(v) for v in ids[best]],
        "p_squared": float(np.square(p).sum()),
        "covered": found is not None and found.whole(level) > 0.5,
        "held": found.part(level) if found is not None else 0.0,
        "set_size": set_size(whole, level),
    }
