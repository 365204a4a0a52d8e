"""What really happened in a made-up city, beside each event."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crimeloc.simulation.addresses import HOW
from crimeloc.simulation.places import Places
from crimeloc.simulation.uploads import Log
from crimeloc.tables import ELSEWHERE

__all__ = ["TRUTH", "hash_texts", "ids", "roles", "truth_table"]

TRUTH = [
    "event_id",
    "venue_id",
    "series_id",
    "uploader_id",
    "role",
    "habit",
    "visit_id",
    "first_visit",
    "how",
    "n_candidates",
    "is_ambiguous",
    "handle_shared",
    "content_id",
    "is_original",
    "is_common",
    "parent_event_id",
    "generation",
    "noise_bits",
]
"""Columns of the truth, in order."""


def ids(prefix: str, numbers: np.ndarray, most: int) -> pd.Series:
    """Give numbers as ids of one length."""
    width = max(5, len(str(most)))
    unique, inverse = np.unique(numbers, return_inverse=True)
    words = np.array([f"{prefix}{number:0{width}d}" for number in unique.tolist()], dtype=object)
    return pd.Series(words[inverse] if len(words) else words, dtype="str")


def hash_texts(log: Log) -> pd.Series:
    """Give the hash of each upload as text."""
    text = log.bits.tobytes().hex()
    return pd.Series([text[i : i + 64] for i in range(0, len(text), 64)], dtype="str")


def roles(log: Log, reposters: np.ndarray, n_offenders: int) -> pd.Series:
    """Say of each uploader whether it is an offender, a reposter or anybody else."""
    role = np.where(log.who < n_offenders, "offender", "background").astype(object)
    role[np.isin(log.who, n_offenders + reposters)] = "reposter"
    return pd.Series(role, dtype="str")


def truth_table(
    events: pd.DataFrame,
    places: Places,
    offenders: pd.DataFrame,
    log: Log,
    way: np.ndarray,
    candidates: np.ndarray,
) -> pd.DataFrame:
    """What really happened, beside each event."""
    own = log.who < len(offenders)
    names = np.append(places.venues["venue_id"].to_numpy(dtype=object), ELSEWHERE)
    series = np.array([*offenders["series_id"], None], dtype=object)
    habit = np.array([*offenders["habit"], None], dtype=object)
    person = np.where(own, log.who, len(offenders))
    copied = log.parent >= 0
    common = log.generation < 0
    parent = events["event_id"].to_numpy(dtype=object)[np.maximum(log.parent, 0)]
    parent[~copied] = None
    noise = pd.Series(log.noise).astype("Int64").mask(pd.Series(~copied & ~common))
    return pd.DataFrame(
        {
            "event_id": events["event_id"],
            "venue_id": pd.Series(names[log.venue], dtype="str"),
            "series_id": pd.Series(series[person], dtype="str"),
            "uploader_id": ids("U-", log.who + 1, int(log.who.max(initial=0)) + 1),
            "habit": pd.Series(habit[person], dtype="str"),
            "visit_id": ids("W-", pd.factorize(log.visit)[0] + 1, len(log.t)),
            "first_visit": log.first_time,
            "how": pd.Series(np.array(HOW, dtype=object)[way], dtype="str"),
            "n_candidates": candidates,
            "is_ambiguous": candidates > 1,
            "content_id": ids("C-", pd.factorize(log.content)[0] + 1, len(log.t)),
            "is_original": ~copied & ~common,
            "is_common": common,
            "parent_event_id": pd.Series(parent, dtype="str"),
            "generation": np.maximum(log.generation, 0),
            "noise_bits": noise,
        }
    )
