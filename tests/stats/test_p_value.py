"""The one p-value of the library."""

from __future__ import annotations

import numpy as np
import pytest

from crimeloc.errors import ParameterError
from crimeloc.stats import p_value


def test_it_counts_hits_and_is_never_zero():
    assert p_value(5.0, [1, 2, 3, 4]) == 1 / 5
    assert p_value(0.0, [1, 2, 3, 4]) == 1.0
    assert p_value(2.0, [1, 2, 3, 4]) == 4 / 5
    assert p_value(2.0, []) == 1.0


def test_rounding_does_not_part_equal_sums():
    assert p_value(0.1 + 0.2, [0.3, 0.0]) == 2 / 3
    assert p_value(-0.3, [-(0.1 + 0.2), -1.0]) == 2 / 3


def test_arrays_are_taken_cell_by_cell():
    found = p_value(np.array([[1.0, 9.0]]), [[[0, 0]], [[1, 1]], [[2, 9]]])
    assert found.tolist() == [[3 / 4, 2 / 4]]


def test_infinite_statistics_tie():
    assert p_value(np.inf, [np.inf, 0.0]) == 2 / 3


@pytest.mark.parametrize(("observed", "simulated"), [(np.nan, [1.0]), (1.0, [np.nan])])
def test_what_is_no_number_is_refused(observed, simulated):
    with pytest.raises(ParameterError, match="not numbers"):
        p_value(observed, simulated)


def test_shapes_must_fit():
    with pytest.raises(ParameterError, match="one value for each draw"):
        p_value(1.0, [[1.0]])
