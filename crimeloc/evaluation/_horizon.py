"""The protocol `horizon`: all events of the days ahead, from rolling origins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.evaluation._forecast import SlotGrid
from crimeloc.evaluation._history import HOURS, Ints, Series, unpack
from crimeloc.evaluation._pieces import Array, Block, Chunk, Options, Sums
from crimeloc.evaluation.baselines import Baseline
from crimeloc.evaluation.calibration import EDGES, bin_sums
from crimeloc.evaluation.scores import FLOOR, capture_at, most_capturable
from crimeloc.events import spread_over
from crimeloc.events.calendar import calendar_windows
from crimeloc.tables import ELSEWHERE
from crimeloc.units import instants, to_timestamps


def columns(options: Options) -> list[str]:
    columns = [
        "method",
        "series_id",
        "origin",
        "n",
        "expected_ratio",
        "n_slots",
        "log",
        "brier",
        "cost",
    ]
    columns += [f"{by}{what}" for by in ("", "venue_") for what in ("covered", "held", "set_size")]
    columns += [f"hit_{k}" for k in options.top_k]
    for budget in options.slot_budgets:
        columns += [f"captured_{budget}", f"most_{budget}"]
    return columns


def run_horizon(blocks: list[Block], chunk: Chunk, options: Options) -> tuple[pd.DataFrame, Sums]:
    rows: list[dict[str, object]] = []
    bins: Sums = {}
    truths = dict(chunk.truth.series())
    for block in blocks:
        for name, ranker in block.rankers:
            sums = bins.setdefault(name, np.zeros((2, len(EDGES) - 1, 3)))
            for origin in block.origins:
                for series_id, grid in _grids(ranker, chunk, origin, options):
                    truth = truths.get(series_id, chunk.truth.empty_series())
                    low, high = np.searchsorted(truth.time, [grid.starts[0], grid.ends[-1]])
                    inside = truth.part(int(low), int(high))
                    row = {"method": name, "series_id": series_id, "origin": origin}
                    note, part = _note_horizon(grid, inside, chunk.register.venue_id, options)
                    rows.append(row | note)
                    sums += part
    frame = pd.DataFrame(rows, columns=columns(options))
    if len(frame):
        frame["origin"] = to_timestamps(frame["origin"].to_numpy(dtype=np.int64))
    return frame, bins


def _grids(
    ranker: Any, chunk: Chunk, origin: int, options: Options
) -> Iterator[tuple[str, SlotGrid]]:
    at = to_timestamps(np.array([origin]))[0]
    cut = chunk.cuts.get(origin)
    if isinstance(ranker, Baseline):
        due = {name for name, first in chunk.starts.items() if first <= origin}
        # Linked again, an event may stand in several series, each of them a history of its own.
        parts = [] if cut is None else [part for _, part in cut.groupby("series_id", sort=True)]
        again = [unpack(part, chunk.register, chunk.tz) for part in parts]
        for linked in [chunk.past] if cut is None else again:
            past = linked.before(origin)
            yield from ranker.grids_past(past, at=at, horizon=options.horizon, only=due)
        return
    seen = chunk.located[chunk.times < origin] if cut is None else cut
    if cut is None and callable(getattr(ranker, "grids", None)):
        asked = [name for name, first in chunk.starts.items() if first <= origin]
        some = seen[seen["series_id"].isin(asked)].reset_index(drop=True)
        if len(some):
            yield from ranker.grids(some, at=at, horizon=options.horizon)
        return
    for key, rows in seen.groupby("series_id", sort=True):
        series_id = str(key)
        if origin < chunk.starts.get(series_id, origin + 1):
            continue
        rows = rows.reset_index(drop=True)
        if callable(getattr(ranker, "grids", None)):  # an event may stand in several series
            yield from ranker.grids(rows, at=at, horizon=options.horizon)
            continue
        ranking = ranker.rank(rows, at=at, horizon=options.horizon)
        yield series_id, grid_of(ranking.slots, at, options)


def grid_of(slots: pd.DataFrame, at: pd.Timestamp, options: Options) -> SlotGrid:
    """Turn the slots of one series into arrays; slots that are not there count as 0."""
    if not len(slots):
        starts, ends = calendar_windows(at, options.horizon, options.window, tz=options.tz)
        nothing = np.zeros((1, len(starts)))
        return SlotGrid(np.array([ELSEWHERE], dtype=object), starts, ends, nothing, nothing)
    venue, found = pd.factorize(slots["venue_id"])
    ids = np.asarray(found, dtype=object)
    starts, column = np.unique(instants(slots["window_start"]), return_inverse=True)
    ends = np.zeros(len(starts), dtype=np.int64)
    np.maximum.at(ends, column, instants(slots["window_end"]))
    shape = (len(ids), len(starts))
    share, expected = np.zeros(shape), np.zeros(shape)
    share[venue, column] = slots["share"].to_numpy(dtype=np.float64)
    # Keep the ranker's own probability of at least one, whatever it made it from.
    chance = np.minimum(slots["probability"].to_numpy(dtype=np.float64), 1.0 - 1e-15)
    expected[venue, column] = -np.log1p(-chance)
    order = np.argsort(ids == ELSEWHERE, kind="stable")
    if ELSEWHERE not in set(ids):
        order = np.append(order, len(ids))
        ids = np.append(ids, ELSEWHERE)
        share, expected = (np.vstack([array, np.zeros(shape[1])]) for array in (share, expected))
    return SlotGrid(ids[order], starts, ends, share[order], expected[order])


def _note_horizon(
    grid: SlotGrid, truth: Series, venue_id: NDArray[np.object_], options: Options
) -> tuple[dict[str, object], Array]:
    share, chance = grid.share[:-1], grid.probability[:-1]
    n_windows = len(grid.starts)
    register = pd.Index(grid.venue_id[:-1], dtype=object)
    place = register.get_indexer(pd.Index(venue_id[truth.code], dtype=object))
    row, column, weight = _in_windows(grid, truth)
    inside = (place[row] >= 0) & (column >= 0)
    where, back = np.unique(place[row[inside]] * n_windows + column[inside], return_inverse=True)
    counts = np.zeros(len(where))
    np.add.at(counts, back, weight[inside])
    never = np.ones(len(where))
    np.multiply.at(never, back, 1.0 - weight[inside])
    happened = np.clip(1.0 - never, 0.0, 1.0)

    flat, chances = share.ravel(), chance.ravel()
    n = float(truth.weight.sum())
    expected = float(grid.expected[:-1].sum())
    note: dict[str, object] = {"n": n, "expected_ratio": expected, "n_slots": len(flat)}
    mine = flat[where]
    lost = n - float(counts.sum())  # uploads in no slot of the forecast
    note["log"] = float((counts * np.log(np.maximum(mine, FLOOR))).sum()) + lost * np.log(FLOOR)
    squares = float(np.square(chances).sum())
    here = chances[where]
    note["brier"] = squares + float((happened * happened - 2.0 * here * happened).sum())
    by_venue = grid.share.sum(axis=1)
    used, again = np.unique(place[place >= 0], return_inverse=True)
    visits = np.zeros(len(used))
    np.add.at(visits, again, truth.weight[place >= 0])
    note |= _sets(grid.share.ravel(), mine, counts, grid.level, "")
    note |= _sets(by_venue, by_venue[used], visits, grid.venue_level, "venue_")
    note |= _venues(share.sum(axis=1), place, truth.weight, options.top_k)
    captured = capture_at(flat, where, counts, options.slot_budgets)
    most = most_capturable(counts, options.slot_budgets)
    for budget in options.slot_budgets:
        note[f"captured_{budget}"], note[f"most_{budget}"] = captured[budget], most[budget]
    came = np.ones(len(used))
    np.multiply.at(came, again, 1.0 - truth.weight[place >= 0])
    of_venues = np.minimum(grid.venue_probability[:-1], 1.0)
    sums = np.stack(
        [_binned(chances, here, happened), _binned(of_venues, of_venues[used], 1.0 - came)]
    )
    return note, sums


def _in_windows(grid: SlotGrid, truth: Series) -> tuple[Ints, Ints, Array]:
    """In which windows may each upload have been, and with which part of its weight?

    One that is known by its day is spread over the windows of that day; -1 is no window.
    """
    row, time = np.arange(len(truth.time)), truth.time
    part: Array = np.ones(len(truth.time))
    vague = truth.shape >= HOURS
    if vague.any():
        ptr, moments, shares = spread_over(truth.start[vague], truth.end[vague])
        # What the forecast asks about is one upload: all of it lies in the days ahead.
        moments = np.clip(moments, grid.starts[0], grid.ends[-1] - 1)
        row = np.concatenate([row[~vague], np.repeat(row[vague], np.diff(ptr))])
        time = np.concatenate([time[~vague], moments])
        part = np.concatenate([part[~vague], shares])
    column = np.searchsorted(grid.starts, time, side="right") - 1
    column = np.where(time < grid.ends[np.maximum(column, 0)], column, -1)
    if vague.any():
        key, back = np.unique(row * (len(grid.starts) + 1) + column + 1, return_inverse=True)
        row, column = key // (len(grid.starts) + 1), key % (len(grid.starts) + 1) - 1
        part = np.asarray(np.bincount(back, part), dtype=np.float64)
    return row, column, truth.weight[row] * part


def _binned(chances: Array, here: Array, happened: Array) -> Array:
    """Bins over all chances, of which those `here` came true in part or whole."""
    likely = chances[chances >= EDGES[1]]  # few: the first bin is the rest
    sums = bin_sums(np.minimum(likely, 1.0), np.zeros(len(likely)))
    sums[0, :2] = len(chances) - len(likely), chances.sum() - likely.sum()
    sums[:, 2] += bin_sums(np.minimum(here, 1.0), happened)[:, 2]
    return sums


def _sets(p: Array, mine: Array, counts: Array, level: float, by: str) -> dict[str, object]:
    """The fewest that hold the level: how many, the uploads inside, and those inside randomised."""
    names = [f"{by}{what}" for what in ("covered", "held", "set_size")]
    if not counts.sum():
        return dict(zip(names, (0.0, 0.0, np.nan), strict=True))
    down = np.sort(p)[::-1]
    total = np.concatenate([[0.0], np.cumsum(down)])
    size = min(int(np.searchsorted(total[1:], level - 1e-12) + 1), len(down))
    above = total[np.searchsorted(-down, -mine, side="left")]
    tied = total[np.searchsorted(-down, -mine, side="right")] - above
    part = np.clip((level - above) / np.maximum(tied, 1e-300), 0.0, 1.0)
    covered = float(counts[mine >= down[size - 1]].sum())
    return dict(zip(names, (covered, float(counts @ part), float(size)), strict=True))


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
