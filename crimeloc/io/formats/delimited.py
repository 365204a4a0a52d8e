"""Take delimited text apart, row by row, so that no damage can swallow a neighbour.

Rows without quotation marks and with the right number of fields go through Arrow in one piece;
the others are looked at one by one.
"""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

import pandas as pd

from crimeloc.errors import FileError, ParameterError
from crimeloc.io.columns.matching import different_names
from crimeloc.io.columns.zone_names import said_zone
from crimeloc.io.formats.csv_lexer import Lines, Parts, split_lines
from crimeloc.io.formats.encodings import decode_line, to_utf8
from crimeloc.io.formats.layout import Layout
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.io.formulas import original_text
from crimeloc.io.notes import Notes
from crimeloc.messages import Hint, Message

__all__ = ["read_delimited"]

DELIMITERS = (",", "\t", ";", "|")
MAX_COLUMNS = 4_096


def read_delimited(data: bytes, name: str, layout: Layout | None = None) -> Records:
    """Which rows does this delimited text hold?

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for the error text.
    layout : Layout, optional
        What the caller says of the file; by default everything is found.

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
    with the header's number of fields. Blank lines are no rows, nor are comments (``#``) that do
    not fit; the report counts them. A row of values is never taken for the header. Memory is about
    six times the size of the file.
    """
    layout = layout or Layout()
    encoding, delimiter = layout.encoding, layout.delimiter
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
    first = _first_line(lines, name, layout.skip_rows)
    head = _names_given(layout, lines, first, codec) or _header(lines, first, layout, codec, name)
    notes = Notes()
    broken, zone = _before_header(lines, head.skipped, codec, notes)
    shorter = _without_tail(lines, head.body, head.mark, head.names)
    if len(shorter) < len(head.names):
        notes.add("the header ends in more delimiters than the rows; they were left out")
    nameless = [place for place, text in enumerate(shorter) if not text]
    names = different_names([original_text(text) for text in shorter], notes)
    parts = Parts(lines, head.body, head.mark, len(names), codec)
    records = parts.records(names, broken)
    records.notes.take(notes)
    records.zone = zone
    _without_comments(records)
    _without_nothing(records, nameless)
    if tail:
        spelled = "".join(f"\\x{byte:02x}" for byte in tail)
        _spoil_last(records, spelled)
    records.encoding, records.delimiter = words, head.mark
    return records


class _Head(NamedTuple):
    """Delimiter, names, first line of the body, and lines before the header."""

    mark: str
    names: list[str]
    body: int
    skipped: list[int]


def _names_given(layout: Layout, lines: Lines, first: int, codec: str) -> _Head | None:
    """Names that the caller gives, for a file without a header."""
    names = layout.names
    if names is None:
        return None
    line = decode_line(lines[first], codec)[0]
    fitting = [mark for mark in DELIMITERS if line.count(mark) + 1 == len(names)]
    return _Head(layout.delimiter or (fitting or [","])[0], names, first, [])


def _before_header(
    lines: Lines, skipped: list[int], codec: str, notes: Notes
) -> tuple[list[Broken], str]:
    """Refuse what stands before the header, or count it as comments; it may name the clock."""
    broken, comments, zones = list[Broken](), list[str](), dict[str, str]()
    for number in skipped:
        text = decode_line(lines[number], codec)[0]
        said = said_zone(text)
        if said is not None:
            zones.setdefault(said, text)
        if text.lstrip().startswith("#"):
            comments.append(text)
        else:
            broken.append(Broken(number + 1, Message("row.before-header"), text))
    if comments:
        notes.skip(
            "{n:,} comment lines, e.g. {example}", n=len(comments), example=repr(comments[0][:60])
        )
    if len(zones) != 1:
        return broken, ""
    zone, text = next(iter(zones.items()))
    notes.add(
        "a line before the header names the clock of the times, {zone}: {text}",
        zone=zone,
        text=repr(text.strip()[:80]),
    )
    return broken, zone


def _without_comments(records: Records) -> None:
    """Count comments that stand among the rows, instead of refusing them."""
    comments = [one for one in records.broken if one.raw.lstrip().startswith("#")]
    if not comments:
        return
    records.broken = [one for one in records.broken if not one.raw.lstrip().startswith("#")]
    records.notes.skip(
        "{n:,} comment lines among the rows, e.g. {example}",
        n=len(comments),
        example=repr(comments[0].raw[:60]),
    )


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
        last = records.broken[-1]
        records.broken[-1] = last._replace(reason=reason, raw=last.raw + tail)
    else:
        records.broken.append(Broken(2, reason, tail))


def _first_line(lines: Lines, name: str, skip: int) -> int:
    for number in range(skip, len(lines.start)):
        length = lines.stop[number] - lines.start[number]
        if length > 50_000_000 or lines[number][:100_000].strip(b" \t\x00"):
            return number
    raise FileError(
        name, found="an empty file", expected="a header and rows", hint="export the file again"
    )


def _header(lines: Lines, first: int, layout: Layout, codec: str, name: str) -> _Head:
    """Find the header among the first lines: no row of values, with most names that are known."""
    finder, given = layout.finder, layout.header_row
    numbers = range(first, min(first + 20, len(lines.start)))
    if given is not None:
        numbers = range(min(given, len(lines.start)) - 1, min(given, len(lines.start)))
    best: tuple[tuple[int, int, int], str, list[str], int, int] | None = None
    for number in numbers:
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
        for mark in DELIMITERS if layout.delimiter is None else (layout.delimiter,):
            names, used = _header_names(lines, number, line, mark, codec)
            score = finder.score(names)
            if best is None or _better(score, names, number, best):
                best = (score, mark, names, number, used)
        if best is not None and finder.sure(best[0]):
            break
    if best is None:
        raise FileError(name, found="no header", expected="a line with names", hint=Hint(header=1))
    score, mark, names, number, used = best
    if len(names) > MAX_COLUMNS:
        raise FileError(
            name,
            found=Message("a header of {n:,} columns", n=len(names)),
            expected=Message("at most {max_columns:,}", max_columns=MAX_COLUMNS),
            hint="export the file again with the columns that matter",
        )
    if given is None and number == first and not score[1] and not score[2]:
        return _Head(mark, [f"column_{place + 1}" for place in range(len(names))], first, [])
    skipped = [n for n in range(first, number) if lines[n].strip()]
    if skipped and lines[skipped[0]].strip().lower().startswith(b"sep="):
        skipped = skipped[1:]
    return _Head(mark, names, number + used, skipped)


def _better(
    score: tuple[int, int, int],
    names: list[str],
    number: int,
    best: tuple[tuple[int, int, int], str, list[str], int, int],
) -> bool:
    """Is this line, cut at this mark, a better header than the best so far?"""
    if number == best[3]:
        return (score[0], score[2], len(names)) > (best[0][0], best[0][2], len(best[2]))
    if score[:2] == best[0][:2] and score[2] == 1 and best[0][2] == 0:
        return len(best[2]) <= 1  # one known word among values is chance, unless a title was best
    return score > best[0]


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
    records.notes.add("{n:,} columns without name and values were left out", n=len(gone))
