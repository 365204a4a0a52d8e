"""The words at a level of disclosure: a count that may not be told is said to be withheld."""

from __future__ import annotations

import math

from crimeloc.messages.words import Words, words
from crimeloc.report.content import Content

__all__ = ["Voice", "voice_of"]


class Voice(Words):
    """The words of one language where counts are withheld.

    Parameters
    ----------
    lang : str
        ``"en"`` or ``"ko"``.
    texts : mapping
        Text of each key.
    """

    def number(self, value: float, digits: int = 0) -> str:
        """Give a number with its thousands set apart; a missing one is withheld."""
        return self("withheld") if math.isnan(value) else super().number(value, digits)


def voice_of(content: Content, base: Words | None = None) -> Words:
    """Give the words for a content: its language, and what its level does not tell.

    Parameters
    ----------
    content : Content
        At any level.
    base : Words, optional
        The words; by default those of its language.

    Returns
    -------
    Words
        The same, or such as say that a count is withheld.
    """
    voice = base or words(content.settings.lang)
    return Voice(voice.lang, voice.texts) if content.level == "disclosure" else voice
