"""How long a briefing takes, how large it is, and how soon it can be used.

Peers: folium with a circle marker per event, and its Leaflet.heat layer, on the same events.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import folium
import folium.plugins
import geopandas as gpd
import numpy as np
import pandas as pd

import crimeloc as cl
from crimeloc.events.calendar import calendar_windows
from crimeloc.units import to_timestamps

AT = "2026-03-01 00:00+09:00"


def made_up(n_events: int, n_venues: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give located events and venues of an invented city."""
    rng = np.random.default_rng(1)
    shapes = gpd.points_from_xy(
        126.8 + 0.4 * rng.random(n_venues), 37.45 + 0.2 * rng.random(n_venues), crs="EPSG:4326"
    )
    names = [f"V{i:05d}" for i in range(n_venues)]
    venues = gpd.GeoDataFrame({"venue_id": names, "name": names}, geometry=shapes)
    place = (n_venues * rng.random(n_events) ** 3).astype(int)
    hours = pd.to_timedelta((rng.random(n_events) * 86_400 * 180).astype(int), unit="s")
    located = gpd.GeoDataFrame(
        {
            "event_id": [f"E{i}" for i in range(n_events)],
            "timestamp": pd.Timestamp("2025-09-01", tz="UTC") + hours,
            "tz": "Asia/Seoul",
            "venue_id": venues["venue_id"].to_numpy()[place],
            "weight": 1.0,
            "how": "lease",
        },
        geometry=gpd.GeoSeries(venues.geometry.to_numpy()[place], crs="EPSG:4326"),
    )
    return located, venues


def counted(venues: gpd.GeoDataFrame) -> SimpleNamespace:
    """Give a ranking with a row per venue and window."""
    starts, ends = calendar_windows(AT, tz="Asia/Seoul")
    names = [*venues["venue_id"], "elsewhere"]
    share = np.random.default_rng(2).dirichlet(np.full(len(names) * len(starts), 0.1))
    slots = pd.DataFrame(
        {
            "venue_id": np.repeat(names, len(starts)),
            "window_start": to_timestamps(np.tile(starts, len(names))),
            "window_end": to_timestamps(np.tile(ends, len(names))),
            "share": share,
            "from_habit": share,
            "expected": 5 * share,
            "probability": -np.expm1(-5 * share),
        }
    )
    return SimpleNamespace(slots=slots, at=AT, horizon="7D")


def clocked(what, times: int = 3) -> float:
    """Give the median of several runs in seconds."""
    runs = []
    for _ in range(times):
        start = time.perf_counter()
        what()
        runs.append(time.perf_counter() - start)
    return statistics.median(runs)


def worked(what) -> float:
    """Give the processor time of one run in seconds."""
    start = time.process_time()
    what()
    return time.process_time() - start


def until_ready(path: Path) -> float:
    """Give seconds from asking for the page until it can be used; NaN without a browser.

    Ready is when the map stands and its layers, labels and controls answer.
    """
    browser_path = os.environ.get("CRIMELOC_CHROMIUM") or shutil.which("chromium")
    if not browser_path:
        return float("nan")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
        )
        runs = []
        for _ in range(3):
            page = browser.new_context(offline=True).new_page()
            start = time.perf_counter()
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-ready=yes]", timeout=60_000)
            runs.append(time.perf_counter() - start)
        browser.close()
    return statistics.median(runs)


def plain_markers(located: gpd.GeoDataFrame) -> str:
    """folium, a circle marker per event."""
    chart = folium.Map(tiles=None)
    for point in located.geometry:
        folium.CircleMarker([point.y, point.x], radius=3).add_to(chart)
    return chart.get_root().render()


def plain_heat(located: gpd.GeoDataFrame) -> str:
    """folium, Leaflet.heat with a row per event."""
    chart = folium.Map(tiles=None)
    folium.plugins.HeatMap(np.column_stack([located.geometry.y, located.geometry.x])).add_to(chart)
    return chart.get_root().render()


def whole_briefing():
    """Give a briefing with ranking, backtest, districts, clusters and banner, in Korean."""
    city = cl.make_city(rng=7)
    located = city.located_truth(offenders_only=True)
    at = "2026-02-15 00:00+09:00"
    past = located[located["timestamp"] < pd.Timestamp(at)].reset_index(drop=True)
    ranking = cl.rank(past, city.venues, at=at, series="S-02")
    backtest = cl.backtest(cl.Ranker(), past, city.venues, start="2026-01-11 00:00+09:00", n_jobs=1)
    mine = cl.cluster_events(past[past["series_id"] == "S-02"].reset_index(drop=True))
    return cl.briefing(
        ranking,
        located=mine,
        venues=city.venues,
        backtest=backtest,
        districts=city.districts,
        lang="ko",
        banner="대외비",
    )


def main() -> None:
    """Print the table."""
    print(f"{'what':<44}{'seconds':>10}{'MB':>8}{'ready s':>9}{'cpu s':>8}")
    folder = Path(tempfile.mkdtemp())
    for n_events, n_venues in ((200, 80), (10_000, 500), (100_000, 2_000)):
        located, venues = made_up(n_events, n_venues)
        ranking = counted(venues)
        page = cl.briefing(ranking, located=located, venues=venues)

        def make(r=ranking, lo=located, v=venues):
            return cl.briefing(r, located=lo, venues=v)

        took, cpu = clocked(make), worked(make)
        path = page.save(folder / f"{n_events}.html")
        name = f"briefing, {n_events:,} events, {n_venues:,} venues"
        size = path.stat().st_size / 1e6
        print(f"{name:<44}{took:>10.2f}{size:>8.2f}{until_ready(path):>9.2f}{cpu:>8.2f}")
    full = whole_briefing()
    total = 0.0
    for kind in ("png", "pdf", "pptx"):
        path = folder / f"case.{kind}"
        cpu = worked(lambda p=path: full.export(p))
        took = clocked(lambda p=path: full.export(p), 1)
        size, total = path.stat().st_size / 1e6, total + cpu
        print(f"{'full briefing as ' + kind:<44}{took:>10.2f}{size:>8.2f}{'':>9}{cpu:>8.2f}")
    print(f"{'png, pdf and pptx together':<44}{'':>10}{'':>8}{'':>9}{total:>8.2f}")
    located, _ = made_up(2_000, 500)
    for name, peer in (("a circle marker per event", plain_markers), ("Leaflet.heat", plain_heat)):
        took = clocked(lambda p=peer: p(located), 1)
        size = len(peer(located)) / 1e6
        print(f"{'folium, ' + name + ', 2,000 events':<44}{took:>10.2f}{size:>8.2f}{'':>9}")


if __name__ == "__main__":
    main()
