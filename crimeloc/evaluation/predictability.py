"""How predictable is a series at all? Entropy of its places, and the ceiling it sets."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

__all__ = ["entropy_rate", "predictability_ceiling"]


def entropy_rate(places: Iterable[object]) -> float:
    """How unpredictable is this sequence of places, in bits per visit?

    Parameters
    ----------
    places : iterable
        Places in the order of the visits.

    Returns
    -------
    float
        The estimate of Lempel and Ziv's kind; NaN for fewer than two visits.

    Notes
    -----
    ``n log2(n) / sum Lambda_i``, Lambda_i being the length of the shortest sequence that begins
    at visit i and did not appear before it (one past the end where none is left). It converges
    slowly: below some hundred visits it is biased, and hours of day are not seen by it at all. Cost
    is quadratic in n or worse.

    References
    ----------
    Kontoyiannis et al. (1998), IEEE Trans. Inf. Theory 44; Song et al. (2010), Science 327.

    Examples
    --------
    >>> round(entropy_rate("aaaaaaaa"), 3)
    1.0
    >>> entropy_rate("abcdefgh") > 2.9
    True
    """
    codes: dict[object, str] = {}
    text = "".join(codes.setdefault(place, chr(0xE000 + len(codes))) for place in places)
    n = len(text)
    if n < 2:
        return float("nan")
    total = 0
    for i in range(n):
        length = 1
        while i + length <= n and text.find(text[i : i + length], 0, i) >= 0:
            length += 1
        total += length
    return float(n * np.log2(n) / total)


def predictability_ceiling(entropy: float, n_places: int) -> float:
    """How often can the best possible forecaster be right at the first attempt?

    Parameters
    ----------
    entropy : float
        Bits per visit (`entropy_rate`).
    n_places : int
        Different places the series has used.

    Returns
    -------
    float
        The P that solves ``S = H(P) + (1 - P) log2(N - 1)``, between 1/N and 1; 1 for one place,
        NaN where the entropy is unknown.

    Notes
    -----
    Fano's bound holds for the true entropy and for places from the known N. The estimate is biased
    on short series and blind to the clock, so a good ranker that uses hours can stand above it;
    read it as an order of magnitude.

    References
    ----------
    Song, Qu, Blumm & Barabasi (2010), Limits of predictability in human mobility, Science 327.

    Examples
    --------
    >>> round(predictability_ceiling(0.0, 10), 6), round(predictability_ceiling(np.log2(10), 10), 3)
    (1.0, 0.1)
    """
    if np.isnan(entropy):
        return float("nan")
    if n_places <= 1 or entropy <= 0:
        return 1.0
    if entropy >= np.log2(n_places):
        return 1.0 / n_places
    low, high = 1.0 / n_places, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        rest = 1.0 - middle
        bits = -middle * np.log2(middle) - (rest * np.log2(rest) if rest > 0 else 0.0)
        if bits + rest * np.log2(max(n_places - 1, 1)) > entropy:
            low = middle
        else:
            high = middle
    return (low + high) / 2
