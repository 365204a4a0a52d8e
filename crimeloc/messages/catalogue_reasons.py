"""Why rows were rejected, in both languages; the English is that of `crimeloc.io.REASONS`."""

from __future__ import annotations

__all__ = ["REASON_TEXTS"]

REASON_TEXTS: dict[str, tuple[str, str]] = {
    "reason.address.above-255": ("{shown} has a part above 255", "{shown}: 255를 넘는 부분이 있음"),
    "reason.address.bare-number": (
        "{shown} is a bare number: an address written as one, or something else?",
        "{shown}: 점이 없는 숫자여서 주소인지 알 수 없음",
    ),
    "reason.address.direction-marks": (
        "{shown} has marks that change the direction of writing",
        "{shown}: 글쓰기 방향을 바꾸는 부호가 있음",
    ),
    "reason.address.hexadecimal": ("{shown} is hexadecimal", "{shown}: 16진수 표기"),
    "reason.address.leading-zero": (
        "{shown} has a leading zero: octal or decimal?",
        "{shown}: 앞에 0이 있어 8진수인지 10진수인지 알 수 없음",
    ),
    "reason.address.long": ("a text of {count} characters", "{count}자나 되는 글"),
    "reason.address.many": ("{shown} is more than one address", "{shown}: 주소가 둘 이상"),
    "reason.address.network": (
        "{shown} is a network, not an address",
        "{shown}: 주소가 아니라 네트워크",
    ),
    "reason.address.no-ip": ("{shown} is no IP address", "{shown}: IP 주소가 아님"),
    "reason.address.no-ipv6": ("{shown} is no IPv6 address", "{shown}: IPv6 주소가 아님"),
    "reason.address.none": ("no address", "주소 없음"),
    "reason.address.nul": ("{shown} has a NUL", "{shown}: NUL 문자가 있음"),
    "reason.address.parts": (
        "{shown} has {count} parts; expected 4",
        "{shown}: {count}부분으로 되어 있음(4부분이어야 함)",
    ),
    "reason.address.port": ("{shown} has a port above 65535", "{shown}: 65535를 넘는 포트"),
    "reason.network.backwards": ("{shown} runs backwards", "{shown}: 시작이 끝보다 뒤에 있음"),
    "reason.network.beyond-ipv4": ("{shown} reaches beyond IPv4", "{shown}: IPv4 범위를 벗어남"),
    "reason.network.blocks": (
        "a range that needs more than {most} CIDR blocks",
        "CIDR 블록이 {most}개를 넘어야 하는 범위",
    ),
    "reason.network.kinds": (
        "{shown} runs from one kind of address to the other",
        "{shown}: 종류가 다른 주소로 이어짐",
    ),
    "reason.network.length": ("{shown} has no usable length", "{shown}: 쓸 수 있는 길이가 없음"),
    "reason.network.length-32": ("{shown} has a length above 32", "{shown}: 길이가 32를 넘음"),
    "reason.network.no-end": ("{shown} has no end", "{shown}: 끝이 없음"),
    "reason.network.not-one": ("{shown} is not one CIDR block", "{shown}: CIDR 블록 하나가 아님"),
    "reason.network.port": (
        "{shown} has a port inside a network",
        "{shown}: 네트워크 안에 포트가 있음",
    ),
    "reason.hash.none": ("a medium without a hash", "해시가 없는 매체"),
    "reason.json.no-json": ("no JSON ({why})", "JSON이 아님({why})"),
    "reason.json.no-object": ("JSON that is no object", "객체가 아닌 JSON"),
    "reason.json.nested": ("JSON nested beyond reason", "지나치게 깊이 겹친 JSON"),
    "reason.lease.no-network": ("no network", "네트워크 없음"),
    "reason.lease.no-venue": ("no venue", "업소 없음"),
    "reason.network.country": ("{shown} is no country code", "{shown}: 국가 코드가 아님"),
    "reason.network.several": ("{shown} is not one network", "{shown}: 네트워크 하나가 아님"),
    "reason.place.missing": ("no coordinates", "좌표 없음"),
    "reason.place.no-geometry": ("no geometry", "도형 없음"),
    "reason.place.no-number": ("coordinates that are no number", "숫자가 아닌 좌표"),
    "reason.place.outside": ("coordinates outside of {crs}", "{crs} 밖의 좌표"),
    "reason.place.swapped": (
        "longitude and latitude look swapped",
        "경도와 위도가 뒤바뀐 것으로 보임",
    ),
    "reason.place.unreadable": (
        "a geometry that cannot be read ({why})",
        "읽을 수 없는 도형({why})",
    ),
    "reason.port.backwards": ("ports that run backwards", "시작이 끝보다 큰 포트 범위"),
    "reason.port.range": ("no port between 0 and 65535", "0~65535 밖의 포트"),
    "reason.port.two": ("two different ports", "서로 다른 포트 둘"),
    "reason.port.unreadable": ("no port or range of ports", "포트나 포트 범위가 아님"),
    "reason.row.again": ("repeats an earlier row: {event_id}", "앞의 행을 되풀이함: {event_id}"),
    "reason.row.before-header": ("before the header", "머리글보다 앞에 있음"),
    "reason.row.cells": (
        "{count} filled cells; expected {expected}",
        "채워진 칸 {count}개({expected}개여야 함)",
    ),
    "reason.row.field-long": ("a field of more than {most} characters", "{most}자를 넘는 항목"),
    "reason.row.field-one": (
        "{count} field; expected {expected}",
        "항목 {count}개({expected}개여야 함)",
    ),
    "reason.row.fields": (
        "{count} fields; expected {expected}",
        "항목 {count}개({expected}개여야 함)",
    ),
    "reason.row.fields-most": (
        "{count} fields; expected at most {expected}",
        "항목 {count}개({expected}개까지)",
    ),
    "reason.row.half-character": (
        "the file ends in the middle of a character",
        "글자 중간에서 파일이 끝남",
    ),
    "reason.row.header-again": ("the header again", "머리글이 다시 나옴"),
    "reason.row.line-long": (
        "a line of {count} bytes; at most {most}",
        "{count}바이트나 되는 줄({most}까지)",
    ),
    "reason.row.no-text": ("bytes that are no {codec} text", "{codec} 글이 아닌 바이트"),
    "reason.row.nul": ("a NUL character", "NUL 문자"),
    "reason.row.quote-open": ("a quotation mark that is never closed", "닫히지 않은 따옴표"),
    "reason.row.quotes": ("quotation marks that do not pair up", "짝이 맞지 않는 따옴표"),
    "reason.time.backwards": ("an end before the beginning", "끝이 시작보다 앞섬"),
    "reason.time.clock": ("no such time of day", "있을 수 없는 시각"),
    "reason.time.day": ("no such day in the calendar", "달력에 없는 날짜"),
    "reason.time.day-month": (
        "day and month cannot be told apart; write the year first",
        "일과 월을 구별할 수 없음(연도를 먼저 적어야 함)",
    ),
    "reason.time.epoch": (
        "a number that is no epoch in seconds, milliseconds, microseconds or nanoseconds",
        "초·밀리초·마이크로초·나노초 어느 것으로도 볼 수 없는 수",
    ),
    "reason.time.missing": ("no time", "시각 없음"),
    "reason.time.morning": ("a morning hour above 12", "오전인데 12를 넘는 시"),
    "reason.time.offset": ("no such offset {shown}", "있을 수 없는 시차 {shown}"),
    "reason.time.skipped": ("a time that the clocks of {tz} skipped", "{tz}의 시계가 건너뛴 시각"),
    "reason.time.spreadsheet": (
        "looks like the day number of a spreadsheet; format the column as a date",
        "엑셀의 날짜 일련번호로 보임(열을 날짜 형식으로 바꾸어야 함)",
    ),
    "reason.time.unreadable": ("not a time that can be read", "읽을 수 없는 시각"),
    "reason.time.year": (
        "the year {year}; expected {first} to {last}",
        "{year}년({first}~{last}년이어야 함)",
    ),
    "reason.time.zone": ("the zone {shown} is not known", "알 수 없는 시간대 {shown}"),
    "reason.venue.again": ("the same venue_id as in row {row}", "{row}행과 같은 업소 번호"),
    "reason.venue.backwards": ("closed before it opened", "개업 전에 폐업"),
}
