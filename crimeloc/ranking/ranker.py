"""Which venue, which hours, next? The ranker: learn over many series, forecast for one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.provenance import record
from crimeloc.ranking.history import History, Sites, read_crowd, read_past, read_sites
from crimeloc.ranking.model.experts import Expert, resolve
from crimeloc.ranking.model.forecast import Model
from crimeloc.ranking.model.mixture import Weights
from crimeloc.ranking.model.slots import SlotArrays, slot_arrays
from crimeloc.ranking.model.timing import Timing, fit_timing
from crimeloc.ranking.ranking import Ranking
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
    from crimeloc.ranking.conformal import Outcome
    from crimeloc.ranking.model._kernels import Population
    from crimeloc.ranking.model.slots import Grid

__all__ = ["Ranker", "rank"]

Floats = NDArray[np.float64]
ONE = "all"
"""How a table without series is named inside."""


@dataclass(frozen=True)
class Learned:
    """What a fit leaves behind: the venues, what everyone did, and the weights."""

    sites: Sites
    past: History
    located: pd.DataFrame
    tz: str
    weights: Weights
    timing: Timing
    scores: dict[str, list[Outcome]]
    up_to: str = "nothing"
    crowds: dict[float | None, Population] = field(default_factory=dict)
    weeks: dict[tuple[str, int, int], dict[str, list[Outcome]]] = field(default_factory=dict)
    grids: dict[tuple[int, str, str, str, str | None], Grid] = field(default_factory=dict)


class Ranker:
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
        Dice for the venues that were *not* chosen, from which exploration is learned.

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
        self.experts = resolve(experts or ())
        self.max_events = max_events
        self.rng = rng
        self.learned: Learned | None = None

    def __repr__(self) -> str:
        state = (
            "" if self.learned is None else f", fitted on {len(self.learned.past.series)} series"
        )
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
        from crimeloc.ranking.model.training import fit_weights

        validate(located, LOCATED)
        validate(venues, VENUES)
        sites = read_sites(venues)
        tz = local_zone(located, self.tz)
        before = None if at is None else instant_us(at) / 1e6
        past = read_past(located, sites, tz=tz, country=self.holidays, before=before)
        crowd = read_crowd(past, len(sites))
        weights = fit_weights(
            past,
            sites,
            Weights(),
            max_events=self.max_events,
            rng=generator(self.rng),
            crowd=crowd,
            progress=progress,
        )
        timing = fit_timing(past, Timing())
        model = Model(
            sites,
            past,
            crowd,
            {k: k for k in range(len(past.series))},
            weights,
            timing,
            {},
            (),
            0,
            "7D",
            str(self.window),
        )

        def learn(some: list[str]) -> tuple[Weights, Timing]:
            part = read_past(
                located[located["series_id"].isin(some)],
                sites,
                tz=tz,
                country=self.holidays,
                before=before,
            )
            dice = np.random.default_rng(len(some))
            return fit_weights(
                part,
                sites,
                Weights(),
                max_events=self.max_events,
                rng=dice,
                crowd=read_crowd(part, len(sites)),
            ), fit_timing(part, Timing())

        scores = pooled(model, learn)
        last = f"{to_timestamps(np.array([round(past.t.max() * 1e6)]))[0]}" if len(past.t) else "-"
        self.learned = Learned(sites, past, located, tz, weights, timing, scores, last)
        return self

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
        past = learned.past
        if located is not learned.located or (past.t + past.length / 2 >= at_us / 1e6).any():
            past = read_past(
                located, learned.sites, tz=tz, country=self.holidays, before=at_us / 1e6
            )
        chosen = _chosen(past, series)
        parameters = {
            "window": self.window,
            "horizon": horizon,
            "holidays": self.holidays,
            "tz": tz,
            "experts": len(self.experts),
            "learned_from_events": learned.weights.n_events,
            "learned_up_to": learned.up_to,
        }
        model = Model(
            learned.sites,
            past,
            self._crowd(at_us / 1e6),
            self._codes(past),
            learned.weights,
            learned.timing,
            learned.scores,
            self.experts,
            at_us,
            str(horizon),
            str(self.window),
            lambda: self._crowd(None),
            weeks=learned.weeks,
            grids=learned.grids,
        )
        return Ranking(
            model=model,
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
        """Where and when, series by series, as plain arrays? The quick door of a replay.

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
            yield series, slot_arrays(model.forecast(series), model.grid, model.sites.ids, *levels)

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
        past = read_past(
            located, learned.sites, tz=self.tz or learned.tz, country=self.holidays, before=None
        )
        return predict_next(
            past,
            learned.sites,
            self._crowd(None),
            self._codes(past),
            learned.weights,
            learned.timing,
            learned.scores,
            self.experts,
            events,
            given_window=given_window,
            k=k,
        )

    def _fitted(self) -> Learned:
        if self.learned is None:
            raise ParameterError(
                "ranker",
                found="a ranker that has not learned",
                expected="a fitted one",
                hint="Ranker().fit(located, venues)",
            )
        return self.learned

    def _crowd(self, at: float | None) -> Population:
        learned = self._fitted()
        if at not in learned.crowds:
            for kept in [one for one in learned.crowds if one is not None]:
                del learned.crowds[kept]
            learned.crowds[at] = read_crowd(learned.past, len(learned.sites), at)
        return learned.crowds[at]

    def _codes(self, past: History) -> dict[int, int]:
        """Where each series stands among those of the fit; -1 for a new one."""
        known = {name: k for k, name in enumerate(self._fitted().past.series)}
        return {k: known.get(name, -1) for k, name in enumerate(past.series)}


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


def _chosen(past: History, series: str | Sequence[str] | None) -> tuple[str, ...]:
    names = tuple(past.series) if past.series else (ONE,)
    if series is None:
        return names
    wanted = (series,) if isinstance(series, str) else tuple(series)
    for name in wanted:
        if name not in names:
            shown = ", ".join(names[:5])
            raise ParameterError(
                "series",
                found=Message("{name}, which has no event before `at`", name=repr(name)),
                expected=Message("one of {shown}", shown=shown),
                hint=Hint(series=names[0]),
            )
    return wanted
