"""One function for each command; each prints its result on standard output."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crimeloc.cli import job, text
from crimeloc.cli.language import tell
from crimeloc.errors import FileError, ParameterError
from crimeloc.keys import key_of_file

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["backtest", "brief", "check", "demo"]

DEMO_TZ = "Asia/Seoul"
DEMO_AT = "2026-03-01 00:00+09:00"
DEMO_FILES = ("uploads.csv", "venues.csv", "leases.csv", "districts.geojson")


def demo(options: argparse.Namespace) -> None:
    """Run the main job on the made-up case."""
    page_name(options.out)
    with _demo_folder(options.data) as folder:
        for name in DEMO_FILES:
            if not (folder / name).is_file():
                raise FileError(
                    folder / name,
                    found="no file",
                    expected="the made-up case",
                    hint=f"python -m crimeloc.simulation {folder} --seed 26",
                )
        uploads, venues, leases, districts = (folder / name for name in DEMO_FILES)
        outlines = _outlines(districts)
        loaded = job.gather(uploads, venues, leases, DEMO_TZ, at=DEMO_AT)
        asked = _Asked(horizon="7D", window="4h", series=None, tz=DEMO_TZ)
        _brief(loaded, asked, _Wanted(options.out, options.lang, outlines))


def brief(options: argparse.Namespace) -> None:
    """Rank the venues and windows of one series and write the page."""
    page_name(options.out)
    export_names(options.export)
    key = secret(options.key_file)
    outlines = _outlines(options.districts)  # a wrong file is said before the work, not after
    loaded = _gathered(options, at=options.at)
    asked = _Asked(options.horizon, options.window, options.series, options.tz)
    wanted = _Wanted(options.out, options.lang, outlines, options.level, key, options.export)
    _brief(loaded, asked, wanted)


def _gathered(options: argparse.Namespace, at: str | None = None) -> job.LoadedFiles:
    return job.gather(
        options.events,
        options.venues,
        options.leases,
        options.tz,
        at=at,
        crs=options.crs,
        city=options.city_db,
        proxy_networks=options.proxy_networks,
        skew=options.skew,
        columns=_columns_of_files(options.column, options.leases is not None),
        file_zones={"events": options.uploads_tz, "leases": options.leases_tz},
    )


def export_names(paths: list[Path]) -> None:
    """Refuse a name that says no kind of file, before any work is done."""
    from crimeloc.report.exports.export import kind_of

    for path in paths:
        try:
            kind_of(path)
        except ParameterError as error:
            expected = "a name that ends like .pdf, .pptx, .xlsx (crimeloc brief --help)"
            hint = "--export briefing.pdf"
            raise ParameterError(
                "--export", found=str(path), expected=expected, hint=hint
            ) from error


def secret(path: Path | None) -> bytes | None:
    """Read the secret for pseudonyms from a file or the environment; never from the words typed.

    What is typed stays in the history of the shell and is seen by everybody on the machine.
    """
    if path is None:
        given = os.environ.get("CRIMELOC_KEY", "")
        return given.encode("utf-8") or None
    key = key_of_file(path.read_bytes())
    if not key:
        raise FileError(
            path,
            found="an empty file",
            expected="a secret of at least 16 bytes",
            hint="write one into it",
        )
    return key


def page_name(path: Path) -> None:
    """Refuse a name that promises something else than a page, before any work is done."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise ParameterError(
            "--out",
            found=str(path),
            expected="a name that ends in .html",
            hint="--out briefing.html",
        )


def backtest(options: argparse.Namespace) -> None:
    """Print how such forecasts would have fared, beside the naive baselines."""
    from crimeloc.evaluation import backtest as run_backtest
    from crimeloc.ranking import Ranker

    loaded = _gathered(options)
    with job.step("Backtesting"):
        result = run_backtest(
            Ranker(window=options.window, tz=options.tz),
            loaded.located,
            loaded.venues,
            start=options.start,
            every=options.every,
            horizon=options.horizon,
            tz=options.tz,
            progress=sys.stderr.isatty(),
        )
    print(result)
    print(
        tell(
            "Series were linked with the whole log: which uploads belong together was learned from"
            " later uploads, too; a forecast made at the time would have known a little less."
        )
    )


def check(options: argparse.Namespace) -> None:
    """Print what would be rejected in a file, and why."""
    from crimeloc.io import check_file

    found = check_file(
        options.file,
        kind=options.kind,
        tz=options.tz,
        crs=options.crs,
        columns=_columns(options.column),
        districts=options.districts,
    )
    print(found)
    if not len(found.read.table):
        raise FileError(
            options.file,
            found="no row that can be read",
            expected="uploads, venues or leases",
            hint="compare its header with docs/formats",
        )


class _Asked(NamedTuple):
    """What is forecast."""

    horizon: str
    window: str
    series: str | None
    tz: str


class _Wanted(NamedTuple):
    """How the page is wanted, and what is written beside it."""

    out: Path
    lang: str
    districts: gpd.GeoDataFrame | None
    level: str = "briefing"
    key: bytes | None = None
    exports: Sequence[Path] = ()


def _brief(loaded: job.LoadedFiles, asked: _Asked, wanted: _Wanted) -> None:
    from crimeloc.clustering import cluster_events
    from crimeloc.report import briefing

    for name, warning in loaded.warnings:
        print(f"warning: {name}: {warning}", file=sys.stderr)
    print(text.counts(loaded))
    print(text.located(loaded))
    made = job.forecast(loaded, **asked._asdict())
    print(text.series(loaded, made))
    print(text.ranked(loaded, made, asked.tz))
    with job.step("Writing the briefing page"):
        mine = cluster_events(made.located, radius_m=800, gap="36h", min_events=4)
        page = briefing(
            made.ranking,
            located=mine,
            venues=loaded.venues,
            rejected=loaded.rejected,
            inputs=loaded.inputs,
            districts=wanted.districts,
            tz=asked.tz,
            lang=wanted.lang,
            level=wanted.level,
            key=wanted.key,
        )
        path = page.save(wanted.out)
        written = [file for name in wanted.exports for file in page.export(name)]
    print(
        tell(
            "Briefing page: {path} ({size:.1f} MB, opens without internet)",
            path=path,
            size=path.stat().st_size / 1e6,
        )
    )
    for file in written:
        size = file.stat().st_size / 1e6
        print(tell("Export: {path} ({size:.1f} MB)", path=file, size=size))


def _columns(pairs: list[str]) -> dict[str, str] | None:
    """Take ``PART=NAME`` apart."""
    for pair in pairs:
        if "=" not in pair:
            raise ParameterError(
                "--column", found=repr(pair), expected="PART=NAME", hint="--column timestamp=..."
            )
    return dict(pair.split("=", 1) for pair in pairs) or None


def _columns_of_files(pairs: list[str], with_leases: bool) -> dict[str, dict[str, str]]:
    """Sort ``PART=NAME`` by file: ``venues.PART`` and ``leases.PART``, else of the uploads."""
    found: dict[str, dict[str, str]] = {}
    for part, name in (_columns(pairs) or {}).items():
        file, dot, rest = part.partition(".")
        if dot and file not in ("events", "venues", "leases"):
            raise ParameterError(
                "--column",
                found=repr(f"{part}={name}"),
                expected="PART=NAME, venues.PART=NAME or leases.PART=NAME",
                hint="--column venues.name=...",
            )
        if file == "leases" and dot and not with_leases:
            raise ParameterError(
                "--column",
                found=repr(f"{part}={name}"),
                expected="leases to read it from",
                hint="--leases FILE",
            )
        found.setdefault(file if dot else "events", {})[rest if dot else part] = name
    return found


def _outlines(path: Path | None) -> gpd.GeoDataFrame | None:
    if path is None:
        return None
    from crimeloc.io import read_shapes

    return read_shapes(path)


@contextmanager
def _demo_folder(named: Path | None) -> Iterator[Path]:
    """Give the folder of the case: as named, that of the checkout, or one made on the spot."""
    of_the_checkout = Path(__file__).resolve().parents[2] / "data" / "demo"
    if named is not None or of_the_checkout.is_dir():
        yield named or of_the_checkout
        return
    from crimeloc.simulation.demo import DEMO_SEED, write_demo

    with tempfile.TemporaryDirectory(prefix="crimeloc-demo-") as folder:
        with job.step("Making up a city"):
            write_demo(Path(folder), DEMO_SEED)
        yield Path(folder)
