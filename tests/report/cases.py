"""Small invented cases for the tests of the briefing: a city, and a ranking made by counting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd

import crimeloc as cl
from crimeloc.events.calendar import calendar_windows, hours_of_week
from crimeloc.io.reasons import rejected_table
from crimeloc.messages import Message
from crimeloc.provenance import Provenance, record
from crimeloc.units import instants, to_timestamps

TZ = "Asia/Seoul"
AT = "2026-02-15 00:00+09:00"


@dataclass(frozen=True)
class CountedSet:
    """What a credible set looks like from outside."""

    size: int
    used: float
    coverage: float
    n: int

    def __len__(self) -> int:
        return self.size


@dataclass(frozen=True)
class CountedRanking:
    """What a ranking looks like from outside: frequency with a weekly rhythm."""

    slots: pd.DataFrame
    venues: pd.DataFrame
    windows: pd.DataFrame
    at: str
    horizon: str
    provenance: Provenance

    def credible_set(self, level, *, by="slots", series=None):
        table = self.slots if by == "slots" else self.venues
        held = table["share"].sort_values(ascending=False).cumsum()
        size = int((held < level).sum()) + 1
        return CountedSet(size, float(held.iloc[size - 1]), 0.83, 47)

    def explain(self, venue_id: str) -> str:
        row = self.venues.set_index("venue_id").loc[venue_id]
        return f"{venue_id}: habit {row['from_habit']:.4f}, popular {row['from_popular']:.4f}"


def count_ranking(located, venues, at=AT, horizon="7D", window="4h", rate=3.0, series=None):
    """Rank by counting: enough to draw, and every part sums to the whole."""
    past = located[located["timestamp"] < pd.Timestamp(at)]
    starts, ends = calendar_windows(at, horizon, window, tz=TZ)
    hour = hours_of_week(instants(past["timestamp"]), TZ)
    middle = hours_of_week((starts + ends) // 2, TZ)
    gap = np.abs(middle[:, None] - hour[None, :])
    near = np.exp(-0.5 * (np.minimum(gap, 168 - gap) / 4) ** 2) + 0.02
    names = venues["venue_id"].to_numpy()
    place = pd.Index(names).get_indexer(past["venue_id"].fillna("?"))
    inside = place >= 0
    weight = past["weight"].to_numpy()[inside]
    habit = np.zeros((len(names), len(starts)))
    np.add.at(habit, place[inside], (near[:, inside] * weight).T)
    habit *= 0.8 / max(habit.sum(), 1e-12)
    popular = np.full(habit.shape, 0.1 / habit.size)
    away = np.full(len(starts), 0.1 / len(starts)) + (0.8 if not inside.any() else 0) / len(starts)
    grid = pd.DataFrame(
        {
            "venue_id": pd.Series(np.repeat([*names, "elsewhere"], len(starts)), dtype="str"),
            "window_start": to_timestamps(np.tile(starts, len(names) + 1)),
            "window_end": to_timestamps(np.tile(ends, len(names) + 1)),
            "from_habit": np.r_[habit.ravel(), np.zeros(len(starts))],
            "from_popular": np.r_[popular.ravel(), np.zeros(len(starts))],
            "from_elsewhere": np.r_[np.zeros(habit.size), away],
        }
    )
    grid["share"] = grid.filter(like="from_").sum(axis=1)
    grid["expected"] = rate * grid["share"]
    grid["probability"] = -np.expm1(-grid["expected"])
    if series is not None:
        grid.insert(0, "series_id", series)
    by_venue = grid.groupby("venue_id", sort=False).sum(numeric_only=True).reset_index()
    by_venue["probability"] = -np.expm1(-by_venue["expected"])
    by_venue["base_rate"] = -np.expm1(-rate / len(names))
    by_window = grid.groupby(["window_start", "window_end"]).sum(numeric_only=True).reset_index()
    made = record("count_ranking", {"horizon": horizon, "window": window}, at=at, n_in=len(past))
    return CountedRanking(grid, by_venue, by_window, at, horizon, made)


@cache
def city():
    return cl.make_city(rng=7)


def located_case(series="S-02"):
    """One offender's uploads, a tenth of them spread over two candidates."""
    located = city().located_truth(offenders_only=True)
    located = located[located["series_id"] == series].reset_index(drop=True)
    located["source_row"] = np.arange(2, len(located) + 2)
    unsure = located.iloc[::10].dropna(subset="venue_id").copy()
    located.loc[unsure.index, "weight"] = 0.7
    other = city().venues.iloc[3]
    unsure = unsure[unsure["venue_id"] != other["venue_id"]]
    unsure["venue_id"], unsure["weight"], unsure["how"] = other["venue_id"], 0.3, "shared"
    unsure["geometry"] = [other.geometry] * len(unsure)
    both = pd.concat([located, unsure], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs="EPSG:4326")


MADE_BACKTEST = record("backtest", {"every": "7D"})


@dataclass(frozen=True)
class SmallBacktest:
    """What a backtest looks like from outside."""

    provenance: Provenance = MADE_BACKTEST

    def scores(self):
        return pd.DataFrame(
            {
                "method": ["Ranker", "frequency", "last_venue", "popularity"],
                "n": [212.0, 212, 212, 212],
                "hit@1": [0.41, 0.33, 0.25, 0.06],
                "hit@5": [0.66, 0.60, 0.25, 0.14],
                "hit@10": [0.72, 0.68, 0.25, 0.20],
                "log_score": [-3.2, -4.1, -6.0, -4.9],
                "coverage": [0.78, 0.7, 0.4, 0.81],
            }
        ).set_index("method")

    def reliability(self, method=None):
        worse = 0.0 if method in (None, "Ranker") else 0.1
        happened = [0.03, 0.12, 0.22 - worse, 0.47 - worse]
        return pd.DataFrame(
            {
                "forecast": [0.02, 0.1, 0.25, 0.5],
                "happened": happened,
                "low": [0.02, 0.08, 0.1, 0.25],
                "high": [0.04, 0.18, 0.3, 0.62],
                "n": [900.0, 200, 60, 20],
                "from": [0.0, 0.05, 0.2, 0.4],
                "to": [0.05, 0.2, 0.4, 1.0],
            }
        )

    @property
    def captures(self):
        methods = ["Ranker", "frequency", "last_venue", "popularity"]
        slots = [10, 20, 42]
        best = {"Ranker": 0.5, "frequency": 0.3, "last_venue": 0.25, "popularity": 0.15}
        return pd.DataFrame(
            [
                {
                    "method": name,
                    "slots": n,
                    "officer_hours": 4.0 * n,
                    "captured": 212 * best[name] * (n / 10) ** 0.25,
                    "capture": best[name] * (n / 10) ** 0.25,
                    "pei": best[name] * (n / 10) ** 0.25,
                    "origins": 6,
                }
                for name in methods
                for n in slots
            ]
        )


def rejected_rows():
    return rejected_table(
        [
            (17, Message("time.missing"), "timestamp", "n/a"),
            (23, Message("time.missing"), "timestamp", "-"),
            (90, Message("address.none"), "ip", "<b>"),
        ]
    )


def full_case(lang="en", **changes):
    """Give a page with everything on it."""
    located = located_case()
    tables = {
        "located": located,
        "venues": city().venues,
        "districts": city().districts,
        "rejected": {"events": rejected_rows()},
        "inputs": [cl.provenance.Input("uploads.csv", "ab" * 32, 2568, 3)],
        "backtest": SmallBacktest(),
        "lang": lang,
        "banner": "FOR OFFICIAL USE" if lang == "en" else "대외비",
    }
    ranking = changes.pop("ranking", None) or count_ranking(located, city().venues, series="S-02")
    return cl.briefing(ranking, **(tables | changes))
