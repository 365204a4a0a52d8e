"""Which hashes lie within so many bits of each other? Exact, and without looking at every pair."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message

__all__ = ["HammingIndex", "HammingPairs", "hamming_pairs", "parse_hashes"]

_BATCH = 512  # more questions than this are joined block by block
_FEW = 30_000_000  # products of sizes below this are searched pair by pair: quicker than sorting


class HammingPairs(NamedTuple):
    """Pairs of hashes: position in the first set, in the second, and the bits that differ."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    distance: NDArray[np.int16]


def parse_hashes(texts: pd.Series, name: str = "content_hash") -> NDArray[np.uint64]:
    """Which bits do these hexadecimal hashes stand for?

    Parameters
    ----------
    texts : Series of str
        Hexadecimal digits, all of one length that makes whole bytes (64 digits for PDQ).
        Nothing may be missing.
    name : str
        Name of the column, for the error text.

    Returns
    -------
    ndarray of uint64, shape (n, words)
        The bits, filled up with zeros to whole words of 64 bits (at least 256 bits).

    Raises
    ------
    ParameterError
        A hash is missing, is not hexadecimal, or has another length than the rest.

    Examples
    --------
    >>> parse_hashes(pd.Series(["ff" * 32])).shape
    (1, 4)
    """
    column = pd.Series(texts).reset_index(drop=True)
    if not len(column):
        return np.empty((0, 4), np.uint64)
    hint = f'events = events[events["{name}"].str.fullmatch("[0-9a-fA-F]{{64}}")]'
    if column.isna().any():
        place = int(np.flatnonzero(column.isna())[0])
        raise ParameterError(
            name,
            found=Message("no hash in row {place}", place=place + 1),
            expected="a hash in every row",
            hint=hint,
        )
    column = column.astype("str")
    lengths = column.str.len()
    usual = int(lengths.mode().iloc[0])
    wrong = (lengths != usual).to_numpy()
    if wrong.any() or usual % 2 or not usual:
        place = int(np.flatnonzero(wrong)[0]) if wrong.any() else 0
        found = Message(
            "{text:.40} of {digits} digits (row {place})",
            text=repr(column.iloc[place]),
            digits=int(lengths.iloc[place]),
            place=place + 1,
        )
        expected = Message("hashes of one even length ({usual} digits here)", usual=usual)
        raise ParameterError(name, found=found, expected=expected, hint=hint)
    try:
        raw = bytes.fromhex("".join(column.tolist()))
    except ValueError as error:
        odd = ~column.str.fullmatch("[0-9a-fA-F]+").to_numpy(dtype=bool)
        place = int(np.flatnonzero(odd)[0])
        found = Message("{text:.40} (row {place})", text=repr(column.iloc[place]), place=place + 1)
        raise ParameterError(name, found=found, expected="hexadecimal digits", hint=hint) from error
    if len(raw) != len(column) * usual // 2:  # fromhex passes over blanks
        raise ParameterError(
            name, found="blanks inside hashes", expected="hexadecimal digits", hint=hint
        )
    octets = np.frombuffer(raw, np.uint8).reshape(len(column), usual // 2)
    return as_words(octets)


def as_words(hashes: ArrayLike, name: str = "hashes") -> NDArray[np.uint64]:
    """Lay hashes out as words of 64 bits: bytes (n, k), words (n, k) or 0/1 are taken.

    Parameters
    ----------
    hashes : array-like
        uint8 of shape (n, bytes) or uint64 of shape (n, words).
    name : str
        Name of the argument, for the error text.

    Returns
    -------
    ndarray of uint64, shape (n, words)
        At least four words, filled up with zeros.

    Raises
    ------
    ParameterError
        The array has another shape or type.
    """
    array = np.asarray(hashes)
    if array.ndim != 2 or array.dtype not in (np.uint8, np.uint64):
        found = Message("{dtype} of shape {shape}", dtype=array.dtype, shape=str(array.shape))
        raise ParameterError(
            name,
            found=found,
            expected="uint8 (n, bytes) or uint64 (n, words)",
            hint="parse_hashes(column)",
        )
    if not len(array):
        return np.empty((0, max(4, -(-array.shape[1] * array.itemsize // 32) * 4)), np.uint64)
    octets = np.ascontiguousarray(array).view(np.uint8).reshape(len(array), -1)
    width = max(-(-octets.shape[1] // 32) * 32, 32)
    if octets.shape[1] != width:
        filled = np.zeros((len(octets), width), np.uint8)
        filled[:, : octets.shape[1]] = octets
        octets = filled
    return np.ascontiguousarray(octets).view(np.uint64)


def hamming_pairs(
    hashes_a: ArrayLike,
    hashes_b: ArrayLike | None = None,
    radius: int = 31,
    *,
    max_pairs: int = 200_000_000,
    threads: int = 2,
) -> HammingPairs:
    """Which hashes of one set lie within `radius` bits of which hashes of another?

    Parameters
    ----------
    hashes_a : array-like
        uint8 of shape (n, bytes), or uint64 words as `parse_hashes` gives them.
    hashes_b : array-like, optional
        The other set. Without it, pairs within `hashes_a` are given, each once, i < j.
    radius : int
        Most bits that may differ; 31 of 256 is the usual match of PDQ.
    max_pairs : int
        More pairs than these are refused: they would fill the memory.
    threads : int
        Threads to use.

    Returns
    -------
    HammingPairs
        ``left``, ``right``, ``distance``; each pair once, always in the same order, but not
        sorted.

    Raises
    ------
    ParameterError
        Shapes or types differ, the radius is negative, or there are too many pairs: drop the
        hashes that everybody carries first.

    Notes
    -----
    Exact. 256 bits are cut into 16 blocks of 16. If two hashes differ in at most 31 bits, some
    block differs in at most one: for each block both sides are sorted by it, the hashes of the 17
    neighbouring keys laid side by side, and those compared eight at once; a pair is counted at
    its first near block only (Norouzi et al. 2012, with the join laid out for the cache). Longer
    hashes are cut into pieces of 256 bits, one of which lies within an equal share of the radius.
    Wide radii and small sets are searched pair by pair. Cost: n log n for random hashes; with the
    pairs for clumpy ones. Nothing is random.

    References
    ----------
    Norouzi, Punjani, Fleet (2012), Fast search in Hamming space with multi-index hashing.

    Examples
    --------
    >>> a = np.zeros((1, 32), np.uint8)
    >>> b = np.array([[7] + [0] * 31, [255] * 32], np.uint8)
    >>> pairs = hamming_pairs(a, b, 31)
    >>> pairs.left.tolist(), pairs.right.tolist(), pairs.distance.tolist()
    ([0], [0], [3])
    """
    same = hashes_b is None
    a = as_words(hashes_a, "hashes_a")
    b = a if hashes_b is None else as_words(hashes_b, "hashes_b")
    if a.shape[1] != b.shape[1] and len(a) and len(b):
        found = Message(
            "{bits_a} and {bits_b} bits", bits_a=64 * a.shape[1], bits_b=64 * b.shape[1]
        )
        raise ParameterError(
            "hashes_b",
            found=found,
            expected="hashes of one length",
            hint="one kind of hash a column",
        )
    if isinstance(radius, bool) or not isinstance(radius, (int, np.integer)) or radius < 0:
        raise ParameterError(
            "radius", found=repr(radius), expected="bits, at least 0", hint=Hint(radius=31)
        )
    if not len(a) or not len(b):
        none = np.empty(0, np.int32)
        return HammingPairs(none, none.copy(), np.empty(0, np.int16))
    reach = _reaches(radius)
    if len(a) * len(b) <= _FEW or max(reach) > 2:
        parts = [_all_pairs(a, b, int(radius), same, max_pairs)]
    elif a.shape[1] > 4:
        parts = [_by_pieces(a, b, int(radius), same, max_pairs, threads)]
    else:
        parts = _by_blocks(a, b, int(radius), reach, same, max_pairs, threads)
    found_pairs = sum(len(part[0]) for part in parts)
    if found_pairs > max_pairs:
        raise ParameterError(
            "hashes_a",
            found=Message(
                "more than {max_pairs:,} pairs within {radius} bits",
                max_pairs=max_pairs,
                radius=radius,
            ),
            expected="fewer, without hashes that everybody carries",
            hint="drop blank frames and shared intros, or raise max_pairs",
        )
    return _joined(parts, threads)


class HammingIndex:
    """A set of hashes kept ready for questions.

    Parameters
    ----------
    hashes : array-like
        uint8 (n, bytes) or uint64 words, as `parse_hashes` gives them.
    radius : int
        Widest radius that will be asked for.

    Notes
    -----
    Holds 16 orders of the set (64 bytes a hash) beside the hashes. A question costs a few
    microseconds plus the candidates that share a block.

    Examples
    --------
    >>> index = HammingIndex(np.zeros((3, 32), np.uint8))
    >>> index.query(np.zeros((1, 32), np.uint8)).right.tolist()
    [0, 1, 2]
    """

    def __init__(self, hashes: ArrayLike, radius: int = 31) -> None:
        from crimeloc.linking.similarity import _hamming_kernels as kernels

        self._words = as_words(hashes)
        self._radius = radius
        self._reach = _reaches(radius)
        self._sorted = []
        if self._words.shape[1] == 4 and max(self._reach) <= 2:
            for block in range(16):
                if self._reach[block] >= 0:
                    self._sorted.append(kernels.sort_by_block(self._words, block))

    def __len__(self) -> int:
        return len(self._words)

    @property
    def width(self) -> int:
        """Words of 64 bits in a hash."""
        return int(self._words.shape[1])

    def query(self, hashes: ArrayLike, radius: int | None = None) -> HammingPairs:
        """Which hashes of the index lie within the radius of these?

        Parameters
        ----------
        hashes : array-like
            The hashes asked about.
        radius : int, optional
            At most the radius of the index, which is the default.

        Returns
        -------
        HammingPairs
            ``left`` counts the questions, ``right`` the hashes of the index.

        Raises
        ------
        ParameterError
            The radius is wider than the index was made for.
        """
        from crimeloc.linking.similarity import _hamming_kernels as kernels

        wanted = self._radius if radius is None else radius
        if wanted > self._radius:
            hint = f"HammingIndex(hashes, radius={wanted})"
            raise ParameterError(
                "radius",
                found=wanted,
                expected=Message("at most {radius}", radius=self._radius),
                hint=hint,
            )
        asked = as_words(hashes)
        if not self._sorted:
            return hamming_pairs(asked, self._words, wanted)
        if len(asked) > _BATCH:
            reach = _reaches(wanted)
            parts = _by_blocks(
                asked, self._words, wanted, reach, False, 1 << 40, 2, sorted_b=self._sorted
            )
            return _joined(parts, 2)
        parts = []
        for block, (start, order) in enumerate(self._sorted):
            masks = _masks(self._reach[block])
            parts.append(kernels.look_up(asked, self._words, start, order, block, masks, wanted))
        left, right, distance = (np.concatenate(c) for c in zip(*parts, strict=True))
        keys = left.astype(np.int64) * max(len(self), 1) + right
        _, first = np.unique(keys, return_index=True)
        return HammingPairs(left[first], right[first], distance[first])


def _reaches(radius: int) -> list[int]:
    """How many bits each of 16 blocks may differ so that no pair within the radius is missed."""
    base, more = divmod(int(radius), 16)
    return [base] * (more + 1) + [base - 1] * (15 - more)


def _masks(reach: int) -> NDArray[np.int32]:
    bits = [1 << k for k in range(16)]
    masks = [0]
    if reach >= 1:
        masks += bits
    if reach >= 2:
        masks += [bits[i] | bits[j] for i in range(16) for j in range(i)]
    return np.array(masks, np.int32)


_Part = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int16]]


def _joined(parts: list[_Part], threads: int) -> HammingPairs:
    """Lay the parts end to end; where there are millions of pairs, several at a time."""
    if len(parts) == 1:
        return HammingPairs(*parts[0])
    if threads <= 1 or sum(len(part[0]) for part in parts) < 1_000_000:
        left, right, distance = (np.concatenate(column) for column in zip(*parts, strict=True))
        return HammingPairs(left, right, distance)
    with ThreadPoolExecutor(threads) as pool:
        one = pool.submit(np.concatenate, [part[0] for part in parts])
        two = pool.submit(np.concatenate, [part[1] for part in parts])
        three = pool.submit(np.concatenate, [part[2] for part in parts])
    return HammingPairs(one.result(), two.result(), three.result())


def _all_pairs(
    a: NDArray[np.uint64], b: NDArray[np.uint64], radius: int, same: bool, most: int
) -> _Part:
    """Look at every pair: with numpy where that is quicker than loading compiled code."""
    if len(a) * len(b) * a.shape[1] <= 4 * _FEW:
        return _all_pairs_in_numpy(a, b, radius, same, most)
    from crimeloc.linking.similarity import _hamming_kernels as kernels

    left, right, distance, _ = kernels.every_pair(a, b, radius, same, most)
    return left, right, distance


def _all_pairs_in_numpy(
    a: NDArray[np.uint64], b: NDArray[np.uint64], radius: int, same: bool, most: int
) -> _Part:
    parts: list[_Part] = []
    step = max(1, 2_000_000 // max(len(b), 1))
    for begin in range(0, len(a), step):
        some = a[begin : begin + step]
        distance = np.zeros((len(some), len(b)), np.int16)
        for word in range(a.shape[1]):
            distance += np.bitwise_count(some[:, word, None] ^ b[None, :, word])
        near = distance <= radius
        if same:
            near &= np.arange(len(b)) > np.arange(begin, begin + len(some))[:, None]
        i, j = np.nonzero(near)
        parts.append(((i + begin).astype(np.int32), j.astype(np.int32), distance[i, j]))
        if sum(len(part[0]) for part in parts) > most:
            break
    left, right, apart = (np.concatenate(column) for column in zip(*parts, strict=True))
    return left, right, apart


def _by_blocks(
    a: NDArray[np.uint64],
    b: NDArray[np.uint64],
    radius: int,
    reach: list[int],
    same: bool,
    most: int,
    threads: int,
    sorted_b: Sequence[tuple[NDArray[np.int32], NDArray[np.int32]]] = (),
) -> list[_Part]:
    from crimeloc.linking.similarity import _hamming_kernels as kernels

    reaches = np.array(reach, np.int64)
    flood: list[_Part] = []  # once one block alone gives too many pairs, the rest need no look

    def one(block: int) -> _Part:
        if flood:
            return flood[0][0][:0], flood[0][1][:0], flood[0][2][:0]
        side_a = kernels.Side(a, *kernels.sort_by_block(a, block))
        ordered = sorted_b[block] if sorted_b else None
        side_b = side_a if same else kernels.Side(b, *(ordered or kernels.sort_by_block(b, block)))
        masks = _masks(reach[block])
        left, right, distance, count = kernels.join_block(
            side_a, side_b, block, masks, reaches, radius, same, most
        )
        if count > most:
            flood.append((left, right, distance))
        return left, right, distance

    blocks = [block for block in range(16) if reach[block] >= 0]
    if threads <= 1:
        return [one(block) for block in blocks]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, blocks))


def _by_pieces(
    a: NDArray[np.uint64],
    b: NDArray[np.uint64],
    radius: int,
    same: bool,
    most: int,
    threads: int,
) -> _Part:
    """Longer hashes: some piece of 256 bits lies within an equal share of the radius."""
    pieces = a.shape[1] // 4
    keys = []
    for piece in range(pieces):
        part_a = np.ascontiguousarray(a[:, 4 * piece : 4 * piece + 4])
        part_b = None if same else np.ascontiguousarray(b[:, 4 * piece : 4 * piece + 4])
        near = hamming_pairs(part_a, part_b, radius // pieces, max_pairs=most, threads=threads)
        keys.append(near.left.astype(np.int64) * len(b) + near.right)
    left, right = np.divmod(np.unique(np.concatenate(keys)), len(b))
    distance = np.bitwise_count(a[left] ^ b[right]).sum(axis=1).astype(np.int16)
    good = distance <= radius
    return left[good].astype(np.int32), right[good].astype(np.int32), distance[good]
