"""How good is a linkage, where the truth is known?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError
from crimeloc.messages import Message

if TYPE_CHECKING:
    from crimeloc.linking.links import Links

__all__ = ["LinkScores", "pair_roc", "score_links"]


@dataclass(frozen=True)
class LinkScores:
    """Scores of a linkage against the truth.

    Parameters
    ----------
    precision, recall : float
        Share of linked pairs that are one person's, and of one person's pairs that are linked.
    b_cubed_precision, b_cubed_recall : float
        The same, averaged over uploads (Bagga & Baldwin 1998): small series count as large ones.
    calibration_error : float
        Mean gap between the stated membership and how often it held, over ten bins.
    calibration : DataFrame
        ``stated``, ``held``, ``n`` for each bin that is not empty.
    n_events : int
        Uploads whose truth is known.
    """

    precision: float
    recall: float
    b_cubed_precision: float
    b_cubed_recall: float
    calibration_error: float
    calibration: pd.DataFrame
    n_events: int

    def __str__(self) -> str:
        """Say it in two lines."""
        return (
            f"pairs: precision {self.precision:.3f}, recall {self.recall:.3f}; "
            f"B-cubed {self.b_cubed_precision:.3f}, {self.b_cubed_recall:.3f}\n"
            f"membership is off by {self.calibration_error:.3f} over {self.n_events:,} uploads"
        )


def score_links(events: pd.DataFrame, truth: pd.Series) -> LinkScores:
    """How good is this linkage, where the truth is known?

    Parameters
    ----------
    events : DataFrame
        With ``event_id``, ``series_id`` and ``series_weight``, as `link_events` gives them.
    truth : Series
        The person behind each upload, by ``event_id``; missing values are left out.

    Returns
    -------
    LinkScores
        Scores over pairs and over uploads, and the calibration of membership.

    Raises
    ------
    ParameterError
        No upload has a known person.

    Notes
    -----
    An upload in no series counts as a series of its own. A membership holds where the upload's
    person is the one most uploads of the series are by. Without any linked pair precision is 1.

    Examples
    --------
    >>> events = pd.DataFrame({"event_id": ["a", "b", "c"], "series_id": ["S-1", "S-1", None],
    ...                        "series_weight": [1.0, 1.0, 0.0]})
    >>> print(score_links(events, pd.Series(["x", "x", "x"], index=["a", "b", "c"])))
    pairs: precision 1.000, recall 0.333; B-cubed 1.000, 0.556
    membership is off by 0.000 over 3 uploads
    """
    once = events.drop_duplicates("event_id")
    person = truth.reindex(once["event_id"].to_numpy()).to_numpy(dtype=object)
    known = pd.notna(person)
    if not known.any():
        raise ParameterError(
            "truth",
            found="no known person",
            expected="persons by event_id",
            hint="truth.set_index(...)",
        )
    table = pd.DataFrame(
        {
            "person": person[known].astype(str),
            "series": once["series_id"].to_numpy(dtype=object)[known],
            "weight": once["series_weight"].to_numpy(dtype=np.float64)[known],
        }
    )
    linked = table["series"].notna()
    alone = "alone " + pd.Series(np.arange(len(table)).astype(str), index=table.index)
    table["group"] = table["series"].where(linked, alone).astype("str")
    both = table.groupby(["group", "person"])["weight"].transform("size").to_numpy(np.float64)
    in_group = table.groupby("group")["weight"].transform("size").to_numpy(np.float64)
    of_person = table.groupby("person")["weight"].transform("size").to_numpy(np.float64)
    right = (both - 1).sum()
    most = pd.Series(both).groupby(table["group"].to_numpy()).transform("max").to_numpy()
    stated = table["weight"].to_numpy()[linked]
    held = (both == most)[linked]
    bins = np.minimum((stated * 10).astype(np.int64), 9)
    calibration = (
        pd.DataFrame({"bin": bins, "stated": stated, "held": held.astype(np.float64)})
        .groupby("bin")
        .agg(stated=("stated", "mean"), held=("held", "mean"), n=("held", "size"))
        .reset_index(drop=True)
    )
    gap = (calibration["stated"] - calibration["held"]).abs() * calibration["n"]
    return LinkScores(
        precision=float(right / (in_group - 1).sum()) if (in_group > 1).any() else 1.0,
        recall=float(right / (of_person - 1).sum()) if (of_person > 1).any() else 1.0,
        b_cubed_precision=float((both / in_group).mean()),
        b_cubed_recall=float((both / of_person).mean()),
        calibration_error=float(gap.sum() / max(int(calibration["n"].sum()), 1)),
        calibration=calibration,
        n_events=len(table),
    )


def pair_roc(links: Links, truth: pd.Series) -> pd.DataFrame:
    """How many true pairs are found at each score, and at the price of how many false ones?

    Parameters
    ----------
    links : Links
        As `link_events` gives it.
    truth : Series
        The person behind each upload, by ``event_id``; missing values are left out.

    Returns
    -------
    DataFrame
        One row per score, the highest first: ``score`` (bits), ``found`` (share of all pairs of
        one person's uploads that stand at or above it), ``false_link`` (share of all pairs of two
        persons' uploads), ``n_same`` and ``n_different`` (those pairs), ``area`` (under the curve
        up to here). The last row is every pair of the log, with the score missing: pairs that no
        block brought together, or that score below 0, stand there.

    Raises
    ------
    ParameterError
        No upload has a known person, or all are one person's, or no two are.

    Notes
    -----
    Pairs within one account are held together by assumption, not by a score, and are left out on
    both sides: the curve says how well *accounts* are told apart or joined. A row of
    ``links.pairs`` stands for all pairs of uploads of its two sides (``n_1`` x ``n_2``), and its
    truth is that of the two uploads it names. Pairs listed are those that were joined or score
    above 0 bits; the others share the last row. What can fool it: accounts of several people that
    were not seen to be shared. Cost: n log n in the listed pairs.

    Examples
    --------
    >>> import crimeloc as cl
    >>> city = cl.make_city(rng=1, n_venues=20, n_offenders=3, n_background=30, days=60)
    >>> links = cl.link_events(city.located_truth().drop(columns="series_id"))
    >>> roc = pair_roc(links, city.truth.set_index("event_id")["uploader_id"])
    >>> bool(roc["found"].is_monotonic_increasing)
    True
    """
    persons = truth.reindex(links.events["event_id"].unique()).dropna().astype("str")
    count = persons.value_counts().to_numpy(dtype=np.float64)
    every = float(len(persons) * (len(persons) - 1) / 2)
    same = float((count * (count - 1) / 2).sum())
    if not same or same == every:
        found = Message(
            "{same:,} pairs of one person among {every:,}", same=int(same), every=int(every)
        )
        hint = "truth.set_index('event_id')['uploader_id']"
        raise ParameterError("truth", found=found, expected="some of both kinds", hint=hint)
    pairs = links.pairs
    one = pairs["event_id_1"].map(persons)
    two = pairs["event_id_2"].map(persons)
    inside = (pairs["basis"] == "account").to_numpy(dtype=bool)
    n_1, n_2 = (pairs[name].to_numpy(dtype=np.float64) for name in ("n_1", "n_2"))
    stands = np.where(inside, n_1 * (n_1 - 1) / 2, n_1 * n_2)
    known = (one.notna() & two.notna()).to_numpy(dtype=bool)
    right = np.where(known & (one == two).to_numpy(dtype=bool), stands, 0.0)
    wrong = np.where(known & (one != two).to_numpy(dtype=bool), stands, 0.0)
    different = every - same - wrong[inside].sum()
    same -= right[inside].sum()
    score = pairs["score"].to_numpy(dtype=np.float64)
    table = pd.DataFrame({"score": score, "n_same": right, "n_different": wrong})[known & ~inside]
    curve = table.groupby("score").sum().sort_index(ascending=False).cumsum().reset_index()
    last = pd.DataFrame({"score": [np.nan], "n_same": [same], "n_different": [different]})
    curve = pd.concat([curve, last], ignore_index=True)
    curve["found"] = (curve["n_same"] / max(same, 1.0)).clip(upper=1.0)
    curve["false_link"] = (curve["n_different"] / max(different, 1.0)).clip(upper=1.0)
    x, y = (np.r_[0.0, curve[name].to_numpy()] for name in ("false_link", "found"))
    curve["area"] = np.cumsum(np.diff(x) * (y[1:] + y[:-1]) / 2)
    return curve[["score", "found", "false_link", "n_same", "n_different", "area"]]
