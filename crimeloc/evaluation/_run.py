"""The work of a replay: cut the past, ask for forecasts, note how they fared. In pieces."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.evaluation._past import Past, unpack
from crimeloc.evaluation.baselines import SET_LEVEL, Baseline, SlotGrid
from crimeloc.evaluation.calibration import EDGES, bin_sums
from crimeloc.evaluation.scores import FLOOR, capture_at, most_capturable
from crimeloc.tables import ELSEWHERE
from crimeloc.temporal import calendar_windows
from crimeloc.units import instants, to_timestamps

Array = NDArray[np.float64]
Sums = dict[str, Array]

PAIRS = 10
"""How many of the best venues of each event enter the reliability table (`next`)."""

WORTH_PROCESSES = 2_000
"""Forecasts from which on further processes pay for their start."""


@dataclass(frozen=True)
class Options:
    """What is asked of every forecast."""

    protocol: str
    given_window: bool
    horizon: str
    k: tuple[int, ...]
    slots: tuple[int, ...]
    tz: str
    last_us: int
    window: str


@dataclass(frozen=True)
class Block:
    """Rankers, the stretch of time [first, stop) that they serve, and its origins."""

    rankers: list[tuple[str, Any]]
    first: int
    stop: int
    origins: list[int]


@dataclass(frozen=True)
class Chunk:
    """Some series: their rows, the rows that are scored, and when each begins to be scored."""

    located: pd.DataFrame
    wanted: pd.DataFrame
    starts: dict[str, int]
    venue_id: NDArray[np.object_]
    tz: str

    @cached_property
    def times(self) -> NDArray[np.int64]:
        """Times of the rows."""
        return instants(self.located["timestamp"])

    @cached_property
    def wanted_times(self) -> NDArray[np.int64]:
        """Times of the rows that are scored."""
        return instants(self.wanted["timestamp"])

    @cached_property
    def past(self) -> Past:
        """The rows as arrays."""
        return unpack(self.located, self.venue_id, self.tz)

    @cached_property
    def truth(self) -> Past:
        """The rows that are scored as arrays."""
        return unpack(self.wanted, self.venue_id, self.tz, elsewhere=False)

    @classmethod
    def split(
        cls,
        table: pd.DataFrame,
        wanted: pd.DataFrame,
        starts: dict[str, int],
        venue_id: NDArray[np.object_],
        tz: str,
        pieces: int = 8,
    ) -> list[Chunk]:
        """Cut the tables into pieces of about equal work, whole series each."""
        sizes = table["series_id"].value_counts()
        sizes = sizes[sizes.index.isin(list(starts))]
        order = sorted(sizes.items(), key=lambda item: (-item[1], str(item[0])))
        parts = [[name for name, _ in order[place::pieces]] for place in range(pieces)]
        return [
            cls(
                table[table["series_id"].isin(part)].reset_index(drop=True),
                wanted[wanted["series_id"].isin(part)].reset_index(drop=True),
                {str(name): starts[str(name)] for name in part},
                venue_id,
                tz,
            )
            for part in parts
            if part
        ]


def run_all(
    mine: list[Block],
    others: list[Block],
    chunks: list[Chunk],
    options: Options,
    n_jobs: int | None,
    progress: bool,
) -> tuple[pd.DataFrame, Sums]:
    """Replay every piece, in several processes where that pays; same result either way."""
    tasks = [([block], chunk) for block in mine for chunk in chunks]
    tasks += [(others, chunk) for chunk in chunks if others and others[0].rankers]
    work = _run_next if options.protocol == "next" else _run_horizon
    forecasts = (
        sum(len(chunk.wanted) for chunk in chunks)
        if options.protocol == "next"
        else 10 * len(others) * sum(len(chunk.starts) for chunk in chunks)
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    jobs = n_jobs or (cores or 1 if forecasts >= WORTH_PROCESSES else 1)
    results: Iterable[Any]
    if min(jobs, len(tasks)) > 1:
        from joblib import Parallel, delayed

        pool = Parallel(n_jobs=min(jobs, len(tasks)), return_as="generator")
        results = pool(delayed(work)(blocks, chunk, options) for blocks, chunk in tasks)
    else:
        results = (work(blocks, chunk, options) for blocks, chunk in tasks)
    if progress:
        from tqdm.auto import tqdm

        results = tqdm(results, total=len(tasks), desc="replay", unit="piece")
    names = [name for block in [*mine[:1], *others[:1]] for name, _ in block.rankers]
    frames, bins = [], {name: np.zeros((len(EDGES) - 1, 3)) for name in names}
    for rows, sums in results:
        frames.append(rows)
        for name, part in sums.items():
            bins[name] += part
    columns = _NEXT if options.protocol == "next" else _horizon_columns(options)
    filled = [frame for frame in frames if len(frame)]
    records = pd.concat(filled, ignore_index=True) if filled else _no_rows(columns)
    order = {name: place for place, name in enumerate(names)}
    keys = ["method", "series_id", *columns[2:5]]
    records = records.sort_values(
        keys, key=lambda c: c.map(order) if c.name == "method" else c, ignore_index=True
    )
    return records[columns], bins


_NEXT = ["method", "series_id", "timestamp", "event_id", "venue_id", "weight", "rank_true"]
_NEXT += ["p_true", "p_squared", "covered", "set_size"]


def _run_next(blocks: list[Block], chunk: Chunk, options: Options) -> tuple[pd.DataFrame, Sums]:
    frames: list[pd.DataFrame] = []
    bins: Sums = {}
    for block in blocks:
        inside = (chunk.wanted_times >= block.first) & (chunk.wanted_times < block.stop)
        wanted = chunk.wanted[inside].reset_index(drop=True)
        if not len(wanted):
            continue
        for name, ranker in block.rankers:
            if isinstance(ranker, Baseline):
                past, truth = chunk.past.before(block.stop), chunk.truth.between(*_span(block))
                told = ranker.predict_past(past, truth, given_window=options.given_window)
            else:
                seen = chunk.located[chunk.times < block.stop].reset_index(drop=True)
                told = _ask_next(ranker, seen, wanted, options)
            rows, pairs = _note_next(name, told, wanted)
            frames.append(rows)
            bins[name] = bins.get(name, np.zeros_like(pairs)) + pairs
    return (pd.concat(frames, ignore_index=True) if frames else _no_rows(_NEXT)), bins


def _span(block: Block) -> tuple[int, int]:
    return block.first, block.stop


def _ask_next(
    ranker: Any, located: pd.DataFrame, wanted: pd.DataFrame, options: Options
) -> pd.DataFrame:
    if not callable(getattr(ranker, "predict_next", None)):
        return _ask_rank(ranker, located, wanted, options)
    given = options.given_window
    told: pd.DataFrame = ranker.predict_next(located, wanted, given_window=given)
    middle = wanted["event_id"].iloc[len(wanted) // 2]
    event = wanted[wanted["event_id"] == middle].reset_index(drop=True)
    early = located["timestamp"] < event["timestamp"].iloc[0]
    known = located[early | (located["event_id"] == middle)].reset_index(drop=True)
    again = ranker.predict_next(known, event, given_window=given)
    first = told.loc[told["event_id"] == middle, "p_true"].to_numpy(dtype=np.float64)
    if len(first) != len(again) or not np.allclose(first, again["p_true"], rtol=1e-4, atol=1e-12):
        raise ParameterError(
            "ranker",
            f"a predict_next that says {first} for event {middle!r} with later events in the table"
            f" and {again['p_true'].tolist()} without",
            "a forecast from earlier events only",
            'located[located["timestamp"] < event["timestamp"]]',
        )
    return told


def _ask_rank(
    ranker: Any, located: pd.DataFrame, wanted: pd.DataFrame, options: Options
) -> pd.DataFrame:
    """Ask `rank` for each event. The hour given: over that hour; else just after the last event."""
    out = []
    times = instants(located["timestamp"])
    for event_id, event in wanted.groupby("event_id", sort=False):
        moment = int(instants(event["timestamp"])[0])
        rows = (located["series_id"] == event["series_id"].iloc[0]).to_numpy() & (times < moment)
        just_after, length = int(times[rows].max()) + 1, options.horizon
        at = to_timestamps(np.array([just_after]))[0]
        if options.given_window:
            start = int(moment // 3_600_000_000 * 3_600_000_000)
            at, length = to_timestamps(np.array([max(start, just_after)]))[0], "1h"
        seen = located[rows].reset_index(drop=True)
        slots = ranker.rank(seen, at=at, horizon=length).slots
        share = slots.groupby("venue_id", sort=True)["share"].sum()
        chances = share.to_numpy(dtype=np.float64) / max(float(share.sum()), 1e-300)
        ids = share.index.to_numpy(dtype=object)
        out += _from_shares(str(event_id), event, ids, chances)
    return pd.DataFrame(out)


def _from_shares(
    event_id: str, event: pd.DataFrame, ids: NDArray[np.object_], chances: Array
) -> Iterator[dict[str, object]]:
    real = ids != ELSEWHERE
    venues, names = chances[real], ids[real]
    best = np.lexsort((names.astype(str), -venues))[:PAIRS]
    down = np.sort(chances)[::-1]
    size = int(np.searchsorted(np.cumsum(down), SET_LEVEL - 1e-12) + 1)
    place = {venue: number for number, venue in enumerate(names)}
    for venue in event["venue_id"]:
        chance = float(venues[place[venue]]) if venue in place else 0.0
        above, equal = np.count_nonzero(venues > chance), np.count_nonzero(venues == chance)
        yield {
            "event_id": event_id,
            "venue_id": venue,
            "rank_true": above + (max(equal, 1) + 1) / 2 if venue in place else np.nan,
            "p_true": chance,
            "p_top": venues[best],
            "top": names[best].tolist(),
            "p_squared": float(np.square(chances).sum()),
            "covered": chance >= down[min(size, len(down)) - 1],
            "set_size": size,
        }


def _note_next(name: str, told: pd.DataFrame, wanted: pd.DataFrame) -> tuple[pd.DataFrame, Array]:
    """Join what was told with what was wanted; nothing may be missing."""
    keys = ["event_id", "venue_id"]
    sure = wanted["series_weight"].fillna(1.0) if "series_weight" in wanted else 1.0
    truth = wanted[["series_id", "timestamp", *keys]].assign(weight=wanted["weight"] * sure)
    told = told.drop(columns=["series_id", "timestamp", "weight"], errors="ignore")
    if "venue_id" not in told.columns:
        if len(told) == len(wanted) and (told["event_id"].to_numpy() == wanted["event_id"]).all():
            told = told.assign(venue_id=wanted["venue_id"].to_numpy())
        else:  # one answer for each event: its candidates count together
            total = truth.groupby("event_id")["weight"].transform("sum")
            truth = truth.assign(weight=total).drop_duplicates("event_id")
            told = told.merge(truth[keys], on="event_id")
    joined = truth.merge(told, on=keys, how="left", validate="one_to_one")
    if joined["p_true"].isna().any():
        lost = joined.loc[joined["p_true"].isna(), "event_id"]
        found = f"no answer for {len(lost)} of {len(joined)} rows, e.g. event {lost.iloc[0]!r}"
        raise ParameterError("ranker", found, "an answer for each", f"{name}.predict_next")
    best = [np.asarray(values, dtype=np.float64) for values in joined["p_top"]]
    if "p_squared" not in joined.columns:
        inside = [
            venue in set(top) for venue, top in zip(joined["venue_id"], joined["top"], strict=True)
        ]
        squares = np.array([np.square(values).sum() for values in best])
        joined["p_squared"] = squares + np.where(inside, 0.0, np.square(joined["p_true"]))
    for column in ("covered", "set_size"):
        values = joined[column] if column in joined.columns else np.nan
        joined[column] = pd.Series(values, index=joined.index).astype("float64")
    joined.insert(0, "method", name)
    return joined[_NEXT], _pairs(joined, best)


def _pairs(joined: pd.DataFrame, best: list[Array]) -> Array:
    """Bins over the best venues of each event; a candidate of weight w happened with w."""
    count = np.array([min(len(values), PAIRS) for values in best], dtype=np.int64)
    chances = np.concatenate([values[:PAIRS] for values in best]) if len(best) else np.zeros(0)
    weights = np.repeat(joined["weight"].to_numpy(dtype=np.float64), count)
    hits = [
        np.array([other == venue for other in list(top)[:PAIRS]], dtype=np.float64)
        for venue, top in zip(joined["venue_id"], joined["top"], strict=True)
    ]
    happened = np.concatenate(hits) if hits else np.zeros(0)
    return bin_sums(np.minimum(chances, 1.0), happened, weights)


def _horizon_columns(options: Options) -> list[str]:
    columns = ["method", "series_id", "origin", "n", "n_slots", "log", "brier", "cost", "covered"]
    columns += ["set_size", *(f"hit_{k}" for k in options.k)]
    for budget in options.slots:
        columns += [f"captured_{budget}", f"most_{budget}"]
    return columns


def _run_horizon(blocks: list[Block], chunk: Chunk, options: Options) -> tuple[pd.DataFrame, Sums]:
    rows: list[dict[str, object]] = []
    bins: Sums = {}
    truths = dict(chunk.truth.series())
    for block in blocks:
        for name, ranker in block.rankers:
            sums = bins.setdefault(name, np.zeros((len(EDGES) - 1, 3)))
            for origin in block.origins:
                for series_id, grid in _grids(ranker, chunk, origin, options):
                    if series_id not in chunk.starts or origin < chunk.starts[series_id]:
                        continue
                    truth = truths.get(series_id, chunk.truth.empty_series())
                    low, high = np.searchsorted(truth.time, [grid.starts[0], grid.ends[-1]])
                    inside = truth.part(int(low), int(high))
                    row = {"method": name, "series_id": series_id, "origin": origin}
                    note, part = _note_horizon(grid, inside, chunk.venue_id, options)
                    rows.append(row | note)
                    sums += part
    frame = pd.DataFrame(rows, columns=_horizon_columns(options))
    if len(frame):
        frame["origin"] = to_timestamps(frame["origin"].to_numpy(dtype=np.int64))
    return frame, bins


def _grids(
    ranker: Any, chunk: Chunk, origin: int, options: Options
) -> Iterator[tuple[str, SlotGrid]]:
    at = to_timestamps(np.array([origin]))[0]
    if isinstance(ranker, Baseline):
        past = chunk.past.before(origin)
        for series_id, grid in ranker.grids_past(past, at=at, horizon=options.horizon):
            if (past.number == np.searchsorted(past.names, series_id)).any():
                yield series_id, grid
        return
    seen = chunk.located[chunk.times < origin]
    for series_id, rows in seen.groupby("series_id", sort=True):
        if origin < chunk.starts.get(str(series_id), origin + 1):
            continue
        ranking = ranker.rank(rows.reset_index(drop=True), at=at, horizon=options.horizon)
        yield str(series_id), grid_of(ranking.slots, at, options)


def grid_of(slots: pd.DataFrame, at: pd.Timestamp, options: Options) -> SlotGrid:
    """Turn the slots of one series into arrays; slots that are not there count as 0."""
    if not len(slots):
        starts, ends = calendar_windows(at, options.horizon, options.window, tz=options.tz)
        nothing = np.zeros((1, len(starts)))
        return SlotGrid(np.array([ELSEWHERE], dtype=object), starts, ends, nothing, nothing)
    venue, ids = pd.factorize(slots["venue_id"])
    starts, column = np.unique(instants(slots["window_start"]), return_inverse=True)
    ends = np.zeros(len(starts), dtype=np.int64)
    np.maximum.at(ends, column, instants(slots["window_end"]))
    shape = (len(ids), len(starts))
    share, expected = np.zeros(shape), np.zeros(shape)
    share[venue, column] = slots["share"].to_numpy(dtype=np.float64)
    # Keep the ranker's own probability of at least one, whatever it made it from.
    chance = np.minimum(slots["probability"].to_numpy(dtype=np.float64), 1.0 - 1e-15)
    expected[venue, column] = -np.log1p(-chance)
    order = np.argsort(np.asarray(ids, dtype=object) == ELSEWHERE, kind="stable")
    if ELSEWHERE not in set(ids):
        order = np.append(order, len(ids))
        ids = np.append(np.asarray(ids, dtype=object), ELSEWHERE)
        share, expected = (np.vstack([array, np.zeros(shape[1])]) for array in (share, expected))
    names = np.asarray(ids, dtype=object)[order]
    return SlotGrid(names, starts, ends, share[order], expected[order])


def _note_horizon(
    grid: SlotGrid, truth: Any, venue_id: NDArray[np.object_], options: Options
) -> tuple[dict[str, object], Array]:
    share, chance = grid.share[:-1], grid.probability[:-1]
    n_windows = len(grid.starts)
    place = pd.Index(grid.venue_id[:-1]).get_indexer(pd.Index(venue_id[truth.code]))
    column = np.searchsorted(grid.starts, truth.time, side="right") - 1
    inside = (place >= 0) & (column >= 0) & (truth.time < grid.ends[np.maximum(column, 0)])
    where, back = np.unique(place[inside] * n_windows + column[inside], return_inverse=True)
    counts = np.bincount(back, weights=truth.weight[inside], minlength=len(where))
    never = np.ones(len(where))
    np.multiply.at(never, back, 1.0 - truth.weight[inside])
    happened = np.clip(1.0 - never, 0.0, 1.0)

    flat, chances = share.ravel(), chance.ravel()
    n = float(truth.weight.sum())
    note: dict[str, object] = {"n": n, "n_slots": len(flat)}
    mine = flat[where]
    lost = n - float(counts.sum())  # uploads in no slot of the forecast
    note["log"] = float((counts * np.log(np.maximum(mine, FLOOR))).sum()) + lost * np.log(FLOOR)
    squares = float(chances @ chances)
    here = chances[where]
    note["brier"] = squares + float((happened * happened - 2.0 * here * happened).sum())
    note |= _sets(grid.share, mine, counts) if n else {"covered": 0.0, "set_size": np.nan}
    note |= _venues(share.sum(axis=1), place, truth.weight, options.k)
    captured = capture_at(flat, where, counts, options.slots)
    most = most_capturable(counts, options.slots)
    for budget in options.slots:
        note[f"captured_{budget}"], note[f"most_{budget}"] = captured[budget], most[budget]
    sums = bin_sums(np.minimum(chances, 1.0), np.zeros(len(chances)))
    sums[:, 2] += bin_sums(np.minimum(here, 1.0), happened)[:, 2]
    return note, sums


def _sets(share: Array, mine: Array, counts: Array) -> dict[str, object]:
    """The fewest slots that hold 80 % of the share: how many, and the uploads inside."""
    down = np.sort(share.ravel())[::-1]
    size = min(int(np.searchsorted(np.cumsum(down), SET_LEVEL - 1e-12) + 1), len(down))
    return {"covered": float(counts[mine >= down[size - 1]].sum()), "set_size": float(size)}


def _venues(
    share: Array, place: NDArray[np.int64], weight: Array, k: tuple[int, ...]
) -> dict[str, object]:
    """Where the true venues stand in the list of venues, as sums over uploads."""
    known = place >= 0
    mine = share[place[known]]
    above = np.array([np.count_nonzero(share > value) for value in mine], dtype=np.float64)
    equal = np.array([np.count_nonzero(share == value) for value in mine], dtype=np.float64)
    rank, sure = above + (equal + 1) / 2, weight[known]
    missed = float(weight[~known].sum())
    note: dict[str, object] = {f"hit_{length}": float(sure[rank <= length].sum()) for length in k}
    note["cost"] = float((rank * sure).sum() / max(len(share), 1)) + missed
    return note


def _no_rows(columns: list[str]) -> pd.DataFrame:
    text = {"method", "series_id", "event_id", "venue_id"}
    times = {"timestamp", "origin"}
    return pd.DataFrame(
        {
            name: pd.Series(
                dtype="str"
                if name in text
                else pd.DatetimeTZDtype("us", "UTC")
                if name in times
                else "float64"
            )
            for name in columns
        }
    )
