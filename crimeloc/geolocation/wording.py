"""Sentences that say what a location rests on, made once for each different ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from crimeloc.geolocation.leases import LeaseIndex

__all__ = ["lease_words"]


def lease_words(
    index: LeaseIndex, lease: NDArray[np.int32], many: NDArray[np.int64] | None = None
) -> pd.Categorical:
    """Which sentence goes with each of these leases?

    Parameters
    ----------
    index : LeaseIndex
        The leases.
    lease : ndarray of int32
        Positions in the index.
    many : ndarray of int64, optional
        How many candidates the event has.

    Returns
    -------
    Categorical
        One sentence per row, for example ``"203.0.113.0/29 ports 1024-2047, from 2026-01-01 00:00Z:
        V-1; one of 3 candidates"``.
    """
    count = np.ones(len(lease), dtype=np.int64) if many is None else many
    key = lease.astype(np.int64) * 65_536 + np.minimum(count, 65_535)
    codes, different = pd.factorize(key)
    leases, counts = different // 65_536, different % 65_536
    table = index.table.iloc[index.row[leases]]
    words = table["network"].astype("object").to_numpy()
    words = words + _ports(index, leases) + _times(index, leases)
    words = words + ": " + table["venue_id"].astype("object").to_numpy()
    extra = np.array([f"; one of {n} candidates" if n > 1 else "" for n in counts.tolist()],
                     dtype=object)  # fmt: skip
    words = words + extra if len(words) else words
    plain, place = np.unique(words.astype(object), return_inverse=True)
    return pd.Categorical.from_codes(place[codes], pd.Index(plain, dtype="str"))


def _ports(index: LeaseIndex, leases: NDArray[np.int64]) -> NDArray[np.object_]:
    block = np.searchsorted(index.block_lease, leases, side="right") - 1
    low, high = index.block_low[block], index.block_high[block]
    return np.array(
        [
            "" if a == 0 and b == 65_535 else f" ports {a}-{b}"
            for a, b in zip(low.tolist(), high.tolist(), strict=True)
        ],
        dtype=object,
    )


def _times(index: LeaseIndex, leases: NDArray[np.int64]) -> NDArray[np.object_]:
    begin, end = index.valid_from[leases], index.valid_to[leases]
    since = _moments(begin, begin == np.iinfo(np.int64).min + 1, ", from ")
    until = _moments(end, end == np.iinfo(np.int64).max, " to ")
    return np.array([a + b for a, b in zip(since, until, strict=True)], dtype=object)


def _moments(values: NDArray[np.int64], open_: NDArray[np.bool_], word: str) -> list[str]:
    stamps = np.where(open_, 0, values).view("datetime64[us]").astype("datetime64[m]")
    texts = np.datetime_as_string(stamps).tolist()
    return [
        "" if skip else word + text.replace("T", " ") + "Z"
        for text, skip in zip(texts, open_.tolist(), strict=True)
    ]
