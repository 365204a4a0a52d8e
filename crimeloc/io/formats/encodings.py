"""In which encoding is this text, and which bytes of it are damaged?"""

from __future__ import annotations

import codecs
import re
from typing import Any

import numpy as np
import pyarrow as pa

__all__ = ["codec_of", "decode_line", "is_utf8", "to_utf8"]

_LITERAL = re.compile(r"\\(?=x[0-9a-f]{2})")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with BOM"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 little endian"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32 big endian"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 little endian"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 big endian"),
)


def to_utf8(data: bytes, encoding: str | None = None) -> tuple[bytes, str, str, bytes]:
    """Give the text as UTF-8, whatever it is written in.

    Parameters
    ----------
    data : bytes
        The file.
    encoding : str, optional
        The encoding, if a person says it.

    Returns
    -------
    text : bytes
        The text in UTF-8, without a byte-order mark. What is no text stays in it as bytes that
        are no UTF-8 (lone surrogates, written as if they were characters).
    codec : str
        Name of the Python codec.
    words : str
        The encoding in words.
    tail : bytes
        A last byte that is half a character, in UTF-16.

    Raises
    ------
    LookupError
        There is no such encoding.

    Notes
    -----
    A byte-order mark decides, unless it is a false one; then many NULs in every second place
    (UTF-16); then valid UTF-8;
    then valid cp949; then whichever of UTF-8 and cp949 leaves fewer broken lines.
    """
    codec, words, start = _named(data, encoding) if encoding else _detect(data)
    body = data[start:] if start else data
    if codec == "utf-8":
        return body, codec, words, b""
    width = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}.get(codec, 1)
    tail = body[len(body) - len(body) % width :] if len(body) % width else b""
    if tail:
        body = body[: -len(tail)]
    try:
        return body.decode(codec).encode("utf-8"), codec, words, tail
    except UnicodeError:
        errors = "surrogatepass" if codec.startswith("utf-16") else "surrogateescape"
        if codec.startswith("utf-32"):
            errors = "replace"
        return body.decode(codec, errors).encode("utf-8", "surrogatepass"), codec, words, tail


def decode_line(line: bytes, codec: str) -> tuple[str, bool]:
    r"""Read one line of what `to_utf8` gave.

    Parameters
    ----------
    line : bytes
        The line.
    codec : str
        The encoding of the file.

    Returns
    -------
    text : str
        The text, with bytes that are no text as ``\xNN``, and the backslash of a literal ``\xNN``
        as ``\x5c``, so that `crimeloc.io.original_bytes` finds the bytes again.
    whole : bool
        Was it all text?
    """
    try:
        return _LITERAL.sub(r"\\x5c", line.decode("utf-8")), True
    except UnicodeDecodeError:
        pass
    if codec == "utf-8":
        text = _LITERAL.sub(r"\\x5c", line.decode("utf-8", "surrogateescape"))
        return _spell(text, None), False
    text = _LITERAL.sub(r"\\x5c", line.decode("utf-8", "surrogatepass"))
    return _spell(text, codec if codec.startswith("utf-16") else None), False


def _spell(text: str, codec: str | None) -> str:
    pieces = []
    for character in text:
        code = ord(character)
        if not 0xD800 <= code <= 0xDFFF:
            pieces.append(character)
        elif codec is not None:
            units = character.encode(codec, "surrogatepass")
            pieces.append("".join(f"\\x{byte:02x}" for byte in units))
        else:
            pieces.append(f"\\x{code & 0xFF:02x}")
    return "".join(pieces)


def _named(data: bytes, encoding: str) -> tuple[str, str, int]:
    codec = codecs.lookup(encoding).name
    for mark, name, words in _BOMS:
        if data.startswith(mark) and codec in (name, "utf-8-sig", "utf-16", "utf-32"):
            return name, words, len(mark)
    return codec_of(encoding), encoding, 0


def codec_of(words: str) -> str:
    """Which Python codec does a report mean?

    Parameters
    ----------
    words : str
        The encoding as a report names it, or the name of a codec.

    Returns
    -------
    str
        A codec that writes no byte-order mark.

    Raises
    ------
    LookupError
        There is no such encoding.
    """
    for _, name, declared in _BOMS:
        if words == declared:
            return name
    codec = codecs.lookup(words).name
    plain = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
    return plain.get(codec, codec)


def _detect(data: bytes) -> tuple[str, str, int]:
    head = data[:65_536]
    for mark, codec, words in _BOMS:
        if not data.startswith(mark):
            continue
        if codec != "utf-8":
            if 0 in head or len(head) < 10:  # commas and ends of lines have a NUL in UTF-16
                return codec, words, len(mark)
        elif _vote(data[len(mark) :]) == "utf-8":
            return codec, words, len(mark)
        else:
            return "cp949", "cp949", len(mark)
    if len(head) >= 4:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        half = len(head) / 2
        if odd > 0.4 * half and even < 0.1 * half:
            return "utf-16-le", "UTF-16 little endian", 0
        if even > 0.4 * half and odd < 0.1 * half:
            return "utf-16-be", "UTF-16 big endian", 0
    found = _vote(data)
    return found, {"utf-8": "UTF-8"}.get(found, found), 0


def _vote(data: bytes) -> str:
    """UTF-8 or cp949? Whichever is whole; else whichever leaves fewer broken lines."""
    if _sound(data, "utf-8"):
        return "utf-8"
    if _sound(data, "cp949"):
        return "cp949"
    lines = [line for line in re.split(rb"[\r\n]+", data) if not line.isascii()]
    korean = sum(_sound(line, "cp949") for line in lines)
    unicode = sum(_sound(line, "utf-8") for line in lines)
    return "cp949" if korean > unicode else "utf-8"


def is_utf8(data: bytes) -> bool:
    """Is this UTF-8 from end to end? Nothing is decoded for it: a text in memory is large.

    Parameters
    ----------
    data : bytes
        Any bytes.

    Returns
    -------
    bool
        Whether Python would decode them, too.
    """
    ends: Any = pa.py_buffer(np.array([0, len(data)], dtype=np.int64))
    whole = pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(data))
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _sound(data: bytes, codec: str) -> bool:
    if codec == "utf-8":
        return is_utf8(data)
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
