"""Which radius and gap fit this data? (the knee of the k-distance curve)"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc import units
from crimeloc.clustering._located import points
from crimeloc.errors import ParameterError
from crimeloc.events import event_times
from crimeloc.fitted import FittedFloat, FittedText, marks_of
from crimeloc.messages import Hint, Message
from crimeloc.provenance import Provenance, record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Suggestion", "suggest_parameters"]

LONGEST = "30D"
"""Waits longer than this are not looked for."""


@dataclass(frozen=True)
class Suggestion:
    """Parameters for `cluster_events`, with the curves they were read from.

    Parameters
    ----------
    radius_m : float
        Suggested radius, to two digits. It remembers the uploads it was read from, and so does the
        gap: a test of the same uploads with them says that its p-value is too small.
    gap : str
        Suggested gap in words, whole hours.
    min_events : float
        The minimum that was given.
    distances_m, waits_h : ndarray
        Per event, how far (within the gap given) and how long (within the radius suggested) one
        must look for the minimum; ascending, infinite where there is too little.
    looked_within : str
        The gap that was given to look within.
    at : Timestamp or None
        Uploads from then on were not looked at.
    provenance : Provenance
        What made this result.
    """

    radius_m: float
    gap: str
    min_events: float
    distances_m: NDArray[np.float64] = field(repr=False)
    waits_h: NDArray[np.float64] = field(repr=False)
    looked_within: str
    at: pd.Timestamp | None
    provenance: Provenance = field(repr=False)

    def text(self, lang: str = "en") -> str:
        """Say the suggestion in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue, such as ``"en"`` or ``"ko"``.

        Returns
        -------
        str
            The parameters, and what the curves say of them.
        """
        near = float((self.distances_m <= self.radius_m).mean())
        soon = float((self.waits_h <= _hours(self.gap)).mean())
        found: dict[str, object] = {
            "within": self.looked_within,
            "weight": self.min_events,
            "radius": float(self.radius_m),
            "gap": str(self.gap),
        }
        said = (
            Message(
                "Within {within}, {share:percent} of rows have a weight of {weight:.6g} within "
                "{radius:.6g} m; beyond, the curve of distances turns up.",
                share=near,
                **found,
            ),
            Message(
                "Within {radius:.6g} m, {share:percent} of rows have it within {gap}.",
                share=soon,
                **found,
            ),
            Message(
                "The knee is where bunched rows end and lone ones begin. It is a place to start: "
                "where places or hours form no two kinds, there is no knee, and the figures mean "
                "little. A test of these uploads with these parameters finds a pattern too easily."
            ),
        )
        head = f"radius_m={self.radius_m:g}, gap={self.gap!r}, min_events={self.min_events:g}"
        return "\n".join([head, *(f"  {one.text(lang)}" for one in said)])

    def __str__(self) -> str:
        """Say it in English."""
        return self.text()

    def _repr_html_(self) -> str:
        return "<p>" + html.escape(str(self)).replace("\n", "<br>") + "</p>"

    def plot(self, ax: Axes | None = None, kind: str = "distance") -> Axes:
        """Draw the curve and its knee.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; by default on a new figure.
        kind : {"distance", "wait"}
            Which of the two curves.

        Returns
        -------
        Axes
            With the drawing.
        """
        if kind not in ("distance", "wait"):
            raise ParameterError(
                "kind",
                found=repr(kind),
                expected="'distance' or 'wait'",
                hint=Hint(kind="distance"),
            )
        if ax is None:
            from matplotlib.figure import Figure

            ax = Figure(figsize=(6, 3.5), layout="constrained").add_subplot()
        space = kind == "distance"
        curve = self.distances_m if space else self.waits_h
        knee = self.radius_m if space else _hours(self.gap)
        share = np.arange(1, len(curve) + 1) / max(len(curve), 1)
        ax.plot(share, np.where(np.isfinite(curve), curve, np.nan), color="#1f4e79")
        ax.axhline(knee, color="#c0392b", linewidth=1, linestyle="--")
        unit = "m" if space else "h"
        ax.annotate(f"{knee:g} {unit}", (0.02, knee), va="bottom", color="#c0392b")
        ax.set_xlabel("share of rows, from bunched to lone")
        word = "distance (m)" if space else "time (h)"
        ax.set_ylabel(f"{word} to a weight of {self.min_events:g}")
        # The knee is what is looked for: the steep end of the curve is cut off.
        highest = float(curve[np.isfinite(curve)].max(initial=knee))
        ax.set_ylim(0, min(max(1.05 * highest, 1.2 * knee), 6.0 * knee))
        ax.set_xlim(0, 1)
        return ax


def suggest_parameters(
    located: gpd.GeoDataFrame,
    min_events: float = 4,
    gap: units.Duration = "36h",
    *,
    at: units.Instant | None = None,
) -> Suggestion:
    """Which radius and gap fit this data?

    Parameters
    ----------
    located : GeoDataFrame
        Located events (contract LOCATED).
    min_events : float
        Weight of events that is to make a cluster.
    gap : str or timedelta
        Where to begin: distances are looked at among events at most so long apart.
    at : str or datetime, optional
        Only events before this moment, with its zone, are looked at. Test what came since: a test
        of the uploads that the parameters were fitted on finds a pattern too easily.

    Returns
    -------
    Suggestion
        A radius, a gap, the curves, words and a chart.

    Raises
    ------
    TableError
        The table breaks its contract.
    ParameterError
        No event has so many others within the gap: there is nothing to read a knee from.

    Notes
    -----
    For each row, the distance to the row with which the weight within the gap (its own included)
    reaches the minimum. Sorted, these distances run flat where rows bunch and turn up where they
    stand alone; the knee is the point farthest below the chord from the first to the last finite
    value. Then the same for times, among rows within the radius found; what takes longer than 30
    days counts as 30 days. Both are rounded up. Nothing is random. What can fool it: at venues
    most distances are 0 or a street's length, so the curve has steps. Cost: the pairs within the
    gap.

    References
    ----------
    Ester, M., Kriegel, H.-P., Sander, J. & Xu, X. (1996). A density-based algorithm for
    discovering clusters. *KDD-96*, 226-231 (section 4.2).

    Examples
    --------
    >>> from crimeloc import geometry
    >>> located = gpd.GeoDataFrame({
    ...     "event_id": [f"E{i}" for i in range(8)],
    ...     "timestamp": pd.date_range("2026-03-01", periods=8, freq="6h", tz="Asia/Seoul"),
    ...     "venue_id": "V1", "weight": 1.0, "how": "given",
    ... }, geometry=geometry.points([[127.0, 37.5 + i // 4 / 100] for i in range(8)]))
    >>> suggest_parameters(located, min_events=2).gap
    '6h'
    """
    if not min_events > 0:
        raise ParameterError(
            "min_events", found=repr(min_events), expected="above 0", hint=Hint(min_events=4)
        )
    from crimeloc.clustering import _visit_kernels as k

    until = None if at is None else units.instant(at)
    if until is not None:
        located = located.loc[event_times(located) < units.instant_us(until)]
    here = points(located)
    order = np.lexsort([here.metres[:, 1], here.metres[:, 0], here.moment])
    x, y = np.ascontiguousarray(here.metres[order].T)
    t = (here.moment[order] - here.moment.min(initial=0)) / 1e6
    events = k.Moments(x, y, t, here.weight[order])
    need = float(min_events) - 1e-6
    distances = np.sort(k.kth_distance(events, units.seconds(gap, "gap"), need))
    if not np.isfinite(distances).any():
        raise ParameterError(
            "gap",
            found=Message(
                "no row with a weight of {min_events:g} within {gap}",
                min_events=min_events,
                gap=gap,
            ),
            expected="a longer gap or fewer",
            hint='suggest_parameters(located, min_events=3, gap="7D")',
        )
    radius = max(_two_digits(_knee(distances)), 10.0)
    waits = k.kth_wait(events, radius**2, units.seconds(LONGEST), need)
    waits = np.sort(waits) / 3600.0
    # Rows that wait longer than is looked for wait at least so long: they bend the curve up.
    longest = units.seconds(LONGEST) / 3600.0
    hours = max(1, math.ceil(_knee(np.minimum(waits, longest))))
    marks = marks_of(located["event_id"].iloc[here.rows])
    return Suggestion(
        radius_m=FittedFloat(radius, marks),
        gap=FittedText(f"{hours}h", marks),
        min_events=min_events,
        distances_m=distances,
        waits_h=waits,
        looked_within=str(gap),
        at=until,
        provenance=record(
            "suggest_parameters", {"min_events": min_events, "gap": gap}, at=at, n_in=len(located)
        ),
    )


def _knee(curve: NDArray[np.float64]) -> float:
    """Give the value of the curve where it lies farthest below its chord."""
    known = curve[np.isfinite(curve)]
    rise = known[-1] - known[0]
    if len(known) < 3 or rise <= 0:
        return float(known[-1])
    below = np.linspace(0.0, 1.0, len(known)) - (known - known[0]) / rise
    return float(known[int(below.argmax())])


def _two_digits(value: float) -> float:
    """Round up to two digits: rounded down, the radius would miss the very row at the knee."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / unit - 1e-9) * unit:.3g}")


def _hours(gap: str) -> float:
    return units.seconds(gap) / 3600.0
