"""Compiled close pairs of each single event: its own, and what chance would give it.

The windows of time and the lists of near places are those of `_knox_kernels`. Here the window of an
event opens to both sides, and what is subtracted everywhere is the event's pair with itself. What
chance would give needs no shuffles: each other event of a stratum is soon with the same chance,
so that the expectation is a product of a count in time and a weight in space.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crimeloc._compiled import kernel
from crimeloc.stats._knox_kernels import Candidates, NearPlaces, Places, away
from crimeloc.stats._shuffle_kernels import F64, I32, Strata


class Window(NamedTuple):
    """The events that are soon, before or after event i: ``first[i]:last[i]``, itself included."""

    first: I32
    last: I32


@kernel
def each_event(
    events: Candidates, places: Places, near: NearPlaces, window: Window
) -> tuple[F64, F64]:
    """Give, per event, its close pairs and its pairs near in space at any time."""
    ptr, place, weight, x = events.ptr, events.place, events.weight, places.x
    first, last = window.first, window.last
    radius = places.edges[places.edges.size - 1]
    n = ptr.size - 1
    close = np.zeros(n)
    near_space = np.zeros(n)
    always = np.zeros(x.size)
    for q in range(place.size):
        always[place[q]] += weight[q]
    if not near.listed:
        around = np.zeros(x.size)
        for u in range(x.size):
            for v in range(u, x.size):
                if x[v] - x[u] >= radius:
                    break
                if away(places, u, v) < radius:
                    around[u] += always[v]
                    if v > u:
                        around[v] += always[u]
        for i in range(n):
            for q in range(ptr[i], ptr[i + 1]):
                near_space[i] += weight[q] * around[place[q]]
                for r in range(ptr[i], ptr[i + 1]):
                    if away(places, place[q], place[r]) < radius:
                        near_space[i] -= weight[q] * weight[r]
            for k in range(first[i], last[i]):
                if k == i:
                    continue
                for q in range(ptr[i], ptr[i + 1]):
                    for r in range(ptr[k], ptr[k + 1]):
                        if away(places, place[q], place[r]) < radius:
                            close[i] += weight[q] * weight[r]
        return close, near_space
    active = np.zeros(x.size)
    own = np.zeros(x.size)
    came = 0
    gone = 0
    for i in range(n):
        while came < last[i]:
            for q in range(ptr[came], ptr[came + 1]):
                active[place[q]] += weight[q]
            came += 1
        while gone < first[i]:
            for q in range(ptr[gone], ptr[gone + 1]):
                active[place[q]] -= weight[q]
            gone += 1
        for q in range(ptr[i], ptr[i + 1]):
            own[place[q]] += weight[q]
        for q in range(ptr[i], ptr[i + 1]):
            v = place[q]
            for p in range(near.ptr[v], near.ptr[v + 1]):
                u = near.other[p]
                close[i] += weight[q] * (active[u] - own[u])
                near_space[i] += weight[q] * (always[u] - own[u])
        for q in range(ptr[i], ptr[i + 1]):
            own[place[q]] = 0.0
    return close, near_space


@kernel
def chance_each(events: Candidates, places: Places, window: Window, strata: Strata) -> F64:
    """Give, per event, the close pairs it would have if the others were shuffled within strata.

    The event keeps place and time. Of a stratum with m other events, of which k are soon, each is
    soon with chance k / m, whatever its place.
    """
    ptr, place, weight, x = events.ptr, events.place, events.weight, places.x
    first, last = window.first, window.last
    radius = places.edges[places.edges.size - 1]
    strata_ptr, members = strata.ptr, strata.items
    n = ptr.size - 1
    expected = np.zeros(n)
    around = np.zeros(x.size)
    label = np.empty(n, np.int32)
    for s in range(strata_ptr.size - 1):
        for k in range(strata_ptr[s], strata_ptr[s + 1]):
            label[members[k]] = s
    for s in range(strata_ptr.size - 1):
        low, high = strata_ptr[s], strata_ptr[s + 1]
        for sign in (1.0, 0.0):
            # The weight of this stratum near each place; afterwards it is wiped out again.
            for k in range(low, high):
                i = members[k]
                for q in range(ptr[i], ptr[i + 1]):
                    u = place[q]
                    for step in (-1, 1):
                        v = u if step == 1 else u - 1
                        while 0 <= v < x.size and abs(x[v] - x[u]) < radius:
                            if away(places, u, v) < radius:
                                around[v] = sign * (around[v] + weight[q])
                            v += step
            if sign == 0.0:
                break
            came = gone = low
            for i in range(first[members[low]], last[members[high - 1]]):
                while came < high and members[came] < last[i]:
                    came += 1
                while gone < high and members[gone] < first[i]:
                    gone += 1
                if came == gone:
                    continue
                own = label[i] == s
                soon = came - gone - (1 if own else 0)
                others = high - low - (1 if own else 0)
                if soon == 0:
                    continue
                reached = 0.0
                for q in range(ptr[i], ptr[i + 1]):
                    reached += weight[q] * around[place[q]]
                    if own:
                        for r in range(ptr[i], ptr[i + 1]):
                            if away(places, place[q], place[r]) < radius:
                                reached -= weight[q] * weight[r]
                expected[i] += reached * soon / others
    return expected
