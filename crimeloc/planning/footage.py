"""Which camera footage must be kept now?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.tables import LOCATED, validate
from crimeloc.units import Duration, Instant, instant_us, seconds, spans, to_timestamps

__all__ = ["preserve_footage"]

Array = NDArray[np.float64]

_HOUR_US = 3_600_000_000


def preserve_footage(
    located: pd.DataFrame,
    *,
    at: Instant,
    retention: Duration | Mapping[str, Duration] = "30D",
    before: Duration = "1h",
    after: Duration = "1h",
    min_weight: float = 0.0,
) -> pd.DataFrame:
    """Which camera footage must be kept now?

    Parameters
    ----------
    located : DataFrame
        Contract LOCATED.
    at : str or datetime
        The moment of asking; later events are not read.
    retention : str, timedelta or mapping
        How long cameras keep their pictures; or one for each ``venue_id``, ``"*"`` for the others.
    before, after : str or timedelta
        How much is wanted around each event: the session around the upload.
    min_weight : float
        Leave out candidates below this weight.

    Returns
    -------
    DataFrame
        One row for each venue and interval; events whose intervals meet share one. ``venue_id``,
        ``footage_start``, ``footage_end``, ``expires`` (when its first picture is overwritten),
        ``hours_left`` (below 0: since when), ``state`` (``"kept"``, ``"being overwritten"``,
        ``"overwritten"``), ``weight`` (chance that at least one of the events was here),
        ``n_events``, ``event_ids`` (joined by ``|``). First what can still be saved, by
        ``expires``, then by weight; what is gone comes last.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        A duration cannot be read, or a venue has no retention.

    Notes
    -----
    Expiry counts from the beginning of the interval, not from the event: by then the offender's
    coming in would be lost. Candidates are held to be independent between events. Nothing is
    random; cost n log n.

    Examples
    --------
    >>> import geopandas as gpd
    >>> located = gpd.GeoDataFrame({"event_id": ["1"], "venue_id": ["A"], "weight": [0.8],
    ...     "timestamp": pd.to_datetime(["2026-02-01 21:00+09:00"]), "how": "lease"},
    ...     geometry=gpd.points_from_xy([127.0], [37.5]), crs=4326)
    >>> row = preserve_footage(located, at="2026-03-01 00:00+09:00").iloc[0]
    >>> row["venue_id"], float(row["hours_left"]), row["state"]
    ('A', 68.0, 'kept')
    """
    validate(located, LOCATED)
    moment = instant_us(at)
    lead, tail = (round(seconds(d, n) * 1e6) for d, n in ((before, "before"), (after, "after")))
    time, end = spans(located)
    sure = located["weight"].to_numpy(dtype=np.float64)
    known = (time <= moment) & located["venue_id"].notna().to_numpy() & (sure > 0)
    known &= sure >= min_weight
    rows = pd.DataFrame(
        {
            "venue_id": located["venue_id"].astype("str"),
            "start": time - lead,
            "end": end + tail,
            "none": np.log1p(-np.minimum(sure, 1.0 - 1e-15)),
            "event_id": located["event_id"].astype("str"),
        }
    )[known]
    rows = rows.sort_values(["venue_id", "start", "event_id"], ignore_index=True)
    reach = rows.groupby("venue_id")["end"].cummax().groupby(rows["venue_id"]).shift()
    rows["interval"] = (rows["start"] > reach.fillna(-np.inf)).cumsum()
    grouped = rows.groupby("interval")
    table = pd.DataFrame(
        {
            "venue_id": grouped["venue_id"].first(),
            "start": grouped["start"].min(),
            "end": grouped["end"].max(),
            "weight": -np.expm1(grouped["none"].sum()),
            "n_events": grouped["event_id"].nunique(),
            "event_ids": grouped["event_id"].agg("|".join) if len(rows) else pd.Series(dtype="str"),
        }
    )
    keep = _retention(table["venue_id"], retention)
    first, last = table["start"].to_numpy() + keep, table["end"].to_numpy() + keep
    state = np.where(last <= moment, "overwritten", "being overwritten")
    state = np.where(first > moment, "kept", state)
    result = pd.DataFrame(
        {
            "venue_id": table["venue_id"].astype("str"),
            "footage_start": to_timestamps(table["start"].to_numpy(dtype=np.int64)),
            "footage_end": to_timestamps(table["end"].to_numpy(dtype=np.int64)),
            "expires": to_timestamps(first.astype(np.int64)),
            "hours_left": (first - moment) / _HOUR_US,
            "state": pd.Series(state, index=table.index, dtype="str"),
            "weight": table["weight"].astype("float64"),
            "n_events": table["n_events"].astype("int64"),
            "event_ids": table["event_ids"].astype("str"),
        }
    )
    gone = result["state"] == "overwritten"
    order = ["gone", "expires", "weight", "venue_id"]
    sortable = result.assign(gone=gone).sort_values(order, ascending=[True, True, False, True])
    return sortable.drop(columns="gone").reset_index(drop=True)


def _retention(venue: pd.Series, retention: Duration | Mapping[str, Duration]) -> Array:
    if not isinstance(retention, Mapping):
        return np.full(len(venue), seconds(retention, "retention") * 1e6)
    known = {name: seconds(value, "retention") * 1e6 for name, value in retention.items()}
    result = venue.map(known).astype("float64").fillna(known.get("*", np.nan))
    if result.isna().any():
        example = venue[result.isna()].iloc[0]
        found = Message("no retention for venue {example}", example=repr(example))
        raise ParameterError(
            "retention",
            found=found,
            expected="one for each venue",
            hint=Hint(retention={"*": "30D"}),
        )
    return np.asarray(result.to_numpy(), dtype=np.float64)
