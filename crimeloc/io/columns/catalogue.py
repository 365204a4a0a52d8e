"""The names under which columns are found in files, in English and Korean, and as tools write them.

Names are compared by their letters and digits alone, in lower case: ``Source IP``, ``source.ip``
and ``source_ip`` are one name. Of two columns of one part the one whose name stands first counts,
unless the values say otherwise.
"""

from __future__ import annotations

__all__ = ["EVENT_NAMES", "KINDS", "LEASE_NAMES", "REQUIRED", "VENUE_NAMES"]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


EVENT_NAMES: dict[str, tuple[str, ...]] = {
    "event_id": _names(
        "event_id eventid upload_id log_id record_id post_id message_id 이벤트ID 사건ID 로그ID "
        "로그번호 업로드ID 업로드번호 게시물ID 게시글번호 id uuid uid unique_id 번호 연번 순번"
    ),
    "timestamp": _names(
        "timestamp datetime date_time time event_time upload_time uploaded_at created_at posted_at "
        "logged_at occurred_at timestamp_utc utc_time timestamp_start start_time ts @timestamp "
        "time_iso8601 time_local login_at login_time access_time log_time request_time sent_at "
        "create_time created_time reg_dt reg_date time_generated "
        "업로드일시 업로드시간 업로드시각 일시 시각 등록일시 게시일시 작성일시 접속일시 발생일시 "
        "전송일시 접속시간 접속시각 생성일시 시작일시 로그인일시 로그인시간 로그일시 기록일시 "
        "이용일시 사용일시 날짜시간 등록시간 작성시간 게시시간 발생시각 발생시간"
    ),
    "timestamp_end": _names("timestamp_end end_time time_end until 종료일시 종료시각 끝일시"),
    "date": _names(
        "date upload_date 업로드일 업로드일자 날짜 일자 등록일 접속일 접속일자 발생일자"
    ),
    "clock": _names("clock time_of_day 시간 업로드시분 시분초"),
    "tz": _names(
        "timezone time_zone tz tz_name zone utc_offset tz_offset gmt_offset timezone_offset "
        "시간대 타임존 표준시 표준시간대"
    ),
    "ip": _names(
        "ip ip_address ipaddr ipaddress source_ip src_ip client_ip remote_addr remote_ip login_ip "
        "uploader_ip c_ip ipv4 ipv6 source_ip_address src_addr client_address remote_host "
        "public_ip external_ip real_ip cf_connecting_ip true_client_ip id.orig_h x_forwarded_for "
        "xff IP주소 아이피 아이피주소 접속IP 업로드IP 접속아이피 공인IP IP정보 공인아이피 출발지IP "
        "출발지주소 클라이언트IP 사용자IP 로그인IP 작성IP 등록IP 게시IP 외부IP 접속자IP 접속지IP "
        "공인IP주소 접속IP주소 할당IP"
    ),
    "port": _names(
        "port source_port src_port client_port remote_port sport id.orig_p public_port "
        "external_port c_port 포트 포트번호 소스포트 출발지포트 접속포트 공인포트 외부포트 "
        "클라이언트포트"
    ),
    "handle": _names(
        "handle account username user_name user screen_name nickname login account_name user_id "
        "userid esp_user_id account_id login_id member_id remote_user user_identity.user_name "
        "계정 계정명 아이디 닉네임 별명 사용자 사용자명 사용자ID 작성자 업로더 회원ID 텔레그램ID "
        "계정ID 회원아이디 회원번호 로그인ID"
    ),
    "content_hash": _names(
        "content_hash hash sha256 sha1 md5 sha_256 file_hash pdq pdq_hash phash image_hash "
        "media_hash digest file.hash.sha256 file.hash.sha1 file.hash.md5 "
        "콘텐츠해시 컨텐츠해시 해시 해시값 파일해시 영상해시"
    ),
    "title": _names(
        "title subject caption message filename file_name 제목 파일명 게시물제목 글제목 영상제목"
    ),
    "device": _names(
        "device device_id user_agent useragent client terminal user_agent.original http_user_agent "
        "기기 단말 단말기 기기ID 단말ID 기기정보 단말정보"
    ),
    "venue_id": _names("venue_id venueid venue place_id 업소ID 업소번호 장소ID"),
}

VENUE_NAMES: dict[str, tuple[str, ...]] = {
    "venue_id": _names(
        "venue_id venueid place_id osm_id @id id 업소ID 관리번호 업소번호 장소ID 인허가번호 MGTNO "
        "MNG_NO 번호 연번"
    ),
    "name": _names(
        "name venue_name title name:ko 업소명 사업장명 상호 상호명 매장명 시설명 이름 BPLCNM "
        "BPLC_NM"
    ),
    "lon": _names("lon longitude lng long x_wgs84 @lon 경도 경도(WGS84) WGS84경도"),
    "lat": _names("lat latitude y_wgs84 @lat 위도 위도(WGS84) WGS84위도"),
    "x": _names(
        "x coord_x easting 좌표정보(X) 좌표정보X 좌표정보x(epsg5174) X좌표 좌표X CRD_INFO_X"
    ),
    "y": _names(
        "y coord_y northing 좌표정보(Y) 좌표정보Y 좌표정보y(epsg5174) Y좌표 좌표Y CRD_INFO_Y"
    ),
    "wkt": _names("wkt geometry geom the_geom geometry_wkt"),
    "opened": _names(
        "opened open_date opening_date start_date licensed_on 개업일 개업일자 인허가일자 개점일 "
        "영업시작일 등록일자 APVPERMYMD LCPMT_YMD"
    ),
    "closed": _names(
        "closed close_date closing_date end_date 폐업일 폐업일자 폐점일 영업종료일 DCBYMD "
        "CLSBIZ_YMD"
    ),
    "cancelled": _names("cancelled cancelled_on revoked_on 인허가취소일자 취소일자 APVCANCELYMD"),
    "suspended_from": _names("suspended_from 휴업시작일자 휴업시작일 CLGSTDT"),
    "suspended_to": _names("suspended_to 휴업종료일자 휴업종료일 CLGENDDT"),
    "reopened": _names("reopened 재개업일자 재개업일 ROPNYMD"),
    "opening_hours": _names("opening_hours hours business_hours 영업시간 운영시간 이용시간"),
    "seats": _names("seats capacity seat_count pcs 좌석수 좌석 PC대수 컴퓨터수"),
    "popularity": _names("popularity visits 인기도 방문자수"),
    "address": _names(
        "address addr full_address addr:full 도로명주소 도로명전체주소 소재지도로명주소 "
        "소재지전체주소 지번주소 소재지지번주소 주소 소재지 RDNWHLADDR SITEWHLADDR ROAD_NM_ADDR "
        "LOTNO_ADDR"
    ),
    "category": _names(
        "category amenity type 업종 업태구분명 업종명 문화체육업종명 개방서비스명 분류 UPTAENM "
        "OPNSVCNM"
    ),
    "brand": _names("brand franchise chain 브랜드 가맹본부 프랜차이즈"),
    "status": _names("status 영업상태명 상태 영업상태 TRDSTATENM SALS_STTS_NM"),
    "status_detail": _names("status_detail 상세영업상태명 DTLSTATENM"),
}

LEASE_NAMES: dict[str, tuple[str, ...]] = {
    "network": _names(
        "network cidr ip_range ip_network prefix subnet ip_block ip ip_address public_ip "
        "external_ip nat_ip translated_ip assigned_ip assigned_addr framed_ip_address "
        "IP대역 아이피대역 IP주소 대역 네트워크 할당대역 아이피 공인IP 공인아이피 공인IP주소 "
        "할당IP "
        "사용IP 외부IP"
    ),
    "first_ip": _names("first_ip start_ip ip_start ip_from 시작IP 시작아이피 IP시작"),
    "last_ip": _names("last_ip end_ip ip_end ip_to 끝IP 종료IP 마지막IP IP끝"),
    "port_min": _names(
        "port_min port_from first_port port_start start_port 포트시작 시작포트 최소포트"
    ),
    "port_max": _names(
        "port_max port_to last_port port_end end_port 포트끝 끝포트 종료포트 최대포트"
    ),
    "ports": _names(
        "ports port_range port public_port external_port port_block 포트 포트범위 포트대역 "
        "공인포트 "
        "외부포트"
    ),
    "valid_from": _names(
        "valid_from start from start_time lease_start assigned_at since assigned allocated "
        "allocated_at valid_since starts begin begins begin_time start_date from_date "
        "effective_from 시작일시 시작일 할당일시 할당일 개시일시 임대시작 임대시작일 사용시작 "
        "사용시작일 사용시작일시 이용시작 이용시작일 개통일 개통일자 할당시작 부여일시 배정일시 "
        "시작시각 시작시간 계약시작 계약시작일"
    ),
    "valid_to": _names(
        "valid_to end to end_time lease_end released_at until expires released release ends "
        "expire expired expiry expiration expires_at end_date to_date effective_to deallocated "
        "종료일시 종료일 회수일시 회수일 만료일시 만료일 임대종료 임대종료일 사용종료 사용종료일 "
        "사용종료일시 이용종료 이용종료일 해지일 해지일자 반납일 반납일시 할당종료 종료시각 "
        "종료시간 "
        "계약종료 계약종료일"
    ),
    "tz": EVENT_NAMES["tz"],
    "venue_id": _names("venue_id venueid venue place_id 업소ID 관리번호 업소번호 장소ID"),
}

KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    "events": EVENT_NAMES,
    "venues": VENUE_NAMES,
    "leases": LEASE_NAMES,
}

REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "events": (("timestamp", "date"),),
    "venues": (("lon", "x", "wkt"), ("lat", "y", "wkt")),
    "leases": (("network", "first_ip"), ("venue_id",)),
}
"""Of each of these groups of parts a table of that kind needs one."""
