"""If the series goes somewhere new: the venues it has not used, the likeliest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.ranking.features.arrays import Times
from crimeloc.ranking.features.exploration import Explore

if TYPE_CHECKING:
    from crimeloc.ranking.model.forecast import Model

_COLUMNS = {
    "km_to_last": (Explore.FROM_LAST, 0.1),
    "near_used": (Explore.NEAR_500M, 1e-4),
    "co_visits": (Explore.CO_VISITS, 0.02),
    "visits": (Explore.VISITS, 0.5),
}
"""Features shown as numbers, and what was added to each before its logarithm was taken."""


def explore(model: Model, k: int | None, series: str) -> pd.DataFrame:
    """Where would a new venue be? See `Ranking.explore`."""
    if k is not None and k < 1:
        raise ParameterError("k", found=k, expected="at least 1, or None", hint=Hint(k=20))
    forecast, grid = model.forecast(series), model.grid
    place = model.names.index("explore")
    share = forecast.parts[place].sum(axis=0)
    walker = model.walker(series)
    t, hour, weekday, rest = grid.times
    first = Times(t[:1], hour[:1], weekday[:1], rest[:1])
    x = walker.features(first, now=model.at_us / 1e6)[0]
    unused = walker.state.used < 0.5
    share = np.where(unused, share, 0.0)
    total = float(share.sum())
    order = np.flatnonzero(unused)
    order = order[np.argsort(-share[order], kind="stable")][:k]
    columns: dict[str, object] = {
        "venue_id": pd.array(model.register.ids, dtype="str").take(order),
        "share": share[order] / total if total > 0 else share[order],
    }
    for word, (feature, added) in _COLUMNS.items():
        columns[word] = np.maximum(np.exp(x[order, feature]) - added, 0.0)
    return pd.DataFrame(columns)
