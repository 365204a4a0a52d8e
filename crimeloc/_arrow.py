"""Moments in tables whose columns Arrow keeps."""

from __future__ import annotations

import pandas as pd

__all__ = ["from_arrow", "has_zone"]


def has_zone(dtype: object) -> bool:
    """Does a column of this kind hold moments, that is, times with a zone?

    Parameters
    ----------
    dtype : dtype
        Of a column, kept by numpy or by Arrow.

    Returns
    -------
    bool
        Whether `crimeloc.units.instants` takes it.

    Examples
    --------
    >>> column = pd.Series(pd.to_datetime(["2026-03-01 14:05Z"]))
    >>> has_zone(column.dtype), has_zone(column.dt.tz_localize(None).dtype)
    (True, False)
    """
    if isinstance(dtype, pd.ArrowDtype):
        return dtype.kind == "M" and getattr(dtype.pyarrow_dtype, "tz", None) is not None
    return isinstance(dtype, pd.DatetimeTZDtype)


def from_arrow(times: pd.Series) -> pd.Series:
    """Give moments that Arrow keeps as pandas keeps them by itself.

    Parameters
    ----------
    times : Series
        Any column.

    Returns
    -------
    Series
        The same moments in UTC; any other column as it is.
    """
    if not isinstance(times.dtype, pd.ArrowDtype) or not has_zone(times.dtype):
        return times
    return times.astype(pd.DatetimeTZDtype(times.dtype.pyarrow_dtype.unit, "UTC"))
