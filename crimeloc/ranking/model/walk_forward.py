"""Predict many events, each from its own past alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.ranking.conformal import Outcome, adapt, calibrated_level, outcome, set_size
from crimeloc.ranking.features.arrays import Times
from crimeloc.ranking.history import History, wall
from crimeloc.ranking.model.experts import Expert
from crimeloc.ranking.model.forecast import ADDED_WEIGHT, Model, elsewhere_of, moments_of
from crimeloc.ranking.model.mixture import Own, Weights, part_weights
from crimeloc.ranking.model.slots import only_open, open_part
from crimeloc.ranking.model.timing import day_kind, week_of
from crimeloc.ranking.model.training import learn, moment
from crimeloc.ranking.model.walker import View, Walker
from crimeloc.units import DAY_S

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


def walk_forward(
    model: Model, code: int, *, stop: int | None = None, last: int | None = None
) -> Iterator[Before]:
    """Go through one series and say before each located event where it will be.

    `stop` is the last row of interest; with `last` only so many last rows are predicted (the
    weights of the series then start there). Events of one moment do not see each other.
    """
    setting = model.daily
    history, weights, rows = setting.history, setting.weights, setting.history.rows
    here = history.located_of(code)
    end = here.stop if stop is None else min(stop + 1, here.stop)
    start = here.start if last is None else max(here.start, end - last)
    walker = Walker(setting, code, model.in_population(code))
    own = Own.start(weights)
    doors = _doors(model, start, end)
    elsewhere = elsewhere_of(history, code, weights)
    waiting: list[tuple[int, View]] = []  # not yet past: events of the same moment
    for row in range(start, end):
        now = float(rows.t[row])
        if waiting and rows.t[waiting[0][0]] < now:
            for earlier, seen in waiting:
                if earlier > here.start:
                    learn(own, history, earlier, seen, weights)
            waiting = []
        asked = moment(history, row)
        view = walker.ask(asked, now=now)
        is_open = None if doors is None else doors[row - start]
        p = venue_chances(view, weights, own, is_open)
        p = with_added(p, model.experts, walker, asked.t, is_open)
        lost = elsewhere(now)
        whole = np.append(p * (1.0 - lost), lost)
        known = None
        if row > here.start:
            known = outcome(whole, *candidates_of(history, row, len(setting.register)))
        yield Before(row, walker, own, p, lost, known)
        waiting.append((row, view))


def candidates_of(history: History, row: int, elsewhere: int) -> tuple[Ints, Floats]:
    """Give the candidates of a located event, and "elsewhere" for what is missing to 1.

    The weights are those of its address; a row below 0 is an event without any venue.
    """
    if row < 0:
        return np.array([elsewhere]), np.ones(1)
    here = slice(int(history.rows.ptr[row]), int(history.rows.ptr[row + 1]))
    venue, weight = history.rows.venue[here], history.address_weight[here]
    mass = float(history.mass[history.place[row]])
    weight = weight / max(float(weight.sum()), 1e-300) * mass
    if mass > 1.0 - 1e-9:
        return venue, weight
    return np.append(venue, elsewhere), np.append(weight, 1.0 - mass)


def _doors(model: Model, start: int, end: int) -> Floats | None:
    """Which venues were open in the hour of each of these events? None: all, always."""
    if end <= start:
        return None
    history = model.history
    hour = np.floor(history.rows.t[start:end] / 3600.0).astype(np.int64)
    hours, back = np.unique(hour, return_inverse=True)
    begins = hours * 3_600_000_000
    ends = begins + 3_600_000_000
    share = open_part(model.register, begins, ends, history.tz, history.country)
    return None if share is None else share[back]


def predict_next(model: Model, events: pd.DataFrame, *, given_window: bool, k: int) -> pd.DataFrame:
    """Rank the venues just before each event asked for; see `Ranker.predict_next`."""
    history, ids = model.history, model.register.ids
    wanted = events[events["venue_id"].notna()]
    by_event = {str(key): rows for key, rows in wanted.groupby("event_id", sort=False)["venue_id"]}
    place = {str(v): j for j, v in enumerate(ids)}
    names = history.ids[history.place]
    pooled = calibrated_level(model.outcomes.get("next", []), LEVEL)
    found: dict[tuple[str, str], dict[str, object]] = {}
    for series in range(len(history.series)):
        here = history.located_of(series)
        asked = [row for row in range(here.start, here.stop) if str(names[row]) in by_event]
        if not asked:
            continue
        for level, before in _levelled(model, series, asked[-1], pooled):
            name = str(names[before.row])
            if name not in by_event:
                continue
            p = before.p if given_window else _any_hour(model, series, before)
            for venue in by_event[name]:
                row = _row(p, before.lost, place.get(str(venue), -1), ids, level, k)
                found[name, str(venue)] = row
    rows = []
    for event_id, series_id, venue in zip(
        wanted["event_id"],
        wanted.get("series_id", wanted["event_id"]),
        wanted["venue_id"],
        strict=True,
    ):
        answer = found.get((str(event_id), str(venue)))
        if answer is not None:
            rows.append({"event_id": event_id, "series_id": series_id, "venue_id": venue} | answer)
    return pd.DataFrame(rows, columns=COLUMNS)


def _levelled(model: Model, series: int, stop: int, level: float) -> Iterator[tuple[float, Before]]:
    """Walk through one series; the level of its sets moves with each moment that has passed."""
    t = model.history.rows.t
    waiting: list[Before] = []
    for before in walk_forward(model, series, stop=stop):
        if waiting and t[waiting[0].row] < t[before.row]:
            left = [one.result for one in waiting if one.result is not None]
            level = adapt(level, [[one] for one in left], LEVEL)
            waiting = []
        waiting.append(before)
        yield level, before


def venue_chances(view: View, weights: Weights, own: Own, is_open: Floats | None = None) -> Floats:
    """Chance of each venue, the moments of the view taken together evenly.

    A closed venue gets nothing; an expert with no open venue left gives its weight to the others.
    """
    back_w, new_w = part_weights(
        view.gate, len(view.columns) > 0, bool(view.fresh.sum() > 1e-9), weights, own
    )
    back, new = view.back, view.new
    if is_open is not None and is_open.any():
        back, new = only_open(back, is_open[view.columns]), only_open(new, is_open)
    p = np.zeros(len(view.fresh))
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
    t: Floats,
    is_open: Floats | None = None,
) -> Floats:
    """Mix in the experts of the user."""
    if experts:
        moments = moments_of(walker, t)
        weight = ADDED_WEIGHT / (1.0 + ADDED_WEIGHT * (len(experts) - 1))
        says = [expert.ask(moments) for expert in experts]
        if is_open is not None and is_open.any():
            says = [only_open(one[None], is_open)[0] for one in says]
        says = [one.mean(axis=0) for one in says]
        p = p * (1.0 - weight * sum(float(q.sum()) for q in says)) + weight * np.sum(says, axis=0)
    return p


def _any_hour(model: Model, series: int, before: Before) -> Floats:
    """Chances when the hour is not known: over the days after the last event, by its week."""
    walker, history = before.walker, model.history
    now = float(history.rows.t[before.row])
    week = week_of(history, series, model.timing, now)
    last = history.rows.t[walker.here - 1] if walker.here > walker.first else now - DAY_S
    t = last + DAY_S * (np.arange(28) + 0.5) / 4
    times = Times(t, *wall(t, history.tz, history.country))
    view = walker.ask(times, now=now)
    when = week[day_kind(times.weekday, times.rest), np.floor(times.hour).astype(np.int64) % 24]
    when = when * np.exp(-np.arange(28) / 12.0)
    when = when / when.sum()
    parts = [
        when[j] * venue_chances(one, model.weights, before.own) for j, one in enumerate(_each(view))
    ]
    return with_added(np.asarray(np.sum(parts, axis=0)), model.experts, walker, t)


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
