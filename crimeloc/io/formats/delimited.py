"""Take delimited text apart, row by row, so that no damage can swallow a neighbour.

Rows without quotation marks and with the right number of fields go through Arrow in one piece;
the others are looked at one by one.
"""

from __future__ import annotations

import csv
import io

import pandas as pd

from crimeloc.errors import FileError, ParameterError
from crimeloc.io.formats.csv_lexer import Lines, Parts, split_lines
from crimeloc.io.formats.encodings import decode_line, to_utf8
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.io.parsing.column_names import KINDS, different_names, plain_name
from crimeloc.messages import Hint, Message

__all__ = ["read_delimited"]

DELIMITERS = (",", "\t", ";", "|")
MAX_COLUMNS = 4_096
_KNOWN = frozenset(
    plain_name(name) for kind in KINDS.values() for names in kind.values() for name in names
)


def read_delimited(
    data: bytes,
    name: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: list[str] | None = None,
) -> Records:
    """Which rows does this delimited text hold?

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for the error text.
    encoding, delimiter : str, optional
        By default they are found.
    header : list of str, optional
        Column names, for a file without a header line.

    Returns
    -------
    Records
        Rows, each with the number of its first line (the header line is usually 1).

    Raises
    ------
    FileError
        The file is empty, has no header, or has a header beyond all reason.

    Notes
    -----
    A row is a line, unless a quoted field runs over its end and the joined lines make up a row
    with the header's number of fields. Blank lines are no rows. Memory is about six times the
    size of the file.
    """
    if delimiter is not None and (
        len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n'
    ):
        raise ParameterError(
            "delimiter",
            found=repr(delimiter),
            expected="one ASCII character",
            hint=Hint(delimiter=";"),
        )
    try:
        text, codec, words, tail = to_utf8(data, encoding)
    except LookupError as error:
        raise FileError(
            name,
            found=Message("no encoding called {encoding}", encoding=repr(encoding)),
            expected="a Python codec",
            hint=Hint(encoding="cp949"),
        ) from error
    lines = split_lines(text)
    first = _first_line(lines, name)
    broken: list[Broken] = []
    notes, nameless = list[str](), list[int]()
    if header is None:
        mark, names, first_body, skipped = _header(lines, first, delimiter, codec, name)
        for number in skipped:
            broken.append(
                Broken(
                    number + 1, Message("row.before-header"), decode_line(lines[number], codec)[0]
                )
            )
        shorter = _without_tail(lines, first_body, mark, names)
        if len(shorter) < len(names):
            notes.append("the header ends in more delimiters than the rows; they were left out")
        nameless = [place for place, text in enumerate(shorter) if not text]
        names, said = different_names(shorter)
        notes += said
    else:
        mark, names, first_body = delimiter or ",", list(header), first
    parts = Parts(lines, first_body, mark, len(names), codec)
    records = parts.records(names, broken)
    records.notes += notes
    _without_nothing(records, nameless)
    if tail:
        spelled = "".join(f"\\x{byte:02x}" for byte in tail)
        _spoil_last(records, spelled)
    records.encoding, records.delimiter = words, mark
    return records


def _spoil_last(records: Records, tail: str) -> None:
    """Refuse the row that ends in half a character."""
    last_broken = records.broken[-1].source_row if records.broken else -1
    last_row = int(records.source_row[-1]) if len(records) else -1
    reason = Message("row.half-character")
    if last_row > last_broken:
        raw = records.raw(len(records) - 1) + tail
        records.cells = records.cells.iloc[:-1]
        records.source_row = records.source_row[:-1]
        records.broken.append(Broken(last_row, reason, raw))
    elif records.broken:
        number, _, raw = records.broken[-1]
        records.broken[-1] = Broken(number, reason, raw + tail)
    else:
        records.broken.append(Broken(2, reason, tail))


def _first_line(lines: Lines, name: str) -> int:
    for number in range(len(lines.start)):
        length = lines.stop[number] - lines.start[number]
        if length > 50_000_000 or lines[number][:100_000].strip(b" \t\x00"):
            return number
    raise FileError(
        name, found="an empty file", expected="a header and rows", hint="export the file again"
    )


def _header(
    lines: Lines, first: int, delimiter: str | None, codec: str, name: str
) -> tuple[str, list[str], int, list[int]]:
    """Find the header among the first lines: the one with most names that are known."""
    best: tuple[int, str, list[str], int, int] | None = None
    for number in range(first, min(first + 20, len(lines.start))):
        if lines.stop[number] - lines.start[number] > 5_000_000:
            if number == first:
                raise FileError(
                    name,
                    found="a header of more than 5 MB",
                    expected=Message("at most {max_columns} columns", max_columns=MAX_COLUMNS),
                    hint="export the file again with a header line",
                )
            continue
        line = decode_line(lines[number], codec)[0]
        if not line.strip():
            continue
        for mark in DELIMITERS if delimiter is None else (delimiter,):
            names, used = _header_names(lines, number, line, mark, codec)
            known = sum(plain_name(text) in _KNOWN for text in names if text)
            if (
                best is None
                or known > best[0]
                or (known == best[0] and number == best[3] and len(names) > len(best[2]))
            ):
                best = (known, mark, names, number, used)
        if best is not None and best[0] >= 2:
            break
    assert best is not None
    _, mark, names, number, used = best
    if len(names) > MAX_COLUMNS:
        raise FileError(
            name,
            found=Message("a header of {n:,} columns", n=len(names)),
            expected=Message("at most {max_columns:,}", max_columns=MAX_COLUMNS),
            hint="export the file again with the columns that matter",
        )
    skipped = [n for n in range(first, number) if lines[n].strip()]
    if skipped and lines[skipped[0]].strip().lower().startswith(b"sep="):
        skipped = skipped[1:]
    return mark, names, number + used, skipped


def _header_names(
    lines: Lines, number: int, line: str, mark: str, codec: str
) -> tuple[list[str], int]:
    if '"' not in line:
        return [text.strip() for text in line.split(mark)], 1
    last = min(number + 10, len(lines.start))
    for stop in range(number, last):
        text = decode_line(lines.span(number, stop), codec)[0]
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
        except csv.Error:
            continue
        if len(rows) == 1:
            return [" ".join(field.split()) for field in rows[0]], stop - number + 1
    return [text.strip(' "') for text in line.split(mark)], 1


def _without_tail(lines: Lines, first: int, mark: str, names: list[str]) -> list[str]:
    """Leave nameless columns at the end of a header out where the rows do not have them."""
    width = len(names)
    while width > 1 and not names[width - 1]:
        width -= 1
    if width == len(names):
        return names
    sign = mark.encode()
    sample = [lines[number] for number in range(first, min(first + 100, len(lines.start)))]
    counts = [line.count(sign) + 1 for line in sample if line.strip() and b'"' not in line]
    fewer = sum(count == width for count in counts)
    return names[:width] if counts and 2 * fewer > len(counts) else names


def _without_nothing(records: Records, nameless: list[int]) -> None:
    """Leave nameless columns without any value out."""
    gone = [i for i in nameless if (records.cells[i].isna() | (records.cells[i] == "")).all()]
    if not gone or len(gone) == len(records.names):
        return
    records.names = [name for i, name in enumerate(records.names) if i not in gone]
    records.cells = records.cells.drop(columns=gone)
    records.cells.columns = pd.RangeIndex(len(records.names))
    records.notes.append(f"{len(gone):,} columns without name and values were left out")
