"""Everything a briefing is made of, gathered once: the page and each export are drawn from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.messages.words import Words, words
from crimeloc.plotting.charts import week_table
from crimeloc.plotting.forecast_summary import ForecastSummary, gather
from crimeloc.provenance import Input, Provenance, sha256_file
from crimeloc.report import ranker_notes as asking
from crimeloc.report.privacy.pseudonyms import KINDS
from crimeloc.units import Duration

__all__ = ["Content", "Options", "Shown", "collect"]


class Options(TypedDict, total=False):
    """What `crimeloc.briefing` may be given beside a ranking; it says what each means.

    What is left out is as in a `Content`.
    """

    profile: Any
    clusters: gpd.GeoDataFrame | None
    scan: Any
    replay: Any
    districts: gpd.GeoDataFrame | None
    rejected: pd.DataFrame | Mapping[str, pd.DataFrame] | None
    inputs: Iterable[Input | str | Path]
    series: str | None
    lang: str
    title: str | None
    banner: str | None
    top: int
    bandwidth_m: float
    half_life: Duration | None
    tz: str | None


_CAPTURES = {"method", "slots", "officer_hours", "capture"}


@dataclass(frozen=True)
class Shown:
    """A replay as it is shown: its scores, its reliability and its notes, and nothing else.

    Parameters
    ----------
    table : DataFrame
        Scores by method, the ranker first.
    bins : mapping
        Reliability by method.
    captures : DataFrame or None
        Uploads captured by method and officer-hours.
    notes : tuple of str
        What the replay itself says of its limits.
    """

    table: pd.DataFrame
    bins: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    captures: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()

    def scores(self) -> pd.DataFrame:
        """Give the scores by method."""
        return self.table

    def reliability(self, method: str | None = None) -> pd.DataFrame | None:
        """Give the bins of a method; by default of the first."""
        return self.bins.get(str(self.table.index[0]) if method is None else method)


@dataclass(frozen=True)
class Content:
    """What a briefing is made of.

    Parameters
    ----------
    case : ForecastSummary
        The facts: ranked venues, slots, located rows, counts.
    register : GeoDataFrame
        VENUES.
    week : ndarray, shape (7, 24)
        Uploads by weekday (Monday first) and hour on the clocks at the venues; NaN: withheld.
    warm : GeoDataFrame
        The located rows that the heat is drawn from.
    clusters, scan, areas, districts : GeoDataFrame or None
        Tables of further layers.
    replay : Shown or None
        How such forecasts fared.
    rejected : mapping or None
        Rejected rows by name of their table.
    records : tuple of Provenance
        What made the results.
    inputs : tuple of Input
        The files behind them.
    caution : str or None
        What the ranker itself says against its forecast.
    explained : mapping
        Lines of `Ranking.explain` by venue.
    sets : tuple of Held
        How many of the likeliest hold most of the chance, and how such sets fared.
    notes : tuple of str
        Further sentences for what was left out.
    lang : str
        Language.
    title, banner : str or None
        As the analyst gave them.
    top : int
        How many venues and slots are listed.
    bandwidth_m : float
        Of the heat, in metres.
    half_life : str, timedelta or None
        Of the heat.
    level : str
        What the tables above still hold: ``"analyst"``, ``"briefing"`` or ``"disclosure"``.
    threshold : int
        Counts below it are withheld at the level ``"disclosure"``.
    secrets : mapping
        Raw addresses, accounts and contents of the whole log in order of time, so that they are
        known wherever they stand; empty above the level ``"analyst"``.
    """

    case: ForecastSummary
    register: gpd.GeoDataFrame
    week: NDArray[np.float64]
    warm: gpd.GeoDataFrame
    clusters: gpd.GeoDataFrame | None = None
    scan: gpd.GeoDataFrame | None = None
    areas: gpd.GeoDataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    replay: Shown | None = None
    rejected: Mapping[str, pd.DataFrame] | None = None
    records: tuple[Provenance, ...] = ()
    inputs: tuple[Input, ...] = ()
    caution: str | None = None
    explained: Mapping[str, list[str]] = field(default_factory=dict)
    sets: tuple[asking.Held, ...] = ()
    notes: tuple[str, ...] = ()
    lang: str = "en"
    title: str | None = None
    banner: str | None = None
    top: int = 10
    bandwidth_m: float = 400.0
    half_life: Duration | None = "30D"
    level: str = "analyst"
    threshold: int = 5
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


def collect(
    ranking: Any,
    *,
    located: gpd.GeoDataFrame,
    venues: gpd.GeoDataFrame,
    voice: Words | None = None,
    **options: Unpack[Options],
) -> Content:
    """What is this briefing made of?

    Parameters
    ----------
    ranking : Ranking
        As `crimeloc.rank` gives it, or anything with ``slots`` (SLOTS) and ``at``.
    located, venues : GeoDataFrame
        LOCATED and VENUES.
    voice : Words, optional
        The words; by default those of ``lang``.
    **options
        As `crimeloc.briefing`; what is left out is as in a `Content`.

    Returns
    -------
    Content
        At the level ``"analyst"``: nothing is veiled yet; see
        `crimeloc.report.redact.disclose`.

    Raises
    ------
    TableError
        A table breaks its contract.
    ParameterError
        The series is not known, the profile is of another series, or a number makes no sense.
    """
    given = dict(options)
    unknown = set(given) - set(Options.__annotations__)
    if unknown:
        raise ParameterError(
            "briefing",
            found=", ".join(sorted(unknown)),
            expected=Message("one of {names}", names=", ".join(Options.__annotations__)),
            hint=Hint(top=10),
        )
    plain: dict[str, Any] = {
        name: given[name]
        for name in ("lang", "title", "banner", "top", "bandwidth_m", "half_life", "districts")
        if name in given
    }
    top = plain.get("top", Content.top)
    if top < 1:
        raise ParameterError("top", found=top, expected="at least 1", hint=Hint(top=10))
    voice = voice or words(plain.get("lang", Content.lang))
    case = gather(ranking, located, venues, series=options.get("series"), tz=options.get("tz"))
    clusters, scan, replay = options.get("clusters"), options.get("scan"), options.get("replay")
    profile, rejected = options.get("profile"), options.get("rejected")
    circles, notes = _scan(scan, voice)
    once = case.located.drop_duplicates("event_id")
    weight = np.ones(len(once))
    if "series_weight" in once.columns:
        weight = once["series_weight"].fillna(1.0).to_numpy(dtype=np.float64)
    return Content(
        case=case,
        register=venues,
        week=week_table(once, weight, case.tz),
        warm=case.located,
        clusters=_clusters_of(case) if clusters is None else clusters,
        scan=circles,
        areas=_areas_of(_of_these(profile, case)),
        replay=_shown(replay, voice),
        rejected={"events": rejected} if isinstance(rejected, pd.DataFrame) else rejected,
        records=tuple(_records(ranking, profile, scan, replay)),
        inputs=tuple(_input(item) for item in options.get("inputs", ())),
        caution=asking.caution(ranking, case, voice),
        explained=asking.explained(ranking, case, voice),
        sets=asking.sets(ranking, case),
        notes=notes,
        secrets=_secrets(located),
        **plain,
    )


def _secrets(located: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    kinds = [kind for kind in KINDS if kind in located.columns]
    ordered = located.sort_values(["timestamp", "event_id"]) if kinds else located
    return {kind: tuple(str(value) for value in ordered[kind].dropna().unique()) for kind in kinds}


def _shown(replay: Any, voice: Words) -> Shown | None:
    if replay is None or isinstance(replay, Shown):
        return replay
    scores = replay.scores() if callable(getattr(replay, "scores", None)) else None
    if not isinstance(scores, pd.DataFrame) or not len(scores):
        return None
    scores = scores.set_index("method") if "method" in scores.columns else scores
    ask = getattr(replay, "reliability", None)
    bins = {}
    for method in [str(name) for name in scores.index][:3]:
        found: Any = ask(method) if callable(ask) else None
        if isinstance(found, pd.DataFrame) and {"forecast", "happened"} <= set(found.columns):
            bins[method] = found
    bought = getattr(replay, "captures", None)
    whole = isinstance(bought, pd.DataFrame) and len(bought) and set(bought.columns) >= _CAPTURES
    return Shown(scores, bins, bought if whole else None, _replay_notes(replay, voice))


def _replay_notes(replay: Any, voice: Words) -> tuple[str, ...]:
    """Give what the replay says of its limits in the page's language."""
    notes = tuple(str(note) for note in getattr(replay, "notes", ()))
    if voice.lang == "en":
        return notes
    own = getattr(replay, f"notes_{voice.lang}", None)
    if own is not None and len(own) == len(notes):
        return tuple(str(note) for note in own)
    return tuple(voice.note(note) for note in notes)


def _clusters_of(case: ForecastSummary) -> gpd.GeoDataFrame | None:
    if "cluster_id" not in case.located.columns or not len(case.located):
        return None
    from crimeloc.clustering import summarise_clusters

    return summarise_clusters(case.located)


def _scan(scan: Any, voice: Words) -> tuple[gpd.GeoDataFrame | None, tuple[str, ...]]:
    """Give the clusters that chance does not explain, and a sentence where there is none."""
    if scan is None:
        return None, ()
    table = scan if isinstance(scan, gpd.GeoDataFrame) else getattr(scan, "clusters", None)
    alpha = float(getattr(scan, "alpha", 0.05))
    if not isinstance(table, gpd.GeoDataFrame) or "radius_m" not in table.columns:
        hint = "scan=scan_test(...)"
        raise ParameterError(
            "scan", found=type(scan).__name__, expected="a scan test or its clusters", hint=hint
        )
    if "p_value" in table.columns:
        table = table[table["p_value"] <= alpha]
    if len(table):
        return table, ()
    return None, (voice("left.scan", alpha=f"{alpha:g}"),)


def _of_these(profile: Any, case: ForecastSummary) -> Any:
    """Refuse the anchor of a series that the page does not speak of."""
    whose = getattr(profile, "series", None)
    if isinstance(whose, str) and case.series and whose not in case.series:
        raise ParameterError(
            "profile",
            found=Message("the anchor of {whose}", whose=repr(whose)),
            expected=Message("one of {series}", series=", ".join(case.series[:5])),
            hint=f'profile=profile_anchor(located, venues, series="{case.series[0]}")',
        )
    return profile


def _areas_of(profile: Any) -> gpd.GeoDataFrame | None:
    """Give the areas to search first: those the profile draws itself, or holds."""
    if callable(getattr(profile, "search_areas", None)):
        return _areas_of(profile.search_areas())
    for name in ("areas", "contours", "regions"):
        candidate = getattr(profile, name, None)
        if isinstance(candidate, gpd.GeoDataFrame) and len(candidate):
            return candidate
    return profile if isinstance(profile, gpd.GeoDataFrame) and len(profile) else None


def _records(*results: Any) -> list[Provenance]:
    found = [getattr(result, "provenance", None) for result in results]
    return [item for item in found if isinstance(item, Provenance)]


def _input(item: Input | str | Path) -> Input:
    if isinstance(item, Input):
        return item
    return Input(Path(item).name, sha256_file(item))
