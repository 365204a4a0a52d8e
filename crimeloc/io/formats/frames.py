"""Take a table apart that is in memory already."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.geometry import TABLE_CRS
from crimeloc.io.columns.matching import different_names
from crimeloc.io.formats.raw_table import Records
from crimeloc.io.notes import Notes

__all__ = ["records_of_frame"]


def records_of_frame(frame: pd.DataFrame) -> Records:
    """Which rows does this table hold?

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Any table; it is not changed.

    Returns
    -------
    Records
        Rows numbered from 1.
    """
    notes = Notes()
    plain = frame.reset_index(drop=True)
    if isinstance(plain, gpd.GeoDataFrame) and plain.crs is not None and plain.crs != TABLE_CRS:
        notes.add("coordinates turned from {crs} into degrees", crs=plain.crs.to_string())
        plain = plain.to_crs(TABLE_CRS)
    names = different_names([str(name) for name in plain.columns], notes)
    cells = {i: _column(plain.iloc[:, i]) for i in range(len(names))}
    size = len(plain)

    def raw(place: int) -> str:
        row = dict(zip(names, plain.iloc[place].tolist(), strict=True))
        return json.dumps(row, ensure_ascii=False, default=str)

    return Records(
        "table in memory",
        names,
        pd.DataFrame(cells, index=range(size), columns=range(len(names))),
        np.arange(1, size + 1, dtype=np.int64),
        raw,
        notes=notes,
    )


def _column(values: pd.Series) -> pd.Series:
    """Times and numbers as they are, shapes as shapes, everything else as text."""
    dtype = values.dtype
    if hasattr(values, "geom_type"):
        return pd.Series(np.asarray(values.array, dtype=object), dtype=object)
    if isinstance(dtype, pd.ArrowDtype):
        kind = dtype.kind
        if kind == "M":
            zone = getattr(dtype.pyarrow_dtype, "tz", None)
            return values.astype(
                pd.DatetimeTZDtype("us", "UTC") if zone is not None else "datetime64[us]"
            )
        if kind in "iu":
            return values.astype("Int64")
        if kind == "f":
            return values.astype("float64")
    if isinstance(dtype, pd.DatetimeTZDtype) or dtype.kind in "Miuf":
        return values
    if pd.api.types.is_bool_dtype(dtype):
        return values.map({True: "true", False: "false"}).astype("str")
    if isinstance(dtype, pd.StringDtype):
        return values.astype("str")
    texts = values.astype("object").map(_text, na_action="ignore")
    return texts.astype("str")


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    moment = getattr(value, "isoformat", None)
    return str(moment()) if callable(moment) else str(value)
