"""How much may this reader see? Three levels, and what each takes away.

``"analyst"`` shows what the tables hold. ``"briefing"`` puts pseudonyms for addresses, accounts
and contents, and leaves out columns the contracts do not know. ``"disclosure"`` shows no upload
at all: the forecast in two figures, and counts that are not small. What is taken away is taken out
of the tables before anything is drawn or written, not hidden afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.provenance import Input, Provenance
from crimeloc.report.content import Content, Shown
from crimeloc.report.privacy.pseudonyms import KINDS, Pseudonyms, without_folders
from crimeloc.report.privacy.safe_clusters import CLUSTER_COLUMNS, safe_clusters
from crimeloc.report.privacy.suppression import small, told, two_figures, withheld
from crimeloc.report.ranker_notes import Held

__all__ = ["LEVELS", "disclose"]

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
_WARM_COLUMNS = ("timestamp", "venue_id", "geometry", "weight", "series_weight")
_REJECTED_COLUMNS = ("source_row", "reason", "column")
_PLACE_COLUMNS = ("venue_id", "name", "address", "venues", "brand")


def disclose(
    content: Content, level: str, *, key: str | bytes | None = None, threshold: int = 5
) -> Content:
    """What of this content may a reader of this level see?

    Parameters
    ----------
    content : Content
        As `collect` gives it.
    level : str
        ``"analyst"``: everything. ``"briefing"``: pseudonyms for IP addresses, accounts and
        contents, also inside texts; ports and columns outside the contracts are left out.
        ``"disclosure"``: no upload, no moment of one, no explanation that rests on single
        uploads; counts below the threshold withheld.
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
        return veiled
    return _aggregated(veiled, threshold)


def _veiled(content: Content, veil: Pseudonyms) -> Content:
    """Put pseudonyms for addresses, accounts and contents, wherever they stand."""
    case = content.case
    located = _uploads(case.located, veil)
    return replace(
        content,
        case=replace(
            case,
            series=tuple(veil.scrub(name) for name in case.series),
            venues=_places(case.venues, veil),
            slots=_places(case.slots, veil),
            located=located,
        ),
        register=_places(content.register, veil),
        warm=located,
        clusters=_maybe(content.clusters, veil),
        scan=_maybe(content.scan, veil),
        areas=None if content.areas is None else content.areas[[content.areas.geometry.name]],
        districts=_outlines(content.districts, veil),
        rejected=_rejected(content.rejected, veil),
        records=tuple(_record(item, veil) for item in content.records),
        inputs=tuple(_named(item, veil) for item in content.inputs),
        replay=_replay(content.replay, veil),
        caution=None if content.caution is None else veil.scrub(content.caution),
        explained={
            veil.addresses(venue): [veil.scrub(line) for line in lines]
            for venue, lines in content.explained.items()
        },
        notes=tuple(veil.scrub(note) for note in content.notes),
        title=None if content.title is None else veil.scrub(content.title),
        banner=None if content.banner is None else veil.scrub(content.banner),
        level="briefing",
        secrets={},
    )


def _uploads(located: gpd.GeoDataFrame, veil: Pseudonyms) -> gpd.GeoDataFrame:
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
            clean["reason"] = veil.texts(_without(clean["reason"], "shown"))
        result[veil.scrub(name)] = clean
    return result


def _without(reasons: pd.Series, *names: str) -> pd.Series:
    """Leave out of the readers' reasons what they quote: a damaged address is an address."""
    from crimeloc.io.reasons import because, reason_code

    def told(text: str) -> str:
        code, quoted = reason_code(text) or ("", {})
        mask = {name: "…" for name in names if name in quoted}
        return because(code, **(quoted | mask)) if mask else text

    texts = reasons.astype("object")
    clean = {text: told(str(text)) for text in texts.dropna().unique()}
    return texts.map(clean, na_action="ignore").astype("str")


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


def _replay(replay: Shown | None, veil: Pseudonyms) -> Shown | None:
    if replay is None:
        return None
    return replace(replay, notes=tuple(veil.scrub(note) for note in replay.notes))


def _aggregated(content: Content, threshold: int) -> Content:
    """Leave aggregates alone, and no small count among them."""
    case = content.case
    counts, venues = _counts(case, threshold), _venues(case, threshold)
    shown = set(venues.loc[venues["n"].notna(), "venue_id"])
    warm = content.warm[[name for name in _WARM_COLUMNS if name in content.warm.columns]]
    warm = warm[warm["venue_id"].isin(shown)].reset_index(drop=True)
    slots = case.slots[[n for n in case.slots.columns if not str(n).startswith("from_")]]
    slots = _rounded(slots, ("expected", "probability", "share"))
    few_series = 1 < len(case.series) < threshold
    plain = two_figures(pd.Series({**case.elsewhere, "of all": case.expected})).to_dict()
    tables = (content.clusters, content.scan)
    clusters, scan = safe_clusters(tables, case, venues, counts["used"], threshold)
    return replace(
        content,
        case=replace(
            case,
            series=() if few_series else case.series,
            venues=venues,
            slots=slots,
            windows=_rounded(case.windows, ("share",)),
            elsewhere={name: plain[name] for name in case.elsewhere},
            expected=plain["of all"],
            located=case.located.iloc[:0],
            counts=counts,
        ),
        week=told(content.week.ravel(), threshold).reshape(7, 24),
        warm=warm,
        clusters=clusters,
        scan=scan,
        rejected=_reasons(content.rejected, threshold),
        records=tuple(_bare(item, counts["used"], threshold) for item in content.records),
        inputs=tuple(_input(item, counts["used"], threshold) for item in content.inputs),
        replay=_scores(content.replay, threshold),
        caution=None if content.caution is None else "",
        explained={},
        sets=tuple(_set(item, threshold) for item in content.sets),
        notes=(),
        level="disclosure",
        threshold=threshold,
    )


def _rounded(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    result = table.copy()
    for name in names:
        if name in result.columns:
            result[name] = two_figures(result[name])
    return result


def _counts(case: ForecastSummary, threshold: int) -> dict[str, float]:
    """Certain, spread and unplaced uploads add up to those used, which is told."""
    counts = case.counts
    parts = [counts["certain"], counts["placed"] - counts["certain"], counts["unplaced"]]
    gone = withheld(parts, threshold)
    later = np.nan if small(counts["later"], threshold) else float(counts["later"])
    used = np.nan if small(counts["used"], threshold) else float(counts["used"])
    return {
        "events": used + later,
        "later": later,
        "used": used,
        "placed": np.nan if gone[2] else float(counts["placed"]),
        "unplaced": np.nan if gone[2] else float(counts["unplaced"]),
        "certain": np.nan if gone[0] else float(counts["certain"]),
        "outside": float(_cells(case, threshold)[-1]),
    }


def _cells(case: ForecastSummary, threshold: int) -> Any:
    """Uploads by venue, and last those outside the register."""
    every = [*case.venues["n"].to_numpy(dtype=np.float64), float(case.counts["outside"])]
    return told(every, threshold)


def _venues(case: ForecastSummary, threshold: int) -> pd.DataFrame:
    columns = [name for name in case.venues.columns if not str(name).startswith("from_")]
    venues = _rounded(case.venues[columns], ("probability", "expected", "share", "base_rate"))
    venues["n"] = _cells(case, threshold)[:-1]
    venues["last"] = pd.Series(pd.NaT, index=venues.index, dtype=case.venues["last"].dtype)
    return venues


def _reasons(
    rejected: Mapping[str, pd.DataFrame] | None, threshold: int
) -> dict[str, pd.DataFrame] | None:
    if rejected is None:
        return None
    result = {}
    for name, table in rejected.items():
        reasons = table["reason"] if "reason" in table.columns else pd.Series(dtype="str")
        reasons = _without(reasons, "event_id")
        tally = reasons.value_counts().rename_axis("reason").rename("n").reset_index()
        tally = tally.sort_values("reason", ignore_index=True)
        tally["n"] = told(tally["n"].to_numpy(dtype=np.float64), threshold)
        result[name] = tally
    return result


def _bare(record: Provenance, used: float, threshold: int) -> Provenance:
    """Leave counts out, and what a method noted of the uploads it saw: their number, the last."""
    files = tuple(_input(item, used, threshold) for item in record.inputs)
    asked = {
        name: text for name, text in record.parameters.items() if not name.startswith("learned_")
    }
    return replace(record, n_in=None, n_out=None, inputs=files, parameters=asked)


def _input(item: Input, used: float, threshold: int) -> Input:
    """Rows read less rows rejected, or less uploads used, may be told elsewhere: both go."""
    apart: list[float | None] = [item.n_rows, item.n_rejected]
    if item.n_rows is not None:
        apart += [abs(item.n_rows - gone - used) for gone in (0, item.n_rejected or 0)]
    if any(small(count, threshold) for count in apart):
        return replace(item, n_rows=None, n_rejected=None)
    return item


def _scores(replay: Shown | None, threshold: int) -> Shown | None:
    """Keep rates, not what they are rates of: a rate times its n is a count."""
    if replay is None:
        return None
    table = replay.table
    if "n" in table.columns and bool((table["n"] < threshold).any()):
        return None
    table = table[[name for name in table.columns if not str(name).startswith("n")]]
    table = table.apply(lambda column: two_figures(column) if column.dtype.kind == "f" else column)
    bins = {}
    for method, rows in replay.bins.items():
        kept = rows[rows["n"] >= threshold] if "n" in rows.columns else rows
        bins[method] = kept[["forecast", "happened"]].apply(two_figures).reset_index(drop=True)
    bought = replay.captures
    if bought is not None:
        columns = ["method", "slots", "officer_hours", "capture"]
        bought = _rounded(bought[columns], ("capture",))
    return Shown(table, bins, bought)


def _set(held: Held, threshold: int) -> Held:
    """Keep the rate, to two figures, and not what it is a rate of; none of few uploads."""
    of_few = small(held.n, threshold)
    used, coverage = two_figures(pd.Series([held.used, np.nan if of_few else held.coverage]))
    return replace(held, used=float(used), coverage=float(coverage), n=np.nan)
