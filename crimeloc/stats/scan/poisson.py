"""The Poisson model: events follow a population, bin by bin."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.events.calendar import open_share
from crimeloc.messages import Hint, Message
from crimeloc.stats._chance import Chance, chance_of
from crimeloc.stats.scan.candidates import Calendar
from crimeloc.stats.scan.circles import plane
from crimeloc.stats.scan.clusters import ArrayScan, Window, find_clusters
from crimeloc.stats.scan.iterative import scan_in_rounds, without_excess
from crimeloc.stats.scan.layout import lay_out
from crimeloc.stats.scan.replicas import poisson_draw
from crimeloc.stats.scan.strata import Strata
from crimeloc.stats.scan.windows import Windows, check_windows

__all__ = ["expected_cases", "poisson_scan", "scan_poisson", "venue_expectation"]


def poisson_scan(
    coordinates: ArrayLike,
    cases: ArrayLike,
    expected: ArrayLike,
    *,
    longest: int,
    shortest: int = 1,
    last_only: bool = False,
    max_radius: float = np.inf,
    max_share: float = 0.5,
    min_events: int = 2,
    distance: str = "euclidean",
    rng: int | np.random.Generator,
    n_permutations: int = 999,
    early_stop: int | None = None,
    alpha: float = 0.05,
    iterative: bool = False,
    n_jobs: int | None = None,
    progress: bool = False,
) -> ArrayScan:
    """Which places had more cases than their population explains, for a while?

    Parameters
    ----------
    coordinates : array-like, shape (places, 2)
        Where the places are.
    cases : array-like of int, shape (places, bins)
        Cases observed.
    expected : array-like, shape (places, bins)
        Cases expected from the population, on any scale; see `expected_cases`.
    longest, shortest : int
        Longest and shortest duration of a window in bins.
    last_only, max_radius, max_share, min_events, distance : optional
        As for `permutation_scan`; the share is one of the expected cases.
    rng, n_permutations, early_stop, alpha, iterative, n_jobs, progress : optional
        As for `scan_test`.

    Returns
    -------
    ArrayScan
        The windows found and the null distribution.

    Raises
    ------
    ParameterError
        A parameter is out of range, the shapes do not fit, or there are cases where none can be.

    Notes
    -----
    Held fixed: the number of all cases. Drawn: the cell of each case, with chances in proportion
    to `expected`. A population that is wrong somewhere is a cluster there.

    References
    ----------
    Kulldorff, Athas, Feuer, Miller & Key (1998), Evaluating cluster alarms: a space-time scan
    statistic and brain cancer in Los Alamos, *American Journal of Public Health* 88:1377-1380.

    Examples
    --------
    >>> cases = [[0, 5, 0, 0], [1, 0, 1, 1]]
    >>> expected = [[1, 1, 1, 1], [1, 1, 1, 1]]
    >>> found = poisson_scan([[0, 0], [9, 9]], cases, expected, longest=2, n_permutations=99, rng=7)
    >>> found.clusters[["observed", "expected"]].iloc[0].tolist()
    [5.0, 1.0]
    """
    xy = plane(coordinates)
    seen, risk = np.asarray(cases), np.asarray(expected, dtype=np.float64)
    if seen.shape != risk.shape or seen.ndim != 2 or len(seen) != len(xy):
        found = Message(
            "shapes {shape}, {shape2} and {n} places",
            shape=str(seen.shape),
            shape2=str(risk.shape),
            n=len(xy),
        )
        raise ParameterError(
            "cases", found=found, expected="(places, bins) twice", hint="expected_cases(...)"
        )
    whole = seen.astype(np.int64)
    if (whole != seen).any() or (whole < 0).any():
        raise ParameterError(
            "cases", found="fractions or negatives", expected="whole counts", hint="cases.round()"
        )
    windows = Windows(
        longest,
        shortest,
        last_only,
        max_radius,
        max_share,
        min_events,
        distance,
        alpha,
        iterative,
    )
    chance = chance_of(rng, n_permutations, n_jobs, early_stop=early_stop, progress=progress)
    return scan_poisson(xy, whole, risk, windows, chance)


def scan_poisson(
    xy: NDArray[np.float64],
    cases: NDArray[np.int64],
    population: NDArray[np.float64],
    windows: Windows,
    chance: Chance,
) -> ArrayScan:
    """Do what `poisson_scan` does, with what was checked."""
    check_windows(windows, cases.shape[1])
    if not (np.isfinite(population).all() and (population >= 0).all() and population.sum() > 0):
        raise ParameterError(
            "expected", found="negative or no numbers", expected="at least 0", hint="population > 0"
        )
    if (cases[population == 0] > 0).any():
        cell = np.argwhere((population == 0) & (cases > 0))[0].tolist()
        found = Message("cases without population at (place, bin) {cell}", cell=tuple(cell))
        raise ParameterError(
            "expected",
            found=found,
            expected="population wherever there is a case",
            hint="population",
        )

    def once(some: NDArray[np.int64], taken: list[Window]) -> ArrayScan:
        all_cases = float(some.sum())
        mu = population * (all_cases / population.sum())
        layout = lay_out(xy, mu, windows, total=all_cases, unit=1.0)
        draw = poisson_draw(some, mu, layout.first_bin)
        return find_clusters(layout, draw, chance, windows.alpha, taken)

    def rest(some: NDArray[np.int64], window: Window, excess: float) -> NDArray[np.int64]:
        return without_excess(some, window, excess, chance.generator)

    if windows.iterative:
        return scan_in_rounds(cases, once, rest, windows.alpha)
    return once(cases, [])


def expected_cases(cases: ArrayLike, population: ArrayLike) -> NDArray[np.float64]:
    """How many cases would each place have, were every stratum's rate the same everywhere?

    Parameters
    ----------
    cases, population : array-like, shape (places, bins, strata)
        Cases, and people (or seats, or visits) at risk.

    Returns
    -------
    ndarray, shape (places, bins)
        Indirect standardisation: population times the overall rate, summed over strata.

    Examples
    --------
    >>> expected_cases([[[2, 0]], [[0, 2]]], [[[10, 10]], [[30, 10]]]).tolist()
    [[1.5], [2.5]]
    """
    seen, people = np.asarray(cases, dtype=np.float64), np.asarray(population, dtype=np.float64)
    if seen.shape != people.shape or seen.ndim != 3:
        found = Message(
            "shapes {shape} and {shape2}", shape=str(seen.shape), shape2=str(people.shape)
        )
        raise ParameterError(
            "population", found=found, expected="(places, bins, strata) twice", hint="numpy.stack"
        )
    at_risk = people.sum(axis=(0, 1))
    if (seen.sum(axis=(0, 1))[at_risk <= 0] > 0).any():
        raise ParameterError(
            "population",
            found="a stratum with cases and no people",
            expected="people",
            hint="strata",
        )
    rate = seen.sum(axis=(0, 1)) / np.where(at_risk > 0, at_risk, 1.0)
    return np.asarray(people @ rate)


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
            "no population of venue {venue}", venue=repr(venue_ids.iloc[int(np.argmax(wrong))])
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
