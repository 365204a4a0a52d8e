"""Rows of JSON: objects flattened into columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from crimeloc.errors import FileError
from crimeloc.io.formats.raw_table import Broken, Records
from crimeloc.io.notes import Notes
from crimeloc.messages import Message

__all__ = ["DECODER", "Item", "Repeated", "rows_of_items"]

MAX_COLUMNS = 4_096


class Repeated(dict[str, Any]):
    """An object in which a key stands twice, here or further in; the last value counts."""


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs) or Repeated in map(type, made.values()):
        return Repeated(made)
    return made


DECODER = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object_of
)
"""Keeps the digits of numbers as they stand, and sees keys that stand twice."""

Item = tuple[int, Any, str]
"""Row, value and raw text."""


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


def rows_of_items(
    items: list[Item], broken: list[Broken], words: str, name: str, *, empty_is_fine: bool = False
) -> Records:
    """Make a table of objects, one column for each key.

    Parameters
    ----------
    items : list of Item
        Objects with their rows and raw texts.
    broken : list of Broken
        What is no object.
    words : str
        What the file is.
    name : str
        Its name, for the error text.
    empty_is_fine : bool
        Can there be no columns?

    Returns
    -------
    Records
        Rows; nested objects become columns with dots in their names.

    Raises
    ------
    FileError
        There are no columns, or too many.
    """
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
    repeated = sum(type(value) is Repeated for _, value, _ in items)
    notes = Notes()
    if repeated:
        notes.add("{n:,} objects name a key twice; the last value counts", n=repeated)
    return Records(
        words,
        names,
        pd.DataFrame(series, index=range(len(items))),
        np.array([number for number, _, _ in items], dtype=np.int64),
        lambda place: items[place][2],
        broken,
        notes=notes,
    )


def _clean(values: list[Any]) -> list[Any]:
    """Texts with lone surrogates ("\\ud800" in JSON) cannot be kept as text; spell them out."""
    made = []
    for value in values:
        if isinstance(value, str) and any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            value = "".join(f"\\u{ord(c):04x}" if 0xD800 <= ord(c) <= 0xDFFF else c for c in value)
        made.append(value)
    return made
