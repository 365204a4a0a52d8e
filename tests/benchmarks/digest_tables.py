"""How tables are digested, and how two sets of digests are compared (see `digests.py`)."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

__all__ = ["as_table", "differences", "digest"]

# Columns that tell rows apart, so that rows are put in one order whatever the order they came in.
KEYS = (
    "at_0",
    "at_1",
    "at_2",
    "key",
    "clock",
    "series_id",
    "event_id",
    "event_1",
    "event_2",
    "source_row",
    "session_id",
    "cluster_id",
    "content_id",
    "venue_id",
    "method",
    "origin",
    "window_start",
    "window_end",
    "timestamp",
    "kind",
    "what",
    "expert",
    "table",
    "footage_start",
    "rank",
    "network",
    "valid_from",
)
# Columns of words: a group keeps its members, its words may change.
WORDS = ("how", "reason", "why", "note", "notes", "words", "evidence", "hint", "value", "sentence")


class Column(NamedTuple):
    """One column: what it is digested from, and the values to measure a difference by."""

    kind: str
    text: np.ndarray
    values: np.ndarray


def as_table(value: Any) -> pd.DataFrame:
    """Give any answer as a table."""
    if isinstance(value, pd.DataFrame):
        named = [name for name in value.index.names if name is not None]
        plain = value.reset_index(drop=not named and isinstance(value.index, pd.RangeIndex))
        return pd.DataFrame(plain)
    if isinstance(value, pd.Series):
        return value.rename("value").reset_index(drop=isinstance(value.index, pd.RangeIndex))
    if isinstance(value, Mapping):
        return pd.DataFrame({"key": list(map(str, value)), "number": list(value.values())})
    if isinstance(value, np.ndarray) and value.ndim > 1:
        flat = {
            f"at_{k}": axis
            for k, axis in enumerate(np.indices(value.shape).reshape(value.ndim, -1))
        }
        return pd.DataFrame({**flat, "number": value.ravel()})
    if isinstance(value, (tuple, list, np.ndarray)):
        return pd.DataFrame({"at_0": np.arange(len(value)), "number": list(value)})
    if dataclasses.is_dataclass(value):
        return as_table({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    return pd.DataFrame({"number": [value]})


def column(name: str, values: pd.Series) -> Column:
    """Write a column in one form, whatever its dtype."""
    if isinstance(values.dtype, gpd.array.GeometryDtype):
        shapes = np.asarray(gpd.GeoSeries(values).to_crs(4326).array)
        near = [
            None if s is None or s.is_empty else shapely.set_precision(s, 1e-7).normalize()
            for s in shapes
        ]
        return Column("shape", _texts([None if s is None else s.wkt for s in near]), np.empty(0))
    if isinstance(values.dtype, pd.DatetimeTZDtype) or values.dtype.kind == "M":
        moments = values.dt.tz_convert("UTC").dt.as_unit("us") if values.dt.tz else values
        return Column(
            "time", _texts([None if pd.isna(t) else t.isoformat() for t in moments]), np.empty(0)
        )
    if values.dtype.kind == "m":
        values = values.dt.total_seconds()
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_integer_dtype(values.dtype):
        whole = values.astype("object")
        text = _texts([None if pd.isna(v) else int(v) for v in whole])
        return Column("count", text, _floats(values))
    if pd.api.types.is_float_dtype(values.dtype):
        floats = _floats(values)
        return Column(
            "number", _texts([None if np.isnan(v) else f"{v + 0.0:.8e}" for v in floats]), floats
        )
    plain = [None if _missing(v) else v for v in values]
    if all(isinstance(v, (int, float, np.number)) or v is None for v in plain) and any(
        v is not None for v in plain
    ):
        return column(name, pd.Series([np.nan if v is None else float(v) for v in plain]))
    if all(isinstance(v, pd.Timestamp) or v is None for v in plain) and any(
        v is not None for v in plain
    ):
        return column(name, pd.Series(pd.to_datetime(plain, utc=True)))
    kind = "words" if name in WORDS else "text"
    return Column(kind, _texts([None if v is None else _said(v) for v in plain]), np.empty(0))


def _missing(value: Any) -> bool:
    return value is None or (np.isscalar(value) and bool(pd.isna(value))) or value is pd.NaT


def _said(value: Any) -> str:
    if isinstance(value, (list, tuple, set, np.ndarray)):
        return "|".join(sorted(map(str, value)) if isinstance(value, set) else map(str, value))
    return str(value)


def _texts(values: Sequence[object]) -> np.ndarray:
    return np.array(["\0" if v is None else str(v) for v in values], dtype="str")


def _floats(values: pd.Series) -> np.ndarray:
    return values.astype("float64").to_numpy(dtype="float64", na_value=np.nan)


def _hash(texts: np.ndarray) -> str:
    return hashlib.sha256("\x1f".join(texts.tolist()).encode()).hexdigest()[:16]


def digest(table: pd.DataFrame) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Digest each column after all rows are put in one order; and the values in that order."""
    columns = {str(name): column(str(name), table[name]) for name in table.columns}
    bag = {name: _hash(np.sort(one.text)) for name, one in columns.items()}
    solid = [name for name, one in columns.items() if one.kind != "words"]
    first = [name for name in KEYS if name in solid]
    rest = sorted((name for name in solid if name not in first), key=lambda name: bag[name])
    order = np.arange(len(table))
    if first or rest:  # the last key of lexsort counts most
        order = np.lexsort([columns[name].text for name in reversed([*first, *rest])])
    found: dict[str, Any] = {"rows": len(table), "columns": {}}
    values = {}
    for name, one in columns.items():
        text = one.text[order]
        if one.kind == "words":
            codes = pd.factorize(text)[0].astype("str")
            found["columns"][name] = {"kind": "words", "digest": _hash(codes), "bag": ""}
        else:
            found["columns"][name] = {"kind": one.kind, "digest": _hash(text), "bag": bag[name]}
            values[name] = one.values[order] if len(one.values) else text
    return found, values


def differences(
    old: dict[str, Any], new: dict[str, Any], was: Mapping[str, Any], now: Mapping[str, Any]
) -> list[str]:
    """Say what is not as it was, one line each."""
    lines = []
    for name in sorted({*old, *new}):
        a, b = old.get(name), new.get(name)
        if a is None or b is None:
            lines.append(f"{name}: {'is new' if a is None else 'is gone'}")
        elif "error" in a or "error" in b:
            if a != b:
                lines.append(f"{name}: {a.get('error', 'worked')} -> {b.get('error', 'works')}")
        else:
            if a["rows"] != b["rows"]:
                lines.append(f"{name}: {a['rows']} rows -> {b['rows']}")
                continue
            lines += _columns(name, a["columns"], b["columns"], was, now)
    return lines


def _columns(
    name: str, a: dict[str, Any], b: dict[str, Any], was: Mapping[str, Any], now: Mapping[str, Any]
) -> list[str]:
    lines = []
    gone, added = [c for c in a if c not in b], [c for c in b if c not in a]
    for column in list(gone):
        same = [c for c in added if b[c]["digest"] == a[column]["digest"]]
        if same:
            lines.append(f"{name}: column {column} is now {same[0]}, with the same values")
            gone.remove(column)
            added.remove(same[0])
    lines += [f"{name}: column {column} is gone" for column in gone]
    lines += [f"{name}: column {column} is new" for column in added]
    for column in a:
        if column not in b or a[column]["digest"] == b[column]["digest"]:
            continue
        if a[column]["bag"] and a[column]["bag"] == b[column]["bag"]:
            lines.append(f"{name}: column {column}: the same values in other rows")
            continue
        key = f"{name}/{column}"
        said = _size(was.get(key), now.get(key))
        if said:
            lines.append(f"{name}: column {column}: {said}")
    return lines


def _size(a: np.ndarray | None, b: np.ndarray | None) -> str:
    """Say how large a difference is; nothing where it is noise of the last digits."""
    if a is None or b is None:
        return "differs"
    if len(a) != len(b):
        return f"{len(a)} values -> {len(b)}"
    if a.dtype.kind != "f" or b.dtype.kind != "f":
        places = np.flatnonzero(a.astype("str") != b.astype("str"))
        first = places[0] if len(places) else 0
        return f"{len(places)} of {len(a)} differ, e.g. {str(a[first])!r} -> {str(b[first])!r}"
    close = np.isclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True)
    if close.all():
        return ""
    gap = np.abs(a - b)[~close]
    first = np.flatnonzero(~close)[0]
    largest = np.nanmax(gap) if not np.isnan(gap).all() else np.nan
    return (
        f"{(~close).sum()} of {len(a)} differ, by {largest:.3g} at most, e.g. "
        f"{a[first]:.9g} -> {b[first]:.9g}"
    )
