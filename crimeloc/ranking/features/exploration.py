"""What speaks for a venue that a series has not used yet."""

from __future__ import annotations

import numpy as np

from crimeloc.ranking.features.feature import Feature

__all__ = ["CENTRE", "EXPLORING", "MOVING", "N_NOW", "PAIRS", "SPREAD", "Explore"]


class Explore(Feature):
    """Features of the conditional logit over venues not used before."""

    NEAR_100M = 0.136, "near venues used, 0.1 km", -7.57, 2.02
    NEAR_500M = 0.0324, "near venues used, 0.5 km", -5.20, 2.64
    NEAR_2KM = -0.653, "near venues used, 2 km", -2.77, 2.10
    NEAR_8KM = 1.52, "near venues used, 8 km", -0.96, 0.99
    NEAR_VISITS = -0.0213, "near past visits, 0.1 km", -7.66, 1.99
    NEAR_LATELY = 0.0525, "near past visits, 0.5 km, the recent more", -3.84, 3.19
    NEAR_AT_THIS_HOUR = -0.0152, "near past visits of this part of the day", -5.27, 1.69
    FROM_LAST = -0.00837, "distance from the last place", 1.45, 1.32
    FROM_LAST_1H = -0.772, "the same, within an hour", 0.14, 0.53
    FROM_LAST_6H = -0.572, "the same, within six hours", 0.38, 0.86
    FROM_LAST_1D = -0.473, "the same, within a day", 0.68, 1.03
    VISITS = -0.369, "everybody's visits", 1.13, 1.47
    VISITS_LATELY = 0.0195, "everybody's visits lately", -0.44, 1.62
    VISITORS = 0.712, "how many series used it", 0.69, 1.15
    CO_VISITS = 0.333, "used by series that share venues with this one", -2.98, 1.23
    CATEGORY = 0.154, "how often its category was used", -4.96, 1.13
    CATEGORY_LATELY = 0.0546, "how often its category was used lately", -2.21, 1.44
    CATEGORY_HOUR = 0.98, "hour of its category", 0.0, 0.59
    BRAND = 0.0, "how often its brand was used"
    SEATS = 0.0, "likeness of the number of seats"
    NEAR_NOW_100M = 0.143, "near where habit would be now, 0.1 km", -7.98, 1.89
    NEAR_NOW_2KM = 0.47, "near where habit would be now, 2 km", -2.57, 1.44
    OTHERS_3H = 0.167, "others there in the last hours", -4.24, 1.06
    OTHERS_1W = 0.00721, "others there in the last week", -1.76, 1.60


E = Explore
PAIRS = np.array(
    [
        (E.NEAR_100M, E.NEAR_100M),
        (E.NEAR_500M, E.NEAR_500M),
        (E.NEAR_2KM, E.NEAR_2KM),
        (E.FROM_LAST, E.FROM_LAST),
        (E.VISITS, E.VISITS),
        (E.VISITS_LATELY, E.VISITS_LATELY),
        (E.VISITORS, E.VISITORS),
        (E.CO_VISITS, E.CO_VISITS),
        (E.CATEGORY, E.CATEGORY),
        (E.CATEGORY_LATELY, E.CATEGORY_LATELY),
        (E.NEAR_100M, E.FROM_LAST_1D),
        (E.NEAR_500M, E.VISITORS),
        (E.NEAR_VISITS, E.FROM_LAST),
        (E.NEAR_VISITS, E.FROM_LAST_1D),
        (E.NEAR_VISITS, E.CATEGORY),
        (E.FROM_LAST, E.CO_VISITS),
        (E.FROM_LAST, E.CATEGORY),
        (E.FROM_LAST, E.CATEGORY_LATELY),
        (E.VISITS, E.VISITORS),
        (E.VISITORS, E.CO_VISITS),
        (E.NEAR_100M, E.NEAR_NOW_100M),
        (E.NEAR_500M, E.NEAR_NOW_2KM),
        (E.FROM_LAST, E.NEAR_NOW_2KM),
        (E.FROM_LAST_1D, E.NEAR_NOW_2KM),
        (E.NEAR_NOW_2KM, E.NEAR_NOW_2KM),
        (E.OTHERS_3H, E.OTHERS_3H),
        (E.OTHERS_1W, E.OTHERS_1W),
    ],
    dtype=np.int64,
)
"""Squares and products that count as features after `Explore`; only a fit gives them a say."""
CENTRE = np.array([feature.centre for feature in Explore])
SPREAD = np.array([feature.spread for feature in Explore])
"""Squares and products are taken of (feature - centre) / spread."""
MOVING = np.isin(
    np.arange(len(Explore)),
    [
        E.NEAR_AT_THIS_HOUR,
        E.FROM_LAST_1H,
        E.FROM_LAST_6H,
        E.FROM_LAST_1D,
        E.CATEGORY_HOUR,
        E.NEAR_NOW_100M,
        E.NEAR_NOW_2KM,
        E.OTHERS_3H,
        E.OTHERS_1W,
    ],
)
"""Which features change with the moment asked about; the others are worked out once."""
EXPLORING = ("explore", "nearby", "popular")
"""The experts on venues not used before, in their order."""
N_NOW = 6
"""Used venues around which the nearness of the moment is taken: those likeliest just then."""
