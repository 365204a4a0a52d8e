"""Opening hours as Korean signs and registers write them, in OSM syntax."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["osm_hours"]

_DAYS = {"월": "Mo", "화": "Tu", "수": "We", "목": "Th", "금": "Fr", "토": "Sa", "일": "Su"}
_GROUPS = {
    "매일": "Mo-Su",
    "연중무휴": "Mo-Su",
    "평일": "Mo-Fr",
    "주중": "Mo-Fr",
    "주말": "Sa-Su",
    "공휴일": "PH",
    "휴일": "PH",
    "토요일": "Sa",
    "일요일": "Su",
}
_ALWAYS = re.compile(
    r"(?:연중\s*무휴|매일|항상)?[\s,]*(?:24\s*시간(?:\s*영업|\s*운영)?|24h|24시|상시|종일|00:00\s*[-~]\s*24:00)"
    r"[\s,]*(?:영업|운영|연중\s*무휴)?"
)
_TIME = (
    r"(?:(오전|오후|새벽|밤|저녁|정오|자정)\s*)?"
    r"(?:(\d{1,2})\s*(?::\s*(\d{2})|시\s*(?:(\d{1,2})\s*분)?)?)?"
)
_SPAN = re.compile(
    rf"{_TIME}\s*(?:(?:부터|에서)?\s*[-~〜–∼]|부터|에서)\s*(?:(다음\s*날|익일|다음날)\s*)?{_TIME}\s*(?:까지)?"
)


_HALF = re.compile(r"(?i)\b(\d{1,2}(?::\d{2})?)\s*([ap])\.?m\b\.?")
"""An hour of the English clock of twelve."""
_BARE = re.compile(
    r"(오전|오후|새벽|밤|저녁)?\s*(?<![\d:.])(\d{1,2})(:\d{2}|\s*시(?:\s*\d{1,2}\s*분)?)?"
    r"\s*(?:(?:부터|에서)?\s*[-~〜–∼]|부터|에서)\s*"
    r"(다음\s*날|익일|오전|오후|새벽|밤|저녁)?\s*(\d{1,2})(?!\d)(?!\s*[월일])"
)
"""A span by its hours: what stands before the first, the first, its minutes, and the last."""
_WEEK = tuple(_DAYS.values())


@lru_cache(maxsize=4096)
def osm_hours(text: str) -> str | None:
    """Which hours does this text name, in OSM syntax?

    Parameters
    ----------
    text : str
        OSM opening hours, or a simple Korean form such as ``"평일 10:00~02:00, 주말 24시간"``.

    Returns
    -------
    str or None
        OSM opening hours; None where the text cannot be read.

    Notes
    -----
    Rules are joined by commas where a range passes midnight: with a semicolon a later rule would
    wipe the tail of the night before. For the same reason a closed day is taken out of the days of
    the other rules, and closed holidays begin when the night before has ended. Hours of a clock of
    twelve without morning or afternoon (``"9-6"``, ``"9시~6시"``) are not read: they could be a day
    or a night.

    Examples
    --------
    >>> osm_hours("평일 오전 10시 ~ 익일 2시, 주말 24시간")
    'Mo-Fr 10:00-26:00, Sa-Su 00:00-24:00'
    >>> osm_hours("연중무휴 24시간"), osm_hours("Mo-Su 10:00-02:00"), osm_hours("전화 문의")
    ('24/7', 'Mo-Su 10:00-02:00', None)
    >>> osm_hours("매일 10:00~02:00, 일요일 휴무"), osm_hours("9-6")
    ('Mo,Tu,We,Th,Fr,Sa 10:00-26:00', None)
    """
    plain = " ".join(unicodedata.normalize("NFKC", text[:300]).split())
    plain = _HALF.sub(lambda f: f"{'오전' if f[2].lower() == 'a' else '오후'} {f[1]}", plain)
    if not plain or any(_could_be_both(*span) for span in _BARE.findall(plain)):
        return None
    if re.search("[가-힣]", plain) is None:
        # The library reads "24h" and the like; only what it accepts counts as OSM.
        return plain if _valid(plain) else _korean(plain)
    return _korean(plain)


def _valid(text: str) -> bool:
    from opening_hours import validate

    return bool(validate(text))


def _korean(text: str) -> str | None:
    if _ALWAYS.fullmatch(text):
        return "24/7"
    text = re.sub(r"(?<=[월화수목금토일])\s*,\s*(?=[월화수목금토일](?:요일)?[\s:·,\d])", "·", text)
    rules: list[tuple[str, str]] = []
    off: list[str] = []
    for piece in re.split(r"[,;/]|(?<=\d)\s+(?=[월화수목금토일평주매공])", text):
        piece = piece.strip()
        if not piece:
            continue
        days, rest = _days(piece)
        if re.fullmatch(r"(?:정기\s*)?(?:휴무|휴업|쉼|휴점)", rest):
            off.append(days or "Mo-Su")
            continue
        hours = "00:00-24:00" if _ALWAYS.fullmatch(rest) else _span(rest)
        if hours is None:
            return None
        rules.append((days, hours))
    if not rules:
        return None
    made = _joined(rules, off)
    return made if made and _valid(made) else None


def _joined(rules: list[tuple[str, str]], off: list[str]) -> str:
    """Write the rules so that a closed day does not end the night before it."""
    tail = max(int(hours[6:8]) * 60 + int(hours[9:11]) for _, hours in rules) - 1440
    if tail <= 0:
        made = ", ".join(f"{days} {hours}".strip() for days, hours in rules)
        return made + "".join(f"; {days} off" for days in off)
    gone = {day for days in off for day in _single_days(days)}
    pieces = []
    for days, hours in rules:
        each = _single_days(days or "Mo-Su")
        left = [day for day in each if day not in gone]
        if left:
            shown = days if len(left) == len(each) else ",".join(left)
            pieces.append(f"{shown} {hours}".strip())
    until = f"{tail // 60:02d}:{tail % 60:02d}"
    holidays = f"; PH {until}-{tail // 60 + 24:02d}:{tail % 60:02d} off" if "PH" in gone else ""
    return ", ".join(pieces) + holidays if pieces else ""


def _single_days(days: str) -> list[str]:
    """Write ``Mo-We,PH`` as its single days."""
    single = []
    for part in days.split(","):
        first, _, last = part.partition("-")
        if not last:
            single.append(first)
            continue
        begin, end = _WEEK.index(first), _WEEK.index(last)
        span = (end - begin) % 7
        single += [_WEEK[(begin + step) % 7] for step in range(span + 1)]
    return single


def _could_be_both(half: str, begin: str, minutes: str, last_half: str, end: str) -> bool:
    """Could these hours be a day or a night, because the clock of twelve is not said?"""
    if half and last_half:
        return False
    if last_half in ("익일",) or last_half.startswith("다음"):
        return False
    if len(begin) == 2 and minutes.startswith(":") and (begin[0] == "0" or len(end) == 2):
        return False  # a clock of 24 hours, as 10:00-02:00
    first, last = int(begin), int(end)
    if half in ("오후", "밤", "저녁") and first < 12:
        first += 12
    return first <= 12 and 0 < last <= 12 and last <= first


def _days(piece: str) -> tuple[str, str]:
    """Take the days off the front."""
    rest = re.sub(r"^영업\s*시간\s*:?\s*", "", piece)
    found: list[str] = []
    while True:
        group = re.match(
            r"(매일|연중무휴|평일|주중|주말|공휴일|휴일|토요일|일요일)(?:및|과|와|\s|:|·|$)*", rest
        )
        if group is not None:
            found.append(_GROUPS[group[1]])
            rest = rest[group.end() :]
            continue
        spell = re.match(
            r"([월화수목금토일])(?:요일)?\s*[~-]\s*([월화수목금토일])(?:요일)?[\s:]*", rest
        )
        if spell is not None:
            found.append(f"{_DAYS[spell[1]]}-{_DAYS[spell[2]]}")
            rest = rest[spell.end() :]
            continue
        single = re.match(r"([월화수목금토일])(?:요일)?(?=[\s:·월화수목금토일\d])[\s:·]*", rest)
        if single is not None:
            found.append(_DAYS[single[1]])
            rest = rest[single.end() :]
            continue
        return ",".join(dict.fromkeys(found)), rest.strip()


def _span(text: str) -> str | None:
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    begin = _minutes(found[1], found[2], found[3] or found[4], first=True)
    end = _minutes(found[6], found[7], found[8] or found[9], first=False)
    if begin is None or end is None or begin >= 1440:
        return None
    if end <= begin or (found[5] and end < 1440):
        end += 1440
    if not begin < end <= begin + 1440:
        return None
    return f"{begin // 60:02d}:{begin % 60:02d}-{end // 60:02d}:{end % 60:02d}"


def _minutes(half: str | None, hour: str | None, minute: str | None, *, first: bool) -> int | None:
    if half == "정오" and hour is None:
        return 720
    if half == "자정" and hour is None:
        return 0 if first else 1440
    if hour is None:
        return None
    value = int(hour)
    if value > 24 or int(minute or 0) > 59:
        return None
    if half in ("오후", "저녁", "밤") and value < 12:
        value += 12
    elif half in ("오전", "새벽") and value == 12:
        value = 0
    return value * 60 + int(minute or 0)
