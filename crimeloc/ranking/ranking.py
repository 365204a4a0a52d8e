"""The ranking: tables, sets, explanations, and what it does not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from crimeloc.drawing import RankingDrawings
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.provenance import Provenance
from crimeloc.ranking.abstention import doubts
from crimeloc.ranking.credible_sets import CredibleSet, credible_set
from crimeloc.ranking.explain import Explanation, explain
from crimeloc.ranking.model.forecast import Model
from crimeloc.ranking.ranking_tables import slots_table, venues_table, windows_table
from crimeloc.ranking.ranking_text import as_html, as_text
from crimeloc.saved_results import Saved

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Model", "Ranking"]


@dataclass(frozen=True, repr=False, eq=False)
class Ranking(RankingDrawings, Saved):
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

    _kind = "ranking"

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
        that of at least one upload. ``local_start`` and ``local_end`` are the window on the clocks
        at the venues.
        """
        return self._tables(slots_table)

    @cached_property
    def venues(self) -> pd.DataFrame:
        """Venues over the whole horizon, for each series the likeliest first.

        Columns as in `slots`, without windows; ``base_rate`` is the probability of at least one
        upload if the series went where everybody goes.
        """
        return self._tables(venues_table)

    @cached_property
    def windows(self) -> pd.DataFrame:
        """Windows over all venues, in order of time: expected, probability, share."""
        return self._tables(windows_table)

    def _tables(self, make: Callable[[Model, str], pd.DataFrame]) -> pd.DataFrame:
        tables = [make(self.model, one) for one in self.series]
        return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)

    @property
    def abstained(self) -> Mapping[str, Message]:
        """For which series this is no sharp list, and the first reason why."""
        return {one: found[0] for one, found in self.doubts.items() if found}

    @cached_property
    def doubts(self) -> Mapping[str, tuple[Message, ...]]:
        """Every reason why a list is not sharp: a code with its numbers, in any language."""
        return {one: doubts(self.model, one) for one in self.series}

    @property
    def notes(self) -> tuple[Message, ...]:
        """What was assumed: uploads at venues outside the register count as elsewhere."""
        outside = self.model.history.outside
        return () if outside is None else (outside,)

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
            the lift over the base rate, and a sentence.

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

        return explore(self.model, k, self.one(series))

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

    def text(self, lang: str = "en") -> str:
        """Say it in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue, such as ``"en"`` or ``"ko"``.

        Returns
        -------
        str
            The likeliest venues and slots of the first series.
        """
        return as_text(self, lang)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_html(self, "en")
