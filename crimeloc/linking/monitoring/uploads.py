"""Read uploads and slots for a watch, and give its alerts as a table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from crimeloc.linking.log_arrays import Columns, Log, read_log
from crimeloc.linking.monitoring.state import Upload
from crimeloc.linking.similarity.hamming import parse_hashes
from crimeloc.tables import LOCATED, validate
from crimeloc.units import instants

ALERTS = ["event_id", "timestamp", "kind", "series_id", "probability", "reason"]


def read_located(located: pd.DataFrame, columns: Columns) -> Log:
    """Check the table and turn it into arrays."""
    validate(located, LOCATED)
    return read_log(located, columns, checked=True)


def read_uploads(located: pd.DataFrame, columns: Columns) -> list[Upload]:
    """The uploads of a table, in the order of time."""
    log = read_located(located, columns)
    series = None
    if "series_id" in located.columns:
        series = located["series_id"].iloc[log.row]
    identifier_text = {
        name: located[name].iloc[log.row].astype("str").str.strip().to_numpy(dtype=object)
        for name in log.identifiers
    }
    known_series = None if series is None else series.notna().to_numpy(dtype=bool)
    series_text = None if series is None else series.astype("str").to_numpy(dtype=object)
    candidates: list[dict[str, float]] = [{} for _ in range(len(log))]
    for event, code, weight in zip(
        log.venue_event.tolist(), log.venue_code.tolist(), log.venue_weight.tolist(), strict=True
    ):
        candidates[event][str(log.venue_id[code])] = weight
    digits = [log.words[k].tobytes().hex() for k in range(len(log.words))]
    result = []
    for k in range(len(log)):
        sure = bool(log.sure[k]) and not np.isnan(log.lonlat[k, 0])
        identifiers = {
            name: str(identifier_text[name][k])
            for name in log.identifiers
            if log.identifiers[name][k] >= 0
        }
        result.append(
            Upload(
                event_id=str(log.event_id[k]),
                t=int(log.t[k]),
                account=str(log.accounts[log.account[k]]) if log.account[k] >= 0 else None,
                identifiers=identifiers,
                venues=candidates[k],
                lon=float(log.lonlat[k, 0]) if sure else None,
                lat=float(log.lonlat[k, 1]) if sure else None,
                hour=int(log.hour[k]),
                content=digits[log.content[k]] if log.content[k] >= 0 else None,
                series_id=(
                    str(series_text[k])
                    if series_text is not None and known_series is not None and known_series[k]
                    else None
                ),
            )
        )
    return result


def words_of(hashes: list[str]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Bits of these hashes."""
    return parse_hashes(pd.Series(hashes, dtype="str"), "content")


def read_slots(slots: pd.DataFrame | None) -> dict[str, dict[str, Any]]:
    """Slots of a forecast by a key that names them."""
    if slots is None:
        return {}
    start = instants(slots["window_start"], "window_start")
    end = instants(slots["window_end"], "window_end")
    series = slots["series_id"] if "series_id" in slots.columns else pd.Series([None] * len(slots))
    sure = pd.Series([math.inf] * len(slots))  # no probability given: every miss counts
    if "probability" in slots.columns:
        sure = slots["probability"].astype("float64")
    result = {}
    for venue, name, a, b, chance in zip(
        slots["venue_id"], series, start.tolist(), end.tolist(), sure.tolist(), strict=True
    ):
        if pd.isna(venue) or venue == "elsewhere":
            continue
        who = None if pd.isna(name) else str(name)
        result[f"{who}|{venue}|{a}"] = {
            "series_id": who,
            "venue_id": str(venue),
            "start": a,
            "end": b,
            "probability": chance,
        }
    return result


HIT = "|hit"
"""Behind the key of a slot: it was hit in the past, and is not missed when it ends."""


def slots_of_past(slots: dict[str, dict[str, Any]], past: pd.DataFrame) -> set[str]:
    """Slots of which the watch has nothing to tell: over when the past ends, or hit in it."""
    if not slots or not len(past):
        return set()
    t = instants(past["timestamp"])
    end = int(t.max())
    found = {key for key, slot in slots.items() if slot["end"] <= end}
    venue = past["venue_id"].astype("str").to_numpy(dtype=object)
    series = past["series_id"].astype("str").to_numpy(dtype=object)
    for key, slot in slots.items():
        if key in found or slot["start"] > end:
            continue
        hit = (t >= slot["start"]) & (venue == slot["venue_id"])
        if slot["series_id"] is not None:
            hit &= series == slot["series_id"]
        if hit.any():
            found.add(key + HIT)  # it may be hit again
    return found


def alert_table(alerts: list[tuple[object, ...]]) -> pd.DataFrame:
    """Alerts as a table."""
    table = pd.DataFrame(alerts, columns=ALERTS)
    for name in ("event_id", "kind", "series_id", "reason"):
        table[name] = table[name].astype("str")
    table["timestamp"] = pd.to_datetime(table["timestamp"], utc=True).astype("datetime64[us, UTC]")
    table["probability"] = table["probability"].astype("float64")
    return table
