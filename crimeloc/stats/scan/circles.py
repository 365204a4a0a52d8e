"""Nested circles around places, and what a scan of them needs to know beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.geometry import great_circle_m
from crimeloc.messages import Hint, Message

if TYPE_CHECKING:
    from crimeloc.stats.scan._kernels import Sweep

__all__ = ["Circles", "build_sweep", "distance_rows", "nested_circles"]

MOST_CIRCLES = 20_000_000
MOST_CELLS = 200_000_000
MOST_WINDOWS = 200_000_000_000  # circles by ends by durations: about a minute for the data alone
NODES = 97  # of the table of needed counts, spaced by the fourth power
BAND_RATIO = 5.0  # longest over shortest duration that share one chord
LANE = 32  # columns come in multiples of this, so that no sweep has a ragged end

Distances = Callable[[int], NDArray[np.float64]]


class Circles(NamedTuple):
    """Circles of every centre, smallest first, in one row.

    Parameters
    ----------
    middle : ndarray
        Place at each centre.
    owner, radius : ndarray
        For each circle its centre (a position in `middle`) and its radius.
    member, step : ndarray
        Circle k takes up places ``member[step[k]:step[k + 1]]`` on top of circle k - 1 of the
        same centre.
    group : ndarray
        Group g holds circles ``group[g]`` up to ``group[g + 1]``, tested together.
    centre : ndarray
        Centre i holds groups ``centre[i]`` up to ``centre[i + 1]``.
    """

    middle: NDArray[np.int64]
    owner: NDArray[np.int64]
    radius: NDArray[np.float64]
    member: NDArray[np.int32]
    step: NDArray[np.int32]
    group: NDArray[np.int32]
    centre: NDArray[np.int32]

    def places(self, circle: int) -> NDArray[np.int64]:
        """Give the places of one circle, nearest to its centre first."""
        first = self.group[self.centre[self.owner[circle]]]
        return self.member[self.step[first] : self.step[circle + 1]].astype(np.int64)


def distance_rows(coordinates: NDArray[np.float64], distance: str) -> Distances:
    """Give a function that measures from one place to all places.

    Parameters
    ----------
    coordinates : ndarray, shape (places, 2)
        Longitude and latitude in degrees, or x and y on a plane.
    distance : {"great_circle", "euclidean"}
        How to measure.

    Returns
    -------
    callable
        Metres for the first, the unit of the coordinates for the second.

    Raises
    ------
    ParameterError
        The distance is neither of the two.
    """
    x, y = coordinates[:, 0], coordinates[:, 1]
    if distance == "great_circle":
        return lambda i: great_circle_m(x[i], y[i], x, y)
    if distance == "euclidean":
        return lambda i: np.asarray(np.hypot(x - x[i], y - y[i]))
    expected = "'great_circle' or 'euclidean'"
    raise ParameterError(
        "distance", found=repr(distance), expected=expected, hint=Hint(distance="great_circle")
    )


def nested_circles(
    distances: Distances,
    centres: NDArray[np.int64],
    size: NDArray[np.float64],
    *,
    max_radius: float,
    max_size: float,
    growth: float,
    most: int,
) -> Circles:
    """Give the circles that differ, around every centre.

    Parameters
    ----------
    distances : callable
        As `distance_rows` gives it.
    centres : ndarray
        The places to draw circles around.
    size : ndarray, shape (places,)
        What each place weighs; a place of size 0 changes no circle and is passed over.
    max_radius, max_size : float
        No circle is wider or holds more.
    growth, most : float, int
        A group ends when its circles have grown by this share, or are this many.

    Returns
    -------
    Circles
        A circle holds every place within its radius: places equally far come in together.
    """
    none = np.zeros(0, np.int64)
    member, group, owner, step = [none.astype(np.int32)], [none], [none], [np.zeros(1, np.int64)]
    radius, centre = [np.zeros(0)], [0]
    middle: list[int] = []
    present = size > 0
    n_members = n_circles = n_groups = 0
    for place in centres:
        away = distances(int(place))
        near = np.flatnonzero((away <= max_radius) & present)
        near = near[np.argsort(away[near], kind="stable")]
        far = away[near]
        held = np.cumsum(size[near])
        slack = 1e-9 * (far[-1] if len(far) else 0.0)
        ends = np.flatnonzero(np.append(np.diff(far) > slack, True)) if len(near) else near
        ends = ends[held[ends] <= max_size * (1 + 1e-12)]
        if not len(ends):
            continue
        member.append(near[: ends[-1] + 1].astype(np.int32))
        step.append(n_members + ends + 1)
        radius.append(far[ends])
        owner.append(np.full(len(ends), len(middle)))
        starts = _group_starts(held[ends], growth, most)
        group.append(n_circles + starts)
        n_members += int(ends[-1]) + 1
        n_circles += len(ends)
        n_groups += len(starts)
        centre.append(n_groups)
        middle.append(int(place))
        if n_members > MOST_CIRCLES:
            raise ParameterError(
                "max_radius_m",
                found=Message(
                    "more than {most_circles:,} steps from circle to circle",
                    most_circles=MOST_CIRCLES,
                ),
                expected="fewer circles",
                hint=Hint(max_radius_m=5_000),
            )
    return Circles(
        np.asarray(middle, dtype=np.int64),
        np.concatenate(owner),
        np.concatenate(radius),
        np.concatenate(member),
        np.concatenate(step).astype(np.int32),
        np.append(np.concatenate(group), n_circles).astype(np.int32),
        np.asarray(centre, dtype=np.int32),
    )


def build_sweep(
    distances: Distances,
    centres: NDArray[np.int64],
    expected: NDArray[np.float64],
    *,
    total: float,
    unit: float,
    fewest: int,
    shortest: int,
    longest: int,
    last_only: bool,
    max_radius: float,
    max_share: float,
) -> tuple[Circles, Sweep, int]:
    """Lay out circles, durations and expectations for the compiled sweeps.

    Parameters
    ----------
    distances, centres, max_radius : optional
        As for `nested_circles`.
    expected : ndarray, shape (places, bins)
        Events expected at each place in each bin; sums to `total`.
    total, unit : float
        Events in all, and the worth of one count.
    fewest : int
        Counts a window must hold.
    shortest, longest : int
        Duration of windows in bins.
    last_only : bool
        Only windows that end with the last bin.
    max_share : float
        No circle expects more than this share of all events.

    Returns
    -------
    circles : Circles
        What was laid out.
    sweep : Sweep
        The same for the kernels.
    first_bin : int
        Bin of column 1; may be below 0, as columns are filled up in front.
    """
    from crimeloc.stats.scan._kernels import Sweep

    n_places, n_bins = expected.shape
    if n_places * n_bins > MOST_CELLS:
        found = Message("{n_places:,} places by {n_bins:,} bins", n_places=n_places, n_bins=n_bins)
        raise ParameterError(
            "time_unit", found=found, expected="fewer bins", hint=Hint(time_unit="1D")
        )
    circles = nested_circles(
        distances,
        centres,
        expected.sum(axis=1),
        max_radius=max_radius,
        max_size=max_share * total,
        growth=0.3 if last_only else 0.15,
        most=27,
    )
    windows = len(circles.owner) * (1 if last_only else n_bins) * (longest - shortest + 1)
    if windows > MOST_WINDOWS:
        found = Message(
            "bins so short that there are {windows:.1e} windows to look at", windows=windows
        )
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
    first_bin = n_bins - longest if last_only else 0
    columns = -(-(n_bins - first_bin + 1) // LANE) * LANE
    front = columns - (n_bins - first_bin + 1)
    cumulated = np.zeros((n_places, columns))
    np.cumsum(expected[:, first_bin:], axis=1, out=cumulated[:, front + 1 :])
    first_end = columns - 1 if last_only else front + shortest
    band = _bands(shortest, longest, np.inf if last_only else BAND_RATIO)
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
        int(fewest),
        int(first_end),
        int(longest),
    )
    return circles, sweep, first_bin - front


def _group_starts(held: NDArray[np.float64], growth: float, most: int) -> NDArray[np.int64]:
    """Begin a group where circles have grown enough; the smallest circle is one by itself."""
    starts = [0]
    for j in range(1, len(held)):
        begun = starts[-1]
        if j == 1 or j - begun >= most or held[j] > (1 + growth) * held[begun]:
            starts.append(j)
    return np.asarray(starts, dtype=np.int64)


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
