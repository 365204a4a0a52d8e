"""The one p-value of the library."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Message

__all__ = ["p_value"]

TIE = 1e-9
"""Two statistics that differ by less than this share of their size are held to be equal."""


@overload
def p_value(observed: float, simulated: ArrayLike) -> float: ...
@overload
def p_value(observed: NDArray[np.float64], simulated: ArrayLike) -> NDArray[np.float64]: ...
def p_value(
    observed: float | NDArray[np.float64], simulated: ArrayLike
) -> float | NDArray[np.float64]:
    """How often does chance alone reach what was observed?

    Parameters
    ----------
    observed : float or ndarray, shape (...)
        The statistic; large values speak against chance.
    simulated : array-like, shape (worlds,) or (worlds, ...)
        The same statistic in worlds ruled by chance.

    Returns
    -------
    float or ndarray, shape (...)
        ``(1 + hits) / (1 + worlds)``, a hit being a simulated value at least as large as the
        observed one. Above 0 and at most 1; without any it is 1.

    Raises
    ------
    ParameterError
        A value is not a number, or the shapes do not fit.

    Notes
    -----
    The observed world is one of the worlds that chance could have made, hence the ones: a p-value
    of 0 cannot come out. Sums of fractions are the same up to rounding only, so a simulated value
    within one part in a billion counts as reached. Ties make the p-value too large, never too
    small. Cost is linear in their number.

    References
    ----------
    Davison & Hinkley (1997), *Bootstrap Methods and their Application*, section 4.2.

    Examples
    --------
    >>> p_value(3.0, [1.0, 2.0, 3.0, 0.0])
    0.4
    """
    seen = np.asarray(observed, dtype=np.float64)
    worlds = np.asarray(simulated, dtype=np.float64)
    if worlds.ndim != seen.ndim + 1 or worlds.shape[1:] != seen.shape:
        raise ParameterError(
            "simulated",
            found=Message(
                "shape {shape} beside observed {shape2}",
                shape=str(worlds.shape),
                shape2=str(seen.shape),
            ),
            expected="one value for each draw",
            hint="p_value(observed, simulated)",
        )
    if np.isnan(seen).any() or np.isnan(worlds).any():
        raise ParameterError(
            "simulated",
            found="values that are not numbers",
            expected="numbers",
            hint="numpy.isnan(simulated)",
        )
    # An infinite statistic ties with an infinite one: the slack must stay finite.
    slack = TIE * np.where(np.isfinite(seen), np.abs(seen), 0.0)
    hits = (worlds >= seen - slack).sum(axis=0)
    result = (1.0 + hits) / (1.0 + worlds.shape[0])
    return float(result) if seen.ndim == 0 else np.asarray(result)
