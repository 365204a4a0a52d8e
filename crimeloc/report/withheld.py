"""The words at a level of disclosure: a count that may not be told is said to be withheld."""

from __future__ import annotations

from crimeloc.messages.translator import Translator
from crimeloc.report.content import Content

__all__ = ["voice_of"]


def voice_of(content: Content) -> Translator:
    """Give the words for a content: its language, and what its level does not tell.

    Parameters
    ----------
    content : Content
        At any level.

    Returns
    -------
    Translator
        Of its language; at the level ``"disclosure"`` a missing count is said to be withheld.
    """
    if content.level == "disclosure":
        return Translator(content.settings.lang, "withheld")
    return Translator(content.settings.lang)
