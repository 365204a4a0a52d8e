"""The rules that an analyst can work out by counting: what every ranking has to beat.

Each is a ranker like any other (`fit`, `rank`, `predict_next`), so that it can be replayed, mapped
and briefed in the place of the real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.evaluation._forecast import SlotGrid, answers, hours_in
from crimeloc.evaluation._history import HOURS, History, Series, unpack
from crimeloc.events import VenueArrays, venue_arrays
from crimeloc.events.calendar import calendar_windows
from crimeloc.messages import Hint, Message
from crimeloc.provenance import Provenance, record
from crimeloc.tables import ELSEWHERE
from crimeloc.units import (
    DAY_S,
    MISSING,
    Duration,
    Instant,
    instant_us,
    local_zone,
    seconds,
    to_timestamps,
)

__all__ = ["RULES", "Baseline", "BaselineRanking", "SlotGrid", "naive"]

Array = NDArray[np.float64]

RULES = ("frequency", "recency", "hour_of_week", "last_venue", "markov", "popularity")
"""The rules, the hardest to beat first."""


@dataclass(frozen=True)
class BaselineRanking:
    """What a counting analyst would say.

    Parameters
    ----------
    slots : DataFrame
        Contract SLOTS; one part, ``from_<rule>``, which is the whole share.
    provenance : Provenance
        What made it.
    """

    slots: pd.DataFrame
    provenance: Provenance

    @property
    def venues(self) -> pd.DataFrame:
        """Shares and expected uploads summed over windows, largest share first."""
        keys = [name for name in ("series_id", "venue_id") if name in self.slots]
        total = self.slots.groupby(keys, sort=False)[["expected", "share"]].sum().reset_index()
        return total.sort_values(
            [*keys[:-1], "share"], ascending=[True] * (len(keys) - 1) + [False]
        )


class Baseline:
    """Where would she look who only counts?

    Parameters
    ----------
    rule : str
        ``"frequency"``: visits to each venue. ``"recency"``: visits, a visit counting half after
        each half-life. ``"hour_of_week"``: visits, counting more the nearer their hour of day
        (a bell of 1 h) and half on another weekday; needs the hour, else it is frequency.
        ``"last_venue"``: the venue of the last event. ``"markov"``: venues visited right after
        earlier visits to the last venue. ``"popularity"``: visits of all series together.
    half_life : str or timedelta
        Of the recency rule.
    smoothing : float
        How many visits the fallback is worth.
    window : str or timedelta
        Length of the windows in `rank`.
    tz : str, optional
        Zone of the clocks at the venues; by default what the table says.

    Notes
    -----
    Smoothing: with c(v) the weighted visits that the rule counts and n their sum,
    ``P(v) = (c(v) + a q(v)) / (n + a)``, a = `smoothing`. The fallback q is the popularity of the
    venue, ``(all visits to v + 1) / (all visits + venues + 1)``, elsewhere being one more venue;
    for ``hour_of_week``, ``last_venue`` and ``markov`` it is the smoothed frequency. So no venue
    has probability 0 and every log score is finite.

    Windows: ``P(v) h(w)``, h being the series' own hours of the week, smoothed with those of all
    series (worth `smoothing` visits); for ``hour_of_week`` the counted visits to v in the window of
    the week w itself, worth n against a of ``P(v) h(w)``. Rate: events since the series' first
    event, per week of at least one, times the horizon.

    An uncertain event counts with the weights of its candidates, and with the rest at "elsewhere".
    Opening hours, closures and holidays are not looked at. Nothing is random. Cost: linear in the
    events of a series plus the venues, for each forecast.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([127.0, 127.1], [37.5, 37.5])
    >>> venues = gpd.GeoDataFrame({"venue_id": ["A", "B"]}, geometry=points, crs=4326)
    >>> times = pd.date_range("2026-02-01 20:00", periods=3, freq="D", tz="Asia/Seoul")
    >>> located = pd.DataFrame({"event_id": ["1", "2", "3"], "timestamp": times,
    ...                         "venue_id": ["A", "A", "B"], "weight": 1.0})
    >>> ranking = Baseline("frequency").fit(located, venues).rank(at="2026-02-10 00:00+09:00")
    >>> ranking.venues[["venue_id", "share"]].round(3).values.tolist()
    [['A', 0.625], ['B', 0.333], ['elsewhere', 0.042]]
    """

    def __init__(
        self,
        rule: str = "frequency",
        *,
        half_life: Duration = "40D",
        smoothing: float = 1.0,
        window: Duration = "4h",
        tz: str | None = None,
    ) -> None:
        if rule not in RULES:
            raise ParameterError(
                "rule",
                found=repr(rule),
                expected=Message("one of {rules}", rules=", ".join(RULES)),
                hint=f"{RULES[0]!r}",
            )
        if not smoothing > 0:
            raise ParameterError(
                "smoothing", found=smoothing, expected="a number above 0", hint=Hint(smoothing=1.0)
            )
        self.rule = rule
        self.half_life = half_life
        self.smoothing = float(smoothing)
        self.window = window
        self.tz = tz
        self._half_life_us = seconds(half_life, "half_life") * 1e6
        self._past: History | None = None

    @property
    def name(self) -> str:
        """What the rule is called in a table of scores."""
        return self.rule

    def __repr__(self) -> str:
        return f"Baseline({self.rule!r}, smoothing={self.smoothing:g}, window={self.window!r})"

    def fit(
        self, located: pd.DataFrame, venues: pd.DataFrame, *, at: Instant | None = None
    ) -> Self:
        """Learn the popularity of venues and hours.

        Parameters
        ----------
        located : DataFrame
            Contract LOCATED.
        venues : DataFrame
            Contract VENUES: the candidates.
        at : str or datetime, optional
            Only events before this moment are read.

        Returns
        -------
        Baseline
            Itself.
        """
        register = venue_arrays(venues, checked=True)
        zone = local_zone(located, self.tz) if len(located) else (self.tz or "UTC")
        past = unpack(located, register, zone)
        return self.fit_past(past if at is None else past.before(instant_us(at)), register, zone)

    def fit_past(self, past: History, register: VenueArrays, zone: str) -> Self:
        """Learn the same from a table that is unpacked already (`backtest` does so once)."""
        self._past = past
        self._register = register
        self._venue_id = np.append(register.venue_id, ELSEWHERE)
        self._zone = zone
        visits = np.bincount(past.code, weights=past.weight, minlength=len(register) + 1)
        visits[-1] = 0.0  # "elsewhere" is no place that can be popular
        self._popularity = (visits + 1.0) / (visits.sum() + len(visits))
        hours = past.rows.by_hour()
        self._hours = (hours + 1.0) / (hours.sum() + HOURS)
        return self

    def light(self) -> Self:
        """Forget the fitted rows, keep what was learned: quick to send to another process."""
        self._past = self._past.before(MISSING) if self._past is not None else None
        return self

    def rank(
        self,
        located: pd.DataFrame | None = None,
        *,
        at: Instant,
        horizon: Duration = "7D",
        window: Duration | None = None,
    ) -> BaselineRanking:
        """Which venue, which hours, next?

        Parameters
        ----------
        located : DataFrame, optional
            The series to forecast; by default those it was fitted on.
        at : str or datetime
            The moment of the forecast; later events are not read.
        horizon : str or timedelta
            How far to look ahead.
        window : str or timedelta, optional
            Length of a window; by default the ranker's.

        Returns
        -------
        BaselineRanking
            With ``slots`` for all venues, "elsewhere" and all windows of each series.

        Raises
        ------
        ParameterError
            It was not fitted.
        """
        frames = [
            self._frame(series_id, grid)
            for series_id, grid in self.grids(located, at=at, horizon=horizon, window=window)
        ]
        columns = ["series_id", "venue_id", "window_start", "window_end", "expected"]
        columns += ["probability", "share", f"from_{self.rule}"]
        slots = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
        if located is not None and "series_id" not in located.columns:
            slots = slots.drop(columns="series_id")
        parameters = {"rule": self.rule, "smoothing": self.smoothing, "horizon": horizon}
        made = record(f"Baseline({self.rule})", parameters, at=at, n_out=len(slots))
        return BaselineRanking(slots[[name for name in columns if name in slots]], made)

    def grids(
        self,
        located: pd.DataFrame | None = None,
        *,
        at: Instant,
        horizon: Duration = "7D",
        window: Duration | None = None,
    ) -> Iterator[tuple[str, SlotGrid]]:
        """Give the same forecast as arrays, a series at a time.

        Parameters
        ----------
        located, at, horizon, window
            As `rank`.

        Yields
        ------
        str, SlotGrid
            Identifier of the series and its forecast.
        """
        yield from self.grids_past(self._rows(located), at=at, horizon=horizon, window=window)

    def grids_past(
        self,
        past: History,
        *,
        at: Instant,
        horizon: Duration,
        window: Duration | None = None,
        only: set[str] | None = None,
    ) -> Iterator[tuple[str, SlotGrid]]:
        """Give the same from a table that is unpacked already; `only` series with some events."""
        moment = instant_us(at)
        past = past.before(moment)
        length = window if window is not None else self.window
        starts, ends = calendar_windows(at, horizon, length, tz=self._zone)
        overlap = hours_in(starts, ends, self._zone)
        horizon_weeks = seconds(horizon, "horizon") / (7 * DAY_S)
        for series_id, rows in past.series():
            if only is not None and (series_id not in only or not len(rows.code)):
                continue
            share = self._grid(rows, moment, overlap)
            weeks = max((moment - rows.time[0]) / (7 * DAY_S * 1e6), 1.0) if len(rows.time) else 1.0
            expected = share * rows.weight.sum() / weeks * horizon_weeks
            yield series_id, SlotGrid(self._venue_id, starts, ends, share, expected)

    def predict_next(
        self, located: pd.DataFrame, events: pd.DataFrame, *, given_window: bool = False
    ) -> pd.DataFrame:
        """Where did each of these events stand in the list made just before it?

        Parameters
        ----------
        located : DataFrame
            The past; for each event only rows before its own timestamp are read.
        events : DataFrame
            The events to be predicted, contract LOCATED: a row for each candidate.
        given_window : bool
            Is the hour of the event known (not the place)? Only ``hour_of_week`` can use it.

        Returns
        -------
        DataFrame
            One row for each candidate of each event: ``event_id``, ``series_id``, ``venue_id``,
            ``weight``, ``rank_true`` (from 1 among venues, ties at mid-rank), ``p_true``,
            ``p_top`` and ``top`` (the best 20 venues), ``p_squared`` (sum of squares over all),
            ``covered`` and ``set_size`` (the fewest venues that hold 80 %, not calibrated).
        """
        past = self._rows(located)
        wanted = unpack(events, self._register, self._zone, elsewhere=False)
        return self.predict_past(past, wanted, given_window=given_window)

    def predict_past(self, past: History, wanted: History, *, given_window: bool) -> pd.DataFrame:
        """Give the same from tables that are unpacked already."""
        histories = dict(past.series())
        out: list[dict[str, object]] = []
        none = past.empty_series()
        for series_id, truth in wanted.series():
            rows = histories.get(series_id, none)
            for first, last in truth.events():
                before = rows.until(int(truth.time[first]))
                exact = truth.shape[first] < HOURS
                hour = float(truth.hour[first]) if given_window and exact else None
                chances = self.venue_probabilities(before, int(truth.time[first]), hour)
                out += answers(chances, self._venue_id, series_id, truth, first, last)
        columns = ["event_id", "series_id", "venue_id", "weight", "rank_true", "p_true", "p_top"]
        columns += ["top", "p_squared", "covered", "set_size"]
        return pd.DataFrame(out, columns=columns)

    def venue_probabilities(self, rows: Series, at_us: int, hour: float | None = None) -> Array:
        """Give the probability of each venue, "elsewhere" last, for one series.

        Parameters
        ----------
        rows : Series
            The past of the series, in order of time.
        at_us : int
            The moment, microseconds since 1970.
        hour : float, optional
            Hour of the week, where it is known.

        Returns
        -------
        ndarray, shape (venues + 1,)
            Sums to 1.
        """
        if self.rule == "popularity":
            return np.asarray(self._popularity, dtype=np.float64)
        ones = np.ones(len(rows.code))
        if self.rule == "frequency":
            return self._smooth(rows, ones, self._popularity)
        if self.rule == "recency":
            return self._smooth(rows, self._recent(rows, at_us), self._popularity)
        frequency = self._smooth(rows, ones, self._popularity)
        if self.rule == "hour_of_week":
            return frequency if hour is None else self._smooth(rows, _alike(rows, hour), frequency)
        last = rows.last()
        if self.rule == "last_venue":
            return self._smooth(rows, last.astype(np.float64), frequency)
        return self._smooth(rows, rows.followers(), frequency)

    def _grid(self, rows: Series, at_us: int, overlap: Array) -> Array:
        hours = rows.by_hour()
        hours = (hours + self.smoothing * self._hours) / (hours.sum() + self.smoothing)
        windows = hours @ overlap
        share = np.outer(self.venue_probabilities(rows, at_us), windows / windows.sum())
        if self.rule == "hour_of_week" and len(rows.code):
            share *= self.smoothing
            place = (rows.shapes @ overlap)[rows.shape] * rows.weight[:, None]
            np.add.at(share, rows.code, place)
            share /= share.sum()
        return share

    def _smooth(self, rows: Series, factor: Array, fallback: Array) -> Array:
        counted = rows.weight * factor
        visits = np.bincount(rows.code, weights=counted, minlength=len(fallback))
        return np.asarray((visits + self.smoothing * fallback) / (counted.sum() + self.smoothing))

    def _recent(self, rows: Series, at_us: int) -> Array:
        return np.asarray(np.exp2(-(at_us - rows.time) / self._half_life_us), dtype=np.float64)

    def _rows(self, located: pd.DataFrame | None) -> History:
        if self._past is None:
            raise ParameterError(
                "Baseline", found="no fit", expected="a fitted ranker", hint=".fit(located, venues)"
            )
        if located is None:
            return self._past
        return unpack(located, self._register, self._zone)

    def _frame(self, series_id: str, grid: SlotGrid) -> pd.DataFrame:
        n_venues, n_windows = grid.share.shape
        return pd.DataFrame(
            {
                "series_id": pd.Series([series_id] * grid.share.size, dtype="str"),
                "venue_id": pd.Series(np.repeat(grid.venue_id, n_windows), dtype="str"),
                "window_start": np.tile(to_timestamps(grid.starts), n_venues),
                "window_end": np.tile(to_timestamps(grid.ends), n_venues),
                "expected": grid.expected.ravel(),
                "probability": grid.probability.ravel(),
                "share": grid.share.ravel(),
                f"from_{self.rule}": grid.share.ravel(),
            }
        )


def naive(window: Duration = "4h", tz: str | None = None) -> list[Baseline]:
    """Give the six baselines that stand beside every result.

    Parameters
    ----------
    window : str or timedelta
        Length of their windows, that of the ranker they stand beside.
    tz : str, optional
        Zone of the clocks at the venues.

    Returns
    -------
    list of Baseline
        In the order of `RULES`.

    Examples
    --------
    >>> [ranker.name for ranker in naive()][:2]
    ['frequency', 'recency']
    """
    return [Baseline(rule, window=window, tz=tz) for rule in RULES]


def _alike(rows: Series, hour: float) -> Array:
    """How alike in the week: a bell of one hour over the hour of day, half on another weekday."""
    here = np.floor(hour) + 0.5  # only the hour is known, not the minute
    alike = _bell(rows.hour, here)
    vague = rows.shape >= HOURS
    if vague.any():  # the mean over the hours at which it may have been
        bell = _bell(np.arange(HOURS, dtype=np.float64) + 0.5, here)
        alike[vague] = np.asarray(bell @ rows.shapes.T)[rows.shape[vague]]
    return alike


def _bell(hours: Array, here: float) -> Array:
    apart = np.abs(hours - here) % 24
    apart = np.minimum(apart, 24 - apart)
    return np.asarray(np.exp(-0.5 * apart**2) * np.where(hours // 24 == here // 24, 1.0, 0.5))
