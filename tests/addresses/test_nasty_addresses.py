"""Addresses as logs have them: what becomes of each."""

from __future__ import annotations

import ipaddress

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crimeloc.addresses import (
    Address,
    AddressFault,
    network_blocks,
    network_text,
    parse_address,
    parse_addresses,
    parse_network,
)
from crimeloc.addresses import columns as columns_module

MASK, ODD_MASK = ".".join(["255"] * 3 + ["0"]), ".".join(["255", "0"] * 2)

READ = [
    ("203.0.113.7", "203.0.113.7", None),
    ("0.0.0.0", "0.0.0.0", None),
    ("255.255.255.255", "255.255.255.255", None),
    (" 203.0.113.7", "203.0.113.7", None),
    ("203.0.113.7\t", "203.0.113.7", None),
    ("\u00a0203.0.113.7\u3000", "203.0.113.7", None),
    ("\ufeff203.0.113.7", "203.0.113.7", None),
    ("203.0.113.7\u200b", "203.0.113.7", None),
    ("'203.0.113.7'", "203.0.113.7", None),
    ('"203.0.113.7"', "203.0.113.7", None),
    ("203.0.113.7:443", "203.0.113.7", 443),
    ("203.0.113.7:0", "203.0.113.7", 0),
    ("203.0.113.7:65535", "203.0.113.7", 65535),
    ("[203.0.113.7]:5060", "203.0.113.7", 5060),
    ("203.0.113.7/32", "203.0.113.7", None),
    ("203.000.113.007", "203.0.113.7", None),
    ("２０３.０.１１３.７", "203.0.113.7", None),
    ("203。0。113。7", "203.0.113.7", None),
    ("::ffff:203.0.113.7", "203.0.113.7", None),
    ("::FFFF:203.0.113.7", "203.0.113.7", None),
    ("::ffff:cb00:7107", "203.0.113.7", None),
    ("0:0:0:0:0:ffff:203.0.113.7", "203.0.113.7", None),
    ("[::ffff:203.0.113.7]:8080", "203.0.113.7", 8080),
    ("2001:db8::1", "2001:db8::1", None),
    ("2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1", None),
    ("[2001:db8::1]", "2001:db8::1", None),
    ("[2001:db8::1]:443", "2001:db8::1", 443),
    ("2001:db8::1/128", "2001:db8::1", None),
    ("fe80::1%eth0", "fe80::1", None),
    ("fe80::1%25eth0", "fe80::1", None),
    ("[fe80::1%wlan0]:22", "fe80::1", 22),
    ("::1", "::1", None),
    ("::", "::", None),
    ("64:ff9b::203.0.113.7", "64:ff9b::cb00:7107", None),
]
NONE = [
    "",
    " ",
    "-",
    "--",
    "unknown",
    "UNKNOWN",
    "n/a",
    "N/A",
    "null",
    "None",
    "nan",
    "없음",
    "미상",
    "알 수 없음",
    "?",
]
REFUSED = [
    ("203.0.113.999", "above 255"),
    ("203.0.113.256", "above 255"),
    ("1203.0.113.7", "above 255"),
    ("203.0.113.07", "octal"),
    ("0203.0.113.7", "octal"),
    ("010.001.002.3", "octal"),
    ("203.0.113", "3 parts"),
    ("203.0.113.7.9", "5 parts"),
    ("203.0.113.", "3 parts"),
    ("3405803783", "bare number"),
    ("0xCB007107", "hexadecimal"),
    ("203.0.113.7:70000", "above 65535"),
    ("203.0.113.7, 198.51.100.2", "more than one"),
    ("203.0.113.7 198.51.100.2", "more than one"),
    ("203.0.113.0/24", "a network"),
    ("2001:db8::/32", "a network"),
    ("\u202e7.311.0.302", "direction"),
    ("203.0.113.7\x00", "NUL"),
    ("2001:db8:::1", "no IPv6"),
    ("2001:db8::g", "no IPv6"),
    ("1:2:3:4:5:6:7:8:9", "no IPv6"),
    ("localhost", "no IP address"),
    ("서버 오류", "no IP address"),
    ("=1+1", "no IP address"),
    ("203.0.113.seven", "no IP address"),
    ("2" * 300, "300 characters"),
]


def test_the_table_holds_at_least_sixty_addresses() -> None:
    assert len({text for text, *_ in READ} | set(NONE) | {text for text, _ in REFUSED}) >= 60


@pytest.mark.parametrize(("text", "plain", "port"), READ)
def test_read(text: str, plain: str, port: int | None) -> None:
    found = parse_address(text)
    assert (str(found), found.port) == (plain, port)


@pytest.mark.parametrize("text", NONE)
def test_no_address_is_no_fault(text: str) -> None:
    with pytest.raises(AddressFault) as caught:
        parse_address(text)
    assert caught.value.missing


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(AddressFault) as caught:
        parse_address(text)
    assert not caught.value.missing
    assert reason in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("compiled_from", [0, 10**9])
def test_a_column_says_the_same_as_single_addresses(
    compiled_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns_module, "COMPILED_FROM", compiled_from)
    texts = [text for text, *_ in READ] + NONE + [text for text, _ in REFUSED] + [None]
    found = parse_addresses(pd.Series(texts, dtype="str"))
    for place, text in enumerate(texts):
        if text is None:
            assert found.version[place] == 0
            assert found.missing[place]
            continue
        single = outcome(text)
        if isinstance(single, AddressFault):
            assert found.version[place] == 0
            assert found.missing[place] == single.missing
        else:
            assert int(found.high[place]) << 64 | int(found.low[place]) == single.value
            assert found.port[place] == (-1 if single.port is None else single.port)


def outcome(text: str) -> Address | AddressFault:
    try:
        return parse_address(text)
    except AddressFault as fault:
        return fault


def test_a_slice_of_a_column_is_read_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns_module, "COMPILED_FROM", 0)
    column = pd.Series([f"192.0.2.{n}" for n in range(50)], dtype="str")
    found = parse_addresses(column.iloc[10:20])
    assert (found.low & 0xFF).tolist() == list(range(10, 20))


@given(st.integers(0, 2**32 - 1))
def test_any_ipv4_comes_back(value: int) -> None:
    text = str(ipaddress.IPv4Address(value))
    assert str(parse_address(text)) == text
    assert parse_address(f"::ffff:{text}").value == parse_address(text).value


@given(st.integers(0, 2**128 - 1))
def test_any_ipv6_comes_back(value: int) -> None:
    found = parse_address(ipaddress.IPv6Address(value).exploded)
    assert found.value == value


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_fault(text: str) -> None:
    found = outcome(text)
    if isinstance(found, AddressFault):
        assert found.reason
    else:
        ipaddress.ip_address(str(found))


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**20))
def test_blocks_cover_a_run_once(first: int, length: int) -> None:
    last = min(first + length, 2**32 - 1)
    blocks = network_blocks(first, last)
    place = first
    for begin, prefix in blocks:
        assert begin == place
        assert begin % (1 << (128 - prefix)) == 0
        place += 1 << (128 - prefix)
    assert place == last + 1
    # the fewest: the standard library finds as many
    expected = ipaddress.summarize_address_range(
        ipaddress.IPv6Address(first), ipaddress.IPv6Address(last)
    )
    assert len(blocks) == len(list(expected))


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("203.0.113.0/29", ["203.0.113.0/29"]),
        ("203.0.113.5/29", ["203.0.113.0/29"]),
        ("203.0.113.7", ["203.0.113.7/32"]),
        (f"203.0.113.0/{MASK}", ["203.0.113.0/24"]),
        ("203.0.113.*", ["203.0.113.0/24"]),
        ("10.7.*.*", ["10.7.0.0/16"]),
        ("203.0.113.4-203.0.113.7", ["203.0.113.4/30"]),
        ("203.0.113.4 ~ 9", ["203.0.113.4/30", "203.0.113.8/31"]),
        ("2001:db8::/48", ["2001:db8::/48"]),
        ("2001:db8::-2001:db8::1", ["2001:db8::/127"]),
        ("::ffff:203.0.113.0/120", ["203.0.113.0/24"]),
        ("0.0.0.0/0", ["0.0.0.0/0"]),
    ],
)
def test_networks(text: str, blocks: list[str]) -> None:
    assert [network_text(*block) for block in parse_network(text)] == blocks


@pytest.mark.parametrize(
    "text",
    [
        "203.0.113.0/33",
        "203.0.113.0/",
        "203.0.113.9-203.0.113.4",
        "203.0.113.4-203.0.113.7~9",
        "203.0.113.9-",
        "2001:db8::/129",
        "203.0.113.4-2001:db8::1",
        f"203.0.113.0/{ODD_MASK}",
        "*.0.0.1",
        "network",
        "203.0.113.7:80/32",
        "::ffff:203.0.113.0/64",
    ],
)
def test_networks_refused(text: str) -> None:
    with pytest.raises(AddressFault):
        parse_network(text)
