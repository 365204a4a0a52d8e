"""Where was an ambiguous upload, given what else its series did?

An address that fits several venues says little; the habit of the series says more. Each candidate
of an ambiguous upload is weighed by Bayes: the weight of the address times the chance that the
series went there, as its uploads with a single candidate have it,

    p(v) = (1 - g) n(v) / n + f(v) g / V,

with n(v) the uploads at v, n their sum, f(v) the chance that v was not used, V the venues of the
register, and g how often the series went somewhere new. Ambiguous uploads are no evidence for each
other's habit, else addresses that share a venue time and again would make it the habit of
everybody; but a venue that another one may have used is that much less a new one (mean field).

From what came before each upload (`posterior_before`) the pooled weights are learned. A forecast
knows more, all that came before its own moment (`posterior_by_now`): who never returns and is seen
for certain at a venue was not there before. What the caller reads, and what past sets are held
against, are the weights of the address as they stand.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from crimeloc.ranking.features.arrays import Rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SURE = 0.99
"""The most that a series is held to go, or not to go, somewhere new."""
SWEEPS = 4


def posterior_before(rows: Rows, bounds: Ints, n_venues: int) -> Floats:
    """Weigh the candidates of each located upload by what its series did before it.

    Parameters
    ----------
    rows : Rows
        Located uploads, sorted by series and time, with the weights of the addresses.
    bounds : ndarray
        First row of each series, and the end.
    n_venues : int
        Venues of the register.

    Returns
    -------
    ndarray
        One weight for each candidate; those of an upload sum to what they summed to.
    """
    vague = np.diff(rows.ptr) > 1
    if not vague.any():
        return rows.weight
    weight = rows.weight.copy()
    for begin, end in pairwise(bounds.tolist()):
        for i in (begin + np.flatnonzero(vague[begin:end])).tolist():
            before = begin + int(np.searchsorted(rows.t[begin:i], rows.t[i]))
            known = np.arange(begin, before)[~vague[begin:before]]
            here, sure = slice(int(rows.ptr[i]), int(rows.ptr[i + 1])), rows.ptr[known]
            weight[here] = _weighed(
                rows.weight[here],
                rows.venue[here],
                np.zeros(here.stop - here.start, np.int64),
                rows.weight[sure],
                rows.venue[sure],
                n_venues,
            )
    return weight


def posterior_by_now(address_weight: Floats, venue: Ints, ptr: Ints, n_venues: int) -> Floats:
    """Weigh the candidates of all uploads of one series so far, by all that is certain by now.

    Parameters
    ----------
    address_weight : ndarray
        Weights of the address, one for each candidate.
    venue : ndarray
        The candidates.
    ptr : ndarray
        Bounds of the candidates of each upload, from 0.
    n_venues : int
        Venues of the register.

    Returns
    -------
    ndarray
        One weight for each candidate; those of an upload sum to what they summed to.
    """
    size = np.diff(ptr)
    sure = np.repeat(size == 1, size)
    upload = np.repeat(np.cumsum(size > 1) - 1, size)
    weight = address_weight.copy()
    weight[~sure] = _weighed(
        address_weight[~sure],
        venue[~sure],
        upload[~sure],
        address_weight[sure],
        venue[sure],
        n_venues,
    )
    return weight


def _weighed(
    address_weight: Floats, venue: Ints, upload: Ints, known: Floats, places: Ints, n_venues: int
) -> Floats:
    """Bayes for the candidates of some uploads, by the uploads whose place is known."""
    if not len(known) or not len(address_weight):
        return address_weight
    visits = np.bincount(places, known, minlength=n_venues)
    free = np.exp(np.bincount(places, np.log1p(-np.minimum(known, SURE)), minlength=n_venues))
    n = float(known.sum())
    g = (max(float((1.0 - free).sum()) - 1.0, 0.0) + 0.5) / (max(n - 1.0, 0.0) + 1.0)
    g = min(max(g, 1.0 - SURE), SURE)
    back, new = (
        address_weight * (1.0 - g) * visits[venue] / n,
        address_weight * free[venue] * g / n_venues,
    )
    mass, weight = np.bincount(upload, address_weight), address_weight
    for _ in range(SWEEPS):
        taken = np.log1p(-np.minimum(weight, SURE))  # by the other ambiguous uploads
        taken = np.exp(np.bincount(venue, taken, minlength=n_venues)[venue] - taken)
        chance = back + new * taken
        weight = chance * (mass / np.maximum(np.bincount(upload, chance), 1e-300))[upload]
    return np.asarray(weight)
