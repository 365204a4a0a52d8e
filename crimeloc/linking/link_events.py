"""The verb: from a log of uploads to series of one offender each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.linking import result_tables as tables
from crimeloc.linking.constraints import (
    Constraints,
    as_pairs,
    kept_apart,
    named_uploads,
    read_constraints,
    refuse_contradictions,
    resolve,
    whole_accounts,
)
from crimeloc.linking.entities import build_entities
from crimeloc.linking.links import Diagnostics, Links
from crimeloc.linking.log_arrays import Columns, Floats, Ints, read_log
from crimeloc.linking.membership import place
from crimeloc.linking.model import comparisons
from crimeloc.linking.model.blocking import candidates
from crimeloc.linking.model.grouping import group
from crimeloc.linking.model.profiles import profile
from crimeloc.linking.model.training import Labels, learn, total
from crimeloc.linking.pair_tables import Compared, considered_table, find_bridges, pair_table
from crimeloc.linking.series_names import name_series
from crimeloc.linking.series_table import series_table
from crimeloc.linking.similarity.copies import all_copies
from crimeloc.linking.similarity.embedding_levels import Similar
from crimeloc.linking.similarity.embeddings import Calibration
from crimeloc.messages import Hint
from crimeloc.provenance import record

__all__ = ["link_events"]


def link_events(
    located: pd.DataFrame,
    *,
    must_link: Constraints = None,
    cannot_link: Constraints = None,
    parameters: Mapping[str, object] | None = None,
    labels: Labels = None,
    previous: Links | pd.DataFrame | None = None,
    threshold: float = 0.95,
    accounts: Sequence[str] | None = None,
    identifiers: Sequence[str] | None = None,
    hash_radius_bits: int = 31,
    min_quality: float = 50.0,
    max_accounts_per_hash: int = 12,
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
    must_link, cannot_link : DataFrame, iterable of tuples, or path of a CSV file, optional
        What somebody knows: ``(event_id_1, event_id_2, who, why)``. ``"account:morae"`` in place
        of an upload names all uploads of an account, ``"series:S-1a2b3c4d"`` all of a series of
        `previous`. Tables and files have the columns ``by`` (``event``, ``account`` or
        ``series``), ``one``, ``two``, ``who``, ``why``. Both are certain and recorded: uploads
        named in `must_link` have the ``series_weight`` 1.
    parameters : mapping, optional
        Given weights: ``{"prior": 1e-4, "venue": [[...], [...]]}`` with the probabilities of each
        level for linked and unlinked pairs; what is not named is learned.
    labels : Series or mapping, optional
        Known persons by ``event_id``: the weights are counted from them instead of learned.
    previous : Links or DataFrame, optional
        An earlier result: series keep their names.
    threshold : float
        Probability above which two groups of uploads are joined.
    accounts, identifiers : sequence of str, optional
        Columns that name the account (the first that is there: ``account``, ``handle``) and
        further identifiers of a person (``device``, ``fingerprint``, ``payment``, ``email``,
        ``phone``).
    hash_radius_bits : int
        Bits by which content hashes may differ and still be copies.
    min_quality : float
        Hashes with a ``hash_quality`` below this are not used.
    max_accounts_per_hash : int
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
        An argument cannot be used, a hash is malformed, or the constraints contradict each other.

    Notes
    -----
    Uploads of one account form an entity, unless the account looks shared (devices at home in
    several other accounts, or travel that nobody can have made): then its uploads are parted by
    device, and visits without one are given to the account's users by place and hour, or left.
    Entities that share something not too common (an identifier, near copies, co-location, two
    favourite venues) are compared by levels of agreement; m, u and the prior come from EM over
    these pairs and an even sample of all others. Groups are joined best first while the mean over
    all their pairs stays above the threshold. Values missing on a side count as no evidence.

    Held fixed: levels, limits per kind of evidence. Random: nothing (the sample for u is the same
    every time). What can fool it: accounts sold on, devices of a venue used by one person only,
    two people who always sit together. Cost: n log n for n uploads, plus the candidate pairs, of
    which a value carried by more than 30 entities yields none (this is noted).

    Departures from Fellegi and Sunter: entities instead of records, and limits on how much a habit
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
    must_rows = read_constraints(must_link, "must_link")
    cannot_rows = read_constraints(cannot_link, "cannot_link")
    columns = Columns(accounts, identifiers, "content_hash", min_quality, hash_radius_bits, tz)
    log = read_log(located, columns)
    earlier = previous.events if isinstance(previous, Links) else previous
    must = resolve(must_rows, log, earlier, "must_link")
    cannot = resolve(cannot_rows, log, earlier, "cannot_link")
    apart, whole = kept_apart(log, must, cannot), whole_accounts(log, must)
    entities = build_entities(log, apart, named_uploads([*must, *cannot]), whole)
    given = as_pairs(must, cannot, entities.of)
    near = all_copies(
        located,
        log,
        radius=hash_radius_bits,
        min_quality=min_quality,
        max_accounts_per_hash=max_accounts_per_hash,
        hashes=hashes,
        frames=frames,
    )
    copies, log = near.pairs, near.log
    p = profile(log, entities.of, entities.n, copies, entities.personal)
    refuse_contradictions(given, p.first_upload, log)
    similar = Similar(located, log.row, entities.of, entities.n, calibrations)
    i, j, skipped = candidates(entities, p, given.must, similar.candidates())
    kinds = comparisons.levels(p, i, j)
    weights = learn(p, entities, kinds, i, j, labels, parameters, log)

    def scored(found: dict[str, comparisons.Levels], a: Ints, b: Ints) -> Floats:
        rare = comparisons.term_frequency(p, found, a, b)
        return total(found, weights) + sum(rare.values(), similar.total(a, b))

    def more(a: Ints, b: Ints) -> Floats:
        return scored(comparisons.levels(p, a, b), a, b)

    bar = float(np.log2(threshold / (1 - threshold)))
    groups = group(i, j, scored(kinds, i, j), p.events, more, bar, given.must, given.cannot)
    series, sure = place(log, entities, p, groups, copies, given)
    names = name_series(series, log.event_id, earlier)
    table = tables.with_series(located, log, series, sure, names)
    compared = Compared(log, entities, p, groups, weights, similar)
    pairs, one, two = pair_table(compared, series, names)
    considered, further = considered_table(compared, given.cannot, bar)
    found = find_bridges(pairs, one, two, bar)
    notes = [
        *log.notes,
        *similar.notes,
        *(f"{n:,} {what} lead to no pair" for what, n in skipped.items()),
    ]
    if further:
        notes.append(f"{further:,} further pairs that were not joined are not listed")
    if near.n_common:
        notes.append(f"{near.n_common:,} hashes of common content say nothing")
    diagnostics = Diagnostics(
        bridges=found[0],
        weak_groups=found[1],
        shared_accounts=tables.shared_accounts(log, entities, series),
        reposters=tables.reposter_table(log, entities, p, copies, series, names),
        common_content=near.common,
        refused=tables.refused_table(log, entities, groups),
        notes=tuple(notes),
    )
    constraints = [must_rows.assign(kind="must_link"), cannot_rows.assign(kind="cannot_link")]
    settings = {
        "threshold": threshold,
        "hash_radius_bits": hash_radius_bits,
        "min_quality": min_quality,
        "max_accounts_per_hash": max_accounts_per_hash,
        "weights": weights.how,
        "must_link": len(must_rows),
        "cannot_link": len(cannot_rows),
        "hashes": dict(hashes or {}),
        "frames": frames,
    }
    return Links(
        events=table,
        pairs=pairs,
        considered=considered,
        series=series_table(log, series, sure, names),
        diagnostics=diagnostics,
        weights=weights,
        constraints=pd.concat(constraints, ignore_index=True),
        provenance=record("link_events", settings, n_in=len(located), n_out=len(table)),
    )
