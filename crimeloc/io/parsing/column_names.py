"""The names under which columns are found in files, in English and Korean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message

__all__ = [
    "EVENT_NAMES",
    "KINDS",
    "LEASE_NAMES",
    "VENUE_NAMES",
    "different_names",
    "match_columns",
    "plain_name",
]

EVENT_NAMES: dict[str, tuple[str, ...]] = {
    "event_id": (
        "event_id",
        "eventid",
        "upload_id",
        "log_id",
        "record_id",
        "post_id",
        "message_id",
        "이벤트ID",
        "사건ID",
        "로그ID",
        "로그번호",
        "업로드ID",
        "업로드번호",
        "게시물ID",
        "게시글번호",
        "id",
        "uuid",
        "번호",
        "연번",
        "순번",
    ),
    "timestamp": (
        "timestamp",
        "datetime",
        "date_time",
        "time",
        "event_time",
        "upload_time",
        "uploaded_at",
        "created_at",
        "posted_at",
        "logged_at",
        "occurred_at",
        "timestamp_utc",
        "utc_time",
        "timestamp_start",
        "start_time",
        "ts",
        "업로드일시",
        "업로드시간",
        "업로드시각",
        "일시",
        "시각",
        "등록일시",
        "게시일시",
        "작성일시",
        "접속일시",
        "발생일시",
        "전송일시",
        "접속시간",
        "접속시각",
        "생성일시",
        "시작일시",
    ),
    "timestamp_end": (
        "timestamp_end",
        "end_time",
        "time_end",
        "until",
        "종료일시",
        "종료시각",
        "끝일시",
    ),
    "date": ("date", "upload_date", "업로드일", "업로드일자", "날짜", "일자", "등록일"),
    "clock": ("clock", "time_of_day", "시간", "업로드시분"),
    "ip": (
        "ip",
        "ip_address",
        "ipaddr",
        "ipaddress",
        "source_ip",
        "src_ip",
        "client_ip",
        "remote_addr",
        "remote_ip",
        "login_ip",
        "uploader_ip",
        "c_ip",
        "ipv4",
        "ipv6",
        "IP주소",
        "아이피",
        "아이피주소",
        "접속IP",
        "업로드IP",
        "접속아이피",
        "공인IP",
        "IP정보",
    ),
    "port": (
        "port",
        "source_port",
        "src_port",
        "client_port",
        "remote_port",
        "sport",
        "포트",
        "포트번호",
        "소스포트",
        "출발지포트",
        "접속포트",
        "공인포트",
    ),
    "handle": (
        "handle",
        "account",
        "username",
        "user_name",
        "user",
        "screen_name",
        "nickname",
        "login",
        "account_name",
        "user_id",
        "userid",
        "esp_user_id",
        "계정",
        "계정명",
        "아이디",
        "닉네임",
        "별명",
        "사용자",
        "사용자명",
        "사용자ID",
        "작성자",
        "업로더",
        "회원ID",
        "텔레그램ID",
    ),
    "content_hash": (
        "content_hash",
        "hash",
        "sha256",
        "sha1",
        "md5",
        "sha_256",
        "file_hash",
        "pdq",
        "pdq_hash",
        "phash",
        "image_hash",
        "media_hash",
        "digest",
        "콘텐츠해시",
        "컨텐츠해시",
        "해시",
        "해시값",
        "파일해시",
        "영상해시",
    ),
    "title": (
        "title",
        "subject",
        "caption",
        "message",
        "filename",
        "file_name",
        "제목",
        "파일명",
        "게시물제목",
        "글제목",
        "영상제목",
    ),
    "device": (
        "device",
        "device_id",
        "user_agent",
        "useragent",
        "client",
        "terminal",
        "기기",
        "단말",
        "단말기",
        "기기ID",
        "단말ID",
        "기기정보",
        "단말정보",
    ),
    "venue_id": ("venue_id", "venueid", "venue", "place_id", "업소ID", "업소번호", "장소ID"),
}

VENUE_NAMES: dict[str, tuple[str, ...]] = {
    "venue_id": (
        "venue_id",
        "venueid",
        "place_id",
        "osm_id",
        "@id",
        "id",
        "업소ID",
        "관리번호",
        "업소번호",
        "장소ID",
        "인허가번호",
        "번호",
        "연번",
    ),
    "name": (
        "name",
        "venue_name",
        "title",
        "name:ko",
        "업소명",
        "사업장명",
        "상호",
        "상호명",
        "매장명",
        "시설명",
        "이름",
    ),
    "lon": ("lon", "longitude", "lng", "long", "x_wgs84", "경도", "경도(WGS84)", "WGS84경도"),
    "lat": ("lat", "latitude", "y_wgs84", "위도", "위도(WGS84)", "WGS84위도"),
    "x": (
        "x",
        "coord_x",
        "easting",
        "좌표정보(X)",
        "좌표정보X",
        "좌표정보x(epsg5174)",
        "X좌표",
        "좌표X",
        "좌표정보X(EPSG5174)",
    ),
    "y": (
        "y",
        "coord_y",
        "northing",
        "좌표정보(Y)",
        "좌표정보Y",
        "좌표정보y(epsg5174)",
        "Y좌표",
        "좌표Y",
        "좌표정보Y(EPSG5174)",
    ),
    "opened": (
        "opened",
        "open_date",
        "opening_date",
        "start_date",
        "licensed_on",
        "개업일",
        "개업일자",
        "인허가일자",
        "개점일",
        "영업시작일",
        "등록일자",
    ),
    "closed": (
        "closed",
        "close_date",
        "closing_date",
        "end_date",
        "폐업일",
        "폐업일자",
        "폐점일",
        "영업종료일",
    ),
    "opening_hours": (
        "opening_hours",
        "hours",
        "business_hours",
        "영업시간",
        "운영시간",
        "이용시간",
    ),
    "seats": ("seats", "capacity", "seat_count", "pcs", "좌석수", "좌석", "PC대수", "컴퓨터수"),
    "popularity": ("popularity", "visits", "인기도", "방문자수"),
    "address": (
        "address",
        "addr",
        "full_address",
        "addr:full",
        "도로명주소",
        "도로명전체주소",
        "소재지도로명주소",
        "소재지전체주소",
        "지번주소",
        "소재지지번주소",
        "주소",
        "소재지",
    ),
    "category": (
        "category",
        "amenity",
        "type",
        "업종",
        "업태구분명",
        "업종명",
        "문화체육업종명",
        "개방서비스명",
        "분류",
    ),
    "brand": ("brand", "franchise", "chain", "브랜드", "가맹본부", "프랜차이즈"),
    "status": ("status", "영업상태명", "상태", "영업상태"),
}

LEASE_NAMES: dict[str, tuple[str, ...]] = {
    "network": (
        "network",
        "cidr",
        "ip_range",
        "ip_network",
        "prefix",
        "subnet",
        "ip_block",
        "ip",
        "ip_address",
        "IP대역",
        "아이피대역",
        "IP주소",
        "대역",
        "네트워크",
        "할당대역",
        "아이피",
    ),
    "first_ip": ("first_ip", "start_ip", "ip_start", "ip_from", "시작IP", "시작아이피", "IP시작"),
    "last_ip": ("last_ip", "end_ip", "ip_end", "ip_to", "끝IP", "종료IP", "마지막IP", "IP끝"),
    "port_min": (
        "port_min",
        "port_from",
        "first_port",
        "port_start",
        "start_port",
        "포트시작",
        "시작포트",
        "최소포트",
    ),
    "port_max": (
        "port_max",
        "port_to",
        "last_port",
        "port_end",
        "end_port",
        "포트끝",
        "끝포트",
        "종료포트",
        "최대포트",
    ),
    "ports": ("ports", "port_range", "port", "포트", "포트범위", "포트대역"),
    "valid_from": (
        "valid_from",
        "start",
        "from",
        "start_time",
        "lease_start",
        "assigned_at",
        "since",
        "시작일시",
        "시작일",
        "할당일시",
        "할당일",
        "개시일시",
        "임대시작",
    ),
    "valid_to": (
        "valid_to",
        "end",
        "to",
        "end_time",
        "lease_end",
        "released_at",
        "until",
        "expires",
        "종료일시",
        "종료일",
        "회수일시",
        "회수일",
        "만료일시",
        "만료일",
        "임대종료",
    ),
    "venue_id": (
        "venue_id",
        "venueid",
        "venue",
        "place_id",
        "업소ID",
        "관리번호",
        "업소번호",
        "장소ID",
    ),
}

KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    "events": EVENT_NAMES,
    "venues": VENUE_NAMES,
    "leases": LEASE_NAMES,
}


def plain_name(name: str) -> str:
    """Which name is meant, whatever its case, spaces and punctuation?

    Parameters
    ----------
    name : str
        A column name of a file.

    Returns
    -------
    str
        Letters and digits in lower case.

    Examples
    --------
    >>> plain_name(" IP 주소"), plain_name("좌표정보(X)")
    ('ip주소', '좌표정보x')
    """
    wide = unicodedata.normalize("NFKC", name[:200]).lower()
    return re.sub(r"[^0-9a-z\u00c0-\uffff@]+", "", re.sub(r"[\ufffd\ufeff\u200b-\u200f]", "", wide))


def different_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """How are the columns called apart, where a header names two alike or none at all?

    Parameters
    ----------
    names : sequence of str
        As the header has them.

    Returns
    -------
    names : list of str
        A nameless column is called by its number, the second of a name ``name.2``.
    notes : list of str
        What was changed, for the report.

    Examples
    --------
    >>> different_names(["ip", "ip", ""])
    (['ip', 'ip.2', 'column_3'], ["2 columns are called 'ip'; the later ones became ip.2"])
    """
    places: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        places.setdefault(name or f"column_{number + 1}", []).append(number)
    taken = set(places)
    result = [""] * len(names)
    notes = []
    for name, where in places.items():
        later = []
        for order, number in enumerate(where, start=1):
            made, count = (name if order == 1 else f"{name}.{order}"), order
            while order > 1 and made in taken:
                count += 1
                made = f"{name}.{count}"
            taken.add(made)
            result[number] = made
            later += [made] if order > 1 else []
        if later:
            shown = ", ".join(later[:5])
            notes.append(
                f"{len(where)} columns are called {name[:40]!r}; the later ones became {shown}"
            )
    return result, notes


def match_columns(
    names: Sequence[str],
    kind: str,
    columns: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Which column of a file plays which part?

    Parameters
    ----------
    names : sequence of str
        The column names of the file, in order.
    kind : str
        ``"events"``, ``"venues"`` or ``"leases"``.
    columns : mapping, optional
        Part to column name of the file; goes before the catalogue. A part given as an empty text
        is taken from no column.

    Returns
    -------
    dict
        Part to position. Where two columns could play a part, the one that stands first in the
        catalogue does.

    Raises
    ------
    ParameterError
        ``columns`` names a part that does not exist or a column that the file does not have.

    Examples
    --------
    >>> match_columns(["번호", "업로드일시", "IP주소"], "events")
    {'event_id': 0, 'timestamp': 1, 'ip': 2}
    """
    catalogue = KINDS[kind]
    found: dict[str, int] = {}
    taken: set[int] = set()
    closed: set[str] = set()
    for part, name in (columns or {}).items():
        if part not in catalogue:
            raise ParameterError(
                "columns",
                found=repr(part),
                expected=Message("parts among {catalogue}", catalogue=", ".join(catalogue)),
                hint=Hint(columns={next(iter(catalogue)): "..."}),
            )
        if not name:
            closed.add(part)
            continue
        position = _position(names, name)
        if position is None:
            shown = ", ".join(map(repr, names[:12]))
            raise ParameterError(
                "columns",
                found=Message("no column {name}", name=repr(name)),
                expected=Message("one of {shown}", shown=shown),
                hint=Hint(columns={part: "..."}),
            )
        found[part] = position
        taken.add(position)
    plain = [plain_name(name) for name in names]
    for part, known in catalogue.items():
        if part in found or part in closed:
            continue
        for synonym in known:
            wanted = plain_name(synonym)
            free = [i for i, name in enumerate(plain) if name == wanted and i not in taken]
            if free:
                found[part] = free[0]
                taken.add(free[0])
                break
    return found


def _position(names: Sequence[str], name: str) -> int | None:
    if name in names:
        return list(names).index(name)
    wanted = plain_name(name)
    near = [i for i, other in enumerate(names) if plain_name(other) == wanted]
    return near[0] if near else None
