"""How the open places of a text are filled.

A place is ``{name}`` or ``{name:format}``; formats follow one another behind a bar, so that
``{p:percent|으로/로}`` is a per cent with its particle.

============================  ============================================================
``{x}``                       the value as it is; a message in the language; a list by commas
``{n:number}``                a count with its thousands apart; ``number.1`` with one digit
``{p:percent}``               a probability
``{at:moment}`` ``{at:day}``  an instant with its time of day; a date with its weekday
``{at:weekday}``              the day of the week alone
``{w:window}``                a window of time, from a pair of instants
``{s:duration}``              whole days, hours or minutes
``{m:metres}``                metres or kilometres
``{w:window}``                a pair of instants: from when to when
``{xs:list}`` ``{xs:or}``     a, b and c; a, b or c
``{n:plural row/rows}``       the form that goes with the number, in the order of CLDR
``{x:이/가}``                 the value with the Korean particle that fits its last sound
``{x:.1f}``                   any format of Python
============================  ============================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from string import Formatter
from typing import TypeAlias

from crimeloc.messages import dates, formats
from crimeloc.messages.catalogues import template
from crimeloc.messages.korean import with_particle

__all__ = ["fields", "fill", "fill_text"]

Step: TypeAlias = Callable[[object, str], str]
"""How a value is written in a language."""

_PAIR = re.compile(r"[가-힣]+/[가-힣]+")


def fill(code: str, params: Sequence[tuple[str, object]], lang: str) -> str:
    """Say a code in a language.

    Parameters
    ----------
    code : str
        A code, or an English text.
    params : sequence of (str, value)
        What the text quotes.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        The text, its places filled.
    """
    return fill_text(template(code, lang), dict(params), lang)


def fill_text(text: str, values: Mapping[str, object], lang: str) -> str:
    """Fill the places of one text.

    Parameters
    ----------
    text : str
        The text.
    values : mapping
        Value of each place.
    lang : str
        Language in which numbers, dates and lists are written.

    Returns
    -------
    str
        The text, its places filled.

    Raises
    ------
    KeyError
        The text names a place that has no value.

    Examples
    --------
    >>> fill_text("{n:number} {n:plural row/rows} of {file}", {"n": 1_200, "file": "a.csv"}, "en")
    '1,200 rows of a.csv'
    >>> fill_text("{venue:이/가} 유력", {"venue": "은하수 PC방"}, "ko")
    '은하수 PC방이 유력'
    """
    if "{" not in text and "}" not in text:
        return text
    said = []
    for before, name, steps in _parsed(text):
        said.append(before)
        if name is not None:
            value = values[name]
            for step in steps:
                value = step(value, lang)
            said.append(str(value))
    return "".join(said)


def fields(text: str) -> frozenset[str]:
    """Which places does a text have?

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    frozenset of str
        Their names.

    Examples
    --------
    >>> sorted(fields("{n:number} of {all}"))
    ['all', 'n']
    """
    return frozenset(name for _, name, _ in _parsed(text) if name is not None)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[tuple[str, str | None, tuple[Step, ...]], ...]:
    parts: list[tuple[str, str | None, tuple[Step, ...]]] = []
    for before, name, spec, conversion in Formatter().parse(text):
        if name is None:
            parts.append((before, None, ()))
            continue
        if conversion:
            raise ValueError(f"a conversion in the text {text!r}: quote the value where it is made")
        steps = tuple(_step(one) for one in (spec or "").split("|"))
        parts.append((before, name, steps))
    return tuple(parts)


def _step(spec: str) -> Step:
    if not spec:
        return _as_it_is
    if _PAIR.fullmatch(spec):
        return lambda value, lang: with_particle(_as_it_is(value, lang), spec)
    kind, _, rest = spec.partition(" ")
    name, _, digits = kind.partition(".")
    if kind == "plural":
        return lambda value, lang: formats.plural(value, rest.split("/"), lang)
    if name == "number":
        return lambda value, lang: formats.number(value, lang, int(digits or 0))
    if spec in ("list", "or"):
        return lambda value, lang: _listed(value, spec, lang)
    if spec == "window":
        return _window
    if spec in _NAMED:
        return _NAMED[spec]
    return lambda value, _: format(value, spec)  # a format of Python


_NAMED: dict[str, Step] = {
    "date": dates.date_only,
    "day": dates.day,
    "duration": formats.duration,
    "metres": formats.metres,
    "moment": dates.moment,
    "percent": formats.percent,
    "weekday": dates.weekday,
}


def _window(value: object, lang: str) -> str:
    """A pair of instants, from when to when."""
    start, end = value if isinstance(value, tuple) else (value, value)
    return dates.window(start, end, lang)


def _listed(value: object, last: str, lang: str) -> str:
    parts = value if isinstance(value, tuple) else (value,)
    return formats.listed([_as_it_is(one, lang) for one in parts], lang, last=last)


def _as_it_is(value: object, lang: str) -> str:
    if isinstance(value, str):
        return value
    said = getattr(value, "text", None)
    if callable(said):  # a message
        return str(said(lang))
    if isinstance(value, tuple):
        return ", ".join(_as_it_is(one, lang) for one in value)
    if isinstance(value, datetime):
        return dates.moment(value, lang)
    if isinstance(value, timedelta):
        return formats.duration(value, lang)
    return str(value)
