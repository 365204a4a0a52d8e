"""Half-open bands of distance and time: their edges, and how they are said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint

__all__ = ["Bands", "Grid", "bands_of", "closed", "edge_seconds", "edges_of", "labels"]

Grid = NDArray[np.float64]


class Bands(NamedTuple):
    """Edges of the bands, and the bands in words."""

    metres: Grid
    times: Grid
    rows: tuple[str, ...]
    columns: tuple[str, ...]


def bands_of(distances: Sequence[float], times: Grid, columns: tuple[str, ...]) -> Bands:
    """Put the edges of both kinds together, and the bands of distance in words."""
    metres = edges_of([float(edge) for edge in distances], "distance_bands", [0, 1, 200])
    return Bands(metres, times, labels(metres, "m"), columns)


def closed(edges: Grid) -> Grid:
    """Give the finite edges, from 0 on."""
    finite = edges[np.isfinite(edges)]
    return finite if finite[0] == 0 else np.concatenate([[0.0], finite])


def edges_of(edges: Sequence[float], name: str, values: list[object]) -> Grid:
    """Hold edges against what bands need."""
    array = np.asarray(edges, dtype=np.float64)
    fine = array.ndim == 1 and np.isfinite(array).sum() >= 2 and not np.isnan(array).any()
    if not fine or array[0] < 0 or (np.diff(array) <= 0).any():
        raise ParameterError(
            name,
            found=repr(list(edges)),
            expected="ascending edges from 0, two of them finite",
            hint=Hint(**{name: values}),
        )
    return array


def edge_seconds(edge: object) -> float:
    """Give an edge in words as seconds; 0 and infinity need no unit."""
    if isinstance(edge, (int, float)) and (edge == 0 or edge == np.inf):
        return float(edge)
    if isinstance(edge, str) and edge.strip() == "inf":
        return float("inf")
    if isinstance(edge, str) and edge.strip().rstrip("Dhsminday ") == "0":
        return 0.0
    return units.seconds(edge, "time_bands")  # type: ignore[arg-type]


def labels(edges: Grid, unit: str) -> tuple[str, ...]:
    """Give the bands in words."""
    ends = [f"{edge:g}" for edge in edges]
    unit = f" {unit}" if unit else ""
    return tuple(f"[{low}, {high}){unit}" for low, high in pairwise(ends))
