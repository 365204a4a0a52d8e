"""The permutation model: times are dealt anew over events, within strata."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Message
from crimeloc.stats._chance import Chance, chance_of
from crimeloc.stats.scan.circles import plane
from crimeloc.stats.scan.clusters import ArrayScan, Window, find_clusters
from crimeloc.stats.scan.iterative import excess_events, scan_in_rounds
from crimeloc.stats.scan.layout import lay_out
from crimeloc.stats.scan.replicas import Dealt, permutation_draw
from crimeloc.stats.scan.strata import strata_that_agree
from crimeloc.stats.scan.windows import Windows, check_windows

__all__ = ["Uploads", "permutation_scan", "scan_permutation"]

UNCERTAIN_UNIT = 0.001  # worth of one count where events are shared between places


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
    rng: int | np.random.Generator,
    n_permutations: int = 999,
    early_stop: int | None = None,
    alpha: float = 0.05,
    iterative: bool = False,
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
    rng, n_permutations, early_stop, alpha, iterative, n_jobs, progress : optional
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
    Cost per world is about circles x bins / 10 simple steps; memory is places x bins x 12 bytes.

    References
    ----------
    Kulldorff, Heffernan, Hartman, Assuncao & Mostashari (2005), A space-time permutation scan
    statistic for disease outbreak detection, *PLoS Medicine* 2(3):e59.

    Examples
    --------
    >>> place, bins = [0, 0, 0, 0, 1, 1, 1, 1], [5, 5, 5, 5, 0, 2, 7, 9]
    >>> found = permutation_scan([[0, 0], [9, 9]], place, bins, n_bins=10, longest=2, rng=7)
    >>> found.clusters[["observed", "expected"]].iloc[0].tolist()
    [4.0, 2.0]
    """
    xy = plane(coordinates)
    where, when = np.asarray(place, dtype=np.int64), np.asarray(bins, dtype=np.int64)
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
    _check_rows(where, when, len(xy), n_bins)
    n = len(where)
    uploads = Uploads(
        where,
        when,
        np.zeros(n, np.int64) if stratum is None else np.asarray(stratum, dtype=np.int64),
        np.ones(n) if weight is None else np.asarray(weight, dtype=np.float64),
        np.arange(n) if event is None else np.asarray(event),
    )
    return scan_permutation(xy, uploads, n_bins, windows, chance)


class Uploads(NamedTuple):
    """Place, bin, stratum and weight of each row, and the event it is a candidate of."""

    place: NDArray[np.int64]
    bins: NDArray[np.int64]
    stratum: NDArray[np.int64]
    weight: NDArray[np.float64]
    event: NDArray[np.int64]


def scan_permutation(
    xy: NDArray[np.float64], uploads: Uploads, n_bins: int, windows: Windows, chance: Chance
) -> ArrayScan:
    """Do what `permutation_scan` does, with what was checked."""
    check_windows(windows, n_bins)

    def once(some: Uploads, taken: list[Window]) -> ArrayScan:
        return _scan_once(xy, some, n_bins, windows, chance, taken)

    def rest(some: Uploads, window: Window, excess: float) -> Uploads:
        inside = np.isin(some.place, window.places)
        inside &= (some.bins >= window.start) & (some.bins < window.end)
        event, weight = some.event[inside], some.weight[inside]
        gone = excess_events(event, weight, excess, chance.generator)
        stay = ~np.isin(some.event, gone)
        return Uploads(
            some.place[stay],
            some.bins[stay],
            some.stratum[stay],
            some.weight[stay],
            some.event[stay],
        )

    if windows.iterative:
        return scan_in_rounds(uploads, once, rest, windows.alpha)
    return once(uploads, [])


def _scan_once(
    xy: NDArray[np.float64],
    uploads: Uploads,
    n_bins: int,
    windows: Windows,
    chance: Chance,
    taken: list[Window],
) -> ArrayScan:
    where, when, strata, weights, events = uploads
    unit = 1.0 if (weights == 1.0).all() else UNCERTAIN_UNIT
    counts = np.rint(weights / unit).astype(np.int64)
    code, _ = pd.factorize(events, sort=True)
    order = np.lexsort((where, code))
    owner = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=0))])
    head = order[owner[:-1]]
    spot = np.unique(xy, axis=0, return_inverse=True)[1].reshape(-1)
    rows = _Rows(where, when, strata, counts, head)
    expected, n_groups = _expectation(rows, unit, spot, n_bins)
    total = float(counts.sum() * unit)
    layout = lay_out(xy, expected, windows, total=total, unit=unit)
    first = pd.Series(when[head]).groupby(strata[head])
    n_fixed = int((first.transform("min") == first.transform("max")).sum())
    draw = permutation_draw(
        Dealt(when[head], strata[head], owner, where[order], counts[order]),
        layout.first_bin,
        n_bins,
    )
    found = find_clusters(layout, draw, chance, windows.alpha, taken)
    return replace(found, n_fixed=n_fixed, n_strata=first.ngroups, n_groups=n_groups)


class _Rows(NamedTuple):
    """Place, bin, stratum and counts of each row, and a row of each event."""

    place: NDArray[np.int64]
    bins: NDArray[np.int64]
    stratum: NDArray[np.int64]
    counts: NDArray[np.int64]
    head: NDArray[np.int64]


def _expectation(
    rows: _Rows, unit: float, spot: NDArray[np.int64], n_bins: int
) -> tuple[NDArray[np.float64], int]:
    """Share of a place among like strata times the events of a bin, summed over the strata.

    An event counts in its bin as much as an event of its stratum does on
    average: with its own weight, the expectation would fit the data better than any drawn world.
    Venues at one spot on the map are one when strata are held against each other.
    """
    place, bins, stratum, counts, head = rows
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
