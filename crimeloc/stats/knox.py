"""Are there more pairs close in space and time at once than chance would make? (Knox's test)"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crimeloc import units
from crimeloc.drawing import KnoxDrawings
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.provenance import Provenance, record
from crimeloc.stats._chance import Chance, chance_of, seed_text
from crimeloc.stats._close_pairs import ClosePairs
from crimeloc.stats._events import Bundles, bundle, events_of, strata_of
from crimeloc.stats._words import as_html, as_text, counted, places_shuffled
from crimeloc.stats.pvalue import p_value

__all__ = ["KnoxResult", "knox_arrays", "knox_test"]


@dataclass(frozen=True)
class KnoxResult(KnoxDrawings):
    """What Knox's test found.

    Parameters
    ----------
    observed : float
        Pairs of events near in space and soon in time; their expected number where places are
        uncertain.
    expected : float
        The same under chance.
    ratio : float
        Observed over expected.
    p_value : float
        Share of shuffled worlds with at least as many such pairs, ``(1 + hits) / (1 + worlds)``.
    poisson_p : float
        Chance of *more* than the observed number under a Poisson law, as older software prints it.
        For reference only: pairs that share an event are not independent.
    table : ndarray, shape (2, 2)
        Pairs: rows near in space or not, columns soon in time or not.
    n_events : int
        Events that stand somewhere.
    n_left_out : int
        Events without a candidate place.
    radius, gap_s : float
        What near and soon mean: metres and seconds (for arrays, in their own units).
    distance : str
        How distance is measured.
    strata : str
        Within what the shuffles stayed.
    n_permutations : int
        Shuffles.
    simulated : ndarray, shape (n_permutations,)
        The pairs in each shuffled world.
    contributions : DataFrame
        Per event: its close pairs, how many chance would give it where and when it is (the others
        shuffled, within strata where there are any), and the excess; largest first.
    provenance : Provenance
        What made this result.
    """

    observed: float
    expected: float
    ratio: float
    p_value: float
    poisson_p: float
    table: NDArray[np.float64]
    n_events: int
    n_left_out: int
    radius: float
    gap_s: float
    distance: str
    strata: str
    n_permutations: int
    simulated: NDArray[np.float64] = field(repr=False)
    contributions: pd.DataFrame = field(repr=False)
    provenance: Provenance = field(repr=False)

    @property
    def held_fixed(self) -> str:
        """What every shuffled world has in common with the real one."""
        return "the times of events, the places of events and how many events each has"

    @property
    def shuffled(self) -> str:
        """What chance decided."""
        return places_shuffled(self.strata)

    @property
    def caveats(self) -> str:
        """What else than a pattern can make the p-value small, or hide one."""
        return (
            "venues that open, close or fill up during the period, or keep different hours, make "
            "close pairs without any offender (use strata); radius and gap tried out on the same "
            "data; one offender's burst and many offenders' habit look alike; an event reported "
            "twice is a close pair"
        )

    def lines(self) -> list[tuple[str, str]]:
        """Give the result as pairs of a word and a text, for printing."""
        more = f", {self.n_left_out:,} without a place left out" if self.n_left_out else ""
        return [
            ("events", f"{self.n_events:,}{more}"),
            ("close means", f"{self.radius:g} m ({self.distance}) and {self.gap_s / 3600:g} h"),
            ("close pairs", f"{self.observed:,.6g} observed, {self.expected:,.6g} expected"),
            ("ratio", f"{self.ratio:.3g}"),
            ("p-value", f"{self.p_value:.4g} ({self.n_permutations:,} shuffles)"),
            ("Poisson p", f"{self.poisson_p:.4g} (for reference; pairs are not independent)"),
            ("held fixed", self.held_fixed),
            ("shuffled", self.shuffled),
            ("seed", str(self.provenance.seed)),
            ("can fool it", self.caveats),
        ]

    def __str__(self) -> str:
        return as_text("Knox test", self.lines())

    def _repr_html_(self) -> str:
        return as_html("Knox test", self.lines())


def knox_test(
    located: gpd.GeoDataFrame,
    radius_m: float = 800.0,
    gap: units.Duration = "36h",
    *,
    rng: int | np.random.Generator,
    n_permutations: int = 999,
    strata: str | ArrayLike | None = None,
    distance: str = "euclidean",
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
    ...     "timestamp": pd.to_datetime(["2026-03-01 20:00+09:00", "2026-03-01 22:00+09:00",
    ...                                  "2026-03-09 20:00+09:00", "2026-03-20 20:00+09:00"]),
    ...     "venue_id": ["V1", "V1", "V2", "V2"], "weight": 1.0, "how": "given",
    ... }, geometry=geometry.points([[127.0, 37.5]] * 2 + [[127.1, 37.5]] * 2))
    >>> result = knox_test(located, rng=7, n_permutations=99)
    >>> result.observed, round(result.expected, 4)
    (1.0, 0.3333)
    """
    close = _checked(radius_m, units.seconds(gap, "gap") * 1e6, 1e6, distance)
    chance = chance_of(rng, n_permutations, n_jobs)
    codes, words = strata_of(located, strata, tz)
    events = events_of(located, codes)
    total = int(located["event_id"].nunique())
    note = record(
        "knox_test",
        {
            "radius_m": radius_m,
            "gap": gap,
            "n_permutations": n_permutations,
            "strata": words,
            "distance": distance,
        },
        seed=seed_text(rng),
        n_in=len(located),
        n_out=len(events.t),
    )
    head = events.source[events.ptr[:-1]]
    columns = [name for name in ("event_id", "timestamp", "venue_id") if name in located.columns]
    names = pd.DataFrame(located[columns].iloc[head]).reset_index(drop=True)
    return _test(events, close, chance, words, names, total - len(events.t), note)


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
    words = "none" if strata is None else "labels given"
    return _test(events, close, chance, words, names, 0, note)


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
    strata: str,
    names: pd.DataFrame,
    n_left_out: int,
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
    plain = strata == "none"
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
        n_events=n,
        n_left_out=n_left_out,
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
