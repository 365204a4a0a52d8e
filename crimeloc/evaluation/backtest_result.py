"""What a backtest of the past found."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.drawing import BacktestDrawings
from crimeloc.errors import ParameterError
from crimeloc.evaluation.calibration import (
    EDGES,
    ece_from_sums,
    reliability_from_sums,
    set_coverage,
)
from crimeloc.evaluation.scores import hit_rate, log_score, pai, search_cost
from crimeloc.messages import Hint, Message
from crimeloc.provenance import Provenance
from crimeloc.saved_results import Saved

__all__ = ["Backtest"]


@dataclass(frozen=True)
class Backtest(BacktestDrawings, Saved):
    """What would have come of it?

    Parameters
    ----------
    protocol : str
        ``"horizon"`` (all events of the next days) or ``"next"`` (event by event).
    ranker : str
        Name of the ranker that was replayed; the other methods are its baselines.
    records : DataFrame
        The raw findings, for own scores. ``next``: a row for each method and candidate of each
        event (``rank_true``, ``p_true``, ``weight``, ...). ``horizon``: a row for each method,
        origin and series (``n`` uploads, ``captured_10``, ``hit_10`` as sums, ...).
    n_venues : int
        Candidates.
    top_k : tuple of int
        Lengths of the venue lists scored.
    slot_budgets : tuple of int
        Slot budgets scored (``horizon`` only).
    window_hours : float
        Length of a window; one slot is so many officer-hours, one officer each.
    notes : tuple of Message
        What was left out of the scores, and how much of it.
    provenance : Provenance
        What made it.
    bins : dict
        For each method the sums behind `reliability`.
    venue_bins : dict
        The same for venues over the whole horizon (``horizon`` only).
    ceiling : dict
        For each series the predictability ceiling of its whole sequence of venues.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([127.0, 127.1], [37.5, 37.5])
    >>> venues = gpd.GeoDataFrame({"venue_id": ["A", "B"]}, geometry=points, crs=4326)
    >>> from crimeloc.evaluation import Baseline, backtest
    >>> times = pd.date_range("2026-01-02 20:30", periods=8, freq="7D", tz="Asia/Seoul")
    >>> located = gpd.GeoDataFrame(
    ...     {"event_id": [f"E{i}" for i in range(8)], "timestamp": times,
    ...      "venue_id": list("AAABAAAB"), "weight": 1.0, "how": "register"},
    ...     geometry=gpd.points_from_xy([127.0] * 8, [37.5] * 8), crs=4326)
    >>> outcome = backtest(Baseline("hour_of_week"), located, venues,
    ...                   start="2026-01-26 00:00+09:00", protocol="next")
    >>> outcome.protocol, outcome.methods[0]
    ('next', 'hour_of_week')
    """

    _kind = "backtest"

    protocol: str
    ranker: str
    records: pd.DataFrame
    n_venues: int
    top_k: tuple[int, ...]
    slot_budgets: tuple[int, ...]
    window_hours: float
    notes: tuple[Message, ...]
    provenance: Provenance
    bins: dict[str, NDArray[np.float64]] = field(repr=False, default_factory=dict)
    venue_bins: dict[str, NDArray[np.float64]] = field(repr=False, default_factory=dict)
    ceiling: dict[str, float] = field(repr=False, default_factory=dict)

    @property
    def methods(self) -> list[str]:
        """The ranker first, then its baselines."""
        return list(self.bins)

    def scores(self) -> pd.DataFrame:
        """How did it fare beside the naive baselines?

        Returns
        -------
        DataFrame
            One row for each method, the ranker first. ``n`` uploads scored (sum of weights);
            ``hit@k`` true venue among the best k; ``ece`` expected calibration error in the bins of
            `reliability`, and ``ece_1%`` without the first bin, that is where 1 % or more was
            given (where most slots are nearly impossible, ``ece`` is near 0 for any forecast);
            ``log_score`` nats per upload; ``brier``; ``coverage`` and ``set_size``
            of 80 % sets (median), ``randomised_coverage`` the coverage had the last member of each
            set been let in at random, with the chance that just fills the level; ``pai@k`` per
            venue; ``search_cost``. With ``next``: ``of_ceiling``, hit@1 divided by the
            predictability ceiling. With ``horizon``: ``capture@k`` share of uploads inside the
            best k slots, ``pei@k`` the same over the most that any k slots could have captured;
            sets are of slots, ``venue_coverage``, ``venue_randomised_coverage`` and
            ``venue_set_size`` of venues over the horizon; ``ece_venues`` calibration error of at
            least one upload at a venue; ``expected_ratio`` uploads expected for each one that came.
        """
        rows = dict.fromkeys(self.methods, self._score(self.records.iloc[:0]))
        rows |= {str(name): self._score(group) for name, group in self._groups(["method"])}
        table = pd.DataFrame.from_dict(rows, orient="index")
        named = 1 + len(self.top_k)
        table.insert(named, "ece", [ece_from_sums(self.bins[name]) for name in self.methods])
        likely = [ece_from_sums(self.bins[name][1:]) for name in self.methods]
        table.insert(named + 1, "ece_1%", likely)
        if self.venue_bins:
            of_venues = [ece_from_sums(self.venue_bins[name]) for name in self.methods]
            table.insert(named + 2, "ece_venues", of_venues)
        return table.rename_axis("method")

    def by_series(self) -> pd.DataFrame:
        """For which series did it work?

        Returns
        -------
        DataFrame
            The columns of `scores` (without ``ece``) for each method and series.
        """
        rows = {key: self._score(group) for key, group in self._groups(["method", "series_id"])}
        table = pd.DataFrame.from_dict(rows, orient="index")
        if len(table):
            table.index = pd.MultiIndex.from_tuples(table.index, names=["method", "series_id"])
            table = table.reindex(self.methods, level="method")
        return table

    def reliability(self, method: str | None = None, *, by: str = "slots") -> pd.DataFrame:
        """Of the things said to have a chance of 20 %, how many happened?

        Parameters
        ----------
        method : str, optional
            By default the ranker.
        by : str
            With ``horizon``: ``"slots"``, or ``"venues"`` for at least one upload within the
            horizon.

        Returns
        -------
        DataFrame
            As `crimeloc.evaluation.reliability_table`, with the edges 0, 1, 2, 5, 10, 20 ... 100 %.
            ``next``: probabilities of the best ten venues of each event. ``horizon``: probabilities
            of at least one upload, all slots of all forecasts.
        """
        if by not in ("slots", "venues"):
            raise ParameterError(
                "by", found=repr(by), expected="'slots' or 'venues'", hint=Hint(by="venues")
            )
        bins = self.venue_bins if by == "venues" and self.venue_bins else self.bins
        return reliability_from_sums(bins[method or self.ranker], EDGES)

    @property
    def captures(self) -> pd.DataFrame:
        """How much is captured for how many officer-hours (``horizon`` only)?"""
        rows = []
        for name, group in self._groups(["method"]) if self.protocol == "horizon" else ():
            total = group["n"].sum()
            origins = group["origin"].nunique()
            for budget in self.slot_budgets:
                captured, most = group[f"captured_{budget}"].sum(), group[f"most_{budget}"].sum()
                rows.append(
                    {
                        "method": name,
                        "slots": budget,
                        "officer_hours": budget * self.window_hours,
                        "captured": captured,
                        "capture": captured / total if total else np.nan,
                        "pei": captured / most if most else np.nan,
                        "origins": origins,
                    }
                )
        columns = ["method", "slots", "officer_hours", "captured", "capture", "pei", "origins"]
        table = pd.DataFrame(rows, columns=columns)
        order = {name: place for place, name in enumerate(self.methods)}
        return table.sort_values(
            "method", key=lambda c: c.map(order), kind="stable", ignore_index=True
        )

    def __str__(self) -> str:
        shown = self.scores()
        n = float(shown["n"].iloc[0]) if len(shown) else 0.0
        what = {
            "next": "each upload predicted from its own past",
            "horizon": "all uploads of the days ahead, from rolling origins",
        }[self.protocol]
        lines = [f"Backtest of {self.ranker}: {what}; {n:,.0f} uploads, {self.n_venues:,} venues."]
        lines += [self._plain(shown), _shown(shown).to_string(), *map(str, self.notes)]
        return "\n".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        shown = self.scores()
        notes = "".join(f"<li>{html.escape(str(note))}</li>" for note in self.notes)
        text = html.escape(str(self).splitlines()[0] + " " + self._plain(shown))
        return (
            f"<p>{text}</p>{_shown(shown).to_html()}<ul>{notes}</ul>{self.provenance._repr_html_()}"
        )

    def _plain(self, shown: pd.DataFrame) -> str:
        """One sentence: the ranker against the best baseline."""
        mark = (
            f"capture@{self.slot_budgets[0]}"
            if self.protocol == "horizon"
            else f"hit@{self.top_k[0]}"
        )
        if len(shown) < 2 or mark not in shown or shown[mark].isna().all():
            return "" if len(shown) and shown["n"].iloc[0] > 0 else "Nothing to score: no upload."
        n = float(shown["n"].iloc[0])
        return f"{_against(shown[mark], mark, n)} {_beliefs(shown)}".strip()

    def _groups(self, keys: list[str]) -> list[tuple[object, pd.DataFrame]]:
        grouped = self.records.groupby(keys if len(keys) > 1 else keys[0], sort=False)
        return [(key, group) for key, group in grouped]

    def _score(self, group: pd.DataFrame) -> dict[str, float]:
        if self.protocol == "next":
            return self._score_next(group)
        return self._score_horizon(group)

    def _score_next(self, group: pd.DataFrame) -> dict[str, float]:
        weight = group["weight"].to_numpy()
        rank, p_true = group["rank_true"].to_numpy(), group["p_true"].to_numpy()
        hits = hit_rate(rank, self.top_k, weight)
        brier = 1.0 - 2.0 * p_true + group["p_squared"].to_numpy()
        total = float(weight.sum())
        result = {"n": total, **{f"hit@{k}": value for k, value in hits.items()}}
        result["log_score"] = log_score(np.minimum(p_true, 1.0), weight)
        result["brier"] = float((brier * weight).sum() / total) if total else np.nan
        known = group["set_size"].notna().to_numpy()
        if known.any():
            part = group[known]
            sets = set_coverage(part["covered"].astype(float), part["set_size"], part["weight"])
            result |= {"coverage": sets["coverage"], "set_size": sets["median_size"]}
            if part["held"].notna().all():
                mine = part["weight"].to_numpy()
                result["randomised_coverage"] = float(
                    (part["held"].to_numpy() * mine).sum() / mine.sum()
                )
        last = self.top_k[-1]
        result[f"pai@{last}"] = pai(hits[last], last, self.n_venues)
        result["search_cost"] = search_cost(rank, self.n_venues, weight)
        ceiling = group["series_id"].map(self.ceiling).to_numpy(dtype=np.float64)
        seen = ~np.isnan(ceiling)
        limit = float((ceiling * weight)[seen].sum())
        first = self.top_k[0]
        reached = float(((rank <= first) * weight)[seen].sum())
        result["of_ceiling"] = reached / limit if limit > 0 and first == 1 else np.nan
        return result

    def _score_horizon(self, group: pd.DataFrame) -> dict[str, float]:
        total = float(group["n"].sum())
        sums = group.select_dtypes("number").sum()

        def per_upload(name: str) -> float:
            return float(sums[name]) / total if total else np.nan

        result = {"n": total, **{f"hit@{k}": per_upload(f"hit_{k}") for k in self.top_k}}
        for budget in self.slot_budgets:
            most = float(sums[f"most_{budget}"])
            captured = float(sums[f"captured_{budget}"])
            result[f"capture@{budget}"] = captured / total if total else np.nan
            result[f"pei@{budget}"] = captured / most if most else np.nan
        result["log_score"] = per_upload("log")
        result["brier"] = float(sums["brier"] / sums["n_slots"]) if sums["n_slots"] else np.nan
        uploads = group["n"] > 0
        for by in ("", "venue_"):
            result[f"{by}coverage"] = per_upload(f"{by}covered")
            result[f"{by}randomised_coverage"] = per_upload(f"{by}held")
            result[f"{by}set_size"] = float(group.loc[uploads, f"{by}set_size"].median())
        result["expected_ratio"] = per_upload("expected_ratio")
        last = self.top_k[-1]
        result[f"pai@{last}"] = pai(result[f"hit@{last}"], last, self.n_venues)
        result["search_cost"] = per_upload("cost")
        return result


def _shown(scores: pd.DataFrame) -> pd.DataFrame:
    """Numbers as a person reads them: counts whole, shares to the third place."""
    whole = [name for name in scores if name == "n" or str(name).endswith("set_size")]
    small = [name for name in scores if name == "brier"]
    text = dict.fromkeys(scores, "{:.3f}".format) | dict.fromkeys(whole, "{:,.0f}".format)
    text |= dict.fromkeys(small, "{:.3g}".format)
    table = {
        name: ["-" if np.isnan(value) else text[name](value) for value in scores[name]]
        for name in scores
    }
    return pd.DataFrame(table, index=scores.index)


def _against(values: pd.Series, mark: str, n: float) -> str:
    """Hold one score against the best baseline, and say when the gap may be chance."""
    mine, others = float(values.iloc[0]), values.iloc[1:].astype("float64")
    best, top = str(others.idxmax()), float(others.max())
    gap = mine - top
    if abs(gap) < 0.0005:
        return f"{mark} is {mine:.1%}, no better than the best baseline ({best})."
    word = "above" if gap > 0 else "below"
    said = (
        f"{mark} is {mine:.1%}, {100 * abs(gap):.1f} points {word} the best baseline ({best},"
        f" {top:.1%})"
    )
    both = (mine + top) / 2
    noise = 2.0 * (2.0 * max(both * (1.0 - both), 0.0) / max(n, 1.0)) ** 0.5
    return (
        f"{said}; over {n:,.0f} uploads a gap this small can be chance."
        if abs(gap) < noise
        else f"{said}."
    )


def _beliefs(shown: pd.DataFrame) -> str:
    """Hold the log score against the best baseline's."""
    if "log_score" not in shown or shown["log_score"].isna().any():
        return ""
    scores = shown["log_score"].astype("float64")
    best = str(scores.iloc[1:].idxmax())
    word = "above" if scores.iloc[0] > scores[best] else "below"
    return (
        f"Its log score, {scores.iloc[0]:.2f}, is {word} the best baseline's"
        f" ({best}, {scores[best]:.2f})."
    )
