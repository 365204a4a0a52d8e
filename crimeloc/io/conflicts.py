"""Which leases contradict each other?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crimeloc.tables import LEASES, validate
from crimeloc.units import MISSING, instants, to_timestamps

__all__ = ["lease_conflicts"]


def lease_conflicts(leases: pd.DataFrame) -> pd.DataFrame:
    """Which leases give the same address, port and moment to two venues?

    Parameters
    ----------
    leases : DataFrame
        Under the contract LEASES.

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
    conflict either: the longest prefix counts. Cost: n log n plus the pairs that overlap in time.

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
    order = np.lexsort((begin, codes))
    pairs: list[tuple[int, int]] = []
    for place, one in enumerate(order.tolist()):
        for other in order[place + 1 :].tolist():
            if codes[other] != codes[one] or begin[other] >= end[one]:
                break
            if first[other] <= last[one] and first[one] <= last[other]:
                pairs.append((one, other))
    left = np.array([a for a, _ in pairs], dtype=np.int64)
    right = np.array([b for _, b in pairs], dtype=np.int64)
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
