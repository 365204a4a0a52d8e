"""Learn the pooled weights: each event of every series predicted from its own past."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from crimeloc.ranking.history import History, Sites, View, Walker
from crimeloc.ranking.model.defaults import BETA_SCALE
from crimeloc.ranking.model.mixture import (
    Own,
    Weights,
    choice_weights,
    expectation_maximisation,
    gate_weights,
    minimise,
)

if TYPE_CHECKING:
    from crimeloc.ranking.model._kernels import Population

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RIDGE = 5.0
"""Strength of the shipped defaults against what the series at hand say."""
_OTHERS = 150
_PAIRS = 800_000


def fit_weights(
    past: History,
    sites: Sites,
    start: Weights,
    *,
    max_events: int,
    rng: np.random.Generator,
    crowd: Population,
    progress: bool = False,
) -> Weights:
    """Learn how much each expert and each feature counts, over all series.

    Parameters
    ----------
    past : History
        Located events of all series.
    sites : Sites
        The venues.
    start : Weights
        Where to start, and what to stay near while events are few.
    max_events : int
        At most this many events are predicted in each step, spread evenly over the series.
    rng : Generator
        Draws the venues that were not chosen, for the exploration expert.
    crowd : Population
        What all series did, in snapshots.
    progress : bool
        Show a bar.

    Returns
    -------
    Weights
        The learned weights.
    """
    weights = start.with_(
        category_hours=category_hours(past, sites), elsewhere=_elsewhere(past, start)
    )
    number = np.arange(len(past.rows.t)) - past.row_first
    asked = np.flatnonzero(number > 0)
    if not len(asked):
        return weights
    weights = weights.with_(
        beta=_fit_habit(past, sites, weights, crowd, spread_evenly(asked, 4 * max_events))
    )
    novelty = first_visits(past)
    explored = spread_evenly(asked[novelty[asked] > 0.5], max(max_events // 2, 1))
    weights = weights.with_(
        theta=_fit_explore(past, sites, weights, crowd, explored, rng, progress)
    )
    rows = spread_evenly(asked, max_events)
    back, new, gate, mass, z = likelihoods(past, sites, weights, crowd, rows, progress)
    settled = np.where(number[rows] > 10, 1.0, 0.25)  # early events say little about later ones
    w = gate_weights(gate, z, mass * settled, weights.gate, RIDGE)
    return weights.with_(
        gate=w,
        back=expectation_maximisation(back, mass * (1 - z), start.back, 2 * RIDGE),
        new=expectation_maximisation(new, mass * z, start.new, 2 * RIDGE),
        n_events=len(rows),
    )


def likelihoods(
    past: History, sites: Sites, weights: Weights, crowd: Population, rows: Ints, progress: bool
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """What each expert gave, before it, to each of these located events."""
    back, new, gate, mass, z = [], [], [], [], []
    novel = first_visits(past)[rows] > 0  # elsewhere the experts on unused venues have no say
    for row, view in views(past, sites, weights, crowd, rows, progress, novel):
        b, n, fresh, m = true_likelihood(past, row, view)
        back.append(b)
        new.append(n)
        gate.append(view.gate[0])
        mass.append(m)
        z.append(fresh)
    return np.array(back), np.array(new), np.array(gate), np.array(mass), np.array(z)


def true_likelihood(past: History, row: int, view: View) -> tuple[Floats, Floats, float, float]:
    """Probability of the venue of one event by expert; how new it was; how much it counts."""
    rows = past.rows
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
    past: History,
    sites: Sites,
    weights: Weights,
    crowd: Population,
    rows: Ints,
    progress: bool,
    explore: NDArray[np.bool_] | None = None,
) -> Iterator[tuple[int, View]]:
    """Go through located events in order and give what the experts said just before each.

    With `explore` the experts on unused venues are asked only where it is true.
    """
    from tqdm import tqdm

    walker, series = None, -1
    for k, row in enumerate(tqdm(rows, disable=not progress, desc="replaying the past")):
        if past.row_code[row] != series:
            series = int(past.row_code[row])
            walker = Walker(
                past, sites, crowd, series, weights.beta, weights.theta, weights.category_hours
            )
        assert walker is not None
        t = float(past.rows.t[row])
        new = explore is None or bool(explore[k])
        yield int(row), walker.ask(*moment(past, row), now=t, explore=new)


def moment(past: History, row: int) -> tuple[Floats, Floats, Ints, Ints]:
    """Give the hour in which an event fell, as known to someone who knows the hour alone.

    The moment is the middle of what is left of that hour after the event before.
    """
    rows = past.rows
    begin = rows.t[row] - 3600.0 * (rows.hour[row] % 1.0)
    end = _strict_end(past, row)
    if end > past.row_first[row]:
        begin = max(begin, rows.t[end - 1])
    stop = rows.t[row] + 3600.0 * (1.0 - rows.hour[row] % 1.0)
    hour = np.floor(rows.hour[row]) + 0.5
    return (
        np.array([(begin + stop) / 2]),
        np.array([hour]),
        rows.weekday[row : row + 1],
        rows.rest[row : row + 1],
    )


def first_visits(past: History) -> Floats:
    """How new was the venue of each located event to its series, between 0 and 1?"""
    rows = past.rows
    out = np.zeros(len(rows.t))
    used: dict[int, float] = {}
    series = -1
    for i in range(len(rows.t)):
        if past.row_code[i] != series:
            series, used = int(past.row_code[i]), {}
        here = slice(int(rows.ptr[i]), int(rows.ptr[i + 1]))
        v, w = rows.venue[here], rows.weight[here]
        fresh = np.array([1.0 - used.get(int(one), 0.0) for one in v])
        out[i] = float((w * fresh).sum() / w.sum())
        for one, share, f in zip(v, w, fresh, strict=True):
            used[int(one)] = used.get(int(one), 0.0) + float(share * f)
    return out


def category_hours(past: History, sites: Sites) -> Floats:
    """Log of how much more than on average each category is used in each part of the day."""
    rows = past.rows
    counts = np.zeros((sites.n_categories, 6))
    event = np.repeat(np.arange(len(rows.t)), np.diff(rows.ptr))
    part = (rows.hour[event] // 4).astype(np.int64) % 6
    np.add.at(counts, (sites.places.category[rows.venue], part), rows.weight)
    overall = (counts.sum(axis=0) + 1.0) / (counts.sum() + 6.0)
    shares = (counts + 5.0 * overall) / (counts.sum(axis=1, keepdims=True) + 5.0)
    return np.asarray(np.log(shares / overall))


def _elsewhere(past: History, start: Weights) -> float:
    lost = float(((1.0 - past.mass) * past.weight).sum())
    return (lost + 10.0 * start.elsewhere) / (float(past.weight.sum()) + 10.0)


def spread_evenly(rows: Ints, most: int) -> Ints:
    """Give at most this many of the rows, evenly spread."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]


def _fit_habit(
    past: History, sites: Sites, weights: Weights, crowd: Population, rows: Ints
) -> Floats:
    from crimeloc.ranking.model._habit_kernels import habit_loss, habit_pairs

    r = past.rows
    ends = np.array([_strict_end(past, int(i)) for i in rows], dtype=np.int64)
    rows, ends = rows[ends > past.row_first[rows]], ends[ends > past.row_first[rows]]
    sizes = r.ptr[ends] - r.ptr[past.row_first[rows]]
    if sizes.sum() > _PAIRS:
        keep = spread_evenly(np.arange(len(rows)), int(len(rows) * _PAIRS / sizes.sum()))
        rows, ends, sizes = rows[keep], ends[keep], sizes[keep]
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    x = np.zeros((int(ptr[-1]), len(weights.beta)), np.float32)
    known = [moment(past, int(i))[:2] for i in rows]
    times, hours = np.array([t[0] for t, _ in known]), np.array([h[0] for _, h in known])
    weight, true = np.zeros(len(x), np.float32), np.zeros(len(x), np.float32)
    habit_pairs(
        r,
        past.row_first,
        ends,
        rows,
        times,
        hours,
        sites.places,
        crowd,
        weights.category_hours,
        ptr,
        x,
        weight,
        true,
    )

    def loss(beta: Floats) -> tuple[float, Floats]:
        slope = np.zeros_like(beta)
        return float(habit_loss(beta, ptr, x, weight, true, slope)), slope

    return minimise(loss, weights.beta, BETA_SCALE, RIDGE)


def _strict_end(past: History, row: int) -> int:
    end = row
    while end > past.row_first[row] and past.rows.t[end - 1] >= past.rows.t[row]:
        end -= 1
    return end


def _fit_explore(
    past: History,
    sites: Sites,
    weights: Weights,
    crowd: Population,
    rows: Ints,
    rng: np.random.Generator,
    progress: bool,
) -> Floats:
    from tqdm import tqdm

    if len(sites) < 3 or not len(rows):
        return weights.theta
    n = min(_OTHERS, len(sites) - 1)
    sets = np.zeros((len(rows), n + 1, len(weights.theta)), np.float32)
    stands_for = np.zeros((len(rows), n + 1), np.float32)
    walker, series = None, -1
    for k, row in enumerate(tqdm(rows, disable=not progress, desc="learning to explore")):
        if past.row_code[row] != series:
            series = int(past.row_code[row])
            walker = Walker(
                past, sites, crowd, series, weights.beta, weights.theta, weights.category_hours
            )
        assert walker is not None
        x = walker.features(*moment(past, int(row)), now=float(past.rows.t[row]))[0]
        here = slice(int(past.rows.ptr[row]), int(past.rows.ptr[row + 1]))
        true = int(past.rows.venue[here][np.argmax(past.rows.weight[here])])
        free = np.flatnonzero(walker.state.used < 0.5)
        free = free[free != true]
        if len(free):
            score = (x @ weights.theta)[free]
            others, stands_for[k, 1:] = _not_chosen(free, score, n, rng)
            sets[k] = x[np.concatenate([[true], others])]
    return choice_weights(sets, stands_for, weights.theta, RIDGE)


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


def own_weights(past: History, weights: Weights, walker: Walker, upto: float, most: int) -> Own:
    """Move the pooled weights by the last events of one series before a moment."""
    own = Own.start(weights)
    rows = np.arange(walker.first, walker.last)
    rows = rows[past.rows.t[rows] < upto][1:]
    for row in rows[-most:]:
        now = float(past.rows.t[row])
        walker.to(now)
        here = slice(int(past.rows.ptr[row]), int(past.rows.ptr[row + 1]))
        fresh = bool((walker.state.used[past.rows.venue[here]] < 1.0).any())
        view = walker.ask(*moment(past, int(row)), now=now, explore=fresh)
        learn(own, past, int(row), view, weights)
    return own


def learn(own: Own, past: History, row: int, view: View, weights: Weights) -> None:
    """Let one event move the weights of its series."""
    from crimeloc.ranking.model.mixture import new_chance

    back, new, _, mass = true_likelihood(past, row, view)
    own.learn(back, new, float(new_chance(view.gate, weights, own)[0]), mass)
