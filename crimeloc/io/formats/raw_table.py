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
from crimeloc.io.notes import Notes
from crimeloc.io.reasons import rejected_table
from crimeloc.messages import Message

__all__ = [
    "Broken",
    "Ledger",
    "Read",
    "Records",
    "Report",
    "counted_reasons",
    "make_report",
    "original_bytes",
]

_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")


class Broken(NamedTuple):
    """A row of a file that could not even be taken apart."""

    source_row: int
    reason: Message
    raw: str
    part: str = ""


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
    notes : Notes
        What is worth knowing about the file.
    encoding, delimiter : str
        As found; empty where the format has none.
    part : str
        Which sheet, list or layer of the file this is; empty where a file holds one table.
    hidden : bool
        Is it a sheet that Excel does not show?
    zone : str
        Zone of the times without an offset, where the file itself names one.
    parts : mapping
        Part to column name, where the format tells what its columns mean.
    row_parts : ndarray of object, optional
        Which part of the file each row is from, where several were read together.
    """

    format: str
    names: list[str]
    cells: pd.DataFrame
    source_row: NDArray[np.int64]
    raw: Callable[[int], str]
    broken: list[Broken] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    encoding: str = ""
    delimiter: str = ""
    part: str = ""
    hidden: bool = False
    zone: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    row_parts: NDArray[np.object_] | None = None

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
    warnings : tuple of Message
        What can make the result wrong.
    remarks : tuple of Message
        What is worth knowing.
    passed_over : tuple of Message
        What is in the file and was not used: columns without a part, other sheets and lists,
        comment lines.
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
    warnings: tuple[Message, ...] = ()
    remarks: tuple[Message, ...] = ()
    passed_over: tuple[Message, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """All that there is to say, in English: warnings first, what was passed over last."""
        warned = [str(Message("warning: {said}", said=one)) for one in self.warnings]
        return (*warned, *map(str, self.remarks), *map(str, self.passed_over))

    def lines(self, lang: str = "en") -> list[tuple[str, str]]:
        """Give the report as pairs of a word and a text.

        Parameters
        ----------
        lang : str
            Language of a catalogue.

        Returns
        -------
        list of (str, str)
            Warnings first; what was passed over last.
        """
        words = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
        kind = [self.format, self.encoding, words.get(self.delimiter, self.delimiter)]
        pairs = [("warning", one.text(lang)) for one in self.warnings]
        pairs += [
            ("file", f"{self.name} ({', '.join(part for part in kind if part)})"),
            (
                "rows",
                f"{self.n_rows:,} = {self.n_read:,} read + {self.n_rejected:,} rejected",
            ),
        ]
        shown = [f"{part} = {name}" for part, name in self.columns.items()]
        pairs.append(("columns", ", ".join(shown) or "none recognised"))
        pairs += [("rejected", f"{count:,} x {reason}") for reason, count in self.reasons.items()]
        pairs += [("note", one.text(lang)) for one in self.remarks]
        pairs += [("passed over", one.text(lang)) for one in self.passed_over]
        return pairs

    def __str__(self) -> str:
        return "\n".join(f"{word + ':':<13}{printable(text)}" for word, text in self.lines())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(word)}</th>"
            f"<td style='text-align:left'>{html.escape(printable(text))}</td></tr>"
            for word, text in self.lines()
        )
        return f"<table>{rows}</table>"


def counted_reasons(rejected: pd.DataFrame) -> dict[str, int]:
    """Count reasons that differ only in the value they quote as one.

    Parameters
    ----------
    rejected : DataFrame
        As readers give it.

    Returns
    -------
    dict
        Reason, with one example, to number of rows, the most frequent first.
    """
    if rejected.empty:
        return {}
    codes = rejected["reason_code"].astype("object")
    groups = rejected.groupby(codes, sort=False)["reason"].agg(["first", "size"])
    groups = groups.sort_values("size", ascending=False, kind="stable")
    firsts, sizes = groups["first"].tolist(), groups["size"].tolist()
    return {str(first): int(size) for first, size in zip(firsts, sizes, strict=True)}


def make_report(
    name: str,
    records: Records,
    parts: Mapping[str, int],
    read: int,
    rejected: pd.DataFrame,
) -> Report:
    """Write down how a file was read.

    Parameters
    ----------
    name : str
        File name.
    records : Records
        Rows of the file, with its notes.
    parts : mapping
        Part to position of its column.
    read : int
        Rows that were read.
    rejected : DataFrame
        Rows that were not.

    Returns
    -------
    Report
        The record of it.
    """
    return Report(
        name,
        records.format,
        records.encoding,
        records.delimiter,
        len(records) + len(records.broken),
        read,
        len(rejected),
        {part: records.names[position] for part, position in parts.items()},
        counted_reasons(rejected),
        tuple(records.notes.warnings),
        tuple(records.notes.remarks),
        tuple(records.notes.passed_over),
    )


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
        records, parts = self.records, self.records.row_parts
        rows = [(b.source_row, b.reason, "", b.raw, b.part) for b in records.broken]
        numbers = records.source_row
        for place in np.flatnonzero(~self.kept).tolist():
            raw = records.raw(place)
            part = "" if parts is None else str(parts[place])
            row = int(numbers[place])
            rows.append((row, self.reason[place], self.column[place], raw, part))
        rows.sort(key=lambda row: (row[4], row[0]) if parts is not None else ("", row[0]))
        table = rejected_table([(*row[:3], _storable(row[3])) for row in rows])
        if parts is not None:
            table["part"] = pd.Series([row[4] for row in rows], dtype="str")
        return table


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
