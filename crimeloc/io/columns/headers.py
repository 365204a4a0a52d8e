"""Which row of a table holds the names of its columns?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crimeloc.io.columns.matching import is_known, plain_name

__all__ = ["HeaderFinder", "joined_headers", "looks_like_data"]

_VALUE = re.compile(
    r"\d{4}[-./년]\s?\d{1,2}[-./월]\s?\d{1,2}.*"  # a day
    r"|\d{1,2}:\d{2}(?::\d{2})?"
    r"|\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?"  # an address
    r"|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){3,}"
    r"|[0-9a-fA-F]{16,}"
    r"|[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?"
)


class HeaderFinder(NamedTuple):
    """What a header should have.

    Parameters
    ----------
    columns : mapping
        Part to column name, as the caller gives it; the header holds all these names.
    """

    columns: Mapping[str, str]

    def score(self, cells: Sequence[str]) -> tuple[int, int, int]:
        """How well do these cells serve as names?

        Parameters
        ----------
        cells : sequence of str
            A row.

        Returns
        -------
        tuple of int
            Names of the caller that it holds; whether it is no row of data; known names. The row
            with the largest score is the header.

        Examples
        --------
        >>> finder = HeaderFinder({"timestamp": "When"})
        >>> finder.score(["When", "IP"]), finder.score(["2026-03-01 23:05", "login"])
        ((1, 1, 1), (0, 0, 1))
        """
        plain = {plain_name(cell) for cell in cells if cell}
        wanted = {plain_name(name) for name in self.columns.values() if name}
        known = sum(is_known(cell) for cell in cells if cell)
        return len(wanted & plain), int(not looks_like_data(cells)), known

    def sure(self, score: tuple[int, int, int]) -> bool:
        """Is a row of this score a header beyond doubt?"""
        wanted = len({name for name in self.columns.values() if name})
        return score[0] == wanted and score[1] == 1 and (score[2] >= 2 or score[0] >= 1)


def looks_like_data(cells: Sequence[str]) -> bool:
    """Is this a row of values rather than of names?

    Parameters
    ----------
    cells : sequence of str
        A row.

    Returns
    -------
    bool
        Whether half of its filled cells or more are days, times, addresses, hashes or numbers.

    Examples
    --------
    >>> looks_like_data(["2026-03-01 23:05", "203.0.113.7", "login"])
    True
    >>> looks_like_data(["시각", "IP", "2026"])
    False
    """
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    values = sum(_VALUE.fullmatch(cell) is not None for cell in filled)
    return bool(filled) and 2 * values >= len(filled)


def joined_headers(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Which names do two rows of a header give together?

    Parameters
    ----------
    upper, lower : sequence of str
        The rows; the cells of the upper one already filled to the right where they are merged.

    Returns
    -------
    list of str
        The lower name; the upper one where there is no lower; both where the lower name alone
        would stand twice.

    Examples
    --------
    >>> joined_headers(["연번", "접속", "접속"], ["", "일시", "IP"])
    ['연번', '일시', 'IP']
    >>> joined_headers(["시작", "종료"], ["일시", "일시"])
    ['시작일시', '종료일시']
    """
    width = max(len(upper), len(lower))
    pairs = [
        (upper[i] if i < len(upper) else "", lower[i] if i < len(lower) else "")
        for i in range(width)
    ]
    lowest = [low for _, low in pairs if low]
    return [
        (low if lowest.count(low) == 1 or not high else f"{high}{low}") if low else high
        for high, low in pairs
    ]
