"""Open a file, or say why it cannot be opened."""

from __future__ import annotations

from pathlib import Path

from crimeloc.errors import FileError
from crimeloc.messages import Message

__all__ = ["MAX_TEXT", "first_bytes"]

MAX_TEXT = 8 << 30
"""Bytes of the largest file that is opened."""


def first_bytes(path: Path, count: int = 64) -> bytes:
    """Give the first bytes of a file that is there and can be opened.

    Parameters
    ----------
    path : Path
        The file.
    count : int
        How many bytes.

    Returns
    -------
    bytes
        At least one.

    Raises
    ------
    FileError
        There is no such file, it is a folder, it cannot be opened, or it is empty.
    """
    try:
        if path.is_dir():
            raise FileError(
                path.name, found="a folder", expected="a file", hint="name the file in it"
            )
        if path.exists() and not path.is_file():
            raise FileError(
                path.name,
                found="a pipe or a device",
                expected="a file that ends",
                hint="save it as a file first",
            )
        with open(path, "rb") as handle:
            head = handle.read(count)
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise FileError(
            path, found="no such file", expected="a file", hint="check the name and folder"
        ) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise FileError(
            path.name,
            found=Message("a file that cannot be opened ({why})", why=why),
            expected="a file",
            hint="check its rights",
        ) from error
    if not head:
        raise FileError(
            path.name,
            found="an empty file",
            expected="a header and rows",
            hint="export the file again",
        )
    if size > MAX_TEXT:
        raise FileError(
            path.name,
            found=Message("{size} GB", size=size >> 30),
            expected=Message("at most {most} GB", most=MAX_TEXT >> 30),
            hint="split the file",
        )
    return head
