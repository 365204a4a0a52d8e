"""How much likelier is another event so near and so soon after one? (near-repeat table)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.fitted import fitted_notes
from crimeloc.messages import Hint, Message
from crimeloc.provenance import Provenance, record
from crimeloc.stats._bands import Bands, Grid, bands_of, closed, edge_seconds, edges_of, labels
from crimeloc.stats._chance import Chance, chance_of, seed_text
from crimeloc.stats._close_pairs import ClosePairs
from crimeloc.stats._counting import count_units, strata_of_units
from crimeloc.stats._events import Bundles, bundle, events_of
from crimeloc.stats._words import (
    NONE,
    counted,
)
from crimeloc.stats.near_repeat_result import NearRepeatTable
from crimeloc.stats.pvalue import p_value

__all__ = ["NearRepeatTable", "near_repeat_arrays", "near_repeat_table"]

DISTANCES_M = (0.0, 1.0, 200.0, 400.0, 800.0, 1_600.0, np.inf)
TIMES = ("0D", "1D", "2D", "4D", "7D", "14D", "inf")


def near_repeat_table(
    located: gpd.GeoDataFrame,
    distance_bands: Sequence[float] = DISTANCES_M,
    time_bands: Sequence[object] = TIMES,
    *,
    rng: int | np.random.Generator,
    n_permutations: int = 999,
    strata: str | ArrayLike | None = None,
    distance: str = "euclidean",
    unit: str = "session",
    session_gap: units.Duration = "2h",
    tz: str | None = None,
    n_jobs: int | None = None,
) -> NearRepeatTable:
    """How much likelier is another event so near and so soon after one?

    Parameters
    ----------
    located : GeoDataFrame
        Located events (contract LOCATED).
    distance_bands : sequence of float
        Edges in metres, ascending; ``numpy.inf`` leaves the last band open.
    time_bands : sequence of str
        Edges as durations, ascending, such as ``("0D", "1D", "7D", "inf")``.
    rng, n_permutations, strata, distance, unit, session_gap, tz, n_jobs : optional
        As for `knox_test`.

    Returns
    -------
    NearRepeatTable
        Observed, expected, ratio and p-values of each cell.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        Bands that do not ascend, or fewer than two events stand somewhere.

    Notes
    -----
    Bands are half-open: ``[0, 1)`` is the same place, ``[1, 200)`` begins at 1 m. The classic
    calculator labels its bins one off (its "1 to 200" is ``[1, 200)``, its "same location" is
    ``[0, 1)``). Weighted events count as in `knox_test`; weight that lies elsewhere counts in the
    open band. The expected number is the mean over all shuffles, row times column over the total
    (with strata: over the shuffles drawn); the calculator takes the mean of its few shuffles, so
    its ratios scatter around ours. ``p_adjusted`` is the share of shuffled worlds in
    which the largest excess of *any* cell (between roots of counts, over its scatter) reaches that
    of the cell: Westfall and Young's single-step adjustment, from the same shuffles.

    References
    ----------
    Townsley, M., Homel, R. & Chaseling, J. (2003). Infectious burglaries. *British Journal of
    Criminology* 43, 615-633. Westfall, P. & Young, S. (1993). *Resampling-Based Multiple Testing*.

    Examples
    --------
    >>> import pandas as pd
    >>> import crimeloc.geometry as geometry
    >>> located = gpd.GeoDataFrame({
    ...     "event_id": ["E1", "E2", "E3", "E4"],
    ...     "timestamp": pd.to_datetime(["2026-03-01 20:00+09:00", "2026-03-01 23:00+09:00",
    ...                                  "2026-03-09 20:00+09:00", "2026-03-20 20:00+09:00"]),
    ...     "venue_id": ["V1", "V1", "V2", "V2"], "weight": 1.0, "how": "given",
    ... }, geometry=geometry.points([[127.0, 37.5]] * 2 + [[127.1, 37.5]] * 2))
    >>> table = near_repeat_table(located, [0, 1, np.inf], ["0D", "1D", "inf"], rng=7)
    >>> table.observed.tolist()
    [[1.0, 1.0], [0.0, 4.0]]
    """
    these = count_units(located, unit, session_gap)
    codes, words = strata_of_units(located, these, strata, tz)
    events = events_of(these.table, codes)
    times = edges_of([edge_seconds(edge) for edge in time_bands], "time_bands", ["0D", "1D", "7D"])
    note = record(
        "near_repeat_table",
        {
            "distance_bands": list(distance_bands),
            "time_bands": list(time_bands),
            "n_permutations": n_permutations,
            "strata": str(words),
            "distance": distance,
        },
        seed=seed_text(rng),
        n_in=len(located),
        n_out=len(events.t),
    )
    bands = bands_of(distance_bands, times * 1e6, labels(times / 86_400.0, "d"))
    chance = chance_of(rng, n_permutations, n_jobs)
    found = _table(events, bands, chance, words, distance, note)
    fitted = fitted_notes(located["event_id"], *distance_bands, *time_bands)
    left_out = these.n_uploads - len(events.t) if unit == "event" else these.n_nowhere
    return replace(found, unit=these.unit, n_left_out=left_out, notes=(*these.notes, *fitted))


def near_repeat_arrays(
    space: ArrayLike,
    t: ArrayLike,
    distance_bands: Sequence[float],
    time_bands: Sequence[float],
    *,
    rng: int | np.random.Generator,
    n_permutations: int = 999,
    distance: str = "euclidean",
    n_jobs: int | None = None,
) -> NearRepeatTable:
    """Give the near-repeat table of plain arrays, in whatever units they are.

    Parameters
    ----------
    space : array-like, shape (n, 2)
        Coordinates on a plane.
    t : array-like, shape (n,)
        Times.
    distance_bands, time_bands : sequence of float
        Edges in the units of the arrays; the last may be infinite.
    rng, n_permutations, distance, n_jobs : optional
        As for `knox_test`.

    Returns
    -------
    NearRepeatTable
        As from `near_repeat_table`.

    Raises
    ------
    ParameterError
        Bands that do not ascend, or fewer than two events.

    Examples
    --------
    >>> found = near_repeat_arrays([[0, 0], [0, 0], [9, 9]], [0, 1, 5], [0, 1, np.inf],
    ...                            [0, 2, np.inf], rng=7, n_permutations=99)
    >>> found.observed.tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    xy, times = np.asarray(space, dtype=np.float64), np.asarray(t, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or times.shape != (len(xy),):
        found = Message("shapes {shape} and {shape2}", shape=str(xy.shape), shape2=str(times.shape))
        raise ParameterError(
            "space, t", found=found, expected="(n, 2) and (n,)", hint="numpy.column_stack([x, y])"
        )
    rows = np.arange(len(xy))
    events = bundle(xy, times, np.ones(len(xy)), rows, np.zeros(len(xy), np.int64), rows)
    edges = edges_of(list(time_bands), "time_bands", [0, 1, 7])
    note = record(
        "near_repeat_arrays",
        {
            "distance_bands": list(distance_bands),
            "time_bands": list(time_bands),
            "n_permutations": n_permutations,
        },
        seed=seed_text(rng),
        n_in=len(xy),
        n_out=len(xy),
    )
    bands = bands_of(distance_bands, edges, labels(edges, ""))
    chance = chance_of(rng, n_permutations, n_jobs)
    return _table(events, bands, chance, NONE, distance, note)


def _table(
    events: Bundles, bands: Bands, chance: Chance, strata: Message, distance: str, note: Provenance
) -> NearRepeatTable:
    n = len(events.t)
    if n < 2:
        raise ParameterError(
            "located",
            found=Message("{counted} with a place", counted=counted(n, "event")),
            expected="at least two",
            hint="locate_events(...)",
        )
    if distance not in ("euclidean", "manhattan"):
        raise ParameterError(
            "distance",
            found=repr(distance),
            expected="'euclidean' or 'manhattan'",
            hint=Hint(distance="euclidean"),
        )
    metres, times = bands.metres, bands.times
    # Counted from 0 on, so that what an open band holds follows from the margins.
    closed_m, closed_t = closed(metres), closed(times)
    manhattan = distance == "manhattan"
    pairs = ClosePairs(events, closed_m, closed_t, manhattan=manhattan)
    always = ClosePairs(events, closed_m, np.array([0.0, np.inf]), manhattan=manhattan)
    in_space = always.observed()[:, 0]
    in_time = pairs.soon()
    total = n * (n - 1) / 2
    cut = (slice(int(closed_m[0] < metres[0]), None), slice(int(closed_t[0] < times[0]), None))

    def whole(counts: Grid) -> Grid:
        """Add the open bands, and take the bands asked for."""
        filled = counts
        if np.isinf(metres[-1]):
            rest = in_time - filled.sum(axis=-2)
            filled = np.concatenate([filled, rest[..., None, :]], axis=-2)
        if np.isinf(times[-1]):
            space = (
                np.append(in_space, total - in_space.sum()) if np.isinf(metres[-1]) else in_space
            )
            rest = space - filled.sum(axis=-1)
            filled = np.concatenate([filled, rest[..., None]], axis=-1)
        return np.asarray(np.round(filled[(..., *cut)], 9) + 0.0)

    observed = whole(pairs.observed())
    simulated = whole(pairs.permuted(chance))
    expected = whole(np.outer(in_space, in_time) / total)
    if strata != NONE:
        expected = simulated.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, observed / expected, np.nan)
    return NearRepeatTable(
        observed=observed,
        expected=expected,
        ratio=ratio,
        p_value=np.asarray(p_value(observed, simulated)),
        p_adjusted=_adjusted(observed, expected, simulated),
        rows=bands.rows,
        columns=bands.columns,
        unit="event",
        n_events=n,
        n_left_out=0,
        notes=(),
        n_permutations=chance.n_permutations,
        distance=distance,
        strata=strata,
        provenance=note,
    )


def _adjusted(observed: Grid, expected: Grid, simulated: Grid) -> Grid:
    """Adjust for the number of cells by the largest excess of each world (Westfall and Young).

    Excess is taken between roots of counts, which makes large and small cells alike; it is divided
    by its scatter over the worlds, but by no less than a Poisson count would have (one half).
    """

    def roots(counts: Grid) -> Grid:
        return np.asarray(np.sqrt(np.maximum(counts, 0.0) + 3 / 8))

    scatter = np.maximum(roots(simulated).std(axis=0), 0.5)
    own = ((roots(observed) - roots(expected)) / scatter).ravel()
    largest = ((roots(simulated) - roots(expected)) / scatter).reshape(len(simulated), -1)
    worlds = np.repeat(largest.max(axis=1)[:, None], len(own), axis=1)
    return np.asarray(p_value(own, worlds)).reshape(observed.shape)
