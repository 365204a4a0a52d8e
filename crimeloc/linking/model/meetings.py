"""Could one person have been at both places, and do two meet more often than their habits say?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import nbdtrc

from crimeloc.geometry import great_circle_m
from crimeloc.linking.log_arrays import Floats, Ints
from crimeloc.linking.model.crowd import shared_venues
from crimeloc.linking.model.profiles import Profiles

KMH, SLACK_S, REACH_US = 80.0, 60.0, 6 * 3_600_000_000
"""Nobody is faster than this, give or take a minute and a kilometre; looked at over six hours."""

DAY_US = 86_400_000_000.0
RARE = (0.02, 0.0005)
"""So rarely do two strangers of these habits meet so often: levels 1 and 2."""

SPREAD = 2
"""Shape of the gamma that spreads the expected meetings: days on which everybody comes."""

COMPANY = 0.25
"""Two who meet in so large a part of the visits of either, far above chance, come together."""


class Meetings(NamedTuple):
    """Meetings of each pair."""

    level: NDArray[np.int64]  # 0 as many as expected, 1 more, 2 far more
    company: NDArray[np.bool_]  # do they come together?


def meetings(p: Profiles, i: Ints, j: Ints) -> Meetings:
    """Hold the meetings of each pair against what their places, hours and periods lead to."""
    met = p.meetings.look(i, j)
    level = np.zeros(len(i), np.int64)
    company = np.zeros(len(i), bool)
    rows = np.flatnonzero(met > 0)
    if len(rows):
        a, b, count = i[rows], j[rows], met[rows]
        mean = expected_meetings(p, a, b) + 0.05
        tail = nbdtrc(count - 1, SPREAD, SPREAD / (SPREAD + mean))
        level[rows] = np.searchsorted(-np.array(RARE), -tail, side="right")
        visits = np.asarray(p.places.sum(axis=1)).ravel()
        least = np.minimum(visits[a], visits[b])
        company[rows] = (tail < RARE[1]) & (count >= 3) & (count >= COMPANY * least)
    return Meetings(level, company)


def expected_meetings(p: Profiles, i: Ints, j: Ints) -> Floats:
    """How often would two strangers with these places, hours and periods meet?"""
    s = shared_venues(p.places, i, j)  # counts of visits here, not shares
    pairs = np.bincount(s.pair, s.one * s.two, minlength=len(i))
    length = np.maximum(p.last - p.first, DAY_US)
    both = np.minimum(p.last[i], p.last[j]) - np.maximum(p.first[i], p.first[j])
    both = np.clip(both, DAY_US, np.minimum(length[i], length[j]))
    days = length[i] * length[j] / both / DAY_US
    # Within half an hour either way, by the hours of both; workdays and rest days are 5 and 2 of 7.
    raw, smooth = p.hour_raw[i], p.hours[j]
    same = 1.4 * np.einsum("ij,ij->i", raw[:, :24], smooth[:, :24], dtype=np.float64)
    same += 3.5 * np.einsum("ij,ij->i", raw[:, 24:], smooth[:, 24:], dtype=np.float64)
    untimed = (p.timed[i] == 0) | (p.timed[j] == 0)
    return np.asarray(pairs / days * np.where(untimed, 0.1, np.minimum(same, 1.0)))


def impossible_travel(
    tracks: tuple[Ints, Ints, Floats, Floats], i: Ints, j: Ints
) -> tuple[Ints, Ints]:
    """For each pair: neighbouring uploads within six hours, and those no one can have made."""
    start, t, lon, lat = tracks
    size = np.diff(start)
    many = size[i] + size[j]
    first = np.concatenate([[0], np.cumsum(many)])
    pair = np.repeat(np.arange(len(i)), many)
    inner = np.arange(len(pair)) - first[pair]
    left = inner < size[i][pair]
    row = np.where(left, start[i][pair] + inner, start[j][pair] + inner - size[i][pair])
    order = np.lexsort((t[row], pair))
    row, side = row[order], left[order]
    next_to = np.flatnonzero((pair[1:] == pair[:-1]) & (side[1:] != side[:-1]))
    a, b = row[next_to], row[next_to + 1]
    took = t[b] - t[a]
    soon = took <= REACH_US
    next_to, a, b, took = next_to[soon], a[soon], b[soon], took[soon]
    away = great_circle_m(lon[a], lat[a], lon[b], lat[b])
    clash = away > 1_000.0 + KMH / 3.6 * (took / 1e6 + SLACK_S)
    met = np.bincount(pair[next_to], minlength=len(i))
    return met, np.bincount(pair[next_to[clash]], minlength=len(i))
