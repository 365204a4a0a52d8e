"""Officers wait where a venue is open: windows cut to opening hours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crimeloc.events.calendar import open_share
from crimeloc.units import instants, to_timestamps

__all__ = ["cut_to_hours"]

_PIECE_US = 15 * 60 * 1_000_000
_HOUR_US = 3_600_000_000


def cut_to_hours(
    table: pd.DataFrame, venues: pd.DataFrame, tz: str, country: str | None = "KR"
) -> pd.DataFrame:
    """From when until when is each venue open within its window?

    Parameters
    ----------
    table : DataFrame
        Slots with ``venue_id``, ``window_start``, ``window_end`` and ``hours``.
    venues : DataFrame
        VENUES; a venue that is not in it, or whose hours are unknown, counts as open.
    tz : str
        Zone of the clocks at the venues.
    country : str or None
        For rules that speak of public holidays.

    Returns
    -------
    DataFrame
        The same with windows and ``hours`` from the first quarter of an hour in which the venue
        is open to the last; slots in which it is never open are left out.

    Raises
    ------
    ParameterError
        Opening hours are not in OSM syntax.

    Notes
    -----
    A break between two openings within a window is waited through. Chances stay as they are: the
    forecast puts an upload where a venue is open. Cost: venues with different hours x windows x 16.

    Examples
    --------
    >>> start = pd.to_datetime(["2026-03-02 08:00+09:00"])
    >>> slots = pd.DataFrame({"venue_id": ["A"], "window_start": start, "hours": [4.0],
    ...                       "window_end": start + pd.Timedelta("4h")})
    >>> venues = pd.DataFrame({"venue_id": ["A"], "opening_hours": ["10:00-22:00"]})
    >>> cut = cut_to_hours(slots, venues, "Asia/Seoul")
    >>> cut["window_start"].iloc[0].isoformat(), float(cut["hours"].iloc[0])
    ('2026-03-02T01:00:00+00:00', 2.0)
    """
    if not len(table) or "opening_hours" not in venues.columns:
        return table
    start, end = instants(table["window_start"]), instants(table["window_end"])
    known = venues.drop_duplicates("venue_id").set_index("venue_id")["opening_hours"]
    hours = table["venue_id"].map(known)
    first, last = start.copy(), end.copy()
    for text, rows in hours.dropna().groupby(hours.dropna(), sort=False):
        places = table.index.get_indexer(rows.index)
        for window in np.unique(np.column_stack([start[places], end[places]]), axis=0):
            here = places[(start[places] == window[0]) & (end[places] == window[1])]
            edges = np.append(np.arange(window[0], window[1], _PIECE_US), window[1])
            share = open_share(pd.Series([text]), edges[:-1], edges[1:], tz=tz, country=country)[0]
            is_open = np.flatnonzero(share > 0)
            first[here] = edges[is_open[0]] if len(is_open) else window[1]
            last[here] = edges[is_open[-1] + 1] if len(is_open) else window[1]
    result = table.copy()
    result["window_start"], result["window_end"] = to_timestamps(first), to_timestamps(last)
    result["hours"] = (last - first) / _HOUR_US
    return result[last > first].reset_index(drop=True)
