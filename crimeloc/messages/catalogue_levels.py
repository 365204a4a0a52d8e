"""What pages and files say of their level of disclosure, and what files say beyond the page."""

from __future__ import annotations

__all__ = ["LEVEL_TEXTS"]

LEVEL_TEXTS: dict[str, tuple[str, str]] = {
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
    "withheld": ("withheld", "(비공개)"),
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
    "export.floor": (
        (
            "{n} of {all}: those with a probability of {p} or more, which hold {share} of the "
            "chance. min_probability=0 writes all."
        ),
        (
            "{all}개 중 확률 {p} 이상인 {n}개(전체 가능성의 {share}). min_probability=0을 주면 "
            "모두 씁니다."
        ),
    ),
    "timesketch.message": (
        "Upload {event}, series {series}: {venue} (weight {weight})",
        "업로드 {event}, 사건군 {series}: {venue} (가중치 {weight})",
    ),
    "timesketch.unplaced": (
        "Upload {event}, series {series}: no candidate venue",
        "업로드 {event}, 사건군 {series}: 후보 업소 없음",
    ),
    "timesketch.desc": ("Upload Time", "업로드 시각"),
    "clock.withheld": (
        "Hours whose count is too small to be told, and those without any, stay empty.",
        "건수가 작아 밝히지 않는 시간과 업로드가 없는 시간은 비워 두었습니다.",
    ),
    "col.ip": ("IP address", "IP 주소"),
    "col.handle": ("Account", "계정"),
    "abstain.level": (
        "The reasons rest on single uploads and are not told at this level.",
        "그 이유는 개별 업로드에 근거하므로 이 수준에서는 밝히지 않습니다.",
    ),
}
