"""Are there more pairs close in space and time at once than chance would make? (Knox's test)"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.fitted import fitted_notes
from crimeloc.messages import Hint, Message
from crimeloc.provenance import Provenance, record
from crimeloc.stats._chance import Chance, chance_of, seed_text
from crimeloc.stats._close_pairs import ClosePairs
from crimeloc.stats._counting import count_units, strata_of_units
from crimeloc.stats._events import Bundles, bundle, events_of
from crimeloc.stats._words import (
    NONE,
    counted,
)
from crimeloc.stats.knox_result import KnoxResult
from crimeloc.stats.pvalue import p_value

__all__ = ["KnoxResult", "knox_arrays", "knox_test"]


def knox_test(
    located: gpd.GeoDataFrame,
    radius_m: float = 800.0,
    gap: units.Duration = "36h",
    *,
    rng: int | np.random.Generator,
    n_permutations: int = 999,
    strata: str | ArrayLike | None = None,
    distance: str = "euclidean",
    unit: str = "session",
    session_gap: units.Duration = "2h",
    tz: str | None = None,
    n_jobs: int | None = None,
) -> KnoxResult:
    """Are uploads close in space also close in time, more often than chance would have it?

    Parameters
    ----------
    located : GeoDataFrame
        Located events (contract LOCATED).
    radius_m : float
        Pairs at most so many metres apart are near.
    gap : str or timedelta
        Pairs at most so long apart are soon.
    rng : int or Generator
        Seed or generator. Same seed, same result to the byte, whatever the number of threads.
    n_permutations : int
        Shuffled worlds.
    strata : str or array-like, optional
        Shuffle only among events of one stratum: ``"hour_of_day"``, ``"day_of_week"``,
        ``"hour_of_week"``, a column such as ``"series_id"``, or one label per row.
    distance : {"euclidean", "manhattan"}
        Straight lines or along a grid of streets (axes east and north).
    unit : {"session", "event"}
        What is counted. Uploads of one sitting are close by themselves: a test on uploads calls
        every log a pattern whose people upload more than once a sitting.
    session_gap : str or timedelta
        A pause longer than this ends a session; see `crimeloc.sessions`.
    tz : str, optional
        Zone of the clocks at the venues, for strata by the clock; by default the column ``tz``.
    n_jobs : int, optional
        Threads; by default one for each processor. The result does not depend on it.

    Returns
    -------
    KnoxResult
        Counts, p-value, the events behind it, and what was held fixed and shuffled.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        A parameter is out of range, or fewer than two events stand somewhere.

    Notes
    -----
    X = sum over pairs of events of S_ij T_ij: T_ij is 1 when they are soon; S_ij is the sum of
    w_iu w_jv over their candidate venues u, v that are near, so X is the expected number of close
    pairs given the weights. A pair of candidates of one event is never counted, weight that lies
    elsewhere is near nothing, and no candidate is chosen. A shuffle moves an event's whole set of
    candidates to another event's time. Without strata the expected number is
    N_s N_t / (n (n - 1) / 2), the mean over all shuffles; with strata it is the mean over the
    shuffles drawn. Both limits are included: a pair exactly at the radius is near. Where only an
    interval is known (``timestamp_end``), its middle is the time.

    Cost per shuffle is n times the venues near a venue (or the pairs soon in time, if fewer).

    References
    ----------
    Knox, E. G. (1964). The detection of space-time interactions. *Applied Statistics* 13, 25-30.

    Examples
    --------
    >>> import crimeloc.geometry as geometry
    >>> located = gpd.GeoDataFrame({
    ...     "event_id": ["E1", "E2", "E3", "E4"],
    ...     "timestamp": pd.to_datetime(["2026-03-01 20:00+09:00", "2026-03-01 23:00+09:00",
    ...                                  "2026-03-09 20:00+09:00", "2026-03-20 20:00+09:00"]),
    ...     "venue_id": ["V1", "V1", "V2", "V2"], "weight": 1.0, "how": "given",
    ... }, geometry=geometry.points([[127.0, 37.5]] * 2 + [[127.1, 37.5]] * 2))
    >>> result = knox_test(located, rng=7, n_permutations=99)
    >>> result.observed, round(result.expected, 4)
    (1.0, 0.3333)
    """
    close = _checked(radius_m, units.seconds(gap, "gap") * 1e6, 1e6, distance)
    chance = chance_of(rng, n_permutations, n_jobs)
    these = count_units(located, unit, session_gap)
    codes, words = strata_of_units(located, these, strata, tz)
    events = events_of(these.table, codes)
    note = record(
        "knox_test",
        {
            "radius_m": radius_m,
            "gap": gap,
            "n_permutations": n_permutations,
            "strata": str(words),
            "distance": distance,
        },
        seed=seed_text(rng),
        n_in=len(located),
        n_out=len(events.t),
    )
    head = events.source[events.ptr[:-1]]
    known = ("event_id", "timestamp", "venue_id", "session_id", "series_id", "n_events")
    columns = [name for name in known if name in these.table.columns]
    names = pd.DataFrame(these.table[columns].iloc[head]).reset_index(drop=True)
    found = _test(events, close, chance, words, names, note)
    fitted = fitted_notes(located["event_id"], radius_m, gap)
    n_left_out = these.n_uploads - len(events.t) if unit == "event" else these.n_nowhere
    return replace(found, unit=these.unit, n_left_out=n_left_out, notes=(*these.notes, *fitted))


def knox_arrays(
    space: ArrayLike,
    t: ArrayLike,
    radius: float,
    gap: float,
    *,
    rng: int | np.random.Generator,
    n_permutations: int = 999,
    weight: ArrayLike | None = None,
    event: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    distance: str = "euclidean",
    n_jobs: int | None = None,
) -> KnoxResult:
    """Give Knox's test on plain arrays, in whatever units they are.

    Parameters
    ----------
    space : array-like, shape (n, 2)
        Coordinates on a plane.
    t : array-like, shape (n,)
        Times.
    radius, gap : float
        Near and soon, both included, in the units of the arrays.
    rng, n_permutations : optional
        As for `knox_test`.
    weight : array-like, shape (n,), optional
        Weight of each row, above 0; by default 1.
    event : array-like, shape (n,), optional
        Which event a row is a candidate of; by default each row is an event.
    strata : array-like, shape (n,), optional
        Stratum of each row.
    distance, n_jobs : optional
        As for `knox_test`.

    Returns
    -------
    KnoxResult
        As from `knox_test`; ``contributions`` name events by row.

    Raises
    ------
    ParameterError
        A parameter is out of range, or there are fewer than two events.

    Examples
    --------
    >>> result = knox_arrays([[0, 0], [0, 1], [9, 9], [9, 8]], [0, 1, 50, 51], 2, 3, rng=7)
    >>> result.observed, round(result.expected, 4)
    (2.0, 0.6667)
    """
    close = _checked(radius, gap, 1.0, distance)
    chance = chance_of(rng, n_permutations, n_jobs)
    xy = np.asarray(space, dtype=np.float64)
    rows = np.arange(len(xy))
    times = np.asarray(t, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or times.shape != (len(xy),):
        found = Message("shapes {shape} and {shape2}", shape=str(xy.shape), shape2=str(times.shape))
        raise ParameterError(
            "space, t", found=found, expected="(n, 2) and (n,)", hint="numpy.column_stack([x, y])"
        )
    if not (np.isfinite(xy).all() and np.isfinite(times).all()):
        raise ParameterError(
            "space, t", found="missing or infinite values", expected="numbers", hint="dropna()"
        )
    weights = np.ones(len(xy)) if weight is None else np.asarray(weight, dtype=np.float64)
    codes = np.zeros(len(xy), np.int64)
    if strata is not None:
        codes = pd.factorize(np.asarray(strata), sort=True)[0].astype(np.int64)
    events_of_rows = rows if event is None else pd.factorize(np.asarray(event), sort=True)[0]
    events = bundle(xy, times, weights, events_of_rows, codes, rows)
    note = record(
        "knox_arrays",
        {"radius": radius, "gap": gap, "n_permutations": n_permutations, "distance": distance},
        seed=seed_text(rng),
        n_in=len(xy),
        n_out=len(events.t),
    )
    names = pd.DataFrame({"row": events.source[events.ptr[:-1]]})
    words = NONE if strata is None else Message("labels given")
    return _test(events, close, chance, words, names, note)


class _Close(NamedTuple):
    """What near and soon mean, in the units of the arrays."""

    radius: float
    gap: float
    per_second: float
    distance: str


def _checked(radius: float, gap: float, per_second: float, distance: str) -> _Close:
    if not (radius >= 0 and np.isfinite(radius)):
        raise ParameterError(
            "radius_m", found=repr(radius), expected="metres, at least 0", hint=Hint(radius_m=800)
        )
    if not gap >= 0:
        raise ParameterError("gap", found=repr(gap), expected="at least 0", hint=Hint(gap="36h"))
    if distance not in ("euclidean", "manhattan"):
        raise ParameterError(
            "distance",
            found=repr(distance),
            expected="'euclidean' or 'manhattan'",
            hint=Hint(distance="euclidean"),
        )
    return _Close(float(radius), float(gap), per_second, distance)


def _test(
    events: Bundles,
    meant: _Close,
    chance: Chance,
    strata: Message,
    names: pd.DataFrame,
    note: Provenance,
) -> KnoxResult:
    n = len(events.t)
    if n < 2:
        raise ParameterError(
            "located",
            found=Message("{counted} with a place", counted=counted(n, "event")),
            expected="at least two",
            hint="locate_events(...)",
        )
    # Half-open bands that end just above the limits: the limits themselves are included.
    pairs = ClosePairs(
        events,
        np.array([0.0, np.nextafter(meant.radius, np.inf)]),
        np.array([0.0, np.nextafter(meant.gap, np.inf)]),
        manhattan=meant.distance == "manhattan",
    )
    observed = float(pairs.observed()[0, 0])
    simulated = pairs.permuted(chance)[:, 0, 0]
    close, near_space, near_time = pairs.per_event()
    n_pairs = n * (n - 1) / 2
    space, time = float(near_space.sum() / 2), float(near_time.sum() / 2)
    plain = strata == NONE
    expected = space * time / n_pairs if plain else float(simulated.mean())
    table = np.array([[observed, space - observed], [time - observed, 0.0]])
    table[1, 1] = n_pairs - table.sum()
    usual = pairs.by_chance(near_space, near_time)
    by_event = names.assign(close_pairs=close, expected=usual, excess=close - usual)
    by_event = by_event.sort_values("excess", ascending=False, kind="stable", ignore_index=True)
    return KnoxResult(
        observed=observed,
        expected=expected,
        ratio=observed / expected if expected > 0 else np.nan,
        p_value=float(p_value(observed, simulated)),
        poisson_p=_poisson(observed, expected),
        table=table,
        unit="event",
        n_events=n,
        n_left_out=0,
        notes=(),
        radius=meant.radius,
        gap_s=meant.gap / meant.per_second,
        distance=meant.distance,
        strata=strata,
        n_permutations=chance.n_permutations,
        simulated=simulated,
        contributions=by_event,
        provenance=note,
    )


def _poisson(observed: float, expected: float) -> float:
    """Chance of more than `observed` under a Poisson law: the regularised gamma function."""
    from scipy.special import gammainc

    if expected <= 0:
        return 1.0
    return max(float(gammainc(np.floor(observed) + 1, expected)), float(np.finfo(np.float64).tiny))
