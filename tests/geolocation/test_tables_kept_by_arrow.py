"""Tables whose columns Arrow keeps are located as those that numpy keeps."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

import crimeloc as cl
from crimeloc.errors import TableError
from crimeloc.geometry import points
from crimeloc.units import has_zone, instants

EVENTS = pd.DataFrame(
    {
        "event_id": ["e1", "e2", "e3"],
        "ip": ["198.51.100.1", "198.51.100.2", "2001:db8::1"],
        "timestamp": pd.to_datetime(
            ["2026-03-01 14:05Z", "2026-03-02 00:00:00.000001Z", "2026-03-03 01:00Z"],
            format="ISO8601",
        ),
    }
)
LEASES = pd.DataFrame(
    {
        "network": ["198.51.100.1/32", "198.51.100.2/32"],
        "venue_id": ["V-1", "V-2"],
        "valid_to": pd.to_datetime(
            ["2026-03-01 14:05Z", "2026-03-02 00:00:00.000002Z"], format="ISO8601"
        ),
    }
)
VENUES = gpd.GeoDataFrame({"venue_id": ["V-1", "V-2"]}, geometry=points([[127, 37], [128, 36]]))


def test_both_kinds_of_tables_give_the_same_candidates() -> None:
    plain = cl.locate_events(EVENTS, VENUES, LEASES)
    arrow = [table.convert_dtypes(dtype_backend="pyarrow") for table in (EVENTS, LEASES)]
    other = cl.locate_events(arrow[0], VENUES, arrow[1])
    for name in ("weight", "how", "why"):
        assert plain[name].tolist() == other[name].tolist()
    assert instants(arrow[0]["timestamp"]).tolist() == instants(EVENTS["timestamp"]).tolist()


@pytest.mark.parametrize("backend", ["numpy_nullable", "pyarrow"])
def test_times_without_a_zone_are_refused_whoever_keeps_them(backend: str) -> None:
    bare = EVENTS.assign(timestamp=EVENTS["timestamp"].dt.tz_localize(None))
    bare = bare.convert_dtypes(dtype_backend=backend)
    assert not has_zone(bare["timestamp"].dtype)
    with pytest.raises(TableError, match="without a zone"):
        cl.locate_events(bare, VENUES, LEASES)
