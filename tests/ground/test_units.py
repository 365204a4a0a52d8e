from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.units import (
    MISSING,
    generator,
    instant,
    instant_us,
    instants,
    local_zone,
    seconds,
    to_timestamps,
    wall_clock,
)


@pytest.mark.parametrize(
    ("words", "value"),
    [("36h", 129_600), ("7D", 604_800), ("90min", 5_400), (dt.timedelta(hours=1), 3_600)],
)
def test_words_become_seconds(words: object, value: float) -> None:
    assert seconds(words) == value  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", ["36", 36, 36.0, None, "", "soon", "-3h", "0h", "NaT"])
def test_a_duration_without_meaning_is_refused(bad: object) -> None:
    with pytest.raises(ParameterError, match=r"gap: found .* hint: gap="):
        seconds(bad, "gap")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "bad", ["2026-03-01", "2026-03-01 10:00", pd.NaT, None, 5, "yesterday-ish"]
)
def test_a_moment_without_a_zone_is_refused(bad: object) -> None:
    with pytest.raises(ParameterError, match="at: found"):
        instant(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("tz", ["UTC", "Asia/Seoul", "America/New_York"])
def test_all_units_and_zones_give_the_same_instants(unit: str, tz: str) -> None:
    moments = pd.Series(
        pd.to_datetime(["2026-03-01 00:00:07+09:00", "1969-12-31 23:59:59+00:00"], utc=True)
    )
    column = moments.dt.tz_convert(tz).dt.as_unit(unit)  # type: ignore[arg-type]
    assert instants(column).tolist() == [1_772_290_807_000_000, -1_000_000]


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_missing_moments_are_kept_apart(unit: str) -> None:
    column = pd.Series([pd.NaT, pd.Timestamp("2026-01-01", tz="UTC")]).dt.as_unit(unit)  # type: ignore[arg-type]
    assert instants(column)[0] == MISSING
    assert to_timestamps(instants(column)).isna().tolist() == [True, False]


def test_nanoseconds_are_cut_not_rounded() -> None:
    column = pd.Series([pd.Timestamp("1970-01-01 00:00:00.000001999", tz="UTC")])
    assert instants(column).tolist() == [1]


def test_naive_columns_are_refused() -> None:
    with pytest.raises(ParameterError, match="times without a zone"):
        instants(pd.Series(pd.to_datetime(["2026-01-01"])))


def test_local_zone_goes_by_argument_then_column_then_dtype() -> None:
    seoul = pd.Series(pd.to_datetime(["2026-01-01"])).dt.tz_localize("Asia/Seoul")
    table = pd.DataFrame({"timestamp": seoul, "tz": ["America/New_York"]})
    assert local_zone(table, "Europe/Paris") == "Europe/Paris"
    assert local_zone(table) == "America/New_York"
    assert local_zone(table[["timestamp"]]) == "Asia/Seoul"
    with pytest.raises(ParameterError, match="no local time zone"):
        local_zone(table[["timestamp"]].assign(timestamp=seoul.dt.tz_convert("UTC")))
    with pytest.raises(ParameterError, match="2 zones"):
        local_zone(pd.DataFrame({"tz": ["Asia/Seoul", "Asia/Tokyo"]}))


def test_the_wall_follows_daylight_saving() -> None:
    before = instant_us("2026-03-08 01:59:00-05:00")
    walls = wall_clock(np.array([before, before + 60_000_000]), "America/New_York")
    assert (walls[1] - walls[0]) / 60_000_000 == 61  # 01:59 -> 03:00


@pytest.mark.parametrize("bad", [None, -1, 1.5, "7", True])
def test_dice_without_a_seed_are_refused(bad: object) -> None:
    with pytest.raises(ParameterError, match="rng: found"):
        generator(bad)  # type: ignore[arg-type]


def test_a_generator_is_used_as_it_is() -> None:
    dice = np.random.default_rng(1)
    assert generator(dice) is dice
