"""How much may this reader see? Three levels, and what each takes away.

``"analyst"`` shows what the tables hold. ``"briefing"`` puts pseudonyms for addresses, accounts
and contents, and leaves out columns the contracts do not know. ``"disclosure"`` shows no upload
at all: the forecast in two figures, and counts that are not small. What is taken away is taken out
of the tables before anything is drawn or written, not hidden afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.io.reasons import REASON_COLUMNS
from crimeloc.messages import Hint, Message
from crimeloc.plotting.ground_layers import names_in
from crimeloc.provenance import Input, Provenance
from crimeloc.report.content import BacktestSummary, Change, Content, Reasons, RowGroup
from crimeloc.report.privacy.aggregation import aggregated
from crimeloc.report.privacy.file_names import without_file_names
from crimeloc.report.privacy.pseudonyms import KINDS, Pseudonyms, without_folders
from crimeloc.report.privacy.reasons import without_quotes
from crimeloc.report.privacy.safe_clusters import CLUSTER_COLUMNS

__all__ = ["LEVELS", "redact"]

LEVELS = ("analyst", "briefing", "disclosure")
"""From the most to the least that a reader may see."""

_UPLOAD_COLUMNS = (
    "event_id",
    "timestamp",
    "timestamp_end",
    "tz",
    "ip",
    "handle",
    "content_hash",
    "source_row",
    "venue_id",
    "geometry",
    "weight",
    "how",
    "series_id",
    "series_weight",
    "cluster_id",
)
_REJECTED_COLUMNS = ("source_row", "column", *REASON_COLUMNS)
_PLACE_COLUMNS = ("venue_id", "name", "address", "venues", "brand")


def redact(
    content: Content, level: str, *, key: str | bytes | None = None, threshold: int = 5
) -> Content:
    """What of this content may a reader of this level see?

    Parameters
    ----------
    content : Content
        As `collect` gives it.
    level : str
        ``"analyst"``: everything. ``"briefing"``: pseudonyms for IP addresses, accounts and
        contents, also inside texts; ports and columns outside the contracts are left out. Ids
        and names of series that crimeloc made from the rows bear pseudonyms, too: guesses could
        be tried on them. ``"disclosure"``: no upload, no moment of one, no name of a file, no
        explanation that rests on single uploads; counts below the threshold withheld.
    key : str or bytes, optional
        Secret of at least 16 bytes for pseudonyms that stay the same from document to document;
        without it they are numbered within each. It is not kept.
    threshold : int
        Smallest count that may be told at the level ``"disclosure"``.

    Returns
    -------
    Content
        Of the same kind; `level` says what it holds. The content given is not changed.

    Raises
    ------
    ParameterError
        The level is not known, or shows more than the content still holds; the key is too short.

    Notes
    -----
    Tables that share a total are guarded against subtraction together: venues with the weight
    outside the register, hours of the week, certain and uncertain uploads; a cluster is left out
    if it and the venues it lies at would differ by a small count. Chances are told to two
    figures: from a share told in full one could reckon the count behind it. The order of
    venues stays. Names of venues are from a public register and stay. Series keep their name,
    which is a pseudonym already; one that is an account's name is replaced like any other.
    """
    if level not in LEVELS:
        expected = " or ".join(repr(name) for name in LEVELS)
        raise ParameterError(
            "level", found=repr(level), expected=expected, hint=Hint(level="briefing")
        )
    have, want = LEVELS.index(content.level), LEVELS.index(level)
    if want < have:
        raise ParameterError(
            "level",
            found=repr(level),
            expected=Message("at most what is left, {level}", level=repr(content.level)),
            hint=Hint(level=content.level),
        )
    if threshold < 2 or (want == have == 2 and threshold > content.threshold):
        least = content.threshold if have == 2 else 5
        raise ParameterError(
            "threshold",
            found=threshold,
            expected="at least 2, and at most what was withheld",
            hint=Hint(threshold=least),
        )
    veil = Pseudonyms(content.secrets, key)
    if want == have:
        return content
    veiled = _veiled(content, veil) if have == 0 else content
    if level == "briefing":
        return veiled if content.settings.file_names else without_file_names(veiled)
    return aggregated(without_file_names(veiled), threshold)


def _veiled(content: Content, veil: Pseudonyms) -> Content:
    """Put pseudonyms for addresses, accounts and contents, wherever they stand."""
    summary, settings = content.summary, content.settings
    return replace(
        content,
        summary=replace(
            summary,
            series=tuple(veil.scrub(name) for name in summary.series),
            venues=_places(summary.venues, veil),
            slots=_places(summary.slots, veil),
            located=_uploads(summary.located, veil),
        ),
        register=_places(content.register, veil),
        clusters=_maybe(content.clusters, veil),
        scan=_maybe(content.scan, veil),
        areas=None if content.areas is None else content.areas[[content.areas.geometry.name]],
        districts=_outlines(content.districts, veil),
        backtest=_backtest(content.backtest, veil),
        caution=None if content.caution is None else veil.scrub(content.caution),
        reasons=_explained(content.reasons, veil),
        changes=tuple(_change(change, veil) for change in content.changes),
        habits=tuple(veil.scrub(text) for text in content.habits),
        layers={veil.scrub(name): _own(table, veil) for name, table in content.layers.items()},
        rows=tuple(_row_group(group, veil) for group in content.rows),
        judged=content.judged.assign(how=veil.texts(content.judged["how"])),
        rejected=_rejected(content.rejected, veil),
        notes=tuple(veil.scrub(note) for note in content.notes),
        records=tuple(_record(item, veil) for item in content.records),
        inputs=tuple(_named(item, veil) for item in content.inputs),
        settings=replace(
            settings,
            title=None if settings.title is None else veil.scrub(settings.title),
            banner=None if settings.banner is None else veil.scrub(settings.banner),
        ),
        level="briefing",
        secrets={},
    )


def _change(change: Change, veil: Pseudonyms) -> Change:
    move = change.move
    if move is not None:
        move = move._replace(texts=(veil.scrub(move.texts[0]), veil.scrub(move.texts[1])))
    return change._replace(text=veil.scrub(change.text), move=move)


def _own(table: gpd.GeoDataFrame, veil: Pseudonyms) -> gpd.GeoDataFrame:
    """Keep of the analyst's own layer its places and their names."""
    names = names_in(table)
    kept = gpd.GeoDataFrame(geometry=gpd.GeoSeries(table.geometry))
    return kept.assign(name=veil.texts(pd.Series(names, index=kept.index))) if names else kept


def _explained(reasons: Reasons, veil: Pseudonyms) -> Reasons:
    return Reasons(
        {
            veil.addresses(venue): tuple(veil.scrub(line) for line in lines)
            for venue, lines in reasons.lines.items()
        },
        {veil.addresses(venue): veil.scrub(text) for venue, text in reasons.venues.items()},
        {
            (veil.addresses(venue), start): veil.scrub(text)
            for (venue, start), text in reasons.slots.items()
        },
    )


def _row_group(group: RowGroup, veil: Pseudonyms) -> RowGroup:
    return replace(
        group,
        rows=_uploads(group.rows, veil),
        venue_id=veil.addresses(group.venue_id),
        name=veil.addresses(group.name),
    )


def _uploads(located: pd.DataFrame, veil: Pseudonyms) -> pd.DataFrame:
    known = [name for name in _UPLOAD_COLUMNS if name in located.columns]
    table = located[known].copy()
    for name in known:
        if name in KINDS:
            table[name] = veil.column(name, table[name])
        elif name in ("event_id", "how", "series_id"):
            table[name] = veil.texts(table[name])
        elif name == "venue_id":
            table[name] = _addresses(table[name], veil)
    return table


def _places(table: Any, veil: Pseudonyms) -> Any:
    """Free the texts of a table of places from addresses; names of the register stay."""
    result = table.copy()
    for name in _PLACE_COLUMNS:
        if name in result.columns:
            result[name] = _addresses(result[name], veil)
    if "series_id" in result.columns:
        result["series_id"] = veil.texts(result["series_id"])
    return result


def _addresses(values: pd.Series, veil: Pseudonyms) -> pd.Series:
    text = values.astype("object")
    clean = {value: veil.addresses(str(value)) for value in text.dropna().unique()}
    return text.map(clean, na_action="ignore").astype("str")


def _maybe(table: gpd.GeoDataFrame | None, veil: Pseudonyms) -> gpd.GeoDataFrame | None:
    if table is None:
        return None
    known = [name for name in (*CLUSTER_COLUMNS, "observed", "expected") if name in table.columns]
    return _places(table[known], veil)


def _rejected(
    rejected: Mapping[str, pd.DataFrame] | None, veil: Pseudonyms
) -> dict[str, pd.DataFrame] | None:
    if rejected is None:
        return None
    result = {}
    for name, table in rejected.items():
        clean = table[[column for column in _REJECTED_COLUMNS if column in table.columns]].copy()
        if "reason" in clean.columns:
            clean = without_quotes(clean, ("shown",), veil)
        result[veil.scrub(name)] = clean
    return result


def _outlines(districts: gpd.GeoDataFrame | None, veil: Pseudonyms) -> gpd.GeoDataFrame | None:
    """Free the texts of a boundary file from accounts and addresses."""
    if districts is None:
        return None
    result = districts.copy()
    for name in result.columns:
        if name != result.geometry.name and result[name].dtype.kind not in "biufcmM":
            result[name] = veil.texts(result[name])
    return result


def _record(record: Provenance, veil: Pseudonyms) -> Provenance:
    return replace(
        record,
        parameters={
            name: veil.scrub(without_folders(text)) for name, text in record.parameters.items()
        },
        inputs=tuple(_named(item, veil) for item in record.inputs),
    )


def _named(item: Input, veil: Pseudonyms) -> Input:
    """Name a file without its folders and without accounts."""
    return replace(item, name=veil.scrub(without_folders(item.name)))


def _backtest(backtest: BacktestSummary | None, veil: Pseudonyms) -> BacktestSummary | None:
    if backtest is None:
        return None
    return replace(
        backtest,
        notes=tuple(veil.scrub(note) for note in backtest.notes),
        series=tuple(veil.scrub(name) for name in backtest.series),
    )
