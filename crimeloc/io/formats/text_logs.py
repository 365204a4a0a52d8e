"""Logs of servers and sensors: Zeek, W3C (IIS), and access logs of Apache and nginx."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from crimeloc.io.columns.matching import different_names
from crimeloc.io.formats.dhcp import is_dhcpd, read_dhcpd
from crimeloc.io.formats.encodings import decode_line, to_utf8
from crimeloc.io.formats.layout import Layout
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.io.notes import Notes
from crimeloc.messages import Message

__all__ = ["read_text_log", "records_of_lines"]

_ACCESS = re.compile(
    r'(?P<remote_addr>\S+) (?P<ident>\S+) (?P<remote_user>\S+|"[^"]*") '
    r"\[(?P<time_local>\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}|-) (?P<bytes>\d+|-)'
    r'(?: "(?P<referer>(?:[^"\\]|\\.)*)" "(?P<user_agent>(?:[^"\\]|\\.)*)"(?P<rest>.*))?\s*'
)
"""The common and the combined log format, perhaps with more behind it."""

_ACCESS_HEAD = re.compile(rb"(?m)^\S+ \S+ .{1,200}? \[\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} ")
_FORWARDED = re.compile(r'\s*"(?P<list>[0-9a-fA-F.:]+(?:,\s*[0-9a-fA-F.:]+)*|-)"')


class _Line(NamedTuple):
    """A line with its number, and whether it is whole text."""

    number: int
    text: str
    sound: bool


def read_text_log(data: bytes, name: str, layout: Layout) -> Records | None:
    """Which rows does this log hold, if it is one of the kinds known here?

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for the error text.
    layout : Layout
        What the caller says of the file.

    Returns
    -------
    Records or None
        Rows numbered by line; None where the file is of another kind.

    Notes
    -----
    Zeek writes times in seconds since 1970 and W3C logs in UTC, so both name their clock. In an
    access log a list of forwarding proxies behind the combined format becomes the column
    ``x_forwarded_for``.

    References
    ----------
    The Zeek Project, *Log Formats and Inspection*; W3C working draft WD-logfile-960323, *Extended
    Log File Format*; Apache HTTP Server documentation, *Log Files*.
    """
    head = data[:65_536].removeprefix(codecs.BOM_UTF8)
    if layout.header is not None or layout.delimiter is not None:
        return None
    del name
    if is_dhcpd(head):
        return read_dhcpd(data, layout)
    if head.startswith(b"#separator") or re.search(rb"(?m)^#fields\t", head):
        return _tagged(data, layout, "Zeek log")
    if re.search(rb"(?m)^#Fields: ", head[:8_192]):
        return _tagged(data, layout, "W3C log")
    if len(_ACCESS_HEAD.findall(head[:8_192])) >= 1 and _ACCESS.match(_first_line(head)):
        return records_of_lines(data, layout, "access log", _access_row, parts=_ACCESS_PARTS)
    return None


_ACCESS_PARTS = {"timestamp": "time_local", "ip": "remote_addr"}


def _first_line(head: bytes) -> str:
    for line in re.split(rb"[\r\n]+", head):
        if line.strip():
            return line.decode("utf-8", "replace")
    return ""


def _access_row(text: str) -> dict[str, str] | None:
    found = _ACCESS.fullmatch(text)
    if found is None:
        return None
    row = {key: value for key, value in found.groupdict().items() if value is not None}
    rest = row.pop("rest", "")
    forwarded = _FORWARDED.match(rest)
    if forwarded is not None:
        row["x_forwarded_for"] = forwarded["list"]
        rest = rest[forwarded.end() :]
    if rest.strip():
        row["rest"] = rest.strip()
    row["remote_user"] = row["remote_user"].strip('"')
    return {key: value for key, value in row.items() if value != "-" or key == "remote_addr"}


def _lines(data: bytes, layout: Layout) -> tuple[list[_Line], str]:
    text, codec, words, _ = to_utf8(data, layout.encoding)
    made = []
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", text), start=1):
        if number > layout.skip_rows and line.strip():
            plain, sound = decode_line(line, codec)
            made.append(_Line(number, line.decode("utf-8") if sound else plain, sound))
    return made, words


def records_of_lines(
    data: bytes,
    layout: Layout,
    words: str,
    take: Callable[[str], Mapping[str, str] | None],
    *,
    parts: Mapping[str, str] | None = None,
    zone: str = "",
) -> Records:
    """Make a table of lines that are taken apart one by one.

    Parameters
    ----------
    data : bytes
        The file.
    layout : Layout
        What the caller says of the file.
    words : str
        What the file is.
    take : callable
        Gives the columns of a line, or None for a line of another form.
    parts : mapping, optional
        Part to column name.
    zone : str
        Zone of the times, where the format says it.

    Returns
    -------
    Records
        Rows numbered by line; comments are counted, lines of another form refused.
    """
    lines, encoding = _lines(data, layout)
    rows: list[Mapping[str, str]] = []
    numbers: list[int] = []
    texts: list[str] = []
    broken: list[Broken] = []
    comments: list[str] = []
    for line in lines:
        row = take(line.text) if line.sound else None
        if row is not None:
            rows.append(row)
            numbers.append(line.number)
            texts.append(line.text)
        elif line.text.startswith("#"):
            comments.append(line.text)
        else:
            code = (
                Message("row.form", form=words)
                if line.sound
                else Message("row.no-text", codec="UTF-8")
            )
            broken.append(Broken(line.number, code, line.text))
    names = list(dict.fromkeys(key for row in rows for key in row))
    series = {i: pd.Series([row.get(n) for row in rows], dtype="str") for i, n in enumerate(names)}
    records = Records(
        words,
        names,
        pd.DataFrame(series, index=range(len(rows))),
        np.array(numbers, dtype=np.int64),
        lambda place: texts[place],
        broken,
        encoding=encoding,
        zone=zone,
        parts={part: name for part, name in (parts or {}).items() if name in names},
    )
    if comments:
        records.notes.skip(
            "{n:,} comment lines, e.g. {example}", n=len(comments), example=repr(comments[0][:60])
        )
    return records


def _tagged(data: bytes, layout: Layout, words: str) -> Records:
    """Logs whose names stand in a line of their own, which may change on the way."""
    lines, encoding = _lines(data, layout)
    zeek = words.startswith("Zeek")
    mark, unset, empty = ("\t", "-", "(empty)") if zeek else (" ", "-", "")
    names: list[str] = []
    rows: list[dict[str, str | None]] = []
    numbers: list[int] = []
    texts: list[str] = []
    broken: list[Broken] = []
    comments: list[str] = []
    path = ""
    for line in lines:
        if line.text.startswith("#"):
            key, _, rest = line.text[1:].partition(
                " " if not zeek or " " in line.text[:12] else "\t"
            )
            key = key.lower().rstrip(":")
            if key == "separator" and rest.startswith("\\x"):
                mark = bytes.fromhex(rest[2:4]).decode("latin-1")
            elif key == "unset_field":
                unset = rest
            elif key == "empty_field":
                empty = rest
            elif key == "path":
                path = rest
            elif key == "fields":
                names = rest.split(mark)
            elif key not in (
                "set_separator",
                "open",
                "close",
                "types",
                "software",
                "version",
                "date",
            ):
                comments.append(line.text)
            continue
        cells = line.text.split(mark)
        if not line.sound or len(cells) != len(names):
            reason = (
                Message("row.fields", count=len(cells), expected=len(names))
                if line.sound
                else Message("row.no-text", codec="UTF-8")
            )
            broken.append(Broken(line.number, reason, line.text))
            continue
        plain = [None if cell in (unset, empty) else cell for cell in cells]
        rows.append(dict(zip(names, plain, strict=True)))
        numbers.append(line.number)
        texts.append(line.text)
    notes = Notes()
    every = list(dict.fromkeys([*(key for row in rows for key in row), *names]))
    series = {
        i: pd.Series([row.get(key) for row in rows], dtype="str") for i, key in enumerate(every)
    }
    if comments:
        notes.skip(
            "{n:,} comment lines, e.g. {example}", n=len(comments), example=repr(comments[0][:60])
        )
    return Records(
        f"{words} ({path})" if path else words,
        different_names(every, notes),
        pd.DataFrame(series, index=range(len(rows))),
        np.array(numbers, dtype=np.int64),
        lambda place: texts[place],
        broken,
        notes,
        encoding=encoding,
        delimiter=mark,
        zone="UTC",
    )
