"""A ranking as text and as HTML in a notebook."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

from crimeloc.messages import Message
from crimeloc.ranking.ranking_tables import venues_table
from crimeloc.units import seconds, to_timestamps

if TYPE_CHECKING:
    import pandas as pd

    from crimeloc.ranking.model.forecast import Model

__all__ = ["as_html", "as_text"]

SERIES = 3
"""So many series are shown in full."""
LINES = 5


class Shown(Protocol):
    """What is shown of a ranking."""

    @property
    def model(self) -> Model: ...
    @property
    def series(self) -> tuple[str, ...]: ...
    @property
    def at(self) -> pd.Timestamp: ...
    @property
    def horizon(self) -> str: ...
    @property
    def named(self) -> bool: ...
    @property
    def tz(self) -> str: ...
    @property
    def abstained(self) -> Mapping[str, Message]: ...
    @property
    def notes(self) -> tuple[Message, ...]: ...


def as_text(ranking: Shown, lang: str) -> str:
    """Show the first venues and slots of the first series."""
    lines = [_title(ranking, lang)]
    for one in ranking.series[:SERIES]:
        lines += _series(ranking, one, lang)
    if len(ranking.series) > SERIES:
        lines.append(Message("ranking.more", n=len(ranking.series) - SERIES).text(lang))
    lines += [note.text(lang) for note in ranking.notes]
    return "\n".join(lines)


def as_html(ranking: Shown, lang: str) -> str:
    """Show the first venues of the first series as tables."""
    parts = [f"<h4>{html.escape(_title(ranking, lang))}</h4>"]
    for one in ranking.series[:SERIES]:
        if ranking.named:
            title = Message("ranking.series", series=one).text(lang)
            parts.append(f"<h5>{html.escape(title)}</h5>")
        if one in ranking.abstained:
            parts.append(f"<p><b>{html.escape(ranking.abstained[one].text(lang))}</b></p>")
        table = venues_table(ranking.model, one).head(10)
        wanted = ["venue_id", "name", "expected", "probability", "share", "base_rate"]
        shown = table[[name for name in wanted if name in table.columns]]
        parts.append(shown.to_html(index=False, float_format="{:.3f}".format, border=0))
    return "".join(parts)


def _title(ranking: Shown, lang: str) -> str:
    ahead = _timedelta(ranking.horizon)
    return Message("ranking.title", at=ranking.at, span=ahead).text(lang)


def _timedelta(horizon: str) -> pd.Timedelta:
    import pandas as pd

    return pd.Timedelta(seconds(horizon, "horizon"), "s")


def _series(ranking: Shown, one: str, lang: str) -> list[str]:
    model = ranking.model
    forecast, grid = model.forecast(one), model.grid
    expected = Message("ranking.expected", n=forecast.count, new=forecast.new)
    said = expected.text(lang)
    if ranking.named:
        said = f"{Message('ranking.series', series=one).text(lang)}: {said}"
    lines = [said]
    if one in ranking.abstained:
        lines.append(f"  ! {ranking.abstained[one].text(lang)}")
    table = venues_table(model, one).head(LINES)
    for venue, share, p, base in zip(
        table["venue_id"], table["share"], table["probability"], table["base_rate"], strict=True
    ):
        quoted = {"share": f"{share:6.1%}", "p": f"{p:6.1%}", "base": f"{base:6.1%}"}
        lines.append(f"  {venue:<12} {Message('ranking.venue', **quoted).text(lang)}")
    lines.append(f"  {Message('ranking.slots').text(lang)}")
    flat = forecast.share.ravel()
    for place in np.argsort(-flat, kind="stable")[:LINES]:
        window, venue = divmod(int(place), len(model.register))
        edges = np.array([grid.starts[window], grid.ends[window]])
        slot = tuple(to_timestamps(edges).tz_convert(ranking.tz))
        chance = float(forecast.chance(np.array(forecast.count * flat[place])))
        quoted = {"share": f"{flat[place]:6.1%}", "p": f"{chance:6.1%}"}
        when = Message("{window:window}", window=slot).text(lang)
        said = Message("ranking.slot", **quoted).text(lang)
        lines.append(f"  {model.register.ids[venue]:<12} {when}   {said}")
    return lines
