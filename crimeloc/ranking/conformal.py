"""How large must a set be? Levels fitted on what past sets would have held.

An event leaves an outcome: how much probability stood above what happened, and how much on it. A
set cut at level q holds the event for certain when `above + tied <= q`; when q falls inside the
step of the event itself it holds the part ``(q - above) / tied`` of it, which is the chance that
a set whose last member is let in at random holds it. Levels are fitted on that part (randomised
conformal prediction), so that they mean what they say even where one venue alone has more than
80 %. The printed set always takes its last member whole, and so holds at least as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEP = 0.1
"""How far one miss moves the level of a series (times 0.8; a hit moves it back by 0.2 of this)."""
DOUBT = 20
"""Below so many past events to learn from, a wider set is used."""
HIGHEST = 1.0 - 1e-9
BEYOND = 1.25
"""A level may rise above 1 (the set is then everything): a miss that is forgotten at the edge would
be missing in the balance."""


@dataclass(frozen=True)
class Outcome:
    """What one event left behind; several candidates where its place is uncertain.

    Parameters
    ----------
    above : ndarray
        Probability of everything likelier than each candidate.
    tied : ndarray
        Probability of the candidate itself, with all that is exactly as likely.
    weight : ndarray
        Chance of each candidate once the event is known; sums to 1.
    """

    above: Floats
    tied: Floats
    weight: Floats

    def part(self, level: float) -> float:
        """Give the part of the event that a set cut at this level holds, its last at random."""
        held = (level - self.above) / np.maximum(self.tied, 1e-300)
        return float(np.clip(held, 0.0, 1.0) @ self.weight)

    def whole(self, level: float) -> float:
        """Give the part that the printed set holds, its last member taken whole."""
        return float((self.above < level - 1e-12) @ self.weight)


def outcome(p: Floats, candidates: NDArray[np.int64], weight: Floats) -> Outcome | None:
    """Hold a forecast against an event whose place is known up to some weights.

    The weights of the candidates are those of the address; what is asked here is where the event
    was once it is known, so the forecast has its say too (Bayes). None when the forecast holds
    all of it to be impossible and the place is uncertain.
    """
    mine = p[candidates]
    known = weight * mine if len(candidates) > 1 else np.ones(len(candidates))
    total = float(known.sum())
    if total <= 0:
        return None
    likelier = p[None, :] > mine[:, None]
    equal = p[None, :] == mine[:, None]
    return Outcome((likelier * p).sum(axis=1), (equal * p).sum(axis=1), known / total)


def calibrated_level(outcomes: list[Outcome], level: float) -> float:
    """At which level would sets have held this share of past events?

    The level q at which the mean part held is ``level (n + 1) / n``, n events (the finite-sample
    correction of conformal prediction). With fewer than `DOUBT` events the level is half-way from
    the one asked for to 1, or the fitted one where that is larger.
    """
    n = len(outcomes)
    if not n:
        return level + (1.0 - level) * 0.5
    above = np.concatenate([one.above for one in outcomes])
    tied = np.maximum(np.concatenate([one.tied for one in outcomes]), 1e-300)
    weight = np.concatenate([one.weight for one in outcomes])
    wanted = min(level * (n + 1) / n, 1.0) * float(weight.sum())
    low, high = 0.0, HIGHEST
    for _ in range(40):
        middle = (low + high) / 2
        if float(np.clip((middle - above) / tied, 0.0, 1.0) @ weight) < wanted:
            low = middle
        else:
            high = middle
    return high if n >= DOUBT else max(high, level + (1.0 - level) * 0.5)


def adapt(
    start: float,
    own: Iterable[Sequence[Outcome]],
    wanted: float,
    step: float = STEP,
) -> float:
    """Move a level by a series' own hits and misses (Gibbs & Candes 2021).

    Events that one forecast covered come together: all of them are held against the level that
    stood when it was made. Levels up to `BEYOND` remember misses that no set could have avoided.
    """
    level = start
    for together in own:
        missed = sum(wanted - one.part(level) for one in together)
        level = min(max(level + step * missed, 0.02), BEYOND)
    return level


def set_size(p: Floats, level: float) -> int:
    """How many of the likeliest it takes to hold this level; at least one."""
    return min(int(np.searchsorted(np.cumsum(np.sort(p)[::-1]), level - 1e-12)) + 1, len(p))
