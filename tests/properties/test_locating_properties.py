"""Locating by index says what a plain look through all leases says, and nothing is lost."""

from __future__ import annotations

import ipaddress
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.geolocation import LeaseIndex, locate_events, location_summary
from crimeloc.geometry import points
from crimeloc.tables import LOCATED, validate

VENUES = gpd.GeoDataFrame(
    {"venue_id": [f"V-{n}" for n in range(5)], "seats": [10.0, 20.0, 30.0, np.nan, 40.0]},
    geometry=points([[126.9 + n / 50, 37.5] for n in range(5)]),
)
SIZES = {"V-0": 10.0, "V-1": 20.0, "V-2": 30.0, "V-3": 25.0, "V-4": 40.0}  # the median for V-3
EPOCH = pd.Timestamp("2026-03-01", tz="UTC")

NETWORKS = [
    "203.0.113.0/24",
    "203.0.113.0/29",
    "203.0.113.4/30",
    "203.0.113.5/32",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8::/126",
    "2001:db8::1/128",
    "255.255.255.255/32",
]
ADDRESSES = [
    "203.0.113.5",
    "203.0.113.4",
    "203.0.113.1",
    "203.0.113.9",
    "198.51.100.1",
    "255.255.255.255",
    "0.0.0.0",
    "2001:db8::1",
    "2001:db8::2",
    "2001:db8::9",
    "::ffff:203.0.113.5",
    "2001:db9::",
    None,
    "unknown",
    "nonsense",
]

minutes = st.integers(0, 12)
maybe = st.one_of(st.none(), minutes)
lease = st.tuples(
    st.sampled_from(NETWORKS),
    st.integers(0, 5),
    maybe,
    maybe,
    st.one_of(st.none(), st.tuples(st.integers(0, 6), st.integers(0, 6))),
)
event = st.tuples(
    st.sampled_from(ADDRESSES),
    minutes,
    st.one_of(st.none(), st.integers(0, 6)),
    st.one_of(st.none(), st.integers(0, 4)),
)


def at(minute: int | None) -> pd.Timestamp | None:
    return None if minute is None else EPOCH + pd.Timedelta(minute, "min")


def lease_table(rows: list[tuple]) -> pd.DataFrame:  # type: ignore[type-arg]
    fixed = [(n, v, a, b, p) for n, v, a, b, p in rows if a is None or b is None or a <= b]
    fixed = [(n, v, a, b, tuple(sorted(p)) if p else (None, None)) for n, v, a, b, p in fixed]
    return pd.DataFrame(
        {
            "network": pd.Series([r[0] for r in fixed], dtype="str"),
            "venue_id": pd.Series([f"V-{r[1]}" for r in fixed], dtype="str"),
            "valid_from": pd.Series([at(r[2]) for r in fixed], dtype="datetime64[us, UTC]"),
            "valid_to": pd.Series([at(r[3]) for r in fixed], dtype="datetime64[us, UTC]"),
            "port_min": pd.array([r[4][0] for r in fixed], dtype="Int64"),
            "port_max": pd.array([r[4][1] for r in fixed], dtype="Int64"),
        }
    )


def event_table(rows: list[tuple]) -> pd.DataFrame:  # type: ignore[type-arg]
    return pd.DataFrame(
        {
            "event_id": pd.Series([f"E-{n}" for n in range(len(rows))], dtype="str"),
            "timestamp": pd.Series([at(r[1]) for r in rows], dtype="datetime64[us, UTC]"),
            "timestamp_end": pd.Series(
                [None if r[3] is None else at(r[1] + r[3]) for r in rows],
                dtype="datetime64[us, UTC]",
            ),
            "ip": pd.Series([r[0] for r in rows], dtype="str"),
            "port": pd.array([r[2] for r in rows], dtype="Int64"),
        }
    )


def by_hand(
    leases: pd.DataFrame, text: str, port: int | None, begin: int, end: int
) -> dict[str, float]:
    """Weights by going through all leases at each half minute, in exact arithmetic."""
    address = ipaddress.ip_address(text)
    address = getattr(address, "ipv4_mapped", None) or address
    weights: dict[str, Fraction] = {}
    # boundaries lie on whole minutes: within a minute nothing changes
    instants = (
        [Fraction(begin)] if begin == end else [m + Fraction(1, 2) for m in range(begin, end)]
    )
    for instant in instants:
        valid = []
        for row in leases.itertuples():
            network = ipaddress.ip_network(row.network)
            if address.version != network.version or address not in network:
                continue
            low = (
                -99 if pd.isna(row.valid_from) else (row.valid_from - EPOCH) / pd.Timedelta("1min")
            )
            high = 99 if pd.isna(row.valid_to) else (row.valid_to - EPOCH) / pd.Timedelta("1min")
            if not low <= instant < high:
                continue
            every = pd.isna(row.port_min)
            if port is not None and not every and not row.port_min <= port <= row.port_max:
                continue
            explicit = port is not None and not every
            valid.append(((network.prefixlen, explicit), row.venue_id))
        if not valid:
            continue
        best = max(rank for rank, _ in valid)
        chosen = [venue for rank, venue in valid if rank == best]
        total = sum(Fraction(SIZES.get(venue, 1.0)) for venue in chosen)
        for venue in chosen:
            part = Fraction(SIZES.get(venue, 1.0)) / total / len(instants)
            weights[venue] = weights.get(venue, Fraction(0)) + part
    return {venue: float(weight) for venue, weight in weights.items() if venue in SIZES}


@settings(max_examples=60)
@given(st.lists(lease, max_size=9), st.lists(event, min_size=1, max_size=6))
def test_index_and_hand_agree(leases: list[tuple], events: list[tuple]) -> None:  # type: ignore[type-arg]
    lease_frame, event_frame = lease_table(leases), event_table(events)
    located = locate_events(event_frame, VENUES, lease_frame)
    validate(located, LOCATED)
    assert set(located["event_id"]) == set(event_frame["event_id"])
    for number, (text, begin, port, length) in enumerate(events):
        mine = located[located["event_id"] == f"E-{number}"]
        expected: dict[str, float] = {}
        if text not in (None, "unknown", "nonsense"):
            expected = by_hand(lease_frame, text, port, begin, begin + (length or 0))
        found = dict(zip(mine["venue_id"], mine["weight"], strict=True))
        if not expected:
            assert len(mine) == 1
            assert mine["weight"].iloc[0] == 0
            assert mine["venue_id"].isna().all()
            assert mine["geometry"].isna().all()
        else:
            assert found == pytest.approx(expected, abs=1e-9)
    assert location_summary(located)["events"].sum() == len(events)


@settings(max_examples=20)
@given(st.lists(lease, max_size=9), st.lists(event, min_size=1, max_size=6), st.integers(0, 99))
def test_order_of_rows_plays_no_part(leases: list[tuple], events: list[tuple], seed: int) -> None:  # type: ignore[type-arg]
    lease_frame, event_frame = lease_table(leases), event_table(events)
    rng = np.random.default_rng(seed)
    mixed = locate_events(
        event_frame.iloc[rng.permutation(len(event_frame))],
        VENUES.iloc[rng.permutation(len(VENUES))],
        lease_frame.iloc[rng.permutation(len(lease_frame))],
    )
    plain = locate_events(event_frame, VENUES, lease_frame)
    key = ["event_id", "venue_id"]
    a = plain.sort_values(key).reset_index(drop=True)
    b = mixed.sort_values(key).reset_index(drop=True)
    assert (
        a[["event_id", "venue_id", "how"]]
        .astype("object")
        .equals(b[["event_id", "venue_id", "how"]].astype("object"))
    )
    assert a["weight"].to_numpy() == pytest.approx(b["weight"].to_numpy(), abs=1e-12)


@settings(max_examples=20)
@given(st.lists(lease, max_size=9), st.lists(event, min_size=1, max_size=6))
def test_skew_only_adds_doubt_near_an_edge(leases: list[tuple], events: list[tuple]) -> None:  # type: ignore[type-arg]
    lease_frame, event_frame = lease_table(leases), event_table(events)
    located = locate_events(event_frame, VENUES, lease_frame, skew="2min")
    validate(located, LOCATED)
    for number, (text, begin, port, length) in enumerate(events):
        mine = located[located["event_id"] == f"E-{number}"]
        if text in (None, "unknown", "nonsense"):
            continue
        expected = by_hand(lease_frame, text, port, begin - 2, begin + (length or 0) + 2)
        found = {v: w for v, w in zip(mine["venue_id"], mine["weight"], strict=True) if w > 0}
        assert found == pytest.approx(expected, abs=1e-9)


@settings(max_examples=10)
@given(st.lists(lease, max_size=9))
def test_a_saved_index_is_the_same_index(leases: list[tuple]) -> None:  # type: ignore[type-arg]
    import tempfile
    from pathlib import Path

    index = LeaseIndex.build(lease_table(leases))
    with tempfile.TemporaryDirectory() as folder:
        again = LeaseIndex.load(index.save(Path(folder, "leases.npz")))
    events = event_table([(a, m, p, None) for a in ADDRESSES for m in (0, 5) for p in (None, 3)])
    one, two = (locate_events(events, VENUES, i) for i in (index, again))
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two))


def test_inputs_are_untouched_and_units_of_time_play_no_part() -> None:
    leases = lease_table([("203.0.113.0/29", 0, 1, 7, None), ("203.0.113.0/29", 1, 7, None, None)])
    events = event_table([("203.0.113.5", m, None, None) for m in range(9)])
    copies = events.copy(deep=True), VENUES.copy(deep=True), leases.copy(deep=True)
    expected = locate_events(events, VENUES, leases)
    for before, after in zip(copies, (events, VENUES, leases), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(after))
    assert expected["venue_id"].fillna("-").tolist() == ["-"] + ["V-0"] * 6 + ["V-1"] * 2
    for unit in ("s", "ms", "ns"):
        other = events.assign(timestamp=events["timestamp"].dt.as_unit(unit))
        other["timestamp"] = other["timestamp"].dt.tz_convert("Asia/Seoul")
        found = locate_events(other, VENUES, leases)
        assert found["weight"].tolist() == expected["weight"].tolist()


def test_nothing_in_nothing_out() -> None:
    leases = lease_table([])
    events = event_table([])
    located = locate_events(events, VENUES, leases)
    assert located.empty
    assert {"venue_id", "geometry", "weight", "how", "why"} <= set(located.columns)
    full = locate_events(event_table([("203.0.113.5", 1, None, None)]), VENUES, leases)
    assert full.columns.tolist() == located.columns.tolist()


def test_many_events_at_once_are_located_as_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    leases = lease_table([(n, i % 5, 1, 9, (i, i + 2)) for i, n in enumerate(NETWORKS)])
    rows = [(a, m, p, None) for a in ADDRESSES for m in range(12) for p in (None, 1, 4)]
    events = event_table(rows)
    few = locate_events(events, VENUES, leases)
    monkeypatch.setattr("crimeloc.geolocation.leases.SHARED_FROM", 10)
    monkeypatch.setattr("crimeloc.addresses.columns.COMPILED_FROM", 10)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    pd.testing.assert_frame_equal(
        pd.DataFrame(few), pd.DataFrame(locate_events(events, VENUES, leases))
    )
