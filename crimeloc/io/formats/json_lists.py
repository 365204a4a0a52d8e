"""Lists of objects inside JSON: each is a table that the file may have been made for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from crimeloc.errors import FileError
from crimeloc.io.formats.geojson import crs_name, rows_of_features
from crimeloc.io.formats.json_rows import DECODER, Item, rows_of_items
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.io.formats.reports import capture_events
from crimeloc.messages import Hint, Message

__all__ = ["inner_lists", "tables_of_json"]

MAX_DEPTH = 5
_SPACE = re.compile(r"[ \t\r\n]*")


def tables_of_json(text: str, name: str, wanted: str | None = None) -> list[Records]:
    """Which tables does this JSON text hold?

    Parameters
    ----------
    text : str
        The whole file.
    name : str
        Its name, for the error text.
    wanted : str, optional
        Path of the list that is wanted, such as ``"data.items"``.

    Returns
    -------
    list of Records
        One for each list of objects, whatever its depth.

    Raises
    ------
    FileError
        There is no list of objects, or not the one that is wanted.
    ValueError
        The text is no JSON.
    """
    start = _skip(text, 0)
    if "ipCaptureEvent" in text:
        events = capture_events(DECODER.decode(text))
        if events:
            return [rows_of_items(_numbered(events), [], "JSON, IP capture events", name)]
    if text[start : start + 1] != "{":
        items, broken = _objects(text, start)
        if not items and broken:
            raise _no_list(name, [one.raw.strip(' "') for one in broken], "")
        return [rows_of_items(_unwrapped(items), broken, "JSON", name)]
    whole: dict[str, Any] = {}
    places: dict[str, int] = {}
    for key, place in _keys(text, start):
        whole[key], places[key] = DECODER.raw_decode(text, place)[0], place
    if whole.get("type") == "FeatureCollection" and isinstance(whole.get("features"), list):
        items, broken = _objects(text, places["features"])
        crs = crs_name(whole.get("crs"))
        return [rows_of_features(items, broken, "GeoJSON", crs)]
    tables = []
    for path, values in inner_lists(whole):
        if wanted is not None and path != wanted:
            continue
        if path in places:
            items, broken = _objects(text, places[path])
        else:
            items, broken = _numbered(values), []
        records = rows_of_items(_unwrapped(items), broken, f"JSON, list {path!r}", name)
        records.part = path
        tables.append(records)
    if not tables:
        if wanted is not None:
            raise FileError(
                name,
                found=Message("no list {wanted}", wanted=repr(wanted)),
                expected=Message("one of {paths}", paths=[p for p, _ in inner_lists(whole)]),
                hint=Hint(list=next((p for p, _ in inner_lists(whole)), "data")),
            )
        texts = [one for one in whole.values() if isinstance(one, list) and one]
        kind = str(whole.get("type", "")) if "matching_attributes" in whole else ""
        raise _no_list(name, [str(one) for one in (texts[0] if texts else [])], kind)
    return tables


def _no_list(name: str, texts: list[str], kind: str) -> FileError:
    networks = [text for text in texts[:20] if re.fullmatch(r"[0-9a-fA-F.:]+(?:/\d{1,3})?", text)]
    found = "JSON without a list of rows"
    if kind:
        found = "a MISP warning list: networks, not rows"
    elif texts and 2 * len(networks) > len(texts[:20]):
        found = "a list of networks, not of rows"
    return FileError(
        name,
        found=found,
        expected="a list of objects",
        hint="export it as JSON Lines"
        if found.startswith("JSON")
        else "locate_events(..., proxy_networks=read_proxy_networks(...).table)",
    )


def inner_lists(
    value: dict[str, Any], before: str = "", depth: int = 0
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Which lists of objects does an object hold?

    Parameters
    ----------
    value : dict
        The object.
    before : str
        Path to it, ending in a dot.
    depth : int
        How deep it lies.

    Yields
    ------
    path, objects
        In order. Lists in the elements of a list are put together where these elements hold little
        else, as in ``{"rows": [{"row": [...]}]}``.

    Examples
    --------
    >>> list(inner_lists({"a": [], "b": {"c": [{"x": "1"}]}}))
    [('b.c', [{'x': '1'}])]
    """
    for key, inner in value.items():
        path = f"{before}{key}"
        if isinstance(inner, dict) and depth < MAX_DEPTH:
            yield from inner_lists(inner, f"{path}.", depth + 1)
        elif isinstance(inner, list):
            objects = [one for one in inner if isinstance(one, dict)]
            deeper: dict[str, list[dict[str, Any]]] = {}
            for one in objects:
                for name, child in one.items():
                    if isinstance(child, list) and len(one) <= 2:
                        rows = [row for row in child if isinstance(row, dict)]
                        deeper.setdefault(name, []).extend(rows)
            rich = {name: rows for name, rows in deeper.items() if rows}
            if rich and depth < MAX_DEPTH and all(len(one) <= 2 for one in objects):
                yield from ((f"{path}.{name}", rows) for name, rows in rich.items())
            elif objects:
                yield path, objects


def _numbered(values: list[dict[str, Any]]) -> list[Item]:
    return [
        (number, value, json.dumps(value, ensure_ascii=False))
        for number, value in enumerate(values, start=1)
    ]


def _unwrapped(items: list[Item]) -> list[Item]:
    """Take rows out of what a search engine or a map service puts around them."""
    if items and all(isinstance(value.get("_source"), dict) for _, value, _ in items):
        return [(n, {"@id": v.get("_id"), **v["_source"]}, raw) for n, v, raw in items]
    kinds = {"node", "way", "relation"}
    if items and all(
        value.get("type") in kinds and "id" in value and ("tags" in value or "lat" in value)
        for _, value, _ in items
    ):
        return [(number, _element(value), raw) for number, value, raw in items]
    return items


def _element(value: dict[str, Any]) -> dict[str, Any]:
    """An element of OpenStreetMap as a row: its tags, and a point."""
    center = value.get("center")
    middle = center if isinstance(center, dict) else {}
    tags = value.get("tags")
    row: dict[str, Any] = {"@id": f"{value['type']}/{value['id']}"}
    row |= {
        "@lat": value.get("lat", middle.get("lat")),
        "@lon": value.get("lon", middle.get("lon")),
    }
    return row | (tags if isinstance(tags, dict) else {})


def _objects(text: str, start: int) -> tuple[list[Item], list[Broken]]:
    items: list[Item] = []
    broken: list[Broken] = []
    for number, (value, raw) in enumerate(_elements(text, start), start=1):
        if isinstance(value, dict):
            items.append((number, value, raw))
        else:
            broken.append(Broken(number, Message("json.no-object"), raw))
    return items, broken


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found is not None else place


def _keys(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Keys of an object, each with the place where its value begins."""
    place = _skip(text, start + 1)
    while text[place : place + 1] != "}":
        key, place = DECODER.raw_decode(text, place)
        place = _skip(text, place)
        if text[place : place + 1] != ":" or not isinstance(key, str):
            raise ValueError(f"no name and value at character {place}")
        place = _skip(text, place + 1)
        yield key, place
        _, place = DECODER.raw_decode(text, place)
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
        value, place = DECODER.raw_decode(text, place)
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
