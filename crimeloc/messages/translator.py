"""One language: its texts by key, and how it writes numbers, dates and lengths."""

from __future__ import annotations

import math
from datetime import datetime

from crimeloc.messages import dates, formats
from crimeloc.messages.catalogues import catalogue, languages
from crimeloc.messages.message import Hint, Message, say
from crimeloc.messages.pseudo import PSEUDO
from crimeloc.messages.refusal import ParameterError
from crimeloc.messages.templates import fill_text

__all__ = ["Translator"]

_EXPERTS = (
    "habit",
    "rhythm",
    "loyalty",
    "recent",
    "sequence",
    "explore",
    "nearby",
    "popular",
    "elsewhere",
)
"""Stems of the names of experts; what follows an underscore is a variant."""


class Translator:
    """What does a text, a number or a date read like in a language?

    Parameters
    ----------
    lang : str
        Language of a catalogue, such as ``"en"`` or ``"ko"``.
    unknown : str
        Key of the text for a number that is missing; ``"withheld"`` where counts are withheld.

    Raises
    ------
    ParameterError
        There is no catalogue for this language.

    Examples
    --------
    >>> korean = Translator("ko")
    >>> korean("view.ranking", at="오늘"), korean.percent(0.123), korean.metres(800)
    ('예상 장소(오늘 기준)', '12%', '800 m')
    """

    def __init__(self, lang: str, unknown: str = "number.unknown") -> None:
        if lang not in languages() and lang != PSEUDO:
            known = tuple(map(repr, languages()))
            raise ParameterError(
                "lang",
                found=repr(lang),
                expected=Message("{languages:or}", languages=known),
                hint=Hint(lang="en"),
            )
        self.lang = lang
        self.unknown = unknown
        self._texts = catalogue(lang)

    def __call__(self, key: str, /, **values: object) -> str:
        """Give the text of a key, its places filled."""
        return fill_text(self._texts[key], values, self.lang)

    def __contains__(self, key: str) -> bool:
        """Has this language a text of that key?"""
        return key in self._texts

    def get(self, key: str, default: str) -> str:
        """Give the text of a key, or what stands in for it."""
        return self(key) if key in self else default

    def say(self, part: object) -> str:
        """Give a message, a hint, or an English text of the catalogue in this language."""
        return say(part, self.lang)

    def expert(self, name: str) -> str:
        """Give the words for an expert of the ranker; an unknown one is named as it is."""
        stems = (one for one in _EXPERTS if name == one or name.startswith(one + "_"))
        stem = next(stems, None)
        return self(f"expert.{stem}") if stem else name.replace("_", " ")

    def method(self, name: str) -> str:
        """Give the words for a method of a backtest; an unknown one is named as it is."""
        return self.get(f"method.{name}", name.replace("_", " "))

    def how(self, name: str) -> str:
        """Give the words for a judgement of locating; an unknown one is named as it is."""
        return self.get(f"how.{name.replace(' ', '_')}", name)

    def made_by(self, name: str) -> str:
        """Give the words for the method of a record, its own name behind them."""
        key = f"did.{name}"
        return f"{self(key)} ({name})" if key in self else name

    def table(self, name: str) -> str:
        """Give the words for a table of rejected rows; a file is named as it is."""
        return self.get(f"left.table.{name}", name)

    def sheet(self, name: str) -> str:
        """Give the words for a table; an unknown one is named as it is."""
        return self.get(f"sheet.{name}", name)

    def column(self, name: str) -> str:
        """Give the words above a column; an unknown one is named as it is."""
        stem, _, k = name.partition("@")
        if name.startswith("from_"):
            return self("column.from", name=self.expert(name.removeprefix("from_")))
        if f"column.{stem}" not in self or stem == "from":
            return name
        return self(f"column.{stem}", k=k) if k else self(f"column.{stem}")

    def number(self, value: float, digits: int = 0) -> str:
        """Give a number with its thousands set apart; a missing one is said to be so."""
        return self(self.unknown) if math.isnan(value) else formats.number(value, self.lang, digits)

    def percent(self, probability: float) -> str:
        """Give a probability as a percentage, with as many digits as a reader needs."""
        return formats.percent(probability, self.lang)

    def duration(self, span: object) -> str:
        """Give a length of time, such as ``"36h"`` or seconds, in whole days, hours or minutes."""
        return formats.duration(span, self.lang)

    def weeks(self, count: float) -> str:
        """Give a number of weeks."""
        return formats.counted("format.weeks", count, self.lang)

    def day(self, moment: datetime, year: bool = False) -> str:
        """Give a date with its weekday."""
        return dates.day(moment, self.lang, year)

    def short_day(self, moment: datetime) -> str:
        """Give a date as an axis shows it, without weekday and year."""
        return dates.dated(moment, self.lang, "format.day.short")

    def month(self, moment: datetime) -> str:
        """Give a month with its year."""
        return dates.dated(moment, self.lang, "format.month")

    def weekday(self, number: int) -> str:
        """Give the short name of a day of the week; Monday is 0."""
        return dates.weekday_name(number, self.lang)

    def moment(self, moment: datetime) -> str:
        """Give a date with year and time of day."""
        return dates.moment(moment, self.lang)

    def window(self, start: datetime, end: datetime) -> str:
        """Give a window of time; one that ends at midnight ends at 24:00."""
        return dates.window(start, end, self.lang)

    def hours(self, start: datetime, end: datetime) -> str:
        """Give the hours of a window within one day; one that ends at midnight ends at 24:00."""
        return dates.hours(start, end, self.lang)

    def metres(self, length: float) -> str:
        """Give a length in metres or kilometres."""
        return formats.metres(length, self.lang)
