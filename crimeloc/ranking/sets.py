"""Credible sets whose coverage is checked against the past.

The score of an event is the probability of everything likelier than what happened: a set that holds
more than that holds the event. The level used is a quantile of past scores (conformal prediction),
pooled over series, then moved by the series' own hits and misses (Gibbs & Candes 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.units import DAY_S

if TYPE_CHECKING:
    from crimeloc.ranking._kernels import Crowd
    from crimeloc.ranking.mixture import Weights
    from crimeloc.ranking.model import Model
    from crimeloc.ranking.past import Past, Sites
    from crimeloc.ranking.result import Ranking

Floats = NDArray[np.float64]
STEP = 0.03
ENOUGH = 5
"""Below this many located uploads a ranking says that it knows no habit."""
_POOLED = 600
_WEEKS = 60


@dataclass(frozen=True)
class CredibleSet:
    """The fewest slots or venues that hold a share.

    Parameters
    ----------
    table : DataFrame
        The slots or venues in the set, the likeliest first.
    level : float
        The level asked for, such as 0.8.
    used : float
        The share the set holds, after calibration.
    coverage : float
        Share of past events that sets made this way would have held; NaN when there was none.
    n : int
        How many past events that is.
    """

    table: pd.DataFrame
    level: float
    used: float
    coverage: float
    n: int

    def __len__(self) -> int:
        return len(self.table)

    def __str__(self) -> str:
        held = (
            f"in replay such sets held {self.coverage:.0%} of {self.n:,} uploads"
            if self.n
            else "no past upload to check it against"
        )
        return f"{len(self.table):,} rows for {self.level:.0%} (holding {self.used:.1%}; {held})"


def set_score(p: Floats, true: int) -> float:
    """Probability of everything likelier than what happened."""
    return float(p[p > p[true]].sum()) if true >= 0 else 1.0


def calibrated_level(scores: Floats, level: float) -> float:
    """Level at which sets held `level` of past events: the ceil((n+1) level)-th smallest score.

    Never below the level asked for: a set holds what it says. Below 20 scores a wider set is used.
    """
    n = len(scores)
    if n < 20:
        return min(level + (1.0 - level) * 0.5, 1.0)
    place = int(np.ceil((n + 1) * level))
    return max(float(np.sort(scores)[min(place, n) - 1]), level)


def adapt(level: float, own: Sequence[float], wanted: float) -> float:
    """Move a level by a series' own hits and misses, one small step each."""
    q = level
    for score in own[-100:]:
        q += STEP * ((1.0 if score >= q else 0.0) - (1.0 - wanted))
        q = min(max(q, 0.02), 1.0 - 1e-9)
    return q


def pooled_scores(past: Past, sites: Sites, weights: Weights, crowd: Crowd) -> Floats:
    """Scores of past events under the pooled weights, for sets of venues."""
    from crimeloc.ranking.fitting import spread_evenly, views
    from crimeloc.ranking.mixture import Own
    from crimeloc.ranking.replaying import venue_chances

    number = np.arange(len(past.rows.t)) - past.row_first
    rows = spread_evenly(np.flatnonzero(number > 10), _POOLED)
    out = []
    own = Own.start(weights)
    for row, view in views(past, sites, weights, crowd, rows, False):
        p = venue_chances(view, weights, own, len(sites))
        here = slice(int(past.rows.ptr[row]), int(past.rows.ptr[row + 1]))
        true = int(past.rows.venue[here][np.argmax(past.rows.weight[here])])
        out.append(set_score(p, true))
    return np.array(out)


def pooled_slot_scores(model: Model) -> Floats:
    """Scores of past events for sets of slots: forecasts of past weeks, spread over the series."""
    from crimeloc.ranking.fitting import spread_evenly

    past = model.past
    number = np.arange(len(past.rows.t)) - past.row_first
    rows = spread_evenly(np.flatnonzero(number > 10), _WEEKS)
    out = []
    for row in rows:
        series = int(past.row_code[row])
        at = float(past.rows.t[row - 1]) + DAY_S
        one = replace(model, at_us=round(at * 1e6), _grid=None, _kept={})
        t = past.rows.t[past.row_bounds[series] : past.row_bounds[series + 1]]
        inside = np.flatnonzero((t >= at) & (t < at + 7 * DAY_S)) + past.row_bounds[series]
        if len(inside):
            share, grid = one.forecast(past.series[series]).share, one.grid
            for i in inside[:5]:
                here = slice(int(past.rows.ptr[i]), int(past.rows.ptr[i + 1]))
                true = int(past.rows.venue[here][np.argmax(past.rows.weight[here])])
                w = int(np.searchsorted(grid.starts, past.rows.t[i] * 1e6, side="right")) - 1
                out.append(float(share[share > share[w, true]].sum()))
    return np.array(out)


def credible_set(ranking: Ranking, level: float, by: str, series: str) -> CredibleSet:
    """Which are the fewest slots, or venues, that hold this share? See `Ranking.credible_set`."""
    if not 0 < level < 1:
        raise ParameterError("level", level, "a share between 0 and 1", "level=0.8")
    if by not in ("slots", "venues"):
        raise ParameterError("by", repr(by), "'slots' or 'venues'", 'by="slots"')
    table = ranking.slots if by == "slots" else ranking.venues
    if ranking.named:
        table = table[table["series_id"] == series]
    scores = ranking.model.scores.get("slot" if by == "slots" else "venue", np.empty(0))
    used = calibrated_level(scores, level)
    held = np.cumsum(table["share"].to_numpy())
    size = min(int(np.searchsorted(held, used - 1e-12)) + 1, len(table))
    coverage = float((scores <= used).mean()) if len(scores) else float("nan")
    return CredibleSet(
        table.head(size).reset_index(drop=True), level, float(held[size - 1]) if size else 0.0,
        coverage, len(scores),
    )  # fmt: skip


def doubts(model: Model, series: str) -> tuple[str, str]:
    """Why this is no sharp list, in English and Korean; empty texts when there is no reason.

    Two reasons: fewer located uploads than `ENOUGH`, or a replay of the last ones in which the list
    did no better than popularity alone.
    """
    code, n = model.code(series), 0.0
    if code >= 0:
        here = slice(int(model.past.row_bounds[code]), int(model.past.row_bounds[code + 1]))
        rows = model.past.rows
        n = float(rows.weight[rows.ptr[here.start] : rows.ptr[here.stop]].sum())
    if n < ENOUGH:
        noun = "upload" if n == 1 else "uploads"
        english = (
            f"Only {n:.3g} located {noun} before this moment: too few to know a habit; "
            "the list leans on what other series do."
        )
        korean = (
            f"이 시점 이전에 위치가 추정된 업로드가 {n:.3g}건뿐이어서 습관을 알 수 없습니다. "
            "이 목록은 다른 계열의 행동에 기대고 있습니다."
        )
        return english, korean
    bits, asked = _gain(model, series)
    if asked >= ENOUGH and bits < 0.5:
        english = (
            f"In a replay of its last {asked} uploads this series could not be predicted "
            f"({bits:+.1f} bits a visit over popularity alone): do not lean on the top of the list."
        )
        korean = (
            f"최근 업로드 {asked}건을 되짚어 보면 이 계열은 예측되지 않았습니다"
            f"(인기도 대비 방문당 {bits:+.1f}비트). 목록의 윗부분에 기대지 마십시오."
        )
        return english, korean
    lost = model.lost(code)
    if lost > 0.5:
        return (
            f"{lost:.0%} of its uploads fall at no venue of the register: the list is partial.",
            f"업로드의 {lost:.0%}가 등록된 업소 밖에서 이루어져 목록이 완전하지 않습니다.",
        )
    return "", ""


def _gain(model: Model, series: str, most: int = 15) -> tuple[float, int]:
    """Bits a visit that the list gained over popularity, on the last events."""
    from crimeloc.ranking.fitting import moment
    from crimeloc.ranking.mixture import Own
    from crimeloc.ranking.replaying import venue_chances

    walker, own = model.walker(series), Own.start(model.weights)
    past = model.past
    base = model.crowd.visits[-1] + 0.5
    base = base / base.sum()
    rows = np.arange(walker.first + 1, walker.last)[-most:]
    gains = []
    for row in rows:
        view = walker.ask(*moment(past, int(row)), now=float(past.rows.t[row]))
        p = venue_chances(view, model.weights, own, len(model.sites))
        here = slice(int(past.rows.ptr[row]), int(past.rows.ptr[row + 1]))
        v, w = past.rows.venue[here], past.rows.weight[here]
        gains.append(np.log2(max(float(p[v] @ w), 1e-12) / float(base[v] @ w)))
    return (float(np.mean(gains)) if gains else 0.0), len(gains)
