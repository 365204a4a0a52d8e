"""A lease of a venue that by the register was not in business: it stays, and `why` says so."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from crimeloc.geolocation import locate_events
from crimeloc.geometry import points

VENUES = gpd.GeoDataFrame(
    {
        "venue_id": ["V-1", "V-2", "V-3"],
        "opened": pd.to_datetime(["2020-01-01", "2026-03-10", None], utc=True),
        "closed": pd.to_datetime(["2026-02-01", None, None], utc=True),
    },
    geometry=points([[126.98, 37.56], [127.0, 37.5], [127.1, 37.55]]),
)
LEASES = pd.DataFrame(
    {
        "network": [f"203.0.113.{n}/32" for n in (1, 2, 3, 4, 4)],
        "venue_id": ["V-1", "V-2", "V-3", "V-1", "V-3"],
    }
)


def why_of(ip: str, moment: str) -> list[str]:
    events = pd.DataFrame(
        {
            "event_id": ["e", "f"],
            "ip": [ip, "198.51.100.1"],
            "timestamp": pd.to_datetime([moment, moment], utc=True),
        }
    )
    located = locate_events(events, VENUES, LEASES)
    assert located.loc[located["event_id"] == "e", "weight"].sum() == 1.0
    assert located["why"].iloc[-1] == "no lease has this address"
    return located.loc[located["event_id"] == "e", "why"].astype("str").tolist()


def test_closed_before_and_opened_after() -> None:
    late = why_of("203.0.113.1", "2026-03-01 10:00")
    assert late[0].endswith("; but the register has it closed since 2026-02-01 00:00Z")
    early = why_of("203.0.113.2", "2026-03-01 10:00")
    assert early[0].endswith("; but the register has it opened only on 2026-03-10 00:00Z")


def test_in_business_nothing_is_said() -> None:
    for ip, moment in (
        ("203.0.113.1", "2026-01-31 23:59"),
        ("203.0.113.2", "2026-03-10 00:00"),
        ("203.0.113.3", "2026-03-01 10:00"),
    ):
        assert "register" not in why_of(ip, moment)[0]


def test_of_two_candidates_only_the_closed_one_is_told() -> None:
    said = why_of("203.0.113.4", "2026-03-01 10:00")
    assert len(said) == 2
    assert [("register" in words) for words in sorted(said)] == [True, False]


def test_an_interval_is_told_only_where_it_lies_wholly_outside() -> None:
    events = pd.DataFrame(
        {
            "event_id": ["e"],
            "ip": ["203.0.113.1"],
            "timestamp": pd.to_datetime(["2026-01-31 12:00"], utc=True),
            "timestamp_end": pd.to_datetime(["2026-02-01 12:00"], utc=True),
        }
    )
    assert "register" not in locate_events(events, VENUES, LEASES)["why"].iloc[0]
