"""Every word the briefing says, in Korean and in English, and how each writes numbers and dates.

The texts are in `crimeloc.messages.catalogue`; here is the voice that speaks them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.messages.catalogue import CATALOGUE, EXPERTS
from crimeloc.messages.catalogue_columns import COLUMNS, SHEETS
from crimeloc.messages.catalogue_page import HOW, METHODS, TABLES
from crimeloc.units import Duration, seconds

__all__ = ["LANGUAGES", "Words", "words"]

LANGUAGES = tuple(CATALOGUE)


class Words:
    """The words of one language.

    Parameters
    ----------
    lang : str
        ``"en"`` or ``"ko"``.
    texts : mapping
        Text of each key; ``{name}`` marks a place to be filled.
    """

    def __init__(self, lang: str, texts: Mapping[str, str]) -> None:
        self.lang = lang
        self.texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """Give the text of a key, its places filled."""
        return self.texts[key].format(**values) if values else self.texts[key]

    def expert(self, name: str) -> str:
        """Give the words for an expert of the ranker; an unknown one is named as it is."""
        key = EXPERTS.get(name) or next(
            (value for stem, value in EXPERTS.items() if name.startswith(stem + "_")), None
        )
        return self.texts[f"expert.{key}"] if key else name.replace("_", " ")

    def method(self, name: str) -> str:
        """Give the words for a method of a replay; an unknown one is named as it is."""
        return self.texts.get(f"method.{name}", name.replace("_", " "))

    def how(self, name: str) -> str:
        """Give the words for a judgement of locating; an unknown one is named as it is."""
        return self(f"how.{HOW[name]}") if name in HOW else name

    def made_by(self, name: str) -> str:
        """Give the words for the method of a record, its own name behind them."""
        if name not in METHODS:
            return name
        did = self(f"did.{METHODS[name]}")
        return f"{did} ({name})"

    def table(self, name: str) -> str:
        """Give the words for a table of rejected rows; a file is named as it is."""
        return self(f"left.table.{TABLES[name]}") if name in TABLES else name

    def reason(self, text: str) -> str:
        """Give the words for why a row was rejected; what no reader says is marked as English."""
        if self.lang == "en":
            return text
        from crimeloc.io.reasons import reason_code

        found = reason_code(text)
        key = f"reason.{found[0]}" if found else ""
        if found is None or key not in self.texts:
            return self("left.reason.foreign", text=text)
        return self.texts[key].format(**found[1])

    def note(self, text: str) -> str:
        """Give the words for a note of a replay; one that is not known is marked as English."""
        if self.lang == "en":
            return text
        for key in ("note.no_series", "note.no_venue", "note.first", "note.elsewhere"):
            head, tail = CATALOGUE["en"][key].split("{n}")
            if text.startswith(head) and text.endswith(tail):
                return self(key, n=text[len(head) : len(text) - len(tail)])
        return self("replay.note.foreign", text=text)

    def sheet(self, name: str) -> str:
        """Give the words for a table; an unknown one is named as it is."""
        return self(f"sheet.{name}") if name in SHEETS else name

    def column(self, name: str) -> str:
        """Give the words above a column; an unknown one is named as it is."""
        stem, _, k = name.partition("@")
        if name.startswith("from_"):
            return self("column.from", name=self.expert(name.removeprefix("from_")))
        if stem not in COLUMNS or stem == "from":
            return name
        return self(f"column.{stem}", k=k) if k else self(f"column.{stem}")

    def duration(self, span: Duration) -> str:
        """Give a length of time in whole days, hours or minutes."""
        length = seconds(span)
        for unit, least in (("day", 86_400), ("hour", 3_600)):
            if length >= least and length % least == 0:
                count = length / least
                return self(
                    f"number.{unit}" if count == 1 else f"number.{unit}s", n=self.number(count)
                )
        if length >= 2 * 86_400:
            return self("number.days", n=self.number(length / 86_400, 1))
        return self("number.minutes", n=self.number(length / 60, 1))

    def percent(self, probability: float) -> str:
        """Give a probability as a percentage, with as many digits as a reader needs."""
        if math.isnan(probability):
            return self("number.unknown")
        hundredths = 100 * probability
        if hundredths == 0 or hundredths == 100:
            return f"{hundredths:.0f}%"
        if hundredths < 0.1:
            return "<0.1%"
        if hundredths > 99.5:
            return ">99%"
        return f"{hundredths:.0f}%" if hundredths >= 9.95 else f"{hundredths:.1f}%"

    def number(self, value: float, digits: int = 0) -> str:
        """Give a number with its thousands set apart."""
        if math.isnan(value):
            return self("number.unknown")
        whole = abs(value - round(value)) < 1e-9
        return f"{value:,.0f}" if whole else f"{value:,.{digits}f}"

    def day(self, moment: pd.Timestamp, year: bool = False) -> str:
        """Give a date with its weekday."""
        values = {
            "year": moment.year,
            "month": self(f"month.{moment.month}"),
            "day": moment.day,
            "weekday": self(f"weekday.{moment.weekday()}"),
        }
        return self("date.year" if year else "date", **values)

    def moment(self, moment: pd.Timestamp) -> str:
        """Give a date with year and time of day."""
        return f"{self.day(moment, year=True)} {moment:%H:%M}"

    def window(self, start: pd.Timestamp, end: pd.Timestamp) -> str:
        """Give a window of time; one that ends at midnight ends at 24:00."""
        last = end - pd.Timedelta(microseconds=1)
        if start.date() == last.date():
            return f"{self.day(start)} {self.hours(start, end)}"
        return f"{self.day(start)} {start:%H:%M} – {self.day(end)} {end:%H:%M}"

    def hours(self, start: pd.Timestamp, end: pd.Timestamp) -> str:
        """Give the hours of a window within one day; one that ends at midnight ends at 24:00."""
        return f"{start:%H:%M}–{'24:00' if end.date() != start.date() else format(end, '%H:%M')}"

    def metres(self, length: float) -> str:
        """Give a length in metres or kilometres."""
        return f"{length:,.0f} m" if length < 1_000 else f"{length / 1_000:,.3g} km"


def words(lang: str) -> Words:
    """Give the words of a language.

    Parameters
    ----------
    lang : str
        ``"en"`` or ``"ko"``.

    Returns
    -------
    Words
        Call it with a key; it also writes numbers and dates.

    Raises
    ------
    ParameterError
        There is no catalogue for this language.

    Examples
    --------
    >>> voice = words("ko")
    >>> start = pd.Timestamp("2026-03-06 20:00+09:00")
    >>> voice.window(start, start + pd.Timedelta("4h")), voice.percent(0.123)
    ('3월 6일(금) 20:00–24:00', '12%')
    """
    if lang not in CATALOGUE:
        expected = " or ".join(repr(name) for name in LANGUAGES)
        raise ParameterError("lang", found=repr(lang), expected=expected, hint=Hint(lang="en"))
    return Words(lang, CATALOGUE[lang])
