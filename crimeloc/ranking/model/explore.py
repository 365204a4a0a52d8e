"""If the series goes somewhere new: the venues it has not used, the likeliest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint
from crimeloc.ranking.model._kernels import EXPLORE

if TYPE_CHECKING:
    from crimeloc.ranking.ranking import Ranking

_WORDS = {
    "km_to_last": "from_last",
    "near_used": "near_0.5km",
    "co_visits": "co_visits",
    "visits": "visits",
}


def explore(ranking: Ranking, k: int | None, series: str) -> pd.DataFrame:
    """Where would a new venue be? See `Ranking.explore`."""
    if k is not None and k < 1:
        raise ParameterError("k", found=k, expected="at least 1, or None", hint=Hint(k=20))
    model = ranking.model
    forecast, grid = model.forecast(series), model.grid
    place = model.names.index("explore")
    share = forecast.parts[place].sum(axis=0)
    walker = model.walker(series)
    first = slice(0, 1)
    x = walker.features(
        grid.t[first],
        grid.hour[first],
        grid.weekday[first],
        grid.rest[first],
        now=model.at_us / 1e6,
    )[0]
    unused = walker.state.used < 0.5
    share = np.where(unused, share, 0.0)
    total = float(share.sum())
    order = np.flatnonzero(unused)
    order = order[np.argsort(-share[order], kind="stable")][:k]
    columns: dict[str, object] = {
        "venue_id": pd.array(model.sites.ids, dtype="str").take(order),
        "share": share[order] / total if total > 0 else share[order],
    }
    for word, feature in _WORDS.items():
        value = x[order, EXPLORE.index(feature)]
        if word == "km_to_last":
            columns[word] = np.maximum(np.exp(value) - 0.1, 0.0)
        elif word == "visits":
            columns[word] = np.maximum(np.exp(value) - 0.5, 0.0)
        elif word == "co_visits":
            columns[word] = np.maximum(np.exp(value) - 0.02, 0.0)
        else:
            columns[word] = np.maximum(np.exp(value) - 1e-4, 0.0)
    return pd.DataFrame(columns)
