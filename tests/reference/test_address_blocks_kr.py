"""Lists of networks from elsewhere: a geofeed with a byte-order mark, the blocks of Korea."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from crimeloc.geolocation import locate_events
from crimeloc.geometry import points
from crimeloc.io import read_geofeed


def test_geofeed_is_read_whole(reference_data: Path) -> None:
    feed, rejected = read_geofeed(reference_data / "geofeed" / "full_fibre_geofeed.csv")
    assert rejected.empty
    text = (reference_data / "geofeed" / "full_fibre_geofeed.csv").read_text(encoding="utf-8-sig")
    assert feed["network"].tolist() == [line.split(",")[0] for line in text.splitlines()]
    assert len(feed) == 4
    assert set(feed["country"]) == {"GB"}
    assert set(feed["city"]) == {"Belper"}


def test_blocks_of_korea_are_read_whole_and_looked_up(reference_data: Path) -> None:
    path = reference_data / "ip_kr" / "ipv4-aggregated.txt"
    feed, rejected = read_geofeed(path)
    lines = [x for x in path.read_text().splitlines() if x.strip() and not x.startswith("#")]
    assert rejected.empty
    assert feed["network"].tolist() == lines
    assert len(lines) == 994
    six, rejected = read_geofeed(reference_data / "ip_kr" / "ipv6-aggregated.txt")
    assert rejected.empty
    networks = pd.concat([feed["network"], six["network"]], ignore_index=True)
    parsed = [ipaddress.ip_network(text) for text in networks]
    # the first and last address of each block, and the ones just outside
    texts, inside = [], []
    firsts = {(n.version, int(n.network_address)) for n in parsed}
    lasts = {(n.version, int(n.broadcast_address)) for n in parsed}
    for net in parsed:
        kind = ipaddress.IPv4Address if net.version == 4 else ipaddress.IPv6Address
        first, last = int(net.network_address), int(net.broadcast_address)
        texts += [str(kind(first)), str(kind(last))]
        inside += [True, True]
        if (net.version, first - 1) not in lasts:
            texts.append(str(kind(first - 1)))
            inside.append(False)
        if (net.version, last + 1) not in firsts:
            texts.append(str(kind(last + 1)))
            inside.append(False)
    venues = gpd.GeoDataFrame({"venue_id": ["KR"]}, geometry=points([[127.8, 36.0]]))
    leases = pd.DataFrame({"network": networks, "venue_id": "KR"})
    events = pd.DataFrame(
        {
            "event_id": [f"E-{n}" for n in range(len(texts))],
            "timestamp": pd.Timestamp("2026-03-01", tz="UTC"),
            "ip": texts,
        }
    )
    located = locate_events(events, venues, leases)
    assert np.array_equal(located["weight"].to_numpy() == 1.0, np.array(inside))
