"""What an explanation says: the chance, how it compares, and what the series did before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crimeloc.messages import Message
from crimeloc.units import seconds, to_timestamps

if TYPE_CHECKING:
    from crimeloc.ranking.model.forecast import Model

__all__ = ["head_of", "lift_of", "reason_of", "sentence_of"]

Window = tuple[pd.Timestamp, pd.Timestamp]
LAST = 10
"""So many of the last uploads are counted in a sentence."""
FINE = 100.0
"""From so many times on a lift is a whole number."""


def head_of(venue: str, horizon: str, slot: Window | None, probability: float) -> Message:
    """Say how likely an upload is, where and when."""
    if slot is not None:
        return Message("explain.head.slot", venue=venue, window=slot, p=probability)
    span = pd.Timedelta(seconds(horizon, "horizon"), "s").to_pytimedelta()
    return Message("explain.head.horizon", venue=venue, span=span, p=probability)


def lift_of(lift_bits: float) -> Message | None:
    """Say how many times the share that popularity alone gives; nothing where there is none."""
    if not np.isfinite(lift_bits):
        return None
    times = float(2.0**lift_bits)
    return Message("explain.lift" if times < FINE else "explain.lift.large", times=times)


def reason_of(model: Model, series: str, v: int, slot: Window | None) -> Message:
    """Say how many of the last uploads came from a venue; of a slot, of those of its weekday.

    Uploads count with the weights of their addresses: whole ones where the address is certain.
    """
    history, code = model.history, model.code(series)
    if code < 0:
        return Message("explain.reason.no_past")
    rows = history.rows
    every = np.arange(history.row_bounds[code], history.row_bounds[code + 1])
    here, of_day, day = every, "", {}
    if slot is not None:
        here = every[rows.weekday[every] == slot[0].day_of_week]
        of_day, day = ".weekday", {"day": slot[0]}
    here = here[-LAST:]
    if not len(here):
        return Message(f"explain.reason.none{of_day}", **day)
    mine = np.array([_weight(model, int(i), v) for i in here])
    if mine.sum() <= 0:
        ever = sum(_weight(model, int(i), v) for i in every)
        counts = {"of": len(here), "n": float(ever), "all": len(every)}
        return Message(f"explain.reason.not_lately{of_day}", **counts, **day)
    last = rows.t[here[np.flatnonzero(mine > 0)[-1]]]
    stamp = to_timestamps(np.array([round(last * 1e6)])).tz_convert(history.tz)[0]
    counts = {"of": len(here), "n": float(mine.sum())}
    return Message(f"explain.reason.here{of_day}", **counts, last=stamp, **day)


def _weight(model: Model, row: int, v: int) -> float:
    """How sure is the address of a located upload that it was at a venue?"""
    history = model.history
    here = slice(int(history.rows.ptr[row]), int(history.rows.ptr[row + 1]))
    weight = history.address_weight[here][history.rows.venue[here] == v].sum()
    return float(weight / history.weight[history.place[row]])


def sentence_of(
    head: Message, lift: Message | None, reason: Message, series: str | None
) -> Message:
    """Join the parts; `series` is named where there are several."""
    if lift is None:
        sentence = Message("explain.sentence.plain", head=head, reason=reason)
    else:
        sentence = Message("explain.sentence", head=head, lift=lift, reason=reason)
    if series is None:
        return sentence
    return Message("explain.of_series", series=series, sentence=sentence)
