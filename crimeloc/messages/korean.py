"""Which particle stands behind a word: it follows the last sound of the word before it."""

from __future__ import annotations

import re

__all__ = ["particle", "with_particle"]

_LIEUL = 8
"""Place of ㄹ among the final consonants of a Hangul syllable."""

_OPEN, _LIQUID, _CLOSED = 0, _LIEUL, 1
"""A word that ends in a vowel, in ㄹ, or in another consonant."""

_DIGITS = dict(zip("0123456789", (1, 8, 0, 1, 0, 0, 1, 8, 8, 0), strict=True))
"""How 영, 일, 이, 삼, 사, 오, 육, 칠, 팔 and 구 end."""

_LETTERS = {"L": _LIQUID, "R": _LIQUID, "M": _CLOSED, "N": _CLOSED}
"""How the names of letters end, read one by one; all others end in a vowel."""

_SIGNS = {"%": _OPEN, "℃": _OPEN, "°": _OPEN, "+": _OPEN, "㎡": _OPEN, "㎞": _OPEN}
"""퍼센트, 도, 플러스, 제곱미터, 킬로미터."""

_UNITS = {"m": _OPEN, "km": _OPEN, "h": _OPEN, "s": _OPEN, "kB": _OPEN, "MB": _OPEN}

_WRAPPED = re.compile(r"\s*\([^()]*\)$")
_TAIL = "'\"’”»」』〉》]}. "
_LIQUID_END = re.compile(r"(?:[aeiouy]l|[aeiou]le|ll|[bcdfgkptz]le|rl)$")
_NASAL_END = re.compile(r"(?:[mn]|[aeiouy][mn]e|ng)$")
_STOP_END = re.compile(r"(?:^|[^aeiouy])(?:[aeiou])(?:[bckpt]|ck)$")


def particle(word: str, pair: str) -> str:
    """Which of two particles stands behind this word?

    Parameters
    ----------
    word : str
        The word before the particle, as it is read: Hangul, digits, Latin letters. A group in
        parentheses at its end is not read, and closing quotation marks are passed over.
    pair : str
        Both forms, that after a consonant first: ``"이/가"``, ``"을/를"``, ``"으로/로"``.

    Returns
    -------
    str
        One of the two; both, ``"이(가)"``, behind a sign whose sound is not known.

    Examples
    --------
    >>> [word + particle(word, "이/가") for word in ("PC방", "카페", "V-017", "CSV", "3월 6일(금)")]
    ['PC방이', '카페가', 'V-017이', 'CSV가', '3월 6일(금)이']
    >>> [word + particle(word, "으로/로") for word in ("서울", "부산", "12%", "8")]
    ['서울로', '부산으로', '12%로', '8로']
    """
    closed, _, open_ = pair.partition("/")
    sound = _last_sound(word)
    if sound is None:
        return f"{closed}({open_})"
    if sound == _OPEN or (sound == _LIQUID and closed.startswith("으로")):
        return open_
    return closed


def with_particle(word: str, pair: str) -> str:
    """Give a word with its particle behind it.

    Parameters
    ----------
    word : str
        The word.
    pair : str
        Both forms of the particle.

    Returns
    -------
    str
        Both together.

    Examples
    --------
    >>> with_particle("업로드", "은/는")
    '업로드는'
    """
    return word + particle(word, pair)


def _last_sound(word: str) -> int | None:
    read = word.rstrip(_TAIL)
    bare = _WRAPPED.sub("", read)
    read = (bare or read.rstrip(")").rstrip(_TAIL)).rstrip(_TAIL)
    if not read:
        return None
    last = read[-1]
    if "가" <= last <= "힣":
        place = (ord(last) - ord("가")) % 28
        return _LIQUID if place == _LIEUL else min(place, _CLOSED)
    if last in _SIGNS:
        return _SIGNS[last]
    if last.isdecimal() and last.isascii():
        return _number(read)
    if last.isascii() and last.isalpha():
        return _latin(read)
    return None


def _number(read: str) -> int:
    """십, 백, 천, 만, 억 end in a consonant other than ㄹ; so does 영."""
    return _DIGITS[read[-1]]


def _latin(read: str) -> int:
    """A word in capitals is spelt letter by letter, another is read as in English."""
    run = re.search(r"[A-Za-z]+$", read)
    text = run[0] if run else read
    if text in _UNITS:
        return _UNITS[text]
    if text.isupper() or len(text) == 1:
        return _LETTERS.get(text[-1].upper(), _OPEN)
    low = text.lower()
    if _LIQUID_END.search(low):
        return _LIQUID
    if _NASAL_END.search(low):
        return _CLOSED
    return _CLOSED if _STOP_END.search(low) else _OPEN
