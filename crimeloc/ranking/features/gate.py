"""What tells whether the next venue is a new one, and what a series has done so far."""

from __future__ import annotations

from enum import IntEnum

from crimeloc.ranking.features.feature import Feature

__all__ = ["Gate", "Num"]


class Gate(Feature):
    """Features of the logistic gate between venues used before and venues never used."""

    ONE = -1.18, "constant"
    LOG_EVENTS = -0.306, "log of the events so far"
    NOVELTY = -0.279, "how often it went somewhere new, over all"
    NOVELTY_5 = 0.0722, "the same, over its last five events or so"
    NOVELTY_20 = 0.119, "the same, over its last twenty"
    NOVELTY_HOUR = 0.209, "the same, at this part of the day"
    LOG_GAP = 0.0807, "log of the time since the last event"
    GAP_2H = 0.489, "the last event was within hours"
    REST_DAY = 0.104, "a rest day"
    SINGLES = 0.277, "share of venues used once"
    TOP_SHARE = 1.01, "share of the venue used most"
    LAST_NEW = 0.206, "the last venue was new, and within hours"
    SIN_HOUR = -0.421, "hour of the day, sine"
    COS_HOUR = 0.229, "hour of the day, cosine"
    HABIT_MATCH = -0.634, "how well the moment matches the past"
    HABIT_AGE = -0.292, "how much pull the age of the past leaves"
    HABIT_SPREAD = 0.722, "over how many venues the habit is spread"


class Num(IntEnum):
    """Single numbers of the state of a series."""

    EVENTS = 0
    VENUES = 1
    NEW = 2
    NEW_5 = 3
    NEW_20 = 4
    LAST_T = 5
    LAST_NEW = 6
    SEATS = 7
