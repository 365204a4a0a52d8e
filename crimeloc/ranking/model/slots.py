"""Venue x window: the calendar grid of a forecast and what falls into each slot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.events.calendar import calendar_windows, in_business, open_share
from crimeloc.ranking.features.arrays import Times
from crimeloc.ranking.features.exploration import EXPLORING
from crimeloc.ranking.features.habit import RETURNING
from crimeloc.ranking.history import wall
from crimeloc.ranking.model.mixture import Own, Weights, part_weights
from crimeloc.ranking.model.timing import at_least_one, day_kind
from crimeloc.ranking.model.walker import View
from crimeloc.ranking.register import Register
from crimeloc.tables import ELSEWHERE
from crimeloc.units import to_timestamps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Windows of a horizon, and the moments inside them at which the experts are asked.

    Parameters
    ----------
    starts, ends : ndarray of int64
        Microseconds since 1970 in UTC, half-open.
    times : Times
        The moments asked; `window` tells in which window each lies.
    window : ndarray of int64
        See there.
    length : ndarray
        Seconds each moment stands for.
    open : ndarray, shape (windows, venues), or None
        Part of each window in which a venue is in business and open; None: all.
    """

    starts: Ints
    ends: Ints
    times: Times
    window: Ints
    length: Floats
    open: Floats | None

    @property
    def seconds(self) -> float:
        """How long the horizon is."""
        return float((self.ends[-1] - self.starts[0]) / 1e6) if len(self.starts) else 0.0


@dataclass(frozen=True)
class SlotArrays:
    """The slots of one series as arrays: venues down with "elsewhere" last, windows across.

    Parameters
    ----------
    venue_id : ndarray of object, shape (v,)
        The venues.
    starts, ends : ndarray of int64, shape (w,)
        The windows, microseconds since 1970 in UTC.
    share, expected, probability : ndarray, shape (v, w)
        As in the contract SLOTS.
    level, venue_level : float
        Share at which the calibrated 80 % sets of slots and of venues are cut.
    scatter, clump : float
        Spread of the counts, and uploads that a sitting brings.
    """

    venue_id: NDArray[np.object_]
    starts: Ints
    ends: Ints
    share: Floats
    expected: Floats
    probability: Floats
    level: float = 0.8
    venue_level: float = 0.8
    scatter: float = np.inf
    clump: float = 1.0

    @property
    def venue_probability(self) -> Floats:
        """Of at least one upload at each venue within the horizon."""
        return at_least_one(self.expected.sum(axis=1), self.scatter, self.clump)


def slot_arrays(
    forecast: Forecast,
    grid: Grid,
    ids: NDArray[np.object_],
    level: float = 0.8,
    venue_level: float = 0.8,
) -> SlotArrays:
    """Give a forecast as arrays, for those who ask often and need no table."""
    share = np.vstack([forecast.share.T, forecast.elsewhere])
    expected = forecast.count * share
    chance = forecast.chance(expected)
    venues = np.append(ids, ELSEWHERE)
    return SlotArrays(
        venues,
        grid.starts,
        grid.ends,
        share,
        expected,
        chance,
        level,
        venue_level,
        forecast.scatter,
        forecast.clump,
    )


def grid_of(
    at_us: int, horizon: object, window: object, register: Register, tz: str, country: str | None
) -> Grid:
    """Cut the horizon into calendar windows and say which venue is open in which."""
    at = to_timestamps(np.array([at_us]))[0]
    starts, ends = calendar_windows(at, horizon, window, tz=tz)  # type: ignore[arg-type]
    length = (ends - starts) / 1e6
    parts = np.clip(np.ceil(length / 7200.0), 1, 12).astype(np.int64)
    number = np.repeat(np.arange(len(starts)), parts)
    inside = np.arange(len(number)) - np.repeat(np.cumsum(parts) - parts, parts)
    step = (length / parts)[number]
    t = starts[number] / 1e6 + (inside + 0.5) * step
    times = Times(t, *wall(t, tz, country))
    is_open = open_part(register, starts, ends, tz, country)
    return Grid(starts, ends, times, number, step, is_open)


def open_part(
    register: Register, starts: Ints, ends: Ints, tz: str, country: str | None
) -> Floats | None:
    """Part of each window (rows) in which each venue is in business and open; None: all."""
    table, share = register.table, None
    if {"opened", "closed"} & set(table.columns):
        never = pd.Series(pd.NaT, index=table.index).dt.tz_localize("UTC")
        share = in_business(
            table["opened"] if "opened" in table.columns else never,
            table["closed"] if "closed" in table.columns else never,
            starts,
            ends,
        )
    if "opening_hours" in table.columns and table["opening_hours"].notna().any():
        hours = open_share(table["opening_hours"], starts, ends, tz=tz, country=country)
        share = hours if share is None else share * hours
    if share is None or (share >= 1.0).all():
        return None
    return np.ascontiguousarray(share.T)


@dataclass(frozen=True)
class Forecast:
    """One series on one grid, as arrays.

    Parameters
    ----------
    parts : ndarray, shape (experts, windows, venues)
        The share owed to each expert.
    elsewhere : ndarray, shape (windows,)
        Share that falls at no venue of the register.
    count : float
        Uploads expected within the horizon.
    scatter : float
        Spread of the counts.
    new : float
        Chance that the next venue is a new one.
    clump : float
        Uploads that a sitting brings.
    """

    parts: Floats
    elsewhere: Floats
    count: float
    scatter: float
    new: float
    clump: float = 1.0

    def chance(self, expected: Floats) -> Floats:
        """Of at least one upload where so many are expected."""
        return at_least_one(expected, self.scatter, self.clump)

    @property
    def share(self) -> Floats:
        """Share by window and venue."""
        return np.asarray(self.parts.sum(axis=0))


def spread(
    view: View, grid: Grid, week: Floats, weights: Weights, own: Own, lost: float
) -> tuple[Floats, Floats, float]:
    """Spread one upload of the horizon over windows, venues and experts.

    Returns
    -------
    parts : ndarray, shape (experts, windows, venues)
    elsewhere : ndarray, shape (windows,)
    new : float
        Together parts and elsewhere sum to 1.
    """
    n_windows = len(grid.starts)
    clock = week[
        day_kind(grid.times.weekday, grid.times.rest),
        np.floor(grid.times.hour).astype(np.int64) % 24,
    ]
    when = clock * grid.length
    when = when / when.sum()
    back_w, new_w = part_weights(
        view.gate, len(view.columns) > 0, bool(view.fresh.sum() > 1e-9), weights, own
    )
    n_back, n_venues = len(RETURNING), len(view.fresh)
    parts = np.zeros((n_back + len(EXPLORING), n_windows, n_venues))
    back, new = view.back, view.new
    if grid.open is not None:
        is_open = grid.open[grid.window]
        back = only_open(back, is_open[:, view.columns])
        new = only_open(new, is_open)
    first = np.searchsorted(grid.window, np.arange(n_windows))
    for k in range(n_back):
        part = np.add.reduceat(back[k] * (when * back_w[:, k])[:, None], first, axis=0)
        parts[k][:, view.columns] = part
    for k in range(len(EXPLORING)):
        _sum_up(new[k], when * new_w[:, k], first, parts[n_back + k])
    by_window = np.add.reduceat(when, first)
    total = parts.sum()
    if total <= 0:
        return parts, by_window, float(new_w.sum(axis=1) @ when)
    parts *= (1.0 - lost) / total
    return parts, lost * by_window / by_window.sum(), float(new_w.sum(axis=1) @ when)


def _sum_up(said: Floats, weight: Floats, first: Ints, out: Floats) -> None:
    """Add up the moments of each window, weighed; venues alike at each moment stay exactly alike.

    The first moment of window i is ``first[i]``; each window has one or more.
    """
    size = np.diff(first, append=len(said))
    for k in range(int(size.max(initial=0))):
        there = np.flatnonzero(size > k)
        moment = first[there] + k
        part = said[moment]
        part *= weight[moment, None]
        if k == 0:
            out[:] = part
        elif len(there) == len(out):
            out += part
        else:
            out[there] += part


def only_open(experts: Floats, is_open: Floats) -> Floats:
    """Keep to open venues; an expert with none left gives its weight to the others."""
    experts = experts * is_open[None]
    total = experts.sum(axis=2, keepdims=True)
    return np.asarray(np.divide(experts, total, out=np.zeros_like(experts), where=total > 1e-12))


def likeliest(share: Floats) -> Ints:
    """Give the places of the shares, the largest first and equals in order: a stable sort, quicker.

    An unstable sort of numbers is several times as fast; runs of equals are then put in order.
    """
    order = np.argsort(-share)
    sorted_ = share[order]
    same = sorted_[1:] == sorted_[:-1]
    if same.any():
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        run = np.cumsum(np.append(True, ~same))[tied]
        order[tied] = np.sort(run * len(share) + order[tied]) % len(share)
    return np.asarray(order)
