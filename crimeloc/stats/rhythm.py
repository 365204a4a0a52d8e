"""How regular are the hours of a series?"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.errors import ParameterError
from crimeloc.events import event_times
from crimeloc.messages import Hint
from crimeloc.stats._series import series_visits
from crimeloc.stats.adjust import adjusted_p, check_adjust

__all__ = ["rayleigh", "regularity"]

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CLOCKS = {"day": (86_400_000_000, 24), "week": (604_800_000_000, 56)}
"""Length in microseconds, and number of bins (hours; blocks of three hours) for the entropy."""

DTYPES = {
    "series_id": "str",
    "clock": "str",
    "n_visits": "int64",
    "mean": "str",
    "strength": "float64",
    "strength_low": "float64",
    "strength_high": "float64",
    "p_value": "float64",
    "p_adjusted": "float64",
    "entropy": "float64",
    "entropy_low": "float64",
    "entropy_high": "float64",
}


def regularity(
    located: gpd.GeoDataFrame,
    level: float = 0.9,
    *,
    rng: int | np.random.Generator,
    n_resamples: int = 999,
    at: units.Instant | None = None,
    adjust: str | None = None,
    session_gap: units.Duration = "6h",
    tz: str | None = None,
) -> pd.DataFrame:
    """How regular are the hours of a series?

    Parameters
    ----------
    located : GeoDataFrame
        Located events (contract LOCATED); each ``series_id`` is looked at alone, or all events
        together where there is no such column.
    level : float
        Coverage of the intervals.
    rng : int or Generator
        Seed or generator of the intervals. Same seed, same result to the byte.
    n_resamples : int
        Resamples behind each interval.
    at : str or datetime, optional
        Only events before this moment, with its zone, are looked at.
    adjust : {None, "bh", "westfall_young"}
        How ``p_adjusted`` allows for the number of series, on each clock.
    session_gap : str or timedelta
        Events at one place with pauses of at most this are one visit: a burst is no habit.
    tz : str, optional
        Zone of the clocks at the venues; by default the column ``tz``.

    Returns
    -------
    DataFrame
        One row per series and clock (``"day"``, ``"week"``): ``n_visits``; ``mean`` time on the
        clock; ``strength`` 0 (any hour) to 1 (always the same) with interval; ``p_value`` of
        Rayleigh's test against any hour being alike, and ``p_adjusted``; ``entropy`` 0 (always the
        same hour) to 1 (all hours alike) with interval.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        A parameter is out of range.

    Notes
    -----
    ``strength`` is the mean resultant length of the times as angles. A series with two favourite
    hours twelve hours apart has strength near 0 and a low entropy: read both. Entropy is over 24
    hours of the day or 56 three-hour blocks of the week, by Chao and Shen's estimate (hours not
    yet seen are allowed for), over its largest value. The interval of the strength is Student's, on
    Fisher's scale, around the strength without what few visits add to it; where Rayleigh's test
    finds nothing it begins at 0. That of the entropy is Student's with the scatter of resampled
    visits. Measured on made-up habits of four kinds, 90 % intervals of the strength covered the
    truth in 82-96 % of series from 10 visits on (71-95 % with 5), those of the entropy in 75-97 %
    from 20 visits on (68-96 % below): few visits say little. Opening hours make any series look
    regular: compare series with each other rather than with 0. Time is local wall time.

    References
    ----------
    Zar, J. H. (2010). *Biostatistical Analysis*, 5th ed., chapters 26-27 (Rayleigh's test, eq.
    27.4). Chao, A. & Shen, T.-J. (2003). Nonparametric estimation of Shannon's index of diversity
    when there are unseen species in sample. *Environmental and Ecological Statistics* 10, 429-443.

    Examples
    --------
    >>> from crimeloc import geometry
    >>> located = gpd.GeoDataFrame({
    ...     "event_id": [f"E{i}" for i in range(20)],
    ...     "timestamp": pd.date_range("2026-03-01 21:00", periods=20, freq="D", tz="Asia/Seoul"),
    ...     "venue_id": "V1", "weight": 1.0, "how": "given",
    ... }, geometry=geometry.points([[127.0, 37.5]] * 20))
    >>> found = regularity(located, rng=7)
    >>> found[["clock", "mean", "strength", "entropy"]].round(2).values.tolist()
    [['day', '21:00', 1.0, 0.0], ['week', 'Wed 09:00', 0.05, 0.51]]
    """
    if not 0 < level < 1:
        raise ParameterError(
            "level", found=repr(level), expected="between 0 and 1", hint=Hint(level=0.9)
        )
    if n_resamples < 1:
        raise ParameterError(
            "n_resamples",
            found=repr(n_resamples),
            expected="a whole number from 1",
            hint=Hint(n_resamples=999),
        )
    check_adjust(adjust)
    generator = units.generator(rng)
    until = None if at is None else units.instant_us(at)
    if until is not None:
        located = located.loc[event_times(located) < until]
    zone = units.local_zone(located, tz)
    rows = []
    for visits in series_visits(located, session_gap):
        # Day 0 was a Thursday: three days on, the week begins on Monday.
        wall = units.wall_clock(visits.moment, zone) + 3 * 86_400_000_000
        picks = generator.integers(0, len(wall), size=(n_resamples, len(wall)))
        for clock, (period, bins) in CLOCKS.items():
            phase = wall % period / period
            angle = phase * 2 * np.pi
            found, mean = _resultant(angle)
            strength = float(found)
            block = np.minimum((phase * bins).astype(np.int64), bins - 1)
            entropy = float(_entropy(block[None], bins)[0])
            resampled = _entropy(block[picks], bins)
            rows.append(
                (
                    visits.series,
                    clock,
                    len(wall),
                    _clock_text(mean / (2 * np.pi), clock),
                    strength,
                    *_strength_interval(angle, mean, strength, level),
                    rayleigh(strength, len(wall)),
                    np.nan,
                    entropy,
                    *_entropy_interval(resampled, level, entropy, len(wall), bins),
                )
            )
    table = pd.DataFrame(rows, columns=list(DTYPES)).astype(DTYPES)
    for clock in CLOCKS:
        mine = (table["clock"] == clock).to_numpy()
        p = table.loc[mine, "p_value"].to_numpy(dtype=np.float64)
        # Where any hour is alike, one p-value is as likely as any other.
        worlds = generator.random((n_resamples, len(p))) if adjust == "westfall_young" else None
        table.loc[mine, "p_adjusted"] = adjusted_p(p, adjust, worlds)
    return table


def rayleigh(strength: float, n: int) -> float:
    """How likely is so strong a preference if all hours were alike?

    Parameters
    ----------
    strength : float
        Mean resultant length, 0 to 1.
    n : int
        Number of times, at least 1.

    Returns
    -------
    float
        p-value, above 0 and at most 1.

    Notes
    -----
    exp(sqrt(1 + 4n + 4(n^2 - R^2)) - (1 + 2n)) with R = n times the strength: right to about a
    hundredth for n of 5, better above.

    References
    ----------
    Zar, J. H. (2010). *Biostatistical Analysis*, 5th ed., eq. 27.4.

    Examples
    --------
    >>> round(rayleigh(0.82522, 8), 4)
    0.0019
    """
    resultant = n * strength
    root = np.sqrt(max(1 + 4 * n + 4 * (n * n - resultant * resultant), 0.0))
    chance = float(np.exp(root - (1 + 2 * n)))
    return min(max(chance, float(np.finfo(np.float64).tiny)), 1.0)


def _resultant(angle: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    cosine, sine = np.cos(angle).mean(axis=-1), np.sin(angle).mean(axis=-1)
    mean = float(np.arctan2(sine, cosine)) % (2 * np.pi) if angle.ndim == 1 else np.nan
    return np.asarray(np.hypot(cosine, sine)), mean


def _entropy(block: NDArray[np.int64], bins: int) -> NDArray[np.float64]:
    """Give the entropy of each row over the largest it could be (Chao and Shen's estimate)."""
    rows, n = block.shape
    flat = np.bincount((block + bins * np.arange(rows)[:, None]).ravel(), minlength=rows * bins)
    count = flat.reshape(rows, bins)
    once = (count == 1).sum(axis=1)
    # The share of the habit that was seen; with every visit in a bin of its own, one is set apart.
    seen = 1.0 - np.where(once == n, n - 1, once) / n
    share = count / n * seen[:, None]
    met = np.where(share < 1.0, 1.0 - (1.0 - share) ** n, 1.0)
    part = -share * np.log(np.where(share > 0, share, 1.0)) / np.where(count > 0, met, 1.0)
    return np.asarray(np.clip(part.sum(axis=1) / np.log(bins), 0.0, 1.0))


def _strength_interval(
    angle: NDArray[np.float64], mean: float, found: float, level: float
) -> tuple[float, float]:
    """Give Student's interval on Fisher's scale, from 0 where Rayleigh's test finds nothing."""
    n = len(angle)
    if n < 2:
        return 0.0, 1.0
    spare = 1.0 - 1e-6
    without = min(np.sqrt(max(0.0, (n * found * found - 1.0) / (n - 1.0))), spare)
    error = float(np.cos(angle - mean).std(ddof=1)) / np.sqrt(n) / (1.0 - without * without)
    reach = _student(level, n) * error
    low = float(np.tanh(np.arctanh(without) - reach))
    high = float(np.tanh(np.arctanh(min(found, spare)) + reach))
    if rayleigh(found, n) > (1.0 - level) / 2.0:
        low = 0.0
    return max(0.0, min(low, found)), min(1.0, max(high, found))


def _entropy_interval(
    values: NDArray[np.float64], level: float, found: float, n: int, bins: int
) -> tuple[float, float]:
    """Give Student's interval with the scatter of the resamples."""
    if n < 2 or len(values) < 2:
        return 0.0, 1.0
    reach = _student(level, n) * float(values.std(ddof=1))
    if found == 0.0:
        # One hour seen, and so no scatter: what else there may be, n visits in a row missed it.
        other = 1.0 - ((1.0 - level) / 2.0) ** (1.0 / n)
        both = -other * np.log(other) - (1.0 - other) * np.log(1.0 - other)
        reach = (both + other * np.log(bins - 1)) / np.log(bins)
    return max(found - reach, 0.0), min(found + reach, 1.0)


def _student(level: float, n: int) -> float:
    """Give the quantile of Student's law for n values."""
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, (1.0 + level) / 2.0))


def _clock_text(share: float, clock: str) -> str:
    minutes = round(share * (1440 if clock == "day" else 10_080)) % (
        1440 if clock == "day" else 10_080
    )
    day, rest = divmod(minutes, 1440)
    text = f"{rest // 60:02d}:{rest % 60:02d}"
    return text if clock == "day" else f"{DAYS[day]} {text}"
