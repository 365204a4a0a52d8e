"""What the ranker says of its own forecast: its doubts, its reasons, how sure its sets are.

Any object serves as a ranking: what it cannot answer is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pandas as pd

from crimeloc.messages import say
from crimeloc.messages.translator import Translator
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.plotting.protocols import SupportsRanking
from crimeloc.report.content import SET_LEVEL, Reasons, SetSummary
from crimeloc.report.protocols import (
    SupportsCaution,
    SupportsExplain,
    SupportsExplainSlots,
    SupportsSeries,
    SupportsSets,
    WithParts,
)

__all__ = ["EXPLAINED", "caution", "explained", "sets"]

EXPLAINED = 5
"""Venues whose probability is explained at length."""


def sets(ranking: SupportsRanking, summary: ForecastSummary) -> tuple[SetSummary, ...]:
    """How wide must one look for most of the chance, and did such sets hold what they said?

    Parameters
    ----------
    ranking : Ranking
        With ``credible_set(level, by=..., series=...)``, or without.
    summary : ForecastSummary
        The facts.

    Returns
    -------
    tuple of SetSummary
        By venues and by slots; empty where the ranker has none, or several series are pooled.
    """
    if not isinstance(ranking, SupportsSets) or len(summary.series) > 1 or not len(summary.slots):
        return ()
    series = summary.series[0] if summary.series else None
    found = []
    for by, table in (("venues", summary.venues), ("slots", summary.slots)):
        one = ranking.credible_set(SET_LEVEL, by=by, series=series)
        outside = 1 if by == "venues" else len(summary.windows)
        of = len(table) + outside
        found.append(
            SetSummary(by, len(one), of, float(one.used), float(one.coverage), float(one.n))
        )
    return tuple(found)


def caution(ranking: SupportsRanking, summary: ForecastSummary, voice: Translator) -> str | None:
    """Give what the ranker holds against its own forecast of these series."""
    if not isinstance(ranking, SupportsCaution):
        return None
    said = ranking.abstained
    weak = [name for name in said if not summary.series or name in summary.series]
    if not weak:
        return None
    if len(summary.series) > 1:
        return voice("abstain.some", n=len(weak), all=len(summary.series))
    return say(said[weak[0]], voice.lang)


def explained(
    ranking: SupportsRanking, summary: ForecastSummary, voice: Translator, top: int
) -> Reasons:
    """Ask the ranker where the probabilities of the first venues and slots come from.

    Parameters
    ----------
    ranking : Ranking
        With ``explain(venue_id)``, or without.
    summary : ForecastSummary
        The facts.
    voice : Translator
        The language.
    top : int
        How many venues and slots are listed; the first five venues are explained at length.

    Returns
    -------
    Reasons
        Empty where the ranker has none, or several series are pooled.
    """
    if not isinstance(ranking, SupportsExplain) or len(summary.series) > 1:
        return Reasons()
    several = isinstance(ranking, SupportsSeries) and len(ranking.series) > 1
    series = {"series": summary.series[0]} if several and summary.series else {}
    venues = [str(name) for name in summary.venues["venue_id"].head(min(top, EXPLAINED))]
    told = {venue: ranking.explain(venue, **series) for venue in venues}
    names = dict(zip(summary.venues["venue_id"], summary.venues["name"], strict=True))
    lines = {venue: tuple(_lines(said, summary, names, voice)) for venue, said in told.items()}
    if not all(isinstance(said, WithParts) for said in told.values()):
        return Reasons(lines)
    return _in_short(cast(SupportsExplainSlots, ranking), summary, lines, voice, top)


def _in_short(
    ranking: SupportsExplainSlots,
    summary: ForecastSummary,
    lines: Mapping[str, tuple[str, ...]],
    voice: Translator,
    top: int,
) -> Reasons:
    """Add what the series did before at each listed venue, and at such hours in each slot."""
    series = summary.series[0] if summary.series else None

    def short(venue: str, window: pd.Timestamp | None = None) -> str:
        said = ranking.explain(venue, window, series, influence=False, stability=False)
        return say(said.reason, voice.lang)

    venues = {str(venue): short(str(venue)) for venue in summary.venues["venue_id"].head(top)}
    slots = summary.slots.head(top)
    of_slots = {
        (str(venue), start): short(str(venue), start)
        for venue, start in zip(slots["venue_id"], slots["window_start"], strict=True)
    }
    return Reasons(lines, venues, of_slots)


def _lines(
    said: object, summary: ForecastSummary, names: Mapping[str, str], voice: Translator
) -> list[str]:
    """Put an explanation into the page's language where it carries its parts."""
    if not isinstance(said, WithParts):
        return str(said).splitlines()
    lines = [say(said.sentence, voice.lang)]
    columns = ("event_id", "timestamp", "venue_id", "change")
    for event, moment, venue, change in zip(*(said.events[c] for c in columns), strict=True):
        sign = "+" if change >= 0 else "−"
        lines.append(
            voice(
                "explain.event",
                event=event,
                time=voice.moment(moment.tz_convert(summary.tz)),
                venue=names.get(venue, venue),
                change=sign + voice.percent(abs(float(change))),
            )
        )
    if said.ranks:
        moved = ", ".join(str(rank) for rank in sorted(set(said.ranks.values())))
        lines.append(voice("explain.ranks", rank=said.rank, ranks=moved))
    return lines
