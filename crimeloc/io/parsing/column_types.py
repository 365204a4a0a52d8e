"""Turn columns of text into columns of the kinds that contracts ask for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crimeloc.io.formats.raw_table import Records, Report, flat_text, printable

__all__ = [
    "MISSING_WORDS",
    "counted_reasons",
    "extras",
    "make_report",
    "numbers",
    "shown_names",
    "text",
]

MISSING_WORDS = (
    "",
    "-",
    "--",
    "n/a",
    "N/A",
    "na",
    "NA",
    "nan",
    "NaN",
    "none",
    "None",
    "null",
    "NULL",
    "nil",
    "unknown",
    "Unknown",
    "UNKNOWN",
    "없음",
    "미상",
    "불명",
    "알수없음",
    "알 수 없음",
    "확인불가",
)


def shown_names(names: Sequence[str]) -> str:
    """Show the first column names of a file, for an error text.

    Parameters
    ----------
    names : sequence of str
        Column names.

    Returns
    -------
    str
        Up to twelve, each cut after 30 characters, in quotation marks.
    """
    shown = [repr(printable(name[:30])) for name in names[:12]]
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(shown) + more


def text(values: pd.Series, *, words: bool = True) -> pd.Series:
    """Give a column as text, trimmed, with missing values where it says that there is none.

    Parameters
    ----------
    values : Series
        Any column.
    words : bool
        Do words such as "unknown" and "없음" count as missing? An empty text always does.

    Returns
    -------
    Series of str
        With a plain row number.
    """
    if pd.api.types.is_float_dtype(values.dtype):
        whole = values.map(_number_text, na_action="ignore")
        values = pd.Series(whole, dtype="str")
    column = pc.utf8_trim_whitespace(flat_text(values))
    gone = pa.array(MISSING_WORDS if words else ("",), type=pa.large_string())
    column = pc.if_else(pc.is_in(column, gone), pa.scalar(None, pa.large_string()), column)
    return pd.Series(column.to_pandas(), dtype="str").reset_index(drop=True)


def _number_text(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def numbers(values: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give a column as numbers.

    Parameters
    ----------
    values : Series
        Numbers, or texts such as ``"1,234"``.

    Returns
    -------
    values : ndarray of float64
        NaN where missing or unreadable.
    unreadable : ndarray of bool
        Where something stands that is no number.
    """
    if pd.api.types.is_numeric_dtype(values.dtype):
        array = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return array, np.isinf(array)
    words = text(values)
    letters = flat_text(words)
    whole = pc.and_(pc.ascii_is_decimal(letters), pc.less(pc.binary_length(letters), 16))
    if pc.all(whole, min_count=0).as_py():  # digits only: the common case, and much faster
        given = pc.cast(pc.cast(letters, pa.int64()), pa.float64(), safe=False)
        return given.to_numpy(zero_copy_only=False), np.zeros(len(words), dtype=np.bool_)
    plain = words.str.replace(",", "", regex=False)
    array = np.array(pd.to_numeric(plain, errors="coerce"), dtype=np.float64)
    bad = (np.isnan(array) & words.notna().to_numpy()) | np.isinf(array)
    array[np.isinf(array)] = np.nan
    return array, np.asarray(bad)


def extras(
    records: Records, used: set[int], taken: Sequence[str], kept: NDArray[np.bool_]
) -> dict[str, pd.Series]:
    """Give the columns that play no part, as text under their own names.

    Parameters
    ----------
    records : Records
        Rows of the file.
    used : set of int
        Positions of columns that play a part.
    taken : sequence of str
        Names that the result has already; an extra of that name gets ``_in_file`` behind it.
    kept : ndarray of bool
        Rows that stand.

    Returns
    -------
    dict
        Name to column.
    """
    result: dict[str, pd.Series] = {}
    names = set(taken)
    for position, name in enumerate(records.names):
        if position in used:
            continue
        while name in names:
            name = f"{name}_in_file"
        names.add(name)
        column = records.cells[position]
        if column.dtype == object:
            continue  # shapes
        if not (column.dtype.kind in "fiuM" or isinstance(column.dtype, pd.DatetimeTZDtype)):
            column = text(column, words=False)
        result[name] = column[kept].reset_index(drop=True)
    return result


def counted_reasons(rejected: pd.DataFrame) -> dict[str, int]:
    """Count reasons that differ only in the value they quote as one.

    Parameters
    ----------
    rejected : DataFrame
        As readers give it.

    Returns
    -------
    dict
        Reason, with one example, to number of rows, the most frequent first.
    """
    if rejected.empty:
        return {}
    codes = rejected["reason_code"].astype("object")
    groups = rejected.groupby(codes, sort=False)["reason"].agg(["first", "size"])
    groups = groups.sort_values("size", ascending=False, kind="stable")
    firsts, sizes = groups["first"].tolist(), groups["size"].tolist()
    return {str(first): int(size) for first, size in zip(firsts, sizes, strict=True)}


def make_report(
    name: str,
    records: Records,
    parts: dict[str, int],
    read: int,
    rejected: pd.DataFrame,
    notes: Sequence[str],
) -> Report:
    """Write down how a file was read.

    Parameters
    ----------
    name : str
        File name.
    records : Records
        Rows of the file.
    parts : dict
        Part to position of its column.
    read : int
        Rows that were read.
    rejected : DataFrame
        Rows that were not.
    notes : sequence of str
        What is worth knowing.

    Returns
    -------
    Report
        The record of it.
    """
    return Report(
        name,
        records.format,
        records.encoding,
        records.delimiter,
        len(records) + len(records.broken),
        read,
        len(rejected),
        {part: records.names[position] for part, position in parts.items()},
        counted_reasons(rejected),
        (*records.notes, *notes),
    )
