"""How fast is locating? Beside its peers, in one run: python bench_geolocation.py.

A million events against 60,000 leases, half of them with validity in time, half with blocks of
ports. The peers (`lookup_peers.py`) answer the same question from the same parsed addresses, and
their answers are compared; one that is not installed is passed over with a line. Medians; wall time
and, because a busy machine tells little by the wall, processor time.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import lookup_peers
import numpy as np
import pandas as pd

from crimeloc.addresses import parse_addresses
from crimeloc.geolocation import LeaseIndex, locate_events
from crimeloc.geometry import points
from crimeloc.io import parquet_events

N_EVENTS, N_LEASES, N_VENUES, DAYS = 1_000_000, 60_000, 5_000, 300
START = pd.Timestamp("2025-01-01", tz="UTC")


def quads(values: np.ndarray) -> list[str]:
    """Dotted quads."""
    return [f"{v >> 24}.{v >> 16 & 255}.{v >> 8 & 255}.{v & 255}" for v in values.tolist()]


def make(rng: np.random.Generator) -> tuple[pd.DataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Events, venues and leases."""
    base = np.sort(rng.choice(2**29, N_LEASES // 3, replace=False)).astype(np.int64) * 8
    which, part = np.repeat(np.arange(len(base)), 3), np.tile(np.arange(3), len(base))
    timed = which % 2 == 0
    low = np.where(timed, 0, part * 20_000)
    high = np.where(timed | (part == 2), 65_535, part * 20_000 + 19_999)
    begin, end = np.where(timed, part * 100, 0), np.where(timed, (part + 1) * 100, DAYS)
    names = np.array(quads(base), dtype=object) + "/29"
    leases = pd.DataFrame(
        {
            "network": pd.Series(names[which], dtype="str"),
            "venue_id": pd.Series([f"V-{i}" for i in rng.integers(0, N_VENUES, N_LEASES)]),
            "port_min": pd.array(low, dtype="Int64"),
            "port_max": pd.array(high, dtype="Int64"),
            "valid_from": (START + pd.to_timedelta(begin, unit="D")).as_unit("us"),
            "valid_to": (START + pd.to_timedelta(end, unit="D")).as_unit("us"),
        }
    )
    places = points(rng.uniform([126.8, 37.4], [127.2, 37.7], (N_VENUES, 2)))
    venues = gpd.GeoDataFrame({"venue_id": [f"V-{i}" for i in range(N_VENUES)]}, geometry=places)
    seconds = rng.integers(0, DAYS * 86_400, N_EVENTS)
    address = base[rng.integers(0, len(base), N_EVENTS)] + rng.integers(0, 8, N_EVENTS)
    events = pd.DataFrame(
        {
            "event_id": pd.Series([f"E{i}" for i in range(N_EVENTS)], dtype="str"),
            "timestamp": (START + pd.to_timedelta(seconds, unit="s")).as_unit("us"),
            "ip": pd.Series(quads(address), dtype="str"),
            "port": pd.array(rng.integers(0, 65_536, N_EVENTS), dtype="Int64"),
        }
    )
    return events, venues, leases


def report(what: str, work: Callable[[], object], runs: int = 5) -> tuple[float, float]:
    """Print medians of wall and processor time."""
    wall, processor = [], []
    for _ in range(runs):
        begin, spent = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - begin)
        processor.append(time.process_time() - spent)
    took, used = statistics.median(wall), statistics.median(processor)
    print(f"{what:<58} {took:8.3f} s   processor {used:8.3f} s")
    return took, used


def batches(events: pd.DataFrame, venues: gpd.GeoDataFrame, index: LeaseIndex) -> None:
    """Ten million rows from Parquet, located piece by piece."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.parquet")
        import pyarrow as pa
        import pyarrow.parquet as pq

        plain = events.drop(columns="event_id")
        schema = pa.Schema.from_pandas(plain, preserve_index=False)
        with pq.ParquetWriter(path, schema) as writer:
            for apart in range(10):  # a microsecond apart, so that no row repeats another
                later = plain.assign(timestamp=plain["timestamp"] + pd.Timedelta(apart, "us"))
                writer.write_table(pa.Table.from_pandas(later, schema, preserve_index=False))
        begin, spent, count = time.perf_counter(), time.process_time(), 0
        for piece in parquet_events(path, tz="Asia/Seoul", rows=250_000):
            count += len(locate_events(piece.table, venues, index))
    took, used = time.perf_counter() - begin, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{count:,} events from Parquet, read and located: {took:.1f} s, processor {used:.1f} s, "
        f"peak {peak:.2f} GB"
    )


def main() -> None:
    """Print the table."""
    events, venues, leases = make(np.random.default_rng(1))
    index = LeaseIndex.build(leases)
    locate_events(events.head(1_000), venues, index)
    addresses = parse_addresses(events["ip"])
    print(f"{N_EVENTS:,} events, {N_LEASES:,} leases, {N_VENUES:,} venues")
    report("index of leases", lambda: LeaseIndex.build(leases))
    report("addresses parsed", lambda: parse_addresses(events["ip"]))
    lookup_peers.compare(events, leases, index, addresses)
    report("locate_events, index at hand", lambda: locate_events(events, venues, index))
    report("locate_events, leases as a table", lambda: locate_events(events, venues, leases))
    batches(events, venues, index)


if __name__ == "__main__":
    main()
