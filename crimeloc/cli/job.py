"""The main job: three files in, a ranked list and a briefing page out."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.cli.language import tell
from crimeloc.errors import ParameterError
from crimeloc.messages import Message
from crimeloc.provenance import Input, sha256_file
from crimeloc.units import instant, instants, seconds, to_timestamps

__all__ = ["Forecast", "LoadedFiles", "choose_series", "forecast", "gather", "step"]

SLOW_S = 0.5
"""A step that takes longer says so on the terminal while it runs."""


@dataclass(frozen=True)
class LoadedFiles:
    """What was read, located and linked; with a moment `at`, from what lay before it alone."""

    events: pd.DataFrame
    rejected: dict[str, pd.DataFrame]
    venues: gpd.GeoDataFrame
    leases: pd.DataFrame | None
    located: gpd.GeoDataFrame
    linked: Message
    inputs: tuple[Input, ...]
    at: pd.Timestamp
    n_later: int
    warnings: tuple[tuple[str, Message], ...] = ()


@dataclass(frozen=True)
class Forecast:
    """A ranking of one series, with what the page needs beside it."""

    ranking: Any
    located: gpd.GeoDataFrame
    series: str | None
    n_before: int


@contextmanager
def step(words: str) -> Iterator[None]:
    """Say on the terminal what is going on, and how long it took."""
    words = tell(words)
    begin = time.perf_counter()
    live = sys.stderr.isatty()
    if live:
        print(f"{words} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        spent = time.perf_counter() - begin
        if live:
            print(f"\r{words}: {spent:.1f} s  ", file=sys.stderr, flush=True)
        elif spent > SLOW_S:
            print(f"{words}: {spent:.1f} s", file=sys.stderr, flush=True)


def gather(
    events_path: Path,
    venues_path: Path,
    leases_path: Path | None,
    tz: str,
    *,
    at: str | None = None,
    crs: str | None = None,
    city: Path | None = None,
    proxy_networks: Path | None = None,
    skew: str | None = None,
    columns: Mapping[str, Mapping[str, str]] | None = None,
    file_zones: Mapping[str, str | None] | None = None,
) -> LoadedFiles:
    """Read the files, locate the events and link them into series.

    With `at`, later events are put aside before anything is linked: which uploads belong together
    must not be learned from what had not happened yet. `columns` gives for "events", "venues" and
    "leases" which column plays which part, `file_zones` for "events" and "leases" by which clock
    their times were written, where that is not the zone of the venues.
    """
    from crimeloc.geolocation import locate_events
    from crimeloc.io import read_events, read_leases, read_venues

    named, zones = columns or {}, file_zones or {}
    if skew is not None:
        seconds(skew, "--skew")  # a slip of the hand is said before any work
    with step("Reading files"):
        read = read_events(
            events_path,
            tz=zones.get("events") or tz,
            venue_tz=tz,
            columns=named.get("events"),
        )
        events, bad_events = _without_repeats(*read)
        register = read_venues(venues_path, tz=tz, crs=crs, columns=named.get("venues"))
        venues, bad_venues = register
        said = [(events_path, read), (venues_path, register)]
        rejected = {events_path.name: bad_events, venues_path.name: bad_venues}
        sizes = {events_path: (len(events), len(bad_events))}
        sizes[venues_path] = (len(venues), len(bad_venues))
        leases = None
        if leases_path is not None:
            held = read_leases(
                leases_path, tz=zones.get("leases") or tz, columns=named.get("leases")
            )
            leases, bad_leases = held
            said.append((leases_path, held))
            rejected[leases_path.name] = bad_leases
            sizes[leases_path] = (_rows(leases), len(bad_leases))
        signs: Path | pd.DataFrame | None = proxy_networks
        if proxy_networks is not None and proxy_networks.suffix.lower() != ".mmdb":
            signs, rejected[proxy_networks.name] = _proxy_networks(proxy_networks, tz)
            sizes[proxy_networks] = (_rows(signs), len(rejected[proxy_networks.name]))
        inputs = tuple(
            Input(path.name, sha256_file(path), *counts) for path, counts in sizes.items()
        )
        inputs += tuple(
            Input(path.name, sha256_file(path))
            for path in (city, proxy_networks)
            if path is not None and path not in sizes
        )
    if not len(events):
        raise ParameterError(
            str(events_path),
            found="no row that can be read",
            expected="uploads",
            hint=f"crimeloc check {events_path}",
        )
    with step("Locating uploads"):
        located = locate_events(events, venues, leases, city=city, proxy_networks=signs, skew=skew)
    moment = _after(located) if at is None else instant(at, "--at")
    later = located["timestamp"] >= moment
    n_later = located.loc[later, "event_id"].nunique()
    located, linked = _link(located[~later].reset_index(drop=True))
    warnings = tuple(
        (path.name, one)
        for path, made in said
        if made.report is not None
        for one in made.report.warnings
    )
    return LoadedFiles(
        events, rejected, venues, leases, located, linked, inputs, moment, n_later, warnings
    )


def _proxy_networks(path: Path, tz: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a list of marked networks; a row that is lost would let a proxy into geography."""
    from crimeloc.io import read_leases
    from crimeloc.io.reasons import reason_columns

    try:
        table, rejected = read_leases(path, tz=tz, columns={"venue_id": "mark"})
    except ParameterError as error:
        raise ParameterError(
            "--proxy-networks",
            found=Message("no column 'mark' in {name}", name=path.name),
            expected="columns 'network' and 'mark'",
            hint="name them so in its header",
        ) from error
    nameless = (rejected["reason_code"] == "lease.no-venue").to_numpy()
    lacking = reason_columns([Message("mark.missing")] * int(nameless.sum()))
    for name, values in lacking.items():
        rejected.loc[nameless, name] = values.to_numpy()
    kept = ["network", "venue_id", "source_row"]
    return table[kept].rename(columns={"venue_id": "mark"}), rejected


def _rows(networks: pd.DataFrame) -> int:
    """Rows of the file: a range of addresses became several networks."""
    return int(networks["source_row"].nunique())


def _without_repeats(
    events: pd.DataFrame, rejected: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave rows out that repeat an earlier one in everything, and say so among the rejected."""
    if "duplicate_of" not in events.columns:
        return events, rejected
    from crimeloc.io.reasons import rejected_table

    repeats = events["duplicate_of"].notna()
    pairs = events.loc[repeats, ["source_row", "duplicate_of"]].itertuples(index=False)
    again = [(row, Message("row.again", event_id=first), "", "") for row, first in pairs]
    whole = pd.concat([rejected, rejected_table(again)], ignore_index=True)
    return events[~repeats].reset_index(drop=True), whole


def choose_series(located: gpd.GeoDataFrame, named: str | None) -> str | None:
    """Give the series to speak of: the one named, or the one with the most located uploads."""
    if "series_id" not in located.columns:
        if named is not None:
            raise ParameterError(
                "--series",
                found=repr(named),
                expected="uploads that name series",
                hint="leave --series out",
            )
        return None
    weights = located.groupby("series_id")["weight"].sum()
    counts = weights.sort_values(ascending=False, kind="stable")
    if named is None:
        return str(counts.index[0]) if len(counts) else None
    if named not in set(located["series_id"].dropna()):
        known = ", ".join(map(str, counts.index[:5])) or "none"
        raise ParameterError(
            "--series",
            found=repr(named),
            expected=Message("one of the series ({known} ...)", known=known),
            hint="leave --series out",
        )
    return named


def forecast(
    loaded: LoadedFiles, *, horizon: str, window: str, series: str | None, tz: str
) -> Forecast:
    """Fit the ranker on all series and rank one."""
    from crimeloc.ranking import Ranker

    located = loaded.located
    chosen = choose_series(located, series)
    mine = located if chosen is None else located[located["series_id"] == chosen]
    if not (mine["weight"] > 0).any():
        raise ParameterError(
            "events",
            found=Message(
                "{n} uploads before {at:%Y-%m-%d %H:%M}Z, none of them with a candidate venue",
                n=mine["event_id"].nunique(),
                at=loaded.at,
            ),
            expected="located uploads before the forecast",
            hint="--leases FILE, or a later --at",
        )
    with step("Learning how habits weigh"):
        ranker = Ranker(window=window, tz=tz).fit(
            located, loaded.venues, at=loaded.at, progress=sys.stderr.isatty()
        )
    with step("Ranking venues and windows"):
        ranking = ranker.rank(mine, at=loaded.at, horizon=horizon)
        _ = ranking.slots
    return Forecast(ranking, mine, chosen, int(mine["event_id"].nunique()))


def _after(located: gpd.GeoDataFrame) -> pd.Timestamp:
    """Give the first moment after the last event that is not far from all others.

    Nothing here reads today, and a slip in one row moves nothing.
    """
    from crimeloc.io.quality.plausibility import latest_plausible

    last = latest_plausible(instants(located["timestamp"]))
    return to_timestamps(np.array([last + 1], dtype=np.int64))[0]


def _link(located: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Message]:
    if "series_id" in located.columns:
        return located, Message("as the file names them")
    evidence = [name for name in ("handle", "content_hash", "device") if name in located.columns]
    known = [name for name in evidence if located[name].notna().any()]
    if not known:
        return located, Message("no evidence to link by: all uploads are taken as one series")
    from crimeloc.linking import link_events

    with step("Linking uploads into series"):
        links = link_events(located)
    return links.events, Message(
        "linked by evidence ({names}, place and time)", names=", ".join(known)
    )
