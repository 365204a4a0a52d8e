"""Which series deserve a look: how much, how recent, how sure, how spread, how forecastable."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.linking.entities import visits
from crimeloc.linking.log_arrays import Floats, Ints, Log
from crimeloc.units import to_timestamps

HALF_LIFE_DAYS = 30.0
"""An upload counts half after so many days: what a series does now is what a forecast can meet."""

DAY_US = 86_400_000_000.0


def series_table(log: Log, series: Ints, sure: Floats, names: NDArray[np.object_]) -> pd.DataFrame:
    """One row per series, first the one of which most may be met at a known venue."""
    n = len(names)
    known = np.flatnonzero(series >= 0)
    of = series[known]
    first, last = np.zeros(n, np.int64), np.zeros(n, np.int64)
    last[of] = known
    first[of[::-1]] = known[::-1]
    end = int(log.t.max(initial=0))
    age = (end - log.t[known]) / DAY_US
    recent = np.bincount(of, 0.5 ** (age / HALF_LIFE_DAYS), minlength=n) * np.log(2.0)
    certainty = np.bincount(of, sure[known], minlength=n) / np.maximum(
        np.bincount(of, minlength=n), 1
    )
    n_visits, n_venues, returns = _visits(log, series, n)
    table = pd.DataFrame(
        {
            "series_id": pd.Series(names, dtype="str"),
            "n_events": np.bincount(of, minlength=n).astype(np.int64),
            "n_accounts": _distinct(of, log.account[known], n),
            "start": to_timestamps(log.t[first] if len(log) else log.t[:0]),
            "end": to_timestamps(log.t[last] if len(log) else log.t[:0]),
            "n_visits": n_visits,
            "n_venues": n_venues,
            "per_month": recent,
            "certainty": certainty,
            "returns": returns,
            "priority": recent * certainty * np.nan_to_num(returns),
        }
    )
    order = ["priority", "n_events", "series_id"]
    return table.sort_values(order, ascending=[False, False, True], ignore_index=True)


def _visits(log: Log, series: Ints, n: int) -> tuple[Ints, Ints, Floats]:
    """Visits and venues of each series, and how many visits went to a venue used before."""
    number = visits(log, series, series >= 0)
    rows = np.flatnonzero(number >= 0)
    once = rows[np.unique(number[rows], return_index=True)[1]]
    n_visits = np.bincount(series[once], minlength=n).astype(np.int64)
    once = once[log.venue[once] >= 0]
    located = np.bincount(series[once], minlength=n)
    n_venues = _distinct(series[once], log.venue[once], n)
    again = np.where(located > 1, (located - n_venues) / np.maximum(located - 1, 1), np.nan)
    return n_visits, n_venues, np.asarray(again)


def _distinct(of: Ints, value: Ints, n: int) -> Ints:
    """How many different values each series shows; -1 is none."""
    has = value >= 0
    base = int(value.max(initial=0)) + 1
    pairs = np.unique(of[has] * base + value[has])
    return np.bincount(pairs // base, minlength=n).astype(np.int64)
