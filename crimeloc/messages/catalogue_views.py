"""What the pictures of single results say, in a notebook and in the documentation."""

from __future__ import annotations

__all__ = ["VIEW_TEXTS"]

VIEW_TEXTS: dict[str, tuple[str, str]] = {
    # maps
    "view.ranking": ("Where next, as of {at}", "예상 장소({at} 기준)"),
    "view.scan": ("Space-time scan", "시공간 스캔 검정"),
    "view.clusters": ("Clusters of uploads", "업로드 군집"),
    "view.profile": ("Where the anchor may lie", "거점이 있을 만한 곳"),
    "layer.weaker": ("Weaker scan clusters", "약한 스캔 군집"),
    "layer.weaker.note": (
        "{n} areas with no more uploads than chance would bring.",
        "우연으로 충분히 설명되는 구역 {n}개.",
    ),
    "layer.sites": ("Venues used", "이용한 업소"),
    "layer.sites.note": (
        "The {n} venues that the areas rest on.",
        "구역 추정의 바탕이 된 업소 {n}곳.",
    ),
    "layer.shares": (
        "Outlines, from thick to thin: best {shares} of the area searched.",
        "굵은 선부터 탐색 면적의 상위 {shares}입니다.",
    ),
    "tip.weight": ("Weight {n}", "가중치 {n}"),
    # charts
    "chart.knox": ("close pairs in a shuffled world", "섞은 자료의 근접 쌍 수"),
    "chart.worlds": ("shuffled worlds", "섞은 자료 수"),
    "chart.observed": ("observed {n}, p = {p}", "관측값 {n}, p = {p}"),
    "chart.distance": ("distance", "거리"),
    "chart.time_apart": ("time apart", "시간 간격"),
    "chart.ratio": ("pairs observed over pairs by chance", "관측 쌍 ÷ 우연 기대 쌍"),
    "chart.ratio.star": ("* adjusted p at most .05", "* 보정 p가 0.05 이하"),
    "chart.cluster": (
        "{observed} uploads, {expected} by chance",
        "{observed}건(우연이면 {expected}건)",
    ),
    "chart.beyond": ("more than chance (p ≤ {alpha})", "우연 이상(p ≤ {alpha})"),
    "chart.within": ("not more than chance would bring", "우연보다 많다고 할 수 없음"),
    "chart.series": ("series, by number of uploads", "사건군(업로드 많은 순)"),
    "chart.part": ("share of the next upload", "다음 업로드의 몫"),
    # the slider
    "slider.label": ("Hours", "시간대"),
    "slider.window": (
        "{window}: {p} chance that the next upload falls into these hours.",
        "{window}: 다음 업로드가 이 시간대에 있을 확률은 {p}입니다.",
    ),
    "slider.need": ("the package ipywidgets", "ipywidgets 꾸러미"),
    # what a picture says to those who do not see it
    "alt.ranking": (
        "Week of past uploads with the forecast beneath it: the likeliest window is {window}, {p}.",
        "과거 업로드의 요일별 시각과 그 아래의 예측. 가장 유력한 시간대는 {window}, {p}입니다.",
    ),
    "alt.capture": (
        "Uploads met for officer-hours, the ranker beside naive baselines: {most} at most.",
        "투입 인시에 따른 포착 업로드. 순위 산출기와 단순 기준선 비교, 최대 {most}.",
    ),
    "alt.calibration": (
        "What was said beforehand against what happened, in {n} bins.",
        "예측한 확률과 실제 비율 비교, 구간 {n}개.",
    ),
    "alt.knox": (
        "Close pairs in {draws} shuffled worlds: {mean} on average, {observed} observed, p = {p}.",
        "섞은 자료 {draws}개의 근접 쌍: 평균 {mean}, 관측값 {observed}, p = {p}.",
    ),
    "alt.repeat": (
        "Pairs by distance and time apart, observed over by chance; {n} cells beyond chance.",
        "거리와 시간 간격별 쌍의 관측 대 기대 비율. 우연을 넘는 칸 {n}개.",
    ),
    "alt.scan": (
        "{n} clusters of a scan on a line of time; {beyond} more than chance.",
        "시간 축에 놓은 스캔 군집 {n}개. 우연을 넘는 것 {beyond}개.",
    ),
    "alt.links": (
        "Uploads of the {n} largest series on a line of time.",
        "가장 큰 사건군 {n}개의 업로드 시점.",
    ),
    "alt.waterfall": (
        "Evidence on one pair, kind by kind, adding up to {score} bits.",
        "한 쌍의 증거를 종류별로 더하면 {score}비트입니다.",
    ),
    "alt.parts": (
        "Parts of the share of {venue}, which is {p}, by explanation.",
        "{venue}의 몫 {p}을(를) 설명별로 나눈 그림.",
    ),
    "alt.map": ("Map: {title}", "지도: {title}"),
}
