"""The tables of a ranking: slots, venues and windows of one series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.ranking.model.slots import likeliest
from crimeloc.tables import ELSEWHERE
from crimeloc.units import to_timestamps

if TYPE_CHECKING:
    from crimeloc.ranking.model.forecast import Model

__all__ = ["base_shares", "slots_table", "venues_table", "windows_table"]

Columns = dict[str, object]


def base_shares(model: Model) -> NDArray[np.float64]:
    """Share of each venue if the series went where everybody goes."""
    visits = model.population.visits[-1] + 0.5
    return np.asarray(visits / visits.sum())


def slots_table(model: Model, series: str) -> pd.DataFrame:
    """Give one forecast under the contract SLOTS, the likeliest slot first."""
    forecast, grid = model.forecast(series), model.grid
    n_windows, n_venues = len(grid.starts), len(model.register)
    share = np.column_stack([forecast.share, forecast.elsewhere]).ravel()
    order = likeliest(share)
    expected = forecast.count * share[order]
    window, venue = np.divmod(order, n_venues + 1)
    columns = _named(model, series, venue) | _times(model, window)
    columns["expected"] = expected
    columns["probability"] = forecast.chance(expected)
    columns["share"] = share[order]
    wide = np.zeros((n_windows, n_venues + 1))
    for k, name in enumerate(model.names):
        wide[:, :n_venues] = forecast.parts[k]
        columns[f"from_{name}"] = wide.ravel()[order]
    wide[:, :n_venues] = 0.0
    wide[:, n_venues] = forecast.elsewhere
    columns["from_elsewhere"] = wide.ravel()[order]
    return pd.DataFrame(columns, copy=False)


def venues_table(model: Model, series: str) -> pd.DataFrame:
    """Give the venues of one forecast over the whole horizon, the likeliest first."""
    forecast = model.forecast(series)
    lost = float(forecast.elsewhere.sum())
    share = np.append(forecast.share.sum(axis=0), lost)
    order = np.argsort(-share, kind="stable")
    expected = forecast.count * share
    base = np.append(base_shares(model) * (1.0 - lost), lost)
    columns = _named(model, series, order)
    columns["expected"] = expected[order]
    columns["probability"] = forecast.chance(expected)[order]
    columns["share"] = share[order]
    columns["base_rate"] = forecast.chance(forecast.count * base)[order]
    for k, name in enumerate(model.names):
        columns[f"from_{name}"] = np.append(forecast.parts[k].sum(axis=0), 0.0)[order]
    columns["from_elsewhere"] = np.append(np.zeros(len(model.register)), lost)[order]
    return pd.DataFrame(columns)


def windows_table(model: Model, series: str) -> pd.DataFrame:
    """Give the windows of one forecast over all venues, in order of time."""
    forecast, grid = model.forecast(series), model.grid
    share = forecast.share.sum(axis=1) + forecast.elsewhere
    columns: Columns = _series(model, series, len(share))
    columns |= _times(model, np.arange(len(grid.starts)))
    columns["expected"] = forecast.count * share
    columns["probability"] = forecast.chance(forecast.count * share)
    columns["share"] = share
    return pd.DataFrame(columns)


def _series(model: Model, series: str, n: int) -> Columns:
    if not model.history.named:
        return {}
    return {"series_id": pd.array([series], dtype="str").take(np.zeros(n, np.intp))}


def _named(model: Model, series: str, venue: NDArray[np.int64]) -> Columns:
    """Series, venue and, where the register knows it, the name of the venue."""
    register = model.register
    columns = _series(model, series, len(venue))
    columns["venue_id"] = pd.array(np.append(register.ids, ELSEWHERE), dtype="str").take(venue)
    if "name" in register.table.columns:
        names = [*register.table["name"], None]
        columns["name"] = pd.array(names, dtype="str").take(venue)
    return columns


def _times(model: Model, window: NDArray[np.int64]) -> Columns:
    """Begin and end of each window, in UTC and on the clocks at the venues."""
    starts, ends = to_timestamps(model.grid.starts), to_timestamps(model.grid.ends)
    tz = model.history.tz
    return {
        "window_start": starts.take(window),
        "window_end": ends.take(window),
        "local_start": starts.tz_convert(tz).take(window),
        "local_end": ends.tz_convert(tz).take(window),
    }
