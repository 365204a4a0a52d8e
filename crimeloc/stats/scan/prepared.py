"""From located events to what a scan is made of, and from there to the scan of each model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.geometry import lonlat, to_metres
from crimeloc.messages import Hint, Message
from crimeloc.stats._chance import Chance
from crimeloc.stats.scan.candidates import (
    Calendar,
    Candidates,
    bins_of,
    calendar_of,
    candidates_of,
)
from crimeloc.stats.scan.clusters import ArrayScan
from crimeloc.stats.scan.permutation import Uploads, scan_permutation
from crimeloc.stats.scan.poisson import scan_poisson, venue_expectation
from crimeloc.stats.scan.strata import Strata, chosen_kinds, strata_of_bins
from crimeloc.stats.scan.windows import Windows

__all__ = ["Period", "Prepared", "prepare", "scan_population", "scan_times"]


class Period(NamedTuple):
    """The time that is scanned.

    Parameters
    ----------
    unit_s : float
        Length of a bin in seconds.
    start, end : str, datetime or None
        The period; None: from the first to the last event.
    zone : str
        Zone of the clocks at the venues.
    """

    unit_s: float
    start: units.Instant | None
    end: units.Instant | None
    zone: str


class Prepared(NamedTuple):
    """What a scan is made of.

    Parameters
    ----------
    place : GeoDataFrame
        The venues.
    rows : Candidates
        Events inside the period and their candidates.
    bins : ndarray of int64
        Bin of each row.
    calendar : Calendar or None
        The bins; None where there are no events.
    layers : Strata or None
        Within what times may change hands; None where there are fewer than two events.
    hours : Series of str or None
        Opening hours of the venues, where they make strata.
    n_outside : int
        Events before or after the period.
    """

    place: gpd.GeoDataFrame
    rows: Candidates
    bins: NDArray[np.int64]
    calendar: Calendar | None
    layers: Strata | None
    hours: pd.Series | None
    n_outside: int


def prepare(
    located: gpd.GeoDataFrame,
    place: gpd.GeoDataFrame,
    registered: pd.Series | None,
    period: Period,
    strata: str | Sequence[str] | None,
) -> Prepared:
    """Lay out events, venues, bins and strata.

    Parameters
    ----------
    located : GeoDataFrame
        Located events.
    place : GeoDataFrame
        The venues, as `venues_of` gives them.
    registered : Series or None
        Names of the venues of the register: they stay though they have no events.
    period : Period
        The time that is scanned.
    strata : "auto", None, or sequence of str
        As for `scan_test`.

    Returns
    -------
    Prepared
        For `scan_times` and `scan_population`.

    Raises
    ------
    ParameterError
        The period is empty, a venue has no position or two, or the strata are unknown.
    """
    rows = candidates_of(located, place, period.zone)
    calendar = calendar_of(rows.wall, *period) if len(rows.event) else None
    bins = bins_of(calendar, rows.wall) if calendar else np.zeros(0, np.int64)
    inside = (bins >= 0) & (bins < (calendar.n_bins if calendar else 0))
    n_outside = int(np.unique(rows.event[~inside]).size)
    # A venue that is known only from events outside the period is not known to the scan.
    stay = np.bincount(rows.venue[inside], minlength=len(place)) > 0
    if registered is not None:
        stay |= place["venue_id"].isin(registered).to_numpy()
    rows, place = rows.only(inside, stay), place.loc[stay].reset_index(drop=True)
    hours = place["opening_hours"] if "opening_hours" in place.columns else None
    hours = None if hours is None or hours.isna().all() else hours
    kinds = chosen_kinds(strata, period.unit_s, hours is not None)
    layers = None
    if calendar is not None and np.unique(rows.event).size >= 2:
        walls = calendar.first + np.arange(calendar.n_bins) * calendar.unit
        layers = strata_of_bins(kinds, walls, calendar.unit, hours, len(place))
    hours = hours if "opening" in kinds else None
    return Prepared(place, rows, bins[inside], calendar, layers, hours, n_outside)


def scan_times(ready: Prepared, windows: Windows, chance: Chance) -> ArrayScan | None:
    """Scan with times dealt anew within strata of bin label and opening patterns."""
    calendar, layers, rows = ready.calendar, ready.layers, ready.rows
    if calendar is None or layers is None:
        return None
    label = layers.of_bin[ready.bins]
    pattern = layers.of_venue[rows.venue, label]
    # Events whose candidates differ in pattern go by the set of patterns, the others by the one.
    key = label * (int(layers.of_venue.max(initial=0)) + 1) + pattern
    by_event = pd.Series(key).groupby(rows.event)
    split = (by_event.transform("min") != by_event.transform("max")).to_numpy()
    if split.any():
        several = pd.Series(key[split].astype(str)).groupby(rows.event[split])
        sets = several.transform(lambda keys: "|".join(sorted(set(keys))))
        key[split] = key.max() + 1 + pd.factorize(sets, sort=True)[0]
    stratum, _ = pd.factorize(key, sort=True)
    uploads = Uploads(rows.venue, ready.bins, stratum.astype(np.int64), rows.weight, rows.event)
    xy = _coordinates(ready.place, windows.distance)
    return scan_permutation(xy, uploads, calendar.n_bins, windows, chance)


def scan_population(
    ready: Prepared, population: pd.Series | None, windows: Windows, chance: Chance
) -> ArrayScan | None:
    """Scan against a population, its rate the same everywhere within each stratum."""
    calendar, layers, rows = ready.calendar, ready.layers, ready.rows
    if calendar is None or layers is None:
        return None
    if (rows.weight != 1.0).any():
        found = Message("{n} rows with a weight below 1", n=int((rows.weight != 1.0).sum()))
        hint = Hint("scan_test", model="permutation")
        raise ParameterError(
            "located", found=found, expected="whole events for the Poisson model", hint=hint
        )
    cases = np.zeros((len(ready.place), calendar.n_bins), np.int64)
    np.add.at(cases, (rows.venue, ready.bins), 1)
    names = ready.place["venue_id"]
    expected = venue_expectation(cases, names, population, layers, calendar, ready.hours)
    xy = _coordinates(ready.place, windows.distance)
    return scan_poisson(xy, cases, expected, windows, chance)


def _coordinates(place: gpd.GeoDataFrame, distance: str) -> NDArray[np.float64]:
    degrees = lonlat(place.geometry)
    return degrees if distance == "great_circle" else to_metres(degrees)
