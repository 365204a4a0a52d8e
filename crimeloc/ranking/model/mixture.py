"""How the experts are weighed: pooled over series by likelihood, then per series by EM.

Two groups of experts share the probability: those that return to venues used before and those
that explore unused ones. A gate, a logistic function of how a series has behaved so far, gives the
chance of a new venue; inside a group the weights come from EM on prequential likelihood, pooled
first, then per series with the pooled weights as a Dirichlet prior worth `PRIOR_EVENTS` events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from crimeloc.ranking.model.defaults import (
    BETA,
    ELSEWHERE_PRIOR,
    GATE_WEIGHTS,
    THETA,
    WEIGHTS_BACK,
    WEIGHTS_NEW,
)

Floats = NDArray[np.float64]
PRIOR_EVENTS = 20.0
"""How many events the pooled weights are worth against those of one series."""


@dataclass(frozen=True)
class Weights:
    """Everything learned over many series.

    Parameters
    ----------
    beta : ndarray
        Log-linear weights of the habit kernel.
    theta : ndarray
        Log-linear weights of the exploration expert.
    gate : ndarray
        Logistic weights of the chance of a new venue.
    back, new : ndarray
        Pooled weights of the experts inside each group; each sums to 1.
    category_hours : ndarray, shape (categories, 6)
        Log of how much more often than on average a category is used in a part of the day.
    elsewhere : float
        Pooled chance that an event falls at no venue of the register.
    n_events : int
        Events they were learned from, beyond the shipped defaults.
    """

    beta: Floats = field(default_factory=lambda: BETA.copy())
    theta: Floats = field(default_factory=lambda: THETA.copy())
    gate: Floats = field(default_factory=lambda: GATE_WEIGHTS.copy())
    back: Floats = field(default_factory=lambda: WEIGHTS_BACK.copy())
    new: Floats = field(default_factory=lambda: WEIGHTS_NEW.copy())
    category_hours: Floats = field(default_factory=lambda: np.zeros((1, 6)))
    elsewhere: float = ELSEWHERE_PRIOR
    n_events: int = 0


@dataclass
class Own:
    """Weights of one series: pooled ones as a prior, moved by the events seen so far.

    `fresh` new venues came where `expected` were predicted.
    """

    back: Floats
    new: Floats
    fresh: float = 0.0
    expected: float = 0.0

    @classmethod
    def start(cls, weights: Weights) -> Own:
        """Begin with the pooled weights alone."""
        return cls(PRIOR_EVENTS * weights.back, PRIOR_EVENTS * weights.new)

    def learn(self, back: Floats, new: Floats, pi: float, mass: float) -> None:
        """Take in one event: its likelihood under each expert, and the chance of a new one."""
        r_back = self.back * back / self.back.sum() * (1.0 - pi)
        r_new = self.new * new / self.new.sum() * pi
        total = r_back.sum() + r_new.sum()
        if total > 0:
            self.back = self.back + mass * r_back / total
            self.new = self.new + mass * r_new / total
            self.fresh += mass * float(r_new.sum() / total)
            self.expected += mass * pi


def new_chance(gate: Floats, weights: Weights, own: Own, strength: float = 8.0) -> Floats:
    """How likely is a new venue at each moment?

    The logistic gate, tilted by how many new venues this series has shown against how many were
    expected; `strength` events of doubt keep the tilt small at first.
    """
    u = gate @ weights.gate
    u = u + np.log((own.fresh + strength * 0.3) / (own.expected + strength * 0.3))
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(u, -30.0, 30.0))))


def minimise(loss: Callable[[Floats], tuple[float, Floats]], start: Floats, ridge: float) -> Floats:
    """Fit weights by L-BFGS with a ridge toward `start`."""
    from scipy.optimize import minimize

    def penalised(z: Floats) -> tuple[float, Floats]:
        value, slope = loss(start + z)
        return value + 0.5 * ridge * float(z @ z), slope + ridge * z

    found = minimize(
        penalised,
        np.zeros_like(start),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 60, "ftol": 1e-7},
    )
    return np.asarray(start + found.x)


def choice_weights(
    features: NDArray[np.float32], stands_for: NDArray[np.float32], start: Floats, ridge: float
) -> Floats:
    """Fit a conditional logit: the first alternative of each set was chosen (McFadden 1974).

    `stands_for` is the log of how many alternatives each one drawn stands for (McFadden 1978).
    """
    x = np.asarray(features, dtype=np.float32)

    def loss(theta: Floats) -> tuple[float, Floats]:
        u = x @ theta.astype(np.float32) + stands_for
        w = np.exp(u - u.max(axis=1, keepdims=True))
        p = w / w.sum(axis=1, keepdims=True)
        slope = p.ravel() @ x.reshape(-1, x.shape[2]) - x[:, 0].sum(axis=0)
        return float(-np.log(p[:, 0]).sum(dtype=np.float64)), slope.astype(np.float64)

    return minimise(loss, start, ridge)


def gate_weights(x: Floats, z: Floats, mass: Floats, start: Floats, ridge: float) -> Floats:
    """Fit the logistic gate: z is how new the venue of each event was, between 0 and 1."""

    def loss(w: Floats) -> tuple[float, Floats]:
        u = x @ w
        p = 1.0 / (1.0 + np.exp(-np.clip(u, -30, 30)))
        value = (mass * (np.logaddexp(0.0, u) - z * u)).sum()
        return float(value), np.asarray(x.T @ (mass * (p - z)))

    return minimise(loss, start, ridge)


def expectation_maximisation(
    likelihood: Floats, mass: Floats, prior: Floats, prior_events: float, rounds: int = 200
) -> Floats:
    """Weigh experts by EM: the weights under which the events were most likely.

    Parameters
    ----------
    likelihood : ndarray, shape (n, experts)
        Probability each expert gave, from its past alone, to what happened.
    mass : ndarray, shape (n,)
        How much each event counts.
    prior : ndarray, shape (experts,)
        Prior weights, summing to 1.
    prior_events : float
        Events the prior is worth.
    rounds : int
        Rounds of EM.

    Returns
    -------
    ndarray
        Weights that sum to 1.
    """
    w = prior.copy()
    for _ in range(rounds if len(likelihood) else 0):
        r = likelihood * w
        r *= (mass / np.maximum(r.sum(axis=1), 1e-300))[:, None]
        new = prior_events * prior + r.sum(axis=0)
        new /= new.sum()
        done = np.abs(new - w).max() < 1e-7
        w = new
        if done:
            break
    return w


def part_weights(
    gate: Floats, back_there: bool, new_there: bool, weights: Weights, own: Own
) -> tuple[Floats, Floats]:
    """Give the weight of every expert at each moment; together they sum to 1."""
    pi = new_chance(gate, weights, own)
    if not back_there:
        pi = np.ones_like(pi)
    elif not new_there:
        pi = np.zeros_like(pi)
    back = (1.0 - pi)[:, None] * (own.back / own.back.sum())
    new = pi[:, None] * (own.new / own.new.sum())
    return np.asarray(back), np.asarray(new)
