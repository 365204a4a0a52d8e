"""The near-repeat table of arson in Chicago, against the near-repeat calculator 1.3.

The calculator's distances are rounded before they are compared with the edges: of 20 cells, 16 are
equal and four differ by one pair. The two pairs that move are named below.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from crimeloc.stats.near_repeat import near_repeat_arrays

CALCULATOR = np.array(
    [[0, 2, 0, 8], [9, 1, 1, 45], [4, 0, 0, 140], [6, 0, 0, 234], [393, 710, 770, 133_658]]
)
METRES = [0, 1, 200, 400, 600, np.inf]
DAYS = [0, 1, 2, 3, np.inf]


@pytest.fixture(scope="module")
def arson(reference_data):
    table = pd.read_csv(
        reference_data / "chicago_arson" / "chicago_arson.csv", header=None, names=["x", "y", "day"]
    )
    day = pd.to_datetime(table["day"]).to_numpy().astype("datetime64[D]").astype(np.int64)
    return table[["x", "y"]].to_numpy(), day


@pytest.fixture(scope="module")
def found(arson):
    return near_repeat_arrays(*arson, METRES, DAYS, distance="manhattan", rng=7, n_permutations=999)


def test_sixteen_cells_are_equal_and_four_are_off_by_one(found):
    difference = found.observed - CALCULATOR
    assert difference.tolist() == [
        [1, 0, 0, 0],
        [-1, 0, 0, 0],
        [0, 0, 0, 1],
        [0, 0, 0, -1],
        [0, 0, 0, 0],
    ]
    assert found.observed.sum() == CALCULATOR.sum() == 522 * 521 / 2


def test_the_two_pairs_that_move_lie_at_the_edges(arson):
    space, day = arson
    at_edge = []
    for i, j in itertools.combinations(range(len(day)), 2):
        away = np.abs(space[i] - space[j]).sum()
        # Less than a metre apart but not at one point, or within a hand of 400 m.
        if 0 < away < 1 or 399.9 < away < 400:
            at_edge.append((round(float(away), 2), int(abs(day[i] - day[j]))))
    assert len(at_edge) == 2
    (close, same_day), (far, later) = sorted(at_edge)
    assert close == 0.56
    assert same_day == 0  # cell (2, 1) for the calculator, (1, 1) by exact distances
    assert far == 399.96
    assert later >= 3  # cell (4, 4) for the calculator, (3, 4) by exact distances


@pytest.mark.parametrize(
    ("row", "column", "ratio"), [(0, 1, 28.29), (1, 0, 74.25), (2, 0, 11.65), (3, 0, 7.71)]
)
def test_the_calculators_ratios_are_means_of_99_shuffles(found, arson, row, column, ratio):
    """Its ratio is the observed count over the mean of 99 shuffles, a whole number of 99ths."""
    pairs = CALCULATOR[row, column] / ratio * 99
    assert pairs == pytest.approx(round(pairs), abs=0.05)
    # Such a mean scatters around the exact expectation by its Poisson error.
    expected = found.expected[row, column] * 99
    assert abs(pairs - expected) < 3 * np.sqrt(expected)
