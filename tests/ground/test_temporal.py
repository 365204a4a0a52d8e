from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crimeloc.errors import ParameterError
from crimeloc.events.calendar import (
    calendar_windows,
    hours_of_week,
    in_business,
    open_share,
    rest_days,
)
from crimeloc.units import instant_us

HOUR = 3_600_000_000
MOMENTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC))


@given(
    at=MOMENTS,
    days=st.integers(1, 20),
    window=st.sampled_from(["30min", "1h", "4h", "12h", "1D", "7D"]),
    tz=st.sampled_from(["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_windows_tile_the_horizon(at: dt.datetime, days: int, window: str, tz: str) -> None:
    starts, ends = calendar_windows(at, f"{days}D", window, tz=tz)
    assert starts[0] == instant_us(at)
    assert ends[-1] == instant_us(at) + days * 24 * HOUR
    assert (starts[1:] == ends[:-1]).all()
    assert (ends > starts).all()


@given(at=MOMENTS, tz=st.sampled_from(["Asia/Seoul", "America/New_York"]))
def test_inner_edges_stand_on_the_wall_clock(at: dt.datetime, tz: str) -> None:
    starts, _ = calendar_windows(at, "7D", "4h", tz=tz)
    on_the_wall = hours_of_week(starts[1:], tz) % 4
    skipped = np.isin(on_the_wall, [1.0])  # an edge that falls into the hour the wall skips
    assert (on_the_wall[~skipped] == 0).all()


def test_a_week_in_seoul_has_42_windows_of_4_hours() -> None:
    starts, ends = calendar_windows("2026-03-01 00:00+09:00", tz="Asia/Seoul")
    assert len(starts) == 42
    assert set(ends - starts) == {4 * HOUR}


def test_a_window_that_does_not_fit_a_day_is_refused() -> None:
    with pytest.raises(ParameterError, match="a part of a day"):
        calendar_windows("2026-03-01 00:00+09:00", window="5h", tz="Asia/Seoul")


def test_korean_holidays_are_rest_days() -> None:
    """Independence Movement Day 2026 falls on a Sunday; Monday 2 March is its substitute.
    Source: the Korean act on public holidays (substitute holidays since 2021)."""
    day = (dt.date(2026, 3, 2) - dt.date(1970, 1, 1)).days
    assert rest_days(np.array([day, day + 1, day + 5, day - 1])).tolist() == [
        True,
        False,
        True,
        True,
    ]
    assert rest_days(np.array([day]), None).tolist() == [False]
    assert rest_days(np.array([], dtype=np.int64)).tolist() == []
    with pytest.raises(ParameterError, match="ISO code"):
        rest_days(np.array([day]), "XX")


def test_opening_hours_past_midnight() -> None:
    starts, ends = calendar_windows("2026-03-02 00:00+09:00", "1D", "4h", tz="Asia/Seoul")
    hours = pd.Series(["22:00-06:00", None, "24/7", "Tu 10:00-12:00", "off"], dtype="str")
    shares = open_share(hours, starts, ends, tz="Asia/Seoul")
    np.testing.assert_allclose(shares[0], [1, 0.5, 0, 0, 0, 0.5])
    assert (shares[1] == 1).all()
    assert (shares[2] == 1).all()
    assert (shares[3:] == 0).all()


def test_opening_hours_that_cannot_be_read_are_refused() -> None:
    starts, ends = calendar_windows("2026-03-02 00:00+09:00", "1D", tz="Asia/Seoul")
    with pytest.raises(ParameterError, match="OSM opening hours"):
        open_share(pd.Series(["around noon"]), starts, ends, tz="Asia/Seoul")


def test_a_venue_counts_only_while_it_exists() -> None:
    starts, ends = calendar_windows("2026-03-02 00:00+09:00", "1D", "12h", tz="Asia/Seoul")
    opened = pd.Series(pd.to_datetime(["2020-01-01", None, None], utc=True))
    closed = pd.Series(
        pd.to_datetime([None, "2026-03-02 03:00Z", "2019-01-01"], utc=True, format="ISO8601")
    )
    shares = in_business(opened, closed, starts, ends)
    np.testing.assert_allclose(shares, [[1, 1], [1, 0], [0, 0]])
