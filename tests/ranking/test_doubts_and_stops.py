"""Few uploads, wide sets; stopped series, small counts; sittings; doubts with names that last."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.ranking.model.desistance import Pauses, fit_pauses, gaps, silence
from crimeloc.ranking.model.timing import at_least_one
from crimeloc.units import DAY_S, WEEK_S

AT = "2026-01-01 00:00+09:00"
TZ = "Asia/Seoul"


def _at(venues, times, names) -> gpd.GeoDataFrame:
    place = venues.set_index("venue_id").geometry
    return gpd.GeoDataFrame(
        {
            "event_id": [f"X{i}" for i in range(len(names))],
            "timestamp": pd.DatetimeIndex(times),
            "venue_id": names,
            "weight": 1.0,
            "how": "made up",
            "tz": TZ,
        },
        geometry=place.loc[list(names)].to_numpy() if len(names) else [],
        crs=4326,
    )


def test_little_knowledge_makes_wide_sets(ranker, venues, located):
    past = located[(located["series_id"] == "S1") & (located["timestamp"] < pd.Timestamp(AT))]
    sizes = {}
    for n in (0, 1, 2, 3, 8):
        ranking = ranker.rank(past.drop(columns="series_id").tail(n).assign(tz=TZ), at=AT)
        found = ranking.credible_set(0.8, by="venues")
        sizes[n] = found.used, len(ranking.credible_set(0.8))
        assert len(ranking.doubts[ranking.series[0]]) or n > 5
    held = [used for used, _ in sizes.values()]
    assert min(held[:4]) > 0.9  # 80 % asked for, and little known
    assert sizes[0][1] >= sizes[1][1] >= sizes[3][1] >= sizes[8][1]


def test_a_doubt_is_a_code_with_numbers_in_both_languages(ranker, venues):
    few = _at(venues, pd.date_range("2025-12-20 20:00", periods=2, tz=TZ), ["V03", "V04"])
    ranking = ranker.rank(few, at=AT)
    (doubt,) = ranking.doubts[ranking.series[0]]
    assert (doubt.code, doubt.params) == ("doubt.few", {"n": 2.0})
    assert ranking.abstained[ranking.series[0]] == doubt
    assert str(doubt).startswith("Only 2 located uploads before this moment")
    assert "2건뿐" in doubt.text("ko")


def test_who_never_returns_is_said_to_wander(ranker, venues):
    times = pd.date_range("2025-11-20 20:00", periods=20, freq="36h", tz=TZ)
    order = np.random.default_rng(4).permutation(30)[:20]
    names = venues["venue_id"].to_numpy()[order]
    ((first, *_),) = ranker.rank(_at(venues, times, names), at=AT).doubts.values()
    assert first.code in ("doubt.wanders", "doubt.unpredictable")


def test_one_venue_alone_is_one_venue(ranker, venues):
    times = pd.date_range("2025-11-20 20:00", periods=40, freq="1D", tz=TZ)
    ranking = ranker.rank(_at(venues, times, ["V05"] * 40), at=AT)
    assert not ranking.abstained
    assert ranking.credible_set(0.8, by="venues").table["venue_id"].iloc[0] == "V05"


def test_silence_lets_the_count_fall(ranker, venues):
    times = pd.date_range("2025-09-01 20:00", periods=30, freq="1D", tz=TZ)
    table = _at(venues, times, ["V05", "V06"] * 15)
    count = [
        ranker.rank(table, at=f"2025-{day} 00:00+09:00").windows["expected"].sum()
        for day in ("10-01", "10-08", "10-22", "12-17")
    ]
    assert count == sorted(count, reverse=True)
    assert count[0] > 3.0
    assert count[-1] < 0.2


def test_pauses_are_found_again():
    rng = np.random.default_rng(8)
    series = []
    for _ in range(150):
        n = min(int(rng.geometric(0.04)), 60)  # one sitting in 25 is the last
        series.append(np.cumsum(rng.exponential(2 * DAY_S, n)))
    found = fit_pauses(series, until=max(t[-1] for t in series) + WEEK_S, start=Pauses())
    assert found.last == pytest.approx(0.04, abs=0.015)
    z = np.concatenate([gaps(t)[2:] for t in series if len(t) > 3])
    for limit in (1.0, 2.0, 4.0):
        awaited = (z > limit).mean() / (z > 0.5).mean()
        assert float(found.longer(np.array(limit))) == pytest.approx(awaited, abs=0.05)


def test_the_chance_of_going_on_falls_with_silence():
    z = np.array([0.0, 0.5, 1.0, 3.0, 10.0, 100.0])
    alive = Pauses().alive(z)
    assert (np.diff(alive) <= 0).all()
    assert alive[0] == pytest.approx(0.97)
    assert alive[-1] < 0.1
    assert silence(np.zeros(0), 5.0) == 0.0


def test_sittings_not_uploads_make_at_least_one():
    assert at_least_one(np.array(0.3), np.inf) == pytest.approx(1 - np.exp(-0.3))
    assert at_least_one(np.array(0.3), np.inf, 1.5) == pytest.approx(1 - np.exp(-0.2))
    assert at_least_one(np.array(2.0), 2.0) == pytest.approx(0.75)
