"""The rows of a delimited text: plain ones in one piece, odd ones one by one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from crimeloc.io.formats.encodings import decode_line, is_utf8
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.messages import Message

__all__ = ["Lines", "Parts", "split_lines"]

BLOCK = 16 << 20
"""Bytes that Arrow takes at a time; no line of a plain row is longer."""

COMPILED_FROM = 8 << 20
"""From so many bytes on a compiled sweep pays for its loading."""

MAX_FIELD = 1_000_000
MAX_JOINED = 50
"""So many lines may one quoted field span; beyond that the mark is held to be damage."""


@dataclass(frozen=True)
class Lines:
    """Where the lines of a text begin and end."""

    data: bytes
    start: NDArray[np.int64]
    stop: NDArray[np.int64]

    def __getitem__(self, number: int) -> bytes:
        return self.data[self.start[number] : self.stop[number]]

    def span(self, first: int, last: int) -> bytes:
        return self.data[self.start[first] : self.stop[last]]


def split_lines(data: bytes) -> Lines:
    """Lines end in LF, CR LF or CR, and nowhere else."""
    buffer = np.frombuffer(data, dtype=np.uint8)
    feeds = np.flatnonzero(buffer == 10)
    returns = np.flatnonzero(buffer == 13) if b"\r" in data else np.zeros(0, dtype=np.int64)
    if len(returns):
        follows = np.zeros(len(returns), dtype=bool)
        inside = returns < len(buffer) - 1
        follows[inside] = buffer[returns[inside] + 1] == 10
        stops = np.union1d(feeds, returns[~follows])
        next_start = stops + 1
        before = (stops > 0) & (buffer[stops] == 10) & (buffer[np.maximum(stops - 1, 0)] == 13)
        stops = stops - before
    else:
        stops, next_start = feeds, feeds + 1
    start = np.concatenate([[0], next_start]).astype(np.int64)
    stop = np.concatenate([stops, [len(data)]]).astype(np.int64)
    if start[-1] == len(data):
        start, stop = start[:-1], stop[:-1]
    return Lines(data, start, stop)


class Parts:
    """The body of a file, sorted into plain rows and odd ones."""

    def __init__(self, lines: Lines, first: int, mark: str, width: int, codec: str) -> None:
        self.lines, self.mark, self.width, self.codec = lines, mark, width, codec
        self.start, self.stop = lines.start[first:], lines.stop[first:]
        self.first = first
        self._look()

    def _look(self) -> None:
        """Count what matters in each line."""
        data = self.lines.data
        buffer = np.frombuffer(data, dtype=np.uint8)
        count = len(self.start)
        if len(data) >= COMPILED_FROM:
            from crimeloc.io.formats import _kernels

            self.marks, self.quotes, fields = _kernels.weigh_lines(
                buffer, self.start, self.stop, ord(self.mark)
            )
        else:
            self.marks = self._count(np.flatnonzero(buffer == ord(self.mark)))
            self.quotes = self._count(np.flatnonzero(buffer == 34))
            fields = self._fields(buffer)
        nul = np.flatnonzero(buffer == 0) if b"\0" in data else np.zeros(0, dtype=np.int64)
        self.nul = self._count(nul) > 0
        self.bad = np.zeros(count, dtype=bool)
        if not is_utf8(data):
            for number in np.flatnonzero(self._count(np.flatnonzero(buffer >= 128)) > 0).tolist():
                self.bad[number] = not decode_line(self._line(number), self.codec)[1]
        length = self.stop - self.start
        self.long = length > MAX_FIELD
        self.blank = length == 0
        for number in np.flatnonzero((self.marks == 0) & (length < 200) & ~self.blank).tolist():
            self.blank[number] = not self._line(number).strip(b" \t")
        self.quoting = bool(self.quotes.any())
        fits = fields == self.width
        self.plain = fits & ~self.nul & ~self.bad & ~self.blank & ~self.long

    def _fields(self, buffer: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Number of fields where all quotation marks are in their place, else -1.

        Of the marks in a line every first one opens a field and every second one closes it, unless
        two stand side by side inside it.
        """
        if not self.quotes.any():
            return self.marks + 1
        places = np.flatnonzero(buffer == 34)
        line = np.searchsorted(self.start, places, side="right") - 1
        inside = (line >= 0) & (places < self.stop[np.maximum(line, 0)])
        places, line = places[inside], line[inside]
        first = np.searchsorted(places, self.start)
        opens = (np.arange(len(places)) - first[line]) % 2 == 0
        before, after = buffer[places - 1], buffer[np.minimum(places + 1, len(buffer) - 1)]
        mark = ord(self.mark)
        good = np.where(
            opens,
            (places == self.start[line]) | (before == mark) | (before == 34),
            (places == self.stop[line] - 1) | (after == mark) | (after == 34),
        )
        wrong = self.quotes % 2 == 1
        wrong[line[~good]] = True
        marks = np.flatnonzero(buffer == mark)
        row = np.searchsorted(self.start, marks, side="right") - 1
        row[(row >= 0) & (marks >= self.stop[np.maximum(row, 0)])] = -1
        marks, row = marks[row >= 0], row[row >= 0]
        outside = (np.searchsorted(places, marks) - first[row]) % 2 == 0
        fields = np.bincount(row[outside], minlength=len(self.start)) + 1
        return np.where(wrong, -1, fields)

    def _count(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.searchsorted(places, self.stop) - np.searchsorted(places, self.start)

    def _line(self, number: int) -> bytes:
        return self.lines.data[self.start[number] : self.stop[number]]

    def records(self, names: list[str], broken: list[Broken]) -> Records:
        """Take all rows apart."""
        plain = np.flatnonzero(self.plain)
        table = self._plain_table(plain)
        odd_rows, odd_cells, spans = self._odd_rows(broken)
        first, last = plain, plain
        if odd_rows:
            odd = pa.table(
                [
                    pa.array(column, type=pa.large_string())
                    for column in zip(*odd_cells, strict=True)
                ],
                names=table.column_names,
            )
            first = np.concatenate([plain, np.array(odd_rows, dtype=np.int64)])
            last = np.concatenate([plain, np.array(spans, dtype=np.int64)])
            order = np.argsort(first, kind="stable")
            table = pa.concat_tables([table, odd]).take(pa.array(order))
            first, last = first[order], last[order]
            swallowed = np.zeros(len(self.plain), dtype=bool)
            for begin, end in zip(odd_rows, spans, strict=True):
                swallowed[begin + 1 : end + 1] = True
            if swallowed.any():
                keep = ~swallowed[first]
                table, first, last = table.filter(pa.array(keep)), first[keep], last[keep]
        cells = table.to_pandas(
            types_mapper={pa.large_string(): pd.StringDtype(na_value=np.nan)}.get
        )
        cells.columns = range(len(names))
        broken.sort(key=lambda row: row.source_row)
        return Records(
            "delimited text", names, cells, first + self.first + 1, self._raw(first, last), broken
        )

    def _raw(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> Callable[[int], str]:
        def raw(place: int) -> str:
            line = self.lines.data[self.start[first[place]] : self.stop[last[place]]]
            return decode_line(line, self.codec)[0]

        return raw

    def _plain_table(self, plain: NDArray[np.int64]) -> pa.Table:
        names = [f"c{number}" for number in range(self.width)]
        types = {name: pa.large_string() for name in names}
        if not len(plain):
            return pa.table([pa.array([], type=pa.large_string())] * self.width, names=names)
        runs = np.flatnonzero(np.diff(plain) != 1)
        begins = plain[np.concatenate([[0], runs + 1])]
        ends = plain[np.concatenate([runs, [len(plain) - 1]])]
        view = memoryview(self.lines.data)
        if len(begins) == 1:
            body: bytes | memoryview = view[self.start[begins[0]] : self.stop[ends[0]]]
        else:
            body = b"\n".join(
                view[self.start[a] : self.stop[b]] for a, b in zip(begins, ends, strict=True)
            )
        if self.width == 1:  # Arrow cannot tell an empty field from no line
            lines = (self._line(number).decode("utf-8") for number in plain.tolist())
            texts = [next(csv.reader([line], delimiter=self.mark))[0] for line in lines]
            return pa.table([pa.array(texts, type=pa.large_string())], names=names)
        table = pa_csv.read_csv(
            pa.BufferReader(body),
            read_options=pa_csv.ReadOptions(column_names=names, block_size=BLOCK),
            parse_options=pa_csv.ParseOptions(
                delimiter=self.mark,
                quote_char='"' if self.quoting else False,
                double_quote=self.quoting,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=False,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=types, strings_can_be_null=False, check_utf8=False
            ),
        )
        if table.num_rows != len(plain):  # never seen; a wrong count must not pass
            lines = (self._line(number).decode("utf-8") for number in plain.tolist())
            rows = [next(csv.reader([line], delimiter=self.mark)) for line in lines]
            columns = [pa.array(c, type=pa.large_string()) for c in zip(*rows, strict=True)]
            return pa.table(columns, names=names)
        return table

    def _odd_rows(self, broken: list[Broken]) -> tuple[list[int], list[list[str]], list[int]]:
        """Rows with quotation marks, and rows that are refused."""
        rows: list[int] = []
        cells: list[list[str]] = []
        spans: list[int] = []
        done = -1
        for number in np.flatnonzero(~self.plain & ~self.blank).tolist():
            if number <= done:
                continue
            fields, end = self._odd_row(number)
            if isinstance(fields, Message):
                text = decode_line(self._line(number), self.codec)[0]
                broken.append(Broken(number + self.first + 1, fields, text))
                continue
            rows.append(number)
            cells.append(fields)
            spans.append(end)
            done = end
        return rows, cells, spans

    def _odd_row(self, number: int) -> tuple[list[str] | Message, int]:
        if self.bad[number]:
            return Message("row.no-text", codec=self.codec), number
        if self.nul[number]:
            return Message("row.nul"), number
        if self.long[number]:
            length = int(self.stop[number] - self.start[number])
            reason = Message("row.line-long", count=f"{length:,}", most=f"{MAX_FIELD:,}")
            return reason, number
        text = self._line(number).decode("utf-8")
        if not self.quotes[number]:
            return self._fitted(text.split(self.mark), number)
        try:
            fields = next(csv.reader([text], delimiter=self.mark, strict=True))
            return self._fitted(fields, number)
        except csv.Error as error:
            if "field larger" in str(error):
                most = f"{csv.field_size_limit():,}"
                return Message("row.field-long", most=most), number
            if "unexpected end" not in str(error):
                return Message("row.quotes"), number
        return self._joined(number)

    def _fitted(self, fields: list[str], end: int) -> tuple[list[str] | Message, int]:
        count = len(fields)
        if count > self.width and not any(text.strip() for text in fields[self.width :]):
            fields = fields[: self.width]
        if len(fields) == self.width:
            return fields, end
        return Message("row.fields", count=count, expected=self.width), end

    def _joined(self, number: int) -> tuple[list[str] | Message, int]:
        """A quoted field runs over the end of the line: does it end within the next lines?"""
        for end in range(number + 1, min(number + MAX_JOINED, len(self.plain))):
            if self.bad[end] or self.nul[end] or self.long[end]:
                break
            if not self.quotes[end]:
                continue
            whole = self.lines.data[self.start[number] : self.stop[end]].decode("utf-8")
            try:
                rows = list(
                    csv.reader(io.StringIO(whole, newline=""), delimiter=self.mark, strict=True)
                )
            except csv.Error as error:
                if "unexpected end" in str(error):
                    continue
                break
            if len(rows) == 1 and len(rows[0]) == self.width:
                return rows[0], end
            break
        return Message("row.quote-open"), number
