"""Keys of a unit for pseudonyms: what is long enough and not guessed at once."""

from __future__ import annotations

from itertools import pairwise

from crimeloc.errors import ParameterError
from crimeloc.messages import Message

__all__ = ["SHORTEST", "checked_key", "key_of_file"]

SHORTEST = 16
"""Bytes of the shortest key."""

_FEWEST = 8
"""Different bytes of a key; 16 bytes at random hold fewer once in many billions of keys."""

_HINT = "key=secrets.token_bytes(32), kept apart from the files"


def checked_key(key: str | bytes) -> bytes:
    """Is this a key that nobody guesses?

    Parameters
    ----------
    key : str or bytes
        The secret.

    Returns
    -------
    bytes
        The key; a text in UTF-8.

    Raises
    ------
    ParameterError
        It has fewer than 16 bytes or fewer than 8 different ones, repeats a short piece, or runs
        through its letters in order.

    Notes
    -----
    What is refused is what is tried first. A key of words that a person chose passes: whether it
    is a secret cannot be seen from it.

    Examples
    --------
    >>> checked_key("a key of the unit, kept apart")[:5]
    b'a key'
    """
    secret = key.encode() if isinstance(key, str) else bytes(key)
    if len(secret) < SHORTEST:
        raise ParameterError(
            "key",
            found=Message("{n} bytes", n=len(secret)),
            expected="a secret of at least 16 bytes",
            hint=_HINT,
        )
    if len(set(secret)) < _FEWEST or _repeats(secret) or _runs(secret):
        raise ParameterError(
            "key",
            found="a key that is guessed at once",
            expected="a secret made at random",
            hint=_HINT,
        )
    return secret


def key_of_file(data: bytes) -> bytes:
    """Which key does a file hold?

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    bytes
        A line of text without its end; bytes that are no text just as they are.

    Examples
    --------
    >>> key_of_file(b"a key of the unit\\r\\n")
    b'a key of the unit'
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data
    line = text.rstrip("\r\n")
    return line.encode() if line.isprintable() else data


def _repeats(secret: bytes) -> bool:
    """Is it a piece of at most half its length, again and again?"""
    return any(
        secret == (secret[:size] * (len(secret) // size + 1))[: len(secret)]
        for size in range(1, len(secret) // 2 + 1)
    )


def _runs(secret: bytes) -> bool:
    """Do most of its letters follow one another, up or down?"""
    steps = [after - before for before, after in pairwise(secret)]
    return max(steps.count(1), steps.count(-1)) > len(steps) // 2
