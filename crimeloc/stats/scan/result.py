"""What a space-time scan of located events found, and how it says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.drawing import ScanDrawings
from crimeloc.messages import Message
from crimeloc.provenance import Provenance
from crimeloc.stats._words import CHOSEN, NONE, Lines, Spoken, counted, joined, quantity, seed_line

__all__ = ["COLUMNS", "ScanResult"]

COLUMNS = (
    "cluster_id",
    "n_events",
    "venues",
    "n_venues",
    "start",
    "end",
    "start_local",
    "end_local",
    "radius_m",
    "observed",
    "expected",
    "ratio",
    "statistic",
    "p_value",
    "p_gumbel",
    "recurrence_interval",
    "round",
    "geometry",
)
SHOWN = 5
FEW_EVENTS = 50


@dataclass(frozen=True)
class ScanResult(Spoken, ScanDrawings):
    """What a space-time scan found.

    Parameters
    ----------
    clusters : GeoDataFrame
        One row per cluster, most likely first, none overlapping one before it in space and in
        time; CLUSTERS columns (`geometry` is the centre of the circle, EPSG:4326) and:
        `start`, `end` (the window, end excluded; `start_local`, `end_local` on the clocks at the
        venues), `n_venues`, `observed`, `expected`, `ratio`,
        `statistic` (log likelihood ratio), `p_value`, `p_gumbel`, `recurrence_interval` (days of
        prospective scans between two alarms as strong by chance; NaT for a retrospective scan),
        `round` (of an iterative scan, in which it was found; else 0).
    model, analysis : str
        "permutation" or "poisson"; "retrospective" or "prospective".
    unit : {"session", "event"}
        What was counted.
    n_events : float
        Sessions (or events) scanned; the sum of their weights.
    n_elsewhere : int
        Uploads without any candidate venue, which take no part.
    n_outside : int
        Sessions (or events) before or after the period.
    notes : tuple of Message
        What must be known of what was counted.
    n_fixed : int
        Sessions (or events) of strata with one time bin, which no shuffle can move.
    n_venues, n_circles, n_bins : int
        Venues, different circles and time bins scanned.
    start, end : Timestamp
        The period, end excluded.
    time_unit, durations : str
        Length of a bin; shortest and longest window.
    strata : Message
        Within what the shuffles stayed.
    kinds : tuple of {"hour", "weekday", "opening"}
        The same as it is given to `scan_test`.
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
    unit: str
    n_events: float
    n_elsewhere: int
    n_outside: int
    notes: tuple[Message, ...]
    n_fixed: int
    n_venues: int
    n_circles: int
    n_bins: int
    start: pd.Timestamp
    end: pd.Timestamp
    time_unit: str
    durations: str
    strata: Message
    kinds: tuple[str, ...]
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
    def held_fixed(self) -> Message:
        """What every drawn world has in common with the real one."""
        plain = self.strata == NONE
        if self.model == "poisson" and plain:
            return Message("the number of all events, the population")
        if self.model == "poisson":
            return Message(
                "the number of all events, the population, the rates by {strata}",
                strata=self.strata,
            )
        if plain:
            return Message("how many events each venue has, and each time bin")
        return Message(
            "how many events each venue has, and each time bin of each stratum ({strata})",
            strata=self.strata,
        )

    @property
    def shuffled(self) -> Message:
        """What chance decided."""
        if self.model == "poisson":
            return Message(
                "the venue and time bin of each event, in proportion to what is expected there"
            )
        if self.strata == NONE:
            return Message("which event has which time")
        return Message("which event has which time, within strata ({strata})", strata=self.strata)

    @property
    def caveats(self) -> Message:
        """What else than an offender can make a cluster, or hide one."""
        if self.model == "poisson":
            return Message(
                "a population that is wrong somewhere or changes; opening hours, seasons and "
                "weekdays that are not in the population or the strata; one person's many events"
            )
        rest = Message(
            "venues that open, close or fill up during the period; holidays; one person's "
            "many events; a register that is right for some weeks only. It cannot see a rise that "
            "all venues share"
        )
        if self.strata != NONE and self.n_events < FEW_EVENTS * self.n_groups:
            few = Message(
                "few events in a group of like strata ({each:.0f} on average): a burst is much of "
                "its own group and is hard to see (strata=None if all venues keep the same hours "
                "and weekdays)",
                each=self.n_events / self.n_groups,
            )
            return joined([few, rest])
        if {"hour", "weekday"} & set(self.kinds):
            return rest
        return joined([Message("opening hours"), rest])

    def lines(self) -> Lines:
        """Give the result as pairs of a word and a text, for printing."""
        chance = int((self.clusters["p_value"] <= self.alpha).sum())
        period = Message(
            "{start} to {end}, {n:number} bins of {unit}",
            start=str(self.start),
            end=str(self.end),
            n=self.n_bins,
            unit=self.time_unit,
        )
        beyond = Message(
            "{n} of {all} clusters at {alpha:.6g}",
            n=chance,
            all=len(self.clusters),
            alpha=self.alpha,
        )
        windows = Message(
            "{n:number} circles, {durations}", n=self.n_circles, durations=self.durations
        )
        return [
            *self._counted_lines(),
            (Message("period"), period),
            *self._strata_lines(),
            (Message("windows"), windows),
            (Message("more than chance"), beyond),
            *self._cluster_lines(),
            (Message("worlds drawn"), self._drawn()),
            (Message("held fixed"), self.held_fixed),
            (Message("shuffled"), self.shuffled),
            seed_line(self.provenance.seed),
            (Message("can fool it"), self.caveats),
        ]

    def _counted_lines(self) -> Lines:
        quoted = {"events": quantity(self.n_events), "venues": self.n_venues}
        if self.unit == "session":
            said = [Message("{events} sessions at {venues:number} venues", **quoted)]
        else:
            said = [Message("{events} events at {venues:number} venues", **quoted)]
        if self.n_elsewhere:
            said.append(
                Message(
                    "{n:number} {n:plural upload/uploads} without a place left out",
                    n=self.n_elsewhere,
                )
            )
        if self.n_outside:
            said.append(
                Message("{counted} outside the period", counted=counted(self.n_outside, self.unit))
            )
        notes = [(Message("note"), note) for note in self.notes]
        return [(Message("counted"), joined(said)), *notes]

    def _drawn(self) -> Message:
        said = [Message("{n:number}", n=self.n_permutations)]
        if self.n_permutations < self.n_permutations_asked:
            said = [
                Message(
                    "{n:number} of {asked:number}, stopped early",
                    n=self.n_permutations,
                    asked=self.n_permutations_asked,
                )
            ]
        if self.n_fixed:
            said.append(
                Message(
                    "{counted} in strata of one time bin, which no shuffle can move",
                    counted=counted(self.n_fixed, self.unit),
                )
            )
        return joined(said)

    def _strata_lines(self) -> Lines:
        if self.strata == NONE or self.model == "poisson":
            return []
        said = Message(
            "{n:number} ({strata}), alike in {m:number} {m:plural group/groups}",
            n=self.n_strata,
            strata=self.strata,
            m=self.n_groups,
        )
        return [(Message("strata"), said)]

    def _cluster_lines(self) -> Lines:
        lines: Lines = [
            (Message("cluster {n}", n=row.cluster_id), self._cluster(row))
            for row in self.clusters.head(SHOWN).itertuples()
        ]
        if len(self.clusters) > SHOWN:
            weaker = Message("{n} weaker ones in .clusters", n=len(self.clusters) - SHOWN)
            lines.append((Message("further"), weaker))
        return lines

    def _cluster(self, row: Any) -> Message:
        names = str(row.venues).split("|")
        venues: str | Message = ", ".join(names[:4])
        if len(names) > 4:
            venues = Message("{names} and {n} more", names=venues, n=len(names) - 4)
        amount = quantity(row.observed)
        seen = Message("{n} events", n=amount)
        if self.unit == "session":
            seen = Message("{n} sessions", n=amount)
        said = Message(
            "{venues} ({radius:,.0f} m), {start} to {end}: {seen}, {expected:,.3g} expected; "
            "p {p:.4g} (Gumbel {gumbel:.2g}), log ratio {ratio:.3f}",
            venues=venues,
            radius=row.radius_m,
            start=str(row.start_local),
            end=str(row.end_local),
            seen=seen,
            expected=row.expected,
            p=row.p_value,
            gumbel=row.p_gumbel,
            ratio=row.statistic,
        )
        if pd.isna(row.recurrence_interval):
            return said
        days = row.recurrence_interval / pd.Timedelta("1D")
        return joined([said, Message("by chance once in {days:,.4g} days", days=days)])

    @property
    def title(self) -> Message:
        """Name of the test that was made."""
        return Message(
            "Space-time scan ({model}, {analysis})",
            model=CHOSEN[self.model],
            analysis=CHOSEN[self.analysis],
        )
