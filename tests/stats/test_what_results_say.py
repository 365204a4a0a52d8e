"""Each result of a test says what was held fixed, what was shuffled, the seed, what fools it."""

from __future__ import annotations

import pickle

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.geometry import points
from crimeloc.stats import changepoints, knox_test, near_repeat_table, scan_test
from crimeloc.stats._words import counted, quantity

PLACES = np.array([[127.0, 37.5], [127.01, 37.5], [127.05, 37.52]])


def located(n: int = 60) -> gpd.GeoDataFrame:
    dice = np.random.default_rng(3)
    at = dice.integers(0, 3, n)
    start = pd.Timestamp("2026-01-05", tz="Asia/Seoul")
    return gpd.GeoDataFrame(
        {
            "event_id": [f"E{i:02}" for i in range(n)],
            "timestamp": start + pd.to_timedelta(dice.integers(0, 40 * 86_400, n), unit="s"),
            "venue_id": [f"V{v}" for v in at],
            "weight": 1.0,
            "how": "given",
        },
        geometry=list(points(PLACES[at])),
        crs=4326,
    )


SEATS = pd.Series(10.0, index=["V0", "V1", "V2"])
SCAN = {"max_duration": "7D", "n_permutations": 9, "n_jobs": 1}
TESTS = {
    "Knox": lambda table: knox_test(table, rng=41, n_permutations=9),
    "near repeats": lambda table: near_repeat_table(table, rng=41, n_permutations=9),
    "retrospective": lambda table: scan_test(table, rng=41, **SCAN),
    "prospective": lambda table: scan_test(table, rng=41, analysis="prospective", **SCAN),
    "Poisson": lambda table: scan_test(table, rng=41, model="poisson", population=SEATS, **SCAN),
    "changes": lambda table: changepoints(table, rng=41, n_permutations=9),
}


@pytest.mark.parametrize("name", TESTS)
def test_each_result_says_what_it_rests_on(name: str) -> None:
    result = TESTS[name](located())
    for text in (str(result), result._repr_html_()):
        for words in ("held fixed", "shuffled", "seed", "can fool it", "41"):
            assert words in text
    for words in map(str, (result.held_fixed, result.shuffled, result.caveats)):
        assert len(words) > 10
        assert words in str(result)


@pytest.mark.parametrize("name", [name for name in TESTS if name != "changes"])
def test_each_result_survives_a_pickle_and_says_itself_in_any_language(name: str) -> None:
    result = TESTS[name](located())
    again = pickle.loads(pickle.dumps(result))
    assert str(again) == str(result)
    korean = result.text("ko")
    assert "41" in korean
    assert len(korean.splitlines()) == len(str(result).splitlines())


def test_the_near_repeat_table_does_not_depend_on_threads() -> None:
    one, two = (near_repeat_table(located(), rng=41, n_permutations=49, n_jobs=n) for n in (1, 2))
    for name in ("observed", "expected", "ratio", "p_value", "p_adjusted"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


def test_one_event_is_no_events() -> None:
    with pytest.raises(ParameterError, match="1 event with a place"):
        knox_test(located(1), rng=7)
    with pytest.raises(ParameterError, match="0 events with a place"):
        near_repeat_table(located(2).iloc[:0], rng=7)


def test_sums_of_weights_are_said_as_people_say_them() -> None:
    assert [quantity(x) for x in (99.999, 1.0, 0.3331, 1_234.5, 1_699.98)] == [
        "100",
        "1",
        "0.3",
        "1,234.5",
        "1,700",
    ]
    assert [str(counted(n, "event")) for n in (0, 1, 1_200)] == [
        "0 events",
        "1 event",
        "1,200 events",
    ]
    assert str(counted(2, "session")) == "2 sessions"
