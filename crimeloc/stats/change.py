"""When did a series move, change its hours, or stop?"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.events import event_times
from crimeloc.messages import Hint
from crimeloc.provenance import record
from crimeloc.stats._chance import Chance, chance_of, seed_text
from crimeloc.stats._habits import as_sticky, in_blocks, silence_p
from crimeloc.stats._series import SeriesVisits, series_visits
from crimeloc.stats.adjust import adjusted_p, check_adjust, p_of_each_world
from crimeloc.stats.change_result import Changes
from crimeloc.stats.pvalue import p_value

__all__ = ["Changes", "changepoints"]

COLUMNS = {
    "series_id": "str",
    "kind": "str",
    "n_before": "int64",
    "n_after": "int64",
    "shift": "float64",
    "unit": "str",
    "statistic": "float64",
    "p_value": "float64",
    "p_adjusted": "float64",
}
SILENCES = {
    "series_id": "str",
    "n_visits": "int64",
    "silent_days": "float64",
    "longest_gap_days": "float64",
    "p_value": "float64",
    "p_adjusted": "float64",
    "found": "bool",
}


def changepoints(
    located: gpd.GeoDataFrame,
    alpha: float = 0.05,
    min_visits: int = 5,
    *,
    rng: int | np.random.Generator,
    n_permutations: int = 999,
    at: units.Instant | None = None,
    adjust: str | None = None,
    session_gap: units.Duration = "6h",
    tz: str | None = None,
) -> Changes:
    """When did a series move, change its hours, or stop?

    Parameters
    ----------
    located : GeoDataFrame
        Located events (contract LOCATED); each ``series_id`` is looked at alone, or all events
        together where there is no such column. Events without a series are left out.
    alpha : float
        A cut or a silence counts when its (adjusted) p-value is at most this.
    min_visits : int
        Fewest visits on either side of a change.
    rng : int or Generator
        Seed or generator. Same seed, same result to the byte.
    n_permutations : int
        Worlds of each test.
    at : str or datetime, optional
        The moment asked about, with its zone: what is later plays no part, and a silence lasts
        until then. By default just after the last event of the table, whosever it is.
    adjust : {None, "bh", "westfall_young"}
        How p-values allow for the number of tests: of moves, of hours and of silences, each over
        all series.
    session_gap : str or timedelta
        Events at one place with pauses of at most this are one visit: a burst is no habit.
    tz : str, optional
        Zone of the clocks at the venues; by default the column ``tz``.

    Returns
    -------
    Changes
        Moves, new hours and probable ends with their dates, every test made, and what can fool it.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        A parameter is out of range.

    Notes
    -----
    For each cut of the sequence of visits, the energy distance between what lies before and after
    (for places in metres, for hours by the chord on the circle of the day), times k (n - k) / n;
    the largest is held against the largest of worlds in which the habit goes on. These are as
    sticky as the series: for places, at each visit it stays with the probability seen (drawn for
    each world, as the series tells it with some doubt), or arrives at the next of its places, in
    another order; for hours, blocks of visits change places where successive hours are alike. A
    cut that counts splits the sequence, and both parts are looked at again. An uncertain event
    stands at the weighted middle of its candidates. Cost is permutations times visits squared.

    A series has probably stopped where the silence until `at` is longer than any gap before it, and
    unlikely at the pace of its visits (more so if these are uneven).

    References
    ----------
    Matteson, D. & James, N. (2014). A nonparametric approach for multiple change point analysis of
    multivariate data. *Journal of the American Statistical Association* 109, 334-345.

    Examples
    --------
    >>> from crimeloc import geometry
    >>> places = [[127.0 + i // 10 / 20 + i % 3 / 999, 37.5] for i in range(20)]
    >>> located = gpd.GeoDataFrame({
    ...     "event_id": [f"E{i}" for i in range(20)],
    ...     "timestamp": pd.date_range("2026-03-01 21:00", periods=20, freq="D", tz="Asia/Seoul"),
    ...     "venue_id": [f"V{i // 10}{i % 3}" for i in range(20)], "weight": 1.0, "how": "given",
    ... }, geometry=geometry.points(places))
    >>> found = changepoints(located, rng=7, at="2026-06-01 00:00+09:00")
    >>> found.changes[["kind", "n_before", "n_after"]].values.tolist()
    [['place', 10, 10]]
    >>> found.stopped["since_local"].dt.date.astype(str).tolist()
    ['2026-03-20']
    """
    if not 0 < alpha < 1:
        raise ParameterError(
            "alpha", found=repr(alpha), expected="between 0 and 1", hint=Hint(alpha=0.05)
        )
    if min_visits < 2:
        raise ParameterError(
            "min_visits", found=repr(min_visits), expected="at least 2", hint=Hint(min_visits=5)
        )
    check_adjust(adjust)
    chance = chance_of(rng, n_permutations)
    until = _until(located, at)
    n_in = len(located)
    # What is later is not there: neither its zones nor its places nor its mistakes.
    located = located.loc[event_times(located) < until]
    clock = units.local_zone(located, tz)
    cuts: list[_Cut] = []
    silences: list[dict[str, object]] = []
    for visits in series_visits(located, session_gap):
        angle = units.wall_clock(visits.moment, clock) % 86_400_000_000 / 86_400e6 * 2 * np.pi
        on_circle = np.column_stack([np.cos(angle), np.sin(angle)])
        for kind, points in (("place", visits.metres), ("hours", on_circle)):
            cuts += _cuts(kind, points, visits, min_visits, alpha, chance)
        if len(visits.moment) >= min_visits:
            silences.append(_silence(visits, until))
    tests = _tests(cuts, alpha, adjust, clock)
    found = tests[tests["found"]].drop(columns="found").reset_index(drop=True)
    silent = _silences(silences, alpha, adjust, chance, clock)
    note = record(
        "changepoints",
        {
            "alpha": alpha,
            "min_visits": min_visits,
            "n_permutations": n_permutations,
            "adjust": adjust,
            "session_gap": session_gap,
        },
        at=at,
        seed=seed_text(rng),
        n_in=n_in,
        n_out=len(found),
    )
    asked = units.to_timestamps(np.array([until]))[0].tz_convert(clock)
    return Changes(found, tests, silent, alpha, adjust, asked, chance.n_permutations, note)


def _until(located: pd.DataFrame, at: units.Instant | None) -> int:
    """Give the moment asked about; without one, just after the last event."""
    if at is not None:
        return units.instant_us(at)
    return int(event_times(located).max(initial=-1)) + 1


class _Cut(NamedTuple):
    """A test of one stretch of one series."""

    series: str
    kind: str
    moment: int
    before: int
    first: int
    cut: int
    last: int
    shift: float
    statistic: float
    p: float
    parent: int  # the test that made this stretch, in the list of its series and kind; -1: none
    worlds: NDArray[np.float64]


def _cuts(
    kind: str,
    points: NDArray[np.float64],
    visits: SeriesVisits,
    least: int,
    alpha: float,
    chance: Chance,
) -> list[_Cut]:
    """Cut, test, and look at both parts again where the cut counts."""
    from crimeloc.stats import _change_kernels as k

    found: list[_Cut] = []
    todo = [(0, len(points), -1)]
    while todo:
        first, last, parent = todo.pop(0)
        n = last - first
        if n < 2 * least:
            continue
        own = points[first:last]
        distance = np.sqrt(((own[:, None] - own[None]) ** 2).sum(axis=2))
        statistic, at = k.best_cut(distance, np.arange(n, dtype=np.int32), least)
        rng, worlds = chance.generator, chance.n_permutations
        if kind == "place":
            orders = as_sticky(visits.place[first:last], rng, worlds)
        else:
            orders = in_blocks(own, int(at), rng, worlds)
        simulated = np.round(k.cuts_of(distance, orders, least), 9)
        cut = first + int(at)
        p = float(p_value(round(float(statistic), 9), simulated))
        if p <= alpha:
            todo += [(first, cut, len(found)), (cut, last, len(found))]
        shift = _shift(kind, points[first:cut].mean(axis=0), points[cut:last].mean(axis=0))
        moment, before = int(visits.moment[cut]), int(visits.moment[cut - 1])
        found.append(
            _Cut(
                visits.series,
                kind,
                moment,
                before,
                first,
                cut,
                last,
                shift,
                float(statistic),
                p,
                parent,
                p_of_each_world(simulated),
            )
        )
    return found


def _shift(kind: str, before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    if kind == "place":
        return float(np.hypot(*(after - before)))
    turn = np.arctan2(after[1], after[0]) - np.arctan2(before[1], before[0])
    return float(abs((turn + np.pi) % (2 * np.pi) - np.pi) * 12 / np.pi)


def _tests(cuts: list[_Cut], alpha: float, adjust: str | None, clock: str) -> pd.DataFrame:
    """Give every test as a row, adjusted over all tests of its kind."""
    p = np.array([cut.p for cut in cuts])
    adjusted = p.copy()
    for kind in ("place", "hours"):
        mine = [i for i, cut in enumerate(cuts) if cut.kind == kind]
        if mine:
            worlds = np.column_stack([cuts[i].worlds for i in mine])
            adjusted[mine] = adjusted_p(p[mine], adjust, worlds)
    found = np.zeros(len(cuts), np.bool_)
    begin = 0
    for i, cut in enumerate(cuts):
        if cut.parent < 0:
            begin = i
        whole = cut.parent < 0 or found[begin + cut.parent]
        found[i] = bool(whole and adjusted[i] <= alpha)
    table = pd.DataFrame(
        {
            "series_id": [cut.series for cut in cuts],
            "kind": [cut.kind for cut in cuts],
            "n_before": [cut.cut - cut.first for cut in cuts],
            "n_after": [cut.last - cut.cut for cut in cuts],
            "shift": [cut.shift for cut in cuts],
            "unit": ["m" if cut.kind == "place" else "h" for cut in cuts],
            "statistic": [cut.statistic for cut in cuts],
            "p_value": p,
            "p_adjusted": adjusted,
        }
    ).astype(COLUMNS)
    moment = units.to_timestamps(np.array([cut.moment for cut in cuts], dtype=np.int64))
    before = units.to_timestamps(np.array([cut.before for cut in cuts], dtype=np.int64))
    table.insert(2, "at", moment)
    table.insert(3, "at_local", moment.tz_convert(clock))
    table.insert(4, "last_before", before)
    table["found"] = found
    return table.sort_values(["series_id", "kind", "at"], kind="stable", ignore_index=True)


def _silence(visits: SeriesVisits, until: int) -> dict[str, object]:
    gaps = np.diff(visits.moment)
    return {
        "series_id": visits.series,
        "since": visits.last,
        "n_visits": len(visits.moment),
        "silent_days": (until - visits.last) / 8.64e10,
        "longest_gap_days": float(gaps.max(initial=0)) / 8.64e10,
        "p_value": silence_p(np.append(visits.moment[:-1], visits.last), until),
    }


def _silences(
    rows: list[dict[str, object]], alpha: float, adjust: str | None, chance: Chance, clock: str
) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["series_id", "since", *list(SILENCES)[1:]])
    p = table["p_value"].to_numpy(dtype=np.float64)
    # A silence of an active series is as likely to have one p-value as any other.
    worlds = None
    if adjust == "westfall_young":
        worlds = chance.generator.random((chance.n_permutations, len(p)))
    table["p_adjusted"] = adjusted_p(p, adjust, worlds)
    table["found"] = table["p_adjusted"].to_numpy(dtype=np.float64) <= alpha
    since = units.to_timestamps(table["since"].to_numpy(dtype=np.int64))
    table = table.drop(columns="since").astype(SILENCES)
    table.insert(1, "since", since)
    table.insert(2, "since_local", since.tz_convert(clock))
    return table.sort_values("series_id", kind="stable", ignore_index=True)
