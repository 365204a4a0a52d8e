"""Compiled reading of plain dotted quads, straight from the text of a whole column."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def dotted_quads(
    text: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Read each text that is a plain dotted quad; tell which are."""
    size = len(offsets) - 1
    values = np.zeros(size, dtype=np.uint32)
    plain = np.zeros(size, dtype=np.bool_)
    for i in range(size):
        begin, end = offsets[i], offsets[i + 1]
        if end - begin < 7 or end - begin > 15:
            continue
        value, part, digits, dots = np.uint32(0), np.uint32(0), 0, 0
        good: bool | np.bool_ = True
        for place in range(begin, end):
            sign = text[place]
            if sign == 46:
                good = good and digits > 0
                value = (value << np.uint32(8)) | part
                part, digits = np.uint32(0), 0
                dots += 1
            elif 48 <= sign <= 57:
                good = good and not (digits > 0 and part == 0)
                part = part * np.uint32(10) + np.uint32(sign - 48)
                digits += 1
                good = good and digits <= 3 and part <= 255
            else:
                good = False
        if good and digits > 0 and dots == 3:
            values[i] = (value << np.uint32(8)) | part
            plain[i] = True
    return values, plain
