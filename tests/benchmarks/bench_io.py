"""How fast are the readers? python bench_io.py.

A log of a million rows with four forms of time; wall and processor time and the peak memory of a
fresh process, its libraries included.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

N_ROWS = 1_000_000

CHILD = """
import resource, sys, time
import crimeloc as cl
begin, spent = time.perf_counter(), time.process_time()
read = cl.read_events(sys.argv[1], tz="Asia/Seoul")
took, used = time.perf_counter() - begin, time.process_time() - spent
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
rows = f"{read.report.n_read:,} read, {read.report.n_rejected:,} rejected"
print(f"{took:6.1f} s   processor {used:6.1f} s   peak {peak:.2f} GB   {rows}")
"""

PEER = """
import resource, sys, time
import pandas as pd
begin, spent = time.perf_counter(), time.process_time()
table = pd.read_csv(sys.argv[1], dtype="str", encoding="utf-8-sig")
took, used = time.perf_counter() - begin, time.process_time() - spent
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(f"{took:6.1f} s   processor {used:6.1f} s   peak {peak:.2f} GB   {len(table):,} rows of text")
"""


def make(rng: np.random.Generator, *, mixed: bool, quoted: bool) -> pd.DataFrame:
    """A log as a platform would give it."""
    seconds = np.sort(rng.integers(0, 300 * 86_400, N_ROWS))
    times = pd.Timestamp("2025-01-01") + pd.to_timedelta(seconds, unit="s")
    iso = times.strftime("%Y-%m-%d %H:%M:%S").to_numpy().astype(object)
    written = iso
    if mixed:
        epoch = ((times - pd.Timestamp("1970-01-01")) // pd.Timedelta("1s") - 32_400).to_numpy()
        korean = times.strftime("%Y년 %m월 %d일 %H:%M:%S").to_numpy().astype(object)
        kind = rng.integers(0, 4, N_ROWS)
        written = np.where(
            kind == 0,
            iso,
            np.where(
                kind == 1,
                iso + "+09:00",
                np.where(kind == 2, epoch.astype(str).astype(object), korean),
            ),
        )
    value = rng.integers(0, 2**28, N_ROWS).tolist()
    title = [f"제목 {i}" for i in rng.integers(0, 1_000, N_ROWS)]
    return pd.DataFrame(
        {
            "업로드일시": written,
            "IP주소": [f"{v >> 24}.{v >> 16 & 255}.{v >> 8 & 255}.{v & 255}" for v in value],
            "포트": rng.integers(1_024, 65_535, N_ROWS),
            "계정": [f"user{i}" for i in rng.integers(0, 50_000, N_ROWS)],
            "콘텐츠해시": [f"{i:064x}" for i in rng.integers(0, 2**62, N_ROWS).tolist()],
            "제목": [f"{t}, 2편" for t in title] if quoted else title,
        }
    )


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(3)
    with tempfile.TemporaryDirectory() as folder:
        for what, mixed, quoted in (
            ("ISO times", False, False),
            ("four forms of time", True, False),
            ("four forms of time, a quoted field in each row", True, True),
        ):
            path = Path(folder, "log.csv")
            make(rng, mixed=mixed, quoted=quoted).to_csv(path, index=False, encoding="utf-8-sig")
            print(f"{what}, {path.stat().st_size / 1e6:.0f} MB")
            for name, code in (("crimeloc.read_events", CHILD), ("pandas.read_csv, text", PEER)):
                done = subprocess.run(
                    [sys.executable, "-c", code, str(path)],
                    check=True,
                    capture_output=True,
                    text=True,
                )
                print(f"  {name:<24} {done.stdout.strip()}")


if __name__ == "__main__":
    main()
