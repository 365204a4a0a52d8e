"""Planted moves, ends and new hours are found, and sticky habits are left alone.

Small versions of tests/benchmarks/accept_changes.py; the generators share nothing with the worlds
of the test.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from crimeloc.stats import changepoints

COMMON = {"n_permutations": 99, "tz": "Asia/Seoul"}


@pytest.fixture(scope="module")
def made() -> ModuleType:
    """The generators of the acceptance script."""
    path = Path(__file__).parents[1] / "benchmarks" / "accept_changes.py"
    spec = importlib.util.spec_from_file_location("accept_changes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("stay", [0.5, 0.7, 0.85])
def test_who_merely_stays_has_not_moved(made: ModuleType, stay: float) -> None:
    moved = sum(
        len(changepoints(made.sticky(s, stay), rng=s, **COMMON).moved) > 0 for s in range(20)
    )
    assert moved <= 3  # 1 expected at most


@pytest.mark.parametrize("stay", [0.0, 0.7])
def test_planted_moves_are_found_within_two_weeks(made: ModuleType, stay: float) -> None:
    pairs = [made.moved(50 + seed, stay) for seed in range(8)]
    hits = sum(made.near(changepoints(t, rng=7, **COMMON).moved, at) for t, at in pairs)
    assert hits >= 7


def test_planted_new_hours_are_found_and_are_no_move(made: ModuleType) -> None:
    hits, moves = 0, 0
    for seed in range(6):
        located, at = made.new_hours(80 + seed)
        found = changepoints(located, rng=7, **COMMON)
        hits += made.near(found.new_hours, at)
        moves += len(found.moved)
    assert hits >= 5
    assert moves <= 1


def test_ends_are_said_and_dated_and_active_series_are_not(made: ModuleType) -> None:
    ended, active = 0, 0
    for seed in range(10):
        located, at = made.asked(120 + seed, 20.0)
        found = changepoints(located, at=at, rng=7, **COMMON).stopped
        ended += len(found)
        last = located["timestamp"].max().floor("us")
        assert (found["since"] == last).all()
        lively, then = made.asked(150 + seed, 0.0)
        active += len(changepoints(lively, at=then, rng=7, **COMMON).stopped)
    assert ended >= 9
    assert active <= 2


def test_what_is_later_plays_no_part(made: ModuleType) -> None:
    located, at = made.moved(3)
    at = at + pd.Timedelta("60D")
    before = located[located["timestamp"] < at].reset_index(drop=True)
    one, two = (changepoints(t, at=at, rng=7, **COMMON) for t in (located, before))
    assert one.tests.equals(two.tests)
    assert one.silences.equals(two.silences)
