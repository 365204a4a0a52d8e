"""Texts as code and parameters: one sentence, said in any language that has a catalogue."""

from crimeloc.messages.catalogues import languages
from crimeloc.messages.message import Hint, Message, Said, said, say
from crimeloc.messages.pseudo import PSEUDO
from crimeloc.messages.translator import Translator

__all__ = ["PSEUDO", "Hint", "Message", "Said", "Translator", "languages", "said", "say"]
