"""What a file holds, before anyone knows what it means: named columns, numbered rows, raw text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from crimeloc.io.formats.encodings import codec_of
from crimeloc.io.reasons import rejected_table
from crimeloc.messages import Message

__all__ = ["Broken", "Ledger", "Read", "Records", "Report", "original_bytes"]

_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")


class Broken(NamedTuple):
    """A row of a file that could not even be taken apart."""

    source_row: int
    reason: Message
    raw: str


@dataclass
class Records:
    """Rows of a file, taken apart.

    Parameters
    ----------
    format : str
        What the file is, in words.
    names : list of str
        Column names as the file has them.
    cells : DataFrame
        One column per name, labelled 0, 1, ...
    source_row : ndarray of int64
        Where each row stands in the file, counted as a person sees it.
    raw : callable
        Gives the text of the i-th row as it stands in the file.
    broken : list of Broken
        Rows that could not be taken apart.
    notes : list of str
        What is worth knowing about the file.
    encoding, delimiter : str
        As found; empty where the format has none.
    """

    format: str
    names: list[str]
    cells: pd.DataFrame
    source_row: NDArray[np.int64]
    raw: Callable[[int], str]
    broken: list[Broken] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ""

    def __len__(self) -> int:
        return len(self.source_row)


@dataclass(frozen=True)
class Report:
    """How a file was read.

    Parameters
    ----------
    name : str
        File name without its folder.
    format, encoding, delimiter : str
        What the file was found to be.
    n_rows, n_read, n_rejected : int
        Rows of the file (header and blank lines left out), and what became of them.
    columns : mapping
        Part to column name of the file.
    reasons : mapping
        Reason to number of rejected rows.
    notes : tuple of str
        What is worth knowing.
    """

    name: str
    format: str
    encoding: str
    delimiter: str
    n_rows: int
    n_read: int
    n_rejected: int
    columns: Mapping[str, str]
    reasons: Mapping[str, int]
    notes: tuple[str, ...]

    def lines(self) -> list[tuple[str, str]]:
        """Give the report as pairs of a word and a text."""
        words = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
        kind = [self.format, self.encoding, words.get(self.delimiter, self.delimiter)]
        pairs = [
            ("file", f"{self.name} ({', '.join(part for part in kind if part)})"),
            (
                "rows",
                f"{self.n_rows:,} = {self.n_read:,} read + {self.n_rejected:,} rejected",
            ),
        ]
        shown = [f"{part} = {name}" for part, name in self.columns.items()]
        pairs.append(("columns", ", ".join(shown) or "none recognised"))
        pairs += [("rejected", f"{count:,} x {reason}") for reason, count in self.reasons.items()]
        pairs += [("note", note) for note in self.notes]
        return pairs

    def __str__(self) -> str:
        return "\n".join(f"{word + ':':<10}{printable(text)}" for word, text in self.lines())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(word)}</th>"
            f"<td style='text-align:left'>{html.escape(printable(text))}</td></tr>"
            for word, text in self.lines()
        )
        return f"<table>{rows}</table>"


class _Pair(NamedTuple):
    table: Any
    rejected: pd.DataFrame


class Read(_Pair):
    """What could be read, and beside it what could not.

    A named tuple of two, so that ``events, rejected = read_events(...)`` works; it also carries
    a ``report`` that says how the file was read.

    Parameters
    ----------
    table : DataFrame
        The rows that could be read.
    rejected : DataFrame
        The rows that could not: ``source_row``, ``reason``, ``column``, ``raw``.
    report : Report, optional
        How the file was read.

    Examples
    --------
    >>> bad = pd.DataFrame({"source_row": [3], "reason": ["not a time that can be read"]})
    >>> table, rejected = Read(pd.DataFrame({"event_id": ["E1"]}), bad)
    >>> len(table), rejected["reason"].iloc[0]
    (1, 'not a time that can be read')
    """

    report: Report | None

    def __new__(cls, table: Any, rejected: pd.DataFrame, report: Report | None = None) -> Read:
        """Make the pair and hang the report on it."""
        made = super().__new__(cls, table, rejected)
        made.report = report
        return made

    def __str__(self) -> str:
        return str(self.report) if self.report is not None else super().__repr__()

    def _repr_html_(self) -> str:
        return self.report._repr_html_() if self.report is not None else html.escape(str(self))


def flat_text(values: pd.Series) -> Any:
    """Give a column of text as one Arrow array: large files come in several chunks."""
    array = pa.array(values.astype("str"), type=pa.large_string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def has_reason(reasons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Where does a column of reasons hold one?"""
    return np.asarray(pd.notna(reasons), dtype=np.bool_)


class Ledger:
    """Which rows are refused, and why: the first reason counts.

    Parameters
    ----------
    records : Records
        The rows of the file.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self.reason = np.full(len(records), None, dtype=object)
        self.column = np.full(len(records), "", dtype=object)

    def refuse(self, where: NDArray[np.bool_], reason: Message, column: str) -> None:
        """Refuse the rows where the mask is set, unless they are refused already."""
        for place in np.flatnonzero(where).tolist():
            if self.reason[place] is None:
                self.reason[place], self.column[place] = reason, column

    def refuse_each(self, reasons: NDArray[np.object_], column: str) -> None:
        """Refuse the rows that have a reason of their own."""
        for place in np.flatnonzero(has_reason(reasons)).tolist():
            if self.reason[place] is None:
                self.reason[place], self.column[place] = reasons[place], column

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which rows stand."""
        return ~has_reason(self.reason)

    def rejected(self) -> pd.DataFrame:
        """Give the refused rows, those that could not be taken apart among them."""
        rows = [(b.source_row, b.reason, "", b.raw) for b in self.records.broken]
        numbers = self.records.source_row
        for place in np.flatnonzero(~self.kept).tolist():
            raw = self.records.raw(place)
            rows.append((int(numbers[place]), self.reason[place], self.column[place], raw))
        rows.sort(key=lambda row: row[0])
        return rejected_table([(*row[:3], _storable(row[3])) for row in rows])


def original_bytes(raw: str, encoding: str = "utf-8") -> bytes:
    r"""Which bytes stood in the file?

    Parameters
    ----------
    raw : str
        The text of a rejected row. Bytes that are no text in the file's encoding are written
        ``\xNN`` in it, and so is the backslash of a literal ``\xNN``.
    encoding : str
        The encoding that the report of the reader names (``report.encoding``), or a codec.

    Returns
    -------
    bytes
        The row as it stood in the file, without the end of its line.

    Examples
    --------
    >>> original_bytes("a,\\xff,b")
    b'a,\xff,b'
    """
    codec = codec_of(encoding)
    pieces = _ESCAPED.split(raw)
    result = bytearray()
    for number, piece in enumerate(pieces):
        result += bytes([int(piece, 16)]) if number % 2 else piece.encode(codec)
    return bytes(result)


def printable(text: str) -> str:
    """Give a text that cannot steer a terminal or turn the direction of writing."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def _storable(text: str) -> str:
    """Arrow strings hold no lone surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join(c if not 0xD800 <= ord(c) <= 0xDFFF else f"\\u{ord(c):04x}" for c in text)
    return text
