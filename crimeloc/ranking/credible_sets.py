"""Credible sets whose coverage is checked against the history.

Each past event leaves an `Outcome` (`conformal`): how much probability stood above what happened.
The level of a set is fitted on the outcomes of the population the ranker learned from, then moved
by the series' own hits and misses, week by week (adaptive conformal inference).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.ranking.conformal import Outcome, adapt, calibrated_level, outcome
from crimeloc.ranking.model.training import spread_evenly
from crimeloc.ranking.model.walk_forward import candidates_of, walk_forward
from crimeloc.units import WEEK_S

if TYPE_CHECKING:
    from crimeloc.ranking.history import History
    from crimeloc.ranking.model.forecast import Model
    from crimeloc.ranking.model.mixture import Weights
    from crimeloc.ranking.model.timing import Timing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Asked = TypeVar("Asked")
Left = TypeVar("Left")
KNOWN = 3
"""A forecast enters the calibration once its series has so many located uploads."""
CROSS = 5_000
"""With fewer located uploads than this, levels are learned crosswise."""
_POOLED = 1_500
_WEEKS = 150
_OWN_WEEKS = 12
_WEEK_US = round(WEEK_S * 1e6)


@dataclass(frozen=True)
class CredibleSet:
    """The fewest slots or venues that hold a share.

    Parameters
    ----------
    table : DataFrame
        The slots or venues in the set, the likeliest first; "elsewhere" is a member like any other.
    level : float
        The level asked for, such as 0.8.
    used : float
        The share the set holds, after calibration.
    coverage : float
        Share of past uploads that sets made this way would have held; NaN when there was none.
    n : int
        How many past uploads that is, of the population and of the series itself.
    randomised_coverage : float
        The same, had the last member been let in at random so as to hold no more than needed: this
        is what the level is fitted on. `coverage` is above it where one venue alone holds more.
    own_n : int
        How many of the `n` are uploads of this series.
    """

    table: pd.DataFrame
    level: float
    used: float
    coverage: float
    n: int
    randomised_coverage: float = float("nan")
    own_n: int = 0

    def __len__(self) -> int:
        return len(self.table)

    def __str__(self) -> str:
        held = (
            f"in backtest such sets held {self.coverage:.0%} of {self.n:,} uploads,"
            f" {self.own_n:,} of them of this series;"
            f" {self.randomised_coverage:.0%} with the last member at random"
            if self.n
            else "no past upload to check it against"
        )
        return f"{len(self.table):,} rows for {self.level:.0%} (holding {self.used:.1%}; {held})"


def pooled(
    model: Model, learn: Callable[[list[str]], tuple[Weights, Timing]]
) -> dict[str, list[Outcome]]:
    """What past events of the whole population left behind, for each kind of set.

    Weights that have seen an event flatter themselves on it. Where the population is small, each
    half of the series is therefore replayed with weights learned from the other half alone.
    """
    history, names = model.history, model.history.series
    halves = [np.arange(len(names))]
    models = [model]
    if len(names) >= 4 and len(history.rows.t) < CROSS:
        halves = [np.arange(len(names))[k::2] for k in (0, 1)]
        taught = [learn([names[j] for j in half]) for half in reversed(halves)]
        models = [replace(model, weights=w, timing=timing) for w, timing in taught]
    found: dict[str, list[Outcome]] = {"next": [], "slot": [], "venue": []}
    for half, one in zip(halves, models, strict=True):
        found["next"] += pooled_outcomes(one, half, _POOLED // len(halves))
        weeks = pooled_weeks(one, half, _WEEKS // len(halves))
        found = {by: found[by] + weeks.get(by, []) for by in found}
    return found


def pooled_outcomes(model: Model, codes: Ints, most: int) -> list[Outcome]:
    """What past events left behind, each predicted from its own past: the later halves.

    Because a forecast is asked for at the end of a history and not at its beginning.
    """
    history = model.history
    sizes = np.diff(history.row_bounds)
    asked = codes[sizes[codes] > KNOWN]
    if not len(asked):
        return []
    mean = float(sizes[asked].mean())

    def left(code: int) -> list[Outcome]:
        begin, half = int(history.row_bounds[code]), max(int(sizes[code]) // 2, KNOWN)
        late = (one.result for one in walk_forward(model, code) if one.row - begin >= half)
        return [result for result in late if result is not None]

    some = spread_evenly(asked, max(int(2 * most / mean), 20)).tolist()
    return [one for each in _side_by_side(left, some) for one in each]


def pooled_weeks(model: Model, codes: Ints, most: int) -> dict[str, list[Outcome]]:
    """What past weeks left behind for sets of slots and of venues, spread over the series."""
    history = model.history
    asked = []
    for code in codes.tolist():
        t = history.rows.t[history.row_bounds[code] : history.row_bounds[code + 1]]
        if len(t) > KNOWN:
            origins = np.arange(history.t.max() - WEEK_S, t[KNOWN - 1], -WEEK_S)[::-1]
            asked += [(code, at) for at in origins[len(origins) // 2 :] if _any(history, code, at)]
    some = [asked[k] for k in spread_evenly(np.arange(len(asked)), most)]
    weeks = _side_by_side(lambda one: week_outcomes(model, *one), some)
    return {by: [left for week in weeks for left in week[by]] for by in ("slot", "venue")}


def _side_by_side(work: Callable[[Asked], Left], asked: list[Asked]) -> list[Left]:
    """Do the same for each, two at a time, and give the results in order; each stands alone."""
    with ThreadPoolExecutor(2) as pool:  # the kernels let go of the interpreter
        return list(pool.map(work, asked))


def _any(history: History, code: int, at: float) -> bool:
    t = history.t[history.bounds[code] : history.bounds[code + 1]]
    return bool(np.searchsorted(t, at) < np.searchsorted(t, at + WEEK_S))


def week_outcomes(model: Model, code: int, at: float) -> dict[str, list[Outcome]]:
    """Forecast the week after a past moment and hold it against what came."""
    history = model.history
    here = np.arange(history.bounds[code], history.bounds[code + 1])
    here = here[(history.t[here] >= at) & (history.t[here] < at + WEEK_S)]
    found: dict[str, list[Outcome]] = {"slot": [], "venue": []}
    if not len(here):
        return found
    daily = model.working.populations.daily
    one = replace(model, at_us=round(at * 1e6), horizon="7D", population=daily)
    forecast, grid = one.forecast(history.series[code]), one.grid
    share = np.column_stack([forecast.share, forecast.elsewhere])
    n_venues = share.shape[1]
    by_venue, flat = share.sum(axis=0), share.ravel()
    for i, row in zip(here, history.spot(here).tolist(), strict=True):
        window = int(np.searchsorted(grid.starts, history.t[i] * 1e6 + 0.5, side="right")) - 1
        venue, weight = candidates_of(history, row, n_venues - 1)
        for by, p, place in (
            ("slot", flat, window * n_venues + venue),
            ("venue", by_venue, venue),
        ):
            left = outcome(p, place, weight)
            if left is not None:
                found[by].append(left)
    return found


def own_weeks(model: Model, series: str) -> dict[str, list[list[Outcome]]]:
    """What the last weeks of one series left behind, the oldest first, week by week.

    A week once looked at is kept: the next forecast, a week later, needs it again. Its key holds
    all that the series had done until its end, so another past is never taken for the same.
    """
    found: dict[str, list[list[Outcome]]] = {"slot": [], "venue": []}
    code = model.code(series)
    if code < 0:
        return found
    history = model.history
    t = history.rows.t[history.row_bounds[code] : history.row_bounds[code + 1]]
    for back in range(_OWN_WEEKS, 0, -1):
        origin_us = model.at_us - back * _WEEK_US
        if np.searchsorted(t, origin_us / 1e6) < KNOWN:
            continue
        key = (series, origin_us, _mark(history, code, origin_us / 1e6 + WEEK_S, model.window))
        week = model.working.week(key, partial(week_outcomes, model, code, origin_us / 1e6))
        found = {by: [*found[by], week[by]] for by in found}
    return found


def _mark(history: History, code: int, before: float, window: str) -> int:
    """A number for all that a series did before a moment."""
    begin, end = int(history.bounds[code]), int(history.bounds[code + 1])
    end = begin + int(np.searchsorted(history.t[begin:end], before))
    first, last = np.searchsorted(history.place, [begin, end])
    here = slice(int(history.rows.ptr[first]), int(history.rows.ptr[last]))
    parts = (
        history.t[begin:end],
        history.mass[begin:end],
        history.weight[begin:end],
        history.rest[begin:end],
        history.hour[begin:end],
        history.rows.venue[here],
        history.address_weight[here],
    )
    return hash((window, *(one.tobytes() for one in parts)))


def series_level(model: Model, series: str, level: float, by: str) -> float:
    """At which level are the sets of this series cut: pooled, then moved by its own weeks."""
    moved = adapt(pooled_level(model, level, by), own_weeks(model, series)[by], level)
    return max(moved, _few(model.n_past(series), level))


def pooled_level(model: Model, level: float, by: str) -> float:
    """The level of the population, never below what is asked for: a set holds what it says."""
    return max(calibrated_level(model.outcomes.get(by, []), level), level)


def _few(n: int, level: float) -> float:
    """The lowest level while a series has hardly begun: knowledge is small, so sets are wide."""
    return level + (1.0 - level) * 0.8 ** (n / 3.0) if n < 8 else 0.0


def credible_set(
    model: Model, table: pd.DataFrame, level: float, by: str, series: str
) -> CredibleSet:
    """Which are the fewest slots, or venues, that hold this share? See `Ranking.credible_set`."""
    if not 0 < level < 1:
        raise ParameterError(
            "level", found=level, expected="a share between 0 and 1", hint=Hint(level=0.8)
        )
    kind = "slot" if by == "slots" else "venue"
    used = series_level(model, series, level, kind)
    pooled, own = model.outcomes.get(kind, []), own_weeks(model, series)[kind]
    held = np.cumsum(table["share"].to_numpy())
    size = min(int(np.searchsorted(held, used - 1e-12)) + 1, len(table))
    q, n_own = pooled_level(model, level, kind), sum(len(week) for week in own)
    whole, part = [one.whole(q) for one in pooled], [one.part(q) for one in pooled]
    for week in own:  # at the level that stood when the week began
        whole += [one.whole(q) for one in week]
        part += [one.part(q) for one in week]
        q = adapt(q, [week], level)
    n = len(whole)
    return CredibleSet(
        table.head(size).reset_index(drop=True),
        level,
        float(held[size - 1]) if size else 0.0,
        float(np.mean(whole)) if n else float("nan"),
        n,
        float(np.mean(part)) if n else float("nan"),
        n_own,
    )
