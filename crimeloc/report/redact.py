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
from crimeloc.io.reasons import REASON_COLUMNS, reason_columns
from crimeloc.messages import Hint, Message
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.plotting.ground_layers import names_in
from crimeloc.plotting.heat_maps import HeatMap, heat_map
from crimeloc.provenance import Input, Provenance
from crimeloc.report.content import BacktestSummary, Change, Content, Reasons, RowGroup, SetSummary
from crimeloc.report.privacy.pseudonyms import KINDS, Pseudonyms, without_folders
from crimeloc.report.privacy.safe_clusters import CLUSTER_COLUMNS, safe_clusters
from crimeloc.report.privacy.suppression import small, told, two_figures, withheld

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
        return veiled if content.settings.file_names else _nameless(veiled)
    return _aggregated(_nameless(veiled), threshold)


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
            clean = _without(clean, ("shown",), veil)
        result[veil.scrub(name)] = clean
    return result


def _without(table: pd.DataFrame, names: Sequence[str], veil: Pseudonyms | None) -> pd.DataFrame:
    """Leave out what the readers' reasons quote: a damaged address is an address."""
    result = table.copy()
    if veil is not None:
        result["reason"] = veil.texts(table["reason"])
    if "reason_code" not in table.columns:
        return result
    coded = table["reason_code"].notna().to_numpy()
    pairs = list(zip(table["reason_code"][coded], table["reason_params"][coded], strict=True))
    clean = {pair: _masked(Message.of(*pair), names, veil) for pair in dict.fromkeys(pairs)}
    for name, values in reason_columns([clean[pair] for pair in pairs]).items():
        result.loc[coded, name] = values.to_numpy()
    return result


def _masked(reason: Message, names: Sequence[str], veil: Pseudonyms | None) -> Message:
    """A reason with some of what it quotes left out, and the rest under pseudonyms."""
    params: dict[str, object] = {}
    for name, value in reason.params.items():
        if name in names:
            params[name] = "…"
        else:
            params[name] = veil.scrub(value) if veil and isinstance(value, str) else value
    return Message(reason.code, **params)


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
    return replace(backtest, notes=tuple(veil.scrub(note) for note in backtest.notes))


def _nameless(content: Content) -> Content:
    """Call files by number: a name may hold whatever somebody wrote, and its hash says which."""
    files = {item.name for item in content.inputs}
    files |= {item.name for record in content.records for item in record.inputs}
    files |= {name for name in content.rejected or {} if "." in name}
    first = [item.name for item in content.inputs]
    ordered = [*dict.fromkeys(first), *sorted(files - set(first))]
    lang = content.settings.lang
    names = {
        name: Message("input {number}", number=number).text(lang)
        for number, name in enumerate(ordered, start=1)
    }

    def called(text: str) -> str:
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, names[name])
        return text

    def renamed(item: Input) -> Input:
        return replace(item, name=names[item.name])

    return replace(
        content,
        inputs=tuple(renamed(item) for item in content.inputs),
        records=tuple(
            replace(
                record,
                inputs=tuple(renamed(item) for item in record.inputs),
                parameters={key: called(text) for key, text in record.parameters.items()},
            )
            for record in content.records
        ),
        rejected=None
        if content.rejected is None
        else {names.get(name, name): table for name, table in content.rejected.items()},
        notes=tuple(called(note) for note in content.notes),
    )


def _aggregated(content: Content, threshold: int) -> Content:
    """Leave aggregates alone, and no small count among them."""
    summary = content.summary
    counts, venues = _counts(summary, threshold), _venues(summary, threshold)
    slots = summary.slots[[n for n in summary.slots.columns if not str(n).startswith("from_")]]
    few_series = 1 < len(summary.series) < threshold
    plain = two_figures(pd.Series({**summary.elsewhere, "of all": summary.expected})).to_dict()
    tables = (content.clusters, content.scan)
    clusters, scan = safe_clusters(tables, summary, venues, counts["used"], threshold)
    return replace(
        content,
        summary=replace(
            summary,
            series=() if few_series else summary.series,
            venues=venues,
            slots=_rounded(slots, ("expected", "probability", "share")),
            windows=_rounded(summary.windows, ("share",)),
            elsewhere={name: plain[name] for name in summary.elsewhere},
            expected=plain["of all"],
            located=summary.located.iloc[:0],
            counts=counts,
        ),
        week=told(content.week.ravel(), threshold).reshape(7, 24),
        timeline=None,
        heat=_heat(content, venues),
        clusters=clusters,
        scan=scan,
        backtest=_scores(content.backtest, threshold),
        caution=None if content.caution is None else "",
        reasons=Reasons(),
        changes=(),
        habits=(),
        sets=tuple(_set(item, threshold) for item in content.sets),
        rows=(),
        judged=content.judged.iloc[:0],
        rejected=_reasons(content.rejected, threshold),
        notes=(),
        records=tuple(_bare(item, counts["used"], threshold) for item in content.records),
        inputs=tuple(_input(item, counts["used"], threshold) for item in content.inputs),
        level="disclosure",
        threshold=threshold,
    )


def _heat(content: Content, venues: pd.DataFrame) -> HeatMap:
    """Draw the heat anew from the venues whose count is told, and not week by week."""
    located, settings = content.summary.located, content.settings
    shown = set(venues.loc[venues["n"].notna(), "venue_id"])
    return heat_map(
        located[located["venue_id"].isin(shown)],
        content.summary.at,
        bandwidth_m=settings.bandwidth_m,
        half_life=settings.half_life,
        over_time=False,
    )


def _rounded(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    result = table.copy()
    for name in names:
        if name in result.columns:
            result[name] = two_figures(result[name])
    return result


def _counts(summary: ForecastSummary, threshold: int) -> dict[str, float]:
    """Certain, spread and unplaced uploads add up to those used, which is told."""
    counts = summary.counts
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
        "outside": float(_cells(summary, threshold)[-1]),
    }


def _cells(summary: ForecastSummary, threshold: int) -> Any:
    """Uploads by venue, and last those outside the register."""
    every = [*summary.venues["n"].to_numpy(dtype=np.float64), float(summary.counts["outside"])]
    return told(every, threshold)


def _venues(summary: ForecastSummary, threshold: int) -> pd.DataFrame:
    columns = [name for name in summary.venues.columns if not str(name).startswith("from_")]
    venues = _rounded(summary.venues[columns], ("probability", "expected", "share", "base_rate"))
    venues["n"] = _cells(summary, threshold)[:-1]
    venues["last"] = pd.Series(pd.NaT, index=venues.index, dtype=summary.venues["last"].dtype)
    return venues


def _reasons(
    rejected: Mapping[str, pd.DataFrame] | None, threshold: int
) -> dict[str, pd.DataFrame] | None:
    if rejected is None:
        return None
    result = {}
    for name, table in rejected.items():
        keys = [name for name in REASON_COLUMNS if name in table.columns]
        if not keys:
            keys, table = ["reason"], pd.DataFrame({"reason": pd.Series(dtype="str")})
        bare = _without(table[keys], ("event_id",), None)
        counts = bare.value_counts(sort=False, dropna=False)
        tally = counts.rename("n").reset_index().sort_values("reason", ignore_index=True)
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


def _scores(backtest: BacktestSummary | None, threshold: int) -> BacktestSummary | None:
    """Keep rates, not what they are rates of: a rate times its n is a count."""
    if backtest is None:
        return None
    table = backtest.scores
    if "n" in table.columns and bool((table["n"] < threshold).any()):
        return None
    table = table[[name for name in table.columns if not str(name).startswith("n")]]
    table = table.apply(lambda column: two_figures(column) if column.dtype.kind == "f" else column)
    bins = {}
    for method, rows in backtest.reliability.items():
        kept = rows[rows["n"] >= threshold] if "n" in rows.columns else rows
        bins[method] = kept[["forecast", "happened"]].apply(two_figures).reset_index(drop=True)
    bought = backtest.captures
    if bought is not None:
        columns = ["method", "slots", "officer_hours", "capture"]
        bought = _rounded(bought[columns], ("capture",))
    return BacktestSummary(table, bins, bought)


def _set(held: SetSummary, threshold: int) -> SetSummary:
    """Keep the rate, to two figures, and not what it is a rate of; none of few uploads."""
    of_few = small(held.n, threshold)
    used, coverage = two_figures(pd.Series([held.used, np.nan if of_few else held.coverage]))
    return replace(held, used=float(used), coverage=float(coverage), n=np.nan)
