"""Where do I send two officers for three evenings?"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.planning.hours import cut_to_hours
from crimeloc.planning.search import after_search
from crimeloc.provenance import Provenance, record
from crimeloc.tables import ELSEWHERE, SLOTS, VENUES, validate
from crimeloc.units import Duration, instants, local_zone, seconds, to_timestamps, wall_clock

__all__ = ["Plan", "plan_visits"]

SHIFT_BEGINS_H = 6
"""A working day runs from 06:00 to 06:00, so that an evening reaches past midnight."""

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US


@dataclass(frozen=True)
class Plan:
    """Which venue to hold in which window.

    Parameters
    ----------
    visits : DataFrame
        One row for each visit, in order of time: ``venue_id``, ``window_start``, ``window_end``,
        ``probability`` (of at least one interception there), ``expected`` (interceptions),
        ``without`` (what the whole plan's probability would be without this visit).
    probability : float
        Of at least one interception in the whole plan.
    expected : float
        Expected interceptions.
    officer_hours : float
        Hours that the plan takes.
    budget_hours : float
        Hours that were to be had.
    method : str
        ``"exact"`` or ``"greedy"``.
    tz : str or None
        Zone in which times are printed; None: UTC.
    provenance : Provenance
        What made it.
    """

    visits: pd.DataFrame
    probability: float
    expected: float
    officer_hours: float
    budget_hours: float
    method: str
    tz: str | None
    provenance: Provenance

    def __str__(self) -> str:
        if not len(self.visits):
            return "No visit: no slot with any chance fits the budget."
        lines = [
            self._first_line(),
            self._shown().to_string(index=False),
        ]
        return "\n".join(lines)

    def _first_line(self) -> str:
        return (
            f"{len(self.visits)} visits, {self.officer_hours:g} of {self.budget_hours:g}"
            f" officer-hours: chance of at least one interception {self.probability:.1%}."
        )

    def _repr_html_(self) -> str:
        first = html.escape(str(self).splitlines()[0])
        table = self._shown().to_html(index=False) if len(self.visits) else ""
        return f"<p>{first}</p>{table}{self.provenance._repr_html_()}"

    def _shown(self) -> pd.DataFrame:
        start, end = self.visits["window_start"], self.visits["window_end"]
        zone = self.tz or "UTC"
        return pd.DataFrame(
            {
                "day": start.dt.tz_convert(zone).dt.strftime("%a %Y-%m-%d"),
                "from": start.dt.tz_convert(zone).dt.strftime("%H:%M"),
                "to": end.dt.tz_convert(zone).dt.strftime("%H:%M"),
                "venue_id": self.visits["venue_id"],
                "chance": self.visits["probability"].map("{:.1%}".format),
            }
        )


def plan_visits(
    ranking: Any,
    *,
    officers: int = 2,
    evenings: int | None = 3,
    hours: float = 4.0,
    between: tuple[str, str] | None = None,
    detection: float = 1.0,
    travel: Duration | None = None,
    searched: pd.DataFrame | None = None,
    venues: pd.DataFrame | None = None,
    method: str = "exact",
    tz: str | None = None,
) -> Plan:
    """Where do I send two officers for three evenings?

    Parameters
    ----------
    ranking : object or DataFrame
        Slots (contract SLOTS), or anything with ``.slots``. Several series are planned for
        together: any of them is an interception.
    officers : int
        How many can be at different venues at one time.
    evenings : int or None
        On how many days they go out (days from 06:00 to 06:00); None: on any.
    hours : float
        How long each works on such a day.
    between : pair of str, optional
        Hours on the wall within which a window must lie, such as ``("18:00", "02:00")``.
    detection : float
        Chance that an upload in a held slot is noticed, above 0 and at most 1.
    travel : str or timedelta, optional
        Time of each window that is lost on the way.
    searched : DataFrame, optional
        Slots that were held in vain (`after_search`): the forecast is updated first.
    venues : GeoDataFrame, optional
        VENUES: each window is cut to the opening hours of its venue, so that nobody waits before a
        closed door, and the hours saved are spent elsewhere; by default windows are held whole.
    method : str
        ``"exact"`` (integer programme) or ``"greedy"``.
    tz : str, optional
        Zone of the clocks at the venues; needed for `evenings` and `between` where the slots are in
        UTC and the ranking names no zone.

    Returns
    -------
    Plan
        The visits and the chance of at least one interception.

    Raises
    ------
    TableError
        The slots break their contract.
    ParameterError
        A number is out of range, windows overlap each other, or no zone is known.

    Notes
    -----
    Maximised is ``1 - prod(1 - q p)`` over the chosen slots, q = `detection`, p = ``probability``:
    slots are held to be independent. Where uploads shut each other out (one upload, one place) the
    plan is better than it says; where they come together (a session) it is worse.

    The logarithm of that is a sum, so the exact plan is a linear integer programme (HiGHS): at most
    `officers` venues in a window, at most ``officers * hours`` on a day, at most `evenings` days.
    Only the best `officers` venues of a window (of those that take equally long) can be in the best
    plan, so its size grows with windows, not with venues.

    Greedy takes the best slot that still fits, again and again: within ``1 - 1/e`` of the best
    where windows are equally long and days do not bind; with `evenings` it can do worse. Time on
    the road between two venues is not looked at beyond `travel`. Nothing is random; ties go to the
    earlier window, then to the first ``venue_id``.

    References
    ----------
    Nemhauser, Wolsey & Fisher (1978), Math. Programming 14.

    Examples
    --------
    >>> start = pd.to_datetime(["2026-03-02 18:00+09:00", "2026-03-02 22:00+09:00"] * 2)
    >>> slots = pd.DataFrame({"venue_id": ["A", "A", "B", "B"], "window_start": start,
    ...     "window_end": start + pd.Timedelta("4h"), "share": [0.4, 0.1, 0.3, 0.2],
    ...     "expected": [0.5, 0.1, 0.4, 0.2], "probability": [0.4, 0.1, 0.3, 0.2]})
    >>> plan = plan_visits(slots, officers=1, evenings=1, hours=8, tz="Asia/Seoul")
    >>> plan.visits["venue_id"].tolist(), round(plan.probability, 2)
    (['A', 'B'], 0.52)
    """
    slots = validate(getattr(ranking, "slots", ranking), SLOTS)
    _limits(officers, evenings, hours, detection, method)
    zone = tz or getattr(ranking, "tz", None)
    if (evenings is not None or between is not None or venues is not None) and len(slots):
        zone = local_zone(slots, zone, column="window_start")
    if searched is not None:
        slots = after_search(slots, searched, detection=detection)
    table = _merged(slots, detection, 0.0 if travel is None else seconds(travel, "travel"))
    table["window"] = table["window_start"]
    if venues is not None and len(table):
        table = cut_to_hours(table, validate(venues, VENUES), str(zone))
    table = table.iloc[_inside(table, between, zone)].reset_index(drop=True)
    table = _best_of_each_window(table, officers)
    day = _days(table, zone)
    limit = officers * float(hours)
    choose = _exact if method == "exact" else _greedy
    chosen = choose(table, day, officers, limit, len(set(day)) if evenings is None else evenings)
    visits = table.iloc[chosen].sort_values(["window_start", "venue_id"], ignore_index=True)
    log_none = np.log1p(-visits["probability"].to_numpy())
    probability = float(-np.expm1(log_none.sum()))
    visits["without"] = -np.expm1(log_none.sum() - log_none)
    length = visits.pop("hours")
    visits = visits.drop(columns="window")
    days = len(set(day)) if evenings is None else evenings
    parameters = {
        "officers": officers,
        "evenings": evenings,
        "hours": hours,
        "between": between,
        "detection": detection,
        "travel": travel,
        "searched": 0 if searched is None else len(searched),
        "opening_hours": venues is not None,
        "method": method,
    }
    return Plan(
        visits=visits,
        probability=probability,
        expected=float(visits["expected"].sum()),
        officer_hours=float(length.sum()),
        budget_hours=limit * days,
        method=method,
        tz=zone,
        provenance=record("plan_visits", parameters, n_in=len(slots), n_out=len(visits)),
    )


def _limits(
    officers: int, evenings: int | None, hours: float, detection: float, method: str
) -> None:
    if officers < 1:
        raise ParameterError(
            "officers", found=officers, expected="at least 1", hint=Hint(officers=2)
        )
    if evenings is not None and evenings < 1:
        raise ParameterError(
            "evenings", found=evenings, expected="at least 1, or None", hint=Hint(evenings=3)
        )
    if not hours > 0:
        raise ParameterError("hours", found=hours, expected="hours above 0", hint=Hint(hours=4))
    if not 0 < detection <= 1:
        raise ParameterError(
            "detection", found=detection, expected="a chance above 0", hint=Hint(detection=1.0)
        )
    if method not in ("exact", "greedy"):
        raise ParameterError(
            "method", found=repr(method), expected="'exact' or 'greedy'", hint=Hint(method="exact")
        )


def _merged(slots: pd.DataFrame, detection: float, travel_s: float) -> pd.DataFrame:
    """One row for each venue and window, whatever the series; chances of an interception."""
    start, end = instants(slots["window_start"]), instants(slots["window_end"])
    left = np.clip(1.0 - travel_s * 1e6 / np.maximum(end - start, 1), 0.0, 1.0)
    chance = np.minimum(slots["probability"].to_numpy(dtype=np.float64), 1.0 - 1e-15)
    seen = detection * -np.expm1(np.log1p(-chance) * left)
    rows = pd.DataFrame(
        {
            "venue_id": slots["venue_id"].astype("str").to_numpy(),
            "start": start,
            "end": end,
            "none": np.log1p(-np.minimum(seen, 1.0 - 1e-12)),
            "expected": slots["expected"].to_numpy(dtype=np.float64) * detection * left,
        }
    )
    rows = rows[(rows["venue_id"] != ELSEWHERE) & (rows["none"] < 0)]
    table = rows.groupby(["start", "end", "venue_id"], sort=True).sum().reset_index()
    windows = table[["start", "end"]].drop_duplicates()
    if (windows["start"].to_numpy()[1:] < windows["end"].to_numpy()[:-1]).any():
        raise ParameterError(
            "ranking",
            found="windows that overlap",
            expected="one set of windows",
            hint="one ranking, one window=",
        )
    table["window_start"] = to_timestamps(table["start"].to_numpy(dtype=np.int64))
    table["window_end"] = to_timestamps(table["end"].to_numpy(dtype=np.int64))
    table["probability"] = -np.expm1(table.pop("none"))
    table["hours"] = (table["end"] - table["start"]) / _HOUR_US
    columns = ["venue_id", "window_start", "window_end", "probability", "expected", "hours"]
    return table[columns]


def _inside(
    table: pd.DataFrame, between: tuple[str, str] | None, zone: str | None
) -> NDArray[np.int64]:
    if between is None or not len(table):
        return np.arange(len(table))
    try:
        low, high = (pd.Timedelta(f"{text}:00") for text in between)
    except ValueError as error:
        raise ParameterError(
            "between",
            found=between,
            expected="two times of day",
            hint=Hint(between=("18:00", "02:00")),
        ) from error
    first, last = (int(mark.total_seconds() * 1e6) for mark in (low, high))
    room = (last - first) % _DAY_US or _DAY_US
    start = (wall_clock(instants(table["window_start"]), str(zone)) - first) % _DAY_US
    length = instants(table["window_end"]) - instants(table["window_start"])
    return np.flatnonzero(start + length <= room)


def _best_of_each_window(table: pd.DataFrame, officers: int) -> pd.DataFrame:
    order = ["window", "probability", "venue_id"]
    ranked = table.sort_values(order, ascending=[True, False, True], kind="stable")
    alike = ranked.groupby(["window", "hours"], sort=False)  # equally long: the likelier is better
    return alike.head(officers).reset_index(drop=True)


def _days(table: pd.DataFrame, zone: str | None) -> NDArray[np.int64]:
    wall = wall_clock(instants(table["window"]), zone or "UTC")
    return np.asarray((wall - SHIFT_BEGINS_H * _HOUR_US) // _DAY_US)


def _exact(
    table: pd.DataFrame, day: NDArray[np.int64], officers: int, limit: float, evenings: int
) -> list[int]:
    """Integer programme: a binary for each slot and for each day."""
    if not len(table):
        return []
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    days, day_code = np.unique(day, return_inverse=True)
    window_code = pd.factorize(table["window"])[0]
    n, n_days, n_windows = len(table), len(days), int(window_code.max()) + 1
    hours = table["hours"].to_numpy()
    gain = -np.log1p(-table["probability"].to_numpy())
    slot = np.arange(n)
    windows = csr_array((np.ones(n), (window_code, slot)), shape=(n_windows, n + n_days))
    works = csr_array(
        (
            np.concatenate([hours, np.full(n_days, -limit)]),
            (np.concatenate([day_code, np.arange(n_days)]), np.arange(n + n_days)),
        ),
        shape=(n_days, n + n_days),
    )
    out = csr_array(np.concatenate([np.zeros(n), np.ones(n_days)])[None, :])
    # A hair less for later slots settles ties, always in the same way.
    nudge = 1e-9 * float(gain.max()) * (slot + 1) / n
    found = milp(
        np.concatenate([nudge - gain, np.zeros(n_days)]),
        integrality=np.ones(n + n_days, dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(windows, ub=officers),
            LinearConstraint(works, ub=1e-9),
            LinearConstraint(out, ub=evenings),
        ],
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise ParameterError(
            "ranking", found=found.message, expected="a plan", hint=Hint(method="greedy")
        )
    return [int(place) for place in np.flatnonzero(found.x[:n] > 0.5)]


def _greedy(
    table: pd.DataFrame, day: NDArray[np.int64], officers: int, limit: float, evenings: int
) -> list[int]:
    """The best slot that still fits, again and again."""
    hours = table["hours"].to_numpy()
    gain = -np.log1p(-table["probability"].to_numpy())
    window = pd.factorize(table["window"])[0]
    order = np.lexsort((np.arange(len(table)), -gain))
    used_days: dict[int, float] = {}
    used_windows: dict[int, int] = {}
    chosen: list[int] = []
    for place in order:
        today, when = int(day[place]), int(window[place])
        if today not in used_days and len(used_days) >= evenings:
            continue
        if used_days.get(today, 0.0) + hours[place] > limit + 1e-9:
            continue
        if used_windows.get(when, 0) >= officers:
            continue
        used_days[today] = used_days.get(today, 0.0) + float(hours[place])
        used_windows[when] = used_windows.get(when, 0) + 1
        chosen.append(int(place))
    return chosen
