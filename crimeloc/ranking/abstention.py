"""When a ranking says in words that it is no sharp list, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crimeloc.messages import Message
from crimeloc.ranking.model.walk_forward import walk_forward

if TYPE_CHECKING:
    from crimeloc.ranking.model.forecast import Model

ENOUGH = 5
"""Below this many located uploads a ranking says that it knows no habit."""
FOUND = 0.25
"""A series whose first venue held less than this of its last uploads has no sharp list."""
UNPREDICTABLE = 0.5
"""Bits a visit over popularity below which a list is not to be leaned on."""
MOSTLY = 0.5
"""Chance of elsewhere above which the list is partial."""
_LAST = 15


def doubts(model: Model, series: str) -> tuple[Message, ...]:
    """Why this is no sharp list; nothing when there is no reason.

    Too few located uploads (``doubt.few``); a backtest of the last ones in which the list did
    little better than popularity alone (``doubt.unpredictable``), or in which its first place was
    hardly ever right (``doubt.wanders``); uploads that fall outside the register
    (``doubt.elsewhere``).
    `Ranking.abstained` gives the first of them.
    """
    code, n = model.code(series), 0.0
    if code >= 0:
        here, rows = model.history.located_of(code), model.history.rows
        n = float(rows.weight[rows.ptr[here.start] : rows.ptr[here.stop]].sum())
    if n < ENOUGH:
        return (Message("doubt.few", n=n),)
    found = []
    bits, first, asked = _replayed(model, series)
    if asked >= ENOUGH and bits < UNPREDICTABLE:
        found.append(Message("doubt.unpredictable", bits=bits, n=asked))
    elif asked >= ENOUGH and first < FOUND:
        found.append(Message("doubt.wanders", first=first, n=asked))
    elsewhere = model.elsewhere(code)
    if elsewhere > MOSTLY:
        found.append(Message("doubt.elsewhere", share=elsewhere))
    return tuple(found)


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
