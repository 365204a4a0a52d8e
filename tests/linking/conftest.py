"""A small made-up city, linked once."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from crimeloc.linking import Links, link_events
from crimeloc.simulation import City, make_city


@pytest.fixture(scope="session")
def city() -> City:
    return make_city(rng=11, n_venues=40, n_offenders=6, n_background=120, days=120)


@pytest.fixture(scope="session")
def located(city: City) -> gpd.GeoDataFrame:
    return city.located_truth().drop(columns="series_id")


@pytest.fixture(scope="session")
def links(located: gpd.GeoDataFrame) -> Links:
    return link_events(located)


@pytest.fixture(scope="session")
def uploader(city: City) -> pd.Series:
    return city.truth.set_index("event_id")["uploader_id"]
