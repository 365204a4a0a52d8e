"""The same test for each of many series, and what its p-values are worth together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.provenance import Provenance, record
from crimeloc.stats._chance import seed_text
from crimeloc.stats._words import Lines, Spoken, seed_line
from crimeloc.stats.adjust import adjusted_p, check_adjust, p_of_each_world

__all__ = ["SeriesTests", "by_series"]

SHOWN = 10


@dataclass(frozen=True)
class SeriesTests(Spoken):
    """What a test found in each of many series.

    Parameters
    ----------
    table : DataFrame
        One row per series, smallest p-value first: ``series_id``, ``n_events`` (what the test
        counted), ``p_value``, ``p_adjusted``, ``found``.
    results : dict of str to result
        The result of each series.
    n_too_few : int
        Series with fewer than `min_events` sessions, which were not tested.
    test : str
        Name of the test.
    adjust : str or None
        How p-values are adjusted for the number of series.
    alpha : float
        Largest adjusted p-value of a finding.
    provenance : Provenance
        What made this result.
    """

    table: pd.DataFrame
    results: dict[str, Any] = field(repr=False)
    n_too_few: int
    test: str
    adjust: str | None
    alpha: float
    provenance: Provenance = field(repr=False)

    @property
    def found(self) -> pd.DataFrame:
        """The series in which the test found something."""
        return self.table[self.table["found"]].drop(columns="found").reset_index(drop=True)

    @property
    def title(self) -> Message:
        """How many series stand out."""
        return Message(
            "{test}: {found} of {n} series at {alpha:.6g}",
            test=self.test,
            found=int(self.table["found"].sum()),
            n=len(self.table),
            alpha=self.alpha,
        )

    def lines(self) -> Lines:
        """Give the strongest series, and what the p-values are worth."""
        ways = {
            "bh": Message("Benjamini and Hochberg: about that share of the findings is chance"),
            "westfall_young": Message("Westfall and Young: the chance that any finding is chance"),
        }
        plain = Message("none: with many series, some are found by chance")
        return [
            *(
                (
                    Message("{series}", series=row.series_id),
                    Message(
                        "p {p:.4g}, adjusted {q:.4g} ({n:.6g} counted)",
                        p=row.p_value,
                        q=row.p_adjusted,
                        n=row.n_events,
                    ),
                )
                for row in self.table.head(SHOWN).itertuples()
            ),
            (Message("adjusted by"), ways.get(str(self.adjust), plain)),
            (Message("too few events"), str(self.n_too_few)),
            seed_line(self.provenance.seed),
        ]


def by_series(
    test: Callable[..., Any],
    located: gpd.GeoDataFrame,
    *,
    rng: int | np.random.Generator,
    adjust: str | None = "bh",
    alpha: float = 0.05,
    by: str = "series_id",
    min_events: int = 5,
    **options: Any,
) -> SeriesTests:
    """In which of many series does a test find something, the number of series allowed for?

    Parameters
    ----------
    test : callable
        `crimeloc.knox_test` or `crimeloc.scan_test`.
    located : GeoDataFrame
        Located events (contract LOCATED).
    rng : int or Generator
        Seed or generator; each series gets one of its own.
    adjust : {"bh", "westfall_young", None}
        Benjamini and Hochberg (a share of the findings), Westfall and Young (any finding), or as
        they are.
    alpha : float
        Largest adjusted p-value of a finding.
    by : str
        The column that tells the series apart.
    min_events : int
        Series with fewer uploads are not tested.
    **options
        Handed to the test.

    Returns
    -------
    SeriesTests
        A row and a result per series.

    Raises
    ------
    ParameterError
        The test or the column is unknown, or as the test refuses.

    Notes
    -----
    Twenty series scanned at the level .05 give a finding on average where there is nothing. No
    p-value is below 1 / (n_permutations + 1), and adjusting multiplies: with fifty series 999
    permutations are few.

    Examples
    --------
    >>> from crimeloc import geometry
    >>> from crimeloc.stats.knox import knox_test
    >>> located = gpd.GeoDataFrame({
    ...     "event_id": [f"E{i:02}" for i in range(20)], "series_id": ["A", "B"] * 10,
    ...     "timestamp": pd.date_range("2026-03-01", periods=20, freq="31h", tz="Asia/Seoul"),
    ...     "venue_id": [f"V{i % 3}" for i in range(20)], "weight": 1.0, "how": "given",
    ... }, geometry=geometry.points([[127.0 + i % 3 / 20, 37.5] for i in range(20)]))
    >>> by_series(knox_test, located, rng=7, n_permutations=99).table["series_id"].sort_values()[0]
    'A'
    """
    check_adjust(adjust)
    name = getattr(test, "__name__", "")
    if name not in ("knox_test", "scan_test"):
        raise ParameterError(
            "test", found=repr(name), expected="knox_test or scan_test", hint="by_series(knox_test)"
        )
    if by not in located.columns:
        raise ParameterError(
            "by", found=repr(by), expected="a column of the table", hint=Hint(by="series_id")
        )
    generator = units.generator(rng)
    if name == "scan_test":
        options = {**options, "keep_null": True}
    results: dict[str, Any] = {}
    worlds: list[NDArray[np.float64]] = []
    too_few = 0
    for series, part in located.groupby(by, sort=True):
        placed = part.loc[part["weight"] > 0, "event_id"].nunique()
        if placed < min_events:
            too_few += 1
            continue
        seed = int(generator.integers(0, 2**63))
        result = test(part.reset_index(drop=True), rng=seed, **options)
        results[str(series)] = result
        simulated = result.null if name == "scan_test" else result.simulated
        worlds.append(p_of_each_world(simulated))
    p = np.array([result.p_value for result in results.values()], dtype=np.float64)
    fewest = min((len(one) for one in worlds), default=0)
    chance = np.column_stack([one[:fewest] for one in worlds]) if worlds else None
    adjusted = adjusted_p(p, adjust, chance)
    table = pd.DataFrame(
        {
            "series_id": pd.Series(list(results), dtype="str"),
            "n_events": np.array([r.n_events for r in results.values()], dtype=np.float64),
            "p_value": p,
            "p_adjusted": adjusted,
            "found": adjusted <= alpha,
        }
    ).sort_values(["p_adjusted", "p_value", "series_id"], kind="stable", ignore_index=True)
    note = record(
        "by_series",
        {"test": name, "adjust": adjust, "alpha": alpha, "by": by, **options},
        seed=seed_text(rng),
        n_in=len(located),
        n_out=len(table),
    )
    return SeriesTests(table, results, too_few, name, adjust, alpha, note)
