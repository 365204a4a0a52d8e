"""Constants learned in trials: where every fit starts, and what a single series falls back on.

Learned on check-ins at third places (cafes, bars, libraries, arcades) of one large city, from the
first 70 % of each person's visits; see docs/methods/ranking.md. A fit on solved series moves them,
the further the more events it has. The orders are those of `_kernels.HABIT`, `EXPLORE`, `GATE`,
`RETURNING`, `EXPLORING` and `timing.RHYTHMS`.
"""

from __future__ import annotations

import numpy as np

BETA = np.array([
    -0.774, -1.3, -0.0717, -2.34, 0.727, -0.663, 1.3, 0.0891, 0.809, 0.342, 0.132, 0.109,
    -1.4, -0.0851, 0.824, -0.133, 0.424, 0.116, -0.532, -0.306, 0.303, 0.782, 1.2, 0.341,
    -0.218, 0.396, 0.213, -0.787, -0.0569, -0.0243, 0.559, -0.131, 0.152, 0.0721, 0.35,
])  # fmt: skip
THETA = np.array([
    0.0987, -0.111, -0.35, 1.44, 0.116, 0.171, 0.152, 0.00247, -0.802, -0.512, -0.472,
    -0.396, 0.0618, 0.735, 0.327, 0.186, 0.0232, 0.957, 0.0, 0.0,
])  # fmt: skip
GATE_WEIGHTS = np.array([
    -1.06, -0.169, -0.517, 0.196, 0.139, 0.624, 0.0751, 0.852, 0.338, 0.292, 0.546, 0.205,
    -0.374, 0.307,
])  # fmt: skip
WEIGHTS_BACK = np.array([
    0.99, 0.00234, 0.0, 0.00687, 0.0,
])  # fmt: skip
WEIGHTS_NEW = np.array([
    0.937, 0.0514, 0.0116,
])  # fmt: skip
WEEK_WEIGHTS = np.array([
    0.171, 0.185, 0.348, 0.0, 0.296, 0.0,
])  # fmt: skip
RATE_WEIGHTS = np.array([
    -0.0588, 0.438, 0.0726, 0.587, -0.0782, -1.07, 0.263,
])  # fmt: skip
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
