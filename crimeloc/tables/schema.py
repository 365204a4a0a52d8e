"""What a contract is, and whether a table keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from crimeloc.errors import Problem, TableError
from crimeloc.messages import Message, Said
from crimeloc.units import has_zone

__all__ = ["Column", "Contract", "Rule", "empty", "validate"]

Frame = TypeVar("Frame", bound=pd.DataFrame)


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    Parameters
    ----------
    name : str
        Name of the column.
    kind : str
        ``"text"``, ``"instant"`` (time with a zone), ``"number"``, ``"integer"``, ``"point"``,
        ``"shape"`` (any geometry).
    meaning : str
        What it says, in one line.
    hint : str or Hint
        The line that helps where it is broken.
    unit : str
        Unit, or an empty text.
    required : bool
        Must the column be there?
    missing : bool
        May a value be missing?
    unique : bool
        Must the values differ from each other?
    low, high : float or None
        Smallest and largest value that make sense.
    """

    name: str
    kind: str
    meaning: str
    hint: Said
    unit: str = ""
    required: bool = True
    missing: bool = False
    unique: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Rule:
    """A rule about a whole table: a test that gives the rows that break it, and its words."""

    name: str
    broken: Callable[[pd.DataFrame], pd.Series]
    found: str
    expected: str
    hint: Said


@dataclass(frozen=True)
class Contract:
    """A named promise about a table.

    Parameters
    ----------
    name : str
        Name in lower case.
    row : str
        What one row is.
    columns : tuple of Column
        The columns that matter; others pass through.
    rules : tuple of Rule
        What must hold between columns.
    prefix : Column or None
        A family of columns that share a prefix, such as ``from_*``.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    prefix: Column | None = None

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)


def validate(table: Frame, contract: Contract) -> Frame:
    """Does this table keep its contract?

    Parameters
    ----------
    table : DataFrame
        The table; it is not changed.
    contract : Contract
        For example `EVENTS`.

    Returns
    -------
    DataFrame
        The same object, so that a call can stand inside another.

    Raises
    ------
    TableError
        Rules are broken. The text names each column, what was found with an example, what was
        expected, and the line that helps.

    Notes
    -----
    Cost is linear in the rows. Row labels play no part.

    Examples
    --------
    >>> from crimeloc.tables import EVENTS
    >>> table = pd.DataFrame({"event_id": ["e1"], "timestamp": [pd.Timestamp("2026-03-01 00:00")]})
    >>> try:
    ...     validate(table, EVENTS)
    ... except TableError as error:
    ...     print(str(error).splitlines()[0])
    events: 1 rule broken in 1 of 1 rows
    """
    given: object = table
    if not isinstance(given, pd.DataFrame):
        refused = Problem(
            column="(table)",
            found=type(given).__name__,
            expected="a DataFrame",
            hint="pandas.DataFrame(...)",
        )
        raise TableError(contract.name, [refused], rows=0)
    problems = _missing_columns(table, contract)
    present = [column for column in contract if column.name in table.columns]
    problems += [problem for column in present if (problem := _kind(table, column)) is not None]
    spoiled = {problem.column for problem in problems}
    sound = [column for column in present if column.name not in spoiled]
    problems += _values(table, sound)
    if not problems:
        problems = _rules(table, contract)
    if problems:
        raise TableError(contract.name, problems, rows=len(table))
    return table


def empty(contract: Contract) -> pd.DataFrame:
    """Give a table without rows that keeps a contract.

    Parameters
    ----------
    contract : Contract
        For example `CLUSTERS`.

    Returns
    -------
    DataFrame or GeoDataFrame
        The required columns with their dtypes; a GeoDataFrame in EPSG:4326 where the contract has
        a geometry.

    Examples
    --------
    >>> from crimeloc.tables import LEASES
    >>> empty(LEASES).columns.tolist()[:2]
    ['network', 'venue_id']
    """
    dtypes: dict[str, Any] = {
        "text": "str",
        "instant": pd.DatetimeTZDtype("us", "UTC"),
        "number": "float64",
        "integer": "int64",
    }
    columns = [column for column in contract if column.required]
    plain = {c.name: pd.Series(dtype=dtypes[c.kind]) for c in columns if c.kind in dtypes}
    shapes = [column.name for column in columns if column.kind not in dtypes]
    if not shapes:
        return pd.DataFrame(plain)
    import geopandas as gpd

    frame = gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries([], crs="EPSG:4326"))
    ordered: pd.DataFrame = frame[[column.name for column in columns]]
    return ordered


def _missing_columns(table: pd.DataFrame, contract: Contract) -> list[Problem]:
    near = {str(name).strip().lower(): name for name in table.columns}
    problems = []
    for column in contract:
        if column.required and column.name not in table.columns:
            like = near.get(column.name)
            found = (
                "no such column" if like is None else Message("a column {like}", like=repr(like))
            )
            problems.append(
                Problem(column=column.name, found=found, expected=column.meaning, hint=column.hint)
            )
    return problems


_EXPECTED = {
    "text": Message("text"),
    "instant": Message("instants (times with a zone)"),
    "number": Message("numbers"),
    "integer": Message("whole numbers"),
    "point": Message("points with a CRS"),
    "shape": Message("geometry with a CRS"),
}


def _kind(table: pd.DataFrame, column: Column) -> Problem | None:
    values = table[column.name]
    if values.ndim != 1:
        return Problem(
            column=column.name,
            found="the column twice",
            expected="one column",
            hint=Message("drop one {column}", column=column.name),
        )
    found = _KINDS[column.kind](values)
    if found is None:
        return None
    return Problem(
        column=column.name,
        found=found,
        expected=_EXPECTED[column.kind],
        hint=column.hint,
        rows=len(table),
    )


def _text(values: pd.Series) -> Said | None:
    if isinstance(values.dtype, pd.StringDtype):
        return None
    inferred = pd.api.types.infer_dtype(values, skipna=True)
    if inferred in ("string", "empty"):
        return None
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _text(pd.Series(values.cat.categories))
    return None if values.isna().all() else Message("{kind} values", kind=inferred)


def _instants(values: pd.Series) -> Said | None:
    if has_zone(values.dtype):
        return None
    return (
        Message("times without a zone")
        if values.dtype.kind == "M"
        else Message("{kind} values", kind=values.dtype)
    )


def _numbers(values: pd.Series) -> Said | None:
    if pd.api.types.is_bool_dtype(values.dtype) or not pd.api.types.is_numeric_dtype(values.dtype):
        return Message("{kind} values", kind=values.dtype)
    return None


def _integers(values: pd.Series) -> Said | None:
    found = _numbers(values)
    if found is None and pd.api.types.is_float_dtype(values.dtype):
        known = values.dropna().to_numpy(dtype=np.float64)
        return Message("numbers with fractions") if (known % 1 != 0).any() else None
    return found


def _shapes(values: pd.Series) -> Said | None:
    if getattr(values, "geom_type", None) is None:
        return Message("{kind} values", kind=values.dtype)
    return Message("geometry without a CRS") if getattr(values, "crs", None) is None else None


def _points(values: pd.Series) -> Said | None:
    found = _shapes(values)
    if found is not None:
        return found
    if _only_points(values):
        return None
    kinds = set(values.geom_type.dropna().unique()) - {"Point"}
    return f"geometry of kind {sorted(kinds)[0]}" if kinds else None


def _only_points(values: pd.Series) -> bool:
    import shapely

    kinds = shapely.get_type_id(np.asarray(values.array, dtype=object))
    return bool((kinds <= 0).all())  # a point is 0, a missing geometry is -1


_KINDS: dict[str, Callable[[pd.Series], Said | None]] = {
    "text": _text,
    "instant": _instants,
    "number": _numbers,
    "integer": _integers,
    "point": _points,
    "shape": _shapes,
}


def _values(table: pd.DataFrame, columns: list[Column]) -> list[Problem]:
    """Hold the values against the contract; what is not sound, pandera puts into cases."""
    columns = [column for column in columns if not _sound(table[column.name], column)]
    if not columns:
        return []
    import pandera.pandas as pa

    schema = pa.DataFrameSchema({column.name: _schema(pa, column) for column in columns})
    # Labels are replaced so that two rows with one label cannot hide each other.
    plain = pd.DataFrame({column.name: table[column.name] for column in columns})
    plain = plain.reset_index(drop=True)
    try:
        schema.validate(plain, lazy=True)
    except pa.errors.SchemaErrors as caught:
        return _from_pandera(caught.failure_cases, table, {c.name: c for c in columns})
    return []


def _sound(values: pd.Series, column: Column) -> bool:
    """Do the values of a column keep it beyond doubt? The same rules as in `_schema`, quicker."""
    if not column.missing and values.isna().any():
        return False
    if column.unique and not values.is_unique:
        return False
    if column.low is None and column.high is None:
        return True
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    low = column.low is not None and bool((numbers < column.low).any())
    high = column.high is not None and bool((numbers > column.high).any())
    return not (low or high)


def _schema(pa: Any, column: Column) -> Any:
    checks = []
    if column.low is not None:
        checks.append(
            pa.Check.ge(
                column.low, error=Message("numbers of at least {low:g}", low=column.low).encode()
            )
        )
    if column.high is not None:
        checks.append(
            pa.Check.le(
                column.high, error=Message("numbers of at most {high:g}", high=column.high).encode()
            )
        )
    return pa.Column(None, checks=checks, nullable=column.missing, unique=column.unique)


def _from_pandera(
    cases: pd.DataFrame, table: pd.DataFrame, columns: dict[str, Column]
) -> list[Problem]:
    words = {
        "not_nullable": Message("a value in every row"),
        "field_uniqueness": Message("different values"),
    }
    problems = []
    for (name, check), group in cases.groupby(["column", "check"], sort=False):
        place = int(group["index"].iloc[0])
        value = table[name].iloc[place]
        found = Message("a missing value") if check == "not_nullable" else _shown(value)
        if "source_row" in table.columns:
            row = table["source_row"].iloc[place]
            found = Message("{found} (source row {row})", found=found, row=row)
        else:
            found = Message("{found} (row {row})", found=found, row=place + 1)
        hint = columns[str(name)].hint
        expected = words.get(str(check)) or Message.decode(str(check))
        problems.append(
            Problem(column=str(name), found=found, expected=expected, hint=hint, rows=len(group))
        )
    return problems


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def _rules(table: pd.DataFrame, contract: Contract) -> list[Problem]:
    problems = []
    for rule in contract.rules:
        broken = rule.broken(table)
        count = int(broken.sum())
        if count:
            place = int(np.flatnonzero(broken.to_numpy(dtype=bool))[0])
            found = Message("{found} (row {row})", found=Message(rule.found), row=place + 1)
            problems.append(
                Problem(
                    column=rule.name,
                    found=found,
                    expected=rule.expected,
                    hint=rule.hint,
                    rows=count,
                )
            )
    return problems
