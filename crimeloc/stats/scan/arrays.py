"""Space-time scans on plain arrays: the permutation model and the Poisson model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.stats.pvalue import p_value
from crimeloc.stats.scan.circles import Circles, Distances, build_sweep, distance_rows
from crimeloc.stats.scan.replicas import (
    centre_bests,
    gumbel_p,
    null_maxima,
    permutation_draw,
    poisson_draw,
)
from crimeloc.stats.scan.strata import strata_that_agree

if TYPE_CHECKING:
    from crimeloc.stats.scan._kernels import Draw, Sweep

__all__ = ["ArrayScan", "expected_cases", "permutation_scan", "poisson_scan"]

UNCERTAIN_UNIT = 0.001  # worth of one count where events are shared between places


@dataclass(frozen=True)
class ArrayScan:
    """What a scan of arrays found.

    Parameters
    ----------
    clusters : DataFrame
        Best window first, none sharing a place with one before it: ``centre``, ``places`` (tuple,
        nearest to the centre first), ``radius``, ``start_bin``, ``end_bin`` (excluded),
        ``observed``, ``expected``, ``statistic`` (log likelihood ratio), ``p_value``, ``p_gumbel``.
    null : ndarray
        Largest statistic of each drawn world.
    total : float
        Events in all.
    n_circles : int
        Different circles scanned.
    n_fixed : int
        Events of strata with one time bin, which no draw can move.
    n_strata, n_groups : int
        Strata with events, and groups of them that spread their events over the places alike.
    """

    clusters: pd.DataFrame
    null: NDArray[np.float64] = field(repr=False)
    total: float
    n_circles: int
    n_fixed: int = 0
    n_strata: int = 1
    n_groups: int = 1


def permutation_scan(
    coordinates: ArrayLike,
    place: ArrayLike,
    bins: ArrayLike,
    *,
    n_bins: int,
    longest: int,
    shortest: int = 1,
    stratum: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    event: ArrayLike | None = None,
    last_only: bool = False,
    max_radius: float = np.inf,
    max_share: float = 0.5,
    min_events: int = 2,
    distance: str = "euclidean",
    draws: int = 999,
    early_stop: int | None = None,
    rng: int | np.random.Generator | None = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> ArrayScan:
    """Which places had more events than their share, for a while?

    Parameters
    ----------
    coordinates : array-like, shape (places, 2)
        Where the places are; a place without events may be a centre.
    place, bins : array-like of int, shape (rows,)
        Place and time bin of each row.
    n_bins, longest, shortest : int
        Number of bins, and longest and shortest duration of a window in bins.
    stratum : array-like of int, shape (rows,), optional
        Times are dealt anew within strata; by default among all events.
    weight, event : array-like, shape (rows,), optional
        Weight of a row and the event it is a candidate of; by default each row is a whole event.
        Weights are kept to a thousandth.
    last_only : bool
        Only windows that end with the last bin (a prospective scan).
    max_radius, max_share : float
        No circle is wider, or holds more than this share of all events.
    min_events : int
        Events a window must hold.
    distance : {"euclidean", "great_circle"}
        Great-circle distances take degrees and give metres.
    draws, early_stop, rng, n_jobs, progress : optional
        As for `scan_test`.

    Returns
    -------
    ArrayScan
        The windows found and the null distribution.

    Raises
    ------
    ParameterError
        A parameter is out of range, or the shapes do not fit.

    Notes
    -----
    Held fixed: events per place and stratum, events per bin and stratum. Expected: the events of
    the bin in its stratum (each of the mean weight of the stratum) times the share of the place
    among all strata that spread their events over the places alike (see `strata_that_agree`).
    Cost per draw is about circles x bins / 10 simple steps; memory is places x bins x 12 bytes.

    References
    ----------
    Kulldorff, Heffernan, Hartman, Assuncao & Mostashari (2005), A space-time permutation scan
    statistic for disease outbreak detection, *PLoS Medicine* 2(3):e59.

    Examples
    --------
    >>> place, bins = [0, 0, 0, 0, 1, 1, 1, 1], [5, 5, 5, 5, 0, 2, 7, 9]
    >>> found = permutation_scan([[0, 0], [9, 9]], place, bins, n_bins=10, longest=2, draws=99,
    ...                          rng=7)
    >>> found.clusters[["observed", "expected"]].iloc[0].tolist()
    [4.0, 2.0]
    """
    xy = _coordinates(coordinates)
    where, when = np.asarray(place, dtype=np.int64), np.asarray(bins, dtype=np.int64)
    _check_windows(n_bins, shortest, longest, max_share, draws, early_stop)
    _check_rows(where, when, len(xy), n_bins)
    n = len(where)
    weights = np.ones(n) if weight is None else np.asarray(weight, dtype=np.float64)
    events = np.arange(n) if event is None else np.asarray(event)
    strata = np.zeros(n, np.int64) if stratum is None else np.asarray(stratum, dtype=np.int64)
    unit = 1.0 if (weights == 1.0).all() else UNCERTAIN_UNIT
    counts = np.rint(weights / unit).astype(np.int64)
    code, _ = pd.factorize(events, sort=True)
    order = np.lexsort((where, code))
    owner = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=0))])
    head = order[owner[:-1]]
    spot = np.unique(xy, axis=0, return_inverse=True)[1].reshape(-1)
    expected, n_groups = _permutation_expectation(
        where, when, strata, counts, unit, spot, n_bins, head
    )
    total = float(counts.sum() * unit)
    circles, sweep, first_bin = build_sweep(
        distance_rows(xy, distance),
        _distinct(xy),
        expected,
        total=total,
        unit=unit,
        fewest=round(min_events / unit),
        shortest=shortest,
        longest=min(longest, n_bins),
        last_only=last_only,
        max_radius=max_radius,
        max_share=max_share,
    )
    first = pd.Series(when[head]).groupby(strata[head])
    n_fixed = int((first.transform("min") == first.transform("max")).sum())
    draw = permutation_draw(
        when[head], strata[head], owner, where[order], counts[order], first_bin, n_bins
    )
    found = _scan(
        distance_rows(xy, distance),
        circles,
        sweep,
        draw,
        first_bin,
        draws,
        early_stop,
        rng,
        n_jobs,
        progress,
    )
    return replace(found, n_fixed=n_fixed, n_strata=first.ngroups, n_groups=n_groups)


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
    draws: int = 999,
    early_stop: int | None = None,
    rng: int | np.random.Generator | None = None,
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
    draws, early_stop, rng, n_jobs, progress : optional
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
    >>> found = poisson_scan([[0, 0], [9, 9]], cases, expected, longest=2, draws=99, rng=7)
    >>> found.clusters[["observed", "expected"]].iloc[0].tolist()
    [5.0, 1.0]
    """
    xy = _coordinates(coordinates)
    seen, mean = np.asarray(cases), np.asarray(expected, dtype=np.float64)
    if seen.shape != mean.shape or seen.ndim != 2 or len(seen) != len(xy):
        found = Message(
            "shapes {shape}, {shape2} and {n} places",
            shape=str(seen.shape),
            shape2=str(mean.shape),
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
    n_bins = seen.shape[1]
    _check_windows(n_bins, shortest, longest, max_share, draws, early_stop)
    total = float(whole.sum())
    if not (np.isfinite(mean).all() and (mean >= 0).all() and mean.sum() > 0):
        raise ParameterError(
            "expected", found="negative or no numbers", expected="at least 0", hint="population > 0"
        )
    if (whole[mean == 0] > 0).any():
        cell = np.argwhere((mean == 0) & (whole > 0))[0].tolist()
        found = Message("cases without population at (place, bin) {tuple}", tuple=tuple(cell))
        raise ParameterError(
            "expected",
            found=found,
            expected="population wherever there is a case",
            hint="population",
        )
    mu = mean * (total / mean.sum())
    circles, sweep, first_bin = build_sweep(
        distance_rows(xy, distance),
        _distinct(xy),
        mu,
        total=total,
        unit=1.0,
        fewest=min_events,
        shortest=shortest,
        longest=min(longest, n_bins),
        last_only=last_only,
        max_radius=max_radius,
        max_share=max_share,
    )
    draw = poisson_draw(whole, mu, first_bin)
    return _scan(
        distance_rows(xy, distance),
        circles,
        sweep,
        draw,
        first_bin,
        draws,
        early_stop,
        rng,
        n_jobs,
        progress,
    )


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


def _scan(
    distances: Distances,
    circles: Circles,
    sweep: Sweep,
    draw: Draw,
    first_bin: int,
    draws: int,
    early_stop: int | None,
    rng: int | np.random.Generator | None,
    n_jobs: int | None,
    progress: bool,
) -> ArrayScan:
    dice = units.generator(rng)
    value, where = centre_bests(draw, sweep)
    found = np.flatnonzero(value > 0)
    # Centres that see the same circle differ in the last digits only: the order must not.
    wide = circles.radius[where[found, 0]]
    found = found[np.lexsort((circles.middle[found], wide, -value[found].round(9)))]
    rows = []
    taken: set[int] = set()
    for i in found:
        circle, start, end = (int(x) for x in where[i])
        places = circles.places(circle)
        away = distances(int(circles.middle[i]))
        inside = np.flatnonzero(away <= circles.radius[circle] * (1 + 1e-9))
        inside = inside[np.argsort(away[inside], kind="stable")]
        if taken.isdisjoint(inside.tolist()):
            taken.update(inside.tolist())
            first, last = max(0, start + first_bin), end + first_bin
            expect = sweep.expect[places]
            rows.append(
                {
                    "centre": int(circles.middle[i]),
                    "places": tuple(inside.tolist()),
                    "radius": float(circles.radius[circle]),
                    "start_bin": first,
                    "end_bin": last,
                    "observed": _observed(draw, places, first, last) * sweep.unit,
                    "expected": float((expect[:, end] - expect[:, start]).sum()),
                    "statistic": float(value[i]),
                }
            )
    columns = ["centre", "places", "radius", "start_bin", "end_bin", "observed", "expected"]
    clusters = pd.DataFrame(rows, columns=[*columns, "statistic"])
    top = float(clusters["statistic"].iloc[0]) if rows else 0.0
    null = null_maxima(
        draw, sweep, dice, draws, top=top, early_stop=early_stop, n_jobs=n_jobs, progress=progress
    )
    statistic = clusters["statistic"].to_numpy(dtype=np.float64)
    clusters["p_value"] = p_value(statistic, np.repeat(null[:, None], len(statistic), axis=1))
    clusters["p_gumbel"] = gumbel_p(statistic, null)
    return ArrayScan(clusters, null, sweep.total, len(circles.radius))


def _observed(draw: Draw, places: NDArray[np.int64], first: int, last: int) -> float:
    bins = np.repeat(draw.bins, np.diff(draw.owner))
    inside = (bins >= first) & (bins < last) & np.isin(draw.venue, places)
    return float(draw.units[inside].sum())


def _permutation_expectation(
    place: NDArray[np.int64],
    bins: NDArray[np.int64],
    stratum: NDArray[np.int64],
    counts: NDArray[np.int64],
    unit: float,
    spot: NDArray[np.int64],
    n_bins: int,
    head: NDArray[np.int64],
) -> tuple[NDArray[np.float64], int]:
    """Share of a place among like strata times the events of a bin, summed over the strata.

    An event (`head`: a row of each) counts in its bin as much as an event of its stratum does on
    average: with its own weight, the expectation would fit the data better than any drawn world.
    Venues at one spot on the map are one when strata are held against each other.
    """
    n_places = len(spot)
    names, code = np.unique(stratum, return_inverse=True)
    expected = np.zeros((n_places, n_bins))
    if not len(names):
        return expected, 0
    cell = code.reshape(-1) * n_places + place
    units = np.bincount(cell, weights=counts, minlength=len(names) * n_places)
    # Whole counts are added up before they are turned into events: the order of rows plays no part.
    by_place = np.asarray(units, dtype=np.float64).reshape(len(names), n_places) * unit
    group = strata_that_agree(np.array([np.bincount(spot, row) for row in by_place]))
    sums = np.zeros((int(group.max()) + 1, n_places))
    np.add.at(sums, group, by_place)
    order = head[np.argsort(code.reshape(-1)[head], kind="stable")]
    edges = np.searchsorted(code.reshape(-1)[order], np.arange(len(names) + 1))
    for s, own in enumerate(group):
        if not sums[own].any():
            continue
        by_bin = np.bincount(bins[order[edges[s] : edges[s + 1]]], minlength=n_bins)
        each = by_place[s].sum() / by_bin.sum()
        p, b = np.flatnonzero(sums[own]), np.flatnonzero(by_bin)
        expected[np.ix_(p, b)] += sums[own, p, None] * (by_bin[b] * each / sums[own].sum())
    return expected, len(sums)


def _coordinates(coordinates: ArrayLike) -> NDArray[np.float64]:
    xy = np.asarray(coordinates, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or not np.isfinite(xy).all():
        raise ParameterError(
            "coordinates",
            found=Message("shape {shape} or missing values", shape=str(xy.shape)),
            expected="(places, 2)",
            hint="dropna()",
        )
    return xy


def _distinct(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give one place for each point on the map: circles around it are the same circles."""
    return np.sort(np.unique(xy, axis=0, return_index=True)[1])


def _check_rows(
    place: NDArray[np.int64], bins: NDArray[np.int64], n_places: int, n_bins: int
) -> None:
    if place.shape != bins.shape or place.ndim != 1:
        found = Message(
            "shapes {shape} and {shape2}", shape=str(place.shape), shape2=str(bins.shape)
        )
        raise ParameterError(
            "place, bins", found=found, expected="one of each per row", hint="numpy.repeat"
        )
    if len(place) and not (place.min() >= 0 and place.max() < n_places):
        raise ParameterError(
            "place",
            found="numbers without a place",
            expected=Message("0 to {n_places}", n_places=n_places - 1),
            hint="factorize",
        )
    if len(bins) and not (bins.min() >= 0 and bins.max() < n_bins):
        raise ParameterError(
            "bins",
            found="bins outside the period",
            expected=Message("0 to {n_bins}", n_bins=n_bins - 1),
            hint="n_bins=...",
        )


def _check_windows(
    n_bins: int, shortest: int, longest: int, max_share: float, draws: int, early_stop: int | None
) -> None:
    if not 1 <= shortest <= longest or shortest > n_bins:
        found = Message(
            "{shortest} to {longest} of {n_bins} bins",
            shortest=shortest,
            longest=longest,
            n_bins=n_bins,
        )
        raise ParameterError(
            "max_duration",
            found=found,
            expected="1 <= shortest <= longest",
            hint=Hint(max_duration="7D"),
        )
    if not 0 < max_share <= 1:
        raise ParameterError(
            "max_share",
            found=repr(max_share),
            expected="above 0, at most 1",
            hint=Hint(max_share=0.5),
        )
    if isinstance(draws, bool) or not isinstance(draws, (int, np.integer)) or draws < 1:
        raise ParameterError(
            "draws", found=repr(draws), expected="a whole number from 1", hint=Hint(draws=999)
        )
    if early_stop is not None and (isinstance(early_stop, bool) or early_stop < 1):
        raise ParameterError(
            "early_stop",
            found=repr(early_stop),
            expected="a count, or None",
            hint=Hint(early_stop=10),
        )
