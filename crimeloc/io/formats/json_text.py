"""Take JSON apart: one object per line, lists of objects, or GeoJSON."""

from __future__ import annotations

import re
from typing import Any

from crimeloc.errors import FileError
from crimeloc.io.columns.matching import is_known
from crimeloc.io.formats.encodings import decode_line, to_utf8
from crimeloc.io.formats.geojson import rows_of_features
from crimeloc.io.formats.json_lists import inner_lists, tables_of_json
from crimeloc.io.formats.json_rows import DECODER, Item, rows_of_items
from crimeloc.io.formats.layout import Layout
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.messages import Message

__all__ = ["read_json_text"]

MAX_LINE = 10_000_000


def read_json_text(data: bytes, name: str, layout: Layout | None = None) -> list[Records]:
    """Which tables does this JSON hold?

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for the error text.
    layout : Layout, optional
        What the caller says of the file: its encoding, the list that is wanted.

    Returns
    -------
    list of Records
        Rows: of JSON Lines numbered by line, of a list or of GeoJSON by place in the list, from 1.
        Nested objects become columns with dots in their names; numbers keep their digits.

    Raises
    ------
    FileError
        The text is no JSON, is nested beyond reason, or holds no list of objects.
    """
    layout = layout or Layout()
    text, codec, words, tail = to_utf8(data, layout.encoding)
    if _is_lines(text, codec, name):
        items, broken = _lines(text, codec)
        if items and items[0][1].get("type") == "Feature" and "geometry" in items[0][1]:
            tables = [rows_of_features(items, broken, "GeoJSON, one feature per line", "")]
        else:
            tables = [rows_of_items(items, broken, "JSON Lines", name)]
    else:
        if tail:
            raise FileError(
                name, found="half a character at its end", expected="JSON", hint="export it again"
            )
        whole, sound = decode_line(text, codec)
        plain = text.decode("utf-8") if sound else whole
        try:
            tables = tables_of_json(plain, name, layout.list_)
        except RecursionError as error:
            raise FileError(
                name,
                found="JSON nested beyond reason",
                expected="a list of objects",
                hint="export it again",
            ) from error
        except ValueError as error:
            if isinstance(error, FileError):
                raise
            why = str(error)[:120]
            raise FileError(
                name,
                found=Message("damaged JSON ({why})", why=why),
                expected="JSON",
                hint="export it again",
            ) from error
    for records in tables:
        records.encoding = words
    return tables


def _is_lines(text: bytes, codec: str, name: str) -> bool:
    """Is the first line an object by itself, or most of the first twenty?"""
    if name.lower().endswith((".jsonl", ".ndjson", ".geojsonl", ".geojsons")):
        return True
    if text.lstrip()[:1] == b"[":
        return False
    lines = [line for line in re.split(rb"\r\n|\n|\r", text[:2_000_000])[:20] if line.strip()]
    values = [_object(decode_line(line, codec)[0]) for line in lines]
    first = values[0] if values else None
    if isinstance(first, dict):
        own = sum(is_known(key) for key, inner in first.items() if not isinstance(inner, list))
        whole = "ipCaptureEvent" in str(first) or (
            len(lines) == 1 and own < 2 and next(inner_lists(first), None) is not None
        )
        return first.get("type") != "FeatureCollection" and not whole
    return 2 * sum(isinstance(value, dict) for value in values) > len(values)


def _object(text: str) -> dict[str, Any] | Message:
    """The object of a line, or why it is none."""
    try:
        value = DECODER.decode(text)
    except RecursionError:
        return Message("json.nested")
    except ValueError as error:
        return Message("json.no-json", why=str(error)[:80])
    return value if isinstance(value, dict) else Message("json.no-object")


def _lines(text: bytes, codec: str) -> tuple[list[Item], list[Broken]]:
    items: list[Item] = []
    broken: list[Broken] = []
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", text), start=1):
        if not line.strip(b" \t"):
            continue
        raw, sound = decode_line(line, codec)
        if len(line) > MAX_LINE:
            broken.append(Broken(number, _too_long(line), raw))
        elif not sound:
            broken.append(Broken(number, Message("row.no-text", codec=codec), raw))
        else:
            value = _object(line.decode("utf-8"))
            if isinstance(value, Message):
                broken.append(Broken(number, value, raw))
            else:
                items.append((number, value, raw))
    return items, broken


def _too_long(line: bytes) -> Message:
    return Message("row.line-long", count=f"{len(line):,}", most=f"{MAX_LINE:,}")
