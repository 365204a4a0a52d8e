"""From a table of located events to clusters, and from clusters to a table of them."""

from __future__ import annotations

from typing import NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.clustering._located import Points, points, wrapped
from crimeloc.clustering._sweep import st_dbscan
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message

__all__ = ["Rule", "cluster_events", "label_rows"]


def cluster_events(
    located: gpd.GeoDataFrame,
    radius_m: float = 800.0,
    gap: units.Duration = "36h",
    min_events: float = 4,
    *,
    circular: str | None = None,
    by: str | None = None,
    tz: str | None = None,
) -> gpd.GeoDataFrame:
    """Where and when do these events bunch?

    Parameters
    ----------
    located : GeoDataFrame
        Located events (contract LOCATED).
    radius_m : float
        Events at most so many metres apart are near.
    gap : str or timedelta
        Events at most so long apart are soon, such as ``"36h"``.
    min_events : float
        Smallest weight of events near and soon around an event for it to be the core of a cluster,
        its own weight included.
    circular : {None, "week", "day"}
        With ``"week"``, only the hour of the local week counts: "every Friday night around here".
        The gap is then taken on the clock of the week, such as ``"3h"``.
    by : str, optional
        A column, such as ``"series_id"``: each of its values is clustered alone. Rows without a
        value stay alone (-1).
    tz : str, optional
        Zone of the clocks at the venues, for circular time; by default the column ``tz``.

    Returns
    -------
    GeoDataFrame
        The same rows with the column ``cluster_id``: number of the cluster by its first core event;
        -1 = alone. An event with several candidate venues has one label for each of its rows.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        A parameter is out of range.

    Notes
    -----
    ST-DBSCAN on weighted points. An event that may have been at two venues is a point of its
    weight at each of them. Nothing is chosen: a row of weight .3 counts .3, and rows of weight 0
    (no candidate) stay alone. Where only an interval is known (``timestamp_end``), its middle is
    the time. Nothing is random, and labels do not depend on the order of rows, on how often a row
    is written down in parts of its weight, or on units. Venues that are always busy form clusters
    by being busy; whether that is more than chance is a question for `knox_test` and `scan_test`.
    A million events at a thousand venues take about a second.

    References
    ----------
    Birant, D. & Kut, A. (2007). ST-DBSCAN: An algorithm for clustering spatial-temporal data.
    *Data & Knowledge Engineering* 60, 208-221.

    Examples
    --------
    >>> import crimeloc.geometry as geometry
    >>> located = gpd.GeoDataFrame({
    ...     "event_id": ["E1", "E2", "E3"],
    ...     "timestamp": pd.to_datetime(["2026-03-01 20:00+09:00", "2026-03-01 22:00+09:00",
    ...                                  "2026-03-09 20:00+09:00"]),
    ...     "venue_id": ["V1", "V1", "V1"], "weight": 1.0, "how": "given",
    ... }, geometry=geometry.points([[127.0, 37.5]] * 3))
    >>> cluster_events(located, min_events=2)["cluster_id"].tolist()
    [0, 0, -1]
    """
    if not radius_m >= 0:
        raise ParameterError(
            "radius_m", found=repr(radius_m), expected="metres, at least 0", hint=Hint(radius_m=800)
        )
    if not min_events > 0:
        raise ParameterError(
            "min_events", found=repr(min_events), expected="above 0", hint=Hint(min_events=4)
        )
    if by is not None and by not in located.columns:
        raise ParameterError(
            "by", found=repr(by), expected="a column of the table", hint=Hint(by="series_id")
        )
    rule = Rule(radius_m, units.seconds(gap, "gap") * 1e6, min_events, circular, by, tz)
    labels = label_rows(located, points(located), rule)
    return cast("gpd.GeoDataFrame", located.assign(cluster_id=labels))


class Rule(NamedTuple):
    """What makes a cluster: as for `cluster_events`, the gap in microseconds."""

    radius_m: float
    gap_us: float
    min_events: float
    circular: str | None = None
    by: str | None = None
    tz: str | None = None


def label_rows(located: pd.DataFrame, here: Points, rule: Rule) -> NDArray[np.int64]:
    """Give each row of the table its cluster."""
    circular, by, gap_us = rule.circular, rule.by, rule.gap_us
    labels = np.full(len(located), -1, np.int64)
    if not len(here.rows):
        return labels
    # Whole microseconds: no rounding, wherever the calendar stands.
    period = None
    if circular is None:
        t = (here.moment - here.moment.min()).astype(np.float64)
    else:
        t, period = wrapped(here.moment, circular, located, rule.tz)
        if gap_us >= period / 2:
            raise ParameterError(
                "gap",
                found=f"{gap_us / 3.6e9:g} h",
                expected=Message("less than half a {circular}", circular=circular),
                hint=Hint(gap="3h"),
            )
    if by is None:
        groups = [np.arange(len(here.rows))]
    else:
        codes, _ = pd.factorize(located[by].iloc[here.rows], sort=True)
        groups = [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]
    found = 0
    for group in groups:
        own, _ = st_dbscan(
            here.metres[group],
            t[group],
            here.weight[group],
            rule.radius_m,
            gap_us,
            rule.min_events,
            period,
        )
        labels[here.rows[group]] = np.where(own >= 0, own + found, -1)
        found += int(own.max(initial=-1)) + 1
    return labels
