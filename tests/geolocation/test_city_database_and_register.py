"""A city database places nothing at a venue that was not in business at that moment."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.addresses import Addresses
from crimeloc.geolocation import CityDatabase, locate_events
from crimeloc.geometry import points

VENUES = gpd.GeoDataFrame(
    {
        "venue_id": ["V-1", "V-2", "V-3", "V-far"],
        "opened": pd.to_datetime(["2020-01-01", "2026-03-10", None, None], utc=True),
        "closed": pd.to_datetime(["2026-02-01", None, None, None], utc=True),
        "seats": [10.0, 30.0, 10.0, 10.0],
    },
    geometry=points([[126.98, 37.56], [126.99, 37.56], [126.98, 37.57], [129.0, 35.1]]),
)


class Around(CityDatabase):
    """Every address within 5 km of one point."""

    def places(self, addresses: Addresses, rows: np.ndarray) -> np.ndarray:
        return np.tile([126.98, 37.56, 5_000.0], (len(rows), 1))


@pytest.fixture
def city() -> Around:
    return Around(Path("none.mmdb"))


def weights(
    city: Around, begin: str, end: str | None, venues: gpd.GeoDataFrame
) -> dict[str, float]:
    events = pd.DataFrame(
        {
            "event_id": ["e"],
            "ip": ["203.0.113.7"],
            "timestamp": pd.to_datetime([begin], utc=True),
            "timestamp_end": pd.to_datetime([end], utc=True),
        }
    )
    located = locate_events(events, venues, city=city)
    assert not located["why"].astype("str").str.contains("register").any()
    found = located.dropna(subset="venue_id")
    return dict(zip(found["venue_id"], found["weight"].round(6), strict=True))


def test_only_venues_in_business_take_weight(city: Around) -> None:
    assert weights(city, "2026-01-15", None, VENUES) == {"V-1": 0.335, "V-3": 0.335}
    assert weights(city, "2026-02-01", None, VENUES) == {"V-3": 0.67}
    assert weights(city, "2026-03-10", None, VENUES) == {"V-2": 0.5025, "V-3": 0.1675}
    assert set(weights(city, "2026-01-31", "2026-03-11", VENUES)) == {"V-1", "V-2", "V-3"}
    assert weights(city, "2026-03-01", None, VENUES.iloc[:2]) == {}


def test_many_moments_at_once_say_what_each_alone_says(city: Around) -> None:
    days = pd.date_range("2026-01-20", "2026-03-20", freq="2D", tz="UTC")
    ids = [f"e{n}" for n in range(len(days))]
    events = pd.DataFrame({"event_id": ids, "ip": "203.0.113.7", "timestamp": days})
    located = locate_events(events, VENUES, city=city)
    for event_id, day in zip(ids, days, strict=True):
        rows = located[located["event_id"] == event_id]
        found = dict(zip(rows["venue_id"], rows["weight"].round(6), strict=True))
        assert found == weights(city, str(day), None, VENUES)
        assert rows["weight"].sum() == pytest.approx(0.67)


@pytest.mark.parametrize("said", ["true", "1", 1.0, True, "예", " Y "])
def test_what_the_platform_says_of_proxies_is_understood(said: object) -> None:
    events = pd.DataFrame(
        {
            "event_id": ["e"],
            "ip": ["203.0.113.7"],
            "possible_proxy": [said],
            "timestamp": pd.to_datetime(["2026-03-01"], utc=True),
        }
    )
    assert locate_events(events, VENUES)["how"].tolist() == ["proxy"]
