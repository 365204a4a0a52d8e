"""What charts say, and what is said of a replay: its methods and its scores."""

from __future__ import annotations

from crimeloc.messages.catalogue_links import LINK_TEXTS
from crimeloc.messages.catalogue_views import VIEW_TEXTS

__all__ = ["CHART_TEXTS"]

CHART_TEXTS: dict[str, tuple[str, str]] = {
    **VIEW_TEXTS,
    **LINK_TEXTS,
    "chart.hour": ("hour of the day", "시각(시)"),
    "chart.uploads": ("uploads", "업로드(건)"),
    "chart.at": ("forecast", "예측 시점"),
    "chart.per_day": ("uploads per day", "하루당 업로드(건)"),
    "chart.per_week": ("uploads per week", "주당 업로드(건)"),
    "chart.per_weeks": ("uploads per {weeks} weeks", "{weeks}주당 업로드(건)"),
    "chart.forecast": ("said beforehand", "예측한 확률"),
    "chart.happened": ("happened", "실제 비율"),
    "chart.numbers": ("The numbers of this chart", "이 그림의 수치"),
    "chart.weekday": ("Weekday", "요일"),
    "chart.ece": (
        ("{method}: ECE {all} points (from 1% on: {likely})"),
        ("{method}: 보정 오차(ECE) {all}%p (1% 이상: {likely}%p)"),
    ),
    "chart.forecasts": ("forecasts", "예측 수"),
    "chart.officer_hours": (
        (
            "officer-hours for each series at each forecast\n"
            "= slots × {hours} h × officers per slot ({officers})"
        ),
        (
            "사건군마다 예측 1회당 투입 인시(人時)\n"
            "= 시간대 수 × {hours}시간 × 시간대당 인원({officers}명)"
        ),
    ),
    "chart.budget": ("{hours} h\n{slots} slots", "{hours}시간\n{slots}개"),
    "chart.captured": ("uploads inside the chosen slots", "선택한 시간대에 든 업로드"),
    "chart.most": ("most that is possible", "가능한 최대"),
    "chart.strip": (
        ("hour of the day\nbars: past uploads in each hour (highest: {most}) · band: forecast"),
        ("시각(시)\n막대: 시간별 과거 업로드(최대 {most}건) · 띠: 예측"),
    ),
    "chart.share_per_hour": (
        ("forecast: share of the next uploads, per hour"),
        ("예측: 다음 업로드의 몫(시간당)"),
    ),
    "replay": ("Would it have worked? Backtest of the past", "과거에 적용했다면? 재현 검증"),
    "replay.note": (
        (
            "Forecasts made from earlier uploads alone, held against what came next, beside naive "
            "baselines."
        ),
        "그 시점 이전의 업로드만으로 예측한 뒤 실제와 비교했으며, 단순 기준선을 나란히 보였습니다.",
    ),
    "replay.ranker": ("ranker", "순위 산출기"),
    "replay.reliability": ("Reliability", "확률의 신뢰도"),
    "replay.reliability.note": (
        "On the dotted line, what was said to have a chance of 20% happened in 20% of cases.",
        "점선 위에 있으면 20%라고 한 일이 실제로 20% 일어난 것입니다.",
    ),
    "replay.method": ("Method", "방법"),
    "score.n": (
        ("Uploads scored"),
        ("평가한 업로드"),
    ),
    "score.hit": (
        ("Venue in top {k}"),
        ("상위 {k}곳 적중"),
    ),
    "score.capture": (
        ("Inside top {k} slots"),
        ("상위 {k} 시간대 포착"),
    ),
    "score.log_score": (
        ("Log score"),
        ("로그 점수"),
    ),
    "score.coverage": (
        ("Coverage of 80% sets"),
        ("80% 집합의 실제 포함률"),
    ),
    "method.Ranker": (
        ("crimeloc ranker"),
        ("crimeloc 순위 산출기"),
    ),
    "method.frequency": (
        ("how often before"),
        ("이용 횟수"),
    ),
    "method.recency": (
        ("how often lately"),
        ("최근 이용 횟수"),
    ),
    "method.last_venue": (
        ("last venue"),
        ("직전 업소"),
    ),
    "method.markov": (
        ("what followed the last venue"),
        ("직전 업소 다음의 이동"),
    ),
    "method.popularity": (
        ("popularity with everyone"),
        ("전체 인기도"),
    ),
    "method.uniform": (
        ("all alike"),
        ("모두 같게"),
    ),
    "method.hour_of_week": (
        ("how often at this hour of the week"),
        ("요일·시간대별 이용 횟수"),
    ),
    "replay.scores": (
        ("Scores of the replay"),
        ("재현 검증 점수"),
    ),
    "score.ece_1%": (
        ("Calibration error (chances of 1% or more)"),
        ("확률 오차(1% 이상인 확률)"),
    ),
}
