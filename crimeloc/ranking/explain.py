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
from crimeloc.ranking.features.habit import Habit
from crimeloc.ranking.history import drop_event
from crimeloc.ranking.model.experts import BUILT_IN
from crimeloc.tables import ELSEWHERE
from crimeloc.units import instant_us, seconds, to_timestamps

if TYPE_CHECKING:
    from crimeloc.ranking.model.forecast import Model

Floats = NDArray[np.float64]
INFLUENCES = ["event_id", "timestamp", "venue_id", "change"]
FACTORS = (0.5, 2.0)
"""History events fade this much faster and slower, to see whether the rank holds."""
DAYS_KO = "월화수목금토일"


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
    sentence, sentence_ko : str
        The same in words.
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
    sentence: str
    sentence_ko: str

    def __str__(self) -> str:
        lines = [self.sentence, self.sentence_ko, ""]
        for name, share, words in zip(
            self.parts["expert"], self.parts["share"], self.parts["words"], strict=True
        ):
            if share > 0.0005 * max(self.share, 1e-12):
                lines.append(f"  {share:7.2%}  {name:<10} {words}")
        lines.append(f"  {self.share:7.2%}  share; at least one upload {self.probability:.2%}")
        if len(self.events):
            lines.append("past uploads that matter most (share with it minus share without it):")
            for event_id, stamp, venue, change in self.events.to_numpy():
                lines.append(f"  {change:+7.2%}  {stamp:%a %Y-%m-%d %H:%M}  {venue}  ({event_id})")
        if self.ranks:
            moved = ", ".join(f"x{k:g}: {v}" for k, v in self.ranks.items())
            lines.append(f"rank {self.rank}; with half-lives {moved}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rest = "\n".join(str(self).split("\n")[2:])
        return (
            f"<p>{html.escape(self.sentence)}<br>{html.escape(self.sentence_ko)}</p>"
            f"<pre>{html.escape(rest.strip())}</pre>"
        )


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
    english, korean = _sentences(model, series, v, slot, probability, lift, several)
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
        english,
        korean,
    )


def base_shares(model: Model) -> Floats:
    """Share of each venue if the series went where everybody goes."""
    visits = model.population.visits[-1] + 0.5
    return np.asarray(visits / visits.sum())


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


def _sentences(
    model: Model,
    series: str,
    v: int,
    slot: tuple[pd.Timestamp, pd.Timestamp] | None,
    probability: float,
    lift: float,
    several: bool,
) -> tuple[str, str]:
    code = model.code(series)
    venue = str(model.register.ids[v])
    when = (
        f"within {_length(model.horizon)}"
        if slot is None
        else f"{slot[0]:%a %d %b %H:%M}-{slot[1]:%H:%M}"
    )
    when_ko = (
        f"앞으로 {_length(model.horizon, korean=True)} 안에"
        if slot is None
        else f"{slot[0].month}월 {slot[0].day}일({DAYS_KO[slot[0].day_of_week]}) "
        f"{slot[0]:%H:%M}-{slot[1]:%H:%M}"
    )
    whose = f"{series}: " if several else ""
    head = f"{whose}{venue}, {when}: {probability:.1%} for at least one upload"
    head_ko = f"{whose}{venue}, {when_ko}: 업로드 1건 이상일 확률 {probability:.1%}"
    if np.isfinite(lift):
        times = f"{2.0**lift:.2g}" if lift < 6.6 else f"{2.0**lift:,.0f}"
        head += f" ({times} times the share that popularity alone gives)"
        head_ko += f" (인기도만 볼 때 비중의 {times}배)"
    if code < 0:
        return (
            f"{head}; the series has no past upload.",
            f"{head_ko}; 이 사건군의 과거 업로드가 없습니다.",
        )
    rows = model.history.rows
    here = np.arange(model.history.row_bounds[code], model.history.row_bounds[code + 1])
    kind, kind_ko = "uploads", "업로드"
    if slot is not None:
        day = slot[0].day_of_week
        here = here[rows.weekday[here] == day]
        kind = f"{slot[0]:%A} uploads"
        kind_ko = f"{DAYS_KO[day]}요일 업로드"
    here = here[-10:]
    mine = [
        float(
            rows.weight[rows.ptr[i] : rows.ptr[i + 1]][
                rows.venue[rows.ptr[i] : rows.ptr[i + 1]] == v
            ].sum()
        )
        for i in here
    ]
    count = sum(mine)
    shown = f"{count:.0f}" if abs(count - round(count)) < 1e-6 else f"{count:.1f}"
    if not len(here):
        return f"{head}; no past {kind}.", f"{head_ko}; 과거 {kind_ko} 없음."
    if count <= 0:
        every = np.arange(model.history.row_bounds[code], model.history.row_bounds[code + 1])
        begin, end = rows.ptr[every[0]], rows.ptr[every[-1] + 1]
        total = float(rows.weight[begin:end][rows.venue[begin:end] == v].sum())
        lately = f"none of the last {len(here)} {kind} came from here"
        lately_ko = f"최근 {kind_ko} {len(here)}건 중 이곳은 없고"
        ever = f"{total:.3g} of all {len(every)} uploads did"
        ever_ko = f"전체 {len(every)}건 중 {total:.3g}건이 이곳에서 나왔습니다"
        return f"{head}; {lately}, {ever}.", f"{head_ko}; {lately_ko}, {ever_ko}."
    last = rows.t[here[np.flatnonzero(np.array(mine) > 0)[-1]]]
    stamp = to_timestamps(np.array([round(last * 1e6)])).tz_convert(model.history.tz)[0]
    english = (
        f"{head}; {shown} of the last {len(here)} {kind} came from here, last on "
        f"{stamp.day} {stamp:%B %Y}."
    )
    korean = (
        f"{head_ko}; 최근 {kind_ko} {len(here)}건 중 {shown}건이 이곳에서 나왔고, 마지막은 "
        f"{stamp.year}년 {stamp.month}월 {stamp.day}일입니다."
    )
    return english, korean


def _length(horizon: str, korean: bool = False) -> str:
    """Give a length of time as people say it: ``"7D"`` is seven days."""
    length = seconds(horizon, "horizon")
    for size, one, word in ((86_400.0, "day", "일"), (3_600.0, "hour", "시간")):
        if length >= size and length % size == 0:
            count = f"{length / size:,.0f}"
            return f"{count}{word}" if korean else f"{count} {one}{'' if count == '1' else 's'}"
    return f"{length / 3_600:,.1f}시간" if korean else f"{length / 3_600:,.1f} hours"
