"""The clusterers and Knox's test against their acceptance, by hand.

python tests/benchmarks/accept_clustering.py [part ...]; parts: dbscan, bursts, uniform, threads.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.stats import kstest
from sklearn.cluster import DBSCAN

from crimeloc.clustering import STDBSCAN, _sweep
from crimeloc.stats.knox import knox_arrays

DAY = 86_400.0


def dbscan(worlds: int = 2_000) -> None:
    """ST-DBSCAN against scikit-learn's DBSCAN on the graph of neighbours, both ways of grouping."""
    wrong = clusters = 0
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        n, venues = int(rng.integers(1, 400)), int(rng.integers(1, 60))
        space = rng.uniform(0, 10, (venues, 2))[rng.integers(0, venues, n)]
        if seed % 2:
            space = rng.uniform(0, 10, (n, 2))
        X = np.column_stack([space, np.sort(rng.uniform(0, 20, n))])
        radius, gap, minimum = rng.choice([0.5, 1, 2]), rng.choice([0.5, 1, 3]), rng.integers(1, 8)
        away = np.sqrt(((X[:, None, :2] - X[None, :, :2]) ** 2).sum(axis=2))
        near = (away <= radius) & (np.abs(X[:, None, 2] - X[None, :, 2]) <= gap)
        peer = DBSCAN(eps=0.5, min_samples=int(minimum), metric="precomputed").fit(
            np.where(near, 0.0, 1.0)
        )
        kept = _sweep.CROWDED
        for _sweep.CROWDED in (kept, 0.0):
            ours = STDBSCAN(radius, float(gap), minimum).fit_predict(X)
            wrong += not np.array_equal(ours, peer.labels_)
        _sweep.CROWDED = kept
        clusters += peer.labels_.max() + 1
    print(f"dbscan: {worlds:,} worlds, {clusters:,} clusters, {wrong} differences")


def bursts() -> None:
    """Forty bursts at forty venues, whatever the number of events."""
    for n in (19_999, 20_001, 100_000, 1_000_000):
        rng = np.random.default_rng(n)
        which = np.repeat(np.arange(40), n // 50)
        venue = np.column_stack([np.arange(40) % 8, np.arange(40) // 8]) * 5_000.0
        own = np.column_stack([venue[which], which * 9 * DAY + rng.uniform(0, DAY, len(which))])
        row = np.arange(n - len(which))
        lone = np.column_stack([row * 2_000.0, np.full(len(row), -50_000.0), row * 7 * DAY])
        X = np.vstack([own, lone])[rng.permutation(n)]
        labels = STDBSCAN(800, "36h", 4).fit_predict(X)
        print(f"bursts: {n:9,} events -> {labels.max() + 1} clusters, {(labels < 0).sum():,} alone")


def uniform(worlds: int = 400, blocks: int = 10) -> None:
    """p-values of Knox's test where chance rules, blocks of 400 worlds."""
    found = []
    for seed in range(worlds * blocks):
        rng = np.random.default_rng(10**6 + seed)
        venues = rng.uniform(0, 10, (60, 2))
        space = venues[rng.choice(60, 250, p=rng.dirichlet(np.ones(60)))]
        t = rng.uniform(0, 100, 250)
        found.append(knox_arrays(space, t, 3.0, 10.0, draws=999, rng=seed).p_value)
    p = np.array(found)
    tests = [kstest(p[k : k + worlds], "uniform").pvalue for k in range(0, len(p), worlds)]
    print(f"uniform: KS p-value of {blocks} blocks of {worlds}: {np.round(tests, 3).tolist()}")
    print(f"  share at most .05: {(p <= 0.05).mean():.4f}; p from {p.min():.4f} to {p.max():.4f}")


def threads() -> None:
    """Same dice, same bytes, on one thread and on two."""
    rng = np.random.default_rng(0)
    space, t = rng.uniform(0, 50, (5_000, 2)), rng.uniform(0, 500, 5_000)
    one = knox_arrays(space, t, 2, 5, draws=499, n_jobs=1)
    two = knox_arrays(space, t, 2, 5, draws=499, n_jobs=2)
    print(f"threads: same bytes: {one.simulated.tobytes() == two.simulated.tobytes()}")


if __name__ == "__main__":
    parts = {"dbscan": dbscan, "bursts": bursts, "uniform": uniform, "threads": threads}
    for name in sys.argv[1:] or parts:
        parts[name]()
