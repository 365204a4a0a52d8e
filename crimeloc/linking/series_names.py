"""Names of series: pseudonymous, and the same again when uploads are added."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.linking.log_arrays import Ints
from crimeloc.messages import Message


def name_series(
    series: Ints, event_id: NDArray[np.object_], previous: pd.DataFrame | None
) -> NDArray[np.object_]:
    """Name each series (numbers from 0; -1 none) after its earliest upload, or as it was before.

    `event_id` is in the order of time. The name is a digest: it tells nothing about an account.
    With `previous`, a series that holds most of the uploads of an earlier one keeps its name; each
    name is given once.
    """
    count = int(series.max()) + 1 if len(series) else 0
    names = np.full(count, None, dtype=object)
    used: set[str] = set()
    if previous is not None and count:
        for new, old in _kept(series, event_id, previous):
            names[new] = old
            used.add(old)
    known = np.flatnonzero(series >= 0)
    first = known[np.unique(series[known], return_index=True)[1]]
    for number, event in enumerate(first):
        if names[number] is not None:
            continue
        length = 8
        while (name := digest_name(str(event_id[event]), length)) in used and length < 64:
            length += 1
        names[number] = name
        used.add(name)
    return names


def digest_name(event_id: str, length: int = 8) -> str:
    """The pseudonym of a series that begins with this upload."""
    return "S-" + hashlib.sha256(f"crimeloc series {event_id}".encode()).hexdigest()[:length]


def _kept(
    series: Ints, event_id: NDArray[np.object_], previous: pd.DataFrame
) -> list[tuple[int, str]]:
    """Pairs (new series, old name) by the most uploads in common, each side once."""
    for column in ("event_id", "series_id"):
        if column not in previous.columns:
            raise ParameterError(
                "previous",
                found=Message("no column {column}", column=repr(column)),
                expected="an earlier result",
                hint="previous=links",
            )
    old = previous[["event_id", "series_id"]].dropna().drop_duplicates("event_id")
    now = pd.DataFrame({"event_id": event_id, "new": series})
    both = now[now["new"] >= 0].merge(old, on="event_id")
    if not len(both):
        return []
    table = both.groupby(["new", "series_id"]).size().reset_index(name="n")
    table = table.sort_values(["n", "series_id", "new"], ascending=[False, True, True])
    result: list[tuple[int, str]] = []
    taken_new: set[int] = set()
    taken_old: set[str] = set()
    for new, name in zip(table["new"].tolist(), table["series_id"].tolist(), strict=True):
        if new not in taken_new and name not in taken_old:
            result.append((new, name))
            taken_new.add(new)
            taken_old.add(name)
    return result
