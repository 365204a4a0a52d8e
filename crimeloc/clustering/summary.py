"""What is each cluster: where, since when, how dense, how firm?"""

from __future__ import annotations

from typing import NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from crimeloc import geometry, units
from crimeloc.clustering._located import PERIODS, Points, points
from crimeloc.clustering.cluster_events import Rule, label_rows
from crimeloc.errors import ParameterError
from crimeloc.tables import CLUSTERS, empty

__all__ = ["summarise_clusters"]

NUDGE = 1.25
"""Factor by which radius and gap are widened and narrowed to see whether a cluster holds."""


def summarise_clusters(
    located: gpd.GeoDataFrame,
    radius_m: float | None = None,
    gap: units.Duration | None = None,
    min_events: float | None = None,
    *,
    circular: str | None = None,
    by: str | None = None,
    tz: str | None = None,
) -> gpd.GeoDataFrame:
    """What is each cluster: where, since when, how dense, how firm?

    Parameters
    ----------
    located : GeoDataFrame
        Located events with the column ``cluster_id``, as `cluster_events` gives them.
    radius_m, gap, min_events : float, duration, float, optional
        The parameters of `cluster_events` that made the clusters. With all three the column
        ``stability`` is filled, else it is missing.
    circular, by, tz : optional
        As given to `cluster_events`.

    Returns
    -------
    GeoDataFrame
        One row per cluster (contract CLUSTERS, EPSG:4326; the geometry is the weighted middle), and

        - ``start_local``, ``end_local``: the same on the clocks at the venues;
        - ``n_venues``; ``span_h``: hours from first to last event;
        - ``hull``: geometry around its venues; ``hull_km2``: area of the hull;
        - ``background``: events that these venues have in so long a time on average over the
          whole table; ``density``: events over background (1 = as always);
        - ``stability``: 0 to 1, how much of the cluster comes back when radius, gap and
          minimum are nudged.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        There is no column ``cluster_id``, or the parameters given did not make it.

    Notes
    -----
    ``stability`` is the mean, over six reruns (radius and gap times and over 1.25, minimum plus and
    minus one), of the largest share of common weight (Jaccard) with a cluster of the rerun. The
    ``background`` counts the cluster itself, so ``density`` errs on the low side; it is a
    description and no test. A weight counts as a part of an event throughout. Nothing is random.
    For clusters on the circle of the week, span, background and density speak of the whole time
    between first and last event.

    Examples
    --------
    >>> from crimeloc.clustering.cluster_events import cluster_events
    >>> located = gpd.GeoDataFrame({
    ...     "event_id": ["E1", "E2", "E3"],
    ...     "timestamp": pd.to_datetime(["2026-03-01 20:00+09:00", "2026-03-01 22:00+09:00",
    ...                                  "2026-03-09 20:00+09:00"]),
    ...     "venue_id": ["V1", "V1", "V1"], "weight": 1.0, "how": "given",
    ... }, geometry=geometry.points([[127.0, 37.5]] * 3))
    >>> clusters = summarise_clusters(cluster_events(located, min_events=2))
    >>> clusters[["cluster_id", "n_events", "venues", "span_h"]].values.tolist()
    [[0, 2.0, 'V1', 2.0]]
    """
    if "cluster_id" not in located.columns:
        raise ParameterError(
            "located",
            found="no column cluster_id",
            expected="clustered events",
            hint="cluster_events(located)",
        )
    here = points(located)
    label = located["cluster_id"].to_numpy(dtype=np.int64)
    rule = _rule(radius_m, gap, min_events, (circular, by, tz))
    stable = {} if rule is None else _stability(located, here, label, rule)
    label = label[here.rows]
    venue, levels = pd.factorize(located["venue_id"].iloc[here.rows], sort=True)
    names = levels.to_numpy(dtype=object)
    log = _Log(
        here,
        venue,
        names,
        np.bincount(venue, here.weight, len(names)).astype(np.float64),
        float(np.ptp(here.moment)) if len(here.moment) else 0.0,
        stable,
    )
    numbers = np.unique(label[label >= 0])
    order = np.argsort(label, kind="stable")
    cuts = np.searchsorted(label[order], [numbers, numbers + 1])
    rows = [
        _row(int(number), order[first:last], log)
        for number, first, last in zip(numbers, *cuts, strict=True)
    ]
    return _table(rows, here, units.shown_zone(located, tz))


class _Log(NamedTuple):
    """The whole table, which clusters are held against."""

    here: Points
    venue: NDArray[np.intp]
    names: NDArray[np.object_]
    at_venue: NDArray[np.float64]  # weight of each venue's events
    length: float  # from the first event to the last, in microseconds
    stable: dict[int, float]


class _Row(NamedTuple):
    cluster_id: int
    n_events: float
    start: int
    end: int
    radius_m: float
    venues: str
    middle: NDArray[np.float64]
    hull: shapely.Geometry
    n_venues: int
    span_h: float
    hull_km2: float
    background: float
    density: float
    stability: float


def _row(number: int, members: NDArray[np.int64], log: _Log) -> _Row:
    here, venue, names = log.here, log.venue, log.names
    moment, weight, metres = here.moment[members], here.weight[members], here.metres[members]
    n_events = float(weight.sum())
    middle = (metres * weight[:, None]).sum(axis=0) / n_events
    own, inverse = np.unique(venue[members], return_inverse=True)
    own = own[np.argsort(-np.bincount(inverse, weight).round(9), kind="stable")]
    hull = shapely.convex_hull(shapely.multipoints(metres))
    span = float(np.ptp(moment))
    background = float(log.at_venue[own].sum()) * (span / log.length if log.length else 1.0)
    return _Row(
        cluster_id=number,
        n_events=n_events,
        start=int(moment.min()),
        end=int(moment.max()),
        radius_m=float(np.hypot(*(metres - middle).T).max()),
        venues="|".join(map(str, names[own])),
        middle=middle,
        hull=cast("shapely.Geometry", hull),
        n_venues=len(own),
        span_h=span / 3.6e9,
        hull_km2=float(shapely.area(hull)) / 1e6,
        background=background,
        density=n_events / background if background else np.nan,
        stability=log.stable.get(number, np.nan),
    )


def _table(rows: list[_Row], here: Points, zone: str) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows, columns=list(_Row._fields))
    middle = np.array([row.middle for row in rows]).reshape(-1, 2)
    hulls = gpd.GeoSeries(list(table["hull"]), crs=here.projection).to_crs(geometry.TABLE_CRS)
    for name in ("start", "end"):
        moments = table[name].to_numpy(dtype=np.int64)
        table[name] = units.to_timestamps(moments)
        table[f"{name}_local"] = units.to_timestamps(moments).tz_convert(zone)
    dtypes = {
        "cluster_id": "int64",
        "n_events": "float64",
        "radius_m": "float64",
        "venues": "str",
        "n_venues": "int64",
        "span_h": "float64",
        "hull_km2": "float64",
        "background": "float64",
        "density": "float64",
        "stability": "float64",
    }
    table = table.drop(columns=["middle", "hull"]).astype(dtypes)
    degrees = geometry.to_lonlat(middle, here.projection)
    frame = gpd.GeoDataFrame(table, geometry=list(geometry.points(degrees)), crs=geometry.TABLE_CRS)
    frame["hull"] = gpd.GeoSeries(hulls.array, crs=geometry.TABLE_CRS)
    first = list(empty(CLUSTERS).columns)
    return frame[[*first, *(name for name in frame.columns if name not in first)]]


def _rule(
    radius_m: float | None,
    gap: units.Duration | None,
    min_events: float | None,
    rest: tuple[str | None, str | None, str | None],
) -> Rule | None:
    """Give the parameters that made the clusters; none where none was given."""
    if radius_m is None or gap is None or min_events is None:
        if radius_m is None and gap is None and min_events is None:
            return None
        raise ParameterError(
            "radius_m, gap, min_events",
            found="some of the three",
            expected="all three or none",
            hint='summarise_clusters(located, radius_m=800, gap="36h", min_events=4)',
        )
    return Rule(radius_m, units.seconds(gap, "gap") * 1e6, min_events, *rest)


def _stability(
    located: pd.DataFrame, here: Points, label: NDArray[np.int64], rule: Rule
) -> dict[int, float]:
    """Run again with radius, gap and minimum nudged, and see how much comes back."""
    if not np.array_equal(label_rows(located, here, rule), label):
        raise ParameterError(
            "radius_m, gap, min_events",
            found="parameters that did not make these clusters",
            expected="those given to cluster_events",
            hint="cluster_events(located, radius_m, gap, min_events)",
        )
    radius_m, gap_us, min_events = rule[:3]
    wider = gap_us * NUDGE
    if rule.circular is not None:
        wider = min(wider, max(gap_us, 0.49 * PERIODS[rule.circular]))
    variants = [
        (radius_m * NUDGE, gap_us, min_events),
        (radius_m / NUDGE, gap_us, min_events),
        (radius_m, wider, min_events),
        (radius_m, gap_us / NUDGE, min_events),
        (radius_m, gap_us, min_events + 1),
        (radius_m, gap_us, max(min_events - 1, min_events / 2)),
    ]
    reruns = [
        label_rows(located, here, Rule(*variant, rule.circular, rule.by, rule.tz))
        for variant in variants
    ]
    weight = np.zeros(len(label))
    weight[here.rows] = here.weight
    shares = [_overlap(label, again, weight) for again in reruns]
    return {number: float(np.mean([s[number] for s in shares])) for number in shares[0]}


def _overlap(
    ours: NDArray[np.int64], theirs: NDArray[np.int64], weight: NDArray[np.float64]
) -> dict[int, float]:
    """Give, for each of our clusters, the largest Jaccard share with one of theirs."""
    table = pd.DataFrame({"ours": ours, "theirs": theirs, "weight": weight})
    size_ours = table.groupby("ours")["weight"].sum()
    size_theirs = table.groupby("theirs")["weight"].sum()
    best = {int(number): 0.0 for number in size_ours.index if number >= 0}
    common = table[(ours >= 0) & (theirs >= 0)].groupby(["ours", "theirs"])["weight"].sum()
    mine = common.index.get_level_values("ours")
    other = common.index.get_level_values("theirs")
    either = size_ours[mine].to_numpy() + size_theirs[other].to_numpy() - common.to_numpy()
    shares = common.to_numpy() / either
    for number, share in zip(mine, shares, strict=True):
        best[int(number)] = max(best[int(number)], float(share))
    return best
