"""Speed of hash search and linking: python tests/benchmarks/bench_linking.py [haystack file].

faiss (binary flat and multi-hash) is run beside it where it is installed. Clumpy hashes are grown
from a file of PDQ hashes (CRIMELOC_REFERENCE_DATA/pdq/haystack.txt), up to 31 bits away.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from crimeloc.linking import HammingIndex, Watch, hamming_pairs, link_events, parse_hashes
from crimeloc.simulation import make_city

N = 100_000


def random_hashes(n: int, seed: int) -> np.ndarray:
    """Evenly random bits."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2**64, (n, 4), dtype=np.uint64, endpoint=False)


def clumpy_hashes(n: int, seed: int) -> np.ndarray:
    """Hashes up to 31 bits away from real ones, or from random ones where there is no file."""
    rng = np.random.default_rng(seed)
    folder = Path(os.environ.get("CRIMELOC_REFERENCE_DATA", "../shared/data"))
    path = folder / "pdq" / "haystack.txt"
    base = random_hashes(1_350, 0)
    if path.is_file():
        base = parse_hashes(pd.Series(path.read_text().split(), dtype="str"))
    octets = base[rng.integers(0, len(base), n)].view(np.uint8).reshape(n, 32)
    bits = np.unpackbits(octets, axis=1)
    for row, flips in zip(bits, rng.integers(0, 32, n), strict=True):
        row[rng.choice(256, flips, replace=False)] ^= 1
    return np.packbits(bits, axis=1).view(np.uint64).reshape(n, 4)


def clock(call: Callable[[], object], runs: int = 5) -> float:
    """Median seconds of several runs, after one that warms up."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return median(times)


def peers(a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    """Seconds of faiss, flat and multi-hash, one run each."""
    try:
        import faiss
    except ImportError:
        return {}
    faiss.omp_set_num_threads(2)
    left, right = a.view(np.uint8).reshape(-1, 32), b.view(np.uint8).reshape(-1, 32)
    flat = faiss.IndexBinaryFlat(256)
    flat.add(right)
    found = {"faiss flat": clock(lambda: flat.range_search(left, 32), 1)}
    hashes = faiss.IndexBinaryMultiHash(256, 16, 16)
    hashes.add(right)
    hashes.nflip = 1
    found["faiss multi-hash"] = clock(lambda: hashes.range_search(left, 32), 1)
    return found


def main() -> None:
    """Print a table: what, ours, peers, ratio."""
    hamming_pairs(random_hashes(6_000, 1), random_hashes(6_000, 2), 31)  # compiled once
    for name, make in (("random", random_hashes), ("clumpy", clumpy_hashes)):
        a, b = make(N, 1), make(N, 2)
        ours = clock(lambda a=a, b=b: hamming_pairs(a, b, 31))  # type: ignore[misc]
        pairs = len(hamming_pairs(a, b, 31).left)
        print(f"{N:,} x {N:,} {name} hashes, {pairs:,} pairs: {ours:.3f} s")
        for peer, seconds in peers(a, b).items():
            print(f"    {peer}: {seconds:.2f} s, {seconds / ours:.0f} x ours")
    many = random_hashes(1_000_000, 3)
    asked = many[:10_000].copy()
    took = clock(lambda: HammingIndex(many).query(asked), 3)
    print(f"1,000,000 hashes indexed and 10,000 asked: {took:.2f} s")
    if "--large" in sys.argv:
        large()


def large() -> None:
    """Link a million uploads, and attribute one more."""
    import resource

    city = make_city(
        rng=5, n_venues=1_000, n_offenders=100, n_background=49_800, days=365,
        uploads_per_background=20.0,
    )  # fmt: skip
    located = city.located_truth().drop(columns="series_id")
    begun, used = time.perf_counter(), time.process_time()
    links = link_events(located)
    took, used = time.perf_counter() - begun, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    accounts = located["handle"].nunique()
    print(f"{len(located):,} uploads, {accounts:,} accounts: linked in {took:.0f} s", end=" ")
    print(f"({used:.0f} s of processor), peak {peak:.1f} GB with the city in memory")
    begun = time.perf_counter()
    watch = Watch(links.events)
    print(f"watch made in {time.perf_counter() - begun:.0f} s", end="; ")
    new = located.tail(50).copy()
    new["event_id"] = "new-" + new["event_id"]
    times = []
    for k in range(50):
        row = new.iloc[[k]]
        begun = time.perf_counter()
        watch.add(row)
        times.append(time.perf_counter() - begun)
    print(f"one upload attributed in {1000 * median(times):.0f} ms (worst {1000 * max(times):.0f})")


if __name__ == "__main__":
    main()
