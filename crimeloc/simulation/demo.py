"""The folder `data/demo`: the files of one made-up city, and how they were made."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from crimeloc.simulation._clock import Streams
from crimeloc.simulation.city import City, make_city
from crimeloc.simulation.messy import (
    BROKEN_LEASES,
    BROKEN_VENUES,
    MessyLog,
    lease_file,
    messy_uploads,
    venue_file,
)

__all__ = ["DEMO", "DEMO_SEED", "write_demo"]

DEMO = {
    "n_venues": 90,
    "n_districts": 8,
    "n_offenders": 8,
    "n_background": 260,
    "start": "2025-09-01 00:00+09:00",
    "days": 212,
    "ambiguous": 0.12,
    "stopped": 0.0,
}
"""What `data/demo` asks of `make_city`."""
DEMO_SEED = 26
"""The seed of the files in `data/demo`."""


def write_demo(folder: Path, seed: int) -> dict[str, int]:
    """Write the made-up files of `data/demo`.

    Parameters
    ----------
    folder : Path
        Where to; it is made where it does not exist.
    seed : int
        Source of all chance. One seed, the same bytes.

    Returns
    -------
    dict
        File name to size in bytes.
    """
    city = make_city(rng=seed, **DEMO)  # type: ignore[arg-type]
    streams = Streams(seed)
    log = messy_uploads(city, rng=streams.stream("messy"))
    truth = city.truth.copy()
    truth.insert(1, "source_row", log.source_row)
    files = {
        "uploads.csv": log.text.encode("utf-8-sig"),
        "venues.csv": venue_file(city, streams.stream("messy venues")).encode("cp949"),
        "leases.csv": lease_file(city).encode("utf-8-sig"),
        "districts.geojson": _districts(city).encode(),
        "truth.csv": truth.to_csv(index=False, lineterminator="\n").encode(),
        "offenders.csv": _local(city.offenders).to_csv(index=False, lineterminator="\n").encode(),
        ".gitattributes": b"* -text\n",
    }
    files["README.md"] = _readme(city, log, seed).encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {name: len(content) for name, content in files.items()}


def _districts(city: City) -> str:
    features = json.loads(city.districts.to_json(drop_id=True))["features"]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


def _local(offenders: pd.DataFrame) -> pd.DataFrame:
    times = {
        name: offenders[name].dt.tz_convert("Asia/Seoul").dt.strftime("%Y-%m-%dT%H:%M:%S+09:00")
        for name in ("moved_at", "stopped_at")
    }
    return offenders.assign(**times)


def _readme(city: City, log: MessyLog, seed: int) -> str:
    truth = city.truth
    counts = truth.groupby("series_id", sort=True).agg(
        habit=("habit", "first"), uploads=("event_id", "size"), venues=("venue_id", "nunique")
    )
    series = "\n".join(
        f"| {name} | {row.habit} | {row.uploads} | {row.venues} |"
        for name, row in counts.iterrows()
    )
    broken = "\n".join(f"| {kind} | {count} |" for kind, count in log.broken.items())
    total = int(log.broken.sum())
    unclear = int(truth["is_ambiguous"].sum())
    away = int((truth["venue_id"] == "elsewhere").sum())
    files = "\n".join(
        f"| `{name}` | {what} | {rows} |"
        for name, what, rows in (
            (
                "uploads.csv",
                "the platform's upload log; UTF-8 with byte-order mark",
                f"{len(truth)} uploads, {total} broken rows",
            ),
            (
                "venues.csv",
                "the register of PC cafes; cp949",
                f"{len(city.venues)} venues, {len(BROKEN_VENUES)} broken row",
            ),
            (
                "leases.csv",
                "who held which address, when; local time; UTF-8 with byte-order mark",
                f"{len(city.leases)} leases, {len(BROKEN_LEASES)} broken rows",
            ),
            ("districts.geojson", "outlines of the districts", len(city.districts)),
            (
                "truth.csv",
                "what really happened; `source_row` is the line in `uploads.csv`",
                len(truth),
            ),
            (
                "offenders.csv",
                "habit, routine, anchors and move of each offender",
                len(city.offenders),
            ),
        )
    )
    return f"""# A made-up city

Everything here is invented: the city (its coordinates lie in open water), its venues, brands,
streets and people. Addresses come from ranges kept for documentation and private use. The files
are made, to the byte, by

```sh
python -m crimeloc.simulation data/demo --seed {seed}
```

| file | what | rows |
|---|---|---|
{files}

The log runs from 1 September 2025 to 31 March 2026. Times are written in five forms: ISO with
offset, ISO without a zone (local time, Asia/Seoul), Korean to the minute, epoch seconds, epoch
milliseconds. Of the uploads, {away} come from elsewhere than a venue, and {unclear} have an address
that fits several venues. `truth.csv` and `offenders.csv` are for checking results; no
analyst has them.

## Broken rows in the log

| kind | rows |
|---|---|
{broken}
| together | {total} |

In `venues.csv` one venue has no coordinates (`V-901`). In `leases.csv` one network is no network
(`10.0.0.300/28`) and one lease ends before it begins (`10.64.0.0/28`).

## The series

| series | habit | uploads | venues (elsewhere is one) |
|---|---|---|---|
{series}
"""
