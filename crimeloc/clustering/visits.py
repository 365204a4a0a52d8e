"""Bursts at one venue become one visit."""

from __future__ import annotations

from typing import NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.messages import Message

__all__ = ["Visits", "sessions", "visits_of"]


class Visits(NamedTuple):
    """Weighted venue-session points.

    Parameters
    ----------
    visit : ndarray of int64, shape (n,)
        Visit of each event; visits are numbered by time, then place.
    space : ndarray, shape (m, d)
        Where each visit was.
    t : ndarray, shape (m,)
        Weighted middle of each visit.
    weight : ndarray, shape (m,)
        Weight of its events.
    first, last : ndarray, shape (m,)
        Its first and last event.
    """

    visit: NDArray[np.int64]
    space: NDArray[np.float64]
    t: NDArray[np.float64]
    weight: NDArray[np.float64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]


def visits_of(
    space: NDArray[np.float64],
    t: NDArray[np.float64],
    weight: NDArray[np.float64],
    gap: float,
    longest: float,
) -> Visits:
    """Collapse events at one point into visits; all weights are above 0."""
    from crimeloc.clustering import _kernels as k
    from crimeloc.clustering._visit_kernels import split_visits

    n = len(t)
    if space.shape[1] == 2:
        place = k.factorise(np.ascontiguousarray(space[:, 0]), np.ascontiguousarray(space[:, 1]))[0]
    else:
        found = np.unique(space, axis=0, return_inverse=True)[1]
        place = found.reshape(-1).astype(np.int32)
    start, order = k.bucket(place, np.argsort(t), int(place.max(initial=-1)) + 1)
    split = split_visits(start, np.ascontiguousarray(t[order]), gap, longest)
    heads = np.flatnonzero(np.diff(split, prepend=-1))
    if not len(heads):
        nothing = np.empty(0)
        return Visits(np.empty(0, np.int64), space[:0], *[nothing] * 4)
    first = t[order[heads]]
    weights = np.add.reduceat(weight[order], heads)
    # The middle is found from the visit's own beginning, so it does not depend on the calendar.
    late = np.add.reduceat(weight[order] * (t[order] - first[split]), heads)
    middle = first + late / weights
    last = t[order[np.append(heads[1:], n) - 1]]
    where = space[order[heads]]
    by_time = np.lexsort([*where.T[::-1], first])
    rank = np.empty(len(heads), np.int64)
    rank[by_time] = np.arange(len(heads))
    visit = np.empty(n, np.int64)
    visit[order] = rank[split]
    return Visits(
        visit, where[by_time], middle[by_time], weights[by_time], first[by_time], last[by_time]
    )


def sessions(
    events: pd.DataFrame, gap: units.Duration = "2h", max_length: units.Duration = "24h"
) -> pd.DataFrame:
    """Which uploads at one venue were one visit?

    Parameters
    ----------
    events : DataFrame or GeoDataFrame
        Events that carry ``venue_id`` and ``timestamp`` (located events, or events of a platform
        that knows its venues). A column ``weight`` counts as parts of events; with ``series_id``,
        visits of two series are two visits.
    gap : str or timedelta
        A pause longer than this ends a visit.
    max_length : str or timedelta
        So does a stay longer than this, so that a busy venue is not one visit for ever.

    Returns
    -------
    DataFrame or GeoDataFrame
        One row per visit, in order of time: ``session_id`` (from 0), ``series_id`` where there is
        one, ``venue_id``, ``start``, ``end`` (UTC), ``n_events`` (weight), ``event_ids`` joined by
        ``|``, and ``geometry`` where the events have one. Rows without a venue or of weight 0 make
        no visit.

    Raises
    ------
    ParameterError
        A column is missing, or a duration has no unit.

    Notes
    -----
    Nothing is random; the order of rows plays no part. Cost is n log n.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "event_id": ["E1", "E2", "E3"], "venue_id": "V1",
    ...     "timestamp": pd.to_datetime(["2026-03-01 20:00+09:00", "2026-03-01 21:00+09:00",
    ...                                  "2026-03-02 20:00+09:00"]),
    ... })
    >>> sessions(events)[["session_id", "n_events", "event_ids"]].values.tolist()
    [[0, 2.0, 'E1|E2'], [1, 1.0, 'E3']]
    """
    for name in ("event_id", "timestamp", "venue_id"):
        if name not in events.columns:
            raise ParameterError(
                "events",
                found=Message("no column {name}", name=name),
                expected="event_id, timestamp, venue_id",
                hint="locate_events(events, venues, leases=leases)",
            )
    us, longest = units.seconds(gap, "gap") * 1e6, units.seconds(max_length, "max_length") * 1e6
    keys = ["series_id", "venue_id"] if "series_id" in events.columns else ["venue_id"]
    weight = np.ones(len(events))
    if "weight" in events.columns:
        weight = events["weight"].to_numpy(dtype=np.float64)
    rows = np.flatnonzero(events["venue_id"].notna().to_numpy() & (weight > 0))
    moment = units.instants(events["timestamp"])[rows]
    # One number per venue (and series): its place on a line stands for the place in the city.
    code = np.zeros(len(rows), np.int64)
    for name in keys:
        number, levels = pd.factorize(events[name].iloc[rows], sort=True, use_na_sentinel=True)
        code = code * (len(levels) + 1) + np.where(number < 0, len(levels), number)
    origin = int(moment.min(initial=moment[0])) if len(rows) else 0
    found = visits_of(
        np.column_stack([code, np.zeros(len(code))]).astype(np.float64),
        (moment - origin).astype(np.float64),
        weight[rows],
        us,
        longest,
    )
    # Row by row in the order of visits; within a visit by time, then by event.
    names = events["event_id"].iloc[rows].to_numpy(dtype=object)
    order = np.lexsort([moment, found.visit])
    tie = (np.diff(moment[order]) == 0) & (np.diff(found.visit[order]) == 0)
    if tie.any():
        tied = order[np.append(tie, False) | np.append(False, tie)]
        rank = np.zeros(len(rows), np.int64)
        rank[tied] = pd.factorize(names[tied], sort=True)[0]
        order = np.lexsort([rank, moment, found.visit])
    head = np.flatnonzero(np.diff(found.visit[order], prepend=-1))
    source = rows[order[head]]
    result = pd.DataFrame({"session_id": np.arange(len(head), dtype=np.int64)})
    for name in keys:
        result[name] = events[name].iloc[source].array
    result["start"] = units.to_timestamps(found.first.astype(np.int64) + origin)
    result["end"] = units.to_timestamps(found.last.astype(np.int64) + origin)
    result["n_events"] = found.weight
    listed = names[order].tolist()
    ends = [*head[1:].tolist(), len(listed)][: len(head)]
    joined = ["|".join(listed[a:b]) for a, b in zip(head.tolist(), ends, strict=True)]
    result["event_ids"] = pd.Series(joined, dtype="str")
    if not isinstance(events, gpd.GeoDataFrame):
        return result
    places = events.geometry.array[source]
    return cast("pd.DataFrame", gpd.GeoDataFrame(result, geometry=places, crs=events.crs))
