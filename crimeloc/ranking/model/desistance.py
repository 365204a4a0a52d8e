"""Has a series stopped? The silence since its last upload, held against its own pace.

Silences are measured in the pace of the series itself (time watched until the last upload, over its
uploads). How long such silences last is learned over all series, and so is how often one never
ends: with S(z) the share of silences that last z times the pace, and d the chance that an upload
was the last one, a series that has been silent for z goes on with probability

    (1 - d) S(z) / (d + (1 - d) S(z)).

S(z) = (1 + (z - 1/2) / k)^-c falls as a power, since pauses are long-tailed: an exponential would
give up everybody who goes on holiday. Uploads of one sitting count as one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crimeloc.units import WEEK_S

Floats = NDArray[np.float64]
SITTING_S = 6 * 3600.0
SHORT = 0.5
"""Silences shorter than this, in the pace of the series, say nothing."""
PRIOR_GAPS = 30.0
"""Silences that the shipped shape is worth."""
PRIOR_LAST = 1_000.0
"""Sittings that the shipped chance of a last one is worth."""


@dataclass(frozen=True)
class Pauses:
    """How long silences last and how often one never ends.

    Parameters
    ----------
    scale, shape : float
        k and c of the share of silences longer than z.
        Shipped: as on the check-ins.
    last : float
        d, the chance that a sitting is the last one. Shipped: an assumption, one in some thirty.
    """

    scale: float = 1.2
    shape: float = 1.35
    last: float = 0.03

    def longer(self, z: Floats) -> Floats:
        """Which share of silences that end lasts longer than z?"""
        return np.asarray((1.0 + np.maximum(z - SHORT, 0.0) / self.scale) ** -self.shape)

    def alive(self, z: Floats) -> Floats:
        """How likely is it that the series goes on, silent for z?"""
        goes_on = (1.0 - self.last) * self.longer(np.asarray(z, dtype=np.float64))
        return np.asarray(goes_on / (self.last + goes_on))


def sittings(t: Floats) -> Floats:
    """Give the first upload of each sitting; uploads within six hours of each other are one."""
    return t[np.diff(t, prepend=-np.inf) > SITTING_S]


def silence(t: Floats, at: float) -> float:
    """How long has it been silent at this moment, in its own pace? t are its uploads before it."""
    if not len(t):
        return 0.0
    n = len(sittings(t))
    return float((at - t[-1]) * n / (t[-1] - t[0] + WEEK_S))


def silences(t: Floats, at: Floats) -> Floats:
    """How long has it been silent at each moment, as `silence` of the uploads before it?"""
    if not len(t):
        return np.zeros(len(at))
    last = np.searchsorted(t, at) - 1
    n = np.cumsum(np.diff(t, prepend=-np.inf) > SITTING_S)[last]
    return np.where(last >= 0, (at - t[last]) * n / (t[last] - t[0] + WEEK_S), 0.0)


def gaps(t: Floats) -> Floats:
    """All silences of one series that ended, each in the pace known when it began."""
    first = sittings(t)
    n = np.arange(1, len(first))
    return np.asarray(np.diff(first) * n / (first[:-1] - first[0] + WEEK_S))


def fit_pauses(series: list[Floats], until: float, start: Pauses) -> Pauses:
    """Learn over all series how long silences last and how often one never ends.

    Maximum likelihood with the shipped values as a prior: silences that ended, and for each series
    the one that lasts still, which may never end.
    """
    from scipy.optimize import minimize

    ended = [gaps(t)[2:] for t in series if len(t) > 3]
    open_z = np.array([silence(t, until) for t in series if len(t) > 3])
    if not ended:
        return start
    z = np.concatenate(ended)
    n, z = len(z), z[z > SHORT] - SHORT
    open_z = np.maximum(open_z - SHORT, 0.0)
    guess = np.array([np.log(start.scale), np.log(start.shape), _logit(start.last)])
    quantiles = (np.arange(50) + 0.5) / 50  # of the shipped shape: what it would have seen
    before = start.scale * ((1.0 - quantiles) ** (-1.0 / start.shape) - 1.0)

    def loss(u: Floats) -> float:
        k, c = np.exp(np.clip(u[:2], -3.0, 4.0))
        d = 1.0 / (1.0 + np.exp(-np.clip(u[2], -9.0, 2.0)))

        def density(x: Floats) -> Floats:
            return np.asarray(np.log(c / k) - (c + 1.0) * np.log1p(x / k))

        goes_on = (1.0 - d) * (1.0 + open_z / k) ** -c
        seen = density(z).sum() + n * np.log1p(-d) + np.log(d + goes_on).sum()
        seen += PRIOR_GAPS * density(before).mean()
        seen += PRIOR_LAST * (start.last * np.log(d) + (1.0 - start.last) * np.log1p(-d))
        return -float(seen)

    found = minimize(loss, guess, method="Nelder-Mead", options={"maxiter": 300, "xatol": 1e-3})
    k, c = np.exp(np.clip(found.x[:2], -3.0, 4.0))
    return Pauses(float(k), float(c), float(1.0 / (1.0 + np.exp(-np.clip(found.x[2], -9.0, 2.0)))))


def _logit(p: float) -> float:
    return float(np.log(p / (1.0 - p)))
