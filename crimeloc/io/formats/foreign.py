"""Files that are not read, recognised by their first bytes and called by their names."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import NamedTuple

from crimeloc.errors import FileError
from crimeloc.messages import Message, Said

__all__ = ["refuse_foreign", "refuse_foreign_zip"]

_SAVE_AS = Message("open it where it was made and save it as .xlsx or CSV")
_AS_CSV = Message("ask for the table as CSV or .xlsx")


class _Kind(NamedTuple):
    """What tells a kind of file, what it is, and what to do."""

    sign: bytes | str
    found: str
    hint: Said


_HEADS = (
    _Kind(rb"%PDF-", "a PDF document", _AS_CSV),
    _Kind(rb"\{\\rtf", "an RTF document", _AS_CSV),
    _Kind(rb"<## NASCA DRM FILE", "a file locked by DRM (NASCA)", _SAVE_AS),
    _Kind(rb"(?:\x9b\s?|<!--\s*)?DRMONE", "a file locked by DRM (Fasoo)", _SAVE_AS),
    _Kind(rb".{0,16}Fasoo", "a file locked by DRM (Fasoo)", _SAVE_AS),
    _Kind(rb"SCDSA00[0-9]", "a file locked by DRM (SoftCamp)", _SAVE_AS),
    _Kind(rb".{0,16}MarkAny", "a file locked by DRM (MarkAny)", _SAVE_AS),
    _Kind(rb"HWP Document File", "a document of the Hangul word processor", _AS_CSV),
    _Kind(rb"\x89PNG\r\n|\xff\xd8\xff|GIF8|BM.{4}\x00{4}|II\*\x00|MM\x00\*", "a picture", _AS_CSV),
    _Kind(rb"ElfFile\x00", "a Windows event log", "export it as CSV or XML"),
    _Kind(
        rb"\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x0a\x0d\x0d\x0a",
        "recorded network traffic (pcap)",
        "export the connections as CSV, or read them with Zeek",
    ),
    _Kind(
        rb"-----BEGIN PGP|\x85[\x01-\x04]\x0c\x03", "a file encrypted with PGP", "decrypt it first"
    ),
    _Kind(rb"Salted__", "an encrypted file", "decrypt it first"),
    _Kind(rb"Rar!\x1a\x07", "a packed file (RAR)", "unpack it first"),
    _Kind(rb"7z\xbc\xaf'\x1c", "a packed file (7z)", "unpack it first"),
    _Kind(rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "a packed file", "unpack it first"),
    _Kind(rb".{257}ustar", "a packed file (tar)", "unpack it first"),
    _Kind(rb"\x7fELF|MZ.{58}", "a program", "check what it is before you open anything"),
)
"""First bytes, what the file is, and what to do."""

_MAIL = (
    rb"(?:(?:Return-Path|Delivered-To|Received|From|To|Subject|Date|Message-ID|MIME-Version|"
    rb"X-[A-Za-z-]+): [^\n]*\n(?:[ \t][^\n]*\n)*){3}"
)

_TEXTS = (
    _Kind(
        rb"<\?xml[^>]*\?>.*urn:schemas-microsoft-com:office:spreadsheet",
        "an Excel file in the XML form of 2003",
        "open it in Excel and save it as .xlsx",
    ),
    _Kind(
        rb"<\?xml[^>]*\?>.*<(?:\w+:)?(?:EntityDescriptor|svg|html)\b",
        "an XML document without rows",
        _AS_CSV,
    ),
    _Kind(
        rb"(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|table|meta)\b",
        "an HTML page",
        "open it in Excel and save it as .xlsx",
    ),
    _Kind(
        _MAIL,
        "an e-mail (EML)",
        "save the attachment by itself",
    ),
    _Kind(
        rb"MIME-Version: 1\.0\s.*multipart/related",
        "a web archive (MHT)",
        "open it in Excel and save it as .xlsx",
    ),
)

_STREAMS = (
    _Kind(
        "EncryptedPackage",
        "an Excel file locked with a password or by DRM",
        "open it with its password and save it without one",
    ),
    _Kind("Workbook", "an Excel file of the old kind (.xls)", "open it and save it as .xlsx"),
    _Kind("Book", "an Excel file of the old kind (.xls)", "open it and save it as .xlsx"),
    _Kind("WordDocument", "a Word document", _AS_CSV),
    _Kind("PowerPoint Document", "a PowerPoint file", _AS_CSV),
    _Kind("HwpSummaryInformation", "a document of the Hangul word processor", _AS_CSV),
    _Kind("__substg1.0_", "an Outlook message", "save the attachment by itself"),
)
"""Streams of compound files of Microsoft, by which one tells what they hold."""


def refuse_foreign(name: str, data: bytes) -> None:
    """Refuse a file that holds no table that can be read, and say what it is.

    Parameters
    ----------
    name : str
        File name, for the error text.
    data : bytes
        Its first bytes, some thousands.

    Raises
    ------
    FileError
        It is of a kind that is known and not read.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _compound(name, data)
    for sign, found, hint in _HEADS:
        if re.match(_pattern(sign), data, re.DOTALL):
            raise _refused(name, found, hint)
    text = data[:8_192].lstrip(b"\xef\xbb\xbf \t\r\n")
    for sign, found, hint in _TEXTS:
        if re.match(_pattern(sign), text, re.DOTALL | re.IGNORECASE):
            raise _refused(name, found, hint)


def refuse_foreign_zip(name: str, path: Path) -> None:
    """Refuse a zip file whose members are no tables, and say what it is.

    Parameters
    ----------
    name : str
        File name, for the error text.
    path : Path
        The file.

    Raises
    ------
    FileError
        It is a document of another program, or locked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return  # said where it is opened
    if any(member.flag_bits & 1 for member in members):
        raise _refused(name, "a zip file locked with a password", "unpack it with its password")
    for start, found, hint in (
        _Kind("word/", "a Word document", _AS_CSV),
        _Kind("ppt/", "a PowerPoint file", _AS_CSV),
        _Kind("Contents/section", "a document of the Hangul word processor", _AS_CSV),
        _Kind("content.xml", "an OpenDocument file", "open it and save it as .xlsx"),
        _Kind("Index/", "a Numbers file of Apple", "export it as .xlsx or CSV"),
    ):
        if any(member.startswith(str(start)) for member in names):
            raise _refused(name, found, hint)


def _pattern(sign: bytes | str) -> bytes:
    return sign if isinstance(sign, bytes) else sign.encode()


def _compound(name: str, data: bytes) -> FileError:
    for stream, found, hint in _STREAMS:
        if str(stream).encode("utf-16-le") in data:
            return _refused(name, found, hint)
    return _refused(name, "an Excel file of the old kind (.xls)", "open it and save it as .xlsx")


def _refused(name: str, found: str, hint: Said) -> FileError:
    return FileError(name, found=found, expected="a table that can be read", hint=hint)
