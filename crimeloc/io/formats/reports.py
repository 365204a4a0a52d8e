"""Report formats of others: CyberTipline IP capture events (XML, JSON) and VICS hash lists."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import pandas as pd

from crimeloc.errors import FileError
from crimeloc.io.formats.file_head import first_bytes
from crimeloc.io.formats.raw_table import Read, Records, Report, counted_reasons
from crimeloc.io.reasons import rejected_table
from crimeloc.messages import Message

__all__ = ["capture_events", "read_hash_list", "read_xml"]

_EVENT = "ipcaptureevent"
_MAX_TEXT = 100_000
_MAX_DEPTH = 100


def read_xml(data: bytes, name: str) -> Records:
    """Which IP capture events does this XML report hold?

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for the error text.

    Returns
    -------
    Records
        One row per ``ipCaptureEvent`` (ipAddress, port, dateTime, eventName, possibleProxy),
        numbered by the line on which it begins.

    Raises
    ------
    FileError
        The XML is damaged, declares entities or a document type, or holds no such event.

    Notes
    -----
    Entities and document types are refused before anything of them is expanded or fetched.
    """
    data = _as_utf8(data, name)
    _refuse_other_xml(data, name)
    reader = _Capture()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    reader.line = lambda: parser.CurrentLineNumber
    try:
        parser.Parse(data, True)
    except _RefusedError as error:
        raise FileError(
            name, found=str(error), expected="a plain XML report", hint="export it again"
        ) from error
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        raise FileError(
            name,
            found=Message("damaged XML ({why}, line {lineno})", why=why, lineno=error.lineno),
            expected="XML",
            hint="export it again",
        ) from error
    if not reader.rows:
        raise FileError(
            name,
            found="XML without ipCaptureEvent",
            expected="a CyberTipline report",
            hint="export the upload log as CSV",
        )
    return _records(reader.rows, reader.numbers, "XML, IP capture events")


_DECLARED = re.compile(
    rb"^\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"'][^>]*\?>"
)
_EXPAT = ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "utf-16")


def _as_utf8(data: bytes, name: str) -> bytes:
    """Turn a document into UTF-8 where it names an encoding that the parser does not know."""
    found = _DECLARED.match(data[:500].removeprefix(codecs.BOM_UTF8))
    if found is None or found[1].decode().lower() in _EXPAT:
        return data
    try:
        codec = codecs.lookup(found[1].decode()).name
        if codec.startswith(("utf-16", "utf-32")):
            raise LookupError("the declaration itself is written in another")
        text = data.removeprefix(codecs.BOM_UTF8).decode(codec)
    except (LookupError, UnicodeError, ValueError) as error:
        raise FileError(
            name,
            found=Message(
                "XML that names the encoding {encoding} and is not written in it",
                encoding=found[1].decode(),
            ),
            expected="a plain XML report",
            hint="export it again in UTF-8",
        ) from error
    body = text[text.index("?>") + 2 :]
    return ('<?xml version="1.0" encoding="UTF-8"?>' + body).encode("utf-8", "surrogatepass")


_ROOTS = (
    (rb"<(?:\w+:)?kml\b", "a KML file: places, not uploads", "read_venues(...)"),
    (rb"<osm\b", "an OSM file (XML)", "export it as Overpass JSON, and read_venues(...)"),
    (rb"<gpx\b", "a GPX track", "export the upload log as CSV"),
)


def _refuse_other_xml(data: bytes, name: str) -> None:
    """Say which kind of XML it is, where it is a known one."""
    head = data[:4_096]
    for pattern, found, hint in _ROOTS:
        if re.search(pattern, head):
            raise FileError(name, found=found, expected="a CyberTipline report", hint=hint)


class _RefusedError(Exception):
    """What a report has no use for."""


def _refuse(*_: object) -> None:
    raise _RefusedError("XML that declares a document type or entities")


class _Capture:
    """Collects the children of each capture event."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []
        self.numbers: list[int] = []
        self.row: dict[str, str] | None = None
        self.path: list[str] = []
        self.line: Any = None

    def start(self, name: str, _: dict[str, str]) -> None:
        plain = name.rsplit(":", 1)[-1]
        self.path.append(plain)
        if len(self.path) > _MAX_DEPTH:
            raise _RefusedError("XML nested beyond reason")
        if plain.lower() == _EVENT:
            self.row = {}
            self.numbers.append(int(self.line()))
            self.rows.append(self.row)
        elif self.row is not None:
            self.row.setdefault(plain, "")

    def text(self, piece: str) -> None:
        if self.row is not None and self.path[-1].lower() != _EVENT:
            whole = self.row[self.path[-1]] + piece
            if len(whole) > _MAX_TEXT:
                raise _RefusedError(f"a field of more than {_MAX_TEXT:,} characters")
            self.row[self.path[-1]] = whole

    def end(self, name: str) -> None:
        self.path.pop()
        if name.rsplit(":", 1)[-1].lower() == _EVENT:
            self.row = None


def capture_events(value: Any) -> list[dict[str, Any]]:
    """Find the IP capture events in a JSON report, however deep they lie.

    Parameters
    ----------
    value : object
        Parsed JSON.

    Returns
    -------
    list of dict
        The events, in order.
    """
    found: list[dict[str, Any]] = []
    waiting: list[Any] = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            for key, child in reversed(list(inner.items())):
                if key.lower() in (_EVENT, f"{_EVENT}s"):
                    events = child if isinstance(child, list) else [child]
                    found += [event for event in events if isinstance(event, dict)]
                else:
                    waiting.append(child)
        elif isinstance(inner, list):
            waiting.extend(reversed(inner))
    return found


def _records(rows: list[dict[str, str]], numbers: list[int], words: str) -> Records:
    names = list(dict.fromkeys(name for row in rows for name in row))
    series = {i: pd.Series([row.get(n) for row in rows], dtype="str") for i, n in enumerate(names)}
    return Records(
        words,
        names,
        pd.DataFrame(series, index=range(len(rows))),
        np.array(numbers, dtype=np.int64),
        lambda place: json.dumps(rows[place], ensure_ascii=False),
    )


def read_hash_list(path: str | Path) -> Read:
    """Which hashes does this VICS list hold?

    Parameters
    ----------
    path : str or Path
        A VICS 2.0 list (JSON, with or without byte-order mark).

    Returns
    -------
    Read
        ``table`` with ``content_hash`` (lower case), ``algorithm`` (md5, sha1, sha256, ...),
        ``category`` and ``source_row`` (place of the medium in the list, from 1), a row per hash;
        ``rejected`` as in `read_events`: media without a hash.

    Raises
    ------
    FileError
        The file is no VICS list or is damaged.

    Notes
    -----
    Read piece by piece, so that memory grows with the hashes, not with the file. Hashes and
    categories only: names, comments and everything else of a medium are dropped unread.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> text = '{"value": [{"Media": [{"MediaID": 1, "MD5": "D41D8CD98F00B204E9800998ECF8427E",'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "list.json")
    ...     _ = path.write_text(text + ' "Category": 3}]}]}')
    ...     hashes, rejected = read_hash_list(path)
    >>> hashes[["algorithm", "category"]].values.tolist()
    [['md5', 3]]
    """
    target = Path(path)
    first_bytes(target)
    rows: list[tuple[str, str, int | None, int]] = []
    broken: list[tuple[int, Message, str, str]] = []
    count = 0
    for count, (medium, raw) in enumerate(_media(target), start=1):
        category = str(medium.get("Category"))
        number = int(category) if category.isdigit() and len(category) < 9 else None
        found = list(_hashes(medium))
        rows += [(text, kind, number, count) for kind, text in found]
        if not found:
            broken.append((count, Message("hash.none"), "", raw[:10_000]))
    table = pd.DataFrame(rows, columns=["content_hash", "algorithm", "category", "source_row"])
    table = table.astype(
        {"content_hash": "str", "algorithm": "str", "category": "Int64", "source_row": "int64"}
    )
    rejected = rejected_table(broken)
    report = Report(
        target.name,
        "VICS hash list",
        "UTF-8",
        "",
        count,
        count - len(broken),
        len(broken),
        {},
        counted_reasons(rejected),
        remarks=(Message("{n:,} hashes", n=len(table)),),
    )
    return Read(table, rejected, report)


_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "pdq": 64}


def _hashes(medium: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in medium.items():
        kind = key.lower().replace("-", "")
        if kind in _LENGTHS and isinstance(value, str) and _is_hash(value, _LENGTHS[kind]):
            yield kind, value.strip().lower()
    others = medium.get("AlternativeHashes")
    for other in others if isinstance(others, list) else []:
        if isinstance(other, dict):
            kind = str(other.get("HashName", "")).lower().replace("-", "")
            value = str(other.get("HashValue", ""))
            if kind and _is_hash(value, len(value.strip())):
                yield kind, value.strip().lower()


def _is_hash(text: str, length: int) -> bool:
    plain = text.strip()
    return len(plain) == length >= 16 and all(c in "0123456789abcdefABCDEF" for c in plain)


def _media(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Media of a list, one by one, from a buffer that never holds more than a few."""
    decoder = json.JSONDecoder()
    with open(path, encoding="utf-8-sig", errors="replace") as handle:
        buffer, inside, ended = "", False, False
        while True:
            piece = handle.read(1 << 16)
            ended = not piece
            buffer += piece
            if not inside:
                place = buffer.find('"Media"')
                bracket = buffer.find("[", place) if place >= 0 else -1
                if bracket < 0:
                    if ended:
                        raise FileError(
                            path.name,
                            found="no list of media",
                            expected="a VICS 2.0 hash list",
                            hint="export it as VICS JSON",
                        )
                    buffer = buffer if place >= 0 else buffer[-16:]
                    continue
                buffer, inside = buffer[bracket + 1 :], True
            while True:
                buffer = buffer.lstrip(" \t\r\n,")
                if buffer.startswith("]"):
                    inside, buffer = False, buffer[1:]
                    if '"Media"' not in buffer + handle.read(64):  # one list is the rule
                        return
                    raise FileError(
                        path.name,
                        found="several lists of media",
                        expected="one",
                        hint="split the file",
                    )
                if not buffer:
                    break
                try:
                    value, end = decoder.raw_decode(buffer)
                except (ValueError, RecursionError) as error:
                    if ended or len(buffer) > 16 << 20:
                        raise FileError(
                            path.name,
                            found="a damaged list of media",
                            expected="whole JSON",
                            hint="export it again",
                        ) from error
                    break
                if not isinstance(value, dict):
                    raise FileError(
                        path.name,
                        found="a medium that is no object",
                        expected="VICS 2.0",
                        hint="export it as VICS JSON",
                    )
                yield value, buffer[:end]
                buffer = buffer[end:]
            if ended:
                raise FileError(
                    path.name,
                    found="a list of media that breaks off",
                    expected="whole JSON",
                    hint="export it again",
                )
