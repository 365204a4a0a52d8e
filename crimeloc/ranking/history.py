"""From tables to arrays: what every series did, what the crowd did, and how far one has come.

Nothing here looks past the moment asked about; `Walker` goes through one series event by event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.events.calendar import rest_days
from crimeloc.geometry import lonlat, to_metres
from crimeloc.messages import Hint
from crimeloc.ranking.model.candidate_posterior import looked_back, sharpened
from crimeloc.units import DAY_S, instants, spans, wall_clock

if TYPE_CHECKING:
    from crimeloc.ranking.model._kernels import Places, Population, Rows, State

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_DAY_US = 86_400_000_000
_CELLS = 2_000_000
"""Most numbers in the snapshots of the crowd, each of four kinds."""
_MOVED = 0.02
"""Weights of past uploads that change by less do not change what was taken in."""
_KEPT = 128
"""Used venues whose nearness to all others is kept at hand."""


@dataclass(frozen=True)
class Sites:
    """The venues as arrays, in the order of the venue table."""

    ids: NDArray[np.object_]
    places: Places
    n_categories: int
    n_brands: int
    table: gpd.GeoDataFrame

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class History:
    """Events as arrays, sorted by series, time and name.

    `t`, `length`, `code`, `ids`, `mass` speak of every event; `rows` of the located ones alone,
    whose places among all are `place`. The weights of `rows` are sharpened by what the series did
    before (`sharpening`), `told` are those of the addresses. `bounds` bound each series, in both
    numberings. Where an event is known to within an interval only, `t` is its middle and `length`
    (seconds) how long.
    """

    series: list[str]
    named: bool
    ids: NDArray[np.object_]
    t: Floats
    length: Floats
    hour: Floats
    weekday: Ints
    rest: Ints
    code: Ints
    mass: Floats
    weight: Floats
    bounds: Ints
    rows: Rows
    place: Ints
    row_code: Ints
    row_bounds: Ints
    row_first: Ints
    told: Floats
    tz: str
    country: str | None

    def spot(self, events: Ints) -> Ints:
        """Place of these events among the located ones; -1 for one without a venue."""
        row = np.searchsorted(self.place, events)
        return np.where(np.append(self.place, -1)[row] == events, row, -1)

    def clock(self, t: Floats) -> tuple[Floats, Ints, Ints]:
        """Hour of the day, weekday and rest day at these moments (seconds), on the wall."""
        return wall(t, self.tz, self.country)


def wall(t: Floats, tz: str, country: str | None) -> tuple[Floats, Ints, Ints]:
    """Hour of the day, weekday (Monday 0) and rest day (1) of moments in seconds."""
    clock = wall_clock(np.round(np.asarray(t) * 1e6).astype(np.int64), tz)
    day = clock // _DAY_US
    hour = (clock - day * _DAY_US) / 3.6e9
    return hour, (day + 3) % 7, rest_days(day, country).astype(np.int64)


def read_sites(venues: gpd.GeoDataFrame) -> Sites:
    """Turn the venue table into arrays (kilometres, codes), in the order of the names."""
    from crimeloc.ranking.model._kernels import Places

    if not len(venues):
        raise ParameterError(
            "venues", found="no venue", expected="at least one venue", hint="read_venues(...)"
        )
    venues = venues.sort_values("venue_id", kind="stable", ignore_index=True)
    degrees = lonlat(venues.geometry)
    metres = to_metres(degrees)
    known = ~np.isnan(metres).any(axis=1)
    if not known.any():
        raise ParameterError(
            "venues",
            found="no venue with a place",
            expected="points",
            hint=Hint("read_venues", crs="EPSG:5174"),
        )
    middle = np.asarray(metres[known]).mean(axis=0)
    metres = np.where(np.asarray(known)[:, None], metres, middle)
    category, n_categories = _codes(venues, "category")
    brand, n_brands = _codes(venues, "brand")
    seats = np.zeros(len(venues))
    if "seats" in venues.columns:
        raw = pd.to_numeric(venues["seats"]).to_numpy(dtype=np.float64, na_value=np.nan)
        there: NDArray[np.bool_] = np.asarray(np.isfinite(raw), dtype=bool)
        if there.any():
            logs = np.log1p(np.clip(raw, 0, None))
            seats = np.where(there, logs, logs[there].mean())
    places = Places(
        np.ascontiguousarray(metres[:, 0] / 1000.0),
        np.ascontiguousarray(metres[:, 1] / 1000.0),
        category,
        brand,
        seats,
    )
    ids = venues["venue_id"].astype(object).to_numpy()
    return Sites(ids, places, n_categories, n_brands, venues)


def _codes(table: pd.DataFrame, column: str) -> tuple[Ints, int]:
    if column not in table.columns:
        return np.zeros(len(table), np.int64), 1
    codes, names = pd.factorize(table[column], sort=True)
    return codes.astype(np.int64) + 1, len(names) + 1


def read_past(
    located: pd.DataFrame, sites: Sites, *, tz: str, country: str | None, before: float | None
) -> History:
    """Turn located events into arrays; `before` (seconds) cuts off what came at or after it."""
    from crimeloc.ranking.model._kernels import Rows

    t = instants(located["timestamp"]) / 1e6
    if before is not None:  # first of all, so that a later row cannot change how the past is read
        located, t = located[t < before], t[t < before]
    length = _lengths(located, t, before)
    t = t + length / 2
    named = "series_id" in located.columns and bool(located["series_id"].notna().any())
    whose = np.full(len(t), "all", dtype=object)
    if named:
        whose = located["series_id"].astype(object).to_numpy()
    belongs = np.ones(len(t))
    if "series_weight" in located.columns:
        belongs = located["series_weight"].fillna(1.0).to_numpy(dtype=np.float64)
    kept = np.flatnonzero((belongs > 0) & pd.notna(whose))
    codes, names = pd.factorize(whose[kept], sort=True)
    event, ids = pd.factorize(located["event_id"].astype(object).to_numpy()[kept], sort=True)
    venue = pd.Index(sites.ids).get_indexer(pd.Index(located["venue_id"].astype(object)))[kept]
    order = np.lexsort((venue, event, t[kept], codes))
    codes, event, venue, kept = codes[order], event[order], venue[order], kept[order]
    t, belongs = t[kept], belongs[kept]
    w = located["weight"].to_numpy(dtype=np.float64)[kept]
    changed = np.ones(len(kept), bool)
    changed[1:] = (event[1:] != event[:-1]) | (codes[1:] != codes[:-1])
    number = np.cumsum(changed) - 1
    start = np.flatnonzero(changed)
    et, code, membership = t[start], codes[start].astype(np.int64), belongs[start]
    long = length[kept][start]
    good = (venue >= 0) & (w > 0)
    mass = np.bincount(number[good], w[good], minlength=len(start))
    hour, weekday, rest = wall(et, tz, country) if len(et) else (et, code, code)
    there = np.flatnonzero(mass > 0)
    size = np.bincount(number[good], minlength=len(start))[there]
    rt = et[there]
    gap = np.full(len(rt), 7 * DAY_S)
    same = code[there][1:] == code[there][:-1]
    gap[1:] = np.where(same, np.diff(rt), 7 * DAY_S)
    rows = Rows(
        rt,
        hour[there].astype(np.float64),
        weekday[there],
        rest[there],
        gap,
        np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        venue[good].astype(np.int64),
        (w * belongs)[good],
    )
    n = len(names)
    bounds = np.searchsorted(code, np.arange(n + 1))
    row_code = code[there]
    row_bounds = np.searchsorted(row_code, np.arange(n + 1))
    told = rows.weight
    rows = rows._replace(weight=sharpened(rows, row_bounds, len(sites)))
    return History(
        [str(name) for name in names],
        named,
        ids[event[start]],
        et,
        long,
        hour,
        weekday,
        rest,
        code,
        np.minimum(mass, 1.0),
        membership,
        bounds,
        rows,
        there,
        row_code,
        row_bounds,
        row_bounds[row_code],
        told,
        tz,
        country,
    )


def _lengths(located: pd.DataFrame, t: Floats, before: float | None) -> Floats:
    """How long is the interval (seconds) that holds each event, as far as it lies before then?"""
    if "timestamp_end" not in located.columns:
        return np.zeros(len(t))
    end = spans(located)[1] / 1e6
    if before is not None:
        end = np.minimum(end, before - 1e-6)
    return np.maximum(end - t, 0.0)


def read_crowd(past: History, n_venues: int, at: float | None = None) -> Population:
    """What all series did, in daily snapshots (rarer where they would be many) or at one moment.

    A snapshot holds only what came before it, so a question is answered from its past alone.
    """
    from crimeloc.ranking.model._kernels import Population

    rows = past.rows
    event = np.repeat(np.arange(len(rows.t)), np.diff(rows.ptr))
    known = np.ones(len(event), bool) if at is None else rows.t[event] < at
    event, venue, weight = event[known], rows.venue[known], rows.weight[known]
    t = rows.t[event]
    start = float(t.min()) if len(t) else 0.0
    span = (float(t.max()) - start) / DAY_S if len(t) else 0.0
    step = DAY_S * max(1.0, np.ceil(span * n_venues / _CELLS))
    if at is not None:
        start, step, n = at, 1e18, 1
        day = np.zeros(len(t), np.int64)
        age = np.exp(-(at - t) / (30 * DAY_S))
    else:
        day = ((t - start) // step).astype(np.int64) + 1
        n = int(day.max()) + 2 if len(t) else 1
        age = np.exp(-(start + day * step - t) / (30 * DAY_S))
    code = past.row_code[event]
    order = np.lexsort((venue, code, t))
    key = code[order].astype(np.int64) * n_venues + venue[order]
    seen = order[np.sort(np.unique(key, return_index=True)[1])]
    shape = (n, n_venues)
    visits, lately, visitors = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    np.add.at(visits, (day, venue), weight)
    np.add.at(lately, (day, venue), weight * age)
    np.add.at(visitors, (day[seen], venue[seen]), weight[seen])
    if n > 1:
        visits, visitors = visits.cumsum(axis=0), visitors.cumsum(axis=0)
        fade = np.exp(-step / (30 * DAY_S))
        for k in range(1, n):
            lately[k] += fade * lately[k - 1]
    sv, ss, st = venue[seen], code[seen], t[seen]
    by_venue, by_series = np.lexsort((st, sv)), np.lexsort((st, ss))
    return Population(
        start,
        step,
        visits,
        np.log(visits + 0.5),
        np.log(lately + 0.1),
        np.log(visitors + 0.5),
        np.searchsorted(sv[by_venue], np.arange(n_venues + 1)),
        ss[by_venue],
        st[by_venue],
        np.searchsorted(ss[by_series], np.arange(len(past.series) + 1)),
        sv[by_series],
        st[by_series],
        t[order],
        venue[order],
        code[order],
        weight[order],
    )


@dataclass
class View:
    """What the experts say at some moments about one series.

    `back` (experts, moments, used venues) and `new` (experts, moments, venues) each sum to 1 over
    venues, or are empty; `gate` (moments, features) tells how likely a new venue is.
    """

    columns: Ints
    back: Floats
    new: Floats
    gate: Floats
    fresh: Floats
    n_events: float


class Walker:
    """Goes through one series, event by event, and asks the experts at chosen moments."""

    def __init__(
        self,
        past: History,
        sites: Sites,
        crowd: Population,
        series: int,
        beta: Floats,
        theta: Floats,
        category_hours: Floats,
        in_crowd: int | None = None,
    ) -> None:
        from crimeloc.ranking.model import _habit_kernels, _kernels

        self.kernels, self.habits = _kernels, _habit_kernels
        self.past, self.sites, self.crowd, self.series = past, sites, crowd, series
        self.beta, self.theta, self.category_hours = beta, theta, category_hours
        self.in_crowd = series if in_crowd is None else in_crowd
        self.first = int(past.row_bounds[series]) if series >= 0 else 0
        self.last = int(past.row_bounds[series + 1]) if series >= 0 else 0
        self.here = self.first
        n = len(sites)
        self.rows = past.rows
        self._vague = bool((np.diff(past.rows.ptr[self.first : self.last + 1]) > 1).any())
        if self._vague:  # weighed anew as more becomes known
            self.rows = past.rows._replace(weight=past.rows.weight.copy())
        self.state: State = _kernels.new_state(n, sites.n_categories, sites.n_brands)
        self._slot = np.full(n, -1, np.int64)
        self._columns: list[int] = []
        self._together = np.zeros(n)
        self._around = np.zeros((8, 2, n), np.float32)
        self._row: dict[int, int] = {}
        self._asked = -1

    def to(self, t: float) -> None:
        """Take in every event before t (seconds)."""
        rows, begin = self.rows, self.here
        while self.here < self.last and rows.t[self.here] < t:
            for v in rows.venue[rows.ptr[self.here] : rows.ptr[self.here + 1]]:
                if self._slot[v] < 0:
                    self._slot[v] = len(self._columns)
                    self._columns.append(int(v))
            self.here += 1
        if self._vague and self.here > begin and self._look_back(begin):
            sites = self.sites
            self.state = self.kernels.new_state(len(sites), sites.n_categories, sites.n_brands)
            begin = self.first
        for k in range(begin, self.here):
            self.kernels.advance(self.state, rows, k, k == self.first, self.sites.places)

    def _look_back(self, begin: int) -> bool:
        """Weigh ambiguous uploads by all that is known by now; is what was taken in outdated?"""
        ptr = self.past.rows.ptr[self.first : self.here + 1]
        here = slice(int(ptr[0]), int(ptr[-1]))
        found = looked_back(
            self.past.told[here], self.past.rows.venue[here], ptr - ptr[0], len(self.sites)
        )
        old = int(self.past.rows.ptr[begin] - ptr[0])
        moved = np.abs(found - self.rows.weight[here])[:old]
        if old and float(moved.max()) < _MOVED:
            self.rows.weight[here][old:] = found[old:]
            return False
        self.rows.weight[here] = found
        return True

    def _near(self, habit: Floats) -> tuple[NDArray[np.float32], Ints, Floats]:
        """How near is each venue to the used ones that are likeliest at these moments?

        Kernels by row; the rows of the likeliest; and their chances.
        """
        likely = np.argsort(-habit.sum(axis=0), kind="stable")[: self.kernels.N_NOW]
        missing = [int(d) for d in likely if int(d) not in self._row]
        if len(self._row) + len(missing) > _KEPT:
            self._row, missing = {}, [int(d) for d in likely]
        while len(self._row) + len(missing) > len(self._around):
            self._around = np.concatenate([self._around, np.zeros_like(self._around)])
        for d in missing:
            self._row[d] = len(self._row)
            self.kernels.near_venue(self._columns[d], self.sites.places, self._row[d], self._around)
        rows = np.array([self._row[int(d)] for d in likely], dtype=np.int64)
        return self._around, rows, np.ascontiguousarray(habit[:, likely])

    def _co_visits(self, t: float) -> None:
        if self.here > self.first:
            self.kernels.co_visits(self.state, self.crowd, self.in_crowd, t, self._together)

    def ask(
        self,
        t: Floats,
        hour: Floats,
        weekday: Ints,
        rest: Ints,
        *,
        now: float,
        explore: bool = True,
    ) -> View:
        """What do the experts say about moments t, knowing only what came before `now`?

        With ``explore=False`` the experts on unused venues are not asked and say nothing.
        """
        self.to(now)
        k, n = self.kernels, len(self.sites)
        m = len(t)
        columns = np.array(self._columns, dtype=np.int64)
        back, pull = self._return(t, hour, weekday, rest, now)
        new = np.zeros((len(k.EXPLORING), m, n))
        if explore:
            self._co_visits(now)
            k.exploring(
                self.theta,
                self.state,
                self._rows_to_here(),
                self.here - self.first,
                self.crowd,
                self.in_crowd,
                self._together,
                self.sites.places,
                self.category_hours,
                *self._near(back[0]),
                now,
                t,
                hour,
                new,
            )
        gate = np.zeros((m, len(k.GATE)))
        k.gate_features(self.state, t, hour, rest, pull, gate)
        fresh = 1.0 - self.state.used
        return View(columns, back, new, gate, fresh, float(self.state.num[0]))

    def features(self, t: Floats, hour: Floats, weekday: Ints, rest: Ints, *, now: float) -> Floats:
        """What speaks for each venue, the features of the exploration expert.

        Shape (moments, venues, features).
        """
        self.to(now)
        self._co_visits(now)
        back, _ = self._return(t, hour, weekday, rest, now)
        out = np.zeros((len(t), len(self.sites), len(self.theta)))
        self.kernels.explore_features(
            self.state,
            self._rows_to_here(),
            self.here - self.first,
            self.crowd,
            self.in_crowd,
            self._together,
            self.sites.places,
            self.category_hours,
            *self._near(back[0]),
            now,
            t,
            hour,
            out,
            np.zeros(0),
            np.zeros((0, 0)),
        )
        return out

    def _return(
        self, t: Floats, hour: Floats, weekday: Ints, rest: Ints, now: float
    ) -> tuple[Floats, Floats]:
        """What the experts on used venues say, and how well the moments match the past."""
        back = np.zeros((len(self.habits.RETURNING), len(t), len(self._columns)))
        pull = np.zeros((len(t), 3))
        if self.here > self.first:
            self.habits.returning(
                self.beta,
                self.rows,
                self.first,
                self.here,
                now,
                t,
                hour,
                weekday,
                rest,
                self.sites.places,
                self.crowd,
                self.category_hours,
                self._slot,
                back,
                pull,
            )
        return back, pull

    def _rows_to_here(self) -> Rows:
        """Give the rows with this series' last event as the last of `end` events."""
        rows = self.rows
        return rows._replace(ptr=rows.ptr[self.first : self.here + 1])


def drop_event(past: History, row: int) -> History:
    """Give the past without one located event; counts and times of the others stay."""
    rows = past.rows
    keep = np.arange(len(rows.t)) != row
    size = np.diff(rows.ptr)
    candidates = np.repeat(keep, size)
    t, code = rows.t[keep], past.row_code[keep]
    gap = rows.gap[keep].copy()
    same = code[1:] == code[:-1]
    gap[1:] = np.where(same, np.diff(t), 7 * DAY_S)
    fewer = type(rows)(
        t,
        rows.hour[keep],
        rows.weekday[keep],
        rows.rest[keep],
        gap,
        np.concatenate([[0], np.cumsum(size[keep])]).astype(np.int64),
        rows.venue[candidates],
        rows.weight[candidates],
    )
    bounds = np.searchsorted(code, np.arange(len(past.series) + 1))
    return replace(
        past,
        rows=fewer,
        place=past.place[keep],
        row_code=code,
        row_bounds=bounds,
        row_first=bounds[code],
        told=past.told[candidates],
    )
