"""The work of a backtest, in pieces and on several cores."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from crimeloc.evaluation._horizon import columns as horizon_columns
from crimeloc.evaluation._horizon import run_horizon
from crimeloc.evaluation._next import COLUMNS, run_next
from crimeloc.evaluation._pieces import Block, Chunk, Options, Sums, no_rows
from crimeloc.evaluation.calibration import EDGES

WORTH_PROCESSES = 2_000
"""Forecasts from which on further processes pay for their start."""


def run_all(
    mine: list[Block],
    others: list[Block],
    chunks: list[Chunk],
    options: Options,
    n_jobs: int | None,
    progress: bool,
) -> tuple[pd.DataFrame, Sums]:
    """Backtest every piece, in several processes where that pays; same result either way."""
    tasks = [([block], chunk) for block in mine for chunk in chunks]
    tasks += [(others, chunk) for chunk in chunks if others and others[0].rankers]
    work = run_next if options.protocol == "next" else run_horizon
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

        results = tqdm(results, total=len(tasks), desc="backtest", unit="piece")
    names = [name for block in [*mine[:1], *others[:1]] for name, _ in block.rankers]
    frames, bins = [], {name: np.zeros((2, len(EDGES) - 1, 3)) for name in names}
    for rows, sums in results:
        frames.append(rows)
        for name, part in sums.items():
            bins[name] += part
    columns = COLUMNS if options.protocol == "next" else horizon_columns(options)
    filled = [frame for frame in frames if len(frame)]
    records = pd.concat(filled, ignore_index=True) if filled else no_rows(columns)
    order = {name: place for place, name in enumerate(names)}
    keys = ["method", "series_id", *columns[2:5]]
    records = records.sort_values(
        keys, key=lambda c: c.map(order) if c.name == "method" else c, ignore_index=True
    )
    return records[columns], bins
