"""From addresses to candidate venues, with weights that stay weights."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.addresses import (
    Addresses,
    embedded_ipv4,
    parse_addresses,
    with_embedded,
)
from crimeloc.errors import ParameterError
from crimeloc.geolocation.databases import CityDatabase
from crimeloc.geolocation.fallback import spread_by_city
from crimeloc.geolocation.grounds import (
    AMBIGUOUS,
    CITY,
    EDGE,
    GIVEN,
    LEASE,
    NO_ADDRESS,
    NO_LEASE,
    NO_REGISTER,
    NOT_THEN,
    UNREADABLE,
    CandidateRows,
    words,
)
from crimeloc.geolocation.leases import LeaseIndex, as_index
from crimeloc.geolocation.nowhere import by_proxy_network, by_special_kind
from crimeloc.geolocation.wording import against_register, inside_ipv6, lease_words
from crimeloc.geometry import TABLE_CRS, lonlat
from crimeloc.messages import Hint, Message
from crimeloc.tables import EVENTS, VENUES, validate
from crimeloc.units import MISSING, Duration, instants, seconds, spans

__all__ = ["locate_events"]


def locate_events(
    events: pd.DataFrame,
    venues: gpd.GeoDataFrame,
    leases: pd.DataFrame | LeaseIndex | None = None,
    *,
    skew: Duration | None = None,
    weigh_by: str | None = None,
    city: CityDatabase | str | Path | None = None,
    city_candidates: int = 50,
    proxy_networks: pd.DataFrame | str | Path | None = None,
) -> gpd.GeoDataFrame:
    """Which venue was behind each address at that moment, and how sure is that?

    Parameters
    ----------
    events : DataFrame
        Under the contract EVENTS, with ``ip`` (and ``port``) or with ``venue_id``.
    venues : GeoDataFrame
        Under the contract VENUES.
    leases : DataFrame or LeaseIndex, optional
        Under the contract LEASES, or the index made from it (``LeaseIndex.build(leases)``), which
        can be used again.
    skew : str or timedelta, optional
        How far the clocks of platform and lease list may be apart, such as ``"2min"``. An event is
        then spread evenly over the time from ``skew`` before to ``skew`` after it, so that the
        neighbours of a lease's edge become candidates.
    weigh_by : str, optional
        Column of the venues by which an ambiguous address is shared among its venues. By default
        ``popularity`` if the venues have it, else ``seats``, else evenly. A venue without a value
        counts as the median one.
    city : CityDatabase or path, optional
        A city database (``.mmdb``) for addresses that no lease has. It spreads up to 67 % of an
        event over the venues within its accuracy radius that were in business at that moment; it
        never names one venue.
    city_candidates : int
        At most so many venues, the largest, for an event placed by the city database; what the
        others would have had is elsewhere.
    proxy_networks : DataFrame or path, optional
        Networks (``network``, ``mark``) or an anonymous-address database (``.mmdb``) that tell
        proxies, VPN, hosting and mobile networks. Marked addresses without a lease are kept out
        of the city database and counted under their mark; so are events that the platform marks
        in a column ``possible_proxy``.

    Returns
    -------
    GeoDataFrame
        Under the contract LOCATED: a row for each event and candidate venue, in the order of the
        events, the heaviest candidate first; ``how`` is the kind of ground, ``why`` a sentence. An
        event without a candidate keeps one row, with weight 0 and the reason.

    Raises
    ------
    TableError
        A table breaks its contract.
    ParameterError
        There is neither an address nor a venue in the events, or an argument cannot be used.

    Notes
    -----
    At each instant the most specific valid lease counts: the longest prefix, and on one network a
    block of ports before the whole address. Leases are half-open, [from, to). Without a port all
    blocks of the address are candidates. An event known only to within an interval
    (``timestamp_end``) is spread evenly over it; time in which nobody held the address is
    "elsewhere": the weights then sum to less than 1. A venue that by the register was closed or
    not open yet at that moment stays a candidate, for a lease is nearer to the truth than a
    licence; ``why`` says so. An IPv6 address that holds an IPv4 address (NAT64, 6to4, Teredo) is
    looked up as that one, unless a lease names it itself. Private and special addresses without a
    lease lead nowhere; ``how`` and ``why`` name them. Nothing is random. What can fool it: a lease
    list that is wrong, and shared addresses logged without port. Cost: about log(leases) per
    event.

    Examples
    --------
    >>> from crimeloc.geometry import points
    >>> events = pd.DataFrame({"event_id": ["e1", "e2"], "ip": ["203.0.113.7", "198.51.100.1"],
    ...     "timestamp": pd.to_datetime(["2026-03-01 14:05Z", "2026-03-01 14:06Z"])})
    >>> venues = gpd.GeoDataFrame({"venue_id": ["V-1"]}, geometry=points([[126.98, 37.56]]))
    >>> leases = pd.DataFrame({"network": ["203.0.113.0/29"], "venue_id": ["V-1"]})
    >>> located = locate_events(events, venues, leases)
    >>> list(zip(located.event_id, located.weight, located.how))
    [('e1', 1.0, 'lease'), ('e2', 0.0, 'no lease')]
    """
    validate(events, EVENTS)
    validate(venues, VENUES)
    _refuse_twice(events)
    size = len(events)
    rows = CandidateRows([], [], [], [], [])
    register = pd.Index(venues["venue_id"].astype("object"))
    open_ = np.ones(size, dtype=bool)
    way: NDArray[np.int8] | None = None
    given = None
    if "venue_id" in events.columns:
        given = _given(events["venue_id"], register, rows, open_)
    if "ip" in events.columns:
        addresses = parse_addresses(events["ip"])
        _without_address(addresses, rows, open_)
        attraction = _attraction(venues, weigh_by)
        index = None if leases is None else as_index(leases)
        addresses, way = _plain_ipv4(addresses, index)
        if index is not None:
            spread = _moments(events, skew)
            _by_lease(events, addresses, index, spread, register, attraction, rows, open_)
        by_special_kind(addresses, rows, open_)
        by_proxy_network(events, addresses, proxy_networks, rows, open_)
        if city is not None:
            base = city if isinstance(city, CityDatabase) else CityDatabase(city)
            left = np.flatnonzero(open_)
            found = spread_by_city(
                base,
                addresses,
                left,
                lonlat(venues.geometry),
                attraction,
                city_candidates,
                _moments(events, None),
                _business(venues),
            )
            rows.add(found.event, found.venue, found.weight, CITY, found.why)
            open_[found.event] = False
        _nothing(np.flatnonzero(open_), NO_LEASE, rows)
    else:
        if given is None and size:
            raise ParameterError(
                "events",
                found="neither ip nor venue_id",
                expected="a column with addresses or venues",
                hint=Hint("read_events", columns={"ip": "..."}),
            )
        _nothing(np.flatnonzero(open_), NO_ADDRESS, rows)
    return _result_table(events, venues, rows, way)


def _refuse_twice(events: pd.DataFrame) -> None:
    for name in ("weight", "how", "why", "geometry"):
        if name in events.columns:
            raise ParameterError(
                "events",
                found=Message("a column {name}", name=repr(name)),
                expected="events that are not located yet",
                hint=f'events.drop(columns="{name}")',
            )


def _given(
    named: pd.Series, register: pd.Index, rows: CandidateRows, open_: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Events that name their venue pass through."""
    known = named.notna().to_numpy()
    codes = np.asarray(register.get_indexer(pd.Index(named.astype("object"))), dtype=np.int64)
    sure = np.flatnonzero(known & (codes >= 0))
    rows.add(sure, codes[sure], np.ones(len(sure)), GIVEN)
    _nothing(np.flatnonzero(known & (codes < 0)), NO_REGISTER, rows)
    open_[known] = False
    return np.asarray(known)


def _nothing(event: NDArray[np.int64], how: str, rows: CandidateRows) -> None:
    rows.add(event, np.full(len(event), -1, dtype=np.int64), np.zeros(len(event)), how)


def _without_address(addresses: Addresses, rows: CandidateRows, open_: NDArray[np.bool_]) -> None:
    none = addresses.missing
    broken = (addresses.version == 0) & ~none
    _nothing(np.flatnonzero(open_ & none), NO_ADDRESS, rows)
    _nothing(np.flatnonzero(open_ & broken), UNREADABLE, rows)
    open_ &= addresses.version > 0


def _plain_ipv4(
    addresses: Addresses, index: LeaseIndex | None
) -> tuple[Addresses, NDArray[np.int8] | None]:
    """Take the IPv4 address inside an IPv6 address, unless a lease names the latter itself."""
    if not (addresses.version == 6).any():
        return addresses, None
    way, _ = embedded_ipv4(addresses)
    if index is not None:
        way[index.nodes_of(addresses) >= 0] = -1
    if (way < 0).all():
        return addresses, None
    return with_embedded(addresses, way >= 0), way


def _attraction(venues: gpd.GeoDataFrame, weigh_by: str | None) -> NDArray[np.float64]:
    """Size of each venue, for shares among the venues of one address."""
    if weigh_by is not None and weigh_by not in venues.columns:
        raise ParameterError(
            "weigh_by",
            found=repr(weigh_by),
            expected="a column of the venues",
            hint=Hint(weigh_by="seats"),
        )
    columns = [weigh_by] if weigh_by is not None else ["popularity", "seats"]
    for name in columns:
        if name not in venues.columns:
            continue
        if not pd.api.types.is_numeric_dtype(venues[name].dtype):
            raise ParameterError(
                "weigh_by",
                found=Message("{name} as {dtype}", name=name, dtype=venues[name].dtype),
                expected="numbers",
                hint=f'venues["{name}"].astype("float64")',
            )
        values = venues[name].to_numpy(dtype=np.float64, na_value=np.nan)
        usual = values[values > 0]
        if len(usual):
            return np.where(values > 0, values, float(np.median(usual)))
    return np.ones(len(venues))


def _moments(
    events: pd.DataFrame, skew: Duration | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    begin, end = (np.require(t, requirements="W") for t in spans(events))  # one kernel for all
    if skew is not None:
        apart = round(seconds(skew, "skew") * 1e6)
        begin, end = begin - apart, end + apart
    return begin, end


def _business(venues: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """When each venue opened and closed; `MISSING` where unknown."""
    opened, closed = (
        instants(venues[name], name) if name in venues.columns else np.full(len(venues), MISSING)
        for name in ("opened", "closed")
    )
    return opened, closed


def _by_lease(
    events: pd.DataFrame,
    addresses: Addresses,
    index: LeaseIndex,
    spread: tuple[NDArray[np.int64], NDArray[np.int64]],
    register: pd.Index,
    attraction: NDArray[np.float64],
    rows: CandidateRows,
    open_: NDArray[np.bool_],
) -> None:
    from crimeloc.geolocation import _kernels

    begin, end = spread
    node = index.nodes_of(addresses)
    if not open_.all():
        node = np.where(open_, node, np.int32(-1))
    port = _event_ports(events, addresses)
    count, only = index.look_up(node, begin, end, port)
    holders = pd.Index(index.table["venue_id"].astype("object"))
    venue = register.get_indexer(holders)[index.row].astype(np.int32)
    point = end == begin
    simple = np.flatnonzero((count == 1) & point)
    _single(simple, only[simple], venue, index, rows)
    several = np.flatnonzero((count > 1) | ((count == 1) & ~point))
    if len(several):
        size = np.where(venue >= 0, attraction[np.maximum(venue, 0)], 1.0)
        # Venues outside the register are kept apart, so that their weights do not run together.
        outside = -1 - pd.factorize(index.table["venue_id"])[0][index.row]
        apart = np.where(venue >= 0, venue, outside).astype(np.int32)
        asked = _kernels.Asked(node, begin, end, port)
        leases = _kernels.Index(*index.arrays)
        event, lease, weight = _kernels.weigh(several, count, asked, leases, apart, size)
        _shared(event, lease, weight, venue, index, spread, rows)
        touched = np.zeros(len(events), dtype=bool)
        touched[event] = True
        _nothing(several[~touched[several]], NOT_THEN, rows)
    open_ &= count == 0
    _nothing(np.flatnonzero(open_ & (node >= 0)), NOT_THEN, rows)
    open_ &= node < 0


def _event_ports(events: pd.DataFrame, addresses: Addresses) -> NDArray[np.int32]:
    port = addresses.port.copy()
    if "port" in events.columns:
        given = events["port"].to_numpy(dtype=np.float64, na_value=-1.0)
        port = np.where(given >= 0, given, port).astype(np.int32)
    return port


def _single(
    event: NDArray[np.int64],
    lease: NDArray[np.int32],
    venue: NDArray[np.int32],
    index: LeaseIndex,
    rows: CandidateRows,
) -> None:
    """One lease, one venue."""
    code = venue[lease].astype(np.int64)
    good = code >= 0
    if good.all():
        rows.add(event, code, np.ones(len(event)), LEASE, lease_words(index, lease))
        return
    rows.add(
        event[good], code[good], np.ones(int(good.sum())), LEASE, lease_words(index, lease[good])
    )
    _nothing(event[~good], NO_REGISTER, rows)


def _shared(
    event: NDArray[np.int64],
    lease: NDArray[np.int32],
    weight: NDArray[np.float64],
    venue: NDArray[np.int32],
    index: LeaseIndex,
    spread: tuple[NDArray[np.int64], NDArray[np.int64]],
    rows: CandidateRows,
) -> None:
    """Several candidates, or an event spread over time."""
    code = venue[lease].astype(np.int64)
    good = code >= 0
    heads = np.concatenate([[True], event[1:] != event[:-1]])
    group = np.cumsum(heads) - 1
    many = np.bincount(group)[group]
    total = np.bincount(group, weight)[group]
    begin, end = spread[0][event], spread[1][event]
    edge = (index.spans[lease, 0] > begin) | ((index.spans[lease, 1] < end) & (end > begin))
    on_edge = np.bincount(group, edge)[group] > 0
    kind = np.where(on_edge, 2, np.where(many > 1, 1, 0)).astype(np.int8)
    weight = np.minimum(weight / np.maximum(total, 1.0), 1.0)
    how = words(kind[good], LEASE, AMBIGUOUS, EDGE)
    why = lease_words(index, lease[good], many[good])
    rows.add(event[good], code[good], weight[good], how, why)
    lost = np.bincount(group[good], minlength=int(group[-1]) + 1 if len(group) else 0) == 0
    _nothing(event[heads][lost], NO_REGISTER, rows)


def _result_table(
    events: pd.DataFrame,
    venues: gpd.GeoDataFrame,
    rows: CandidateRows,
    way: NDArray[np.int8] | None,
) -> gpd.GeoDataFrame:
    """Put the columns of the events beside their candidates."""
    event = np.concatenate([np.zeros(0, np.int64), *rows.event])
    venue = np.concatenate([np.zeros(0, np.int64), *rows.venue])
    weight = np.concatenate([np.zeros(0), *rows.weight])
    how = _together(rows.how)
    why = _together(rows.why)
    order = None
    if len(rows.event) != 1 or not (np.diff(event) > 0).all():
        order = np.lexsort((venue, -weight, event))
        event, venue, weight = event[order], venue[order], weight[order]
        how, why = how.take(order), why.take(order)
    business = _business(venues)
    if any((known != MISSING).any() for known in business) and len(event):
        begin, end = _moments(events, None)
        why = against_register(why, venue, (begin[event], end[event]), business)
    if way is not None:
        why = inside_ipv6(why, way[event])
    whole = len(event) == len(events) and bool((event == np.arange(len(event))).all())
    base = events.drop(columns="venue_id", errors="ignore")
    table = pd.DataFrame(base.copy(deep=False) if whole else base.take(event))
    table.index = pd.RangeIndex(len(table))
    named = venues["venue_id"].reset_index(drop=True)
    table["venue_id"] = named.reindex(np.where(venue >= 0, venue, len(named))).array
    places = venues.geometry if venues.crs == TABLE_CRS else venues.geometry.to_crs(TABLE_CRS)
    shapes = np.append(np.asarray(places.array, dtype=object), [None])
    table["weight"], table["how"], table["why"] = weight, how, why
    chosen = gpd.array.GeometryArray(shapes[venue], crs=TABLE_CRS)
    return gpd.GeoDataFrame(table, geometry=chosen)


def _together(pieces: list[pd.Categorical]) -> pd.Categorical:
    if not pieces:
        return pd.Categorical.from_codes(np.zeros(0, np.int8), pd.Index([], dtype="str"))
    if len(pieces) == 1:
        return pieces[0]
    return pd.api.types.union_categoricals(pieces)
