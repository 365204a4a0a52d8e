"""Leases, sorted once so that a million addresses are looked up in a moment."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.addresses import Addresses, AddressFault, parse_network
from crimeloc.errors import ParameterError, Problem, TableError
from crimeloc.tables import LEASES, validate
from crimeloc.units import MISSING, instants

__all__ = ["LeaseIndex"]

_OPEN_FROM = np.iinfo(np.int64).min + 1
_OPEN_TO = np.iinfo(np.int64).max
_LOW = (1 << 64) - 1
ARRAYS = (
    *("v4_start", "v4_table", "v4_node", "v6_high", "v6_low", "v6_node"),
    *("tree", "blocks", "spans", "row"),
)
SHARED_FROM = 200_000
"""From so many events on the look-up is shared among threads."""


@dataclass(frozen=True, eq=False)
class LeaseIndex:
    """Which leases held an address? Sorted once, asked many times.

    Networks become nodes; a node knows the smallest network around it. The line of addresses is
    cut into disjoint segments, each with its deepest node; a node has its blocks of ports, a block
    its leases in order of time.

    Parameters
    ----------
    v4_start, v4_table, v4_node : ndarray
        Segments of IPv4, with a table over the first 16 bits.
    v6_high, v6_low, v6_node : ndarray
        Segments of IPv6.
    tree : ndarray of int32, shape (nodes + 1, 4)
        Of each network: the smallest network around it (-1: none), where its blocks begin, how
        simple it is (2 where no two leases share a port and a moment, 1 where moreover all ports
        are one block, else 0), and where its leases begin.
    blocks : ndarray of int32, shape (blocks + 1, 4)
        Of each block of ports: first and last port, the highest port so far within its network,
        and where its leases begin.
    spans : ndarray of int64, shape (leases, 3)
        Of each lease: begin, end, and the latest end so far within its block; column by column.
    row : ndarray of int32
        Which row of the table each lease is.
    table : DataFrame
        The leases as given.
    """

    v4_start: NDArray[np.uint32]
    v4_table: NDArray[np.int32]
    v4_node: NDArray[np.int32]
    v6_high: NDArray[np.uint64]
    v6_low: NDArray[np.uint64]
    v6_node: NDArray[np.int32]
    tree: NDArray[np.int32]
    blocks: NDArray[np.int32]
    spans: NDArray[np.int64]
    row: NDArray[np.int32]
    table: pd.DataFrame

    @classmethod
    def build(cls, leases: pd.DataFrame) -> LeaseIndex:
        """Sort leases into an index.

        Parameters
        ----------
        leases : DataFrame
            Under the contract LEASES.

        Returns
        -------
        LeaseIndex
            The index; it holds the table it was made from.

        Raises
        ------
        TableError
            The table breaks its contract, or a network cannot be read.

        Notes
        -----
        Cost is n log n. A lease that ends when it begins is never valid and is left out.

        Examples
        --------
        >>> table = pd.DataFrame({"network": ["203.0.113.0/29"], "venue_id": ["V-1"]})
        >>> len(LeaseIndex.build(table).row)
        1
        """
        validate(leases, LEASES)
        table = leases.reset_index(drop=True)
        first, prefix = _networks(table)
        nodes, which = _nodes(first, prefix)
        begin, end = _validity(table)
        low, high = _ports(table)
        lasting = np.flatnonzero(end > begin)
        order = lasting[np.lexsort((begin[lasting], high[lasting], low[lasting], which[lasting]))]
        which, low, high = which[order], low[order], high[order]
        begin, end = begin[order], end[order]
        change = np.ones(len(order), dtype=bool)
        change[1:] = (np.diff(which) != 0) | (np.diff(low) != 0) | (np.diff(high) != 0)
        heads = np.flatnonzero(change)
        v4, v6, parent = _segments(nodes)
        tree = np.full((len(nodes) + 1, 4), -1, dtype=np.int32)
        tree[:-1, 0] = parent
        tree[:, 1] = np.searchsorted(which[heads], np.arange(len(nodes) + 1))
        blocks = np.zeros((len(heads) + 1, 4), dtype=np.int32)
        blocks[:-1, 0], blocks[:-1, 1] = low[heads], high[heads]
        blocks[:-1, 2] = _running_max(high[heads], which[heads])
        blocks[:, 3] = np.append(heads, len(order))
        tree[:, 3] = blocks[tree[:, 1], 3]
        spans = np.asfortranarray(
            np.column_stack([begin, end, _running_max(end, np.cumsum(change))])
        )
        tree[:-1, 2] = _simple(which[heads], blocks, spans, len(nodes))
        return cls(*v4, *v6, tree, blocks, spans, order.astype(np.int32), table)

    def nodes_of(self, addresses: Addresses) -> NDArray[np.int32]:
        """Find the smallest network around each address.

        Parameters
        ----------
        addresses : Addresses
            As `crimeloc.addresses.parse_addresses` gives them.

        Returns
        -------
        ndarray of int32
            Number of the node, -1 where no lease has the address.
        """
        from crimeloc.geolocation import _kernels

        result = np.full(len(addresses.version), -1, dtype=np.int32)
        four = addresses.version == 4
        if four.all():
            low = addresses.low
            return _kernels.find_v4(low, self.v4_start, self.v4_table, self.v4_node)
        if four.any():
            low = addresses.low[four]
            result[four] = _kernels.find_v4(low, self.v4_start, self.v4_table, self.v4_node)
        six = addresses.version == 6
        if six.any():
            result[six] = _kernels.find_v6(
                addresses.high[six], addresses.low[six], self.v6_high, self.v6_low, self.v6_node
            )
        return result

    def look_up(
        self,
        node: NDArray[np.int32],
        begin: NDArray[np.int64],
        end: NDArray[np.int64],
        port: NDArray[np.int32],
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Count the leases that held each address, at its port, at its moment.

        Parameters
        ----------
        node : ndarray of int32
            As `nodes_of` gives them.
        begin, end : ndarray of int64
            Moments in microseconds since 1970; equal, or the interval in which the event lies.
        port : ndarray of int32
            Ports, -1 where unknown.

        Returns
        -------
        count : ndarray of int32
            How many leases; of an interval, all that touch it.
        lease : ndarray of int32
            Which lease, where there is just one.
        """
        from crimeloc.geolocation import _kernels

        def part(piece: slice) -> tuple[Any, ...]:
            columns: list[Any] = [column[piece] for column in (node, begin, end, port)]
            result: tuple[Any, ...] = _kernels.look_up(*columns, *self.arrays)
            return result

        threads = min(os.cpu_count() or 1, 4) if len(node) >= SHARED_FROM else 1
        if threads == 1:
            count, lease = part(slice(None))
            return count, lease
        edges = np.linspace(0, len(node), threads + 1).astype(int).tolist()
        with ThreadPoolExecutor(threads) as pool:
            counts, leases = zip(*pool.map(part, map(slice, edges[:-1], edges[1:])), strict=True)
        return np.concatenate(counts), np.concatenate(leases)

    def save(self, path: str | Path) -> Path:
        """Keep the index in a file.

        Parameters
        ----------
        path : str or Path
            Name of the file, ending in ``.npz``.

        Returns
        -------
        Path
            Where it was written.

        Notes
        -----
        Plain arrays and the table of leases with all its columns, no code: what is loaded answers
        as what was saved.
        """
        from crimeloc.geolocation.saving import write_index

        return write_index({name: getattr(self, name) for name in ARRAYS}, self.table, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> LeaseIndex:
        """Take an index from a file.

        Parameters
        ----------
        path : str or Path
            As `save` wrote it.

        Returns
        -------
        LeaseIndex
            The index.

        Raises
        ------
        FileError
            The file is no index, or damaged.
        """
        from crimeloc.geolocation.saving import read_index

        arrays, table = read_index(Path(path))
        return cls(**arrays, table=table)

    @property
    def arrays(self) -> tuple[Any, ...]:
        """Arrays in the order in which the kernels take them."""
        return self.tree, self.blocks, self.spans


def _networks(table: pd.DataFrame) -> tuple[list[int], NDArray[np.int64]]:
    codes, different = pd.factorize(table["network"])
    firsts: list[int] = []
    lengths = np.zeros(len(different), dtype=np.int64)
    problems = []
    for number, written in enumerate(different.tolist()):
        try:
            blocks = parse_network(str(written))
            if len(blocks) > 1:
                raise AddressFault("network.not-one", shown=written)
            firsts.append(blocks[0][0])
            lengths[number] = blocks[0][1]
        except AddressFault as fault:
            firsts.append(0)
            rows = int((codes == number).sum())
            problems.append(
                Problem(
                    column="network",
                    found=fault.reason,
                    expected="CIDR such as 203.0.113.0/29",
                    hint="read_leases(...)",
                    rows=rows,
                )
            )
    if problems:
        raise TableError("leases", problems, rows=len(table))
    return [firsts[code] for code in codes.tolist()], lengths[codes]


def _nodes(
    first: list[int], prefix: NDArray[np.int64]
) -> tuple[list[tuple[int, int]], NDArray[np.int64]]:
    """Different networks in order of the line, the larger before those inside it."""
    keys = list(zip(first, prefix.tolist(), strict=True))
    nodes = sorted(set(keys))
    number = {key: i for i, key in enumerate(nodes)}
    return nodes, np.array([number[key] for key in keys], dtype=np.int64)


def _validity(table: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    size = len(table)
    begin, end = np.full(size, _OPEN_FROM, np.int64), np.full(size, _OPEN_TO, np.int64)
    if "valid_from" in table.columns:
        given = instants(table["valid_from"], "valid_from")
        begin = np.where(given == MISSING, _OPEN_FROM, given)
    if "valid_to" in table.columns:
        given = instants(table["valid_to"], "valid_to")
        end = np.where(given == MISSING, _OPEN_TO, given)
    return begin, end


def _ports(table: pd.DataFrame) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    size = len(table)
    low, high = np.zeros(size, np.int32), np.full(size, 65_535, np.int32)
    if "port_min" in table.columns:
        low = table["port_min"].to_numpy(dtype=np.float64, na_value=0).astype(np.int32)
    if "port_max" in table.columns:
        high = table["port_max"].to_numpy(dtype=np.float64, na_value=65_535).astype(np.int32)
    return low, high


def _simple(
    which: NDArray[np.int64], blocks: NDArray[np.int32], spans: NDArray[np.int64], size: int
) -> NDArray[np.int32]:
    """Tell networks of which a moment and a port have one lease at most."""
    count = np.bincount(which, minlength=size)
    rough = np.zeros(size, dtype=np.bool_)
    same = which[1:] == which[:-1]
    rough[which[1:][same & (blocks[1:-1, 0] <= blocks[:-2, 2])]] = True
    owner = np.repeat(np.arange(len(which)), np.diff(blocks[:, 3]))
    together = (owner[1:] == owner[:-1]) & (spans[1:, 0] < spans[:-1, 2])
    rough[which[owner[1:][together]]] = True
    whole = np.zeros(size, dtype=np.bool_)
    whole[which[(blocks[:-1, 0] == 0) & (blocks[:-1, 1] == 65_535)]] = True
    return np.where(rough, 0, np.where((count == 1) & whole, 1, 2)).astype(np.int32)


def _running_max(values: NDArray[Any], groups: NDArray[Any]) -> NDArray[Any]:
    """Largest value so far within each run of equal groups."""
    if not len(values):
        return values
    return np.asarray(pd.Series(values).groupby(groups, sort=False).cummax().to_numpy())


def _segments(
    nodes: list[tuple[int, int]],
) -> tuple[
    tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int32]],
    tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int32]],
    NDArray[np.int32],
]:
    """Cut the two lines of addresses into segments, each with its deepest network."""
    parent = np.full(len(nodes), -1, dtype=np.int32)
    lines: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for four in (True, False):
        cuts: list[tuple[int, int]] = []
        stack: list[tuple[int, int]] = []  # (last address, node)

        def close(
            until: int | None,
            cuts: list[tuple[int, int]] = cuts,
            stack: list[tuple[int, int]] = stack,
        ) -> None:
            while stack and (until is None or stack[-1][0] < until):
                last, _ = stack.pop()
                if stack and stack[-1][0] == last:
                    continue
                _cut(cuts, last + 1, stack[-1][1] if stack else -1)

        for number, (first, prefix) in enumerate(nodes):
            if (prefix >= 96 and first >> 32 == 0xFFFF) != four:
                continue
            close(first)
            parent[number] = stack[-1][1] if stack else -1
            _cut(cuts, first, number)
            stack.append((first + (1 << (128 - prefix)) - 1, number))
        close(None)
        lines[four] = cuts
    ends_v4 = [(start & 0xFFFFFFFF, node) for start, node in lines[True] if start >> 32 == 0xFFFF]
    starts = np.array([start for start, _ in ends_v4], dtype=np.uint32)
    table = np.searchsorted(starts, np.arange(0, 1 << 32, 1 << 16, dtype=np.int64)).astype(np.int32)
    table = np.append(table, len(starts)).astype(np.int32)
    kept = [(start, node) for start, node in lines[False] if start < 1 << 128]
    return (
        (starts, table, np.array([node for _, node in ends_v4], dtype=np.int32)),
        (
            np.array([start >> 64 for start, _ in kept], dtype=np.uint64),
            np.array([start & _LOW for start, _ in kept], dtype=np.uint64),
            np.array([node for _, node in kept], dtype=np.int32),
        ),
        parent,
    )


def _cut(cuts: list[tuple[int, int]], start: int, node: int) -> None:
    if cuts and cuts[-1][0] == start:
        cuts[-1] = (start, node)
    else:
        cuts.append((start, node))


def as_index(leases: pd.DataFrame | LeaseIndex) -> LeaseIndex:
    """Give an index, made from the table if need be."""
    if isinstance(leases, LeaseIndex):
        return leases
    if isinstance(leases, pd.DataFrame):
        return LeaseIndex.build(leases)
    raise ParameterError(
        "leases",
        found=type(leases).__name__,
        expected="a table or a LeaseIndex",
        hint="leases=read_leases(...).table",
    )
