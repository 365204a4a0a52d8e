"""The worlds a scan is held against: what is kept, what is drawn, how they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crimeloc.stats._chance import Chance

if TYPE_CHECKING:
    from crimeloc.stats.scan._draw_kernels import Draw
    from crimeloc.stats.scan._kernels import Listed, Sweep

__all__ = ["Dealt", "centre_bests", "gumbel_p", "null_maxima", "permutation_draw", "poisson_draw"]

CHUNK = 16  # replicas a thread takes at a time; the result does not depend on it


class Dealt(NamedTuple):
    """Events whose times are dealt anew.

    Parameters
    ----------
    bins, stratum : ndarray, shape (events,)
        Bin and stratum of each event.
    owner : ndarray, shape (events + 1,)
        Event i has the candidates ``owner[i]`` up to ``owner[i + 1]``.
    place, counts : ndarray, shape (candidates,)
        Place of each candidate, and its weight in whole counts.
    """

    bins: NDArray[np.int64]
    stratum: NDArray[np.int64]
    owner: NDArray[np.int64]
    place: NDArray[np.int64]
    counts: NDArray[np.int64]


def permutation_draw(dealt: Dealt, first_bin: int, n_bins: int) -> Draw:
    """Describe worlds in which times are dealt anew among the events of each stratum.

    Parameters
    ----------
    dealt : Dealt
        The events.
    first_bin, n_bins : int
        Bin of the first column of the sweep, and number of bins.

    Returns
    -------
    Draw
        For the kernels.
    """
    from crimeloc.stats.scan._draw_kernels import Draw

    bins, stratum, owner, place, counts = dealt
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
    from crimeloc.stats.scan._draw_kernels import Draw

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


def centre_bests(
    draw: Draw,
    sweep: Sweep,
    listed: Listed | None = None,
    *,
    floor: float = 0.0,
    wanted: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the best window of every centre in the data as they are.

    Parameters
    ----------
    draw, sweep : Draw, Sweep
        The data and the windows.
    listed : Listed, optional
        Windows that must not be overlapped in space and in time.
    floor : float
        What a window must beat.
    wanted : ndarray of bool, shape (centres,), optional
        Centres to look at; by default all.

    Returns
    -------
    value : ndarray, shape (centres,)
        Log likelihood ratio; `floor` where no window beats it.
    where : ndarray, shape (centres, 3)
        Circle, start column and end column of the window; -1 where there is none.
    """
    from crimeloc.stats.scan._kernels import Answers, nothing_listed, sweep_replicas

    n = len(sweep.centre) - 1
    value, where = np.full(n, floor), np.full((n, 3), -1, np.int64)
    every = np.ones(n, np.bool_) if wanted is None else wanted
    if n:
        free = nothing_listed(len(sweep.step) - 1) if listed is None else listed
        sweep_replicas(np.zeros(1, np.uint64), draw, sweep, Answers(value, where, every), free)
    return value, where


def null_maxima(draw: Draw, sweep: Sweep, chance: Chance, top: float) -> NDArray[np.float64]:
    """Give the largest log likelihood ratio of each drawn world.

    Parameters
    ----------
    draw, sweep : Draw, Sweep
        The worlds and the windows.
    chance : Chance
        How many worlds, from which generator, on how many threads, and when to stop early.
    top : float
        The observed maximum, for the early stop.

    Returns
    -------
    ndarray, shape (n_permutations,) or shorter
        In the order of the seeds.
    """
    from crimeloc.stats.scan._kernels import Answers, nothing_listed, sweep_replicas

    n_permutations, early_stop = chance.n_permutations, chance.early_stop
    seeds = chance.generator.integers(1, 2**63, size=n_permutations, dtype=np.uint64)
    if len(sweep.centre) < 2:
        return np.zeros(n_permutations)
    result = np.zeros(n_permutations)
    free = nothing_listed(len(sweep.step) - 1)

    def run(begin: int) -> int:
        end = min(begin + CHUNK, n_permutations)
        answers = Answers(result[begin:end], np.zeros((1, 3), np.int64), np.ones(1, np.bool_))
        sweep_replicas(seeds[begin:end], draw, sweep, answers, free)
        return end

    hits = 0
    for begin, end in _in_order(run, chance):
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


def _in_order(run: Callable[[int], int], chance: Chance) -> Iterator[tuple[int, int]]:
    """Run the chunks on threads and give them back in order, a few ahead at most."""
    from tqdm import tqdm

    begins, threads = range(0, chance.n_permutations, CHUNK), chance.threads
    with tqdm(total=len(begins), disable=not chance.progress, desc="scan", unit="chunk") as bar:
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
