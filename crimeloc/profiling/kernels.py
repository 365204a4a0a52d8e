"""How the chance of an anchor falls with its distance from a site."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint

__all__ = ["MILE_M", "negative_exponential", "rossmo"]

MILE_M = 1_609.344

Array = NDArray[np.float64]


def rossmo(distance_m: ArrayLike, buffer_m: float, f: float = 1.2, g: float = 1.2) -> Array:
    """How likely is an anchor at this distance, with a buffer around the sites?

    Parameters
    ----------
    distance_m : array-like
        Manhattan distances in metres.
    buffer_m : float
        Radius B of the buffer in metres, above 0.
    f, g : float
        Steepness outside and inside the buffer, above 0.

    Returns
    -------
    ndarray
        ``1 / d**f`` where d > B, else ``B**(g - f) / (2B - d)**g``; in units of 1 / metre**f.

    Raises
    ------
    ParameterError
        A parameter is not above 0, or a distance is negative.

    Notes
    -----
    Both sides are ``B**-f`` at d = B, so it is continuous; at d = 0 it is ``B**-f / 2**g``. The
    constant k of the paper is left out: only the order of cells matters. Two scripts in circulation
    write ``B**(f - g)``, and one package ``2B - (dx - dy)``, which is not symmetric and 9 to 62 %
    too low; with f = g only the second matters.

    References
    ----------
    Rossmo (2000), *Geographic Profiling*, chapter 10.

    Examples
    --------
    >>> rossmo([0.0, 100.0, 200.0], buffer_m=100.0, f=1.0, g=1.0).tolist()
    [0.005, 0.01, 0.005]
    """
    for name, value in (("buffer_m", buffer_m), ("f", f), ("g", g)):
        if not value > 0:
            raise ParameterError(
                name, found=value, expected="a number above 0", hint=Hint(**{name: 1.2})
            )
    distance = _lengths(distance_m)
    inside = np.minimum(distance, buffer_m)
    outside = np.maximum(distance, buffer_m)
    near = buffer_m ** (g - f) / (2.0 * buffer_m - inside) ** g
    return np.asarray(np.where(distance > buffer_m, outside**-f, near))


def negative_exponential(
    distance_m: ArrayLike, scale_m: float = MILE_M / 0.06, height: float = 1.0
) -> Array:
    """How likely is an anchor at this distance, the nearer the likelier?

    Parameters
    ----------
    distance_m : array-like
        Distances in metres.
    scale_m : float
        Distance at which the chance falls to 37 %. The default, 26.8 km, is CrimeStat's 0.06 for
        each mile.
    height : float
        Value at distance 0 (CrimeStat: 1.89).

    Returns
    -------
    ndarray
        ``height * exp(-d / scale_m)``.

    Raises
    ------
    ParameterError
        A parameter is not above 0, or a distance is negative.

    References
    ----------
    Levine (2013), *CrimeStat IV*, chapter 13; Canter et al. (2000), J. Quant. Criminology 16.

    Examples
    --------
    >>> negative_exponential([0.0, 1_000.0], scale_m=1_000.0).round(3).tolist()
    [1.0, 0.368]
    """
    for name, value in (("scale_m", scale_m), ("height", height)):
        if not value > 0:
            raise ParameterError(
                name, found=value, expected="a number above 0", hint=Hint(**{name: 1_000})
            )
    return np.asarray(height * np.exp(-_lengths(distance_m) / scale_m))


def _lengths(distance_m: ArrayLike) -> Array:
    distance = np.asarray(distance_m, dtype=np.float64)
    if distance.size and not (distance >= 0).all():
        raise ParameterError(
            "distance_m",
            found=f"{distance.min()}",
            expected="lengths of at least 0",
            hint="abs(x - y)",
        )
    return distance
