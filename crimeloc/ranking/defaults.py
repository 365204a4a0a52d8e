"""Constants learned in trials: where every fit starts, and what a single series falls back on.

Learned on public check-ins at third places of one large city (see docs/methods/ranking.md); a fit
on solved series moves them, the more events the further.
"""

from __future__ import annotations

import numpy as np

BETA = np.array([-0.475,-1.222,0.994,-2.751,0.889,-0.337,2.095,0.011,0.946,0.324,0.365,0.293,-1.501,-1.15,1.182,-0.04,0.61,0.093,-0.457,-0.352]+[0.]*10)
BETA_SCALE = np.ones(30)
THETA = np.array([0.038,-0.082,-0.192,1.184,0.19,0.123,0.107,0.01,-0.805,-0.616,-0.441,0.149,0.037,0.183,0.5,0.172,0.048,0.989,0.,0.])
THETA_SCALE = np.ones(20)
GATE_WEIGHTS = np.array([-1.12,-0.28,0.3,0.2,0.,0.5,0.1,0.2,0.2,0.3,0.2,0.2,-0.4,0.2])
GATE_SCALE = np.ones(14)
WEIGHTS_BACK = np.array([0.92,0.02,0.02,0.02,0.02])
WEIGHTS_NEW = np.array([0.9,0.05,0.05])
ELSEWHERE_PRIOR = 0.02
WEEK_WEIGHTS = np.array([0.15, 0.25, 0.15, 0.15, 0.25, 0.05])
RATE_WEIGHTS = np.array([0.0, 0.3, 0.4, 0.3, -0.3, -0.5, 0.2])
RATE_SCATTER = 1.0
