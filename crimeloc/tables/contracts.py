"""The contracts: EVENTS, VENUES, LEASES, LOCATED, CLUSTERS, SLOTS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from crimeloc.messages import Hint, Said
from crimeloc.tables.schema import Column, Contract, Rule

__all__ = ["CLUSTERS", "CONTRACTS", "ELSEWHERE", "EVENTS", "LEASES", "LOCATED", "SLOTS", "VENUES"]

ELSEWHERE = "elsewhere"
"""The `venue_id` that stands for every place outside the register."""


def _may(name: str, kind: str, meaning: str, hint: Said, unit: str = "", **limits: Any) -> Column:
    """Give a column that may be absent, and whose values may be missing."""
    return Column(name, kind, meaning, hint, unit, required=False, missing=True, **limits)


def _ordered(low: str, high: str) -> Callable[[pd.DataFrame], pd.Series]:
    def broken(table: pd.DataFrame) -> pd.Series:
        if low not in table.columns or high not in table.columns:
            return pd.Series(False, index=table.index)
        return (table[high] < table[low]).fillna(False).astype(bool)

    return broken


def _too_heavy(table: pd.DataFrame) -> pd.Series:
    if table["event_id"].is_unique:  # one candidate each, and no weight above 1
        return table["weight"] > 1 + 1e-9
    sums = table.groupby("event_id", sort=False)["weight"].transform("sum")
    return sums > 1 + 1e-9


def _candidate_twice(table: pd.DataFrame) -> pd.Series:
    if table["event_id"].is_unique:
        return pd.Series(False, index=table.index)
    return table.duplicated(["event_id", "venue_id"])


_READ = Hint("read_events", tz="Asia/Seoul")
_NAMES = 'events["event_id"] = [f"E{i}" for i in range(len(events))]'
_PORT: dict[str, Any] = {"low": 0, "high": 65_535}

_EVENT_COLUMNS = (
    Column("timestamp", "instant", "when it was uploaded", _READ, "instant"),
    _may(
        "timestamp_end", "instant", "latest moment, if only an interval is known", _READ, "instant"
    ),
    _may(
        "tz", "text", "zone of the clocks at the place, for hours of the week", _READ, "IANA name"
    ),
    _may("ip", "text", "address as the platform logged it", 'events["ip"].astype("str")'),
    _may(
        "port",
        "integer",
        "source port, without which a shared address is ambiguous",
        'events["port"].astype("Int64")',
        **_PORT,
    ),
    _may("handle", "text", "account on the platform", 'events["handle"].astype("str")'),
    _may(
        "content_hash",
        "text",
        "hash of the content",
        'events["content_hash"].astype("str")',
        "hexadecimal",
    ),
    _may("source_row", "integer", "row of its file, as a person counts", _READ, low=1),
)

_TIMES_IN_ORDER = Rule(
    "timestamp_end",
    _ordered("timestamp", "timestamp_end"),
    "an end before the beginning",
    "timestamp <= timestamp_end",
    "read_events(...).rejected",
)

EVENTS = Contract(
    "events",
    "an upload",
    (
        Column("event_id", "text", "name of the event, different for each", _NAMES, unique=True),
        *_EVENT_COLUMNS,
    ),
    (_TIMES_IN_ORDER,),
)

_VENUES = "read_venues(...)"

VENUES = Contract(
    "venues",
    "a PC cafe, or any place with an address",
    (
        Column("venue_id", "text", "name of the venue, different for each", _VENUES, unique=True),
        _may("name", "text", "what its sign says", _VENUES),
        Column(
            "geometry", "point", "where it is", Hint("read_venues", crs="EPSG:5174"), "EPSG:4326"
        ),
        _may("opened", "instant", "in business since; missing: always", _VENUES, "instant"),
        _may("closed", "instant", "closed for good; missing: still open", _VENUES, "instant"),
        _may(
            "opening_hours",
            "text",
            "hours of the week; missing: unknown",
            'venues["opening_hours"] = "24/7"',
            "OSM opening_hours",
        ),
        _may(
            "seats",
            "number",
            "how many seats; missing: unknown",
            'venues["seats"].astype("float64")',
            "seats",
            low=0,
        ),
    ),
    (
        Rule(
            "closed",
            _ordered("opened", "closed"),
            "closed before it opened",
            "opened <= closed",
            "read_venues(...).rejected",
        ),
    ),
)

_LEASES = Hint("read_leases", tz="Asia/Seoul")

LEASES = Contract(
    "leases",
    "an address held by a venue for a time",
    (
        Column("network", "text", "the addresses, such as 203.0.113.0/29", _LEASES, "CIDR"),
        Column("venue_id", "text", "the venue that held them", _LEASES),
        _may(
            "port_min",
            "integer",
            "first source port of a shared address; missing: all",
            'leases["port_min"].astype("Int64")',
            **_PORT,
        ),
        _may(
            "port_max",
            "integer",
            "last source port, included; missing: all",
            'leases["port_max"].astype("Int64")',
            **_PORT,
        ),
        _may("valid_from", "instant", "from when, included; missing: ever", _LEASES, "instant"),
        _may("valid_to", "instant", "until when, excluded; missing: still", _LEASES, "instant"),
    ),
    (
        Rule(
            "valid_to",
            _ordered("valid_from", "valid_to"),
            "an end before the beginning",
            "valid_from <= valid_to",
            "read_leases(...).rejected",
        ),
        Rule(
            "port_max",
            _ordered("port_min", "port_max"),
            "ports that run backwards",
            "port_min <= port_max",
            "read_leases(...).rejected",
        ),
    ),
)

_LOCATE = "locate_events(events, venues, leases=leases)"
_LINK = "link_events(located).events"

LOCATED = Contract(
    "located",
    "an upload at a candidate venue; an upload without a candidate keeps one row of weight 0",
    (
        Column("event_id", "text", "name of the event", _LOCATE),
        *_EVENT_COLUMNS,
        Column("venue_id", "text", "the candidate; missing: none found", _LOCATE, missing=True),
        Column(
            "geometry",
            "point",
            "where the candidate is; missing: none found",
            _LOCATE,
            "EPSG:4326",
            missing=True,
        ),
        Column(
            "weight",
            "number",
            "how sure; the weights of an event sum to at most 1, the rest is elsewhere",
            _LOCATE,
            "probability",
            low=0,
            high=1,
        ),
        Column("how", "text", "what the location rests on", _LOCATE),
        _may("series_id", "text", "pseudonym of the series it is held to belong to", _LINK),
        _may("series_weight", "number", "how sure that is", _LINK, "probability", low=0, high=1),
    ),
    (
        _TIMES_IN_ORDER,
        Rule(
            "weight",
            _too_heavy,
            "weights of one event that sum to more than 1",
            "a sum of at most 1",
            _LOCATE,
        ),
        Rule(
            "venue_id",
            _candidate_twice,
            "one venue twice for one event",
            "one row for each candidate",
            'located.drop_duplicates(["event_id", "venue_id"])',
        ),
    ),
)

_CLUSTERS = "summarise_clusters(...)"

CLUSTERS = Contract(
    "clusters",
    "a cluster of events near in space and time",
    (
        Column("cluster_id", "integer", "number of the cluster, from 0", _CLUSTERS),
        Column("n_events", "number", "events in it, weighted", _CLUSTERS, "events", low=0),
        Column("start", "instant", "its first event", _CLUSTERS, "instant"),
        Column("end", "instant", "its last event", _CLUSTERS, "instant"),
        Column(
            "radius_m", "number", "from its middle to its farthest venue", _CLUSTERS, "m", low=0
        ),
        Column("venues", "text", "its venues, heaviest first, joined by |", _CLUSTERS),
        Column("geometry", "shape", "its middle", _CLUSTERS, "EPSG:4326"),
    ),
)

_SLOTS = "rank(...).slots"
_UNIT: dict[str, Any] = {"unit": "probability", "low": 0, "high": 1 + 1e-9}

SLOTS = Contract(
    "slots",
    "a venue in a window of calendar time",
    (
        Column("series_id", "text", "the series forecast", _SLOTS, required=False),
        Column("venue_id", "text", "the venue, or 'elsewhere'", _SLOTS),
        Column("window_start", "instant", "beginning, included", _SLOTS, "instant"),
        Column("window_end", "instant", "end, excluded", _SLOTS, "instant"),
        Column(
            "expected", "number", "events expected here within the horizon", _SLOTS, "events", low=0
        ),
        Column("probability", "number", "of at least one event here", _SLOTS, **_UNIT),
        Column(
            "share", "number", "of the next event, if it comes within the horizon", _SLOTS, **_UNIT
        ),
    ),
    prefix=Column("from_*", "number", "part of the share owed to one expert", _SLOTS, **_UNIT),
)

CONTRACTS = (EVENTS, VENUES, LEASES, LOCATED, CLUSTERS, SLOTS)
