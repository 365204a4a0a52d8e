"""Compiled look-up: which leases held this address, at this port, at this moment?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.int32]


class Index(NamedTuple):
    """The leases: `tree` of networks, `blocks` of ports in each, `spans` of time in each block."""

    tree: Small
    blocks: Small
    spans: Ints


class Asked(NamedTuple):
    """Of each event: the network around its address, when it was, and its port (-1: unknown)."""

    node: Small
    begin: Ints
    end: Ints
    port: Small


class Found(NamedTuple):
    """The candidate leases of one event, and room for sharing it among them."""

    lease: Small
    rank: Small
    share: NDArray[np.float64]
    work: Ints


@njit(cache=True, nogil=True)
def find_v4(
    address: NDArray[np.uint64], starts: NDArray[np.uint32], table: Small, node: Small
) -> Small:
    """Give the deepest network around each IPv4 address, -1 for none."""
    result = np.empty(len(address), dtype=np.int32)
    one = np.uint32(1)
    for i in range(len(address)):
        value = np.uint32(address[i])
        high = np.uint32(value >> np.uint32(16))
        place, above = np.uint32(table[high]), np.uint32(table[high + one])
        while place < above:  # first start above the value
            middle = np.uint32((place + above) >> one)
            if starts[middle] <= value:
                place = np.uint32(middle + one)
            else:
                above = middle
        result[i] = node[np.uint32(place - one)] if place > 0 else -1
    return result


@njit(cache=True, nogil=True)
def find_v6(
    high: NDArray[np.uint64],
    low: NDArray[np.uint64],
    start_high: NDArray[np.uint64],
    start_low: NDArray[np.uint64],
    node: Small,
) -> Small:
    """Give the deepest network around each IPv6 address, -1 for none."""
    result = np.empty(len(high), dtype=np.int32)
    for i in range(len(high)):
        left, right = 0, len(start_high)
        while left < right:
            middle = (left + right) >> 1
            before = start_high[middle] < high[i] or (
                start_high[middle] == high[i] and start_low[middle] <= low[i]
            )
            if before:
                left = middle + 1
            else:
                right = middle
        result[i] = node[left - 1] if left > 0 else -1
    return result


@njit(cache=True, nogil=True)
def _gather(
    node: int,
    begin: int,
    end: int,
    port: int,
    index: Index,
    whole_chain: bool,
    out_lease: Small,
    out_rank: Small,
) -> int:
    """Collect the leases that overlap [begin, end] (a point if equal); how many there are.

    `out_rank` is 2 x depth from below plus 1 for an explicit port: the largest is the most
    specific. Nothing is written beyond the length of the output, but all are counted.
    """
    tree, blocks, spans = index
    found = 0
    depth = 0
    current = node
    while current >= 0:
        depth += 1
        explicit_here = False
        first_here = found
        block = tree[current + 1, 1] - 1
        while block >= tree[current, 1]:
            if port >= 0 and blocks[block, 2] < port:
                break
            low, high = blocks[block, 0], blocks[block, 1]
            if port < 0 or (low <= port and port <= high):
                explicit = port >= 0 and not (low == 0 and high == 65_535)
                left, right = blocks[block, 3], blocks[block + 1, 3]
                first = left
                while left < right:  # first lease that begins after the interval
                    middle = (left + right) >> 1
                    if spans[middle, 0] <= end:
                        left = middle + 1
                    else:
                        right = middle
                lease = left - 1
                while lease >= first and spans[lease, 2] > begin:
                    if spans[lease, 1] > begin and (spans[lease, 0] < end or begin == end):
                        if found < len(out_lease):
                            out_lease[found] = lease
                            out_rank[found] = -2 * depth + (1 if explicit else 0)
                        found += 1
                        explicit_here = explicit_here or explicit
                    lease -= 1
            block -= 1
        if found > first_here and not whole_chain:
            if explicit_here and found <= len(out_lease):  # whole-address leases give way
                kept = first_here
                for i in range(first_here, found):
                    if out_rank[i] == -2 * depth + 1:
                        out_lease[kept], out_rank[kept] = out_lease[i], out_rank[i]
                        kept += 1
                found = kept
            return found
        current = tree[current, 0]
    return found


@njit(cache=True, nogil=True)
def look_up(
    node: Small,
    begin: Ints,
    end: Ints,
    port: Small,
    tree: Small,
    blocks: Small,
    spans: Ints,
) -> tuple[Small, Small]:
    """Count the candidates of each event; give the lease where there is just one.

    Where the blocks of a network share no port and the leases of a block no moment (the third
    column of `tree`), a moment and a port have at most one lease there: two binary searches.
    """
    index = Index(tree, blocks, spans)
    size = len(node)
    count = np.zeros(size, dtype=np.int32)
    only = np.full(size, -1, dtype=np.int32)
    lease = np.empty(1024, dtype=np.int32)
    rank = np.empty(1024, dtype=np.int32)
    one = np.uint32(1)
    for i in range(size):
        current, moment, door = node[i], begin[i], port[i]
        point = end[i] == moment
        while current >= 0:
            here = np.uint32(current)  # unsigned places spare the test for negative ones
            kind = tree[here, 2]
            if not point or kind == 0 or (kind == 2 and door < 0):
                count[i] = _gather(
                    current,
                    moment,
                    end[i],
                    door,
                    index,
                    not point,
                    lease,
                    rank,
                )
                if count[i] > 0:
                    only[i] = lease[0]
                break
            if kind == 1:
                first, left = np.uint32(tree[here, 3]), np.uint32(tree[here + one, 3])
                left = np.uint32(left - first)
            else:
                block = np.uint32(tree[here, 1])
                left = np.uint32(tree[here + one, 1] - tree[here, 1])
                while left > one:  # last block that begins at or below the port
                    half = np.uint32(left >> one)
                    if blocks[block + half, 0] <= door:
                        block = np.uint32(block + half)
                    left = np.uint32(left - half)
                first = np.uint32(blocks[block, 3])
                if left > 0 and blocks[block, 0] <= door <= blocks[block, 1]:
                    left = np.uint32(blocks[block + one, 3] - blocks[block, 3])
                else:  # a network without a lease that lasts has no block of its own
                    left = np.uint32(0)
            while left > one:  # last lease that begins at or before the moment
                half = np.uint32(left >> one)
                if spans[first + half, 0] <= moment:
                    first = np.uint32(first + half)
                left = np.uint32(left - half)
            if left > 0 and spans[first, 0] <= moment < spans[first, 1]:
                count[i], only[i] = 1, first
                break
            current = tree[here, 0]
    return count, only


@njit(cache=True, nogil=True)
def _order(key: Ints, order: Ints, size: int) -> None:
    """Heap sort the places of the first few keys; numpy's sort would take seconds to compile."""
    for i in range(size):
        order[i] = i
    for step in range(size // 2 + size):
        if step < size // 2:
            root, last = size // 2 - 1 - step, size
        else:  # the heap stands: the largest goes to the end
            last = size - 1 - (step - size // 2)
            order[0], order[last] = order[last], order[0]
            root = 0
        while 2 * root + 1 < last:
            child = 2 * root + 1
            if child + 1 < last and key[order[child]] < key[order[child + 1]]:
                child += 1
            if key[order[root]] >= key[order[child]]:
                break
            order[root], order[child] = order[child], order[root]
            root = child


@njit(cache=True, nogil=True)
def _spread(
    n: int,
    begin: int,
    end: int,
    found: Found,
    spans: Ints,
    size: NDArray[np.float64],
) -> None:
    """Share an interval: between two edges the most specific of the leases that hold then have it.

    A sweep over the edges in time with the set of the leases that hold: n log n, and n times the
    leases that hold at one moment.
    """
    lease, rank, share, work = found
    key, order, held, place = work[0], work[1], work[2], work[3]
    for k in range(n):  # edge 2 k + 1 is a beginning, 2 k an end
        share[k] = 0.0
        key[2 * k] = min(spans[lease[k], 1], end)
        key[2 * k + 1] = max(spans[lease[k], 0], begin)
    _order(key, order, 2 * n)
    whole = float(end - begin)
    holding = 0
    for c in range(2 * n):
        k = order[c] >> 1
        if order[c] & 1:
            if key[2 * k] > key[2 * k + 1]:  # one without length never holds
                held[holding], place[k] = k, holding
                holding += 1
        elif key[2 * k] > key[2 * k + 1]:
            holding -= 1
            held[place[k]] = held[holding]
            place[held[holding]] = place[k]
        if c + 1 == 2 * n or key[order[c + 1]] <= key[order[c]]:
            continue
        best = np.int32(-2_000_000_000)
        weight = 0.0
        for h in range(holding):
            k = held[h]
            if rank[k] > best:
                best, weight = rank[k], 0.0
            if rank[k] == best:
                weight += size[lease[k]]
        part = (key[order[c + 1]] - key[order[c]]) / whole
        for h in range(holding):
            k = held[h]
            if weight > 0 and rank[k] == best:
                share[k] += part * size[lease[k]] / weight


@njit(cache=True, nogil=True)
def weigh(
    chosen: Ints,
    count: Small,
    asked: Asked,
    index: Index,
    venue: Small,
    size: NDArray[np.float64],
) -> tuple[Ints, Small, NDArray[np.float64]]:
    """Share each event of `chosen` among its candidates.

    At each instant the most specific leases share it by the size of their venues; an event known
    to within an interval is spread evenly over it. Gives (event, lease, weight), one row per venue.
    """
    node, begin, end, port = asked
    total = 0
    most = 1
    for i in chosen:
        total += count[i]
        most = max(most, count[i])
    out_event = np.empty(total, dtype=np.int64)
    out_lease = np.empty(total, dtype=np.int32)
    out_weight = np.empty(total, dtype=np.float64)
    lease = np.empty(most, dtype=np.int32)
    rank = np.empty(most, dtype=np.int32)
    share = np.empty(most, dtype=np.float64)
    found = Found(lease, rank, share, np.empty((4, 2 * most), dtype=np.int64))
    lowest, highest = 0, 0
    for number in venue:
        lowest, highest = min(lowest, number), max(highest, number)
    row_of = np.full(highest - lowest + 1, -1, dtype=np.int64)
    done = 0
    for i in chosen:
        n = _gather(
            node[i],
            begin[i],
            end[i],
            port[i],
            index,
            end[i] > begin[i],
            lease,
            rank,
        )
        if end[i] > begin[i]:
            _spread(n, begin[i], end[i], found, index.spans, size)
        else:
            weight = 0.0
            for k in range(n):
                weight += size[lease[k]]
            for k in range(n):
                share[k] = size[lease[k]] / weight if weight > 0 else 1.0 / n
        first = done
        for k in range(n):
            if share[k] <= 0.0:
                continue
            place = row_of[venue[lease[k]] - lowest]
            if place >= first:  # else it is of an earlier event
                out_weight[place] += share[k]
            else:
                out_event[done], out_lease[done], out_weight[done] = i, lease[k], share[k]
                row_of[venue[lease[k]] - lowest] = done
                done += 1
    return out_event[:done], out_lease[:done], out_weight[:done]
