from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crimeloc.decay import gaussian, half_life, power
from crimeloc.errors import ParameterError

AGES = st.lists(st.floats(0, 1e10), min_size=1)
SCALES = st.floats(1e-3, 1e9)


@given(ages=AGES, scale=SCALES)
def test_kernels_stay_between_0_and_1_and_never_rise(ages: list[float], scale: float) -> None:
    ordered = np.sort(ages)
    for kernel in (half_life, gaussian, power):
        weights = kernel(ordered, scale)
        assert ((weights >= 0) & (weights <= 1)).all()
        assert (np.diff(weights) <= 0).all()
        assert kernel(0.0, scale) == 1


@given(age=st.floats(0, 1e6), scale=st.floats(1, 1e6))
def test_a_half_life_halves(age: float, scale: float) -> None:
    assert half_life(age + scale, scale) == pytest.approx(0.5 * half_life(age, scale), rel=1e-9)


def test_nothing_is_forgotten_with_an_endless_half_life() -> None:
    assert half_life([0.0, 1e12], np.inf).tolist() == [1.0, 1.0]


def test_the_future_and_senseless_scales_are_refused() -> None:
    with pytest.raises(ParameterError, match="drop events after"):
        half_life([-1.0], 5.0)
    for kernel in (half_life, gaussian, power):
        with pytest.raises(ParameterError):
            kernel([1.0], 0.0)
        with pytest.raises(ParameterError):
            kernel([np.nan], 1.0)
    with pytest.raises(ParameterError):
        power([1.0], 1.0, exponent=0)
