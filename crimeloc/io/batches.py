"""Read upload logs that do not fit into memory, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from crimeloc.errors import FileError, ParameterError
from crimeloc.io.events import build_events
from crimeloc.io.formats.columnar import parquet_batches
from crimeloc.io.formats.file_head import first_bytes
from crimeloc.io.formats.raw_table import Read
from crimeloc.io.quality.identity import SeenIds
from crimeloc.io.rows import Clock
from crimeloc.messages import Hint

__all__ = ["parquet_events"]


def parquet_events(
    path: str | Path,
    *,
    tz: str | None = None,
    venue_tz: str | None = None,
    rows: int = 500_000,
    columns: Mapping[str, str] | None = None,
) -> Iterator[Read]:
    """How do I read an upload log of tens of millions of rows?

    Parameters
    ----------
    path : str or Path
        A Parquet file.
    tz, venue_tz : str
        As in `read_events`.
    rows : int
        At most so many rows at a time.
    columns : mapping, optional
        As in `read_events`.

    Yields
    ------
    Read
        As `read_events` gives it, for one piece after the other. Ids differ over the whole file:
        an id that an earlier piece had gets ``-r`` and the number of the row behind it, and where
        ids are made from the content of the rows, `duplicate_of` names the first.

    Raises
    ------
    FileError
        The file is no Parquet file or is damaged.
    ParameterError
        ``tz`` is missing, or ``rows`` is below 1.

    Notes
    -----
    Memory: one piece, and eight bytes for each id of the file.

    Examples
    --------
    >>> import pandas as pd, tempfile, pathlib
    >>> table = pd.DataFrame({"timestamp": ["2026-03-01 23:05"] * 5, "ip": ["203.0.113.7"] * 5})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "log.parquet")
    ...     table.to_parquet(path)
    ...     [len(piece.table) for piece in parquet_events(path, tz="Asia/Seoul", rows=2)]
    [2, 2, 1]
    """
    clock = Clock.of(tz, venue_tz)
    if rows < 1:
        raise ParameterError("rows", found=rows, expected="at least 1", hint=Hint(rows=500_000))
    target = Path(path)
    if not first_bytes(target).startswith(b"PAR1"):
        raise FileError(
            target.name,
            found="a file that is no Parquet",
            expected="Parquet",
            hint="read_events(...)",
        )
    seen = SeenIds()
    for records in parquet_batches(target, rows):
        yield seen.apart(build_events(records, target.name, clock, columns))
