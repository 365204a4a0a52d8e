"""Uploads of one sitting become one session."""

from __future__ import annotations

from typing import NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.events.arrays import EventArrays
from crimeloc.events.reading import event_arrays
from crimeloc.events.times import DEFAULT_TIME, Time
from crimeloc.messages import Message
from crimeloc.tables import LOCATED, validate
from crimeloc.units import Duration, seconds, shown_zone, to_timestamps

__all__ = ["sessions"]

Ints = NDArray[np.int64]

_KEPT = ("timestamp", "timestamp_end", "tz", "series_id")
"""Columns that a session has from its first upload."""


class _Candidates(NamedTuple):
    """Candidate venues of sessions, sorted by session and venue."""

    session: Ints
    weight: NDArray[np.float64]
    row: Ints


def sessions(
    located: pd.DataFrame,
    gap: Duration = "2h",
    max_length: Duration = "24h",
    *,
    time: Time = DEFAULT_TIME,
) -> pd.DataFrame:
    """Which uploads were made at one sitting?

    Parameters
    ----------
    located : DataFrame or GeoDataFrame
        LOCATED, or events of a platform that knows its venues: ``event_id``, ``timestamp`` and
        ``venue_id``, each of them sure where there is no ``weight``. With ``series_id``, sessions
        of two series are two sessions.
    gap : str or timedelta
        A pause longer than this ends a session.
    max_length : str or timedelta
        So does a stay longer than this, so that a busy venue is not one session for ever.
    time : {"start", "middle", "spread"}
        Where an upload stands that is known to within an interval: see
        `crimeloc.events.event_arrays`.

    Returns
    -------
    DataFrame or GeoDataFrame
        LOCATED, one row per session and candidate venue, in order of time: every method takes it
        in place of the uploads. A session has the ``event_id``, the ``timestamp`` and the series
        of its first upload. ``weight`` is the mean over its uploads. Besides ``session_id`` (from
        0), ``end`` (time of its last upload, UTC), ``start_local`` and
        ``end_local`` (on the clocks at the venues), ``n_events`` (its uploads) and ``event_ids``
        (joined by ``|``). Uploads without a candidate venue make no session.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        A column is missing, or a duration has no unit.

    Notes
    -----
    An uncertain upload belongs to one session: that at its likeliest venue (of equals, the first by
    name). Its other candidates become candidates of the session, so that a sitting which may have
    been at either of two venues counts once. Nothing is random; the order of rows plays no part.
    Cost is n log n.

    Examples
    --------
    >>> located = pd.DataFrame({
    ...     "event_id": ["E1", "E2", "E3"], "venue_id": "V1",
    ...     "timestamp": pd.to_datetime(["2026-03-01 20:00+09:00", "2026-03-01 21:00+09:00",
    ...                                  "2026-03-02 20:00+09:00"]),
    ... })
    >>> sessions(located)[["event_id", "weight", "n_events", "event_ids"]].values.tolist()
    [['E1', 1.0, 2, 'E1|E2'], ['E3', 1.0, 1, 'E3']]
    """
    pause = round(seconds(gap, "gap") * 1e6)
    longest = round(seconds(max_length, "max_length") * 1e6)
    table = _as_located(located)
    events = event_arrays(table, time=time, checked=True)
    at_venue = table["venue_id"].notna().to_numpy()[events.row]
    events = events.placed(at_venue)
    session = _numbered(events, pause, longest)
    order = np.argsort(session, kind="stable")  # within a session by time, then by name
    heads = np.flatnonzero(np.diff(session[order], prepend=-1))
    size = np.diff(heads, append=len(order))
    found = _candidates(events, session, size)
    columns: dict[str, object] = {"session_id": found.session}
    columns["event_id"] = events.event_id[order[heads]][found.session]
    first = events.head[order[heads]][found.session]
    for name in _KEPT:
        if name in table.columns:
            columns[name] = table[name].iloc[first].array
    if "series_weight" in table.columns:
        sure = np.add.reduceat(events.series_weight[order], heads) / size if len(heads) else size
        columns["series_weight"] = sure[found.session]
    last = events.t[order[heads + size - 1]]
    columns["venue_id"] = table["venue_id"].iloc[found.row].array
    columns["weight"] = found.weight
    columns["how"] = table["how"].iloc[found.row].array
    columns["end"] = to_timestamps(last)[found.session]
    zone = shown_zone(located)
    begun = to_timestamps(events.t[order[heads]])
    columns["start_local"] = begun.tz_convert(zone)[found.session]
    columns["end_local"] = to_timestamps(last).tz_convert(zone)[found.session]
    columns["n_events"] = size[found.session]
    listed = events.event_id[order].astype("str").tolist()
    joined = [
        "|".join(listed[a : a + n]) for a, n in zip(heads.tolist(), size.tolist(), strict=True)
    ]
    columns["event_ids"] = pd.Series(joined, dtype="str").iloc[found.session].array
    result = pd.DataFrame(columns).astype({"event_id": "str"})
    if not isinstance(located, gpd.GeoDataFrame):
        return result
    places = located.geometry.array[found.row]
    return cast("pd.DataFrame", gpd.GeoDataFrame(result, geometry=places, crs=located.crs))


def _as_located(events: pd.DataFrame) -> pd.DataFrame:
    """Check the table; one whose venues are known gets the columns of a located one."""
    for name in ("event_id", "timestamp", "venue_id"):
        if name not in events.columns:
            raise ParameterError(
                "located",
                found=Message("no column {name}", name=name),
                expected="event_id, timestamp, venue_id",
                hint="locate_events(events, venues, leases=leases)",
            )
    if "weight" in events.columns and "how" in events.columns and "geometry" in events.columns:
        return validate(events, LOCATED)
    table = events
    if "weight" not in table.columns:
        table = table.assign(weight=1.0)
    if "how" not in table.columns:
        table = table.assign(how="given")
    return table


def _numbered(events: EventArrays, pause: int, longest: int) -> Ints:
    """Number the sessions in the order of their first uploads."""
    n = len(events)
    place = (events.series + 1) * len(events.venues) + events.venue[events.likeliest()]
    order = np.argsort(place, kind="stable")  # events are in order of time already
    t, place = events.t[order], place[order]
    new = np.ones(n, bool)
    new[1:] = (np.diff(place) != 0) | (np.diff(t) > pause)
    new = _shortened(t, new, longest)
    number = np.empty(n, np.int64)
    number[order] = np.cumsum(new) - 1
    first = np.unique(number, return_index=True)[1]
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


def _shortened(t: Ints, new: NDArray[np.bool_], longest: int) -> NDArray[np.bool_]:
    """Begin anew where a run is longer than it may be, all long runs side by side."""
    begin = np.flatnonzero(new)
    stop = np.append(begin[1:], len(t))
    while len(begin):
        long = t[stop - 1] - t[begin] > longest
        begin, stop = begin[long], stop[long]
        low, high = begin + 1, stop - 1  # the first too late an upload lies in here
        while (low < high).any():
            middle = (low + high) // 2
            late = t[middle] - t[begin] > longest
            low, high = np.where(late, low, middle + 1), np.where(late, middle, high)
        new[low] = True
        begin = low
    return new


def _candidates(events: EventArrays, session: Ints, size: Ints) -> _Candidates:
    """Give the candidates of each session: of its uploads, with their mean weight."""
    key = session[events.event] * max(len(events.venues), 1) + events.venue
    found, first, back = np.unique(key, return_index=True, return_inverse=True)
    mine = found // max(len(events.venues), 1)
    weight = np.bincount(back, events.weight, minlength=len(found)) / size[mine]
    return _Candidates(mine, np.minimum(weight, 1.0), events.row[first])
