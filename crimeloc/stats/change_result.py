"""When series moved, changed their hours or stopped, and how that is said."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from crimeloc.messages import Message
from crimeloc.provenance import Provenance
from crimeloc.stats._words import Lines, Spoken, seed_line

__all__ = ["Changes"]


@dataclass(frozen=True)
class Changes(Spoken):
    """When series moved, changed their hours, or probably stopped.

    Parameters
    ----------
    changes : DataFrame
        One row per move and change of hours found: ``series_id``, ``kind`` (``"place"`` or
        ``"hours"``), ``at`` (first visit after it, UTC), ``at_local``, ``last_before`` (last visit
        before it, UTC), ``n_before``, ``n_after`` (visits), ``shift`` and ``unit`` (metres between
        the middles, or hours between the mean hours), ``statistic``, ``p_value``, ``p_adjusted``.
    tests : DataFrame
        The same for every test made, with ``found``.
    silences : DataFrame
        One row per series: ``since`` (its last upload, UTC), ``since_local``, ``n_visits``,
        ``silent_days``, ``longest_gap_days`` (between visits), ``p_value``, ``p_adjusted`` and
        ``found``: is it probably no longer active?
    alpha : float
        Largest p-value of a change (the adjusted one, where p-values are adjusted).
    adjust : str or None
        How p-values are adjusted for the number of tests.
    at : Timestamp
        The moment asked about; nothing from then on was looked at.
    n_permutations : int
        Worlds of each test.
    provenance : Provenance
        What made this result.
    """

    changes: pd.DataFrame
    tests: pd.DataFrame = field(repr=False)
    silences: pd.DataFrame = field(repr=False)
    alpha: float
    adjust: str | None
    at: pd.Timestamp
    n_permutations: int
    provenance: Provenance = field(repr=False)

    @property
    def moved(self) -> pd.DataFrame:
        """The moves: from when on, and how far."""
        return self.changes[self.changes["kind"] == "place"].reset_index(drop=True)

    @property
    def new_hours(self) -> pd.DataFrame:
        """The changes of hours: from when on, and by how much."""
        return self.changes[self.changes["kind"] == "hours"].reset_index(drop=True)

    @property
    def stopped(self) -> pd.DataFrame:
        """The series that probably stopped, and since when."""
        found = self.silences[self.silences["found"]]
        return found.drop(columns="found").reset_index(drop=True)

    @property
    def title(self) -> Message:
        """What was found in how many tests."""
        return Message(
            "Changes: {n} found in {tests} tests, {stopped} of {all} series probably stopped",
            n=len(self.changes),
            tests=len(self.tests),
            stopped=int(self.silences["found"].sum()),
            all=len(self.silences),
        )

    @property
    def held_fixed(self) -> Message:
        """What every world has in common with the real one."""
        return Message(
            "the visits of the series: their places and hours, how often it stays at a venue, and "
            "how alike the hours of successive visits are"
        )

    @property
    def shuffled(self) -> Message:
        """What chance decided."""
        return Message("the order in which it arrives at places, and the order of its hours")

    @property
    def caveats(self) -> Message:
        """What else than a change can make a p-value small, or hide one."""
        return Message(
            "a habit that drifts or alternates for months at a time is cut as if it had changed; "
            "few visits, or a single venue for weeks on end, hide a move; a change of how events "
            "are located looks like a move; a holiday or a gap in the log looks like an end; "
            "many series without adjust: about one false change in {n:.0f} tests",
            n=1 / self.alpha,
        )

    def lines(self) -> Lines:
        """Give the findings, and what they rest on."""
        found: Lines = [
            (Message("{series}", series=row.series_id), self._change(row))
            for row in self.changes.itertuples()
        ]
        found += [
            (
                Message("{series}", series=row.series_id),
                Message(
                    "probably stopped since {at} (silent for {days:.0f} days, at most "
                    "{longest:.0f} before; p = {p:.3g})",
                    at=f"{row.since_local:%Y-%m-%d %H:%M}",
                    days=row.silent_days,
                    longest=row.longest_gap_days,
                    p=row.p_adjusted,
                ),
            )
            for row in self.stopped.itertuples()
        ]
        return [
            *found,
            (Message("asked at"), str(self.at)),
            (Message("held fixed"), self.held_fixed),
            (
                Message("shuffled"),
                Message("{what} ({n:number} times)", what=self.shuffled, n=self.n_permutations),
            ),
            seed_line(self.provenance.seed),
            (Message("can fool it"), self.caveats),
        ]

    def _change(self, row: object) -> Message:
        quoted = {
            "shift": getattr(row, "shift"),  # noqa: B009  (itertuples has no types)
            "at": f"{getattr(row, 'at_local'):%Y-%m-%d %H:%M}",  # noqa: B009
            "before": getattr(row, "n_before"),  # noqa: B009
            "after": getattr(row, "n_after"),  # noqa: B009
            "p": getattr(row, "p_adjusted"),  # noqa: B009
        }
        if getattr(row, "kind") == "place":  # noqa: B009
            return Message(
                "moved by {shift:,.3g} m at {at} ({before} visits before, {after} after, p = "
                "{p:.3g})",
                **quoted,
            )
        return Message(
            "new hours, {shift:.1f} h apart, at {at} ({before} visits before, {after} after, p = "
            "{p:.3g})",
            **quoted,
        )
