"""What a past event has in common with the moment asked about."""

from __future__ import annotations

from enum import IntEnum

from crimeloc.ranking.features.feature import Feature

__all__ = ["RETURNING", "Fading", "Habit", "Known", "Link"]


class Habit(Feature):
    """Features of a past event: the exponential of their weighted sum is its pull."""

    LOG_AGE = -0.843, "log of its age in days"
    AGE_10D = -1.4, "its age, fading over 10 days"
    AGE_40D = -0.24, "its age, fading over 40 days"
    AGE_10H = -2.35, "its age, fading over 10 hours"
    HOUR_NARROW = 0.69, "likeness of the hour, within 40 minutes"
    HOUR_MID = -0.608, "likeness of the hour, within 2 hours"
    HOUR_WIDE = 1.14, "likeness of the hour, within 5 hours"
    SAME_KIND = 0.0736, "workday or rest day, as now"
    KIND_X_HOUR = 0.838, "the same kind of day and a like hour"
    WEEKDAY = 0.373, "the same weekday"
    WEEKDAY_X_HOUR = 0.046, "the same weekday and a like hour"
    IS_LAST_VENUE = 0.104, "at the venue of the last event"
    LAST_X_2H = -1.44, "at the venue of the last event, which was hours ago"
    LAST_X_1D = -0.072, "at the venue of the last event, which was a day ago"
    AFTER_SAME_X_GAP = 0.823, "came after the same venue, and as long after"
    AFTER_SAME = -0.128, "came after the same venue as now"
    GAP_ALIKE = 0.419, "came as long after the event before it"
    LOG_COUNT = 0.0992, "log of how often its venue was used"
    NEAR_LAST = -0.535, "distance of its venue from the last event, if that is recent"
    IS_LAST_EVENT = -0.303, "it is the last event"
    AFTER_SAME_TWO = 0.3, "came after the same two venues as now"
    AFTER_SAME_SOON = 0.704, "came soon after the same venue as now"
    AFTER_NEAR_SOON = 1.29, "came soon after a venue near the last one"
    CATEGORY_HOUR = 0.343, "hour of its venue's category"
    VISITS = -0.218, "log of everybody's visits to its venue"
    LOG_LATELY = 0.413, "log of how often its venue was used lately"
    LOG_SINCE = 0.213, "log of the time since its venue was last used"
    USED_TODAY = -0.803, "its venue was used within the last 14 hours"
    LOG_DUE = -0.0562, "log of that time against the pace of its venue"
    LOG_DUE_SQUARED = -0.0252, "square of the one before"
    LOG_COUNT_X_HOUR = 0.564, "how often its venue was used, at a like hour"
    LOG_COUNT_SQUARED = -0.132, "square of how often its venue was used"
    LOG_AGE_X_HOUR = 0.183, "its age, at a like hour"
    LOG_LATELY_SQUARED = 0.0729, "square of how often its venue was used lately"
    WEEKDAY_X_NARROW = 0.403, "the same weekday and nearly the same hour"


class Known(IntEnum):
    """Columns of what is known of each venue used; the last three belong to the moment."""

    VISITS = 0
    LAST_T = 1
    FIRST_T = 2
    LATELY = 3
    IS_LAST = 4
    LOG_VISITS = 5
    LOG_FAR = 6
    LOG_PACE = 7
    LOG_LATELY = 8
    LOG_SINCE = 9
    LOG_DUE = 10


class Link(IntEnum):
    """Columns of what came before each past event: was it as it is now?"""

    SAME_VENUE = 0
    NEAR_VENUE = 1
    SAME_TWO = 2
    SOON = 3


class Fading(IntEnum):
    """The time since the last event, in seconds and as it fades."""

    SECONDS = 0
    OVER_2H = 1
    OVER_3H = 2
    OVER_1D = 3


RETURNING = ("habit", "rhythm", "loyalty", "recent", "sequence")
"""The experts on venues used before, in their order."""
