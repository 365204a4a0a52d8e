"""Pairs of events by bands of distance and time, and how the table says itself."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crimeloc.drawing import NearRepeatDrawings
from crimeloc.messages import Message
from crimeloc.provenance import Provenance
from crimeloc.stats._bands import Grid
from crimeloc.stats._words import (
    CHOSEN,
    Lines,
    Spoken,
    places_shuffled,
    seed_line,
    units_lines,
)

__all__ = ["NearRepeatTable"]


@dataclass(frozen=True)
class NearRepeatTable(Spoken, NearRepeatDrawings):
    """Pairs of events by bands of distance (rows) and time (columns).

    Parameters
    ----------
    observed, expected, ratio : ndarray, shape (rows, columns)
        Pairs, pairs under chance, and the one over the other.
    p_value : ndarray
        Share of shuffled worlds with at least as many pairs in the cell.
    p_adjusted : ndarray
        The same adjusted for the number of cells: chance that *some* cell looks so unusual.
    rows, columns : tuple of str
        The bands in words; each contains its beginning and not its end.
    unit : {"session", "event"}
        What was counted.
    n_events, n_left_out, n_permutations : int
        Sessions (or events) that stand somewhere; uploads without a place; shuffles.
    notes : tuple of Message
        What must be known of what was counted.
    distance : str
        How distance is measured.
    strata : Message
        Within what the shuffles stayed.
    provenance : Provenance
        What made this result.
    """

    observed: Grid
    expected: Grid
    ratio: Grid
    p_value: Grid
    p_adjusted: Grid
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    unit: str
    n_events: int
    n_left_out: int
    notes: tuple[Message, ...]
    n_permutations: int
    distance: str
    strata: Message
    provenance: Provenance = field(repr=False)

    @property
    def title(self) -> Message:
        """Name of the table."""
        return Message("Near-repeat table")

    @property
    def held_fixed(self) -> Message:
        """What every shuffled world has in common with the real one."""
        return Message("the times of events, the places of events, and so all margins of the table")

    @property
    def shuffled(self) -> Message:
        """What chance decided."""
        return places_shuffled(self.strata)

    @property
    def caveats(self) -> Message:
        """What else than a pattern can make a p-value small, or hide one."""
        return Message(
            "venues that open, close or keep different hours; bands chosen after looking; the last "
            "open bands soak up everything else; a ratio on an expectation below 1 rests on a few "
            "pairs; read p_adjusted, not the smallest p_value"
        )

    def to_frame(self) -> pd.DataFrame:
        """Give one row per cell.

        Returns
        -------
        DataFrame
            Columns ``distance``, ``time``, ``observed``, ``expected``, ``ratio``, ``p_value``,
            ``p_adjusted``.
        """
        shape = self.observed.shape
        return pd.DataFrame(
            {
                "distance": np.repeat(self.rows, shape[1]),
                "time": np.tile(self.columns, shape[0]),
                **{
                    name: getattr(self, name).ravel()
                    for name in ("observed", "expected", "ratio", "p_value", "p_adjusted")
                },
            }
        )

    def _cells(self) -> list[list[str]]:
        return [
            [
                f"{self.observed[i, j]:,.6g} (x{self.ratio[i, j]:.2f})"
                + ("*" if self.p_adjusted[i, j] <= 0.05 else "")
                for j in range(len(self.columns))
            ]
            for i in range(len(self.rows))
        ]

    def lines(self) -> Lines:
        """Give what stands below the table, as pairs of a word and a text."""
        return [
            (
                Message("cells"),
                Message("pairs observed (times as many as by chance); * = adjusted p at most .05"),
            ),
            *units_lines(self.unit, self.n_events, self.n_left_out, self.notes),
            (Message("distance"), CHOSEN[self.distance]),
            (Message("shuffles"), f"{self.n_permutations:,}"),
            (Message("held fixed"), self.held_fixed),
            (Message("shuffled"), self.shuffled),
            seed_line(self.provenance.seed),
            (Message("can fool it"), self.caveats),
        ]

    def text(self, lang: str = "en") -> str:
        """Say the table and what it rests on in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue, such as ``"en"`` or ``"ko"``.

        Returns
        -------
        str
            The table, and one line for each word and its text.
        """
        grid = pd.DataFrame(self._cells(), index=list(self.rows), columns=list(self.columns))
        title, *rest = super().text(lang).split("\n")
        return "\n".join([title, grid.to_string(), *rest])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(word)}</th>" for word in ("", *self.columns))
        body = "".join(
            f"<tr><th>{html.escape(word)}</th>"
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
            + "</tr>"
            for word, cells in zip(self.rows, self._cells(), strict=True)
        )
        return f"<table><tr>{head}</tr>{body}</table>" + super()._repr_html_()
