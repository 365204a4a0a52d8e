"""Constants learned in trials: where every fit starts, and what a single series falls back on.

Learned on check-ins at third places (cafes, bars, libraries, arcades) of one large city, from the
first 70 % of each person's visits; see docs/methods/ranking.md. A fit on solved series moves them,
the further the more events it has. The orders are those of `_kernels.HABIT`, `EXPLORE`, `GATE`,
`RETURNING`, `EXPLORING` and `timing.RHYTHMS`.
"""

from __future__ import annotations

import numpy as np

BETA = np.array(
    [
        -0.843,
        -1.4,
        -0.24,
        -2.35,
        0.69,
        -0.608,
        1.14,
        0.0736,
        0.838,
        0.373,
        0.046,
        0.104,
        -1.44,
        -0.072,
        0.823,
        -0.128,
        0.419,
        0.0992,
        -0.535,
        -0.303,
        0.3,
        0.704,
        1.29,
        0.343,
        -0.218,
        0.413,
        0.213,
        -0.803,
        -0.0562,
        -0.0252,
        0.564,
        -0.132,
        0.183,
        0.0729,
        0.403,
    ]
)
THETA = np.array(
    [
        0.136,
        0.0324,
        -0.653,
        1.52,
        -0.0213,
        0.0525,
        -0.0152,
        -0.00837,
        -0.772,
        -0.572,
        -0.473,
        -0.369,
        0.0195,
        0.712,
        0.333,
        0.154,
        0.0546,
        0.98,
        0.0,
        0.0,
        0.143,
        0.47,
        0.167,
        0.00721,
    ]
)
THETA = np.concatenate([THETA, np.zeros(27)])
"""Squares and products (`_kernels.PAIRS`) begin at nothing: only a fit gives them a say."""
GATE_WEIGHTS = np.array(
    [
        -1.18,
        -0.306,
        -0.279,
        0.0722,
        0.119,
        0.209,
        0.0807,
        0.489,
        0.104,
        0.277,
        1.01,
        0.206,
        -0.421,
        0.229,
        -0.634,
        -0.292,
        0.722,
    ]
)
WEIGHTS_BACK = np.array(
    [
        0.972,
        0.0177,
        0.004,
        0.004,
        0.004,
    ]
)
"""The last three came out below .001; a little is left, so that a fit elsewhere can raise them."""
WEIGHTS_NEW = np.array(
    [
        0.953,
        0.0407,
        0.00671,
    ]
)
WEEK_WEIGHTS = np.array(
    [
        0.171,
        0.185,
        0.348,
        0.0,
        0.296,
        0.0,
    ]
)
RATE_SCATTER = 2.22
ELSEWHERE_PRIOR = 0.02
BETA_SCALE, THETA_SCALE, GATE_SCALE = (
    np.ones(len(BETA)),
    np.ones(len(THETA)),
    np.ones(len(GATE_WEIGHTS)),
)
"""Spread of each feature, the unit of the ridge; all are of the order of 1 as they are built."""
WEIGHTS_BACK /= WEIGHTS_BACK.sum()
WEIGHTS_NEW /= WEIGHTS_NEW.sum()
WEEK_WEIGHTS /= WEEK_WEIGHTS.sum()
