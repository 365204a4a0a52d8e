"""Where, and for how long, were there more events than the calendar and the venues explain?"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.events import (
    event_arrays,
    event_times,
    outside_register,
    venue_arrays,
    within_register,
)
from crimeloc.messages import Hint, Message
from crimeloc.provenance import record
from crimeloc.stats._chance import chance_of, seed_text
from crimeloc.stats._counting import count_units
from crimeloc.stats._words import NONE
from crimeloc.stats.scan.candidates import venues_of
from crimeloc.stats.scan.prepared import Period, prepare, scan_population, scan_times
from crimeloc.stats.scan.result import ScanResult
from crimeloc.stats.scan.result_tables import clusters_table, edges_of
from crimeloc.stats.scan.windows import Windows

__all__ = ["ScanResult", "scan_test"]


def scan_test(
    located: gpd.GeoDataFrame,
    *,
    max_duration: units.Duration,
    min_duration: units.Duration | None = None,
    time_unit: units.Duration = "1D",
    max_radius_m: float | None = None,
    max_share: float = 0.5,
    model: str = "permutation",
    population: pd.Series | None = None,
    analysis: str = "retrospective",
    strata: str | Sequence[str] | None = "auto",
    venues: gpd.GeoDataFrame | None = None,
    start: units.Instant | None = None,
    end: units.Instant | None = None,
    min_events: int = 2,
    distance: str = "great_circle",
    rng: int | np.random.Generator,
    n_permutations: int = 999,
    early_stop: int | None = None,
    alpha: float = 0.05,
    iterative: bool = False,
    keep_null: bool = False,
    unit: str = "session",
    session_gap: units.Duration = "2h",
    tz: str | None = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> ScanResult:
    """Which venues had more events than their share, for a while, and could that be chance?

    Parameters
    ----------
    located : GeoDataFrame
        Located events. Those without a candidate venue take no part and are counted.
    max_duration, min_duration : str or timedelta
        Longest and shortest window, in whole time units; the shortest is one unit by default.
    time_unit : str or timedelta
        Length of a time bin on the clocks at the venues, such as ``"1D"`` or ``"1h"``.
    max_radius_m : float, optional
        Largest circle, in metres; by default only `max_share` bounds it.
    max_share : float
        No circle holds more than this share of all events (of what is expected, for Poisson).
    model : {"permutation", "poisson"}
        What chance would do: deal the times anew, or follow a population.
    population : Series, optional
        For the Poisson model: seats, visits or people of each venue, indexed by `venue_id`.
    analysis : {"retrospective", "prospective"}
        Windows anywhere in the period, or only those that last until its end.
    strata : "auto", None, or some of {"hour", "weekday", "opening"}
        Times change hands only within these. "auto": by hour of day (and opening pattern where it
        is known) for units shorter than a day, by weekday for whole days, none for whole weeks
        and for two weeks or more.
    venues : GeoDataFrame, optional
        The register: its opening hours are used, and its venues without events are centres too.
    start, end : str or datetime, optional
        The period, with its zone; by default from the first to the last event. Events after `end`,
        and venues known from them alone, play no part; the last bin ends there. The period is made
        of whole bins: the first may begin before `start`.
    min_events : int
        Events a window must hold.
    distance : {"great_circle", "projected"}
        On a round earth, or on the local metric map.
    rng : int or Generator
        Seed or generator; there is no default.
    n_permutations : int
        Worlds drawn by chance; p-values are at least 1 / (n_permutations + 1).
    early_stop : int, optional
        Stop once this many worlds have reached the observed maximum; the p-value stays valid.
    alpha : float
        Level at which a cluster is more than chance: all of them are listed.
    iterative : bool
        Take out what the strongest cluster has too many, and scan again with new worlds, as long
        as it is more than chance: finds what a strong cluster hides. One more scan per cluster.
    keep_null : bool
        Keep the largest statistic of every drawn world.
    unit : {"session", "event"}
        What is counted. Uploads of one sitting are no independent events: a scan of uploads finds
        clusters in any log whose people upload more than once a sitting.
    session_gap : str or timedelta
        A pause longer than this ends a session; see `crimeloc.sessions`.
    tz : str, optional
        Zone of the clocks at the venues, where the table does not say.
    n_jobs : int, optional
        Threads; by default one for each processor. The result does not depend on it.
    progress : bool
        Show a progress bar.

    Returns
    -------
    ScanResult
        The most likely cluster and further ones: every one that is more than chance, none
        overlapping a stronger one in space and in time.

    Raises
    ------
    ParameterError
        A parameter is out of range, or a venue has no position, two, or no population.
    TableError
        `located` breaks its contract.

    Notes
    -----
    Held fixed (permutation): events per venue and per time bin, within strata. Random: which event
    has which time. The statistic is c ln(c / mu) + (C - c) ln((C - c) / (C - mu)) where c > mu,
    largest over circles around venues and windows of whole bins; mu is the events of each bin times
    the share of the circle, summed over the strata, and shares are those of all strata that spread
    their events over the venues alike (the same in every drawn world, so the test stays exact). An
    event with several candidate
    venues counts at each by its weight (kept to a thousandth) and is dealt a time as a whole: the
    statistic is then no likelihood ratio, but the p-value is as exact as ever (in its bin it is
    expected to weigh what events of its stratum weigh on average). Where only an interval is known
    (``timestamp_end``), its middle is the time. Secondary clusters
    are compared with the same maxima, so their p-values are careful; two bursts at one venue at
    different times are two clusters. Clusters that are not more than chance are listed only if
    they are the best of their centre and share no venue with any before. `p_gumbel` reaches below
    1 / (n_permutations + 1), by a fitted law. Departures from SaTScan: circles take in venues at
    equal distance together; the strata. Opening hours, and venues that open or close, can fool it:
    see the documentation. Cost per world: about circles x bins / 10 steps; once, for the data as
    they are, up to circles x bins x durations (unit and longest window are best no more than a few
    hundred times apart).

    References
    ----------
    Kulldorff, Heffernan, Hartman, Assuncao & Mostashari (2005), A space-time permutation scan
    statistic for disease outbreak detection, *PLoS Medicine* 2(3):e59.

    Examples
    --------
    >>> from crimeloc.geometry import points
    >>> days = [1, 3, 5, 8, 10, 20, 20, 21, 21, 22]
    >>> located = gpd.GeoDataFrame({
    ...     "event_id": [f"E{i}" for i in range(20)],
    ...     "timestamp": pd.to_datetime([f"2026-03-{d:02} 20:00+09:00" for d in days + days[::-1]]),
    ...     "venue_id": ["V1"] * 5 + ["V2"] * 5 + ["V3"] * 10, "weight": 1.0, "how": "given",
    ... }, geometry=points([[127.0, 37.5]] * 5 + [[127.1, 37.5]] * 5 + [[127.2, 37.5]] * 10))
    >>> result = scan_test(located, max_duration="3D", strata=None, unit="event", rng=7)
    >>> result.clusters["venues"][0], result.clusters[["observed", "expected"]].iloc[0].tolist()
    ('V2', [5.0, 2.5])
    """
    unit_s = units.seconds(time_unit, "time_unit")
    shortest, longest = _bins_of_durations(min_duration, max_duration, unit_s)
    _check(model, analysis, max_radius_m, alpha, min_events, population)
    if distance not in ("great_circle", "projected"):
        expected = "'great_circle' or 'projected'"
        raise ParameterError(
            "distance", found=repr(distance), expected=expected, hint=Hint(distance="great_circle")
        )
    chance = chance_of(rng, n_permutations, n_jobs, early_stop=early_stop, progress=progress)
    windows = Windows(
        longest,
        shortest,
        analysis == "prospective",
        np.inf if max_radius_m is None else float(max_radius_m),
        max_share,
        min_events,
        "great_circle" if distance == "great_circle" else "euclidean",
        alpha,
        iterative,
    )
    n_in = len(located)
    located, n_later = _before(located, end)
    zone = units.local_zone(located, tz) if len(located) else units.shown_zone(located, tz)
    outside, known = None, located
    if venues is not None:
        register = venue_arrays(venues, checked=True)
        outside = outside_register(event_arrays(located, register))
        known = within_register(located, register)
    these = count_units(known, unit, session_gap)
    place = venues_of(known, venues)
    registered = None if venues is None else venues["venue_id"]
    ready = prepare(these.table, place, registered, Period(unit_s, start, end, zone), strata)
    if model == "permutation":
        found = scan_times(ready, windows, chance)
    else:
        found = scan_population(ready, population, windows, chance)
    null = found.null if found is not None else np.zeros(0)
    edges = edges_of(ready.calendar, zone)
    note = record(
        "scan_test",
        {
            "model": model,
            "analysis": analysis,
            "max_duration": max_duration,
            "min_duration": min_duration or time_unit,
            "time_unit": time_unit,
            "max_radius_m": max_radius_m,
            "max_share": max_share,
            "strata": strata,
            "start": start,
            "end": end,
            "min_events": min_events,
            "distance": distance,
            "n_permutations": n_permutations,
            "early_stop": early_stop,
            "alpha": alpha,
            "iterative": iterative,
            "unit": unit,
            "session_gap": session_gap,
            "tz": zone,
        },
        seed=seed_text(rng),
        n_in=n_in,
        n_out=len(ready.rows.event),
    )
    return ScanResult(
        clusters=clusters_table(found, ready.place, ready.calendar, zone, analysis, unit_s),
        model=model,
        analysis=analysis,
        unit=these.unit,
        n_events=found.total if found is not None else float(ready.rows.weight.sum()),
        n_elsewhere=ready.rows.n_elsewhere if these.unit == "event" else these.n_nowhere,
        n_outside=ready.n_outside + n_later,
        notes=these.notes if outside is None else (*these.notes, outside),
        n_fixed=found.n_fixed if found is not None else 0,
        n_venues=len(ready.place),
        n_circles=found.n_circles if found is not None else 0,
        n_bins=ready.calendar.n_bins if ready.calendar else 0,
        start=edges[0],
        end=edges[1],
        time_unit=str(time_unit),
        durations=f"{min_duration or time_unit} to {max_duration}",
        strata=ready.layers.words if ready.layers else NONE,
        kinds=ready.layers.kinds if ready.layers else (),
        n_strata=found.n_strata if found is not None else 0,
        n_groups=found.n_groups if found is not None else 0,
        n_permutations=len(null),
        n_permutations_asked=n_permutations if found is not None else 0,
        alpha=alpha,
        critical=float(np.quantile(null, 1 - alpha)) if len(null) else np.nan,
        null=null if keep_null else None,
        provenance=note,
    )


def _before(located: gpd.GeoDataFrame, end: units.Instant | None) -> tuple[gpd.GeoDataFrame, int]:
    """Leave out what is later than the period: its zones, venues and mistakes play no part."""
    if end is None or not len(located):
        return located, 0
    later = event_times(located) >= units.instant_us(end, "end")
    return located.loc[~later], int(located.loc[later, "event_id"].nunique())


def _bins_of_durations(
    shortest: units.Duration | None, longest: units.Duration, unit_s: float
) -> tuple[int, int]:
    """Give whole bins: at least the shortest, at most the longest duration."""
    long = int(units.seconds(longest, "max_duration") / unit_s + 1e-9)
    short = 1
    if shortest is not None:
        short = int(np.ceil(units.seconds(shortest, "min_duration") / unit_s - 1e-9))
    if not 1 <= short <= long:
        found = Message("windows of {short} to {long} time units", short=short, long=long)
        expected = "at least one whole unit, and the longest not below the shortest"
        raise ParameterError(
            "max_duration", found=found, expected=expected, hint=Hint(max_duration="7D")
        )
    return short, long


def _check(
    model: str,
    analysis: str,
    max_radius_m: float | None,
    alpha: float,
    min_events: int,
    population: object,
) -> None:
    if model not in ("permutation", "poisson"):
        expected = "'permutation' or 'poisson'"
        raise ParameterError(
            "model", found=repr(model), expected=expected, hint=Hint(model="permutation")
        )
    if analysis not in ("retrospective", "prospective"):
        expected = "'retrospective' or 'prospective'"
        raise ParameterError(
            "analysis", found=repr(analysis), expected=expected, hint=Hint(analysis="retrospective")
        )
    if max_radius_m is not None and not max_radius_m >= 0:
        raise ParameterError(
            "max_radius_m",
            found=repr(max_radius_m),
            expected="metres",
            hint=Hint(max_radius_m=3_000),
        )
    if not 0 < alpha < 1:
        raise ParameterError(
            "alpha", found=repr(alpha), expected="between 0 and 1", hint=Hint(alpha=0.05)
        )
    if min_events < 1:
        raise ParameterError(
            "min_events", found=repr(min_events), expected="at least 1", hint=Hint(min_events=2)
        )
    if (model == "poisson") != (population is not None):
        found = "no population" if population is None else "a population without its model"
        hint = 'model="poisson", population=venues.set_index("venue_id")["seats"]'
        raise ParameterError(
            "population", found=found, expected="one for the Poisson model only", hint=hint
        )
