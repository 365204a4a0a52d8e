"""Predict many events, each from its own past alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.ranking.experts import Expert
from crimeloc.ranking.fitting import learn, moment
from crimeloc.ranking.mixture import Own, Weights, part_weights
from crimeloc.ranking.model import ADDED_WEIGHT, moments_of, walker_of
from crimeloc.ranking.past import Past, Sites, View, Walker, wall
from crimeloc.ranking.sets import adapt, calibrated_level, set_score
from crimeloc.ranking.timing import Timing, day_kind, week_of
from crimeloc.units import DAY_S

if TYPE_CHECKING:
    from crimeloc.ranking._kernels import Crowd

Floats = NDArray[np.float64]
LEVEL = 0.8


def predict_next(
    past: Past, sites: Sites, crowd: Crowd, codes: dict[int, int], weights: Weights,
    timing: Timing, scores: dict[str, Floats], experts: tuple[Expert, ...],
    events: pd.DataFrame, *, given_window: bool, k: int,
) -> pd.DataFrame:  # fmt: skip
    """Rank the venues just before each event asked for; see `Ranker.predict_next`."""
    wanted = events[events["venue_id"].notna()]
    by_event = {str(key): rows for key, rows in wanted.groupby("event_id", sort=False)["venue_id"]}
    place = {str(v): j for j, v in enumerate(sites.ids)}
    names = past.ids[past.place]
    told: dict[tuple[str, str], dict[str, object]] = {}
    for series in range(len(past.series)):
        here = range(int(past.row_bounds[series]), int(past.row_bounds[series + 1]))
        asked = [row for row in here if str(names[row]) in by_event]
        if not asked:
            continue
        walker = walker_of(past, sites, crowd, series, codes.get(series, -1), weights)
        own = Own.start(weights)
        misses: list[float] = []
        waiting: list[tuple[int, View, Floats]] = []  # not yet past: events of the same moment
        for row in range(here.start, asked[-1] + 1):
            now = float(past.rows.t[row])
            if waiting and past.rows.t[waiting[0][0]] < now:
                for earlier, seen, said in waiting:
                    _take_in(past, earlier, seen, said, own, misses, weights, here.start)
                waiting = []
            t = moment(past, row)[0]
            view = walker.ask(*moment(past, row), now=now)
            answer = venue_chances(view, weights, own, len(sites))
            answer = with_added(answer, experts, walker, past, sites, t)
            if str(names[row]) in by_event:
                told_p = answer
                if not given_window:
                    told_p = _any_hour(
                        past, sites, series, walker, weights, timing, own, experts, now
                    )
                level = adapt(
                    calibrated_level(scores.get("venue", np.empty(0)), LEVEL), misses, LEVEL
                )
                for venue in by_event[str(names[row])]:
                    told[str(names[row]), str(venue)] = _row(
                        told_p, place.get(str(venue), -1), sites.ids, level, k
                    )
            waiting.append((row, view, answer))
    rows = []
    for event_id, series_id, venue in zip(
        wanted["event_id"], wanted.get("series_id", wanted["event_id"]), wanted["venue_id"],
        strict=True,
    ):  # fmt: skip
        answer_row = told.get((str(event_id), str(venue)))
        if answer_row is not None:
            rows.append(
                {"event_id": event_id, "series_id": series_id, "venue_id": venue} | answer_row
            )
    columns = ["event_id", "series_id", "venue_id", "rank_true", "p_true", "p_top", "top"]
    columns += ["p_squared", "covered", "set_size"]
    return pd.DataFrame(rows, columns=columns)


def _take_in(
    past: Past, row: int, view: View, said: Floats, own: Own, misses: list[float],
    weights: Weights, first: int,
) -> None:  # fmt: skip
    """Let an event that has become past move the weights and the sets of its series."""
    if row > first:
        here = slice(int(past.rows.ptr[row]), int(past.rows.ptr[row + 1]))
        v, w = past.rows.venue[here], past.rows.weight[here]
        misses.append(set_score(said, int(v[np.argmax(w)])))
        learn(own, past, row, view, weights)


def venue_chances(view: View, weights: Weights, own: Own, n_venues: int) -> Floats:
    """Chance of each venue, the moments of the view taken together evenly."""
    back_w, new_w = part_weights(
        view.gate, len(view.columns) > 0, bool(view.fresh.sum() > 1e-9), weights, own
    )
    p = np.zeros(n_venues)
    for e in range(view.new.shape[0]):
        p += new_w[:, e] @ view.new[e]
    for e in range(view.back.shape[0]):
        p[view.columns] += back_w[:, e] @ view.back[e]
    p /= max(float(p.sum()), 1e-300)
    return p


def with_added(
    p: Floats, experts: tuple[Expert, ...], walker: Walker, past: Past, sites: Sites, t: Floats
) -> Floats:
    """Mix in the experts of the user."""
    if experts:
        moments = moments_of(past, sites, walker, t)
        weight = ADDED_WEIGHT / (1.0 + ADDED_WEIGHT * (len(experts) - 1))
        says = [expert.ask(moments).mean(axis=0) for expert in experts]
        p = p * (1.0 - weight * sum(float(q.sum()) for q in says)) + weight * np.sum(says, axis=0)
    return p


def _any_hour(
    past: Past, sites: Sites, series: int, walker: Walker, weights: Weights, timing: Timing,
    own: Own, experts: tuple[Expert, ...], now: float,
) -> Floats:  # fmt: skip
    """Chances when the hour is not known: over the days after the last event, by its week."""
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
        View(view.columns, view.back[:, j : j + 1], view.new[:, j : j + 1],
             view.gate[j : j + 1], view.fresh, view.n_events)
        for j in range(len(view.gate))
    ]  # fmt: skip


def _row(p: Floats, true: int, ids: NDArray[np.object_], level: float, k: int) -> dict[str, object]:
    best = np.argsort(-p, kind="stable")[:k]
    chance = float(p[true]) if true >= 0 else 0.0
    equal = int((p == chance).sum())
    cumulative = np.cumsum(np.sort(p)[::-1])
    size = min(int(np.searchsorted(cumulative, level - 1e-12)) + 1, len(p))
    threshold = np.sort(p)[::-1][size - 1]
    return {
        "rank_true": float((p > chance).sum()) + (equal + 1) / 2 if true >= 0 else np.nan,
        "p_true": chance,
        "p_top": p[best],
        "top": [str(v) for v in ids[best]],
        "p_squared": float(np.square(p).sum()),
        "covered": true >= 0 and chance >= threshold,
        "set_size": size,
    }
