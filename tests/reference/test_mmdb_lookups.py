"""MaxMind's own test databases: look-ups equal the JSON they were made from."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.addresses import parse_addresses
from crimeloc.errors import FileError
from crimeloc.geolocation import CityDatabase, locate_events
from crimeloc.geolocation.databases import look_up, open_database
from crimeloc.geometry import points


def networks(path: Path) -> list[tuple[str, dict]]:  # type: ignore[type-arg]
    """First address of each network of a JSON source; IPv4 lies in the last 32 bits."""
    found = []
    for entry in json.loads(path.read_text(encoding="utf-8")):
        for text, value in entry.items():
            address = ipaddress.ip_network(text).network_address
            if address.version == 6 and 0xFFFF < int(address) < 1 << 32:
                address = ipaddress.IPv4Address(int(address))
            found.append((str(address), value))
    return found


@pytest.mark.parametrize(
    ("name", "count"),
    [("GeoLite2-City-Test", 242), ("GeoIP2-Anonymous-IP-Test", 12), ("GeoLite2-ASN-Test", 720)],
)
def test_every_network_equals_its_source(name: str, count: int, reference_data: Path) -> None:
    folder = reference_data / "mmdb"
    source = networks(folder / f"{name}.json")
    assert len(source) == count
    with open_database(folder / f"{name}.mmdb") as reader:
        for address, value in source:
            assert look_up(reader, name, address) == value


def test_places_of_all_242_networks(reference_data: Path) -> None:
    folder = reference_data / "mmdb"
    source = networks(folder / "GeoLite2-City-Test.json")
    column = parse_addresses(pd.Series([address for address, _ in source], dtype="str"))
    found = CityDatabase(folder / "GeoLite2-City-Test.mmdb").places(column, np.arange(len(source)))
    for (_, value), (lon, lat, radius) in zip(source, found, strict=True):
        place = value.get("location", {})
        if "latitude" in place:
            assert (lon, lat) == (place["longitude"], place["latitude"])
            assert radius == place.get("accuracy_radius", 500) * 1000
        else:
            assert np.isnan(lon)


BROKEN = [
    "GeoIP2-City-Test-Broken-Double-Format.mmdb",
    "GeoIP2-City-Test-Invalid-Node-Count.mmdb",
    "MaxMind-DB-test-broken-pointers-24.mmdb",
    "MaxMind-DB-test-broken-search-tree-24.mmdb",
]


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_give_a_clear_error(name: str, reference_data: Path) -> None:
    addresses = [a for a, _ in networks(reference_data / "mmdb" / "GeoLite2-City-Test.json")]
    column = parse_addresses(pd.Series(addresses, dtype="str"))
    with pytest.raises(FileError, match=r"damaged") as caught:
        CityDatabase(reference_data / "mmdb" / name).places(column, np.arange(len(column)))
    assert len(str(caught.value).splitlines()) == 1


def test_no_database_at_all(tmp_path: Path, reference_data: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        open_database(tmp_path / "none.mmdb")
    whole = (reference_data / "mmdb" / "GeoLite2-City-Test.mmdb").read_bytes()
    for size in (0, 10, 5_000, len(whole) - 50):
        (tmp_path / "cut.mmdb").write_bytes(whole[:size])
        with pytest.raises(FileError):
            open_database(tmp_path / "cut.mmdb")


def test_a_city_spreads_weight_and_marks_stay_out_of_geography(reference_data: Path) -> None:
    folder = reference_data / "mmdb"
    source = networks(folder / "GeoLite2-City-Test.json")
    # one that lies at 51.75, -1.25 within 100 km
    place = {"latitude": 51.75, "longitude": -1.25}
    boxford = next(a for a, v in source if place.items() <= v.get("location", {}).items())
    marked = networks(folder / "GeoIP2-Anonymous-IP-Test.json")
    exit_node = next(a for a, value in marked if "is_tor_exit_node" in value)
    vpn = {"is_anonymous", "is_anonymous_vpn"}
    private_network = next(a for a, value in marked if set(value) == vpn)
    venues = gpd.GeoDataFrame(
        {"venue_id": ["near", "large", "far"], "seats": [10.0, 30.0, 10.0]},
        geometry=points([[-1.2, 51.7], [-1.3, 51.8], [2.0, 48.0]]),
    )
    events = pd.DataFrame(
        {
            "event_id": ["city", "tor", "nowhere", "leased"],
            "timestamp": pd.to_datetime(["2026-03-01 00:00Z"] * 4),
            "ip": [boxford, exit_node, "203.0.113.9", private_network],
        }
    )
    leases = pd.DataFrame({"network": [private_network], "venue_id": ["near"]})
    located = locate_events(
        events,
        venues,
        leases,
        city=folder / "GeoLite2-City-Test.mmdb",
        proxy_networks=folder / "GeoIP2-Anonymous-IP-Test.mmdb",
    ).astype({"how": "str", "why": "str"})
    city = located[located["event_id"] == "city"].set_index("venue_id")
    assert set(city.index) == {"near", "large"}
    assert city["weight"].sum() == pytest.approx(0.67)
    assert city["weight"]["large"] == pytest.approx(3 * city["weight"]["near"])
    assert (city["how"] == "city database").all()
    assert "within 100 km" in city["why"].iloc[0]
    rest = located.set_index("event_id")
    assert (rest.loc["tor", "how"], rest.loc["tor", "weight"]) == ("tor", 0.0)
    assert rest.loc["nowhere", "how"] == "no lease"
    # a lease knows better than a mark
    assert (rest.loc["leased", "how"], rest.loc["leased", "weight"]) == ("lease", 1.0)
