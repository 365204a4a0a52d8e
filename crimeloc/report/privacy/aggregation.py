"""What is left at the level ``"disclosure"``: aggregates, and no small count among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from crimeloc.io.reasons import REASON_COLUMNS
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.plotting.heat_maps import HeatMap, heat_map
from crimeloc.provenance import Input, Provenance
from crimeloc.report.content import BacktestSummary, Content, Reasons, SetSummary
from crimeloc.report.privacy.reasons import without_quotes
from crimeloc.report.privacy.safe_clusters import safe_clusters
from crimeloc.report.privacy.suppression import small, told, two_figures, withheld

__all__ = ["aggregated"]


def aggregated(content: Content, threshold: int) -> Content:
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
        bare = without_quotes(table[keys], ("event_id",), None)
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
