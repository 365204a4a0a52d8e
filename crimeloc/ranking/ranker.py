"""Which venue, which hours, next? The ranker: learn over many series, forecast for one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Self

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.provenance import record
from crimeloc.ranking.history import History, read_history
from crimeloc.ranking.learned import Estimator, Learned, chosen_series
from crimeloc.ranking.model.experts import Expert, resolve
from crimeloc.ranking.model.forecast import Model, Working
from crimeloc.ranking.model.mixture import Weights
from crimeloc.ranking.model.slots import SlotArrays, slot_arrays
from crimeloc.ranking.model.timing import Timing, fit_timing
from crimeloc.ranking.population import Populations
from crimeloc.ranking.ranking import Ranking
from crimeloc.ranking.register import Register, read_register
from crimeloc.tables import LOCATED, VENUES, validate
from crimeloc.units import (
    Duration,
    Instant,
    generator,
    instant,
    instant_us,
    instants,
    local_zone,
    seconds,
    to_timestamps,
)

if TYPE_CHECKING:
    pass

__all__ = ["Learned", "Ranker", "rank"]


class Ranker(Estimator):
    """Which venue, and which hours, will a series use next?

    Parameters
    ----------
    window : str
        Length of the calendar windows on the wall: a part of a day, or whole days.
    tz : str, optional
        Zone of the clocks at the venues; by default what the table says.
    holidays : str or None
        Country whose public holidays count as rest days; None: weekends only.
    experts : sequence of str or Expert, optional
        Further experts (see `crimeloc.ranking.model.experts.register`), beside the built-in ones.
    max_events : int
        At most this many events, spread evenly over the series, teach the pooled weights.
    rng : int or Generator
        Draws the venues that were *not* chosen, from which exploration is learned.

    Attributes
    ----------
    learned_ : Learned
        What `fit` left behind; there only after it.

    Notes
    -----
    A mixture of experts: every share is a sum of named parts, ``from_habit``, ``from_explore`` and
    so on. Experts, features and trials: docs/methods/ranking.md. Fixed: the features of the
    experts. Learned by `fit`: their weights, over all series, each event predicted from what came
    before it. Learned from the series itself at each forecast: its own weights, its week, its
    rate, and how often it goes somewhere new. What can fool it: a habit that breaks, venues missing
    from the register, several persons held to be one series. Cost: linear in events x past events
    of a series, and in events x venues.

    References
    ----------
    Lichman & Smyth (2014), Modeling human location data with mixtures of kernel densities.
    Song, Koren, Wang & Barabasi (2010), Modelling the scaling properties of human mobility.
    Bernasco & Block (2009), Where offenders choose to attack.
    McFadden (1974), Conditional logit analysis of qualitative choice behavior.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([127.00, 127.01, 127.02], [37.5, 37.5, 37.5])
    >>> venues = gpd.GeoDataFrame({"venue_id": ["A", "B", "C"]}, geometry=points, crs=4326)
    >>> times = pd.date_range("2026-01-02 20:30", periods=8, freq="7D", tz="Asia/Seoul")
    >>> located = gpd.GeoDataFrame(
    ...     {"event_id": [f"E{i}" for i in range(8)], "timestamp": times,
    ...      "venue_id": list("AAABAAAA"), "weight": 1.0, "how": "register"},
    ...     geometry=gpd.points_from_xy([127.0] * 8, [37.5] * 8), crs=4326)
    >>> ranking = Ranker().fit(located, venues).rank(at="2026-02-27 00:00+09:00")
    >>> ranking.venues["venue_id"].iloc[0]
    'A'
    """

    _kind = "ranker"

    def __init__(
        self,
        window: Duration = "4h",
        *,
        tz: str | None = None,
        holidays: str | None = "KR",
        experts: Sequence[str | Expert] | None = None,
        max_events: int = 5_000,
        rng: int | np.random.Generator = 0,
    ) -> None:
        seconds(window, "window")
        if max_events < 1:
            raise ParameterError(
                "max_events", found=max_events, expected="at least 1", hint=Hint(max_events=5000)
            )
        self.window = window
        self.tz = tz
        self.holidays = holidays
        resolve(experts or ())
        self.experts = experts
        self.max_events = max_events
        self.rng = rng

    def __repr__(self) -> str:
        learned: Learned | None = getattr(self, "learned_", None)
        state = "" if learned is None else f", fitted on {len(learned.history.series)} series"
        return f"Ranker(window={self.window!r}, holidays={self.holidays!r}{state})"

    def fit(
        self,
        located: pd.DataFrame,
        venues: gpd.GeoDataFrame,
        *,
        at: Instant | None = None,
        progress: bool = False,
    ) -> Self:
        """Learn how habits weigh, over all series.

        Parameters
        ----------
        located : DataFrame
            Contract LOCATED; rows without a series count for nothing.
        venues : GeoDataFrame
            Contract VENUES: the candidates.
        at : str or datetime, optional
            Only what came before is learned from.
        progress : bool
            Show a bar.

        Returns
        -------
        Ranker
            Itself.

        Raises
        ------
        TableError
            A table breaks its contract.
        ParameterError
            No venue, or no time zone.
        """
        from crimeloc.ranking.credible_sets import pooled

        validate(located, LOCATED)
        validate(venues, VENUES)
        register = read_register(venues)
        tz = local_zone(located, self.tz)
        before = None if at is None else instant_us(at)
        history = read_history(located, register, tz=tz, country=self.holidays, before=before)
        working = Working(Populations(history, len(register)))
        weights, timing = self._learn(history, register, working, generator(self.rng), progress)
        model = Model(
            register=register,
            history=history,
            population=working.populations.daily,
            weights=weights,
            timing=timing,
            outcomes={},
            experts=(),
            at_us=0,
            horizon="7D",
            window=str(self.window),
            working=working,
        )

        def learn(some: list[str]) -> tuple[Weights, Timing]:
            rows = located[located["series_id"].isin(some)]
            part = read_history(rows, register, tz=tz, country=self.holidays, before=before)
            parts = Working(Populations(part, len(register)))
            return self._learn(part, register, parts, np.random.default_rng(len(some)), False)

        outcomes = pooled(model, learn)
        t = history.t
        last = str(to_timestamps(np.array([round(t.max() * 1e6)]))[0]) if len(t) else "-"
        self.learned_ = Learned(register, history, located, tz, weights, timing, outcomes, last)
        self._working = working
        return self

    def _learn(
        self,
        history: History,
        register: Register,
        working: Working,
        rng: np.random.Generator,
        progress: bool,
    ) -> tuple[Weights, Timing]:
        """Learn where and when from the same past."""
        from crimeloc.ranking.model.training import fit_weights

        weights = fit_weights(
            history,
            register,
            working.populations.daily,
            max_events=self.max_events,
            rng=rng,
            progress=progress,
        )
        return weights, fit_timing(history, Timing())

    def rank(
        self,
        located: pd.DataFrame | None = None,
        *,
        at: Instant,
        horizon: Duration = "7D",
        series: str | Sequence[str] | None = None,
    ) -> Ranking:
        """Where and when are the uploads of the days ahead?

        Parameters
        ----------
        located : DataFrame, optional
            Contract LOCATED: the series to forecast; by default those of the fit.
        at : str or datetime
            The moment of the forecast. Of `located`, nothing at or after it is looked at. How
            habits weigh is what the fit learned: give `fit` the same ``at`` to keep later events
            out of that, too. The provenance says up to when the fit looked.
        horizon : str or timedelta
            How far to look ahead.
        series : str or sequence of str, optional
            Only these series.

        Returns
        -------
        Ranking
            Tables `slots`, `venues`, `windows`; `explain`, `credible_set`, `explore`.

        Raises
        ------
        ParameterError
            Not fitted, or a series that is not there.
        TableError
            The table breaks its contract.
        """
        learned = self._fitted()
        moment = instant(at)
        at_us = instant_us(at)
        tz = learned.tz
        if located is None:
            located = learned.located
        else:
            validate(located, LOCATED)
            if self.tz is None and len(located):
                seen = located[instants(located["timestamp"]) < at_us]
                tz = local_zone(seen, tz if "tz" not in located.columns or seen.empty else None)
        history = learned.history
        if located is not learned.located or (history.t + history.length / 2 >= at_us / 1e6).any():
            history = read_history(
                located, learned.register, tz=tz, country=self.holidays, before=at_us
            )
        chosen = chosen_series(history, series)
        parameters = {
            "window": self.window,
            "horizon": horizon,
            "holidays": self.holidays,
            "tz": tz,
            "experts": len(self.experts or ()),
            "learned_from_events": learned.weights.n_events,
            "learned_up_to": learned.up_to,
        }
        return Ranking(
            model=self._model(history, at_us, str(horizon)),
            series=chosen,
            at=moment.tz_convert(tz),
            horizon=str(horizon),
            provenance=record(
                "rank", parameters, at=moment.isoformat(), seed=self.rng, n_in=len(located)
            ),
        )

    def grids(
        self, located: pd.DataFrame, *, at: Instant, horizon: Duration = "7D"
    ) -> Iterator[tuple[str, SlotArrays]]:
        """Where and when, series by series, as plain arrays? The quick door of a backtest.

        Parameters
        ----------
        located, at, horizon
            As in `rank`.

        Yields
        ------
        series_id : str
            The series.
        arrays : SlotArrays
            What `Ranking.slots` holds, as arrays.
        """
        from crimeloc.ranking.credible_sets import series_level

        ranking = self.rank(located, at=at, horizon=horizon)
        model = ranking.model
        for series in ranking.series:
            levels = [series_level(model, series, 0.8, by) for by in ("slot", "venue")]
            yield (
                series,
                slot_arrays(model.forecast(series), model.grid, model.register.ids, *levels),
            )

    def predict_next(
        self, located: pd.DataFrame, events: pd.DataFrame, *, given_window: bool = True, k: int = 20
    ) -> pd.DataFrame:
        """Where was each of these events, seen from just before it?

        Parameters
        ----------
        located : DataFrame
            Contract LOCATED: the past of the series.
        events : DataFrame
            The rows of `located` to predict.
        given_window : bool
            Is the hour of the event known, so that only the place is asked for?
        k : int
            Length of the lists of venues.

        Returns
        -------
        DataFrame
            One row for each row of `events` with a venue: ``event_id``, ``series_id``,
            ``venue_id``, ``rank_true`` (from 1, ties at mid-rank), ``p_true``, ``p_top``, ``top``,
            ``p_squared``, ``covered`` and ``set_size`` of the calibrated 80 % set of venues.

        Notes
        -----
        Strictly from the past: an event sees events of its series with an earlier timestamp, what
        the series of the fit did before it, and the weights of the fit.
        """
        from crimeloc.ranking.model.walk_forward import predict_next

        learned = self._fitted()
        tz = self.tz or learned.tz
        history = read_history(located, learned.register, tz=tz, country=self.holidays)
        return predict_next(self._model(history), events, given_window=given_window, k=k)

    def _fitted(self) -> Learned:
        learned: Learned | None = getattr(self, "learned_", None)
        if learned is None:
            raise ParameterError(
                "ranker",
                found="a ranker that has not learned",
                expected="a fitted one",
                hint="Ranker().fit(located, venues)",
            )
        return learned

    def _model(self, history: History, at_us: int | None = None, horizon: str = "7D") -> Model:
        """Put together what a forecast rests on; without a moment, for walks through the past."""
        learned, populations = self._fitted(), self._working.populations
        return Model(
            register=learned.register,
            history=history,
            population=populations.daily if at_us is None else populations.at(at_us / 1e6),
            weights=learned.weights,
            timing=learned.timing,
            outcomes=learned.outcomes,
            experts=resolve(self.experts or ()),
            at_us=0 if at_us is None else at_us,
            horizon=horizon,
            window=str(self.window),
            working=self._working,
        )


def rank(
    located: pd.DataFrame,
    venues: gpd.GeoDataFrame,
    *,
    at: Instant,
    horizon: Duration = "7D",
    window: Duration = "4h",
    series: str | Sequence[str] | None = None,
    **options: object,
) -> Ranking:
    """Which venue, which hours, next?

    Parameters
    ----------
    located : DataFrame
        Contract LOCATED, with ``series_id`` where there is more than one series.
    venues : GeoDataFrame
        Contract VENUES: the candidates.
    at : str or datetime
        The moment of the forecast; nothing at or after it is looked at.
    horizon : str or timedelta
        How far to look ahead.
    window : str or timedelta
        Length of the calendar windows.
    series : str or sequence of str, optional
        Only these series are forecast; all are learned from.
    **options
        Of `Ranker`.

    Returns
    -------
    Ranking
        See `Ranker.rank`.

    Raises
    ------
    TableError
        A table breaks its contract.

    Notes
    -----
    One line over `Ranker`. A single series learns little about weights; the defaults shipped with
    crimeloc then carry them.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([127.0, 127.1], [37.5, 37.5])
    >>> venues = gpd.GeoDataFrame({"venue_id": ["A", "B"]}, geometry=points, crs=4326)
    >>> times = pd.date_range("2026-01-02 20:30", periods=6, freq="7D", tz="Asia/Seoul")
    >>> located = gpd.GeoDataFrame(
    ...     {"event_id": [f"E{i}" for i in range(6)], "timestamp": times,
    ...      "venue_id": list("AAAAAA"), "weight": 1.0, "how": "register"},
    ...     geometry=gpd.points_from_xy([127.0] * 6, [37.5] * 6), crs=4326)
    >>> ranking = rank(located, venues, at="2026-02-13 00:00+09:00")
    >>> bool(abs(ranking.slots["share"].sum() - 1) < 1e-9)
    True
    """
    ranker = Ranker(window, **options)  # type: ignore[arg-type]
    return ranker.fit(located, venues, at=at).rank(at=at, horizon=horizon, series=series)
