"""Throw damaged files at the readers: python fuzz_io.py [inputs] [seed].

Not a test of `make test`: it runs as long as it is told to. Small files of every format are
damaged at random, and every reader gets them. Anything but a table with all its rows or one of
crimeloc's own errors stops the run and leaves the input in `fuzz_found.bin`; so does an input that
takes more than ten seconds of processor time, and growth of memory beyond one GB is reported.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

import crimeloc as cl
from crimeloc.addresses import parse_addresses
from crimeloc.errors import CrimelocError
from crimeloc.geolocation import CityDatabase, LeaseIndex
from crimeloc.geometry import points
from crimeloc.io import read_geofeed, read_hash_list
from crimeloc.io.formats import csv_lexer as rows

TZ = "Asia/Seoul"
SCRAPS = [
    b'"',
    b",",
    b"\t",
    b";",
    b"\x00",
    b"\r",
    b"\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"[",
    b"{",
    b"}",
    b"]",
    b":",
    b"<",
    b">",
    b"&",
    b"=1",
    "오후".encode(),
    "\u202e".encode(),
    b"9" * 30,
    b"\xed\xa0\x80",
    b"\\ud800",
    b"1e999",
    b"-",
    b"null",
]


FOUR = [f"{n}.{2 * n % 256}.69.160" for n in range(2, 220, 3)]


def seeds(folder: Path) -> list[tuple[str, bytes]]:
    """Small sound files of every format."""
    events = pd.DataFrame(
        {
            "id": ["a", "b"],
            "일시": ["2026년 3월 1일 오후 11:05", "1772373900"],
            "IP주소": ["203.0.113.7:80", "2001:db8::1"],
            "포트": ["1", ""],
            "제목": ['a "b"', "c,d"],
        }
    )
    venues = gpd.GeoDataFrame(
        {"venue_id": ["V"], "opening_hours": ["평일 10:00~02:00"]},
        geometry=points([[126.98, 37.56]]),
    )
    events.to_csv(folder / "a.csv", index=False)
    events.to_csv(folder / "b.csv", index=False, encoding="cp949", sep="\t")
    events.to_csv(folder / "c.csv", index=False, encoding="utf-16", sep=";")
    events.to_excel(folder / "a.xlsx", index=False)
    events.to_parquet(folder / "a.parquet")
    events.to_json(folder / "a.jsonl", orient="records", lines=True, force_ascii=False)
    events.to_json(folder / "a.json", orient="records", force_ascii=False)
    venues.to_file(folder / "v.geojson", driver="GeoJSON")
    venues.to_file(folder / "v.gpkg", driver="GPKG")
    venues.to_parquet(folder / "v.parquet")
    register = (
        "관리번호,인허가일자,영업상태명,사업장명,좌표정보(X),좌표정보(Y)\n"
        "1,20150401,영업,가람,200000,451000\n"
    )
    (folder / "v.csv").write_text(register, encoding="cp949")
    leases = "IP대역,포트,시작일시,종료일시,업소ID\n203.0.113.4-203.0.113.9,1-9,2026-01-01,,A\n"
    (folder / "l.csv").write_text(leases, encoding="utf-8")
    (folder / "g.csv").write_text("# feed\n203.0.113.0/24,KR,KR-11,Seoul,\n")
    media = '[{"MD5":"' + "0" * 32 + '","Category":1}]'
    (folder / "h.json").write_text(f'{{"value":[{{"Media":{media}}}]}}')
    event = "<ipAddress>203.0.113.7</ipAddress><dateTime>2026-03-01T14:05:00Z</dateTime>"
    report = f"<r><ipCaptureEvent>{event}</ipCaptureEvent></r>"
    (folder / "r.xml").write_text(f'<?xml version="1.0"?>{report}')
    captured = '{"ipAddress":"203.0.113.7","port":80,"dateTime":"2026-03-01T14:05:00Z"}'
    (folder / "r.json").write_text(f'{{"people":[{{"ipCaptureEvent":[{captured}]}}]}}')
    (folder / "t.jsonl").write_text(
        '{"message":"upload","timestamp":1772373900000000,"timestamp_desc":"Upload",'
        '"datetime":"2026-03-01T14:05:00+00:00","src_ip":"203.0.113.7"}\n'
    )
    LeaseIndex.build(cl.read_leases(folder / "l.csv", tz=TZ).table).save(folder / "i.npz")
    return [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


def damage(data: bytes, rng: random.Random) -> bytes:
    """One to eight edits."""
    body = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        place = rng.randrange(len(body) + 1)
        kind = rng.randrange(6)
        if kind == 0 and place < len(body):
            body[place] = rng.randrange(256)
        elif kind == 1:
            del body[place : place + rng.choice((1, 2, 8, 64))]
        elif kind == 2:
            body[place:place] = rng.choice(SCRAPS)
        elif kind == 3:
            body[place:place] = rng.randbytes(rng.choice((1, 4, 16)))
        elif kind == 4:
            other = rng.randrange(len(body) + 1)
            body[place:place] = body[other : other + rng.choice((4, 32, 200))]
        elif kind == 5 and rng.random() < 0.2:
            del body[place:]
    return bytes(body)


def readers(name: str) -> list[object]:
    """Which readers a file goes to."""
    every = [lambda p: cl.read_events(p, tz=TZ), cl.read_venues, lambda p: cl.read_leases(p, tz=TZ)]
    if name.startswith("g"):
        return [read_geofeed]
    if name.startswith("h"):
        return [read_hash_list]
    if name.endswith(".mmdb"):
        column = parse_addresses(pd.Series([*FOUR, "2001:db8::1"]))
        return [lambda p: CityDatabase(p).places(column, np.arange(len(column)))]
    if name.endswith(".npz"):
        return [located]
    first = {"a": 0, "b": 0, "c": 0, "r": 0, "t": 0, "v": 1, "l": 2}[name[0]]
    return [every[first]]


def located(path: Path) -> object:
    """Ask a stored index of leases something, if it can be loaded."""
    index = LeaseIndex.load(path)
    column = parse_addresses(pd.Series(["203.0.113.5", "203.0.113.9", "2001:db8::1", "0.0.0.0"]))
    moment = np.full(4, 1_772_373_900_000_000, dtype=np.int64)
    return index.look_up(index.nodes_of(column), moment, moment, np.array([5, -1, 7, 9], np.int32))


def main() -> None:
    """Run, and print what became of the inputs."""
    warnings.simplefilter("error")
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    with tempfile.TemporaryDirectory() as made:
        files = seeds(Path(made))
    for extra in sys.argv[3:]:
        files.append((Path(extra).name, Path(extra).read_bytes()))
    begin = time.perf_counter()
    counts: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(wanted):
            name, data = files[number % len(files)]
            path = Path(folder, name)
            path.write_bytes(spoiled := damage(data, rng))
            rows.COMPILED_FROM = rng.choice((0, 8 << 20))  # the sweep of large files, too
            for read in readers(name):
                spent = time.process_time()
                try:
                    found = read(path)
                    report = getattr(found, "report", None)
                    if report is not None:
                        assert report.n_rows == report.n_read + report.n_rejected
                    counts["read"] += 1
                except CrimelocError as error:
                    counts["clear error" if "\n" not in str(error) else "long error"] += 1
                except BaseException:
                    Path("fuzz_found.bin").write_bytes(spoiled)
                    print(f"input {number} ({name}) kept in fuzz_found.bin", flush=True)
                    raise
                spent = time.process_time() - spent
                slowest = max(slowest, spent)
                assert spent < 10, f"input {number} ({name}) took {spent:.1f} s"
            if number % 5_000 == 4_999:
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
                took = time.perf_counter() - begin
                print(
                    f"{number + 1:,} inputs in {took:.0f} s: {dict(counts)}, slowest "
                    f"{slowest:.2f} s, peak {peak:.2f} GB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
