"""Which uploads are one offender's, how sure is that, and what holds them together?"""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crimeloc.drawing import LinksDrawings
from crimeloc.errors import ParameterError
from crimeloc.linking.model.fellegi_sunter import Weights
from crimeloc.linking.pair_tables import evidence_columns
from crimeloc.provenance import Provenance
from crimeloc.saved_results import Saved

__all__ = ["Diagnostics", "Links"]


@dataclass(frozen=True, repr=False)
class Diagnostics:
    """What an analyst should look at before trusting a series.

    Parameters
    ----------
    bridges : DataFrame
        Pairs that alone hold two parts of a series together: ``series_id``, ``event_id_1``,
        ``event_id_2``, ``n_1``, ``n_2``, ``score``.
    weak_groups : DataFrame
        Series held together by a single pair whose score is less than 6 bits above the threshold.
    shared_accounts : DataFrame
        Accounts that several people use: ``account``, ``n_events``, ``n_placed``, ``reason``.
    reposters : DataFrame
        Accounts that mostly carry what others had uploaded before: ``account``, ``series_id``,
        ``n_events``, ``n_taken``, ``n_sources``.
    common_content : DataFrame
        Hashes that so many accounts carry that they say nothing.
    refused : DataFrame
        Pairs that would have been joined but for ``cannot_link``.
    notes : tuple of str
        Evidence that was not used, work that was capped, and why.
    """

    bridges: pd.DataFrame
    weak_groups: pd.DataFrame
    shared_accounts: pd.DataFrame
    reposters: pd.DataFrame
    common_content: pd.DataFrame
    refused: pd.DataFrame
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """Say how many there are of each; the tables name accounts, a printed line does not."""
        lines = [
            f"{len(getattr(self, name)):,} in {name}"
            for name in self.__dataclass_fields__
            if name != "notes"
        ]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Links(LinksDrawings, Saved):
    """Uploads with the series they are held to belong to.

    Parameters
    ----------
    events : DataFrame
        The table as it was given, with ``series_id`` (missing: in no series) and
        ``series_weight`` (probability of belonging to it).
    pairs : DataFrame
        One row per pair that was weighed: ``event_id_1``, ``event_id_2`` (an upload of each side),
        ``n_1``, ``n_2`` (uploads each side stands for), ``basis``, ``prior`` and one column per
        kind of evidence, in bits, that sum to ``score``; ``probability``; ``linked``.
    considered : DataFrame
        Pairs that were compared and not joined, the nearest first (at most 10,000), with the same
        columns of evidence; ``reason`` says why: ``score`` (too little evidence),
        ``others_of_the_group`` (enough by itself, but not with the others that either is joined
        with), ``cannot_link``; ``together``: they come to venues together far more often than by
        chance, so that what they share there is no evidence.
    series : DataFrame
        One row per series, first the one that most deserves a look: ``series_id``, ``n_events``,
        ``n_accounts``, ``start``, ``end``, ``n_visits``, ``n_venues``, ``per_month`` (uploads a
        month by now, halving every 30 days), ``certainty`` (mean ``series_weight``), ``returns``
        (share of its visits, after the first, to a venue it had used before), and ``priority``,
        the product of the last three: how many uploads a month a forecast may meet.
    diagnostics : Diagnostics
        Bridges, weak groups, shared accounts, reposters, common content, notes.
    weights : Weights
        What each level of each kind of evidence is worth (``weights.table()``).
    constraints : DataFrame
        ``must_link`` and ``cannot_link`` as given, with who and why.
    provenance : Provenance
        What made this result.
    """

    _kind = "links"

    events: pd.DataFrame
    pairs: pd.DataFrame
    considered: pd.DataFrame
    series: pd.DataFrame
    diagnostics: Diagnostics
    weights: Weights
    constraints: pd.DataFrame
    provenance: Provenance

    def waterfall(self, event_1: str, event_2: str) -> pd.DataFrame:
        """How does the evidence on the pair behind these two uploads add up?

        Parameters
        ----------
        event_1, event_2 : str
            Two uploads, as named in `pairs`.

        Returns
        -------
        DataFrame
            ``evidence``, ``bits``, ``from`` and ``to`` (running sum), ready for a waterfall chart;
            the last row is the score.

        Raises
        ------
        ParameterError
            No such pair was weighed.
        """
        table = self.pairs
        there = ((table["event_id_1"] == event_1) & (table["event_id_2"] == event_2)) | (
            (table["event_id_1"] == event_2) & (table["event_id_2"] == event_1)
        )
        if not there.any():
            found = f"{event_1}, {event_2}"
            raise ParameterError(
                "event_1", found=found, expected="a pair of links.pairs", hint="links.pairs.head()"
            )
        row = table[there].iloc[0]
        kinds = evidence_columns(table)
        bits = row[kinds].to_numpy(dtype=np.float64)
        to = np.cumsum(bits)
        keep = (bits != 0) | (np.array(kinds) == "prior")
        steps = pd.DataFrame({"evidence": kinds, "bits": bits, "from": to - bits, "to": to})[keep]
        last = {"evidence": ["score"], "bits": [to[-1]], "from": [0.0], "to": [to[-1]]}
        return pd.DataFrame(pd.concat([steps, pd.DataFrame(last)], ignore_index=True))

    def __str__(self) -> str:
        """Say in a few lines what was linked."""
        return "\n".join(self._lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<p>{html.escape(line)}</p>" for line in self._lines())
        return f"<div>{head}{self.series.head(10).to_html(index=False)}</div>"

    def _lines(self) -> list[str]:
        once = self.events.drop_duplicates("event_id")
        placed = int(once["series_id"].notna().sum())
        d = self.diagnostics
        count = len(self.series)
        rest = len(once) - placed
        lines = [
            f"{len(once):,} uploads: {placed:,} in {count:,} series, {rest:,} in none",
            f"  evidence weighed by {self.weights.how}; {len(self.pairs):,} pairs listed",
            f"  look at: {len(d.bridges):,} bridges, {len(d.weak_groups):,} weak groups",
            f"  {len(d.shared_accounts):,} shared accounts, {len(d.reposters):,} reposters",
        ]
        return lines + [f"  note: {note}" for note in d.notes]
