"""Compiled shuffles within strata, the same to the bit on every machine.

Two ideas keep a shuffle exact and cheap. Each world has its own 64-bit seed and draws from
splitmix64, whose state is one number, so that it does not matter which thread computes the world.
A whole number below a bound is the high half of a product, with Lemire's rejection of the few
products that would favour some numbers: every order of a stratum has exactly the same chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc._compiled import part

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
U64 = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_LOW = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)
_S27, _S30, _S31, _S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)


class Strata(NamedTuple):
    """Within what values may change hands: stratum s holds ``items[ptr[s]:ptr[s + 1]]``."""

    ptr: I64
    items: I32


@part
def shuffle(values: I32, strata: Strata, seed: np.uint64) -> None:
    """Shuffle values within each stratum (Fisher and Yates), by splitmix64 from the seed."""
    ptr, items = strata.ptr, strata.items
    state = seed
    for s in range(ptr.size - 1):
        first = ptr[s]
        for k in range(ptr[s + 1] - first - 1, 0, -1):
            bound = np.uint64(k + 1)
            while True:
                state = state + _GOLDEN
                z = (state ^ (state >> _S30)) * _MIX_1
                z = (z ^ (z >> _S27)) * _MIX_2
                z = z ^ (z >> _S31)
                product = (z >> _S32) * bound
                # Lemire's rejection: every place has exactly the same chance. The remainder is
                # smaller than the bound, so it is worked out in the rare cases only.
                rest = product & _LOW
                if rest >= bound or rest >= (_LOW - bound + _ONE) % bound:
                    break
            a = items[first + k]
            b = items[first + np.int64(product >> _S32)]
            kept = values[a]
            values[a] = values[b]
            values[b] = kept
