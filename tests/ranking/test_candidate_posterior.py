"""Ambiguous uploads are weighed by what is certain about their series."""

from __future__ import annotations

import numpy as np
import pytest

from crimeloc.ranking.features.arrays import Rows
from crimeloc.ranking.model.candidate_posterior import posterior_before, posterior_by_now


def rows_of(candidates: list[dict[int, float]]) -> Rows:
    """One series, an upload a day."""
    n = len(candidates)
    size = [len(one) for one in candidates]
    venue = [v for one in candidates for v in one]
    weight = [w for one in candidates for w in one.values()]
    nothing = np.zeros(n, np.int64)
    return Rows(
        np.arange(n) * 86_400.0,
        np.zeros(n),
        nothing,
        nothing,
        np.full(n, 86_400.0),
        np.concatenate([[0], np.cumsum(size)]),
        np.array(venue),
        np.array(weight),
    )


def test_a_habit_tells_which_venue_an_address_meant():
    rows = rows_of([{3: 1.0}] * 6 + [{3: 0.3, 5: 0.7}])
    weight = posterior_before(rows, np.array([0, 7]), 50)
    assert weight[-2] > 0.95
    assert weight[-2:].sum() == pytest.approx(1.0)
    assert posterior_by_now(rows.weight, rows.venue, rows.ptr, 50)[-2] > 0.95


def test_who_never_returns_was_not_where_it_came_later():
    rows = rows_of([{0: 1.0}, {1: 0.5, 2: 0.5}, *({v: 1.0} for v in range(3, 9)), {2: 1.0}])
    before = posterior_before(rows, np.array([0, 9]), 50)
    after = posterior_by_now(rows.weight, rows.venue, rows.ptr, 50)
    assert before[1:3].tolist() == [0.5, 0.5]  # of what comes later nothing is known yet
    assert after[1] > 0.65


def test_ambiguous_uploads_are_no_proof_of_each_other():
    rows = rows_of([{0: 0.5, v: 0.5} for v in (1, 1, 1, 2)])
    assert posterior_before(rows, np.array([0, 4]), 50).tolist() == [0.5] * 8
    assert posterior_by_now(rows.weight, rows.venue, rows.ptr, 50).tolist() == [0.5] * 8


def test_a_place_left_open_in_part_stays_open_in_part():
    rows = rows_of([{3: 0.8}] * 4 + [{3: 0.2, 5: 0.4}])
    weight = posterior_before(rows, np.array([0, 5]), 50)
    assert weight[-2:].sum() == pytest.approx(0.6)
    assert weight[:4].tolist() == [0.8] * 4
