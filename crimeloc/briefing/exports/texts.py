"""What the exported files say beyond the words of the page, in English and in Korean."""

from __future__ import annotations

from typing import Any

from crimeloc.briefing.dossier import Dossier
from crimeloc.briefing.words import Words, words

__all__ = ["TEXTS", "Voice", "voice_of"]

_TEXTS: dict[str, tuple[str, str]] = {
    "level": ("Level of disclosure", "공개 수준"),
    "level.analyst": (
        "analyst: raw addresses and accounts; not to leave the unit",
        "분석관용: 주소와 계정 원본 포함, 부서 밖 반출 금지",
    ),
    "level.briefing": (
        "briefing: pseudonyms stand for addresses, accounts and contents",
        "보고용: 주소·계정·콘텐츠를 가명으로 바꿈",
    ),
    "level.disclosure": (
        (
            "disclosure: aggregates; counts below {threshold}, and those that would give them "
            "away, are withheld"
        ),
        "공개용: 집계만 표시. {threshold} 미만인 건수와 이를 역산할 수 있는 건수는 비공개",
    ),
    "withheld": ("withheld", "비공개"),
    "page": ("page {n} of {all}", "{all}쪽 중 {n}쪽"),
    "export.no_font": (
        (
            "No Korean font was found on the machine that made this file: Korean names may be "
            "missing from the pictures. Install one (for example fonts-nanum) and export again."
        ),
        (
            "이 파일을 만든 컴퓨터에 한글 글꼴이 없어 그림에 한글이 빠졌을 수 있습니다. 글꼴(예: "
            "fonts-nanum)을 설치하고 다시 내보내십시오."
        ),
    ),
    "export.more": ("and {n} more", "외 {n}건"),
    "timesketch.message": (
        "Upload {event}, series {series}: {venue} (weight {weight})",
        "업로드 {event}, 사건군 {series}: {venue} (가중치 {weight})",
    ),
    "timesketch.unplaced": (
        "Upload {event}, series {series}: no candidate venue",
        "업로드 {event}, 사건군 {series}: 후보 업소 없음",
    ),
    "timesketch.desc": ("Upload Time", "업로드 시각"),
}

TEXTS: dict[str, dict[str, str]] = {
    lang: {key: pair[place] for key, pair in _TEXTS.items()}
    for place, lang in enumerate(("en", "ko"))
}


class Voice(Words):
    """The words of one language at one level: a count that may not be told is said to be withheld.

    Parameters
    ----------
    lang : str
        ``"en"`` or ``"ko"``.
    texts : mapping
        Text of each key.
    """

    def number(self, value: float, digits: int = 0) -> str:
        """Give a number with its thousands set apart; a missing one is withheld."""
        return self("withheld") if value != value else super().number(value, digits)


def voice_of(dossier: Dossier) -> Words:
    """Give the words for a dossier: its language, and what its level does not tell.

    Parameters
    ----------
    dossier : Dossier
        At any level.

    Returns
    -------
    Words
        The page's and the exports' texts.
    """
    base = words(dossier.lang)
    texts: dict[str, Any] = {**TEXTS[dossier.lang], **base.texts}
    kind = Voice if dossier.level == "disclosure" else Words
    return kind(dossier.lang, texts)
