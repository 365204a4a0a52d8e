"""Which uploads are one offender's, how sure is that, and what holds them together?"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crimeloc.drawing import Plotted
from crimeloc.errors import ParameterError
from crimeloc.linking import result_tables as dress
from crimeloc.linking.constraints import Told, as_events, read_told, refuse_contradictions
from crimeloc.linking.entities import gather
from crimeloc.linking.log_arrays import Floats, Ints, Log, read_log
from crimeloc.linking.model import comparisons as evidence
from crimeloc.linking.model.blocking import candidates
from crimeloc.linking.model.fellegi_sunter import Weights
from crimeloc.linking.model.grouping import group
from crimeloc.linking.model.training import Labels, learn, total
from crimeloc.linking.series_names import name_series
from crimeloc.linking.similarity.copies import all_copies
from crimeloc.linking.similarity.embedding_levels import Similar
from crimeloc.linking.similarity.embeddings import Calibration
from crimeloc.messages import Hint
from crimeloc.provenance import Provenance, record

__all__ = ["Diagnostics", "Links", "link_events"]


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
class Links(Plotted):
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
    series : DataFrame
        One row per series: ``series_id``, ``n_events``, ``n_accounts``, ``start``, ``end``.
    diagnostics : Diagnostics
        Bridges, weak groups, shared accounts, reposters, common content, notes.
    weights : Weights
        What each level of each kind of evidence is worth (``weights.table()``).
    told : DataFrame
        ``must_link`` and ``cannot_link`` as given, with who and why.
    provenance : Provenance
        What made this result.
    """

    events: pd.DataFrame
    pairs: pd.DataFrame
    series: pd.DataFrame
    diagnostics: Diagnostics
    weights: Weights
    told: pd.DataFrame
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
        kinds = dress.evidence_columns(table)
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


def link_events(
    located: pd.DataFrame,
    *,
    must_link: Told = None,
    cannot_link: Told = None,
    parameters: Mapping[str, object] | None = None,
    labels: Labels = None,
    previous: Links | pd.DataFrame | None = None,
    threshold: float = 0.95,
    accounts: Sequence[str] | None = None,
    marks: Sequence[str] | None = None,
    radius: int = 31,
    min_quality: float = 50.0,
    common_after: int = 12,
    hashes: Mapping[str, int] | None = None,
    frames: str | None = None,
    calibrations: Mapping[str, Calibration] | None = None,
    tz: str | None = None,
) -> Links:
    """Which uploads are one offender's?

    Parameters
    ----------
    located : DataFrame
        LOCATED (several rows per event are one event with several candidate venues) or EVENTS.
    must_link, cannot_link : DataFrame or iterable of tuples, optional
        ``(event_id_1, event_id_2, who, why)``. Both are obeyed and recorded.
    parameters : mapping, optional
        Given weights: ``{"prior": 1e-4, "venue": [[...], [...]]}`` with the probabilities of each
        level for linked and unlinked pairs; what is not named is learned.
    labels : Series or mapping, optional
        Known persons by ``event_id``: the weights are counted from them instead of learned.
    previous : Links or DataFrame, optional
        An earlier result: series keep their names.
    threshold : float
        Probability above which two groups of uploads are joined.
    accounts, marks : sequence of str, optional
        Columns that name the account (the first that is there: ``account``, ``handle``) and
        further marks of a person (``device``, ``fingerprint``, ``payment``, ``email``, ``phone``).
    radius : int
        Bits by which content hashes may differ and still be copies.
    min_quality : float
        Hashes with a ``hash_quality`` below this are not used.
    common_after : int
        Content that more accounts than this carry is common and says nothing.
    hashes : mapping of str to int, optional
        Further columns of hexadecimal hashes of one fixed length (TMK-style video hashes, audio
        hashes), each with its own radius in bits: ``{"tmk_hash": 40}``. A column
        ``<name>_quality`` is held against `min_quality`.
    frames : str, optional
        Column of vPDQ frame lists: for each upload lines ``frame,quality,hash,seconds``, as a list
        or as one text with line ends or semicolons.
    calibrations : mapping of str to Calibration, optional
        What similarities of the embeddings in a column are worth, as `calibrate_similarity` gives
        it. Columns ``*_embedding`` without one are not used, and a note says so.
    tz : str, optional
        Zone of the clocks at the venues; by default the table's own.

    Returns
    -------
    Links
        The table with ``series_id`` and ``series_weight``, the pairs, and what to look at. An
        upload that nothing ties to another one is in no series.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        An argument cannot be used, a hash is malformed, or what was told contradicts itself.

    Notes
    -----
    Uploads of one account form a packet, unless the account looks shared (devices at home in
    several other accounts, or journeys no one can have made): then its uploads are parted by
    device, and visits without one are given to the account's users by place and hour, or left.
    Packets that share something not too common (a mark, near copies, a sitting, two favourite
    venues) are compared by levels of agreement; m, u and the prior come from EM over these pairs
    and an even sample of all others. Groups are joined best first while the mean over all their
    pairs stays above the threshold. Values missing on a side count as no evidence.

    Held fixed: levels, limits per kind of evidence. Random: nothing (the sample for u is the same
    every time). What can fool it: accounts sold on, devices of a venue used by one person only,
    two people who always sit together. Cost: n log n for n uploads, plus the candidate pairs, of
    which a value carried by more than 30 packets yields none (this is noted).

    Departures from Fellegi and Sunter: packets instead of records, and limits on how much a habit
    may weigh, since uploads of one habit are not independent.

    References
    ----------
    Fellegi, Sunter (1969), A theory for record linkage. Porter, Reich (2016), Partially-supervised
    spatiotemporal clustering for burglary crime series identification.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "event_id": ["E1", "E2", "E3"],
    ...     "timestamp": pd.to_datetime(["2026-03-01", "2026-03-02", "2026-03-03"], utc=True),
    ...     "handle": ["morae", "morae", "dapaso"],
    ... })
    >>> link_events(events).events["series_id"].isna().tolist()
    [False, False, True]
    """
    if not 0.5 <= threshold < 1:
        raise ParameterError(
            "threshold", found=threshold, expected="0.5 to 1", hint=Hint(threshold=0.95)
        )
    told_must = read_told(must_link, "must_link")
    told_cannot = read_told(cannot_link, "cannot_link")
    log = read_log(
        located, accounts=accounts, marks=marks, min_quality=min_quality, tz=tz, radius=radius
    )
    must_event = as_events(told_must, log, "must_link")
    cannot_event = as_events(told_cannot, log, "cannot_link")
    spoken = np.unique(np.concatenate([*must_event, *cannot_event]))
    packets = gather(log, _apart(log, must_event, cannot_event), spoken)
    near = all_copies(
        located,
        log,
        radius=radius,
        min_quality=min_quality,
        common_after=common_after,
        hashes=hashes,
        frames=frames,
    )
    copies, log = near.pairs, near.log
    p = evidence.profile(log, packets.of, packets.n, copies)
    must = (packets.of[must_event[0]], packets.of[must_event[1]])
    cannot = (packets.of[cannot_event[0]], packets.of[cannot_event[1]])

    similar = Similar(located, log.row, packets.of, packets.n, calibrations)
    i, j, skipped = candidates(packets, p, must, similar.candidates())
    kinds = evidence.levels(p, i, j, packets.personal)
    weights = learn(p, packets, kinds, i, j, labels, parameters, log)

    def scored(found: dict[str, evidence.Levels], a: Ints, b: Ints) -> Floats:
        rare = evidence.rarity(p, found, a, b, packets.personal)
        return total(found, weights) + sum(rare.values(), similar.total(a, b))

    def more(a: Ints, b: Ints) -> Floats:
        return scored(evidence.levels(p, a, b, packets.personal), a, b)

    bar = float(np.log2(threshold / (1 - threshold)))
    groups = group(i, j, scored(kinds, i, j), p.events, more, bar, must, cannot)
    refuse_contradictions(groups.of, cannot_event, packets.of, log)
    series, sure = dress.place(log, packets, p, groups, copies)
    earlier = previous.events if isinstance(previous, Links) else previous
    names = name_series(series, log.event_id, earlier)
    table = dress.dress(located, log, series, sure, names)
    pairs, one, two = dress.pair_table(log, packets, p, groups, weights, series, names, similar)
    found = dress.find_bridges(pairs, one, two, bar)
    notes = [
        *log.notes,
        *similar.notes,
        *(f"{n:,} {what} lead to no pair" for what, n in skipped.items()),
    ]
    if near.n_common:
        notes.append(f"{near.n_common:,} hashes of common content say nothing")
    diagnostics = Diagnostics(
        bridges=found[0],
        weak_groups=found[1],
        shared_accounts=dress.shared_accounts(log, packets, series),
        reposters=dress.reposter_table(log, packets, p, copies, series, names),
        common_content=near.common,
        refused=dress.refused_table(log, packets, groups),
        notes=tuple(notes),
    )
    told = [told_must.assign(told="must_link"), told_cannot.assign(told="cannot_link")]
    settings = {
        "threshold": threshold,
        "radius": radius,
        "min_quality": min_quality,
        "common_after": common_after,
        "weights": weights.how,
        "must_link": len(told_must),
        "cannot_link": len(told_cannot),
        "hashes": dict(hashes or {}),
        "frames": frames,
    }
    return Links(
        events=table,
        pairs=pairs,
        series=dress.series_table(log, series, names),
        diagnostics=diagnostics,
        weights=weights,
        told=pd.concat(told, ignore_index=True),
        provenance=record("link_events", settings, n_in=len(located), n_out=len(table)),
    )


def _apart(log: Log, must: tuple[Ints, Ints], cannot: tuple[Ints, Ints]) -> Ints:
    """Uploads that must stand alone: told apart from another upload of their account."""
    a, b = cannot
    inside = (log.account[a] >= 0) & (log.account[a] == log.account[b])
    split = np.unique(log.account[a[inside]])
    joined = np.concatenate(must)
    return np.unique(
        np.concatenate([a[inside], b[inside], joined[np.isin(log.account[joined], split)]])
    )
