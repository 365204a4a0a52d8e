"""How much the past, and the far away, still count.

Kernels take an age in seconds or a distance in metres and give a weight between 0 and 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint

__all__ = ["gaussian", "half_life", "power"]


def half_life(age_s: ArrayLike, half_life_s: float) -> NDArray[np.float64]:
    """How much does an event of this age still count?

    Parameters
    ----------
    age_s : array-like
        Ages in seconds, at least 0.
    half_life_s : float
        Age in seconds at which the weight is one half; ``inf`` means that nothing is forgotten.

    Returns
    -------
    ndarray
        ``2 ** (-age_s / half_life_s)``, in the shape of `age_s`.

    Raises
    ------
    ParameterError
        `half_life_s` is not above 0, or an age is negative: an event that lies in the future
        must never be weighed.

    Examples
    --------
    >>> half_life([0.0, 86_400.0, 172_800.0], 86_400.0).tolist()
    [1.0, 0.5, 0.25]
    """
    if not half_life_s > 0:
        raise ParameterError(
            "half_life_s",
            found=half_life_s,
            expected="seconds above 0",
            hint=Hint(half_life_s=864_000),
        )
    ages = _not_negative(age_s, "age_s", "drop events after `at` first")
    return np.asarray(np.exp2(-ages / half_life_s), dtype=np.float64)


def gaussian(distance_m: ArrayLike, bandwidth_m: float) -> NDArray[np.float64]:
    """How much does something this far away count, falling off like a bell?

    Parameters
    ----------
    distance_m : array-like
        Distances in metres, at least 0.
    bandwidth_m : float
        Standard deviation in metres, above 0.

    Returns
    -------
    ndarray
        ``exp(-d**2 / (2 bandwidth**2))``: 1 at distance 0, not a density.

    Raises
    ------
    ParameterError
        `bandwidth_m` is not above 0, or a distance is negative.

    Examples
    --------
    >>> gaussian([0.0, 500.0], 500.0).round(4).tolist()
    [1.0, 0.6065]
    """
    if not bandwidth_m > 0:
        raise ParameterError(
            "bandwidth_m", found=bandwidth_m, expected="metres above 0", hint=Hint(bandwidth_m=500)
        )
    distances = _not_negative(distance_m, "distance_m", "give lengths, not differences")
    return np.asarray(np.exp(-0.5 * np.square(distances / bandwidth_m)), dtype=np.float64)


def power(distance_m: ArrayLike, scale_m: float, exponent: float = 1.2) -> NDArray[np.float64]:
    """How much does something this far away count, with a long tail?

    Parameters
    ----------
    distance_m : array-like
        Distances in metres, at least 0.
    scale_m : float
        Distance in metres at which the fall begins, above 0.
    exponent : float
        Steepness far away, above 0. The default 1.2 is Rossmo's.

    Returns
    -------
    ndarray
        ``(1 + d / scale) ** -exponent``.

    Raises
    ------
    ParameterError
        A parameter is not above 0, or a distance is negative.

    Examples
    --------
    >>> power([0.0, 1_000.0], 1_000.0, exponent=1.0).tolist()
    [1.0, 0.5]
    """
    if not scale_m > 0:
        raise ParameterError(
            "scale_m", found=scale_m, expected="metres above 0", hint=Hint(scale_m=1_000)
        )
    if not exponent > 0:
        raise ParameterError(
            "exponent", found=exponent, expected="a number above 0", hint=Hint(exponent=1.2)
        )
    distances = _not_negative(distance_m, "distance_m", "give lengths, not differences")
    return np.asarray((1.0 + distances / scale_m) ** -exponent, dtype=np.float64)


def _not_negative(values: ArrayLike, name: str, hint: str) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if array.size and not (array >= 0).all():
        raise ParameterError(
            name, found=f"{array.min()}", expected="numbers of at least 0", hint=hint
        )
    return array
