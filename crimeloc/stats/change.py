"""When did a series move, or change its hours?"""

from __future__ import annotations

import html
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.provenance import Provenance, record
from crimeloc.stats._chance import Chance, chance_of, seed_text
from crimeloc.stats._series import SeriesVisits, series_visits
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
}


@dataclass(frozen=True)
class Changes:
    """When series moved or changed their hours.

    Parameters
    ----------
    changes : DataFrame
        One row per change found: ``series_id``, ``kind`` (``"place"`` or ``"hours"``), ``at``
        (first visit after it, UTC), ``n_before``, ``n_after`` (visits), ``shift`` and ``unit``
        (metres between the middles, or hours between the mean hours), ``statistic``, ``p_value``.
    tests : DataFrame
        The same for every test made, with ``found``.
    alpha : float
        Largest p-value of a change.
    n_permutations : int
        Shuffles of each test.
    provenance : Provenance
        What made this result.
    """

    changes: pd.DataFrame
    tests: pd.DataFrame = field(repr=False)
    alpha: float
    n_permutations: int
    provenance: Provenance = field(repr=False)

    @property
    def held_fixed(self) -> str:
        """What every shuffled sequence has in common with the real one."""
        return "the visits of the series: their places and hours"

    @property
    def shuffled(self) -> str:
        """What chance decided."""
        return "the order of the visits"

    @property
    def caveats(self) -> str:
        """What else than a change can make a p-value small, or hide one."""
        return (
            "a habit that drifts or alternates for weeks at a time is cut as if it had changed; "
            "many series and two kinds of test: about one false change in "
            f"{1 / self.alpha:.0f} tests; few visits hide a change; a change of how events are "
            "located looks like a move"
        )

    def __str__(self) -> str:
        lines = [f"Changes: {len(self.changes)} found in {len(self.tests)} tests"]
        for row in self.changes.itertuples():
            word = "moved by" if row.kind == "place" else "changed hours by"
            lines.append(
                f"  {row.series_id}: {word} {row.shift:,.3g} {row.unit} at {row.at:%Y-%m-%d %H:%M} "
                f"UTC ({row.n_before} visits before, {row.n_after} after, p = {row.p_value:.3g})"
            )
        lines += [
            f"  held fixed   {self.held_fixed}",
            f"  shuffled     {self.shuffled} ({self.n_permutations:,} times)",
            f"  seed         {self.provenance.seed}",
            f"  can fool it  {self.caveats}",
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def changepoints(
    located: gpd.GeoDataFrame,
    alpha: float = 0.05,
    min_visits: int = 5,
    *,
    rng: int | np.random.Generator,
    n_permutations: int = 999,
    session_gap: units.Duration = "6h",
    tz: str | None = None,
) -> Changes:
    """When did a series move, or change its hours?

    Parameters
    ----------
    located : GeoDataFrame
        Located events (contract LOCATED); each ``series_id`` is looked at alone, or all events
        together where there is no such column. Events without a series are left out.
    alpha : float
        A cut counts as a change when its p-value is at most this.
    min_visits : int
        Fewest visits on either side of a change.
    rng : int or Generator
        Seed or generator. Same seed, same result to the byte.
    n_permutations : int
        Shuffles of each test.
    session_gap : str or timedelta
        Events at one place with pauses of at most this are one visit: a burst is no habit.
    tz : str, optional
        Zone of the clocks at the venues; by default the column ``tz``.

    Returns
    -------
    Changes
        The changes, every test made, and what can fool it.

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
    the largest is held against the largest of shuffled sequences. A cut that counts splits the
    sequence, and both parts are looked at again. An uncertain event stands at the weighted middle
    of its candidates. Cost is permutations times visits squared.

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
    ...     "venue_id": "V1", "weight": 1.0, "how": "given",
    ... }, geometry=geometry.points(places))
    >>> found = changepoints(located, rng=7).changes
    >>> found[["kind", "n_before", "n_after"]].values.tolist()
    [['place', 10, 10]]
    """
    if not 0 < alpha < 1:
        raise ParameterError(
            "alpha", found=repr(alpha), expected="between 0 and 1", hint=Hint(alpha=0.05)
        )
    if min_visits < 2:
        raise ParameterError(
            "min_visits", found=repr(min_visits), expected="at least 2", hint=Hint(min_visits=5)
        )
    chance = chance_of(rng, n_permutations)
    clock = units.local_zone(located, tz)
    rows: list[dict[str, object]] = []
    for visits in series_visits(located, session_gap):
        angle = units.wall_clock(visits.moment, clock) % 86_400_000_000 / 86_400e6 * 2 * np.pi
        on_circle = np.column_stack([np.cos(angle), np.sin(angle)])
        for kind, points in (("place", visits.metres), ("hours", on_circle)):
            for row in _cuts(points, min_visits, alpha, chance):
                rows.append({**row, **_words(kind, points, row, visits)})
    tests = _frame(rows)
    found = tests[tests["found"]].drop(columns="found").reset_index(drop=True)
    return Changes(
        changes=found,
        tests=tests,
        alpha=alpha,
        n_permutations=n_permutations,
        provenance=record(
            "changepoints",
            {
                "alpha": alpha,
                "min_visits": min_visits,
                "n_permutations": n_permutations,
                "session_gap": session_gap,
            },
            seed=seed_text(rng),
            n_in=len(located),
            n_out=len(found),
        ),
    )


def _cuts(
    points: NDArray[np.float64],
    least: int,
    alpha: float,
    chance: Chance,
) -> list[dict[str, object]]:
    """Cut, test, and look at both parts again where the cut counts."""
    from crimeloc.stats import _change_kernels as k
    from crimeloc.stats._shuffle_kernels import Strata

    rows: list[dict[str, object]] = []
    todo = [(0, len(points))]
    while todo:
        first, last = todo.pop(0)
        n = last - first
        if n < 2 * least:
            continue
        own = points[first:last]
        distance = np.sqrt(((own[:, None] - own[None]) ** 2).sum(axis=2))
        items = np.arange(n, dtype=np.int32)
        statistic, cut = k.best_cut(distance, items, least)
        seeds = chance.generator.integers(0, 2**64, size=chance.n_permutations, dtype=np.uint64)
        strata = Strata(np.array([0, n], dtype=np.int64), items)
        simulated = np.round(k.shuffled_cuts(distance, least, strata, seeds), 9)
        p = float(p_value(round(float(statistic), 9), simulated))
        found = p <= alpha
        rows.append(
            {
                "first": first,
                "cut": first + int(cut),
                "last": last,
                "statistic": float(statistic),
                "p_value": p,
                "found": found,
            }
        )
        if found:
            todo += [(first, first + int(cut)), (first + int(cut), last)]
    return rows


def _words(
    kind: str, points: NDArray[np.float64], row: dict[str, object], visits: SeriesVisits
) -> dict[str, object]:
    first, cut, last = (int(str(row[name])) for name in ("first", "cut", "last"))
    before, after = points[first:cut].mean(axis=0), points[cut:last].mean(axis=0)
    if kind == "place":
        shift, unit = float(np.hypot(*(after - before))), "m"
    else:
        turn = np.arctan2(after[1], after[0]) - np.arctan2(before[1], before[0])
        shift, unit = float(abs((turn + np.pi) % (2 * np.pi) - np.pi) * 12 / np.pi), "h"
    return {
        "series_id": visits.series,
        "kind": kind,
        "moment": int(visits.moment[cut]),
        "n_before": cut - first,
        "n_after": last - cut,
        "shift": shift,
        "unit": unit,
    }


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[*COLUMNS, "moment", "found"]).astype(
        {**COLUMNS, "moment": "int64", "found": "bool"}
    )
    table.insert(2, "at", units.to_timestamps(table["moment"].to_numpy()))
    table = table.drop(columns="moment")
    return table.sort_values(["series_id", "kind", "at"], kind="stable", ignore_index=True)
