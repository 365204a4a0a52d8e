"""Close pairs of events by bands of distance and time: observed, shuffled and per event."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from crimeloc.stats._chance import Chance
from crimeloc.stats._events import Bundles

if TYPE_CHECKING:
    from crimeloc.stats._knox_event_kernels import Window

__all__ = ["ClosePairs"]

MOST_LISTED = 50_000_000
"""Lists of near places longer than this are not kept; pairs are then looked at one by one."""

DIGITS = 9
"""Sums of fractions are rounded to so many decimals, so that equal sums compare equal."""


class ClosePairs:
    """Count pairs by half-open bands ``[edge, next edge)`` of distance and time.

    Parameters
    ----------
    events : Bundles
        Events in order of time.
    distance_edges, time_edges : ndarray
        Ascending, finite; the first at least 0.
    manhattan : bool
        Distance along the axes instead of straight.
    """

    def __init__(
        self,
        events: Bundles,
        distance_edges: NDArray[np.float64],
        time_edges: NDArray[np.float64],
        *,
        manhattan: bool,
    ) -> None:
        from crimeloc.stats import _knox_kernels as k
        from crimeloc.stats._shuffle_kernels import Strata

        self._events = events
        self._rows = k.Candidates(events.ptr, events.place, events.weight)
        self._places = k.Places(
            events.x,
            events.y,
            np.ascontiguousarray(distance_edges, dtype=np.float64),
            bool(manhattan),
        )
        self._first = k.time_edges(events.t, np.ascontiguousarray(time_edges, dtype=np.float64))
        ptr, other, band, listed = k.near_places(self._places, MOST_LISTED)
        self._near = k.NearPlaces(listed <= MOST_LISTED, ptr, other, band)
        # One step per near place of each event, or one per pair soon in time: the fewer.
        self._by_lists = False
        if self._near.listed:
            steps = float(np.diff(ptr)[events.place].sum())
            looks = float((self._first[:, 0] - self._first[:, -1]).sum(dtype=np.float64))
            self._by_lists = steps <= 2.0 * looks + len(events.t)
        sizes = np.unique(events.stratum, return_counts=True)[1]
        self._strata = Strata(
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            np.argsort(events.stratum, kind="stable").astype(np.int32),
        )
        self._shape = (len(distance_edges) - 1, len(time_edges) - 1)
        self._padded = self._pad() if self._by_lists else None

    def observed(self) -> NDArray[np.float64]:
        """Give the pairs in each band of distance (rows) and time (columns)."""
        return np.asarray(self._some(np.empty(0, np.uint64))[0])

    def permuted(self, chance: Chance) -> NDArray[np.float64]:
        """Give the same in shuffled worlds, shape (n_permutations, rows, columns)."""
        threads = chance.threads
        # Each world has its own seed: who computes it does not matter.
        seeds = chance.generator.integers(0, 2**64, size=chance.n_permutations, dtype=np.uint64)
        if threads == 1 or chance.n_permutations < 2 * threads:
            return self._some(seeds)
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(self._some, np.array_split(seeds, threads)))
        return np.concatenate(parts)

    def soon(self) -> NDArray[np.float64]:
        """Give the pairs in each band of time, wherever they are."""
        return np.asarray(-np.diff(self._first.sum(axis=0, dtype=np.float64)))

    def per_event(
        self,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Give, per event, its close pairs and its pairs near in space and near in time.

        For one band of each kind that begins at 0.
        """
        from crimeloc.stats._knox_event_kernels import each_event

        window = self._window()
        close, near_space = each_event(self._rows, self._places, self._near, window)
        near_time = (window.last - window.first - 1).astype(np.float64)
        return np.round(close, DIGITS), np.round(near_space, DIGITS), near_time

    def by_chance(
        self, near_space: NDArray[np.float64], near_time: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give, per event, the close pairs that chance would give it where and when it is.

        For one band of each kind that begins at 0; the others are shuffled within their strata.
        """
        from crimeloc.stats._knox_event_kernels import chance_each

        if len(self._strata.ptr) == 2:
            return near_space * near_time / (len(self._events.t) - 1)
        expected = chance_each(self._rows, self._places, self._window(), self._strata)
        return np.round(expected, DIGITS)

    def _window(self) -> Window:
        """Give, per event, the events that are soon before or after it."""
        from crimeloc.stats._knox_event_kernels import Window

        first = np.ascontiguousarray(self._first[:, 1])
        last = np.searchsorted(first, np.arange(len(first)), side="right")
        return Window(first, last.astype(np.int32))

    def _pad(self) -> NDArray[np.uint32] | None:
        """Fill lists of near places up to one length, where that does not make them much longer."""
        size = np.diff(self._near.ptr)
        width = -(-int(size.max(initial=1)) // 8) * 8
        if width * len(size) > 4 * len(self._near.other) + 8 * len(size):
            return None
        padded = np.full((len(size), width), len(size), dtype=np.uint32)
        padded[np.arange(width) < size[:, None]] = self._near.other
        return padded

    def _some(self, seeds: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Count under one shuffle per seed; without seeds, once as observed."""
        from crimeloc.stats import _knox_kernels as k

        if not (self._by_lists and self._events.single and self._shape == (1, 1)):
            return self._bands(seeds)
        out = np.empty(max(len(seeds), 1))
        place, first = self._events.place, np.ascontiguousarray(self._first[:, 1])
        if self._padded is not None:
            k.permuted_padded(place, self._padded, first, self._strata, seeds, out)
        else:
            k.permuted_single(place, self._near, first, self._strata, seeds, out)
        return out.reshape(-1, 1, 1)

    def _bands(self, seeds: NDArray[np.uint64]) -> NDArray[np.float64]:
        from crimeloc.stats._knox_kernels import permuted_bands

        out = np.empty((max(len(seeds), 1), *self._shape))
        near = self._near._replace(listed=self._by_lists)
        permuted_bands(self._rows, self._places, near, self._first, self._strata, seeds, out)
        return np.round(out, DIGITS)
