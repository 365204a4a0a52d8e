"""The tables in which rooms meet: one contract each, with dtype, unit, meaning and mending line.

A table is a plain (Geo)DataFrame. `validate` holds it against its contract; further columns pass
through untouched. The data dictionary in the documentation is made from these contracts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from crimeloc.errors import Problem, TableError

__all__ = [
    "CLUSTERS",
    "CONTRACTS",
    "ELSEWHERE",
    "EVENTS",
    "LEASES",
    "LOCATED",
    "SLOTS",
    "VENUES",
    "Column",
    "Contract",
    "empty",
    "validate",
]

ELSEWHERE = "elsewhere"
"""The `venue_id` that stands for every place outside the register."""

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
    unit : str
        Unit, or an empty text.
    meaning : str
        What it says, in one line.
    mend : str
        The line that mends a breach.
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
    unit: str
    meaning: str
    mend: str
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
    awaited: str
    mend: str


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
        awaited, and the line that mends it.

    Notes
    -----
    Cost is linear in the rows. Row labels play no part.

    Examples
    --------
    >>> table = pd.DataFrame({"event_id": ["e1"], "timestamp": [pd.Timestamp("2026-03-01 00:00")]})
    >>> try:
    ...     validate(table, EVENTS)
    ... except TableError as error:
    ...     print(str(error).splitlines()[0])
    events: 1 rule broken in 1 of 1 rows
    """
    if not isinstance(table, pd.DataFrame):
        problem = Problem("(table)", type(table).__name__, "a DataFrame", "pandas.DataFrame(...)")
        raise TableError(contract.name, [problem], 0)
    problems = _missing_columns(table, contract)
    present = [column for column in contract if column.name in table.columns]
    problems += [problem for column in present if (problem := _kind(table, column)) is not None]
    spoiled = {problem.column for problem in problems}
    sound = [column for column in present if column.name not in spoiled]
    problems += _values(table, contract, sound)
    if not problems:
        problems = _rules(table, contract)
    if problems:
        raise TableError(contract.name, problems, len(table))
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
    return frame[[column.name for column in columns]]


def _missing_columns(table: pd.DataFrame, contract: Contract) -> list[Problem]:
    near = {str(name).strip().lower(): name for name in table.columns}
    problems = []
    for column in contract:
        if column.required and column.name not in table.columns:
            like = near.get(column.name)
            found = "no such column" if like is None else f"a column {like!r}"
            problems.append(Problem(column.name, found, f"{column.meaning}", column.mend))
    return problems


_AWAITED = {
    "text": "text",
    "instant": "instants (times with a zone)",
    "number": "numbers",
    "integer": "whole numbers",
    "point": "points with a CRS",
    "shape": "geometry with a CRS",
}


def _kind(table: pd.DataFrame, column: Column) -> Problem | None:
    values = table[column.name]
    if isinstance(values, pd.DataFrame):
        return Problem(column.name, "the column twice", "one column", f"drop one {column.name}")
    found = _KINDS[column.kind](values)
    if found is None:
        return None
    return Problem(column.name, found, _AWAITED[column.kind], column.mend, len(table))


def _text(values: pd.Series) -> str | None:
    inferred = pd.api.types.infer_dtype(values, skipna=True)
    if inferred in ("string", "empty"):
        return None
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _text(pd.Series(values.cat.categories))
    return None if values.isna().all() else f"{inferred} values"


def _instants(values: pd.Series) -> str | None:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return None
    return "times without a zone" if values.dtype.kind == "M" else f"{values.dtype} values"


def _numbers(values: pd.Series) -> str | None:
    if pd.api.types.is_bool_dtype(values.dtype) or not pd.api.types.is_numeric_dtype(values.dtype):
        return f"{values.dtype} values"
    return None


def _integers(values: pd.Series) -> str | None:
    found = _numbers(values)
    if found is None and pd.api.types.is_float_dtype(values.dtype):
        known = values.dropna().to_numpy(dtype=np.float64)
        return "numbers with fractions" if (known % 1 != 0).any() else None
    return found


def _shapes(values: pd.Series) -> str | None:
    if getattr(values, "geom_type", None) is None:
        return f"{values.dtype} values"
    return "geometry without a CRS" if getattr(values, "crs", None) is None else None


def _points(values: pd.Series) -> str | None:
    found = _shapes(values)
    if found is not None:
        return found
    kinds = set(values.geom_type.dropna().unique()) - {"Point"}  # type: ignore[operator]
    return f"geometry of kind {sorted(kinds)[0]}" if kinds else None


_KINDS: dict[str, Callable[[pd.Series], str | None]] = {
    "text": _text,
    "instant": _instants,
    "number": _numbers,
    "integer": _integers,
    "point": _points,
    "shape": _shapes,
}


def _values(table: pd.DataFrame, contract: Contract, columns: list[Column]) -> list[Problem]:
    """Hold the values against the contract, by a pandera schema made from it."""
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


def _schema(pa: Any, column: Column) -> Any:
    checks = []
    if column.low is not None:
        checks.append(pa.Check.ge(column.low, error=f"numbers of at least {column.low:g}"))
    if column.high is not None:
        checks.append(pa.Check.le(column.high, error=f"numbers of at most {column.high:g}"))
    return pa.Column(None, checks=checks, nullable=column.missing, unique=column.unique)


def _from_pandera(
    cases: pd.DataFrame, table: pd.DataFrame, columns: dict[str, Column]
) -> list[Problem]:
    words = {"not_nullable": "a value in every row", "field_uniqueness": "different values"}
    problems = []
    for (name, check), group in cases.groupby(["column", "check"], sort=False):
        place = int(group["index"].iloc[0])
        value = table[name].iloc[place]
        found = "a missing value" if check == "not_nullable" else _shown(value)
        if "source_row" in table.columns:
            found += f" (source row {table['source_row'].iloc[place]})"
        else:
            found += f" (row {place + 1})"
        mend = columns[str(name)].mend
        awaited = words.get(str(check), str(check))
        problems.append(Problem(str(name), found, awaited, mend, len(group)))
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
            found = f"{rule.found} (row {place + 1})"
            problems.append(Problem(rule.name, found, rule.awaited, rule.mend, count))
    return problems


def _pair(low: str, high: str) -> Callable[[pd.DataFrame], pd.Series]:
    def broken(table: pd.DataFrame) -> pd.Series:
        if low not in table.columns or high not in table.columns:
            return pd.Series(False, index=table.index)
        return (table[high] < table[low]).fillna(False).astype(bool)

    return broken


def _weights(table: pd.DataFrame) -> pd.Series:
    sums = table.groupby("event_id", sort=False)["weight"].transform("sum")
    return sums > 1 + 1e-9


def _located_twice(table: pd.DataFrame) -> pd.Series:
    return table.duplicated(["event_id", "venue_id"])


_EVENT_COLUMNS = (
    Column("event_id", "text", "", "name of the event, different for each", "read_events(...)"),
    Column(
        "timestamp",
        "instant",
        "instant",
        "when it was uploaded",
        'read_events(..., tz="Asia/Seoul")',
    ),
    Column(
        "timestamp_end",
        "instant",
        "instant",
        "latest moment, where only an interval is known",
        'read_events(..., tz="Asia/Seoul")',
        required=False,
        missing=True,
    ),
    Column(
        "tz",
        "text",
        "",
        "zone of the clocks at the place (IANA name), for hours of the week",
        'read_events(..., tz="Asia/Seoul")',
        required=False,
        missing=True,
    ),
    Column(
        "ip",
        "text",
        "",
        "IPv4 or IPv6 address as the platform logged it",
        'events["ip"].astype("str")',
        required=False,
        missing=True,
    ),
    Column(
        "port",
        "integer",
        "",
        "source port, without which a shared address is ambiguous",
        'events["port"].astype("Int64")',
        required=False,
        missing=True,
        low=0,
        high=65_535,
    ),
    Column(
        "handle",
        "text",
        "",
        "account or name on the platform",
        'events["handle"].astype("str")',
        required=False,
        missing=True,
    ),
    Column(
        "content_hash",
        "text",
        "",
        "hash of the content, in hexadecimal",
        'events["content_hash"].astype("str")',
        required=False,
        missing=True,
    ),
    Column(
        "source_row",
        "integer",
        "",
        "row of the file it was read from, counted as a person sees it",
        "read_events(...)",
        required=False,
        missing=True,
        low=1,
    ),
)

_TIME_ORDER = Rule(
    "timestamp_end",
    _pair("timestamp", "timestamp_end"),
    "an end before the beginning",
    "timestamp <= timestamp_end",
    "read_events(...).rejected",
)

_SERIES = (
    Column(
        "series_id",
        "text",
        "",
        "pseudonym of the series the event is held to belong to",
        "link_events(located).events",
        required=False,
        missing=True,
    ),
    Column(
        "series_weight",
        "number",
        "probability",
        "how sure that is",
        "link_events(located).events",
        required=False,
        missing=True,
        low=0,
        high=1,
    ),
)

EVENTS = Contract(
    "events",
    "an upload",
    (
        Column(
            "event_id",
            "text",
            "",
            "name of the event, different for each",
            'events["event_id"] = [f"E{i}" for i in range(len(events))]',
            unique=True,
        ),
        *_EVENT_COLUMNS[1:],
    ),
    (_TIME_ORDER,),
)

VENUES = Contract(
    "venues",
    "a PC cafe, or any place with an address",
    (
        Column(
            "venue_id", "text", "", "name of the venue, different for each", "read_venues(...)",
            unique=True,
        ),
        Column(
            "name", "text", "", "what its sign says", "read_venues(...)", required=False, missing=True
        ),
        Column("geometry", "point", "EPSG:4326", "where it is", 'read_venues(..., crs="EPSG:5174")'),
        Column(
            "opened", "instant", "instant", "since when it has been in business; missing = always",
            "read_venues(...)", required=False, missing=True,
        ),
        Column(
            "closed", "instant", "instant", "when it closed for good; missing = still open",
            "read_venues(...)", required=False, missing=True,
        ),
        Column(
            "opening_hours", "text", "OSM opening_hours", "hours of the week; missing = unknown",
            'venues["opening_hours"] = "24/7"', required=False, missing=True,
        ),
        Column(
            "seats", "number", "seats", "how many seats; missing = unknown",
            'venues["seats"].astype("float64")', required=False, missing=True, low=0,
        ),
    ),
    (
        Rule(
            "closed", _pair("opened", "closed"), "closed before it opened", "opened <= closed",
            "read_venues(...).rejected",
        ),
    ),
)  # fmt: skip

LEASES = Contract(
    "leases",
    "an address held by a venue for a time",
    (
        Column("network", "text", "CIDR", "the addresses, such as 203.0.113.0/29", "read_leases(...)"),
        Column("venue_id", "text", "", "the venue that held them", "read_leases(...)"),
        Column(
            "port_min", "integer", "", "first source port of a shared address; missing = all",
            'leases["port_min"].astype("Int64")', required=False, missing=True, low=0, high=65_535,
        ),
        Column(
            "port_max", "integer", "", "last source port, included; missing = all",
            'leases["port_max"].astype("Int64")', required=False, missing=True, low=0, high=65_535,
        ),
        Column(
            "valid_from", "instant", "instant", "from when, included; missing = since ever",
            'read_leases(..., tz="Asia/Seoul")', required=False, missing=True,
        ),
        Column(
            "valid_to", "instant", "instant", "until when, excluded; missing = still",
            'read_leases(..., tz="Asia/Seoul")', required=False, missing=True,
        ),
    ),
    (
        Rule(
            "valid_to", _pair("valid_from", "valid_to"), "an end before the beginning",
            "valid_from <= valid_to", "read_leases(...).rejected",
        ),
        Rule(
            "port_max", _pair("port_min", "port_max"), "ports that run backwards",
            "port_min <= port_max", "read_leases(...).rejected",
        ),
    ),
)  # fmt: skip

LOCATED = Contract(
    "located",
    "an upload at a candidate venue; an upload without a candidate keeps one row with weight 0",
    (
        *_EVENT_COLUMNS,
        Column(
            "venue_id", "text", "", "the candidate venue; missing = none found",
            "locate_events(events, venues, leases=leases)", missing=True,
        ),
        Column(
            "geometry", "point", "EPSG:4326", "where the candidate is; missing = none found",
            "locate_events(events, venues, leases=leases)", missing=True,
        ),
        Column(
            "weight", "number", "probability",
            "how sure; the weights of an event sum to at most 1, the rest is elsewhere",
            "locate_events(events, venues, leases=leases)", low=0, high=1,
        ),
        Column(
            "how", "text", "", "what the location rests on",
            "locate_events(events, venues, leases=leases)",
        ),
        *_SERIES,
    ),
    (
        _TIME_ORDER,
        Rule(
            "weight", _weights, "weights of one event that sum to more than 1",
            "a sum of at most 1", "locate_events(events, venues, leases=leases)",
        ),
        Rule(
            "venue_id", _located_twice, "one venue twice for one event",
            "a row for each candidate", 'located.drop_duplicates(["event_id", "venue_id"])',
        ),
    ),
)  # fmt: skip

CLUSTERS = Contract(
    "clusters",
    "a cluster of events near in space and time",
    (
        Column("cluster_id", "integer", "", "number of the cluster, from 0", "summarise_clusters(...)"),
        Column("n_events", "number", "events", "events in it, weighted", "summarise_clusters(...)", low=0),
        Column("start", "instant", "instant", "its first event", "summarise_clusters(...)"),
        Column("end", "instant", "instant", "its last event", "summarise_clusters(...)"),
        Column("radius_m", "number", "m", "from its middle to its farthest venue", "summarise_clusters(...)", low=0),
        Column("venues", "text", "", "its venues, by weight, joined by |", "summarise_clusters(...)"),
        Column("geometry", "shape", "EPSG:4326", "its middle", "summarise_clusters(...)"),
    ),
)  # fmt: skip

SLOTS = Contract(
    "slots",
    "a venue in a window of calendar time",
    (
        Column(
            "series_id", "text", "", "the series forecast", "rank(...).slots", required=False,
        ),
        Column("venue_id", "text", "", "the venue, or 'elsewhere'", "rank(...).slots"),
        Column("window_start", "instant", "instant", "beginning, included", "rank(...).slots"),
        Column("window_end", "instant", "instant", "end, excluded", "rank(...).slots"),
        Column("expected", "number", "events", "events expected here within the horizon", "rank(...).slots", low=0),
        Column("probability", "number", "probability", "of at least one event here", "rank(...).slots", low=0, high=1),
        Column("share", "number", "probability", "that the next event within the horizon falls here", "rank(...).slots", low=0, high=1),
    ),
    prefix=Column("from_*", "number", "probability", "part of the share owed to one expert; the parts sum to the share", "rank(...).slots", low=0, high=1),
)  # fmt: skip

CONTRACTS = (EVENTS, VENUES, LEASES, LOCATED, CLUSTERS, SLOTS)
