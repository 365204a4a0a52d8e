"""The texts of the briefing, each in English and in Korean side by side."""

from __future__ import annotations

from crimeloc.messages.catalogue_charts import CHART_TEXTS
from crimeloc.messages.catalogue_columns import COLUMN_TEXTS
from crimeloc.messages.catalogue_levels import LEVEL_TEXTS
from crimeloc.messages.catalogue_page import PAGE_TEXTS
from crimeloc.messages.catalogue_reasons import REASON_TEXTS

__all__ = ["CATALOGUE", "EXPERTS"]

EXPERTS = {
    "habit": "habit",
    "rhythm": "rhythm",
    "loyalty": "loyalty",
    "recent": "recent",
    "sequence": "sequence",
    "explore": "explore",
    "nearby": "nearby",
    "popular": "popular",
    "elsewhere": "elsewhere",
}
"""Which words stand for which expert of the ranker (``from_<name>``, or ``from_<name>_...``)."""

_TEXTS: dict[str, tuple[str, str]] = {
    # numbers and dates
    "number.unknown": ("not known", "알 수 없음"),
    "number.days": ("{n} days", "{n}일"),
    "number.weeks": (
        ("weeks: {n}"),
        ("{n}주"),
    ),
    "date": ("{weekday} {day} {month}", "{month} {day}일({weekday})"),
    "date.year": ("{weekday} {day} {month} {year}", "{year}년 {month} {day}일({weekday})"),
    "chart.date": ("{day} {month}", "{month} {day}일"),
    "chart.month": ("{month} {year}", "{year}년 {month}"),
    **{
        f"month.{number}": (name, f"{number}월")
        for number, name in enumerate(
            ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
        )
    },
    **{
        f"weekday.{number}": pair
        for number, pair in enumerate(
            zip(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "월화수목금토일", strict=True)
        )
    },
    # the page
    "title": ("Where and when next: venues and hours", "다음 업로드 예상 장소와 시간"),
    "skip": ("Skip to the answer", "본문으로 건너뛰기"),
    "theme.auto": ("Style: automatic", "화면: 자동"),
    "theme.light": ("Style: light", "화면: 밝게"),
    "theme.dark": ("Style: dark", "화면: 어둡게"),
    "sub.series": ("Series {names}", "사건군 {names}"),
    "sub.many": ("{n} series together", "사건군 {n}개 합산"),
    "sub.at": ("as of {at}", "기준 시각 {at}"),
    "sub.until": ("looking ahead to {until}", "예측 기간 {until}까지"),
    "sub.zone": ("times in {tz}", "시각 기준: {tz}"),
    "headline": (
        ("{venue} is the likeliest venue: {p} chance of an upload there by {until}."),
        ("가장 유력한 업소는 {venue}입니다. {until}까지 그곳에서 업로드가 있을 확률은 {p}입니다."),
    ),
    "headline.slot": (
        ("The likeliest single slot, over all venues and hours, is {window} at {venue}: {p}."),
        ("모든 업소와 시간대를 통틀어 가장 유력한 때는 {window}, {venue}이며 확률은 {p}입니다."),
    ),
    "headline.elsewhere": (
        ("The chance that the next upload falls at no venue in the register is {p}."),
        ("다음 업로드가 명부에 없는 장소에서 이루어질 확률은 {p}입니다."),
    ),
    "headline.none": (
        "There is no ranking: no slot lies within the horizon.",
        "순위가 없습니다. 예측 기간 안에 해당하는 시간대가 없습니다.",
    ),
    "abstain": (
        "Read with care: the ranker itself holds this forecast to be weak.",
        "주의: 순위 산출기가 이 예측의 근거가 약하다고 판단했습니다.",
    ),
    "limits": (
        (
            "These are chances of places and hours, not of persons. A high rank is a reason to "
            "look, "
            "not evidence against anyone there."
        ),
        (
            "이 결과는 장소와 시간의 가능성이며 사람에 대한 판단이 아닙니다. 순위가 높다는 것은 "
            "살펴볼 이유일 뿐, 그곳에 있는 누구에 대한 증거도 아닙니다."
        ),
    ),
    "fact.uploads": ("Uploads used", "분석에 쓴 업로드"),
    "fact.uploads.note": (
        "{placed} with a candidate venue, {unplaced} without",
        "후보 업소 있음 {placed}건, 없음 {unplaced}건",
    ),
    "fact.expected": ("Uploads expected", "기대되는 업로드"),
    "fact.expected.note": ("within {days}, anywhere", "{days} 안에, 모든 장소 합계"),
    "fact.top": ("Next upload at one of the top {n}", "다음 업로드가 상위 {n}곳일 확률"),
    "fact.top.note": ("of {n} venues ranked", "순위 대상 업소 {n}곳 중"),
    "fact.elsewhere": ("Next upload outside the register", "다음 업로드가 명부 밖일 확률"),
    "fact.elsewhere.note": ("at none of its {n} venues", "명부의 업소 {n}곳 어디도 아님"),
    "fact.replay": ("Found among the top {n} in replay", "과거 재현에서 상위 {n}곳 적중"),
    "fact.replay.note": ("naive baseline: {p}", "단순 기준선: {p}"),
    "fact.noreplay": ("Tested on the past", "과거 재현 검증"),
    "fact.noreplay.value": ("not done", "하지 않음"),
    "fact.noreplay.note": (
        "how such forecasts fared in this case was not looked at",
        "이 사건에서 이런 예측이 얼마나 맞았는지는 살펴보지 않았습니다",
    ),
    # the answer
    "answer": ("The answer", "예측 결과"),
    "answer.venues": ("Likeliest venues", "유력 업소"),
    "answer.slots": ("Likeliest slots (venue and hours)", "유력 업소·시간대"),
    "col.rank": ("Rank", "순위"),
    "col.venue": ("Venue", "업소"),
    "col.probability": ("Probability", "확률"),
    "col.base_rate": ("Base rate", "기저율"),
    "col.why": ("Why", "근거"),
    "col.when": ("When", "시간대"),
    "col.expected": ("Expected uploads", "기대 건수"),
    "col.series": ("Series", "사건군"),
    "answer.note": (
        (
            "Probability: chance of at least one upload there by the end of the horizon. Base "
            "rate: "
            "what one would say of that venue without knowing this series. Why: which part of the "
            "share each explanation gives."
        ),
        (
            "확률: 예측 기간 안에 그곳에서 업로드가 한 번 이상 있을 가능성. 기저율: 이 사건군을 "
            "모른다고 "
            "할 때 그 업소에 매길 확률. 근거: 각 설명이 차지하는 몫."
        ),
    ),
    "why.part": ("{name} {p}", "{name} {p}"),
    "why.past": (
        ("past uploads here: {n}, last {last}"),
        ("이전 업로드 {n}건, 마지막 {last}"),
    ),
    "why.never": ("no upload there before", "이전 업로드 없음"),
    "expert.habit": ("same venue at such hours", "같은 업소·비슷한 시간의 습관"),
    "expert.rhythm": ("weekly rhythm", "요일·시간 규칙성"),
    "expert.loyalty": ("loyalty to the venue", "단골 업소"),
    "expert.recent": ("recent visits", "최근 이용"),
    "expert.sequence": ("what follows the last venue", "직전 업소 다음의 이동"),
    "expert.explore": ("a new venue like those used", "비슷한 새 업소 탐색"),
    "expert.nearby": ("near venues used before", "이용한 업소의 근처"),
    "expert.popular": ("popular with everyone", "모두가 많이 찾는 곳"),
    "expert.elsewhere": ("outside the register", "명부 밖"),
    "rows": ("Rows behind the top venues", "상위 업소의 근거 행"),
    "rows.note": (
        (
            "Located rows of the input, latest first; the {n} latest of each venue. Row is the "
            "row of "
            "the upload file as a person counts it."
        ),
        (
            "입력 자료의 위치 추정 행(최근순), 업소마다 최근 {n}행. 행 번호는 업로드 파일에서 "
            "사람이 세는 "
            "번호입니다."
        ),
    ),
    "col.event": ("Upload", "업로드"),
    "col.row": ("Row", "행"),
    "col.time": ("Time", "시각"),
    "col.weight": ("Weight", "가중치"),
    "col.how": ("How located", "위치 추정 방법"),
    "explain": ("Where these probabilities come from", "확률의 산출 내역"),
    # the map
    "map": ("Map", "지도"),
    "map.label": (
        (
            "Map with the likeliest venues, the heat of past uploads and the layers listed "
            "beside it. "
            "Everything it marks is also in the tables."
        ),
        (
            "유력 업소, 과거 업로드 밀도, 옆에 적힌 층을 담은 지도입니다. 표시된 내용은 모두 "
            "표에도 "
            "있습니다."
        ),
    ),
    "map.home": ("Show everything", "전체 보기"),
    "map.legend": ("Layers and legend", "지도 층과 범례"),
    "map.north": ("North is up", "위쪽이 북쪽"),
    "map.north.letter": ("N", "북"),
    "map.zoom_in": ("Zoom in", "확대"),
    "map.zoom_out": ("Zoom out", "축소"),
    "map.go": ("Show {venue} on the map", "지도에서 {venue} 보기"),
    "map.static": (
        (
            "The map as a picture: heat of past uploads, venues by probability, the top {n} "
            "numbered "
            "as in the table."
        ),
        "그림 지도: 과거 업로드 밀도, 확률에 따른 업소 크기, 표의 순위 번호(상위 {n}곳).",
    ),
    "map.noscript": (
        "The map that moves needs scripts; the printed picture below stands in for it.",
        "움직이는 지도에는 스크립트가 필요합니다. 아래의 그림 지도를 보십시오.",
    ),
    "layer.heat": ("Heat: where uploads were", "업로드 밀도"),
    "layer.heat.unit": ("weighted uploads per km², from", "km²당 가중 업로드 건수(이상)"),
    "layer.heat.note": (
        (
            "Past uploads by location weight, spread by a bell of {bandwidth} on the ground, "
            "the same at every zoom."
        ),
        (
            "위치 가중치를 적용한 과거 업로드. 지상 거리 {bandwidth}의 종 모양으로 펼쳤으며 "
            "확대해도 변하지 않습니다."
        ),
    ),
    "layer.heat.fading": (
        "An upload counts half after {half_life}.",
        "{half_life}이 지난 업로드는 절반으로 셉니다.",
    ),
    "layer.heat.steady": ("Old uploads count in full.", "오래된 업로드도 온전히 셉니다."),
    "layer.heat.none": ("no located upload", "위치가 추정된 업로드 없음"),
    "layer.frames": ("Heat over time", "기간별 밀도"),
    "layer.frames.note": (
        ("One step of the slider in {span}; nothing fades; one scale for all steps."),
        ("한 칸은 {span}이며 시간에 따른 감소 없이 같은 눈금을 씁니다."),
    ),
    "layer.frames.slider": ("Step of time", "기간 선택"),
    "layer.frames.step": (
        ("{start} to {end}: uploads {n}"),
        ("{start} ~ {end}: 업로드 {n}건"),
    ),
    "layer.venues": ("Venues by probability", "업소별 확률"),
    "layer.venues.note": (
        "{n} venues; the area of a circle is its probability.",
        "업소 {n}곳. 원의 넓이가 확률입니다.",
    ),
    "layer.top": ("Top venues, numbered", "상위 업소 번호"),
    "layer.top.note": ("The top {n}, as in the table.", "표의 상위 {n}곳."),
    "layer.slots": ("Top slots", "유력 시간대"),
    "layer.slots.note": (
        "The top {n} slots: when, and their probability; those without room appear on zooming in.",
        "상위 {n}개 시간대와 확률. 자리가 없는 것은 확대하면 나타납니다.",
    ),
    "layer.clusters": ("Clusters of past uploads", "과거 업로드 군집"),
    "layer.clusters.note": (
        "{n} groups near in place and time; circles show their radius.",
        "장소와 시간이 가까운 묶음 {n}개. 원은 그 반경입니다.",
    ),
    "layer.scan": ("Scan clusters", "스캔 검정 군집"),
    "layer.scan.note": (
        "{n} areas with more uploads than chance explains.",
        "우연으로 설명되지 않을 만큼 업로드가 많은 구역 {n}개.",
    ),
    "layer.profile": ("Search area of the anchor", "거점 탐색 구역"),
    "layer.profile.note": (
        "Where a place that the series is organised around may lie.",
        "사건군의 중심이 되는 거점이 있을 수 있는 구역.",
    ),
    "layer.districts": ("Districts", "행정 구역"),
    "layer.districts.note": ("Outlines of {n} districts.", "구역 경계 {n}개."),
    "tip.probability": ("Probability {p}", "확률 {p}"),
    "tip.base_rate": ("Base rate {p}", "기저율 {p}"),
    "tip.past": (
        ("Past uploads here: {n}"),
        ("이전 업로드 {n}건"),
    ),
    "tip.clusters": ("Cluster {id}", "군집 {id}"),
    "tip.scan": ("Scan cluster {id}", "스캔 군집 {id}"),
    "tip.events": (
        ("Uploads: {n}"),
        ("업로드 {n}건"),
    ),
    "tip.span": ("{start} to {end}", "{start} ~ {end}"),
    "tip.p_value": ("p = {p}", "p = {p}"),
    # habits
    "habits": ("Habits of the past", "과거의 습관"),
    "clock": ("Week clock", "요일·시간 분포"),
    "clock.note": (
        "Hour by weekday on the clocks at the venues; all {n} uploads used, each counted once.",
        "업소 현지 시각의 요일과 시간. 사용한 업로드 {n}건을 모두 한 번씩 셌습니다.",
    ),
    "timeline": ("Timeline", "시간 흐름"),
    "timeline.note": (
        "Uploads up to the moment of the forecast.",
        "예측 기준 시각까지의 업로드 건수.",
    ),
    "no_font": (
        "No Korean font was found on the machine that made this page; charts use the reader's.",
        "이 문서를 만든 컴퓨터에 한글 글꼴이 없어 읽는 쪽의 글꼴로 그림을 표시합니다.",
    ),
    # left out and assumed
    "left": ("Left out and assumed", "제외된 것과 전제"),
    "left.rejected": (
        ("Rows of the input that could not be read: {n}"),
        ("읽지 못한 입력 행 {n}건"),
    ),
    "left.rejected.none": ("No row of the input was rejected.", "제외된 입력 행이 없습니다."),
    "left.rejected.unknown": (
        "Rejected rows were not handed to this page; see the readers' second table.",
        "제외된 행의 표를 받지 못했습니다. 읽기 함수의 두 번째 표를 보십시오.",
    ),
    "left.reason": ("Reason", "사유"),
    "left.count": ("Rows", "행 수"),
    "left.where": ("Row numbers", "행 번호"),
    "left.table": ("Table", "자료"),
    "left.later": (
        ("Uploads at or after the moment of the forecast, not looked at: {n}."),
        ("예측 시점 이후의 업로드 {n}건은 쓰지 않았습니다."),
    ),
    "left.unplaced": (
        (
            "Uploads without a candidate venue: {n} of {all}; "
            "they count in the rate, not on the map."
        ),
        ("업로드 {all}건 중 {n}건은 후보 업소가 없어, 빈도에는 들어가지만 지도에는 없습니다."),
    ),
    "left.how": ("How these were judged", "판단 내역"),
    "left.uncertain": (
        (
            "Uploads with one venue for certain: {n}; the others are spread over their candidates, "
            "and nowhere is the likeliest taken for the truth."
        ),
        (
            "업소가 하나로 확실한 업로드는 {n}건입니다. 나머지는 후보들에 나누어 셌으며, "
            "가장 유력한 곳을 사실로 단정하지 않았습니다."
        ),
    ),
    "left.outside": (
        ("Weight that lies outside the register, carried as 'elsewhere', in uploads: {n}."),
        ("업로드 {n}건에 해당하는 무게는 명부 밖에 있어 '기타 장소'로 다루었습니다."),
    ),
    "left.pooled": (
        "{n} series are shown together: chances of different series are held to be independent.",
        "사건군 {n}개를 합쳐 보였으며, 서로 독립이라고 보았습니다.",
    ),
    "left.membership": (
        "Which uploads belong to a series is itself a judgement; its weight is carried along.",
        "어떤 업로드가 같은 사건군인지도 추정이며, 그 확실성을 가중치로 반영했습니다.",
    ),
    "left.future": (
        "The forecast holds that the past goes on: an arrest, a move or a closed venue breaks it.",
        "예측은 과거의 습관이 이어진다고 봅니다. 검거, 이사, 폐업이 있으면 맞지 않습니다.",
    ),
    "left.hours": (
        "Venues whose opening hours are unknown count as always open ({n} of {all}).",
        "영업시간을 모르는 업소는 늘 열려 있다고 보았습니다({all}곳 중 {n}곳).",
    ),
    "left.scan": (
        ("The scan test found no area with more uploads than chance explains (p ≤ {alpha})."),
        ("스캔 검정에서 우연으로 설명되지 않는 구역은 없었습니다(p ≤ {alpha})."),
    ),
    "abstain.some": (
        ("this holds for {n} of the {all} series."),
        ("사건군 {all}개 중 {n}개가 해당합니다."),
    ),
    "explain.event": (
        (
            "Past upload {event} ({time}, {venue}) moves the share by {change} of all "
            "(percentage points)."
        ),
        ("과거 업로드 {event}({time}, {venue})이(가) 있어 몫이 {change}p 달라집니다."),
    ),
    "explain.ranks": (
        ("Rank {rank}; if past uploads faded faster or slower: {ranks}."),
        ("순위 {rank}. 과거를 더 빨리 또는 더 천천히 잊는다면 {ranks}."),
    ),
    # provenance
    "made": ("What made this page", "산출 근거"),
    "made.version": ("Version", "버전"),
    "made.method": ("Method", "방법"),
    "made.at": ("Moment of the forecast", "예측 기준 시각"),
    "made.seed": ("Seed", "난수 시드"),
    "made.in": ("Rows in", "입력 행"),
    "made.out": ("Rows out", "출력 행"),
    "made.parameters": ("Parameters, as recorded", "매개변수(기록 그대로)"),
    "made.input": ("Input {name}", "입력 {name}"),
    "made.rows": ("{n} rows", "{n}행"),
    "made.rejected": ("{n} rejected", "제외 {n}행"),
    "made.noinput": (
        "No input files were named; hand them over with inputs=... to have their hashes here.",
        "입력 파일이 지정되지 않았습니다. inputs=...로 넘기면 해시가 표시됩니다.",
    ),
    "made.page": ("This page", "이 문서"),
    "made.page.text": (
        "top {top}, heat bandwidth {bandwidth}, half-life {half_life}",
        "상위 {top}, 밀도 대역폭 {bandwidth}, 반감기 {half_life}",
    ),
    "made.map": ("Map", "지도"),
    "made.map.text": (
        "Leaflet, inside this file; the page makes no request",
        "파일에 포함된 Leaflet. 외부 접속 없음",
    ),
    "footer": ("crimeloc {version} · as of {at}", "crimeloc {version} · 기준 {at}"),
    "and": (", ", ", "),
}

_ALL = _TEXTS | CHART_TEXTS | LEVEL_TEXTS | PAGE_TEXTS | COLUMN_TEXTS | REASON_TEXTS

CATALOGUE: dict[str, dict[str, str]] = {
    lang: {key: pair[place] for key, pair in _ALL.items()}
    for place, lang in enumerate(("en", "ko"))
}
