"""Read times whose zone stands beside them, row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crimeloc.io.columns.zone_names import zone_name
from crimeloc.io.parsing.times import Times, parse_times
from crimeloc.messages import Message
from crimeloc.units import MISSING

__all__ = ["parse_zoned"]


def parse_zoned(
    values: pd.Series, tz: str, zones: pd.Series | None = None, *, far_is_open: bool = False
) -> Times:
    """Which moments does this column name, where a second column names the zone of each?

    Parameters
    ----------
    values : Series
        Text, numbers or times.
    tz : str
        Zone of the rows whose zone is missing.
    zones : Series of str, optional
        Zone of each row.
    far_is_open : bool
        As in `crimeloc.io.parsing.times.parse_times`.

    Returns
    -------
    Times
        As `parse_times` gives them. A zone that is not known is a fault of its row, unless the
        time has an offset of its own.

    Examples
    --------
    >>> column = pd.Series(["2026-03-01 14:05", "2026-03-01 23:05"])
    >>> parse_zoned(column, "UTC", pd.Series(["UTC", "KST"])).start.tolist()
    [1772373900000000, 1772373900000000]
    """
    if zones is None or zones.isna().all():
        return parse_times(values, tz, far_is_open=far_is_open)
    codes, different = pd.factorize(zones)
    size = len(values)
    start, end = np.full(size, MISSING, np.int64), np.full(size, MISSING, np.int64)
    fault = np.full(size, None, dtype=object)
    counts: dict[str, int] = {}
    names = [zone_name(str(text)) for text in different.tolist()]
    for code in range(-1, len(different)):
        rows = np.flatnonzero(codes == code)
        if not len(rows):
            continue
        name = tz if code < 0 else names[code]
        part = values.iloc[rows].reset_index(drop=True)
        times = parse_times(part, name or "UTC", far_is_open=far_is_open)
        start[rows], end[rows], fault[rows] = times.start, times.end, times.fault
        for message in times.notes:
            counts[message.code] = counts.get(message.code, 0) + int(str(message.params["n"]))
        if name is None:
            other = parse_times(part, "Asia/Seoul", far_is_open=far_is_open)
            torn = rows[times.start != other.start]  # the zone matters
            start[torn], end[torn] = MISSING, MISSING
            fault[torn] = Message("time.zone", shown=repr(str(different[code])[:40]))
    notes = tuple(Message(text, n=count) for text, count in counts.items())
    return Times(start, end, fault, notes)
