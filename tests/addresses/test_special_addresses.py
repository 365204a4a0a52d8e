"""Addresses that people dress up, addresses inside addresses, and addresses of nobody."""

from __future__ import annotations

import ipaddress

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crimeloc as cl
from crimeloc.addresses import (
    EMBEDDED,
    AddressFault,
    embedded_ipv4,
    parse_address,
    parse_addresses,
    special_kinds,
)
from crimeloc.geometry import points

DRESSED = [
    ("IP: 198.51.100.4", "198.51.100.4", None),
    ("접속 IP : 198.51.100.4", "198.51.100.4", None),
    ("아이피=198.51.100.4", "198.51.100.4", None),
    ("IPv6: 2001:db8::9", "2001:db8::9", None),
    ("198.51.100.4.", "198.51.100.4", None),
    ("198[.]51[.]100[.]4:8080", "198.51.100.4", 8080),
    ("198(.)51(.)100(.)4", "198.51.100.4", None),
    ("198[dot]51[dot]100[dot]4", "198.51.100.4", None),
    ("2001[:]db8[:]0[:]0[:]0[:]0[:]0[:]9", "2001:db8::9", None),
    ("198.51.100.4 (대한민국)", "198.51.100.4", None),
    ("2001:db8::9 (KR)", "2001:db8::9", None),
]


@pytest.mark.parametrize(("text", "plain", "port"), DRESSED)
def test_what_people_write_around_an_address_is_taken_off_and_said(
    text: str, plain: str, port: int | None
) -> None:
    found = parse_address(text)
    assert (str(found), found.port) == (plain, port)
    assert found.note


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://198.51.100.4/a", "is a web address"),
        ("hxxps[:]//198.51.100[.]4", "is a web address"),
        ("198.51.100.4 (198.51.100.5)", "more than one"),
        ("198.51.100.", "3 parts"),
    ],
)
def test_what_stays_unclear_is_refused_for_what_it_is(text: str, reason: str) -> None:
    with pytest.raises(AddressFault, match=reason):
        parse_address(text)


@given(st.integers(1 << 24, (1 << 32) - 1))
def test_an_ipv4_address_is_found_in_every_form_that_holds_it(value: int) -> None:
    four = ipaddress.IPv4Address(value)
    texts = [
        f"64:ff9b::{four}",
        str(ipaddress.IPv6Address(0x2002 << 112 | value << 80 | 1)),
        f"::{four}",
        str(ipaddress.IPv6Address(0x20010000 << 96 | 5 << 32 | (value ^ 0xFFFFFFFF))),
    ]
    way, inside = embedded_ipv4(parse_addresses(pd.Series(texts)))
    assert way.tolist() == list(range(len(EMBEDDED)))
    assert (inside == value).all()


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_kinds_agree_with_the_standard_library(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    kind = special_kinds(parse_addresses(pd.Series([str(address)])))[0]
    if kind in ("private", "shared", "loopback", "link-local", "unspecified", "reserved"):
        assert not address.is_global or address.is_multicast
    if address.is_loopback or address.is_link_local or address.is_multicast:
        assert kind is not None


def _located(ips: list[str], leases: pd.DataFrame) -> gpd.GeoDataFrame:
    venues = gpd.GeoDataFrame({"venue_id": ["V-1", "V-2"]}, geometry=points([[127, 37], [128, 36]]))
    events = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(len(ips))],
            "ip": ips,
            "timestamp": pd.to_datetime(["2026-03-01 14:05Z"] * len(ips)),
        }
    )
    return cl.locate_events(events, venues, leases)


def test_a_lease_of_the_address_inside_counts_unless_one_names_the_outer_address() -> None:
    leases = pd.DataFrame(
        {"network": ["198.51.100.0/30", "2002:c633:6402::/48"], "venue_id": ["V-1", "V-2"]}
    )
    ips = ["64:ff9b::198.51.100.1", "2002:c633:6401::1", "2002:c633:6402::1", "198.51.100.1"]
    located = _located(ips, leases)
    assert located.venue_id.tolist() == ["V-1", "V-1", "V-2", "V-1"]
    assert ["inside" in why for why in located.why] == [True, True, False, False]
    assert np.allclose(located.weight, 1)


def test_private_and_special_addresses_say_what_they_are() -> None:
    leases = pd.DataFrame({"network": ["198.51.100.0/30"], "venue_id": ["V-1"]})
    cable = str(ipaddress.IPv4Address(0xA9FE0304))
    ips = ["172.20.1.1", "100.70.0.1", "127.0.0.9", "0.0.0.0", cable, "fd00::1", "203.0.113.1"]
    located = _located(ips, leases)
    assert located.how.tolist() == [
        *["private address"] * 2,
        *["special address"] * 3,
        "private address",
        "no lease",
    ]
    assert (located.weight == 0).all()
    assert located.why.nunique() == 6


def test_a_lease_of_private_addresses_still_counts() -> None:
    leases = pd.DataFrame({"network": ["10.1.0.0/24"], "venue_id": ["V-2"]})
    located = _located(["10.1.0.7", "10.2.0.7"], leases)
    assert located.how.tolist() == ["lease", "private address"]
