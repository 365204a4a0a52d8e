"""Speed of hash search and linking: python tests/benchmarks/bench_linking.py [--large].

Each search is run on two threads: seconds on the wall (which other work on the machine spoils) and
seconds of processor. faiss (IndexBinaryFlat, IndexBinaryMultiHash with 16 tables of 16 bits and one
bit flipped, both exact here, both `range_search` within 31 bits) is run beside it where installed.

*Random* hashes: evenly random bits. *Clumpy* ones: each is one of the 1,350 hashes of the PDQ
reference file (CRIMELOC_REFERENCE_DATA/pdq/haystack.txt; drawn evenly, with replacement) with 0 to
31 of its 256 bits turned over (their number drawn evenly, the bits without replacement). So each
real hash stands about 74 times on each side, and real hashes lie near each other besides.
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
    """Hashes up to 31 bits away from those of the PDQ reference file."""
    folder = os.environ.get("CRIMELOC_REFERENCE_DATA")
    if folder is None:
        sys.exit("clumpy hashes grow from real ones: set CRIMELOC_REFERENCE_DATA")
    text = (Path(folder) / "pdq" / "haystack.txt").read_text()
    base = parse_hashes(pd.Series(text.split(), dtype="str"))
    rng = np.random.default_rng(seed)
    octets = base[rng.integers(0, len(base), n)].view(np.uint8).reshape(n, 32)
    bits = np.unpackbits(octets, axis=1)
    for row, flips in zip(bits, rng.integers(0, 32, n), strict=True):
        row[rng.choice(256, flips, replace=False)] ^= 1
    return np.packbits(bits, axis=1).view(np.uint64).reshape(n, 4)


def clock(call: Callable[[], object], runs: int = 5) -> tuple[float, float]:
    """Median seconds of several runs: on the wall, and of processor; one run warms up."""
    if runs > 1:
        call()
    walls, used = [], []
    for _ in range(runs):
        begun, before = time.perf_counter(), time.process_time()
        call()
        walls.append(time.perf_counter() - begun)
        used.append(time.process_time() - before)
    return median(walls), median(used)


def peers(a: np.ndarray, b: np.ndarray) -> dict[str, tuple[float, float]]:
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
        wall, used = clock(lambda a=a, b=b: hamming_pairs(a, b, 31))  # type: ignore[misc]
        pairs = len(hamming_pairs(a, b, 31).left)
        print(f"{N:,} x {N:,} {name} hashes, {pairs:,} pairs: {wall:.3f} s, {used:.3f} processor")
        for peer, (theirs, work) in peers(a, b).items():
            ratio = f"{theirs / wall:.0f} x ours on the wall, {work / used:.0f} x of processor"
            print(f"    {peer}: {theirs:.2f} s, {work:.2f} processor; {ratio}", flush=True)
    many = random_hashes(1_000_000, 3)
    asked = many[:10_000].copy()
    wall, used = clock(lambda: HammingIndex(many).query(asked), 3)
    print(f"1,000,000 hashes indexed and 10,000 asked: {wall:.2f} s, {used:.2f} processor")
    if "--large" in sys.argv:
        large()


def large() -> None:
    """Link a million uploads, and attribute one more."""
    import resource

    city = make_city(
        rng=5,
        n_venues=1_000,
        n_offenders=100,
        n_background=49_800,
        days=365,
        uploads_per_background=20.0,
    )
    located = city.located_truth().drop(columns="series_id")
    begun, used = time.perf_counter(), time.process_time()
    links = link_events(located)
    took, used = time.perf_counter() - begun, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    accounts = located["handle"].nunique()
    print(f"{len(located):,} uploads, {accounts:,} accounts: linked in {took:.0f} s", end=" ")
    print(f"({used:.0f} s of processor), peak {peak:.1f} GB with the city in memory")
    begun, used = time.perf_counter(), time.process_time()
    watch = Watch(links.events)
    took, used = time.perf_counter() - begun, time.process_time() - used
    print(f"watch made in {took:.0f} s ({used:.0f} of processor)", end="; ")
    new = located.tail(50).copy()
    new["event_id"] = "new-" + new["event_id"]
    times = []
    for k in range(50):
        row = new.iloc[[k]]
        begun = time.process_time()
        watch.add(row)
        times.append(time.process_time() - begun)
    print(
        f"one upload attributed in {1000 * median(times):.0f} ms of processor "
        f"(worst {1000 * max(times):.0f})"
    )


if __name__ == "__main__":
    main()
