"""Constants learned in trials: where every fit starts, and what a single series falls back on.

Learned on check-ins at third places (cafes, bars, libraries, arcades) of one large city, from the
first 70 % of each person's visits; see docs/methods/ranking.md. A fit on solved series moves them,
the further the more events it has. The weights of single features stand with the features.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crimeloc.ranking.features.exploration import EXPLORING, PAIRS, Explore
from crimeloc.ranking.features.feature import shipped
from crimeloc.ranking.features.gate import Gate
from crimeloc.ranking.features.habit import RETURNING, Habit

BETA = shipped(Habit)
THETA = np.concatenate([shipped(Explore), np.zeros(len(PAIRS))])
"""Squares and products begin at nothing: only a fit gives them a say."""
GATE_WEIGHTS = shipped(Gate)
RATE_SCATTER = 2.22
ELSEWHERE_PRIOR = 0.02


def _shares(names: tuple[str, ...], **weights: float) -> NDArray[np.float64]:
    """Weights in the order of the names, brought to sum 1."""
    found = np.array([weights[name] for name in names])
    return np.asarray(found / found.sum())


WEIGHTS_BACK = _shares(
    RETURNING, habit=0.972, rhythm=0.0177, loyalty=0.004, recent=0.004, sequence=0.004
)
"""The last three came out below .001; a little is left, so that a fit elsewhere can raise them."""
WEIGHTS_NEW = _shares(EXPLORING, explore=0.953, nearby=0.0407, popular=0.00671)
RHYTHMS = ("hour_and_weekday", "hour_and_kind", "hour_lately", "hour", "everyone", "flat")
"""The parts of the week of a series, in their order."""
WEEK_WEIGHTS = _shares(
    RHYTHMS,
    hour_and_weekday=0.171,
    hour_and_kind=0.185,
    hour_lately=0.348,
    hour=0.0,
    everyone=0.296,
    flat=0.0,
)
