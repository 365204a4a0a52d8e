"""Knox's test on Burkitt's lymphoma in Uganda, against published figures.

Figures: the table, expectation and Poisson p of Knox's test at 20 units and 5 days, as the R
packages splancs and surveillance print them. Rayleigh: Zar (2010), examples 26.4 and 27.1.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crimeloc.stats.knox import knox_arrays
from crimeloc.stats.rhythm import rayleigh


@pytest.fixture
def burkitt(reference_data):
    return pd.read_csv(reference_data / "burkitt" / "burkitt.csv")


def test_burkitt_to_the_digit(burkitt):
    result = knox_arrays(burkitt[["x", "y"]], burkitt["t"], 20, 5, rng=7, n_permutations=999)
    assert result.table.tolist() == [[13, 3416], [39, 14110]]
    assert f"{result.expected:.7f}" == "10.1438161"
    assert f"{result.poisson_p:.8f}" == "0.14624558"


def test_the_mean_of_the_shuffles_is_the_expectation(burkitt):
    result = knox_arrays(burkitt[["x", "y"]], burkitt["t"], 20, 5, rng=7, n_permutations=9999)
    error = result.simulated.std() / np.sqrt(9999)
    assert abs(result.simulated.mean() - result.expected) < 4 * error


def test_rayleigh_of_eight_trees():
    angles = np.radians([45, 55, 81, 96, 110, 117, 132, 154])
    strength = float(np.hypot(np.cos(angles).mean(), np.sin(angles).mean()))
    assert f"{strength:.5f}" == "0.82522"
    assert 0.001 < rayleigh(strength, 8) < 0.002
