"""When a ranking says in words that it is no sharp list, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crimeloc.ranking.model.walk_forward import walk_forward

if TYPE_CHECKING:
    from crimeloc.ranking.model.forecast import Model

ENOUGH = 5
"""Below this many located uploads a ranking says that it knows no habit."""
FOUND = 0.25
"""A series whose first venue held less than this of its last uploads has no sharp list."""
_LAST = 15


class Doubt(NamedTuple):
    """One reason why a list is not sharp: a name that lasts, its numbers, and the sentence.

    Parameters
    ----------
    key : str
        ``"few"``, ``"unpredictable"``, ``"wanders"`` or ``"elsewhere"``.
    numbers : dict
        What the sentence says, as numbers.
    english, korean : str
        The sentence.
    """

    key: str
    numbers: dict[str, float]
    english: str
    korean: str


def doubts(model: Model, series: str) -> tuple[Doubt, ...]:
    """Why this is no sharp list; nothing when there is no reason.

    Too few located uploads; a replay of the last ones in which the list did little better than
    popularity alone, or in which its first place was hardly ever right; uploads that fall outside
    the register. `Ranking.abstained` gives the first of them.
    """
    code, n = model.code(series), 0.0
    if code >= 0:
        here = slice(int(model.history.row_bounds[code]), int(model.history.row_bounds[code + 1]))
        rows = model.history.rows
        n = float(rows.weight[rows.ptr[here.start] : rows.ptr[here.stop]].sum())
    if n < ENOUGH:
        return (_few(n),)
    found = []
    bits, first, asked = _replayed(model, series)
    if asked >= ENOUGH and bits < 0.5:
        found.append(_unpredictable(bits, asked))
    elif asked >= ENOUGH and first < FOUND:
        found.append(_wanders(first, asked))
    lost = model.elsewhere(code)
    if lost > 0.5:
        found.append(_elsewhere(lost))
    return tuple(found)


def _few(n: float) -> Doubt:
    noun = "upload" if n == 1 else "uploads"
    return Doubt(
        "few",
        {"n": n},
        f"Only {n:.3g} located {noun} before this moment: too few to know a habit; "
        "the list leans on what other series do.",
        f"이 시점 이전에 위치가 추정된 업로드가 {n:.3g}건뿐이어서 습관을 알 수 없습니다. "
        "이 목록은 다른 사건군의 행동에 기대고 있습니다.",
    )


def _unpredictable(bits: float, asked: int) -> Doubt:
    return Doubt(
        "unpredictable",
        {"bits": bits, "n": asked},
        f"In a replay of its last {asked} uploads this series could not be predicted "
        f"({bits:+.1f} bits a visit over popularity alone): do not lean on the top of the list.",
        f"최근 업로드 {asked}건을 되짚어 보면 이 사건군은 예측되지 않았습니다"
        f"(인기도 대비 방문당 {bits:+.1f}비트). 목록의 윗부분에 기대지 마십시오.",
    )


def _wanders(first: float, asked: int) -> Doubt:
    return Doubt(
        "wanders",
        {"first": first, "n": asked},
        f"In a replay of its last {asked} uploads the venue at the top was right "
        f"{first:.0%} of the time: this series has no place of its own, read the set and not the "
        "top of the list.",
        f"최근 업로드 {asked}건을 되짚어 보면 맨 위의 업소가 맞은 비율은 {first:.0%}입니다. "
        "이 사건군은 정해진 장소가 없으므로 목록의 윗부분이 아니라 집합 전체를 보십시오.",
    )


def _elsewhere(lost: float) -> Doubt:
    return Doubt(
        "elsewhere",
        {"share": lost},
        f"{lost:.0%} of its uploads fall at no venue of the register: the list is partial.",
        f"업로드의 {lost:.0%}가 등록된 업소 밖에서 이루어져 목록이 완전하지 않습니다.",
    )


def _replayed(model: Model, series: str) -> tuple[float, float, int]:
    """Bits a visit gained over popularity, how often the first venue was right, how many."""
    rows = model.history.rows
    base = model.population.visits[-1] + 0.5
    base = base / base.sum()
    gains, right = [], []
    for before in walk_forward(model, model.code(series), last=_LAST):
        if before.result is None:
            continue
        here = slice(int(rows.ptr[before.row]), int(rows.ptr[before.row + 1]))
        v, w = rows.venue[here], rows.weight[here]
        w = w / w.sum()
        gains.append(np.log2(max(float(before.p[v] @ w), 1e-12) / float(base[v] @ w)))
        right.append(float(w[v == int(np.argmax(before.p))].sum()))
    if not gains:
        return 0.0, 0.0, 0
    return float(np.mean(gains)), float(np.mean(right)), len(gains)
