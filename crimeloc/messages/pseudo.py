"""A made-up language: English in letters that no English text has.

What a test finds in plain letters on a page of this language never came through a catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["PSEUDO", "pseudo_catalogue", "pseudo_text"]

PSEUDO = "en-XA"
"""Its name, that of the accented pseudo-locale of CLDR."""

_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ODD = "ąƀƈđęƒǥħįĵķłɱńøƥɋřşŧųʋŵҳƴžĄƁƇĐĘƑǤĦĮĴĶŁⱮŃØƤɊŘŞŦŲƲŴҲƳŽ"
_LETTERS = str.maketrans(_PLAIN, _ODD)
_PLACE = re.compile(r"(\{[^}]*\})")
_PLURAL = re.compile(r"(?<=:plural )[^}|]+")


def pseudo_text(text: str) -> str:
    """Write a text in the made-up language; its places stay.

    Parameters
    ----------
    text : str
        English text.

    Returns
    -------
    str
        The same in odd letters, between brackets.

    Examples
    --------
    >>> pseudo_text("{n:number} {n:plural row/rows} of {file}")
    '⟦{n:number} {n:plural řøŵ/řøŵş} øƒ {file}⟧'
    """
    return f"⟦{_odd(text)}⟧"


def pseudo_catalogue(english: Mapping[str, str]) -> Mapping[str, str]:
    """Write every text of a catalogue in the made-up language.

    Parameters
    ----------
    english : mapping from str to str
        English texts by key. Patterns of dates (``format.*``) stay; their names come from CLDR.

    Returns
    -------
    mapping from str to str
        The made-up texts by key.
    """
    made = {}
    for key, text in english.items():
        if not key.startswith("format."):
            made[key] = pseudo_text(text)
        else:
            made[key] = _odd(text) if "{n}" in text else text
    return MappingProxyType(made)


def _odd(text: str) -> str:
    def place(part: str) -> str:
        return _PLURAL.sub(lambda found: found[0].translate(_LETTERS), part)

    parts = _PLACE.split(text)
    return "".join(place(one) if one[:1] == "{" else one.translate(_LETTERS) for one in parts)
