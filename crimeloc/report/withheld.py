"""The words at a level of disclosure: a count that may not be told is said to be withheld."""

from __future__ import annotations

from crimeloc.messages.words import Words, words
from crimeloc.report.content import Content

__all__ = ["voice_of"]


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
    return words(voice.lang, "withheld") if content.level == "disclosure" else voice
