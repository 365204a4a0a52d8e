"""When was each venue in business? What a register says by dates, and what it says by words."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.io.event_times import own_zone
from crimeloc.io.parsing.column_types import text
from crimeloc.io.parsing.times import parse_times
from crimeloc.io.rows import Rows
from crimeloc.messages import Message
from crimeloc.units import MISSING

__all__ = ["business_days"]

_GONE = r"폐업|폐쇄|취소|말소|만료|closed|ceased|revoked|cancelled"
_OPEN = r"^(?:영업|정상|운영|개업|영업\s*/\s*정상|영업중|open|active|operating)"
_RESTING = r"휴업|suspended|dormant"


def business_days(rows: Rows, tz: str, status: pd.Series | None) -> dict[str, NDArray[np.int64]]:
    """When did each venue open and close?

    Parameters
    ----------
    rows : Rows
        Rows of a register.
    tz : str
        Zone of its days.
    status : Series of str, optional
        What the register says in words.

    Returns
    -------
    dict
        ``opened`` and ``closed`` in microseconds since 1970, and where the register tells of them
        ``suspended_from`` and ``suspended_to``; `MISSING` where unknown.

    Notes
    -----
    A venue that is closed by its status and has no closing day takes the day on which its licence
    was cancelled. A closing day before a day of reopening is no closing. Everything else in which
    dates and words disagree is counted and stays as the dates have it. A venue that closed before
    it opened keeps its closing day.
    """
    size = len(rows.records)
    made: dict[str, NDArray[np.int64]] = {}
    for part in ("opened", "closed", "cancelled", "suspended_from", "suspended_to", "reopened"):
        made[part] = _days(rows, part, tz)
    if any(part in rows.parts for part in ("opened", "closed")):
        rows.notes.add("days of opening and closing are days in {tz}", tz=tz)
    words = pd.Series([""] * size) if status is None else status.fillna("")
    if "status_detail" in rows.parts:
        detail = text(rows.cells("status_detail"), words=False).fillna("")
        words = words.str.cat(detail, sep=" ").str.strip()
    gone = words.str.contains(_GONE, regex=True, case=False).to_numpy(dtype=bool)
    said_open = words.str.contains(_OPEN, regex=True, case=False).to_numpy(dtype=bool) & ~gone
    closed = made["closed"].copy()
    by_licence = gone & (closed == MISSING) & (made["cancelled"] != MISSING)
    closed[by_licence] = made["cancelled"][by_licence]
    _say(
        rows,
        by_licence,
        "{n:,} venues are closed by their status and have no closing day: the "
        "day on which the licence was cancelled was taken",
    )
    again = (closed != MISSING) & (made["reopened"] > closed) & ~gone
    closed[again] = MISSING
    _say(rows, again, "{n:,} venues reopened after they closed: they count as open")
    unknown = gone & (closed == MISSING)
    _say(
        rows,
        unknown,
        "{n:,} venues are closed by their status but have no closing date; they "
        "count as open (see the column status)",
    )
    against = said_open & (closed != MISSING)
    if against.any():
        rows.notes.warn(
            "{n:,} venues are open by their status but have a closing day, which counts: first in "
            "row {row}",
            n=int(against.sum()),
            row=int(rows.records.source_row[int(np.flatnonzero(against)[0])]),
        )
    opened = made["opened"].copy()
    backwards = (opened != MISSING) & (closed != MISSING) & (closed < opened)
    opened[backwards] = MISSING
    _say(
        rows,
        backwards,
        "{n:,} venues closed before they opened: the day of opening counts as unknown",
    )
    return {"opened": opened, "closed": closed} | _suspended(rows, made, words)


def _suspended(
    rows: Rows, made: dict[str, NDArray[np.int64]], words: pd.Series
) -> dict[str, NDArray[np.int64]]:
    """Spells in which a venue rested; leases go on, so it stays a candidate."""
    begin, end = made["suspended_from"], made["suspended_to"]
    known = (begin != MISSING) | (end != MISSING)
    if not known.any():
        resting = words.str.contains(_RESTING, regex=True, case=False).to_numpy(dtype=bool)
        _say(
            rows,
            resting,
            "{n:,} venues are suspended by their status, without days: they count as open",
        )
        return {}
    _say(
        rows,
        known,
        "{n:,} venues were suspended for a time (suspended_from, suspended_to); they "
        "stay candidates for addresses that they held",
    )
    return {"suspended_from": begin, "suspended_to": end}


def _say(rows: Rows, where: NDArray[np.bool_], sentence: str) -> None:
    count = int((where & rows.ledger.kept).sum())
    if count:
        rows.notes.add(sentence, n=count)


def _days(rows: Rows, part: str, tz: str) -> NDArray[np.int64]:
    if part not in rows.parts:
        return np.full(len(rows.records), MISSING, dtype=np.int64)
    label = rows.label(part)
    ending = part in ("closed", "cancelled", "suspended_to")
    times = parse_times(
        rows.cells(part), own_zone(rows, label, tz), far_is_open=ending, partial=True, zeros=False
    )
    odd = np.array(
        [isinstance(f, Message) and f.code == "time.year" for f in times.fault], dtype=np.bool_
    )
    if odd.any():
        rows.notes.add(
            "{label}: {n:,} dates before 1900 count as unknown", label=label, n=int(odd.sum())
        )
    times.fault[odd] = None
    rows.ledger.refuse_each(times.fault, label)
    if ending:
        return np.where(times.end != MISSING, times.end, times.start)
    return times.start
