"""What a space-time scan of located events found, and how it says so."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.drawing import ScanDrawings
from crimeloc.provenance import Provenance
from crimeloc.stats._words import as_html, as_text, counted, quantity

__all__ = ["COLUMNS", "ScanResult"]

COLUMNS = (
    "cluster_id",
    "n_events",
    "venues",
    "n_venues",
    "start",
    "end",
    "radius_m",
    "observed",
    "expected",
    "ratio",
    "statistic",
    "p_value",
    "p_gumbel",
    "recurrence_interval",
    "geometry",
)
SHOWN = 5
FEW_EVENTS = 50


@dataclass(frozen=True)
class ScanResult(ScanDrawings):
    """What a space-time scan found.

    Parameters
    ----------
    clusters : GeoDataFrame
        One row per cluster, most likely first, none sharing a venue with one before it; CLUSTERS
        columns (`geometry` is the centre of the circle, EPSG:4326) and:
        `start`, `end` (the window, end excluded), `n_venues`, `observed`, `expected`, `ratio`,
        `statistic` (log likelihood ratio), `p_value`, `p_gumbel`, `recurrence_interval` (days of
        prospective scans between two alarms as strong by chance; NaT for a retrospective scan).
    model, analysis : str
        "permutation" or "poisson"; "retrospective" or "prospective".
    n_events : float
        Events scanned; the sum of their weights.
    n_elsewhere : int
        Events without any candidate venue, which take no part.
    n_outside : int
        Events before or after the period.
    n_fixed : int
        Events of strata with one time bin, which no shuffle can move.
    n_venues, n_circles, n_bins : int
        Venues, different circles and time bins scanned.
    start, end : Timestamp
        The period, end excluded.
    time_unit, durations : str
        Length of a bin; shortest and longest window.
    strata : str
        Within what the shuffles stayed.
    n_strata, n_groups : int
        Strata with events, and groups of them that spread their events over the venues alike: what
        a venue expects is worked out from the group.
    n_permutations, n_permutations_asked : int
        Worlds drawn; fewer than asked after an early stop.
    alpha : float
        Level at which the text calls a cluster more than chance.
    critical : float
        Statistic that chance reaches in a share `alpha` of worlds; NaN without events.
    null : ndarray or None
        Largest statistic of each drawn world, kept on request.
    provenance : Provenance
        What made this result.
    """

    clusters: gpd.GeoDataFrame
    model: str
    analysis: str
    n_events: float
    n_elsewhere: int
    n_outside: int
    n_fixed: int
    n_venues: int
    n_circles: int
    n_bins: int
    start: pd.Timestamp
    end: pd.Timestamp
    time_unit: str
    durations: str
    strata: str
    n_strata: int
    n_groups: int
    n_permutations: int
    n_permutations_asked: int
    alpha: float
    critical: float
    null: NDArray[np.float64] | None = field(repr=False)
    provenance: Provenance = field(repr=False)

    @property
    def p_value(self) -> float:
        """P-value of the most likely cluster; 1 where there is none."""
        return float(self.clusters["p_value"].iloc[0]) if len(self.clusters) else 1.0

    @property
    def significant(self) -> gpd.GeoDataFrame:
        """The clusters whose p-value is at most `alpha`."""
        return self.clusters.loc[self.clusters["p_value"] <= self.alpha]

    @property
    def held_fixed(self) -> str:
        """What every drawn world has in common with the real one."""
        within = "" if self.strata == "none" else f" of each stratum ({self.strata})"
        if self.model == "poisson":
            rates = "" if self.strata == "none" else f", the rates by {self.strata}"
            return f"the number of all events, the population{rates}"
        return f"how many events each venue has, and each time bin{within}"

    @property
    def shuffled(self) -> str:
        """What chance decided."""
        if self.model == "poisson":
            return "the venue and time bin of each event, in proportion to what is expected there"
        within = "" if self.strata == "none" else f", within strata ({self.strata})"
        return f"which event has which time{within}"

    @property
    def caveats(self) -> str:
        """What else than an offender can make a cluster, or hide one."""
        if self.model == "poisson":
            return (
                "a population that is wrong somewhere or changes; opening hours, seasons and "
                "weekdays that are not in the population or the strata; one person's many events"
            )
        hours = "" if "hour" in self.strata or "week" in self.strata else "opening hours; "
        if self.strata != "none" and self.n_events < FEW_EVENTS * self.n_groups:
            each = self.n_events / self.n_groups
            hours = (
                f"few events in a group of like strata ({each:.0f} on average): a burst is much of "
                "its own group and is hard to see (strata=None if all venues keep the same hours "
                "and weekdays); "
            )
        return (
            f"{hours}venues that open, close or fill up during the period; holidays; one person's "
            "many events; a register that is right for some weeks only. It cannot see a rise that "
            "all venues share"
        )

    def lines(self) -> list[tuple[str, str]]:
        """Give the result as pairs of a word and a text, for printing."""
        rest = [
            text
            for count, text in (
                (self.n_elsewhere, f"{self.n_elsewhere:,} without a candidate venue"),
                (self.n_outside, f"{self.n_outside:,} outside the period"),
            )
            if count
        ]
        left_out = f"; left out: {', '.join(rest)}" if rest else ""
        drawn = f"{self.n_permutations:,}"
        if self.n_permutations < self.n_permutations_asked:
            drawn += f" of {self.n_permutations_asked:,}, stopped early"
        if self.n_fixed:
            drawn += (
                f"; {counted(self.n_fixed, 'event')} in strata of one time bin, "
                "which no shuffle can move"
            )
        chance = int((self.clusters["p_value"] <= self.alpha).sum())
        return [
            ("events", f"{quantity(self.n_events)} at {self.n_venues:,} venues{left_out}"),
            ("period", f"{self.start} to {self.end}, {self.n_bins:,} bins of {self.time_unit}"),
            *self._strata_lines(),
            ("windows", f"{self.n_circles:,} circles, {self.durations}"),
            ("more than chance", f"{chance} of {len(self.clusters)} clusters at {self.alpha:g}"),
            *self._cluster_lines(),
            ("worlds drawn", drawn),
            ("held fixed", self.held_fixed),
            ("shuffled", self.shuffled),
            ("seed", str(self.provenance.seed)),
            ("can fool it", self.caveats),
        ]

    def _strata_lines(self) -> list[tuple[str, str]]:
        if self.strata == "none" or self.model == "poisson":
            return []
        groups = counted(self.n_groups, "group")
        return [("strata", f"{self.n_strata:,} ({self.strata}), alike in {groups}")]

    def _cluster_lines(self) -> list[tuple[str, str]]:
        lines = []
        for row in self.clusters.head(SHOWN).itertuples():
            names = str(row.venues).split("|")
            more = f" and {len(names) - 4} more" if len(names) > 4 else ""
            often = ""
            if not pd.isna(row.recurrence_interval):
                days = row.recurrence_interval / pd.Timedelta("1D")
                often = f"; by chance once in {days:,.4g} days"
            zone = self.start.tz
            text = (
                f"{', '.join(names[:4])}{more} ({row.radius_m:,.0f} m), "
                f"{row.start.tz_convert(zone)} to {row.end.tz_convert(zone)}: "
                f"{quantity(row.observed)} events, {row.expected:,.3g} expected; "
                f"p {row.p_value:.4g} (Gumbel {row.p_gumbel:.2g}), "
                f"log ratio {row.statistic:.3f}{often}"
            )
            lines.append((f"cluster {row.cluster_id}", text))
        if len(self.clusters) > SHOWN:
            lines.append(("further", f"{len(self.clusters) - SHOWN} weaker ones in .clusters"))
        return lines

    @property
    def title(self) -> str:
        """Name of the test that was made."""
        name = "permutation" if self.model == "permutation" else "Poisson"
        return f"Space-time scan ({name} model, {self.analysis})"

    def __str__(self) -> str:
        return as_text(self.title, self.lines())

    def _repr_html_(self) -> str:
        return as_html(self.title, self.lines())
