"""Events known to within an interval: the sweep gives what counting every moment gives."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.geolocation import locate_events
from crimeloc.geometry import points

NOON = pd.Timestamp("2026-03-01 12:00", tz="Asia/Seoul")
SEATS = {f"V-{k}": 10.0 * (k + 1) for k in range(5)}
VENUES = gpd.GeoDataFrame(
    {"venue_id": list(SEATS), "seats": list(SEATS.values())},
    geometry=points(np.column_stack([np.linspace(126.9, 127.1, 5), np.full(5, 37.5)])),
)


def _case(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    begin = rng.integers(0, 60, n)
    length = rng.integers(0, 25, n)  # some never hold
    port = rng.random(n) < 0.4
    leases = pd.DataFrame(
        {
            "network": rng.choice(["203.0.113.0/24", "203.0.113.0/29", "203.0.113.5/32"], n),
            "venue_id": rng.choice([*SEATS, "V-unknown"], n),
            "port_min": pd.array(np.where(port, 2_000, 0), dtype="Int64").astype("Int64"),
            "port_max": pd.array(np.where(port, 3_000, 65_535), dtype="Int64"),
            "valid_from": NOON + pd.to_timedelta(begin, unit="min"),
            "valid_to": NOON + pd.to_timedelta(begin + length, unit="min"),
        }
    )
    leases.loc[rng.random(n) < 0.1, "valid_to"] = pd.NaT
    first = rng.integers(-5, 60, 6)
    events = pd.DataFrame(
        {
            "event_id": [f"e{k}" for k in range(6)],
            "timestamp": NOON + pd.to_timedelta(first, unit="min"),
            "timestamp_end": NOON + pd.to_timedelta(first + rng.integers(1, 40, 6), unit="min"),
            "ip": rng.choice(["203.0.113.5", "203.0.113.6", "203.0.113.77"], 6),
            "port": pd.array([None, 2_500, 2_500, 5_000, None, 2_500], dtype="Int64"),
        }
    )
    return leases, events


def _minute_by_minute(leases: pd.DataFrame, event: pd.Series) -> dict[str, float]:
    last = int(event["ip"].rsplit(".", 1)[1])
    found: dict[str, float] = {}
    minutes = pd.date_range(event["timestamp"], event["timestamp_end"], freq="min")[:-1]
    for minute in minutes:
        best, holders = (-1, False), []
        for lease in leases.itertuples():
            prefix = int(lease.network.split("/")[1])
            base = int(lease.network.split("/")[0].rsplit(".", 1)[1])
            if last >> (32 - prefix) != base >> (32 - prefix):
                continue
            explicit = lease.port_min > 0 and not pd.isna(event["port"])
            if explicit and not lease.port_min <= event["port"] <= lease.port_max:
                continue
            if not lease.valid_from <= minute:
                continue
            if not pd.isna(lease.valid_to) and not minute < lease.valid_to:
                continue
            if (prefix, explicit) > best:
                best, holders = (prefix, explicit), []
            if (prefix, explicit) == best:
                holders.append(lease.venue_id)
        usual = 1.0  # a venue outside of the register
        total = sum(SEATS.get(holder, usual) for holder in holders)
        for holder in holders:
            part = SEATS.get(holder, usual) / total / len(minutes)
            found[holder] = found.get(holder, 0.0) + part
    return {venue: weight for venue, weight in found.items() if venue in SEATS}


@pytest.mark.parametrize("seed", range(12))
def test_an_interval_is_shared_as_minute_by_minute(seed: int) -> None:
    rng = np.random.default_rng(seed)
    leases, events = _case(rng, (3, 12, 40)[seed % 3])
    located = locate_events(events, VENUES, leases)
    for _, event in events.iterrows():
        mine = located[(located["event_id"] == event["event_id"]) & (located["weight"] > 0)]
        assert mine["venue_id"].is_unique
        got = dict(zip(mine["venue_id"], mine["weight"], strict=True))
        expected = _minute_by_minute(leases, event)
        assert got == pytest.approx(expected)


def test_many_leases_in_a_row_each_get_their_part() -> None:
    n = 3_000
    edges = NOON + pd.to_timedelta(np.arange(n + 1) * 10, unit="s")
    venues = gpd.GeoDataFrame(
        {"venue_id": [f"V-{k}" for k in range(n)]}, geometry=points(np.full((n, 2), [127.0, 37.5]))
    )
    order = np.random.default_rng(1).permutation(n)
    leases = pd.DataFrame(
        {
            "network": "203.0.113.5/32",
            "venue_id": venues["venue_id"].to_numpy()[order],
            "valid_from": edges[:-1][order],
            "valid_to": edges[1:][order],
        }
    )
    events = pd.DataFrame(
        {
            "event_id": ["e"],
            "timestamp": edges[:1],
            "timestamp_end": edges[-1:],
            "ip": ["203.0.113.5"],
        }
    )
    located = locate_events(events, venues, leases)
    assert set(located["venue_id"]) == set(venues["venue_id"])
    np.testing.assert_allclose(located["weight"], 1 / n)
