"""The former names of `Translator`, until each room uses it."""

from __future__ import annotations

from crimeloc.messages.catalogues import languages
from crimeloc.messages.translator import Translator

__all__ = ["LANGUAGES", "Words", "words"]

LANGUAGES = languages()


class Words(Translator):
    """A `Translator` that still takes sentences of readers and replays back apart."""

    def note(self, text: str) -> str:
        """Give the words for a note of a replay; one that is not known is marked as English."""
        if self.lang == "en":
            return text
        for key in ("note.no_series", "note.no_venue", "note.first", "note.elsewhere"):
            head, tail = Translator("en")._texts[key].split("{n}")
            if text.startswith(head) and text.endswith(tail):
                return self(key, n=text[len(head) : len(text) - len(tail)])
        return self("replay.note.foreign", text=text)


def words(lang: str, unknown: str = "number.unknown") -> Words:
    """Give the texts of a language."""
    return Words(lang, unknown)
