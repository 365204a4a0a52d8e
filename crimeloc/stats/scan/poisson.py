"""What a population of venues leads one to expect, bin by bin."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.events.calendar import open_share
from crimeloc.messages import Hint, Message
from crimeloc.stats.scan.candidates import Calendar
from crimeloc.stats.scan.strata import Strata

__all__ = ["venue_expectation"]


def venue_expectation(
    cases: NDArray[np.int64],
    venue_ids: pd.Series,
    population: pd.Series | None,
    layers: Strata,
    calendar: Calendar,
    hours: pd.Series | None,
) -> NDArray[np.float64]:
    """How many events would each venue have in each bin, were the rate the same everywhere?

    Parameters
    ----------
    cases : ndarray of int, shape (venues, bins)
        Events observed.
    venue_ids : Series
        The venues, in the order of the rows.
    population : Series
        Seats, visits or people, indexed by `venue_id`.
    layers : Strata
        Within each label of bins the rate is one; between them it is free.
    calendar : Calendar
        The bins.
    hours : Series of str or None
        Opening hours: a venue is at risk while it is open.

    Returns
    -------
    ndarray, shape (venues, bins)
        Expected events.

    Raises
    ------
    ParameterError
        A venue has no population, or events where it has none.
    """
    people = pd.Series(population).reindex(venue_ids).to_numpy(dtype=np.float64, na_value=np.nan)
    wrong: NDArray[np.bool_] = ~(np.isfinite(people) & (people >= 0)) & (cases.sum(axis=1) > 0)
    if wrong.any():
        found = Message(
            "no population of venue {iloc}", iloc=repr(venue_ids.iloc[int(np.argmax(wrong))])
        )
        raise ParameterError(
            "population", found=found, expected="at least 0 for every venue", hint="fillna(0)"
        )
    people = np.where(np.isfinite(people), people, 0.0)
    at_risk = np.repeat(people[:, None], calendar.n_bins, axis=1)
    if hours is not None:
        begins = calendar.first + np.arange(calendar.n_bins) * calendar.unit
        at_risk *= open_share(hours, begins, begins + calendar.unit, tz="UTC", country=None)
    closed = (at_risk <= 0) & (cases > 0)
    if closed.any():
        venue = venue_ids.iloc[int(np.argmax(closed.any(axis=1)))]
        found = Message("events of venue {venue} where none can be", venue=repr(venue))
        raise ParameterError(
            "population",
            found=found,
            expected="a population above 0, and open hours, wherever there are events",
            hint=Hint(strata=["hour"]),
        )
    expected = np.zeros_like(at_risk)
    for label in np.unique(layers.of_bin):
        bins = layers.of_bin == label
        seen, people_there = cases[:, bins].sum(), at_risk[:, bins].sum()
        if seen:
            expected[:, bins] = at_risk[:, bins] * (seen / people_there)
    return expected
