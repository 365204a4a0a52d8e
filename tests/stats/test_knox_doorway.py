"""Knox's test on located events."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import crimeloc.stats as stats
from crimeloc import geometry
from crimeloc.errors import ParameterError
from crimeloc.events import sessions
from crimeloc.stats import knox_test, near_repeat_table
from crimeloc.stats.knox import knox_arrays


def located_events(hours, venues, weights=None, events=None, **columns):
    venues = np.asarray(venues)
    start = pd.Timestamp("2026-03-02 00:00", tz="Asia/Seoul")
    milliseconds = np.round(np.asarray(hours) * 3_600_000)
    names = [f"E{i:04d}" for i in range(len(venues))] if events is None else events
    return gpd.GeoDataFrame(
        {
            "event_id": pd.Series(names, dtype="str"),
            "timestamp": start + pd.to_timedelta(milliseconds, unit="ms"),
            "venue_id": pd.Series([f"V{v}" for v in venues], dtype="str"),
            "weight": np.ones(len(venues)) if weights is None else weights,
            "how": pd.Series(["given"] * len(venues), dtype="str"),
        },
        geometry=geometry.points(np.column_stack([127 + venues * 0.005654, 37.5 + venues * 0.0])),
    ).assign(**columns)


def test_the_four_cells_and_the_ratio():
    located = located_events([0, 10, 100, 105, 400], [0, 1, 0, 9, 1])
    result = knox_test(located, 800, "36h", unit="event", rng=7, n_permutations=99)
    # Near: all pairs among the four events at venues 0 and 1; soon: (0, 1) and (2, 3).
    assert result.table.tolist() == [[1.0, 5.0], [1.0, 3.0]]
    assert result.observed == 1.0
    assert result.expected == pytest.approx(6 * 2 / 10)
    assert result.ratio == pytest.approx(1 / 1.2)
    assert result.n_events == 5
    assert len(result.simulated) == 99


def test_a_pair_exactly_at_the_limits_counts():
    space, t = [[0.0, 0.0], [3.0, 4.0]], [0.0, 7.0]
    assert knox_arrays(space, t, 5.0, 7.0, rng=7, n_permutations=9).observed == 1.0
    assert knox_arrays(space, t, 4.999, 7.0, rng=7, n_permutations=9).observed == 0.0
    assert knox_arrays(space, t, 5.0, 6.999, rng=7, n_permutations=9).observed == 0.0
    assert (
        knox_arrays(space, t, 5.0, 7.0, rng=7, n_permutations=9, distance="manhattan").observed
        == 0.0
    )
    assert (
        knox_arrays(space, t, 7.0, 7.0, rng=7, n_permutations=9, distance="manhattan").observed
        == 1.0
    )


def test_uncertain_events_give_the_expected_number_of_close_pairs():
    # A is at venue 0 or 9, B at venue 0, C at venue 9 or elsewhere.
    located = located_events(
        [0, 0, 1, 2, 300], [0, 9, 0, 9, 0], [0.7, 0.3, 1.0, 0.5, 1.0], ["A", "A", "B", "C", "D"]
    )
    result = knox_test(located, 800, "36h", unit="event", rng=7, n_permutations=99)
    assert result.n_events == 4
    assert result.observed == pytest.approx(0.7 + 0.3 * 0.5)  # (A, B) and (A, C), never A with A
    assert result.table.sum() == pytest.approx(6)
    by_event = result.contributions.set_index("event_id")["close_pairs"]
    assert by_event.to_dict() == pytest.approx({"A": 0.85, "B": 0.7, "C": 0.15, "D": 0.0})


def test_events_without_a_place_are_left_out_and_told():
    located = located_events([0, 1, 2], [0, 0, 0], [1, 1, 0])
    result = knox_test(located, unit="event", rng=7, n_permutations=9)
    assert result.n_left_out == 1
    assert "1 upload without a place left out" in str(result)


def test_contributions_add_up_to_twice_the_observed():
    rng = np.random.default_rng(5)
    located = located_events(rng.uniform(0, 500, 60), rng.integers(0, 9, 60))
    result = knox_test(located, unit="event", rng=7, n_permutations=9)
    table = result.contributions
    assert table["close_pairs"].sum() == 2 * result.observed
    assert table["expected"].sum() != 0
    assert table["excess"].is_monotonic_decreasing
    assert set(table["event_id"]) == set(located["event_id"])


def test_strata_keep_places_within_their_hours():
    # Venue 0 has its events by day, venue 9 by night: free shuffles mix them, strata do not.
    days = np.arange(40) * 24.0
    located = located_events(
        np.r_[days + 12, days + 23], np.r_[np.zeros(40), np.full(40, 9)].astype(int)
    )
    free = knox_test(located, 800, "1h", unit="event", rng=7, n_permutations=99)
    kept = knox_test(
        located, 800, "24h", unit="event", rng=7, n_permutations=99, strata="hour_of_day"
    )
    assert str(free.strata) == "none"
    assert str(kept.strata) == "hour of day on the clocks at the venues"
    assert (kept.simulated == kept.observed).all()
    assert kept.p_value == 1.0
    plain = knox_test(located, 800, "24h", unit="event", rng=7, n_permutations=99)
    assert plain.simulated.std() > 0
    labels = np.r_[np.zeros(40), np.ones(40)]
    assert (
        knox_test(
            located, 800, "24h", unit="event", rng=7, n_permutations=99, strata=labels
        ).p_value
        == 1.0
    )
    assert (
        knox_test(
            located.assign(kind=labels),
            800,
            "24h",
            unit="event",
            rng=7,
            n_permutations=9,
            strata="kind",
        ).p_value
        == 1.0
    )


def test_the_text_says_what_was_held_shuffled_and_can_fool():
    result = knox_test(
        located_events([0, 1, 2], [0, 0, 9]), unit="event", rng=11, n_permutations=19
    )
    for text in (str(result), result._repr_html_()):
        for word in (
            "held fixed",
            "shuffled",
            "seed",
            "11",
            "can fool it",
            "19 shuffles",
            "p-value",
        ):
            assert word in text
    assert result.provenance.seed == "11"
    assert result.provenance.n_in == 3


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"n_permutations": 0}, "n_permutations=999"),
        ({"n_permutations": 9.5}, "n_permutations=999"),
        ({"radius_m": -1}, "radius_m=800"),
        ({"gap": 36}, 'gap="36h"'),
        ({"rng": None}, "rng=7"),
        ({"distance": "road"}, "manhattan"),
        ({"strata": "hours"}, "hour_of_day"),
        ({"strata": [1, 2]}, "one label per row"),
        ({"n_jobs": 0}, "n_jobs=2"),
    ],
)
def test_wrong_arguments(wrong, text):
    with pytest.raises(ParameterError, match=text):
        knox_test(located_events([0, 1, 2], [0, 0, 9]), **{"rng": 7, **wrong})


def test_one_event_is_not_enough_and_one_event_has_one_stratum():
    with pytest.raises(ParameterError, match="at least two"):
        knox_test(located_events([0], [0]), unit="event", rng=7)
    twice = located_events([0, 0, 1], [0, 9, 0], [0.5, 0.5, 1], ["A", "A", "B"])
    with pytest.raises(ParameterError, match="one stratum per event"):
        knox_test(twice, strata=[1, 2, 1], unit="event", rng=7)


def test_near_repeat_bands_are_half_open_and_margins_are_kept():
    located = located_events([0, 0, 24, 48, 72], [0, 0, 0, 1, 9])
    table = near_repeat_table(
        located,
        [0, 1, 800, np.inf],
        ["0D", "1D", "2D", "inf"],
        unit="event",
        rng=7,
        n_permutations=99,
    )
    assert table.observed.sum() == 10
    assert table.observed[0].tolist() == [1, 2, 0]  # same place: the twins, and each a day on
    assert table.observed[1].tolist() == [0, 1, 2]
    assert table.observed.sum(axis=1) == pytest.approx(table.expected.sum(axis=1))
    assert table.observed.sum(axis=0) == pytest.approx(table.expected.sum(axis=0))
    assert table.rows == ("[0, 1) m", "[1, 800) m", "[800, inf) m")
    assert table.columns == ("[0, 1) d", "[1, 2) d", "[2, inf) d")
    assert (table.p_adjusted >= table.p_value).all()
    assert table.to_frame().shape == (9, 7)
    for text in (str(table), table._repr_html_()):
        assert "can fool it" in text
        assert "[1, 800) m" in text


def test_near_repeat_bands_may_begin_and_end_anywhere():
    rng = np.random.default_rng(8)
    located = located_events(rng.uniform(0, 900, 70), rng.integers(0, 12, 70))
    whole = near_repeat_table(
        located,
        [0, 400, 1200, 3000, np.inf],
        ["0D", "1D", "9D", "inf"],
        unit="event",
        rng=7,
        n_permutations=9,
    )
    part = near_repeat_table(
        located, [400, 1200, 3000], ["1D", "9D"], unit="event", rng=7, n_permutations=9
    )
    assert part.observed.tolist() == whole.observed[1:3, 1:2].tolist()
    assert part.expected == pytest.approx(whole.expected[1:3, 1:2])


def test_a_strong_cell_stands_out_among_many_even_with_few_shuffles():
    rng = np.random.default_rng(9)
    hours = np.r_[rng.uniform(0, 3000, 80), np.repeat(rng.uniform(0, 3000, 15), 2)]
    venues = np.r_[rng.integers(0, 40, 80), np.repeat(rng.integers(0, 40, 15), 2)]
    table = near_repeat_table(located_events(hours, venues), unit="event", rng=7, n_permutations=99)
    assert table.p_adjusted.shape == (6, 6)
    assert table.p_adjusted[0, 0] == 1 / 100
    assert (table.p_adjusted <= 0.05).sum() == 1
    assert "*" in str(table)


@pytest.mark.parametrize("bands", [[0], [0, 0, 1], [5, 1], [-1, 5], [0, np.inf]])
def test_wrong_bands(bands):
    with pytest.raises(ParameterError, match="ascending"):
        near_repeat_table(located_events([0, 1], [0, 0]), bands, ["0D", "1D"], unit="event", rng=7)


def test_the_room_gives_functions_not_modules():
    for name in stats.__all__:
        if name not in ("scan_test", "ScanResult"):
            assert callable(getattr(stats, name))
    with pytest.raises(AttributeError, match="nothing_like_it"):
        stats.nothing_like_it  # noqa: B018


def test_sessions_are_counted_unless_events_are_asked_for():
    located = located_events([0, 0.5, 1, 50, 51, 90], [0, 0, 0, 1, 1, 2])
    each = knox_test(located, rng=7, n_permutations=9)
    assert (each.unit, each.n_events, each.notes) == ("session", 3, ())
    assert each.contributions["n_events"].sum() == 6
    every = knox_test(located, unit="event", rng=7, n_permutations=9)
    assert (every.unit, every.n_events) == ("event", 6)
    assert "6 uploads were made in 3 sessions" in str(every)
    bands = ([0, 1, np.inf], ["0D", "1D", "inf"])
    assert near_repeat_table(located, *bands, rng=7, n_permutations=9).n_events == 3
    table = near_repeat_table(located, *bands, unit="event", rng=7, n_permutations=9)
    assert "6 uploads were made in 3 sessions" in str(table)
    with pytest.raises(ParameterError, match='unit="session"'):
        knox_test(located, unit="upload", rng=7)


def test_accounts_that_meet_at_a_venue_are_two_sessions_where_nobody_was_linked():
    located = located_events([0, 0.5, 1, 50, 51, 90], [0, 0, 0, 1, 1, 2])
    met = located.assign(handle=["A", "B", "A", "A", "A", "B"])
    assert knox_test(met, rng=7, n_permutations=9).n_events == 4
    linked = met.assign(series_id="S")
    assert knox_test(linked, rng=7, n_permutations=9).n_events == 3


def test_a_session_has_the_stratum_of_its_first_upload():
    located = located_events([0, 0.5, 30, 60, 90, 120], [0, 0, 1, 0, 1, 2])
    labels = np.array([1, 2, 1, 2, 1, 2])
    by_label = knox_test(located, strata=labels, rng=7, n_permutations=19)
    by_column = knox_test(located.assign(kind=labels), strata="kind", rng=7, n_permutations=19)
    alone = sessions(located)
    again = knox_test(alone, strata=[1, 1, 2, 1, 2], rng=7, n_permutations=19)
    assert by_label.n_events == 5
    assert by_label.simulated.tolist() == by_column.simulated.tolist()
    assert by_label.simulated.tolist() == again.simulated.tolist()
