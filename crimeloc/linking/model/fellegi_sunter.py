"""What is each level of agreement worth? Bayes factors by EM, by counts, or given.

Fellegi and Sunter (1969): under the hypotheses "one person" and "two persons" a pair of entities
shows a level with probability m and u; the evidence is log2(m / u) bits, and kinds of evidence add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.linking.log_arrays import Floats
from crimeloc.linking.model.comparisons import VENUE_BITS, Levels
from crimeloc.messages import Hint, Message

IDENTIFIER = (0.03, 0.17, 0.20, 0.60)
START: dict[str, tuple[float, ...]] = {
    "venue": (0.09, 0.04, 0.04, 0.05, 0.05, 0.06, 0.06, 0.07, 0.07, 0.13, 0.15, 0.19),
    "hours": (0.15, 0.15, 0.25, 0.25, 0.20, 0.05, 0.12, 0.28, 0.35, 0.20),
    "title": (0.20, 0.15, 0.20, 0.20, 0.25, 0.08, 0.12, 0.20, 0.25, 0.35),
    "content": (0.55, 0.17, 0.13, 0.15),
    "succession": (0.7, 0.3),
    "co_location": (0.70, 0.15, 0.15),
    "impossible_travel": (0.985, 0.010, 0.005),
}
"""How often two entities of one person show each level: where EM begins, and what it leans on."""

IDENTIFIER_BY_CHANCE = (0.3, 0.6998, 0.0001, 0.0001)
BY_CHANCE: dict[str, tuple[float, ...]] = {
    "venue": (0.96, 0.01, 0.007, 0.005, 0.005, 0.004, 0.003, 0.002, 0.002, 0.0015, 0.0003, 0.0002),
    "hours": (0.17, 0.28, 0.30, 0.20, 0.05, 0.06, 0.29, 0.48, 0.15, 0.02),
    "title": (0.48, 0.40, 0.10, 0.018, 0.002, 0.26, 0.54, 0.16, 0.035, 0.005),
    "content": (0.99, 0.007, 0.0025, 0.0005),
    "succession": (0.7, 0.3),
    "co_location": (0.99, 0.007, 0.003),
    "impossible_travel": (0.98, 0.015, 0.005),
}
"""The same for two persons; this leans on two pairs only, and soon gives way to what is seen."""

LIMIT: dict[str, tuple[float, float | tuple[float, ...]]] = {
    "venue": (-8.0, (*VENUE_BITS, 14.0)),
    "hours": (-5.0, (0.0, 0.0, 0.3, 0.6, 1.5, 0.0, 0.0, 0.3, 1.5, 5.0)),
    "title": (-6.0, 6.0),
    "content": (-1.0, (0.0, 7.0, 7.0, 10.0)),
    "succession": (0.0, 2.0),
    "co_location": (-3.0, (0.0, 1.0, 3.0)),
    "impossible_travel": (-24.0, (0.1, -1.0, -3.0)),
}
"""Least and most bits that one kind of evidence may give: habits are not independent draws.

A level of shared venues is worth no more than the bits it stands for, or EM could take the
regulars of a cafe for one person because there are so many of them.
"""

APART = -3.0
"""Lasting own identifiers, different side by side, speak against by so many bits at least."""

SPLIT = {"hours": 5, "title": 5}
"""Kinds with separate levels for small and for large entities, each a distribution of its own."""


STRANGERS = 0.02
"""Most of the pairs that share an identifier of a person that may do so by chance,"""

RARE = 0.01
"""as long as fewer of all pairs than this share one,"""

FEW = 3.0
"""or an entity shares one with so few others on average: in a tiny log a couple is many pairs."""


@dataclass(frozen=True)
class Weights:
    """Probability of each level under both hypotheses, and of a pair being one person's."""

    linked: Mapping[str, Floats]
    unlinked: Mapping[str, Floats]
    prior: float
    rounds: int = 0
    how: str = "given"
    trace: tuple[float, ...] = field(default=())

    def bits(self, kind: str) -> Floats:
        """Evidence of each level of one kind, in bits."""
        value = np.log2(self.linked[kind] / self.unlinked[kind])
        low, high = LIMIT.get(kind, (-24.0, 24.0))
        return np.asarray(np.clip(value, low, high))

    def table(self) -> pd.DataFrame:
        """Give one row per kind and level: m, u and bits."""
        rows = [
            (kind, level, float(m), float(u), float(b))
            for kind in self.linked
            for level, (m, u, b) in enumerate(
                zip(self.linked[kind], self.unlinked[kind], self.bits(kind), strict=True)
            )
        ]
        return pd.DataFrame(rows, columns=["evidence", "level", "linked", "unlinked", "bits"])

    @property
    def prior_bits(self) -> float:
        """Odds that two entities taken at random are one person's, in bits."""
        return float(np.log2(self.prior / (1 - self.prior)))


def start(kinds: Mapping[str, Levels]) -> dict[str, Floats]:
    """Where EM begins for these kinds."""
    return {kind: np.array(START.get(kind, IDENTIFIER)) for kind in kinds}


def by_chance(kind: str) -> Floats:
    """Two pairs of two persons, as they are imagined before any is seen."""
    return 2.0 * np.array(BY_CHANCE.get(kind, IDENTIFIER_BY_CHANCE))


def score(kinds: Mapping[str, Levels], weights: Weights) -> dict[str, Floats]:
    """Bits of every kind for every pair; 0 where nothing is known."""
    result = {}
    for kind, level in kinds.items():
        bits = np.append(weights.bits(kind), 0.0)  # level -1 is the last: no evidence
        result[kind] = bits[level]
    return result


def by_em(
    kinds: Mapping[str, Levels], weight: Floats, n_pairs: float, *, rounds: int = 60
) -> Weights:
    """Learn m, u and the prior without labels, by expectation and maximisation.

    `kinds` are patterns of levels (`patterns`), `weight` says how many pairs show each of them and
    `n_pairs` is their sum. m leans on `START` as if 40 pairs had been seen. Where an identifier
    is the only evidence, nothing tells whether those who share it are one person or strangers; it
    is assumed that at most `STRANGERS` of them are strangers, or EM would slide to all of them
    (what more than `RARE` of all pairs, and more than `FEW` others, share is left to EM).
    """
    m = start(kinds)
    u = {kind: _shares(kind, level, weight, by_chance(kind)) for kind, level in kinds.items()}
    others = (np.sqrt(1.0 + 8.0 * n_pairs) - 1.0) / 2.0  # entities that each one is compared with
    most: dict[
        str, Floats
    ] = {}  # for identifiers of a person: of all pairs, so many share one by chance
    for kind in kinds:
        if kind not in START:  # in a small log most that share an identifier are linked
            share = float(u[kind][2:].sum())
            if share < RARE or share * others <= FEW:
                most[kind] = np.r_[1.0, 1.0, STRANGERS * u[kind][2:]]
            different = u[kind][:2] / u[kind][:2].sum()
            u[kind] = np.r_[different * sum(IDENTIFIER_BY_CHANCE[:2]), IDENTIFIER_BY_CHANCE[2:]]
    if "content" in u:  # in a small log most copies are linked
        u["content"] = np.array(BY_CHANCE["content"])
    prior = max(min(0.1, 50.0 / max(n_pairs, 1.0)), 1e-9)
    trace: list[float] = []
    for step in range(rounds):
        now = Weights(m, u, prior)
        total = now.prior_bits + sum(score(kinds, now).values(), np.zeros(len(weight)))
        linked = 1.0 / (1.0 + np.exp2(-np.clip(total, -500, 500)))
        prior = float(np.clip(((weight * linked).sum() + 1.0) / (n_pairs + 2.0), 1e-9, 0.5))
        for kind, level in kinds.items():
            m[kind] = _shares(kind, level, weight * linked, 40.0 * start({kind: level})[kind])
            u[kind] = _shares(kind, level, weight * (1 - linked), by_chance(kind))
            if kind in most:
                u[kind] = np.minimum(u[kind], most[kind])
            if kind not in START:
                m[kind][0] = min(m[kind][0], np.exp2(APART) * u[kind][0])
        trace.append(prior)
        if step > 5 and abs(trace[-1] - trace[-2]) < 1e-4 * trace[-2]:
            break
    return Weights(m, u, prior, len(trace), "EM", tuple(trace))


def by_counts(kinds: Mapping[str, Levels], different: Floats, same: Floats) -> Weights:
    """Count m and u where it is known how many pairs of each pattern are one person's."""
    m, u = {}, {}
    for kind, level in kinds.items():
        m[kind] = _shares(kind, level, same, 5.0 * start({kind: level})[kind])
        u[kind] = _shares(kind, level, different, by_chance(kind))
    n_pairs = float(same.sum() + different.sum())
    prior = float(np.clip((same.sum() + 1.0) / (n_pairs + 2.0), 1e-9, 0.5))
    return Weights(m, u, prior, 1, "counts")


def given(
    parameters: Mapping[str, object], kinds: Mapping[str, Levels], fallback: Weights
) -> Weights:
    """Take m, u and the prior as given; kinds that are not named keep what was learned."""
    m, u, prior = dict(fallback.linked), dict(fallback.unlinked), fallback.prior
    for name, value in parameters.items():
        if name == "prior":
            if not isinstance(value, float) or not 0 < value < 1:
                hint = Hint(parameters={"prior": 1e-4})
                raise ParameterError(
                    "parameters",
                    found=Message("prior={value}", value=repr(value)),
                    expected="between 0 and 1",
                    hint=hint,
                )
            prior = value
            continue
        if name not in kinds:
            expected = Message("one of {names}", names=", ".join(["prior", *kinds]))
            raise ParameterError(
                "parameters", found=repr(name), expected=expected, hint="links.weights.table()"
            )
        pair = np.asarray(value, dtype=np.float64)
        if pair.shape != (2, len(m[name])) or not (pair > 0).all() or not np.isfinite(pair).all():
            expected = Message(
                "two rows (linked, unlinked) of {n} probabilities above 0", n=len(m[name])
            )
            raise ParameterError(
                "parameters",
                found=Message("{name} of shape {shape}", name=name, shape=str(pair.shape)),
                expected=expected,
                hint="links.weights.table()",
            )
        m[name], u[name] = pair
    return Weights(m, u, prior, fallback.rounds, "given")


def _shares(kind: str, level: Levels, weight: Floats, extra: Floats) -> Floats:
    known = level >= 0
    count = np.bincount(level[known], weights=weight[known], minlength=len(extra)) + extra
    cut = SPLIT.get(kind)
    if cut is None:
        return np.asarray(count / count.sum())
    return np.concatenate([count[:cut] / count[:cut].sum(), count[cut:] / count[cut:].sum()])
