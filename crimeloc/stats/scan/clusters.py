"""Which windows stand out, and how often chance makes one that stands out as much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.stats._chance import Chance
from crimeloc.stats.pvalue import p_value
from crimeloc.stats.scan.layout import Layout
from crimeloc.stats.scan.replicas import centre_bests, gumbel_p, null_maxima

if TYPE_CHECKING:
    from crimeloc.stats.scan._draw_kernels import Draw
    from crimeloc.stats.scan._kernels import Listed

__all__ = ["ArrayScan", "Window", "find_clusters", "windows_of"]

COLUMNS = (
    "centre",
    "places",
    "radius",
    "start_bin",
    "end_bin",
    "observed",
    "expected",
    "statistic",
)

WINDOW = ("centre", "places", "radius", "start_bin", "end_bin", "statistic")


@dataclass(frozen=True)
class ArrayScan:
    """What a scan of arrays found.

    Parameters
    ----------
    clusters : DataFrame
        Best window first, none overlapping in space and time one before it: ``centre``, ``places``
        (tuple, nearest to the centre first), ``radius``, ``start_bin``, ``end_bin`` (excluded),
        ``observed``, ``expected``, ``statistic`` (log likelihood ratio), ``p_value``,
        ``p_gumbel``, ``round`` (of an iterative scan; else 0).
    null : ndarray
        Largest statistic of each drawn world.
    total : float
        Events in all.
    n_circles : int
        Different circles scanned.
    n_fixed : int
        Events of strata with one time bin, which no draw can move.
    n_strata, n_groups : int
        Strata with events, and groups of them that spread their events over the places alike.
    """

    clusters: pd.DataFrame
    null: NDArray[np.float64] = field(repr=False)
    total: float
    n_circles: int
    n_fixed: int = 0
    n_strata: int = 1
    n_groups: int = 1


class Window(NamedTuple):
    """A circle for a while.

    Parameters
    ----------
    centre : int
        Place at its centre.
    places : ndarray of int64
        Places in it, nearest to the centre first.
    radius : float
        How far the farthest is.
    start, end : int
        First bin, and the bin behind the last.
    statistic : float
        Log likelihood ratio.
    """

    centre: int
    places: NDArray[np.int64]
    radius: float
    start: int
    end: int
    statistic: float


def find_clusters(
    layout: Layout,
    draw: Draw,
    chance: Chance,
    alpha: float = 0.05,
    taken: Sequence[Window] = (),
) -> ArrayScan:
    """Find every window that stands out, and hold them against drawn worlds.

    Windows whose p-value is at most `alpha` are all found: the best of all windows that overlap
    none before it in space and in time, then the best of those left, and so on. Weaker ones are
    listed if they are the best of their centre and share no place with any before them. What
    overlaps `taken` is passed over.
    """
    circles, sweep, first_bin = layout.circles, layout.sweep, layout.first_bin
    listed = _listed(layout, taken)
    value, where = centre_bests(draw, sweep, listed)
    order = _in_order(layout, value, where)
    top = float(value[order[0]]) if len(order) else 0.0
    null = null_maxima(draw, sweep, chance, top)
    floor = _beyond_chance(null, alpha)
    strong = _greedy(layout, draw, (value.copy(), where.copy()), floor, taken)
    windows, held = list(strong), {int(p) for window in strong for p in window.places}
    for i in order:
        if value[i] <= floor:
            window = _window(layout, where[i], float(value[i]))
            if held.isdisjoint(window.places.tolist()):
                held.update(window.places.tolist())
                windows.append(window)
    rows = []
    for window in windows:
        first, last = window.start - first_bin, window.end - first_bin
        inside = sweep.expect[window.places]
        rows.append(
            {
                "centre": window.centre,
                "places": tuple(window.places.tolist()),
                "radius": window.radius,
                "start_bin": max(0, window.start),
                "end_bin": window.end,
                "observed": _observed(draw, window) * sweep.unit,
                "expected": float((inside[:, last] - inside[:, first]).sum()),
                "statistic": window.statistic,
            }
        )
    clusters = pd.DataFrame(rows, columns=list(COLUMNS))
    statistic = clusters["statistic"].to_numpy(dtype=np.float64)
    clusters["p_value"] = p_value(statistic, np.repeat(null[:, None], len(statistic), axis=1))
    clusters["p_gumbel"] = gumbel_p(statistic, null)
    clusters["round"] = np.zeros(len(clusters), np.int64)
    return ArrayScan(clusters, null, sweep.total, len(circles.radius))


def windows_of(clusters: pd.DataFrame) -> list[Window]:
    """Give the windows of a table of clusters."""
    columns = (clusters[name].tolist() for name in WINDOW)
    return [
        Window(centre, np.asarray(places, dtype=np.int64), *rest)
        for centre, places, *rest in zip(*columns, strict=True)
    ]


def _beyond_chance(null: NDArray[np.float64], alpha: float) -> float:
    """Give the largest statistic whose p-value is above `alpha`."""
    hits = int(np.floor(alpha * (1 + len(null)) + 1e-9)) - 1
    if hits < 0:
        return np.inf
    return float(np.sort(null)[::-1][hits]) * (1 + 1e-9) if hits < len(null) else 0.0


def _greedy(
    layout: Layout,
    draw: Draw,
    bests: tuple[NDArray[np.float64], NDArray[np.int64]],
    floor: float,
    taken: Sequence[Window],
) -> list[Window]:
    """Take the best window that overlaps none before it, as long as one beats the floor.

    Centres are looked at again only when the best they had overlaps what was taken since.
    """
    value, where = bests
    found: list[Window] = []
    while True:
        order = _in_order(layout, value, where)
        if not len(order) or value[order[0]] <= floor:
            return found
        stale = _stale(layout, value, where, floor, found[-1:])
        if stale.any():
            listed = _listed(layout, [*taken, *found])
            again, there = centre_bests(draw, layout.sweep, listed, floor=floor, wanted=stale)
            value[stale], where[stale] = again[stale], there[stale]
            continue
        found.append(_window(layout, where[order[0]], float(value[order[0]])))


def _stale(
    layout: Layout,
    value: NDArray[np.float64],
    where: NDArray[np.int64],
    floor: float,
    newest: Sequence[Window],
) -> NDArray[np.bool_]:
    """Which centres have a best window that overlaps the newest cluster?"""
    stale = np.zeros(len(value), np.bool_)
    for window in newest:
        some = np.flatnonzero((value > floor) & (where[:, 0] >= 0))
        circle, start, end = where[some].T + np.array([[0], [1], [1]]) * layout.first_bin
        shared = _shares(layout, window)[circle]
        stale[some] = shared & (start < window.end) & (window.start < end)
    return stale


def _listed(layout: Layout, windows: Sequence[Window]) -> Listed:
    """Say to the kernels which windows are taken."""
    from crimeloc.stats.scan._kernels import Listed, nothing_listed

    n = len(layout.circles.radius)
    if not windows:
        return nothing_listed(n)
    columns = [[w.start - layout.first_bin, w.end - layout.first_bin] for w in windows]
    shares = np.array([_shares(layout, window) for window in windows])
    return Listed(np.array(columns, dtype=np.int32), shares.reshape(-1, n))


def _shares(layout: Layout, window: Window) -> NDArray[np.bool_]:
    """Which circles have a place in common with this window?"""
    circles = layout.circles
    mine = np.zeros(len(layout.sweep.expect), np.bool_)
    mine[window.places] = True
    so_far = np.concatenate([[0], np.cumsum(mine[circles.member])])
    smallest = circles.group[circles.centre[circles.owner]]
    return np.asarray(so_far[circles.step[1:]] > so_far[circles.step[smallest]])


def _in_order(
    layout: Layout, value: NDArray[np.float64], where: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give the centres that have a window, best first.

    Centres that see the same circle differ in the last digits only: the order must not.
    """
    found = np.flatnonzero((value > 0) & (where[:, 0] >= 0))
    wide = layout.circles.radius[where[found, 0]]
    middle = layout.circles.middle[found]
    return found[np.lexsort((middle, wide, -value[found].round(9)))]


def _window(layout: Layout, where: NDArray[np.int64], statistic: float) -> Window:
    circles = layout.circles
    circle, start, end = (int(x) for x in where)
    centre, radius = int(circles.middle[circles.owner[circle]]), float(circles.radius[circle])
    away = layout.distances(centre)
    inside = np.flatnonzero(away <= radius * (1 + 1e-9))
    inside = inside[np.argsort(away[inside], kind="stable")]
    first = layout.first_bin
    return Window(centre, inside, radius, start + first, end + first, statistic)


def _observed(draw: Draw, window: Window) -> float:
    bins = np.repeat(draw.bins, np.diff(draw.owner))
    inside = (bins >= window.start) & (bins < window.end) & np.isin(draw.venue, window.places)
    return float(draw.units[inside].sum())
