"""From tables of uploads to arrays: the one place that takes LOCATED apart."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import Problem, TableError
from crimeloc.events.arrays import EventArrays
from crimeloc.events.times import DEFAULT_TIME, Time, check_time, chosen
from crimeloc.events.venues import (
    Projection,
    VenueArrays,
    factorised,
    in_metres,
    register_of,
    sorted_text,
)
from crimeloc.geometry import lonlat
from crimeloc.messages import Message
from crimeloc.tables import ELSEWHERE, EVENTS, LOCATED, validate
from crimeloc.units import spans

__all__ = ["ONE_SERIES", "event_arrays"]

ONE_SERIES = "all"
"""Name of the series where the table tells none apart."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class _Uploads(NamedTuple):
    """What is known of each event, and the event of each row."""

    event_id: NDArray[np.object_]
    t: Ints
    start: Ints
    end: Ints
    series: Ints
    series_id: NDArray[np.object_]
    named: bool
    of_row: Ints
    first: Ints


class _Candidates(NamedTuple):
    """Rows that may be where an upload was, sorted by event and venue."""

    event: Ints
    venue: Ints
    weight: Floats
    row: Ints
    degrees: Floats
    outside: Floats
    outside_id: NDArray[np.object_]
    venues: VenueArrays


def event_arrays(
    located: pd.DataFrame,
    venues: VenueArrays | None = None,
    *,
    time: Time = DEFAULT_TIME,
    projection: Projection = None,
    before: int | None = None,
    checked: bool = False,
    needs_venues: bool = True,
) -> EventArrays:
    """Turn located events into arrays, the same ones for every method.

    Parameters
    ----------
    located : DataFrame
        LOCATED; with ``needs_venues=False`` EVENTS as well, which then have no candidate.
    venues : VenueArrays, optional
        The register. A candidate outside it counts as elsewhere, and `EventArrays.outside` says
        how much that is. By default the places that the table itself names; a point without a
        venue is then a place of its own.
    time : {"start", "middle", "spread"}
        Where an upload stands that is known to within an interval: at its beginning, in its
        middle (noon, where only the day is known), or spread over it (`EventArrays.moments`;
        `t` is the middle then, too).
    projection : CRS, "local" or None
        Gives `x` and `y` in metres: those of the register, if there is one, else those of the
        table; ``"local"`` is the projection that serves these points.
    before : int, optional
        The moment (microseconds, UTC) at which the question is asked: uploads whose interval
        begins then or later are left out, and of one that has begun the part before it counts.
    checked : bool
        The table has been held against its contract already.
    needs_venues : bool
        Is a table without candidate venues refused?

    Returns
    -------
    EventArrays
        In the order of time and name, whatever the order of the rows.

    Raises
    ------
    TableError
        The table breaks its contract, or the rows of one event disagree about its time or series.
    ParameterError
        The places are too far apart for one flat map, or `time` is no such word.

    Notes
    -----
    Nothing is random. A row without a venue, of weight 0, or at ``"elsewhere"`` is no candidate;
    what the candidates leave of an event's weight is `EventArrays.elsewhere`. Cost is n log n: a
    second for a million events.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-03-02 00:00+09:00", "2026-03-01 21:00+09:00"])
    >>> table = gpd.GeoDataFrame({
    ...     "event_id": ["E2", "E1"], "timestamp": day,
    ...     "timestamp_end": [day[0] + pd.Timedelta("24h"), pd.NaT],
    ...     "venue_id": ["V1", "V9"], "weight": [0.75, 1.0], "how": "lease",
    ... }, geometry=gpd.points_from_xy([127.0, 127.1], [37.5, 37.5]), crs=4326)
    >>> events = event_arrays(table)
    >>> events.event_id.tolist(), events.venues.venue_id.tolist(), events.venue.tolist()
    (['E1', 'E2'], ['V1', 'V9'], [1, 0])
    >>> pd.to_datetime(events.t, unit="us").hour.tolist()  # 21:00 and noon in Seoul
    [12, 3]
    >>> from crimeloc.events import venue_arrays
    >>> register = venue_arrays(table.loc[table["venue_id"] == "V1", ["venue_id", "geometry"]])
    >>> events = event_arrays(table, register)
    >>> events.elsewhere.tolist(), events.outside.tolist(), events.outside_id.tolist()
    ([1.0, 0.25], [1.0, 0.0], ['V9'])
    """
    check_time(time)
    has_venues = "venue_id" in located.columns and "weight" in located.columns
    if not checked:
        validate(located, LOCATED if has_venues or needs_venues else EVENTS)
    start, end = spans(located)
    rows = np.arange(len(located)) if before is None else np.flatnonzero(start < before)
    if before is not None:
        start, end = start[rows], end[rows]
        end = np.maximum(np.minimum(end, before - 1), start)
    events = _uploads(located, rows, start, end, time)
    register = venues if venues is None or projection is None else venues.projected(projection)
    if has_venues:
        found = _candidates(located, rows, events.of_row, register)
    else:
        found = _no_candidates(len(events.t), register)
    if register is not None:
        x, y, used = register.x[found.venue], register.y[found.venue], register.projection
    else:
        x, y, used = in_metres(found.degrees, projection)
    n = len(events.t)
    placed = np.bincount(found.event, found.weight, minlength=n)
    ptr = np.concatenate([[0], np.cumsum(np.bincount(found.event, minlength=n))]).astype(np.int64)
    head = _heads(located, rows, events, found, ptr)
    return EventArrays(
        event_id=events.event_id,
        t=events.t,
        start=start[events.first],
        end=end[events.first],
        series=events.series,
        series_weight=_memberships(located, head),
        elsewhere=np.clip(1.0 - placed, 0.0, 1.0),
        outside=found.outside,
        head=head,
        ptr=ptr,
        venue=found.venue,
        weight=found.weight,
        row=found.row,
        x=x,
        y=y,
        series_id=events.series_id,
        named=events.named,
        venues=found.venues,
        outside_id=found.outside_id,
        time=time,
        projection=used,
    )


def _uploads(table: pd.DataFrame, rows: Ints, start: Ints, end: Ints, time: Time) -> _Uploads:
    """Give each event once, in the order of time and name."""
    code, ids = factorised(_rows(table["event_id"], rows))
    n = int(code.max(initial=-1)) + 1
    first = np.full(n, -1, np.int64)
    first[code[::-1]] = np.arange(len(code) - 1, -1, -1)
    if (first < 0).any():  # categories without a row
        used = first >= 0
        code, ids, first = (np.cumsum(used) - 1)[code], ids[:n][used], first[used]
    ids = ids[: len(first)]
    series, names, named = _series(table, rows)
    for column, values in (("timestamp", start), ("timestamp_end", end), ("series_id", series)):
        _agreed(column, values, first[code], table, rows)
    t = chosen(start[first], end[first], time)
    order = _by_time_and_name(t, ids)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    first = first[order]
    return _Uploads(
        ids[order], t[order], start[first], end[first], series[first], names, named,
        number[code], first,
    )  # fmt: skip


def _by_time_and_name(t: Ints, ids: NDArray[np.object_]) -> Ints:
    """Order by time; names, which cost more to compare, decide between equals alone."""
    order = np.argsort(t, kind="stable")
    same = np.diff(t[order]) == 0
    if same.any():
        place = np.flatnonzero(np.append(same, False) | np.append(False, same))
        tied = order[place]
        rank = np.empty(len(tied), np.int64)
        rank[sorted_text(ids[tied])] = np.arange(len(tied))
        order[place] = tied[np.lexsort((rank, t[tied]))]
    return order.astype(np.int64)


def _agreed(column: str, values: Ints, first: Ints, table: pd.DataFrame, rows: Ints) -> None:
    """Refuse an event whose rows do not agree."""
    apart = values != values[first]
    if not apart.any():
        return
    at = int(np.flatnonzero(apart)[0])
    name = table["event_id"].iloc[rows[at]]
    problem = Problem(
        column=column,
        found=Message(
            "two values for event {name} (row {rows})", name=repr(name), rows=int(rows[at]) + 1
        ),
        expected="one for all rows of an event",
        hint=f'located["{column}"] = located.groupby("event_id")["{column}"].transform("first")',
        rows=int(apart.sum()),
    )
    raise TableError("located", [problem], rows=len(table))


def _series(table: pd.DataFrame, rows: Ints) -> tuple[Ints, NDArray[np.object_], bool]:
    """Give the series of each row, their names in order, and whether the table names any."""
    if "series_id" in table.columns:
        code, levels = factorised(_rows(table["series_id"], rows))
        used = np.unique(code[code >= 0])
        if len(used):
            order = sorted_text(levels[used])
            rank = np.full(len(levels) + 1, -1, np.int64)
            rank[used[order]] = np.arange(len(used))
            return rank[code], levels[used][order], True
    return np.zeros(len(rows), np.int64), np.array([ONE_SERIES], dtype=object), False


def _memberships(table: pd.DataFrame, head: Ints) -> Floats:
    if "series_weight" not in table.columns:
        return np.ones(len(head))
    given = table["series_weight"].to_numpy(dtype=np.float64, na_value=np.nan)[head]
    return np.where(np.isnan(given), 1.0, given)


def _candidates(
    table: pd.DataFrame, rows: Ints, of_row: Ints, venues: VenueArrays | None
) -> _Candidates:
    """Keep the rows that may be where an upload was, and count what is outside the register."""
    weight = _taken(table["weight"].to_numpy(dtype=np.float64, na_value=0.0), rows)
    level, names = factorised(_rows(table["venue_id"], rows))
    away = np.append(names == ELSEWHERE, False)  # the last one is that of level -1, a missing name
    possible = (weight > 0) & ~away[level]
    n = int(of_row.max(initial=-1)) + 1
    outside, outside_id = np.zeros(n), np.empty(0, dtype=object)
    if venues is not None:
        of_level = np.append(venues.codes(pd.Series(names, dtype=object)), -1)
        code = of_level[level]
        beyond = np.flatnonzero(possible & (code < 0) & (level >= 0))
        if len(beyond):
            # In an order of its own, so that the sum does not depend on the order of rows.
            beyond = beyond[np.lexsort((weight[beyond], of_row[beyond]))]
            np.add.at(outside, of_row[beyond], weight[beyond])
            found = names[np.unique(level[beyond])]
            outside_id = found[sorted_text(found)]
        kept = np.flatnonzero(possible & (code >= 0))
        code, degrees = code[kept], np.empty((len(kept), 2))
    else:
        kept = np.flatnonzero(possible)
        degrees = _degrees(table, rows[kept])
        venues, code = register_of(level[kept], names, degrees)
        stands = code >= 0
        kept, degrees, code = kept[stands], degrees[stands], code[stands]
    event = of_row[kept]
    order = _by_event_and_venue(event, code, weight[kept], len(venues))
    kept = kept[order]
    return _Candidates(
        event[order], code[order], weight[kept], rows[kept], degrees[order], outside, outside_id,
        venues,
    )  # fmt: skip


def _by_event_and_venue(event: Ints, venue: Ints, weight: Floats, n_venues: int) -> Ints:
    key = event * max(n_venues, 1) + venue
    order = np.argsort(key, kind="stable")
    if (np.diff(key[order]) == 0).any():  # only in a table that was not held against its contract
        order = np.lexsort((weight, key))
    return order


def _no_candidates(n: int, venues: VenueArrays | None) -> _Candidates:
    none, nothing = np.empty(0, np.int64), np.empty(0)
    names = np.empty(0, dtype=object)
    if venues is None:
        venues = register_of(none, names, np.empty((0, 2)))[0]
    return _Candidates(none, none, nothing, none, np.empty((0, 2)), np.zeros(n), names, venues)


def _heads(
    table: pd.DataFrame, rows: Ints, events: _Uploads, found: _Candidates, ptr: Ints
) -> Ints:
    """Give the row that speaks of each event: of its candidates, else of its rows, the first."""
    head = rows[events.first]
    has = ptr[1:] > ptr[:-1]
    head[has] = found.row[ptr[:-1][has]]
    several = (np.bincount(events.of_row, minlength=len(has)) > 1) & ~has
    if several.any() and "venue_id" in table.columns:
        those = np.flatnonzero(several[events.of_row])
        rank = pd.factorize(table["venue_id"].iloc[rows[those]].astype("str"), sort=True)[0]
        last = those[np.lexsort((-rank, events.of_row[those]))]
        head[events.of_row[last]] = rows[last]
    return head


def _degrees(table: pd.DataFrame, rows: Ints) -> Floats:
    if "geometry" not in table.columns:
        return np.full((len(rows), 2), np.nan)
    shapes = gpd.GeoSeries(table["geometry"])
    return lonlat(shapes if len(rows) == len(shapes) else shapes.iloc[rows])


def _rows(values: pd.Series, rows: Ints) -> pd.Series:
    """Give some rows of a column; a column of text is not copied where all of them are wanted."""
    return values if len(rows) == len(values) else values.iloc[rows]


def _taken(values: Floats, rows: Ints) -> Floats:
    return values if len(rows) == len(values) else values[rows]
