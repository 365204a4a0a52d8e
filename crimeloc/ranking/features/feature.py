"""One definition of a feature: its place, the weight shipped for it, how it is scaled."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

__all__ = ["Feature", "shipped"]


class Feature(IntEnum):
    """A column of a table of features, known by its name.

    Members are written as ``NAME = weight, words`` or ``NAME = weight, words, centre, spread`` and
    are numbered from 0 in the order in which they are written.

    Parameters
    ----------
    weight : float
        Shipped weight: where every fit starts, and what a single series falls back on.
    words : str
        What it says.
    centre, spread : float
        Mean and standard deviation among the check-ins the shipped weights were learned from.
    """

    weight: float
    words: str
    centre: float
    spread: float

    def __new__(
        cls, weight: float, words: str, centre: float = 0.0, spread: float = 1.0
    ) -> Feature:
        """Number the members in order."""
        place = len(cls.__members__)
        member = int.__new__(cls, place)
        member._value_ = place
        member.weight, member.words = weight, words
        member.centre, member.spread = centre, spread
        return member


def shipped(features: type[Feature]) -> NDArray[np.float64]:
    """Give the shipped weights of some features, in their order."""
    return np.array([feature.weight for feature in features])
