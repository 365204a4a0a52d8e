"""How good is a linkage, where the truth is known?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crimeloc.errors import ParameterError

__all__ = ["LinkScores", "score_links"]


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
            "truth", "no known person", "persons by event_id", "truth.set_index(...)"
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
