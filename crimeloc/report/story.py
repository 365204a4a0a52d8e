"""What changed and what keeps: moves, new hours, and weekdays that come again and again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.messages.translator import Translator
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.plotting.ground_layers import Move
from crimeloc.report.content import Change
from crimeloc.report.protocols import SupportsChanges
from crimeloc.units import instants, wall_clock

__all__ = ["changes_told", "habits_told"]

_DAY_US = 86_400_000_000
_MOST = 4
WEEKS = 10
"""Weeks by which a weekday is judged."""
OFTEN = 0.6
"""Part of these weeks in which it must have come."""
MAIN_PART = 0.75
"""Part of the uploads that the hours told hold."""


def changes_told(
    changes: SupportsChanges | None, summary: ForecastSummary, voice: Translator
) -> tuple[Change, ...]:
    """When did the series move or change its hours, and from what to what?

    Parameters
    ----------
    changes : Changes, optional
        As `crimeloc.changepoints` gives it.
    summary : ForecastSummary
        The facts; changes at or after its moment are not looked at.
    voice : Translator
        The language.

    Returns
    -------
    tuple of Change
        The latest changes, the earliest first.
    """
    if changes is None:
        return ()
    table = changes.changes
    if summary.series and "series_id" in table.columns:
        table = table[table["series_id"].isin(summary.series)]
    table = table[instants(table["at"]) < summary.at.value // 1_000].sort_values("at")
    told = [_change(row, table, summary, voice) for row in table.tail(_MOST).to_dict("records")]
    return tuple(one for one in told if one is not None)


def _change(
    row: dict[Hashable, Any], table: pd.DataFrame, summary: ForecastSummary, voice: Translator
) -> Change | None:
    same = table[(table["series_id"] == row["series_id"]) & (table["kind"] == row["kind"])]
    at = pd.Timestamp(row["at"])
    rows = summary.located
    if "series_id" in rows.columns and row["series_id"] in set(rows["series_id"]):
        rows = rows[rows["series_id"] == row["series_id"]]
    moments = rows["timestamp"]
    from_, to = same["at"][same["at"] < at].max(), same["at"][same["at"] > at].min()
    before = rows[(moments < at) & ((moments >= from_) | pd.isna(from_))]
    after = rows[(moments >= at) & ((moments < to) | pd.isna(to))]
    if not len(before) or not len(after):
        return None
    local = at.tz_convert(summary.tz)
    day = voice.day(local, year=True)
    counts = {"n_before": row["n_before"], "n_after": row["n_after"]}
    p = f"{float(row.get('p_adjusted', row['p_value'])):.2g}"
    if row["kind"] == "hours":
        text = voice(
            "story.hours",
            day=day,
            before=_hours(before, summary.tz, voice),
            after=_hours(after, summary.tz, voice),
            p=p,
            **counts,
        )
        return Change("hours", local, _whose(row, summary, voice, text), None)
    spots = [_main_place(part, summary.venues) for part in (before, after)]
    if spots[0] is None or spots[1] is None or spots[0][0] == spots[1][0]:
        return None
    (_, old, old_share, old_at), (_, new, new_share, new_at) = spots[0], spots[1]
    text = voice(
        "story.moved",
        day=day,
        before=old,
        after=new,
        part_before=voice.percent(old_share),
        part_after=voice.percent(new_share),
        distance=voice.metres(float(row["shift"])),
        p=p,
        **counts,
    )
    ends = (voice("story.until", day=day), voice("story.since", day=day))
    return Change("place", local, _whose(row, summary, voice, text), Move(old_at, new_at, ends))


def _whose(row: dict[Hashable, Any], summary: ForecastSummary, voice: Translator, text: str) -> str:
    """Name the series where there are several."""
    if len(summary.series) < 2:
        return text
    return voice("story.of", series=row["series_id"], text=text)


def _main_place(
    rows: pd.DataFrame, venues: pd.DataFrame
) -> tuple[str, str, float, tuple[float, float]] | None:
    """Give the venue used most: number, name, its part of the uploads, and where it is."""
    weight = rows.groupby("venue_id")["weight"].sum()
    known = venues[venues["lon"].notna()].set_index("venue_id")
    weight = weight[weight.index.isin(known.index)].sort_index()
    total = float(rows["weight"].sum())
    if not len(weight) or not total > 0:
        return None
    venue = str(weight.idxmax())
    spot = (float(known["lon"][venue]), float(known["lat"][venue]))
    part = float(weight.to_numpy().max()) / total
    return venue, str(known["name"][venue]), part, spot


def _hours(rows: pd.DataFrame, tz: str, voice: Translator) -> str:
    """Give the shortest stretch of the day that holds most of the uploads, to the half hour."""
    once = rows.drop_duplicates("event_id")
    low, high = _stretch(_minutes(once, tz))
    day = pd.Timestamp("2001-01-01")  # any day: the hours alone are said
    start, end = low % 1_440, high % 1_440 or 1_440  # midnight ends the day at 24:00
    return voice.hours(day + pd.Timedelta(start, "min"), day + pd.Timedelta(end, "min"))


def _minutes(once: pd.DataFrame, tz: str) -> NDArray[np.float64]:
    wall = wall_clock(instants(once["timestamp"]), tz)
    return np.asarray(wall % _DAY_US / 60e6, dtype=np.float64)


def _stretch(minutes: NDArray[np.float64], part: float = MAIN_PART) -> tuple[int, int]:
    """Shortest arc of the clock that holds this part, rounded outwards to half hours."""
    ordered = np.sort(minutes)
    held = max(int(np.ceil(part * len(ordered))), 1)
    twice = np.concatenate([ordered, ordered + 1_440])
    spans = twice[held - 1 : held - 1 + len(ordered)] - ordered
    first = int(np.argmin(spans))
    low, high = twice[first], twice[first + held - 1]
    return int(np.floor(low / 30) * 30), int(np.ceil((high + 1e-9) / 30) * 30)


def habits_told(summary: ForecastSummary, voice: Translator) -> tuple[str, ...]:
    """Which weekdays come again and again, at which hours and where?

    Parameters
    ----------
    summary : ForecastSummary
        The facts of one series.
    voice : Translator
        The language.

    Returns
    -------
    tuple of str
        A sentence for each weekday with an upload in most of the last weeks, the most frequent
        first; none for several series, or a past of less than four weeks.
    """
    rows = summary.located
    if len(summary.series) > 1 or not len(rows):
        return ()
    wall = wall_clock(instants(rows["timestamp"]), summary.tz)
    now = int(wall_clock(np.array([summary.at.value // 1_000]), summary.tz)[0])
    back = (now // _DAY_US - 1 - wall // _DAY_US) // 7
    weeks = int(min(WEEKS, back.max() + 1))
    if weeks < 4:
        return ()
    weekday = (wall // _DAY_US + 3) % 7
    found = []
    for day in range(7):
        mine = (weekday == day) & (back < weeks)
        hits = len(np.unique(back[mine]))
        if hits >= OFTEN * weeks:
            found.append((hits, day, rows[mine]))
    told = []
    for hits, day, part in sorted(found, key=lambda one: (-one[0], one[1]))[:3]:
        place = _main_place(part, summary.venues)
        values = {
            "weekday": voice(f"story.weekday.{day}"),
            "hours": _hours(part, summary.tz, voice),
            "n": hits,
            "weeks": weeks,
        }
        if place is None:
            told.append(voice("story.habit", **values))
        else:
            where = {"venue": place[1], "part": voice.percent(place[2])}
            told.append(voice("story.habit.venue", **values, **where))
    return tuple(told)
