"""Learn the pooled weights: each event of every series predicted from its own past."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc.ranking.features.arrays import Population, Surroundings, Times
from crimeloc.ranking.history import History
from crimeloc.ranking.model.mixture import (
    Own,
    Weights,
    choice_weights,
    expectation_maximisation,
    gate_weights,
    minimise,
    new_chance,
)
from crimeloc.ranking.model.walker import Setting, View, Walker
from crimeloc.ranking.register import Register

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RIDGE = 5.0
"""Strength of the shipped defaults against what the series at hand say."""
_OTHERS = 150
_PAIRS = 800_000


class Likelihoods(NamedTuple):
    """What the experts gave to some events before they came: one row for each event.

    `back`, `new` (events, experts), `gate` (events, features); `mass` tells how much an event
    counts, `fresh` how new its venue was.
    """

    back: Floats
    new: Floats
    gate: Floats
    mass: Floats
    fresh: Floats


def fit_weights(
    history: History,
    register: Register,
    population: Population,
    *,
    max_events: int,
    rng: np.random.Generator,
    progress: bool = False,
) -> Weights:
    """Learn how much each expert and each feature counts, over all series.

    Parameters
    ----------
    history : History
        Located events of all series.
    register : Register
        The venues.
    population : Population
        What all series did, in snapshots.
    max_events : int
        At most this many events are predicted in each step, spread evenly over the series.
    rng : Generator
        Draws the venues that were not chosen, for the exploration expert.
    progress : bool
        Show a bar.

    Returns
    -------
    Weights
        The learned weights; with few events they stay near the shipped ones.
    """
    start = Weights()
    weights = replace(
        start,
        category_hours=category_hours(history, register),
        elsewhere=_elsewhere(history, start),
    )
    number = np.arange(len(history.rows.t)) - history.row_first
    asked = np.flatnonzero(number > 0)
    if not len(asked):
        return weights
    setting = Setting(history, register, population, weights)
    weights = replace(weights, beta=_fit_habit(setting, spread_evenly(asked, 4 * max_events)))
    setting = setting._replace(weights=weights)
    novelty = first_visits(history)
    explored = spread_evenly(asked[novelty[asked] > 0.5], max(max_events // 2, 1))
    weights = replace(weights, theta=_fit_explore(setting, explored, rng, progress))
    setting = setting._replace(weights=weights)
    rows = spread_evenly(asked, max_events)
    seen = likelihoods(setting, rows, progress)
    settled = np.where(number[rows] > 10, 1.0, 0.25)  # early events say little about later ones
    back, new = seen.mass * (1 - seen.fresh), seen.mass * seen.fresh
    return replace(
        weights,
        gate=gate_weights(seen.gate, seen.fresh, seen.mass * settled, weights.gate, RIDGE),
        back=expectation_maximisation(seen.back, back, start.back, 2 * RIDGE),
        new=expectation_maximisation(seen.new, new, start.new, 2 * RIDGE),
        n_events=len(rows),
    )


def likelihoods(setting: Setting, rows: Ints, progress: bool) -> Likelihoods:
    """What each expert gave, before it, to each of these located events."""
    history = setting.history
    found = []
    novel = first_visits(history)[rows] > 0  # elsewhere the experts on unused venues have no say
    for row, view in views(setting, rows, progress, novel):
        back, new, fresh, mass = true_likelihood(history, row, view)
        found.append((back, new, view.gate[0], mass, fresh))
    return Likelihoods(*(np.array(column) for column in zip(*found, strict=True)))


def true_likelihood(history: History, row: int, view: View) -> tuple[Floats, Floats, float, float]:
    """Probability of the venue of one event by expert; how new it was; how much it counts."""
    rows = history.rows
    here = slice(int(rows.ptr[row]), int(rows.ptr[row + 1]))
    v, w = rows.venue[here], rows.weight[here]
    mass = float(w.sum())
    w = w / mass
    new = view.new[:, 0, v] @ w
    back = np.zeros(view.back.shape[0])
    if len(view.columns):
        place = {int(c): k for k, c in enumerate(view.columns)}
        for one, share in zip(v, w, strict=True):
            if int(one) in place:
                back += share * view.back[:, 0, place[int(one)]]
    return back, new, float(view.fresh[v] @ w), mass


def views(
    setting: Setting, rows: Ints, progress: bool, explore: NDArray[np.bool_]
) -> Iterator[tuple[int, View]]:
    """Go through located events in order and give what the experts said just before each.

    The experts on unused venues are asked only where `explore` is true.
    """
    history = setting.history
    for k, row, walker in _walked(setting, rows, progress, "backtesting the past"):
        now = float(history.rows.t[row])
        yield row, walker.ask(moment(history, row), now=now, explore=bool(explore[k]))


def _walked(
    setting: Setting, rows: Ints, progress: bool, what: str
) -> Iterator[tuple[int, int, Walker]]:
    """Give the number and row of each of these events, and a walker through its series."""
    from tqdm import tqdm

    walker, series = None, -1
    for k, row in enumerate(tqdm(rows.tolist(), disable=not progress, desc=what)):
        if walker is None or setting.history.row_code[row] != series:
            series = int(setting.history.row_code[row])
            walker = Walker(setting, series)
        yield k, row, walker


def moment(history: History, row: int) -> Times:
    """Give the hour in which an event fell, as known to someone who knows the hour alone.

    The moment is the middle of what is left of that hour after the event before.
    """
    rows = history.rows
    begin = rows.t[row] - 3600.0 * (rows.hour[row] % 1.0)
    end = _strict_end(history, row)
    if end > history.row_first[row]:
        begin = max(begin, rows.t[end - 1])
    stop = rows.t[row] + 3600.0 * (1.0 - rows.hour[row] % 1.0)
    hour = np.floor(rows.hour[row]) + 0.5
    return Times(
        np.array([(begin + stop) / 2]),
        np.array([hour]),
        rows.weekday[row : row + 1],
        rows.rest[row : row + 1],
    )


def first_visits(history: History) -> Floats:
    """How new was the venue of each located event to its series, between 0 and 1?"""
    rows = history.rows
    out = np.zeros(len(rows.t))
    used: dict[int, float] = {}
    series = -1
    for i in range(len(rows.t)):
        if history.row_code[i] != series:
            series, used = int(history.row_code[i]), {}
        here = slice(int(rows.ptr[i]), int(rows.ptr[i + 1]))
        v, w = rows.venue[here], rows.weight[here]
        fresh = np.array([1.0 - used.get(int(one), 0.0) for one in v])
        out[i] = float((w * fresh).sum() / w.sum())
        for one, share, f in zip(v, w, fresh, strict=True):
            used[int(one)] = used.get(int(one), 0.0) + float(share * f)
    return out


def category_hours(history: History, register: Register) -> Floats:
    """Log of how much more than on average each category is used in each part of the day."""
    rows = history.rows
    counts = np.zeros((register.n_categories, 6))
    event = np.repeat(np.arange(len(rows.t)), np.diff(rows.ptr))
    part = (rows.hour[event] // 4).astype(np.int64) % 6
    np.add.at(counts, (register.places.category[rows.venue], part), rows.weight)
    overall = (counts.sum(axis=0) + 1.0) / (counts.sum() + 6.0)
    shares = (counts + 5.0 * overall) / (counts.sum(axis=1, keepdims=True) + 5.0)
    return np.asarray(np.log(shares / overall))


def _elsewhere(history: History, start: Weights) -> float:
    lost = float(((1.0 - history.mass) * history.weight).sum())
    return (lost + 10.0 * start.elsewhere) / (float(history.weight.sum()) + 10.0)


def spread_evenly(rows: Ints, most: int) -> Ints:
    """Give at most this many of the rows, evenly spread."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]


def _fit_habit(setting: Setting, rows: Ints) -> Floats:
    from crimeloc.ranking.features._habit_kernels import Pairs, Queries, habit_loss, habit_pairs

    history, weights = setting.history, setting.weights
    r = history.rows
    ends = np.array([_strict_end(history, int(i)) for i in rows], dtype=np.int64)
    rows, ends = rows[ends > history.row_first[rows]], ends[ends > history.row_first[rows]]
    sizes = r.ptr[ends] - r.ptr[history.row_first[rows]]
    if sizes.sum() > _PAIRS:
        keep = spread_evenly(np.arange(len(rows)), int(len(rows) * _PAIRS / sizes.sum()))
        rows, ends, sizes = rows[keep], ends[keep], sizes[keep]
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    n = int(ptr[-1])
    pairs = Pairs(
        ptr,
        np.zeros((n, len(weights.beta)), np.float32),
        np.zeros(n, np.float32),
        np.zeros(n, np.float32),
    )
    known = [moment(history, int(i)) for i in rows]
    times, hours = np.array([m.t[0] for m in known]), np.array([m.hour[0] for m in known])
    asked = Queries(rows, history.row_first[rows], ends, times, hours)
    near = Surroundings(setting.register.places, setting.population, weights.category_hours)
    habit_pairs(r, asked, near, pairs)

    def loss(beta: Floats) -> tuple[float, Floats]:
        slope = np.zeros_like(beta)
        return float(habit_loss(beta, pairs, slope)), slope

    return minimise(loss, weights.beta, RIDGE)


def _strict_end(history: History, row: int) -> int:
    end = row
    while end > history.row_first[row] and history.rows.t[end - 1] >= history.rows.t[row]:
        end -= 1
    return end


def _fit_explore(setting: Setting, rows: Ints, rng: np.random.Generator, progress: bool) -> Floats:
    history, theta = setting.history, setting.weights.theta
    if len(setting.register) < 3 or not len(rows):
        return theta
    n = min(_OTHERS, len(setting.register) - 1)
    sets = np.zeros((len(rows), n + 1, len(theta)), np.float32)
    stands_for = np.zeros((len(rows), n + 1), np.float32)
    for k, row, walker in _walked(setting, rows, progress, "learning to explore"):
        x = walker.features(moment(history, row), now=float(history.rows.t[row]))[0]
        here = slice(int(history.rows.ptr[row]), int(history.rows.ptr[row + 1]))
        true = int(history.rows.venue[here][np.argmax(history.rows.weight[here])])
        free = np.flatnonzero(walker.state.used < 0.5)
        free = free[free != true]
        if len(free):
            score = (x @ theta)[free]
            others, stands_for[k, 1:] = _not_chosen(free, score, n, rng)
            sets[k] = x[np.concatenate([[true], others])]
    return choice_weights(sets, stands_for, theta, RIDGE)


def _not_chosen(free: Ints, score: Floats, n: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Draw n of the venues that were not chosen, and the log of how many each stands for.

    Half of the draws are even, half go by what the weights so far hold likely: even draws alone
    would hardly ever show those that stand at the top of a list. All of them where they are few.
    """
    if len(free) <= n:
        few = np.full(n, -np.inf)
        few[: len(free)] = 0.0
        return np.resize(free, n), few
    likely = np.exp(score - score.max())
    chance = 0.5 * likely / likely.sum() + 0.5 / len(free)
    drawn = rng.choice(len(free), n, p=chance)
    return free[drawn], -np.log(n * chance[drawn])


def own_weights(history: History, weights: Weights, walker: Walker, upto: float, most: int) -> Own:
    """Move the pooled weights by the last events of one series before a moment."""
    own = Own.start(weights)
    rows = np.arange(walker.first, walker.last)
    rows = rows[history.rows.t[rows] < upto][1:]
    for row in rows[-most:]:
        now = float(history.rows.t[row])
        walker.to(now)
        here = slice(int(history.rows.ptr[row]), int(history.rows.ptr[row + 1]))
        fresh = bool((walker.state.used[history.rows.venue[here]] < 1.0).any())
        view = walker.ask(moment(history, int(row)), now=now, explore=fresh)
        learn(own, history, int(row), view, weights)
    return own


def learn(own: Own, history: History, row: int, view: View, weights: Weights) -> None:
    """Let one event move the weights of its series."""
    back, new, _, mass = true_likelihood(history, row, view)
    own.learn(back, new, float(new_chance(view.gate, weights, own)[0]), mass)
