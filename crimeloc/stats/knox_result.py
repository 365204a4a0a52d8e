"""What Knox's test found, and how it says so."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.drawing import KnoxDrawings
from crimeloc.messages import Message
from crimeloc.provenance import Provenance
from crimeloc.stats._words import (
    CHOSEN,
    Lines,
    Spoken,
    places_shuffled,
    seed_line,
    units_lines,
)

__all__ = ["KnoxResult"]


@dataclass(frozen=True)
class KnoxResult(Spoken, KnoxDrawings):
    """What Knox's test found.

    Parameters
    ----------
    observed : float
        Pairs of events near in space and soon in time; their expected number where places are
        uncertain.
    expected : float
        The same under chance.
    ratio : float
        Observed over expected.
    p_value : float
        Share of shuffled worlds with at least as many such pairs, ``(1 + hits) / (1 + worlds)``.
    poisson_p : float
        Chance of *more* than the observed number under a Poisson law, as older software prints it.
        For reference only: pairs that share an event are not independent.
    table : ndarray, shape (2, 2)
        Pairs: rows near in space or not, columns soon in time or not.
    unit : {"session", "event"}
        What was counted.
    n_events : int
        Sessions (or events) that stand somewhere.
    n_left_out : int
        Uploads without a candidate place.
    notes : tuple of Message
        What must be known of what was counted.
    radius, gap_s : float
        What near and soon mean: metres and seconds (for arrays, in their own units).
    distance : str
        How distance is measured.
    strata : Message
        Within what the shuffles stayed.
    n_permutations : int
        Shuffles.
    simulated : ndarray, shape (n_permutations,)
        The pairs in each shuffled world.
    contributions : DataFrame
        Per session or event: its close pairs, how many chance would give it where and when it is
        (the others shuffled, within strata where there are any), and the excess; largest first.
    provenance : Provenance
        What made this result.
    """

    observed: float
    expected: float
    ratio: float
    p_value: float
    poisson_p: float
    table: NDArray[np.float64]
    unit: str
    n_events: int
    n_left_out: int
    notes: tuple[Message, ...]
    radius: float
    gap_s: float
    distance: str
    strata: Message
    n_permutations: int
    simulated: NDArray[np.float64] = field(repr=False)
    contributions: pd.DataFrame = field(repr=False)
    provenance: Provenance = field(repr=False)

    @property
    def title(self) -> Message:
        """Name of the test."""
        return Message("Knox test")

    @property
    def held_fixed(self) -> Message:
        """What every shuffled world has in common with the real one."""
        return Message("the times of events, the places of events and how many events each has")

    @property
    def shuffled(self) -> Message:
        """What chance decided."""
        return places_shuffled(self.strata)

    @property
    def caveats(self) -> Message:
        """What else than a pattern can make the p-value small, or hide one."""
        return Message(
            "venues that open, close or fill up during the period, or keep different hours, make "
            "close pairs without any offender (use strata); radius and gap tried out on the same "
            "data; one offender's burst and many offenders' habit look alike; an event reported "
            "twice is a close pair"
        )

    def lines(self) -> Lines:
        """Give the result as pairs of a word and a text, for printing."""
        close = Message(
            "{radius:.6g} m ({distance}) and {hours:.6g} h",
            radius=self.radius,
            distance=CHOSEN[self.distance],
            hours=self.gap_s / 3600,
        )
        pairs = Message(
            "{observed:,.6g} observed, {expected:,.6g} expected",
            observed=self.observed,
            expected=self.expected,
        )
        p = Message("{p:.4g} ({n:number} shuffles)", p=self.p_value, n=self.n_permutations)
        return [
            *units_lines(self.unit, self.n_events, self.n_left_out, self.notes),
            (Message("close means"), close),
            (Message("close pairs"), pairs),
            (Message("ratio"), f"{self.ratio:.3g}"),
            (Message("p-value"), p),
            (
                Message("Poisson p"),
                Message("{p:.4g} (for reference; pairs are not independent)", p=self.poisson_p),
            ),
            (Message("held fixed"), self.held_fixed),
            (Message("shuffled"), self.shuffled),
            seed_line(self.provenance.seed),
            (Message("can fool it"), self.caveats),
        ]
