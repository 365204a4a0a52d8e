"""By which clock was a time written? Zones as people, logs and Windows name them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["said_zone", "turned_zone", "zone_name"]

_NAMED = {
    "utc": "UTC",
    "gmt": "UTC",
    "z": "UTC",
    "zulu": "UTC",
    "협정세계시": "UTC",
    "세계시": "UTC",
    "kst": "Asia/Seoul",
    "korea": "Asia/Seoul",
    "seoul": "Asia/Seoul",
    "한국": "Asia/Seoul",
    "한국시간": "Asia/Seoul",
    "한국표준시": "Asia/Seoul",
    "대한민국": "Asia/Seoul",
    "서울": "Asia/Seoul",
    "koreastandardtime": "Asia/Seoul",
    "jst": "Asia/Tokyo",
    "일본": "Asia/Tokyo",
    "일본표준시": "Asia/Tokyo",
    "tokyostandardtime": "Asia/Tokyo",
    "chinastandardtime": "Asia/Shanghai",
    "gmtstandardtime": "Europe/London",
    "easternstandardtime": "America/New_York",
    "pacificstandardtime": "America/Los_Angeles",
    "coordinateduniversaltime": "UTC",
}
"""Zones by the names that people, Windows and logs give them. IST, CST and EST are not among
them: each is the time of several places."""

_IN_TEXT = re.compile(
    r"(?i)(?<![a-z])(UTC|GMT)\s*([+-]\s*\d{1,2}(?::?\d{2})?)?(?![a-z/])"
    r"|(?<![a-z])(KST|JST)(?![a-z])|(한국\s*(?:표준시|시간)|협정\s*세계시|Asia/Seoul|Asia/Tokyo)"
)


@lru_cache(maxsize=1024)
def zone_name(text: str) -> str | None:
    """Which zone does this text name?

    Parameters
    ----------
    text : str
        A name of the IANA database, a usual abbreviation, or an offset in hours, minutes or
        seconds.

    Returns
    -------
    str or None
        A zone that pandas knows; None where the text names none, or could name several.

    Examples
    --------
    >>> zone_name("KST"), zone_name("+0530"), zone_name("9"), zone_name("540")
    ('Asia/Seoul', 'UTC+05:30', 'UTC+09:00', 'UTC+09:00')
    >>> zone_name("CST") is None
    True
    """
    plain = unicodedata.normalize("NFKC", text).strip(" \t'\"()[]")
    short = re.sub(r"[\s._]+", "", plain).lower()
    if short in _NAMED:
        return _NAMED[short]
    offset = re.fullmatch(r"(?i)(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?", plain)
    if offset is not None:
        return _offset(offset[1], int(offset[2]), int(offset[3] or 0))
    number = re.fullmatch(r"([+-]?)(\d+)(?:\.(\d+))?", plain)
    if number is not None:
        value = float(plain)
        minutes = value * 60 if abs(value) <= 14 else value if abs(value) <= 840 else value / 60
        if minutes % 15 == 0 and abs(minutes) <= 840:
            whole = abs(int(minutes))
            return _offset("-" if minutes < 0 else "+", whole // 60, whole % 60)
        return None
    if re.fullmatch(r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+)+", plain):
        try:
            ZoneInfo(plain)
        except (KeyError, ValueError, OSError):
            return None
        return plain
    return None


def _offset(sign: str, hours: int, minutes: int) -> str | None:
    if hours > 14 or minutes > 59:
        return None
    return "UTC" if not hours and not minutes else f"UTC{sign}{hours:02d}:{minutes:02d}"


def said_zone(text: str) -> str | None:
    """Which zone does a line of words name, such as a comment before the header?

    Parameters
    ----------
    text : str
        A line.

    Returns
    -------
    str or None
        The zone; None where the line names none, or two.

    Examples
    --------
    >>> said_zone("# all times in UTC"), said_zone("출력일: 2026-03-02, 한국 시간 기준")
    ('UTC', 'Asia/Seoul')
    """
    found = set()
    for match in _IN_TEXT.finditer(unicodedata.normalize("NFKC", text[:1000])):
        name = f"{match[1]}{match[2] or ''}" if match[1] else match[3] or match[4]
        found.add(zone_name(name.replace(" ", "")))
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def turned_zone(name: str) -> str:
    """Does this zone mean the other side of the world than its sign seems to say?

    Parameters
    ----------
    name : str
        A zone.

    Returns
    -------
    str
        The hours that it lies behind UTC (``"9"`` for ``Etc/GMT+9``, which people take for Korea);
        an empty text for all other zones.

    Examples
    --------
    >>> turned_zone("Etc/GMT+9"), turned_zone("Asia/Seoul")
    ('9', '')
    """
    found = re.fullmatch(r"(?:Etc/)?GMT\+([1-9]\d?)", name)
    return found[1] if found is not None else ""
