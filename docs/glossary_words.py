"""The words of the house in both languages, as the page and these documents use them.

Where a word stands in the catalogue of the briefing, `key` names an entry that holds it in both
languages; a test compares them, so that page and glossary cannot drift apart.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["GLOSSARY", "Word"]


class Word(NamedTuple):
    """One word, one meaning."""

    english: str
    korean: str
    meaning: str
    meaning_ko: str
    key: str | None = None


GLOSSARY = (
    Word(
        "event (upload)",
        "업로드",
        "one upload, as a platform logged it",
        "플랫폼이 기록한 업로드 한 건",
        "col.event",
    ),
    Word(
        "venue",
        "업소",
        "a PC cafe, or any place with an address of its own",
        "PC방 등 자기 주소를 가진 장소",
        "col.venue",
    ),
    Word("register", "명부", "the table of venues", "업소의 표", "expert.elsewhere"),
    Word(
        "lease",
        "IP 임대",
        "an address held by a venue for a time, from and including its "
        "beginning, up to and without its end",
        "업소가 일정 기간 사용한 주소(시작 포함, 끝 제외)",
    ),
    Word(
        "located",
        "위치 추정",
        "events with their candidate venues",
        "후보 업소를 붙인 업로드",
        "col.how",
    ),
    Word(
        "weight",
        "가중치",
        "how sure a candidate venue is, from 0 to 1; the weights of an event sum to at most 1",
        "후보 업소가 맞을 정도(0~1). 한 업로드의 합은 1 이하",
        "col.weight",
    ),
    Word(
        "elsewhere",
        "기타 장소",
        "every place outside the register; what the weights leave over",
        "명부에 없는 모든 장소. 가중치의 나머지",
        "left.outside",
    ),
    Word(
        "series",
        "사건군",
        "events held to be one offender's, under a pseudonym",
        "한 사람의 것으로 본 업로드 묶음(가명)",
        "col.series",
    ),
    Word(
        "cluster",
        "군집",
        "events near in space and time; -1 means alone",
        "장소와 시간이 가까운 업로드 묶음. -1은 홀로 있음",
        "tip.clusters",
    ),
    Word(
        "scan cluster",
        "스캔 군집",
        "a circle and a stretch of days with more uploads than chance explains, or the best try",
        "우연으로 설명하기 어려운 만큼 업로드가 많은 원과 기간",
        "tip.scan",
    ),
    Word(
        "window",
        "시간대",
        "a piece of calendar time, such as Friday 20:00 to 24:00",
        "달력상의 시간 조각(예: 금요일 20~24시)",
        "col.when",
    ),
    Word("slot", "업소·시간대", "a venue in a window", "한 시간대의 한 업소", "answer.slots"),
    Word(
        "horizon",
        "예측 기간",
        "how far a forecast looks ahead",
        "예측이 내다보는 기간",
        "sub.until",
    ),
    Word(
        "at",
        "기준 시각",
        "the moment the forecast is made; nothing after it is looked at",
        "예측을 하는 시각. 그 뒤는 보지 않음",
        "sub.at",
    ),
    Word(
        "expert",
        "설명",
        "one explanation of habit inside the ranker",
        "순위 산출기 안의 습관 설명 하나",
        "answer.note",
    ),
    Word(
        "share",
        "비중",
        "probability that the next event falls here, if it comes within the horizon",
        "예측 기간 안에 다음 업로드가 있다면 그것이 이곳일 확률",
        "chart.part",
    ),
    Word(
        "expected",
        "예상 업로드 건수",
        "number of events expected here within the horizon",
        "예측 기간 안에 이곳에서 기대되는 건수",
        "col.expected",
    ),
    Word(
        "probability",
        "확률",
        "chance of at least one event here within the horizon",
        "예측 기간 안에 이곳에서 한 건 이상일 가능성",
        "col.probability",
    ),
    Word(
        "base rate",
        "기저율",
        "the probability if the series went where everybody goes",
        "모두가 가는 대로 간다고 볼 때의 확률",
        "col.base_rate",
    ),
    Word(
        "anchor",
        "거점",
        "the place a series is organised around",
        "사건군의 중심이 되는 장소",
        "layer.profile",
    ),
    Word(
        "backtest",
        "과거 재현",
        "the ranker asked at moments of the past, and held against what came",
        "과거 시점으로 돌아가 예측하고 실제와 비교",
        "fact.backtest",
    ),
    Word(
        "baseline",
        "기준선",
        "a naive method that backtest puts beside the ranker, always",
        "순위 산출기와 늘 나란히 두는 단순한 방법",
        "fact.backtest.note",
    ),
    Word(
        "calibration error (ECE)",
        "보정 오차",
        "average distance between what was said and what happened, in percentage points",
        "예측 확률과 실제 비율의 평균 차이(%p)",
        "chart.ece",
    ),
    Word(
        "heat",
        "밀도",
        "weighted past uploads per square kilometre",
        "1km²당 과거 업로드의 가중 건수",
        "layer.heat",
    ),
    Word(
        "officer-hours",
        "인원×시간",
        "hours that officers spend in chosen slots",
        "선택한 시간대에 투입하는 시간",
        "chart.officer_hours",
    ),
    Word(
        "radius_m, gap",
        "반경, 간격",
        "what near (metres) and soon (time) mean in a method",
        "방법에서 가까움(미터)과 잇따름(시간)의 뜻",
    ),
    Word(
        "p-value",
        "p값",
        "share of shuffled worlds at least as unusual as the real one, "
        "(1 + hits) / (1 + draws); never 0",
        "섞은 자료 중 실제만큼 특이한 것의 비율. 0이 되지 않음",
    ),
)
