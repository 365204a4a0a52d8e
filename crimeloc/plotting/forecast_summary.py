"""What the briefing speaks of: one ranking and its tables, gathered into plain facts.

Any object with a SLOTS table serves as a ranking; nothing here knows how it was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.events import event_times
from crimeloc.geometry import lonlat
from crimeloc.messages import Hint, Message
from crimeloc.plotting.protocols import (
    SupportsHorizon,
    SupportsRanking,
    SupportsVenues,
    SupportsZone,
)
from crimeloc.tables import ELSEWHERE, LOCATED, SLOTS, VENUES, validate
from crimeloc.units import instant, instants, local_zone, seconds, to_timestamps

__all__ = ["ForecastSummary", "gather", "reasons", "telling_k"]

PREFIX = "from_"


@dataclass(frozen=True)
class ForecastSummary:
    """The facts of a briefing.

    Parameters
    ----------
    tz : str
        Zone of the clocks at the venues.
    at, until : Timestamp
        The moment of the forecast and the end of its horizon, in that zone.
    series : tuple of str
        The series it speaks of; empty where the tables name none.
    venues : DataFrame
        Ranked venues, likeliest first: ``venue_id``, ``name``, ``lon``, ``lat``,
        ``probability``, ``expected``, ``share``, ``base_rate`` (NaN where unknown), ``from_*``,
        ``n`` and ``last`` (past uploads there, each counted by its location weight alone, and the
        latest).
    slots : DataFrame
        Slots at venues, likeliest first, with ``name`` and times in the local zone.
    windows : DataFrame
        Windows over all venues and "elsewhere", in order of time: ``window_start``,
        ``window_end``, ``share``.
    elsewhere : dict
        ``share``, ``expected`` and ``probability`` of a place outside the register.
    expected : float
        Uploads expected within the horizon, anywhere.
    located : GeoDataFrame
        Located rows of the series before `at`.
    counts : dict
        ``events`` (all of the series), ``later`` (at or after `at`, not used), ``used``,
        ``placed`` (with at least one candidate), ``unplaced``, ``certain`` (one candidate with
        all the weight), ``outside`` (weight that lies outside the register, in events).
    """

    tz: str
    at: pd.Timestamp
    until: pd.Timestamp
    series: tuple[str, ...]
    venues: pd.DataFrame
    slots: pd.DataFrame
    windows: pd.DataFrame
    elsewhere: dict[str, float]
    expected: float
    located: gpd.GeoDataFrame
    counts: dict[str, float]


def gather(
    ranking: SupportsRanking,
    located: gpd.GeoDataFrame,
    venues: gpd.GeoDataFrame,
    *,
    series: str | None = None,
    tz: str | None = None,
) -> ForecastSummary:
    """What are the facts of this briefing?

    Parameters
    ----------
    ranking : Ranking
        Or anything with ``slots`` (SLOTS) and ``at``; ``venues``, ``horizon`` and ``tz`` are
        used where it has them.
    located : GeoDataFrame
        LOCATED.
    venues : GeoDataFrame
        VENUES.
    series : str, optional
        The series to speak of; by default all of the ranking together.
    tz : str, optional
        Zone of the clocks at the venues.

    Returns
    -------
    ForecastSummary
        The facts; no table given is changed.

    Raises
    ------
    TableError
        A table breaks its contract.
    ParameterError
        The ranking has no moment, or the series is not in it.
    """
    slots = validate(ranking.slots, SLOTS)
    validate(located, LOCATED)
    validate(venues, VENUES)
    own = ranking.tz if isinstance(ranking, SupportsZone) else None
    zone = local_zone(located, tz or own)
    at = instant(ranking.at).tz_convert(zone)
    slots, names = _of_series(slots, series)
    rows = _rows_of(located, names)
    before = instants(rows["timestamp"]) < at.value // 1_000
    used = rows[before]
    return ForecastSummary(
        tz=zone,
        at=at,
        until=_until(ranking, slots, at),
        series=names,
        venues=_venues(ranking, slots, names, used, venues, zone),
        slots=_slots(slots, venues, zone),
        windows=_windows(slots, zone),
        elsewhere=_elsewhere(slots),
        expected=float(slots["expected"].sum()),
        located=used,
        counts=_counts(rows, used),
    )


def telling_k(venues: int, top: int = 10) -> int:
    """Of how many venues does a top list say something? A quarter of them at most; 0: of none.

    Parameters
    ----------
    venues : int
        Venues that are ranked.
    top : int
        The list wished for.

    Returns
    -------
    int
        Its length: the chance that the next upload falls at one of the top 10 of 12 venues is
        near 1 for any ranking.

    Examples
    --------
    >>> telling_k(80), telling_k(12), telling_k(3)
    (10, 3, 0)
    """
    return min(top, venues // 4)


def reasons(row: pd.Series, most: int = 3) -> list[tuple[str, float]]:
    """Which experts speak for this row, and for how much of it?

    Parameters
    ----------
    row : Series
        A row with ``from_*`` parts.
    most : int
        How many to name.

    Returns
    -------
    list of (str, float)
        Name of the expert and its part of the row's share, largest first; parts below 1 % are
        left out.

    Examples
    --------
    >>> reasons(pd.Series({"from_hour": 0.03, "from_near": 0.01}))
    [('hour', 0.75), ('near', 0.25)]
    """
    parts = {
        str(name)[len(PREFIX) :]: float(value)
        for name, value in row.items()
        if str(name).startswith(PREFIX)
    }
    whole = sum(parts.values())
    if not whole > 0:
        return []
    ordered = sorted(((name, value / whole) for name, value in parts.items()), key=_by_part)
    return [(name, part) for name, part in ordered[:most] if part >= 0.01]


def _by_part(pair: tuple[str, float]) -> tuple[float, str]:
    return -pair[1], pair[0]


def _of_series(slots: pd.DataFrame, series: str | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    if "series_id" not in slots.columns:
        return slots, ()
    names = tuple(sorted(slots["series_id"].dropna().astype("str").unique()))
    if series is None:
        return slots, names
    if series not in names:
        known = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
        hint = Hint(series=names[0]) if names else Hint(series=None)
        raise ParameterError(
            "series",
            found=repr(series),
            expected=Message("one of {known}", known=known or "none"),
            hint=hint,
        )
    return slots[slots["series_id"] == series], (series,)


def _rows_of(located: gpd.GeoDataFrame, names: tuple[str, ...]) -> gpd.GeoDataFrame:
    if not names or "series_id" not in located.columns:
        return located
    return located[located["series_id"].isin(names)]


def _until(ranking: SupportsRanking, slots: pd.DataFrame, at: pd.Timestamp) -> pd.Timestamp:
    if isinstance(ranking, SupportsHorizon):
        return at + pd.Timedelta(seconds=seconds(ranking.horizon, "horizon"))
    return slots["window_end"].max().tz_convert(at.tzinfo) if len(slots) else at


def _pooled(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sum series and windows: expectations add, absences multiply, shares are means."""
    parts = [name for name in table.columns if str(name).startswith(PREFIX)]
    work = table[[*keys, "expected", "probability"]].copy()
    if "base_rate" in table.columns:
        work["base_rate"] = np.log1p(-table["base_rate"].clip(0, 1 - 1e-15))
    work["probability"] = np.log1p(-table["probability"].clip(0, 1 - 1e-15))
    weight: Any = 1.0
    if "series_id" in table.columns and len(table):
        rate = table.groupby("series_id")["expected"].sum()
        of_all = rate / rate.sum() if rate.sum() > 0 else rate * 0 + 1 / len(rate)
        weight = table["series_id"].map(of_all)
    for name in ["share", *parts]:
        if name in table.columns:
            work[name] = table[name] * weight
    result = work.groupby(keys, sort=False, as_index=False).sum()
    for name in ("probability", "base_rate"):
        if name in result.columns:
            result[name] = -np.expm1(result[name])
    return result


def _inside(pooled: pd.DataFrame) -> pd.DataFrame:
    """Leave "elsewhere" out: after pooling, for the weight of a series counts all its uploads."""
    return pooled[pooled["venue_id"] != ELSEWHERE].reset_index(drop=True)


def _venues(
    ranking: SupportsRanking,
    slots: pd.DataFrame,
    names: tuple[str, ...],
    used: gpd.GeoDataFrame,
    venues: gpd.GeoDataFrame,
    zone: str,
) -> pd.DataFrame:
    table = ranking.venues if isinstance(ranking, SupportsVenues) else slots
    if table is not slots and "series_id" in table.columns and names:
        table = table[table["series_id"].isin(names)]
    pooled = _inside(_pooled(table, ["venue_id"]))
    if "base_rate" not in pooled.columns:
        pooled["base_rate"] = np.nan
    pooled = _named(pooled, venues)
    past = pd.DataFrame(
        {
            "venue_id": used["venue_id"].astype("str"),
            "weight": used["weight"].to_numpy(dtype=np.float64, na_value=0.0),
            "t": event_times(used),
        }
    ).dropna(subset="venue_id")
    sums = past.groupby("venue_id").agg(n=("weight", "sum"), last=("t", "max"))
    pooled = pooled.join(sums, on="venue_id")
    pooled["n"] = pooled["n"].fillna(0.0)
    moments = pooled["last"].fillna(np.iinfo(np.int64).min).astype("int64").to_numpy()
    missing = pooled["last"].isna().to_numpy()
    pooled["last"] = pd.Series(
        to_timestamps(np.asarray(moments, dtype=np.int64)), index=pooled.index
    ).dt.tz_convert(zone)
    pooled.loc[missing, "last"] = pd.NaT
    return pooled


def _named(table: pd.DataFrame, venues: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add name and place, and order by probability; ties by name of the venue."""
    points = lonlat(venues.geometry)
    known = pd.DataFrame({"venue_id": venues["venue_id"].to_numpy()})
    named = venues["name"] if "name" in venues.columns else venues["venue_id"]
    known["name"] = named.fillna(venues["venue_id"]).astype("str").to_numpy()
    known["lon"], known["lat"] = points[:, 0], points[:, 1]
    result = table.join(known.set_index("venue_id"), on="venue_id")
    result["name"] = result["name"].fillna(result["venue_id"])
    order = [name for name in ("venue_id", "window_start") if name in result.columns]
    result = result.sort_values(
        ["probability", "expected", *order], ascending=[False, False, *(True for _ in order)]
    )
    return result.reset_index(drop=True)


def _slots(slots: pd.DataFrame, venues: gpd.GeoDataFrame, zone: str) -> pd.DataFrame:
    pooled = _inside(_pooled(slots, ["venue_id", "window_start", "window_end"]))
    pooled = _named(pooled, venues)
    for name in ("window_start", "window_end"):
        pooled[name] = pooled[name].dt.tz_convert(zone)
    return pooled


def _windows(slots: pd.DataFrame, zone: str) -> pd.DataFrame:
    pooled = _pooled(slots, ["window_start", "window_end"])
    columns = [c for c in ("window_start", "window_end", "share") if c in pooled.columns]
    table = pooled[columns].sort_values("window_start", ignore_index=True)
    for name in ("window_start", "window_end"):
        table[name] = table[name].dt.tz_convert(zone)
    return table


def _elsewhere(slots: pd.DataFrame) -> dict[str, float]:
    outside = _pooled(slots, ["venue_id"])
    outside = outside[outside["venue_id"] == ELSEWHERE]
    if not len(outside):
        return {"share": 0.0, "expected": 0.0, "probability": 0.0}
    row = outside.iloc[0]
    return {name: float(row[name]) for name in ("share", "expected", "probability")}


def _counts(rows: gpd.GeoDataFrame, used: gpd.GeoDataFrame) -> dict[str, float]:
    every = rows["event_id"].nunique()
    sums = used.groupby("event_id")["weight"].agg(["sum", "max"])
    placed = int((sums["sum"] > 0).sum())
    return {
        "events": every,
        "later": every - len(sums),
        "used": len(sums),
        "placed": placed,
        "unplaced": len(sums) - placed,
        "certain": int((sums["max"] > 1 - 1e-9).sum()),
        "outside": float((1 - sums["sum"]).clip(lower=0).sum()),
    }
