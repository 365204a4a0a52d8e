"""Which locale of CLDR a language of the catalogues stands for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from crimeloc.messages.pseudo import PSEUDO

if TYPE_CHECKING:
    from babel import Locale

__all__ = ["locale_of"]


@cache
def locale_of(lang: str) -> Locale:
    """Give the locale, with its names of days, marks of thousands and plural rules.

    Parameters
    ----------
    lang : str
        Language of a catalogue.

    Returns
    -------
    Locale
        Of Babel.
    """
    from babel import Locale

    # No name of a day or a month in the made-up language may read as English.
    return Locale.parse("ja" if lang == PSEUDO else lang, sep="-")
