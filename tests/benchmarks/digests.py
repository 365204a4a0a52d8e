"""What does every verb answer? One digest for each table, to hold two commits side by side.

    python tests/benchmarks/digests.py --out before.json     # on the commit before
    python tests/benchmarks/digests.py --against before.json # on the commit after

Runs all verbs on `data/demo` and on made-up cities: one tidy, one untidy (handed over as messy
files, shuffled, read back, in whole seconds, many ambiguous addresses), and one whose log knows
days but no hours. It goes through public names alone and tolerates both spellings of what was
renamed (`SPELLINGS`), so that one file runs on old commits and new.

Ids and counts count exactly; other numbers to nine significant digits, and beside the digests lie
the values (`before.npz`), so that a difference is shown with its size and noise in the last digits
is none. Words (reasons, notes, `how`) are held only to fall into the same groups: they may be said
better, or in another language.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from digest_tables import as_table, differences, digest

import crimeloc as cl
from crimeloc.simulation.messy import lease_file, messy_uploads, venue_file

ROOT = Path(__file__).resolve().parents[2]
TZ = "Asia/Seoul"

# Every name by which a parameter or an attribute has gone; the one that is there is used.
SPELLINGS = [
    ("draws", "n_permutations"),
    ("draws", "n_resamples"),
    ("k", "top_k"),
    ("slots", "slot_budgets"),
    ("series_id", "series"),
    ("replay", "backtest"),
    ("told", "constraints"),
    ("used", "held"),
    ("by_lot", "randomised_coverage"),
    ("null", "simulated"),
]

# A verb (a method of `Case`) -> the attributes of its answer that are digested; "." is the answer
# itself, "*" each of its tables.
ANSWERS: dict[str, str] = {
    "read_events": "table rejected",
    "read_venues": "table rejected",
    "read_leases": "table rejected",
    "locate_events": ".",
    "link_events": (
        "events pairs series told weights.m weights.u weights.table diagnostics.bridges "
        "diagnostics.weak_groups diagnostics.shared_accounts diagnostics.reposters "
        "diagnostics.common_content diagnostics.refused"
    ),
    "trace_content": "uploads contents origins sources venues common",
    "sessions": ".",
    "cluster_events": ".",
    "cluster_circular": ".",
    "summarise_clusters": ".",
    "suggest_parameters": "radius_m gap min_events distances_m waits_h",
    "STDBSCAN": ".",
    "STHDBSCAN": ".",
    "knox_test": (
        "observed expected ratio p_value poisson_p table n_events n_left_out simulated "
        "contributions"
    ),
    "near_repeat_table": "observed expected ratio p_value p_adjusted n_events",
    "scan_test": (
        "clusters n_events n_elsewhere n_outside n_fixed n_venues n_circles n_bins start end "
        "n_strata n_groups critical null"
    ),
    "scan_poisson": "clusters n_events critical null",
    "changepoints": "changes tests",
    "regularity": ".",
    "profile_anchor": "score x_m y_m buffer_m peak",
    "rank": "slots venues windows",
    "explain": "parts events share probability base_rate lift_bits rank",
    "explain_slot": "parts events share probability base_rate lift_bits rank",
    "credible_slots": "table level used coverage n by_lot own_n",
    "credible_venues": "table level used coverage n by_lot own_n",
    "explore": ".",
    "abstention": ".",
    "predict_next": ".",
    "backtest": ". by_series captures reliability records ceiling",
    "backtest_next": ". by_series records",
    "plan_visits": "visits probability expected officer_hours budget_hours",
    "preserve_footage": ".",
    "briefing_tables": "*",
    "briefing_disclosure": "*",
}


def spelt(name: str) -> tuple[str, ...]:
    """Give all spellings of a name, the one given first."""
    return (name, *(other for pair in SPELLINGS if name in pair for other in pair if other != name))


def call(verb: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call with the spelling of each option that the verb knows; `unit` where it has one."""
    known = inspect.signature(verb).parameters
    if "unit" in known:
        options.setdefault("unit", "event")
    given = {}
    for name, value in options.items():
        found = next((one for one in spelt(name) if one in known), None)
        if found is None and not any(p.kind is p.VAR_KEYWORD for p in known.values()):
            raise TypeError(f"{verb.__qualname__} knows none of {spelt(name)}")
        given[found or name] = value
    return verb(*args, **given)


def reach(answer: Any, path: str) -> Any:
    """Follow "a.b" through attributes in any spelling; a method without arguments is called."""
    for step in path.split(".") if path != "." else ():
        found = next((name for name in spelt(step) if hasattr(answer, name)), None)
        if found is None:
            return None
        answer = getattr(answer, found)
        if inspect.ismethod(answer):
            answer = answer()
    return answer


# -- the cases -------------------------------------------------------------------------------------


class Case:
    """All verbs on one log. Each answer is kept: later verbs stand on earlier ones."""

    def __init__(self, name: str, at: str, *, files: Path | None = None, **options: Any) -> None:
        self.name, self.at, self.files, self.options = name, at, files, options

    # Answers that others build on

    def read_events(self) -> Any:
        self.read = cl.read_events(self.files / "uploads.csv", tz=TZ)
        self.events = self.read.table
        return self.read

    def read_venues(self) -> Any:
        read = cl.read_venues(self.files / "venues.csv", tz=TZ)
        self.venues = read.table
        return read

    def read_leases(self) -> Any:
        read = cl.read_leases(self.files / "leases.csv", tz=TZ)
        self.leases = read.table
        return read

    def locate_events(self) -> Any:
        events = self.events
        if "duplicate_of" in events.columns:
            events = events[events["duplicate_of"].isna()].reset_index(drop=True)
        self.located = cl.locate_events(events, self.venues, self.leases)
        self.located = self.located[self.located["timestamp"] < self.at].reset_index(drop=True)
        return self.located

    def link_events(self) -> Any:
        links = cl.link_events(self.located)
        self.located = links.events
        self.few = self.located[self.located["series_id"].notna()].reset_index(drop=True)
        counts = self.few[self.few["weight"] > 0].groupby("series_id")["event_id"].nunique()
        self.names = counts.sort_values(ascending=False, kind="stable").index[:4].tolist()
        self.one = self.few[self.few["series_id"] == self.names[0]].reset_index(drop=True)
        self.few = self.few[self.few["series_id"].isin(self.names)].reset_index(drop=True)
        return links

    def trace_content(self) -> Any:
        return cl.trace_content(self.located)

    # Where and when do they bunch?

    def sessions(self) -> Any:
        return cl.sessions(self.few)

    def cluster_events(self) -> Any:
        self.clustered = call(cl.cluster_events, self.few, radius_m=800, gap="36h", by="series_id")
        return self.clustered

    def cluster_circular(self) -> Any:
        return call(cl.cluster_events, self.one, radius_m=800, gap="2h", circular="week")

    def summarise_clusters(self) -> Any:
        return call(cl.summarise_clusters, self.clustered, by="series_id")

    def suggest_parameters(self) -> Any:
        return call(cl.suggest_parameters, self.one)

    def _points(self) -> tuple[np.ndarray, np.ndarray]:
        here = self.one[self.one["weight"] > 0]
        metric = gpd.GeoSeries(here.geometry).to_crs(here.geometry.estimate_utm_crs())
        t = here["timestamp"].dt.as_unit("us").astype("int64").to_numpy() / 1e6
        points = np.column_stack([metric.x.to_numpy(), metric.y.to_numpy(), t])
        return points, here["weight"].to_numpy()

    def STDBSCAN(self) -> Any:  # the estimator's name
        points, weight = self._points()
        return cl.STDBSCAN(800, "36h", 4).fit(points, sample_weight=weight).labels_

    def STHDBSCAN(self) -> Any:
        points, weight = self._points()
        return cl.STHDBSCAN().fit(points, sample_weight=weight).labels_

    # Is that a pattern, or chance?

    def knox_test(self) -> Any:
        return call(cl.knox_test, self.few, radius_m=800, gap="36h", rng=7, draws=199)

    def near_repeat_table(self) -> Any:
        return call(cl.near_repeat_table, self.few, rng=7, draws=99)

    def scan_test(self) -> Any:
        return call(
            cl.scan_test,
            self.few,
            max_radius_m=3_000,
            max_duration="14D",
            draws=99,
            rng=7,
            keep_null=True,
        )

    def scan_poisson(self) -> Any:
        sure = self.few[self.few["weight"] == 1].reset_index(drop=True)
        return call(
            cl.scan_test,
            sure,
            max_radius_m=2_000,
            max_duration="14D",
            model="poisson",
            population=pd.Series(1.0, index=self.venues["venue_id"]),
            venues=self.venues,
            draws=99,
            rng=7,
            keep_null=True,
        )

    def changepoints(self) -> Any:
        return call(cl.changepoints, self.few, rng=7, draws=199)

    def regularity(self) -> Any:
        return call(cl.regularity, self.few, rng=7, draws=199)

    def profile_anchor(self) -> Any:
        self.profile = call(
            cl.profile_anchor, self.few, self.venues, series_id=self.names[0], cells=60
        )
        return self.profile

    # Which venue, which hours, next?

    def rank(self) -> Any:
        start = pd.Timestamp(self.at)
        self.ranker = cl.Ranker(window="4h", tz=TZ, max_events=1_000, rng=7)
        self.ranker.fit(self.located, self.venues, at=self.at)
        self.ranking = self.ranker.rank(self.few, at=start, horizon="7D")
        self.venue = self.ranking.venues["venue_id"].iloc[0]
        return self.ranking

    def explain(self) -> Any:
        return self.ranking.explain(self.venue, series=self.names[0])

    def explain_slot(self) -> Any:
        slots = self.ranking.slots
        best = slots[(slots["series_id"] == self.names[0]) & (slots["venue_id"] != "elsewhere")]
        row = best.iloc[0]
        return self.ranking.explain(row["venue_id"], row["window_start"], self.names[0])

    def credible_slots(self) -> Any:
        return self.ranking.credible_set(0.8, series=self.names[0])

    def credible_venues(self) -> Any:
        return self.ranking.credible_set(0.5, by="venues", series=self.names[1])

    def explore(self) -> Any:
        return self.ranking.explore(None, series=self.names[0])

    def abstention(self) -> Any:
        every = self.ranker.rank(self.located, at=self.at)
        given = set(every.abstained)
        return {name: name in given for name in every.series}

    def predict_next(self) -> Any:
        late = self.one[self.one["timestamp"] >= pd.Timestamp(self.at) - pd.Timedelta("30D")]
        return call(self.ranker.predict_next, self.one, late, given_window=True, k=10)

    # Would it have worked last month? Where do I send two officers?

    def backtest(self) -> Any:
        start = pd.Timestamp(self.at) - pd.Timedelta("21D")
        ranker = cl.Ranker(window="4h", tz=TZ, max_events=300, rng=7)
        self.replay = call(
            cl.backtest,
            ranker,
            self.few,
            self.venues,
            start=start,
            end=self.at,
            every="7D",
            n_jobs=1,
        )
        return self.replay

    def backtest_next(self) -> Any:
        start = pd.Timestamp(self.at) - pd.Timedelta("14D")
        ranker = cl.Ranker(window="4h", tz=TZ, max_events=300, rng=7)
        return call(
            cl.backtest,
            ranker,
            self.few,
            self.venues,
            start=start,
            end=self.at,
            protocol="next",
            n_jobs=1,
        )

    def plan_visits(self) -> Any:
        one = self.ranker.rank(self.one, at=self.at)
        return call(cl.plan_visits, one, officers=2, evenings=3, tz=TZ)

    def preserve_footage(self) -> Any:
        return cl.preserve_footage(self.few, at=self.at)

    def _page(self, level: str) -> dict[str, pd.DataFrame]:
        own = call(cl.cluster_events, self.one, radius_m=800, gap="36h")
        one = self.ranker.rank(self.one, at=self.at)
        page = call(
            cl.briefing,
            one,
            located=own,
            venues=self.venues,
            profile=self.profile,
            backtest=self.replay,
            rejected=self.read.rejected,
            level=level,
            key=bytes(16),
        )
        with tempfile.TemporaryDirectory() as folder:
            written = page.export(Path(folder) / "case.csv")
            return {path.name.split(".")[-2]: pd.read_csv(path) for path in written}

    def briefing_tables(self) -> Any:
        return self._page("briefing")

    def briefing_disclosure(self) -> Any:
        return self._page("disclosure")


def demo() -> Case:
    """The files that lie in the repository."""
    return Case("demo", "2026-03-01 00:00+09:00", files=ROOT / "data/demo")


def tidy(folder: Path) -> Case:
    """Give a small city whose files say everything plainly."""
    city = cl.make_city(
        rng=11, n_venues=40, n_districts=4, n_offenders=5, n_background=60, days=150, ambiguous=0.05
    )
    return Case("tidy", "2026-01-12 00:00+09:00", files=write(city, folder, seed=3, shuffled=False))


def untidy(folder: Path) -> Case:
    """Give a city where much is doubtful: shared addresses, borrowed accounts, copies."""
    city = cl.make_city(
        rng=23,
        n_venues=60,
        n_districts=5,
        n_offenders=6,
        n_background=80,
        days=120,
        ambiguous=0.35,
        elsewhere=0.2,
        handovers=0.6,
        shared_handles=0.4,
        reposters=0.2,
        circulating=0.3,
        copies=4,
        common_content=0.1,
        stopped=0.3,
    )
    return Case(
        "untidy", "2025-12-20 00:00+09:00", files=write(city, folder, seed=5, shuffled=True)
    )


def days_only(folder: Path) -> Case:
    """Give the tidy city where the log keeps the day and no hour."""
    city = cl.make_city(
        rng=11, n_venues=40, n_districts=4, n_offenders=5, n_background=60, days=150, ambiguous=0.05
    )
    files = write(city, folder, seed=3, shuffled=False)
    local = city.events["timestamp"].dt.tz_convert(TZ).dt.strftime("%Y-%m-%d")
    city.events.assign(timestamp=local)[
        ["event_id", "timestamp", "ip", "port", "handle", "device", "content_hash"]
    ].to_csv(files / "uploads.csv", index=False)
    return Case("days", "2026-01-12 00:00+09:00", files=files)


def write(city: cl.City, folder: Path, *, seed: int, shuffled: bool) -> Path:
    """Write the files an analyst would be handed."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    text = messy_uploads(city, rng=rng).text
    if shuffled:
        head, *rows = text.splitlines()
        rows += rows[5:25]  # some are there twice
        text = "\n".join([head, *(rows[k] for k in rng.permutation(len(rows)))]) + "\n"
    (folder / "uploads.csv").write_text(text, encoding="utf-8")
    (folder / "venues.csv").write_text(venue_file(city, rng), encoding="utf-8")
    (folder / "leases.csv").write_text(lease_file(city), encoding="utf-8")
    return folder


SMALL = (
    "read_events",
    "read_venues",
    "read_leases",
    "locate_events",
    "link_events",
    "sessions",
    "cluster_events",
    "knox_test",
    "scan_test",
    "changepoints",
    "regularity",
    "rank",
    "backtest",
    "preserve_footage",
)


# -- run, write, compare ---------------------------------------------------------------------------


def run(case: Case, verbs: Sequence[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Ask every verb, and digest what it says; one that fails is kept as its error."""
    found: dict[str, Any] = {}
    kept: dict[str, np.ndarray] = {}
    for verb in verbs:
        begin = time.process_time()
        try:
            answer = getattr(case, verb)()
            parts = {path: reach(answer, path) for path in ANSWERS[verb].split() if path != "*"}
            if "*" in ANSWERS[verb]:
                parts = dict(answer)
            elif verb.startswith("backtest"):
                parts["."] = reach(answer, "scores")
        except Exception as error:
            found[f"{case.name}/{verb}"] = {"error": f"{type(error).__name__}: {error}"[:600]}
            print(f"{case.name:8}{verb:22}failed: {error}"[:300], file=sys.stderr)
            continue
        for path, part in parts.items():
            if part is None:
                continue
            name = f"{case.name}/{verb}" + (f".{path}" if path != "." else "")
            found[name], values = digest(as_table(part))
            kept |= {f"{name}/{column}": value for column, value in values.items()}
        print(f"{case.name:8}{verb:22}{time.process_time() - begin:6.1f} s", file=sys.stderr)
    return found, kept


def main() -> int:
    """Run all, write, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="write the digests here, the values beside them")
    parser.add_argument("--against", type=Path, help="digests of another commit: print differences")
    parser.add_argument("--only", choices=["demo", "tidy", "untidy", "days"], help="one case")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    begin = time.process_time()
    found: dict[str, Any] = {}
    kept: dict[str, np.ndarray] = {}
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        cases = {
            "demo": demo,
            "tidy": lambda: tidy(top / "tidy"),
            "untidy": lambda: untidy(top / "untidy"),
            "days": lambda: days_only(top / "days"),
        }
        for name, make in cases.items():
            if given.only not in (None, name):
                continue
            some = run(make(), SMALL if name == "days" else tuple(ANSWERS))
            found |= some[0]
            kept |= some[1]
    print(
        f"{len(found)} tables, {time.process_time() - begin:.0f} s of processor time",
        file=sys.stderr,
    )
    if given.out:
        given.out.write_text(json.dumps(found, indent=1, sort_keys=True))
        np.savez_compressed(given.out.with_suffix(".npz"), **kept)
    if given.against:
        old = json.loads(given.against.read_text())
        if given.only:
            old = {name: one for name, one in old.items() if name.startswith(f"{given.only}/")}
        values = given.against.with_suffix(".npz")
        was = np.load(values) if values.is_file() else {}
        lines = differences(old, found, was, kept)
        print("\n".join(lines) or "no difference")
        return bool(lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
