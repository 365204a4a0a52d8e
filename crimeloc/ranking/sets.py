"""Credible sets whose coverage is checked against the past.

The score of an event is the probability of everything likelier than what happened, and itself: the
level at which a set would just have held it. The level asked for is the quantile of past scores
(conformal prediction), pooled over series, moved by the series' own misses (Gibbs & Candes 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError

if TYPE_CHECKING:
    from crimeloc.ranking._kernels import Crowd
    from crimeloc.ranking.mixture import Weights
    from crimeloc.ranking.model import Model
    from crimeloc.ranking.past import Past, Sites
    from crimeloc.ranking.result import Ranking

Floats = NDArray[np.float64]
STEP = 0.02
ENOUGH = 5
"""Below this many located uploads a ranking says that it knows no habit."""
_POOLED = 1500


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
    """Probability of everything likelier than what happened, and of itself."""
    return float(p[p > p[true]].sum() + p[true]) if true >= 0 else 1.0


def calibrated_level(scores: Floats, level: float) -> float:
    """Level at which sets held `level` of past events: the ceil((n+1) level)-th smallest score.

    Below 20 scores the level itself is used, moved toward caution.
    """
    n = len(scores)
    if n < 20:
        return min(level + (1.0 - level) * 0.5, 1.0)
    place = int(np.ceil((n + 1) * level))
    return float(np.sort(scores)[min(place, n) - 1])


def adapt(level: float, own: Sequence[float], wanted: float) -> float:
    """Move a level by a series' own hits and misses, one small step each."""
    q = level
    for score in own[-100:]:
        missed = score > q
        q = q + STEP * ((1.0 if missed else 0.0) - (1.0 - wanted)) * 0.5
        q = min(max(q, 0.02), 1.0)
    return q


def pooled_scores(
    past: Past, sites: Sites, weights: Weights, crowd: Crowd
) -> dict[str, Floats]:
    """Scores of past events under the pooled weights, for sets of venues."""
    from crimeloc.ranking.fitting import _spread, views
    from crimeloc.ranking.mixture import Own
    from crimeloc.ranking.replaying import venue_chances

    number = np.arange(len(past.rows.t)) - past.row_first
    rows = _spread(np.flatnonzero(number > 10), _POOLED)
    out = []
    own = Own.start(weights)
    for row, view in views(past, sites, weights, crowd, rows, False):
        p = venue_chances(view, weights, own, len(sites), (), None, past, sites)  # type: ignore[arg-type]
        here = slice(int(past.rows.ptr[row]), int(past.rows.ptr[row + 1]))
        true = int(past.rows.venue[here][np.argmax(past.rows.weight[here])])
        out.append(set_score(p, true))
    return {"venue": np.array(out)}


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


def doubts(model: Model, series: str) -> str:
    """Why this is no sharp list; an empty text when there is no reason."""
    code = model.code(series)
    n = 0.0
    if code >= 0:
        here = slice(int(model.past.row_bounds[code]), int(model.past.row_bounds[code + 1]))
        rows = model.past.rows
        n = float(rows.weight[rows.ptr[here.start] : rows.ptr[here.stop]].sum())
    if n < ENOUGH:
        return (
            f"Only {n:.3g} located uploads before this moment: too few to know a habit; "
            "the list leans on what other series do."
        )
    return ""
