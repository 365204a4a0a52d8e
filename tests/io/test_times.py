"""Times as people and machines write them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crimeloc.io.parsing.times import parse_times
from crimeloc.units import MISSING, instant_us

SEOUL = "Asia/Seoul"
MOMENT = instant_us("2026-03-01 23:05+09:00")


def one(text: object, tz: str = SEOUL) -> tuple[int, int, object]:
    found = parse_times(pd.Series([text]), tz)
    return int(found.start[0]), int(found.end[0]), found.fault[0]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 23:05",
        "2026-03-01T23:05:00",
        "2026-03-01 23:05:00+09:00",
        "2026-03-01T14:05:00Z",
        "2026-03-01T14:05:00.000Z",
        "2026-03-01 14:05 UTC",
        "2026-03-01T23:05:00+0900",
        "2026-03-01T23:05:00+09",
        "2026-03-01 23:05 KST",
        "2026-03-01T23:05:00+09:00[Asia/Seoul]",
        "2026/03/01 23:05",
        "2026.03.01 23:05",
        "2026. 3. 1. 23:05",
        "2026. 3. 1. 오후 11:05",
        "2026년 3월 1일 오후 11:05",
        "2026년 3월 1일 오후 11시 5분",
        "2026년 03월 01일 23시 05분 00초",
        "2026년 3월 1일(일) 23:05",
        "2026년 3월 1일 일요일 오후 11:05:00",
        "2026-03-01 11:05 PM",
        "2026-03-01 11:05:00 p.m.",
        "2026-03-01 오후 11:05",
        "20260301230500",
        "20260301 230500",
        "20260301T140500Z",
        "1772373900",
        "1772373900.0",
        "1772373900000",
        "1772373900000000",
        "1772373900000000000",
        "Sun, 01 Mar 2026 23:05:00 +0900",
        "01/Mar/2026:23:05:00 +0900",
        "Mar 1, 2026 11:05 PM",
        "  2026-03-01 23:05 ",
        "２０２６-０３-０１ ２３:０５",
        "\ufeff2026-03-01 23:05",
    ],
)
def test_forms_of_one_moment(text: str) -> None:
    assert one(text) == (MOMENT, MISSING, None)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("오전 12:05", 0),
        ("오전 0:05", 0),
        ("오후 12:05", 12),
        ("오후 0:05", 12),
        ("오전 11:05", 11),
        ("오후 1:05", 13),
        ("오후 13:05", 13),
    ],
)
def test_noon_and_midnight(text: str, hour: int) -> None:
    start, _, fault = one(f"2026년 3월 1일 {text}")
    assert fault is None
    assert start == instant_us(f"2026-03-01 {hour:02d}:05+09:00")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-03-01T23:05:00[America/New_York]", "not a time"),
        ("03/01/2026 11:05 PM", "day and month"),
        ("1.3.2026", "day and month"),
        ("2026-02-30 10:00", "no such day"),
        ("2026-13-01 10:00", "no such day"),
        ("2025년 11월 31일 오후 9:40", "no such day"),
        ("2026-03-01 25:00", "no such time"),
        ("2026-03-01 10:61", "no such time"),
        ("2026년 3월 1일 오전 13:05", "morning hour"),
        ("어제 밤 11시쯤", "not a time"),
        ("=NOW()", "not a time"),
        ("46082", "spreadsheet"),
        ("12", "no epoch"),
        ("99999999999999999999", "no epoch"),
        ("2026-03-01 10:00 PST", "not a"),
        ("2026-03-01 10:00+99:00", "no such offset"),
        ("2500-01-01 00:00", "the year"),
        ("0001-01-01 00:00", "the year"),
    ],
)
def test_refused_with_a_reason(text: str, reason: str) -> None:
    start, _, fault = one(text)
    assert start == MISSING
    assert reason in str(fault)


@pytest.mark.parametrize("text", ["", "  ", "-", "null", "없음", "NaT"])
def test_no_time_is_no_fault(text: str) -> None:
    assert one(text) == (MISSING, MISSING, None)


def test_a_day_without_an_hour_is_an_interval() -> None:
    assert one("2026-03-01") == (
        instant_us("2026-03-01 00:00+09:00"),
        instant_us("2026-03-02 00:00+09:00"),
        None,
    )


def test_midnight_as_24_and_a_leap_second() -> None:
    assert one("2026-02-28 24:00")[0] == instant_us("2026-03-01 00:00+09:00")
    assert one("2016-12-31T23:59:60Z")[0] == instant_us("2017-01-01 00:00+00:00")


def test_what_the_clocks_skipped_is_a_fault_and_what_they_showed_twice_an_interval() -> None:
    zone = "America/New_York"
    start, _, fault = one("2026-03-08 02:30", zone)
    assert start == MISSING
    assert "skipped" in str(fault)
    start, end, fault = one("2026-11-01 01:30", zone)
    assert fault is None
    assert start == instant_us("2026-11-01 01:30-04:00")
    assert end == instant_us("2026-11-01 01:30-05:00")


def test_a_far_end_is_open_only_where_it_may_be() -> None:
    found = parse_times(pd.Series(["9999-12-31"]), SEOUL, far_is_open=True)
    assert found.start[0] == MISSING
    assert found.fault[0] is None


def test_a_year_or_month_alone_only_where_it_may_be() -> None:
    found = parse_times(pd.Series(["2015", "2015-03"]), SEOUL, partial=True)
    assert found.start[0] == instant_us("2015-01-01 00:00+09:00")
    assert found.end[0] == instant_us("2016-01-01 00:00+09:00")
    assert found.end[1] == instant_us("2015-04-01 00:00+09:00")
    assert one("2015")[2] is not None


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_columns_of_times(unit: str) -> None:
    naive = pd.Series(pd.to_datetime(["2026-03-01 23:05", None])).astype(f"datetime64[{unit}]")
    found = parse_times(naive, SEOUL)
    assert found.start.tolist() == [MOMENT, MISSING]
    aware = naive.dt.tz_localize("UTC")
    found = parse_times(aware, SEOUL)
    assert found.start[0] == MOMENT + 9 * 3_600_000_000


@pytest.mark.parametrize("dtype", ["int64", "float64", "Int64"])
def test_columns_of_epoch_numbers(dtype: str) -> None:
    column = pd.Series([1772373900, 1772373901]).astype(dtype)
    assert parse_times(column, SEOUL).start.tolist() == [MOMENT, MOMENT + 1_000_000]


@given(
    st.lists(
        st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)).map(
            lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)
        ),
        min_size=1,
        max_size=20,
    ),
    st.integers(0, 2**32),
)
def test_mixed_forms_name_the_same_moments(times: list[dt.datetime], seed: int) -> None:
    forms = [
        lambda t: t.isoformat() + "Z",
        lambda t: (t + dt.timedelta(hours=9)).isoformat(sep=" ") + "+09:00",
        lambda t: str(int(t.replace(tzinfo=dt.UTC).timestamp() * 1000 + 0.5)),
        lambda t: (t + dt.timedelta(hours=9)).strftime("%Y년 %m월 %d일 %H:%M:%S.%f"),
    ]
    rng = np.random.default_rng(seed)
    texts = [forms[rng.integers(4 if t.year > 2002 else 2)](t) for t in times]
    found = parse_times(pd.Series(texts), "Etc/GMT-9")
    expected = [round(t.replace(tzinfo=dt.UTC).timestamp() * 1e6) for t in times]
    assert found.fault.tolist() == [None] * len(times)
    assert found.start.tolist() == expected


@given(st.lists(st.one_of(st.text(max_size=30), st.none()), max_size=10))
def test_any_text_is_a_time_or_a_fault_or_missing(texts: list[str | None]) -> None:
    column = pd.Series([t.encode("utf-8", "replace").decode() if t else t for t in texts])
    found = parse_times(column.astype("str"), SEOUL)
    assert len(found.start) == len(texts)
    for start, fault in zip(found.start, found.fault, strict=True):
        assert start == MISSING or fault is None
