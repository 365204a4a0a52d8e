"""Write tables so that no spreadsheet takes a cell for a formula."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.io.formulas import neutralise
from crimeloc.messages import Message

__all__ = ["neutralise", "write_table"]

MOST_IN_CELL = 32_767
"""Characters that a cell of Excel takes."""


def write_table(table: pd.DataFrame, path: str | Path) -> Path:
    """How do I hand this table on?

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Any table; it is not changed. Points become the columns ``lon`` and ``lat``, other
        shapes the column ``wkt`` (well-known text, degrees).
    path : str or Path
        ``.csv`` (UTF-8 with byte-order mark, which Excel needs for Korean) or ``.xlsx``.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    ParameterError
        The name ends in neither, or a shape is too long for a cell of Excel.

    Notes
    -----
    A text that a spreadsheet could take for a formula (it begins with ``=``, ``+``, ``-``, ``@``
    or a tab or end of line, also after spaces and what is not seen) gets an apostrophe in front.
    Numbers stay numbers.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_table(pd.DataFrame({"title": ["=1+1", "plain"]}), f"{folder}/a.csv")
    ...     print(path.read_text(encoding="utf-8-sig"))
    title
    '=1+1
    plain
    """
    target = Path(path)
    plain = _flat(table)
    if target.suffix.lower() == ".csv":
        plain.to_csv(target, index=False, encoding="utf-8-sig", lineterminator="\n")
        return target
    if target.suffix.lower() == ".xlsx":
        for name in plain.columns:
            if isinstance(plain[name].dtype, pd.DatetimeTZDtype):
                plain[name] = plain[name].map(lambda t: t.isoformat(), na_action="ignore")
        if "wkt" in plain.columns and plain["wkt"].str.len().max() > MOST_IN_CELL:
            raise ParameterError(
                "path",
                found=Message(
                    "a shape of more than {most_in_cell:,} characters", most_in_cell=MOST_IN_CELL
                ),
                expected="shapes that fit into a cell",
                hint='write_table(table, "table.csv")',
            )
        _write_excel(plain, target)
        return target
    raise ParameterError(
        "path",
        found=repr(target.name),
        expected="a name that ends in .csv or .xlsx",
        hint='write_table(table, "table.csv")',
    )


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    plain = pd.DataFrame(table)
    if isinstance(table, gpd.GeoDataFrame):
        degrees = table.geometry if table.crs is None else table.geometry.to_crs(4326)
        plain = pd.DataFrame(table.drop(columns=table.geometry.name))
        kinds = degrees.dropna().geom_type
        if (kinds == "Point").all():
            plain["lon"], plain["lat"] = degrees.x.to_numpy(), degrees.y.to_numpy()
        else:
            plain["wkt"] = degrees.to_wkt().to_numpy()
    plain = plain.copy()
    for place in range(plain.shape[1]):
        column = plain.iloc[:, place]
        if column.dtype == object or isinstance(
            column.dtype, (pd.StringDtype, pd.CategoricalDtype)
        ):
            safe = column.astype("object").map(
                lambda v: neutralise(v) if isinstance(v, str) else v, na_action="ignore"
            )
            plain.isetitem(place, safe.array)
    plain.columns = [neutralise(str(name)) for name in plain.columns]
    return plain


def _write_excel(plain: pd.DataFrame, target: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("table")
    sheet.append(list(plain.columns))
    for row in plain.astype("object").itertuples(index=False, name=None):
        cells = [None if pd.api.types.is_scalar(v) and pd.isna(v) else v for v in row]
        sheet.append(
            [
                ILLEGAL_CHARACTERS_RE.sub("\ufffd", v)[:MOST_IN_CELL] if isinstance(v, str) else v
                for v in cells
            ]
        )
    book.save(target)
