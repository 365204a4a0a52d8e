"""Many series: p-values that allow for their number, by two ways."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.geometry import points
from crimeloc.stats import by_series, changepoints, knox_test, regularity, scan_test
from crimeloc.stats.adjust import adjusted_p, p_of_each_world

PLACES = np.array([[127.0 + i % 4 * 0.03, 37.5 + i // 4 * 0.02] for i in range(12)])


def series(seed: int, name: str, *, burst: bool = False) -> gpd.GeoDataFrame:
    """Eighty uploads at twelve venues over 100 days; a burst is 15 of them at one within 4 days."""
    rng = np.random.default_rng(seed)
    at, days = rng.integers(0, 12, 80), rng.uniform(0, 100, 80)
    if burst:
        at[:15], days[:15] = 2, 50 + np.arange(15) / 4
    moment = pd.Timestamp("2026-01-05", tz="Asia/Seoul") + pd.to_timedelta(days, unit="D")
    return gpd.GeoDataFrame(
        {
            "event_id": [f"{name}{i:02}" for i in range(80)],
            "timestamp": moment,
            "series_id": name,
            "venue_id": [f"V{v}" for v in at],
            "weight": 1.0,
            "how": "given",
        },
        geometry=list(points(PLACES[at])),
        crs=4326,
    )


def many(seed: int = 0, n: int = 8, *, bursts: int = 0) -> gpd.GeoDataFrame:
    parts = [series(100 * seed + i, f"S{i}", burst=i < bursts) for i in range(n)]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=4326)


def test_adjusted_p_values_against_a_worked_example() -> None:
    """Benjamini and Hochberg (1995), section 3.2: the first four of fifteen are found at .05."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    p += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    adjusted = adjusted_p(np.array(p), "bh")
    assert (adjusted <= 0.05).sum() == 4
    assert (np.diff(adjusted) >= 0).all()
    assert adjusted_p(np.array(p), None).tolist() == p


def test_stepping_down_holds_the_error_of_any_finding_and_beats_bonferroni() -> None:
    rng = np.random.default_rng(0)
    errors = 0
    for _ in range(400):
        worlds = np.column_stack([p_of_each_world(rng.normal(size=199)) for _ in range(10)])
        errors += bool((adjusted_p(rng.uniform(size=10), "westfall_young", worlds) <= 0.05).any())
    assert errors <= 32  # 20 expected, with a standard deviation of 4.4
    worlds = np.column_stack([p_of_each_world(rng.normal(size=999))] * 10)  # ten times one test
    assert adjusted_p(np.full(10, 0.03), "westfall_young", worlds).max() < 0.05


@pytest.mark.parametrize("adjust", ["bh", "westfall_young"])
def test_bursts_are_found_among_many_series(adjust: str) -> None:
    located = many(bursts=2)
    common = {"rng": 7, "n_permutations": 199, "adjust": adjust}
    knox = by_series(knox_test, located, radius_m=400, gap="24h", **common)
    assert set(knox.found["series_id"]) == {"S0", "S1"}
    windows = {"max_duration": "14D", "max_radius_m": 500, "strata": None, "n_jobs": 1}
    scan = by_series(scan_test, located, **windows, **common)
    assert set(scan.found["series_id"]) == {"S0", "S1"}
    assert (scan.table["p_adjusted"] >= scan.table["p_value"]).all()
    assert scan.results["S0"].clusters["venues"].iloc[0] == "V2"
    assert "2 of 8 series" in str(scan)


def test_without_patterns_the_error_is_held_over_all_series() -> None:
    plain, held = 0, 0
    for seed in range(12):
        found = by_series(
            knox_test, many(seed), rng=seed, n_permutations=59, radius_m=400, gap="48h"
        )
        plain += bool((found.table["p_value"] <= 0.05).any())
        held += bool(found.table["found"].any())
    assert held <= 3
    assert held < plain


def test_changes_and_regularity_adjust_too() -> None:
    located = many()
    plain = changepoints(located, rng=7, n_permutations=99)
    for adjust in ("bh", "westfall_young"):
        adjusted = changepoints(located, rng=7, n_permutations=99, adjust=adjust)
        assert (adjusted.tests["p_adjusted"] >= adjusted.tests["p_value"]).all()
        assert adjusted.tests["p_value"].tolist() == plain.tests["p_value"].tolist()
        table = regularity(located, rng=7, n_resamples=99, adjust=adjust)
        assert (table["p_adjusted"] >= table["p_value"]).all()
    assert (plain.tests["p_adjusted"] == plain.tests["p_value"]).all()


def test_too_few_uploads_are_not_tested_and_counted() -> None:
    located = many(n=3)
    few = located[~((located["series_id"] == "S1") & (located["event_id"] > "S102"))]
    found = by_series(knox_test, few, rng=7, n_permutations=9)
    assert (len(found.table), found.n_too_few) == (2, 1)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [({"adjust": "holm"}, 'adjust="bh"'), ({"by": "person"}, 'by="series_id"')],
)
def test_wrong_arguments(wrong: dict[str, str], text: str) -> None:
    with pytest.raises(ParameterError, match=text):
        by_series(knox_test, many(n=2), rng=7, **wrong)
    with pytest.raises(ParameterError, match="knox_test or scan_test"):
        by_series(len, many(n=2), rng=7)
