"""Series as they were known at an origin: linked again from what came before it alone."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Message

Relink = Callable[[pd.DataFrame], pd.DataFrame]


def relinked(cut: pd.DataFrame, relink: Relink) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Link the events before an origin again, and say which found series stands for which.

    Parameters
    ----------
    cut : DataFrame
        Contract LOCATED with `series_id` as finally known; only rows before the origin.
    relink : callable
        From LOCATED without `series_id` to the same rows with a `series_id` of its own.

    Returns
    -------
    everything : DataFrame
        The rows with the series found, for the fit. A found series bears the name of the final
        one that most of its events belong to, if it is also the one that holds most of that.
    by_series : DataFrame
        For each final series the rows of the found series that holds most of its events, under
        the final name: what a forecast for it could have rested on.
    """
    columns = [name for name in ("series_id", "series_weight") if name in cut.columns]
    found = relink(cut.drop(columns=columns).reset_index(drop=True))
    for name in ("event_id", "series_id"):
        if not isinstance(found, pd.DataFrame) or name not in found.columns:
            raise ParameterError(
                "relink",
                found=type(found).__name__,
                expected=Message("a table with the column {name}", name=name),
                hint="relink=lambda past: link_events(past).events",
            )
    if not set(found["event_id"]) <= set(cut["event_id"]):
        raise ParameterError(
            "relink",
            found="events that were not handed in",
            expected="the events before the origin alone",
            hint="relink=lambda past: ...  # use nothing but `past`",
        )
    final = cut.drop_duplicates("event_id").set_index("event_id")["series_id"]
    once = found.drop_duplicates("event_id")
    pairs = pd.DataFrame({"final": once["event_id"].map(final), "found": once["series_id"]})
    counts = pairs.dropna().value_counts().reset_index(name="n")
    counts = counts.sort_values(["n", "final", "found"], ascending=[False, True, True])
    stands_for = counts.drop_duplicates("final").set_index("final")["found"]
    named = counts.drop_duplicates("found").set_index("found")["final"]
    mutual = {one: name for one, name in named.items() if stands_for.get(name) == one}
    every = found["series_id"].dropna().unique()
    names = {one: mutual.get(one, f"found {one}") for one in every}
    everything = found.assign(series_id=found["series_id"].map(names))
    parts = [
        found[found["series_id"] == one].assign(series_id=name) for name, one in stands_for.items()
    ]
    by_series = pd.concat(parts, ignore_index=True) if parts else found.iloc[:0]
    return everything, by_series
