"""Pairs of leases that clash: the same as by going through all pairs, and bounded."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.io import lease_conflicts

DAY = pd.Timestamp("2026-03-01", tz="UTC")
ROW = st.tuples(
    st.integers(0, 2),
    st.one_of(st.none(), st.integers(0, 6)),
    st.one_of(st.none(), st.integers(0, 6)),
    st.one_of(st.none(), st.tuples(st.integers(0, 5), st.integers(0, 5))),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(ROW, max_size=8))
def test_pairs_are_those_found_by_hand(rows: list[tuple]) -> None:  # type: ignore[type-arg]
    rows = [row for row in rows if row[1] is None or row[2] is None or row[1] <= row[2]]
    days = [[None if d is None else DAY + pd.Timedelta(d, "D") for d in row[1:3]] for row in rows]
    ports = [sorted(row[3]) if row[3] else [None, None] for row in rows]
    table = pd.DataFrame(
        {
            "network": pd.Series([f"203.0.113.{row[0]}/32" for row in rows], dtype="str"),
            "venue_id": pd.Series([f"V-{n}" for n in range(len(rows))], dtype="str"),
            "valid_from": pd.Series([d[0] for d in days], dtype="datetime64[us, UTC]"),
            "valid_to": pd.Series([d[1] for d in days], dtype="datetime64[us, UTC]"),
            "port_min": pd.array([p[0] for p in ports], dtype="Int64"),
            "port_max": pd.array([p[1] for p in ports], dtype="Int64"),
        }
    )
    expected = set()
    spells = [(-1 if r[1] is None else r[1], 99 if r[2] is None else r[2]) for r in rows]
    blocks = [(0, 65_535) if p[0] is None else (p[0], p[1]) for p in ports]
    for i in range(len(rows)):
        for k in range(i + 1, len(rows)):
            begin = max(spells[i][0], spells[k][0])
            same_time = begin < min(spells[i][1], spells[k][1])
            lasting = spells[i][0] < spells[i][1] and spells[k][0] < spells[k][1]
            same_port = max(blocks[i][0], blocks[k][0]) <= min(blocks[i][1], blocks[k][1])
            if rows[i][0] == rows[k][0] and same_time and lasting and same_port:
                expected.add((f"V-{i}", f"V-{k}"))
    found = lease_conflicts(table)
    pairs = {
        tuple(sorted(pair))
        for pair in found[["venue_id", "other_venue_id"]].itertuples(index=False)
    }
    assert pairs == expected


def test_a_list_in_which_all_clash_is_bounded() -> None:
    size = 20_000
    table = pd.DataFrame(
        {"network": ["203.0.113.7/32"] * size, "venue_id": [f"V-{n}" for n in range(size)]}
    )
    assert len(lease_conflicts(table, at_most=50_000)) == 50_000


def test_blocks_of_ports_that_lie_apart_take_no_memory() -> None:
    size = 4_096
    table = pd.DataFrame(
        {
            "network": "203.0.113.7/32",
            "venue_id": [f"V-{n}" for n in range(size)],
            "port_min": np.arange(size) * 16,
            "port_max": np.arange(size) * 16 + 15,
        }
    )
    assert lease_conflicts(table).empty
