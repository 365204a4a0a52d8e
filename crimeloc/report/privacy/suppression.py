"""Which counts are too small to be told, and which others would give them away?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint

__all__ = ["small", "told", "two_figures", "withheld"]


def withheld(
    counts: ArrayLike, threshold: int = 5, *, total_told: bool = True
) -> NDArray[np.bool_]:
    """Which cells of a table of counts may not be told?

    Parameters
    ----------
    counts : array_like, shape (n,)
        Counts or sums of weights that add up to a total; NaN is withheld already.
    threshold : int
        Smallest count that may be told.
    total_told : bool
        Is the total told elsewhere? Then what is withheld can be had by subtraction.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where the cell is withheld.

    Raises
    ------
    ParameterError
        The threshold is below 2.

    Notes
    -----
    First each count below the threshold goes, zero with the others, so that an empty cell and a
    small one look alike. Then, if the total is told and what went adds up to something, the
    smallest of the remaining cells goes too until at least two are gone and they add up to the
    threshold: the difference between the total and the cells told is then itself no small count
    and belongs to no cell alone. Cells that are all zero give nothing away. What can fool it:
    several tables over the same uploads, laid over one another; `redact` checks those it makes.
    Cost: n log n.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, chapter 4.

    Examples
    --------
    >>> withheld([40, 12, 3, 0]).tolist()  # 55 - 40 - 12 would tell the 3
    [False, True, True, True]
    >>> withheld([40, 12, 3, 3]).tolist()
    [False, False, True, True]
    """
    if threshold < 2:
        raise ParameterError(
            "threshold", found=threshold, expected="at least 2", hint=Hint(threshold=5)
        )
    values = np.asarray(counts, dtype=np.float64)
    gone = ~(values >= threshold)
    left = float(np.nansum(np.where(gone, values, 0.0)))
    if not total_told or left <= 1e-9:
        return gone
    for cell in np.argsort(np.where(gone, np.inf, values), kind="stable"):
        if (int(gone.sum()) >= 2 and left >= threshold) or gone[cell]:
            break
        gone[cell] = True
        left += float(values[cell])
    return gone


def told(counts: ArrayLike, threshold: int = 5, *, total_told: bool = True) -> NDArray[np.float64]:
    """Give counts as they may be told: whole numbers, NaN where withheld.

    Parameters
    ----------
    counts, threshold, total_told : optional
        As `withheld`.

    Returns
    -------
    ndarray of float, shape (n,)
        Whole numbers or NaN.
    """
    gone = withheld(counts, threshold, total_told=total_told)
    return np.where(gone, np.nan, np.round(np.asarray(counts, dtype=np.float64)))


def small(count: float | None, threshold: int) -> bool:
    """Is this single count too small to be told? (Nothing counted is told as nothing.)"""
    return count is not None and not (count == 0 or count >= threshold)


def two_figures(values: pd.Series) -> pd.Series:
    """Give numbers to two significant figures, too coarse to reckon a count from a share.

    Parameters
    ----------
    values : Series
        Numbers.

    Returns
    -------
    Series
        The same, rounded; missing and zero stay.
    """
    return values.map(
        lambda v: v if not math.isfinite(v) or v == 0 else float(f"{v:.2g}"), na_action="ignore"
    ).astype("float64")
