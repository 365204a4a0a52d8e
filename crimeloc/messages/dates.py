"""How instants, dates and windows of time are written.

Names of months and weekdays come from CLDR through Babel; which of them are shown, and in which
order, is a pattern of the catalogue under ``format.*``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crimeloc.messages.catalogues import template
from crimeloc.messages.cldr import locale_of

__all__ = [
    "date_only",
    "dated",
    "day",
    "hours",
    "moment",
    "weekday",
    "weekday_name",
    "window",
]


def day(value: Any, lang: str, year: bool = False) -> str:
    """Write a date with its weekday.

    Parameters
    ----------
    value : datetime
        The instant, in the zone in which it is to be read.
    lang : str
        Language of a catalogue.
    year : bool
        With the year?

    Returns
    -------
    str
        The date.

    Examples
    --------
    >>> from datetime import date
    >>> day(date(2026, 3, 6), "en"), day(date(2026, 3, 6), "ko", year=True)
    ('Fri 6 Mar', '2026년 3월 6일(금)')
    """
    return dated(value, lang, "format.day.year" if year else "format.day")


def weekday(value: Any, lang: str) -> str:
    """Write the name of a day of the week.

    Parameters
    ----------
    value : datetime
        An instant on that day, in the zone in which it is to be read.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        Its name.

    Examples
    --------
    >>> from datetime import date
    >>> weekday(date(2026, 3, 3), "en"), weekday(date(2026, 3, 3), "ko")
    ('Tuesday', '화요일')
    """
    from babel.dates import format_date

    return str(format_date(value, "EEEE", locale=locale_of(lang)))


def date_only(value: Any, lang: str) -> str:
    """Write a date with its year and without its weekday.

    Parameters
    ----------
    value : datetime
        The instant.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        The date.
    """
    return dated(value, lang, "format.date")


def moment(value: Any, lang: str) -> str:
    """Write a date with year and time of day.

    Parameters
    ----------
    value : datetime
        The instant, in the zone in which it is to be read.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        Date and time.

    Examples
    --------
    >>> from datetime import datetime
    >>> moment(datetime(2026, 3, 6, 20), "ko")
    '2026년 3월 6일(금) 20:00'
    """
    if value != value:  # NaT
        return template("number.unknown", lang)
    return f"{day(value, lang, year=True)} {value:%H:%M}"


def window(start: Any, end: Any, lang: str) -> str:
    """Write a window of time; one that ends at midnight ends at 24:00.

    Parameters
    ----------
    start, end : datetime
        From when to when.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        The window.

    Examples
    --------
    >>> from datetime import datetime
    >>> window(datetime(2026, 3, 6, 20), datetime(2026, 3, 7), "ko")
    '3월 6일(금) 20:00~24:00'
    >>> window(datetime(2026, 3, 6, 22), datetime(2026, 3, 7, 2), "en")
    'Fri 6 Mar 22:00 – Sat 7 Mar 02:00'
    """
    last = end - timedelta(microseconds=1)
    if start.date() == last.date():
        return f"{day(start, lang)} {hours(start, end, lang)}"
    begin, finish = f"{day(start, lang)} {start:%H:%M}", f"{day(end, lang)} {end:%H:%M}"
    return template("format.range.days", lang).format(start=begin, end=finish)


def hours(start: Any, end: Any, lang: str) -> str:
    """Write the hours of a window within one day; one that ends at midnight ends at 24:00.

    Parameters
    ----------
    start, end : datetime
        From when to when.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        The hours.
    """
    close = "24:00" if end.date() != start.date() else f"{end:%H:%M}"
    return template("format.range.hours", lang).format(start=f"{start:%H:%M}", end=close)


def dated(value: Any, lang: str, pattern: str) -> str:
    """Write a date by a pattern of the catalogue.

    Parameters
    ----------
    value : datetime
        The instant.
    lang : str
        Language of a catalogue.
    pattern : str
        Key of the pattern.

    Returns
    -------
    str
        The date.
    """
    from babel.dates import format_date

    if value != value:  # NaT
        return template("number.unknown", lang)
    return str(format_date(value, template(pattern, lang), locale=locale_of(lang)))


def weekday_name(number: int, lang: str) -> str:
    """Write the short name of a day of the week.

    Parameters
    ----------
    number : int
        The day; Monday is 0.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        Its name.

    Examples
    --------
    >>> weekday_name(0, "en"), weekday_name(6, "ko")
    ('Mon', '일')
    """
    return str(locale_of(lang).days["stand-alone"]["abbreviated"][number])
