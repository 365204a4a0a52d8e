"""Turn columns of text into columns of the kinds that contracts ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crimeloc.io.columns.placeholders import is_missing_word, missing_variants, placeholders
from crimeloc.io.formats.raw_table import Records, flat_text, printable
from crimeloc.io.formulas import original_text
from crimeloc.io.notes import Notes

__all__ = [
    "extras",
    "numbers",
    "restored",
    "shown_names",
    "text",
    "without_placeholders",
]


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
    column = restored(pc.utf8_trim_whitespace(flat_text(values)))
    empty = pc.equal(column, "")
    if words:
        empty = pc.or_(empty, pc.is_in(column, missing_variants()))
    if pc.any(empty, min_count=0).as_py():
        column = pc.if_else(empty, pa.scalar(None, pa.large_string()), column)
    return pd.Series(column.to_pandas(), dtype="str").reset_index(drop=True)


def restored(column: Any) -> Any:
    """Take the apostrophe off texts that were kept from being a formula.

    Parameters
    ----------
    column : LargeStringArray
        Texts of a file, perhaps one that `crimeloc.io.write_table` wrote.

    Returns
    -------
    LargeStringArray
        The texts as they stood in the table.
    """
    marked = pc.starts_with(column, "'")
    if not pc.any(marked, min_count=0).as_py():
        return column
    places = np.flatnonzero(pc.fill_null(marked, False).to_numpy(zero_copy_only=False))
    texts = [original_text(text) for text in column.take(pa.array(places)).to_pylist()]
    return pc.replace_with_mask(column, pc.fill_null(marked, False), pa.array(texts, column.type))


def without_placeholders(texts: pd.Series, part: str, label: str, notes: Notes) -> pd.Series:
    """Count placeholders of a column as missing, and say how many there were.

    Parameters
    ----------
    texts : Series of str
        As `text` gives them; words for nothing may still be in them.
    part : str
        Which part the column plays.
    label : str
        Name of the column.
    notes : Notes
        Takes the count.

    Returns
    -------
    Series of str
        With missing values where a placeholder stood.
    """
    found = placeholders(flat_text(texts), part)
    if not pc.any(found, min_count=0).as_py():
        return texts
    where = np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)
    counts = texts[where].value_counts()
    counts = counts[[not is_missing_word(str(word)) for word in counts.index]]
    if not len(counts):
        return texts.mask(where)
    shown = ", ".join(f"{str(word)[:40]} ({count:,})" for word, count in counts.head(5).items())
    rounded = counts.index.str.contains(r"^\d(?:[.,]\d+)?[eE]\+?\d\d$", regex=True)
    if rounded.any():
        notes.warn(
            "{n:,} values of {label} were rounded by a spreadsheet (e.g. {example}) and count as "
            "missing: several accounts can hide behind one; format the column as text and export "
            "it again",
            n=int(counts[rounded].sum()),
            label=repr(label),
            example=str(counts.index[rounded].tolist()[0]),
        )
    if not rounded.all():
        notes.add(
            "{n:,} values of {label} stand for none and count as missing: {shown}",
            n=int(counts[~rounded].sum()),
            label=repr(label),
            shown=shown,
        )
    return texts.mask(where)


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
