"""In which language, and with which names for arguments, the command line speaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar

from crimeloc.errors import Dialect
from crimeloc.messages import Hint, Message, Translator, languages
from crimeloc.messages.message import literal

__all__ = ["flags", "language", "speak", "tell", "translator"]

_LANG: ContextVar[str] = ContextVar("language of the command line", default="en")

_NAMES = {"city": "city_db", "columns": "column", "key": "key_file"}
"""Arguments of functions that the command line calls otherwise."""

_PLACES = {"command", "events", "file", "venues"}
"""Arguments of the command line that have no flag."""


def language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Which language does the person at the terminal read?

    Parameters
    ----------
    arguments : sequence of str
        The words after ``crimeloc``: ``--lang`` says it.
    environment : mapping
        Else the locale does: ``LC_ALL``, ``LC_MESSAGES``, ``LANG``.

    Returns
    -------
    str
        Language of a catalogue; English where there is none for the locale.

    Examples
    --------
    >>> language(["brief", "--lang", "ko"], {}), language(["check"], {"LANG": "ko_KR.UTF-8"})
    ('ko', 'ko')
    >>> language(["check"], {"LANG": "fr_FR.UTF-8"})
    'en'
    """
    for place, word in enumerate(arguments):
        if word.startswith("--lang="):
            named = word.removeprefix("--lang=")
        elif word == "--lang":
            named = "".join(arguments[place + 1 : place + 2])
        else:
            continue
        if named in languages():
            return named
    set_ = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    named = next((value for value in set_ if value), "").partition("_")[0].partition(".")[0]
    return named if named in languages() else "en"


def speak(lang: str) -> None:
    """Say everything from here on in this language.

    Parameters
    ----------
    lang : str
        Language of a catalogue.
    """
    _LANG.set(lang)


def translator() -> Translator:
    """Give the language that is spoken."""
    return Translator(_LANG.get())


def tell(text: str, /, **params: object) -> str:
    """Say a text in the language that is spoken.

    Parameters
    ----------
    text : str
        The English text.
    **params
        What it quotes.

    Returns
    -------
    str
        The text.
    """
    return Message(text, **params).text(_LANG.get())


def flags(known: Iterable[str]) -> Dialect:
    """How are the arguments of functions called at the command line?

    Parameters
    ----------
    known : iterable of str
        Arguments of the command, as argparse names them.

    Returns
    -------
    Dialect
        ``start`` is ``--start`` where the command has it, and a hint is a line to type.

    Examples
    --------
    >>> spoken = flags(["start", "tz"])
    >>> spoken.name("start"), spoken.hint(Hint(start="2026-03-01 00:00+09:00"))
    ('--start', '--start "2026-03-01 00:00+09:00"')
    >>> spoken.hint(Hint("read_events", tz="Asia/Seoul")), spoken.hint(Hint(gap="36h"))
    ('--tz "Asia/Seoul"', 'gap="36h"')
    """
    names = {name: "--" + name.replace("_", "-") for name in set(known) - _PLACES}

    def called(argument: str) -> str | None:
        return names.get(_NAMES.get(argument, argument))

    def hint(given: Hint) -> str:
        if any(called(argument) is None for argument in given.arguments):
            return str(given)
        return " ".join(
            f"{called(argument)} {piece}"
            for argument, value in given.arguments.items()
            for piece in _typed(value)
        )

    return Dialect(lambda argument: called(argument) or argument, hint)


def _typed(value: object) -> list[str]:
    """A mapping is typed as one ``PART=NAME`` after the other."""
    if isinstance(value, Mapping):
        return [f"{part}={name}" for part, name in value.items()]
    return [literal(value)]
