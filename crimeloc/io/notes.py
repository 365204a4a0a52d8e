"""What is worth knowing about a file that was read: warnings, remarks, and what was passed over."""

from __future__ import annotations

from crimeloc.messages import Message

__all__ = ["Notes"]


class Notes:
    """Collects what a reader has to say, while it reads.

    Attributes
    ----------
    warnings : list of Message
        What can make the result wrong.
    remarks : list of Message
        How the file was read.
    passed_over : list of Message
        What is in the file and was not used.

    Examples
    --------
    >>> notes = Notes()
    >>> notes.add("{n:,} rows", n=1_200)
    >>> [str(note) for note in notes.remarks]
    ['1,200 rows']
    """

    def __init__(self) -> None:
        self.warnings: list[Message] = []
        self.remarks: list[Message] = []
        self.passed_over: list[Message] = []

    def warn(self, text: str, /, **params: object) -> None:
        """Say what can make the result wrong."""
        self._once(self.warnings, Message(text, **params))

    def add(self, text: str, /, **params: object) -> None:
        """Say how the file was read."""
        self._once(self.remarks, Message(text, **params))

    def skip(self, text: str, /, **params: object) -> None:
        """Say what is in the file and was not used."""
        self._once(self.passed_over, Message(text, **params))

    def take(self, other: Notes) -> None:
        """Say everything that another said."""
        for mine, theirs in (
            (self.warnings, other.warnings),
            (self.remarks, other.remarks),
            (self.passed_over, other.passed_over),
        ):
            for message in theirs:
                self._once(mine, message)

    @staticmethod
    def _once(said: list[Message], message: Message) -> None:
        if message not in said:
            said.append(message)
