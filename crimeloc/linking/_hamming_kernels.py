"""Compiled parts of the Hamming search. Nothing is compiled at import."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
I16 = NDArray[np.int16]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


def _count_ones(typingctx: Any, word: Any) -> Any:  # noqa: ARG001
    """Count the ones of a 64-bit word, by the processor's own instruction."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), codegen


_ones: Any = intrinsic(_count_ones)


@njit(cache=True, nogil=True)
def keys_of(words: U64, block: int) -> I32:
    """The 16 bits of a block, for each hash."""
    shift = np.uint64(16 * (block % 4))
    column = block // 4
    key = np.empty(words.shape[0], np.int32)
    for i in range(words.shape[0]):
        key[i] = np.int32((words[i, column] >> shift) & np.uint64(0xFFFF))
    return key


@njit(cache=True, nogil=True)
def sort_by_key(key: I32) -> tuple[I32, I32]:
    """Counting sort: where each key begins, and the hashes in the order of their keys."""
    start = np.zeros(65_537, np.int32)
    for i in range(key.size):
        start[key[i] + 1] += 1
    for k in range(65_536):
        start[k + 1] += start[k]
    fill = start[:-1].copy()
    order = np.empty(key.size, np.int32)
    for i in range(key.size):
        k = key[i]
        order[fill[k]] = i
        fill[k] += 1
    return start, order


@njit(cache=True, nogil=True)
def _near(difference: Any, one: Any, before: Any) -> Any:
    """Not 0 if an earlier 16-bit block of this word is near: no bit differs, or one where `one`.

    Eight steps for four blocks at once: x & (x - 1) takes the lowest one out of a block (the top
    bit keeps the subtraction from borrowing), and a block is near if nothing is left.
    """
    top = np.uint64(0x8000_8000_8000_8000)
    low = np.uint64(0x0001_0001_0001_0001)
    rest = np.uint64(0x7FFF_7FFF_7FFF_7FFF)
    left = difference & (((difference | top) - low) | ~one)
    return ~(((left & rest) + rest) | left) & before


@njit(cache=True, nogil=True)
def join_block(
    a: U64,
    b: U64,
    start_a: I32,
    order_a: I32,
    start_b: I32,
    order_b: I32,
    block: int,
    masks: I32,
    reach: I64,
    radius: int,
    same: bool,
    most: int,
) -> tuple[I32, I32, I16, int]:
    """Pairs of 256-bit hashes within the radius whose first near block is this one.

    `masks` are the differences of the block that are looked up; `reach` says how many bits of each
    block may differ. With `same`, both sides are one set and only pairs i < j are given. Stops
    after about `most` pairs.
    """
    # The words are laid out in the order of the keys, this block's own word last: the words before
    # it reject nearly all pairs, and lie side by side.
    own = block // 4
    turn = np.array([(own + 1) % 4, (own + 2) % 4, (own + 3) % 4, own])
    a0, a1 = _laid(a, order_a, turn[0]), _laid(a, order_a, turn[1])
    a2, a3 = _laid(a, order_a, turn[2]), _laid(a, order_a, turn[3])
    b0, b1 = _laid(b, order_b, turn[0]), _laid(b, order_b, turn[1])
    b2, b3 = _laid(b, order_b, turn[2]), _laid(b, order_b, turn[3])
    before = np.zeros(4, np.uint64)  # top bits of the blocks of each word that come before
    one = np.zeros(4, np.uint64)  # all bits of the blocks in which one bit may differ
    wide = reach[0] > 1
    if not wide:
        for w in range(4):
            for c in range(4 * turn[w], min(4 * turn[w] + 4, block)):
                before[w] |= np.uint64(0x8000) << np.uint64(16 * (c % 4))
                if reach[c] == 1:
                    one[w] |= np.uint64(0xFFFF) << np.uint64(16 * (c % 4))
    longest = 1
    for key in range(65_536):
        longest = max(longest, start_b[key + 1] - start_b[key])
    found = np.empty(longest, np.int16)
    room = max(4096, longest)
    left: Any = np.empty(room, np.int32)
    right: Any = np.empty(room, np.int32)
    apart: Any = np.empty(room, np.int16)
    key, m, p, count = 0, 0, 0, 0
    while True:
        begun = count
        key, m, p, count = _fill(
            (a0, a1, a2, a3),
            (b0, b1, b2, b3),
            start_a,
            order_a,
            start_b,
            order_b,
            masks,
            one,
            before,
            radius,
            same,
            (key, m, p, count),
            left,
            right,
            apart,
            found,
        )
        if wide:
            count = _only_first(a, b, left, right, apart, begun, count, block, reach)
        if key == 65_536 or count > most:
            break
        room *= 2
        left, right, apart = _grown(left, room), _grown(right, room), _grown(apart, room)
    if same:
        for k in range(count):
            if left[k] > right[k]:
                left[k], right[k] = right[k], left[k]
    return left[:count], right[:count], apart[:count], count


@njit(cache=True, nogil=True)
def _fill(
    a: tuple[U64, U64, U64, U64],
    b: tuple[U64, U64, U64, U64],
    start_a: I32,
    order_a: I32,
    start_b: I32,
    order_b: I32,
    masks: I32,
    one: U64,
    before: U64,
    radius: int,
    same: bool,
    state: tuple[int, int, int, int],
    left: I32,
    right: I32,
    apart: I16,
    found: I16,
) -> tuple[int, int, int, int]:
    """Go on with the join until it is done or there is no more room; give where it stands.

    The arrays never change their place here: a loop that may swap them runs four times slower.
    """
    a0, a1, a2, a3 = a
    b0, b1, b2, b3 = b
    o0, o1, o2, o3 = one[0], one[1], one[2], one[3]
    f0, f1, f2, f3 = before[0], before[1], before[2], before[3]
    limit = np.uint64(radius)
    first_key, first_mask, first_p, count = state
    for key in range(first_key, 65_536):
        begin_a, end_a = start_a[key], start_a[key + 1]
        if begin_a == end_a:
            continue
        for m in range(first_mask if key == first_key else 0, masks.size):
            other = key ^ masks[m]
            if same and other < key:
                continue
            begin_b, end_b = start_b[other], start_b[other + 1]
            if begin_b == end_b:
                continue
            from_p = begin_a
            if key == first_key and m == first_mask and first_p > begin_a:
                from_p = first_p
            for p in range(from_p, end_a):
                begin = p + 1 if same and other == key else begin_b
                length = end_b - begin
                if count + length > left.size:
                    return key, m, p, count
                x0, x1, x2, x3 = a0[p], a1[p], a2[p], a3[p]
                if length < 6:
                    for q in range(begin, end_b):
                        d0, d1 = x0 ^ b0[q], x1 ^ b1[q]
                        distance = _ones(d0) + _ones(d1)
                        if distance > limit:
                            continue
                        d2, d3 = x2 ^ b2[q], x3 ^ b3[q]
                        distance += _ones(d2) + _ones(d3)
                        near = _near(d0, o0, f0) | _near(d1, o1, f1)
                        near |= _near(d2, o2, f2) | _near(d3, o3, f3)
                        if near | np.uint64(distance > limit):
                            continue
                        left[count], right[count] = order_a[p], order_b[q]
                        apart[count] = np.int16(distance)
                        count += 1
                    continue
                # Straight, without branches, so that it runs on several hashes at once.
                total = np.int64(0)
                for r in range(length):
                    d0, d1 = x0 ^ b0[begin + r], x1 ^ b1[begin + r]
                    d2, d3 = x2 ^ b2[begin + r], x3 ^ b3[begin + r]
                    distance = _ones(d0) + _ones(d1) + _ones(d2) + _ones(d3)
                    near = _near(d0, o0, f0) | _near(d1, o1, f1)
                    near |= _near(d2, o2, f2) | _near(d3, o3, f3)
                    no = np.int64(distance > limit) | np.int64(near != np.uint64(0))
                    found[r] = np.int16(np.int64(distance) | -no)
                    total += np.int64(1) - no
                if total == 0:
                    continue
                for r in range(length):
                    if found[r] >= 0:
                        left[count], right[count] = order_a[p], order_b[begin + r]
                        apart[count] = found[r]
                        count += 1
    return 65_536, 0, 0, count


@njit(cache=True, nogil=True)
def _only_first(
    a: U64,
    b: U64,
    left: I32,
    right: I32,
    apart: I16,
    first: int,
    count: int,
    block: int,
    reach: I64,
) -> int:
    """Keep the new pairs that no earlier block, each by its own reach, has met."""
    kept = first
    for k in range(first, count):
        if not _near_before(a, b, left[k], right[k], block, reach):
            left[kept], right[kept], apart[kept] = left[k], right[k], apart[k]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def _laid(words: U64, order: I32, column: int) -> U64:
    """One word of each hash, in the order of the keys."""
    laid = np.empty(order.size, np.uint64)
    for p in range(order.size):
        laid[p] = words[order[p], column]
    return laid


@njit(cache=True, nogil=True)
def _near_before(a: U64, b: U64, i: int, j: int, block: int, reach: I64) -> bool:
    """Is a block before this one near, each by its own reach?"""
    for c in range(block):
        part = ((a[i, c // 4] ^ b[j, c // 4]) >> np.uint64(16 * (c % 4))) & np.uint64(0xFFFF)
        if np.int64(_ones(part)) <= reach[c]:
            return True
    return False


@njit(cache=True, nogil=True)
def _grown(old: Any, room: int) -> Any:
    new = np.empty(room, old.dtype)
    new[: old.size] = old
    return new


@njit(cache=True, nogil=True)
def every_pair(a: U64, b: U64, radius: int, same: bool, most: int) -> tuple[I32, I32, I16, int]:
    """Pairs within the radius by looking at every pair: for few hashes, or for a wide radius."""
    width = a.shape[1]
    room = 1024
    left: Any = np.empty(room, np.int32)
    right: Any = np.empty(room, np.int32)
    apart: Any = np.empty(room, np.int16)
    count = 0
    limit = np.uint64(radius)
    for i in range(a.shape[0]):
        for j in range(i + 1 if same else 0, b.shape[0]):
            distance = np.uint64(0)
            for w in range(width):
                distance += _ones(a[i, w] ^ b[j, w])
            if distance > limit:
                continue
            if count == most:
                return left[:count], right[:count], apart[:count], most + 1
            if count == room:
                room *= 2
                left = _grown(left, room)
                right = _grown(right, room)
                apart = _grown(apart, room)
            left[count] = i
            right[count] = j
            apart[count] = np.int16(distance)
            count += 1
    return left[:count], right[:count], apart[:count], count


@njit(cache=True, nogil=True)
def look_up(
    asked: U64, kept: U64, start: I32, order: I32, block: int, masks: I32, radius: int
) -> tuple[I32, I32, I16]:
    """Pairs within the radius that one block leads to, for a few questions."""
    room = 1024
    left: Any = np.empty(room, np.int32)
    right: Any = np.empty(room, np.int32)
    apart: Any = np.empty(room, np.int16)
    count = 0
    limit = np.uint64(radius)
    shift = np.uint64(16 * (block % 4))
    for i in range(asked.shape[0]):
        key = np.int64((asked[i, block // 4] >> shift) & np.uint64(0xFFFF))
        for m in range(masks.size):
            other = key ^ masks[m]
            for q in range(start[other], start[other + 1]):
                j = order[q]
                distance = np.uint64(0)
                for w in range(4):
                    distance += _ones(asked[i, w] ^ kept[j, w])
                if distance > limit:
                    continue
                if count == room:
                    room *= 2
                    left = _grown(left, room)
                    right = _grown(right, room)
                    apart = _grown(apart, room)
                left[count] = i
                right[count] = j
                apart[count] = np.int16(distance)
                count += 1
    return left[:count], right[:count], apart[:count]
