"""Where a probability comes from: parts, past events, lift, and a sentence."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.drawing import ExplanationDrawings
from crimeloc.errors import ParameterError
from crimeloc.messages import Message, say
from crimeloc.ranking.explain_words import head_of, lift_of, reason_of, sentence_of
from crimeloc.ranking.features.habit import Habit
from crimeloc.ranking.history import drop_event
from crimeloc.ranking.model.experts import BUILT_IN
from crimeloc.ranking.ranking_tables import base_shares
from crimeloc.tables import ELSEWHERE
from crimeloc.units import instant_us, to_timestamps

if TYPE_CHECKING:
    from crimeloc.ranking.model.forecast import Model

Floats = NDArray[np.float64]
INFLUENCES = ["event_id", "timestamp", "venue_id", "change"]
FACTORS = (0.5, 2.0)
"""History events fade this much faster and slower, to see whether the rank holds."""


@dataclass(frozen=True)
class Explanation(ExplanationDrawings):
    """Where one probability comes from.

    Parameters
    ----------
    series, venue_id : str
        What is explained.
    window : tuple of Timestamp, or None
        The slot's window; None: the whole horizon.
    share, expected, probability : float
        As in the ranking.
    base_rate : float
        Share of the venue if the series went where everybody goes.
    lift_bits : float
        log2(share / base rate): how much more than by popularity alone.
    rank : int
        Place among the venues (or among all slots).
    parts : DataFrame
        ``expert``, ``share``, ``probability``, ``words``: both columns sum to the whole.
    events : DataFrame
        The three past events without which the share would change most: ``event_id``,
        ``timestamp``, ``venue_id``, ``change`` (share now minus share without it).
    ranks : dict
        Rank when past events fade twice as fast (0.5) and half as fast (2.0).
    sentence : Message
        The same in words, in any language.
    reason : Message
        The part of it that says what the series did before.
    lift : Message, or None
        The part of it that compares with popularity alone.
    """

    series: str
    venue_id: str
    window: tuple[pd.Timestamp, pd.Timestamp] | None
    share: float
    expected: float
    probability: float
    base_rate: float
    lift_bits: float
    rank: int
    parts: pd.DataFrame
    events: pd.DataFrame
    ranks: dict[float, int]
    sentence: Message
    reason: Message
    lift: Message | None

    def text(self, lang: str = "en") -> str:
        """Say it in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue, such as ``"en"`` or ``"ko"``.

        Returns
        -------
        str
            The sentence, then one line for each part and each past upload that matters.
        """
        lines = [self.sentence.text(lang), *self._lines(lang)]
        return "\n".join(lines)

    def _lines(self, lang: str) -> list[str]:
        lines = []
        for name, share, words in zip(
            self.parts["expert"], self.parts["share"], self.parts["words"], strict=True
        ):
            if share > 0.0005 * max(self.share, 1e-12):
                lines.append(f"  {share:7.2%}  {name:<10} {say(words, lang)}")
        whole = Message("explain.whole", p=self.probability).text(lang)
        lines.append(f"  {self.share:7.2%}  {whole}")
        if len(self.events):
            lines.append(Message("explain.events").text(lang))
            for event_id, stamp, venue, change in self.events.to_numpy():
                when = Message("{at:moment}", at=stamp).text(lang)
                lines.append(f"  {change:+7.2%}  {when}  {venue}  ({event_id})")
        if self.ranks:
            moved = ", ".join(f"x{k:g}: {v}" for k, v in self.ranks.items())
            lines.append(Message("explain.half_lives", rank=self.rank, moved=moved).text(lang))
        return lines

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        both = "<br>".join(html.escape(self.sentence.text(lang)) for lang in ("en", "ko"))
        return f"<p>{both}</p><pre>{html.escape(chr(10).join(self._lines('en')))}</pre>"


def explain(
    model: Model,
    venue_id: str,
    window: object,
    series: str,
    influence: bool,
    stability: bool,
    several: bool,
) -> Explanation:
    """Where does this probability come from? See `Ranking.explain`.

    With `several` series in the ranking the sentence names the one it speaks of.
    """
    place = np.flatnonzero(model.register.ids == venue_id)
    if venue_id == ELSEWHERE or not len(place):
        raise ParameterError(
            "venue_id",
            found=repr(venue_id),
            expected="a venue of the register",
            hint="ranking.venues['venue_id'].iloc[0]",
        )
    v, forecast, grid = int(place[0]), model.forecast(series), model.grid
    w = None if window is None else _window(model, window)
    span = slice(None) if w is None else slice(w, w + 1)
    parts = forecast.parts[:, span, v].sum(axis=1)
    share = float(parts.sum())
    expected = forecast.count * share
    probability = float(forecast.chance(np.array(expected)))
    base = float(base_shares(model)[v]) * (1.0 - float(forecast.elsewhere.sum()))
    if w is not None:
        base *= float(forecast.share[w].sum())
    table = pd.DataFrame({"expert": model.names, "share": parts})
    table["probability"] = parts * (probability / share if share > 0 else 0.0)
    words = BUILT_IN | {one.name: one.words for one in model.experts}
    table["words"] = [words[name] for name in model.names]
    table = table.sort_values("share", ascending=False, kind="stable", ignore_index=True)
    lift = float(np.log2(share / base)) if share > 0 and base > 0 else -np.inf
    rank = _rank(forecast.share, v, w)
    slot = None
    if w is not None:
        edges = to_timestamps(np.array([grid.starts[w], grid.ends[w]])).tz_convert(model.history.tz)
        slot = (edges[0], edges[1])
    head = head_of(venue_id, model.horizon, slot, probability)
    times, reason = lift_of(lift), reason_of(model, series, v, slot)
    return Explanation(
        series,
        venue_id,
        slot,
        share,
        expected,
        probability,
        base,
        lift,
        rank,
        table,
        _influences(model, series, v, span, share) if influence else _no_influences(),
        _ranks(model, series, v, w, stability),
        sentence_of(head, times, reason, series if several else None),
        reason,
        times,
    )


def _window(model: Model, window: object) -> int:
    grid = model.grid
    moment = instant_us(window, "window")  # type: ignore[arg-type]
    place = int(np.searchsorted(grid.starts, moment, side="right")) - 1
    if place < 0 or moment >= grid.ends[place]:
        raise ParameterError(
            "window",
            found=str(window),
            expected="a moment inside the horizon",
            hint="ranking.slots['window_start'].iloc[0]",
        )
    return place


def _rank(share: Floats, v: int, w: int | None) -> int:
    if w is None:
        totals = share.sum(axis=0)
        return int((totals > totals[v]).sum()) + 1
    return int((share > share[w, v]).sum()) + 1


def _no_influences() -> pd.DataFrame:
    return pd.DataFrame(columns=INFLUENCES)


def _influences(
    model: Model, series: str, v: int, span: slice, share: float, most: int = 12
) -> pd.DataFrame:
    """Leave each of the likeliest past events out and forecast again."""
    walker = model.walker(series)
    walker.to(model.at_us / 1e6)
    rows, first, here = model.history.rows, walker.first, walker.here
    if here <= first:
        return _no_influences()
    grid = model.grid
    window = int(np.argmax(model.forecast(series).share[:, v]))
    begin, end = int(rows.ptr[first]), int(rows.ptr[here])
    asked = int(np.searchsorted(grid.window, window))
    pulls = walker.pulls(grid.times, asked, now=model.at_us / 1e6)
    event = np.repeat(np.arange(first, here), np.diff(rows.ptr[first : here + 1]))
    at_venue = rows.venue[begin:end] == v
    pull = np.bincount(event - first, pulls * (1.0 + 1e6 * at_venue), minlength=here - first)
    tried = first + np.argsort(-pull, kind="stable")[:most]
    found = []
    for row in tried:
        without = replace(model, history=drop_event(model.history, int(row)))
        change = share - float(without.forecast(series).parts[:, span, v].sum())
        best = rows.venue[rows.ptr[row] : rows.ptr[row + 1]]
        weight = rows.weight[rows.ptr[row] : rows.ptr[row + 1]]
        stamp = to_timestamps(np.array([round(rows.t[row] * 1e6)])).tz_convert(model.history.tz)[0]
        found.append(
            (
                model.history.ids[model.history.place[row]],
                stamp,
                str(model.register.ids[best[np.argmax(weight)]]),
                change,
            )
        )
    table = pd.DataFrame(found, columns=INFLUENCES)
    order = np.argsort(-np.abs(table["change"].to_numpy()), kind="stable")[:3]
    return table.iloc[order].reset_index(drop=True)


def _ranks(model: Model, series: str, v: int, w: int | None, wanted: bool) -> dict[float, int]:
    """Rank when past events fade faster or slower."""
    if not wanted:
        return {}
    fading = [Habit.LOG_AGE, Habit.AGE_10D, Habit.AGE_40D]
    out = {}
    for factor in FACTORS:
        beta = model.weights.beta.copy()
        beta[fading] /= factor
        other = replace(model, weights=replace(model.weights, beta=beta))
        out[factor] = _rank(other.forecast(series).share, v, w)
    return out
