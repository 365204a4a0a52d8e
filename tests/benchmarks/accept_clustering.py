"""The clusterers and Knox's test against their acceptance, by hand.

python tests/benchmarks/accept_clustering.py [part ...]; parts: dbscan, bursts, uniform, threads,
habits.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.stats import kstest
from sklearn.cluster import DBSCAN

from crimeloc.clustering import STDBSCAN, _sweep
from crimeloc.stats.knox import knox_arrays
from crimeloc.stats.near_repeat import near_repeat_arrays

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


def uniform(worlds: int = 400) -> None:
    """p-values of Knox's test where chance rules.

    Pairs are whole numbers, so drawn worlds tie with the real one: the p-value printed counts ties
    as reached and errs on the large side. With ties broken by dice it is uniform to the letter, and
    that is what Kolmogorov and Smirnov's test is put to.
    """
    found, broken = [], []
    for seed in range(worlds):
        rng = np.random.default_rng(10**6 + seed)
        venues = rng.uniform(0, 10, (60, 2))
        space = venues[rng.choice(60, 250, p=rng.dirichlet(np.ones(60)))]
        t = rng.uniform(0, 100, 250)
        result = knox_arrays(space, t, 3.0, 10.0, n_permutations=999, rng=seed, n_jobs=1)
        above = (result.simulated > result.observed).sum()
        equal = (result.simulated == result.observed).sum()
        found.append(result.p_value)
        broken.append((above + rng.random() * (1 + equal)) / 1_000)
    p = np.array(found)
    for name, values in (("ties broken", np.array(broken)), ("as printed", p)):
        test = kstest(values, "uniform")
        print(
            f"uniform: Knox, {worlds} worlds, {name}: D {test.statistic:.4f}, p {test.pvalue:.3f}"
        )
    print(f"  share at most .05: {(p <= 0.05).mean():.4f}; p from {p.min():.4f} to {p.max():.4f}")


def threads() -> None:
    """Same dice, same bytes, on one thread and on two."""
    rng = np.random.default_rng(0)
    space, t = rng.uniform(0, 50, (5_000, 2)), rng.uniform(0, 500, 5_000)
    one = knox_arrays(space, t, 2, 5, rng=7, n_permutations=499, n_jobs=1)
    two = knox_arrays(space, t, 2, 5, rng=7, n_permutations=499, n_jobs=2)
    print(f"threads: Knox, same bytes: {one.simulated.tobytes() == two.simulated.tobytes()}")
    bands = ([0, 2, 5, np.inf], [0, 5, 20, np.inf])
    grids = [
        near_repeat_arrays(space, t, *bands, rng=7, n_permutations=99, n_jobs=n) for n in (1, 2)
    ]
    same = all(
        getattr(grids[0], name).tobytes() == getattr(grids[1], name).tobytes()
        for name in ("observed", "expected", "p_value", "p_adjusted")
    )
    print(f"threads: near-repeat table, same bytes: {same}")


def habits(series: int = 400) -> None:
    """How often do the 90 % intervals of `regularity` hold the truth?"""
    from crimeloc.stats import rhythm

    rng = np.random.default_rng(1)
    kinds = {
        "one narrow hour": lambda n: rng.vonmises(0, 3, n),
        "one wide hour": lambda n: rng.vonmises(0, 0.5, n),
        "two hours": lambda n: rng.vonmises(2 * rng.integers(0, 2, n), 4, n),
        "any hour": lambda n: rng.uniform(-np.pi, np.pi, n),
    }

    def blocks(angle: np.ndarray) -> np.ndarray:
        return np.minimum((angle % (2 * np.pi) / (2 * np.pi) * 24).astype(int), 23)

    for name, draw in kinds.items():
        many = draw(400_000)
        strength = float(rhythm._resultant(many)[0])
        share = np.bincount(blocks(many), minlength=24) / len(many)
        entropy = -(share * np.log(share.clip(1e-12))).sum() / np.log(24)
        for n in (5, 10, 20, 40, 80):
            held = np.zeros(2)
            for _ in range(series):
                angle = draw(n)
                found, mean = rhythm._resultant(angle)
                low, high = rhythm._strength_interval(angle, mean, float(found), 0.9)
                held[0] += low <= strength <= high
                block = blocks(angle)
                spread = rhythm._entropy(block[rng.integers(0, n, (199, n))], 24)
                own = float(rhythm._entropy(block[None], 24)[0])
                low, high = rhythm._entropy_interval(spread, 0.9, own, n, 24)
                held[1] += low <= entropy <= high
            strong, even = held / series
            print(f"habits: {name:15} {n:3} visits: strength {strong:.1%}, entropy {even:.1%}")


if __name__ == "__main__":
    parts = {
        "dbscan": dbscan,
        "bursts": bursts,
        "uniform": uniform,
        "threads": threads,
        "habits": habits,
    }
    for name in sys.argv[1:] or parts:
        parts[name]()
