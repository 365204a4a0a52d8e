"""Would it have worked last month? Backtest the past with what was known then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.evaluation._history import History, unpack
from crimeloc.evaluation._pieces import Block, Chunk, Options
from crimeloc.evaluation._questions import (
    Schedule,
    Starts,
    by_series_and_time,
    known_truth,
    origins_of,
    scored,
    starts_of,
)
from crimeloc.evaluation._relink import Relink, relinked
from crimeloc.evaluation._run import run_all
from crimeloc.evaluation.backtest_result import Backtest
from crimeloc.evaluation.baselines import Baseline, naive
from crimeloc.evaluation.calibration import EDGES
from crimeloc.evaluation.predictability import entropy_rate, predictability_ceiling
from crimeloc.events import ONE_SERIES, VenueArrays, event_arrays, event_times, venue_arrays
from crimeloc.messages import Hint, Message
from crimeloc.provenance import record
from crimeloc.tables import LOCATED, VENUES, validate
from crimeloc.units import Duration, Instant, local_zone, seconds, to_timestamps

__all__ = ["backtest", "last_share"]


def backtest(
    ranker: object,
    located: pd.DataFrame,
    venues: pd.DataFrame,
    *,
    start: Starts,
    end: Instant | None = None,
    every: Duration = "7D",
    horizon: Duration = "7D",
    protocol: str = "horizon",
    given_window: bool = False,
    refit: str = "start",
    baselines: bool | Sequence[Baseline] = True,
    truth: pd.DataFrame | None = None,
    relink: Relink | None = None,
    top_k: Sequence[int] = (1, 5, 10),
    slot_budgets: Sequence[int] = (10, 20, 42),
    tz: str | None = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> Backtest:
    """Would it have worked last month?

    Parameters
    ----------
    ranker : object
        Anything with ``fit(located, venues, at=...)`` and ``rank(located, at=..., horizon=...)``
        that gives an object with ``.slots`` (contract SLOTS); with ``predict_next(located, events,
        given_window=...)`` the protocol ``next`` runs faster (see Notes). A `Baseline` will do.
    located : DataFrame
        Contract LOCATED, with ``series_id`` where there is more than one series.
    venues : DataFrame
        Contract VENUES: the candidates.
    start : str, datetime or mapping
        The first origin; or one for each ``series_id`` (`last_share` makes such a mapping), series
        that are not named being left out of the scores.
    end : str or datetime, optional
        Nothing from here on is scored; by default just after the last event.
    every : str or timedelta
        From one origin to the next.
    horizon : str or timedelta
        How far each forecast looks ahead.
    protocol : str
        ``"horizon"``: at each origin all slots of the horizon are forecast and compared with all
        its uploads. ``"next"``: each upload is predicted from the uploads before it.
    given_window : bool
        With ``next``: is the hour of the upload known, so that only the place is asked for?
    refit : str
        When the ranker is fitted. ``"start"``: once, on each series' events before its start.
        ``"origin"``: at each origin on all events before it. ``"never"``: it comes fitted, on other
        cases. Baselines are always fitted at each origin.
    baselines : bool or sequence of Baseline
        The naive baselines (default), or some; False only to save time.
    truth : DataFrame, optional
        Where the events really were (``event_id``, ``venue_id``), if that is known better than
        `located` says: the ranker sees `located`, the score reads `truth`.
    relink : callable, optional
        With ``horizon``: links the events before an origin again, from a table without
        ``series_id`` to one with it, such as
        ``lambda past: link_events(past).events``. See Notes.
    top_k : sequence of int
        Lengths of the venue lists that are scored.
    slot_budgets : sequence of int
        Slot budgets that are scored.
    tz : str, optional
        Zone of the clocks at the venues; by default what the table says.
    n_jobs : int, optional
        Processes; by default as many as cores where the work is worth it, else one.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Backtest
        ``scores()``, ``by_series()``, ``reliability()``, ``captures``, ``records``.

    Raises
    ------
    TableError
        A table breaks its contract.
    ParameterError
        No origin with a whole horizon lies between start and end; the ranker lacks a face, reads
        the future (one event of each piece of work is predicted again without it), leaves events
        out, or a word is not one of those listed.

    Notes
    -----
    No look-ahead: the tables are cut here, strictly before each origin (or each upload). With
    ``refit="start"`` and a start for each series, the fit may read *other* series' events that are
    later in the calendar than the upload predicted; with one start it cannot.

    Who uploaded what is taken from ``series_id`` as it stands. If those names were found by linking
    the whole file, a link that only a later upload made possible is known too early, and the
    backtest flatters: give `relink`, and at each origin the series are found from earlier events
    alone. The forecast for a series then rests on the series found that holds most of its events;
    the score still reads the names in `located`. Not needed where names come from a verdict.

    Which uploads are scored: those from the start on, with a candidate venue, a series and at least
    one earlier event of that series; the same for every method. What is left out is counted in
    ``notes``.

    Uncertain places: each candidate venue is scored as if it were the truth and counts with its
    weight times ``series_weight``; the rest of the weight, "elsewhere", is not scored. A forecast
    can therefore not reach 100 % on uncertain events; the baselines cannot either.

    ``predict_next(located, events, *, given_window)`` gets the rows of some series and must give,
    for each row of `events` (or each event), ``event_id``, ``rank_true`` (from 1, ties at
    mid-rank), ``p_true``, ``p_top`` (highest probabilities) and ``top`` (their venues), from rows
    of its series with an earlier timestamp only; it may give ``venue_id``, ``covered``,
    ``set_size`` and ``p_squared``.
    In ``horizon``, a ranker may give ``grids(located, *, at, horizon)`` instead of being asked for
    tables: pairs of a series and an object like `crimeloc.evaluation.baselines.SlotGrid`.
    Without ``predict_next``, ``rank`` is called for each upload: with the hour given, over that
    hour; else from just after the series' previous event.

    ``brier`` in ``next`` is the sum over venues of squared differences (0 to 2), where
    ``p_squared`` is missing from the best venues given; in ``horizon`` the mean over slots.
    A forecast for a series must depend on what was fitted and on that series' own rows: series are
    replayed in pieces, on several cores. Nothing is random. Cost: forecasts times methods.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([127.0, 127.1], [37.5, 37.5])
    >>> venues = gpd.GeoDataFrame({"venue_id": ["A", "B"]}, geometry=points, crs=4326)
    >>> times = pd.date_range("2026-01-02 20:00", periods=8, freq="7D", tz="Asia/Seoul")
    >>> located = gpd.GeoDataFrame(
    ...     {"event_id": [f"E{i}" for i in range(8)], "timestamp": times,
    ...      "venue_id": list("AAABAAAB"), "weight": 1.0, "how": "register"},
    ...     geometry=gpd.points_from_xy([127.0] * 8, [37.5] * 8), crs=4326)
    >>> outcome = backtest(Baseline("hour_of_week"), located, venues,
    ...                   start="2026-01-26 00:00+09:00", protocol="next")
    >>> outcome.scores().loc[["hour_of_week", "frequency"], ["n", "hit@1"]].values.tolist()
    [[4.0, 0.75], [4.0, 0.75]]
    """
    validate(located, LOCATED)
    validate(venues, VENUES)
    _words(protocol, refit, n_jobs)
    if relink is not None and (protocol != "horizon" or isinstance(start, Mapping)):
        raise ParameterError(
            "relink",
            found=Message(
                "protocol={protocol}, start={kind}",
                protocol=repr(protocol),
                kind=type(start).__name__,
            ),
            expected="protocol='horizon' and one start",
            hint=Hint(start="2026-01-05 00:00+09:00"),
        )
    zone = local_zone(located, tz) if len(located) else (tz or "UTC")
    table = by_series_and_time(located).assign(tz=zone)  # a ranker reads the zone from the table
    starts = starts_of(start, table)
    origins, last_us = origins_of(starts, end, every, horizon, protocol, table)
    window = str(getattr(ranker, "window", None) or "4h")
    beside = naive(window, tz) if baselines is True else list(baselines or ())
    name = str(getattr(ranker, "name", type(ranker).__name__))
    beside = [rule for rule in beside if rule.name != name]

    options = Options(
        protocol,
        given_window,
        str(horizon),
        tuple(top_k),
        tuple(slot_budgets),
        zone,
        last_us,
        window,
    )
    register = venue_arrays(venues, checked=True)
    wanted, notes = scored(table, known_truth(truth, register), starts, last_us, register)
    past = unpack(table, register, zone)
    blocks = [
        Block(
            [(rule.name, _fitted(rule, past.before(first), register, zone)) for rule in beside],
            first,
            stop,
            [first],
        )
        for first, stop in pairwise([*origins, last_us])
    ]
    cuts: dict[int, pd.DataFrame] = {}
    fits: dict[int, pd.DataFrame] | None = None
    if relink is not None:
        times = event_times(table)
        named = {origin: relinked(table[times < origin], relink) for origin in origins}
        cuts = {origin: rows for origin, (_, rows) in named.items()}
        fits = {origin: everything for origin, (everything, _) in named.items()}
    mine = _blocks(name, ranker, table, venues, Schedule(starts, origins, last_us), refit, fits)
    chunks = [one.with_cuts(cuts) for one in Chunk.split(table, wanted, starts, register, zone)]
    records, bins = run_all(mine, blocks, chunks, options, n_jobs, progress)
    nothing = np.zeros((2, len(EDGES) - 1, 3))
    bins = {key: bins.get(key, nothing) for key in [name, *(rule.name for rule in beside)]}
    parameters = {
        "ranker": ranker,
        "start": start if not isinstance(start, Mapping) else f"{len(start)} starts",
        "end": end,
        "every": every,
        "horizon": horizon,
        "protocol": protocol,
        "given_window": given_window,
        "refit": refit,
        "relinked": relink is not None,
    }
    return Backtest(
        protocol=protocol,
        ranker=name,
        records=records,
        n_venues=len(register),
        top_k=options.top_k,
        slot_budgets=options.slot_budgets if protocol == "horizon" else (),
        window_hours=seconds(window, "window") / 3600,
        notes=notes,
        provenance=record("backtest", parameters, n_in=len(located), n_out=len(records)),
        bins={key: sums[0] for key, sums in bins.items()},
        venue_bins={key: sums[1] for key, sums in bins.items()} if protocol == "horizon" else {},
        ceiling=_ceilings(table[event_times(table) < last_us], register)
        if protocol == "next"
        else {},
    )


def last_share(located: pd.DataFrame, share: float = 0.3, min_events: int = 2) -> dict[str, str]:
    """From which moment on does the last part of each series run?

    Parameters
    ----------
    located : DataFrame
        Contract LOCATED.
    share : float
        Part of each series' events that is held out, between 0 and 1.
    min_events : int
        Series with fewer events are left out.

    Returns
    -------
    dict
        For each ``series_id`` the time of the event at place ``ceil((1 - share) n)``, counted from
        0, as ISO text; ready for ``backtest(start=...)``. Events at that same time are held out.

    Examples
    --------
    >>> times = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"]).tz_localize("UTC")
    >>> table = pd.DataFrame({"event_id": ["1", "2", "3"], "timestamp": times, "series_id": "S"})
    >>> last_share(table, 0.3), last_share(table, 0.4)
    ({}, {'S': '2026-01-03T00:00:00+00:00'})
    """
    if not 0 < share < 1:
        raise ParameterError(
            "share", found=share, expected="a share between 0 and 1", hint=Hint(share=0.3)
        )
    named = located if "series_id" in located else located.assign(series_id=ONE_SERIES)
    named = named.assign(time=event_times(named))
    events = named.drop_duplicates("event_id").sort_values(["time", "event_id"])
    result = {}
    for series_id, group in events.groupby("series_id", sort=True):
        place = int(np.ceil(round((1 - share) * len(group), 9)))
        if len(group) >= min_events and place < len(group):
            moment = to_timestamps(group["time"].to_numpy()[[place]])[0]
            result[str(series_id)] = moment.isoformat()
    return result


def _words(protocol: str, refit: str, n_jobs: int | None) -> None:
    if protocol not in ("horizon", "next"):
        raise ParameterError(
            "protocol",
            found=repr(protocol),
            expected="'horizon' or 'next'",
            hint=Hint(protocol="next"),
        )
    if refit not in ("start", "origin", "never"):
        raise ParameterError(
            "refit",
            found=repr(refit),
            expected="'start', 'origin', 'never'",
            hint=Hint(refit="start"),
        )
    if n_jobs is not None and n_jobs < 1:
        raise ParameterError(
            "n_jobs", found=n_jobs, expected="at least one process", hint=Hint(n_jobs=None)
        )


def _fitted(rule: Baseline, past: History, register: VenueArrays, zone: str) -> Baseline:
    from copy import copy

    fresh = copy(rule).fit_past(past, register, zone)
    return fresh.light()


def _blocks(
    name: str,
    ranker: object,
    table: pd.DataFrame,
    venues: pd.DataFrame,
    schedule: Schedule,
    refit: str,
    fits: Mapping[int, pd.DataFrame] | None = None,
) -> list[Block]:
    """The ranker with what it knew, for each stretch of time in which it is not fitted again."""
    from copy import deepcopy

    starts, origins, last_us = schedule
    if not origins:
        return []
    for face in ("rank",) if refit == "never" else ("fit", "rank"):
        if not callable(getattr(ranker, face, None)):
            found = Message("{kind} without {face}", kind=type(ranker).__name__, face=face)
            raise ParameterError(
                "ranker", found=found, expected="an object with fit and rank", hint="Ranker()"
            )
    if refit == "never":
        return [Block([(name, ranker)], origins[0], last_us, origins)]
    times = event_times(table)
    if refit == "start":
        begin = table["series_id"].map(starts).to_numpy(dtype=np.float64)
        known = times < np.nan_to_num(begin, nan=float(origins[0]))
        fresh = deepcopy(ranker)
        moment = pd.Timestamp(max(starts.values()), unit="us", tz="UTC")
        seen = table[known] if fits is None else fits[origins[0]]
        fresh.fit(seen.reset_index(drop=True), venues, at=moment)  # type: ignore[attr-defined]
        return [Block([(name, fresh)], origins[0], last_us, origins)]
    blocks = []
    for first, stop in pairwise([*origins, last_us]):
        fresh = deepcopy(ranker)
        moment = pd.Timestamp(first, unit="us", tz="UTC")
        seen = table[times < first] if fits is None else fits[first]
        fresh.fit(seen.reset_index(drop=True), venues, at=moment)  # type: ignore[attr-defined]
        blocks.append(Block([(name, fresh)], first, stop, [first]))
    return blocks


def _ceilings(table: pd.DataFrame, register: VenueArrays) -> dict[str, float]:
    """Predictability ceiling of each series, from its likeliest venues in order of time."""
    events = event_arrays(table, register, checked=True)
    best = events.likeliest()
    venue = np.append(events.venue, -1)[best]
    here = (best >= 0) & (events.series >= 0)
    names = pd.Series(events.series_id[events.series[here]])
    return {
        str(name): predictability_ceiling(entropy_rate(codes), codes.nunique())
        for name, codes in pd.Series(venue[here]).groupby(names)
    }
