"""How numbers, lengths, counts and lists are written.

Marks of thousands and decimals, plural rules and lists come from CLDR through Babel; units are
texts of the catalogues, under ``format.*``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from crimeloc.messages.catalogues import template
from crimeloc.messages.cldr import locale_of

__all__ = [
    "counted",
    "duration",
    "listed",
    "metres",
    "number",
    "percent",
    "plural",
]

_CATEGORIES = ("zero", "one", "two", "few", "many", "other")
_DAY_S, _HOUR_S = 86_400, 3_600


def number(value: Any, lang: str, digits: int = 0, unknown: str = "number.unknown") -> str:
    """Write a number with its thousands apart.

    Parameters
    ----------
    value : float
        The number; a whole one is written without decimals.
    lang : str
        Language of a catalogue.
    digits : int
        Decimals of a number that is not whole.
    unknown : str
        Key of the text for a missing number.

    Returns
    -------
    str
        The number.

    Examples
    --------
    >>> number(12_345.67, "en", 1), number(3.0, "ko", 2), number(float("nan"), "ko")
    ('12,345.7', '3', '알 수 없음')
    """
    from babel.numbers import format_decimal

    if math.isnan(value):
        return template(unknown, lang)
    whole = digits == 0 or abs(value - round(value)) < 1e-9
    pattern = "#,##0" if whole else "#,##0." + "0" * digits
    return str(
        format_decimal(_even(value, 0 if whole else digits), pattern, locale=locale_of(lang))
    )


def percent(value: Any, lang: str) -> str:
    """Write a probability, with as many digits as a reader needs.

    Parameters
    ----------
    value : float
        The probability, 0 to 1.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        Per cents.

    Examples
    --------
    >>> [percent(p, "en") for p in (0.123, 0.0123, 0.0001, 0.999, 1.0)]
    ['12%', '1.2%', '<0.1%', '>99%', '100%']
    """
    from babel.numbers import format_percent

    if math.isnan(value):
        return template("number.unknown", lang)

    def said(share: float, pattern: str = "0%") -> str:
        return str(format_percent(share, pattern, locale=locale_of(lang)))

    hundredths = 100 * value
    if hundredths in (0, 100):
        return said(value)
    if hundredths < 0.1:
        return "<" + said(0.001, "0.0%")
    if hundredths > 99.5:
        return ">" + said(0.99)
    if hundredths >= 9.95:
        return said(_even(hundredths, 0) / 100)
    return said(_even(hundredths, 1) / 100, "0.0%")


def duration(value: Any, lang: str) -> str:
    """Write a length of time in whole days, hours or minutes.

    Parameters
    ----------
    value : timedelta, timedelta64, str or float
        The length; a number is in seconds, a text such as ``"36h"`` is read by pandas.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        The length.

    Examples
    --------
    >>> [duration(one, "en") for one in ("7D", "36h", timedelta(hours=1), 150)]
    ['7 days', '36 hours', '1 hour', '2.5 minutes']
    """
    length = _seconds(value)
    if math.isnan(length):
        return template("number.unknown", lang)
    for unit, size in (("days", _DAY_S), ("hours", _HOUR_S)):
        if length >= size and length % size == 0:
            return counted(f"format.{unit}", length / size, lang)
    if length >= 2 * _DAY_S:
        return counted("format.days", length / _DAY_S, lang)
    return counted("format.minutes", length / 60, lang)


def metres(value: Any, lang: str) -> str:
    """Write a length in metres or kilometres.

    Parameters
    ----------
    value : float
        Metres.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        The length.

    Examples
    --------
    >>> metres(800, "en"), metres(12_340, "ko")
    ('800 m', '12.3 km')
    """
    from babel.numbers import format_decimal

    if value < 1_000:
        return f"{number(_even(value, 0), lang)} m"
    km = float(f"{value / 1_000:.3g}")
    return f"{format_decimal(km, '#,##0.##', locale=locale_of(lang))} km"


def listed(parts: Sequence[str], lang: str, last: str = "list") -> str:
    """Write a list as a sentence does.

    Parameters
    ----------
    parts : sequence of str
        Its members.
    lang : str
        Language of a catalogue.
    last : str
        ``"list"`` for "a, b and c", ``"or"`` for "a, b or c".

    Returns
    -------
    str
        The list.

    Examples
    --------
    >>> listed(["a", "b", "c"], "en"), listed(["'en'", "'ko'"], "ko", last="or")
    ('a, b, and c', "'en' 또는 'ko'")
    """
    from babel.lists import format_list

    if not parts:
        return ""
    if last == "or":
        return str(format_list(list(parts), style="or", locale=locale_of(lang)))
    return str(format_list(list(parts), locale=locale_of(lang)))


def plural(value: Any, forms: Sequence[str], lang: str) -> str:
    """Which form goes with a number?

    Parameters
    ----------
    value : float
        The number.
    forms : sequence of str
        The forms that the language has, in the order of CLDR: zero, one, two, few, many, other.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        The form.

    Examples
    --------
    >>> plural(1, ("row", "rows"), "en"), plural(0, ("row", "rows"), "en"), plural(1, ("행",), "ko")
    ('row', 'rows', '행')
    """
    rule = locale_of(lang).plural_form
    tags = [tag for tag in _CATEGORIES if tag in rule.tags or tag == "other"]
    place = tags.index(rule(value))
    return forms[min(place, len(forms) - 1)]


def counted(key: str, count: float, lang: str) -> str:
    """Write a count with its unit.

    Parameters
    ----------
    key : str
        Key of the forms, such as ``"format.days"``.
    count : float
        How many.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        The count with its unit.
    """
    forms = template(key, lang).split("/")
    return plural(count, forms, lang).format(n=number(count, lang, 1))


def _seconds(value: Any) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (int, float)):
        return float(value)
    import pandas as pd

    return float(pd.Timedelta(value).total_seconds())


def _even(value: float, digits: int) -> float:
    """Round as Python's formats do, so that a number reads the same wherever it is written."""
    return float(f"{value:.{digits}f}") if math.isfinite(value) else value
