"""What the ranker says of its own forecast: its doubts, its reasons, how sure its sets are.

Any object serves as a ranking: what it cannot answer is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages.words import Words
from crimeloc.plotting.forecast_summary import ForecastSummary

__all__ = ["SET_LEVEL", "Held", "caution", "explained", "sets"]

SET_LEVEL = 0.8
"""Share of the chance that the sets on the page hold."""


@dataclass(frozen=True)
class Held:
    """How many of the likeliest hold a share, and how such sets fared.

    Parameters
    ----------
    by : str
        ``"venues"`` or ``"slots"``.
    size, of : int
        Number in the set, and of all.
    used : float
        Share the set holds.
    coverage : float
        Part of past uploads that such sets would have held; NaN where none was checked.
    n : float
        Past uploads checked; NaN where that is withheld.
    """

    by: str
    size: int
    of: int
    used: float
    coverage: float
    n: float


def sets(ranking: Any, case: ForecastSummary) -> tuple[Held, ...]:
    """How wide must one look for most of the chance, and did such sets hold what they said?

    Parameters
    ----------
    ranking : object
        With ``credible_set(level, by=..., series=...)``, or without.
    case : ForecastSummary
        The facts.

    Returns
    -------
    tuple of Held
        By venues and by slots; empty where the ranker has none, or several series are pooled.
    """
    ask = getattr(ranking, "credible_set", None)
    if not callable(ask) or len(case.series) > 1 or not len(case.slots):
        return ()
    chosen = {"series": case.series[0]} if case.series else {}
    found = []
    for by, table in (("venues", case.venues), ("slots", case.slots)):
        one = ask(SET_LEVEL, by=by, **chosen)
        outside = 1 if by == "venues" else len(case.windows)
        found.append(
            Held(
                by,
                len(one),
                len(table) + outside,
                float(one.used),
                float(one.coverage),
                float(one.n),
            )
        )
    return tuple(found)


def caution(ranking: Any, case: ForecastSummary, voice: Words) -> str | None:
    """Give what the ranker holds against its own forecast of these series."""
    said = getattr(ranking, "abstained", None)
    if isinstance(said, Mapping):
        weak = [name for name in said if not case.series or name in case.series]
        if not weak:
            return None
        if len(case.series) > 1:
            return voice("abstain.some", n=len(weak), all=len(case.series))
        said = said[weak[0]]
        korean = getattr(ranking, "abstained_ko", None)
        if voice.lang == "ko" and isinstance(korean, Mapping) and weak[0] in korean:
            return str(korean[weak[0]])
    if not isinstance(said, str) or not said:
        return None
    return said if voice.lang == "en" else voice("abstain.few", n=case.counts["placed"])


def explained(
    ranking: Any, case: ForecastSummary, voice: Words, most: int = 5
) -> dict[str, list[str]]:
    """Ask the ranker where the probabilities of the first venues come from; lines of text."""
    explain = getattr(ranking, "explain", None)
    if not callable(explain) or len(case.series) > 1:
        return {}
    several = len(getattr(ranking, "series", ())) > 1
    chosen = {"series": case.series[0]} if several and case.series else {}
    horizon = getattr(ranking, "horizon", None)
    return {
        str(venue): _spelt_out(_lines(explain(venue, **chosen), case, voice), horizon, voice)
        for venue in case.venues["venue_id"].head(most)
    }


def _spelt_out(lines: list[str], horizon: Any, voice: Words) -> list[str]:
    """Write the length of the horizon in words, where a sentence holds it as it was given."""
    if not isinstance(horizon, str):
        return lines
    try:
        span = voice("explain.within", span=voice.duration(horizon))
    except ParameterError:
        return lines
    for raw in (f"within {horizon}", f"앞으로 {horizon}"):
        lines = [line.replace(raw, span) for line in lines]
    return lines


def _lines(said: Any, case: ForecastSummary, voice: Words) -> list[str]:
    """Put an explanation into the page's language where it carries its parts."""
    events = getattr(said, "events", None)
    sentence = getattr(said, "sentence_ko" if voice.lang == "ko" else "sentence", None)
    if not isinstance(sentence, str) or not isinstance(events, pd.DataFrame):
        return str(said).splitlines()
    lines = [sentence]
    for event, moment, venue, change in zip(
        events["event_id"], events["timestamp"], events["venue_id"], events["change"], strict=True
    ):
        sign = "+" if change >= 0 else "−"
        lines.append(
            voice(
                "explain.event",
                event=event,
                time=voice.moment(moment.tz_convert(case.tz)),
                venue=venue,
                change=sign + voice.percent(abs(float(change))),
            )
        )
    ranks = getattr(said, "ranks", None)
    if isinstance(ranks, Mapping) and ranks:
        moved = ", ".join(str(rank) for rank in sorted(set(ranks.values())))
        lines.append(voice("explain.ranks", rank=said.rank, ranks=moved))
    return lines
