"""Close pairs of events by bands of distance and time: observed, shuffled and per event."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from crimeloc.stats._events import Bundles

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

        self._k = k
        self._events = events
        self._edges = np.ascontiguousarray(distance_edges, dtype=np.float64)
        self._manhattan = bool(manhattan)
        self._first = k.time_edges(events.t, np.ascontiguousarray(time_edges, dtype=np.float64))
        self._near_ptr, self._near, self._band, listed = k.near_places(
            events.x, events.y, self._edges, self._manhattan, MOST_LISTED
        )
        self._listed = listed <= MOST_LISTED
        # One step per near place of each event, or one per pair soon in time: the fewer.
        self._by_lists = False
        if self._listed:
            steps = float(np.diff(self._near_ptr)[events.place].sum())
            looks = float((self._first[:, 0] - self._first[:, -1]).sum(dtype=np.float64))
            self._by_lists = steps <= 2.0 * looks + len(events.t)
        sizes = np.unique(events.stratum, return_counts=True)[1]
        self._strata = np.argsort(events.stratum, kind="stable").astype(np.int32)
        self._strata_ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self._shape = (len(distance_edges) - 1, len(time_edges) - 1)
        self._padded = self._pad() if self._by_lists else None

    def observed(self) -> NDArray[np.float64]:
        """Give the pairs in each band of distance (rows) and time (columns)."""
        found: NDArray[np.float64] = self._some(np.empty(0, np.uint64))[0]
        return found

    def draws(self, rng: np.random.Generator, draws: int, threads: int) -> NDArray[np.float64]:
        """Give the same in shuffled worlds, shape (draws, rows, columns)."""
        # Each world has its own seed: who computes it does not matter.
        seeds = rng.integers(0, 2**64, size=draws, dtype=np.uint64)
        if threads == 1 or draws < 2 * threads:
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
        e = self._events
        first = self._first[:, 1]
        last = np.searchsorted(first, np.arange(len(e.t)), side="right").astype(np.int32)
        close, near_space = self._k.each_event(
            e.ptr,
            e.place,
            e.weight,
            e.x,
            e.y,
            self._edges[-1],
            self._manhattan,
            self._listed,
            self._near_ptr,
            self._near,
            first,
            last,
        )
        near_time = (last - first - 1).astype(np.float64)
        return np.round(close, DIGITS), np.round(near_space, DIGITS), near_time

    def by_chance(
        self, near_space: NDArray[np.float64], near_time: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give, per event, the close pairs that chance would give it where and when it is.

        For one band of each kind that begins at 0; the others are shuffled within their strata.
        """
        e = self._events
        if len(self._strata_ptr) == 2:
            return near_space * near_time / (len(e.t) - 1)
        first = self._first[:, 1]
        last = np.searchsorted(first, np.arange(len(e.t)), side="right").astype(np.int32)
        expected: NDArray[np.float64] = self._k.chance_each(
            e.ptr,
            e.place,
            e.weight,
            e.x,
            e.y,
            self._edges[-1],
            self._manhattan,
            np.ascontiguousarray(first),
            last,
            self._strata_ptr,
            self._strata,
        )
        return np.round(expected, DIGITS)

    def _pad(self) -> NDArray[np.uint32] | None:
        """Fill lists of near places up to one length, where that does not make them much longer."""
        size = np.diff(self._near_ptr)
        width = -(-int(size.max(initial=1)) // 8) * 8
        if width * len(size) > 4 * len(self._near) + 8 * len(size):
            return None
        padded = np.full((len(size), width), len(size), dtype=np.uint32)
        padded[np.arange(width) < size[:, None]] = self._near
        return padded

    def _some(self, seeds: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Count under one shuffle per seed; without seeds, once as observed."""
        e = self._events
        if not (self._by_lists and e.single and self._shape == (1, 1)):
            return self._bands(seeds)
        out = np.empty(max(len(seeds), 1))
        if self._padded is not None:
            self._k.draws_padded(
                e.place,
                self._padded,
                np.ascontiguousarray(self._first[:, 1]),
                self._strata_ptr,
                self._strata,
                seeds,
                out,
            )
            return out.reshape(-1, 1, 1)
        self._k.draws_single(
            e.place,
            self._near_ptr,
            self._near,
            np.ascontiguousarray(self._first[:, 1]),
            self._strata_ptr,
            self._strata,
            seeds,
            out,
        )
        return out.reshape(-1, 1, 1)

    def _bands(self, seeds: NDArray[np.uint64]) -> NDArray[np.float64]:
        e = self._events
        out = np.empty((max(len(seeds), 1), *self._shape))
        self._k.draws_bands(
            e.ptr,
            e.place,
            e.weight,
            e.x,
            e.y,
            self._edges,
            self._manhattan,
            self._by_lists,
            self._near_ptr,
            self._near,
            self._band,
            self._first,
            self._strata_ptr,
            self._strata,
            seeds,
            out,
        )
        return np.round(out, DIGITS)
