"""Whatever a column is called: if a reader does not use it, the report names it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crimeloc as cl
from crimeloc.io.columns.matching import is_known, plain_name
from crimeloc.io.formats.raw_table import printable

VALUES = {
    "times": ["2026-05-04 10:00:00", "2026-05-05 11:30:00"],
    "addresses": ["203.0.113.7", "2001:db8::1"],
    "ports": ["51234", "2048"],
    "hashes": ["9e107d9d372bb6826bd81d3542a419d6", "e4d909c290d0fb1ca068ffaddf22cbd0"],
}
BASE = {
    "events": {"timestamp": ["2026-05-04 10:00", "2026-05-04 11:00"], "ip": ["203.0.113.1"] * 2},
    "venues": {"venue_id": ["a", "b"], "lon": ["127.0", "127.1"], "lat": ["37.5", "37.6"]},
    "leases": {"network": ["203.0.113.1", "203.0.113.2"], "venue_id": ["a", "b"]},
}
NAMES = st.text(
    st.characters(min_codepoint=33, max_codepoint=0xD7A3, categories=("L", "N", "P")),
    min_size=2,
    max_size=20,
).filter(lambda name: bool(plain_name(name)) and not is_known(name) and "'" not in name)


@pytest.mark.parametrize("kind", BASE)
@pytest.mark.parametrize("look", VALUES)
@settings(max_examples=15)
@given(name=NAMES, frame=st.booleans())
def test_a_column_that_is_not_used_is_named(kind: str, look: str, name: str, frame: bool) -> None:
    table = pd.DataFrame(BASE[kind] | {name: VALUES[look]})
    read_kind = {"events": cl.read_events, "venues": cl.read_venues, "leases": cl.read_leases}[kind]
    if frame:
        read = read_kind(table, tz="UTC")
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "file.csv")
            table.to_csv(path, index=False)
            read = read_kind(path, tz="UTC")
    assert read.report is not None
    said = " ".join(map(str, read.report.passed_over))
    used = set(read.report.columns.values())
    assert name in used or repr(printable(name)) in said
