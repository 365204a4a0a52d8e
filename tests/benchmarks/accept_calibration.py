"""Do the percentages mean what they say? `python tests/benchmarks/accept_calibration.py`.

Sets that hold 80 %, calibration errors and the cost of ambiguous addresses, each with its bound,
its n and a standard error over series; on invented cities that do not match the model (seeds as
arguments, `--seeds 71 72 73`), and on the check-ins through CRIMELOC_REFERENCE_DATA (or
../shared/data). Sections: cities, ambiguous, checkins; without a name all run, some minutes of
processor time.
"""

from __future__ import annotations

import argparse
import time

import geopandas as gpd
import numpy as np
import pandas as pd
from checkins import read_checkins

import crimeloc as cl
from crimeloc.evaluation import Baseline, backtest
from crimeloc.evaluation.backtest import last_share
from crimeloc.evaluation.backtest_result import Backtest
from crimeloc.evaluation.calibration import ece_from_sums, reliability_from_sums
from crimeloc.ranking import Ranker

HABITS = ("commuter", "never_returns", "moves")
SEEDS = (71, 72)
SIZE = {"n_venues": 200, "n_background": 60, "uploads_per_offender": 60, "days": 180}


def city(
    habits: object, seed: int, ambiguous: float = 0.0, n: int = 20, stopped: float = 0.0
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Offenders of one habit: where they were, what the addresses say, and the venues."""
    made = cl.make_city(
        rng=seed, habits=habits, n_offenders=n, ambiguous=ambiguous, stopped=stopped, **SIZE
    )
    truth = made.located_truth(offenders_only=True)
    if not ambiguous:
        return truth, truth, made.venues
    seen = cl.locate_events(made.events, made.venues, leases=made.leases)
    series = truth.set_index("event_id")["series_id"]
    seen = seen.assign(series_id=seen["event_id"].map(series))
    return truth, seen[seen["series_id"].notna()].reset_index(drop=True), made.venues


def both(
    truth: gpd.GeoDataFrame, seen: gpd.GeoDataFrame, venues: gpd.GeoDataFrame, start: object
) -> tuple[Backtest, Backtest]:
    """The next venue with the hour known, and all uploads of the days ahead, week by week."""
    places = truth.loc[truth["venue_id"].notna(), ["event_id", "venue_id"]]
    common = {"truth": places, "n_jobs": 1}
    one = backtest(
        Ranker(),
        seen,
        venues,
        start=last_share(truth, 0.3),
        protocol="next",
        given_window=True,
        baselines=False,
        **common,
    )
    beside = [Baseline("frequency"), Baseline("hour_of_week")]
    week = backtest(Ranker(), seen, venues, start=start, baselines=beside, **common)
    return one, week


def middle(truth: pd.DataFrame) -> pd.Timestamp:
    """The midnight after 70 % of the time watched: the last 30 % are held out."""
    first, last = truth["timestamp"].min(), truth["timestamp"].max()
    return (first + 0.7 * (last - first)).tz_convert("Asia/Seoul").normalize()


def say(what: str, got: float, error: float, n: float, bound: str) -> None:
    """Print one line."""
    print(f"  {what:<54} {got:7.3f} +- {error:.3f}  n {n:>6,.0f}   (awaited {bound})", flush=True)


def of_series(rows: pd.DataFrame, value: str, weight: str) -> tuple[float, float, float]:
    """Share over all uploads, and its standard error with series as the units."""
    rows = rows[rows[weight] > 0]
    sums = rows.groupby("series_id")[[value, weight]].sum()
    total = float(sums[weight].sum())
    share = float(sums[value].sum()) / total
    spread = sums[value] - share * sums[weight]
    return share, float(np.sqrt((spread**2).sum()) / total), total


def sets(one: list[Backtest], week: list[Backtest]) -> None:
    """How often the 80 % sets held what came, and how long they were."""
    rows = _rows(one)
    for column, words in (
        ("covered", "venues, next, printed"),
        ("held", "venues, next, randomised"),
    ):
        rows["in"] = rows[column] * rows["weight"]
        say(f"80 % sets of {words}", *of_series(rows, "in", "weight"), ".78-.84")
    print(f"  {'median size of the printed set (venues)':<54} {rows['set_size'].median():7.0f}")
    rows = _rows(week)
    for by in ("", "venue_"):
        name = "slots" if not by else "venues, 7 days ahead"
        for column, words in ((f"{by}covered", "printed"), (f"{by}held", "randomised")):
            if column in rows:
                figures = of_series(rows, column, "n")
                say(f"80 % sets of {name}, {words}", *figures, ".78-.84")
        if f"{by}set_size" in rows:
            size = rows.loc[rows["n"] > 0, f"{by}set_size"].median()
            print(f"  {f'median size of the printed set ({name})':<54} {size:7.0f}")


def _rows(backtests: list[Backtest]) -> pd.DataFrame:
    """The ranker's findings, the series of each city by their own names."""
    found = []
    for place, outcome in enumerate(backtests):
        rows = outcome.records[outcome.records["method"] == outcome.ranker]
        found.append(rows.assign(series_id=f"{place}/" + rows["series_id"].astype("str")))
    return pd.concat(found, ignore_index=True)


def errors(one: list[Backtest], week: list[Backtest]) -> None:
    """Calibration errors, and the tables behind them."""
    for words, backtests, bins in (
        ("venues, next", one, "bins"),
        ("slots, at least one", week, "bins"),
        ("venues, at least one in 7 days", week, "venue_bins"),
    ):
        if not all(hasattr(backtest, bins) for backtest in backtests):
            continue
        sums = sum(getattr(backtest, bins)[backtest.ranker] for backtest in backtests)
        spread = _jackknife([getattr(backtest, bins)[backtest.ranker] for backtest in backtests])
        say(f"calibration error: {words}", ece_from_sums(sums), spread, sums[:, 0].sum(), "<= .02")
        say("  where 1 % or more was said", ece_from_sums(sums[1:]), 0.0, sums[1:, 0].sum(), "-")
        table = reliability_from_sums(sums)
        shown = table[["from", "n", "forecast", "happened"]].round(3)
        print("    " + shown.to_string(index=False).replace("\n", "\n    "))
    rows = _rows(week)
    said = rows["expected_ratio"].sum() if "expected_ratio" in rows else np.nan
    print(f"  uploads expected {said:,.1f}, came {rows['n'].sum():,.0f}")
    for k in (10, 20, 42):
        methods = [outcome.scores()[f"capture@{k}"] for outcome in week]
        print(
            f"  capture@{k}: "
            + ", ".join(
                f"{name} {pd.concat(methods)[name].mean():.3f}" for name in methods[0].index
            )
        )


def _jackknife(parts: list[np.ndarray]) -> float:
    if len(parts) < 2:
        return float("nan")
    total = sum(parts)
    left = np.array([ece_from_sums(total - part) for part in parts])
    return float(np.sqrt((len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum()))


def run_cities(seeds: list[int], habits: tuple[object, ...] = HABITS) -> None:
    """Three generators that do not match the model."""
    for habit in habits:
        print(f"{habit}, {len(seeds)} cities", flush=True)
        pairs = []
        for seed in seeds:
            truth, seen, venues = city(habit, seed)
            pairs.append(both(truth, seen, venues, middle(truth)))
        one, week = zip(*pairs, strict=True)
        sets(list(one), list(week))
        errors(list(one), list(week))


def run_ambiguous(seeds: list[int]) -> None:
    """Three uploads in ten from addresses that several venues share."""
    print(f"30 % ambiguous addresses, {len(seeds)} cities", flush=True)
    kinds = ["routine", "commuter", "moves", "night", "roamer", "never_returns"]
    pairs, losses, exact = [], [], []
    for seed in seeds:
        truth, seen, venues = city(kinds, seed, ambiguous=0.3)
        pairs.append(both(truth, seen, venues, middle(truth)))
        places = truth.loc[truth["venue_id"].notna(), ["event_id", "venue_id"]]
        sure = backtest(
            Ranker(),
            truth,
            venues,
            start=last_share(truth, 0.3),
            protocol="next",
            truth=places,
            given_window=True,
            baselines=False,
            n_jobs=1,
        )
        found = [one.records.set_index("event_id")["rank_true"] for one in (sure, pairs[-1][0])]
        hits = [ranks.le(10) for ranks in found]
        both_there = hits[0].index.intersection(hits[1].index)
        lost = hits[0][both_there].astype(float) - hits[1][both_there].astype(float)
        names = sure.records.set_index("event_id")["series_id"]
        losses.append(pd.DataFrame({"series_id": f"{seed}/" + names[both_there], "lost": lost}))
        exact.append(hits[0][both_there].mean())
    rows = pd.concat(losses).assign(n=1.0)
    say("hit@10 lost against perfect location", *of_series(rows, "lost", "n"), "<= .03")
    print(f"  hit@10 with perfect location {np.mean(exact):.3f}")
    one, week = zip(*pairs, strict=True)
    sets(list(one), list(week))
    errors(list(one), list(week))


def run_checkins(n: int) -> None:
    """Check-ins at third places; weeks ahead for every so many-th series."""
    located, venues = read_checkins(True)
    print(f"check-ins, third places; weeks ahead for {n} series", flush=True)
    many = located[located["many"]].drop(columns=["held", "many"])
    names = sorted(many["series_id"].unique())
    some = many[many["series_id"].isin(names[:: max(len(names) // n, 1)])]
    ranker = Ranker(holidays="US").fit(located[~located["held"]], venues)
    common = {"refit": "never", "n_jobs": 1}
    one = backtest(
        ranker,
        many,
        venues,
        start=last_share(many, 0.3),
        protocol="next",
        given_window=True,
        baselines=False,
        **common,
    )
    week = backtest(
        ranker,
        some,
        venues,
        start=last_share(some, 0.3),
        baselines=[Baseline("frequency"), Baseline("hour_of_week")],
        **common,
    )
    sets([one], [week])
    errors([one], [week])


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sections", nargs="*", default=["cities", "ambiguous", "checkins"])
    parser.add_argument("--seeds", nargs="*", type=int, default=list(SEEDS))
    parser.add_argument("--series", type=int, default=20)
    parser.add_argument("--habits", nargs="*", default=list(HABITS))
    asked = parser.parse_args()
    pd.set_option("display.width", 200)
    if "cities" in asked.sections:
        run_cities(asked.seeds, tuple(asked.habits))
    if "ambiguous" in asked.sections:
        run_ambiguous(asked.seeds)
    if "checkins" in asked.sections:
        run_checkins(asked.series)
    print(f"processor time {time.process_time():.0f} s")


if __name__ == "__main__":
    main()
