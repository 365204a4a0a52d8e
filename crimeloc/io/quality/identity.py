"""Ids of events made from what is in them, and rows that repeat an earlier one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crimeloc.io.formats.raw_table import Read, flat_text
from crimeloc.io.notes import Notes
from crimeloc.messages import Message

__all__ = ["SeenIds", "event_ids", "repeated_rows"]

_PIECE = 200_000
"""So many rows are hashed at a time; a million at once takes a third of a gigabyte."""

_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def event_ids(ids: pd.Series | None, content: pd.DataFrame, notes: Notes) -> pd.Series:
    """Which id has each event?

    Parameters
    ----------
    ids : Series or None
        The id column of the file.
    content : DataFrame
        What is in the rows.
    notes : Notes
        Takes what is worth knowing.

    Returns
    -------
    Series of str
        Ids of the file where they differ; made from the content elsewhere, the same for the same
        content. Rows with one content are numbered.
    """
    if ids is not None:
        ids = ids.reset_index(drop=True)
        wrong = ids.isna() | ids.duplicated(keep="first")
        if not wrong.any():
            return ids
    if ids is None:
        notes.add("event_id made from the content of each row")
        return _made(_sums(content))
    chosen = np.flatnonzero(wrong.to_numpy(dtype=bool))
    result = ids.astype("object")
    result.iloc[chosen] = _made(_sums(content.iloc[chosen])).to_numpy(dtype=object)
    notes.add("{n:,} rows without an id of their own got one from their content", n=len(chosen))
    return result.astype("str")


def repeated_rows(content: pd.DataFrame, ids: pd.Series) -> pd.Series | None:
    """Which rows repeat an earlier one in everything?

    Parameters
    ----------
    content : DataFrame
        What is in the rows.
    ids : Series of str
        Their ids.

    Returns
    -------
    Series of str or None
        Id of the first such row; missing where a row repeats none. None where no row does.
        Compared only where the moments are equal.
    """
    same = content["timestamp"].duplicated(keep=False).to_numpy()
    near = content.loc[same]
    again = near.duplicated(keep="first").to_numpy()
    if not again.any():
        return None
    sums = _sums(near)
    first = pd.Series(ids[same].to_numpy(), index=sums)
    first = first[~first.index.duplicated(keep="first")]
    result = pd.Series([None] * len(content), dtype="object")
    places = np.flatnonzero(same)[again]
    result.iloc[places] = first.reindex(sums[again]).to_numpy()
    return result.astype("str")


class SeenIds:
    """Ids of the pieces of a file so far, kept as sorted hashes of eight bytes."""

    def __init__(self) -> None:
        self.runs: list[NDArray[np.uint64]] = []

    def apart(self, read: Read) -> Read:
        """Give a piece in which no id repeats one of an earlier piece.

        Parameters
        ----------
        read : Read
            The next piece.

        Returns
        -------
        Read
            With other ids where needed; `duplicate_of` names the id that was there before, where
            ids are made from the content.
        """
        table = read.table
        ids = table["event_id"]
        hashed = pd.util.hash_pandas_object(ids, index=False, categorize=False)
        sums: NDArray[np.uint64] = np.asarray(hashed.to_numpy(), dtype=np.uint64)
        again = np.zeros(len(sums), dtype=np.bool_)
        for run in self.runs:
            again |= run[np.minimum(np.searchsorted(run, sums), len(run) - 1)] == sums
        self._keep(sums)
        if not again.any():
            return read
        behind = pc.cast(pa.array(table["source_row"].to_numpy()), pa.large_string())
        texts = flat_text(ids)
        longer = pc.binary_join_element_wise(texts, behind, pa.scalar("-r", pa.large_string()))
        changed = table.assign(
            event_id=pd.Series(
                pd.array(pc.if_else(pa.array(again), longer, texts), dtype="str"), index=table.index
            )
        )
        assert read.report is not None
        if "event_id" not in read.report.columns:
            earlier = ids.where(again)
            if "duplicate_of" in table:
                earlier = table["duplicate_of"].fillna(earlier)
            changed["duplicate_of"] = earlier.astype("str")
        note = Message(
            "{n:,} ids repeat one of an earlier piece and got their row behind", n=int(again.sum())
        )
        report = replace(read.report, remarks=(*read.report.remarks, note))
        return Read(changed, read.rejected, report)

    def _keep(self, sums: NDArray[np.uint64]) -> None:
        """Keep runs of falling length, so that there are few of them."""
        if not len(sums):
            return
        run = np.sort(sums)
        while self.runs and len(self.runs[-1]) <= 2 * len(run):
            run = np.sort(np.concatenate([self.runs.pop(), run]), kind="stable")
        self.runs.append(run)


def _sums(content: pd.DataFrame) -> NDArray[np.uint64]:
    """Hash rows, piece by piece."""
    pieces = [
        pd.util.hash_pandas_object(content.iloc[first : first + _PIECE], index=False).to_numpy()
        for first in range(0, len(content), _PIECE)
    ]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.uint64)


def _made(sums: NDArray[np.uint64]) -> pd.Series:
    """Write hashes as ``e`` and 16 hexadecimal digits."""
    size = len(sums)
    octets = sums.astype(">u8").view(np.uint8).reshape(size, 8)
    letters = np.full((size, 17), ord("e"), dtype=np.uint8)
    letters[:, 1::2], letters[:, 2::2] = _HEX[octets >> 4], _HEX[octets & 15]
    ends: Any = pa.py_buffer(np.arange(0, 17 * size + 1, 17, dtype=np.int64))
    array = pa.LargeStringArray.from_buffers(size, ends, pa.py_buffer(letters.tobytes()))
    result = pd.Series(pd.array(array, dtype="str"))
    again = pd.Series(sums).duplicated(keep="first").to_numpy()
    if again.any():
        count = pd.Series(sums).groupby(sums).cumcount().to_numpy()[again]
        plain = result.astype("object")
        chosen = np.flatnonzero(again)
        plain.iloc[chosen] = [
            f"{text}-{number + 1}" for text, number in zip(plain[chosen], count, strict=True)
        ]
        result = plain.astype("str")
    return result
