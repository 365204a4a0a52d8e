"""What the charts of a linkage say."""

from __future__ import annotations

__all__ = ["LINK_TEXTS"]

LINK_TEXTS: dict[str, tuple[str, str]] = {
    "chart.link.bits": (
        "evidence in bits: one bit doubles the odds of one person",
        "증거의 세기(비트): 1비트마다 동일인일 승산이 두 배",
    ),
    "chart.link.sum": ("sum: {chance}", "합계: {chance}"),
    "chart.link.bar": ("joined from {chance}", "{chance}부터 연결"),
    "chart.link.found": ("true pairs found", "찾아낸 동일인 쌍"),
    "chart.link.false": ("pairs of two persons let in", "잘못 연결된 타인 쌍"),
    "chart.link.score": ("{bits} bits", "{bits}비트"),
    "chart.link.area": ("area under the curve {area}", "곡선 아래 넓이 {area}"),
    "chart.link.kind.prior": ("how rare it is", "사전 확률"),
    "chart.link.kind.account": ("account", "계정"),
    "chart.link.kind.device": ("device", "기기"),
    "chart.link.kind.fingerprint": ("browser fingerprint", "브라우저 지문"),
    "chart.link.kind.payment": ("payment", "결제 수단"),
    "chart.link.kind.email": ("e-mail", "전자우편"),
    "chart.link.kind.phone": ("telephone", "전화"),
    "chart.link.kind.venue": ("venues", "업소"),
    "chart.link.kind.hours": ("hours of the week", "요일·시간대"),
    "chart.link.kind.title": ("wording of titles", "제목의 말투"),
    "chart.link.kind.content": ("like content", "유사 콘텐츠"),
    "chart.link.kind.co_location": ("same place, same half hour", "같은 곳, 같은 30분"),
    "chart.link.kind.impossible_travel": ("impossible travel", "불가능한 이동"),
}
