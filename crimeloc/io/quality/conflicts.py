"""Which leases contradict each other?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.tables import LEASES, validate
from crimeloc.units import MISSING, instants, to_timestamps

__all__ = ["lease_conflicts"]


def lease_conflicts(leases: pd.DataFrame, *, at_most: int | None = None) -> pd.DataFrame:
    """Which leases give the same address, port and moment to two venues?

    Parameters
    ----------
    leases : DataFrame
        Under the contract LEASES.
    at_most : int, optional
        Stop at so many pairs: n leases of one address can clash in n x (n - 1) / 2 of them.

    Returns
    -------
    DataFrame
        A row for each pair of leases of one network that overlap in ports and time: ``network``,
        ``venue_id``, ``other_venue_id``, ``start`` and ``end`` of the overlap (NaT: open),
        ``same_venue`` (an overlap without contradiction), and ``source_row``,
        ``other_source_row`` where the leases have them.

    Raises
    ------
    TableError
        The table breaks its contract.

    Notes
    -----
    A shared address is no mistake: such events get weights. A network inside a larger one is no
    conflict either: the longest prefix counts. Cost: n log n plus the pairs that overlap in time,
    of which only those that overlap in ports take memory.

    Examples
    --------
    >>> leases = pd.DataFrame({"network": ["203.0.113.0/29"] * 2, "venue_id": ["V-1", "V-2"]})
    >>> lease_conflicts(leases)[["venue_id", "other_venue_id"]].values.tolist()
    [['V-1', 'V-2']]
    """
    validate(leases, LEASES)
    size = len(leases)
    low, high = np.iinfo(np.int64).min + 1, np.iinfo(np.int64).max
    begin, end = np.full(size, low), np.full(size, high)
    if "valid_from" in leases:
        given = instants(leases["valid_from"], "valid_from")
        begin = np.where(given == MISSING, low, given)
    if "valid_to" in leases:
        given = instants(leases["valid_to"], "valid_to")
        end = np.where(given == MISSING, high, given)
    first, last = np.zeros(size), np.full(size, 65_535.0)
    if "port_min" in leases:
        first = leases["port_min"].to_numpy(dtype=np.float64, na_value=0)
    if "port_max" in leases:
        last = leases["port_max"].to_numpy(dtype=np.float64, na_value=65_535)
    codes = pd.factorize(leases["network"])[0]
    left, right = _pairs(codes, (begin, end), (first, last), at_most)
    start, stop = np.maximum(begin[left], begin[right]), np.minimum(end[left], end[right])
    plain = leases.reset_index(drop=True)
    made = {
        "network": plain["network"].iloc[left].array,
        "venue_id": plain["venue_id"].iloc[left].array,
        "other_venue_id": plain["venue_id"].iloc[right].array,
        "start": to_timestamps(np.where(start == low, MISSING, start)),
        "end": to_timestamps(np.where(stop == high, MISSING, stop)),
    }
    result = pd.DataFrame(made)
    result["same_venue"] = (result["venue_id"] == result["other_venue_id"]).astype(bool)
    if "source_row" in leases:
        result["source_row"] = plain["source_row"].iloc[left].array
        result["other_source_row"] = plain["source_row"].iloc[right].array
    return result


def _pairs(
    codes: NDArray[np.int64],
    spell: tuple[NDArray[np.int64], NDArray[np.int64]],
    ports: tuple[NDArray[np.float64], NDArray[np.float64]],
    at_most: int | None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the leases of one network that overlap in time and ports."""
    begin, end = spell
    order = np.lexsort((begin, codes))
    moments = np.unique(np.concatenate([begin, end]))
    line = codes[order] * (len(moments) + 1)  # one line of numbers: networks, in each its moments
    starts = line + np.searchsorted(moments, begin[order])
    until = np.searchsorted(starts, line + np.searchsorted(moments, end[order]))
    first, last = ports[0][order], ports[1][order]
    here, lasting = np.arange(len(order)), (end > begin)[order]
    found: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    count = 0
    for place in np.flatnonzero(until > here + 1).tolist():
        after = slice(place + 1, int(until[place]))
        meets = (first[after] <= last[place]) & (first[place] <= last[after]) & lasting[after]
        others = place + 1 + np.flatnonzero(meets)
        found.append((np.full(len(others), place), others))
        count += len(others)
        if at_most is not None and count >= at_most:
            break
    left = np.concatenate([np.zeros(0, np.int64), *(pair[0] for pair in found)])[:at_most]
    right = np.concatenate([np.zeros(0, np.int64), *(pair[1] for pair in found)])[:at_most]
    return order[left], order[right]
