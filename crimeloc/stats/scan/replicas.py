"""The worlds a scan is held against: what is kept, what is drawn, how the draws are run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from crimeloc.stats._events import threads_of

if TYPE_CHECKING:
    from crimeloc.stats.scan._kernels import Draw, Sweep

__all__ = ["centre_bests", "gumbel_p", "null_maxima", "permutation_draw", "poisson_draw"]

CHUNK = 16  # replicas a thread takes at a time; the result does not depend on it


def permutation_draw(
    bins: NDArray[np.int64],
    stratum: NDArray[np.int64],
    owner: NDArray[np.int64],
    place: NDArray[np.int64],
    counts: NDArray[np.int64],
    first_bin: int,
    n_bins: int,
) -> Draw:
    """Describe worlds in which times are dealt anew among the events of each stratum.

    Parameters
    ----------
    bins, stratum : ndarray, shape (events,)
        Bin and stratum of each event.
    owner : ndarray, shape (events + 1,)
        Event i has the candidates ``owner[i]`` up to ``owner[i + 1]``.
    place, counts : ndarray, shape (candidates,)
        Place of each candidate, and its weight in whole counts.
    first_bin, n_bins : int
        Bin of the first column of the sweep, and number of bins.

    Returns
    -------
    Draw
        For the kernels.
    """
    from crimeloc.stats.scan._kernels import Draw

    order = np.argsort(stratum, kind="stable")
    lengths = np.diff(owner)[order]
    ptr = np.concatenate([[0], np.cumsum(lengths)])
    take = np.repeat(owner[:-1][order] - ptr[:-1], lengths) + np.arange(ptr[-1])
    edges = np.flatnonzero(np.diff(stratum[order], prepend=-1, append=-2))
    return Draw(
        bins[order].astype(np.int32),
        edges.astype(np.int32),
        ptr.astype(np.int32),
        place[take].astype(np.int32),
        counts[take].astype(np.int32),
        int(first_bin),
        int(n_bins),
        0,
        np.ones(1),
        np.zeros(1, np.int64),
    )


def poisson_draw(cases: NDArray[np.int64], expected: NDArray[np.float64], first_bin: int) -> Draw:
    """Describe worlds in which all cases fall on (place, bin) cells by expectation.

    Parameters
    ----------
    cases : ndarray of int, shape (places, bins)
        What was observed.
    expected : ndarray, shape (places, bins)
        Expected cases.
    first_bin : int
        Bin of the first column of the sweep.

    Returns
    -------
    Draw
        For the kernels.
    """
    from crimeloc.stats.scan._kernels import Draw

    n_bins = cases.shape[1]
    place, bins = np.nonzero(cases)
    times = cases[place, bins]
    place, bins = np.repeat(place, times), np.repeat(bins, times)
    n = len(bins)
    cumulated = np.cumsum(expected.ravel())
    slices = np.arange(max(1024, cumulated.size)) / max(1024, cumulated.size)
    guide = np.searchsorted(cumulated, slices * cumulated[-1] * (1 - 1e-12), side="right")
    last = int(np.flatnonzero(expected.ravel())[-1])
    cumulated[last:] = cumulated[-1] * (1 + 1e-9)  # no draw falls behind the last cell
    return Draw(
        bins.astype(np.int32),
        np.array([0, n], np.int32),
        np.arange(n + 1, dtype=np.int32),
        place.astype(np.int32),
        np.ones(n, np.int32),
        int(first_bin),
        int(n_bins),
        n,
        cumulated,
        guide.astype(np.int64),
    )


def centre_bests(draw: Draw, sweep: Sweep) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the best window of every centre in the data as they are.

    Parameters
    ----------
    draw, sweep : Draw, Sweep
        The data and the windows.

    Returns
    -------
    value : ndarray, shape (centres,)
        Log likelihood ratio, 0 where no window stands out.
    where : ndarray, shape (centres, 3)
        Circle, start column and end column of the window.
    """
    from crimeloc.stats.scan._kernels import sweep_replicas

    n = len(sweep.centre) - 1
    value, where = np.zeros(n), np.full((n, 3), -1, np.int64)
    if n:
        sweep_replicas(np.zeros(1, np.uint64), draw, sweep, value, where)
    return value, where


def null_maxima(
    draw: Draw,
    sweep: Sweep,
    rng: np.random.Generator,
    draws: int,
    *,
    top: float,
    early_stop: int | None,
    n_jobs: int | None,
    progress: bool,
) -> NDArray[np.float64]:
    """Give the largest log likelihood ratio of each drawn world.

    Parameters
    ----------
    draw, sweep : Draw, Sweep
        The worlds and the windows.
    rng : Generator
        Gives one seed to each world, so that threads do not matter.
    draws : int
        Worlds.
    top : float
        The observed maximum, for the early stop.
    early_stop : int or None
        Stop with the world that is the n-th to reach the observed maximum.
    n_jobs : int or None
        Threads; None: as many as there are processors.
    progress : bool
        Show a progress bar.

    Returns
    -------
    ndarray, shape (draws,) or shorter
        In the order of the seeds.
    """
    from crimeloc.stats.scan._kernels import sweep_replicas

    seeds = rng.integers(1, 2**63, size=draws, dtype=np.uint64)
    if len(sweep.centre) < 2:
        return np.zeros(draws)
    result = np.zeros(draws)

    def run(begin: int) -> int:
        end = min(begin + CHUNK, draws)
        sweep_replicas(seeds[begin:end], draw, sweep, result[begin:end], np.zeros((1, 3), np.int64))
        return end

    hits = 0
    for begin, end in _in_order(run, range(0, draws, CHUNK), threads_of(n_jobs), progress):
        if early_stop is not None:
            reached = hits + np.cumsum(result[begin:end] >= top * (1 - 1e-9))
            hits = int(reached[-1])
            if hits >= early_stop:
                return result[: begin + int(np.searchsorted(reached, early_stop)) + 1].copy()
    return result


def gumbel_p(value: NDArray[np.float64], null: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely is a maximum this large, by a Gumbel law fitted to the drawn maxima?

    Parameters
    ----------
    value : ndarray
        Observed statistics.
    null : ndarray
        Maxima of the drawn worlds.

    Returns
    -------
    ndarray
        Above 0 and at most 1; NaN where fewer than two worlds, or equal ones, were drawn.

    References
    ----------
    Abrams, Kulldorff & Kleinman (2010), Gumbel based p-value approximations for spatial scan
    statistics, *International Journal of Health Geographics* 9:61.
    """
    spread = null.std(ddof=1) if len(null) > 1 else 0.0
    if not spread > 1e-9:
        return np.full(value.shape, np.nan)
    scale = spread * np.sqrt(6.0) / np.pi
    location = null.mean() - np.euler_gamma * scale
    p = -np.expm1(-np.exp(np.minimum(700.0, (location - value) / scale)))
    return np.asarray(np.maximum(p, np.finfo(np.float64).tiny))


def _in_order(run, begins: range, threads: int, progress: bool) -> Iterator[tuple[int, int]]:  # type: ignore[no-untyped-def]
    """Run the chunks on threads and give them back in order, a few ahead at most."""
    from tqdm import tqdm

    with tqdm(total=len(begins), disable=not progress, desc="scan", unit="chunk") as bar:
        if threads == 1:
            for begin in begins:
                end = run(begin)
                bar.update()
                yield begin, end
            return
        with ThreadPoolExecutor(threads) as pool:
            for i in range(0, len(begins), 2 * threads):
                batch = begins[i : i + 2 * threads]
                for begin, end in zip(batch, pool.map(run, batch), strict=True):
                    bar.update()
                    yield begin, end
