"""What the page says of durations, of credible sets, of rows behind numbers, and of its records."""

from __future__ import annotations

__all__ = ["HOW", "METHODS", "PAGE_TEXTS", "TABLES"]

HOW = {
    "given": "given",
    "lease": "lease",
    "ambiguous lease": "ambiguous",
    "lease edge": "edge",
    "venue not in register": "no_register",
    "no lease": "no_lease",
    "not leased then": "not_then",
    "no address": "no_address",
    "unreadable address": "unreadable",
    "city database": "city",
}
"""Which words stand for which judgement of locating (column ``how``)."""

METHODS = {
    "rank": "rank",
    "backtest": "backtest",
    "scan_test": "scan_test",
    "profile_anchor": "profile_anchor",
    "cluster_events": "cluster_events",
    "link_events": "link_events",
    "locate_events": "locate_events",
}
"""Which words stand for which method of a record."""

TABLES = {"events": "events", "venues": "venues", "leases": "leases"}
"""Which words stand for which table of rejected rows; a file bears its own name."""

PAGE_TEXTS: dict[str, tuple[str, str]] = {
    "number.day": ("{n} day", "{n}일"),
    "number.hours": ("{n} hours", "{n}시간"),
    "number.hour": ("{n} hour", "{n}시간"),
    "number.minutes": ("{n} minutes", "{n}분"),
    "answer.fractions": (
        (
            "A count with a fraction, such as 4.9 uploads, is a sum of weights: an upload that "
            "may have come from several venues counts a part at each, in proportion to how "
            "likely it is."
        ),
        (
            "4.9건처럼 소수가 있는 건수는 가중치의 합입니다. 여러 업소에서 올렸을 수 있는 "
            "업로드는 가능성에 비례하여 업소마다 일부씩 셉니다."
        ),
    ),
    "sets": (
        "How far one must look for {p} of the chance",
        "가능성의 {p}를 담으려면 얼마나 넓게 보아야 하는가",
    ),
    "sets.by": ("Counted in", "세는 단위"),
    "sets.venues": ("venues", "업소"),
    "sets.slots": ("slots (venue and hours)", "업소·시간대"),
    "sets.size": ("Fewest needed", "필요한 최소 수"),
    "sets.of": ("{n} of {all}", "{all}개 중 {n}개"),
    "sets.used": ("Chance they hold", "그 안의 가능성"),
    "sets.coverage": ("Held in the past", "과거에 실제로 담은 비율"),
    "sets.n": ("Past uploads checked", "확인한 과거 업로드"),
    "sets.note": (
        (
            "From the likeliest down, as many as it took to hold {p} of past uploads when sets "
            "were made this way. 'Chance they hold' is what the forecast says of them; 'held in "
            "the past' is the part of the past uploads checked that fell into such sets: below "
            "{p}, the ranking was too sure of itself. A place outside the register counts as one."
        ),
        (
            "가능성이 큰 것부터 차례로 더하되, 같은 방식으로 만든 집합이 과거 업로드의 {p}를 "
            "담는 데 필요했던 수입니다. '그 안의 가능성'은 예측이 말하는 값이고, '과거에 실제로 "
            "담은 비율'은 확인한 과거 업로드 중 그런 집합에 든 비율입니다. {p}보다 낮으면 순위가 "
            "지나치게 확신했다는 뜻입니다. 명부 밖의 장소는 하나로 셉니다."
        ),
    ),
    "sets.unchecked": ("no past upload to check", "확인할 과거 업로드 없음"),
    "strip": ("The week: past uploads and forecast", "한 주의 흐름: 과거 업로드와 예측"),
    "strip.note": (
        (
            "Each weekday has two rows: bars for past uploads by hour, and below them the "
            "forecast. The six likeliest windows carry their share of the next uploads."
        ),
        (
            "요일마다 두 줄입니다. 위는 시간별 과거 업로드, 아래는 예측입니다. 가장 유력한 여섯 "
            "시간대에는 다음 업로드의 몫을 적었습니다."
        ),
    ),
    "strip.window": ("Hours", "시간대"),
    "strip.share": ("Share of the next uploads", "다음 업로드의 몫"),
    "replay.capture": ("What the hours would have bought", "투입 시간에 따른 포착률"),
    "replay.capture.note": (
        (
            "Officer-hours against the part of the uploads that fell into the chosen slots, "
            "beside naive baselines. The upper left is better."
        ),
        (
            "투입 인시(人時)와, 고른 시간대에 든 업로드의 비율을 단순 기준선과 견주었습니다. "
            "왼쪽 위가 더 낫습니다."
        ),
    ),
    "replay.calibration.note": (
        (
            "On the dotted line, what was said to have a chance of 20% happened in 20% of cases. "
            "Vertical bars: what chance alone may do to so few cases. Above: number of "
            "forecasts. ECE: mean distance from the line."
        ),
        (
            "점선 위에 있으면 20%라고 한 일이 실제로 20% 일어난 것입니다. 세로 막대는 사례가 "
            "적어 우연히 벗어날 수 있는 폭, 위쪽 숫자는 예측 수, ECE는 점선에서 벗어난 평균 "
            "거리입니다."
        ),
    ),
    "replay.hours": ("Officer-hours", "투입 인시"),
    "replay.captured": ("Captured", "포착률"),
    "note.no_series": (
        "Not scored: {n} uploads belong to no series.",
        "평가하지 않음: 사건군에 속하지 않는 업로드 {n}건.",
    ),
    "note.no_venue": (
        "Not scored: {n} uploads have no candidate venue.",
        "평가하지 않음: 후보 업소가 없는 업로드 {n}건.",
    ),
    "note.first": (
        "Not scored: {n} uploads are the first of their series.",
        "평가하지 않음: 사건군의 첫 업로드 {n}건.",
    ),
    "note.elsewhere": (
        "Not scored: the weight of {n} uploads that lies elsewhere.",
        "평가하지 않음: 명부 밖에 있는 업로드 {n}건에 해당하는 무게.",
    ),
    "replay.note.foreign": ("(in English) {text}", "(영어 원문) {text}"),
    "chart.when": ("From", "시작"),
    "rows.venue": ("{venue}: {n} of {all} rows", "{venue}: {all}행 중 {n}행"),
    "rows.unplaced": (
        "Uploads without a candidate venue: {n} of {all} rows",
        "후보 업소가 없는 업로드: {all}행 중 {n}행",
    ),
    "rows.spread": (
        "Uploads spread over several candidates: {n} of {all} rows",
        "여러 후보에 나누어 센 업로드: {all}행 중 {n}행",
    ),
    "rows.more": (
        (
            "The page shows the latest rows of each group; all of them are in the table "
            "'uploads' of the Excel or CSV file of this briefing."
        ),
        (
            "묶음마다 최근 행만 보였습니다. 모든 행은 이 보고서의 Excel·CSV 파일에 있는 "
            "'uploads' 표에 있습니다."
        ),
    ),
    "go.rows": ("Rows behind it: {venue}", "근거 행 보기: {venue}"),
    "go.explain": ("Where the {p} comes from: {venue}", "{p}의 산출 내역: {venue}"),
    "left.where.all": ("All row numbers", "행 번호 모두 보기"),
    "left.reason.foreign": ("(in English) {text}", "(영어 원문) {text}"),
    "left.table.events": ("uploads", "업로드"),
    "left.table.venues": ("venues", "업소"),
    "left.table.leases": ("leases", "IP 임대 기록"),
    "how.given": ("the upload names the venue", "업로드에 업소가 적혀 있음"),
    "how.lease": ("one lease fits", "맞는 IP 임대 기록 하나"),
    "how.ambiguous": ("several leases fit", "맞는 IP 임대 기록 여럿"),
    "how.edge": ("at the edge of a lease", "IP 임대 기간의 경계"),
    "how.no_register": ("venue not in the register", "명부에 없는 업소"),
    "how.no_lease": ("no lease has the address", "주소가 맞는 임대 기록 없음"),
    "how.not_then": ("not leased at that moment", "그 시각에는 임대되지 않음"),
    "how.no_address": ("no address", "주소 없음"),
    "how.unreadable": ("unreadable address", "읽을 수 없는 주소"),
    "how.city": ("city database", "도시 단위 위치 자료"),
    "did.rank": ("ranking of venues and hours", "업소·시간대 순위 산출"),
    "did.backtest": ("replay of the past", "과거 재현 검증"),
    "did.scan_test": ("scan test for areas above chance", "우연을 넘는 구역의 스캔 검정"),
    "did.profile_anchor": ("search area of the anchor", "거점 탐색 구역"),
    "did.cluster_events": ("clusters of uploads", "업로드 군집"),
    "did.link_events": ("linking of uploads into series", "업로드의 사건군 연결"),
    "did.locate_events": ("locating of uploads", "업로드 위치 추정"),
}
