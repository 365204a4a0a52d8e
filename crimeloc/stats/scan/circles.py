"""Nested circles around places."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.geometry import great_circle_m
from crimeloc.messages import Hint, Message

__all__ = ["Circles", "Distances", "distance_rows", "distinct", "nested_circles", "plane"]

MOST_CIRCLES = 20_000_000

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


def plane(coordinates: ArrayLike) -> NDArray[np.float64]:
    """Give coordinates as an array of two columns."""
    xy = np.asarray(coordinates, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or not np.isfinite(xy).all():
        raise ParameterError(
            "coordinates",
            found=Message("shape {shape} or missing values", shape=str(xy.shape)),
            expected="(places, 2)",
            hint="dropna()",
        )
    return xy


def distinct(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give one place for each point on the map: circles around it are the same circles."""
    return np.sort(np.unique(xy, axis=0, return_index=True)[1])


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


def _group_starts(held: NDArray[np.float64], growth: float, most: int) -> NDArray[np.int64]:
    """Begin a group where circles have grown enough; the smallest circle is one by itself."""
    starts = [0]
    for j in range(1, len(held)):
        begun = starts[-1]
        if j == 1 or j - begun >= most or held[j] > (1 + growth) * held[begun]:
            starts.append(j)
    return np.asarray(starts, dtype=np.int64)
