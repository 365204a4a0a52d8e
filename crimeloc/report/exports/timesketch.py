"""The uploads as a timeline for Timesketch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.messages.translator import Translator
from crimeloc.report.content import Content
from crimeloc.report.withheld import voice_of
from crimeloc.units import instants, to_timestamps

__all__ = ["needs_uploads", "write_timesketch"]

_OF_CANDIDATES = ("venue_id", "weight", "how", "geometry")
_OWN = ("event_id", "timestamp", "timestamp_end", "tz", *_OF_CANDIDATES)


def write_timesketch(content: Content, path: str | Path) -> Path:
    """How do I lay the uploads beside the other timelines of the case?

    Parameters
    ----------
    content : Content
        At the level ``"analyst"`` or ``"briefing"``.
    path : str or Path
        ``case.jsonl``.

    Returns
    -------
    Path
        The file: one JSON object per upload in order of time, with Timesketch's fields
        ``message``, ``datetime``, ``timestamp`` (microseconds) and ``timestamp_desc``, the
        candidates with their weights, and the columns that this level shows.

    Raises
    ------
    ParameterError
        The level shows no single upload.

    Notes
    -----
    The forecast is not written: a timeline is for what happened. An upload with several
    candidates stays one line that names them all.
    """
    needs_uploads(content, "Timesketch")
    voice, located = voice_of(content), content.summary.located
    venues = content.summary.venues
    names = dict(zip(venues["venue_id"].astype("str"), venues["name"].astype("str"), strict=True))
    target = Path(path)
    with open(target, "w", encoding="utf-8", newline="\n") as lines:
        for _, rows in _in_order(located):
            entry = _entry(rows, names, voice)
            lines.write(json.dumps(entry, ensure_ascii=False, allow_nan=False) + "\n")
    return target


def needs_uploads(content: Content, what: str) -> None:
    """Say why a file of single uploads cannot be had at the level ``"disclosure"``.

    Parameters
    ----------
    content : Content
        At the level of the reader.
    what : str
        Name of the kind of file.

    Raises
    ------
    ParameterError
        The level shows no single upload.
    """
    if content.level == "disclosure":
        raise ParameterError(
            "level",
            found=Message("'disclosure' for {what}, one record for each upload", what=what),
            expected="a level that shows uploads",
            hint=Hint(level="briefing"),
        )


def _in_order(located: pd.DataFrame) -> Any:
    place = pd.Series(instants(located["timestamp"]), index=located.index)
    ordered = located.assign(_us=place).sort_values(
        ["_us", "event_id", "weight", "venue_id"], ascending=[True, True, False, True]
    )
    return ordered.groupby("event_id", sort=False)


def _entry(rows: pd.DataFrame, names: dict[str, str], voice: Translator) -> dict[str, Any]:
    first = rows.iloc[0]
    moment = to_timestamps(rows["_us"].to_numpy()[:1])[0]
    candidates = [
        (str(venue), round(float(weight), 4))
        for venue, weight in zip(rows["venue_id"], rows["weight"], strict=True)
        if not pd.isna(venue)
    ]
    series = first.get("series_id")
    told = {"event": first["event_id"], "series": "–" if pd.isna(series) else series}
    if candidates:
        venue, weight = candidates[0]
        place = f"{names.get(venue, venue)} ({venue})"
        message = voice("timesketch.message", **told, venue=place, weight=f"{weight:g}")
        if len(candidates) > 1:
            message += ", " + voice("export.more", n=len(candidates) - 1)
    else:
        message = voice("timesketch.unplaced", **told)
    entry: dict[str, Any] = {
        "message": message,
        "datetime": moment.isoformat(),
        "timestamp": int(rows["_us"].iloc[0]),
        "timestamp_desc": voice("timesketch.desc"),
        "data_type": "crimeloc:upload",
        "event_id": str(first["event_id"]),
        "candidates": "|".join(f"{venue}:{weight:g}" for venue, weight in candidates),
        "how": "|".join(dict.fromkeys(str(text) for text in rows["how"].dropna())),
    }
    end = first.get("timestamp_end")
    if isinstance(end, pd.Timestamp):
        entry["datetime_end"] = end.tz_convert("UTC").isoformat()
    for name, value in first.items():
        if name not in (*_OWN, "_us") and not (pd.api.types.is_scalar(value) and pd.isna(value)):
            entry.setdefault(str(name), _plain(value))
    return entry


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (bool, int, float, str)) else str(value)
