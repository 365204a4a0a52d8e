"""What is this briefing made of? Each result is asked once, here, and never while drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.messages.translator import Translator
from crimeloc.plotting.forecast_summary import ForecastSummary, gather
from crimeloc.plotting.ground_layers import checked_layers
from crimeloc.plotting.habit_charts import over_time, week_table
from crimeloc.plotting.heat_maps import heat_map
from crimeloc.plotting.layers import thinned
from crimeloc.plotting.protocols import SupportsRanking
from crimeloc.provenance import Input, Provenance, sha256_file
from crimeloc.report.content import (
    ROWS_SHOWN,
    BacktestSummary,
    Content,
    RowGroup,
    Settings,
    Timeline,
)
from crimeloc.report.privacy.pseudonyms import KINDS, MADE_ID, MADE_SERIES, NAMES
from crimeloc.report.protocols import (
    SupportsAreas,
    SupportsBacktest,
    SupportsCaptures,
    SupportsChanges,
    SupportsNotes,
    SupportsProvenance,
    SupportsRecords,
    SupportsScan,
)
from crimeloc.report.ranker_notes import caution, explained, sets
from crimeloc.report.story import changes_told, habits_told

__all__ = ["Extras", "collect"]

_CAPTURES = {"method", "slots", "officer_hours", "capture"}


@dataclass(frozen=True)
class Extras:
    """Further results and tables that a briefing may show; `crimeloc.briefing` says what each is.

    Parameters
    ----------
    profile : Profile, optional
        An anchor profile, or areas.
    clusters : GeoDataFrame, optional
        CLUSTERS.
    scan : ScanResult or GeoDataFrame, optional
        A scan test, or its clusters.
    backtest : Backtest, optional
        How such forecasts fared.
    districts : GeoDataFrame, optional
        Outlines.
    rejected : DataFrame or mapping, optional
        What the readers rejected.
    inputs : iterable of Input or path, optional
        The files behind it.
    changes : Changes, optional
        When the series moved or changed its hours.
    layers : mapping, optional
        Layers of the analyst's own, by name.
    """

    profile: SupportsAreas | gpd.GeoDataFrame | None = None
    clusters: gpd.GeoDataFrame | None = None
    scan: SupportsScan | gpd.GeoDataFrame | None = None
    backtest: SupportsBacktest | BacktestSummary | None = None
    districts: gpd.GeoDataFrame | None = None
    rejected: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None
    inputs: Iterable[Input | str | Path] = ()
    changes: SupportsChanges | None = None
    layers: Mapping[str, gpd.GeoDataFrame] | None = None


def collect(
    ranking: SupportsRanking,
    located: gpd.GeoDataFrame,
    venues: gpd.GeoDataFrame,
    extras: Extras | None = None,
    settings: Settings | None = None,
    *,
    series: str | None = None,
    tz: str | None = None,
) -> Content:
    """What is this briefing made of?

    Parameters
    ----------
    ranking : Ranking
        As `crimeloc.rank` gives it, or anything with ``slots`` (SLOTS) and ``at``.
    located, venues : GeoDataFrame
        LOCATED and VENUES.
    extras : Extras, optional
        Further results and tables.
    settings : Settings, optional
        How it is to look.
    series : str, optional
        The series to speak of; by default all of the ranking together.
    tz : str, optional
        Zone of the clocks at the venues; by default as the table says.

    Returns
    -------
    Content
        At the level ``"analyst"``: nothing is taken out yet; see `crimeloc.report.redact.redact`.

    Raises
    ------
    TableError
        A table breaks its contract.
    ParameterError
        The series is not known, the profile is of another series, or a number makes no sense.
    """
    extras, settings = extras or Extras(), settings or Settings()
    if settings.top < 1:
        raise ParameterError("top", found=settings.top, expected="at least 1", hint=Hint(top=10))
    voice = Translator(settings.lang)
    summary = gather(ranking, located, venues, series=series, tz=tz)
    circles, notes = _scan(extras.scan, voice)
    once = summary.located.drop_duplicates("event_id")
    each = np.ones(len(once))
    rejected = extras.rejected
    return Content(
        summary=summary,
        register=venues,
        week=week_table(once, each, summary.tz),
        timeline=Timeline(*over_time(once, each, summary.at)) if len(once) else None,
        heat=heat_map(
            summary.located,
            summary.at,
            bandwidth_m=settings.bandwidth_m,
            half_life=settings.half_life,
        ),
        clusters=_clusters_of(summary) if extras.clusters is None else extras.clusters,
        scan=circles,
        areas=_areas(extras.profile, summary),
        districts=None if extras.districts is None else thinned(extras.districts),
        backtest=_backtest(extras.backtest, voice),
        caution=caution(ranking, summary, voice),
        reasons=explained(ranking, summary, voice, settings.top),
        changes=changes_told(_checked_changes(extras.changes), summary, voice),
        habits=habits_told(summary, voice),
        layers=checked_layers(extras.layers),
        sets=sets(ranking, summary),
        rows=_row_groups(summary, settings.top),
        judged=_judged(summary.located),
        rejected={"events": rejected} if isinstance(rejected, pd.DataFrame) else rejected,
        notes=notes,
        records=_records(ranking, extras.profile, extras.scan, extras.backtest, extras.changes),
        inputs=tuple(_input(item) for item in extras.inputs),
        settings=settings,
        secrets=_secrets(located),
    )


def _row_groups(summary: ForecastSummary, top: int) -> tuple[RowGroup, ...]:
    """Give the latest rows of each listed venue, of unplaced and of spread uploads."""
    ordered = summary.located.sort_values(["timestamp", "event_id"], ascending=[False, True])
    if not len(ordered):
        return ()
    listed = pd.concat([summary.venues.head(top), summary.slots.head(top)])
    listed = listed[["venue_id", "name"]].drop_duplicates("venue_id")
    by_venue = dict(list(ordered.groupby("venue_id", sort=False)))
    groups = [
        RowGroup("venue", by_venue[venue].head(ROWS_SHOWN), len(by_venue[venue]), venue, name)
        for venue, name in zip(listed["venue_id"], listed["name"], strict=True)
        if venue in by_venue
    ]
    most = ordered.groupby("event_id")["weight"].transform("max")
    rest = {
        "unplaced": ordered[most <= 0],
        "spread": ordered[(ordered["weight"] > 0) & (most <= 1 - 1e-9)],
    }
    for kind, rows in rest.items():
        if len(rows):
            groups.append(RowGroup(kind, rows.head(ROWS_SHOWN), len(rows)))
    return tuple(groups)


def _judged(located: pd.DataFrame) -> pd.DataFrame:
    """Count how uploads were located: each once, by its best row."""
    if "how" not in located.columns or not len(located):
        return pd.DataFrame({"how": pd.Series(dtype="str"), "n": pd.Series(dtype="int64")})
    best = located.sort_values(["weight", "event_id", "venue_id"], ascending=[False, True, True])
    how = best.drop_duplicates("event_id")["how"].fillna("–").astype("str")
    tally = how.value_counts().rename_axis("how").rename("n").reset_index()
    return tally.sort_values(["n", "how"], ascending=[False, True], ignore_index=True)


def _secrets(located: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """What must not be told above the level of the analyst, in the order of time.

    An id that a reader made is a hash of what is in the row, and the name of a series is one of
    the id of its first upload: who guesses the row can try, until id or name come out.
    """
    kinds = [kind for kind in (*KINDS, *NAMES) if kind in located.columns]
    ordered = located.sort_values(["timestamp", "event_id"]) if kinds else located
    found = {kind: tuple(str(value) for value in ordered[kind].dropna().unique()) for kind in kinds}
    made = tuple(value for value in found.get("event_id", ()) if MADE_ID.fullmatch(value))
    named = tuple(value for value in found.get("series_id", ()) if MADE_SERIES.fullmatch(value))
    return {**found, "event_id": made, "series_id": named if made else ()}


def _backtest(
    backtest: SupportsBacktest | BacktestSummary | None, voice: Translator
) -> BacktestSummary | None:
    if backtest is None or isinstance(backtest, BacktestSummary):
        return backtest
    if not isinstance(backtest, SupportsBacktest):
        raise ParameterError(
            "backtest",
            found=type(backtest).__name__,
            expected="a backtest",
            hint="backtest=cl.backtest(...)",
        )
    scores = backtest.scores()
    if not len(scores):
        return None
    scores = scores.set_index("method") if "method" in scores.columns else scores
    bins = {name: backtest.reliability(name) for name in map(str, scores.index[:3])}
    bought = backtest.captures if isinstance(backtest, SupportsCaptures) else None
    whole = bought is not None and len(bought) and set(bought.columns) >= _CAPTURES
    shown, notes = bought if whole else None, _notes_of(backtest, voice)
    return BacktestSummary(scores, bins, shown, notes, _series_of(backtest))


def _series_of(backtest: SupportsBacktest) -> tuple[str, ...]:
    """Which series were tested?"""
    if not isinstance(backtest, SupportsRecords) or "series_id" not in backtest.records.columns:
        return ()
    return tuple(sorted(map(str, backtest.records["series_id"].dropna().unique())))


def _notes_of(backtest: SupportsBacktest, voice: Translator) -> tuple[str, ...]:
    """Give what the backtest says of its limits in the page's language."""
    if not isinstance(backtest, SupportsNotes):
        return ()
    return tuple(voice.say(note) for note in backtest.notes)


def _clusters_of(summary: ForecastSummary) -> gpd.GeoDataFrame | None:
    if "cluster_id" not in summary.located.columns or not len(summary.located):
        return None
    from crimeloc.clustering import summarise_clusters

    return summarise_clusters(summary.located)


def _scan(
    scan: SupportsScan | gpd.GeoDataFrame | None, voice: Translator
) -> tuple[gpd.GeoDataFrame | None, tuple[str, ...]]:
    """Give the clusters that chance does not explain, and a sentence where there is none."""
    if scan is None:
        return None, ()
    table, alpha = (scan, 0.05) if isinstance(scan, gpd.GeoDataFrame) else (None, 0.05)
    if table is None and isinstance(scan, SupportsScan):
        table, alpha = scan.clusters, float(scan.alpha)
    if table is None or "radius_m" not in table.columns:
        hint = "scan=scan_test(...)"
        raise ParameterError(
            "scan", found=type(scan).__name__, expected="a scan test or its clusters", hint=hint
        )
    if "p_value" in table.columns:
        table = table[table["p_value"] <= alpha]
    if len(table):
        return table, ()
    return None, (voice("left.scan", alpha=f"{alpha:g}"),)


def _areas(
    profile: SupportsAreas | gpd.GeoDataFrame | None, summary: ForecastSummary
) -> gpd.GeoDataFrame | None:
    """Give the areas to search first; refuse those of a series that is not spoken of."""
    if profile is None:
        return None
    if isinstance(profile, gpd.GeoDataFrame):
        return profile if len(profile) else None
    if not isinstance(profile, SupportsAreas):
        raise ParameterError(
            "profile",
            found=type(profile).__name__,
            expected="an anchor profile",
            hint="profile_anchor(...)",
        )
    if profile.series is not None and summary.series and profile.series not in summary.series:
        raise ParameterError(
            "profile",
            found=Message("the anchor of {whose}", whose=repr(profile.series)),
            expected=Message("one of {series}", series=", ".join(summary.series[:5])),
            hint=f'profile=profile_anchor(located, venues, series="{summary.series[0]}")',
        )
    areas = profile.search_areas()
    return areas if len(areas) else None


def _checked_changes(changes: SupportsChanges | None) -> SupportsChanges | None:
    if changes is None or isinstance(changes, SupportsChanges):
        return changes
    raise ParameterError(
        "changes",
        found=type(changes).__name__,
        expected="changes of a series",
        hint="changes=cl.changepoints(located, rng=7)",
    )


def _records(*results: object) -> tuple[Provenance, ...]:
    known = (one.provenance for one in results if isinstance(one, SupportsProvenance))
    return tuple(record for record in known if isinstance(record, Provenance))


def _input(item: Input | str | Path) -> Input:
    if isinstance(item, Input):
        return item
    return Input(Path(item).name, sha256_file(item))
