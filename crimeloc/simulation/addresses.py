"""Who held which address: own blocks that change hands, shared addresses with ports, pools.

Only addresses kept for documentation or private use are given out: 192.0.2.0/24, 198.51.100.0/24,
203.0.113.0/24, 10.0.0.0/8 (venues), 100.64.0.0/10 (shared behind a carrier's NAT), 2001:db8::/32,
and 172.16.0.0/12 and 192.168.0.0/16 for uploads from elsewhere.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.simulation._clock import Clock, Floats, Ints, Streams
from crimeloc.simulation.places import Places

__all__ = ["HOW", "Addresses", "assign", "make_addresses"]

HOW = ("own block", "shared, port", "ipv6", "shared, no port", "pool", "elsewhere")
"""How an upload's address leads to its venue."""

_OWN, _PORT, _V6, _NO_PORT, _POOL, _ELSEWHERE = range(6)
_DOCUMENTATION = tuple(
    int(ipaddress.IPv4Address(text)) for text in ("192.0.2.0", "198.51.100.0", "203.0.113.0")
)
_TEN, _TEN_POOL, _CARRIER, _HOME, _MOBILE = (
    int(ipaddress.IPv4Address(text))
    for text in ("10.0.0.0", "10.128.0.0", "100.64.0.0", "172.16.0.0", "192.168.0.0")
)
_V6_FIRST = int(ipaddress.IPv6Address("2001:db8::"))
_V6_MARK = 1 << 40  # an IPv6 address is kept as this + venue * 4096 + host
_FIRST_PORT, _PORTS = 1_024, 64_512


@dataclass(frozen=True)
class Addresses:
    """Leases as a table, and what is needed to give an upload its address."""

    leases: pd.DataFrame
    block: Ints
    later_block: Ints
    swap_s: Floats
    has_v6: NDArray[np.bool_]
    carrier: Ints
    port_min: Ints
    port_max: Ints
    pool: Ints


def make_addresses(streams: Streams, clock: Clock, places: Places, handovers: float) -> Addresses:
    """Give out the blocks, and let some change hands."""
    rng = streams.stream("addresses")
    n = len(places.xy)
    block = np.arange(n)
    later, swap = block.copy(), np.full(n, np.inf)
    _inherit(rng, places, block, later)
    stable = np.flatnonzero(places.stable)
    pairs = min(
        max(round(handovers * len(stable) / 2), 1 if handovers > 0 else 0), len(stable) // 2
    )
    changing = rng.permutation(stable)[: 2 * pairs].reshape(-1, 2)
    moments = np.floor(rng.uniform(0.15, 0.85, pairs) * clock.end_s / 3600) * 3600
    for (a, b), moment in zip(changing, moments, strict=True):
        later[a], later[b] = block[b], block[a]
        swap[a] = swap[b] = moment
    has_v6 = rng.random(n) < 0.25
    carrier = _groups(rng, places, stable[np.lexsort(_along(places, stable))], near=True)
    pool = _groups(rng, places, rng.permutation(stable), near=False)
    port_min, port_max = _ports(carrier)
    made = Addresses(pd.DataFrame(), block, later, swap, has_v6, carrier, port_min, port_max, pool)
    return Addresses(_leases(rng, clock, places, made), *list(vars(made).values())[1:])


def _inherit(rng: np.random.Generator, places: Places, block: Ints, later: Ints) -> None:
    """A venue that opens late takes over the block of one that closed before, if there is one."""
    free = [int(v) for v in np.argsort(places.closed_s) if np.isfinite(places.closed_s[v])]
    for new in np.argsort(places.opened_s):
        if places.opened_s[new] <= 0:
            continue
        ready = [old for old in free if places.closed_s[old] <= places.opened_s[new]]
        if ready and rng.random() < 0.8:
            block[new] = later[new] = block[ready[-1]]
            free.remove(ready[-1])


def _along(places: Places, venues: Ints) -> tuple[Floats, Ints]:
    return places.xy[venues, 0], places.district[venues]


def _groups(rng: np.random.Generator, places: Places, stable: Ints, near: bool) -> Ints:
    """Who shares an address with whom: two to four lasting venues, and others beside them."""
    group = np.full(len(places.xy), -1, dtype=np.int64)
    at, number = 0, 0
    while at < len(stable):
        size = int(rng.integers(2, 5))
        if len(stable) - at - size < 2:
            size = len(stable) - at
        group[stable[at : at + size]] = number
        at, number = at + size, number + 1
    for other in np.flatnonzero(~places.stable):
        gaps = np.hypot(*(places.xy[stable] - places.xy[other]).T)
        beside = stable[np.argmin(gaps)] if near else stable[rng.integers(len(stable))]
        group[other] = group[beside]
    return group


def _ports(carrier: Ints) -> tuple[Ints, Ints]:
    """Share the ports of an address evenly among those behind it."""
    order = np.argsort(carrier, kind="stable")
    sizes = np.bincount(carrier)
    place = np.empty(len(carrier), dtype=np.int64)
    place[order] = np.arange(len(carrier)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    width = _PORTS // sizes[carrier]
    first = _FIRST_PORT + place * width
    return first, first + width - 1


def _block_base(block: Ints) -> tuple[Ints, Ints]:
    """First address and prefix length of a numbered block."""
    small = np.array(_DOCUMENTATION)[np.minimum(block // 32, 2)] + block % 32 * 8
    return (
        np.where(block < 96, small, _TEN + (block - 96) * 16),
        np.where(block < 96, 29, 28),
    )


def _leases(
    rng: np.random.Generator, clock: Clock, places: Places, made: Addresses
) -> pd.DataFrame:
    n = len(places.xy)
    ids = np.arange(n)
    known = rng.random(n) < 0.5  # for the others the register says "since ever"
    begin = np.where(known | (places.opened_s > 0), places.opened_s, -np.inf)
    heirs = pd.Series(made.block).duplicated(keep=False).to_numpy()
    begin = np.where(heirs, places.opened_s, begin)
    changed = np.flatnonzero(np.isfinite(made.swap_s))
    base, prefix = _block_base(made.block)
    late_base, late_prefix = _block_base(made.later_block[changed])
    gone = places.closed_s < 0
    rows = [
        _rows(ids, _v4(base, prefix), begin, np.minimum(places.closed_s, made.swap_s)),
        _rows(changed, _v4(late_base, late_prefix), made.swap_s[changed], places.closed_s[changed]),
    ]
    shared = ids[~gone]
    address = _v4(_CARRIER + made.carrier[shared], np.full(len(shared), 32))
    rows.append(_rows(shared, address, begin[shared], places.closed_s[shared]))
    rows[-1]["port_min"], rows[-1]["port_max"] = made.port_min[shared], made.port_max[shared]
    pooled = _v4(_TEN_POOL + made.pool[shared] * 16, np.full(len(shared), 28))
    rows.append(_rows(shared, pooled, begin[shared], places.closed_s[shared]))
    six = ids[made.has_v6 & ~gone]
    nets = [f"{ipaddress.IPv6Address(_V6_FIRST + ((int(v) + 1) << 80))}/48" for v in six]
    rows.append(_rows(six, nets, begin[six], places.closed_s[six]))
    table = pd.concat(rows, ignore_index=True)
    names = places.venues["venue_id"].to_numpy()
    return pd.DataFrame(
        {
            "network": table["network"].astype("str"),
            "port_min": table["port_min"].astype("Int64"),
            "port_max": table["port_max"].astype("Int64"),
            "valid_from": clock.instants(table["from"].to_numpy()),
            "valid_to": clock.instants(table["to"].to_numpy()),
            "venue_id": pd.Series(names[table["venue"]], dtype="str"),
        }
    )


def _rows(venue: Ints, network: list[str], begin: Floats, end: Floats) -> pd.DataFrame:
    table = pd.DataFrame({"network": network, "from": begin, "to": end, "venue": venue})
    table["port_min"] = table["port_max"] = pd.array([pd.NA] * len(table), dtype="Int64")
    return table


def _v4(base: Ints, prefix: Ints) -> list[str]:
    pairs = zip(base, prefix, strict=True)
    return [f"{ipaddress.IPv4Address(int(address))}/{length}" for address, length in pairs]


def assign(
    streams: Streams,
    made: Addresses,
    places: Places,
    venue: Ints,
    who: Ints,
    t: Floats,
    ambiguous: float,
) -> tuple[pd.Series, pd.Series, Ints, Ints]:
    """Which address, port and way did each upload have, and how many venues does that fit?"""
    rng = streams.stream("assign")
    n = len(venue)
    at = np.flatnonzero(venue >= 0)
    how = np.full(n, _ELSEWHERE, dtype=np.int64)
    how[at] = np.searchsorted([0.72, 0.87], rng.random(len(at)))
    how[(how == _V6) & ~made.has_v6[venue]] = _OWN
    unclear = rng.permutation(at)[: round(ambiguous * len(at))]
    how[unclear] = np.where(rng.random(len(unclear)) < 0.6, _NO_PORT, _POOL)
    code = np.empty(n, dtype=np.int64)
    host = rng.integers(0, 1 << 31, n)
    of = {kind: np.flatnonzero(how == kind) for kind in range(len(HOW))}
    own = of[_OWN]
    block = np.where(
        t[own] < made.swap_s[venue[own]], made.block[venue[own]], made.later_block[venue[own]]
    )
    base, prefix = _block_base(block)
    code[own] = base + 1 + host[own] % (2 ** (32 - prefix) - 2)
    for kind in (_PORT, _NO_PORT):
        code[of[kind]] = _CARRIER + made.carrier[venue[of[kind]]]
    code[of[_V6]] = _V6_MARK + venue[of[_V6]] * 4_096 + host[of[_V6]] % 64 + 16
    code[of[_POOL]] = _TEN_POOL + made.pool[venue[of[_POOL]]] * 16 + 1 + host[of[_POOL]] % 14
    away = of[_ELSEWHERE]
    home = rng.random(len(away)) < 0.7
    code[away] = np.where(
        home, _HOME + 1 + who[away] * 2_654_435 % 1_048_000, _MOBILE + 1 + host[away] % 65_000
    )
    port = _FIRST_PORT + rng.integers(0, _PORTS, n)
    exact = of[_PORT]
    low, high = made.port_min[venue[exact]], made.port_max[venue[exact]]
    port[exact] = low + host[exact] % (high - low + 1)
    silent = (how != _PORT) & (rng.random(n) < 0.5) | (how == _NO_PORT)
    ports = pd.Series(port).astype("Int64").mask(pd.Series(silent))
    return _texts(code), ports, how, _candidates(made, places, venue, t, how)


def _texts(code: Ints) -> pd.Series:
    unique, inverse = np.unique(code, return_inverse=True)
    texts = [_address(int(number)) for number in unique]
    return pd.Series(np.array(texts, dtype=object)[inverse], dtype="str")


def _address(number: int) -> str:
    if number < _V6_MARK:
        return str(ipaddress.IPv4Address(number))
    venue, host = divmod(number - _V6_MARK, 4_096)
    return str(ipaddress.IPv6Address(_V6_FIRST + ((venue + 1) << 80) + host))


def _candidates(made: Addresses, places: Places, venue: Ints, t: Floats, how: Ints) -> Ints:
    """How many venues held the address at that moment, as far as the log tells."""
    count = np.where(how == _ELSEWHERE, 0, 1)
    for kind, group in ((_NO_PORT, made.carrier), (_POOL, made.pool)):
        rows = np.flatnonzero(how == kind)
        count[rows] = 0
        mine = group[venue[rows]]
        sizes = np.bincount(group)
        order = np.argsort(group, kind="stable")
        first = np.cumsum(sizes) - sizes
        for place in range(int(sizes.max(initial=0))):
            there = place < sizes[mine]
            other = order[np.minimum(first[mine] + place, len(order) - 1)]
            live = (places.opened_s[other] <= t[rows]) & (t[rows] < places.closed_s[other])
            count[rows] += there & live
    return count
