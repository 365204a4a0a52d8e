"""Addresses without a lease that lead nowhere, and say so: special ones, proxies, hosting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.addresses import Addresses, special_kinds
from crimeloc.geolocation.databases import address_marks
from crimeloc.geolocation.fallback import proxy_column
from crimeloc.geolocation.grounds import OF_KIND, PRIVATE, SPECIAL, CandidateRows, words

__all__ = ["by_proxy_network", "by_special_kind"]


def by_special_kind(addresses: Addresses, rows: CandidateRows, open_: NDArray[np.bool_]) -> None:
    """Private and special addresses that no lease has: nothing further can be known of them."""
    left = np.flatnonzero(open_)
    kinds = special_kinds(addresses)[left]
    for kind in sorted({str(word) for word in kinds if word is not None}):
        chosen = left[kinds == kind]
        zeros = np.zeros(len(chosen), dtype=np.int8)
        nowhere = np.full(len(chosen), -1, dtype=np.int64)
        how = PRIVATE if kind in ("private", "shared") else SPECIAL
        rows.add(
            chosen, nowhere, np.zeros(len(chosen)), words(zeros, how), words(zeros, OF_KIND[kind])
        )
        open_[chosen] = False


def by_proxy_network(
    events: pd.DataFrame,
    addresses: Addresses,
    proxy_networks: pd.DataFrame | str | Path | None,
    rows: CandidateRows,
    open_: NDArray[np.bool_],
) -> None:
    """Addresses that hide where their user is stay out of geography and are counted."""
    said = np.flatnonzero(open_ & proxy_column(events))
    _marked(said, "proxy", rows)
    open_[said] = False
    left = np.flatnonzero(open_)
    if proxy_networks is None or not len(left):
        return
    found = address_marks(proxy_networks, addresses, left)
    for mark in sorted({str(word) for word in found if word is not None}):
        chosen = left[found == mark]
        _marked(chosen, mark, rows)
        open_[chosen] = False


def _marked(event: NDArray[np.int64], mark: str, rows: CandidateRows) -> None:
    zeros = np.zeros(len(event), dtype=np.int8)
    why = words(zeros, f"the address is marked as {mark}: it tells nothing of the place")
    nowhere = np.full(len(event), -1, dtype=np.int64)
    rows.add(event, nowhere, np.zeros(len(event)), mark, why)
