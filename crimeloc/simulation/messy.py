"""The files an analyst would be handed: Korean headers, mixed times, broken rows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crimeloc.geometry import lonlat
from crimeloc.simulation.city import City
from crimeloc.units import generator

__all__ = [
    "BROKEN",
    "BROKEN_LEASES",
    "BROKEN_VENUES",
    "MessyLog",
    "lease_file",
    "messy_uploads",
    "venue_file",
]

_HEADER = ("로그번호", "업로드일시", "IP주소", "포트", "계정", "기기", "콘텐츠해시", "제목")

BROKEN: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (
        "no time",
        (
            ("E-90001", "", "203.0.113.20", "40001", "nobody1", "", "", "무제 1"),
            ("E-90002", "", "10.128.0.5", "", "nobody2", "", "", ""),
        ),
    ),
    (
        "a day that does not exist",
        (
            ("E-90003", "2026-02-30 21:15:00", "198.51.100.9", "40003", "nobody3", "", "", "기록"),
            ("E-90004", "2025년 11월 31일 오후 9:40", "198.51.100.9", "", "nobody3", "", "", ""),
        ),
    ),
    (
        "a time in words",
        (
            ("E-90005", "어제 밤 11시쯤", "192.0.2.17", "40005", "nobody4", "", "", "새벽 2"),
            ("E-90006", "확인불가", "192.0.2.18", "", "nobody4", "", "", ""),
        ),
    ),
    (
        "a date whose day could be its month",
        (("E-90007", "03/01/2026 11:05 PM", "192.0.2.66", "40007", "nobody5", "", "", ""),),
    ),
    (
        "an address that is none",
        (
            ("E-90008", "2025-12-24T23:10:00+09:00", "pc-17", "", "nobody6", "", "", "선물"),
            ("E-90009", "2025-12-25T01:10:00+09:00", "203.0.113.999", "", "nobody6", "", "", ""),
            ("E-90010", "2026-01-11 19:30:12", "서버 오류", "", "nobody6", "", "", ""),
        ),
    ),
    (
        "a port above 65535",
        (("E-90011", "2026-01-12 20:00:44", "100.64.0.3", "70000", "nobody7", "", "", ""),),
    ),
    ("a line that breaks off", (("E-90012", "2026-01-2"), ("E-90013",))),
    (
        "a field too many",
        (
            (
                "E-90014",
                "2026-02-02 22:41:05",
                "192.0.2.40",
                "41414",
                "nobody8",
                "",
                "",
                "모음",
                "2편",
            ),
        ),
    ),
    ("the header once more", (_HEADER,)),
)
"""Kinds of broken rows and the rows themselves, planted in the upload log."""

_VENUE_HEADER = (
    "업소ID",
    "업소명",
    "업종",
    "브랜드",
    "주소",
    "경도",
    "위도",
    "개업일",
    "폐업일",
    "영업시간",
    "좌석수",
)
BROKEN_VENUES = (
    (
        "V-901",
        "물거품 PC방 9호",
        "PC방",
        "",
        "해누리시 물결구 몽돌길 9",
        "",
        "",
        "2019-05-02",
        "",
        "24시간",
        "40",
    ),
)
_LEASE_HEADER = ("IP대역", "포트시작", "포트끝", "시작일시", "종료일시", "업소ID")
BROKEN_LEASES = (
    ("10.0.0.300/28", "", "", "2025-09-01 00:00:00", "", "V-001"),
    ("10.64.0.0/28", "", "", "2026-01-10 00:00:00", "2025-12-01 00:00:00", "V-002"),
)


@dataclass(frozen=True)
class MessyLog:
    """An upload log as it would be handed over, and where each event stands in it.

    Parameters
    ----------
    text : str
        The file, with a header.
    source_row : Series
        The line of each event of the city, the header being line 1.
    broken : Series
        How many broken rows of which kind were planted.
    """

    text: str
    source_row: pd.Series
    broken: pd.Series


def messy_uploads(city: City, *, rng: int | np.random.Generator) -> MessyLog:
    """What would the upload log of this city look like when it reaches the desk?

    Parameters
    ----------
    city : City
        As `make_city` gives it.
    rng : int or Generator
        Decides which row has its time in which form, and where the broken rows stand.

    Returns
    -------
    MessyLog
        Text of a CSV file with Korean headers. Times are ISO with offset (two in five), ISO
        without zone (local), Korean to the minute (cut off, not rounded), epoch seconds and epoch
        milliseconds. One address in 40 has spaces around it, one in 100 of the IPv4 addresses is
        written as IPv6 (``::ffff:``). The rows of `BROKEN` stand between the others.

    Examples
    --------
    >>> from crimeloc.simulation import make_city
    >>> city = make_city(rng=1, n_venues=20, n_offenders=2, n_background=5, days=30)
    >>> messy_uploads(city, rng=1).text.splitlines()[0].split(",")[1:3]
    ['업로드일시', 'IP주소']
    """
    rng = generator(rng)
    events = city.events
    n = len(events)
    form = np.searchsorted([0.4, 0.6, 0.8, 0.9], rng.random(n), side="right")
    ip = _written(events["ip"], rng)
    columns = [
        events["event_id"],
        _times(events["timestamp"], str(events["tz"].iloc[0]), form),
        ip,
        events["port"].astype("str").where(events["port"].notna(), ""),
        events["handle"],
        events["device"].fillna(""),
        events["content_hash"],
        events["title"].fillna(""),
    ]
    rows: list[tuple[str, ...]] = [
        tuple(str(cell) for cell in row) for row in zip(*columns, strict=True)
    ]
    extra = [row for _, some in BROKEN for row in some]
    place = np.sort(rng.integers(1, max(n, 2), len(extra)))
    order = rng.permutation(len(extra))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    lines = np.arange(n) + 2 + np.searchsorted(place, np.arange(n), side="right")
    waiting = list(zip(place.tolist(), order.tolist(), strict=True))
    for number, row in enumerate(rows):
        while waiting and waiting[0][0] <= number:
            writer.writerow(extra[waiting.pop(0)[1]])
        writer.writerow(row)
    for _, which in waiting:
        writer.writerow(extra[which])
    counts = pd.Series({kind: len(some) for kind, some in BROKEN})
    return MessyLog(out.getvalue(), pd.Series(lines, name="source_row"), counts)


def _times(times: pd.Series, tz: str, form: np.ndarray) -> pd.Series:
    local = times.dt.tz_convert(tz)
    offset = local.dt.strftime("%z")
    plain = local.dt.strftime("%Y-%m-%dT%H:%M:%S")
    epoch = times.dt.tz_convert("UTC").astype("datetime64[s, UTC]").astype("int64")
    half = pd.Series(np.where(local.dt.hour < 12, "오전", "오후"))
    hour = (local.dt.hour + 11) % 12 + 1
    korean = (
        local.dt.year.astype("str")
        + "년 "
        + local.dt.month.astype("str")
        + "월 "
        + local.dt.day.astype("str")
        + "일 "
        + half
        + " "
        + hour.astype("str")
        + ":"
        + local.dt.strftime("%M")
    )
    forms = [
        plain + offset.str.slice(0, 3) + ":" + offset.str.slice(3),
        plain.str.replace("T", " "),
        korean,
        epoch.astype("str"),
        (epoch * 1000).astype("str"),
    ]
    return pd.Series(np.choose(form, [np.asarray(text, dtype=object) for text in forms]))


def _written(ip: pd.Series, rng: np.random.Generator) -> pd.Series:
    text = np.asarray(ip, dtype=object)
    chance = rng.random(len(text))
    four = ~ip.str.contains(":").to_numpy(dtype=bool)
    mapped = four & (chance < 0.01)
    spaced = chance > 0.975
    text = np.where(mapped, "::ffff:" + text, text)
    return pd.Series(np.where(spaced, " " + text + " ", text))


def _csv(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def venue_file(city: City, rng: np.random.Generator) -> str:
    """Give the register of venues as CSV with Korean headers, some hours in Korean words."""
    venues = city.venues
    tz = str(city.events["tz"].iloc[0])
    degrees = lonlat(venues.geometry)
    hours = venues["opening_hours"].fillna("")
    korean = rng.random(len(venues)) < 0.3
    hours = hours.mask(pd.Series(korean) & (hours == "24/7"), "24시간")
    hours = hours.mask(pd.Series(korean) & (hours == "Mo-Su 10:00-02:00"), "매일 10:00~02:00")
    last_day = venues["closed"] - pd.Timedelta(seconds=1)  # a register names the last day
    days = [
        times.dt.tz_convert(tz).dt.strftime("%Y-%m-%d") for times in (venues["opened"], last_day)
    ]
    columns = [
        venues["venue_id"],
        venues["name"],
        venues["category"],
        venues["brand"].fillna(""),
        venues["address"],
        [f"{x:.6f}" for x in degrees[:, 0]],
        [f"{y:.6f}" for y in degrees[:, 1]],
        days[0].fillna(""),
        days[1].fillna(""),
        hours,
        [f"{seats:.0f}" if seats == seats else "" for seats in venues["seats"]],
    ]
    rows = [tuple(str(cell) for cell in row) for row in zip(*columns, strict=True)]
    return _csv(_VENUE_HEADER, rows + list(BROKEN_VENUES))


def lease_file(city: City) -> str:
    """Give the leases as CSV with Korean headers, in local time."""
    leases = city.leases
    tz = str(city.events["tz"].iloc[0])
    ends = [
        leases[name].dt.tz_convert(tz).dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
        for name in ("valid_from", "valid_to")
    ]
    ports = [
        leases[name].astype("str").where(leases[name].notna(), "")
        for name in ("port_min", "port_max")
    ]
    columns = [leases["network"], *ports, *ends, leases["venue_id"]]
    rows = [tuple(str(cell) for cell in row) for row in zip(*columns, strict=True)]
    return _csv(_LEASE_HEADER, rows + list(BROKEN_LEASES))
