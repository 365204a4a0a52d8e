"""A lease that ends when it begins holds nothing, and leads to no neighbour's lease."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.geolocation import deterministic_nat, locate_events
from crimeloc.geometry import points

VENUES = gpd.GeoDataFrame(
    {"venue_id": ["V-1", "V-2"]}, geometry=points([[126.98, 37.56], [127.0, 37.5]])
)
NOON = pd.Timestamp("2026-03-01 12:00", tz="Asia/Seoul")


@pytest.mark.parametrize("port", [None, 0, 5_000])
@pytest.mark.parametrize("around", [None, "203.0.113.0/24"])
def test_a_network_without_a_lasting_lease(port: int | None, around: str | None) -> None:
    leases = pd.DataFrame(
        {
            "network": ["203.0.113.0/29", "203.0.113.64/29"],
            "venue_id": ["V-1", "V-2"],
            "valid_from": [NOON, pd.NaT],
            "valid_to": [NOON, pd.NaT],
        }
    )
    if around is not None:
        whole = pd.DataFrame({"network": [around], "venue_id": ["V-1"]})
        leases = pd.concat([leases, whole], ignore_index=True)
    events = pd.DataFrame(
        {
            "event_id": ["e", "f"],
            "timestamp": [NOON, NOON],
            "ip": ["203.0.113.7", "203.0.113.65"],
            "port": pd.array([port, port], dtype="Int64"),
        }
    )
    located = locate_events(events, VENUES, leases)
    first, second = located.to_dict("records")
    assert second["venue_id"] == "V-2"
    if around is None:
        assert (first["how"], first["weight"]) == ("not leased then", 0.0)
    else:
        assert (first["venue_id"], first["how"]) == ("V-1", "lease")


@pytest.mark.parametrize("ports", [(0, 70_000), (-1, 1_000), (2_000, 1_000)])
def test_translation_hands_out_no_ports_that_there_are_not(ports: tuple[int, int]) -> None:
    holders = pd.DataFrame({"network": ["100.64.0.4/31"], "venue_id": ["V-1"]})
    first, last = ports
    with pytest.raises(ParameterError, match="ports"):
        deterministic_nat(
            "100.64.0.0/28", "203.0.113.0/30", holders, first_port=first, last_port=last
        )
