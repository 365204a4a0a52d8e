"""The texts of each language: read once, when somebody first asks for one.

A catalogue is a gettext file, ``locale/<language>.po``. The key of a text (``msgid``) is a code,
such as ``headline.slot``, or the English text itself where the program says it in place, as errors
do. A third language is one more file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from crimeloc.messages.pseudo import PSEUDO, pseudo_catalogue

__all__ = ["catalogue", "languages", "source_text", "template"]


@cache
def languages() -> tuple[str, ...]:
    """Which languages have a catalogue?

    Returns
    -------
    tuple of str
        English first.

    Examples
    --------
    >>> languages()
    ('en', 'ko')
    """
    folder = resources.files("crimeloc.messages") / "locale"
    names = sorted(one.name[:-3] for one in folder.iterdir() if one.name.endswith(".po"))
    return ("en", *(name for name in names if name != "en"))


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Which text does each key stand for in a language?

    Parameters
    ----------
    lang : str
        Language of a catalogue.

    Returns
    -------
    mapping from str to str
        Texts by key; empty for a language without a catalogue.
    """
    if lang == PSEUDO:
        english, korean = catalogue("en"), catalogue("ko")
        return pseudo_catalogue({**{text: text for text in korean}, **english})
    if lang not in languages():
        return MappingProxyType({})
    from babel.messages.pofile import read_po

    path = resources.files("crimeloc.messages") / "locale" / f"{lang}.po"
    with path.open("rb") as file:
        read = read_po(file, locale=lang)
    texts = {str(entry.id): str(entry.string) for entry in read if entry.id and entry.string}
    return MappingProxyType(texts)


def template(code: str, lang: str) -> str:
    """Which text, its places still open, does a key stand for?

    Parameters
    ----------
    code : str
        A code, or an English text.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        The text of that language, else the English one, else the key itself.
    """
    if lang == "en" and " " in code:
        return code  # an English text is its own key: no catalogue is read for it
    found = catalogue(lang).get(code)
    if found is None and lang != "en":
        found = code if " " in code else catalogue("en").get(code)
    return code if found is None else found


def source_text(text: str, lang: str) -> str:
    """How does an English text that quotes nothing read in a language?

    Parameters
    ----------
    text : str
        The English text.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        Its translation; the text itself where the catalogue has none.
    """
    return catalogue(lang).get(text, text)
