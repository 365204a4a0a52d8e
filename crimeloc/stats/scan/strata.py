"""Strata of a scan: within which hours, weekdays and opening patterns times may change hands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.events.calendar import open_share
from crimeloc.messages import Hint, Message
from crimeloc.stats._words import NONE
from crimeloc.units import DAY_S, WEEK_S

__all__ = ["KINDS", "Strata", "chosen_kinds", "strata_of_bins", "strata_that_agree"]

KINDS = ("hour", "weekday", "opening")
_DAY_US = 86_400_000_000
_MONDAY_US = 1_736_121_600_000_000  # 2025-01-06 00:00, the Monday of a week without holidays


DIFFER = 3.0
"""Strata that differ by more than so many standard deviations (chance: one in 700) stay apart."""


WORDS = {
    "hour": Message("hour of day"),
    "weekday": Message("day of week"),
    "opening": Message("opening pattern"),
}


class Strata(NamedTuple):
    """What times may be exchanged.

    Parameters
    ----------
    of_bin : ndarray, shape (bins,)
        Label of each bin: its hour of the day, weekday, both, or 0.
    of_venue : ndarray, shape (venues, labels)
        Opening pattern of each venue at each label.
    kinds : tuple of {"hour", "weekday", "opening"}
        What the strata go by.
    """

    of_bin: NDArray[np.int64]
    of_venue: NDArray[np.int64]
    kinds: tuple[str, ...]

    @property
    def words(self) -> Message:
        """The strata in words."""
        said = [WORDS[kind] for kind in self.kinds]
        return reduce(lambda a, b: Message("{a} x {b}", a=a, b=b), said) if said else NONE


def chosen_kinds(
    strata: str | Sequence[str] | None, unit_s: float, hours_known: bool
) -> tuple[str, ...]:
    """Which kinds of strata does this time unit need?

    Parameters
    ----------
    strata : "auto", None, or sequence of {"hour", "weekday", "opening"}
        What was asked for.
    unit_s : float
        The time unit in seconds.
    hours_known : bool
        Whether opening hours are at hand.

    Returns
    -------
    tuple of str
        For "auto": none for whole weeks and for two weeks or more; the weekday for other whole
        days; the hour, and the opening pattern where it is known, for anything shorter.

    Raises
    ------
    ParameterError
        A kind is unknown, or "opening" was asked for without opening hours.

    Examples
    --------
    >>> chosen_kinds("auto", 3600.0, True), chosen_kinds("auto", 86400.0, True)
    (('hour', 'opening'), ('weekday',))
    """
    if strata is None:
        return ()
    if strata == "auto":
        # In a long bin every weekday comes about as often, and too few bins begin on each.
        if unit_s % WEEK_S == 0 or unit_s >= 2 * WEEK_S:
            return ()
        if unit_s % DAY_S == 0:
            return ("weekday",)
        return ("hour", "opening") if hours_known else ("hour",)
    asked = (strata,) if isinstance(strata, str) else tuple(strata)
    unknown = [kind for kind in asked if kind not in KINDS]
    if unknown:
        expected = Message("'auto', None, or some of {kinds}", kinds=", ".join(map(repr, KINDS)))
        raise ParameterError(
            "strata",
            found=repr(unknown[0]),
            expected=expected,
            hint=Hint(strata=["hour", "opening"]),
        )
    if "opening" in asked and not hours_known:
        raise ParameterError(
            "strata",
            found="no opening hours",
            expected="a column opening_hours",
            hint="scan_test(..., venues=venues)",
        )
    return tuple(kind for kind in KINDS if kind in asked)


def strata_of_bins(
    kinds: tuple[str, ...],
    bin_walls: NDArray[np.int64],
    unit_us: int,
    opening_hours: pd.Series | None,
    n_venues: int,
) -> Strata:
    """Give the label of each bin and the opening pattern of each venue at each label.

    Parameters
    ----------
    kinds : tuple of str
        As `chosen_kinds` gives them.
    bin_walls : ndarray of int64
        Beginning of each bin on the clocks at the venues.
    unit_us : int
        Length of a bin in microseconds.
    opening_hours : Series of str or None
        OSM opening hours of each venue.
    n_venues : int
        Number of venues.

    Returns
    -------
    Strata
        Two events may exchange times where their bins have one label and their venues one pattern.

    Notes
    -----
    With the hour of the day, the opening pattern of a venue is the list of weekdays on which it is
    open at that hour: venues that are open at the same times are compared, and a venue that never
    closes is left alone with its like only while the others are closed. With the weekday, events
    change weeks only, and every week has the same opening hours: the pattern adds nothing.
    """
    hour = bin_walls % _DAY_US
    weekday = (bin_walls // _DAY_US + 3) % 7
    key = np.zeros(len(bin_walls), np.int64)
    if "hour" in kinds:
        key += hour * 7
    if "weekday" in kinds:
        key += weekday
    labels, of_bin = np.unique(key, return_inverse=True)
    pattern = np.zeros((n_venues, len(labels)), np.int64)
    if "opening" in kinds and "weekday" not in kinds and opening_hours is not None:
        starts = labels // 7 if "hour" in kinds else np.zeros(1, np.int64)
        length = unit_us if "hour" in kinds else _DAY_US
        pattern = _patterns(opening_hours, starts, length)
    return Strata(of_bin.astype(np.int64), pattern, kinds)


def _patterns(
    opening_hours: pd.Series, starts: NDArray[np.int64], length: int
) -> NDArray[np.int64]:
    """Number the different weeks of open shares, for each time of day; unknown hours are 0."""
    steps = max(1, round(length / 3_600_000_000))
    inner = np.arange(steps) * (length // steps)
    walls = _MONDAY_US + np.arange(7)[:, None, None] * _DAY_US + starts[None, :, None] + inner
    begins = walls.ravel()
    share = open_share(opening_hours, begins, begins + length // steps, tz="UTC", country=None)
    share = share.reshape(len(opening_hours), 7, len(starts), steps).round(6)
    known = opening_hours.notna().to_numpy()
    result = np.zeros((len(opening_hours), len(starts)), np.int64)
    for j in range(len(starts)):
        week = share[:, :, j, :].reshape(len(opening_hours), -1)
        _, number = np.unique(week, axis=0, return_inverse=True)
        result[:, j] = np.where(known, number.ravel() + 1, 0)
    return result


def strata_that_agree(counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which strata spread their events over the venues alike?

    Parameters
    ----------
    counts : ndarray, shape (strata, venues)
        Events of each venue in each stratum, in whole units.

    Returns
    -------
    ndarray of int64, shape (strata,)
        Number of the group of each stratum.

    Notes
    -----
    Strata are taken largest first; each joins the group it differs from least, by Pearson's
    chi-square of two samples, unless it differs by more than 3 standard deviations. What each
    venue expects is then worked out from the whole group. Shuffles never leave a stratum and the
    counts are the same in every drawn world, so this choice is too: the p-value stays exact
    whatever is grouped. It decides only how sharp the statistic is, for with a stratum by itself a
    burst is much of what it is held against.

    Examples
    --------
    >>> strata_that_agree(np.array([[20.0, 30, 0], [40, 60, 0], [0, 3, 50]])).tolist()
    [0, 0, 1]
    """
    group = np.zeros(len(counts), np.int64)
    sums = np.zeros_like(counts, dtype=np.float64)
    found = 0
    for stratum in np.argsort(-counts.sum(axis=1), kind="stable"):
        own = counts[stratum]
        both = sums[:found] + own
        # A stratum whose weights are all below a thousandth holds no count.
        theirs = np.maximum(sums[:found].sum(axis=1), 1e-9)
        mine = own.sum()
        mean = both * (mine / (mine + theirs))[:, None]
        off = np.divide((own - mean) ** 2, mean, out=np.zeros_like(both), where=mean > 0)
        # The two samples are off by the same; over both, the smaller counts the more.
        chi_square = off.sum(axis=1) * (mine + theirs) / theirs
        # The cube root of chi-square over its freedom is nearly normal (Wilson and Hilferty).
        freedom = np.maximum((both > 0).sum(axis=1) - 1.0, 1.0)
        spread = 2.0 / (9.0 * freedom)
        differs = (np.cbrt(chi_square / freedom) - (1.0 - spread)) / np.sqrt(spread)
        nearest = int(differs.argmin()) if found else 0
        if not found or differs[nearest] > DIFFER:
            nearest = found
            found += 1
        group[stratum] = nearest
        sums[nearest] += own
    return np.unique(group, return_inverse=True)[1].astype(np.int64) if len(group) else group
