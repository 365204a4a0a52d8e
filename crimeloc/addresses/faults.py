"""Why a text is no address: a fault under a code that does not change."""

from __future__ import annotations

from crimeloc.messages import Message

__all__ = ["AddressFault"]


class AddressFault(ValueError):  # noqa: N818  (a fault of a text, caught and counted)
    """A text that is no address; ``missing`` tells an empty one from a broken one.

    Parameters
    ----------
    code : str
        Which fault: a code of the catalogues, ``address.*`` or ``network.*``.
    missing : bool
        Is there no address, and none claimed?
    **fields
        What the sentence quotes.
    """

    def __init__(self, code: str, *, missing: bool = False, **fields: object) -> None:
        self.code = code
        self.reason = Message(code, **fields)
        self.missing = missing
        super().__init__(code)

    def __str__(self) -> str:
        """Say it in English."""
        return str(self.reason)
