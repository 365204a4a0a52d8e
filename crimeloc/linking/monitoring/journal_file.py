"""The journal of a watch: one line for each upload, on the disk before it counts.

A line is the SHA-256 of its text, shortened, and the text itself: JSON in ASCII, so that no name
of an account can hold what some reader takes for the end of a line. Lines end at a line feed and
at nothing else. A line that a full disk or a power cut left half written was never counted and is
cut off; a whole line that does not agree with its checksum is set aside, said, and the rest goes
on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, BinaryIO

from crimeloc.errors import FileError
from crimeloc.linking.monitoring.state import Upload
from crimeloc.messages import Hint, Message

__all__ = ["JournalFile"]

_DIGITS = 16
_TEXTS = ("account", "content", "series_id")
_PLACES = ("lon", "lat")


class JournalFile:
    """Append uploads to a file, and take them back.

    Parameters
    ----------
    path : str or Path
        The file; it is made at the first write, for its owner alone.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._size = 0

    def read(self) -> tuple[list[Upload], tuple[Message, ...]]:
        """Which uploads does it hold?

        Returns
        -------
        uploads : list of Upload
            In the order they were written.
        notes : tuple of Message
            What was cut off or set aside (into a file beside it).

        Raises
        ------
        FileError
            No line of it is one of a journal.
        """
        if not self.path.exists():
            return [], ()
        data = self.path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        notes = []
        if len(whole) < len(data):
            self._cut(len(whole))
            notes.append(Message("The journal ended in half a line, which was cut off."))
        lines = whole.split(b"\n")[:-1]
        found = [_upload_of(line) for line in lines]
        good = [upload for upload in found if upload is not None]
        bad = [line for line, upload in zip(lines, found, strict=True) if upload is None]
        if bad and not good:
            raise FileError(
                self.path,
                found="no journal of a watch",
                expected="one upload per line",
                hint=Hint(journal=None),
            )
        if bad:
            aside = self.path.with_name(f"{self.path.name}.damaged")
            aside.write_bytes(b"".join(line + b"\n" for line in bad))
            notes.append(
                Message(
                    "{n} {n:plural line/lines} of the journal {n:plural does/do} not agree with"
                    " {n:plural its/their} checksum and {n:plural was/were} set aside in {file}.",
                    n=len(bad),
                    file=aside.name,
                )
            )
        self._size = len(whole)
        return good, tuple(notes)

    def write(self, upload: Upload) -> None:
        """Put one upload on the disk.

        Parameters
        ----------
        upload : Upload
            It counts once this returns.

        Raises
        ------
        FileError
            Another process has written to the journal meanwhile, or the disk is full; the journal
            stays as it was.
        """
        text = json.dumps(asdict(upload), sort_keys=True, allow_nan=False).encode("ascii")
        line = _checksum(text) + b" " + text + b"\n"
        with self._opened() as handle:
            size = handle.seek(0, os.SEEK_END)
            if size != self._size:
                raise FileError(
                    self.path,
                    found="a journal that another watch writes to",
                    expected="one watch for each journal",
                    hint="end the other, or give this one a journal of its own",
                )
            try:
                handle.write(line)
                handle.flush()
                os.fsync(handle.fileno())
            except OSError as error:
                with contextlib.suppress(OSError):
                    handle.truncate(size)
                raise FileError(
                    self.path,
                    found=error.strerror or "a disk that takes no more",
                    expected="room for one more line",
                    hint="make room, and add the upload again",
                ) from error
        self._size += len(line)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        """Open for appending, for the owner alone, and while no other process does."""
        number = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(number, "rb+", buffering=0) as handle:
            with contextlib.suppress(ImportError):  # not on Windows, where opening suffices
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle

    def _cut(self, size: int) -> None:
        with open(self.path, "rb+") as handle:
            handle.truncate(size)
            handle.flush()
            os.fsync(handle.fileno())


def _checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:_DIGITS].encode("ascii")


def _upload_of(line: bytes) -> Upload | None:
    """Take one line apart; None where it does not agree with its checksum or is no upload."""
    mark, _, text = line.partition(b" ")
    if mark != _checksum(text):
        return None
    try:
        plain = json.loads(text)
        return Upload(**plain) if _sound(plain) else None
    except (ValueError, TypeError):
        return None


def _sound(plain: Any) -> bool:
    """Is every field there and of its kind?"""
    if not isinstance(plain, dict) or set(plain) != {item.name for item in fields(Upload)}:
        return False
    return (
        isinstance(plain["event_id"], str)
        and all(type(plain[name]) is int for name in ("t", "hour"))
        and all(plain[name] is None or isinstance(plain[name], str) for name in _TEXTS)
        and all(plain[name] is None or isinstance(plain[name], float) for name in _PLACES)
        and isinstance(plain["identifiers"], dict)
        and all(isinstance(value, str) for value in plain["identifiers"].values())
        and isinstance(plain["venues"], dict)
        and all(isinstance(value, float) for value in plain["venues"].values())
    )
