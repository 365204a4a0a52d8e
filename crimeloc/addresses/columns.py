"""Read a whole column of addresses at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.addresses.faults import AddressFault
from crimeloc.addresses.parsing import MAPPED, PLAIN_V4, parse_address
from crimeloc.messages import Message

__all__ = ["Addresses", "parse_addresses"]

COMPILED_FROM = 20_000
"""From so many rows on a compiled sweep pays for its loading."""

_LOW = (1 << 64) - 1


@dataclass(frozen=True)
class Addresses:
    """A column of addresses.

    Parameters
    ----------
    high, low : ndarray of uint64
        The two halves of the 128-bit number; 0 where there is none.
    version : ndarray of uint8
        4, 6, or 0 where there is no address.
    port : ndarray of int32
        Port written behind the address, -1 where none was.
    missing : ndarray of bool
        Where there is no address and none is claimed ("unknown", an empty text).
    odd : ndarray of int64
        Rows that are no plain dotted quad; the rest needs no further word.
    codes : ndarray of int64
        Which of ``texts`` each odd row is; -1 for a missing value.
    texts : tuple of str or None
        The different odd texts in their plain form (``str(Address)``), None where unreadable.
    faults : tuple of Message or None
        Why an odd text could not be read, None where it could or where it is missing.
    notes : tuple of str
        What was set right in reading each odd text.
    """

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    version: NDArray[np.uint8]
    port: NDArray[np.int32]
    missing: NDArray[np.bool_]
    odd: NDArray[np.int64]
    codes: NDArray[np.int64]
    texts: tuple[str | None, ...]
    faults: tuple[Message | None, ...]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.version)


def parse_addresses(column: pd.Series) -> Addresses:
    """Which addresses does this column name?

    Parameters
    ----------
    column : Series of str
        Addresses as logged; missing values are allowed.

    Returns
    -------
    Addresses
        Arrays, one entry per row, and what there is to say about each odd text.

    Notes
    -----
    Plain dotted quads are read in one sweep, compiled from 20,000 rows on; each different text of
    another form is read once.

    Examples
    --------
    >>> found = parse_addresses(pd.Series(["203.0.113.7", "n/a", "203.0.113.999"]))
    >>> found.version.tolist(), str(found.faults[1])
    ([4, 0, 0], '203.0.113.999 has a part above 255')
    """
    size = len(column)
    values, plain = _sweep(column)
    high, low = np.zeros(size, np.uint64), np.zeros(size, np.uint64)
    low[plain] = values[plain].astype(np.uint64) | np.uint64(MAPPED)
    version = np.where(plain, 4, 0).astype(np.uint8)
    port = np.full(size, -1, np.int32)
    odd = np.flatnonzero(~plain)
    codes, different = pd.factorize(column.iloc[odd])
    count = len(different)
    some = np.zeros((count + 1, 2), dtype=np.uint64)
    kinds, ports = np.zeros(count + 1, np.uint8), np.full(count + 1, -1, np.int32)
    gone = np.zeros(count + 1, dtype=np.bool_)
    gone[count] = True
    texts: list[str | None] = [None] * count
    faults: list[Message | None] = [None] * count
    notes = [""] * count
    for number, text in enumerate(different.tolist()):
        try:
            found = parse_address(str(text))
        except AddressFault as fault:
            gone[number] = fault.missing
            faults[number] = None if fault.missing else fault.reason
            continue
        some[number] = found.value >> 64, found.value & _LOW
        kinds[number], texts[number], notes[number] = found.version, str(found), found.note
        ports[number] = -1 if found.port is None else found.port
    missing = np.zeros(size, dtype=np.bool_)
    high[odd], low[odd] = some[codes, 0], some[codes, 1]
    version[odd], port[odd], missing[odd] = kinds[codes], ports[codes], gone[codes]
    return Addresses(
        high,
        low,
        version,
        port,
        missing,
        odd,
        np.asarray(codes, dtype=np.int64),
        tuple(texts),
        tuple(faults),
        tuple(notes),
    )


def _sweep(column: pd.Series) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Read the plain dotted quads of a column."""
    size = len(column)
    if size < COMPILED_FROM:
        values, plain = np.zeros(size, np.uint32), np.zeros(size, np.bool_)
        for place, text in enumerate(column.tolist()):
            found = PLAIN_V4.fullmatch(text) if isinstance(text, str) else None
            if found is not None:
                parts = [int(group) for group in found.groups()]
                if max(parts) <= 255:
                    values[place] = parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]
                    plain[place] = True
        return values, plain
    import pyarrow as pa

    from crimeloc.addresses import _kernels

    texts = pa.array(column, type=pa.large_string(), from_pandas=True)
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + size + 1]
    letters = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, np.uint8)
    return _kernels.dotted_quads(letters, places)
