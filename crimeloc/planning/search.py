"""What is the forecast worth now that officers waited there in vain?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.units import instants

__all__ = ["after_search"]


def after_search(
    slots: pd.DataFrame,
    searched: pd.DataFrame,
    *,
    detection: float = 1.0,
    certainty: float = 4.0,
) -> pd.DataFrame:
    """What is the forecast worth now that officers waited there in vain?

    Parameters
    ----------
    slots : DataFrame
        Contract SLOTS.
    searched : DataFrame
        Slots held without result: ``venue_id``, ``window_start``; a moment inside a window (a visit
        cut to opening hours) means that window.
    detection : float
        Chance that an upload in a held slot would have been noticed.
    certainty : float
        How many uploads the forecast of a venue is worth; infinity: one window says nothing about
        another.

    Returns
    -------
    DataFrame
        The same slots. A searched slot keeps ``1 - detection`` of what was expected; all slots of
        its venue are multiplied by ``certainty / (certainty + what should have been noticed)``;
        shares (and their parts) are brought back to a sum of 1 in each series.

    Raises
    ------
    ParameterError
        A number is out of range, or a column is missing.

    Notes
    -----
    Uploads of a venue are Poisson with rate ``lambda * expected``, lambda gamma distributed with
    mean 1 and shape `certainty`: nothing noticed where m was expected leaves it with mean
    ``certainty / (certainty + m)``. What was not in the forecast changes nothing.

    References
    ----------
    Stone (1975), *Theory of Optimal Search*.

    Examples
    --------
    >>> start = pd.to_datetime(["2026-03-02 18:00+09:00"] * 2)
    >>> slots = pd.DataFrame({"venue_id": ["A", "B"], "window_start": start,
    ...     "window_end": start + pd.Timedelta("4h"), "share": [0.5, 0.5],
    ...     "expected": [1.0, 1.0], "probability": [0.6, 0.6]})
    >>> after_search(slots, slots.iloc[:1], detection=0.5)["share"].round(3).tolist()
    [0.308, 0.692]
    """
    for column in ("venue_id", "window_start"):
        if column not in searched.columns:
            raise ParameterError(
                "searched",
                found=Message("no column {column}", column=column),
                expected="held slots",
                hint="plan.visits",
            )
    if not certainty > 0:
        raise ParameterError(
            "certainty", found=certainty, expected="a number above 0", hint=Hint(certainty=4.0)
        )
    if not 0 < detection <= 1:
        raise ParameterError(
            "detection", found=detection, expected="a chance above 0", hint=Hint(detection=1.0)
        )
    starts, ends = instants(slots["window_start"]), instants(slots["window_end"])
    begun = _window_of(instants(searched["window_start"]), starts, ends)
    keys = pd.MultiIndex.from_arrays([searched["venue_id"], begun])
    mine = pd.MultiIndex.from_arrays([slots["venue_id"], starts])
    held = mine.isin(keys)
    result = slots.copy()
    groups = [name for name in ("series_id",) if name in slots.columns]
    missed = (slots["expected"] * detection).where(held, 0.0)
    total = missed.groupby([slots[name] for name in (*groups, "venue_id")]).transform("sum")
    factor = (1.0 / (1.0 + total / certainty)) * np.where(held, 1.0 - detection, 1.0)
    # The ranker's own chance of at least one is kept in its own terms: log(1 - p) is what shrinks.
    none = np.log1p(-np.minimum(slots["probability"].to_numpy(dtype=np.float64), 1.0 - 1e-15))
    result["probability"] = -np.expm1(none * factor.to_numpy())
    result["expected"] = slots["expected"] * factor
    parts = ["share", *(name for name in slots.columns if str(name).startswith("from_"))]
    share = slots["share"] * factor
    one = pd.Series(0, index=slots.index)
    by = [slots[name] for name in groups] or [one]
    before, after = (values.groupby(by).transform("sum") for values in (slots["share"], share))
    scale = factor * (before / after.where(after > 0)).fillna(0.0)
    for name in parts:
        result[name] = slots[name] * scale
    return result


def _window_of(
    moments: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give the beginning of the window that each moment lies in; itself where it is in none."""
    if not len(starts):
        return moments
    first, place = np.unique(starts, return_index=True)
    last = ends[place]
    found = np.clip(np.searchsorted(first, moments, side="right") - 1, 0, None)
    inside = (first[found] <= moments) & (moments < last[found])
    return np.where(inside, first[found], moments)
