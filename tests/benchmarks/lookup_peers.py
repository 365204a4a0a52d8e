"""The same look-up by others: which lease held this address, at this port, at this moment?

Every peer starts from what crimeloc starts from: addresses parsed to numbers, moments in
microseconds. What a peer can prepare once (sorted tables, a tree) is not counted, as the index of
leases is not counted for crimeloc. All give the row of the lease, or -1; answers must agree.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import crimeloc.geolocation.leases as leases_module
from crimeloc.addresses import Addresses, parse_addresses
from crimeloc.geolocation import LeaseIndex
from crimeloc.units import instants

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """One question in plain arrays, leases sorted by network."""

    address: Ints
    port: Ints
    moment: Ints
    texts: list[str]
    lease: pd.DataFrame  # network, low, high, since, until, row
    network: pd.DataFrame  # start, last, network, head, count
    cidr: list[str]


def task_of(events: pd.DataFrame, leases: pd.DataFrame, addresses: Addresses) -> Task:
    """Give the question to all in the same form."""
    code, cidr = pd.factorize(leases["network"])
    first = parse_addresses(pd.Series(cidr).str.removesuffix("/29"))
    start = (first.low & np.uint64(0xFFFFFFFF)).astype(np.int64)
    order = np.argsort(start)
    place = np.empty(len(start), dtype=np.int64)
    place[order] = np.arange(len(start))
    lease = pd.DataFrame(
        {
            "network": place[code],
            "low": leases["port_min"].to_numpy(dtype=np.int64),
            "high": leases["port_max"].to_numpy(dtype=np.int64),
            "since": instants(leases["valid_from"]),
            "until": instants(leases["valid_to"]),
            "row": np.arange(len(leases)),
        }
    ).sort_values(["network", "since", "low"], ignore_index=True)
    head = np.searchsorted(lease["network"], np.arange(len(start)))
    network = pd.DataFrame(
        {
            "start": start[order],
            "last": start[order] + 7,
            "network": np.arange(len(start)),
            "head": head,
            "count": np.diff(np.append(head, len(lease))),
        }
    )
    return Task(
        (addresses.low & np.uint64(0xFFFFFFFF)).astype(np.int64),
        events["port"].to_numpy(dtype=np.int64),
        np.require(instants(events["timestamp"]), requirements="W"),
        events["ip"].tolist(),
        lease,
        network,
        [str(cidr[i]) for i in order],
    )


def by_numpy(task: Task) -> Callable[[], Ints]:
    """searchsorted for the network, then each of its leases in turn."""
    start, last = task.network["start"].to_numpy(), task.network["last"].to_numpy()
    head, count = task.network["head"].to_numpy(), task.network["count"].to_numpy()
    low, high, since, until, row = (
        task.lease[name].to_numpy() for name in ("low", "high", "since", "until", "row")
    )

    def work() -> Ints:
        place = np.searchsorted(start, task.address, "right") - 1
        inside = np.flatnonzero((place >= 0) & (task.address <= last[place]))
        answer = np.full(len(task.address), -1, dtype=np.int64)
        mine = place[inside]
        port, moment = task.port[inside], task.moment[inside]
        for number in range(int(count.max())):
            spot = np.minimum(head[mine] + number, len(row) - 1)
            good = (number < count[mine]) & (low[spot] <= port) & (port <= high[spot])
            good &= (since[spot] <= moment) & (moment < until[spot])
            answer[inside[good]] = row[spot[good]]
        return answer

    return work


def by_pandas(task: Task) -> Callable[[], Ints]:
    """merge_asof for the network, a merge with its leases, a filter."""
    events = pd.DataFrame(
        {
            "event": np.arange(len(task.address)),
            "start": task.address,
            "port": task.port,
            "moment": task.moment,
        }
    )
    network = task.network[["start", "last", "network"]]

    def work() -> Ints:
        found = pd.merge_asof(
            events.assign(address=events["start"]).sort_values("start"), network, on="start"
        )
        found = found[found["address"] <= found["last"]]
        both = found.merge(task.lease, on="network")
        good = both["port"].between(both["low"], both["high"])
        good &= (both["since"] <= both["moment"]) & (both["moment"] < both["until"])
        answer = np.full(len(task.address), -1, dtype=np.int64)
        answer[both.loc[good, "event"].to_numpy()] = both.loc[good, "row"].to_numpy()
        return answer

    return work


def by_polars(task: Task) -> Callable[[], Ints]:
    """join_asof for the network, a join with its leases, a filter."""
    import polars as pl

    events = pl.DataFrame(
        {
            "event": np.arange(len(task.address)),
            "start": task.address,
            "port": task.port,
            "moment": task.moment,
        }
    )
    columns = ("start", "last", "network")
    network = pl.DataFrame({n: task.network[n].to_numpy() for n in columns}).set_sorted("start")
    lease = pl.DataFrame({name: task.lease[name].to_numpy() for name in task.lease.columns})

    def work() -> Ints:
        both = (
            events.with_columns(address=pl.col("start"))
            .sort("start")
            .join_asof(network, on="start")
            .filter(pl.col("address") <= pl.col("last"))
            .join(lease, on="network")
            .filter(
                (pl.col("low") <= pl.col("port"))
                & (pl.col("port") <= pl.col("high"))
                & (pl.col("since") <= pl.col("moment"))
                & (pl.col("moment") < pl.col("until"))
            )
        )
        answer = np.full(len(task.address), -1, dtype=np.int64)
        answer[both["event"].to_numpy()] = both["row"].to_numpy()
        return answer

    return work


def by_duckdb(task: Task) -> Callable[[], Ints]:
    """ASOF join for the network, a join with its leases on port and validity."""
    import duckdb

    link = duckdb.connect()
    link.execute("SET threads = 2")
    events = pd.DataFrame(
        {
            "event": np.arange(len(task.address)),
            "address": task.address,
            "port": task.port,
            "moment": task.moment,
        }
    )
    for name, table in (("e", events), ("n", task.network), ("l", task.lease)):
        link.register(f"{name}_view", table)
        link.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_view")

    def work() -> Ints:
        both: dict[str, Any] = link.execute(
            "SELECT f.event, l.row FROM (SELECT e.*, n.network, n.last FROM e ASOF JOIN n"
            " ON e.address >= n.start) f JOIN l ON l.network = f.network"
            " AND f.port BETWEEN l.low AND l.high AND f.moment >= l.since AND f.moment < l.until"
            " WHERE f.address <= f.last"
        ).fetchnumpy()
        answer = np.full(len(task.address), -1, dtype=np.int64)
        answer[both["event"]] = both["row"]
        return answer

    return work


def by_pytricia(task: Task) -> Callable[[], Ints]:
    """A longest-prefix tree for the network, each of its leases in turn, row by row."""
    import pytricia

    tree = pytricia.PyTricia(32)
    order = ["low", "high", "since", "until", "row"]
    rows = task.lease[order].to_numpy().tolist()
    heads, counts = task.network["head"].tolist(), task.network["count"].tolist()
    for number, text in enumerate(task.cidr):
        tree[text] = [tuple(row) for row in rows[heads[number] : heads[number] + counts[number]]]
    ports, moments = task.port.tolist(), task.moment.tolist()

    def work() -> Ints:
        answer = np.full(len(task.address), -1, dtype=np.int64)
        for i, (text, port, moment) in enumerate(zip(task.texts, ports, moments, strict=True)):
            for low, high, since, until, row in tree.get(text) or ():
                if low <= port <= high and since <= moment < until:
                    answer[i] = row
                    break
        return answer

    return work


PEERS: tuple[tuple[str, str, Callable[[Task], Callable[[], Ints]], int], ...] = (
    ("numpy searchsorted, then lease by lease", "numpy", by_numpy, 5),
    ("pandas merge_asof, merge, filter", "pandas", by_pandas, 3),
    ("polars join_asof, join, filter", "polars", by_polars, 3),
    ("DuckDB ASOF join, join on port and validity", "duckdb", by_duckdb, 3),
    ("pytricia, then lease by lease (from the text)", "pytricia", by_pytricia, 1),
)


def timed(work: Callable[[], Any], runs: int) -> tuple[float, float, Any]:
    """Give medians of wall and processor time, and the answer."""
    answer = work()
    wall, used = [], []
    for _ in range(runs):
        begin, spent = time.perf_counter(), time.process_time()
        answer = work()
        wall.append(time.perf_counter() - begin)
        used.append(time.process_time() - spent)
    return statistics.median(wall), statistics.median(used), answer


def compare(
    events: pd.DataFrame, leases: pd.DataFrame, index: LeaseIndex, addresses: Addresses
) -> None:
    """Print ours and theirs: network, port and validity, all in one question."""
    task = task_of(events, leases, addresses)
    port = task.port.astype(np.int32)

    def ours() -> Ints:
        node = index.nodes_of(addresses)
        count, lease = index.look_up(node, task.moment, task.moment, port)
        assert count.max() <= 1
        return np.where(lease >= 0, index.row[lease], -1)

    print("the look-up itself: which lease, by network, port and validity; answers compared")
    before, least = leases_module.SHARED_FROM, (0.0, 0.0)
    for words, limit in (("one thread", len(events) + 1), ("threads as by default", before)):
        leases_module.SHARED_FROM = limit
        wall, used, answer = timed(ours, 9)
        least = (wall, used)
        print(f"  {'crimeloc, ' + words:<48} {wall:8.3f} s   processor {used:8.3f} s")
    leases_module.SHARED_FROM = before
    for words, module, prepare, runs in PEERS:
        if importlib.util.find_spec(module) is None:
            print(f"  {words}: not installed, passed over")
            continue
        wall, used, theirs = timed(prepare(task), runs)
        same = "agrees" if np.array_equal(answer, theirs) else "DISAGREES"
        print(
            f"  {words:<48} {wall:8.3f} s   processor {used:8.3f} s   {same}; ours takes "
            f"{least[0] / wall:.3f} of its wall time, {least[1] / used:.3f} of its processor time"
        )
