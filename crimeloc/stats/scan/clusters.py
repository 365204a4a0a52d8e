"""Which windows stand out, and how often chance makes one that stands out as much."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.stats._chance import Chance
from crimeloc.stats.pvalue import p_value
from crimeloc.stats.scan.layout import Layout
from crimeloc.stats.scan.replicas import centre_bests, gumbel_p, null_maxima

if TYPE_CHECKING:
    from crimeloc.stats.scan._draw_kernels import Draw

__all__ = ["ArrayScan", "find_clusters"]


@dataclass(frozen=True)
class ArrayScan:
    """What a scan of arrays found.

    Parameters
    ----------
    clusters : DataFrame
        Best window first, none sharing a place with one before it: ``centre``, ``places`` (tuple,
        nearest to the centre first), ``radius``, ``start_bin``, ``end_bin`` (excluded),
        ``observed``, ``expected``, ``statistic`` (log likelihood ratio), ``p_value``, ``p_gumbel``.
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


def find_clusters(layout: Layout, draw: Draw, chance: Chance) -> ArrayScan:
    """Find the windows that stand out, and hold them against drawn worlds."""
    circles, sweep, distances, first_bin = layout
    value, where = centre_bests(draw, sweep)
    found = np.flatnonzero(value > 0)
    # Centres that see the same circle differ in the last digits only: the order must not.
    wide = circles.radius[where[found, 0]]
    found = found[np.lexsort((circles.middle[found], wide, -value[found].round(9)))]
    rows = []
    taken: set[int] = set()
    for i in found:
        circle, start, end = (int(x) for x in where[i])
        places = circles.places(circle)
        away = distances(int(circles.middle[i]))
        inside = np.flatnonzero(away <= circles.radius[circle] * (1 + 1e-9))
        inside = inside[np.argsort(away[inside], kind="stable")]
        if taken.isdisjoint(inside.tolist()):
            taken.update(inside.tolist())
            first, last = max(0, start + first_bin), end + first_bin
            expect = sweep.expect[places]
            rows.append(
                {
                    "centre": int(circles.middle[i]),
                    "places": tuple(inside.tolist()),
                    "radius": float(circles.radius[circle]),
                    "start_bin": first,
                    "end_bin": last,
                    "observed": _observed(draw, places, first, last) * sweep.unit,
                    "expected": float((expect[:, end] - expect[:, start]).sum()),
                    "statistic": float(value[i]),
                }
            )
    columns = ["centre", "places", "radius", "start_bin", "end_bin", "observed", "expected"]
    clusters = pd.DataFrame(rows, columns=[*columns, "statistic"])
    top = float(clusters["statistic"].iloc[0]) if rows else 0.0
    null = null_maxima(draw, sweep, chance, top)
    statistic = clusters["statistic"].to_numpy(dtype=np.float64)
    clusters["p_value"] = p_value(statistic, np.repeat(null[:, None], len(statistic), axis=1))
    clusters["p_gumbel"] = gumbel_p(statistic, null)
    return ArrayScan(clusters, null, sweep.total, len(circles.radius))


def _observed(draw: Draw, places: NDArray[np.int64], first: int, last: int) -> float:
    bins = np.repeat(draw.bins, np.diff(draw.owner))
    inside = (bins >= first) & (bins < last) & np.isin(draw.venue, places)
    return float(draw.units[inside].sum())
