"""What a watch knows beforehand, counted at once from the linked past."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.linking.log_arrays import Columns, Floats, Ints, Log
from crimeloc.linking.monitoring.state import COMMON, RECENT, State, owner
from crimeloc.linking.monitoring.uploads import read_located
from crimeloc.linking.series_names import digest_name

FIRST, MEMORY = 20, 50
"""Uploads of a series before its habit is held against it, and how many are remembered."""


def build(located: pd.DataFrame, columns: Columns) -> State:
    """Count the past as if its uploads had come one by one.

    One thing differs: how surprising each upload was is judged by its own series as it stood then,
    but from the venues and hours of all uploads as they stand at the end.
    """
    log = read_located(located, columns)
    state = State()
    if not len(log):
        return state
    names, of = _series(located, log)
    size = np.bincount(of, minlength=len(names))
    state.seen = set(log.event_id.tolist())
    state.n, state.new_series, state.now = len(log), len(names), int(log.t.max())
    state.size = dict(zip(names, size.tolist(), strict=True))
    state.accounts = _nested(log.account, of, log.accounts.tolist(), names)
    any_identifier = np.zeros(len(log), bool)
    for name, identifier in log.identifiers.items():
        any_identifier |= identifier >= 0
        text = located[name].iloc[log.row].astype("str").str.strip().to_numpy(dtype=object)
        label = np.full(int(identifier.max(initial=-1)) + 1, "", object)
        label[identifier[identifier >= 0]] = text[identifier >= 0]
        state.identifiers |= _nested(identifier, of, [f"{name}={value}" for value in label], names)
    identified = np.bincount(of[any_identifier], minlength=len(names)).tolist()
    state.identified = {name: n for name, n in zip(names, identified, strict=True) if n}
    venue_names = log.venue_id.tolist()
    _count_places(state, log, of, names, venue_names)
    rank = _rank(of, size)
    _remember(state, log, of, names, venue_names, size[of] - rank)
    _first_hashes(state, log, of, names)
    bits = _surprises(log, of, rank, len(venue_names), state)
    _usual(state, of, rank, size, names, bits)
    return state


def _series(located: pd.DataFrame, log: Log) -> tuple[list[str], Ints]:
    """The series of each upload; one that is in none is a series of its own."""
    values = located["series_id"].iloc[log.row]
    known = values.notna().to_numpy(dtype=bool)
    names = values.astype("str").to_numpy(dtype=object).copy()
    names[~known] = [digest_name(str(event)) for event in log.event_id[~known]]
    number, unique = pd.factorize(names)
    return [str(name) for name in unique], number.astype(np.int64)


def _nested(code: Ints, of: Ints, labels: list[str], names: list[str]) -> dict[str, dict[str, int]]:
    """How often each value goes with each series."""
    known = code >= 0
    keys, count = np.unique(code[known] * len(names) + of[known], return_counts=True)
    found: dict[str, dict[str, int]] = {}
    one, two = np.divmod(keys, len(names))
    for value, series, n in zip(one.tolist(), two.tolist(), count.tolist(), strict=True):
        found.setdefault(str(labels[value]), {})[names[series]] = n
    return found


def _count_places(
    state: State, log: Log, of: Ints, names: list[str], venue_names: list[str]
) -> None:
    width = max(len(venue_names), 1)
    keys, inverse = np.unique(of[log.venue_event] * width + log.venue_code, return_inverse=True)
    weight = np.bincount(inverse, weights=log.venue_weight, minlength=len(keys))
    state.venues = {name: {} for name in names}
    one, two = np.divmod(keys, width)
    for series, venue, w in zip(one.tolist(), two.tolist(), weight.tolist(), strict=True):
        state.venues[names[series]][venue_names[venue]] = w
    total = np.bincount(log.venue_code, weights=log.venue_weight, minlength=len(venue_names))
    seen = np.unique(log.venue_code).tolist()
    state.venue_total = {venue_names[k]: float(total[k]) for k in seen}
    state.venue_sum = float(log.venue_weight.sum())
    timed = log.hour >= 0
    table = np.bincount(of[timed] * 48 + log.hour[timed], minlength=48 * len(names))
    table = table.reshape(-1, 48).astype(np.float64)
    by_series: Any = table.tolist()
    state.hours = {name: row for name, row in zip(names, by_series, strict=True) if any(row)}
    state.hour_total = (1.0 + table.sum(axis=0)).tolist()


def _rank(of: Ints, size: Ints) -> Ints:
    """How many uploads of its series came before each upload."""
    order = np.argsort(of, kind="stable")
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    rank = np.empty(len(of), np.int64)
    rank[order] = np.arange(len(of)) - start[of[order]]
    return rank


def _remember(
    state: State, log: Log, of: Ints, names: list[str], venue_names: list[str], left: Ints
) -> None:
    """The last few places and hours of each series, and where it was last for sure."""
    late = np.flatnonzero(left <= RECENT)
    places: dict[int, dict[str, float]] = {event: {} for event in late.tolist()}
    wanted = np.zeros(len(log), bool)
    wanted[late] = True
    rows = np.flatnonzero(wanted[log.venue_event])
    for event, venue, w in zip(
        log.venue_event[rows].tolist(),
        log.venue_code[rows].tolist(),
        log.venue_weight[rows].tolist(),
        strict=True,
    ):
        places[event][venue_names[venue]] = w
    state.recent = {name: [] for name in names}
    hour = log.hour[late].tolist()
    for event, series, h in zip(late.tolist(), of[late].tolist(), hour, strict=True):
        state.recent[names[series]].append([places[event], h])
    sure = np.flatnonzero(log.sure & ~np.isnan(log.lonlat[:, 0]))
    last = np.full(len(names), -1, np.int64)
    last[of[sure]] = sure  # uploads stand in the order of time: the last one stays
    for series in np.flatnonzero(last >= 0).tolist():
        k = int(last[series])
        state.last[names[series]] = (int(log.t[k]), *map(float, log.lonlat[k]))  # type: ignore[assignment]


def _first_hashes(state: State, log: Log, of: Ints, names: list[str]) -> None:
    rows = np.flatnonzero(log.content >= 0)
    content, at = np.unique(log.content[rows], return_index=True)
    first = rows[at]
    order = np.argsort(first)  # in the order in which they came
    digits = log.words.tobytes().hex()
    width = 16 * log.words.shape[1]
    by_code: dict[int, list[str]] = {}
    for code, event in zip(content[order].tolist(), first[order].tolist(), strict=True):
        by_code[code] = state.hashes[digits[width * code : width * (code + 1)]] = [names[of[event]]]
    # Each account once for each content, as far as it takes to know that it is common.
    who = np.where(log.account >= 0, log.account, len(log.accounts) + np.arange(len(log)))[rows]
    _, at = np.unique(log.content[rows] * (int(who.max(initial=0)) + 1) + who, return_index=True)
    for event in rows[np.sort(at)].tolist():
        carriers = by_code[int(log.content[event])]
        if len(carriers) <= COMMON + 1:
            name = str(log.accounts[log.account[event]]) if log.account[event] >= 0 else None
            carriers.append(owner(name, str(log.event_id[event])))


def _before(keys: Ints, weight: Floats, group: Ints, upto: Ints, span: int) -> Floats:
    """Sum of the weights of a group with a rank below `upto`; `keys` are group * span + rank."""
    order = np.argsort(keys, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(weight[order])])
    keys = keys[order]
    low = np.searchsorted(keys, group * span)
    high = np.searchsorted(keys, group * span + np.maximum(upto, 0))
    return np.asarray(sums[high] - sums[low])


def _surprises(log: Log, of: Ints, rank: Ints, n_venues: int, state: State) -> Floats:
    """Bits against place and hour of each upload, by its series before the last few; else 0."""
    bits = np.zeros(len(log))
    span = int(rank.max()) + 1
    late = rank >= FIRST
    upto = rank - RECENT
    at, venue, w = log.venue_event, log.venue_code, log.venue_weight
    width = max(n_venues, 1)
    rows = np.flatnonzero(late[at])
    event = at[rows]
    total = _before(of[at] * span + rank[at], w, of, upto, span)
    mine = _before(
        (of[at] * width + venue) * span + rank[at],
        w,
        of[event] * width + venue[rows],
        upto[event],
        span,
    )
    every = np.bincount(venue, weights=w, minlength=width)
    base = (every[venue[rows]] + 0.5) / (state.venue_sum + 0.5)
    share = np.maximum(mine, 0.0) / (total[event] + 2.0)
    weight = np.bincount(at, weights=w, minlength=len(log))
    part = w[rows] / weight[event] * (0.2 + 0.8 * share / base)
    ratio = np.bincount(event, weights=part, minlength=len(log))
    known = (ratio > 0) & (total > 1e-9)
    bits[known] += np.maximum(0.0, -np.log2(ratio[known]))
    return bits + _hour_surprises(log, of, rank, late, upto, span, state)


def _hour_surprises(
    log: Log, of: Ints, rank: Ints, late: NDArray[np.bool_], upto: Ints, span: int, state: State
) -> Floats:
    bits = np.zeros(len(log))
    timed = np.flatnonzero(log.hour >= 0)
    rows = timed[late[timed]]
    if not len(rows):
        return bits
    keys = (of[timed] * 48 + log.hour[timed]) * span + rank[timed]
    one = np.ones(len(timed))
    total = _before(of[timed] * span + rank[timed], one, of[rows], upto[rows], span)
    total = np.maximum(total, 1e-9)
    every = np.array(state.hour_total)
    day, hour = np.divmod(log.hour[rows], 24)
    near, base = np.zeros(len(rows)), np.zeros(len(rows))
    for step, w in ((-2, 0.1), (-1, 0.25), (0, 0.3), (1, 0.25), (2, 0.1)):
        at = 24 * day + (hour + step) % 24
        near += w * _before(keys, one, of[rows] * 48 + at, upto[rows], span)
        base += w * every[at] / every.sum()
    enough = total / (total + 5.0)
    value = np.log2(1.0 - enough + enough * (0.1 + 0.9 * near / total / base))
    bits[rows] = np.maximum(0.0, -value)
    return bits


def _usual(state: State, of: Ints, rank: Ints, size: Ints, names: list[str], bits: Floats) -> None:
    """How surprising each series usually is: half a bit as if seen ten times, then what was seen.

    The running mean over up to `MEMORY` uploads, written out: u <- (n u + b) / (n + 1).
    """
    many = np.maximum(size - FIRST, 0)
    grown = MEMORY - 10  # so many uploads until the memory is full
    rows = np.flatnonzero(rank >= FIRST)
    place, m = rank[rows] - FIRST, many[of[rows]]
    fade = MEMORY / (MEMORY + 1.0)
    early = np.where(m <= grown, 1.0 / (10.0 + m), fade ** np.maximum(m - grown, 0) / MEMORY)
    weight = np.where(place < grown, early, fade ** np.maximum(m - 1 - place, 0) / (MEMORY + 1.0))
    surprise = np.bincount(of[rows], weights=weight * bits[rows], minlength=len(names))
    start = np.where(many <= grown, 5.0 / (10.0 + many), 5.0 / MEMORY * fade ** (many - grown))
    for k in np.flatnonzero(many).tolist():
        usual = float(start[k] + surprise[k])
        state.strange[names[k]] = [0.0, usual, float(min(10 + int(many[k]), MEMORY))]
