"""What every room says in the same words about the events it was given."""

from __future__ import annotations

from crimeloc.events.arrays import EventArrays
from crimeloc.messages import Message

__all__ = ["outside_register"]


def outside_register(events: EventArrays) -> Message | None:
    """How many uploads lie at venues that the register does not have?

    Parameters
    ----------
    events : EventArrays
        Read with a register, all of them: `EventArrays.placed` leaves such uploads out.

    Returns
    -------
    Message or None
        A sentence; None where there are none.

    Examples
    --------
    >>> import pandas as pd
    >>> from crimeloc.events import event_arrays, venue_arrays
    >>> table = pd.DataFrame({
    ...     "event_id": ["E1", "E2"], "timestamp": pd.to_datetime(["2026-03-01 20:00+09:00"] * 2),
    ...     "venue_id": ["V1", "V9"], "weight": [1.0, 0.5],
    ... })
    >>> register = venue_arrays(pd.DataFrame({"venue_id": ["V1"]}), checked=True)
    >>> print(outside_register(event_arrays(table, register, checked=True)))
    1 upload (weight 0.5) at venues outside the register, e.g. V9, counted as elsewhere
    """
    n = events.n_outside
    if not n:
        return None
    return Message(
        "{n:number} {n:plural upload/uploads} (weight {weight:number.1}) at venues outside the"
        " register, e.g. {venue}, counted as elsewhere",
        n=n,
        weight=events.weight_outside,
        venue=str(events.outside_id[0]),
    )
