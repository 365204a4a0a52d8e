from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import TableError
from crimeloc.tables import CONTRACTS, EVENTS, LEASES, LOCATED, VENUES, Contract, empty, validate


def _events(n: int = 3) -> pd.DataFrame:
    times = pd.date_range("2026-03-01", periods=n, freq="h", tz="UTC")
    return pd.DataFrame({"event_id": [f"E{i}" for i in range(n)], "timestamp": times})


def _located(weights: list[float], venues: list[str | None]) -> gpd.GeoDataFrame:
    n = len(weights)
    frame = pd.DataFrame(
        {
            "event_id": ["E0"] * n,
            "timestamp": [pd.Timestamp("2026-03-01", tz="UTC")] * n,
            "venue_id": pd.Series(venues, dtype="str"),
            "weight": weights,
            "how": "lease",
        }
    )
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy([127.0] * n, [37.5] * n), crs=4326)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.name)
def test_an_empty_table_keeps_its_contract(contract: Contract) -> None:
    table = empty(contract)
    assert len(table) == 0
    assert validate(table, contract) is table


def test_sound_tables_pass_whatever_their_dtype_of_text() -> None:
    table = _events()
    for dtype in ("str", "object", "category", "string"):
        validate(table.assign(event_id=table["event_id"].astype(dtype)), EVENTS)


def test_the_table_is_given_back_unchanged() -> None:
    table = _events()
    table.index = [5, 5, 5]
    before = table.copy()
    assert validate(table, EVENTS) is table
    pd.testing.assert_frame_equal(table, before)


def test_several_breaches_are_told_at_once_with_rows() -> None:
    table = _events(4).assign(
        event_id=["a", "a", "b", None],
        port=[1, 2, 70_000, 4],
        source_row=[11, 12, 13, 14],
    )
    with pytest.raises(TableError) as caught:
        validate(table, EVENTS)
    text = str(caught.value)
    assert "events: 3 rules broken" in text
    assert "'a' (source row 11)" in text
    assert "70000 (source row 13)" in text
    assert "a missing value (source row 14)" in text


def test_times_without_a_zone_are_refused_with_the_line_that_mends() -> None:
    naive = _events().assign(timestamp=pd.date_range("2026-03-01", periods=3))
    with pytest.raises(TableError, match=r'times without a zone.*tz="Asia/Seoul"'):
        validate(naive, EVENTS)


def test_a_missing_column_says_what_stands_nearby() -> None:
    with pytest.raises(TableError, match="found a column 'Timestamp '"):
        validate(_events().rename(columns={"timestamp": "Timestamp "}), EVENTS)


def test_a_column_twice_is_refused() -> None:
    table = _events()
    twice = pd.concat([table, table[["event_id"]]], axis=1)
    with pytest.raises(TableError, match="the column twice"):
        validate(twice, EVENTS)


def test_weights_of_an_event_sum_to_at_most_one() -> None:
    validate(_located([0.5, 0.5], ["a", "b"]), LOCATED)
    with pytest.raises(TableError, match="sum to more than 1"):
        validate(_located([0.6, 0.5], ["a", "b"]), LOCATED)
    with pytest.raises(TableError, match="one venue twice"):
        validate(_located([0.5, 0.5], ["a", "a"]), LOCATED)


def test_an_event_without_a_venue_keeps_a_row() -> None:
    table = _located([0.0], [None])
    table["geometry"] = gpd.GeoSeries([None], crs=4326)
    validate(table, LOCATED)


def test_venues_need_points_with_a_crs() -> None:
    base = pd.DataFrame({"venue_id": ["V1"]})
    bare = gpd.GeoDataFrame(base, geometry=gpd.points_from_xy([127.0], [37.5]))
    with pytest.raises(TableError, match="without a CRS"):
        validate(bare, VENUES)
    with pytest.raises(TableError, match="geometry of kind Polygon"):
        validate(bare.set_crs(4326).to_crs(5179).assign(geometry=lambda t: t.buffer(5)), VENUES)
    with pytest.raises(TableError, match="no such column"):
        validate(base, VENUES)


def test_intervals_do_not_run_backwards() -> None:
    table = pd.DataFrame(
        {
            "network": ["192.0.2.0/24"],
            "venue_id": ["V1"],
            "valid_from": [pd.Timestamp("2026-02-01", tz="UTC")],
            "valid_to": [pd.Timestamp("2026-01-01", tz="UTC")],
        }
    )
    with pytest.raises(TableError, match="end before the beginning"):
        validate(table, LEASES)
    validate(table.assign(valid_to=pd.Series([pd.NaT]).dt.tz_localize("UTC")), LEASES)


def test_something_else_than_a_table_is_refused() -> None:
    with pytest.raises(TableError, match="found dict; expected a DataFrame"):
        validate({"event_id": []}, EVENTS)  # type: ignore[type-var]
    with pytest.raises(TableError, match="fractions"):
        validate(_events().assign(port=[1.5, 2, np.nan]), EVENTS)
