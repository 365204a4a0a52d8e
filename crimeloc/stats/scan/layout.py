"""What the compiled sweeps need to know beforehand: circles, durations, expectations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.stats.scan.circles import (
    Circles,
    Distances,
    distance_rows,
    distinct,
    nested_circles,
)
from crimeloc.stats.scan.windows import Windows

if TYPE_CHECKING:
    from crimeloc.stats.scan._kernels import Sweep

__all__ = ["Layout", "lay_out"]

MOST_CELLS = 200_000_000
MOST_WINDOWS = 200_000_000_000  # circles by ends by durations: about a minute for the data alone
NODES = 97  # of the table of needed counts, spaced by the fourth power
BAND_RATIO = 5.0  # longest over shortest duration that share one chord
LANE = 32  # columns come in multiples of this, so that no sweep has a ragged end


class Layout(NamedTuple):
    """The windows of a scan, laid out.

    Parameters
    ----------
    circles : Circles
        The circles.
    sweep : Sweep
        The same for the kernels.
    distances : callable
        From one place to all places.
    first_bin : int
        Bin of column 1; may be below 0, as columns are filled up in front.
    """

    circles: Circles
    sweep: Sweep
    distances: Distances
    first_bin: int


def lay_out(
    xy: NDArray[np.float64],
    expected: NDArray[np.float64],
    windows: Windows,
    *,
    total: float,
    unit: float,
) -> Layout:
    """Lay out circles, durations and expectations for the compiled sweeps.

    Parameters
    ----------
    xy : ndarray, shape (places, 2)
        Where the places are.
    expected : ndarray, shape (places, bins)
        Events expected at each place in each bin; sums to `total`.
    windows : Windows
        Which windows are looked at.
    total, unit : float
        Events in all, and the worth of one count.

    Returns
    -------
    Layout
        For the kernels.

    Raises
    ------
    ParameterError
        There is more to look at than can be.
    """
    from crimeloc.stats.scan._kernels import Sweep

    n_places, n_bins = expected.shape
    shortest, longest = windows.shortest, min(windows.longest, n_bins)
    if n_places * n_bins > MOST_CELLS:
        found = Message("{n_places:,} places by {n_bins:,} bins", n_places=n_places, n_bins=n_bins)
        raise ParameterError(
            "time_unit", found=found, expected="fewer bins", hint=Hint(time_unit="1D")
        )
    distances = distance_rows(xy, windows.distance)
    circles = nested_circles(
        distances,
        distinct(xy),
        expected.sum(axis=1),
        max_radius=windows.max_radius,
        max_size=windows.max_share * total,
        growth=0.3 if windows.last_only else 0.15,
        most=27,
    )
    looks = len(circles.owner) * (1 if windows.last_only else n_bins) * (longest - shortest + 1)
    if looks > MOST_WINDOWS:
        found = Message("bins so short that there are {looks:.1e} windows to look at", looks=looks)
        most = Message(
            "at most {most_windows:.0e}: longer bins, or a shorter max_duration",
            most_windows=MOST_WINDOWS,
        )
        raise ParameterError(
            "time_unit",
            found=found,
            expected=most,
            hint=Hint(time_unit="1h", max_duration="3D"),
        )
    first_bin = n_bins - longest if windows.last_only else 0
    columns = -(-(n_bins - first_bin + 1) // LANE) * LANE
    front = columns - (n_bins - first_bin + 1)
    cumulated = np.zeros((n_places, columns))
    np.cumsum(expected[:, first_bin:], axis=1, out=cumulated[:, front + 1 :])
    first_end = columns - 1 if windows.last_only else front + shortest
    band = _bands(shortest, longest, np.inf if windows.last_only else BAND_RATIO)
    mu_range = _mu_ranges(circles, cumulated, band, first_end)
    top = float(mu_range.max(initial=0.0)) * (1 + 1e-9) or 1.0
    mu_node = np.linspace(0.0, 1.0, NODES) ** 4 * top
    node = np.clip(np.searchsorted(mu_node, mu_range, side="right") - 1, 0, NODES - 2)
    sweep = Sweep(
        cumulated,
        circles.member,
        circles.step,
        circles.group,
        circles.centre,
        band,
        mu_range,
        node.astype(np.int16),
        mu_node,
        float(total),
        float(unit),
        round(windows.min_events / unit),
        int(first_end),
        int(longest),
    )
    return Layout(circles, sweep, distances, first_bin - front)


def _bands(shortest: int, longest: int, ratio: float) -> NDArray[np.int32]:
    """Cut the durations into bands; a chord over a narrow band is a sharper test."""
    bands = []
    low = shortest
    while low <= longest:
        high = longest if low * ratio >= longest else int(low * ratio)
        bands.append((low, high))
        low = high + 1
    return np.asarray(bands, dtype=np.int32)


def _mu_ranges(
    circles: Circles, cumulated: NDArray[np.float64], band: NDArray[np.int32], first_end: int
) -> NDArray[np.float64]:
    """Give the smallest and the largest expectation of any window of each circle, per band."""
    result = np.zeros((len(circles.radius), len(band), 2))
    bounds = circles.group[circles.centre]
    for i in range(len(circles.middle)):
        first, last = bounds[i], bounds[i + 1]
        begin = circles.step[first]
        rows = np.cumsum(cumulated[circles.member[begin : circles.step[last]]], axis=0)
        rows = rows[circles.step[first + 1 : last + 1] - begin - 1]
        for b, (short, long) in enumerate(band):
            ends = slice(max(first_end, short), None)
            at = np.arange(cumulated.shape[1])[ends]
            low = (rows[:, ends] - rows[:, at - short]).min(axis=1)
            high = (rows[:, ends] - rows[:, np.maximum(0, at - long)]).max(axis=1)
            slack = 1e-12 * rows[:, -1]
            result[first:last, b, 0] = np.maximum(0.0, low - slack)
            result[first:last, b, 1] = high + slack
    return result
