"""The ranking: tables, sets, explanations, and what it does not know."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.drawing import RankingDrawings
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.provenance import Provenance
from crimeloc.ranking.abstention import Doubt, doubts
from crimeloc.ranking.credible_sets import CredibleSet, credible_set
from crimeloc.ranking.explain import Explanation, base_shares, explain
from crimeloc.ranking.model.forecast import Model
from crimeloc.ranking.model.slots import slots_table
from crimeloc.tables import ELSEWHERE
from crimeloc.units import to_timestamps

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Model", "Ranking"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class Ranking(RankingDrawings):
    """Where and when the next uploads of some series are, as far as their past tells.

    Parameters
    ----------
    model : Model
        What the forecast rests on; the tables are worked out when they are asked for.
    series : tuple of str
        The series forecast; ``("all",)`` where the table names none.
    at : Timestamp
        The moment of the forecast, on the clocks at the venues.
    horizon : str
        How far it looks ahead.
    provenance : Provenance
        What made it.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([127.0, 127.1], [37.5, 37.5])
    >>> venues = gpd.GeoDataFrame({"venue_id": ["A", "B"]}, geometry=points, crs=4326)
    >>> from crimeloc.ranking import rank
    >>> times = pd.date_range("2026-01-02 20:30", periods=8, freq="7D", tz="Asia/Seoul")
    >>> located = gpd.GeoDataFrame(
    ...     {"event_id": [f"E{i}" for i in range(8)], "timestamp": times,
    ...      "venue_id": list("AAABAAAB"), "weight": 1.0, "how": "register"},
    ...     geometry=gpd.points_from_xy([127.0] * 8, [37.5] * 8), crs=4326)
    >>> ranking = rank(located, venues, at="2026-02-27 00:00+09:00")
    >>> ranking.venues["venue_id"].iloc[0], len(ranking.past)
    ('A', 8)
    """

    model: Model
    series: tuple[str, ...]
    at: pd.Timestamp
    horizon: str
    provenance: Provenance

    @property
    def named(self) -> bool:
        """Do the tables have a column ``series_id``?"""
        return self.model.history.named

    @property
    def tz(self) -> str:
        """Zone of the clocks at the venues."""
        return self.model.history.tz

    @property
    def register(self) -> gpd.GeoDataFrame:
        """The venues it ranks, contract VENUES."""
        return self.model.register.table

    @cached_property
    def past(self) -> gpd.GeoDataFrame:
        """The uploads it rests on, contract LOCATED: what came before `at`."""
        from crimeloc.ranking.history_table import history_table

        return history_table(self.model, self.series)

    @cached_property
    def slots(self) -> pd.DataFrame:
        """Venue x window, contract SLOTS, for each series the likeliest slot first.

        ``share`` is the chance that an upload of the horizon falls into the slot; over a series
        it sums to 1 with "elsewhere". ``expected`` is share x expected count, ``probability``
        that of at least one upload.
        """
        model = self.model
        tables = [
            slots_table(
                model.forecast(one),
                model.grid,
                model.register.ids,
                model.names,
                one if self.named else None,
            )
            for one in self.series
        ]
        return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)

    @cached_property
    def venues(self) -> pd.DataFrame:
        """Venues over the whole horizon, for each series the likeliest first.

        Columns as in `slots`, without windows; ``base_rate`` is the probability of at least one
        upload if the series went where everybody goes.
        """
        tables = [self._venues(one) for one in self.series]
        return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)

    @cached_property
    def windows(self) -> pd.DataFrame:
        """Windows over all venues, in order of time: expected, probability, share."""
        tables = []
        for one in self.series:
            forecast, grid = self.model.forecast(one), self.model.grid
            share = forecast.share.sum(axis=1) + forecast.elsewhere
            table = pd.DataFrame(
                {
                    "window_start": to_timestamps(grid.starts),
                    "window_end": to_timestamps(grid.ends),
                    "expected": forecast.count * share,
                    "probability": forecast.chance(forecast.count * share),
                    "share": share,
                }
            )
            if self.named:
                table.insert(0, "series_id", one)
            tables.append(table)
        return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)

    @property
    def abstained(self) -> Mapping[str, str]:
        """For which series this is no sharp list, and why, in a sentence each."""
        return {one: found[0].english for one, found in self.doubts.items() if found}

    @property
    def abstained_ko(self) -> Mapping[str, str]:
        """The same as `abstained`, in Korean."""
        return {one: found[0].korean for one, found in self.doubts.items() if found}

    @cached_property
    def doubts(self) -> Mapping[str, tuple[Doubt, ...]]:
        """Every reason why a list is not sharp: a lasting key, its numbers, English, Korean."""
        return {one: doubts(self.model, one) for one in self.series}

    def explain(
        self,
        venue_id: str,
        window: pd.Timestamp | str | None = None,
        series: str | None = None,
        *,
        influence: bool = True,
        stability: bool = True,
    ) -> Explanation:
        """Where does this probability come from?

        Parameters
        ----------
        venue_id : str
            A venue of the register.
        window : Timestamp or str, optional
            A moment with a zone inside a window: that slot alone; by default the whole horizon.
        series : str, optional
            Which series; by default the one with the most past uploads, and the text names it.
        influence : bool
            Look for the past events that matter most, by leaving them out one by one.
        stability : bool
            Ask also how the rank moves when past events fade faster or slower.

        Returns
        -------
        Explanation
            Parts that sum to the share and to the probability, the past events that matter most,
            the lift over the base rate, and a sentence in English and Korean.

        Raises
        ------
        ParameterError
            The venue, window or series is not in the ranking.
        """
        return explain(
            self.model,
            venue_id,
            window,
            self.one(series),
            influence,
            stability,
            len(self.series) > 1,
        )

    def credible_set(
        self, level: float = 0.8, *, by: str = "slots", series: str | None = None
    ) -> CredibleSet:
        """Which are the fewest slots, or venues, that hold this share?

        Parameters
        ----------
        level : float
            Share to hold, between 0 and 1.
        by : str
            ``"slots"`` or ``"venues"``.
        series : str, optional
            Which series; by default the one with the most past uploads.

        Returns
        -------
        CredibleSet
            The table, what it holds, and how such sets fared on past events.

        Raises
        ------
        ParameterError
            A level outside 0 to 1, or another word.
        """
        if by not in ("slots", "venues"):
            raise ParameterError(
                "by", found=repr(by), expected="'slots' or 'venues'", hint=Hint(by="slots")
            )
        one, table = self.one(series), self.slots if by == "slots" else self.venues
        if self.named:
            table = table[table["series_id"] == one]
        return credible_set(self.model, table, level, by, one)

    def explore(self, k: int | None = 20, *, series: str | None = None) -> pd.DataFrame:
        """If it goes somewhere new: where?

        Parameters
        ----------
        k : int, optional
            How many venues; None: all.
        series : str, optional
            Which series; by default the one with the most past uploads.

        Returns
        -------
        DataFrame
            Venues the series has not used, the likeliest first: ``venue_id``, ``share`` of a new
            venue's upload (sums to 1 over all), and the features that speak for it.
        """
        from crimeloc.ranking.model.explore import explore

        return explore(self, k, self.one(series))

    def one(self, series: str | None) -> str:
        """Which series is meant? Without a name, the one with the most past uploads."""
        if series in self.series:
            return str(series)
        if series is None and self.series:
            return max(self.series, key=self.model.n_past)  # the first of equals
        shown = ", ".join(self.series[:5]) or "none"
        hint = Hint(series=self.series[0]) if self.series else Hint(series=None)
        raise ParameterError(
            "series", found=repr(series), expected=Message("one of {shown}", shown=shown), hint=hint
        )

    def _venues(self, series: str) -> pd.DataFrame:
        model, forecast = self.model, self.model.forecast(series)
        lost = float(forecast.elsewhere.sum())
        share = np.append(forecast.share.sum(axis=0), lost)
        order = np.argsort(-share, kind="stable")
        expected = forecast.count * share
        base = np.append(base_shares(model) * (1.0 - lost), lost)
        columns: dict[str, object] = {
            "venue_id": pd.array(np.append(model.register.ids, ELSEWHERE), dtype="str").take(order),
            "expected": expected[order],
            "probability": forecast.chance(expected)[order],
            "share": share[order],
            "base_rate": forecast.chance(forecast.count * base)[order],
        }
        for k, name in enumerate(model.names):
            columns[f"from_{name}"] = np.append(forecast.parts[k].sum(axis=0), 0.0)[order]
        columns["from_elsewhere"] = np.append(np.zeros(len(model.register)), lost)[order]
        table = pd.DataFrame(columns)
        if self.named:
            table.insert(0, "series_id", series)
        return table

    def __str__(self) -> str:
        lines = [f"Ranking at {self.at:%Y-%m-%d %H:%M %Z}, {self.horizon} ahead"]
        for one in self.series[:3]:
            lines += self._text(one)
        if len(self.series) > 3:
            lines.append(f"and {len(self.series) - 3:,} more series")
        return "\n".join(lines)

    __repr__ = __str__

    def _text(self, one: str) -> list[str]:
        forecast = self.model.forecast(one)
        title = f"series {one}: " if self.named else ""
        lines = [f"{title}{forecast.count:.1f} uploads expected, {forecast.new:.0%} at a new venue"]
        if one in self.abstained:
            lines.append(f"  ! {self.abstained[one]}")
        for _, row in self._venues(one).head(5).iterrows():
            lines.append(
                f"  {row['venue_id']:<12} share {row['share']:6.1%}   "
                f"at least one {row['probability']:6.1%}   base {row['base_rate']:6.1%}"
            )
        lines.append("  likeliest slots:")
        model = self.model
        flat = np.column_stack([forecast.share]).ravel()
        for place in np.argsort(-flat, kind="stable")[:5]:
            window, venue = divmod(int(place), len(model.register))
            start = to_timestamps(model.grid.starts[window : window + 1])[0].tz_convert(self.at.tz)
            end = to_timestamps(model.grid.ends[window : window + 1])[0].tz_convert(self.at.tz)
            chance = forecast.chance(np.array(forecast.count * flat[place]))
            lines.append(
                f"  {model.register.ids[venue]:<12} {start:%a %m-%d %H:%M}-{end:%H:%M}   "
                f"share {flat[place]:6.1%}   at least one {float(chance):6.1%}"
            )
        return lines

    def _repr_html_(self) -> str:
        title = html.escape(f"Ranking at {self.at:%Y-%m-%d %H:%M %Z}, {self.horizon} ahead")
        parts = [f"<h4>{title}</h4>"]
        for one in self.series[:3]:
            if self.named:
                parts.append(f"<h5>series {html.escape(one)}</h5>")
            if one in self.abstained:
                parts.append(f"<p><b>{html.escape(self.abstained[one])}</b></p>")
            table = self._venues(one).head(10)
            shown = table[["venue_id", "expected", "probability", "share", "base_rate"]]
            parts.append(shown.to_html(index=False, float_format="{:.3f}".format, border=0))
        return "".join(parts)
