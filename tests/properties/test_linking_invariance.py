"""Linking: the order of rows, units of time, zone, week and place of the city play no part."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crimeloc.linking import link_events, trace_content
from crimeloc.simulation import make_city
from crimeloc.tables import EVENTS, LOCATED, empty


@pytest.fixture(scope="module")
def table() -> gpd.GeoDataFrame:
    city = make_city(rng=5, n_venues=20, n_offenders=3, n_background=30, days=60)
    return city.located_truth().drop(columns="series_id")


@pytest.fixture(scope="module")
def named(table: gpd.GeoDataFrame) -> pd.DataFrame:
    return _named(link_events(table).events)


def _named(events: pd.DataFrame) -> pd.DataFrame:
    columns = ["event_id", "series_id", "series_weight"]
    return pd.DataFrame(events[columns]).sort_values("event_id", ignore_index=True)


@settings(max_examples=6)
@given(seed=st.integers(0, 1_000))
def test_order_of_rows(table: gpd.GeoDataFrame, named: pd.DataFrame, seed: int) -> None:
    shuffled = table.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(_named(link_events(shuffled).events), named)


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
def test_units_and_zones(table: gpd.GeoDataFrame, named: pd.DataFrame, unit: str) -> None:
    changed = table.copy()
    changed["timestamp"] = table["timestamp"].dt.tz_convert("Asia/Seoul").dt.as_unit(unit)
    pd.testing.assert_frame_equal(_named(link_events(changed).events), named)


def test_a_week_later_is_the_same(table: gpd.GeoDataFrame, named: pd.DataFrame) -> None:
    later = table.assign(timestamp=table["timestamp"] + pd.Timedelta(weeks=1))
    pd.testing.assert_frame_equal(_named(link_events(later).events), named)


def test_a_city_elsewhere_is_the_same(table: gpd.GeoDataFrame, named: pd.DataFrame) -> None:
    moved = table.copy()
    moved["geometry"] = table.geometry.translate(0.1, 0.0)
    pd.testing.assert_frame_equal(_named(link_events(moved).events), named)


def test_other_names_for_accounts_change_nothing(
    table: gpd.GeoDataFrame, named: pd.DataFrame
) -> None:
    renamed = table.assign(handle="z" + table["handle"].str[::-1])
    again = _named(link_events(renamed).events)
    assert (again["series_id"].fillna("-") == named["series_id"].fillna("-")).mean() > 0.99


@pytest.mark.parametrize("contract", [EVENTS, LOCATED])
def test_empty_in_empty_out(contract: object) -> None:
    nothing = empty(contract)  # type: ignore[arg-type]
    found = link_events(nothing)
    assert found.events.columns.tolist() == [*nothing.columns, "series_id", "series_weight"]
    assert len(found.pairs) == len(found.series) == 0
    traced = trace_content(nothing.assign(content_hash=pd.Series(dtype="str")))
    assert len(traced.uploads) == len(traced.sources) == 0
