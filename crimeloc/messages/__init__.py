"""Texts as code and parameters: one sentence, said in any language that has a catalogue."""

from crimeloc.messages.message import Hint, Message, Said, say

__all__ = ["Hint", "Message", "Said", "say"]
