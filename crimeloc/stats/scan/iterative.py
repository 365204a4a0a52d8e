"""What a strong cluster hides: take its excess out, and scan again until chance is reached.

The uploads of a strong cluster are counted in what every other window expects, and its neighbours
win in its name. Each round takes out as many of its uploads as were not expected, so that nothing
is missing where the cluster was, and scans what is left against worlds of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.stats.scan.clusters import ArrayScan, Window, windows_of

__all__ = ["excess_events", "scan_in_rounds", "without_excess"]

Data = TypeVar("Data")


def scan_in_rounds(
    data: Data,
    scan: Callable[[Data, list[Window]], ArrayScan],
    take_out: Callable[[Data, Window, float], Data],
    alpha: float,
) -> ArrayScan:
    """Scan, take out the strongest cluster, and scan again while it is more than chance.

    Parameters
    ----------
    data : object
        What is scanned.
    scan : callable
        Scans data, passing over what overlaps given windows.
    take_out : callable
        Gives data without so many of the events of a window.
    alpha : float
        The last round is the first whose strongest cluster has a larger p-value.

    Returns
    -------
    ArrayScan
        The first scan, its clusters followed by those of the later rounds: of each round the
        strongest, of the last one all. ``round`` says where a cluster was found, from 0.

    References
    ----------
    Zhang, Z., Assuncao, R. & Kulldorff, M. (2010). Spatial scan statistics adjusted for multiple
    clusters. *Journal of Probability and Statistics* 2010, 642379.
    """
    first = scan(data, [])
    found = first
    taken: list[Window] = []
    parts: list[pd.DataFrame] = []
    while len(found.clusters) and float(found.clusters["p_value"].iloc[0]) <= alpha:
        best = found.clusters.iloc[[0]].assign(round=len(parts))
        parts.append(best)
        window = windows_of(best)[0]
        taken.append(window)
        data = take_out(data, window, float(best["observed"].iloc[0] - best["expected"].iloc[0]))
        found = scan(data, list(taken))
    parts.append(found.clusters.assign(round=len(parts)))
    clusters = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    return replace(first, clusters=clusters)


def excess_events(
    event: NDArray[np.int64],
    weight: NDArray[np.float64],
    excess: float,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Which events of a window are taken out, by lot, to make up its excess?

    Parameters
    ----------
    event, weight : ndarray, shape (rows,)
        Event and weight of each row inside the window.
    excess : float
        Weight that was not expected.
    rng : Generator
        Decides which.

    Returns
    -------
    ndarray of int64
        The events.
    """
    names, code = np.unique(event, return_inverse=True)
    inside = np.bincount(code.reshape(-1), weight)
    order = rng.permutation(len(names))
    # The event at which the sum comes nearest to the excess is the last.
    gone = np.cumsum(inside[order]) - inside[order] / 2 < excess
    return names[order[gone]]


def without_excess(
    cases: NDArray[np.int64], window: Window, excess: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Give the cases without the excess of a window, taken by lot from its cells.

    Parameters
    ----------
    cases : ndarray of int, shape (places, bins)
        Cases.
    window : Window
        The cluster.
    excess : float
        Cases that were not expected.
    rng : Generator
        Decides which.

    Returns
    -------
    ndarray of int, shape (places, bins)
        The rest.
    """
    cells = np.ix_(window.places, np.arange(window.start, window.end))
    inside = cases[cells]
    out = rng.multivariate_hypergeometric(inside.ravel(), min(round(excess), int(inside.sum())))
    rest = cases.copy()
    rest[cells] = inside - out.reshape(inside.shape)
    return rest
