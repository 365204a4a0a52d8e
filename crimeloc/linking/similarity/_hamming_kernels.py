"""Compiled parts of the Hamming search. Nothing is compiled at import."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
I16 = NDArray[np.int16]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


class Side(NamedTuple):
    """The hashes of one side of a join, and where each key of a block begins among the sorted."""

    hashes: U64
    start: I32
    order: I32


class Laid(NamedTuple):
    """The same, each word of the hashes laid in the order of the keys."""

    words: tuple[U64, U64, U64, U64]
    start: I32
    order: I32


class Search(NamedTuple):
    """What is looked up and what counts as near; with `same`, both sides are one set."""

    masks: I32
    rule: U64
    radius: int
    same: bool


class Room(NamedTuple):
    """Where the candidates of a key are copied side by side."""

    words: tuple[U64, U64, U64, U64]
    which: I32
    numbers: I32


STEP, LANES = 8, 8
"""Hashes copied, and compared, at once."""

SPARE = 48
"""Candidates of a key up to which two words of each are looked at first."""


def _count_ones(typingctx: Any, word: Any) -> Any:  # noqa: ARG001
    """Count the ones of a 64-bit word, by the processor's own instruction."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), codegen


def _copy_four(typingctx: Any, source: Any, i: Any, target: Any, j: Any) -> Any:  # noqa: ARG001
    """Copy four neighbours of an array at once, wanted or not: no branch on how many."""
    width = 64 if source.dtype == types.uint64 else 32
    four = ir.VectorType(ir.IntType(width), STEP).as_pointer()

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        a = context.make_array(signature.args[0])(context, builder, args[0]).data
        b = context.make_array(signature.args[2])(context, builder, args[2]).data
        value = builder.load(builder.bitcast(builder.gep(a, [args[1]]), four), align=width // 8)
        place = builder.bitcast(builder.gep(b, [args[3]]), four)
        builder.store(value, place, align=width // 8)
        return context.get_dummy_value()

    return types.void(source, types.int64, target, types.int64), codegen


def _match_eight(typingctx: Any, hashes: Any, r: Any, x: Any, rule: Any, limit: Any) -> Any:  # noqa: ARG001
    """Which of eight hashes lie within the limit, and have no near block before this one?

    The ones of each 16-bit block are counted as they stand side by side; `rule` holds, for each of
    the four words, what lifts a count beyond a block's reach into its top bit, and the top bits of
    the blocks that come before. Gives one bit for each hash.
    """
    i64 = ir.IntType(64)
    words, blocks = ir.VectorType(i64, LANES), ir.VectorType(ir.IntType(16), 4 * LANES)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def every(value: Any) -> Any:
            one = builder.insert_element(ir.Constant(words, ir.Undefined), value, i32(0))
            zero = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
            return builder.shuffle_vector(one, ir.Constant(words, ir.Undefined), zero)

        def i32(value: int) -> Any:
            return ir.Constant(ir.IntType(32), value)

        def same(value: int) -> Any:
            return ir.Constant(words, [value] * LANES)

        tools: Any = cgutils
        count = tools.get_or_insert_function(
            builder.module, ir.FunctionType(blocks, [blocks]), f"llvm.ctpop.v{4 * LANES}i16"
        )
        total, near = None, same(0)
        for w in range(4):
            array = builder.extract_value(args[0], w)
            data = context.make_array(signature.args[0].types[w])(context, builder, array).data
            at = builder.bitcast(builder.gep(data, [args[1]]), words.as_pointer())
            apart = builder.xor(builder.load(at, align=8), every(builder.extract_value(args[2], w)))
            ones = builder.call(count, [builder.bitcast(apart, blocks)])
            lift = every(builder.extract_value(args[3], 2 * w))
            before = every(builder.extract_value(args[3], 2 * w + 1))
            far = builder.bitcast(builder.add(ones, builder.bitcast(lift, blocks)), words)
            near = builder.or_(near, builder.and_(builder.not_(far), before))
            total = ones if total is None else builder.add(total, ones)
        total = builder.bitcast(total, words)
        total = builder.add(total, builder.lshr(total, same(32)))
        total = builder.add(total, builder.lshr(total, same(16)))
        total = builder.and_(total, same(0xFFFF))
        good = builder.and_(
            builder.icmp_unsigned("<=", total, every(args[4])),
            builder.icmp_unsigned("==", near, same(0)),
        )
        return builder.zext(builder.bitcast(good, ir.IntType(LANES)), i64)

    return types.uint64(hashes, types.int64, x, rule, types.uint64), codegen


_ones: Any = intrinsic(_count_ones)
_copy: Any = intrinsic(_copy_four)
_match: Any = intrinsic(_match_eight)


@njit(cache=True, nogil=True)
def sort_by_block(words: U64, block: int) -> tuple[I32, I32]:
    """Counting sort by the 16 bits of a block: where each key begins, and the hashes in order."""
    n = words.shape[0]
    shift = np.uint64(16 * (block % 4))
    column = block // 4
    key = np.empty(n, np.uint16)
    start = np.zeros(65_538, np.int32)
    for i in range(n):
        key[i] = np.uint16((words[i, column] >> shift) & np.uint64(0xFFFF))
        start[np.int64(key[i]) + 2] += 1
    for k in range(65_537):
        start[k + 1] += start[k]
    order = np.empty(n, np.int32)
    for i in range(n):
        here = np.int64(key[i]) + 1  # the place of the next one of this key
        order[start[here]] = i
        start[here] += 1
    return start[:65_537], order


@njit(cache=True, nogil=True)
def _laid(words: U64, order: I32, own: int) -> U64:
    """The words of each hash side by side, in the order of the keys, the block's own word last."""
    n = order.size
    laid = np.empty((4, n + LANES), np.uint64)
    laid[:, n:] = 0
    a, b, c, d = laid[0], laid[1], laid[2], laid[3]
    one, two, three = (own + 1) % 4, (own + 2) % 4, (own + 3) % 4
    for p in range(n):
        i = order[p]
        a[p] = words[i, one]
        b[p] = words[i, two]
        c[p] = words[i, three]
        d[p] = words[i, own]
    return laid


@njit(cache=True, nogil=True)
def join_block(
    side_a: Side,
    side_b: Side,
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
    a, start_a, order_a = side_a
    b, start_b, order_b = side_b
    own = block // 4
    laid_a = _laid(a, order_a, own)
    laid_b = laid_a if same else _laid(b, order_b, own)
    rule = np.zeros(8, np.uint64)  # for each word: what lifts a far block, top bits of those before
    for w in range(4):
        for c in range(4):
            here = 4 * ((own + 1 + w) % 4) + c
            if here < block and reach[here] >= 0:
                rule[2 * w] |= np.uint64(0x7FFF - reach[here]) << np.uint64(16 * c)
                rule[2 * w + 1] |= np.uint64(0x8000) << np.uint64(16 * c)
    most_b = 1
    for key in range(65_536):
        most_b = max(most_b, start_b[key + 1] - start_b[key])
    longest = min(most_b * masks.size, b.shape[0])
    numbers = np.empty(b.shape[0] + LANES, np.int32)
    for q in range(numbers.size):
        numbers[q] = q
    beside = np.zeros((4, longest + 16), np.uint64)  # the candidates of a key, side by side
    which = np.zeros(longest + 16, np.int32)
    room = max(65_536, longest, min(1 << 22, 16 * (a.shape[0] + b.shape[0])))
    left: Any = np.empty(room, np.int32)
    right: Any = np.empty(room, np.int32)
    apart: Any = np.empty(room, np.int16)
    sides = (
        Laid((laid_a[0], laid_a[1], laid_a[2], laid_a[3]), start_a, order_a),
        Laid((laid_b[0], laid_b[1], laid_b[2], laid_b[3]), start_b, order_b),
    )
    search = Search(masks, rule, radius, same)
    side_by_side = Room((beside[0], beside[1], beside[2], beside[3]), which, numbers)
    key, p, count = 0, 0, 0
    while True:
        key, p, count = _fill(sides, search, (key, p, count), (left, right, apart), side_by_side)
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
    sides: tuple[Laid, Laid],
    search: Search,
    state: Any,
    pairs: tuple[I32, I32, I16],
    room: Room,
) -> tuple[int, int, int]:
    """Go on with the join until it is done or there is no more room; give where it stands.

    The hashes of the near keys are copied side by side, so that each hash of this key meets them in
    one straight run. The arrays never change their place here: a loop that may swap them runs four
    times slower.
    """
    (a0, a1, a2, a3), start_a, order_a = sides[0]
    (b0, b1, b2, b3), start_b, order_b = sides[1]
    beside, which, numbers = room
    c0, c1, c2, c3 = beside
    masks, rule, radius, same = search
    left, right, apart = pairs
    r0, r1, r2, r3, r4, r5, r6, r7 = (
        rule[0],
        rule[1],
        rule[2],
        rule[3],
        rule[4],
        rule[5],
        rule[6],
        rule[7],
    )
    limit = np.uint64(radius)
    first_key, first_p, count = state
    for key in range(first_key, 65_536):
        begin_a, end_a = np.int64(start_a[key]), np.int64(start_a[key + 1])
        if begin_a == end_a:
            continue
        n = np.int64(0)
        for m in range(masks.size):
            other = key ^ masks[m]
            begin = np.int64(start_b[other])
            size = np.int64(start_b[other + 1]) - begin
            if same and other < key:
                size = np.int64(0)
            _copy(b0, begin, c0, n)
            _copy(b1, begin, c1, n)
            if size > STEP:
                for r in range(STEP, size, STEP):
                    _copy(b0, begin + r, c0, n + r)
                    _copy(b1, begin + r, c1, n + r)
            n += size
        if n == 0:
            continue
        ready = False
        whole = (n + 3) // 4 * 4  # beyond n lie leftovers: a false alarm at worst
        for p in range(max(begin_a, first_p), end_a):
            if count + n > left.size:
                return key, p, count
            x0, x1, x2, x3 = a0[p], a1[p], a2[p], a3[p]
            if n <= SPARE:
                alarms = np.int64(0)
                for r in range(whole):
                    alarms += np.int64(_ones(x0 ^ c0[r]) + _ones(x1 ^ c1[r]) <= limit)
                if alarms == 0:
                    continue
            if not ready:
                k = np.int64(0)
                for m in range(masks.size):
                    other = key ^ masks[m]
                    begin = np.int64(start_b[other])
                    size = np.int64(start_b[other + 1]) - begin
                    if same and other < key:
                        size = np.int64(0)
                    for r in range(0, size, STEP):
                        _copy(b2, begin + r, c2, k + r)
                        _copy(b3, begin + r, c3, k + r)
                        _copy(numbers, begin + r, which, k + r)
                    k += size
                ready = True
            for r in range(0, n, LANES):
                good = _match(beside, r, (x0, x1, x2, x3), (r0, r1, r2, r3, r4, r5, r6, r7), limit)
                if good == np.uint64(0):
                    continue
                if r + LANES > n:
                    good &= (np.uint64(1) << np.uint64(n - r)) - np.uint64(1)
                while good:
                    s = r + np.int64(_ones((good & (~good + np.uint64(1))) - np.uint64(1)))
                    good &= good - np.uint64(1)
                    q = which[s]
                    distance = _ones(x0 ^ c0[s]) + _ones(x1 ^ c1[s])
                    distance += _ones(x2 ^ c2[s]) + _ones(x3 ^ c3[s])
                    left[count], right[count] = order_a[p], order_b[q]
                    apart[count] = np.int16(distance)
                    count += np.int64((not same) or q > p)
    return 65_536, 0, count


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
