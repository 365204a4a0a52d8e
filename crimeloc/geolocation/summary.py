"""How many events rest on what?"""

from __future__ import annotations

import pandas as pd

__all__ = ["location_summary"]


def location_summary(located: pd.DataFrame) -> pd.DataFrame:
    """How many events rest on what?

    Parameters
    ----------
    located : DataFrame
        As `locate_events` gives it.

    Returns
    -------
    DataFrame
        One row per kind of ground (`how`): ``events`` (each counted once, under the ground of its
        heaviest candidate), ``share`` of all events, ``weight`` (events that are expected to be
        at a venue of the register), ``candidates`` (mean number of candidate venues). The column
        ``events`` sums to the number of events.

    Examples
    --------
    >>> table = pd.DataFrame({"event_id": ["a", "a", "b"], "venue_id": ["V-1", "V-2", None],
    ...                       "weight": [0.7, 0.3, 0.0],
    ...                       "how": ["ambiguous lease", "ambiguous lease", "no lease"]})
    >>> print(location_summary(table).to_string(index=False))
                how  events  share  weight  candidates
    ambiguous lease       1    0.5     1.0         2.0
           no lease       1    0.5     0.0         0.0
    """
    plain = pd.DataFrame(
        {
            "event_id": located["event_id"].to_numpy(),
            "how": located["how"].astype("object").to_numpy(),
            "weight": located["weight"].to_numpy(),
            "candidate": located["venue_id"].notna().to_numpy(),
        }
    )
    per_event = plain.groupby("event_id", sort=False).agg(
        weight=("weight", "sum"), candidates=("candidate", "sum")
    )
    heaviest = plain.sort_values("weight", ascending=False, kind="stable")
    per_event["how"] = heaviest.drop_duplicates("event_id").set_index("event_id")["how"]
    counts = per_event.groupby("how", sort=True).agg(
        events=("weight", "size"), weight=("weight", "sum"), candidates=("candidates", "mean")
    )
    counts["share"] = counts["events"] / max(len(per_event), 1)
    counts = counts.reset_index().sort_values(["events", "how"], ascending=[False, True])
    result: pd.DataFrame = counts[["how", "events", "share", "weight", "candidates"]]
    return result.reset_index(drop=True).astype({"how": "str"})
