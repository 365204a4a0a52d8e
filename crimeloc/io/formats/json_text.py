"""Take JSON apart: one object per line, a list of objects, or GeoJSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from crimeloc.errors import FileError
from crimeloc.geometry import TABLE_CRS
from crimeloc.io.formats.crs_names import named_crs
from crimeloc.io.formats.encodings import decode_line, to_utf8
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.io.formats.reports import capture_events
from crimeloc.messages import Message

__all__ = ["read_json_text"]

MAX_COLUMNS = 4_096
MAX_LINE = 10_000_000
_SPACE = re.compile(r"[ \t\r\n]*")


class _Repeated(dict[str, Any]):
    """An object in which a key stands twice, here or further in; the last value counts."""


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs) or _Repeated in map(type, made.values()):
        return _Repeated(made)
    return made


_DECODER = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object_of
)
Item = tuple[int, Any, str]  # row, value, raw text


def read_json_text(data: bytes, name: str, *, encoding: str | None = None) -> Records:
    """Which rows does this JSON hold?

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for the error text.
    encoding : str, optional
        By default it is found.

    Returns
    -------
    Records
        Rows: of JSON Lines numbered by line, of a list or of GeoJSON by place in the list, from 1.
        Nested objects become columns with dots in their names; numbers keep their digits.

    Raises
    ------
    FileError
        The text is no JSON, is nested beyond reason, or holds no list of objects.
    """
    text, codec, words, tail = to_utf8(data, encoding)
    if _is_lines(text, codec, name):
        items, broken = _lines(text, codec)
        if items and items[0][1].get("type") == "Feature" and "geometry" in items[0][1]:
            records = _features(items, broken, "GeoJSON, one feature per line", "")
        else:
            records = _table(items, broken, "JSON Lines", name)
    else:
        if tail:
            raise FileError(
                name, found="half a character at its end", expected="JSON", hint="export it again"
            )
        whole, sound = decode_line(text, codec)
        plain = text.decode("utf-8") if sound else whole
        try:
            records = _whole(plain, name)
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
    records.encoding = words
    return records


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
        lists = [inner for inner in first.values() if isinstance(inner, list) and inner]
        whole = "ipCaptureEvent" in str(first) or (
            len(lines) == 1 and any(isinstance(inner[0], dict) for inner in lists)
        )
        return first.get("type") != "FeatureCollection" and not whole
    return 2 * sum(isinstance(value, dict) for value in values) > len(values)


def _object(text: str) -> dict[str, Any] | Message:
    """The object of a line, or why it is none."""
    try:
        value = _DECODER.decode(text)
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


def _whole(text: str, name: str) -> Records:
    start = _skip(text, 0)
    crs, lists = "", ""
    if "ipCaptureEvent" in text:
        events = capture_events(_DECODER.decode(text))
        if events:
            rows: list[Item] = [
                (number, event, json.dumps(event, ensure_ascii=False))
                for number, event in enumerate(events, start=1)
            ]
            return _table(rows, [], "JSON, IP capture events", name)
    if text[start : start + 1] == "{":
        found: tuple[str, int] | None = None
        geo = False
        for key, place in _keys(text, start):
            if key == "type":
                geo = text[place : place + 19] == '"FeatureCollection"'
            if key == "crs":
                crs = _crs_name(_DECODER.raw_decode(text, place)[0])
            if text[place : place + 1] == "[" and (found is None or key == "features"):
                found = (key, place)
        if found is None:
            raise FileError(
                name,
                found="JSON without a list of rows",
                expected="a list of objects",
                hint="export it as JSON Lines",
            )
        lists, start = found
        if geo and lists == "features":
            found_items, spoiled = _objects(text, start)
            return _features(found_items, spoiled, "GeoJSON", crs)
    items, broken = _objects(text, start)
    return _table(items, broken, f"JSON, list {lists!r}" if lists else "JSON", name)


def _objects(text: str, start: int) -> tuple[list[Item], list[Broken]]:
    items: list[Item] = []
    broken: list[Broken] = []
    for number, (value, raw) in enumerate(_elements(text, start), start=1):
        if isinstance(value, dict):
            items.append((number, value, raw))
        else:
            broken.append(Broken(number, Message("json.no-object"), raw))
    return items, broken


def _features(features: list[Item], broken: list[Broken], words: str, crs: str) -> Records:
    items: list[Item] = []
    shapes = []
    for number, value, raw in features:
        try:
            shape = _shape(value.get("geometry"))
        except Exception as error:  # shapely meets arbitrary nesting here
            why = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
            broken.append(Broken(number, Message("place.unreadable", why=why), raw))
            continue
        inside = value.get("properties")
        row = inside if isinstance(inside, dict) else {}
        if "id" in value and "@id" not in row:
            row["@id"] = value["id"]
        items.append((number, row, raw))
        shapes.append(shape)
    records = _table(items, broken, words, "", empty_is_fine=True)
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    if crs and "CRS84" not in crs and not crs.endswith("4326"):
        transform = pyproj.Transformer.from_crs(named_crs(crs), TABLE_CRS, always_xy=True)
        known = ~shapely.is_missing(array)
        function: Any = transform.transform
        array[known] = shapely.transform(array[known], function, interleaved=False)
        records.notes.append(f"coordinates turned from {crs} into degrees")
    records.names.append("geometry")
    records.cells[len(records.names) - 1] = pd.Series(array, dtype=object)
    return records


def _shape(geometry: Any) -> Any:
    if geometry is None:
        return None
    kind, places = geometry["type"], geometry.get("coordinates")
    if kind == "Point":
        return shapely.Point(float(places[0]), float(places[1])) if places else None
    from shapely.geometry import shape

    return shape({"type": kind, "coordinates": _floats(places)})


def _floats(places: Any) -> Any:
    return [_floats(p) for p in places] if isinstance(places, list) else float(places)


def _crs_name(value: Any) -> str:
    try:
        return str(value["properties"]["name"])
    except (KeyError, TypeError):
        return ""


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found is not None else place


def _keys(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Keys of an object, each with the place where its value begins."""
    place = _skip(text, start + 1)
    while text[place : place + 1] != "}":
        key, place = _DECODER.raw_decode(text, place)
        place = _skip(text, place)
        if text[place : place + 1] != ":" or not isinstance(key, str):
            raise ValueError(f"no name and value at character {place}")
        place = _skip(text, place + 1)
        yield key, place
        _, place = _DECODER.raw_decode(text, place)
        place = _comma(text, place, "}")
    if text[place + 1 :].strip():
        raise ValueError(f"more text after the end at character {place + 1}")


def _elements(text: str, start: int) -> Iterator[tuple[Any, str]]:
    """Elements of a list, each with its text."""
    if text[start : start + 1] != "[":
        raise ValueError(f"no list at character {start}")
    place = _skip(text, start + 1)
    while text[place : place + 1] != "]":
        begin = place
        value, place = _DECODER.raw_decode(text, place)
        yield value, text[begin:place]
        place = _comma(text, place, "]")


def _comma(text: str, place: int, end: str) -> int:
    place = _skip(text, place)
    if text[place : place + 1] == ",":
        place = _skip(text, place + 1)
        if text[place : place + 1] == end:
            raise ValueError(f"a comma before the end at character {place}")
    elif text[place : place + 1] != end:
        raise ValueError(f"no comma at character {place}")
    return place


def _flat(value: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        label = f"{prefix}{key}"
        if isinstance(inner, dict) and depth < 4:
            yield from _flat(inner, f"{label}.", depth + 1)
        elif isinstance(inner, (dict, list)):
            yield label, json.dumps(inner, ensure_ascii=False)
        elif isinstance(inner, bool):
            yield label, str(inner).lower()
        else:
            yield label, inner


def _table(
    items: list[Item], broken: list[Broken], words: str, name: str, *, empty_is_fine: bool = False
) -> Records:
    columns: dict[str, list[Any]] = {}
    for place, (_, value, _) in enumerate(items):
        for key, inner in _flat(value):
            column = columns.get(key)
            if column is None:
                if len(columns) >= MAX_COLUMNS:
                    found = Message(
                        "more than {max_columns:,} different names", max_columns=MAX_COLUMNS
                    )
                    raise FileError(
                        name, found=found, expected="one per column", hint="export what matters"
                    )
                column = columns[key] = [None] * len(items)
            column[place] = inner
    if not columns and not empty_is_fine and not broken:
        raise FileError(
            name,
            found="JSON without rows",
            expected="a list of objects",
            hint="export the file again",
        )
    names = _clean(list(columns))
    lists = columns.values()
    series = {i: pd.Series(_clean(column), dtype="str") for i, column in enumerate(lists)}
    repeated = sum(type(value) is _Repeated for _, value, _ in items)
    said = f"{repeated:,} objects name a key twice; the last value counts"
    return Records(
        words,
        names,
        pd.DataFrame(series, index=range(len(items))),
        np.array([number for number, _, _ in items], dtype=np.int64),
        lambda place: items[place][2],
        broken,
        notes=[said] if repeated else [],
    )


def _clean(values: list[Any]) -> list[Any]:
    """Texts with lone surrogates ("\\ud800" in JSON) cannot be kept as text; spell them out."""
    made = []
    for value in values:
        if isinstance(value, str) and any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            value = "".join(f"\\u{ord(c):04x}" if 0xD800 <= ord(c) <= 0xDFFF else c for c in value)
        made.append(value)
    return made
