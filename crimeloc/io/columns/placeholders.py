"""What stands in a cell and says that there is nothing: one list for all readers.

A placeholder that passes for a value makes one offender of everybody without an account, and a
source of every empty file.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "EMPTY_HASHES",
    "MISSING_WORDS",
    "NOBODY",
    "is_missing_word",
    "missing_variants",
    "placeholders",
]

_NONE = (
    "- -- --- . ? n/a na nan nat none null nil undefined unknown void empty blank missing tbd "
    "notavailable notapplicable notset unspecified #n/a #na #null! #value! #ref! #div/0! #name? "
    "없음 미상 불명 알수없음 확인불가 미확인 해당없음 공란 정보없음 자료없음 데이터없음 미기재 "
    "미입력"
)
_PERSONS = (
    "anonymous anonymoususer anon guest guestuser visitor deleted deleteduser deletedaccount "
    "removed removeduser withdrawn withdrawnuser suspended nobody noname nouser notloggedin "
    "unregistered "
    "익명 익명사용자 익명회원 비회원 게스트 손님 방문자 탈퇴 탈퇴자 탈퇴회원 탈퇴한회원 "
    "탈퇴한사용자 삭제된계정 삭제된사용자 삭제됨 비로그인 이름없음 사용자없음 계정없음 미로그인 "
    "퇴장한사용자 匿名 名無し"
)

MISSING_WORDS = frozenset(_NONE.split())
"""Words that stand for a missing value in any column, in lower case and without spaces."""

NOBODY = MISSING_WORDS | frozenset(_PERSONS.split())
"""Words that stand for nobody in a column of accounts."""

EMPTY_HASHES = frozenset(
    hashlib.new(name, b"", usedforsecurity=False).hexdigest()
    for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")
)
"""Hashes of an empty file."""

_DEVICES = frozenset(
    [
        "9774d56d682e549c",  # what a whole generation of Android devices calls itself
        "02:00:00:00:00:00",  # what iOS and Android give instead of the hardware address
        "unknowndevice",
        "generic",
        "mozilla/5.0",
    ]
)
_ROUNDED = r"^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{2}$"
_SPACED = {
    "알수없음": "알 수 없음",
    "탈퇴한회원": "탈퇴한 회원",
    "탈퇴한사용자": "탈퇴한 사용자",
    "탈퇴회원": "탈퇴 회원",
    "삭제된계정": "삭제된 계정",
    "삭제된사용자": "삭제된 사용자",
    "확인불가": "확인 불가",
    "해당없음": "해당 없음",
    "정보없음": "정보 없음",
    "이름없음": "이름 없음",
    "사용자없음": "사용자 없음",
    "계정없음": "계정 없음",
    "익명사용자": "익명 사용자",
    "notavailable": "not available",
    "notapplicable": "not applicable",
    "anonymoususer": "anonymous user",
    "guestuser": "guest user",
    "deleteduser": "deleted user",
    "deletedaccount": "deleted account",
    "notloggedin": "not logged in",
    "nouser": "no user",
    "noname": "no name",
}
"""The same words as they are written apart."""


@lru_cache(maxsize=4)
def _variants(words: frozenset[str]) -> Any:
    """Every way to write these words: a look-up among them is much faster than a pattern."""
    made = set()
    for word in words | {_SPACED[word] for word in words if word in _SPACED}:
        for text in (word, word.upper(), word.capitalize(), word.title()):
            made |= {text, f"({text})", f"[{text}]", f"<{text}>", f"{{{text}}}", f'"{text}"'}
            made |= {f"'{text}'"}
    return pa.array(sorted(made), type=pa.large_string())


def is_missing_word(text: str) -> bool:
    """Does this text say that there is nothing?

    Parameters
    ----------
    text : str
        The text of a cell.

    Returns
    -------
    bool
        Whether it is empty or among `MISSING_WORDS`, whatever its case, spaces and brackets.

    Examples
    --------
    >>> is_missing_word("(null)"), is_missing_word("알 수 없음"), is_missing_word("a")
    (True, True, False)
    """
    plain = "".join(text.split()).lower()
    return not plain or plain in MISSING_WORDS or plain.strip("\"'`()[]<>{}") in MISSING_WORDS


def placeholders(texts: Any, part: str) -> Any:
    """Which texts of a column stand for none?

    Parameters
    ----------
    texts : LargeStringArray
        Texts without spaces around them.
    part : str
        What the column holds: ``"handle"``, ``"content_hash"``, ``"device"``, ``"event_id"``,
        ``"venue_id"`` or another part.

    Returns
    -------
    BooleanArray
        True where it is a placeholder; false where there is no text.

    Notes
    -----
    Beyond words: hashes of an empty file, hashes and device numbers of one repeated sign (black
    pictures, zeros), and numbers that a spreadsheet rounded (``1.23457E+18``), which are no longer
    anybody's.
    """
    found = pc.is_in(texts, _variants(NOBODY if part == "handle" else MISSING_WORDS))
    if part in _COUNTED and pc.any(pc.match_substring(texts, "E+"), min_count=0).as_py():
        found = pc.or_(found, pc.match_substring_regex(texts, _ROUNDED))
    if part == "handle":
        found = pc.or_(found, pc.is_in(texts, pa.array(["0", "-1"], type=pa.large_string())))
    if part == "content_hash":
        both = sorted(EMPTY_HASHES | {text.upper() for text in EMPTY_HASHES})
        empty = pa.array(both, type=pa.large_string())
        found = pc.or_(found, pc.or_(pc.is_in(texts, empty), _one_sign(texts, 16)))
    if part == "device":
        lower = pc.utf8_lower(texts)
        plain = pc.replace_substring_regex(lower, r"[:.-]", "")
        known = pa.array(sorted(_DEVICES), type=pa.large_string())
        found = pc.or_(found, pc.or_(pc.is_in(lower, known), _one_sign(plain, 6)))
    return pc.fill_null(found, False)


_COUNTED = ("handle", "event_id", "device", "venue_id")
"""Parts that hold numbers of something, which a spreadsheet rounds."""


def _one_sign(texts: Any, least: int) -> Any:
    """Which texts repeat one sign, and are long enough to be a number of something?"""
    first, last = (pc.utf8_slice_codeunits(texts, *ends) for ends in ((0, 3), (-3, None)))
    near = np.asarray(pc.fill_null(pc.equal(first, last), False).to_numpy(zero_copy_only=False))
    places = np.flatnonzero(near)
    result = np.zeros(len(texts), dtype=np.bool_)
    if len(places):
        some = texts.take(pa.array(places))
        length = pc.utf8_length(some)
        same = pc.equal(pc.binary_repeat(pc.utf8_slice_codeunits(some, 0, 1), length), some)
        same = pc.and_(same, pc.greater_equal(length, least))
        result[places] = same.to_numpy(zero_copy_only=False)
    return pa.array(result)


def missing_variants() -> Any:
    """Every way to write a word of `MISSING_WORDS`.

    Returns
    -------
    LargeStringArray
        For a look-up of a whole column.
    """
    return _variants(MISSING_WORDS)
